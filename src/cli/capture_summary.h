/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CLI_CAPTURE_SUMMARY_H
#define TWINBED_SRC_CLI_CAPTURE_SUMMARY_H

/* One packet capture on one screen: what it holds, and its first flows. */

#include "twinbed/capture/capture.h"

enum { FLOWS_SHOWN = 20 };

/* What the rows of flows add up to, and the first of them. Zero it to start. */
struct flow_overview {
    struct tb_flow first[FLOWS_SHOWN];
    size_t first_count;
    uint64_t tcp, udp;               /* flows */
    uint64_t ended[TB_FLOW_NOT_TCP]; /* TCP flows by outcome */
    uint64_t ip_bytes;
    uint64_t requests; /* what clients of TCP flows asked for, as far as it can be seen */
    uint64_t tls_connections, tls_exchanges;
    uint64_t http2_connections, http2_streams;
};

void flow_overview_add(struct flow_overview *sums, const struct tb_flow *flow);

/* Prints to standard output; path and compression are those of the file. */
void capture_summary_print(const char *path, enum tb_compression compression, const struct tb_capture *capture,
                           const struct flow_overview *sums);

#endif
