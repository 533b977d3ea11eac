/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <string.h>

#include "html.h"

struct cursor {
    const char *at;
    const char *end;
};

static bool starts(struct cursor cursor, const char *word)
{
    size_t length = strlen(word);
    return (size_t)(cursor.end - cursor.at) >= length && memcmp(cursor.at, word, length) == 0;
}

static const char *find(struct cursor cursor, const char *word)
{
    return memmem(cursor.at, (size_t)(cursor.end - cursor.at), word, strlen(word));
}

/* The value of an attribute of the svg element, without quotes; length 0 when absent. */
static struct cursor svg_attribute(struct cursor tag, const char *name)
{
    struct cursor none = {tag.end, tag.end};
    const char *at = find(tag, name);
    if (at == NULL)
        return none;
    const char *value = at + strlen(name);
    if (value >= tag.end)
        return none;
    const char *close = memchr(value + 1, *value, (size_t)(tag.end - value - 1));
    return close == NULL ? none : (struct cursor){value + 1, close};
}

/* Where an id is defined or named: the text right before it. */
static size_t id_prefix(struct cursor cursor)
{
    static const char *const prefixes[] = {" id=\"", " id='", "href='#", "href=\"#", "url(#"};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (starts(cursor, prefixes[i]))
            return strlen(prefixes[i]);
    return 0;
}

/* Comments and the titles that programs give: hints on "s3->s7" help nobody. NULL when nothing of that begins here. */
static const char *after_unwanted(struct cursor cursor)
{
    static const char *const unwanted[][2] = {{"<!--", "-->"}, {"<title>", "</title>"}, {"<desc>", "</desc>"}};
    for (size_t i = 0; i < sizeof unwanted / sizeof unwanted[0]; i++) {
        if (!starts(cursor, unwanted[i][0]))
            continue;
        const char *end = find(cursor, unwanted[i][1]);
        return end == NULL ? cursor.end : end + strlen(unwanted[i][1]);
    }
    return NULL;
}

static void body(struct tb_html *html, struct cursor cursor)
{
    const char *pending = cursor.at;
    while (cursor.at < cursor.end) {
        const char *after = after_unwanted(cursor);
        if (after != NULL) {
            fwrite(pending, 1, (size_t)(cursor.at - pending), html->out);
            pending = cursor.at = after;
            continue;
        }
        size_t length = id_prefix(cursor);
        if (length == 0) {
            cursor.at++;
            continue;
        }
        cursor.at += length;
        fwrite(pending, 1, (size_t)(cursor.at - pending), html->out);
        fprintf(html->out, "f%u-", html->figure);
        pending = cursor.at;
    }
    fwrite(pending, 1, (size_t)(cursor.end - pending), html->out);
}

void tb_html_svg(struct tb_html *html, const char *svg, size_t size, const char *label)
{
    struct cursor whole = {svg, svg + size};
    const char *open = find(whole, "<svg");
    const char *tag_end = open == NULL ? NULL : memchr(open, '>', (size_t)(whole.end - open));
    const char *close = tag_end == NULL ? NULL : find((struct cursor){tag_end, whole.end}, "</svg>");
    if (close == NULL) {
        tb_html_markup(html, "<p class=\"reason\">The drawing could not be made.</p>\n");
        return;
    }
    struct cursor box = svg_attribute((struct cursor){open, tag_end}, "viewBox=");
    html->figure++;
    tb_html_format(html, "<svg role=\"img\" viewBox=\"%.*s\" preserveAspectRatio=\"xMidYMin meet\" aria-label=\"",
                   (int)(box.end - box.at), box.at);
    tb_html_text(html, label);
    tb_html_markup(html, "\">");
    body(html, (struct cursor){tag_end + 1, close});
    tb_html_markup(html, "</svg>\n");
}
