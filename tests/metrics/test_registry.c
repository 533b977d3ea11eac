/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "twinbed/metrics/registry.h"

#define COUNT(values) (sizeof(values) / sizeof(values)[0])

static void assert_value(const char *what, double value, double expected)
{
    if (!(isnan(value) && isnan(expected)) && !(fabs(value - expected) <= 1e-12 * fmax(1, fabs(expected))))
        fail_msg("%s: %.17g is not %.17g", what, value, expected);
}

static void pairs_become_the_value_of_a_run(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        enum tb_combination combination;
        size_t count;
        double values[3];
        double weights[3];
        double expected;
    } facts[] = {
        {"one pair is the run", TB_COMBINE_SUM, 1, {7}, {3}, 7},
        {"one pair, whatever its weight", TB_COMBINE_WORK_MEAN, 1, {7}, {NAN}, 7},
        {"one pair without a value", TB_COMBINE_MAXIMUM, 1, {NAN}, {3}, NAN},
        {"rates add up", TB_COMBINE_SUM, 3, {40, 72, 8}, {1, 3, 5}, 120},
        {"a rate is missing", TB_COMBINE_SUM, 2, {40, NAN}, {1, 3}, NAN},
        {"plain mean", TB_COMBINE_MEAN, 3, {1, 2, 6}, {1, 100, 1}, 3},
        {"plain mean needs no weights", TB_COMBINE_MEAN, 2, {1, 3}, {NAN, NAN}, 2},
        {"plain mean with a hole", TB_COMBINE_MEAN, 2, {NAN, 3}, {1, 1}, NAN},
        {"(1 x 4 + 3 x 2) / 4", TB_COMBINE_WORK_MEAN, 2, {4, 2}, {1, 3}, 2.5},
        {"(10 x 1 + 0 x 9) / 10", TB_COMBINE_WORK_MEAN, 2, {1, 9}, {10, 0}, 1},
        {"no work at all", TB_COMBINE_WORK_MEAN, 2, {1, 9}, {0, 0}, NAN},
        {"work of a pair is unknown", TB_COMBINE_WORK_MEAN, 2, {1, 9}, {10, NAN}, NAN},
        {"a value without weight is missing", TB_COMBINE_WORK_MEAN, 2, {1, NAN}, {10, 0}, NAN},
        {"longest first", TB_COMBINE_MAXIMUM, 3, {9, 1, 5}, {1, 1, 1}, 9},
        {"longest last", TB_COMBINE_MAXIMUM, 3, {1, 5, 9}, {1, 1, 1}, 9},
        {"below zero", TB_COMBINE_MAXIMUM, 2, {-5, -9}, {1, 1}, -5},
        {"longest unknown, first", TB_COMBINE_MAXIMUM, 3, {NAN, 1, 5}, {1, 1, 1}, NAN},
        {"longest unknown, in the middle", TB_COMBINE_MAXIMUM, 3, {9, NAN, 5}, {1, 1, 1}, NAN},
        {"longest unknown, last", TB_COMBINE_MAXIMUM, 3, {9, 1, NAN}, {1, 1, 1}, NAN},
    };
    for (size_t i = 0; i < COUNT(facts); i++)
        assert_value(facts[i].what,
                     tb_metric_combine(facts[i].combination, facts[i].values, facts[i].weights, facts[i].count),
                     facts[i].expected);
}

static void names_are_unique_and_found(void **state)
{
    (void)state;
    const size_t count = tb_metric_count();
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++)
        if (tb_metric_find(tb_metric_at(i)->name) != i)
            fail_msg("two metrics are named %s", tb_metric_at(i)->name);
    assert_int_equal(tb_metric_find("no_such_metric"), count);
    assert_int_equal(tb_metric_find(""), count);
}

static void assert_plain_name(const char *name)
{
    for (const char *letter = name; *letter != '\0'; letter++)
        if (!islower((unsigned char)*letter) && !isdigit((unsigned char)*letter) && *letter != '_')
            fail_msg("%s is no name that every reader of results can use as it is", name);
}

static void every_row_says_what_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < tb_metric_count(); i++) {
        const struct tb_metric *metric = tb_metric_at(i);
        assert_plain_name(metric->name);
        if (metric->unit[0] == '\0' || strlen(metric->sentence) < 20)
            fail_msg("%s lacks a unit or a sentence", metric->name);
        if (metric->sentence[strlen(metric->sentence) - 1] != '.' || strstr(metric->sentence, ",.") != NULL)
            fail_msg("%s: '%s' is no sentence", metric->name, metric->sentence);
        /* Closeness on the scale of ratios is a setting, on that of differences a margin in the metric's unit. */
        if ((metric->scale == TB_SCALE_DIFFERENCE) != (metric->margin > 0))
            fail_msg("%s: scale and margin do not fit", metric->name);
        if (i > 0 && metric->level < tb_metric_at(i - 1)->level)
            fail_msg("%s stands behind a higher level", metric->name);
        if (strstr(metric->name, "_per_request") != NULL && metric->combination != TB_COMBINE_WORK_MEAN &&
            strcmp(metric->name, "time_per_request") != 0)
            fail_msg("%s of two pairs is not that of all their requests", metric->name);
        assert_string_not_equal(tb_metric_role_name(metric->role), "");
        assert_string_not_equal(tb_combination_name(metric->combination), "");
    }
}

/* A family of tests should not hold the same evidence twice. */
static void one_metric_is_primary_for_each_quantity(void **state)
{
    (void)state;
    static const char *const twins[][2] = {
        {"requests_per_second", "time_per_request"},
        {"requests_per_second", "transfer_rate"},
        {"client_calls_per_request", "client_events_per_request"},
        {"client_reads_per_request", "client_reads"},
        {"server_payload_per_request", "server_payload_per_request_completed"},
        {"server_packets_per_request", "packets_per_request"},
        {"jitter", "jitter_to_server"},
    };
    size_t primaries = 0;
    for (size_t i = 0; i < tb_metric_count(); i++) {
        const char *quantity = tb_metric_quantity(tb_metric_at(i));
        primaries += quantity != NULL;
        for (size_t j = 0; j < i && quantity != NULL; j++) {
            const char *other = tb_metric_quantity(tb_metric_at(j));
            if (other != NULL && strcmp(other, quantity) == 0)
                fail_msg("%s and %s are both primary for %s", tb_metric_at(j)->name, tb_metric_at(i)->name, quantity);
        }
    }
    /* As many as the table has rows: every row names a metric. */
    assert_int_equal(primaries, 32);
    for (size_t i = 0; i < COUNT(twins); i++) {
        assert_non_null(tb_metric_quantity(tb_metric_at(tb_metric_find(twins[i][0]))));
        assert_null(tb_metric_quantity(tb_metric_at(tb_metric_find(twins[i][1]))));
    }
}

static void roles_and_names_agree(void **state)
{
    (void)state;
    static const struct {
        const char *prefix;
        enum tb_metric_role role;
    } prefixes[] = {{"client_", TB_METRIC_CLIENT}, {"server_", TB_METRIC_SERVER}, {"host_", TB_METRIC_HOST}};
    for (size_t i = 0; i < tb_metric_count(); i++)
        for (size_t p = 0; p < COUNT(prefixes); p++) {
            const struct tb_metric *metric = tb_metric_at(i);
            const bool named = strncmp(metric->name, prefixes[p].prefix, strlen(prefixes[p].prefix)) == 0;
            if (named && metric->role != prefixes[p].role)
                fail_msg("%s has the role %s", metric->name, tb_metric_role_name(metric->role));
        }
}

static void words_are_those_of_the_results(void **state)
{
    (void)state;
    assert_string_equal(tb_level_name(TB_LEVEL_APPLICATION), "application");
    assert_string_equal(tb_level_name(TB_LEVEL_OPERATING_SYSTEM), "operating system");
    assert_string_equal(tb_level_name(TB_LEVEL_NETWORK), "network");
    assert_string_equal(tb_metric_role_name(TB_METRIC_BOTH), "both");
    assert_string_equal(tb_metric_role_name(TB_METRIC_HOST), "host");
    assert_string_equal(tb_combination_name(TB_COMBINE_WORK_MEAN), "mean weighted by completed units");
    assert_string_equal(tb_scale_name(TB_SCALE_RATIO), "ratio");
    assert_string_equal(tb_scale_name(TB_SCALE_DIFFERENCE), "difference");
}

/* A string of a source file that can only be the name of a metric. */
static bool names_a_metric(const char *text)
{
    static const char *const signs[] = {"_per_request", "_per_second", "jitter"};
    for (size_t i = 0; i < COUNT(signs); i++)
        if (strstr(text, signs[i]) != NULL && strcmp(text, signs[i]) != 0 && strchr(text, ' ') == NULL)
            return text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
    return strcmp(text, "jitter") == 0;
}

/* The strings of one file. */
static size_t check_names_of(const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char line[4096];
    size_t names = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        char *text = strchr(line, '"');
        while (text != NULL && line[0] != '#') {
            char *end = strchr(text + 1, '"');
            if (end == NULL)
                break;
            *end = '\0';
            if (names_a_metric(text + 1)) {
                names++;
                if (tb_metric_find(text + 1) == tb_metric_count())
                    fail_msg("%s names %s, which is no metric", path, text + 1);
            }
            text = strchr(end + 1, '"');
        }
    }
    fclose(file);
    return names;
}

/* The report finds metrics by name, and leaves a column out when there is none of that name. */
static void names_in_the_report_exist(void **state)
{
    (void)state;
    glob_t files;
    assert_int_equal(glob(TWINBED_SOURCE_DIR "/src/report/sections/*.c", 0, NULL, &files), 0);
    size_t names = 0;
    for (size_t i = 0; i < files.gl_pathc; i++)
        names += check_names_of(files.gl_pathv[i]);
    globfree(&files);
    assert_true(names >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_become_the_value_of_a_run),
        cmocka_unit_test(names_are_unique_and_found),
        cmocka_unit_test(every_row_says_what_it_is),
        cmocka_unit_test(roles_and_names_agree),
        cmocka_unit_test(words_are_those_of_the_results),
        cmocka_unit_test(names_in_the_report_exist),
        cmocka_unit_test(one_metric_is_primary_for_each_quantity),
    };
    return cmocka_run_group_tests_name("metrics: registry", tests, NULL, NULL);
}
