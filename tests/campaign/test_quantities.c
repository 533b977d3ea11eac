/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "campaign/manifest/quantity.h"

static const struct {
    const char *text;
    enum tb_factor_type type;
    double number; /* below zero: refused */
} quantities[] = {
    {"500B", TB_FACTOR_BYTES, 500},
    {"500", TB_FACTOR_BYTES, 500},
    {"500 bytes", TB_FACTOR_BYTES, 500},
    {"100KB", TB_FACTOR_BYTES, 100e3},
    {"100kB", TB_FACTOR_BYTES, 100e3},
    {"1MB", TB_FACTOR_BYTES, 1e6},
    {"16MB", TB_FACTOR_BYTES, 16e6},
    {"2.5 MB", TB_FACTOR_BYTES, 2.5e6},
    {"1.1MB", TB_FACTOR_BYTES, 1100000},
    {"1GB", TB_FACTOR_BYTES, 1e9},
    {"1KiB", TB_FACTOR_BYTES, 1024},
    {"1MiB", TB_FACTOR_BYTES, 1048576},
    {"0.5GiB", TB_FACTOR_BYTES, 536870912},
    {"1M", TB_FACTOR_BYTES, -1}, /* 10^6 or 2^20? */
    {"-1B", TB_FACTOR_BYTES, -1},
    {"MB", TB_FACTOR_BYTES, -1},
    {"1MBit", TB_FACTOR_BYTES, -1},
    {"500B-c4", TB_FACTOR_BYTES, -1},
    {"", TB_FACTOR_BYTES, -1},
    {"1  MB", TB_FACTOR_BYTES, -1},
    {"1Gbps", TB_FACTOR_RATE, 1e9},
    {"10Gbit/s", TB_FACTOR_RATE, 10e9},
    {"1 Gbit/s", TB_FACTOR_RATE, 1e9},
    {"100Mbps", TB_FACTOR_RATE, 100e6},
    {"64kbit", TB_FACTOR_RATE, 64e3},
    {"9600", TB_FACTOR_RATE, 9600},
    {"1Gibps", TB_FACTOR_RATE, -1},
    {"1GB/s", TB_FACTOR_RATE, -1},
    {"4", TB_FACTOR_NUMBER, 4},
    {"04", TB_FACTOR_NUMBER, 4},
    {"+2.5", TB_FACTOR_NUMBER, 2.5},
    {"1e6", TB_FACTOR_NUMBER, 1e6},
    {"1e", TB_FACTOR_NUMBER, -1},
    {"4-bare", TB_FACTOR_NUMBER, -1},
    {"0x10", TB_FACTOR_NUMBER, -1},
    {"nan", TB_FACTOR_NUMBER, -1},
    {"inf", TB_FACTOR_NUMBER, -1},
    {".5", TB_FACTOR_NUMBER, -1},
    {"5.", TB_FACTOR_NUMBER, -1},
    {"1e999", TB_FACTOR_NUMBER, -1},
    {"11111111111111111111111111111111111111111111111", TB_FACTOR_NUMBER, -1},
    {"true", TB_FACTOR_BOOLEAN, 1},
    {"Yes", TB_FACTOR_BOOLEAN, 1},
    {"on", TB_FACTOR_BOOLEAN, 1},
    {"1", TB_FACTOR_BOOLEAN, 1},
    {"false", TB_FACTOR_BOOLEAN, 0},
    {"no", TB_FACTOR_BOOLEAN, 0},
    {"off", TB_FACTOR_BOOLEAN, 0},
    {"0", TB_FACTOR_BOOLEAN, 0},
    {"2", TB_FACTOR_BOOLEAN, -1},
    {"maybe", TB_FACTOR_BOOLEAN, -1},
    {"4", TB_FACTOR_TEXT, -1},
};

static void test_quantities(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof quantities / sizeof quantities[0]; i++) {
        double number = -1;
        const bool parsed =
            tb_quantity_parse(quantities[i].text, strlen(quantities[i].text), quantities[i].type, &number);
        if (parsed != (quantities[i].number >= 0) || (parsed && number != quantities[i].number))
            fail_msg("'%s' as type %d gave %d, %.17g", quantities[i].text, (int)quantities[i].type, parsed, number);
    }
}

static void test_natural_order(void **state)
{
    (void)state;
    static const char *const ordered[] = {"",
                                          "1",
                                          "01",
                                          "2",
                                          "10",
                                          "A",
                                          "a",
                                          "a-2",
                                          "a-10",
                                          "e1000",
                                          "e1000e",
                                          "rep-1",
                                          "rep-2",
                                          "rep-002a",
                                          "rep-9",
                                          "rep-10",
                                          "rep-99999999999999999999998",
                                          "rep-99999999999999999999999",
                                          "virtio"};
    enum { COUNT = sizeof ordered / sizeof ordered[0] };
    for (int i = 0; i < COUNT; i++) {
        for (int j = 0; j < COUNT; j++) {
            const int order = tb_natural_compare(ordered[i], ordered[j]);
            const bool good = i < j ? order < 0 : i > j ? order > 0 : order == 0;
            /* 01 and 1 are equal as numbers and told apart as bytes. */
            if (!good && !(strchr("01", ordered[i][0]) != NULL && strchr("01", ordered[j][0]) != NULL))
                fail_msg("'%s' against '%s' gave %d", ordered[i], ordered[j], order);
        }
    }
    assert_true(tb_natural_compare("01", "1") < 0);
    assert_true(tb_natural_compare("1", "01") > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_quantities), cmocka_unit_test(test_natural_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
