/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "html.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "twinbed/base/utf8.h"

void tb_html_markup(struct tb_html *html, const char *markup)
{
    if (html->work_unit == TB_WORK_UNIT_REQUEST) {
        fputs(markup, html->out);
        return;
    }
    struct tb_buffer worded = {0};
    tb_work_unit_words(markup, html->work_unit, &html->inside, &worded);
    html->failed = html->failed || worded.failed;
    if (worded.size > 0)
        fwrite(worded.data, 1, worded.size, html->out);
    tb_buffer_free(&worded);
}

void tb_html_format(struct tb_html *html, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    const int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0) {
        html->failed = true;
        return;
    }
    tb_html_markup(html, text);
    free(text);
}

static const char *entity(char letter)
{
    switch (letter) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void tb_html_text(struct tb_html *html, const char *text)
{
    while (*text != '\0') {
        const char *escaped = entity(*text);
        const size_t length = tb_utf8_length(text, SIZE_MAX);
        bool control = (unsigned char)*text < 0x20 || *text == 0x7F ||
                       (length == 2 && (unsigned char)text[0] == 0xC2 && (unsigned char)text[1] < 0xA0);
        if (escaped != NULL)
            fputs(escaped, html->out);
        else if (length == 0)
            fputs("\xEF\xBF\xBD", html->out);
        else if (control)
            fputc(' ', html->out);
        else
            fwrite(text, 1, length, html->out);
        text += length == 0 ? 1 : length;
    }
}

void tb_html_words(struct tb_html *html, const char *name)
{
    char words[256];
    snprintf(words, sizeof words, "%s", name);
    for (char *at = words; (at = strchr(at, '_')) != NULL;)
        *at = ' ';
    struct tb_buffer worded = {0};
    bool inside = false;
    tb_work_unit_words(words, html->work_unit, &inside, &worded);
    tb_buffer_put(&worded, "", 1);
    html->failed = html->failed || worded.failed;
    tb_html_text(html, worded.failed ? "" : (const char *)worded.data);
    tb_buffer_free(&worded);
}

void tb_html_element(struct tb_html *html, const char *tag, const char *text)
{
    tb_html_format(html, "<%s>", tag);
    tb_html_text(html, text);
    tb_html_format(html, "</%.*s>", (int)strcspn(tag, " "), tag);
}

void tb_html_heading(struct tb_html *html, int level, const char *text, const char *id, ...)
{
    va_list arguments;
    fprintf(html->out, "<h%d id=\"", level);
    va_start(arguments, id);
    vfprintf(html->out, id, arguments);
    va_end(arguments);
    tb_html_markup(html, "\">");
    tb_html_text(html, text);
    fprintf(html->out, "</h%d>\n", level);
}

void *tb_html_allocate(struct tb_html *html, size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    html->failed = html->failed || memory == NULL;
    return memory;
}
