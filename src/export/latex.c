/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "number_text.h"
#include "writers.h"

/* What stands for a character that LaTeX, or a package like babel, would take for a command, and for those that the usual
 * fonts have elsewhere. [ and * would be taken for arguments of the \\ before them, -- for a dash. NULL: itself. */
static const char *escape(char character)
{
    switch (character) {
    case '\\':
        return "\\textbackslash{}";
    case '{':
        return "\\{";
    case '}':
        return "\\}";
    case '$':
        return "\\$";
    case '&':
        return "\\&";
    case '%':
        return "\\%";
    case '#':
        return "\\#";
    case '_':
        return "\\_";
    case '^':
        return "\\textasciicircum{}";
    case '~':
        return "\\textasciitilde{}";
    case '<':
        return "\\textless{}";
    case '>':
        return "\\textgreater{}";
    case '|':
        return "\\textbar{}";
    case '"':
        return "\\textquotedbl{}";
    case '`':
        return "\\textasciigrave{}";
    case '[':
        return "{[}";
    case '*':
        return "{*}";
    case '-':
        return "-{}";
    default:
        /* Lines end nowhere in a cell, and other control characters are errors. */
        return (unsigned char)character < ' ' || character == 0x7f ? " " : NULL;
    }
}

static void write_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        const char *escaped = escape(*text);
        if (escaped == NULL)
            fputc(*text, out);
        else
            fputs(escaped, out);
    }
}

/* "$-1.5\times10^{-7}$" for "-1.5e-07"; a positive number without exponent as it is. */
static void write_number(FILE *out, const char *text)
{
    const char *exponent = strchr(text, 'e');
    const bool infinite = strstr(text, "inf") != NULL;
    const bool math = text[0] == '-' || exponent != NULL || infinite;
    fputs(math ? "$" : "", out);
    if (infinite)
        fputs(text[0] == '-' ? "-\\infty" : "\\infty", out);
    else if (exponent == NULL)
        fputs(text, out);
    else {
        const char *digits = exponent + 1 + strspn(exponent + 1, "+-0");
        fprintf(out, "%.*s\\times10^{%s%s}", (int)(exponent - text), text, exponent[1] == '-' ? "-" : "", digits);
    }
    fputs(math ? "$" : "", out);
}

static void begin(struct tb_writing *writing)
{
    FILE *out = writing->out;
    fputs("% \\usepackage{booktabs}, and \\usepackage[T1]{fontenc} for quotation marks\n\\begin{tabular}{", out);
    for (size_t i = 0; i < writing->count; i++)
        fputc(writing->columns[i]->kind == TB_VALUE_TEXT ? 'l' : 'r', out);
    fputs("}\n\\toprule\n", out);
    for (size_t i = 0; i < writing->count; i++) {
        fputs(i == 0 ? "" : " & ", out);
        write_text(out, writing->columns[i]->name);
        if (writing->columns[i]->unit[0] != '\0') {
            fputs(" {[}", out);
            write_text(out, writing->columns[i]->unit);
            fputs("]", out);
        }
    }
    fputs(" \\\\\n\\midrule\n", out);
}

static void row(struct tb_writing *writing, const struct tb_export_cell *const *cells)
{
    char text[TB_EXPORT_NUMBER_SIZE];
    for (size_t i = 0; i < writing->count; i++) {
        fputs(i == 0 ? "" : " & ", writing->out);
        if (cells[i]->kind == TB_VALUE_TEXT)
            write_text(writing->out, cells[i]->text);
        else
            write_number(writing->out, tb_writing_text(writing, i, cells[i], text));
    }
    fputs(" \\\\\n", writing->out);
}

static void end(struct tb_writing *writing)
{
    fputs("\\bottomrule\n\\end{tabular}\n", writing->out);
}

const struct tb_export_writer tb_latex_writer = {.begin = begin, .row = row, .end = end};
