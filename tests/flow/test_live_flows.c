/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of live flows: who is found where many meet, and which memory few and many flows take. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/huge_pages.h"
#include "flow/live_flows.h"

/* Flows of a block. */
enum { BLOCK = TB_HUGE_PAGE / sizeof(struct tb_live_flow) };

static struct tb_flow_key key_of(uint64_t number)
{
    return (struct tb_flow_key){.words = {[1] = number + 1, [3] = UINT64_MAX}};
}

static struct tb_live_flow *add(struct tb_live_flows *flows, uint64_t number, uint64_t hash)
{
    const struct tb_flow_key key = key_of(number);
    assert_null(tb_live_flows_find(flows, &key, hash, 0).live);
    struct tb_live_flow *live = tb_live_flows_add(flows, &key, hash);
    assert_non_null(live);
    *live = (struct tb_live_flow){.key = key, .hash = live->hash, .item = live->item, .used = true, .start = number};
    return live;
}

static bool is_resident(const void *byte)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    unsigned char resident;
    assert_int_equal(mincore((void *)((uintptr_t)byte / page * page), page, &resident), 0);
    return (resident & 1) != 0;
}

static bool can_populate(void)
{
#ifdef MADV_POPULATE_WRITE
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *one = aligned_alloc(page, page);
    assert_non_null(one);
    const bool can = madvise(one, page, MADV_POPULATE_WRITE) == 0;
    free(one);
    return can;
#else
    return false;
#endif
}

static void test_pages(void **state)
{
    (void)state;
    struct tb_live_flows flows = {0};
    add(&flows, 0, 0);
    assert_false(is_resident(&flows.blocks[0][BLOCK / 2]));
    for (uint64_t i = 1; i <= BLOCK; i++)
        add(&flows, i, i);
    assert_int_equal(flows.block_count, 2);
    if (can_populate())
        for (unsigned i = 0; i < BLOCK; i++)
            assert_true(is_resident(&flows.blocks[1][i]));
    tb_live_flows_free(&flows);
}

enum { CROWD = 3000, HASHES = 50, SECOND = 1000 };

/* All but those of the first ones that left, of which some are remembered from a number on. */
static void check_crowd(struct tb_live_flows *flows, uint64_t first_that_stayed, uint64_t first_remembered)
{
    for (uint64_t i = 0; i < CROWD; i++) {
        const struct tb_flow_key key = key_of(i);
        const struct tb_found_flow found = tb_live_flows_find(flows, &key, i % HASHES, 0);
        const bool left = i < first_that_stayed && i % 3 != 0;
        assert_int_equal(found.live != NULL, !left);
        assert_int_equal(found.tombstone != NULL, left && i % 2 == 0 && i >= first_remembered);
        assert_true(found.live == NULL || found.live->start == i);
        assert_true(found.tombstone == NULL || found.tombstone->clock == i);
    }
}

/* Few hashes for many flows: each is found, leaves, is remembered and forgotten, and none in the place of another. */
static void test_crowd(void **state)
{
    (void)state;
    struct tb_live_flows flows = {.linger = 2 * SECOND, .remembered = 5 * SECOND};
    for (uint64_t i = 0; i < CROWD; i++) {
        struct tb_live_flow *live = add(&flows, i, i % HASHES);
        live->clock = SECOND + i;
        assert_true(i % 3 == 0 || tb_live_flows_end(&flows, live));
    }
    struct tb_live_flow *due;
    const uint64_t middle = CROWD / 2;
    while ((due = tb_live_flows_due(&flows, 3 * SECOND + middle)) != NULL) {
        const struct tb_tombstone tombstone = {.key = due->key, .clock = due->start};
        assert_true(tb_live_flows_leave(&flows, due, due->start % 2 == 0 ? &tombstone : NULL));
    }
    check_crowd(&flows, middle, 0);
    assert_true(tb_live_flows_forget(&flows, 5 * SECOND + middle / 2));
    check_crowd(&flows, middle, middle / 2);
    uint64_t taken = 0;
    for (uint32_t i = 0; i < flows.flow_count; i++)
        taken += tb_live_flows_take(&flows, i) != NULL;
    assert_int_equal(taken, CROWD - middle * 2 / 3);
    assert_int_equal(flows.live_count, 0);
    tb_live_flows_free(&flows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_crowd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
