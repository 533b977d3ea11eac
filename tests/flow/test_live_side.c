/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is counted narrow and what is kept aside make one row, however it is shared out. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "flow/flow_totals.h"
#include "flow/live_flows.h"
#include "twinbed/capture/capture.h"

/* The statements of docs/running.md and of twinbed plan: a flow, with room for two segments in flight of each side, and
 * two to four slots of the table. */
static void test_size(void **state)
{
    (void)state;
    const size_t most = sizeof(struct tb_live_flow) + 4 * sizeof(struct tb_flow_slot);
    assert_in_range(most, TB_LIVE_FLOW_BYTES * 9 / 10, TB_LIVE_FLOW_BYTES);
    assert_true(sizeof(struct tb_tombstone) <= 72);
}

static void count_some(struct tb_live_side *side, uint32_t scale)
{
    side->packets += 10 * scale;
    side->ack_packets += 9 * scale;
    side->pure_ack_packets += 8 * scale;
    side->window_packets += 7 * scale;
    side->data_packets += 6 * scale;
    side->pushed_packets += 5 * scale;
    side->truncated_packets += 4 * scale;
    side->outstanding_count += 3 * scale;
    side->initial_window_packets += 2 * scale;
    side->cumulative_acks += scale;
    side->duplicate_packets += 11 * scale;
    side->empty_push_packets += 12 * scale;
    side->requests += 13 * scale;
    side->replies += 14 * scale;
    side->syn_packets += 15 * scale;
    side->fin_packets += 16 * scale;
    side->rst_packets += 17 * scale;
    side->ip_bytes += UINT64_C(1000) * scale;
    side->window_sum += UINT64_C(2000) * scale;
}

static void check_row(const struct tb_flow_side *row, uint64_t scale)
{
    assert_int_equal(row->packets, 10 * scale);
    assert_int_equal(row->detail.ack_packets, 9 * scale);
    assert_int_equal(row->pure_ack_packets, 8 * scale);
    assert_int_equal(row->detail.window_packets, 7 * scale);
    assert_int_equal(row->data_packets, 6 * scale);
    assert_int_equal(row->detail.pushed_packets, 5 * scale);
    assert_int_equal(row->detail.truncated_packets, 4 * scale);
    assert_int_equal(row->detail.outstanding_count, 3 * scale);
    assert_int_equal(row->detail.initial_window_packets, 2 * scale);
    assert_int_equal(row->detail.cumulative_acks, scale);
    assert_int_equal(row->detail.duplicate_packets, 11 * scale);
    assert_int_equal(row->empty_push_packets, 12 * scale);
    assert_int_equal(row->detail.requests, 13 * scale);
    assert_int_equal(row->detail.replies, 14 * scale);
    assert_int_equal(row->syn_packets, 15 * scale);
    assert_int_equal(row->fin_packets, 16 * scale);
    assert_int_equal(row->rst_packets, 17 * scale);
    assert_int_equal(row->ip_bytes, 1000 * scale);
    assert_int_equal(row->detail.window_sum, 2000 * scale);
}

/* Counters go on beyond 32 bits. */
static void test_widening(void **state)
{
    (void)state;
    struct tb_live_side side = {0};
    const uint32_t scale = 1 << 27;
    for (uint64_t times = 1; times <= 20; times++) {
        struct tb_flow_side row = {0};
        count_some(&side, scale);
        tb_live_side_row(&side, &row);
        check_row(&row, times * scale);
        assert_true(tb_live_side_widen(&side));
        assert_int_equal(side.packets, 0);
        row = (struct tb_flow_side){0};
        tb_live_side_row(&side, &row);
        check_row(&row, times * scale);
    }
    tb_live_side_free(&side, &(struct tb_sent_pool){0});
}

static void note_gap(struct tb_live_side *side, uint32_t time)
{
    side->gap.least = tb_larger(side->gap.least, ~time);
    side->gap.maximum = tb_larger(side->gap.maximum, time);
    side->gap.sum += time;
    side->gap.squares += (double)time * time;
    side->gap_count++;
}

static void test_times(void **state)
{
    (void)state;
    struct tb_live_side side = {0};
    struct tb_flow_side row = {0};
    note_gap(&side, 700);
    note_gap(&side, UINT32_MAX);
    assert_true(tb_live_side_widen(&side));
    note_gap(&side, 0);
    note_gap(&side, 800);
    tb_live_side_row(&side, &row);
    assert_int_equal(row.detail.gap.count, 4);
    assert_int_equal(row.detail.gap.minimum, 0);
    assert_int_equal(row.detail.gap.maximum, UINT32_MAX);
    assert_int_equal(row.detail.gap.sum, UINT64_C(1500) + UINT32_MAX);
    assert_int_equal(row.detail.idle_max, UINT32_MAX);
    assert_int_equal(row.detail.rtt.count, 0);
    assert_int_equal(row.detail.rtt.minimum, 0);
    tb_live_side_free(&side, &(struct tb_sent_pool){0});
}

static uint64_t some_number(uint32_t *seed)
{
    *seed = *seed * UINT32_C(1664525) + UINT32_C(1013904223);
    return *seed >> 8;
}

static struct tb_live_times some_times(uint32_t *seed)
{
    return (struct tb_live_times){.sum = some_number(seed) << 20,
                                  .squares = 1,
                                  .least = (uint32_t)some_number(seed),
                                  .maximum = (uint32_t)some_number(seed)};
}

/* All that is added up over flows, or is not. */
static struct tb_live_side some_side(uint32_t seed)
{
    struct tb_live_side side = {0};
    count_some(&side, (uint32_t)some_number(&seed) >> 8);
    side.payload_bytes = some_number(&seed) << 20;
    side.unique_bytes = some_number(&seed) << 20;
    side.data_time = some_number(&seed) << 20;
    side.first_data_time = some_number(&seed) << 20;
    side.truncated_bytes = some_number(&seed) << 20;
    side.outstanding_max = (uint32_t)some_number(&seed);
    side.outstanding_least = (uint32_t)some_number(&seed);
    side.outstanding_sum = some_number(&seed) << 20;
    side.outstanding_time = some_number(&seed) << 20;
    side.initial_window_bytes = some_number(&seed) << 20;
    side.handshake_rtt = some_number(&seed);
    side.window_max = (uint32_t)some_number(&seed);
    side.segment_max = (uint32_t)some_number(&seed);
    side.last_time = some_number(&seed) << 20;
    side.mss = (uint16_t)some_number(&seed);
    side.gap = some_times(&seed);
    side.rtt = some_times(&seed);
    side.full_rtt = some_times(&seed);
    side.gap_count = (uint32_t)some_number(&seed);
    side.rtt_count = (uint32_t)some_number(&seed);
    side.full_count = (uint32_t)some_number(&seed);
    return side;
}

/* To sums a side adds what its row would, and nothing else. */
static void test_sums(void **state)
{
    (void)state;
    static struct tb_flow_side sums, sums_of_rows; /* what lies between fields is zero as well */
    for (uint32_t seed = 0; seed < 100; seed++) {
        const struct tb_live_side side = some_side(seed);
        struct tb_flow_side row = {0};
        tb_live_side_row(&side, &row);
        tb_live_side_add(&side, &sums);
        tb_flow_side_add(&sums_of_rows, &row);
        assert_memory_equal(&sums, &sums_of_rows, sizeof sums);
    }
    assert_true(sums.packets != 0 && sums.detail.full_rtt.sum != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_widening),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
