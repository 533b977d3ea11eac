/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "packet.h"
#include "twinbed/net/capture.h"

enum { HANDSHAKES, ROUND_TRIPS, SEGMENTS, LISTS };

struct lists {
    double *values[LISTS]; /* owned; one block each */
    size_t counts[LISTS];
};

static int compare_values(const void *one, const void *other)
{
    const double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

static void add(struct lists *lists, unsigned list, double value)
{
    lists->values[list][lists->counts[list]++] = value;
}

static void add_flow(struct lists *lists, const struct tb_flow *flow)
{
    const struct tb_flow_side *server = &flow->side[1];
    const struct tb_flow_times *rtt = &server->detail.rtt;
    if (flow->handshake != 0)
        add(lists, HANDSHAKES, (double)flow->handshake * 1e-9);
    if (rtt->count != 0)
        add(lists, ROUND_TRIPS, (double)rtt->sum * 1e-9 / (double)rtt->count);
    if (server->data_packets != 0)
        add(lists, SEGMENTS, (double)server->payload_bytes / (double)server->data_packets);
}

/* In hundredths, so that the position is exact. */
static double quantile(const struct lists *lists, unsigned list, size_t hundredths)
{
    const size_t count = lists->counts[list];
    return count == 0 ? NAN : lists->values[list][(count * hundredths + 99) / 100 - 1];
}

static bool reserve(struct lists *lists, size_t count)
{
    for (unsigned i = 0; i < LISTS; i++)
        lists->values[i] = malloc((count == 0 ? 1 : count) * sizeof(double));
    return lists->values[HANDSHAKES] != NULL && lists->values[ROUND_TRIPS] != NULL && lists->values[SEGMENTS] != NULL;
}

static void compute(struct lists *lists, struct tb_flow_quantiles *quantiles)
{
    for (unsigned i = 0; i < LISTS; i++)
        qsort(lists->values[i], lists->counts[i], sizeof(double), compare_values);
    *quantiles = (struct tb_flow_quantiles){.handshake_median = quantile(lists, HANDSHAKES, 50),
                                            .handshake_p95 = quantile(lists, HANDSHAKES, 95),
                                            .rtt_median = quantile(lists, ROUND_TRIPS, 50),
                                            .rtt_p95 = quantile(lists, ROUND_TRIPS, 95),
                                            .segment_median = quantile(lists, SEGMENTS, 50)};
}

bool tb_flow_quantiles_compute(const struct tb_flow *flows, size_t count, uint16_t port,
                               struct tb_flow_quantiles *quantiles)
{
    struct lists lists = {0};
    const bool reserved = reserve(&lists, count);
    for (size_t i = 0; i < count && reserved; i++)
        if (flows[i].protocol == TB_PROTOCOL_TCP && (port == 0 || flows[i].server.port == port))
            add_flow(&lists, &flows[i]);
    if (reserved)
        compute(&lists, quantiles);
    for (unsigned i = 0; i < LISTS; i++)
        free(lists.values[i]);
    return reserved;
}
