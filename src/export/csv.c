/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "number_text.h"
#include "writers.h"

/* Spreadsheets take a text that begins like this for a formula, which may do anything. */
static bool looks_like_formula(const char *text)
{
    return text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
}

static bool needs_quotes(const struct tb_writing *writing, const char *text, bool formula)
{
    const size_t length = strlen(text);
    /* An empty line is no row for many readers. */
    if (length == 0)
        return writing->count == 1;
    return formula || strpbrk(text, ",\"\n\r") != NULL || text[0] == ' ' || text[length - 1] == ' ';
}

/* Within quotation marks, with each of its own twice. */
static void write_doubled(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
}

static void write_value(struct tb_writing *writing, size_t column, const char *text, bool is_text)
{
    const bool formula = is_text && looks_like_formula(text);
    const bool quotes = needs_quotes(writing, text, formula);
    fputs(column == 0 ? "" : ",", writing->out);
    fputs(quotes ? "\"" : "", writing->out);
    fputs(formula ? "'" : "", writing->out);
    if (quotes)
        write_doubled(writing->out, text);
    else
        fputs(text, writing->out);
    fputs(quotes ? "\"" : "", writing->out);
}

static void begin(struct tb_writing *writing)
{
    for (size_t i = 0; i < writing->count; i++)
        write_value(writing, i, writing->columns[i]->name, true);
    fputc('\n', writing->out);
}

static void row(struct tb_writing *writing, const struct tb_export_cell *const *cells)
{
    char text[TB_EXPORT_NUMBER_SIZE];
    for (size_t i = 0; i < writing->count; i++)
        write_value(writing, i, tb_writing_text(writing, i, cells[i], text), cells[i]->kind == TB_VALUE_TEXT);
    fputc('\n', writing->out);
}

static void end(struct tb_writing *writing)
{
    (void)writing;
}

const struct tb_export_writer tb_csv_writer = {.begin = begin, .row = row, .end = end};
