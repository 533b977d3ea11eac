/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel_lines.h"

#include <ctype.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static enum kernel_line keep(struct kernel_line_reading *reading, struct tb_text time, struct tb_text message)
{
    tb_text_copy(tb_text_trim(time), reading->time, sizeof reading->time);
    tb_text_copy(tb_text_trim(message), reading->message, sizeof reading->message);
    return KERNEL_LINE_MESSAGE;
}

/* --- texts --- */

static bool begins_with_one_of(struct tb_text text, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (tb_text_starts_with(text, names[i]))
            return true;
    return false;
}

/* "123.456789", and of dmesg -d "123.456789 <    0.000001>" or "+0.000001" */
static bool is_since_start(struct tb_text time)
{
    double seconds;
    struct tb_text number;
    (void)tb_text_take_prefix(&time, "+");
    return tb_text_take_word(&time, &number) && memchr(number.data, '.', number.length) != NULL &&
           isdigit((unsigned char)number.data[0]) != 0 && tb_text_real(number, &seconds) &&
           (tb_text_trim(time).length == 0 || tb_text_starts_with(tb_text_trim(time), "<"));
}

/* "Mon Nov 23 10:00:00 2026" of dmesg -T, "Dec 1 04:51" of dmesg -H. Other programs add parts of a second. */
static bool is_date(struct tb_text time)
{
    static const char *const names[] = {"Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun ", "Jan ", "Feb ", "Mar ",
                                        "Apr ", "May ", "Jun ", "Jul ", "Aug ", "Sep ", "Oct ", "Nov ", "Dec "};
    return begins_with_one_of(time, names, sizeof names / sizeof names[0]) &&
           memchr(time.data, ':', time.length) != NULL && memchr(time.data, '.', time.length) == NULL;
}

/* "[   12.5][    T7] ...": who said it */
static void skip_caller(struct tb_text *text)
{
    struct tb_text rest = *text, caller;
    uint64_t number;
    if (!tb_text_take_prefix(&rest, "[") || !tb_text_take_until(&rest, ']', &caller) || rest.data == NULL)
        return;
    caller = tb_text_trim(caller);
    if ((tb_text_take_prefix(&caller, "T") || tb_text_take_prefix(&caller, "C")) && tb_text_u64(caller, &number))
        *text = rest;
}

static bool take_stamp(struct tb_text *text, struct tb_text *time)
{
    struct tb_text rest = *text;
    if (!tb_text_take_prefix(&rest, "[") || !tb_text_take_until(&rest, ']', time) || rest.data == NULL)
        return false;
    *time = tb_text_trim(*time);
    if (time->length >= TB_KERNEL_TIME_SIZE || (!is_since_start(*time) && !is_date(*time)))
        return false;
    skip_caller(&rest);
    *text = rest;
    return true;
}

/* "<6>" of dmesg -r, "kern  :info  : " of dmesg -x */
static struct tb_text behind_priority(struct tb_text text)
{
    struct tb_text rest = text, part;
    uint64_t number;
    if (tb_text_take_prefix(&rest, "<") && tb_text_take_until(&rest, '>', &part) && tb_text_u64(part, &number) &&
        rest.data != NULL)
        return rest;
    rest = text;
    if (tb_text_take_until(&rest, ':', &part) && tb_text_trim(part).length <= sizeof "syslog" &&
        tb_text_take_until(&rest, ':', &part) && rest.data != NULL && tb_text_starts_with(tb_text_trim(rest), "["))
        return tb_text_trim(rest);
    return text;
}

/* Moves text behind "... kernel: ", before which stand a time, given without the name of the host, and that. */
static bool take_sender(struct tb_text *text, struct tb_text *time)
{
    static const char sender[] = " kernel: ";
    const char *const found = memmem(text->data, text->length, sender, sizeof sender - 1);
    if (found == NULL)
        return false;
    const size_t length = (size_t)(found - text->data);
    size_t host = length;
    while (host > 0 && text->data[host - 1] != ' ')
        host--;
    *time = tb_text_trim((struct tb_text){text->data, host});
    *text = (struct tb_text){found + sizeof sender - 1, text->length - length - (sizeof sender - 1)};
    return true;
}

/* A system log's time: "Nov 22 10:00:00" or "2026-11-22T10:00:00.1+00:00". */
static bool is_log_time(struct tb_text time)
{
    return time.length > 0 && time.length < TB_KERNEL_TIME_SIZE && memchr(time.data, ':', time.length) != NULL &&
           (is_date(time) || isdigit((unsigned char)time.data[0]) != 0);
}

/* "2026-12-01T05:09:00,123456+00:00 ..." of dmesg --time-format iso */
static bool take_iso(struct tb_text *text, struct tb_text *time)
{
    struct tb_text rest = *text;
    if (!tb_text_take_word(&rest, time) || time->length < sizeof "2026-12-01T05:09:00,123456" - 1 ||
        time->data[4] != '-' || time->data[10] != 'T' || time->data[19] != ',')
        return false;
    *text = rest;
    return true;
}

static enum kernel_line read_text(struct kernel_line_reading *reading, struct tb_text line)
{
    struct tb_text text = behind_priority(line), time, own;
    if (take_stamp(&text, &time)) {
        struct tb_text rest = text;
        if (take_sender(&rest, &own) && own.length == 0) /* journalctl -o short-monotonic names the host */
            text = rest;
        return keep(reading, time, text);
    }
    if (take_iso(&text, &time))
        return keep(reading, time, text);
    if (!take_sender(&text, &time) || !is_log_time(time))
        return KERNEL_LINE_OTHER;
    text = tb_text_trim(text);
    if (take_stamp(&text, &own))
        time = own;
    return keep(reading, time, text);
}

/* --- JSON --- */

/* A text, or the bytes of one that is no UTF-8. */
static void copy_json_text(const json_t *value, char *text, size_t size)
{
    if (json_is_string(value)) {
        tb_text_copy((struct tb_text){json_string_value(value), json_string_length(value)}, text, size);
        return;
    }
    size_t length = 0;
    for (size_t i = 0; i < json_array_size(value) && length + 1 < size; i++) {
        const json_int_t byte = json_integer_value(json_array_get(value, i));
        text[length++] = byte >= ' ' && byte <= '~' ? (char)byte : '?';
    }
    text[length] = '\0';
}

/* As dmesg would say it. */
static void copy_microseconds(const json_t *entry, char time[TB_KERNEL_TIME_SIZE])
{
    static const char *const names[] = {"_SOURCE_MONOTONIC_TIMESTAMP", "__MONOTONIC_TIMESTAMP"};
    enum { SECOND = 1000000 };
    uint64_t number;
    time[0] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0] && time[0] == '\0'; i++) {
        const char *const text = json_string_value(json_object_get(entry, names[i]));
        if (text != NULL && tb_text_u64(tb_text_of(text), &number))
            snprintf(time, TB_KERNEL_TIME_SIZE, "%" PRIu64 ".%06" PRIu64, number / SECOND, number % SECOND);
    }
}

static bool is_of_kernel(const json_t *entry)
{
    const char *const transport = json_string_value(json_object_get(entry, "_TRANSPORT"));
    const char *const name = json_string_value(json_object_get(entry, "SYSLOG_IDENTIFIER"));
    return transport != NULL ? strcmp(transport, "kernel") == 0 : name == NULL || strcmp(name, "kernel") == 0;
}

/* A line of journalctl -o json is an entry. */
static enum kernel_line read_entry(struct kernel_line_reading *reading, struct tb_text line)
{
    json_t *entry = json_loadb(line.data, line.length, 0, NULL);
    if (entry == NULL)
        return KERNEL_LINE_BROKEN;
    const json_t *const message = json_object_get(entry, "MESSAGE");
    const bool ours = message != NULL && is_of_kernel(entry);
    if (ours) {
        copy_microseconds(entry, reading->time);
        copy_json_text(message, reading->message, sizeof reading->message);
    }
    json_decref(entry);
    return ours ? KERNEL_LINE_MESSAGE : KERNEL_LINE_OTHER;
}

static enum kernel_line read_pretty(struct kernel_line_reading *reading, struct tb_text line)
{
    struct tb_text text = line;
    reading->closed = tb_text_equals(line, "}");
    if (tb_text_take_prefix(&text, "\"time\":")) {
        (void)tb_text_take_suffix(&text, ",");
        tb_text_copy(tb_text_trim(text), reading->time, sizeof reading->time);
    }
    if (!tb_text_take_prefix(&text, "\"msg\":"))
        return KERNEL_LINE_FRAME;
    text = tb_text_trim(text);
    json_t *message = json_loadb(text.data, text.length, JSON_DECODE_ANY, NULL);
    if (!json_is_string(message)) {
        json_decref(message);
        return KERNEL_LINE_BROKEN;
    }
    copy_json_text(message, reading->message, sizeof reading->message);
    json_decref(message);
    return KERNEL_LINE_MESSAGE;
}

enum kernel_line tb_kernel_line_read(struct kernel_line_reading *reading, struct tb_text line)
{
    const struct tb_text text = tb_text_trim(line);
    if (tb_text_starts_with(text, "\"dmesg\":"))
        reading->pretty = true;
    if (reading->pretty)
        return read_pretty(reading, text);
    /* What journalctl says around entries, and what twinbed-record begins a log with. */
    if (tb_text_starts_with(text, "-- ") || tb_text_starts_with(text, "# kernel log"))
        return KERNEL_LINE_FRAME;
    if (tb_text_starts_with(text, "{\""))
        return read_entry(reading, text);
    return read_text(reading, text);
}
