/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <jansson.h>
#include <math.h>

#include "number_text.h"
#include "writers.h"

static void write_text(struct tb_writing *writing, const char *text)
{
    json_t *value = json_string(text);
    if (value == NULL || json_dumpf(value, writing->out, JSON_ENCODE_ANY) != 0)
        writing->short_of_memory = true;
    json_decref(value);
}

static void write_cell(struct tb_writing *writing, size_t column, const struct tb_export_cell *cell)
{
    char text[TB_EXPORT_NUMBER_SIZE];
    if (cell->kind == TB_VALUE_TEXT)
        write_text(writing, cell->text);
    else if (cell->kind == TB_VALUE_MISSING)
        fputs("null", writing->out);
    else if (cell->kind == TB_VALUE_NUMBER && isinf(cell->number))
        fputs(cell->number > 0 ? "\"Infinity\"" : "\"-Infinity\"", writing->out); /* JSON has no such number */
    else
        fputs(tb_writing_text(writing, column, cell, text), writing->out);
}

static void begin(struct tb_writing *writing)
{
    fputs("[", writing->out);
}

static void row(struct tb_writing *writing, const struct tb_export_cell *const *cells)
{
    fputs(writing->rows == 0 ? "\n{" : ",\n{", writing->out);
    for (size_t i = 0; i < writing->count; i++) {
        fputs(i == 0 ? "" : ", ", writing->out);
        write_text(writing, writing->columns[i]->name);
        fputs(": ", writing->out);
        write_cell(writing, i, cells[i]);
    }
    fputs("}", writing->out);
}

static void end(struct tb_writing *writing)
{
    fputs("\n]\n", writing->out);
}

const struct tb_export_writer tb_json_writer = {.begin = begin, .row = row, .end = end};
