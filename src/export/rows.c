/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rows.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "twinbed/base/utf8.h"

/* Rows of a block. Chunks of flows are as many rows or fewer (TB_PIECE_ROWS), so that none is decompressed twice. */
enum { BLOCK_ROWS = 1 << 14, ADDRESS_BYTES = 16 };

static enum tb_dimension first_dimension(const struct tb_export_rows *rows)
{
    return rows->table->dimensions[0];
}

/* Looked up at the row, and a number for each row: it comes in blocks. */
static bool is_in_block(const struct tb_export_rows *rows, enum tb_field field, bool at_row)
{
    const struct tb_field_description *described = tb_field_describe(field);
    return at_row && described->type != TB_TYPE_TEXT && described->dimensions[0] == first_dimension(rows);
}

/* Values of a field for one step of its first dimension. */
static uint64_t row_values(const struct tb_export_rows *rows, enum tb_field field)
{
    const struct tb_field_description *described = tb_field_describe(field);
    uint64_t values = 1;
    for (unsigned i = 1; i < described->rank; i++)
        if (__builtin_mul_overflow(values, tb_results_size(rows->results, described->dimensions[i]), &values))
            return UINT64_MAX;
    return values;
}

static const void *read_whole(struct tb_results *results, enum tb_field field, struct tb_error *error)
{
    switch (tb_field_describe(field)->type) {
    case TB_TYPE_INT32:
        return tb_results_int32(results, field, error);
    case TB_TYPE_INT64:
        return tb_results_int64(results, field, error);
    case TB_TYPE_FLOAT64:
        return tb_results_float64(results, field, error);
    case TB_TYPE_TEXT:
        break;
    }
    return tb_results_text(results, field, error);
}

/* Makes sure that the field's values will be there. */
static enum tb_status prepare(struct tb_export_rows *rows, enum tb_field field, bool at_row, struct tb_error *error)
{
    if (!is_in_block(rows, field, at_row)) {
        if (rows->whole[field] == NULL)
            rows->whole[field] = read_whole(rows->results, field, error);
        return rows->whole[field] == NULL ? error->status : TB_OK;
    }
    uint64_t bytes = rows->capacity;
    if (rows->block[field] != NULL)
        return TB_OK;
    if (__builtin_mul_overflow(bytes, row_values(rows, field), &bytes) ||
        __builtin_mul_overflow(bytes, (uint64_t)tb_type_size(tb_field_describe(field)->type), &bytes))
        return tb_error_memory(error, "a block of rows");
    rows->block[field] = malloc(bytes + 1);
    return rows->block[field] == NULL ? tb_error_memory(error, "a block of rows") : TB_OK;
}

static enum tb_status prepare_column(struct tb_export_rows *rows, const struct tb_column_item *column,
                                     struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (unsigned i = 0; i < column->hops && status == TB_OK; i++)
        status = prepare(rows, column->via[i], i == 0, error);
    if (status == TB_OK && column->fill != TB_FILL_POSITION)
        status = prepare(rows, column->field, column->hops == 0, error);
    if (status == TB_OK && column->named != TB_FIELDS)
        status = prepare(rows, column->named, false, error);
    if (status == TB_OK && column->fill == TB_FILL_ADDRESS)
        status = prepare(rows, TB_FIELD_FLOW_IP_VERSION, true, error);
    return status;
}

static enum tb_status prepare_columns(struct tb_export_rows *rows, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < rows->columns->count && status == TB_OK; i++)
        if (rows->columns->items[i].needed)
            status = prepare_column(rows, &rows->columns->items[i], error);
    if (status == TB_OK && rows->table->paired)
        status = prepare(rows, TB_FIELD_RUN_PAIRS, true, error);
    return status;
}

static enum tb_status allocate_cells(struct tb_export_rows *rows, struct tb_error *error)
{
    const size_t count = rows->columns->count;
    rows->cells = calloc(count + 1, sizeof *rows->cells);
    rows->texts = calloc(count + 1, sizeof *rows->texts);
    rows->repaired = calloc(count + 1, sizeof *rows->repaired);
    if (rows->cells == NULL || rows->texts == NULL || rows->repaired == NULL)
        return tb_error_memory(error, "a row");
    return TB_OK;
}

/* How many rows of the first dimension are BLOCK_ROWS rows of the table. */
static void choose_block(struct tb_export_rows *rows)
{
    uint64_t inner = 1;
    for (unsigned i = 0; i < rows->table->rank; i++)
        rows->sizes[i] = tb_results_size(rows->results, rows->table->dimensions[i]);
    for (unsigned i = 1; i < rows->table->rank && inner < BLOCK_ROWS; i++)
        inner *= rows->sizes[i] < BLOCK_ROWS ? rows->sizes[i] : BLOCK_ROWS;
    rows->capacity = inner == 0 || BLOCK_ROWS / inner == 0 ? 1 : BLOCK_ROWS / inner;
    if (rows->capacity > rows->sizes[0])
        rows->capacity = rows->sizes[0];
}

enum tb_status tb_export_rows_open(struct tb_export_rows *rows, struct tb_results *results,
                                   const struct tb_export_table *table, const struct tb_column_items *columns,
                                   struct tb_error *error)
{
    struct tb_error reason = {.status = TB_INPUT_OUTPUT};
    *rows = (struct tb_export_rows){.results = results, .table = table, .columns = columns};
    choose_block(rows);
    enum tb_status status = allocate_cells(rows, &reason);
    if (status == TB_OK)
        status = prepare_columns(rows, &reason);
    if (status == TB_OK)
        return TB_OK;
    tb_export_rows_close(rows);
    return tb_error_set(error, reason.status, "%s", reason.text);
}

void tb_export_rows_close(struct tb_export_rows *rows)
{
    for (enum tb_field field = 0; field < TB_FIELDS; field++)
        free(rows->block[field]);
    for (size_t i = 0; rows->repaired != NULL && i < rows->columns->count; i++)
        free(rows->repaired[i]);
    free(rows->cells);
    free(rows->texts);
    free(rows->repaired);
    *rows = (struct tb_export_rows){.results = NULL};
}

static enum tb_status read_block(struct tb_export_rows *rows, struct tb_error *error)
{
    const uint64_t left = rows->sizes[0] - rows->first;
    rows->count = left < rows->capacity ? left : rows->capacity;
    enum tb_status status = TB_OK;
    for (enum tb_field field = 0; field < TB_FIELDS && status == TB_OK; field++)
        if (rows->block[field] != NULL)
            status = tb_results_rows(rows->results, field, rows->first, rows->count, rows->block[field], error);
    return status;
}

/* Where a value of a field is that comes after an index (leads) or at the row. */
static uint64_t offset_of(const struct tb_export_rows *rows, enum tb_field field, bool leads, uint64_t index,
                          size_t factor)
{
    const struct tb_field_description *described = tb_field_describe(field);
    uint64_t offset = leads ? index : rows->position[described->dimensions[0]];
    if (is_in_block(rows, field, !leads))
        offset -= rows->first;
    for (unsigned i = 1; i < described->rank; i++) {
        const enum tb_dimension dimension = described->dimensions[i];
        const uint64_t inner = dimension == TB_DIMENSION_FACTOR ? factor : rows->position[dimension];
        offset = offset * tb_results_size(rows->results, dimension) + inner;
    }
    return offset;
}

static const void *values_of(const struct tb_export_rows *rows, enum tb_field field, bool leads)
{
    return is_in_block(rows, field, !leads) ? rows->block[field] : rows->whole[field];
}

/* Follows the indexes of a column, which the reader has checked, to where its field is looked up; false when one of them is -1. */
static bool follow(const struct tb_export_rows *rows, const struct tb_column_item *column, uint64_t *offset)
{
    uint64_t index = 0;
    for (unsigned i = 0; i < column->hops; i++) {
        const enum tb_field field = column->via[i];
        const int32_t value = ((const int32_t *)values_of(rows, field, i > 0))[offset_of(rows, field, i > 0, index, 0)];
        if (value < 0)
            return false;
        index = (uint64_t)value;
    }
    *offset = offset_of(rows, column->field, column->hops > 0, index, column->factor);
    return true;
}

static enum tb_status fill_text(struct tb_export_rows *rows, size_t column, const char *text, struct tb_error *error)
{
    free(rows->repaired[column]);
    rows->repaired[column] = NULL;
    if (!tb_utf8_repair(text, &rows->repaired[column]))
        return tb_error_memory(error, "a text");
    rows->cells[column].kind = TB_VALUE_TEXT;
    rows->cells[column].text = rows->repaired[column] == NULL ? text : rows->repaired[column];
    return TB_OK;
}

static void fill_flag(struct tb_export_rows *rows, size_t column, int32_t value)
{
    size_t length;
    const char *const word = tb_flag_word(tb_field_describe(rows->columns->items[column].field)->flags, value, &length);
    if (word == NULL)
        return;
    snprintf(rows->texts[column], sizeof rows->texts[column], "%.*s", (int)length, word);
    rows->cells[column].kind = TB_VALUE_TEXT;
    rows->cells[column].text = rows->texts[column];
}

static enum tb_status fill_address(struct tb_export_rows *rows, size_t column, struct tb_error *error)
{
    const struct tb_column_item *item = &rows->columns->items[column];
    const int32_t *version = values_of(rows, TB_FIELD_FLOW_IP_VERSION, false);
    const uint64_t row = offset_of(rows, TB_FIELD_FLOW_IP_VERSION, false, 0, 0);
    const int32_t *bytes = values_of(rows, item->field, false);
    unsigned char address[ADDRESS_BYTES];
    if (tb_results_size(rows->results, TB_DIMENSION_ADDRESS_BYTE) != ADDRESS_BYTES)
        return tb_error_set(error, TB_CORRUPT, "results file: an address has not %d bytes", ADDRESS_BYTES);
    for (uint64_t i = 0; i < ADDRESS_BYTES; i++)
        address[i] = (unsigned char)bytes[row * ADDRESS_BYTES + i];
    inet_ntop(version[row] == 6 ? AF_INET6 : AF_INET, address, rows->texts[column], sizeof rows->texts[column]);
    rows->cells[column].kind = TB_VALUE_TEXT;
    rows->cells[column].text = rows->texts[column];
    return TB_OK;
}

static void fill_integer(struct tb_export_rows *rows, size_t column, int64_t value)
{
    if (value < 0 && rows->columns->items[column].fill != TB_FILL_PLAIN)
        return;
    rows->cells[column].kind = TB_VALUE_INTEGER;
    rows->cells[column].integer = value;
}

/* An index that has a name, a flag, or a count. The reader has checked that it points somewhere. */
static enum tb_status fill_int32(struct tb_export_rows *rows, size_t column, int32_t value, struct tb_error *error)
{
    const struct tb_column_item *item = &rows->columns->items[column];
    if (item->named != TB_FIELDS)
        return value < 0 ? TB_OK
                         : fill_text(rows, column, ((const char *const *)rows->whole[item->named])[value], error);
    if (item->kind == TB_VALUE_TEXT)
        fill_flag(rows, column, value);
    else
        fill_integer(rows, column, value);
    return TB_OK;
}

static enum tb_status fill_value(struct tb_export_rows *rows, size_t column, const void *values, uint64_t offset,
                                 struct tb_error *error)
{
    switch (tb_field_describe(rows->columns->items[column].field)->type) {
    case TB_TYPE_INT32:
        return fill_int32(rows, column, ((const int32_t *)values)[offset], error);
    case TB_TYPE_INT64:
        fill_integer(rows, column, ((const int64_t *)values)[offset]);
        return TB_OK;
    case TB_TYPE_FLOAT64:
        rows->cells[column].number = ((const double *)values)[offset];
        rows->cells[column].kind = isnan(rows->cells[column].number) ? TB_VALUE_MISSING : TB_VALUE_NUMBER;
        return TB_OK;
    case TB_TYPE_TEXT:
        break;
    }
    return fill_text(rows, column, ((const char *const *)values)[offset], error);
}

static enum tb_status fill_cell(struct tb_export_rows *rows, size_t column, struct tb_error *error)
{
    const struct tb_column_item *item = &rows->columns->items[column];
    uint64_t offset;
    rows->cells[column] = (struct tb_export_cell){.kind = TB_VALUE_MISSING};
    if (item->fill == TB_FILL_POSITION) {
        fill_integer(rows, column, (int64_t)rows->position[item->dimension]);
        return TB_OK;
    }
    if (item->fill == TB_FILL_ADDRESS)
        return fill_address(rows, column, error);
    if (!follow(rows, item, &offset))
        return TB_OK;
    return fill_value(rows, column, values_of(rows, item->field, item->hops > 0), offset, error);
}

/* The last dimension runs fastest. False behind the last row. */
static bool step(struct tb_export_rows *rows)
{
    const struct tb_export_table *table = rows->table;
    if (!rows->begun) {
        rows->begun = true;
        for (unsigned i = 0; i < table->rank; i++)
            if (rows->sizes[i] == 0)
                return false;
        return true;
    }
    for (unsigned i = table->rank; i-- > 0;) {
        if (++rows->position[table->dimensions[i]] < rows->sizes[i])
            return true;
        if (i > 0)
            rows->position[table->dimensions[i]] = 0;
    }
    return false;
}

static bool is_row(const struct tb_export_rows *rows)
{
    if (!rows->table->paired)
        return true;
    const int32_t *pairs = values_of(rows, TB_FIELD_RUN_PAIRS, false);
    return (int64_t)rows->position[TB_DIMENSION_PAIR] < pairs[offset_of(rows, TB_FIELD_RUN_PAIRS, false, 0, 0)];
}

static enum tb_status find_row(struct tb_export_rows *rows, struct tb_error *error)
{
    while (step(rows)) {
        const uint64_t position = rows->position[first_dimension(rows)];
        if (position >= rows->first + rows->count) {
            rows->first = position;
            const enum tb_status status = read_block(rows, error);
            if (status != TB_OK)
                return status;
        }
        if (is_row(rows))
            return TB_OK;
    }
    return TB_END;
}

enum tb_status tb_export_rows_next(struct tb_export_rows *rows, struct tb_error *error)
{
    enum tb_status status = find_row(rows, error);
    for (size_t i = 0; i < rows->columns->count && status == TB_OK; i++)
        if (rows->columns->items[i].needed)
            status = fill_cell(rows, i, error);
    return status;
}
