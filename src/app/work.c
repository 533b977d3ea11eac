/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/app/work.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "twinbed/io/lines.h"

/* A summary is small; a log of this size is not what the selector means. */
static const size_t DOCUMENT_LIMIT = 64 << 20;

/* The largest whole number below which every double is exact. */
static const double EXACT_LIMIT = 9007199254740992.0;

static bool whole_number(double value, uint64_t *units)
{
    if (!(value >= 0 && value <= EXACT_LIMIT) || value != (double)(uint64_t)value)
        return false;
    *units = (uint64_t)value;
    return true;
}

/* Undoes "~1" and "~0" of one step of a JSON pointer; false when it is not well formed. */
static bool unescape_step(struct tb_text step, char *key, size_t size, size_t *length)
{
    size_t used = 0;
    for (size_t i = 0; i < step.length; i++, used++) {
        char c = step.data[i];
        if (c == '~') {
            i++;
            if (i == step.length || (step.data[i] != '0' && step.data[i] != '1'))
                return false;
            c = step.data[i] == '0' ? '~' : '/';
        }
        if (used + 1 >= size)
            return false;
        key[used] = c;
    }
    key[used] = '\0';
    *length = used;
    return true;
}

/* NULL when the step leads nowhere. */
static const json_t *take_step(const json_t *value, struct tb_text step)
{
    char key[1024];
    size_t length;
    uint64_t index;
    if (!unescape_step(step, key, sizeof key, &length))
        return NULL;
    if (json_is_object(value))
        return json_object_get(value, key);
    const bool leading_zero = length > 1 && key[0] == '0';
    if (json_is_array(value) && !leading_zero && tb_text_u64(tb_text_of(key), &index) && index < json_array_size(value))
        return json_array_get(value, (size_t)index);
    return NULL;
}

static const json_t *follow_pointer(const json_t *value, const char *pointer)
{
    struct tb_text rest = tb_text_of(pointer);
    struct tb_text step;
    if (rest.length == 0)
        return value;
    if (!tb_text_take_prefix(&rest, "/"))
        return NULL;
    while (value != NULL && tb_text_take_until(&rest, '/', &step))
        value = take_step(value, step);
    return value;
}

static bool json_units(const json_t *value, uint64_t *units)
{
    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        *units = (uint64_t)json_integer_value(value);
        return true;
    }
    return json_is_real(value) && whole_number(json_real_value(value), units);
}

/* The whole stream in the window. */
static enum tb_status load_document(struct tb_reader *reader, struct tb_error *error)
{
    const char *name = tb_source_name(reader->source);
    const enum tb_status status = tb_reader_need(reader, DOCUMENT_LIMIT + 1, error);
    if (status == TB_OK)
        return tb_error_set(error, TB_UNSUPPORTED, "%s: a JSON file of more than %zu MiB", name, DOCUMENT_LIMIT >> 20);
    if (status != TB_END)
        return status;
    if (reader->stream_status != TB_END)
        return tb_error_set(error, reader->stream_status, "%s", reader->stream_error.text);
    return TB_OK;
}

static enum tb_status read_json(struct tb_reader *reader, const char *pointer, uint64_t *units, struct tb_error *error)
{
    const char *name = tb_source_name(reader->source);
    enum tb_status status = load_document(reader, error);
    if (status != TB_OK)
        return status;
    json_error_t problem;
    if (reader->available >= 3 && memcmp(reader->data, "\xef\xbb\xbf", 3) == 0) /* byte order mark */
        tb_reader_pass(reader, 3);
    json_t *root = json_loadb((const char *)reader->data, reader->available, 0, &problem);
    if (root == NULL) {
        const bool early = json_error_code(&problem) == json_error_premature_end_of_input;
        return tb_error_set(error, early ? TB_TRUNCATED : TB_CORRUPT, "%s: line %d: not valid JSON: %s", name,
                            problem.line, problem.text);
    }
    const json_t *value = follow_pointer(root, pointer);
    if (value == NULL)
        status = tb_error_set(error, TB_NOT_FOUND, "%s: the JSON file has no value at '%s'", name, pointer);
    else if (!json_units(value, units))
        status = tb_error_set(error, TB_CORRUPT, "%s: the value at '%s' is not a whole number >= 0", name, pointer);
    json_decref(root);
    return status;
}

/* One cell; quotes around it are taken off. A quote doubled inside is left as
 * it is: neither names nor numbers hold any. */
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
    if (!tb_text_take_until(&rest, '"', cell) || rest.data == NULL)
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

static bool find_column(struct tb_text header, char separator, const char *name, size_t *column)
{
    struct tb_text cell;
    for (*column = 0; take_cell(&header, separator, &cell); (*column)++)
        if (tb_text_equals(cell, name))
            return true;
    return false;
}

static bool read_cell(struct tb_text row, char separator, size_t column, uint64_t *units)
{
    struct tb_text cell;
    double real;
    for (size_t i = 0; i <= column; i++)
        if (!take_cell(&row, separator, &cell))
            return false;
    return tb_text_u64(cell, units) || (tb_text_real(cell, &real) && whole_number(real, units));
}

struct csv {
    struct tb_lines lines;
    char separator;
    size_t column;
    bool has_row;
    bool valid; /* of the last row */
    uint64_t units;
    uint64_t line;
};

static enum tb_status read_csv_header(struct csv *csv, const char *column, struct tb_error *error)
{
    const enum tb_status status = tb_lines_next(&csv->lines, error);
    if (status == TB_END)
        return tb_lines_explain_nothing(&csv->lines, error);
    if (status != TB_OK)
        return status;
    struct tb_text header = csv->lines.text;
    csv->separator = find_separator(header);
    if (!find_column(header, csv->separator, column, &csv->column))
        return tb_error_set(error, TB_NOT_FOUND, "%s: the CSV file has no column '%s'", tb_lines_name(&csv->lines),
                            column);
    return TB_OK;
}

static enum tb_status read_csv_rows(struct csv *csv, const char *column, struct tb_error *error)
{
    const char *name = tb_lines_name(&csv->lines);
    enum tb_status status;
    while ((status = tb_lines_next(&csv->lines, error)) == TB_OK) {
        if (tb_text_trim(csv->lines.text).length == 0)
            continue;
        csv->has_row = true;
        csv->line = csv->lines.number;
        csv->valid = read_cell(csv->lines.text, csv->separator, csv->column, &csv->units);
    }
    if (status != TB_END)
        return status;
    if (csv->lines.account.damage != TB_DAMAGE_NONE)
        return tb_lines_explain_nothing(&csv->lines, error);
    if (!csv->has_row)
        return tb_error_set(error, TB_NOT_FOUND, "%s: the CSV file has no row below its header", name);
    if (!csv->valid)
        return tb_error_set(error, TB_CORRUPT, "%s: line %" PRIu64 ": '%s' is not a whole number >= 0", name, csv->line,
                            column);
    return TB_OK;
}

/* Takes over the reader: a CSV file is read line by line, however long it is. */
static enum tb_status read_csv(struct csv *csv, const char *column, uint64_t *units, struct tb_error *error)
{
    enum tb_status status = read_csv_header(csv, column, error);
    if (status == TB_OK)
        status = read_csv_rows(csv, column, error);
    if (status == TB_OK)
        *units = csv->units;
    return status;
}

/* The first byte that is not a space stays in the window; '\0' for none near the start. CSV may be in UTF-16, JSON not. */
static enum tb_status first_byte(struct tb_reader *reader, char *first, struct tb_error *error)
{
    const enum tb_status status = tb_reader_need(reader, 4096, error);
    if (status != TB_OK && status != TB_END)
        return status;
    if (reader->available >= 4 &&
        (memcmp(reader->data, "\xff\xfe{", 4) == 0 || memcmp(reader->data, "\xff\xfe[", 4) == 0))
        return tb_error_set(error, TB_UNSUPPORTED, "%s: a JSON file in UTF-16; store it in UTF-8",
                            tb_source_name(reader->source));
    size_t i = reader->available >= 3 && memcmp(reader->data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (i < reader->available && memchr(" \t\r\n", reader->data[i], 4) != NULL)
        i++;
    *first = i < reader->available ? (char)reader->data[i] : '\0';
    return TB_OK;
}

enum tb_status tb_work_read(struct tb_source *source, const char *selector, uint64_t *units, struct tb_error *error)
{
    struct csv csv = {0};
    enum tb_status status = tb_lines_start(&csv.lines, source, error);
    if (status != TB_OK)
        return status;
    char first = '\0';
    uint64_t found = 0;
    status = first_byte(&csv.lines.reader, &first, error);
    if (status == TB_OK && (first == '{' || first == '['))
        status = read_json(&csv.lines.reader, selector, &found, error);
    else if (status == TB_OK)
        status = read_csv(&csv, selector, &found, error);
    tb_lines_finish(&csv.lines, NULL);
    if (status == TB_OK)
        *units = found;
    return status;
}
