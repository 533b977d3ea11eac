/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "html.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void tb_html_markup(struct tb_html *html, const char *markup)
{
    fputs(markup, html->out);
}

void tb_html_format(struct tb_html *html, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(html->out, format, arguments);
    va_end(arguments);
}

static bool continues(const unsigned char *bytes, unsigned count)
{
    for (unsigned i = 1; i <= count; i++)
        if ((bytes[i] & 0xC0) != 0x80)
            return false;
    return true;
}

unsigned tb_html_utf8_length(const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    if (bytes[0] < 0x80)
        return bytes[0] != 0;
    if (bytes[0] >= 0xC2 && bytes[0] <= 0xDF)
        return continues(bytes, 1) ? 2 : 0;
    if (bytes[0] >= 0xE0 && bytes[0] <= 0xEF) {
        if (!continues(bytes, 2))
            return 0;
        uint32_t code = ((uint32_t)(bytes[0] & 0x0F) << 12) | ((uint32_t)(bytes[1] & 0x3F) << 6) | (bytes[2] & 0x3F);
        return code >= 0x800 && (code < 0xD800 || code > 0xDFFF) ? 3 : 0;
    }
    if (bytes[0] >= 0xF0 && bytes[0] <= 0xF4) {
        if (!continues(bytes, 3))
            return 0;
        uint32_t code = ((uint32_t)(bytes[0] & 0x07) << 18) | ((uint32_t)(bytes[1] & 0x3F) << 12);
        return code >= 0x10000 && code < 0x110000 ? 4 : 0;
    }
    return 0;
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
        unsigned length = tb_html_utf8_length(text);
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
    tb_html_text(html, words);
}

void tb_html_element(struct tb_html *html, const char *tag, const char *text)
{
    tb_html_format(html, "<%s>", tag);
    tb_html_text(html, text);
    tb_html_format(html, "</%.*s>", (int)strcspn(tag, " "), tag);
}

void *tb_html_allocate(struct tb_html *html, size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    html->failed = html->failed || memory == NULL;
    return memory;
}
