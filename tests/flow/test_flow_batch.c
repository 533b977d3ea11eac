/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Packets of one flow come out one behind the other, flows in the order in which they went in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flow/flow_batch.h"

enum { SERVER = 80 };

/* A packet between port and the server's port; from the server: back. Its sequence number tells the port. False when
 * that was the last there is room for. */
static bool put(struct tb_flow_batch *batch, uint16_t port, bool back, uint64_t number)
{
    const struct tb_endpoint client = {.low = 0x0a000001, .port = port}, server = {.low = 0x0a000002, .port = SERVER};
    const bool last = tb_flow_batch_is_almost_full(batch);
    struct tb_flow_packet *const next = tb_flow_batch_next(batch);
    struct tb_flow_key key;
    memset(next, 0, sizeof *next);
    next->packet.kind = TB_PACKET_TRANSPORT;
    next->packet.sequence = port;
    next->number = number;
    next->direction = tb_flow_key_make(back ? &server : &client, back ? &client : &server, 4, TB_PROTOCOL_TCP, &key);
    tb_flow_batch_take(batch, &key);
    return !last;
}

/* Every packet once; ports in the order of first[], numbers ascending for each. */
static void check(const struct tb_flow_buckets *all, const uint16_t *first)
{
    uint32_t place = 0;
    for (uint32_t i = 0; i < all->bucket_count; i++) {
        uint64_t last = 0;
        for (uint32_t j = 0; j < all->buckets[i].count; j++, place++) {
            const struct tb_flow_packet *const packet = &all->packets[all->order[place]];
            assert_int_equal(packet->packet.sequence, first[i]);
            assert_true(packet->number > last);
            last = packet->number;
        }
    }
    assert_int_equal(place, all->packet_count);
}

static void test_both_ways_are_one_bucket(void **state)
{
    (void)state;
    static const uint16_t first[] = {2000, 1000, 3000};
    static const uint16_t ports[] = {2000, 1000, 2000, 3000, 1000, 2000, 3000, 3000, 1000, 2000};
    struct tb_flow_batch *const batch = tb_flow_batch_make(7);
    assert_non_null(batch);
    for (uint32_t i = 0; i < sizeof ports / sizeof ports[0]; i++)
        assert_true(put(batch, ports[i], i % 3 == 1, i + 1));
    const struct tb_flow_buckets all = tb_flow_batch_buckets(batch);
    assert_int_equal(all.packet_count, sizeof ports / sizeof ports[0]);
    assert_int_equal(all.bucket_count, 3);
    assert_int_equal(all.packets[0].direction ^ all.packets[1].direction, 1);
    check(&all, first);
    tb_flow_batch_free(batch);
}

/* Every packet of another flow, then all of one; and nothing is left from before. */
static void test_full_and_used_again(void **state)
{
    (void)state;
    static uint16_t first[TB_FLOW_BATCH_PACKETS];
    struct tb_flow_batch *const batch = tb_flow_batch_make(11);
    assert_non_null(batch);
    for (unsigned flows = TB_FLOW_BATCH_PACKETS; flows > 0; flows /= 8) {
        for (uint32_t i = 0; i < TB_FLOW_BATCH_PACKETS; i++) {
            first[i] = (uint16_t)(1000 + i);
            assert_int_equal(put(batch, (uint16_t)(1000 + i % flows), false, i + 1), i + 1 < TB_FLOW_BATCH_PACKETS);
        }
        const struct tb_flow_buckets all = tb_flow_batch_buckets(batch);
        assert_int_equal(all.packet_count, TB_FLOW_BATCH_PACKETS);
        assert_int_equal(all.bucket_count, flows);
        check(&all, first);
        tb_flow_batch_empty(batch);
        assert_int_equal(tb_flow_batch_buckets(batch).packet_count, 0);
    }
    tb_flow_batch_free(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways_are_one_bucket),
        cmocka_unit_test(test_full_and_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
