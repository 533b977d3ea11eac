/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "latency_file.h"

/* The summary for machines: owping -M and powstream's .sum files. One key and
 * value a line, times in seconds; tables stand between <X> and </X>. */

enum value_kind { VALUE_COUNT, VALUE_SECONDS, VALUE_HOST, VALUE_ADDRESS, VALUE_FLAG };

static const struct row {
    const char *key;
    enum value_kind kind;
    size_t offset;
} rows[] = {
#define FIELD(member) offsetof(struct tb_latency_session, member)
    {"FROM_HOST", VALUE_HOST, FIELD(from)},
    {"FROM_ADDR", VALUE_ADDRESS, FIELD(from_address)},
    {"TO_HOST", VALUE_HOST, FIELD(to)},
    {"TO_ADDR", VALUE_ADDRESS, FIELD(to_address)},
    {"SENT", VALUE_COUNT, FIELD(sent)},
    {"LOST", VALUE_COUNT, FIELD(lost)},
    {"DUPS", VALUE_COUNT, FIELD(duplicates)},
    {"SYNC", VALUE_FLAG, FIELD(synchronised)},
    {"MIN", VALUE_SECONDS, FIELD(minimum_ms)},
    {"MEDIAN", VALUE_SECONDS, FIELD(median_ms)},
    {"MAX", VALUE_SECONDS, FIELD(maximum_ms)},
    {"PDV", VALUE_SECONDS, FIELD(jitter_ms)},
    {"BUCKET_WIDTH", VALUE_SECONDS, FIELD(bucket_width_ms)},
#undef FIELD
};

static const char *const known_keys[] = {
    "SUMMARY",
    "SID",
    "FROM_PORT",
    "TO_PORT",
    "START_TIME",
    "END_TIME",
    "DSCP",
    "UNIX_START_TIME",
    "UNIX_END_TIME",
    "LOSS_TIMEOUT",
    "PACKET_PADDING",
    "MAXERR",
    "SESSION_PACKET_COUNT",
    "SESSION_FINISHED",
    "MINTTL",
    "MAXTTL",
    "SAMPLE_PACKET_COUNT",
};

static bool begins(struct tb_text line)
{
    struct tb_text word;
    return tb_text_take_word(&line, &word) && tb_text_equals(word, "SUMMARY");
}

static bool store_value(const struct row *row, struct tb_text value, struct tb_latency_session *session)
{
    char *const target = (char *)session + row->offset;
    double *const real = (double *)(void *)target;
    uint64_t number;
    switch (row->kind) {
    case VALUE_COUNT:
        return tb_text_u64(value, (uint64_t *)(void *)target);
    case VALUE_SECONDS:
        if (!tb_latency_real(value, real))
            return false;
        *real *= 1000;
        return true;
    case VALUE_HOST:
        tb_text_copy(value, target, TB_LATENCY_HOST_SIZE);
        return true;
    case VALUE_ADDRESS:
        tb_text_copy(value, target, TB_LATENCY_ADDRESS_SIZE);
        return true;
    case VALUE_FLAG:
        if (!tb_text_u64(value, &number) || number > 1)
            return false;
        *(bool *)(void *)target = number == 1;
        return true;
    }
    return false;
}

static bool ends_with(struct tb_text text, const char *suffix)
{
    return tb_text_take_suffix(&text, suffix);
}

static bool is_known(struct tb_text key)
{
    for (size_t i = 0; i < sizeof known_keys / sizeof known_keys[0]; i++)
        if (tb_text_equals(key, known_keys[i]))
            return true;
    return false;
}

static enum tb_status end_session(struct tb_latency_file *file, struct tb_error *error)
{
    file->in_session = false;
    if (!file->has_counts || !file->has_end || file->in_table || file->session.lost > file->session.sent) {
        tb_latency_ends_early(file, "a session's summary");
        return TB_OK;
    }
    return tb_latency_add(file, error);
}

static enum tb_status take_begin(struct tb_latency_file *file, struct tb_error *error)
{
    const enum tb_status status = file->in_session ? end_session(file, error) : TB_OK;
    if (status == TB_OK)
        tb_latency_begin(file);
    return status;
}

static enum tb_status take_key(struct tb_latency_file *file, struct tb_text key, struct tb_text value,
                               struct tb_error *error)
{
    if (ends_with(key, "_FWD") || ends_with(key, "_BCK") || ends_with(key, "_PROC"))
        return tb_error_set(error, TB_UNSUPPORTED, "%s: a two-way session (twping); one-way sessions are read",
                            tb_lines_name(&file->lines));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!tb_text_equals(key, rows[i].key))
            continue;
        if (!store_value(&rows[i], tb_text_trim(value), &file->session))
            return tb_latency_bad_line(file, rows[i].key, error);
        file->has_counts |= strcmp(rows[i].key, "LOST") == 0;
        tb_lines_take(&file->lines);
        return TB_OK;
    }
    file->has_end |= tb_text_equals(key, "MAXTTL");
    if (is_known(key))
        tb_lines_take(&file->lines);
    return TB_OK;
}

static enum tb_status take_line(struct tb_latency_file *file, struct tb_error *error)
{
    struct tb_text text = file->lines.text;
    struct tb_text key;
    if (!file->lines.whole && !ends_with(text, ">")) {
        tb_lines_cut(&file->lines);
        return TB_OK;
    }
    if (!tb_text_take_word(&text, &key)) {
        tb_lines_take(&file->lines);
        return TB_OK;
    }
    enum tb_status status = TB_OK;
    if (tb_text_equals(key, "SUMMARY"))
        status = take_begin(file, error);
    if (status != TB_OK || !file->in_session)
        return status;
    if (key.data[0] == '<')
        file->in_table = !tb_text_starts_with(key, "</");
    file->has_end |= tb_text_equals(key, "</NREORDERING>");
    if (key.data[0] == '<' || file->in_table) {
        tb_lines_take(&file->lines);
        return TB_OK;
    }
    return take_key(file, key, text, error);
}

static enum tb_status finish(struct tb_latency_file *file, struct tb_error *error)
{
    return file->in_session ? end_session(file, error) : TB_OK;
}

const struct tb_latency_lines tb_latency_summary = {.begins = begins, .take_line = take_line, .finish = finish};
