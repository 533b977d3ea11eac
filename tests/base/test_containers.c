/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "twinbed/base/containers.h"

static void array_grows_and_keeps_its_items(void **state)
{
    (void)state;
    uint32_t *items = NULL;
    size_t capacity = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        assert_true(tb_array_reserve(&items, &capacity, i + 1, sizeof *items));
        assert_true(capacity > i);
        items[i] = i * 7;
    }
    for (uint32_t i = 0; i < 100000; i++)
        assert_int_equal(items[i], i * 7);
    const size_t before = capacity;
    assert_false(tb_array_reserve(&items, &capacity, SIZE_MAX / 2, sizeof *items));
    assert_false(tb_array_reserve(&items, &capacity, SIZE_MAX, 1));
    assert_int_equal(capacity, before);
    assert_int_equal(items[99999], 99999 * 7);
    free(items);
}

static void index_finds_what_was_added(void **state)
{
    (void)state;
    enum { KEYS = 50000 };
    struct tb_index index = {0};
    assert_int_equal(tb_index_find(&index, (struct tb_key){0, 0}), TB_INDEX_ABSENT);
    for (uint64_t i = 0; i < KEYS; i++) /* halves alike, so that both must be compared */
        assert_int_equal(tb_index_add(&index, (struct tb_key){i % 100, i / 100}, i), i);
    assert_int_equal(index.count, KEYS);
    for (uint64_t i = 0; i < KEYS; i++) {
        assert_int_equal(tb_index_find(&index, (struct tb_key){i % 100, i / 100}), i);
        assert_int_equal(tb_index_add(&index, (struct tb_key){i % 100, i / 100}, 999999), i);
    }
    assert_int_equal(index.count, KEYS);
    assert_int_equal(tb_index_find(&index, (struct tb_key){100, 0}), TB_INDEX_ABSENT);
    assert_int_equal(tb_index_find(&index, (struct tb_key){0, KEYS}), TB_INDEX_ABSENT);
    tb_index_free(&index);
    assert_int_equal(tb_index_find(&index, (struct tb_key){1, 1}), TB_INDEX_ABSENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(array_grows_and_keeps_its_items),
        cmocka_unit_test(index_finds_what_was_added),
    };
    return cmocka_run_group_tests_name("containers", tests, NULL, NULL);
}
