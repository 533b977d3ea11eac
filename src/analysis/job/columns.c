/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "columns.h"

#include <stdlib.h>
#include <string.h>

#include "twinbed/base/containers.h"
#include "twinbed/campaign/plan.h"

void tb_columns_free(struct tb_columns *columns)
{
    for (int field = 0; field < TB_FIELDS; field++)
        tb_buffer_free(&columns->column[field]);
}

void tb_column_put_int32(struct tb_columns *columns, enum tb_field field, int64_t value)
{
    const int32_t stored = (int32_t)value;
    tb_buffer_put(&columns->column[field], &stored, sizeof stored);
}

void tb_column_put_int64(struct tb_columns *columns, enum tb_field field, int64_t value)
{
    tb_buffer_put(&columns->column[field], &value, sizeof value);
}

void tb_column_put_float64(struct tb_columns *columns, enum tb_field field, double value)
{
    tb_buffer_put(&columns->column[field], &value, sizeof value);
}

void tb_column_put_text(struct tb_columns *columns, enum tb_field field, const char *value)
{
    tb_buffer_put_text(&columns->column[field], value);
}

uint64_t tb_column_length(const struct tb_columns *columns, enum tb_field field)
{
    return columns->column[field].size / tb_type_size(tb_field_describe(field)->type);
}

static enum tb_status take_column(void *context, struct tb_bytes bytes, struct tb_error *error)
{
    struct tb_buffer *const column = context;
    column->size = 0;
    tb_buffer_put(column, bytes.data, bytes.left);
    return tb_buffer_check(column, "columns", error);
}

enum tb_status tb_column_gather(const struct tb_team *team, struct tb_columns *columns, enum tb_field field,
                                struct tb_error *error)
{
    struct tb_buffer *const column = &columns->column[field];
    if (team->size == 1)
        return tb_buffer_check(column, "columns", error);
    const enum tb_status status = tb_team_collect(team, TB_OK, column, "columns", false, take_column, column, error);
    if (team->rank != 0)
        tb_buffer_free(column);
    return status;
}

/* Columns that refer to rows of a table, and a column of that table. */
static const struct {
    enum tb_field field, rows;
} references[] = {
    {TB_FIELD_CALL_TOTAL_SEQUENCE, TB_FIELD_SEQUENCE_RUN},
    {TB_FIELD_THREAD_SEQUENCE, TB_FIELD_SEQUENCE_RUN},
    {TB_FIELD_EDGE_CHAIN, TB_FIELD_CHAIN_CELL},
    {TB_FIELD_EDGE_DIFFERENCE_COMPARISON, TB_FIELD_CHAIN_COMPARISON_ORDER},
    {TB_FIELD_WALK_DIFFERENCE_COMPARISON, TB_FIELD_CHAIN_COMPARISON_ORDER},
    {TB_FIELD_INVALID_SET, TB_FIELD_WALK_SET_WINDOW},
};

enum { REFERENCES = sizeof references / sizeof references[0] };

/* From value first on. */
static void shift(struct tb_columns *columns, enum tb_field field, uint64_t first, int64_t offset)
{
    int32_t *const values = (int32_t *)(void *)columns->column[field].data;
    const uint64_t count = tb_column_length(columns, field);
    for (uint64_t i = first; i < count; i++)
        if (values[i] >= 0)
            values[i] += (int32_t)offset;
}

void tb_columns_shift(struct tb_columns *columns, enum tb_field rows, int64_t offset)
{
    for (size_t i = 0; i < REFERENCES; i++)
        if (references[i].rows == rows)
            shift(columns, references[i].field, 0, offset);
}

void tb_columns_pack(const struct tb_columns *columns, struct tb_buffer *buffer)
{
    for (int i = 0; i < TB_FIELDS; i++) {
        const struct tb_buffer *const column = &columns->column[i];
        buffer->failed = buffer->failed || column->failed;
        if (column->size == 0)
            continue;
        tb_buffer_put_u32(buffer, (uint32_t)i);
        tb_buffer_put_u64(buffer, column->size);
        tb_buffer_put(buffer, column->data, column->size);
    }
}

enum tb_status tb_columns_append(struct tb_columns *columns, struct tb_bytes bytes, struct tb_error *error)
{
    uint64_t first[REFERENCES], rows[REFERENCES];
    for (size_t i = 0; i < REFERENCES; i++) {
        first[i] = tb_column_length(columns, references[i].field);
        rows[i] = tb_column_length(columns, references[i].rows);
    }
    while (bytes.left > 0) {
        uint32_t field;
        uint64_t size;
        const uint8_t *data;
        if (!tb_bytes_take_u32(&bytes, &field) || field >= TB_FIELDS || !tb_bytes_take_u64(&bytes, &size) ||
            !tb_bytes_take(&bytes, size, &data))
            return tb_error_unpack(error, "rows do not unpack");
        tb_buffer_put(&columns->column[field], data, size);
    }
    for (size_t i = 0; i < REFERENCES; i++)
        shift(columns, references[i].field, first[i], (int64_t)rows[i]);
    return TB_OK;
}

/* Values in one row of a field: the product of its later dimensions. */
static uint64_t row_length(const struct tb_field_description *field, const uint64_t *sizes)
{
    uint64_t length = 1;
    for (unsigned i = 1; i < field->rank; i++)
        length *= sizes[field->dimensions[i]];
    return length;
}

/* The rows that this rank holds of each dimension, from its numeric columns of
 * one dimension; all columns of a dimension must agree. */
static enum tb_status count_rows(const struct tb_columns *columns, uint64_t *rows, struct tb_error *error)
{
    bool known[TB_DIMENSIONS] = {false};
    for (int i = 0; i < TB_FIELDS; i++) {
        const struct tb_field_description *field = tb_field_describe((enum tb_field)i);
        const enum tb_status status = tb_buffer_check(&columns->column[i], field->path, error);
        if (status != TB_OK)
            return status;
        if (field->type == TB_TYPE_TEXT || field->rank != 1)
            continue;
        const enum tb_dimension dimension = field->dimensions[0];
        const uint64_t length = tb_column_length(columns, (enum tb_field)i);
        if (known[dimension] && rows[dimension] != length)
            return tb_error_set(error, TB_INTERNAL, "column %s has %llu rows where its table has %llu", field->path,
                                (unsigned long long)length, (unsigned long long)rows[dimension]);
        known[dimension] = true;
        rows[dimension] = length;
    }
    return TB_OK;
}

/* Texts of one field on rank 0, as pointers; both arrays are the caller's. */
struct text_list {
    char **values;
    size_t count;
};

static void text_list_free(struct text_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->values[i]);
    free(list->values);
}

static enum tb_status take_texts(void *context, struct tb_bytes bytes, struct tb_error *error)
{
    struct text_list *const list = context;
    size_t capacity = 0;
    while (bytes.left > 0) {
        if (!tb_array_reserve(&list->values, &capacity, list->count + 1, sizeof *list->values))
            return tb_error_memory(error, "texts of the results");
        if (!tb_bytes_take_text(&bytes, &list->values[list->count]))
            return tb_error_unpack(error, "texts of the results do not unpack");
        list->count++;
    }
    return TB_OK;
}

struct all_texts {
    struct text_list lists[TB_FIELDS];
    struct tb_text_field fields[TB_FIELDS];
    size_t count;
};

static void all_texts_free(struct all_texts *texts)
{
    for (int i = 0; i < TB_FIELDS; i++)
        text_list_free(&texts->lists[i]);
    free(texts);
}

static enum tb_status gather_all_texts(const struct tb_team *team, const struct tb_columns *columns,
                                       struct all_texts *texts, struct tb_error *error)
{
    for (int i = 0; i < TB_FIELDS; i++) {
        if (tb_field_describe((enum tb_field)i)->type != TB_TYPE_TEXT)
            continue;
        const enum tb_status status = tb_team_collect(team, TB_OK, &columns->column[i], "texts of the results", false,
                                                      take_texts, &texts->lists[i], error);
        if (status != TB_OK)
            return status;
        texts->fields[texts->count++] =
            (struct tb_text_field){.field = (enum tb_field)i, .values = (const char *const *)texts->lists[i].values};
    }
    return TB_OK;
}

/* Text columns must be as long as their tables; tables of texts alone set the size. */
static enum tb_status check_texts(const struct all_texts *texts, uint64_t *sizes, struct tb_error *error)
{
    for (size_t i = 0; i < texts->count; i++) {
        const struct tb_field_description *field = tb_field_describe(texts->fields[i].field);
        const uint64_t expected = sizes[field->dimensions[0]] * row_length(field, sizes);
        if (texts->lists[texts->fields[i].field].count != expected)
            return tb_error_set(error, TB_INTERNAL, "text column %s has %zu values, not %llu", field->path,
                                texts->lists[texts->fields[i].field].count, (unsigned long long)expected);
    }
    return TB_OK;
}

/* Numeric columns that are gathered on rank 0 and written there: a collective
 * write costs more than their bytes are worth. Depends on the sizes alone. */
static bool is_small(enum tb_field number, const uint64_t *sizes)
{
    enum { SMALL_BYTES = 64 * 1024 };
    const struct tb_field_description *field = tb_field_describe(number);
    return field->type != TB_TYPE_TEXT &&
           sizes[field->dimensions[0]] * row_length(field, sizes) * tb_type_size(field->type) <= SMALL_BYTES;
}

struct small_columns {
    const uint64_t *sizes;             /* borrowed; by dimension */
    struct tb_buffer whole[TB_FIELDS]; /* rank 0: of all ranks, in the order of rows */
    struct tb_number_field fields[TB_FIELDS];
    size_t count;
};

static void small_columns_free(struct small_columns *small)
{
    for (int i = 0; i < TB_FIELDS; i++)
        tb_buffer_free(&small->whole[i]);
    free(small);
}

static void pack_small(const struct tb_columns *columns, const uint64_t *sizes, struct tb_buffer *packed)
{
    for (int i = 0; i < TB_FIELDS; i++) {
        if (!is_small((enum tb_field)i, sizes))
            continue;
        tb_buffer_put_u64(packed, columns->column[i].size);
        tb_buffer_put(packed, columns->column[i].data, columns->column[i].size);
    }
}

/* The packed columns of one rank go behind those of the ranks before it. */
static enum tb_status append_small(struct tb_bytes *bytes, struct small_columns *small, struct tb_error *error)
{
    for (int i = 0; i < TB_FIELDS; i++) {
        uint64_t size;
        const uint8_t *data;
        if (!is_small((enum tb_field)i, small->sizes))
            continue;
        if (!tb_bytes_take_u64(bytes, &size) || !tb_bytes_take(bytes, size, &data))
            return tb_error_unpack(error, "columns do not unpack");
        tb_buffer_put(&small->whole[i], data, size);
    }
    return TB_OK;
}

static enum tb_status take_small(void *context, struct tb_bytes bytes, struct tb_error *error)
{
    struct small_columns *const small = context;
    enum tb_status status = TB_OK;
    while (status == TB_OK && bytes.left > 0)
        status = append_small(&bytes, small, error);
    for (int i = 0; i < TB_FIELDS && status == TB_OK; i++) {
        if (!is_small((enum tb_field)i, small->sizes))
            continue;
        status = tb_buffer_check(&small->whole[i], "columns", error);
        small->fields[small->count++] =
            (struct tb_number_field){.field = (enum tb_field)i, .values = small->whole[i].data};
    }
    return status;
}

static enum tb_status gather_small(const struct tb_team *team, const struct tb_columns *columns, const uint64_t *sizes,
                                   struct small_columns *small, struct tb_error *error)
{
    struct tb_buffer local = {0};
    small->sizes = sizes;
    pack_small(columns, sizes, &local);
    const enum tb_status status = tb_team_collect(team, TB_OK, &local, "columns", false, take_small, small, error);
    tb_buffer_free(&local);
    return status;
}

static bool is_streamed(const struct tb_streamed_rows *streamed, const struct tb_field_description *field)
{
    return streamed != NULL && field->dimensions[0] == streamed->dimension;
}

static enum tb_status write_numbers(const struct tb_columns *columns, const uint64_t *sizes, const uint64_t *first,
                                    const struct tb_streamed_rows *streamed, struct tb_writer *writer,
                                    struct tb_error *error)
{
    for (int i = 0; i < TB_FIELDS; i++) {
        const struct tb_field_description *field = tb_field_describe((enum tb_field)i);
        if (field->type == TB_TYPE_TEXT || is_small((enum tb_field)i, sizes) || is_streamed(streamed, field))
            continue;
        const uint64_t length = row_length(field, sizes);
        const uint64_t rows = length == 0 ? 0 : tb_column_length(columns, (enum tb_field)i) / length;
        const enum tb_status status = tb_writer_write(writer, (enum tb_field)i, first[field->dimensions[0]], rows,
                                                      columns->column[i].data, error);
        if (status != TB_OK)
            return status;
    }
    return TB_OK;
}

/* --- streamed rows --- */

/* Rows first .. first + count - 1, which the columns hold; count may be 0. Collective. */
static enum tb_status write_piece(struct tb_columns *columns, const struct tb_streamed_rows *streamed, uint64_t first,
                                  uint64_t count, struct tb_writer *writer, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (int i = 0; i < TB_FIELDS && status == TB_OK; i++) {
        if (!is_streamed(streamed, tb_field_describe((enum tb_field)i)))
            continue;
        status = tb_writer_write(writer, (enum tb_field)i, first, count, columns->column[i].data, error);
        columns->column[i].size = 0;
    }
    return status;
}

static enum tb_status fill_piece(struct tb_columns *columns, const struct tb_streamed_rows *streamed, uint64_t first,
                                 uint64_t count, struct tb_error *error)
{
    uint64_t rows[TB_DIMENSIONS] = {0};
    enum tb_status status = count == 0 ? TB_OK : streamed->fill(streamed->context, first, count, columns, error);
    if (status == TB_OK)
        status = count_rows(columns, rows, error);
    if (status == TB_OK && rows[streamed->dimension] != count)
        status = tb_error_set(error, TB_INTERNAL, "a piece has %llu rows where %llu were asked for",
                              (unsigned long long)rows[streamed->dimension], (unsigned long long)count);
    return status;
}

/* Each rank makes and writes a contiguous share of the pieces, one in each round. A piece is whole chunks, so ranks
 * never share one and none is written twice. */
static enum tb_status write_pieces(const struct tb_team *team, struct tb_columns *columns,
                                   const struct tb_streamed_rows *streamed, struct tb_writer *writer,
                                   struct tb_error *error)
{
    const uint64_t pieces = (streamed->rows - 1) / TB_PIECE_ROWS + 1;
    const uint64_t begin = tb_share_begin(pieces, team->size, team->rank);
    const uint64_t end = tb_share_begin(pieces, team->size, team->rank + 1);
    const uint64_t rounds = (pieces - 1) / (uint64_t)team->size + 1;
    enum tb_status status = TB_OK;
    for (uint64_t round = 0; round < rounds && status == TB_OK; round++) {
        const uint64_t piece = begin + round < end ? begin + round : end;
        const uint64_t first = piece * TB_PIECE_ROWS < streamed->rows ? piece * TB_PIECE_ROWS : streamed->rows;
        const uint64_t left = piece == end ? 0 : streamed->rows - first;
        const uint64_t count = left < TB_PIECE_ROWS ? left : TB_PIECE_ROWS;
        status = tb_team_agree(team, fill_piece(columns, streamed, first, count, error), error);
        if (status == TB_OK)
            status = write_piece(columns, streamed, first, count, writer, error);
    }
    return status;
}

static enum tb_status write_streamed(const struct tb_team *team, const struct tb_streamed_rows *streamed,
                                     struct tb_writer *writer, struct tb_error *error)
{
    struct tb_columns *columns = calloc(1, sizeof *columns);
    enum tb_status status =
        tb_team_agree(team, columns == NULL ? tb_error_memory(error, "columns of the results") : TB_OK, error);
    if (status == TB_OK)
        status = write_pieces(team, columns, streamed, writer, error);
    if (columns != NULL)
        tb_columns_free(columns);
    free(columns);
    return status;
}

/* Sizes of all dimensions, and where this rank's rows begin in each. */
static enum tb_status place_rows(const struct tb_team *team, const struct tb_columns *columns, const uint64_t *fixed,
                                 uint64_t *sizes, uint64_t *first, struct tb_error *error)
{
    uint64_t rows[TB_DIMENSIONS] = {0};
    enum tb_status status = tb_team_agree(team, count_rows(columns, rows, error), error);
    for (int dimension = 0; dimension < TB_DIMENSIONS && status == TB_OK; dimension++) {
        status = tb_team_prefix(team, rows[dimension], &first[dimension], &sizes[dimension], error);
        if (fixed[dimension] != 0)
            sizes[dimension] = fixed[dimension];
    }
    return status;
}

static enum tb_status write_file(const struct tb_team *team, const struct tb_columns *columns,
                                 const struct tb_results_names *names, const struct all_texts *texts,
                                 const struct small_columns *small, const uint64_t *sizes, const uint64_t *first,
                                 const struct tb_streamed_rows *streamed, struct tb_error *error)
{
    struct tb_results_head head = {.texts = texts->fields,
                                   .text_count = texts->count,
                                   .numbers = small->fields,
                                   .number_count = small->count,
                                   .root = names->root,
                                   .root_count = names->root_count,
                                   .provenance = names->provenance,
                                   .provenance_count = names->provenance_count};
    memcpy(head.sizes, sizes, sizeof head.sizes);
    struct tb_writer *writer = NULL;
    enum tb_status status = tb_writer_create(team, names->path, &head, &writer, error);
    if (status != TB_OK)
        return status;
    status = write_numbers(columns, sizes, first, streamed, writer, error);
    if (status == TB_OK && streamed != NULL)
        status = write_streamed(team, streamed, writer, error);
    if (status != TB_OK) {
        tb_writer_abandon(writer);
        return status;
    }
    return tb_writer_finish(writer, error);
}

enum tb_status tb_columns_write(const struct tb_team *team, struct tb_columns *columns,
                                const struct tb_results_names *names, const struct tb_streamed_rows *streamed,
                                struct tb_error *error)
{
    uint64_t sizes[TB_DIMENSIONS] = {0};
    uint64_t first[TB_DIMENSIONS] = {0};
    enum tb_status status = place_rows(team, columns, names->fixed_sizes, sizes, first, error);
    if (status != TB_OK)
        return status;
    if (streamed != NULL)
        sizes[streamed->dimension] = streamed->rows;
    struct all_texts *texts = calloc(1, sizeof *texts);
    struct small_columns *small = calloc(1, sizeof *small);
    status = tb_team_agree(
        team, texts == NULL || small == NULL ? tb_error_memory(error, "columns of the results") : TB_OK, error);
    if (status == TB_OK)
        status = gather_all_texts(team, columns, texts, error);
    if (status == TB_OK)
        status = tb_team_agree(team, team->rank == 0 ? check_texts(texts, sizes, error) : TB_OK, error);
    if (status == TB_OK)
        status = gather_small(team, columns, sizes, small, error);
    if (status == TB_OK)
        status = write_file(team, columns, names, texts, small, sizes, first, streamed, error);
    if (texts != NULL)
        all_texts_free(texts);
    if (small != NULL)
        small_columns_free(small);
    return status;
}
