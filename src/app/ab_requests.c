/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>

#include "twinbed/app/apachebench.h"
#include "twinbed/io/lines.h"

static bool add(uint64_t *sum, uint64_t value)
{
    return !__builtin_add_overflow(*sum, value, sum);
}

/* starttime (for people), seconds, connect, processing, total, waiting */
static bool read_row(struct tb_text text, struct tb_ab_requests *requests)
{
    enum { SECONDS, CONNECT, PROCESSING, TOTAL, WAITING, NUMBERS };
    uint64_t numbers[NUMBERS];
    struct tb_text part;
    if (!tb_text_take_until(&text, '\t', &part))
        return false;
    for (size_t i = 0; i < NUMBERS; i++)
        if (!tb_text_take_until(&text, '\t', &part) || !tb_text_u64(part, &numbers[i]))
            return false;
    if (text.data != NULL || numbers[SECONDS] > INT64_MAX)
        return false;
    if (!add(&requests->connect_ms, numbers[CONNECT]) || !add(&requests->processing_ms, numbers[PROCESSING]) ||
        !add(&requests->total_ms, numbers[TOTAL]) || !add(&requests->waiting_ms, numbers[WAITING]))
        return false;
    const int64_t second = (int64_t)numbers[SECONDS];
    if (requests->rows == 0 || second < requests->first_second)
        requests->first_second = second;
    if (requests->rows == 0 || second > requests->last_second)
        requests->last_second = second;
    if (numbers[TOTAL] > requests->total_ms_maximum)
        requests->total_ms_maximum = numbers[TOTAL];
    requests->rows++;
    return true;
}

static enum tb_status read_rows(struct tb_lines *lines, struct tb_ab_requests *requests, struct tb_error *error)
{
    enum tb_status status;
    while ((status = tb_lines_next(lines, error)) == TB_OK) {
        if (!lines->whole) {
            tb_lines_cut(lines);
            continue;
        }
        if (tb_text_trim(lines->text).length == 0)
            continue;
        if (!read_row(lines->text, requests))
            return tb_error_set(error, TB_CORRUPT, "%s: line %" PRIu64 ": not a row of ab's table of requests",
                                tb_lines_name(lines), lines->number);
        tb_lines_take(lines);
    }
    return status == TB_END ? TB_OK : status;
}

enum tb_status tb_ab_requests_read(struct tb_source *source, struct tb_ab_requests *requests, struct tb_error *error)
{
    struct tb_lines lines;
    struct tb_ab_requests read = {0};
    enum tb_status status = tb_lines_start(&lines, source, error);
    if (status != TB_OK)
        return status;
    status = tb_lines_expect(&lines, "starttime\tseconds\tctime\tdtime\tttime\twait",
                             "the table of requests that ab writes with -g", error);
    if (status == TB_OK)
        status = read_rows(&lines, &read, error);
    tb_lines_finish(&lines, status == TB_OK ? &read.account : NULL);
    if (status == TB_OK)
        *requests = read;
    return status;
}

void tb_ab_requests_pack(const struct tb_ab_requests *requests, struct tb_buffer *buffer)
{
    tb_account_pack(&requests->account, buffer);
    tb_buffer_put_u64(buffer, requests->rows);
    tb_buffer_put_i64(buffer, requests->first_second);
    tb_buffer_put_i64(buffer, requests->last_second);
    tb_buffer_put_u64(buffer, requests->connect_ms);
    tb_buffer_put_u64(buffer, requests->processing_ms);
    tb_buffer_put_u64(buffer, requests->total_ms);
    tb_buffer_put_u64(buffer, requests->waiting_ms);
    tb_buffer_put_u64(buffer, requests->total_ms_maximum);
}

bool tb_ab_requests_unpack(struct tb_ab_requests *requests, struct tb_bytes *bytes)
{
    struct tb_ab_requests read = {0};
    if (!tb_account_unpack(&read.account, bytes) || !tb_bytes_take_u64(bytes, &read.rows) ||
        !tb_bytes_take_i64(bytes, &read.first_second) || !tb_bytes_take_i64(bytes, &read.last_second) ||
        !tb_bytes_take_u64(bytes, &read.connect_ms) || !tb_bytes_take_u64(bytes, &read.processing_ms) ||
        !tb_bytes_take_u64(bytes, &read.total_ms) || !tb_bytes_take_u64(bytes, &read.waiting_ms) ||
        !tb_bytes_take_u64(bytes, &read.total_ms_maximum))
        return false;
    *requests = read;
    return true;
}
