/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Network level: TCP flows on the server port per completed request, and
 * one-way latency. Every per-request row exists twice: over all flows, as
 * published, and without flows that lack a completed reply. */
#include <string.h>

#include "tables.h"

enum { CLIENT = 0, SERVER = 1 };

/* A row's variant: which counter, of which end, over which flows. */
enum end { FROM_CLIENT, FROM_SERVER, FROM_BOTH };
enum counter {
    PACKETS,
    IP_BYTES,
    PAYLOAD,
    UNIQUE,
    DATA_PACKETS,
    RETRANSMITTED_PACKETS,
    RETRANSMITTED_BYTES,
    OUT_OF_ORDER,
    REPEATED_HANDSHAKES,
    PURE_ACKS,
    EMPTY_SEGMENTS
};

#define VARIANT(counter, end, completed) (((counter)*3 + (end)) * 2 + (completed))

static uint64_t side_counter(const struct tb_flow_side *side, enum counter counter)
{
    switch (counter) {
    case PACKETS:
        return side->packets;
    case IP_BYTES:
        return side->ip_bytes;
    case PAYLOAD:
        return side->payload_bytes;
    case UNIQUE:
        return side->unique_bytes;
    case DATA_PACKETS:
        return side->data_packets;
    case RETRANSMITTED_PACKETS:
        return side->retransmitted_packets;
    case RETRANSMITTED_BYTES:
        return side->retransmitted_bytes;
    case OUT_OF_ORDER:
        return side->out_of_order_packets;
    case REPEATED_HANDSHAKES:
        return side->repeated_syn_packets + side->repeated_fin_packets;
    case PURE_ACKS:
        return side->pure_ack_packets;
    case EMPTY_SEGMENTS:
        break;
    }
    return side->empty_push_packets;
}

static double flow_counter_per_request(const struct tb_measures *measures, int variant)
{
    const struct tb_flow_totals *totals = variant % 2 == 1 ? measures->completed_flows : measures->flows;
    if (totals == NULL)
        return NAN;
    const enum end end = (enum end)(variant / 2 % 3);
    const enum counter counter = (enum counter)(variant / 6);
    uint64_t amount = 0;
    if (end != FROM_SERVER)
        amount += side_counter(&totals->side[CLIENT], counter);
    if (end != FROM_CLIENT)
        amount += side_counter(&totals->side[SERVER], counter);
    return per_request(measures, (double)amount);
}

static double flows_per_request(const struct tb_measures *measures, int completed)
{
    if (measures->flows == NULL)
        return NAN;
    return per_request(measures, (double)(completed ? measures->flows->completed : measures->flows->flows));
}

/* True when the session went to the workload's server: "10.0.0.2", "10.0.0.2:8760",
 * "[fe80::2]:8760". A colon behind a bare IPv6 address belongs to a longer one. */
static bool sent_to_server(const struct tb_measures *measures, const struct tb_latency_session *session)
{
    const char *const server = measures->server_address;
    const size_t length = strlen(server);
    const bool bracketed = session->to[0] == '[';
    const char *const to = session->to + bracketed;
    if (length == 0 || strncmp(to, server, length) != 0)
        return false;
    if (bracketed)
        return to[length] == ']';
    return to[length] == '\0' || (to[length] == ':' && strchr(server, ':') == NULL);
}

/* Mean over the sessions of one direction; a session without jitter leaves none. */
static double direction_jitter(const struct tb_measures *measures, bool to_server)
{
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < measures->session_count; i++) {
        if (sent_to_server(measures, &measures->sessions[i]) != to_server)
            continue;
        sum += measures->sessions[i].jitter_ms;
        count++;
    }
    return count == 0 ? NAN : sum / (double)count;
}

static double jitter(const struct tb_measures *measures, int to_server)
{
    if (measures->sessions == NULL || measures->server_address[0] == '\0')
        return NAN;
    return direction_jitter(measures, to_server != 0);
}

/* The mean of the two directions; where directions cannot be told apart, of all
 * sessions. */
static double jitter_of_run(const struct tb_measures *measures, int variant)
{
    (void)variant;
    if (measures->sessions == NULL || measures->session_count == 0)
        return NAN;
    const double both = (jitter(measures, 0) + jitter(measures, 1)) / 2;
    if (!isnan(both))
        return both;
    double sum = 0;
    for (size_t i = 0; i < measures->session_count; i++)
        sum += measures->sessions[i].jitter_ms;
    return sum / (double)measures->session_count;
}

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

#define PLAIN_ROW(name, unit, source, combination, sentence, extract, variant)                                         \
    {                                                                                                                  \
        name, unit, TB_LEVEL_NETWORK, TB_METRIC_BOTH, source, TB_SCALE_RATIO, 0, combination, sentence, extract,       \
            variant                                                                                                    \
    }

static const struct tb_metric rows[] = {
    FLOW_ROW("server_payload", "bytes", SERVER, PAYLOAD, FROM_SERVER,
             "TCP payload sent by the server, repeats included (figure 2a),"),
    FLOW_ROW("server_unique", "bytes", SERVER, UNIQUE, FROM_SERVER,
             "TCP payload sent by the server, repeats left out,"),
    FLOW_ROW("server_ip_bytes", "bytes", SERVER, IP_BYTES, FROM_SERVER, "IP bytes sent by the server"),
    FLOW_ROW("client_ip_bytes", "bytes", CLIENT, IP_BYTES, FROM_CLIENT, "IP bytes sent by the client"),
    FLOW_ROW("server_packets", "1", SERVER, PACKETS, FROM_SERVER, "Packets sent by the server (table VI)"),
    FLOW_ROW("client_packets", "1", CLIENT, PACKETS, FROM_CLIENT, "Packets sent by the client"),
    FLOW_ROW("packets", "1", BOTH, PACKETS, FROM_BOTH, "Packets of both directions"),
    FLOW_ROW("server_data_packets", "1", SERVER, DATA_PACKETS, FROM_SERVER, "Packets with payload sent by the server"),
    FLOW_ROW("server_retransmitted_packets", "1", SERVER, RETRANSMITTED_PACKETS, FROM_SERVER,
             "Packets with repeated payload sent by the server"),
    FLOW_ROW("client_retransmitted_packets", "1", CLIENT, RETRANSMITTED_PACKETS, FROM_CLIENT,
             "Packets with repeated payload sent by the client"),
    FLOW_ROW("retransmitted_packets", "1", BOTH, RETRANSMITTED_PACKETS, FROM_BOTH, "Packets with repeated payload"),
    FLOW_ROW("server_retransmitted_bytes", "bytes", SERVER, RETRANSMITTED_BYTES, FROM_SERVER,
             "Repeated payload bytes sent by the server"),
    FLOW_ROW("out_of_order_packets", "1", BOTH, OUT_OF_ORDER, FROM_BOTH, "Packets that fill a hole"),
    FLOW_ROW("repeated_handshakes", "1", BOTH, REPEATED_HANDSHAKES, FROM_BOTH, "Repeated SYN and FIN packets"),
    FLOW_ROW("pure_acks", "1", BOTH, PURE_ACKS, FROM_BOTH, "Packets that only acknowledge"),
    FLOW_ROW("empty_segments", "1", BOTH, EMPTY_SEGMENTS, FROM_BOTH,
             "Empty segments split off by an emulated network adapter"),
    PLAIN_ROW("connections_per_request", "1", TB_METRIC_FROM_CAPTURE, TB_COMBINE_WORK_MEAN,
              "TCP flows on the server port per completed request.", flows_per_request, 0),
    PLAIN_ROW("connections_per_request_completed", "1", TB_METRIC_FROM_CAPTURE, TB_COMBINE_WORK_MEAN,
              "TCP flows with a completed reply per completed request.", flows_per_request, 1),
    PLAIN_ROW("jitter", "ms", TB_METRIC_FROM_LATENCY, TB_COMBINE_MEAN,
              "One-way jitter (P95 - P50, in steps of the bucket width): mean of the two directions (table VII).",
              jitter_of_run, 0),
    PLAIN_ROW("jitter_to_server", "ms", TB_METRIC_FROM_LATENCY, TB_COMBINE_MEAN,
              "One-way jitter from client to server: mean over sessions.", jitter, 1),
    PLAIN_ROW("jitter_to_client", "ms", TB_METRIC_FROM_LATENCY, TB_COMBINE_MEAN,
              "One-way jitter from server to client: mean over sessions.", jitter, 0),
};

const struct tb_metric_table tb_net_metrics = {rows, sizeof rows / sizeof rows[0]};
