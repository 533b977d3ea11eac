/* SPDX-License-Identifier: GPL-3.0-or-later */
/* owping's report for people, line by line. It is made for people, so each kind of line that may
 * stand in it is known here, also those without anything to keep. */
#include <string.h>

#include "latency_file.h"

/* The report for people that owping and owstats print for each session. */

static const char HEADER[] = "--- owping statistics from ";

/* Lines of a report that hold nothing to keep. */
static const char *const known_starts[] = {
    "SID:", "first:", "last:", "hops", "Hops", "Percentiles:", "TTL not", "seq_no=", "Approximately ",
};

static bool begins(struct tb_text line)
{
    return tb_text_starts_with(line, HEADER);
}

/* "[HOST]:PORT" */
static bool take_host(struct tb_text *text, char host[TB_LATENCY_HOST_SIZE])
{
    struct tb_text word, name;
    if (!tb_text_take_word(text, &word) || !tb_text_take_prefix(&word, "["))
        return false;
    const char *end = memmem(word.data, word.length, "]:", 2);
    if (end == NULL)
        return false;
    name = (struct tb_text){.data = word.data, .length = (size_t)(end - word.data)};
    tb_text_copy(name, host, TB_LATENCY_HOST_SIZE);
    return true;
}

static bool read_header(struct tb_text text, struct tb_latency_session *session)
{
    struct tb_text word;
    return take_host(&text, session->from) && tb_text_take_word(&text, &word) && tb_text_equals(word, "to") &&
           take_host(&text, session->to) && tb_text_equals(tb_text_trim(text), "---");
}

/* "40 sent, 0 lost (0.000%), 0 duplicates" */
static bool read_counts(struct tb_text text, struct tb_latency_session *session)
{
    static const char *const labels[] = {"sent", "lost", "duplicates"};
    uint64_t *const counts[] = {&session->sent, &session->lost, &session->duplicates};
    struct tb_text part, word;
    for (size_t i = 0; i < 3; i++)
        if (!tb_text_take_until(&text, ',', &part) || !tb_text_take_word(&part, &word) ||
            !tb_text_u64(word, counts[i]) || !tb_text_take_word(&part, &word) || !tb_text_equals(word, labels[i]))
            return false;
    return text.data == NULL && session->lost <= session->sent;
}

/* What stands between a number and what follows it. Seconds have no unit word. */
static bool scale_to_ms(struct tb_text unit, double *values, size_t count)
{
    static const struct {
        const char *name;
        double multiply, divide;
    } units[] = {{"ms", 1, 1}, {"us", 1, 1e3}, {"ns", 1, 1e6}, {"s", 1e3, 1}, {"", 1e3, 1}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (!tb_text_equals(unit, units[i].name))
            continue;
        for (size_t j = 0; j < count; j++)
            values[j] = values[j] * units[i].multiply / units[i].divide;
        return true;
    }
    return false;
}

/* "A/B/C UNIT, (unsync)" or "A/B/C UNIT, (err=E UNIT)" */
static bool read_delay(struct tb_text text, struct tb_latency_session *session)
{
    double values[3];
    struct tb_text numbers, word, unit;
    if (!tb_text_take_until(&text, ',', &unit) || !tb_text_take_word(&unit, &numbers))
        return false;
    for (size_t i = 0; i < 3; i++)
        if (!tb_text_take_until(&numbers, '/', &word) || !tb_latency_real(word, &values[i]))
            return false;
    if (numbers.data != NULL || !scale_to_ms(tb_text_trim(unit), values, 3))
        return false;
    text = tb_text_trim(text);
    session->synchronised = tb_text_take_prefix(&text, "(err=");
    if (!tb_text_take_suffix(&text, ")") || (!session->synchronised && !tb_text_equals(text, "(unsync")))
        return false;
    session->minimum_ms = values[0];
    session->median_ms = values[1];
    session->maximum_ms = values[2];
    return true;
}

/* "J UNIT (P95-P50)" */
static bool read_jitter(struct tb_text text, struct tb_latency_session *session)
{
    struct tb_text word;
    double value;
    if (!tb_text_take_suffix(&text, "(P95-P50)") || !tb_text_take_word(&text, &word) ||
        !tb_latency_real(word, &value) || !scale_to_ms(tb_text_trim(text), &value, 1))
        return false;
    session->jitter_ms = value;
    return true;
}

static bool is_counts(struct tb_text line)
{
    struct tb_text word;
    uint64_t number;
    return tb_text_take_word(&line, &word) && tb_text_u64(word, &number) && tb_text_take_word(&line, &word) &&
           tb_text_equals(word, "sent,");
}

static bool is_known(struct tb_text line)
{
    const struct tb_text trimmed = tb_text_trim(line);
    /* "3-reordering = 5.000000%", "no 3-reordering", "no reordering" */
    if (trimmed.length == 0 || memmem(trimmed.data, trimmed.length, "reordering", 10) != NULL)
        return true;
    /* "\t95.0: 0.2 ms": a line of the percentiles */
    struct tb_text label;
    double percent;
    if (line.data[0] == '\t' && tb_text_take_until(&line, ':', &label) &&
        tb_text_positive_real(tb_text_trim(label), &percent))
        return true;
    for (size_t i = 0; i < sizeof known_starts / sizeof known_starts[0]; i++)
        if (tb_text_starts_with(trimmed, known_starts[i]))
            return true;
    return false;
}

/* A report asked for with -v has its header twice; only the second is followed
 * by counts. Any other without counts was cut off before another was appended. */
static enum tb_status end_session(struct tb_latency_file *file, struct tb_error *error)
{
    const bool complete = file->in_session && file->has_counts;
    if (file->in_session && !complete && !file->has_packets) {
        file->left_open = true;
        memcpy(file->open_sid, file->sid, sizeof file->sid);
    }
    file->in_session = false;
    return complete ? tb_latency_add(file, error) : TB_OK;
}

static enum tb_status take_header(struct tb_latency_file *file, struct tb_text text, struct tb_error *error)
{
    const enum tb_status status = end_session(file, error);
    if (status != TB_OK)
        return status;
    tb_latency_begin(file);
    if (!read_header(text, &file->session)) {
        file->in_session = false;
        return tb_latency_bad_line(file, "the hosts of a session", error);
    }
    tb_lines_take(&file->lines);
    return TB_OK;
}

/* A header that comes again bears the same session; if not, the report before was cut off. */
static void settle_open_report(struct tb_latency_file *file)
{
    if (file->left_open && (file->open_sid[0] == '\0' || strcmp(file->open_sid, file->sid) != 0))
        tb_latency_ends_early(file, "a session's report, behind which another begins");
    file->left_open = false;
}

static void take_sid(struct tb_latency_file *file, struct tb_text text)
{
    tb_text_copy(tb_text_trim(text), file->sid, sizeof file->sid);
    settle_open_report(file);
    tb_lines_take(&file->lines);
}

static enum tb_status take_value(struct tb_latency_file *file, bool valid, bool *has, const char *what,
                                 struct tb_error *error)
{
    if (!valid || !file->in_session)
        return tb_latency_bad_line(file, what, error);
    *has = true;
    tb_lines_take(&file->lines);
    return TB_OK;
}

static enum tb_status take_line(struct tb_latency_file *file, struct tb_error *error)
{
    struct tb_text text = tb_text_trim(file->lines.text);
    if (tb_text_take_prefix(&text, HEADER))
        return take_header(file, text, error);
    if (is_counts(text))
        return take_value(file, read_counts(text, &file->session), &file->has_counts, "packet counts", error);
    if (tb_text_take_prefix(&text, "one-way delay min/median/max ="))
        return take_value(file, read_delay(text, &file->session), &file->has_delay, "delays", error);
    if (tb_text_take_prefix(&text, "one-way jitter ="))
        return take_value(file, read_jitter(text, &file->session), &file->has_jitter, "jitter", error);
    if (file->lines.whole && tb_text_take_prefix(&text, "SID:"))
        take_sid(file, text);
    file->has_packets |= tb_text_starts_with(text, "seq_no=");
    if (!file->lines.whole && !tb_text_take_suffix(&text, "reordering"))
        tb_lines_cut(&file->lines);
    else if (is_known(file->lines.text))
        tb_lines_take(&file->lines);
    return TB_OK;
}

static enum tb_status finish(struct tb_latency_file *file, struct tb_error *error)
{
    settle_open_report(file);
    if (file->in_session && !(file->has_counts && file->has_delay && file->has_jitter)) {
        tb_latency_ends_early(file, "a session's report");
        return TB_OK;
    }
    return end_session(file, error);
}

const struct tb_latency_lines tb_latency_text = {.begins = begins, .take_line = take_line, .finish = finish};
