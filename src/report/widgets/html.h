/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_HTML_H
#define TWINBED_REPORT_HTML_H

/* Writing HTML. Markup is ours and goes out as it is; text may come from
 * anywhere and goes out escaped. Nothing else writes to the page. Drawings are
 * made fit for it in svg.c. */

#include <stdbool.h>
#include <stdio.h>

#include "twinbed/base/status.h"
#include "twinbed/base/work_unit.h"
#include "twinbed/report/report.h"

struct tb_html {
    FILE *out;                            /* borrowed; ferror tells at the end whether everything arrived */
    unsigned figure;                      /* figures so far: makes the ids inside drawings unique */
    const struct tb_figure_sink *figures; /* borrowed; NULL: nobody does */
    enum tb_work_unit work_unit;          /* what markup and words of ours call what they call requests */
    bool inside;                          /* of a tag, where markup ended that was worded so */
    bool failed; /* memory was short somewhere, so the page lacks something: it must not be kept */
};

/* Markup of our own. The arguments of the formatted kind must be numbers or words of our own. */
void tb_html_markup(struct tb_html *html, const char *markup);
void tb_html_format(struct tb_html *html, const char *format, ...) TB_PRINTF(2, 3);

/* Any text, inside an element or a quoted attribute: & < > " ' are escaped,
 * control characters become spaces, bytes that are not UTF-8 become U+FFFD. */
void tb_html_text(struct tb_html *html, const char *text);

/* A name of ours in words: _ becomes a space, so that a narrow screen can break it. Names of 255 letters at most. */
void tb_html_words(struct tb_html *html, const char *name);

/* A heading of level 1 to 6, any text, that links can name: the id is a word of ours, with numbers where it stands
 * several times. */
void tb_html_heading(struct tb_html *html, int level, const char *text, const char *id, ...) TB_PRINTF(4, 5);

/* <tag>text</tag>; tag may carry attributes ("td class=\"n\""). */
void tb_html_element(struct tb_html *html, const char *tag, const char *text);

/* A drawing from another program: everything before <svg is dropped, ids and the
 * references to them get a prefix of their own, the fixed size goes and the
 * viewBox stays. label is read to those who cannot see it. */
void tb_html_svg(struct tb_html *html, const char *svg, size_t size, const char *label);

/* Zeros, at least one byte, for what a part of the page works out; NULL, and failed is set, when memory is short. */
void *tb_html_allocate(struct tb_html *html, size_t count, size_t size);

#endif
