/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "page.h"

#include <ctype.h>
#include <string.h>

enum { LINE_WIDTH = 80, ITEM_INDENT = 2 };

/* A backslash begins an escape of man, and a hyphen is a minus unless it is told. */
static void put_escaped(FILE *stream, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] == '\\')
            fputs("\\e", stream);
        else if (text[i] == '-')
            fputs("\\-", stream);
        else
            fputc(text[i], stream);
}

/* Without what punctuates the sentence that it stands in. */
static size_t option_length(const char *word, size_t length)
{
    while (length > 0 && strchr(".,;:)", word[length - 1]) != NULL)
        length--;
    return length;
}

static void put_manual_word(FILE *stream, const char *word, size_t length)
{
    const size_t option = word[0] == '-' && length > 1 ? option_length(word, length) : 0;
    if (option > 0)
        fputs("\\fB", stream);
    put_escaped(stream, word, option);
    if (option > 0)
        fputs("\\fR", stream);
    put_escaped(stream, word + option, length - option);
}

/* A line of man that begins with a dot or an apostrophe is a request. */
static void put_line_start(FILE *stream, const char *word)
{
    if (word[0] == '.' || word[0] == '\'')
        fputs("\\&", stream);
}

/* A sentence ends a line, so that man sets its space. */
static void put_manual_paragraph(FILE *stream, const char *text, size_t size)
{
    size_t column = 0;
    for (size_t at = 0; at < size;) {
        const size_t length = strcspn(text + at, " \n");
        const bool ends = length > 0 && text[at + length - 1] == '.' && length > 2;
        if (column > 0 && column + length >= LINE_WIDTH) {
            fputc('\n', stream);
            column = 0;
        }
        if (column == 0)
            put_line_start(stream, text + at);
        else
            fputc(' ', stream);
        put_manual_word(stream, text + at, length);
        column += length + 1;
        at += length + strspn(text + at + length, " ");
        if (ends && at < size) {
            fputc('\n', stream);
            column = 0;
        }
    }
    fputc('\n', stream);
}

/* Begins at column; later lines begin at indent. */
static void put_paragraph(FILE *stream, const char *text, size_t size, size_t column, size_t indent)
{
    bool first = true;
    for (size_t at = 0; at < size;) {
        const size_t length = strcspn(text + at, " \n");
        if (!first && column + 1 + length > LINE_WIDTH) {
            fprintf(stream, "\n%*s", (int)indent, "");
            column = indent;
            first = true;
        }
        fprintf(stream, "%s%.*s", first ? "" : " ", (int)length, text + at);
        column += length + !first;
        first = false;
        at += length + strspn(text + at + length, " ");
    }
    fputc('\n', stream);
}

static size_t paragraph_length(const char *text)
{
    const char *const end = strstr(text, "\n\n");
    return end == NULL ? strlen(text) : (size_t)(end - text);
}

void page_title(const struct page *page, const char *name, int section, const char *summary)
{
    if (!page->manual)
        return;
    fputs(".\\\" Made by twinbed help --man; do not edit.\n.TH ", page->stream);
    for (const char *c = name; *c != '\0'; c++)
        fputc(toupper((unsigned char)*c), page->stream);
    fprintf(page->stream, " %d \"\" \"twinbed " TWINBED_VERSION "\" \"%s\"\n", section,
            section == 5 ? "File formats" : "User commands");
    fputs(".SH NAME\n", page->stream);
    put_escaped(page->stream, name, strlen(name));
    fputs(" \\- ", page->stream);
    put_escaped(page->stream, summary, strlen(summary));
    fputc('\n', page->stream);
}

void page_heading(const struct page *page, const char *words)
{
    if (!page->manual) {
        fprintf(page->stream, "\n%s:\n", words);
        return;
    }
    fputs(".SH ", page->stream);
    for (const char *c = words; *c != '\0'; c++)
        fputc(toupper((unsigned char)*c), page->stream);
    fputc('\n', page->stream);
}

void page_text(const struct page *page, const char *text)
{
    for (bool first = true; *text != '\0'; first = false) {
        const size_t length = paragraph_length(text);
        if (page->manual) {
            fputs(first ? "" : ".PP\n", page->stream);
            put_manual_paragraph(page->stream, text, length);
        } else {
            fputc('\n', page->stream);
            put_paragraph(page->stream, text, length, 0, 0);
        }
        text += length + strspn(text + length, "\n");
    }
}

/* Options and words bold, what stands for something else in italics. */
static void put_tag(FILE *stream, const char *tag)
{
    for (bool first = true; *tag != '\0'; first = false) {
        const size_t length = strcspn(tag, " ");
        const bool comma = length > 0 && tag[length - 1] == ',';
        fprintf(stream, "%s\\f%c", first ? "" : " ", isupper((unsigned char)tag[0]) ? 'I' : 'B');
        put_escaped(stream, tag, length - comma);
        fprintf(stream, "\\fR%s", comma ? "," : "");
        tag += length + strspn(tag + length, " ");
    }
    fputc('\n', stream);
}

void page_item(const struct page *page, const char *tag, const char *text)
{
    if (page->manual) {
        fputs(".TP\n", page->stream);
        put_tag(page->stream, tag + strspn(tag, " "));
        put_manual_paragraph(page->stream, text, strlen(text));
        return;
    }
    const size_t indent = ITEM_INDENT + (size_t)page->tag_width + 2;
    fprintf(page->stream, "%*s%-*s", ITEM_INDENT, "", page->tag_width, tag);
    if (strlen(tag) > (size_t)page->tag_width)
        fprintf(page->stream, "\n%*s", (int)indent, "");
    else
        fputs("  ", page->stream);
    put_paragraph(page->stream, text, strlen(text), indent, indent);
}

void page_lines(const struct page *page, const char *lines)
{
    fputs(page->manual ? ".nf\n" : "", page->stream);
    while (*lines != '\0') {
        const size_t length = strcspn(lines, "\n");
        if (page->manual)
            put_escaped(page->stream, lines, length);
        else
            fprintf(page->stream, "%*s%.*s", ITEM_INDENT, "", (int)length, lines);
        fputc('\n', page->stream);
        lines += length + (lines[length] == '\n');
    }
    fputs(page->manual ? ".fi\n" : "", page->stream);
}

void page_usage(const struct page *page, const char *line)
{
    if (!page->manual) {
        fputs("usage: ", page->stream);
        put_paragraph(page->stream, line, strlen(line), 7, 9);
        return;
    }
    fputs(".SH SYNOPSIS\n", page->stream);
    put_tag(page->stream, line);
}
