/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/app/apachebench.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "foreign_text.h"
#include "twinbed/io/lines.h"
#include "workload_sources.h"

/* Where in the text ab prints we are: rows of the tables have no labels of
 * their own, so they count only below their heading. */
enum part { PART_SUMMARY, PART_TIMES, PART_PERCENTILES };

struct ab_text {
    struct tb_lines lines;
    struct tb_apachebench result;
    enum part part;
    bool recognised; /* some line that only ab prints */
    bool html;
    bool begun; /* ab has said what it benchmarks */
    bool has_time_taken;
    bool has_total_row;
    bool has_last_percentile;
    bool has_failures;    /* the kinds of failure */
    size_t fields_passed; /* place of the last line of the result block, plus one */
    const char *foreign;  /* program whose output this is instead; NULL when not known */
    char last_words[160]; /* of ab giving up; empty when it said nothing */
};

enum value_kind { VALUE_TEXT, VALUE_COUNT, VALUE_REAL, VALUE_PORT, VALUE_LENGTH, VALUE_TLS };

/* What is printed only above 0 is known to be 0 once something behind it is there. */
enum presence { ALWAYS, ABOVE_ZERO };

/* The lines of the result block, in the order of ab. Two rows may share a
 * label: then the suffix tells them apart. Older versions say "POSTed". */
static const struct field {
    const char *label;
    const char *suffix;
    enum value_kind kind;
    size_t offset;
    enum tb_ab_count count; /* of VALUE_COUNT */
    enum presence presence;
} fields[] = {
#define FIELD(member) offsetof(struct tb_apachebench, member), 0, ALWAYS
#define COUNT(member, name, presence) VALUE_COUNT, offsetof(struct tb_apachebench, member), TB_AB_##name, presence
    {"Server Software:", "", VALUE_TEXT, FIELD(server_software)},
    {"Server Hostname:", "", VALUE_TEXT, FIELD(server_hostname)},
    {"Server Port:", "", VALUE_PORT, FIELD(server_port)},
    {"SSL/TLS Protocol:", "", VALUE_TLS, FIELD(tls)},
    {"Document Path:", "", VALUE_TEXT, FIELD(document_path)},
    {"Document Length:", "", VALUE_LENGTH, FIELD(document_length)},
    {"Concurrency Level:", "", COUNT(concurrency, CONCURRENCY, ALWAYS)},
    {"Time taken for tests:", " seconds", VALUE_REAL, FIELD(time_taken_s)},
    {"Complete requests:", "", COUNT(complete, COMPLETE, ALWAYS)},
    {"Failed requests:", "", COUNT(failed, FAILED, ALWAYS)},
    {"Write errors:", "", COUNT(write_errors, WRITE_ERRORS, ABOVE_ZERO)},
    {"Non-2xx responses:", "", COUNT(non_2xx, NON_2XX, ABOVE_ZERO)},
    {"Keep-Alive requests:", "", COUNT(keepalive, KEEPALIVE, ABOVE_ZERO)},
    {"Total transferred:", " bytes", COUNT(total_bytes, TOTAL_BYTES, ALWAYS)},
    {"Total POSTed:", "", COUNT(body_sent_bytes, BODY_SENT_BYTES, ABOVE_ZERO)},
    {"Total body sent:", "", COUNT(body_sent_bytes, BODY_SENT_BYTES, ABOVE_ZERO)},
    {"HTML transferred:", " bytes", COUNT(html_bytes, HTML_BYTES, ALWAYS)},
    {"Requests per second:", " [#/sec] (mean)", VALUE_REAL, FIELD(requests_per_second)},
    {"Time per request:", " [ms] (mean)", VALUE_REAL, FIELD(time_per_request_ms)},
    {"Time per request:", " [ms] (mean, across all concurrent requests)", VALUE_REAL, FIELD(time_per_request_all_ms)},
    {"Transfer rate:", " [Kbytes/sec] received", VALUE_REAL, FIELD(transfer_kib_s)},
#undef COUNT
#undef FIELD
};

static const struct times_row {
    const char *label;
    size_t offset;
} times_rows[] = {
    {"Connect:", offsetof(struct tb_apachebench, connect)},
    {"Processing:", offsetof(struct tb_apachebench, processing)},
    {"Waiting:", offsetof(struct tb_apachebench, waiting)},
    {"Total:", offsetof(struct tb_apachebench, total)},
};

static const unsigned percents[TB_AB_PERCENTILES] = {50, 66, 75, 80, 90, 95, 98, 99, 100};

/* Lines that ab prints and that hold nothing to keep. */
static const char *const known_lines[] = {
    "This is ApacheBench,",
    "Copyright ",
    "Licensed to ",
    "Benchmarking ",
    "Completed ",
    "Finished ",
    "Server Temp Key:",
    "TLS Server Name:",
    "Connection Times (ms)",
    "Percentage of the requests served",
    "ERROR: The median and mean for",
    "WARNING: The median and mean for",
    "       deviation apart.",
    "        These results are probably not",
    "              min ",
};

enum { COUNT_FIELDS = sizeof fields / sizeof fields[0], COUNT_KNOWN = sizeof known_lines / sizeof known_lines[0] };

static enum tb_status bad_value(const struct ab_text *ab, const char *what, struct tb_error *error)
{
    char line[100];
    tb_text_copy(ab->lines.text, line, sizeof line);
    return tb_error_set(error, TB_CORRUPT, "%s: line %" PRIu64 ": no valid value for '%s' in '%s'",
                        tb_lines_name(&ab->lines), ab->lines.number, what, line);
}

static bool store_count(struct tb_text value, uint64_t *count)
{
    uint64_t number;
    if (!tb_text_u64(value, &number) || number > INT64_MAX)
        return false;
    *count = number;
    return true;
}

static bool store_port(struct tb_text value, uint16_t *port)
{
    uint64_t number;
    if (!tb_text_u64(value, &number) || number > UINT16_MAX)
        return false;
    *port = (uint16_t)number;
    return true;
}

static bool store_length(struct tb_text value, int64_t *length)
{
    uint64_t number;
    if (tb_text_equals(value, "Variable")) {
        *length = -1;
        return true;
    }
    if (!tb_text_take_suffix(&value, " bytes") || !tb_text_u64(value, &number) || number > INT64_MAX)
        return false;
    *length = (int64_t)number;
    return true;
}

static bool store_value(const struct field *field, struct tb_text value, struct tb_apachebench *result)
{
    char *const target = (char *)result + field->offset;
    switch (field->kind) {
    case VALUE_TEXT:
        tb_text_copy(value, target, TB_AB_TEXT_SIZE);
        return true;
    case VALUE_COUNT:
        return store_count(value, (uint64_t *)(void *)target);
    case VALUE_REAL:
        return tb_text_positive_real(value, (double *)(void *)target);
    case VALUE_PORT:
        return store_port(value, (uint16_t *)(void *)target);
    case VALUE_LENGTH:
        return store_length(value, (int64_t *)(void *)target);
    case VALUE_TLS:
        *(bool *)(void *)target = true;
        return true;
    }
    return false;
}

/* TB_END when the line is none of the result block. */
static enum tb_status read_field(struct ab_text *ab, struct tb_error *error)
{
    const struct field *labelled = NULL;
    for (size_t i = 0; i < COUNT_FIELDS; i++) {
        struct tb_text value = ab->lines.text;
        if (!tb_text_take_prefix(&value, fields[i].label))
            continue;
        labelled = &fields[i];
        value = tb_text_trim(value);
        if (!tb_text_take_suffix(&value, fields[i].suffix))
            continue;
        if (!store_value(&fields[i], value, &ab->result))
            break;
        if (fields[i].kind == VALUE_COUNT)
            ab->result.stated[fields[i].count] = true;
        if (i >= ab->fields_passed)
            ab->fields_passed = i + 1;
        return TB_OK;
    }
    return labelled == NULL ? TB_END : bad_value(ab, labelled->label, error);
}

static enum tb_status second_run(const struct ab_text *ab, struct tb_error *error)
{
    return tb_error_set(error, TB_UNSUPPORTED,
                        "%s: line %" PRIu64 ": a second run of ab begins; keep one run in one file",
                        tb_lines_name(&ab->lines), ab->lines.number);
}

static enum tb_status begin_result(struct ab_text *ab, struct tb_error *error)
{
    if (ab->has_time_taken)
        return second_run(ab, error);
    ab->has_time_taken = true;
    return TB_OK;
}

/* "[through HOST:PORT] " of ab -X. */
static enum tb_status read_proxy(struct ab_text *ab, struct tb_text text, struct tb_error *error)
{
    const char *begin = memmem(text.data, text.length, "[through ", 9);
    if (begin == NULL)
        return TB_OK;
    struct tb_text proxy = {.data = begin + 9, .length = text.length - (size_t)(begin + 9 - text.data)};
    const char *colon = NULL;
    size_t end = 0;
    while (end < proxy.length && proxy.data[end] != ' ')
        end++;
    for (size_t i = 0; i < end; i++)
        if (proxy.data[i] == ':')
            colon = &proxy.data[i];
    if (colon == NULL || proxy.data[end - 1] != ']')
        return bad_value(ab, "[through", error);
    const struct tb_text host = {.data = proxy.data, .length = (size_t)(colon - proxy.data)};
    const struct tb_text port = {.data = colon + 1, .length = (size_t)(proxy.data + end - 1 - (colon + 1))};
    if (!store_port(port, &ab->result.proxy_port))
        return bad_value(ab, "[through", error);
    tb_text_copy(host, ab->result.proxy_host, TB_AB_TEXT_SIZE);
    return TB_OK;
}

/* "Benchmarking HOST [through HOST:PORT] (be patient)...": TB_END for any other line. */
static enum tb_status read_beginning(struct ab_text *ab, struct tb_error *error)
{
    struct tb_text text = ab->lines.text;
    if (!tb_text_take_prefix(&text, "Benchmarking "))
        return TB_END;
    const char *patience = memmem(text.data, text.length, "(be patient)", 12);
    if (patience == NULL)
        return TB_END;
    if (ab->begun || ab->has_time_taken)
        return second_run(ab, error);
    ab->begun = true;
    text.length = (size_t)(patience - text.data);
    return read_proxy(ab, text, error);
}

/* "   (Connect: 0, Receive: 7, Length: 11, Exceptions: 7)"; with older versions
 * a failed receive ended ab, and the line has no Receive. */
static enum tb_status read_failures(struct ab_text *ab, struct tb_error *error)
{
    static const char *const labels[] = {"(Connect:", "Receive:", "Length:", "Exceptions:"};
    uint64_t *const counts[] = {&ab->result.failed_connect, &ab->result.failed_receive, &ab->result.failed_length,
                                &ab->result.failed_exceptions};
    struct tb_text text = tb_text_trim(ab->lines.text);
    if (!tb_text_take_suffix(&text, ")"))
        return bad_value(ab, "(Connect:", error);
    for (size_t i = 0; i < 4; i++) {
        struct tb_text part, rest = text;
        if (!tb_text_take_until(&rest, ',', &part))
            return bad_value(ab, labels[i], error);
        part = tb_text_trim(part);
        const bool labelled = tb_text_take_prefix(&part, labels[i]);
        if (!labelled && i == 1)
            continue;
        if (!labelled || !store_count(tb_text_trim(part), counts[i]))
            return bad_value(ab, labels[i], error);
        text = rest;
    }
    ab->has_failures = true;
    return TB_OK;
}

/* min mean sd median max; with ab -S only min mean max. */
static bool store_times(struct tb_text text, struct tb_ab_times *times)
{
    double numbers[5];
    size_t count = 0;
    struct tb_text word;
    while (tb_text_take_word(&text, &word)) {
        if (count == 5 || !tb_text_positive_real(word, &numbers[count]))
            return false;
        count++;
    }
    if (count == 5)
        *times = (struct tb_ab_times){numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]};
    else if (count == 3)
        *times = (struct tb_ab_times){numbers[0], numbers[1], NAN, NAN, numbers[2]};
    return count == 5 || count == 3;
}

static enum tb_status read_times(struct ab_text *ab, struct tb_error *error)
{
    for (size_t i = 0; i < sizeof times_rows / sizeof times_rows[0]; i++) {
        struct tb_text text = ab->lines.text;
        if (!tb_text_take_prefix(&text, times_rows[i].label))
            continue;
        struct tb_ab_times *times = (struct tb_ab_times *)(void *)((char *)&ab->result + times_rows[i].offset);
        if (!store_times(text, times))
            return bad_value(ab, times_rows[i].label, error);
        ab->has_total_row |= times == &ab->result.total;
        return TB_OK;
    }
    return TB_END;
}

/* "  50%     39", "100%    116 (longest request)" */
static enum tb_status read_percentile(struct ab_text *ab, struct tb_error *error)
{
    struct tb_text text = ab->lines.text;
    struct tb_text percent, word;
    uint64_t row;
    if (!tb_text_take_word(&text, &percent) || !tb_text_take_suffix(&percent, "%") || !tb_text_u64(percent, &row))
        return TB_END;
    for (size_t i = 0; i < TB_AB_PERCENTILES; i++) {
        if (percents[i] != row)
            continue;
        if (!tb_text_take_word(&text, &word) || !tb_text_positive_real(word, &ab->result.percentile_ms[i]))
            return bad_value(ab, "percentile", error);
        ab->has_last_percentile |= row == 100 && tb_text_equals(tb_text_trim(text), "(longest request)");
        return TB_OK;
    }
    return TB_END;
}

/* What of the line is ab giving up; length 0 when nothing is. It stands behind
 * "(be patient)..." or, when standard error went to the same file, on a line of
 * its own. */
static struct tb_text find_last_words(struct tb_text line)
{
    static const char *const beginnings[] = {"apr_", "Total of ", "Test aborted after ", "SSL handshake failed"};
    const char *glued =
        tb_text_starts_with(line, "Benchmarking ") ? memmem(line.data, line.length, "(be patient)", 12) : NULL;
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        if (tb_text_starts_with(line, beginnings[i]))
            return line;
        const size_t left = glued == NULL ? 0 : line.length - (size_t)(glued - line.data);
        const char *begin = left == 0 ? NULL : memmem(glued, left, beginnings[i], strlen(beginnings[i]));
        if (begin != NULL)
            return (struct tb_text){.data = begin, .length = line.length - (size_t)(begin - line.data)};
    }
    return (struct tb_text){0};
}

static void note_last_words(struct ab_text *ab)
{
    const struct tb_text found = find_last_words(ab->lines.text);
    const size_t used = strlen(ab->last_words);
    if (found.length == 0 || used + 2 >= sizeof ab->last_words)
        return;
    memcpy(ab->last_words + used, "; ", 3);
    tb_text_copy(found, ab->last_words + used + 2, sizeof ab->last_words - used - 2);
    tb_lines_take(&ab->lines);
}

static bool is_known(struct ab_text *ab)
{
    const struct tb_text text = ab->lines.text;
    const struct tb_text trimmed = tb_text_trim(text);
    if (tb_text_starts_with(text, "Connection Times (ms)"))
        ab->part = PART_TIMES;
    if (tb_text_starts_with(text, "Percentage of the requests served"))
        ab->part = PART_PERCENTILES;
    if (tb_text_starts_with(text, "This is ApacheBench,") || tb_text_starts_with(text, "Benchmarking "))
        ab->recognised = true;
    struct tb_text rate = trimmed;
    if (trimmed.length == 0 || tb_text_equals(trimmed, "..done") || tb_text_take_suffix(&rate, " kb/s sent") ||
        tb_text_take_suffix(&rate, " kb/s total"))
        return true;
    for (size_t i = 0; i < COUNT_KNOWN; i++)
        if (tb_text_starts_with(text, known_lines[i]))
            return true;
    return false;
}

static bool is_html(struct ab_text *ab)
{
    const struct tb_text text = tb_text_trim(ab->lines.text);
    return !ab->has_time_taken && (tb_text_equals(text, "<p>") || tb_text_starts_with(text, "<table "));
}

static enum tb_status read_values(struct ab_text *ab, struct tb_error *error)
{
    enum tb_status status = TB_END;
    if (tb_text_starts_with(ab->lines.text, "Time taken for tests:"))
        status = begin_result(ab, error);
    if (status == TB_OK || status == TB_END)
        status = read_field(ab, error);
    if (status == TB_END)
        status = read_beginning(ab, error);
    if (status == TB_END && tb_text_starts_with(tb_text_trim(ab->lines.text), "(Connect:"))
        status = read_failures(ab, error);
    if (status == TB_END && ab->part == PART_TIMES)
        status = read_times(ab, error);
    if (status == TB_END && ab->part == PART_PERCENTILES)
        status = read_percentile(ab, error);
    return status;
}

static enum tb_status read_line(struct ab_text *ab, struct tb_error *error)
{
    /* A torn last line may hold the first digits of a number only. The one line
     * that cannot mislead is the one that ends ab's output. */
    if (!ab->lines.whole) {
        struct tb_text text = tb_text_trim(ab->lines.text);
        if (!tb_text_take_suffix(&text, "(longest request)")) {
            tb_lines_cut(&ab->lines);
            return TB_OK;
        }
    }
    const enum tb_status status = read_values(ab, error);
    if (status != TB_OK && status != TB_END)
        return status;
    if (status == TB_OK)
        ab->recognised = true;
    if (status == TB_OK || is_known(ab))
        tb_lines_take(&ab->lines);
    note_last_words(ab);
    ab->html |= is_html(ab);
    if (ab->foreign == NULL && !ab->recognised)
        ab->foreign = tb_foreign_program(ab->lines.text);
    return TB_OK;
}

static enum tb_status explain_no_result(const struct ab_text *ab, struct tb_error *error)
{
    const char *name = tb_lines_name(&ab->lines);
    if (ab->html)
        return tb_error_set(error, TB_UNSUPPORTED, "%s: HTML output of ab; run ab again without -w", name);
    if (ab->lines.number == 0 && ab->lines.account.damage == TB_DAMAGE_NONE)
        return tb_error_set(error, TB_TRUNCATED, "%s: the file is empty; ab was killed or never ran", name);
    if (ab->lines.account.damage == TB_DAMAGE_CORRUPT)
        return tb_error_set(error, TB_CORRUPT, "%s", ab->lines.account.reason);
    if (!ab->recognised && ab->foreign != NULL)
        return tb_error_set(error, TB_UNSUPPORTED, "%s: this is the output of %s, not of ApacheBench", name,
                            ab->foreign);
    if (!ab->recognised && ab->lines.account.damage == TB_DAMAGE_NONE)
        return tb_error_set(error, TB_UNSUPPORTED,
                            "%s: not the output of ApacheBench, nor of wrk, h2load, hey, k6, vegeta, iperf3, fio, "
                            "sockperf or ping",
                            name);
    return tb_error_set(error, TB_TRUNCATED, "%s: no result (no 'Time taken for tests:'): ab gave up or was killed%s",
                        name, ab->last_words);
}

/* The result block is there; does it end as ab ends it? */
static void check_end(struct ab_text *ab)
{
    const struct tb_apachebench *result = &ab->result;
    const char *missing = NULL;
    if (!result->stated[TB_AB_HTML_BYTES])
        missing = "HTML transferred";
    else if (result->complete > 0 && isnan(result->transfer_kib_s))
        missing = "Transfer rate";
    else if (ab->part != PART_SUMMARY && !ab->has_total_row)
        missing = "Total row of the connection times";
    else if (ab->part == PART_PERCENTILES && !ab->has_last_percentile)
        missing = "100% row";
    if (missing != NULL)
        tb_account_damage(&ab->lines.account, TB_DAMAGE_TRUNCATED, ab->lines.reader.offset,
                          "%s: the result ends early, without its '%s'", tb_lines_name(&ab->lines), missing);
}

/* What the absence of lines says, where lines behind them are there. */
static void settle_counts(struct ab_text *ab)
{
    static const enum tb_ab_count kinds[] = {TB_AB_FAILED_CONNECT, TB_AB_FAILED_RECEIVE, TB_AB_FAILED_LENGTH,
                                             TB_AB_FAILED_EXCEPTIONS};
    struct tb_apachebench *const result = &ab->result;
    const bool none_failed = result->stated[TB_AB_FAILED] && result->failed == 0;
    for (size_t i = 0; i < COUNT_FIELDS; i++)
        if (fields[i].presence == ABOVE_ZERO && i < ab->fields_passed)
            result->stated[fields[i].count] = true;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        result->stated[kinds[i]] = none_failed || ab->has_failures;
}

void tb_ab_clear(struct tb_apachebench *result)
{
    const struct tb_ab_times unknown = {NAN, NAN, NAN, NAN, NAN};
    *result = (struct tb_apachebench){.document_length = -1,
                                      .time_taken_s = NAN,
                                      .requests_per_second = NAN,
                                      .time_per_request_ms = NAN,
                                      .time_per_request_all_ms = NAN,
                                      .transfer_kib_s = NAN,
                                      .connect = unknown,
                                      .processing = unknown,
                                      .waiting = unknown,
                                      .total = unknown};
    for (size_t i = 0; i < TB_AB_PERCENTILES; i++)
        result->percentile_ms[i] = NAN;
}

static enum tb_status read_all(struct ab_text *ab, struct tb_error *error)
{
    enum tb_status status;
    while ((status = tb_lines_next(&ab->lines, error)) == TB_OK) {
        status = read_line(ab, error);
        if (status != TB_OK)
            return status;
        if (!ab->recognised && !ab->html && ab->lines.offset > TB_RECOGNITION_LIMIT)
            break;
    }
    if (status != TB_OK && status != TB_END)
        return status;
    if (!ab->has_time_taken)
        return explain_no_result(ab, error);
    settle_counts(ab);
    check_end(ab);
    return TB_OK;
}

enum tb_status tb_apachebench_read(struct tb_source *source, struct tb_apachebench *result, struct tb_error *error)
{
    struct ab_text ab = {.part = PART_SUMMARY};
    tb_ab_clear(&ab.result);
    enum tb_status status = tb_lines_start(&ab.lines, source, error);
    if (status != TB_OK)
        return status;
    status = read_all(&ab, error);
    tb_lines_finish(&ab.lines, status == TB_OK ? &ab.result.account : NULL);
    if (status == TB_OK)
        *result = ab.result;
    return status;
}

double *tb_ab_percentile_place(struct tb_apachebench *ab, double percent)
{
    for (size_t i = 0; i < TB_AB_PERCENTILES; i++)
        if (percent == (double)percents[i])
            return &ab->percentile_ms[i];
    return NULL;
}
