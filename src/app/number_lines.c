/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers in lines: cells of a CSV, what an expression matches, what stands behind a key. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "number_sources.h"
#include "twinbed/base/containers.h"

/* 128 MiB. */
static const size_t QUANTILE_LIMIT = 1 << 24;

/* One place, while lines go by. */
struct gathering {
    const struct tb_number_place *place;
    uint64_t count;
    double last, sum, rest, minimum, maximum; /* rest: what the sum lost by rounding */
    uint64_t bad_line;                        /* the first line with something else than a number; 0: none */
    uint64_t cut_line;                        /* the last one that was not read to its end */
    double *values;                           /* owned; for a quantile */
    size_t capacity;
    bool failed;     /* memory is short */
    bool compiled;   /* regex is to be freed */
    bool has_header; /* the column is known, or known to be missing */
    bool has_column;
    char separator;
    size_t column;
    size_t columns;
    bool has_twin; /* another column has the same name */
    regex_t regex;
    struct tb_buffer line; /* a copy that ends with a NUL */
};

static void add_to_sum(struct gathering *gathering, double value)
{
    const double sum = gathering->sum + value;
    gathering->rest +=
        fabs(gathering->sum) >= fabs(value) ? gathering->sum - sum + value : value - sum + gathering->sum;
    gathering->sum = sum;
}

static void keep_value(struct gathering *gathering, double value)
{
    if (gathering->count >= QUANTILE_LIMIT)
        return;
    if (tb_array_reserve(&gathering->values, &gathering->capacity, gathering->count + 1, sizeof *gathering->values))
        gathering->values[gathering->count] = value;
    else
        gathering->failed = true;
}

/* The last and the first number do not care for what stands elsewhere. */
static void gather_bad(struct gathering *gathering, uint64_t line)
{
    const enum tb_number_choice choice = gathering->place->take.choice;
    if (choice == TB_NUMBER_LAST || gathering->bad_line == 0)
        gathering->bad_line = choice == TB_NUMBER_FIRST && gathering->count > 0 ? 0 : line;
}

/* What stands behind the limit of a line is not seen. */
static bool is_cut(const struct tb_lines *lines)
{
    return lines->text.length >= TB_LINE_LIMIT;
}

static void gather_cut(struct gathering *gathering, uint64_t line)
{
    gathering->cut_line = line;
    gather_bad(gathering, line);
}

static void gather(struct gathering *gathering, struct tb_text text, uint64_t line)
{
    const enum tb_number_choice choice = gathering->place->take.choice;
    double value;
    if (!tb_text_real(text, &value)) {
        gather_bad(gathering, line);
        return;
    }
    if (choice == TB_NUMBER_LAST)
        gathering->bad_line = 0;
    if (choice == TB_NUMBER_QUANTILE)
        keep_value(gathering, value);
    if (choice != TB_NUMBER_FIRST || gathering->count == 0)
        gathering->last = value;
    gathering->minimum = gathering->count == 0 || value < gathering->minimum ? value : gathering->minimum;
    gathering->maximum = gathering->count == 0 || value > gathering->maximum ? value : gathering->maximum;
    add_to_sum(gathering, value);
    gathering->count++;
}

/* Up to the quote that closes; one that is doubled does not, and is left as it is: neither names nor numbers hold any. */
static bool take_quoted(struct tb_text *rest, struct tb_text *cell)
{
    const char *const begin = rest->data;
    struct tb_text part;
    do {
        if (!tb_text_take_until(rest, '"', &part) || rest->data == NULL)
            return false;
    } while (tb_text_take_prefix(rest, "\""));
    *cell = (struct tb_text){.data = begin, .length = (size_t)(part.data + part.length - begin)};
    return true;
}

/* One cell; quotes around it are taken off. */
static bool take_cell(struct tb_text *row, char separator, struct tb_text *cell)
{
    struct tb_text rest = *row;
    if (rest.data == NULL)
        return false;
    if (!tb_text_take_prefix(&rest, "\"")) {
        const bool taken = tb_text_take_until(row, separator, cell);
        *cell = tb_text_trim(*cell);
        return taken;
    }
    struct tb_text behind;
    if (!take_quoted(&rest, cell))
        return false;
    const bool taken = tb_text_take_until(&rest, separator, &behind);
    *row = rest;
    return taken && tb_text_trim(behind).length == 0;
}

static char find_separator(struct tb_text header)
{
    for (size_t i = 0; i < header.length; i++)
        if (header.data[i] == ',' || header.data[i] == ';' || header.data[i] == '\t')
            return header.data[i];
    return ',';
}

static void find_column(struct gathering *gathering, struct tb_text header)
{
    struct tb_text cell;
    for (size_t i = 0; take_cell(&header, gathering->separator, &cell); i++) {
        gathering->columns = i + 1;
        if (!tb_text_equals(cell, gathering->place->text))
            continue;
        gathering->has_twin = gathering->has_column;
        gathering->column = i;
        gathering->has_column = true;
    }
}

/* An empty text, which is no number, where the row is too short or a quote is not closed, or where something stands
 * behind the last column: a comma within a number has moved all that follow it. */
static struct tb_text cell_of(struct tb_text row, const struct gathering *gathering)
{
    struct tb_text cell, found = {0};
    for (size_t i = 0; take_cell(&row, gathering->separator, &cell); i++) {
        if (i == gathering->column)
            found = cell;
        if (i >= gathering->columns && cell.length > 0)
            return (struct tb_text){0};
    }
    return row.data == NULL ? found : (struct tb_text){0};
}

static void gather_cell(struct gathering *gathering, const struct tb_lines *lines)
{
    if (!gathering->has_header) {
        gathering->has_header = true;
        gathering->separator = find_separator(lines->text);
        find_column(gathering, lines->text);
    } else if (gathering->has_column && is_cut(lines)) {
        gather_cut(gathering, lines->number);
    } else if (gathering->has_column && tb_text_trim(lines->text).length > 0) {
        gather(gathering, cell_of(lines->text, gathering), lines->number);
    }
}

static bool is_digit(struct tb_text line, size_t at)
{
    return at < line.length && line.data[at] >= '0' && line.data[at] <= '9';
}

/* A digit, or a point or comma and a digit, or an exponent. */
static bool goes_on(struct tb_text line, size_t end)
{
    if (is_digit(line, end))
        return true;
    if (end == line.length || end == 0 || !is_digit(line, end - 1) || strchr(".,eE", line.data[end]) == NULL)
        return false;
    const bool exponent = line.data[end] == 'e' || line.data[end] == 'E';
    const bool sign = exponent && end + 1 < line.length && strchr("+-", line.data[end + 1]) != NULL;
    return is_digit(line, end + 1 + sign);
}

static bool began_before(struct tb_text line, size_t begin)
{
    if (begin == 0 || !is_digit(line, begin))
        return false;
    const char before = line.data[begin - 1];
    const bool point = before == '.' || before == ',';
    return is_digit(line, begin - 1) || (point && begin > 1 && is_digit(line, begin - 2)) ||
           (before == '-' && (begin == 1 || strchr(" \t=:", line.data[begin - 2]) != NULL));
}

/* The group ends, or begins, where the match does, but the number does not: "rate ([0-9.]+)" in "rate 1.5e+06". */
static bool cuts_number(struct tb_text line, const regmatch_t found[2])
{
    return (found[1].rm_eo == found[0].rm_eo && goes_on(line, (size_t)found[1].rm_eo)) ||
           (found[1].rm_so == found[0].rm_so && began_before(line, (size_t)found[1].rm_so));
}

/* Not every regexec leaves alone what stands behind the end that REG_STARTEND tells. */
static bool find_match(struct gathering *gathering, struct tb_text line, regmatch_t found[2])
{
    gathering->line.size = 0;
    tb_buffer_put(&gathering->line, line.data, line.length);
    tb_buffer_put_u8(&gathering->line, '\0');
    if (gathering->line.failed) {
        gathering->failed = true;
        return false;
    }
    found[0] = (regmatch_t){.rm_so = 0, .rm_eo = (regoff_t)line.length};
    return regexec(&gathering->regex, (const char *)gathering->line.data, 2, found, REG_STARTEND) == 0;
}

static void gather_match(struct gathering *gathering, const struct tb_lines *lines)
{
    regmatch_t found[2] = {{.rm_so = 0}};
    if (lines->text.length == 0)
        return;
    const bool matches = find_match(gathering, lines->text, found);
    if (is_cut(lines) && (!matches || (size_t)found[0].rm_eo == lines->text.length))
        gather_cut(gathering, lines->number);
    if (!matches || gathering->cut_line == lines->number)
        return;
    const bool none = found[1].rm_so < 0 || cuts_number(lines->text, found);
    const size_t begin = none ? 0 : (size_t)found[1].rm_so;
    const size_t end = none ? 0 : (size_t)found[1].rm_eo;
    gather(gathering, (struct tb_text){.data = lines->text.data + begin, .length = end - begin}, lines->number);
}

/* "VmHWM:  1234 kB", "ops=12", "rate 3.5 1/s": the key, what parts it from the number, the number, perhaps a unit. */
static void gather_key(struct gathering *gathering, const struct tb_lines *lines)
{
    struct tb_text rest = tb_text_trim(lines->text);
    struct tb_text word = {0}, unit;
    double number;
    if (!tb_text_take_prefix(&rest, gathering->place->text))
        return;
    struct tb_text value = tb_text_trim(rest);
    const bool parted = value.length < rest.length;
    if (!tb_text_take_prefix(&value, ":") && !tb_text_take_prefix(&value, "=") && !parted)
        return;
    (void)tb_text_take_word(&value, &word);
    /* Digits in groups, as "1 234", or several numbers: which one is not said. */
    if (tb_text_take_word(&value, &unit) && tb_text_real(unit, &number))
        word = (struct tb_text){0};
    gather(gathering, word, lines->number);
}

static void gather_line(struct gathering *gathering, const struct tb_lines *lines)
{
    switch (gathering->place->form) {
    case TB_NUMBER_COLUMN:
        gather_cell(gathering, lines);
        break;
    case TB_NUMBER_REGEX:
        gather_match(gathering, lines);
        break;
    case TB_NUMBER_KEY:
        gather_key(gathering, lines);
        break;
    default: /* json is found in the document */
        break;
    }
}

static int compare_values(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double quantile_of(const struct gathering *gathering)
{
    const double count = (double)gathering->count;
    const double position = ceil(count * gathering->place->take.quantile / 100);
    qsort(gathering->values, gathering->count, sizeof *gathering->values, compare_values);
    return gathering->values[position < 1 ? 0 : position > count ? gathering->count - 1 : (size_t)position - 1];
}

static double number_of(const struct gathering *gathering)
{
    switch (gathering->place->take.choice) {
    case TB_NUMBER_SUM:
        return gathering->sum + gathering->rest;
    case TB_NUMBER_MEAN:
        return (gathering->sum + gathering->rest) / (double)gathering->count;
    case TB_NUMBER_MINIMUM:
        return gathering->minimum;
    case TB_NUMBER_MAXIMUM:
        return gathering->maximum;
    case TB_NUMBER_QUANTILE:
        return quantile_of(gathering);
    default:
        return gathering->last;
    }
}

static bool explain_nothing(const struct gathering *gathering, struct tb_number *number)
{
    const char *text = gathering->place->text;
    if (gathering->place->form == TB_NUMBER_REGEX)
        return tb_number_fail(number, TB_NOT_FOUND, "no line matches '%.120s'", text);
    if (gathering->place->form == TB_NUMBER_KEY)
        return tb_number_fail(number, TB_NOT_FOUND, "no line has the key '%.120s'", text);
    return tb_number_fail(number, TB_NOT_FOUND, "the CSV file has no row below its header");
}

static void finish(const struct gathering *gathering, struct tb_number *number)
{
    const struct tb_number_place *place = gathering->place;
    if (place->form == TB_NUMBER_COLUMN && !gathering->has_column)
        tb_number_fail(number, TB_NOT_FOUND, "the CSV file has no column '%.120s'", place->text);
    else if (gathering->has_twin)
        tb_number_fail(number, TB_CORRUPT, "the CSV file has two columns '%.120s'", place->text);
    else if (gathering->bad_line != 0 && gathering->bad_line == gathering->cut_line)
        tb_number_fail(number, TB_UNSUPPORTED, "line %" PRIu64 " is longer than %d KiB, and is not read to its end",
                       gathering->bad_line, TB_LINE_LIMIT >> 10);
    else if (gathering->bad_line != 0)
        tb_number_fail(number, TB_CORRUPT, "line %" PRIu64 ": '%.120s' has no number", gathering->bad_line,
                       place->text);
    else if (gathering->count == 0)
        explain_nothing(gathering, number);
    else if (place->take.choice == TB_NUMBER_QUANTILE && gathering->count > QUANTILE_LIMIT)
        tb_number_fail(number, TB_UNSUPPORTED, "a quantile of more than %zu numbers", QUANTILE_LIMIT);
    else
        *number = (struct tb_number){.value = number_of(gathering)};
    if (number->status == TB_OK && !isfinite(number->value))
        tb_number_fail(number, TB_CORRUPT, "the numbers of '%.120s' are too large to be added", place->text);
}

static enum tb_status gather_all(struct tb_lines *lines, struct gathering *gatherings, size_t count,
                                 struct tb_error *error)
{
    enum tb_status status;
    bool some = false, failed = false;
    while ((status = tb_lines_next(lines, error)) == TB_OK) {
        some = true;
        for (size_t i = 0; i < count; i++)
            gather_line(&gatherings[i], lines);
    }
    if (status != TB_END)
        return status;
    for (size_t i = 0; i < count; i++)
        failed = failed || gatherings[i].failed;
    if (failed)
        return tb_error_memory(error, "numbers of a column");
    return some && lines->account.damage == TB_DAMAGE_NONE ? TB_OK : tb_lines_explain_nothing(lines, error);
}

enum tb_status tb_numbers_read_lines(struct tb_lines *lines, const struct tb_number_place *places, size_t count,
                                     struct tb_number *numbers, struct tb_error *error)
{
    struct gathering *gatherings = calloc(count + 1, sizeof *gatherings);
    if (gatherings == NULL)
        return tb_error_memory(error, "numbers");
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < count && status == TB_OK; i++) {
        gatherings[i].place = &places[i];
        if (places[i].form != TB_NUMBER_REGEX)
            continue;
        gatherings[i].compiled = tb_number_regex_compile(places[i].text, &gatherings[i].regex);
        if (!gatherings[i].compiled)
            status = tb_error_memory(error, "an expression");
    }
    if (status == TB_OK)
        status = gather_all(lines, gatherings, count, error);
    for (size_t i = 0; i < count; i++) {
        if (status == TB_OK && places[i].form != TB_NUMBER_JSON)
            finish(&gatherings[i], &numbers[i]);
        if (gatherings[i].compiled)
            regfree(&gatherings[i].regex);
        tb_buffer_free(&gatherings[i].line);
        free(gatherings[i].values);
    }
    free(gatherings);
    return status;
}
