/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "twinbed/app/apachebench.h"
#include "twinbed/io/lines.h"

static bool add(uint64_t *sum, uint64_t value)
{
    return !__builtin_add_overflow(*sum, value, sum);
}

struct table {
    struct tb_lines lines;
    struct tb_ab_requests requests;
    uint64_t *counts; /* owned; rows by their total time in ms, below TB_AB_COUNTED_MS */
};

static bool add_times(struct tb_ab_requests *requests, uint64_t connect, uint64_t processing, uint64_t total,
                      uint64_t waiting)
{
    if (!add(&requests->connect_ms, connect) || !add(&requests->processing_ms, processing) ||
        !add(&requests->total_ms, total) || !add(&requests->waiting_ms, waiting))
        return false;
    if (total > requests->total_ms_maximum)
        requests->total_ms_maximum = total;
    return true;
}

static void add_second(struct tb_ab_requests *requests, int64_t second)
{
    if (requests->rows == 0 || second < requests->first_second)
        requests->first_second = second;
    if (requests->rows == 0 || second > requests->last_second)
        requests->last_second = second;
}

/* starttime (for people), seconds, connect, processing, total, waiting */
static bool read_row(struct table *table)
{
    enum { SECONDS, CONNECT, PROCESSING, TOTAL, WAITING, NUMBERS };
    struct tb_text text = table->lines.text;
    uint64_t numbers[NUMBERS];
    struct tb_text part;
    if (!tb_text_take_until(&text, '\t', &part))
        return false;
    for (size_t i = 0; i < NUMBERS; i++)
        if (!tb_text_take_until(&text, '\t', &part) || !tb_text_u64(part, &numbers[i]))
            return false;
    if (text.data != NULL || numbers[SECONDS] > INT64_MAX ||
        !add_times(&table->requests, numbers[CONNECT], numbers[PROCESSING], numbers[TOTAL], numbers[WAITING]))
        return false;
    add_second(&table->requests, (int64_t)numbers[SECONDS]);
    if (numbers[TOTAL] < TB_AB_COUNTED_MS)
        table->counts[numbers[TOTAL]]++;
    table->requests.rows++;
    return true;
}

static enum tb_status read_rows(struct table *table, struct tb_error *error)
{
    struct tb_lines *const lines = &table->lines;
    enum tb_status status;
    while ((status = tb_lines_next_whole(lines, error)) == TB_OK) {
        if (tb_text_trim(lines->text).length == 0)
            continue;
        if (!read_row(table))
            return tb_error_set(error, TB_CORRUPT, "%s: line %" PRIu64 ": not a row of ab's table of requests",
                                tb_lines_name(lines), lines->number);
        tb_lines_take(lines);
    }
    return status == TB_END ? TB_OK : status;
}

/* ceil(rows percent / 100), at least 1: rows of a file are far below 2^64 / 100. */
static uint64_t position_of(uint64_t rows, uint64_t percent)
{
    const uint64_t position = (rows * percent + 99) / 100;
    return position == 0 ? 1 : position;
}

static void find_quantiles(const uint64_t *counts, struct tb_ab_requests *requests)
{
    uint64_t passed = 0; /* rows up to and with those of that time */
    size_t percent = 0;
    for (size_t ms = 0; ms < TB_AB_COUNTED_MS; ms++) {
        passed += counts[ms];
        while (percent < TB_AB_CSV_ROWS && position_of(requests->rows, percent) <= passed)
            requests->milliseconds[percent++] = (double)ms;
    }
    while (percent < TB_AB_CSV_ROWS)
        requests->milliseconds[percent++] = NAN;
    if (requests->rows > 0)
        requests->milliseconds[TB_AB_CSV_ROWS - 1] = (double)requests->total_ms_maximum;
}

static enum tb_status read_table(struct table *table, struct tb_error *error)
{
    enum tb_status status = tb_lines_expect(&table->lines, "starttime\tseconds\tctime\tdtime\tttime\twait",
                                            "the table of requests that ab writes with -g", error);
    if (status != TB_OK)
        return status;
    table->counts = calloc(TB_AB_COUNTED_MS, sizeof *table->counts);
    if (table->counts == NULL)
        return tb_error_memory(error, "the times of requests");
    status = read_rows(table, error);
    find_quantiles(table->counts, &table->requests);
    free(table->counts);
    return status;
}

enum tb_status tb_ab_requests_read(struct tb_source *source, struct tb_ab_requests *requests, struct tb_error *error)
{
    struct table table = {.counts = NULL};
    enum tb_status status = tb_lines_start(&table.lines, source, error);
    if (status != TB_OK)
        return status;
    status = read_table(&table, error);
    tb_lines_finish(&table.lines, status == TB_OK ? &table.requests.account : NULL);
    if (status == TB_OK)
        *requests = table.requests;
    return status;
}

static void describe_requests(struct tb_archive *archive, struct tb_ab_requests *requests)
{
    tb_account_describe(archive, &requests->account);
    tb_archive_u64(archive, &requests->rows);
    tb_archive_i64(archive, &requests->first_second);
    tb_archive_i64(archive, &requests->last_second);
    TB_ARCHIVE_U64S(archive, &requests->connect_ms, &requests->processing_ms, &requests->total_ms,
                    &requests->waiting_ms, &requests->total_ms_maximum);
    for (size_t i = 0; i < TB_AB_CSV_ROWS; i++)
        tb_archive_f64(archive, &requests->milliseconds[i]);
}

TB_ARCHIVE_FUNCTIONS(tb_ab_requests, describe_requests)
