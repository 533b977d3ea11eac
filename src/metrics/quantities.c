/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The primary metrics: one for each quantity that the artifacts of a run show.
 * What is left out is a function of these (time per request is concurrency over
 * throughput), a part of them (retransmissions after a time-out), another view of
 * the same quantity (reads on the network, of all reads), or one direction of what
 * stands here as the mean of both. Why each is here: docs/method.md, section 10. */
#include <string.h>

#include "twinbed/metrics/registry.h"

static const struct {
    const char *quantity;
    const char *metric;
} primaries[] = {
    {"throughput", "requests_per_second"},
    {"response time", "request_time_median"},
    {"longest response time", "request_time_longest"},
    {"replies that are no success", "non_2xx_share"},
    {"calls of the client", "client_calls_per_request"},
    {"calls of the server", "server_calls_per_request"},
    {"reads of the client", "client_reads_per_request"},
    {"reads of the server", "server_reads_per_request"},
    {"context switches of the client", "client_context_switches_per_request"},
    {"context switches of the server", "server_context_switches_per_request"},
    {"order of the client's calls", "client_walk_bits_per_transition"},
    {"order of the server's calls", "server_walk_bits_per_transition"},
    {"impossible walks of the client", "client_walk_invalid_share"},
    {"impossible walks of the server", "server_walk_invalid_share"},
    {"context switches of the machine", "host_context_switches_per_request"},
    {"interrupts of the machine", "host_interrupts_per_request"},
    {"bytes read from disks", "host_block_read_bytes_per_request"},
    {"bytes written to disks", "host_block_write_bytes_per_request"},
    {"time stolen from the machine", "host_steal_time_per_request"},
    {"exits of virtual machines", "host_kvm_exits_per_request"},
    {"bytes sent by the server", "server_payload_per_request"},
    {"packets of the server", "server_packets_per_request"},
    {"packets of the client", "client_packets_per_request"},
    {"repeats of the server", "server_retransmission_rate"},
    {"connections", "connections_per_request"},
    {"connections that are reset", "reset_flows_per_request"},
    {"time of the handshake", "handshake_median"},
    {"round-trip time", "rtt_median"},
    {"jitter", "jitter"},
    {"jitter under load", "load_jitter"},
    {"variation of the way to the server", "path_variation_to_server"},
    {"variation of the way to the client", "path_variation_to_client"},
};

const char *tb_metric_quantity(const struct tb_metric *metric)
{
    if (metric->source == TB_METRIC_FROM_FILE)
        return metric->name;
    for (size_t i = 0; i < sizeof primaries / sizeof primaries[0]; i++)
        if (strcmp(primaries[i].metric, metric->name) == 0)
            return primaries[i].quantity;
    return NULL;
}
