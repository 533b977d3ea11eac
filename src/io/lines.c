/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/io/lines.h"

#include <stdlib.h>
#include <string.h>

static bool is_utf16(const struct tb_lines *lines)
{
    return lines->encoding == TB_ENCODING_UTF16_LITTLE || lines->encoding == TB_ENCODING_UTF16_BIG;
}

/* Bytes of a letter. */
static size_t unit_of(const struct tb_lines *lines)
{
    return is_utf16(lines) ? 2 : 1;
}

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

/* What the first bytes say, and how many of them are a byte order mark. */
static enum tb_encoding tell_encoding(const uint8_t *data, size_t size, size_t *mark)
{
    const bool pair = size >= 4;
    *mark = 2;
    if (size >= 2 && data[0] == 0xff && data[1] == 0xfe)
        return TB_ENCODING_UTF16_LITTLE;
    if (size >= 2 && data[0] == 0xfe && data[1] == 0xff)
        return TB_ENCODING_UTF16_BIG;
    *mark = size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    if (pair && data[0] != 0 && data[1] == 0 && data[2] != 0 && data[3] == 0)
        return TB_ENCODING_UTF16_LITTLE;
    if (pair && data[0] == 0 && data[1] != 0 && data[2] == 0 && data[3] != 0)
        return TB_ENCODING_UTF16_BIG;
    return TB_ENCODING_BYTES;
}

static enum tb_status begin_stream(struct tb_lines *lines, struct tb_error *error)
{
    struct tb_reader *reader = &lines->reader;
    const enum tb_status status = tb_reader_need(reader, 4, error);
    if (status != TB_OK && status != TB_END)
        return status;
    size_t mark;
    lines->encoding = tell_encoding(reader->data, reader->available, &mark);
    lines->counted = &lines->account.skipped;
    count_as(lines, mark);
    if (!is_utf16(lines))
        return TB_OK;
    lines->letters = malloc(TB_LINE_LIMIT / 2);
    return lines->letters == NULL ? tb_error_memory(error, "a line of text") : TB_OK;
}

/* The first end of line in whole letters of the data, or NULL. */
static const uint8_t *search_end(const struct tb_lines *lines, const uint8_t *data, size_t size)
{
    if (!is_utf16(lines))
        return memchr(data, '\n', size);
    const bool big = lines->encoding == TB_ENCODING_UTF16_BIG;
    for (size_t i = 0; i + 2 <= size; i += 2)
        if (data[i + big] == '\n' && data[i + !big] == 0)
            return data + i;
    return NULL;
}

/* Moves behind the current line, whose rest may not be in the window yet. */
static enum tb_status pass_line(struct tb_lines *lines, struct tb_error *error)
{
    struct tb_reader *reader = &lines->reader;
    const size_t unit = unit_of(lines);
    for (;;) {
        const enum tb_status status = tb_reader_need(reader, unit, error);
        if (status == TB_END)
            count_as(lines, reader->available); /* half a letter */
        if (status != TB_OK)
            return status;
        const size_t whole = reader->available - reader->available % unit;
        const uint8_t *end = search_end(lines, reader->data, whole);
        count_as(lines, end == NULL ? whole : (size_t)(end - reader->data) + unit);
        if (end != NULL)
            return TB_OK;
    }
}

/* The end of the first line in the window, asking for more bytes up to the
 * limit; NULL when the line is longer or is the last without an end. */
static enum tb_status find_end(struct tb_lines *lines, const uint8_t **end, struct tb_error *error)
{
    struct tb_reader *reader = &lines->reader;
    const size_t unit = unit_of(lines);
    size_t searched = 0;
    *end = NULL;
    while (searched < TB_LINE_LIMIT) {
        const enum tb_status status = tb_reader_need(reader, searched + unit, error);
        if (status != TB_OK)
            return status;
        size_t limit = reader->available < TB_LINE_LIMIT ? reader->available : TB_LINE_LIMIT;
        limit -= limit % unit;
        *end = search_end(lines, reader->data + searched, limit - searched);
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

/* length <= TB_LINE_LIMIT; half a letter at its end is left out. */
static struct tb_text decode_utf16(struct tb_lines *lines, const uint8_t *data, size_t length)
{
    const bool big = lines->encoding == TB_ENCODING_UTF16_BIG;
    for (size_t i = 0; i < length / 2; i++) {
        const uint8_t low = data[2 * i + big];
        lines->letters[i] = low < 0x80 && data[2 * i + !big] == 0 ? (char)low : '?';
    }
    return (struct tb_text){.data = lines->letters, .length = length / 2};
}

static void give_line(struct tb_lines *lines, size_t length, bool whole)
{
    const struct tb_reader *reader = &lines->reader;
    lines->text = is_utf16(lines) ? decode_utf16(lines, reader->data, length)
                                  : (struct tb_text){.data = (const char *)reader->data, .length = length};
    if (lines->text.length > 0 && lines->text.data[lines->text.length - 1] == '\r')
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
    if (lines->encoding == TB_ENCODING_UNKNOWN)
        status = begin_stream(lines, error);
    if (lines->started)
        status = pass_line(lines, error);
    lines->started = false;
    const uint8_t *end = NULL;
    if (status == TB_OK)
        status = find_end(lines, &end, error);
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

enum tb_status tb_lines_next_whole(struct tb_lines *lines, struct tb_error *error)
{
    const enum tb_status status = tb_lines_next(lines, error);
    if (status != TB_OK || lines->whole)
        return status;
    tb_lines_cut(lines);
    return tb_lines_next(lines, error);
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
    free(lines->letters);
    lines->letters = NULL;
    tb_reader_finish(&lines->reader);
}

const char *tb_lines_name(const struct tb_lines *lines)
{
    return tb_source_name(lines->reader.source);
}
