/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/app/kernel_log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kernel_events.h"
#include "kernel_lines.h"
#include "twinbed/base/containers.h"
#include "twinbed/io/lines.h"

struct kernel_log_file {
    struct tb_lines lines;
    struct kernel_line_reading reading;
    struct tb_kernel_log log;
    size_t capacity;
    bool known; /* a line is a kernel's */
    uint64_t broken;
    uint64_t first_broken; /* its offset */
};

bool tb_kernel_log_recognise(const uint8_t *data, size_t size)
{
    struct tb_text rest = {(const char *)data, size}, line;
    struct kernel_line_reading reading = {.pretty = false};
    while (tb_text_take_until(&rest, '\n', &line)) {
        const struct tb_text text = tb_text_trim(line);
        if (text.length == 0 || tb_text_equals(text, "{")) /* of JSON the next line tells more */
            continue;
        const enum kernel_line found = tb_kernel_line_read(&reading, text);
        if (found != KERNEL_LINE_FRAME || reading.pretty || text.data[0] == '#')
            return found == KERNEL_LINE_MESSAGE || found == KERNEL_LINE_FRAME;
    }
    return false;
}

static bool add_event(struct kernel_log_file *file, enum tb_kernel_event_kind kind)
{
    struct tb_kernel_log *const log = &file->log;
    log->counts[kind]++;
    if (log->event_count == TB_KERNEL_EVENTS_MOST)
        return true;
    if (!tb_array_reserve(&log->events, &file->capacity, log->event_count + 1, sizeof *log->events))
        return false;
    struct tb_kernel_event *const event = &log->events[log->event_count++];
    *event = (struct tb_kernel_event){.kind = kind};
    tb_text_copy(tb_text_of(file->reading.time), event->time, sizeof event->time);
    tb_text_copy(tb_text_of(file->reading.message), event->text, sizeof event->text);
    return true;
}

static bool take_message(struct kernel_log_file *file)
{
    const struct tb_text message = tb_text_of(file->reading.message);
    enum tb_kernel_event_kind kind;
    file->log.messages++;
    file->log.from_start = file->log.from_start || tb_text_starts_with(message, "Linux version ");
    return !tb_kernel_event_find(message, &kind) || add_event(file, kind);
}

static void note_broken(struct kernel_log_file *file)
{
    if (file->broken++ == 0)
        file->first_broken = file->lines.offset;
    file->lines.counted = &file->lines.account.damaged;
}

static bool take_line(struct kernel_log_file *file)
{
    if (tb_text_trim(file->lines.text).length == 0)
        return true;
    if (!file->lines.whole && !file->reading.pretty) {
        tb_lines_cut(&file->lines);
        return true;
    }
    const enum kernel_line line = tb_kernel_line_read(&file->reading, file->lines.text);
    if (line == KERNEL_LINE_BROKEN)
        note_broken(file);
    if (line != KERNEL_LINE_MESSAGE && line != KERNEL_LINE_FRAME)
        return true;
    file->known = true;
    tb_lines_take(&file->lines);
    return line == KERNEL_LINE_FRAME || take_message(file);
}

/* Whether dmesg wrote all, and what no journal wrote. */
static void judge_end(struct kernel_log_file *file)
{
    struct tb_lines *const lines = &file->lines;
    if (file->broken > 0)
        tb_account_damage(&lines->account, TB_DAMAGE_CORRUPT, file->first_broken,
                          "%s: %" PRIu64 " lines begin as JSON and are none", tb_lines_name(lines), file->broken);
    if (file->reading.pretty && !file->reading.closed)
        tb_account_damage(&lines->account, TB_DAMAGE_TRUNCATED, lines->reader.offset,
                          "%s: the JSON of dmesg is cut off", tb_lines_name(lines));
}

static enum tb_status read_lines(struct kernel_log_file *file, struct tb_error *error)
{
    enum tb_status status;
    struct tb_lines *const lines = &file->lines;
    while ((status = tb_lines_next(lines, error)) == TB_OK) {
        if (!take_line(file))
            return tb_error_memory(error, "a kernel log");
        if (!file->known && lines->offset > TB_RECOGNITION_LIMIT)
            break;
    }
    if (status != TB_OK && status != TB_END)
        return status;
    if (lines->number == 0)
        return tb_lines_explain_nothing(lines, error);
    if (!file->known && lines->account.damage == TB_DAMAGE_NONE)
        return tb_error_set(error, TB_UNSUPPORTED, "%s: no line of a kernel log with its time (dmesg, journalctl -k)",
                            tb_lines_name(lines));
    judge_end(file);
    return TB_OK;
}

enum tb_status tb_kernel_log_read(struct tb_source *source, struct tb_kernel_log *log, struct tb_error *error)
{
    struct kernel_log_file file = {.known = false};
    enum tb_status status = tb_lines_start(&file.lines, source, error);
    if (status != TB_OK)
        return status;
    status = read_lines(&file, error);
    tb_lines_finish(&file.lines, status == TB_OK ? &file.log.account : NULL);
    if (status == TB_OK)
        *log = file.log;
    else
        tb_kernel_log_free(&file.log);
    return status;
}

void tb_kernel_log_free(struct tb_kernel_log *log)
{
    free(log->events);
    log->events = NULL;
    log->event_count = 0;
}

#define NAME(enumerator, word, meaning) [enumerator] = #word,

const char *tb_kernel_event_name(enum tb_kernel_event_kind kind)
{
    static const char *const names[TB_KERNEL_EVENT_KINDS] = {TB_KERNEL_EVENTS(NAME)};
    return names[kind];
}

uint64_t tb_kernel_log_resets(const struct tb_kernel_log *log)
{
    const uint64_t resets = log->counts[TB_KERNEL_ADAPTER_RESET], timeouts = log->counts[TB_KERNEL_TRANSMIT_TIMEOUT];
    return resets > timeouts ? resets : timeouts;
}

static void describe_event(struct tb_archive *archive, struct tb_kernel_event *event)
{
    tb_archive_enum(archive, &event->kind, TB_KERNEL_EVENT_KINDS);
    tb_archive_short_text(archive, event->time, sizeof event->time);
    tb_archive_short_text(archive, event->text, sizeof event->text);
}

static void describe_log(struct tb_archive *archive, struct tb_kernel_log *log)
{
    enum { PACKED_EVENT = 3 };
    tb_account_describe(archive, &log->account);
    tb_archive_u64(archive, &log->messages);
    tb_archive_bool(archive, &log->from_start);
    for (size_t i = 0; i < TB_KERNEL_EVENT_KINDS; i++)
        tb_archive_u64(archive, &log->counts[i]);
    tb_archive_array(archive, &log->events, &log->event_count, sizeof *log->events, PACKED_EVENT);
    tb_archive_require(archive, log->event_count <= TB_KERNEL_EVENTS_MOST);
    for (size_t i = 0; i < log->event_count && !archive->failed; i++)
        describe_event(archive, &log->events[i]);
}

TB_ARCHIVE_OWNER_FUNCTIONS(tb_kernel_log, describe_log, tb_kernel_log_free)
