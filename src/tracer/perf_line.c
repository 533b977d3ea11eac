/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "perf_line.h"

#include <string.h>

/* What is left of the line. */
struct rest {
    const uint8_t *at, *end;
};

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static void skip_blanks(struct rest *rest)
{
    while (rest->at < rest->end && (*rest->at == ' ' || *rest->at == '\t'))
        rest->at++;
}

static bool take(struct rest *rest, const char *text)
{
    const size_t size = strlen(text);
    if ((size_t)(rest->end - rest->at) < size || memcmp(rest->at, text, size) != 0)
        return false;
    rest->at += size;
    return true;
}

/* At least one digit; false also when it does not fit. */
static bool take_digits(struct rest *rest, uint64_t *value)
{
    const uint8_t *const begin = rest->at;
    *value = 0;
    while (rest->at < rest->end && is_digit(*rest->at))
        if (__builtin_mul_overflow(*value, (uint64_t)10, value) ||
            __builtin_add_overflow(*value, (uint64_t)(*rest->at++ - '0'), value))
            return false;
    return rest->at > begin;
}

static bool take_number(struct rest *rest, int64_t *value)
{
    const bool minus = take(rest, "-");
    uint64_t digits;
    if (!take_digits(rest, &digits) || digits > (uint64_t)INT64_MAX)
        return false;
    *value = minus ? -(int64_t)digits : (int64_t)digits;
    return true;
}

static bool take_hexadecimal(struct rest *rest, uint64_t *value)
{
    const uint8_t *const begin = rest->at;
    *value = 0;
    for (; rest->at < rest->end; rest->at++) {
        const uint8_t byte = *rest->at | 0x20;
        const bool letter = byte >= 'a' && byte <= 'f';
        if (!is_digit(*rest->at) && !letter)
            break;
        if (*value >> 60 != 0)
            return false;
        *value = *value << 4 | (uint64_t)(letter ? byte - 'a' + 10 : *rest->at - '0');
    }
    return rest->at > begin;
}

static struct scap_text without_blanks(struct scap_text text)
{
    while (text.size > 0 && text.data[text.size - 1] == ' ')
        text.size--;
    return text;
}

/* "pid/tid [cpu]", or "tid [cpu]". */
static bool take_ids(struct rest *rest, struct perf_line *line)
{
    uint64_t cpu;
    if (!take_number(rest, &line->tid))
        return false;
    line->pid = line->tid;
    line->has_pid = take(rest, "/");
    if (line->has_pid && !take_number(rest, &line->tid))
        return false;
    skip_blanks(rest);
    return take(rest, "[") && take_digits(rest, &cpu) && take(rest, "]");
}

/* A comm goes on up to the first blank behind which the ids are. */
static bool take_comm(struct rest *rest, struct perf_line *line)
{
    skip_blanks(rest);
    const uint8_t *const begin = rest->at;
    for (const uint8_t *at = begin; at + 1 < rest->end; at++) {
        struct rest ids = {at + 1, rest->end};
        if (at[0] != ' ' || !(is_digit(at[1]) || at[1] == '-') || !take_ids(&ids, line))
            continue;
        line->comm = without_blanks((struct scap_text){begin, (size_t)(at - begin)});
        *rest = ids;
        return true;
    }
    return false;
}

/* "4662.660891846:", with three to nine digits behind the point. */
static bool take_time(struct rest *rest, uint64_t *time)
{
    uint64_t seconds, fraction;
    skip_blanks(rest);
    if (!take_digits(rest, &seconds) || seconds > UINT64_MAX / 2000000000 || !take(rest, "."))
        return false;
    const uint8_t *const begin = rest->at;
    if (!take_digits(rest, &fraction) || rest->at - begin > 9 || !take(rest, ":"))
        return false;
    for (ptrdiff_t digits = rest->at - 1 - begin; digits < 9; digits++)
        fraction *= 10;
    *time = seconds * 1000000000 + fraction;
    return true;
}

static enum perf_line_kind take_enter(struct rest *rest, struct perf_line *line)
{
    if (!take(rest, "NR ") || !take_number(rest, &line->number) || !take(rest, " ("))
        return PERF_BROKEN;
    for (unsigned i = 0; i < PERF_ARGUMENTS; i++)
        if ((i > 0 && !take(rest, ", ")) || !take_hexadecimal(rest, &line->arguments[i]))
            return PERF_BROKEN;
    return take(rest, ")") ? PERF_ENTER : PERF_BROKEN;
}

static enum perf_line_kind take_exit(struct rest *rest, struct perf_line *line)
{
    return take(rest, "NR ") && take_number(rest, &line->number) && take(rest, " = ") &&
                   take_number(rest, &line->result)
               ? PERF_EXIT
               : PERF_BROKEN;
}

/* To behind the last place of text. */
static bool find_last(struct rest *rest, const char *text)
{
    const size_t size = strlen(text), left = (size_t)(rest->end - rest->at);
    for (size_t at = left < size ? 0 : left - size + 1; at-- > 0;)
        if (memcmp(rest->at + at, text, size) == 0) {
            rest->at += at + size;
            return true;
        }
    return false;
}

static enum perf_line_kind take_fork(struct rest *rest, struct perf_line *line)
{
    return find_last(rest, " child_pid=") && take_number(rest, &line->other) ? PERF_FORK : PERF_BROKEN;
}

static enum perf_line_kind take_execute(struct rest *rest, struct perf_line *line)
{
    if (!take(rest, "filename="))
        return PERF_BROKEN;
    struct rest old = *rest, pid = *rest;
    if (!find_last(&old, " old_pid=") || !take_number(&old, &line->other) || !find_last(&pid, " pid="))
        return PERF_BROKEN;
    line->text = (struct scap_text){rest->at, (size_t)(pid.at - strlen(" pid=") - rest->at)};
    return PERF_EXECUTE;
}

static enum perf_line_kind take_event(struct rest *rest, struct perf_line *line)
{
    skip_blanks(rest);
    if (take(rest, "raw_syscalls:sys_enter: "))
        return take_enter(rest, line);
    if (take(rest, "raw_syscalls:sys_exit: "))
        return take_exit(rest, line);
    if (take(rest, "sched:sched_process_fork: "))
        return take_fork(rest, line);
    if (take(rest, "sched:sched_process_exec: "))
        return take_execute(rest, line);
    if (take(rest, "sched:sched_process_exit: "))
        return PERF_LEAVE;
    if (take(rest, "sched:sched_switch: "))
        return PERF_SWITCH;
    return take(rest, "PERF_RECORD_LOST") ? PERF_LOST : PERF_NOTE;
}

static enum perf_line_kind take_header(struct rest *rest, struct perf_line *line)
{
    if (!take(rest, "# arch : "))
        return PERF_NOTE;
    line->text = without_blanks((struct scap_text){rest->at, (size_t)(rest->end - rest->at)});
    return PERF_MACHINE;
}

void tb_perf_line_parse(const uint8_t *data, size_t size, struct perf_line *line)
{
    struct rest rest = {data, data + size};
    *line = (struct perf_line){.kind = PERF_BROKEN};
    if (size == 0 || data[0] == '#')
        line->kind = take_header(&rest, line);
    else if (take_comm(&rest, line) && take_time(&rest, &line->time))
        line->kind = take_event(&rest, line);
}
