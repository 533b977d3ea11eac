/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Bins, quantiles and sums of histograms, computed by hand. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fixtures/same_packed.h"
#include "twinbed/flow/histogram.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_places(void **state)
{
    (void)state;
    static const struct {
        uint32_t bits;
        uint64_t value;
        size_t place;
    } cases[] = {
        {8, 0, 0},
        {8, 1, 1},
        {8, 255, 255},
        {8, 256, 256},
        {8, 257, 256},
        {8, 258, 257},
        {8, 511, 383},
        {8, 512, 384},
        {8, 515, 384},
        {8, 516, 385},
        {8, 1023, 511},
        {8, 1024, 512},
        {11, 1448, 1448},
        {11, 2047, 2047},
        {11, 2048, 2048},
        {11, 2049, 2048},
        {11, 4096, 3072},
        {11, 4100, 3073},
        {8, UINT64_MAX, 58 * 128 - 1},
        {8, UINT64_C(1) << 63, 57 * 128},
        {11, UINT64_MAX, 55 * 1024 - 1},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (tb_histogram_place(cases[i].bits, cases[i].value) != cases[i].place)
            fail_msg("%u bits, %llu: place %zu, expected %zu", cases[i].bits, (unsigned long long)cases[i].value,
                     tb_histogram_place(cases[i].bits, cases[i].value), cases[i].place);
}

/* Every bin holds its values, begins where the last one ended, and is narrow enough. */
static void test_bins(void **state)
{
    (void)state;
    struct tb_histogram histogram = {.bits = TB_HISTOGRAM_COARSE};
    const size_t last = tb_histogram_place(TB_HISTOGRAM_COARSE, UINT64_MAX);
    for (size_t place = 0; place <= last; place++)
        assert_true(tb_histogram_add_at(&histogram, place, 1));
    struct tb_histogram_bin bin;
    uint64_t expected = 0;
    size_t place = 0, bins = 0;
    while (tb_histogram_next(&histogram, &place, &bin)) {
        assert_int_equal(bin.low, expected);
        assert_int_equal(bin.count, 1);
        assert_true(bin.width == 1 || bin.width <= bin.low / 128);
        assert_int_equal(tb_histogram_place(TB_HISTOGRAM_COARSE, bin.low), bins);
        assert_int_equal(tb_histogram_place(TB_HISTOGRAM_COARSE, bin.low + bin.width - 1), bins);
        expected = bin.low + bin.width;
        bins++;
    }
    assert_int_equal(expected, 0); /* 2^64 */
    assert_int_equal(bins, last + 1);
    tb_histogram_free(&histogram);
}

/* Few values take no blocks, more do, and nothing else tells one from the other: whatever the order, and added one by one, by
 * place, or from another. */
static void test_few_values(void **state)
{
    static const uint64_t values[] = {9, 1, 1, 4000, 9, 0, UINT64_MAX, 1, 70, 70, 70, 70, 3, 2, 1, 8, 5, 12, 4001, 9};
    (void)state;
    for (size_t count = 1; count <= COUNT(values); count++) {
        struct tb_histogram one = {.bits = TB_HISTOGRAM_FINE}, half = one, merged = one, blocks = one;
        assert_true(tb_histogram_add_at(&blocks, 0, TB_HISTOGRAM_FEW + 1));
        for (size_t i = 0; i < count; i++) {
            assert_true(tb_histogram_add(&one, values[i]));
            assert_true(tb_histogram_add(i % 2 == 0 ? &half : &merged, values[i]));
            assert_true(tb_histogram_add(&blocks, values[i]));
        }
        assert_true(tb_histogram_merge(&merged, &half));
        assert_int_equal(one.blocks != NULL, count > TB_HISTOGRAM_FEW);
        assert_non_null(blocks.blocks);
        assert_int_equal(one.count, count);
        assert_int_equal(merged.count, count);
        struct tb_histogram_bin bin, other, third;
        size_t place = 0, of_merged = 0, of_blocks = 0;
        while (tb_histogram_next(&one, &place, &bin)) {
            assert_true(tb_histogram_next(&merged, &of_merged, &other) &&
                        tb_histogram_next(&blocks, &of_blocks, &third));
            assert_int_equal(bin.low, other.low);
            assert_int_equal(bin.count, other.count);
            if (of_blocks == 1 && bin.low != 0) /* the one that made the blocks */
                assert_true(tb_histogram_next(&blocks, &of_blocks, &third));
            assert_int_equal(bin.low, third.low);
            assert_int_equal(bin.count + (bin.low == 0 ? TB_HISTOGRAM_FEW + 1 : 0), third.count);
        }
        tb_histogram_free(&one), tb_histogram_free(&half), tb_histogram_free(&merged), tb_histogram_free(&blocks);
    }
}

static void test_quantiles(void **state)
{
    (void)state;
    static const struct {
        uint64_t values[10];
        size_t count;
        double p10, median, p95;
    } cases[] = {
        {{7}, 1, 7, 7, 7},
        {{3, 1}, 2, 1, 1, 3},
        {{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 10, 1, 5, 10},
        {{1, 1, 1, 1, 1, 1, 1, 1, 1, 200}, 10, 1, 1, 200},
        {{1000, 1003, 1004}, 3, 1001.5, 1001.5, 1005.5}, /* 1000 to 1003 are one bin */
        {{UINT64_C(1) << 40},
         1,
         1099511627776 + 4294967295.5,
         1099511627776 + 4294967295.5,
         1099511627776 + 4294967295.5},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tb_histogram histogram = {.bits = TB_HISTOGRAM_COARSE};
        for (size_t v = 0; v < cases[i].count; v++)
            assert_true(tb_histogram_add(&histogram, cases[i].values[v]));
        assert_true(tb_histogram_quantile(&histogram, 10) == cases[i].p10);
        assert_true(tb_histogram_quantile(&histogram, 50) == cases[i].median);
        assert_true(tb_histogram_quantile(&histogram, 95) == cases[i].p95);
        double values[TB_HISTOGRAM_PERCENTS];
        tb_histogram_percentiles(&histogram, values);
        for (unsigned percent = 0; percent < TB_HISTOGRAM_PERCENTS; percent++)
            assert_true(values[percent] == tb_histogram_quantile(&histogram, percent));
        tb_histogram_free(&histogram);
    }
    const struct tb_histogram empty = {.bits = TB_HISTOGRAM_FINE};
    assert_true(isnan(tb_histogram_quantile(&empty, 50)));
}

static void pack(struct tb_histogram *histogram, struct tb_buffer *buffer)
{
    struct tb_archive archive = tb_archive_writer(buffer);
    tb_histogram_describe(&archive, histogram);
}

static bool unpack(struct tb_histogram *histogram, struct tb_bytes *bytes)
{
    struct tb_archive archive = tb_archive_reader(bytes);
    tb_histogram_describe(&archive, histogram);
    return tb_archive_end(&archive, bytes);
}

static void assert_same(struct tb_histogram *one, struct tb_histogram *other)
{
    struct tb_buffer left = {0}, right = {0};
    pack(one, &left);
    pack(other, &right);
    assert_same_packed(&left, &right);
}

/* Values by a rule that spreads them over all sizes. */
static uint64_t made_value(uint64_t i)
{
    return i * UINT64_C(0x9e3779b97f4a7c15) >> (i % 64);
}

static void test_parts_make_the_whole(void **state)
{
    (void)state;
    struct tb_histogram whole = {.bits = 8}, even = {.bits = 8}, odd = {.bits = 8}, copy = {.bits = 8};
    for (uint64_t i = 0; i < 5000; i++)
        assert_true(tb_histogram_add(&whole, made_value(i)) &&
                    tb_histogram_add(i % 2 == 0 ? &even : &odd, made_value(i)));
    assert_true(tb_histogram_merge(&odd, &even));
    assert_int_equal(odd.count, 5000);
    assert_same(&odd, &whole);
    struct tb_buffer packed = {0};
    pack(&whole, &packed);
    struct tb_bytes bytes = tb_bytes_packed(packed.data, packed.size);
    assert_true(unpack(&copy, &bytes));
    assert_int_equal(bytes.left, 0);
    assert_same(&copy, &whole);
    for (size_t size = 0; size < packed.size; size += 7) {
        struct tb_histogram cut = {.bits = 8};
        bytes = tb_bytes_packed(packed.data, size);
        assert_false(unpack(&cut, &bytes));
        tb_histogram_free(&cut);
    }
    tb_buffer_free(&packed);
    tb_histogram_free(&whole);
    tb_histogram_free(&even);
    tb_histogram_free(&odd);
    tb_histogram_free(&copy);
}

/* Places that do not exist, and more values in bins than in all. */
static void test_bad_packed(void **state)
{
    (void)state;
    static const struct {
        uint64_t all;
        uint32_t further;
        uint64_t count;
    } cases[] = {{1, 58 * 128, 1}, {1, UINT32_MAX, 1}, {1, 0, 2}, {1, 0, 0}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tb_histogram histogram = {.bits = 8};
        struct tb_buffer packed = {0};
        tb_buffer_put_u64(&packed, cases[i].all);
        tb_buffer_put_u32(&packed, cases[i].further);
        tb_buffer_put_u64(&packed, cases[i].count);
        struct tb_bytes bytes = tb_bytes_packed(packed.data, packed.size);
        assert_false(unpack(&histogram, &bytes));
        tb_histogram_free(&histogram);
        tb_buffer_free(&packed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_bins),
        cmocka_unit_test(test_few_values),
        cmocka_unit_test(test_quantiles),
        cmocka_unit_test(test_parts_make_the_whole),
        cmocka_unit_test(test_bad_packed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
