/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of what is known of a flow's side: it has each field once, and what is made of it leaves none out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flow/flow_totals.h"
#include "twinbed/flow/flow_sink.h"

static void mark(uint8_t *map, size_t offset, size_t size)
{
    for (size_t i = offset; i < offset + size; i++)
        assert_int_equal(map[i]++, 0);
}

/* What is left between fields is too little for a counter. */
static void test_every_field(void **state)
{
    (void)state;
    uint8_t map[sizeof(struct tb_flow_side)] = {0};
#define TB_FLOW_FIELD(field, adds)                                                                                     \
    mark(map, offsetof(struct tb_flow_side, field), sizeof((struct tb_flow_side *)NULL)->field);
#include "twinbed/flow/flow_counters.def"
    size_t gap = 0;
    for (size_t i = 0; i < sizeof map; i++) {
        gap = map[i] != 0 ? 0 : gap + 1;
        if (gap >= sizeof(uint64_t))
            fail_msg("the field at byte %zu of a side has no row", i + 1 - gap);
    }
}

/* A value that every type of field can have, in each of its bytes. */
static void fill(struct tb_flow_side *side)
{
#define TB_FLOW_FIELD(field, adds) memset(&side->field, 1, sizeof side->field);
#include "twinbed/flow/flow_counters.def"
}

static void test_packed(void **state)
{
    (void)state;
    static struct tb_flow flow = {.client.version = 4, .server.version = 4}, unpacked;
    struct tb_buffer buffer = {0};
    fill(&flow.side[0]);
    fill(&flow.side[1]);
    tb_flow_pack(&flow, &buffer);
    assert_true(buffer.size <= TB_FLOW_PACKED_MAX);
    struct tb_bytes bytes = tb_bytes_packed(buffer.data, buffer.size);
    assert_true(tb_flow_unpack(&unpacked, &bytes));
    assert_int_equal(bytes.left, 0);
    assert_memory_equal(unpacked.side, flow.side, sizeof flow.side);
    for (size_t size = 0; size < buffer.size; size++) {
        bytes = tb_bytes_packed(buffer.data, size);
        assert_false(tb_flow_unpack(&unpacked, &bytes));
    }
    tb_buffer_free(&buffer);
}

static uint64_t first_word(const void *field, size_t size)
{
    uint64_t word = 0;
    memcpy(&word, field, size < sizeof word ? size : sizeof word);
    return word;
}

#define SUM(field) assert_int_equal(first_word(&sum.field, sizeof sum.field), UINT64_C(0x0202020202020202));
#define ALONE(field) assert_int_equal(first_word(&sum.field, sizeof sum.field), 0);

static void test_added(void **state)
{
    (void)state;
    static struct tb_flow_side side, sum;
    fill(&side);
    tb_flow_side_add(&sum, &side);
    tb_flow_side_add(&sum, &side);
#define TB_FLOW_FIELD(field, adds) adds(field)
#include "twinbed/flow/flow_counters.def"
    assert_int_equal(sum.detail.rtt.sum, UINT64_C(0x0202020202020202));
    assert_int_equal(sum.detail.rtt.maximum, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_field),
        cmocka_unit_test(test_packed),
        cmocka_unit_test(test_added),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
