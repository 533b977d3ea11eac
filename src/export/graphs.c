/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graphs.h"

#include "number_text.h"

/* The first column that is the part; the number of columns when there is none. */
static size_t find(const struct tb_writing *writing, enum tb_graph_part part)
{
    size_t i = 0;
    while (i < writing->count && writing->columns[i]->part != part)
        i++;
    return i;
}

bool tb_graphs_turn(struct tb_writing *writing, const struct tb_export_cell *const *cells)
{
    const size_t key = find(writing, TB_GRAPH_KEY);
    const int64_t number = key == writing->count ? 0 : cells[key]->integer;
    if (writing->graphs > 0 && number == writing->key)
        return false;
    writing->key = number;
    writing->graphs++;
    return true;
}

const char *tb_graphs_part(const struct tb_writing *writing, const struct tb_export_cell *const *cells,
                           enum tb_graph_part part, char *buffer)
{
    const size_t column = find(writing, part);
    return column == writing->count ? "" : tb_writing_text(writing, column, cells[column], buffer);
}

char *tb_graphs_title(const struct tb_writing *writing, const struct tb_export_cell *const *cells)
{
    char *title = NULL, text[TB_EXPORT_NUMBER_SIZE];
    size_t size = 0;
    const char *comma = "";
    FILE *out = open_memstream(&title, &size);
    for (size_t i = 0; out != NULL && i < writing->count; i++) {
        if (writing->columns[i]->part != TB_GRAPH_TITLE || cells[i]->kind == TB_VALUE_MISSING)
            continue;
        /* A number says little without a name. */
        const bool is_text = cells[i]->kind == TB_VALUE_TEXT;
        fprintf(out, "%s%s%s%s", comma, is_text ? "" : writing->columns[i]->name, is_text ? "" : " ",
                tb_writing_text(writing, i, cells[i], text));
        comma = ", ";
    }
    return out == NULL || fclose(out) != 0 ? NULL : title;
}

bool tb_graphs_is_property(const struct tb_column_item *column)
{
    return column->part == TB_GRAPH_ATTRIBUTE || column->part == TB_GRAPH_WEIGHT;
}
