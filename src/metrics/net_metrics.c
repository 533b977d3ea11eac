/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Network level: TCP flows on the server port per completed request, and
 * one-way latency. Every per-request row exists twice: over all flows, as
 * published, and without flows that lack a completed reply. */
#include <stddef.h>
#include <string.h>

#include "tables.h"

enum { CLIENT = 0, SERVER = 1 };

/* A row's variant: which counter, of which end, over which flows. */
enum end { FROM_CLIENT, FROM_SERVER, FROM_BOTH };

/* A counter is told by its place in a side; behind these places, what is made of two. */
#define COUNTER(field) offsetof(struct tb_flow_side, field)
enum {
    REPEATED_HANDSHAKES = sizeof(struct tb_flow_side),
    PACKETS_NOT_EMPTY /* without the segments that an emulated adapter splits off */
};

#define VARIANT(counter, end, completed) (int)(((counter)*3 + (end)) * 2 + (completed))

static uint64_t side_counter(const struct tb_flow_side *side, size_t counter)
{
    if (counter == REPEATED_HANDSHAKES)
        return side->repeated_syn_packets + side->repeated_fin_packets;
    if (counter == PACKETS_NOT_EMPTY)
        return side->packets - side->empty_push_packets;
    uint64_t count;
    memcpy(&count, (const char *)side + counter, sizeof count);
    return count;
}

/* True when the capture saw packets of these ends. None at all means that it cannot see them, not that none was sent. */
static bool sees(const struct tb_measures *measures, enum end end)
{
    const struct tb_flow_side *side = measures->flows->side;
    return (end == FROM_SERVER || side[CLIENT].packets > 0) && (end == FROM_CLIENT || side[SERVER].packets > 0);
}

/* Why nothing was found to measure on. */
static enum tb_absence nothing_found(const struct tb_measures *measures)
{
    return sees(measures, FROM_BOTH) ? TB_ABSENT_OCCURRENCE : TB_ABSENT_ONE_WAY;
}

static struct tb_metric_value flow_counter_per_request(const struct tb_measures *measures, int variant)
{
    const struct tb_flow_totals *totals = variant % 2 == 1 ? measures->completed_flows : measures->flows;
    const enum end end = (enum end)(variant / 2 % 3);
    const size_t counter = (size_t)variant / 6;
    uint64_t amount = 0;
    if (!sees(measures, end))
        return tb_metric_absent(TB_ABSENT_ONE_WAY);
    if (end != FROM_SERVER)
        amount += side_counter(&totals->side[CLIENT], counter);
    if (end != FROM_CLIENT)
        amount += side_counter(&totals->side[SERVER], counter);
    return per_request(measures, (double)amount);
}

static struct tb_metric_value flows_per_request(const struct tb_measures *measures, int completed)
{
    return per_request(measures, (double)(completed ? measures->flows->completed : measures->flows->flows));
}

static struct tb_metric_value divided_or(enum tb_absence otherwise, double amount, double divisor)
{
    return divisor > 0 ? tb_metric_number(amount / divisor, otherwise) : tb_metric_absent(otherwise);
}

static struct tb_metric_value divided(double amount, double divisor)
{
    return divided_or(TB_ABSENT_OCCURRENCE, amount, divisor);
}

/* Retransmitted packets with payload over packets with payload. */
static struct tb_metric_value retransmission_rate(const struct tb_measures *measures, int side)
{
    const struct tb_flow_side *sender = &measures->flows->side[side];
    return divided_or(nothing_found(measures), (double)sender->retransmitted_packets, (double)sender->data_packets);
}

static struct tb_metric_value segment_mean(const struct tb_measures *measures, int side)
{
    const struct tb_flow_side *sender = &measures->flows->side[side];
    return divided_or(nothing_found(measures), (double)sender->payload_bytes, (double)sender->data_packets);
}

static struct tb_metric_value gap_mean(const struct tb_measures *measures, int side)
{
    const struct tb_flow_times *gap = &measures->flows->side[side].detail.gap;
    return divided_or(nothing_found(measures), (double)gap->sum * 1e-6, (double)gap->count);
}

/* Of a capture of one direction nobody knows which flows were closed by both ends. */
static struct tb_metric_value flows_by_outcome(const struct tb_measures *measures, int ended)
{
    if (!sees(measures, FROM_BOTH))
        return tb_metric_absent(TB_ABSENT_ONE_WAY);
    return per_request(measures, (double)measures->flows->ended[ended]);
}

/* A row's variant: which distribution, and which hundredth of it. */
enum distribution {
    HANDSHAKES,
    SEGMENTS_OF_CLIENT,
    SEGMENTS_OF_SERVER,
    GAPS_OF_CLIENT,
    GAPS_OF_SERVER,
    RTT_OF_CLIENT,
    RTT_OF_SERVER
};

#define QUANTILE(distribution, hundredths) ((distribution)*100 + (hundredths))

static const struct tb_histogram *histogram_of(const struct tb_port_flows *port, enum distribution distribution)
{
    switch (distribution) {
    case HANDSHAKES:
        return &port->handshake;
    case SEGMENTS_OF_CLIENT:
        return &port->segment[CLIENT];
    case SEGMENTS_OF_SERVER:
        return &port->segment[SERVER];
    case GAPS_OF_CLIENT:
        return &port->gap[CLIENT];
    case GAPS_OF_SERVER:
        return &port->gap[SERVER];
    case RTT_OF_CLIENT:
        return &port->rtt[CLIENT];
    case RTT_OF_SERVER:
        break;
    }
    return &port->rtt[SERVER];
}

static struct tb_metric_value flow_quantile(const struct tb_measures *measures, int variant)
{
    const enum distribution distribution = (enum distribution)(variant / 100);
    const bool is_size = distribution == SEGMENTS_OF_CLIENT || distribution == SEGMENTS_OF_SERVER;
    const double unit = is_size ? 1 : 1e-6; /* ms a ns */
    const double quantile =
        tb_histogram_quantile(histogram_of(measures->port_flows, distribution), (unsigned)variant % 100);
    return tb_metric_number(quantile * unit, nothing_found(measures));
}

static struct tb_metric_value full_segment_share(const struct tb_measures *measures, int side)
{
    const struct tb_port_flows *port = measures->port_flows;
    return divided_or(nothing_found(measures), (double)port->full_segments[side], (double)port->sized_segments[side]);
}

/* What the requests found in the capture cost, whatever ab counted. */
enum request_cost { PACKETS_A_REQUEST, PAYLOAD_A_REQUEST, TIME_A_REQUEST, CONNECTIONS_A_REQUEST };

static struct tb_metric_value per_captured_request(const struct tb_measures *measures, int variant)
{
    const struct tb_flow_totals *flows = measures->flows;
    const double requests = (double)flows->side[CLIENT].detail.requests;
    if (requests == 0)
        return tb_metric_absent(TB_ABSENT_REQUESTS);
    const bool of_server = variant == PACKETS_A_REQUEST || variant == PAYLOAD_A_REQUEST;
    if (of_server && !sees(measures, FROM_SERVER))
        return tb_metric_absent(TB_ABSENT_ONE_WAY);
    switch ((enum request_cost)variant) {
    case PACKETS_A_REQUEST:
        return divided((double)(flows->side[CLIENT].packets + flows->side[SERVER].packets), requests);
    case PAYLOAD_A_REQUEST:
        return divided((double)flows->side[SERVER].payload_bytes, requests);
    case TIME_A_REQUEST:
        return divided((double)flows->duration * 1e-6, requests);
    case CONNECTIONS_A_REQUEST:
        break;
    }
    return divided((double)flows->flows, requests);
}

/* Messages that encryption leaves to be counted, or HTTP/2 in clear: the client's connections, what it asked for. */
enum message { TLS_CONNECTIONS, TLS_EXCHANGES, HTTP2_STREAMS };

static uint64_t messages_of(const struct tb_flow_detail *client, enum message message)
{
    switch (message) {
    case TLS_CONNECTIONS:
        return client->tls_connections;
    case TLS_EXCHANGES:
        return client->tls_exchanges;
    case HTTP2_STREAMS:
        break;
    }
    return client->http2_streams;
}

static struct tb_metric_value messages_per_request(const struct tb_measures *measures, int message)
{
    const uint64_t count = messages_of(&measures->flows->side[CLIENT].detail, (enum message)message);
    return count == 0 ? tb_metric_absent(TB_ABSENT_OCCURRENCE) : per_request(measures, (double)count);
}

static struct tb_metric_value packets_per_message(const struct tb_measures *measures, int message)
{
    const struct tb_flow_side *side = measures->flows->side;
    const uint64_t count = messages_of(&side[CLIENT].detail, (enum message)message);
    if (!sees(measures, FROM_BOTH))
        return tb_metric_absent(TB_ABSENT_ONE_WAY);
    return divided((double)(side[CLIENT].packets + side[SERVER].packets), (double)count);
}

/* True when an end of a session is that server: "10.0.0.2", "10.0.0.2:8760",
 * "[fe80::2]:8760". A colon behind a bare IPv6 address belongs to a longer one. */
static bool is_host(const char *server, const char *end)
{
    const size_t length = strlen(server);
    const bool bracketed = end[0] == '[';
    const char *const host = end + bracketed;
    if (length == 0 || strncmp(host, server, length) != 0)
        return false;
    if (bracketed)
        return host[length] == ']';
    return host[length] == '\0' || (host[length] == ':' && strchr(server, ':') == NULL);
}

static bool is_server(const struct tb_measures *measures, const char *end)
{
    return is_host(measures->server_address, end) || is_host(measures->server_name, end);
}

/* A row's variant: the sessions of one direction, or all. NOWHERE: both ends are the server, as on one machine. */
enum direction { TO_CLIENT, TO_SERVER, EITHER, NOWHERE };

/* Ends are told by host or by address. A form that names one end only says
 * nothing of the other direction; then what does not go to the server comes from it. */
static enum direction direction_of(const struct tb_measures *measures, const struct tb_latency_session *session)
{
    const bool to = is_server(measures, session->to) || is_server(measures, session->to_address);
    const bool from = is_server(measures, session->from) || is_server(measures, session->from_address);
    if (to && from)
        return NOWHERE;
    return to ? TO_SERVER : from ? TO_CLIENT : EITHER;
}

/* Some session has the server at one of its ends, so directions can be told apart. */
static bool directions_known(const struct tb_measures *measures)
{
    for (size_t i = 0; i < measures->session_count; i++) {
        const enum direction direction = direction_of(measures, &measures->sessions[i]);
        if (direction == TO_SERVER || direction == TO_CLIENT)
            return true;
    }
    return false;
}

/* Both ends are named, and none is the server: where others name it, this session went another way. */
static bool is_elsewhere(const struct tb_measures *measures, const struct tb_latency_session *session)
{
    return (session->from[0] != '\0' || session->from_address[0] != '\0') &&
           (session->to[0] != '\0' || session->to_address[0] != '\0') && direction_of(measures, session) == EITHER;
}

size_t tb_latency_elsewhere(const struct tb_measures *measures, const struct tb_latency_session *sessions, size_t count)
{
    size_t elsewhere = 0;
    if (!directions_known(measures))
        return 0;
    for (size_t i = 0; i < count; i++)
        elsewhere += is_elsewhere(measures, &sessions[i]);
    return elsewhere;
}

/* known: some session names the server. */
static bool is_of(const struct tb_measures *measures, const struct tb_latency_session *session, int direction,
                  bool known)
{
    const enum direction found = direction_of(measures, session);
    if (known && is_elsewhere(measures, session))
        return false;
    return direction == EITHER || (int)found == direction || (found == EITHER && direction == TO_CLIENT);
}

/* Sessions without jitter, for they sent nothing or lost too much, are left out; but when they are more than half, those
 * that are left say little of the run. */
static const double LEAST_SHARE_WITH_JITTER = 0.5;

static struct tb_metric_value session_jitter(const struct tb_measures *measures, int direction)
{
    double sum = 0;
    size_t count = 0, with_jitter = 0;
    for (size_t i = 0; i < measures->session_count; i++) {
        const struct tb_latency_session *session = &measures->sessions[i];
        if (!is_of(measures, session, direction, direction != EITHER))
            continue;
        count++;
        if (isnan(session->jitter_ms))
            continue;
        sum += session->jitter_ms;
        with_jitter++;
    }
    if (count == 0)
        return tb_metric_absent(TB_ABSENT_DIRECTION);
    if (with_jitter == 0 || (double)with_jitter < LEAST_SHARE_WITH_JITTER * (double)count)
        return tb_metric_absent(TB_ABSENT_SESSIONS);
    return tb_metric_number(sum / (double)with_jitter, TB_ABSENT_SESSIONS);
}

/* How long the host is in an end without its port; *host is where it begins. A bare IPv6 address has several colons. */
static size_t find_host(const char *end, const char **host)
{
    const bool bracketed = end[0] == '[';
    const char *const colon = strchr(end, ':');
    const bool has_port = !bracketed && colon != NULL && strchr(colon + 1, ':') == NULL;
    *host = end + bracketed;
    return strcspn(*host, bracketed ? "]" : has_port ? ":" : "");
}

static bool is_same_host(const char *one, const char *other)
{
    const char *a, *b;
    const size_t length = find_host(one, &a);
    return find_host(other, &b) == length && memcmp(a, b, length) == 0;
}

/* Every session names both its ends, and none goes the way back of another: they are one direction, whatever the server
 * is called. */
static bool all_go_one_way(const struct tb_measures *measures)
{
    const struct tb_latency_session *before = NULL;
    for (size_t i = 0; i < measures->session_count; i++) {
        const struct tb_latency_session *session = &measures->sessions[i];
        if (session->from[0] == '\0' || session->to[0] == '\0')
            return false;
        if (before != NULL && is_same_host(before->from, session->from) && is_same_host(before->to, session->to))
            continue;
        for (size_t j = 0; j < measures->session_count; j++)
            if (is_same_host(session->from, measures->sessions[j].to) &&
                is_same_host(session->to, measures->sessions[j].from))
                return false;
        before = session;
    }
    return before != NULL;
}

/* Mean over the sessions of one direction. */
static struct tb_metric_value jitter(const struct tb_measures *measures, int direction)
{
    return directions_known(measures) ? session_jitter(measures, direction) : tb_metric_absent(TB_ABSENT_ENDS);
}

static struct tb_metric_value mean_of_two(struct tb_metric_value one, struct tb_metric_value other)
{
    if (one.absence != TB_PRESENT)
        return one;
    return other.absence != TB_PRESENT ? other
                                       : tb_metric_number((one.number + other.number) / 2, TB_ABSENT_OCCURRENCE);
}

/* The mean of the two directions, and none where one of them is missing; where
 * directions cannot be told apart, though both are there, the mean of all sessions. */
static struct tb_metric_value jitter_of_run(const struct tb_measures *measures, int variant)
{
    (void)variant;
    if (directions_known(measures))
        return mean_of_two(jitter(measures, TO_CLIENT), jitter(measures, TO_SERVER));
    return all_go_one_way(measures) ? tb_metric_absent(TB_ABSENT_DIRECTION) : session_jitter(measures, EITHER);
}

/* Lost over sent packets of all sessions of a direction. */
static struct tb_metric_value latency_loss(const struct tb_measures *measures, int direction)
{
    double sent = 0, lost = 0;
    size_t count = 0;
    const bool known = directions_known(measures);
    if (direction != EITHER && !known)
        return tb_metric_absent(TB_ABSENT_ENDS);
    for (size_t i = 0; i < measures->session_count; i++) {
        const struct tb_latency_session *session = &measures->sessions[i];
        if (!is_of(measures, session, direction, known))
            continue;
        count++;
        sent += (double)session->sent;
        lost += (double)session->lost;
    }
    return count == 0 ? tb_metric_absent(TB_ABSENT_DIRECTION) : divided(lost, sent);
}

/* Of test packets under load; the mean of the two directions is none where one is missing. */
enum load_delay { LOAD_JITTER, LOAD_CHANGE };

static struct tb_metric_value load_delay(const struct tb_measures *measures, int variant)
{
    if (measures->load_delays == NULL)
        return tb_metric_absent(TB_ABSENT_LOAD);
    const struct tb_load_delays *delays = &measures->load_delays[variant % TB_DIRECTIONS];
    const bool is_jitter = variant / TB_DIRECTIONS == LOAD_JITTER;
    return tb_metric_number((is_jitter ? delays->jitter : delays->change) * 1e-6, TB_ABSENT_LOAD);
}

static struct tb_metric_value load_jitter(const struct tb_measures *measures, int variant)
{
    (void)variant;
    return mean_of_two(load_delay(measures, TB_TO_CLIENT), load_delay(measures, TB_TO_SERVER));
}

/* Of packets found in captures at both ends. */
enum path_delay { PATH_VARIATION, PATH_DEVIATION, PATH_CHANGE, PATH_MATCHED };

static struct tb_metric_value path_delay(const struct tb_measures *measures, int variant)
{
    if (measures->path_delays == NULL)
        return tb_metric_absent(TB_ABSENT_OTHER_END);
    const struct tb_path_delays *delays = &measures->path_delays[variant % TB_DIRECTIONS];
    switch ((enum path_delay)(variant / TB_DIRECTIONS)) {
    case PATH_VARIATION:
        return tb_metric_number(delays->variation * 1e-6, TB_ABSENT_OCCURRENCE);
    case PATH_DEVIATION:
        return tb_metric_number(delays->deviation * 1e-6, TB_ABSENT_OCCURRENCE);
    case PATH_CHANGE:
        return tb_metric_number(delays->change * 1e-6, TB_ABSENT_OCCURRENCE);
    case PATH_MATCHED:
        break;
    }
    return divided((double)delays->matched, (double)delays->sent);
}

#define DIRECTED(what, direction) ((what)*TB_DIRECTIONS + (direction))

#define FLOW_ROW(name, unit, ROLE, counter, end, sentence)                                                             \
    {name "_per_request",                                                                                              \
     unit,                                                                                                             \
     TB_LEVEL_NETWORK,                                                                                                 \
     TB_METRIC_##ROLE,                                                                                                 \
     TB_METRIC_FROM_CAPTURE,                                                                                           \
     TB_SCALE_RATIO,                                                                                                   \
     0,                                                                                                                \
     TB_COMBINE_WORK_MEAN,                                                                                             \
     sentence " per completed request, all flows on the server port.",                                                 \
     flow_counter_per_request,                                                                                         \
     VARIANT(counter, end, 0)},                                                                                        \
    {                                                                                                                  \
        name "_per_request_completed", unit, TB_LEVEL_NETWORK, TB_METRIC_##ROLE, TB_METRIC_FROM_CAPTURE,               \
            TB_SCALE_RATIO, 0, TB_COMBINE_WORK_MEAN,                                                                   \
            sentence " per completed request, flows without a completed reply left out.", flow_counter_per_request,    \
            VARIANT(counter, end, 1)                                                                                   \
    }

#define ROLE_ROW(name, unit, ROLE, source, combination, sentence, extract, variant)                                    \
    {                                                                                                                  \
        name, unit, TB_LEVEL_NETWORK, TB_METRIC_##ROLE, source, TB_SCALE_RATIO, 0, combination, sentence, extract,     \
            variant                                                                                                    \
    }

#define PLAIN_ROW(name, unit, source, combination, sentence, extract, variant)                                         \
    ROLE_ROW(name, unit, BOTH, source, combination, sentence, extract, variant)

#define LOSS_ROW(name, sentence, direction)                                                                            \
    {                                                                                                                  \
        name, "1", TB_LEVEL_NETWORK, TB_METRIC_BOTH, TB_METRIC_FROM_LATENCY, TB_SCALE_DIFFERENCE, 0.01,                \
            TB_COMBINE_MEAN, sentence, latency_loss, direction                                                         \
    }

#define PATH_ROWS(way, sentence, direction)                                                                            \
    PLAIN_ROW("path_variation_" way, "ms", TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,                                    \
              "One-way variation (P95 - P50) " sentence " of packets found in captures at both ends.", path_delay,     \
              DIRECTED(PATH_VARIATION, direction)),                                                                    \
        PLAIN_ROW("path_deviation_" way, "ms", TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,                                \
                  "Standard deviation of the one-way delay " sentence " of packets found in captures at both ends.",   \
                  path_delay, DIRECTED(PATH_DEVIATION, direction)),                                                    \
        PLAIN_ROW("path_delay_change_" way, "ms", TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,                             \
                  "Median change of the one-way delay " sentence " from packet to packet found at both ends.",         \
                  path_delay, DIRECTED(PATH_CHANGE, direction)),                                                       \
    {                                                                                                                  \
        "path_matched_" way, "1", TB_LEVEL_NETWORK, TB_METRIC_BOTH, TB_METRIC_FROM_CAPTURE, TB_SCALE_DIFFERENCE, 0.05, \
            TB_COMBINE_MEAN, "Share of the packets captured at the sender " sentence " that the other capture holds.", \
            path_delay, DIRECTED(PATH_MATCHED, direction)                                                              \
    }

static const struct tb_metric rows[] = {
    FLOW_ROW("server_payload", "bytes", SERVER, COUNTER(payload_bytes), FROM_SERVER,
             "TCP payload sent by the server, repeats included (figure 2a),"),
    FLOW_ROW("server_unique", "bytes", SERVER, COUNTER(unique_bytes), FROM_SERVER,
             "TCP payload sent by the server, repeats left out,"),
    FLOW_ROW("server_ip_bytes", "bytes", SERVER, COUNTER(ip_bytes), FROM_SERVER, "IP bytes sent by the server"),
    FLOW_ROW("client_ip_bytes", "bytes", CLIENT, COUNTER(ip_bytes), FROM_CLIENT, "IP bytes sent by the client"),
    FLOW_ROW("server_packets", "1", SERVER, COUNTER(packets), FROM_SERVER, "Packets sent by the server"),
    FLOW_ROW("client_packets", "1", CLIENT, COUNTER(packets), FROM_CLIENT, "Packets sent by the client"),
    FLOW_ROW("packets", "1", BOTH, COUNTER(packets), FROM_BOTH, "Packets of both directions"),
    FLOW_ROW("server_data_packets", "1", SERVER, COUNTER(data_packets), FROM_SERVER,
             "Packets with payload sent by the server"),
    FLOW_ROW("server_retransmitted_packets", "1", SERVER, COUNTER(retransmitted_packets), FROM_SERVER,
             "Packets with repeated payload sent by the server"),
    FLOW_ROW("client_retransmitted_packets", "1", CLIENT, COUNTER(retransmitted_packets), FROM_CLIENT,
             "Packets with repeated payload sent by the client"),
    FLOW_ROW("retransmitted_packets", "1", BOTH, COUNTER(retransmitted_packets), FROM_BOTH,
             "Packets with repeated payload"),
    FLOW_ROW("server_retransmitted_bytes", "bytes", SERVER, COUNTER(retransmitted_bytes), FROM_SERVER,
             "Repeated payload bytes sent by the server"),
    FLOW_ROW("out_of_order_packets", "1", BOTH, COUNTER(out_of_order_packets), FROM_BOTH, "Packets that fill a hole"),
    FLOW_ROW("repeated_handshakes", "1", BOTH, REPEATED_HANDSHAKES, FROM_BOTH, "Repeated SYN and FIN packets"),
    FLOW_ROW("pure_acks", "1", BOTH, COUNTER(pure_ack_packets), FROM_BOTH, "Packets that only acknowledge"),
    FLOW_ROW("empty_segments", "1", BOTH, COUNTER(empty_push_packets), FROM_BOTH,
             "Empty segments split off by an emulated network adapter"),
    FLOW_ROW("server_packets_not_empty", "1", SERVER, PACKETS_NOT_EMPTY, FROM_SERVER,
             "Packets sent by the server, empty segments of an emulated network adapter left out,"),
    FLOW_ROW("client_packets_not_empty", "1", CLIENT, PACKETS_NOT_EMPTY, FROM_CLIENT,
             "Packets sent by the client, empty segments of an emulated network adapter left out,"),
    FLOW_ROW("duplicate_acks", "1", BOTH, COUNTER(detail.duplicate_acks), FROM_BOTH, "Duplicate acknowledgements"),
    FLOW_ROW("spurious_retransmissions", "1", BOTH, COUNTER(detail.spurious_retransmissions), FROM_BOTH,
             "Retransmissions of what was acknowledged"),
    FLOW_ROW("fast_retransmissions", "1", BOTH, COUNTER(detail.fast_retransmissions), FROM_BOTH,
             "Retransmissions after a third duplicate"),
    FLOW_ROW("timeout_retransmissions", "1", BOTH, COUNTER(detail.timeout_retransmissions), FROM_BOTH,
             "Retransmissions after a time-out"),
    FLOW_ROW("window_probes", "1", BOTH, COUNTER(detail.probe_packets), FROM_BOTH, "Zero-window probes"),
    ROLE_ROW("server_retransmission_rate", "1", SERVER, TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
             "Retransmitted packets of the server over its packets with payload.", retransmission_rate, SERVER),
    ROLE_ROW("client_retransmission_rate", "1", CLIENT, TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
             "Retransmitted packets of the client over its packets with payload.", retransmission_rate, CLIENT),
    ROLE_ROW("server_segment_mean", "bytes", SERVER, TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
             "Mean payload of the server's packets with payload.", segment_mean, SERVER),
    ROLE_ROW("client_segment_mean", "bytes", CLIENT, TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
             "Mean payload of the client's packets with payload.", segment_mean, CLIENT),
    ROLE_ROW("server_segment_p10", "bytes", SERVER, TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
             "10th percentile of the payload of the server's packets with payload.", flow_quantile,
             QUANTILE(SEGMENTS_OF_SERVER, 10)),
    ROLE_ROW("server_segment_median", "bytes", SERVER, TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
             "Median of the payload of the server's packets with payload.", flow_quantile,
             QUANTILE(SEGMENTS_OF_SERVER, 50)),
    ROLE_ROW("server_segment_p90", "bytes", SERVER, TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
             "90th percentile of the payload of the server's packets with payload.", flow_quantile,
             QUANTILE(SEGMENTS_OF_SERVER, 90)),
    ROLE_ROW("server_full_segment_share", "1", SERVER, TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
             "Packets of the server that are as large as the MSS allows, or larger, over its packets with payload.",
             full_segment_share, SERVER),
    ROLE_ROW("client_segment_p10", "bytes", CLIENT, TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
             "10th percentile of the payload of the client's packets with payload.", flow_quantile,
             QUANTILE(SEGMENTS_OF_CLIENT, 10)),
    ROLE_ROW("client_segment_median", "bytes", CLIENT, TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
             "Median of the payload of the client's packets with payload.", flow_quantile,
             QUANTILE(SEGMENTS_OF_CLIENT, 50)),
    ROLE_ROW("client_segment_p90", "bytes", CLIENT, TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
             "90th percentile of the payload of the client's packets with payload.", flow_quantile,
             QUANTILE(SEGMENTS_OF_CLIENT, 90)),
    ROLE_ROW("client_full_segment_share", "1", CLIENT, TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
             "Packets of the client that are as large as the MSS allows, or larger, over its packets with payload.",
             full_segment_share, CLIENT),
    PLAIN_ROW("handshake_median", "ms", TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
              "Median over flows of the time from the SYN to the acknowledgement of the SYN/ACK.", flow_quantile,
              QUANTILE(HANDSHAKES, 50)),
    PLAIN_ROW("handshake_p95", "ms", TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
              "95th percentile over flows of the time from the SYN to the acknowledgement of the SYN/ACK.",
              flow_quantile, QUANTILE(HANDSHAKES, 95)),
    PLAIN_ROW("rtt_median", "ms", TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
              "Median time from a segment of the server to its acknowledgement.", flow_quantile,
              QUANTILE(RTT_OF_SERVER, 50)),
    PLAIN_ROW("rtt_p95", "ms", TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
              "95th percentile of the time from a segment of the server to its acknowledgement.", flow_quantile,
              QUANTILE(RTT_OF_SERVER, 95)),
    ROLE_ROW("client_rtt_median", "ms", CLIENT, TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
             "Median time from a segment of the client to its acknowledgement.", flow_quantile,
             QUANTILE(RTT_OF_CLIENT, 50)),
    ROLE_ROW("client_rtt_p95", "ms", CLIENT, TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
             "95th percentile of the time from a segment of the client to its acknowledgement.", flow_quantile,
             QUANTILE(RTT_OF_CLIENT, 95)),
    ROLE_ROW("server_gap_mean", "ms", SERVER, TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
             "Mean time between two packets that the server sends on one flow.", gap_mean, SERVER),
    ROLE_ROW("client_gap_mean", "ms", CLIENT, TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
             "Mean time between two packets that the client sends on one flow.", gap_mean, CLIENT),
    ROLE_ROW("server_gap_median", "ms", SERVER, TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
             "Median time between two packets that the server sends on one flow.", flow_quantile,
             QUANTILE(GAPS_OF_SERVER, 50)),
    ROLE_ROW("server_gap_p95", "ms", SERVER, TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
             "95th percentile of the time between two packets that the server sends on one flow.", flow_quantile,
             QUANTILE(GAPS_OF_SERVER, 95)),
    ROLE_ROW("client_gap_median", "ms", CLIENT, TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
             "Median time between two packets that the client sends on one flow.", flow_quantile,
             QUANTILE(GAPS_OF_CLIENT, 50)),
    ROLE_ROW("client_gap_p95", "ms", CLIENT, TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
             "95th percentile of the time between two packets that the client sends on one flow.", flow_quantile,
             QUANTILE(GAPS_OF_CLIENT, 95)),
    PLAIN_ROW("closed_flows_per_request", "1", TB_METRIC_FROM_CAPTURE, TB_COMBINE_WORK_MEAN,
              "TCP flows closed by both ends per completed request.", flows_by_outcome, TB_FLOW_CLOSED),
    PLAIN_ROW("reset_flows_per_request", "1", TB_METRIC_FROM_CAPTURE, TB_COMBINE_WORK_MEAN,
              "TCP flows that were reset per completed request.", flows_by_outcome, TB_FLOW_RESET),
    PLAIN_ROW("open_flows_per_request", "1", TB_METRIC_FROM_CAPTURE, TB_COMBINE_WORK_MEAN,
              "TCP flows that did not end in the capture per completed request.", flows_by_outcome, TB_FLOW_OPEN),
    PLAIN_ROW("packets_per_captured_request", "1", TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
              "Packets of both directions per HTTP request found in the capture.", per_captured_request,
              PACKETS_A_REQUEST),
    ROLE_ROW("server_payload_per_captured_request", "bytes", SERVER, TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
             "TCP payload sent by the server per HTTP request found in the capture.", per_captured_request,
             PAYLOAD_A_REQUEST),
    PLAIN_ROW("time_per_captured_request", "ms", TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
              "Duration of the flows per HTTP request found in the capture.", per_captured_request, TIME_A_REQUEST),
    PLAIN_ROW("connections_per_captured_request", "1", TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
              "TCP flows per HTTP request found in the capture.", per_captured_request, CONNECTIONS_A_REQUEST),
    PLAIN_ROW("tls_connections_per_request", "1", TB_METRIC_FROM_CAPTURE, TB_COMBINE_WORK_MEAN,
              "TCP flows with a hello of TLS per completed request.", messages_per_request, TLS_CONNECTIONS),
    PLAIN_ROW("tls_exchanges_per_request", "1", TB_METRIC_FROM_CAPTURE, TB_COMBINE_WORK_MEAN,
              "Turns of the client's TLS application data that the server answered with such data per completed "
              "request.",
              messages_per_request, TLS_EXCHANGES),
    PLAIN_ROW("http2_streams_per_request", "1", TB_METRIC_FROM_CAPTURE, TB_COMBINE_WORK_MEAN,
              "Streams of HTTP/2 in clear that the client opened per completed request.", messages_per_request,
              HTTP2_STREAMS),
    PLAIN_ROW("packets_per_tls_exchange", "1", TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
              "Packets of both directions per exchange of TLS application data.", packets_per_message, TLS_EXCHANGES),
    PLAIN_ROW("packets_per_http2_stream", "1", TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
              "Packets of both directions per stream of HTTP/2 in clear.", packets_per_message, HTTP2_STREAMS),
    PLAIN_ROW("connections_per_request", "1", TB_METRIC_FROM_CAPTURE, TB_COMBINE_WORK_MEAN,
              "TCP flows on the server port per completed request.", flows_per_request, 0),
    PLAIN_ROW("connections_per_request_completed", "1", TB_METRIC_FROM_CAPTURE, TB_COMBINE_WORK_MEAN,
              "TCP flows with a completed reply per completed request.", flows_per_request, 1),
    PLAIN_ROW("jitter", "ms", TB_METRIC_FROM_LATENCY, TB_COMBINE_MEAN,
              "One-way jitter (P95 - P50, in steps of the bucket width): mean of the two directions (table VII).",
              jitter_of_run, 0),
    PLAIN_ROW("jitter_to_server", "ms", TB_METRIC_FROM_LATENCY, TB_COMBINE_MEAN,
              "One-way jitter from client to server: mean over sessions that have one.", jitter, TO_SERVER),
    PLAIN_ROW("jitter_to_client", "ms", TB_METRIC_FROM_LATENCY, TB_COMBINE_MEAN,
              "One-way jitter from server to client: mean over sessions that have one.", jitter, TO_CLIENT),
    LOSS_ROW("latency_loss", "Share of the packets of one-way latency sessions that were lost, both directions.",
             EITHER),
    LOSS_ROW("latency_loss_to_server", "Share of the packets of latency sessions from client to server that were lost.",
             TO_SERVER),
    LOSS_ROW("latency_loss_to_client", "Share of the packets of latency sessions from server to client that were lost.",
             TO_CLIENT),
    PLAIN_ROW("load_jitter", "ms", TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
              "Exact one-way jitter (P95 - P50) of the OWAMP packets captured under load: mean of the two directions.",
              load_jitter, 0),
    PLAIN_ROW("load_jitter_to_server", "ms", TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
              "Exact one-way jitter under load from the client to the point of capture.", load_delay,
              DIRECTED(LOAD_JITTER, TB_TO_SERVER)),
    PLAIN_ROW("load_jitter_to_client", "ms", TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
              "Exact one-way jitter under load from the server to the point of capture.", load_delay,
              DIRECTED(LOAD_JITTER, TB_TO_CLIENT)),
    PLAIN_ROW("load_delay_change_to_server", "ms", TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
              "Median change of the one-way delay under load from packet to packet, client to point of capture.",
              load_delay, DIRECTED(LOAD_CHANGE, TB_TO_SERVER)),
    PLAIN_ROW("load_delay_change_to_client", "ms", TB_METRIC_FROM_CAPTURE, TB_COMBINE_MEAN,
              "Median change of the one-way delay under load from packet to packet, server to point of capture.",
              load_delay, DIRECTED(LOAD_CHANGE, TB_TO_CLIENT)),
    PATH_ROWS("to_server", "from client to server", TB_TO_SERVER),
    PATH_ROWS("to_client", "from server to client", TB_TO_CLIENT),
};

const struct tb_metric_table tb_net_metrics = {rows, sizeof rows / sizeof rows[0]};
