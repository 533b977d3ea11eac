/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "graphs.h"
#include "number_text.h"

/* XML 1.0 has no control characters but three, not even escaped. */
static void write_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        case '\t':
        case '\n':
        case '\r':
            fprintf(out, "&#%d;", *text);
            break;
        default:
            fputs((unsigned char)*text < ' ' ? "\xEF\xBF\xBD" : (char[]){*text, '\0'}, out);
        }
    }
}

static const char *type_of(enum tb_value_kind kind)
{
    return kind == TB_VALUE_NUMBER ? "double" : kind == TB_VALUE_INTEGER ? "long" : "string";
}

static void begin(struct tb_writing *writing)
{
    FILE *out = writing->out;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
          "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n"
          "<key id=\"title\" for=\"graph\" attr.name=\"title\" attr.type=\"string\"/>\n"
          "<key id=\"label\" for=\"node\" attr.name=\"label\" attr.type=\"string\"/>\n",
          out);
    for (size_t i = 0; i < writing->count; i++) {
        if (!tb_graphs_is_property(writing->columns[i]))
            continue;
        fprintf(out, "<key id=\"c%zu\" for=\"edge\" attr.name=\"", i);
        write_text(out, writing->columns[i]->name);
        fprintf(out, "\" attr.type=\"%s\"/>\n", type_of(writing->columns[i]->kind));
    }
}

static void begin_graph(struct tb_writing *writing, const struct tb_export_cell *const *cells)
{
    char *title = tb_graphs_title(writing, cells);
    tb_index_free(&writing->nodes);
    writing->nodes = (struct tb_index){.count = 0};
    fputs(writing->graphs > 1 ? "</graph>\n" : "", writing->out);
    fprintf(writing->out, "<graph id=\"g%zu\" edgedefault=\"directed\">\n<data key=\"title\">", writing->graphs);
    write_text(writing->out, title == NULL ? "" : title);
    fputs("</data>\n", writing->out);
    writing->short_of_memory = writing->short_of_memory || title == NULL;
    free(title);
}

/* The number of a node of the graph, which is written when it is new. */
static int64_t node_of(struct tb_writing *writing, const char *label)
{
    const uint64_t next = writing->nodes.count;
    const int64_t number = tb_index_add(&writing->nodes, tb_key_of_text(label, 0), next);
    if (number == TB_INDEX_ABSENT)
        writing->short_of_memory = true;
    if (number != (int64_t)next)
        return number;
    fprintf(writing->out, "<node id=\"g%zun%" PRId64 "\"><data key=\"label\">", writing->graphs, number);
    write_text(writing->out, label);
    fputs("</data></node>\n", writing->out);
    return number;
}

static void write_property(struct tb_writing *writing, size_t column, const struct tb_export_cell *cell)
{
    char text[TB_EXPORT_NUMBER_SIZE];
    if (cell->kind == TB_VALUE_MISSING)
        return;
    fprintf(writing->out, "<data key=\"c%zu\">", column);
    if (cell->kind == TB_VALUE_NUMBER && isinf(cell->number))
        fputs(cell->number > 0 ? "INF" : "-INF", writing->out);
    else
        write_text(writing->out, tb_writing_text(writing, column, cell, text));
    fputs("</data>", writing->out);
}

static void row(struct tb_writing *writing, const struct tb_export_cell *const *cells)
{
    char text[TB_EXPORT_NUMBER_SIZE];
    if (tb_graphs_turn(writing, cells))
        begin_graph(writing, cells);
    const int64_t source = node_of(writing, tb_graphs_part(writing, cells, TB_GRAPH_SOURCE, text));
    const int64_t target = node_of(writing, tb_graphs_part(writing, cells, TB_GRAPH_TARGET, text));
    fprintf(writing->out, "<edge source=\"g%zun%" PRId64 "\" target=\"g%zun%" PRId64 "\">", writing->graphs, source,
            writing->graphs, target);
    for (size_t i = 0; i < writing->count; i++)
        if (tb_graphs_is_property(writing->columns[i]))
            write_property(writing, i, cells[i]);
    fputs("</edge>\n", writing->out);
}

static void end(struct tb_writing *writing)
{
    fputs(writing->graphs > 0 ? "</graph>\n" : "", writing->out);
    fputs("</graphml>\n", writing->out);
    tb_index_free(&writing->nodes);
}

const struct tb_export_writer tb_graphml_writer = {.draws = true, .begin = begin, .row = row, .end = end};
