/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts of load generators: where in which line each number stands. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "workload_sources.h"

enum { WORDS_MOST = 24 };

enum kind {
    COUNT,      /* a whole number, which becomes that count */
    ADD,        /* likewise, added to it */
    REAL,       /* a number */
    SPAN_S,     /* a time with its unit, in seconds */
    SPAN_MS,    /* likewise, in milliseconds */
    SECONDS_MS, /* a number of seconds, in milliseconds */
    MICROS_MS,  /* a number of microseconds, in milliseconds */
    SIZE_KIB,   /* bytes with their unit, in KiB */
    ADDRESS,    /* a URL */
    RECEIVED,   /* of what was sent: the rest failed */
    STATUS,     /* "[404] 3 responses" */
    ERRORS      /* "[3] what": behind the heading of errors */
};

/* A number of a tool: the word in lines that begin with `begins` and have `inside` in them. Words are counted from 0, or with
 * LAST from the end. With percent, the word there is the percentage, and the number that percentile. */
enum { LAST = -1, NO_PERCENT = -1 };
struct row {
    enum tb_tool tool;
    const char *begins, *inside;
    int word;
    enum kind kind;
    size_t target; /* a count, or the offset of a double */
    int percent;
};

#define IN(member) offsetof(struct tb_apachebench, member), NO_PERCENT
#define OF(count) TB_AB_##count, NO_PERCENT
#define PERCENT(word) 0, word

static const struct row rows[] = {
    {TB_TOOL_WRK, "Running ", " test @ ", 4, ADDRESS, 0, NO_PERCENT},
    {TB_TOOL_WRK, "", " threads and ", 3, COUNT, OF(CONCURRENCY)},
    {TB_TOOL_WRK, "Latency ", "%", 1, SPAN_MS, IN(time_per_request_ms)},
    {TB_TOOL_WRK, "Latency ", "%", 1, SPAN_MS, IN(total.mean)},
    {TB_TOOL_WRK, "Latency ", "%", 2, SPAN_MS, IN(total.deviation)},
    {TB_TOOL_WRK, "Latency ", "%", 3, SPAN_MS, IN(total.maximum)},
    {TB_TOOL_WRK, "Latency ", "%", 3, SPAN_MS, IN(percentile_ms[TB_AB_PERCENTILES - 1])},
    {TB_TOOL_WRK, "", "%", 1, SPAN_MS, PERCENT(0)},
    {TB_TOOL_WRK, "", " requests in ", 0, COUNT, OF(COMPLETE)},
    {TB_TOOL_WRK, "", " requests in ", 3, SPAN_S, IN(time_taken_s)},
    {TB_TOOL_WRK, "Socket errors:", "", 3, ADD, OF(FAILED)},
    {TB_TOOL_WRK, "Socket errors:", "", 5, ADD, OF(FAILED)},
    {TB_TOOL_WRK, "Socket errors:", "", 7, ADD, OF(FAILED)},
    {TB_TOOL_WRK, "Socket errors:", "", 9, ADD, OF(FAILED)},
    {TB_TOOL_WRK, "Non-2xx or 3xx responses:", "", 4, COUNT, OF(NON_2XX)},
    {TB_TOOL_WRK, "Requests/sec:", "", 1, REAL, IN(requests_per_second)},
    {TB_TOOL_WRK, "Transfer/sec:", "", 1, SIZE_KIB, IN(transfer_kib_s)},

    {TB_TOOL_H2LOAD, "spawning thread #", " total client", 3, ADD, OF(CONCURRENCY)},
    {TB_TOOL_H2LOAD, "finished in ", " req/s", 2, SPAN_S, IN(time_taken_s)},
    {TB_TOOL_H2LOAD, "finished in ", " req/s", 3, REAL, IN(requests_per_second)},
    {TB_TOOL_H2LOAD, "finished in ", " req/s", 5, SIZE_KIB, IN(transfer_kib_s)},
    {TB_TOOL_H2LOAD, "requests: ", " done,", 5, COUNT, OF(COMPLETE)},
    {TB_TOOL_H2LOAD, "requests: ", " errored,", 11, COUNT, OF(FAILED)},
    {TB_TOOL_H2LOAD, "status codes:", "", 4, ADD, OF(NON_2XX)},
    {TB_TOOL_H2LOAD, "status codes:", "", 6, ADD, OF(NON_2XX)},
    {TB_TOOL_H2LOAD, "status codes:", "", 8, ADD, OF(NON_2XX)},
    {TB_TOOL_H2LOAD, "traffic: ", " total,", 2, COUNT, OF(TOTAL_BYTES)},
    {TB_TOOL_H2LOAD, "time for request:", "", 3, SPAN_MS, IN(total.minimum)},
    {TB_TOOL_H2LOAD, "time for request:", "", 4, SPAN_MS, IN(total.maximum)},
    {TB_TOOL_H2LOAD, "time for request:", "", 4, SPAN_MS, IN(percentile_ms[TB_AB_PERCENTILES - 1])},
    {TB_TOOL_H2LOAD, "time for request:", "", 5, SPAN_MS, IN(total.mean)},
    {TB_TOOL_H2LOAD, "time for request:", "", 5, SPAN_MS, IN(time_per_request_ms)},
    {TB_TOOL_H2LOAD, "time for request:", "", 6, SPAN_MS, IN(total.deviation)},
    {TB_TOOL_H2LOAD, "time for connect:", "", 3, SPAN_MS, IN(connect.minimum)},
    {TB_TOOL_H2LOAD, "time for connect:", "", 4, SPAN_MS, IN(connect.maximum)},
    {TB_TOOL_H2LOAD, "time for connect:", "", 5, SPAN_MS, IN(connect.mean)},

    {TB_TOOL_HEY, "Total:", "secs", 1, REAL, IN(time_taken_s)},
    {TB_TOOL_HEY, "Slowest:", "secs", 1, SECONDS_MS, IN(total.maximum)},
    {TB_TOOL_HEY, "Slowest:", "secs", 1, SECONDS_MS, IN(percentile_ms[TB_AB_PERCENTILES - 1])},
    {TB_TOOL_HEY, "Fastest:", "secs", 1, SECONDS_MS, IN(total.minimum)},
    {TB_TOOL_HEY, "Average:", "secs", 1, SECONDS_MS, IN(total.mean)},
    {TB_TOOL_HEY, "Average:", "secs", 1, SECONDS_MS, IN(time_per_request_ms)},
    {TB_TOOL_HEY, "Requests/sec:", "", 1, REAL, IN(requests_per_second)},
    {TB_TOOL_HEY, "Total data:", "bytes", 2, COUNT, OF(HTML_BYTES)},
    {TB_TOOL_HEY, "", "% in ", 2, SECONDS_MS, PERCENT(0)},
    {TB_TOOL_HEY, "[", "]", 0, ERRORS, 0, NO_PERCENT},
    {TB_TOOL_HEY, "[", " responses", 1, STATUS, 0, NO_PERCENT},

    {TB_TOOL_SOCKPERF, "sockperf: [Valid Duration]", "", 3, REAL, IN(time_taken_s)},
    {TB_TOOL_SOCKPERF, "sockperf: [Valid Duration]", "", 5, COUNT, OF(COMPLETE)},
    {TB_TOOL_SOCKPERF, "sockperf: # dropped messages", "", 5, COUNT, OF(FAILED)},
    {TB_TOOL_SOCKPERF, "sockperf:", "avg-latency=", 2, MICROS_MS, IN(total.mean)},
    {TB_TOOL_SOCKPERF, "sockperf:", "avg-latency=", 2, MICROS_MS, IN(time_per_request_ms)},
    {TB_TOOL_SOCKPERF, "sockperf: ---> <MAX>", "", 5, MICROS_MS, IN(percentile_ms[TB_AB_PERCENTILES - 1])},
    {TB_TOOL_SOCKPERF, "sockperf: ---> percentile ", "", 5, MICROS_MS, PERCENT(3)},

    {TB_TOOL_PING, "", " packets transmitted, ", 0, COUNT, OF(COMPLETE)},
    {TB_TOOL_PING, "", " packets transmitted, ", 3, RECEIVED, 0, NO_PERCENT},
    {TB_TOOL_PING, "", " packets transmitted, ", LAST, SPAN_S, IN(time_taken_s)},
    {TB_TOOL_PING, "rtt min/avg/max/", "", 3, REAL, IN(total.minimum)},
    {TB_TOOL_PING, "rtt min/avg/max/", "", 4, REAL, IN(total.mean)},
    {TB_TOOL_PING, "rtt min/avg/max/", "", 4, REAL, IN(time_per_request_ms)},
    {TB_TOOL_PING, "rtt min/avg/max/", "", 5, REAL, IN(total.maximum)},
    {TB_TOOL_PING, "rtt min/avg/max/", "", 5, REAL, IN(percentile_ms[TB_AB_PERCENTILES - 1])},
};

struct reading {
    struct tb_lines *lines;
    struct tb_apachebench *result;
    struct tb_text words[WORDS_MOST];
    int word_count;
    bool among_errors; /* of hey */
};

/* "200 total," "(425396)" "SentMessages=20843;": numbers without what stands about them. "0.034/0.040/0.050" are three. */
static void split_words(struct reading *reading)
{
    struct tb_text rest = reading->lines->text;
    struct tb_text word;
    reading->word_count = 0;
    while (reading->word_count < WORDS_MOST && tb_text_take_word(&rest, &word)) {
        struct tb_text part;
        if (word.length > 1 && memchr(word.data, '=', word.length - 1) != NULL)
            (void)tb_text_take_until(&word, '=', &part);
        const bool slashed = reading->result->tool == TB_TOOL_PING && reading->word_count >= 3;
        while (reading->word_count < WORDS_MOST && tb_text_take_until(&word, slashed ? '/' : '\n', &part)) {
            (void)tb_text_take_prefix(&part, "(");
            while (tb_text_take_suffix(&part, ",") || tb_text_take_suffix(&part, ";") ||
                   tb_text_take_suffix(&part, ")"))
                continue;
            reading->words[reading->word_count++] = part;
        }
    }
}

static bool take_unit(struct tb_text *text, const char *const *units, const double *scales, size_t count, double *scale)
{
    for (size_t i = 0; i < count; i++)
        if (tb_text_take_suffix(text, units[i])) {
            *scale = scales[i];
            return true;
        }
    return false;
}

/* "1.57ms" in seconds. */
static bool read_span(struct tb_text text, double *seconds)
{
    static const char *const units[] = {"us", "ms", "s", "m", "h"};
    static const double scales[] = {1e-6, 1e-3, 1, 60, 3600};
    double scale;
    if (!take_unit(&text, units, scales, sizeof scales / sizeof scales[0], &scale) ||
        !tb_text_positive_real(text, seconds))
        return false;
    *seconds *= scale;
    return true;
}

/* "33.47MB", "25.70MB/s", "0.00B": powers of 1024. */
static bool read_size(struct tb_text text, double *kib)
{
    static const char *const units[] = {"KB", "MB", "GB", "TB", "B"};
    static const double scales[] = {1, 1024, 1048576, 1073741824, 1.0 / 1024};
    double scale;
    (void)tb_text_take_suffix(&text, "/s");
    if (!take_unit(&text, units, scales, sizeof scales / sizeof scales[0], &scale) || !tb_text_positive_real(text, kib))
        return false;
    *kib *= scale;
    return true;
}

static bool add(struct tb_apachebench *result, enum tb_ab_count count, uint64_t number)
{
    uint64_t sum = *tb_ab_count_place(result, count);
    if (__builtin_add_overflow(sum, number, &sum) || sum > INT64_MAX)
        return false;
    tb_ab_state(result, count, sum);
    return true;
}

/* "http://HOST:PORT/PATH" */
static void read_address(struct tb_text text, struct tb_apachebench *result)
{
    struct tb_text host;
    result->tls = tb_text_take_prefix(&text, "https://");
    if (!result->tls && !tb_text_take_prefix(&text, "http://"))
        return;
    const char *path = memchr(text.data, '/', text.length);
    const size_t length = path == NULL ? text.length : (size_t)(path - text.data);
    if (path != NULL)
        tb_text_copy((struct tb_text){path, text.length - length}, result->document_path, TB_AB_TEXT_SIZE);
    struct tb_text rest = {text.data, length};
    uint64_t port = result->tls ? 443 : 80;
    if (length == 0 || rest.data[0] == '[' || !tb_text_take_until(&rest, ':', &host))
        return;
    if (rest.data != NULL && (!tb_text_u64(rest, &port) || port == 0 || port > UINT16_MAX))
        return;
    tb_text_copy(host, result->server_hostname, TB_AB_TEXT_SIZE);
    result->server_port = (uint16_t)port;
}

/* Errors are no replies; they are among the completed requests. */
static bool add_errors(struct tb_text text, struct tb_apachebench *result)
{
    uint64_t number;
    (void)tb_text_take_prefix(&text, "[");
    (void)tb_text_take_suffix(&text, "]");
    return tb_text_u64(text, &number) && add(result, TB_AB_FAILED, number) && add(result, TB_AB_COMPLETE, number);
}

static bool add_status(const struct reading *reading, uint64_t number, struct tb_apachebench *result)
{
    const struct tb_text code = reading->words[0];
    if (!tb_text_starts_with(code, "[2") && !add(result, TB_AB_NON_2XX, number))
        return false;
    return add(result, TB_AB_COMPLETE, number);
}

static bool read_count(const struct reading *reading, const struct row *row, struct tb_text word)
{
    struct tb_apachebench *result = reading->result;
    uint64_t number;
    if (!tb_text_u64(word, &number) || number > INT64_MAX)
        return false;
    if (row->kind == ADD)
        return add(result, (enum tb_ab_count)row->target, number);
    if (row->kind == STATUS)
        return add_status(reading, number, result);
    if (row->kind == RECEIVED)
        tb_ab_state(result, TB_AB_FAILED, number < result->complete ? result->complete - number : 0);
    else
        tb_ab_state(result, (enum tb_ab_count)row->target, number);
    return true;
}

static bool read_real(enum kind kind, struct tb_text word, double *number)
{
    static const double scales[] = {[REAL] = 1, [SPAN_S] = 1, [SPAN_MS] = 1e3, [SECONDS_MS] = 1e3, [MICROS_MS] = 1e-3};
    if (kind == SIZE_KIB)
        return read_size(word, number);
    const bool read = kind == SPAN_S || kind == SPAN_MS ? read_span(word, number) : tb_text_positive_real(word, number);
    *number *= read ? scales[kind] : 1;
    return read && isfinite(*number);
}

/* Where the number goes; NULL: nowhere, as the line is of no percentile that is kept. */
static double *target_of(const struct reading *reading, const struct row *row)
{
    if (row->percent == NO_PERCENT)
        return (double *)(void *)((char *)reading->result + row->target);
    struct tb_text word = reading->words[row->percent];
    double percent;
    (void)tb_text_take_suffix(&word, "%");
    return tb_text_positive_real(word, &percent) ? tb_ab_percentile_place(reading->result, percent) : NULL;
}

static bool read_row(const struct reading *reading, const struct row *row)
{
    const int at = row->word == LAST ? reading->word_count - 1 : row->word;
    if (at < 0 || at >= reading->word_count || row->percent >= reading->word_count)
        return row->percent != NO_PERCENT; /* a line of something else that has a percent sign */
    const struct tb_text word = reading->words[at];
    if (row->kind == ADDRESS) {
        read_address(word, reading->result);
        return true;
    }
    if (row->kind == ERRORS)
        return !reading->among_errors || add_errors(word, reading->result);
    if (row->kind == STATUS && reading->among_errors)
        return true;
    if (row->kind == COUNT || row->kind == ADD || row->kind == RECEIVED || row->kind == STATUS)
        return read_count(reading, row, word);
    double *target = target_of(reading, row), number;
    if (target == NULL)
        return true;
    if (!read_real(row->kind, word, &number))
        return false;
    *target = number;
    return true;
}

/* What a result has once stands there again: another run was appended. */
static bool is_second(const struct reading *reading, const struct row *row)
{
    const struct tb_apachebench *result = reading->result;
    if (row->kind == COUNT && row->target == TB_AB_COMPLETE)
        return result->stated[TB_AB_COMPLETE];
    return row->kind == REAL && row->target == offsetof(struct tb_apachebench, requests_per_second) &&
           !isnan(result->requests_per_second);
}

static bool is_of(const struct row *row, enum tb_tool tool, struct tb_text line)
{
    return row->tool == tool && tb_text_starts_with(line, row->begins) &&
           (row->inside[0] == '\0' || memmem(line.data, line.length, row->inside, strlen(row->inside)) != NULL);
}

static enum tb_status read_line(struct reading *reading, struct tb_error *error)
{
    struct tb_lines *lines = reading->lines;
    const struct tb_text line = tb_text_trim(lines->text);
    bool known = false;
    reading->among_errors = reading->among_errors || tb_text_starts_with(line, "Error distribution:");
    split_words(reading);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!is_of(&rows[i], reading->result->tool, line))
            continue;
        known = true;
        if (is_second(reading, &rows[i]))
            return tb_error_set(error, TB_UNSUPPORTED,
                                "%s: line %" PRIu64 ": a second result of %s; keep one in a file", tb_lines_name(lines),
                                lines->number, tb_tool_name(reading->result->tool));
        if (!read_row(reading, &rows[i]))
            return tb_error_set(error, TB_CORRUPT, "%s: line %" PRIu64 ": not what %s prints behind '%s%s'",
                                tb_lines_name(lines), lines->number, tb_tool_name(reading->result->tool),
                                rows[i].begins, rows[i].inside);
    }
    if (known)
        tb_lines_take(lines);
    return TB_OK;
}

enum tb_status tb_workload_read_text(struct tb_lines *lines, struct tb_apachebench *result, struct tb_error *error)
{
    struct reading reading = {.lines = lines, .result = result};
    enum tb_status status;
    while ((status = tb_lines_next_whole(lines, error)) == TB_OK) {
        status = read_line(&reading, error);
        if (status != TB_OK)
            return status;
    }
    return status == TB_END ? TB_OK : status;
}
