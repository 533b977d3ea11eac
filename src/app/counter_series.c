/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "counter_series.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "counter_averages.h"
#include "counter_sadf.h"
#include "twinbed/io/lines.h"

enum { COLUMNS_MOST = 64 };

enum series { SERIES_UNKNOWN, SERIES_VMSTAT, SERIES_AVERAGES, SERIES_EXITS };

struct column {
    char name[TB_COUNTER_NAME_SIZE];
    double sum;
};

struct series_file {
    struct tb_lines lines;
    struct counter_averages found;
    enum series series;
    struct column columns[COLUMNS_MOST]; /* of the last heading */
    size_t column_count;
    uint64_t rows; /* of vmstat, with the first */
    double exits;
};

static size_t split(struct tb_text text, struct tb_text words[COLUMNS_MOST])
{
    size_t count = 0;
    while (count < COLUMNS_MOST && tb_text_take_word(&text, &words[count]))
        count++;
    return count;
}

static void take_heading(struct series_file *file, const struct tb_text *words, size_t count)
{
    file->column_count = count;
    for (size_t i = 0; i < count; i++)
        tb_text_copy(words[i], file->columns[i].name, sizeof file->columns[i].name);
}

/* --- vmstat --- */

static const char *unit_of_vmstat(const char *name)
{
    static const struct {
        const char *names, *unit;
    } units[] = {{" r b ", "1"},
                 {" swpd free buff cache inact active ", "KiB"},
                 {" si so bi bo ", "KiB/s"},
                 {" in cs ", "1/s"},
                 {" us sy id wa st gu ", "%"}};
    char wanted[TB_COUNTER_NAME_SIZE + 2];
    snprintf(wanted, sizeof wanted, " %s ", name);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strstr(units[i].names, wanted) != NULL)
            return units[i].unit;
    return "1";
}

/* Headings come again on each screen. With -t a time stands behind the numbers. */
static bool read_vmstat(struct series_file *file, const struct tb_text *words, size_t count)
{
    double values[COLUMNS_MOST];
    if (count > 1 && tb_text_equals(words[0], "r") && tb_text_equals(words[1], "b")) {
        size_t columns = 0;
        while (columns < count && words[columns].data[0] >= 'a')
            columns++;
        if (file->rows == 0)
            take_heading(file, words, columns);
        return true;
    }
    if (count > 0 && (tb_text_starts_with(words[0], "procs") || tb_text_starts_with(words[0], "--procs")))
        return true;
    for (size_t i = 0; i < file->column_count; i++)
        if (i >= count || !tb_text_positive_real(words[i], &values[i]))
            return false;
    for (size_t i = 0; i < file->column_count && file->rows > 0; i++)
        file->columns[i].sum += values[i];
    file->rows += file->column_count > 0;
    return file->column_count > 0;
}

static void finish_vmstat(struct series_file *file)
{
    for (size_t i = 0; i < file->column_count && file->rows > 1; i++) {
        const double mean = file->columns[i].sum / (double)(file->rows - 1);
        tb_counter_told(&file->found, file->columns[i].name, unit_of_vmstat(file->columns[i].name), mean);
        if (strcmp(file->columns[i].name, "st") == 0 && isnan(file->found.counters->steal_share))
            file->found.counters->steal_share = mean / 100;
    }
}

/* --- sar and pidstat --- */

static size_t column_named(const struct series_file *file, const char *name)
{
    size_t i = 0;
    while (i < file->column_count && strcmp(file->columns[i].name, name) != 0)
        i++;
    return i;
}

/* Numbers that name a process or a processor are no averages. */
static bool is_label(const char *column)
{
    static const char *const labels[] = {"UID", "PID", "TGID", "TID", "CPU"};
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
        if (strcmp(column, labels[i]) == 0)
            return true;
    return false;
}

/* "Average:  all  1.00 ...": behind a heading of as many words. A command at the end may have several. */
static bool read_average(struct series_file *file, const struct tb_text *words, size_t count)
{
    double value;
    const size_t command = column_named(file, "Command");
    if (count < file->column_count || (count > file->column_count && command == file->column_count))
        return false;
    const bool labelled = !tb_text_positive_real(words[0], &value) || strcmp(file->columns[0].name, "CPU") == 0;
    const struct tb_text of = command < file->column_count ? words[command]
                              : labelled                   ? words[0]
                                                           : (struct tb_text){"", 0};
    for (size_t i = labelled; i < file->column_count; i++)
        if (i != command && !is_label(file->columns[i].name) && tb_text_positive_real(words[i], &value))
            tb_counter_averages_add(&file->found, file->columns[i].name, of, value);
    return true;
}

static bool is_heading(const struct tb_text *words, size_t count)
{
    double value;
    bool numbers = false, names = false;
    for (size_t i = 0; i < count; i++) {
        numbers = numbers || tb_text_real(words[i], &value);
        names = names || (words[i].length > 1 && words[i].data[0] == '%') ||
                (words[i].length > 2 && memcmp(words[i].data + words[i].length - 2, "/s", 2) == 0) ||
                tb_text_equals(words[i], "runq-sz") || tb_text_equals(words[i], "kbmemfree");
    }
    return names && !numbers;
}

/* Headings stand at the head of each screen, behind a time, and before averages of several tables. Other rows are passed
 * over: the averages tell of all. */
static bool read_averages(struct series_file *file, const struct tb_text *words, size_t count)
{
    const bool average = count > 0 && tb_text_equals(words[0], "Average:");
    const size_t first = count > 2 && (tb_text_equals(words[1], "AM") || tb_text_equals(words[1], "PM")) ? 2 : 1;
    if (count <= first || memchr(words[0].data, ':', words[0].length) == NULL)
        return false;
    if (is_heading(words + first, count - first)) {
        take_heading(file, words + first, count - first);
        return true;
    }
    return average && file->column_count > 0 && read_average(file, words + 1, count - 1);
}

/* --- perf kvm stat report --- */

/* "HLT  1234  55.26% ..." behind the heading; their sum is said at the end. */
static bool read_exits(struct series_file *file, const struct tb_text *words, size_t count)
{
    uint64_t samples;
    char name[TB_COUNTER_NAME_SIZE];
    if (count < 4 || !tb_text_u64(words[1], &samples) || words[2].data[words[2].length - 1] != '%')
        return count > 0 && (tb_text_equals(words[0], "VM-EXIT") || tb_text_equals(words[0], "Analyze") ||
                             tb_text_equals(words[0], "Total"));
    tb_text_copy(words[0], name, sizeof name);
    tb_counter_told(&file->found, name, "1", (double)samples);
    file->exits += (double)samples;
    return true;
}

static void finish_exits(struct series_file *file)
{
    struct tb_counters *const counters = file->found.counters;
    if (!file->found.told || counters->known[TB_COUNTER_KVM_EXITS] || file->exits >= 9e15)
        return;
    counters->known[TB_COUNTER_KVM_EXITS] = true;
    counters->difference[TB_COUNTER_KVM_EXITS] = (uint64_t)file->exits;
}

/* --- the file --- */

static enum series recognise(struct tb_text text)
{
    if (tb_text_starts_with(text, "procs -") || tb_text_starts_with(text, "--procs--"))
        return SERIES_VMSTAT;
    if (tb_text_starts_with(text, "Linux ") && memchr(text.data, '(', text.length) != NULL)
        return SERIES_AVERAGES;
    return tb_text_starts_with(text, "Analyze events for ") ? SERIES_EXITS : SERIES_UNKNOWN;
}

static void read_line(struct series_file *file)
{
    struct tb_text words[COLUMNS_MOST];
    const struct tb_text text = tb_text_trim(file->lines.text);
    if (file->series == SERIES_UNKNOWN)
        file->series = recognise(text);
    const size_t count = split(text, words);
    const bool read = file->series == SERIES_VMSTAT     ? read_vmstat(file, words, count)
                      : file->series == SERIES_AVERAGES ? read_averages(file, words, count)
                      : file->series == SERIES_EXITS    ? read_exits(file, words, count)
                                                        : false;
    if (read)
        tb_lines_take(&file->lines);
}

static enum tb_status read_lines(struct series_file *file, struct tb_error *error)
{
    enum tb_status status;
    while ((status = tb_lines_next_whole(&file->lines, error)) == TB_OK && file->found.memory) {
        read_line(file);
        if (file->series == SERIES_UNKNOWN && tb_text_trim(file->lines.text).length > 0)
            break;
    }
    if (status != TB_OK && status != TB_END)
        return status;
    if (file->series == SERIES_VMSTAT)
        finish_vmstat(file);
    if (file->series == SERIES_EXITS)
        finish_exits(file);
    return TB_OK;
}

static enum tb_status read_sadf(struct series_file *file, struct tb_error *error)
{
    struct tb_reader *reader = &file->lines.reader;
    const enum tb_status status = tb_sadf_read(reader, &file->found, error);
    if (status == TB_OK) {
        file->lines.account.decoded += reader->available;
        tb_reader_pass(reader, reader->available);
    }
    return status;
}

/* What was found, whichever text it was. */
static enum tb_status settle(struct series_file *file, struct tb_error *error)
{
    tb_counter_averages_finish(&file->found);
    if (!file->found.memory)
        return tb_error_memory(error, "counters");
    return file->found.told
               ? TB_OK
               : tb_error_set(
                     error, TB_UNSUPPORTED,
                     "%s: no rows of vmstat N, no averages of sar, sadf -j or pidstat, no report of perf kvm stat",
                     tb_lines_name(&file->lines));
}

enum tb_status tb_counter_series_read(struct tb_source *source, const char *file, struct tb_counters *counters,
                                      struct tb_account *account, struct tb_error *error)
{
    struct series_file read = {.found = {.counters = counters, .file = file, .memory = true}};
    uint8_t beginning[64];
    size_t size;
    enum tb_status status = tb_source_look(source, beginning, sizeof beginning, &size, error);
    if (status == TB_OK)
        status = tb_lines_start(&read.lines, source, error);
    if (status != TB_OK)
        return status;
    status = tb_sadf_begins(beginning, size) ? read_sadf(&read, error) : read_lines(&read, error);
    if (status == TB_OK)
        status = settle(&read, error);
    tb_lines_finish(&read.lines, status == TB_OK ? account : NULL);
    return status;
}
