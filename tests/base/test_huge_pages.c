/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Room for what grows: small where little is needed, aligned to huge pages where much is. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/huge_pages.h"

static void room_begins_with_a_huge_page_from_one_on(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, TB_HUGE_PAGE - 1, TB_HUGE_PAGE, TB_HUGE_PAGE + 1, 3 * TB_HUGE_PAGE};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        unsigned char *const room = tb_huge_pages_make(sizes[i]);
        tb_huge_pages_populate(room, sizes[i]);
        for (size_t at = 0; at < sizes[i]; at++)
            room[at] = 1;
        if (sizes[i] >= TB_HUGE_PAGE)
            assert_int_equal((uintptr_t)room % TB_HUGE_PAGE, 0);
        free(room);
    }
    assert_null(tb_huge_pages_make(SIZE_MAX));
}

static void array_keeps_its_items_in_either_room(void **state)
{
    (void)state;
    enum { ITEMS = 1 << 20 };
    uint64_t *items = NULL;
    size_t capacity = 0;
    for (size_t i = 0; i < ITEMS; i++) {
        assert_true(tb_huge_pages_reserve(&items, &capacity, i + 1, sizeof *items));
        items[i] = i * 7;
    }
    assert_true(tb_huge_pages_reserve(&items, &capacity, 5 * ITEMS, sizeof *items));
    assert_int_equal(capacity, 8 * ITEMS);
    for (size_t i = 0; i < ITEMS; i++)
        assert_int_equal(items[i], i * 7);
    assert_int_equal((uintptr_t)items % TB_HUGE_PAGE, 0);
    assert_false(tb_huge_pages_reserve(&items, &capacity, SIZE_MAX / 2, sizeof *items));
    assert_int_equal(capacity, 8 * ITEMS);
    free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(room_begins_with_a_huge_page_from_one_on),
        cmocka_unit_test(array_keeps_its_items_in_either_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
