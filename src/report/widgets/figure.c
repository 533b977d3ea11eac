/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "figure.h"

#include <stdlib.h>
#include <string.h>

/* A link that holds the drawing itself. Inside a quoted address few letters mean something else; lines end nowhere. */
static void write_link(struct tb_html *html, const struct tb_figure *figure)
{
    tb_html_format(html,
                   " <a download=\"%s.svg\" aria-label=\"Download %s.svg\" "
                   "href=\"data:image/svg+xml;charset=utf-8,",
                   figure->name, figure->name);
    for (size_t i = 0; i < figure->size; i++) {
        const unsigned char letter = (unsigned char)figure->svg[i];
        if (letter < 0x20)
            fputc(' ', html->out);
        else if (letter >= 0x7F || memchr("\"%#&:", letter, 5) != NULL)
            fprintf(html->out, "%%%02X", letter);
        else
            fputc(letter, html->out);
    }
    tb_html_markup(html, "\">SVG</a>");
}

/* The text of markup of ours: without tags, and with the letters that entities stand for. */
static void strip_tags(char *markup)
{
    static const char *const entities[][2] = {
        {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}};
    char *out = markup;
    for (const char *at = markup; *at != '\0';) {
        const char *close = *at == '<' ? strchr(at, '>') : NULL;
        size_t length = 1;
        *out = *at;
        for (size_t i = 0; *at == '&' && i < sizeof entities / sizeof entities[0]; i++)
            if (strncmp(at, entities[i][0], strlen(entities[i][0])) == 0) {
                length = strlen(entities[i][0]);
                *out = entities[i][1][0];
            }
        out += close == NULL;
        at = close == NULL ? at + length : close + 1;
    }
    *out = '\0';
}

static void hand_over(struct tb_html *html, const struct tb_figure *figure,
                      void (*caption)(struct tb_html *html, const void *context), const void *context)
{
    char *text = NULL;
    size_t size = 0;
    struct tb_html words = {.out = open_memstream(&text, &size)};
    if (words.out == NULL) {
        html->failed = true;
        return;
    }
    caption(&words, context);
    tb_html_format(&words, "%s%s Data: %s.\n", figure->alone == NULL ? "" : " ",
                   figure->alone == NULL ? "" : figure->alone, figure->data);
    if (fclose(words.out) == 0 && text != NULL) {
        strip_tags(text);
        html->figures->take(html->figures->context, figure->name, figure->svg, figure->size, text + (text[0] == ' '));
    } else {
        html->failed = true;
    }
    free(text);
}

void tb_figure_write(struct tb_html *html, const struct tb_figure *figure,
                     void (*caption)(struct tb_html *html, const void *context), const void *context)
{
    tb_html_format(html, "<figure id=\"figure-%s\"%s%s%s%s>\n", figure->name, figure->class == NULL ? "" : " class=\"",
                   figure->class == NULL ? "" : figure->class, figure->class == NULL ? "" : "\"",
                   figure->scrolls ? " tabindex=\"0\"" : "");
    if (figure->svg != NULL)
        tb_html_svg(html, figure->svg, figure->size, figure->label);
    else
        tb_html_format(html, "<p class=\"reason\">%s.</p>\n", figure->absent);
    tb_html_markup(html, "<figcaption>");
    caption(html, context);
    tb_html_format(html, " <span class=\"data\">Data: %s.", figure->data);
    if (figure->svg != NULL)
        write_link(html, figure);
    tb_html_markup(html, "</span></figcaption></figure>\n");
    if (figure->svg != NULL && html->figures != NULL)
        hand_over(html, figure, caption, context);
}
