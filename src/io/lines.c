/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/io/lines.h"

#include <string.h>

enum tb_status tb_lines_start(struct tb_lines *lines, struct tb_source *source, struct tb_error *error)
{
    *lines = (struct tb_lines){0};
    return tb_reader_start(&lines->reader, source, error);
}

static void count_as(struct tb_lines *lines, size_t bytes)
{
    *lines->counted += bytes;
    tb_reader_pass(&lines->reader, bytes);
}

/* Moves behind the current line, whose rest may not be in the window yet. */
static enum tb_status pass_line(struct tb_lines *lines, struct tb_error *error)
{
    struct tb_reader *reader = &lines->reader;
    for (;;) {
        const enum tb_status status = tb_reader_need(reader, 1, error);
        if (status != TB_OK)
            return status;
        const uint8_t *end = memchr(reader->data, '\n', reader->available);
        count_as(lines, end == NULL ? reader->available : (size_t)(end - reader->data) + 1);
        if (end != NULL)
            return TB_OK;
    }
}

/* The end of the first line in the window, asking for more bytes up to the
 * limit; NULL when the line is longer or is the last without an end. */
static enum tb_status find_end(struct tb_reader *reader, const uint8_t **end, struct tb_error *error)
{
    size_t searched = 0;
    *end = NULL;
    while (searched < TB_LINE_LIMIT) {
        const enum tb_status status = tb_reader_need(reader, searched + 1, error);
        if (status != TB_OK)
            return status;
        const size_t limit = reader->available < TB_LINE_LIMIT ? reader->available : TB_LINE_LIMIT;
        *end = memchr(reader->data + searched, '\n', limit - searched);
        if (*end != NULL)
            return TB_OK;
        searched = limit;
    }
    return TB_OK;
}

/* At the end of the stream: whether it broke, and what is left of it. */
static enum tb_status end_stream(struct tb_lines *lines, struct tb_error *error)
{
    struct tb_reader *reader = &lines->reader;
    if (reader->stream_status == TB_INPUT_OUTPUT || reader->stream_status == TB_MEMORY)
        return tb_error_set(error, reader->stream_status, "%s", reader->stream_error.text);
    if (reader->stream_status == TB_END)
        return TB_END;
    const enum tb_damage damage = reader->stream_status == TB_TRUNCATED ? TB_DAMAGE_TRUNCATED : TB_DAMAGE_CORRUPT;
    tb_account_damage(&lines->account, damage, reader->offset, "%s", reader->stream_error.text);
    lines->counted = &lines->account.damaged;
    count_as(lines, reader->available);
    return TB_END;
}

static void give_line(struct tb_lines *lines, size_t length, bool whole)
{
    const struct tb_reader *reader = &lines->reader;
    lines->text = (struct tb_text){.data = (const char *)reader->data, .length = length};
    if (length > 0 && reader->data[length - 1] == '\r')
        lines->text.length--;
    lines->offset = reader->offset;
    lines->number++;
    lines->whole = whole;
    lines->started = true;
    lines->counted = &lines->account.skipped;
}

enum tb_status tb_lines_next(struct tb_lines *lines, struct tb_error *error)
{
    struct tb_reader *reader = &lines->reader;
    enum tb_status status = TB_OK;
    if (lines->started)
        status = pass_line(lines, error);
    lines->started = false;
    const uint8_t *end = NULL;
    if (status == TB_OK)
        status = find_end(reader, &end, error);
    if (status != TB_OK && status != TB_END)
        return status;
    if (status == TB_END && (reader->available == 0 || reader->stream_status != TB_END))
        return end_stream(lines, error);
    if (end != NULL)
        give_line(lines, (size_t)(end - reader->data), true);
    else
        give_line(lines, reader->available < TB_LINE_LIMIT ? reader->available : TB_LINE_LIMIT, status == TB_OK);
    return TB_OK;
}

enum tb_status tb_lines_explain_nothing(const struct tb_lines *lines, struct tb_error *error)
{
    if (lines->account.damage == TB_DAMAGE_NONE)
        return tb_error_set(error, TB_TRUNCATED, "%s: the file is empty", tb_lines_name(lines));
    return tb_error_set(error, lines->account.damage == TB_DAMAGE_TRUNCATED ? TB_TRUNCATED : TB_CORRUPT, "%s",
                        lines->account.reason);
}

enum tb_status tb_lines_expect(struct tb_lines *lines, const char *header, const char *what, struct tb_error *error)
{
    const enum tb_status status = tb_lines_next(lines, error);
    if (status == TB_END)
        return tb_lines_explain_nothing(lines, error);
    if (status != TB_OK)
        return status;
    if (!tb_text_equals(tb_text_trim(lines->text), header))
        return tb_error_set(error, TB_UNSUPPORTED, "%s: not %s", tb_lines_name(lines), what);
    tb_lines_take(lines);
    return TB_OK;
}

void tb_lines_take(struct tb_lines *lines)
{
    lines->counted = &lines->account.decoded;
}

void tb_lines_cut(struct tb_lines *lines)
{
    lines->counted = &lines->account.damaged;
    tb_account_damage(&lines->account, TB_DAMAGE_TRUNCATED, lines->offset, "%s: ends inside line %llu",
                      tb_lines_name(lines), (unsigned long long)lines->number);
}

static void pass_rest(struct tb_lines *lines)
{
    struct tb_reader *reader = &lines->reader;
    enum tb_status status = TB_OK;
    if (lines->started)
        status = pass_line(lines, NULL);
    if (status == TB_OK)
        lines->account.skipped += tb_reader_skip(reader, UINT64_MAX);
    if (reader->ended)
        (void)(end_stream(lines, NULL) == TB_END);
}

void tb_lines_finish(struct tb_lines *lines, struct tb_account *account)
{
    if (account != NULL) {
        pass_rest(lines);
        lines->account.stream_bytes = lines->reader.offset;
        tb_source_account(lines->reader.source, &lines->account);
        *account = lines->account;
    }
    tb_reader_finish(&lines->reader);
}

const char *tb_lines_name(const struct tb_lines *lines)
{
    return tb_source_name(lines->reader.source);
}
