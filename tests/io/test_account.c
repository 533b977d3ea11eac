/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "twinbed/io/account.h"

static void balance(void **state)
{
    (void)state;
    static const struct {
        struct tb_account account;
        bool balances;
    } cases[] = {
        {{0}, true},
        {{.stream_bytes = 10, .decoded = 5, .skipped = 3, .damaged = 2, .file_bytes = 10}, true},
        {{.stream_bytes = 10, .decoded = 5, .skipped = 3, .damaged = 1, .file_bytes = 10}, false},
        {{.stream_bytes = 10, .decoded = 10, .file_bytes = 9}, false},
        {{.stream_bytes = 10, .decoded = 10, .file_bytes = 4, .consumed = 3, .left = 1, .compressed = true}, true},
        {{.stream_bytes = 10, .decoded = 10, .file_bytes = 4, .consumed = 3, .left = 0, .compressed = true}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(tb_account_balances(&cases[i].account), cases[i].balances);
}

static void first_reason_and_worst_kind(void **state)
{
    (void)state;
    struct tb_account account = {0};
    tb_account_damage(&account, TB_DAMAGE_TRUNCATED, 7, "first %d", 1);
    tb_account_damage(&account, TB_DAMAGE_CORRUPT, 3, "second");
    tb_account_damage(&account, TB_DAMAGE_TRUNCATED, 1, "third");
    assert_string_equal(account.reason, "first 1");
    assert_int_equal(account.damage_offset, 7);
    assert_int_equal(account.damage, TB_DAMAGE_CORRUPT);
    assert_string_equal(tb_damage_name(account.damage), "corrupt");
}

static void packing(void **state)
{
    (void)state;
    struct tb_account account = {1, 2, 3, 4, 5, 6, 7, true, TB_DAMAGE_NONE, 0, ""};
    tb_account_damage(&account, TB_DAMAGE_CORRUPT, 99, "why");
    struct tb_buffer buffer = {0};
    tb_account_pack(&account, &buffer);
    struct tb_account back = {0};
    for (size_t size = 0; size < buffer.size; size++) {
        struct tb_bytes bytes = tb_bytes_packed(buffer.data, size);
        assert_false(tb_account_unpack(&back, &bytes));
    }
    struct tb_bytes bytes = tb_bytes_packed(buffer.data, buffer.size);
    assert_true(tb_account_unpack(&back, &bytes));
    assert_int_equal(back.stream_bytes, 1);
    assert_int_equal(back.left, 7);
    assert_int_equal(back.damage_offset, 99);
    assert_true(back.compressed);
    assert_string_equal(back.reason, "why");
    buffer.data[8 * 8 + 1] = 9; /* no such damage */
    bytes = tb_bytes_packed(buffer.data, buffer.size);
    assert_false(tb_account_unpack(&back, &bytes));
    tb_buffer_free(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(balance),
        cmocka_unit_test(first_reason_and_worst_kind),
        cmocka_unit_test(packing),
    };
    return cmocka_run_group_tests_name("account", tests, NULL, NULL);
}
