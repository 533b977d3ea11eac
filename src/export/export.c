/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/export/export.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"
#include "rows.h"
#include "twinbed/base/log.h"
#include "writers.h"

static const struct tb_export_writer *const writers[TB_EXPORT_FORMATS] = {
    [TB_EXPORT_CSV] = &tb_csv_writer, [TB_EXPORT_JSON] = &tb_json_writer,       [TB_EXPORT_LATEX] = &tb_latex_writer,
    [TB_EXPORT_DOT] = &tb_dot_writer, [TB_EXPORT_GRAPHML] = &tb_graphml_writer,
};

/* Everything between a request and its rows. */
struct exporting {
    const struct tb_export_request *request;
    const struct tb_export_writer *writer;
    const struct tb_export_table *table;
    struct tb_column_items columns;
    struct tb_row_filter filter;
    size_t *shown; /* owned; columns that are written, in order */
    size_t shown_count;
    struct tb_export_rows rows;
    struct tb_writing writing;
    const struct tb_column_item **heads; /* owned; by shown */
    const struct tb_export_cell **cells; /* owned; by shown */
};

static enum tb_status choose_table(struct exporting *exporting, struct tb_error *error)
{
    const struct tb_export_request *request = exporting->request;
    enum tb_status status = tb_export_table_find(request->table, &exporting->table, error);
    if (status == TB_OK && exporting->writer->draws && exporting->table->graph != NULL)
        status = tb_export_table_find(exporting->table->graph, &exporting->table, error);
    return status;
}

static void show(struct exporting *exporting, size_t column)
{
    for (size_t i = 0; i < exporting->shown_count; i++)
        if (exporting->shown[i] == column)
            return;
    exporting->shown[exporting->shown_count++] = column;
    exporting->columns.items[column].needed = true;
}

/* The columns that --columns names, in its order. */
static enum tb_status show_named(struct exporting *exporting, struct tb_error *error)
{
    const char *name = exporting->request->columns;
    for (;;) {
        const size_t length = strcspn(name, ",");
        size_t column;
        const enum tb_status status =
            tb_column_items_find(exporting->table, &exporting->columns, name, length, &column, error);
        if (status != TB_OK)
            return status;
        show(exporting, column);
        if (name[length] == '\0')
            return TB_OK;
        name += length + 1;
    }
}

/* A graph has its parts whatever columns are named. */
static enum tb_status check_parts(struct exporting *exporting, struct tb_error *error)
{
    bool edges = false;
    for (size_t i = 0; i < exporting->columns.count; i++) {
        const enum tb_graph_part part = exporting->columns.items[i].part;
        edges = edges || part == TB_GRAPH_SOURCE;
        if (part != TB_GRAPH_ATTRIBUTE)
            show(exporting, i);
    }
    return edges ? TB_OK
                 : tb_error_set(error, TB_USAGE, "table %s has no edges that a graph could be made of; edges has",
                                exporting->table->name);
}

static enum tb_status choose_columns(struct exporting *exporting, struct tb_error *error)
{
    const struct tb_export_request *request = exporting->request;
    exporting->shown = calloc(exporting->columns.count + 1, sizeof *exporting->shown);
    if (exporting->shown == NULL)
        return tb_error_memory(error, "a table's columns");
    enum tb_status status = request->columns == NULL ? TB_OK : show_named(exporting, error);
    if (status == TB_OK && exporting->writer->draws)
        status = check_parts(exporting, error);
    for (size_t i = 0; request->columns == NULL && i < exporting->columns.count; i++)
        show(exporting, i);
    return status;
}

static enum tb_status begin(struct exporting *exporting, FILE *out, struct tb_error *error)
{
    exporting->heads = calloc(exporting->shown_count + 1, sizeof *exporting->heads);
    exporting->cells = calloc(exporting->shown_count + 1, sizeof *exporting->cells);
    if (exporting->heads == NULL || exporting->cells == NULL)
        return tb_error_memory(error, "a table's columns");
    for (size_t i = 0; i < exporting->shown_count; i++) {
        exporting->heads[i] = &exporting->columns.items[exporting->shown[i]];
        exporting->cells[i] = &exporting->rows.cells[exporting->shown[i]];
    }
    exporting->writing = (struct tb_writing){
        .out = out, .columns = exporting->heads, .count = exporting->shown_count, .digits = exporting->request->digits};
    exporting->writer->begin(&exporting->writing);
    return TB_OK;
}

static enum tb_status write_rows(struct exporting *exporting, struct tb_error *error)
{
    struct tb_writing *writing = &exporting->writing;
    enum tb_status status = TB_OK;
    while (status == TB_OK && !ferror(writing->out) && !writing->short_of_memory) {
        status = tb_export_rows_next(&exporting->rows, error);
        if (status != TB_OK || !tb_row_filter_passes(&exporting->filter, exporting->rows.cells))
            continue;
        exporting->writer->row(writing, exporting->cells);
        writing->rows++;
    }
    exporting->writer->end(writing);
    if (status != TB_OK && status != TB_END)
        return status;
    if (writing->short_of_memory)
        return tb_error_memory(error, "a row");
    return ferror(writing->out) ? tb_error_set(error, TB_INPUT_OUTPUT, "cannot write: %s", strerror(errno)) : TB_OK;
}

/* No field over the dimension is in the file: the program that wrote it did not know the dimension. */
static bool is_unknown(const struct tb_results *results, enum tb_dimension dimension)
{
    bool known = tb_dimension_may_be_absent(dimension);
    for (int i = 0; i < TB_FIELDS && !known; i++)
        known = tb_field_describe((enum tb_field)i)->dimensions[0] == dimension &&
                tb_results_has(results, (enum tb_field)i);
    return !known;
}

static bool is_newer_than_file(const struct tb_export_table *table, const struct tb_results *results)
{
    bool newer = false;
    for (unsigned i = 0; i < table->rank; i++)
        newer = newer || is_unknown(results, table->dimensions[i]);
    return newer;
}

static void say_why_empty(const struct exporting *exporting, const struct tb_results *results)
{
    if (exporting->writing.rows > 0)
        return;
    if (exporting->request->only_count > 0)
        tb_log_warning("table %s: no row has these values", exporting->table->name);
    else if (is_newer_than_file(exporting->table, results))
        tb_log_warning("table %s is empty: this file is of an earlier version, which lacks it", exporting->table->name);
    else
        tb_log_warning("table %s is empty%s%s", exporting->table->name, exporting->table->needs == NULL ? "" : ": ",
                       exporting->table->needs == NULL ? "" : exporting->table->needs);
}

static enum tb_status export_table(struct exporting *exporting, struct tb_results *results, FILE *out,
                                   struct tb_error *error)
{
    const struct tb_export_request *request = exporting->request;
    enum tb_status status = choose_table(exporting, error);
    if (status == TB_OK)
        status = tb_column_items_make(exporting->table, results, &exporting->columns, error);
    if (status == TB_OK)
        status = choose_columns(exporting, error);
    if (status == TB_OK)
        status = tb_row_filter_make(exporting->table, &exporting->columns, request->only, request->only_count,
                                    &exporting->filter, error);
    if (status != TB_OK)
        return status;
    status = tb_export_rows_open(&exporting->rows, results, exporting->table, &exporting->columns, error);
    if (status != TB_OK)
        return status;
    status = begin(exporting, out, error);
    if (status == TB_OK)
        status = write_rows(exporting, error);
    if (status == TB_OK)
        say_why_empty(exporting, results);
    tb_export_rows_close(&exporting->rows);
    return status;
}

enum tb_status tb_export_write(struct tb_results *results, const struct tb_export_request *request, FILE *out,
                               struct tb_error *error)
{
    struct exporting exporting = {.request = request, .writer = writers[request->format]};
    const enum tb_status status = export_table(&exporting, results, out, error);
    tb_row_filter_free(&exporting.filter);
    tb_column_items_free(&exporting.columns);
    free(exporting.shown);
    free(exporting.heads);
    free(exporting.cells);
    return status;
}
