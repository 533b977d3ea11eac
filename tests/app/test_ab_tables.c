/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/recorded.h"
#include "fixtures/text_source.h"

#include <glob.h>
#include <math.h>

#include "twinbed/app/apachebench.h"
#include "twinbed/io/text.h"

#define CSV_HEADER "Percentage served,Time in ms\n"
#define TSV_HEADER "starttime\tseconds\tctime\tdtime\tttime\twait\n"

/* Rows 0 .. last; row 99 holds what ab finds behind its times. */
static char *make_csv(char *text, size_t size, int last, const char *row_99)
{
    size_t used = (size_t)snprintf(text, size, CSV_HEADER);
    for (int row = 0; row <= last; row++) {
        if (row == 99)
            used += (size_t)snprintf(text + used, size - used, "99,%s\n", row_99);
        else
            used += (size_t)snprintf(text + used, size - used, "%d,%d.250\n", row, row);
    }
    return text;
}

static enum tb_status read_csv(const char *text, uint64_t complete, struct tb_ab_quantiles *quantiles)
{
    struct tb_source *source = open_text(text);
    struct tb_error error;
    const enum tb_status status = tb_ab_quantiles_read(source, complete, quantiles, &error);
    tb_source_close(source);
    if (status == TB_OK)
        assert_true(tb_account_balances(&quantiles->account));
    return status;
}

static void all_quantiles(void **state)
{
    (void)state;
    char text[4096];
    struct tb_ab_quantiles quantiles;
    assert_int_equal(read_csv(make_csv(text, sizeof text, 100, "99.250"), 1000, &quantiles), TB_OK);
    for (int row = 0; row <= 100; row++)
        assert_true(quantiles.milliseconds[row] == row + 0.25);
    assert_int_equal(quantiles.account.decoded, strlen(text));
    assert_int_equal(quantiles.account.damage, TB_DAMAGE_NONE);
}

/* ab's index for row p is int(0.5 + n p / 100). */
static void rows_behind_the_last_time(void **state)
{
    (void)state;
    char text[4096];
    make_csv(text, sizeof text, 100, "-0.257");
    for (uint64_t complete = 1; complete <= 60; complete++) {
        struct tb_ab_quantiles quantiles;
        const enum tb_status status = read_csv(text, complete, &quantiles);
        assert_int_equal(status, complete <= 50 ? TB_OK : TB_CORRUPT); /* the negative time is one only there */
        for (uint64_t row = 0; row <= 100 && status == TB_OK; row++) {
            const uint64_t element = (uint64_t)(0.5 + (double)complete * (double)row / 100.0);
            const bool unrelated = row != 0 && row != 100 && element >= complete;
            assert_int_equal(isnan(quantiles.milliseconds[row]), unrelated);
        }
    }
    struct tb_ab_quantiles quantiles;
    assert_int_equal(read_csv(text, 0, &quantiles), TB_OK);
    assert_true(quantiles.milliseconds[99] == -0.257);
    /* How many requests there were is not known, but that this is no time between 98.25 and 100.25 ms. */
    tb_ab_quantiles_drop_unrelated(&quantiles, 0);
    assert_true(isnan(quantiles.milliseconds[99]));
    assert_true(quantiles.milliseconds[98] == 98.25 && quantiles.milliseconds[100] == 100.25);
    tb_ab_quantiles_drop_unrelated(&quantiles, 25);
    assert_true(isnan(quantiles.milliseconds[98]) && isnan(quantiles.milliseconds[99]));
    assert_false(isnan(quantiles.milliseconds[97]) || isnan(quantiles.milliseconds[100]));
}

static void damaged_quantiles(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum tb_status status;
        enum tb_damage damage;
    } cases[] = {
        {"", TB_TRUNCATED, 0},
        {"a,b\n", TB_UNSUPPORTED, 0},
        {CSV_HEADER, TB_OK, TB_DAMAGE_TRUNCATED},
        {CSV_HEADER "0,1.000\n1,2.0", TB_OK, TB_DAMAGE_TRUNCATED},
        {CSV_HEADER "1,1.000\n", TB_CORRUPT, 0},
        {CSV_HEADER "0,nan\n", TB_CORRUPT, 0},
        {CSV_HEADER "0,-1.000\n", TB_CORRUPT, 0},
        {CSV_HEADER "0;1.000\n", TB_CORRUPT, 0},
        {CSV_HEADER "0,1.000,2\n", TB_CORRUPT, 0},
        {CSV_HEADER "0,1.000\n0,1.000\n", TB_CORRUPT, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tb_ab_quantiles quantiles;
        assert_int_equal(read_csv(cases[i].text, 1000, &quantiles), cases[i].status);
        if (cases[i].status == TB_OK)
            assert_int_equal(quantiles.account.damage, cases[i].damage);
    }
}

static void last_row_without_newline(void **state)
{
    (void)state;
    char text[4096];
    struct tb_ab_quantiles quantiles;
    make_csv(text, sizeof text, 100, "99.250");
    text[strlen(text) - 1] = '\0';
    assert_int_equal(read_csv(text, 1000, &quantiles), TB_OK);
    assert_int_equal(quantiles.account.damage, TB_DAMAGE_NONE);
    assert_true(quantiles.milliseconds[100] == 100.25);
    text[strlen(text) - 1] = '\0';
    assert_int_equal(read_csv(text, 1000, &quantiles), TB_OK);
    assert_int_equal(quantiles.account.damage, TB_DAMAGE_TRUNCATED);
    assert_true(isnan(quantiles.milliseconds[100]));
    assert_int_equal(quantiles.account.damaged, strlen("100,100.25"));
}

static void quantiles_survive_packing(void **state)
{
    (void)state;
    char text[4096];
    struct tb_ab_quantiles quantiles, back;
    assert_int_equal(read_csv(make_csv(text, sizeof text, 100, "0.5"), 30, &quantiles), TB_OK);
    struct tb_buffer buffer = {0};
    tb_ab_quantiles_pack(&quantiles, &buffer);
    struct tb_bytes bytes = tb_bytes_packed(buffer.data, buffer.size);
    assert_true(tb_ab_quantiles_unpack(&back, &bytes));
    assert_memory_equal(back.milliseconds, quantiles.milliseconds, sizeof back.milliseconds);
    assert_int_equal(back.account.decoded, quantiles.account.decoded);
    bytes = tb_bytes_packed(buffer.data, buffer.size - 1);
    assert_false(tb_ab_quantiles_unpack(&back, &bytes));
    tb_buffer_free(&buffer);
}

static enum tb_status read_tsv(const char *text, struct tb_ab_requests *requests)
{
    struct tb_source *source = open_text(text);
    struct tb_error error;
    const enum tb_status status = tb_ab_requests_read(source, requests, &error);
    tb_source_close(source);
    if (status == TB_OK)
        assert_true(tb_account_balances(&requests->account));
    return status;
}

static void requests_are_summed(void **state)
{
    (void)state;
    struct tb_ab_requests requests, back;
    assert_int_equal(read_tsv(TSV_HEADER "Sun Nov 22 20:50:01 2026\t1795380601\t1\t10\t12\t9\n"
                                         "Sun Nov  2 20:50:00 2026\t1795380600\t2\t20\t22\t19\n"
                                         "Sun Nov 22 20:50:02 2026\t1795380602\t3\t30\t33\t29\n",
                              &requests),
                     TB_OK);
    assert_int_equal(requests.rows, 3);
    assert_int_equal(requests.first_second, 1795380600);
    assert_int_equal(requests.last_second, 1795380602);
    assert_int_equal(requests.connect_ms, 6);
    assert_int_equal(requests.processing_ms, 60);
    assert_int_equal(requests.total_ms, 67);
    assert_int_equal(requests.waiting_ms, 57);
    assert_int_equal(requests.total_ms_maximum, 33);
    assert_int_equal(requests.account.skipped + requests.account.damaged, 0);
    struct tb_buffer buffer = {0};
    tb_ab_requests_pack(&requests, &buffer);
    struct tb_bytes bytes = tb_bytes_packed(buffer.data, buffer.size);
    assert_true(tb_ab_requests_unpack(&back, &bytes));
    assert_int_equal(back.total_ms_maximum, 33);
    assert_int_equal(back.last_second, 1795380602);
    assert_memory_equal(back.milliseconds, requests.milliseconds, sizeof back.milliseconds);
    tb_buffer_free(&buffer);
}

/* Row p is the value at position ceil(n p / 100), in whatever order the rows stand. */
static void times_of_requests_become_quantiles(void **state)
{
    (void)state;
    static const struct {
        const char *times; /* ms, between spaces */
        double at_0, at_25, at_26, at_50, at_99, at_100;
    } cases[] = {
        {"", NAN, NAN, NAN, NAN, NAN, NAN},
        {"7", 7, 7, 7, 7, 7, 7},
        {"1 2 3 4", 1, 1, 2, 2, 4, 4},
        {"4 1 3 2", 1, 1, 2, 2, 4, 4},
        {"0 0 0 65535", 0, 0, 0, 0, 65535, 65535},
        {"5 5 70000 80000", 5, 5, 5, 5, NAN, 80000}, /* too long to be counted one by one */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[1024];
        size_t used = (size_t)snprintf(text, sizeof text, TSV_HEADER);
        struct tb_text rest = tb_text_of(cases[i].times), time;
        while (tb_text_take_word(&rest, &time))
            used +=
                (size_t)snprintf(text + used, sizeof text - used, "x\t1\t0\t0\t%.*s\t0\n", (int)time.length, time.data);
        struct tb_ab_requests requests;
        assert_int_equal(read_tsv(text, &requests), TB_OK);
        const double expected[] = {cases[i].at_0,  cases[i].at_25, cases[i].at_26,
                                   cases[i].at_50, cases[i].at_99, cases[i].at_100};
        const double found[] = {requests.milliseconds[0],  requests.milliseconds[25], requests.milliseconds[26],
                                requests.milliseconds[50], requests.milliseconds[99], requests.milliseconds[100]};
        for (size_t row = 0; row < 6; row++)
            assert_true(found[row] == expected[row] || (isnan(found[row]) && isnan(expected[row])));
    }
}

static void damaged_requests(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum tb_status status;
        uint64_t rows;
        enum tb_damage damage;
    } cases[] = {
        {"", TB_TRUNCATED, 0, 0},
        {"starttime\n", TB_UNSUPPORTED, 0, 0},
        {TSV_HEADER, TB_OK, 0, TB_DAMAGE_NONE},
        {TSV_HEADER "x\t1\t2\t3\t4\t5\nx\t1\t2\t3\t4\t5", TB_OK, 1, TB_DAMAGE_TRUNCATED},
        {TSV_HEADER "x\t1\t2\t3\t4\n", TB_CORRUPT, 0, 0},
        {TSV_HEADER "x\t1\t2\t3\t4\t5\t6\n", TB_CORRUPT, 0, 0},
        {TSV_HEADER "x\t1\t-2\t3\t4\t5\n", TB_CORRUPT, 0, 0},
        {TSV_HEADER "x\t1\t2\t3\t18446744073709551615\t5\nx\t1\t2\t3\t1\t5\n", TB_CORRUPT, 0, 0},
        {TSV_HEADER "x\t9223372036854775808\t2\t3\t4\t5\n", TB_CORRUPT, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tb_ab_requests requests;
        assert_int_equal(read_tsv(cases[i].text, &requests), cases[i].status);
        if (cases[i].status != TB_OK)
            continue;
        assert_int_equal(requests.rows, cases[i].rows);
        assert_int_equal(requests.account.damage, cases[i].damage);
    }
}

static struct tb_source *open_recorded(const char *directory, const char *name)
{
    char path[PATH_MAX];
    struct tb_source *source;
    struct tb_error error;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    assert_int_equal(tb_source_open(path, &source, &error), TB_OK);
    return source;
}

static void check_recorded(const char *directory)
{
    struct tb_apachebench ab;
    struct tb_ab_quantiles quantiles;
    struct tb_ab_requests requests;
    struct tb_error error;
    struct tb_source *source = open_recorded(directory, "ab.txt");
    assert_int_equal(tb_apachebench_read(source, &ab, &error), TB_OK);
    tb_source_close(source);
    source = open_recorded(directory, "ab.csv");
    assert_int_equal(tb_ab_quantiles_read(source, ab.complete, &quantiles, &error), TB_OK);
    tb_source_close(source);
    source = open_recorded(directory, "ab.tsv");
    assert_int_equal(tb_ab_requests_read(source, &requests, &error), TB_OK);
    tb_source_close(source);
    assert_int_equal(requests.rows, ab.complete);
    assert_true((double)requests.total_ms_maximum == ab.percentile_ms[8]);
    /* Half a row apart: ab's text has element floor(n p / 100), counted from 0. */
    for (size_t row = 0; row < TB_AB_CSV_ROWS; row++)
        assert_true(isnan(quantiles.milliseconds[row]) ||
                    requests.milliseconds[row] <= round(quantiles.milliseconds[row]) + 1);
    assert_true(fabs(quantiles.milliseconds[100] - ab.percentile_ms[8]) <= 0.5);
    /* Without the rows that are not times, the quantiles rise. */
    double last = 0;
    for (size_t row = 0; row < TB_AB_CSV_ROWS; row++) {
        if (isnan(quantiles.milliseconds[row]))
            continue;
        assert_true(quantiles.milliseconds[row] >= last);
        last = quantiles.milliseconds[row];
    }
    assert_int_equal(quantiles.account.damage, TB_DAMAGE_NONE);
    assert_int_equal(requests.account.decoded, requests.account.file_bytes);
}

static void recorded_tables_agree(void **state)
{
    (void)state;
    const struct recorded_path pattern = require_recorded("campaigns");
    char text[PATH_MAX + 32];
    snprintf(text, sizeof text, "%s/*/*/*/rep-*", pattern.text);
    glob_t directories;
    assert_int_equal(glob(text, 0, NULL, &directories), 0);
    for (size_t i = 0; i < directories.gl_pathc; i++)
        check_recorded(directories.gl_pathv[i]);
    print_message("%zu recorded runs: three files of ab agree\n", directories.gl_pathc);
    globfree(&directories);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_quantiles),
        cmocka_unit_test(rows_behind_the_last_time),
        cmocka_unit_test(damaged_quantiles),
        cmocka_unit_test(last_row_without_newline),
        cmocka_unit_test(quantiles_survive_packing),
        cmocka_unit_test(requests_are_summed),
        cmocka_unit_test(times_of_requests_become_quantiles),
        cmocka_unit_test(damaged_requests),
        cmocka_unit_test(recorded_tables_agree),
    };
    return cmocka_run_group_tests_name("ab_tables", tests, NULL, NULL);
}
