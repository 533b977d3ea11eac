/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "twinbed/base/bytes.h"

static void what_is_put_can_be_taken(void **state)
{
    (void)state;
    struct tb_buffer buffer = {0};
    tb_buffer_put_u8(&buffer, 0xfe);
    tb_buffer_put_u16(&buffer, 0xfedc);
    tb_buffer_put_u32(&buffer, 0xfedcba98);
    tb_buffer_put_u64(&buffer, UINT64_C(0xfedcba9876543210));
    tb_buffer_put_i64(&buffer, INT64_MIN);
    tb_buffer_put_double(&buffer, -0.1);
    tb_buffer_put_text(&buffer, "text");
    tb_buffer_put_text(&buffer, NULL);
    assert_int_equal(tb_buffer_check(&buffer, "it", NULL), TB_OK);
    static const uint8_t start[] = {0xfe, 0xdc, 0xfe, 0x98, 0xba, 0xdc, 0xfe};
    assert_memory_equal(buffer.data, start, sizeof start); /* little-endian on every host */

    struct tb_bytes bytes = tb_bytes_packed(buffer.data, buffer.size);
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    int64_t i64;
    double real;
    char *text, *empty;
    assert_true(tb_bytes_take_u8(&bytes, &u8) && u8 == 0xfe);
    assert_true(tb_bytes_take_u16(&bytes, &u16) && u16 == 0xfedc);
    assert_true(tb_bytes_take_u32(&bytes, &u32) && u32 == 0xfedcba98);
    assert_true(tb_bytes_take_u64(&bytes, &u64) && u64 == UINT64_C(0xfedcba9876543210));
    assert_true(tb_bytes_take_i64(&bytes, &i64) && i64 == INT64_MIN);
    assert_true(tb_bytes_take_double(&bytes, &real) && real == -0.1);
    assert_true(tb_bytes_take_text(&bytes, &text));
    assert_string_equal(text, "text");
    assert_true(tb_bytes_take_text(&bytes, &empty));
    assert_string_equal(empty, "");
    assert_int_equal(bytes.left, 0);
    free(text);
    free(empty);
    tb_buffer_free(&buffer);
    assert_null(buffer.data);
}

static void a_take_that_does_not_fit_changes_nothing(void **state)
{
    (void)state;
    static const uint8_t data[] = {9, 0, 0, 0, 'a', 'b', 'c'};
    struct tb_bytes bytes = tb_bytes_packed(data, sizeof data);
    uint64_t value = 5;
    char *text = NULL;
    const uint8_t *place;
    assert_false(tb_bytes_take_u64(&bytes, &value));
    assert_false(tb_bytes_take_text(&bytes, &text)); /* claims nine bytes */
    assert_false(tb_bytes_skip(&bytes, 8));
    assert_false(tb_bytes_take(&bytes, SIZE_MAX, &place));
    assert_int_equal(value, 5);
    assert_null(text);
    assert_ptr_equal(bytes.data, data);
    assert_int_equal(bytes.left, sizeof data);
    assert_true(tb_bytes_skip(&bytes, 7));
    assert_true(tb_bytes_take(&bytes, 0, &place));
}

static void byte_orders(void **state)
{
    (void)state;
    static const uint8_t data[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    assert_int_equal(tb_load_be16(data + 1), 0x0203);
    assert_int_equal(tb_load_be32(data + 1), 0x02030405);
    assert_int_equal(tb_load_be64(data + 1), UINT64_C(0x0203040506070809));
    assert_int_equal(tb_load_u16(data + 1, true), __builtin_bswap16(tb_load_u16(data + 1, false)));
    assert_int_equal(tb_load_u32(data + 1, true), __builtin_bswap32(tb_load_u32(data + 1, false)));
    assert_int_equal(tb_load_u64(data + 1, true), __builtin_bswap64(tb_load_u64(data + 1, false)));
}

static void a_failed_buffer_stays_failed(void **state)
{
    (void)state;
    struct tb_buffer buffer = {0};
    struct tb_error error;
    tb_buffer_put_u8(&buffer, 1);
    tb_buffer_put(&buffer, "", SIZE_MAX - 8);
    tb_buffer_put_u8(&buffer, 2);
    assert_int_equal(buffer.size, 1);
    assert_int_equal(tb_buffer_check(&buffer, "a part", &error), TB_MEMORY);
    assert_string_equal(error.text, "out of memory for a part");
    tb_buffer_free(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_can_be_taken),
        cmocka_unit_test(a_take_that_does_not_fit_changes_nothing),
        cmocka_unit_test(byte_orders),
        cmocka_unit_test(a_failed_buffer_stays_failed),
    };
    return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
