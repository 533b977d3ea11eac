/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_JUDGEMENT_H
#define TWINBED_REPORT_JUDGEMENT_H

/* How one contrast of one metric is shown: a sign, a colour class and a word,
 * so that nothing depends on seeing colours. */

#include "html.h"
#include "view.h"

struct tb_judgement {
    const char *sign;  /* "≡" */
    const char *class; /* CSS class */
    const char *word;  /* for people who cannot see the sign */
};

/* The published rule: close means within the threshold, overlapping intervals are the stronger sign. */
struct tb_judgement tb_judge(const struct tb_view *view, size_t contrast, size_t metric);

/* Ratio, or difference on the difference scale, with the sign before it. */
void tb_judgement_write(struct tb_html *html, const struct tb_view *view, size_t contrast, size_t metric);

/* The equivalence test: its word, the 90 % interval of the ratio, and its p values as a title. */
void tb_judgement_write_test(struct tb_html *html, const struct tb_view *view, size_t contrast, size_t metric);

/* What the signs mean, once a section. */
void tb_judgement_legend(struct tb_html *html);

#endif
