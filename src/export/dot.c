/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "graphs.h"
#include "number_text.h"

enum { LABEL_DIGITS = 2 }; /* of the weight beside an edge, as the study has it */

/* A backslash would begin an escape where Graphviz shows the text. */
static void write_text(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void begin(struct tb_writing *writing)
{
    (void)writing;
}

static void begin_graph(struct tb_writing *writing, const struct tb_export_cell *const *cells)
{
    char *title = tb_graphs_title(writing, cells);
    fputs(writing->graphs > 1 ? "}\n" : "", writing->out);
    fputs("digraph ", writing->out);
    write_text(writing->out, title == NULL ? "" : title);
    fputs(" {\n", writing->out);
    writing->short_of_memory = writing->short_of_memory || title == NULL;
    free(title);
}

/* Graphviz knows attributes named label and weight; those of the table have names of their own. */
static void write_property(struct tb_writing *writing, size_t column, const struct tb_export_cell *cell)
{
    char text[TB_EXPORT_NUMBER_SIZE];
    if (cell->kind == TB_VALUE_MISSING)
        return;
    fprintf(writing->out, ", \"edge_");
    for (const char *c = writing->columns[column]->name; *c != '\0'; c++)
        fprintf(writing->out, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
    fputs("\"=", writing->out);
    write_text(writing->out, tb_writing_text(writing, column, cell, text));
}

static void row(struct tb_writing *writing, const struct tb_export_cell *const *cells)
{
    char text[TB_EXPORT_NUMBER_SIZE];
    if (tb_graphs_turn(writing, cells))
        begin_graph(writing, cells);
    fputs("  ", writing->out);
    write_text(writing->out, tb_graphs_part(writing, cells, TB_GRAPH_SOURCE, text));
    fputs(" -> ", writing->out);
    write_text(writing->out, tb_graphs_part(writing, cells, TB_GRAPH_TARGET, text));
    const double weight = strtod(tb_graphs_part(writing, cells, TB_GRAPH_WEIGHT, text), NULL);
    fprintf(writing->out, " [label=\"%s\"", tb_number_text(weight, LABEL_DIGITS, text));
    for (size_t i = 0; i < writing->count; i++)
        if (tb_graphs_is_property(writing->columns[i]))
            write_property(writing, i, cells[i]);
    fputs("];\n", writing->out);
}

static void end(struct tb_writing *writing)
{
    fputs(writing->graphs > 0 ? "}\n" : "digraph {\n}\n", writing->out);
}

const struct tb_export_writer tb_dot_writer = {.draws = true, .begin = begin, .row = row, .end = end};
