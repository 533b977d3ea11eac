/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow_totals.h"

static void sum_counter(uint64_t *sum, const uint64_t *counter)
{
    *sum += *counter;
}

/* Sums of squares are left out: they are no integers. */
static void sum_times(struct tb_flow_times *sum, const struct tb_flow_times *times)
{
    sum->count += times->count;
    sum->sum += times->sum;
}

#define SUM(field)                                                                                                     \
    _Generic(sum->field, uint64_t : sum_counter, struct tb_flow_times : sum_times)(&sum->field, &side->field);
#define ALONE(field)

void tb_flow_side_add(struct tb_flow_side *sum, const struct tb_flow_side *side)
{
#define TB_FLOW_FIELD(field, adds) adds(field)
#include "twinbed/flow/flow_counters.def"
}

/* The time of load: from the first request to the end of the last reply. */
static void extend_load(struct tb_flow_totals *totals, uint64_t begin, uint64_t end)
{
    if (begin != 0 && (totals->load_begin == 0 || begin < totals->load_begin))
        totals->load_begin = begin;
    if (end > totals->load_end)
        totals->load_end = end;
}

void tb_flow_totals_add(struct tb_flow_totals *totals, const struct tb_flow_outcome *outcome)
{
    extend_load(totals, outcome->load_begin, outcome->load_end);
    totals->flows++;
    totals->completed += outcome->completed_reply;
    if (outcome->ended < TB_FLOW_NOT_TCP)
        totals->ended[outcome->ended]++;
    totals->duration += outcome->duration;
}

void tb_flow_totals_merge(struct tb_flow_totals *into, const struct tb_flow_totals *from)
{
    extend_load(into, from->load_begin, from->load_end);
    into->flows += from->flows;
    into->completed += from->completed;
    for (unsigned i = 0; i < TB_FLOW_NOT_TCP; i++)
        into->ended[i] += from->ended[i];
    into->duration += from->duration;
    into->late_packets += from->late_packets;
    tb_flow_side_add(&into->side[0], &from->side[0]);
    tb_flow_side_add(&into->side[1], &from->side[1]);
}
