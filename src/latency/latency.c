/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the form of a latency file by its first lines or bytes, and gives each line to that form. A
 * file that breaks off keeps the sessions that were whole before. */
#include "twinbed/latency/latency.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "latency_file.h"

static const double DEFAULT_BUCKET_WIDTH_MS = 0.1;
static const struct {
    enum tb_latency_form form;
    const struct tb_latency_lines *lines;
} forms[] = {
    {TB_LATENCY_TEXT, &tb_latency_text},
    {TB_LATENCY_SUMMARY, &tb_latency_summary},
    {TB_LATENCY_RAW, &tb_latency_raw},
};

void tb_latency_begin(struct tb_latency_file *file)
{
    file->session = (struct tb_latency_session){.minimum_ms = NAN,
                                                .median_ms = NAN,
                                                .maximum_ms = NAN,
                                                .jitter_ms = NAN,
                                                .exact_median_ms = NAN,
                                                .exact_jitter_ms = NAN,
                                                .bucket_width_ms = DEFAULT_BUCKET_WIDTH_MS};
    file->in_session = true;
    file->has_counts = false;
    file->has_delay = false;
    file->has_jitter = false;
    file->has_end = false;
    file->in_table = false;
    file->has_packets = false;
    file->sid[0] = '\0';
}

enum tb_status tb_latency_add(struct tb_latency_file *file, struct tb_error *error)
{
    struct tb_latency *latency = file->latency;
    if (latency->session_count == TB_LATENCY_SESSIONS_MOST)
        return tb_error_set(error, TB_UNSUPPORTED, "%s: more than %d sessions; leave those of the run in it",
                            tb_lines_name(&file->lines), (int)TB_LATENCY_SESSIONS_MOST);
    if (!tb_array_reserve(&latency->sessions, &file->capacity, latency->session_count + 1, sizeof *latency->sessions))
        return tb_error_memory(error, "the latency sessions");
    latency->sessions[latency->session_count++] = file->session;
    return TB_OK;
}

enum tb_status tb_latency_bad_line(struct tb_latency_file *file, const char *what, struct tb_error *error)
{
    if (!file->lines.whole) {
        tb_lines_cut(&file->lines);
        return TB_OK;
    }
    char line[100];
    tb_text_copy(file->lines.text, line, sizeof line);
    return tb_error_set(error, TB_CORRUPT, "%s: line %" PRIu64 ": expected %s, found '%s'", tb_lines_name(&file->lines),
                        file->lines.number, what, line);
}

void tb_latency_ends_early(struct tb_latency_file *file, const char *where)
{
    tb_account_damage(&file->lines.account, TB_DAMAGE_TRUNCATED, file->lines.reader.offset, "%s: ends inside %s",
                      tb_lines_name(&file->lines), where);
}

bool tb_latency_real(struct tb_text text, double *value)
{
    if (tb_text_equals(text, "nan") || tb_text_equals(text, "-nan")) {
        *value = NAN;
        return true;
    }
    return tb_text_real(text, value);
}

/* What other tools of the family leave, in the words of a refusal; NULL for anything else. */
static const char *name_foreign(struct tb_text line)
{
    static const struct {
        const char *mark;
        const char *name;
    } marks[] = {
        {"--- twping statistics", "a two-way session (twping)"},
        {"\"histogram-latency\"", "JSON of perfSONAR"},
        {"\"packets-sent\"", "JSON of perfSONAR"},
        {"\"participants\"", "JSON of perfSONAR"},
        {" ping statistics ---", "ping"},
    };
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (memmem(line.data, line.length, marks[i].mark, strlen(marks[i].mark)) != NULL)
            return marks[i].name;
    return NULL;
}

/* Passes lines until one shows the form; NULL when none does. That line is current. */
static enum tb_status find_form(struct tb_latency_file *file, const struct tb_latency_lines **form, bool *announced,
                                struct tb_error *error)
{
    enum tb_status status;
    *form = NULL;
    *announced = false;
    while ((status = tb_lines_next(&file->lines, error)) == TB_OK) {
        const struct tb_text text = file->lines.text;
        for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
            if (!forms[i].lines->begins(text))
                continue;
            file->latency->form = forms[i].form;
            *form = forms[i].lines;
            return TB_OK;
        }
        const char *const foreign = name_foreign(text);
        if (foreign != NULL)
            return tb_error_set(error, TB_UNSUPPORTED, "%s: %s; one-way sessions of owping are read",
                                tb_lines_name(&file->lines), foreign);
        *announced |= tb_text_starts_with(text, "Approximately ");
        if (*announced || tb_text_trim(text).length == 0)
            tb_lines_take(&file->lines);
        if (!*announced && file->lines.offset > TB_RECOGNITION_LIMIT)
            return TB_OK;
    }
    return status == TB_END ? TB_OK : status;
}

static enum tb_status read_lines(struct tb_latency_file *file, struct tb_error *error)
{
    const struct tb_latency_lines *form;
    bool announced;
    enum tb_status status = find_form(file, &form, &announced, error);
    if (status != TB_OK)
        return status;
    if (form == NULL && file->lines.number == 0)
        return tb_lines_explain_nothing(&file->lines, error);
    if (form == NULL && !announced)
        return tb_error_set(error, TB_UNSUPPORTED, "%s: not the output of owping, owstats or powstream",
                            tb_lines_name(&file->lines));
    if (form == NULL) {
        tb_account_damage(&file->lines.account, TB_DAMAGE_TRUNCATED, file->lines.reader.offset,
                          "%s: owping was stopped before it printed its report", tb_lines_name(&file->lines));
        return TB_OK;
    }
    while (status == TB_OK) {
        status = form->take_line(file, error);
        if (status == TB_OK)
            status = tb_lines_next(&file->lines, error);
    }
    return status == TB_END ? form->finish(file, error) : status;
}

static enum tb_status read_any_form(struct tb_latency_file *file, struct tb_error *error)
{
    struct tb_reader *reader = &file->lines.reader;
    const enum tb_status status = tb_reader_need(reader, TB_OWP_MAGIC_SIZE, error);
    if (status != TB_OK && status != TB_END)
        return status;
    if (status == TB_OK && memcmp(reader->data, tb_owp_magic, TB_OWP_MAGIC_SIZE) == 0) {
        file->latency->form = TB_LATENCY_OWP;
        return tb_owp_read(file, error);
    }
    return read_lines(file, error);
}

/* Without a session there is nothing to keep, whatever the reason. */
static enum tb_status read_file(struct tb_latency_file *file, struct tb_error *error)
{
    const enum tb_status status = read_any_form(file, error);
    if (status == TB_OK && file->latency->session_count == 0)
        tb_account_damage(&file->lines.account, TB_DAMAGE_UNREADABLE, file->lines.reader.offset,
                          "%s: no session is in it", tb_lines_name(&file->lines));
    return status;
}

enum tb_status tb_latency_read(struct tb_source *source, struct tb_latency **latency, struct tb_error *error)
{
    struct tb_latency_file file = {.latency = calloc(1, sizeof *file.latency)};
    if (file.latency == NULL)
        return tb_error_memory(error, "latency sessions");
    enum tb_status status = tb_lines_start(&file.lines, source, error);
    if (status == TB_OK) {
        status = read_file(&file, error);
        tb_lines_finish(&file.lines, status == TB_OK ? &file.latency->account : NULL);
    }
    tb_packet_log_free(&file.log);
    if (status != TB_OK) {
        tb_latency_free(file.latency);
        return status;
    }
    *latency = file.latency;
    return TB_OK;
}

void tb_latency_free(struct tb_latency *latency)
{
    if (latency == NULL)
        return;
    free(latency->sessions);
    free(latency);
}

size_t tb_latency_without_jitter(const struct tb_latency_session *sessions, size_t count)
{
    size_t without = 0;
    for (size_t i = 0; i < count; i++)
        without += isnan(sessions[i].jitter_ms);
    return without;
}

const char *tb_latency_form_name(enum tb_latency_form form)
{
    static const char *const names[] = {[TB_LATENCY_TEXT] = "text",
                                        [TB_LATENCY_SUMMARY] = "summary",
                                        [TB_LATENCY_RAW] = "raw",
                                        [TB_LATENCY_OWP] = "owp"};
    return (unsigned)form < sizeof names / sizeof names[0] ? names[form] : "unknown";
}
