/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compares two records of one thing. A check that cannot be made says why; evidence that would be
 * compared with itself is no check (is_circular). */
#include "twinbed/metrics/checks.h"
#include "twinbed/app/workload_tools.h"

#include <math.h>

static const char no_work[] = "completed requests are not known";
static const char no_port[] = "the server port is not known";
static const char kept_alive[] = "connections are kept alive, so one is not one request";
static const char no_connections[] = "nothing says that a completed unit is a connection";
static const char no_bytes[] = "ab does not say how many bytes it received";
static const char circular[] = "completed requests were counted in this capture";
static const char unreadable[] = "no HTTP request can be read in the capture";
static const char no_exchanges[] = "the capture holds no exchanges of ab over TLS";
static const char no_streams[] = "the capture holds no HTTP/2 in clear";
static const char cut_packets[] = "not all of the payload is in the capture";
static const char cut_frames[] = "frames of HTTP/2 go on from packet to packet, or are not all in the capture";
static const char ports_untold[] = "the trace does not tell on which port some connections were taken";
static const char no_log[] = "no log says how many packets were written";
static const char no_requests[] = "the workload makes no requests over HTTP";
static const char no_text[] = "no text of ab stands beside the table";
static const char no_longest[] = "the longest request is not known";
static const char no_drops[] = "nothing says how many packets were lost";

static void not_made(struct tb_check_result *result, const char *why)
{
    *result = (struct tb_check_result){.verdict = TB_CHECK_NOT_MADE,
                                       .seen = NAN,
                                       .expected = NAN,
                                       .ratio = NAN,
                                       .least = NAN,
                                       .most = NAN,
                                       .why = why};
}

/* A program that is stopped leaves up to one request less than it has at a time under way; they may have been answered. */
static double most_allowed(const struct tb_check_evidence *evidence)
{
    const struct tb_measures *measures = evidence->measures;
    const double share = 1 + evidence->excess;
    if (measures->ab == NULL || measures->ab->concurrency < 2 || !(measures->completed > 0))
        return share;
    return fmax(share, 1 + (double)(measures->ab->concurrency - 1) / measures->completed);
}

static void compare(const struct tb_check_evidence *evidence, double seen, double expected,
                    struct tb_check_result *result)
{
    *result = (struct tb_check_result){.verdict = TB_CHECK_AGREES,
                                       .seen = seen,
                                       .expected = expected,
                                       .ratio = seen / expected,
                                       .least = evidence->least,
                                       .most = most_allowed(evidence),
                                       .why = ""};
    if (result->ratio <= result->least)
        result->verdict = TB_CHECK_TOO_FEW;
    else if (result->ratio > result->most)
        result->verdict = TB_CHECK_TOO_MANY;
}

static bool is_circular(const struct tb_check_evidence *evidence)
{
    return evidence->work_from_capture && evidence->capture != NULL;
}

/* Beside a capture that the completed units were counted in stands what ab says. */
static double completed_requests(const struct tb_check_evidence *evidence)
{
    const struct tb_apachebench *ab = evidence->measures->ab;
    if (!is_circular(evidence))
        return evidence->measures->completed;
    return ab != NULL && tb_ab_count(ab, TB_AB_COMPLETE) >= 0 ? (double)ab->complete : NAN;
}

/* Why requests cannot be set beside the completed ones; NULL when they can. */
static const char *requests_unknown(const struct tb_check_evidence *evidence)
{
    const double completed = completed_requests(evidence);
    const struct tb_apachebench *ab = evidence->measures->ab;
    if (ab != NULL && !tb_tool_makes_requests(ab->tool))
        return no_requests;
    if (is_circular(evidence) && isnan(completed))
        return circular;
    if (!(completed > 0))
        return no_work;
    return evidence->measures->server_port == 0 ? no_port : NULL;
}

/* Units that were counted as requests in a capture tell whether there are several to a connection. Those that a file counts
 * may be anything: requests that can be read tell, or else that there are nearly as many connections. seen: connections.
 * NULL when a completed unit is a connection. */
static const char *connections_unknown(const struct tb_check_evidence *evidence, double seen)
{
    const struct tb_measures *measures = evidence->measures;
    const struct tb_flow_totals *const flows = evidence->capture != NULL ? evidence->flows : measures->flows;
    if (evidence->work_from_capture && evidence->capture == NULL && flows != NULL)
        return measures->completed != (double)flows->completed ? kept_alive : NULL;
    if (measures->ab != NULL)
        return measures->ab->keepalive > 0 ? kept_alive : NULL;
    if (flows != NULL && flows->side[0].detail.requests > 0)
        return flows->side[0].detail.requests > flows->flows ? kept_alive : NULL;
    return seen < measures->completed / 2 ? no_connections : NULL;
}

static void compare_connections(const struct tb_check_evidence *evidence, double seen, struct tb_check_result *result)
{
    const char *unknown = requests_unknown(evidence);
    if (unknown == NULL)
        unknown = connections_unknown(evidence, seen);
    if (unknown != NULL)
        not_made(result, unknown);
    else
        compare(evidence, seen, completed_requests(evidence), result);
}

static void capture_replies(const struct tb_check_evidence *evidence, struct tb_check_result *result)
{
    compare_connections(evidence, (double)evidence->flows->completed, result);
}

/* A connection that began before the capture, of which neither SYN is there, may have made a request before it, too. */
static void allow_for_late_start(const struct tb_flow_totals *flows, struct tb_check_result *result)
{
    const uint64_t asked = flows->side[0].syn_packets, answered = flows->side[1].syn_packets;
    const uint64_t opened = asked > answered ? asked : answered;
    if (opened >= flows->flows)
        return;
    result->least -= (double)(flows->flows - opened) / result->expected;
    if (result->verdict == TB_CHECK_TOO_FEW && result->ratio > result->least)
        result->verdict = TB_CHECK_AGREES;
}

/* Replies are the server's packets; requests tell whether the client's are all there, too. */
static void capture_requests(const struct tb_check_evidence *evidence, struct tb_check_result *result)
{
    const uint64_t requests = evidence->flows->side[0].detail.requests;
    const char *unknown = requests_unknown(evidence);
    if (unknown == NULL && requests == 0)
        unknown = unreadable;
    if (unknown != NULL)
        not_made(result, unknown);
    else {
        compare(evidence, (double)requests, completed_requests(evidence), result);
        allow_for_late_start(evidence->flows, result);
    }
}

/* An exchange is a request where the client waits for each reply, as ab does. */
static void capture_exchanges(const struct tb_check_evidence *evidence, struct tb_check_result *result)
{
    const struct tb_apachebench *ab = evidence->measures->ab;
    const struct tb_flow_side *side = evidence->flows->side;
    const char *unknown = requests_unknown(evidence);
    if (unknown == NULL && (ab == NULL || ab->tool != TB_TOOL_AB || side[0].detail.tls_exchanges == 0))
        unknown = no_exchanges;
    if (unknown == NULL && side[0].detail.truncated_packets + side[1].detail.truncated_packets > 0)
        unknown = cut_packets;
    if (unknown != NULL)
        not_made(result, unknown);
    else {
        compare(evidence, (double)side[0].detail.tls_exchanges, completed_requests(evidence), result);
        allow_for_late_start(evidence->flows, result);
    }
}

/* Of HTTP/2 in clear. */
static void capture_streams(const struct tb_check_evidence *evidence, struct tb_check_result *result)
{
    const struct tb_flow_detail *client = &evidence->flows->side[0].detail;
    const char *unknown = requests_unknown(evidence);
    if (unknown == NULL && client->http2_streams == 0)
        unknown = no_streams;
    if (unknown == NULL && client->http2_cut_frames + client->truncated_packets > 0)
        unknown = cut_frames;
    if (unknown != NULL)
        not_made(result, unknown);
    else
        compare(evidence, (double)client->http2_streams, completed_requests(evidence), result);
}

/* Encryption adds handshakes and frames, how many bytes is not known; it takes none away. */
static void allow_for_encryption(struct tb_check_result *result)
{
    if (result->verdict == TB_CHECK_NOT_MADE)
        return;
    result->most = INFINITY;
    if (result->verdict == TB_CHECK_TOO_MANY)
        result->verdict = TB_CHECK_AGREES;
}

static void compare_bytes(const struct tb_check_evidence *evidence, double seen, struct tb_check_result *result)
{
    const struct tb_apachebench *ab = evidence->measures->ab;
    if (ab == NULL || tb_ab_count(ab, TB_AB_TOTAL_BYTES) < 0 || (ab->total_bytes == 0 && seen == 0))
        not_made(result, no_bytes);
    else if (evidence->measures->server_port == 0)
        not_made(result, no_port);
    else
        compare(evidence, seen, (double)ab->total_bytes, result);
    if (ab != NULL && ab->tls)
        allow_for_encryption(result);
}

static void capture_bytes(const struct tb_check_evidence *evidence, struct tb_check_result *result)
{
    compare_bytes(evidence, (double)evidence->flows->side[1].unique_bytes, result);
}

/* Packets in the file beside another number of them. Requests that are under way have no part in it. */
static void compare_packets(const struct tb_check_evidence *evidence, double expected, struct tb_check_result *result)
{
    compare(evidence, (double)evidence->capture->packets, expected, result);
    result->least = 1 - evidence->loss;
    result->most = 1 + evidence->loss;
    result->verdict = result->ratio < result->least  ? TB_CHECK_TOO_FEW
                      : result->ratio > result->most ? TB_CHECK_TOO_MANY
                                                     : TB_CHECK_AGREES;
}

/* One figure twice. It may differ by `slack`, and what is below 1 is divided by 1. */
static void compare_within(double seen, double expected, double slack, struct tb_check_result *result)
{
    const double scale = fmax(expected, 1);
    *result = (struct tb_check_result){.verdict = TB_CHECK_AGREES,
                                       .seen = seen,
                                       .expected = expected,
                                       .ratio = seen / scale,
                                       .least = (expected - slack) / scale,
                                       .most = (expected + slack) / scale,
                                       .why = ""};
    if (seen < expected - slack)
        result->verdict = TB_CHECK_TOO_FEW;
    else if (seen > expected + slack)
        result->verdict = TB_CHECK_TOO_MANY;
}

/* Old versions of ab cut the microseconds of its text off, newer ones round them. */
static void compare_longest(const struct tb_check_evidence *evidence, double longest_ms, struct tb_check_result *result)
{
    const struct tb_apachebench *ab = evidence->measures->ab;
    const double stated = ab == NULL ? NAN : ab->percentile_ms[TB_AB_PERCENTILES - 1];
    if (isnan(stated) || isnan(longest_ms))
        not_made(result, ab == NULL ? no_text : no_longest);
    else
        compare_within(longest_ms, stated, 1, result);
}

static void ab_csv_longest(const struct tb_check_evidence *evidence, struct tb_check_result *result)
{
    compare_longest(evidence, evidence->quantiles->milliseconds[TB_AB_CSV_ROWS - 1], result);
}

static void ab_tsv_longest(const struct tb_check_evidence *evidence, struct tb_check_result *result)
{
    compare_longest(evidence, evidence->requests->milliseconds[TB_AB_CSV_ROWS - 1], result);
}

static void ab_tsv_rows(const struct tb_check_evidence *evidence, struct tb_check_result *result)
{
    const struct tb_apachebench *ab = evidence->measures->ab;
    if (ab == NULL || tb_ab_count(ab, TB_AB_COMPLETE) < 0)
        not_made(result, ab == NULL ? no_text : no_work);
    else
        compare_within((double)evidence->requests->rows, (double)ab->complete, 0, result);
}

static void capture_packets(const struct tb_check_evidence *evidence, struct tb_check_result *result)
{
    if (evidence->dropped_packets == TB_CHECK_UNKNOWN)
        not_made(result, no_drops);
    else
        compare_packets(evidence, (double)evidence->capture->packets + (double)evidence->dropped_packets, result);
}

static void capture_written(const struct tb_check_evidence *evidence, struct tb_check_result *result)
{
    if (evidence->written_packets == TB_CHECK_UNKNOWN)
        not_made(result, no_log);
    else
        compare_packets(evidence, (double)evidence->written_packets, result);
}

/* Port 0: the text of a tracer does not tell which. */
static void compare_ports(const struct tb_check_evidence *evidence, const struct tb_port_total *ports, size_t count,
                          struct tb_check_result *result)
{
    if (tb_port_count(ports, count, 0) > 0)
        not_made(result, ports_untold);
    else
        compare_connections(evidence, (double)tb_port_count(ports, count, evidence->measures->server_port), result);
}

static void client_trace_connects(const struct tb_check_evidence *evidence, struct tb_check_result *result)
{
    compare_ports(evidence, evidence->sequence->connects, evidence->sequence->connect_count, result);
}

static void server_trace_accepts(const struct tb_check_evidence *evidence, struct tb_check_result *result)
{
    compare_ports(evidence, evidence->sequence->accepts, evidence->sequence->accept_count, result);
}

/* Descriptors of unknown kind may be connections that were there before the trace began. */
static double network_bytes(const struct tb_transfer *transfers)
{
    return (double)(transfers[TB_DESCRIPTOR_NETWORK].bytes + transfers[TB_DESCRIPTOR_UNKNOWN].bytes);
}

static void client_trace_bytes(const struct tb_check_evidence *evidence, struct tb_check_result *result)
{
    compare_bytes(evidence, network_bytes(evidence->sequence->reads), result);
}

static void server_trace_bytes(const struct tb_check_evidence *evidence, struct tb_check_result *result)
{
    compare_bytes(evidence, network_bytes(evidence->sequence->writes), result);
}

static const struct tb_check checks[] = {
    {"ab_csv_longest", TB_CHECK_AB_CSV, "ms", "ms for the longest request", "ms of ab's text", true, false,
     ab_csv_longest},
    {"ab_tsv_longest", TB_CHECK_AB_TSV, "ms", "ms for the longest request", "ms of ab's text", true, false,
     ab_tsv_longest},
    {"ab_tsv_rows", TB_CHECK_AB_TSV, "1", "rows", "completed requests of ab's text", false, false, ab_tsv_rows},
    {"capture_replies", TB_CHECK_CAPTURE, "1", "completed replies", "completed requests", false, true, capture_replies},
    {"capture_requests", TB_CHECK_CAPTURE, "1", "HTTP requests", "completed requests", false, true, capture_requests},
    {"capture_exchanges", TB_CHECK_CAPTURE, "1", "exchanges of TLS application data", "completed requests", false, true,
     capture_exchanges},
    {"capture_streams", TB_CHECK_CAPTURE, "1", "streams of HTTP/2", "completed requests", false, true, capture_streams},
    {"capture_bytes", TB_CHECK_CAPTURE, "bytes", "bytes of the server's payload", "bytes that ab received", false,
     false, capture_bytes},
    {"capture_packets", TB_CHECK_CAPTURE, "1", "packets", "packets, those lost by the capturing program among them",
     false, false, capture_packets},
    {"capture_written", TB_CHECK_CAPTURE, "1", "packets", "packets that the capturing program says it wrote", false,
     false, capture_written},
    {"client_trace_connects", TB_CHECK_CLIENT_TRACE, "1", "connections to the server port", "completed requests", true,
     true, client_trace_connects},
    {"client_trace_bytes", TB_CHECK_CLIENT_TRACE, "bytes", "bytes read from the network", "bytes that ab received",
     false, false, client_trace_bytes},
    {"server_trace_accepts", TB_CHECK_SERVER_TRACE, "1", "connections taken on the server port", "completed requests",
     true, true, server_trace_accepts},
    {"server_trace_bytes", TB_CHECK_SERVER_TRACE, "bytes", "bytes written to the network", "bytes that ab received",
     false, false, server_trace_bytes},
};

size_t tb_check_count(void)
{
    return sizeof checks / sizeof checks[0];
}

const struct tb_check *tb_check_at(size_t index)
{
    return &checks[index];
}

void tb_check_make(const struct tb_check *check, const struct tb_check_evidence *evidence,
                   struct tb_check_result *result)
{
    check->make(evidence, result);
}

const char *tb_check_verdict_name(enum tb_check_verdict verdict)
{
    static const char *const names[] = {TB_CHECK_VERDICT_WORDS(TB_WORD_NAME)};
    return names[verdict];
}
