/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "columns.h"
#include "twinbed/export/export.h"

static void list_column(const struct tb_column_item *column, FILE *out)
{
    static const char *const kinds[] = {
        [TB_VALUE_TEXT] = "text", [TB_VALUE_INTEGER] = "integer", [TB_VALUE_NUMBER] = "number"};
    const char *path = column->field == TB_FIELDS ? "" : tb_field_describe(column->field)->path;
    fprintf(out, "  %-32s %-7s %-7s %-42s %s\n", column->name, kinds[column->kind], column->unit, path,
            column->sentence);
}

static enum tb_status list_columns(const struct tb_export_table *table, FILE *out, struct tb_error *error)
{
    struct tb_column_items columns = {.count = 0};
    const enum tb_status status = tb_column_items_make(table, NULL, &columns, error);
    if (status != TB_OK)
        return status;
    fprintf(out, "%s: each row is %s\n\n  %-32s %-7s %-7s %-42s %s\n", table->name, table->sentence, "column", "kind",
            "unit", "dataset", "what");
    for (size_t i = 0; i < columns.count; i++)
        list_column(&columns.items[i], out);
    tb_column_items_free(&columns);
    return TB_OK;
}

static const char *drawn_as(const struct tb_export_table *table)
{
    if (table->graph != NULL)
        return " (also dot, graphml)";
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].part == TB_GRAPH_SOURCE)
            return " (also dot, graphml)";
    return "";
}

enum tb_status tb_export_list(const char *table, FILE *out, struct tb_error *error)
{
    const struct tb_export_table *found;
    if (table != NULL) {
        const enum tb_status status = tb_export_table_find(table, &found, error);
        return status == TB_OK ? list_columns(found, out, error) : status;
    }
    for (size_t i = 0; (found = tb_export_table_at(i)) != NULL; i++)
        fprintf(out, "%-18s each row is %s%s\n", found->name, found->sentence, drawn_as(found));
    return TB_OK;
}
