/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tracer_text.h"

#include <stdlib.h>

#include "perf_calls.h"
#include "strace_calls.h"

enum { ALONE = 1 }; /* the tid of a process that was traced without -f and has none in the text */

static const uint64_t day = UINT64_C(86400) * 1000000000;

void tb_tracer_text_free(struct tracer_text *text)
{
    if (text == NULL)
        return;
    tb_traced_threads_free(&text->threads);
    free(text);
}

/* What a line became. */
enum line_use { LINE_TAKEN, LINE_PASSED, LINE_BROKEN };

/* One program whose texts are read. */
struct tracer {
    const char *name;
    /* Whether a line is one of its own, and tells something that no other text would: it is known, it is not known,
     * or it is broken. */
    enum line_use (*recognise)(const uint8_t *data, size_t size);
    /* Takes the line that the reader's window begins with, line_size bytes of it. whole: it has its newline. */
    enum tb_status (*take)(struct tracer_text *text, bool whole, enum line_use *use, struct tb_error *error);
};

/* --- strace --- */

/* Lines of calls that Linux has; anybody may write "f(x) = 1". */
static bool is_known(const struct strace_line *line)
{
    char name[TRACED_NAME_SIZE] = "";
    if (line->name.size == 0 || line->name.size >= sizeof name)
        return false;
    memcpy(name, line->name.data, line->name.size);
    return tb_call_find(name) != TB_CALL_NONE;
}

static enum line_use recognise_strace(const uint8_t *data, size_t size)
{
    struct strace_line line;
    tb_strace_line_parse(data, size, &line);
    return line.kind == STRACE_BROKEN ? LINE_BROKEN : is_known(&line) ? LINE_TAKEN : LINE_PASSED;
}

/* Times of the day begin again at midnight. Files that were put in the order of such times were not in order then. */
static void note_time(struct tracer_text *text, const struct strace_line *line)
{
    if (!line->timed)
        return;
    const bool midnight = line->of_day && line->time + text->midnights + day / 2 < text->time;
    if (midnight)
        text->midnights += day;
    const uint64_t time = line->time + (line->of_day ? text->midnights : 0);
    text->backwards +=
        time < text->time || (midnight && tb_source_compression(text->reader->source) == TB_COMPRESSION_MERGED);
    text->time = time;
}

/* A last line without an end may have lost part of its result, unless it goes beyond that. */
static bool is_cut(const struct strace_line *line, bool whole)
{
    return !whole && !line->measured && line->kind != STRACE_LEAVE;
}

static bool ends_as_cut(const uint8_t *data, size_t size)
{
    const size_t mark = sizeof STRACE_CUT - 1;
    return size >= mark && memcmp(data + size - mark, STRACE_CUT, mark) == 0;
}

static void parse_strace(struct tracer_text *text, bool whole, struct strace_line *line)
{
    const uint8_t *const data = text->reader->data;
    size_t size = text->line_size - whole;
    if (whole && ends_as_cut(data, size)) {
        size -= sizeof STRACE_CUT - 1;
        whole = false;
    }
    tb_strace_line_parse(data, size, line);
    if (is_cut(line, whole))
        line->kind = STRACE_BROKEN;
}

static enum tb_status take_strace(struct tracer_text *text, bool whole, enum line_use *use, struct tb_error *error)
{
    struct strace_line line;
    parse_strace(text, whole, &line);
    if (text->reader->available < TRACER_AHEAD && tb_strace_looks_ahead(text, &line)) {
        const enum tb_status status = tb_reader_need(text->reader, TRACER_AHEAD, error);
        if (status != TB_OK && status != TB_END)
            return status;
        parse_strace(text, whole, &line);
    }
    *use = line.kind == STRACE_BROKEN ? LINE_BROKEN : line.kind == STRACE_NOTE ? LINE_PASSED : LINE_TAKEN;
    note_time(text, &line);
    return *use == LINE_BROKEN ? TB_OK : tb_strace_take_line(text, &line, error);
}

/* --- perf --- */

/* The header may be longer than what is looked at; no other text tells the processor so. */
static enum line_use recognise_perf(const uint8_t *data, size_t size)
{
    struct perf_line line;
    tb_perf_line_parse(data, size, &line);
    switch (line.kind) {
    case PERF_BROKEN:
        return LINE_BROKEN;
    case PERF_ENTER:
    case PERF_EXIT:
    case PERF_MACHINE:
        return LINE_TAKEN;
    default:
        return LINE_PASSED;
    }
}

/* A number at the end of a last line without a newline may lack digits. */
static enum tb_status take_perf(struct tracer_text *text, bool whole, enum line_use *use, struct tb_error *error)
{
    struct perf_line line;
    tb_perf_line_parse(text->reader->data, text->line_size - whole, &line);
    *use = !whole || line.kind == PERF_BROKEN                    ? LINE_BROKEN
           : line.kind == PERF_NOTE || line.kind == PERF_MACHINE ? LINE_PASSED
                                                                 : LINE_TAKEN;
    return *use == LINE_BROKEN ? TB_OK : tb_perf_take_line(text, &line, error);
}

/* --- either --- */

static const struct tracer tracers[TRACER_KINDS] = {
    [TRACER_STRACE] = {"strace", recognise_strace, take_strace},
    [TRACER_PERF] = {"perf script", recognise_perf, take_perf},
};

/* Whether more lines are known to be of the tracer than cannot be. The last one may be cut. */
static bool is_of(const struct tracer *tracer, const uint8_t *data, size_t size)
{
    const uint8_t *const end = data + (size < TRACER_LOOKED_AT ? size : TRACER_LOOKED_AT);
    size_t known = 0, broken = 0;
    while (data < end) {
        const uint8_t *const newline = memchr(data, '\n', (size_t)(end - data));
        const enum line_use use = tracer->recognise(data, (size_t)((newline == NULL ? end : newline) - data));
        broken += use == LINE_BROKEN && newline != NULL;
        known += use == LINE_TAKEN;
        data = newline == NULL ? end : newline + 1;
    }
    return known > 0 && known > broken;
}

/* TRACER_KINDS when it is of none. */
static enum tracer_kind find_tracer(const uint8_t *data, size_t size)
{
    enum tracer_kind kind = 0;
    while (kind < TRACER_KINDS && !is_of(&tracers[kind], data, size))
        kind++;
    return kind;
}

bool tb_tracer_recognise(const uint8_t *data, size_t size)
{
    return find_tracer(data, size) < TRACER_KINDS;
}

struct tracer_text *tb_tracer_text_start(struct tb_reader *reader, struct tb_account *account,
                                         const struct tracer_sink *sink)
{
    struct tracer_text *const text = calloc(1, sizeof *text);
    if (text == NULL)
        return NULL;
    text->reader = reader;
    text->account = account;
    text->sink = sink;
    text->tid = ALONE;
    text->kind = find_tracer(reader->data, reader->available);
    if (text->kind == TRACER_KINDS)
        text->kind = TRACER_STRACE;
    tb_traced_calls_init(&text->calls);
    return text;
}

/* Finds where the line ends that the window begins with. *size: with its newline, if it has one. */
static enum tb_status find_line(struct tracer_text *text, bool *whole, struct tb_error *error)
{
    struct tb_reader *const reader = text->reader;
    size_t searched = 0;
    for (;;) {
        const size_t left = reader->available - searched;
        const uint8_t *const newline = left == 0 ? NULL : memchr(reader->data + searched, '\n', left);
        *whole = newline != NULL;
        text->line_size = *whole ? (size_t)(newline - reader->data) + 1 : reader->available;
        if (*whole || reader->available >= TRACER_LINE_MOST)
            return TB_OK;
        searched = reader->available;
        const enum tb_status status = tb_reader_need(reader, reader->available + 1, error);
        if (status == TB_END && reader->available > 0 && reader->available == searched)
            return TB_OK;
        if (status != TB_OK && reader->available == searched)
            return status;
    }
}

/* The stream is at its end; says so when it should not be, and what was broken before. */
static enum tb_status finish(struct tracer_text *text, struct tb_error *error)
{
    const struct tb_reader *const reader = text->reader;
    const char *const name = tb_source_name(reader->source);
    const enum tb_status end = reader->stream_status;
    if (text->broken > 0 && text->broken_at_end && end == TB_END)
        tb_account_damage(text->account, TB_DAMAGE_TRUNCATED, text->broken_offset,
                          "%s ends inside the line at offset %llu", name, (unsigned long long)text->broken_offset);
    else if (text->broken > 0 && !text->broken_at_end)
        tb_account_damage(text->account, TB_DAMAGE_CORRUPT, text->broken_offset,
                          "%s: %llu lines are cut or none of %s's, the first at offset %llu", name,
                          (unsigned long long)text->broken, tracers[text->kind].name,
                          (unsigned long long)text->broken_offset);
    if (end == TB_END)
        return TB_END;
    if (end != TB_TRUNCATED && end != TB_CORRUPT) {
        if (error != NULL)
            *error = reader->stream_error;
        return end;
    }
    tb_account_damage(text->account, end == TB_TRUNCATED ? TB_DAMAGE_TRUNCATED : TB_DAMAGE_CORRUPT, reader->offset,
                      "%s", reader->stream_error.text);
    return TB_END;
}

/* A line of which nothing is known: events may be lost. */
static void lose_line(struct tracer_text *text, bool whole)
{
    if (text->broken++ == 0) {
        text->broken_offset = text->reader->offset;
        text->broken_at_end = !whole;
    }
    text->sink->lost(text->sink->context);
}

/* Passes the rest of a line that is too long to be held. */
static enum tb_status pass_long_line(struct tracer_text *text, struct tb_error *error)
{
    bool whole = false;
    lose_line(text, true);
    while (!whole) {
        const enum tb_status status = find_line(text, &whole, error);
        if (status != TB_OK)
            return status == TB_END ? finish(text, error) : status;
        text->account->damaged += text->line_size;
        tb_reader_pass(text->reader, text->line_size);
    }
    return TB_OK;
}

enum tb_status tb_tracer_text_take_line(struct tracer_text *text, struct tb_error *error)
{
    enum line_use use = LINE_BROKEN;
    bool whole;
    enum tb_status status = find_line(text, &whole, error);
    if (status != TB_OK)
        return status == TB_END ? finish(text, error) : status;
    if (!whole && text->line_size >= TRACER_LINE_MOST)
        return pass_long_line(text, error);
    status = tracers[text->kind].take(text, whole, &use, error);
    if (status != TB_OK)
        return status;
    if (use == LINE_BROKEN)
        lose_line(text, whole);
    *(use == LINE_BROKEN   ? &text->account->damaged
      : use == LINE_PASSED ? &text->account->skipped
                           : &text->account->decoded) += text->line_size;
    tb_reader_pass(text->reader, text->line_size);
    return TB_OK;
}
