/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CLI_PAGE_H
#define TWINBED_SRC_CLI_PAGE_H

/* One text in two forms: as --help prints it, in lines of at most 80 columns,
 * and as a manual page, which man(1) sets (macros of man(7)).
 *
 * Texts are words between spaces, with an empty line between paragraphs. What
 * begins with a hyphen is an option, and bold in a manual. */

#include <stdbool.h>
#include <stdio.h>

/* Where a page goes, and in which form. */
struct page {
    FILE *stream;
    bool manual;
    int tag_width; /* of text: the column where the texts of items begin */
};

/* Begins a manual: its name, section and the sentence beside the name. In text, nothing. */
void page_title(const struct page *page, const char *name, int section, const char *summary);
/* "options": in a manual in capital letters. */
void page_heading(const struct page *page, const char *words);
/* Paragraphs. */
void page_text(const struct page *page, const char *text);
/* What a tag stands for. In the tag of a manual small letters are bold, capital ones in italics. */
void page_item(const struct page *page, const char *tag, const char *text);
/* Lines as they stand, each with its newline. */
void page_lines(const struct page *page, const char *lines);
/* Command lines: "usage: twinbed check CAMPAIGN [OPTION]...". */
void page_usage(const struct page *page, const char *line);

#endif
