/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "twinbed/base/progress.h"

static void sizes_have_three_digits(void **state)
{
    (void)state;
    static const struct {
        double bytes;
        const char *text;
    } facts[] = {
        {0, "0 B"},           {999, "999 B"},       {1000, "1.00 kB"},   {157222810, "157 MB"},
        {9.994e6, "9.99 MB"}, {9.996e6, "10.0 MB"}, {99.96e6, "100 MB"}, {999.4e6, "999 MB"},
        {999.6e6, "1.00 GB"}, {1.5e12, "1.50 TB"},  {2e15, "2.00 PB"},   {3e19, "30000 PB"},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        char text[TB_SIZE_TEXT_SIZE];
        assert_string_equal(tb_size_text(facts[i].bytes, text), facts[i].text);
    }
}

static void durations_have_two_units(void **state)
{
    (void)state;
    static const struct {
        double seconds;
        const char *text;
    } facts[] = {
        {0, "0 s"},          {59.9, "59 s"},      {60, "1 min"},
        {200, "3 min 20 s"}, {3600, "1 h"},       {4800.5, "1 h 20 min"},
        {86400, "1 d"},      {183600, "2 d 3 h"}, {1e300, "11574074 d 1 h"},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        char text[TB_DURATION_TEXT_SIZE];
        assert_string_equal(tb_duration_text(facts[i].seconds, text), facts[i].text);
    }
}

static void progress_tells_rate_and_time_left(void **state)
{
    (void)state;
    static const struct {
        struct tb_progress progress;
        double now;
        const char *text;
    } facts[] = {
        {{.unit = "bytes", .total = 157222810}, 0, "0 % of 157 MB"},
        /* Within the first second nothing is known. */
        {{.unit = "bytes", .total = 1000000000, .done = 500000000}, 0.9, "50 % of 1.00 GB"},
        {{.unit = "bytes", .total = 1000000000, .done = 400000000, .of_rank = true},
         2,
         "40 % of 1.00 GB (this rank), 200 MB/s, 3 s left"},
        {{.unit = "bytes", .total = 1000, .done = 999}, 100, "99 % of 1.00 kB, 10 B/s, less than 1 s left"},
        /* What was skipped tells nothing of what is left. */
        {{.unit = "bytes", .total = 1000, .done = 700, .skipped = 600, .started = 5},
         15,
         "70 % of 1.00 kB, 10 B/s, 30 s left"},
        {{.unit = "bytes", .total = 1000, .done = 600, .skipped = 600}, 10, "60 % of 1.00 kB"},
        {{.unit = "runs", .total = 40, .done = 10}, 20, "25 % of 40 runs, 0.50 runs/s, 1 min left"},
        {{.unit = "runs", .total = 40, .done = 40}, 20, "100 % of 40 runs"},
        {{.unit = "runs", .total = 40, .done = 41}, 20, "100 % of 40 runs"},
        {{.unit = "runs"}, 20, "100 % of 0 runs"},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        char text[TB_PROGRESS_TEXT_SIZE];
        assert_string_equal(tb_progress_text(&facts[i].progress, facts[i].now, text), facts[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_have_three_digits),
        cmocka_unit_test(durations_have_two_units),
        cmocka_unit_test(progress_tells_rate_and_time_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
