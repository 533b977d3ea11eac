/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_JUDGEMENT_H
#define TWINBED_REPORT_JUDGEMENT_H

/* How one contrast of one metric is shown: the verdict of the equivalence test as
 * a sign, a colour class and a word, so that nothing depends on seeing colours;
 * beside it the published signs, and how many values there are. */

#include "html.h"
#include "report/view/view.h"

/* The numbers of comparison/verdict. */
enum tb_shown_verdict { TB_SHOWN_NONE, TB_SHOWN_SIMILAR, TB_SHOWN_DIFFERENT, TB_SHOWN_UNDECIDED, TB_SHOWN_VERDICTS };

struct tb_judgement {
    const char *sign;  /* "=" */
    const char *class; /* CSS class */
    const char *word;  /* for people who cannot see the sign */
};

/* The verdict; numbers that no verdict has are shown as none. */
enum tb_shown_verdict tb_verdict_shown(const struct tb_view *view, size_t contrast, size_t metric);
struct tb_judgement tb_judge(const struct tb_view *view, size_t contrast, size_t metric);

/* Ratio, or difference on the difference scale, with the sign before it. */
void tb_judgement_write(struct tb_html *html, const struct tb_view *view, size_t contrast, size_t metric);

/* Why there is no verdict, or none that the numbers ask for: "few values"; and the published signs in words: "close,
 * overlap", "close", "overlap", "neither". Nothing where there is nothing to say. */
void tb_judgement_write_signs(struct tb_html *html, const struct tb_view *view, size_t contrast, size_t metric);

/* The number of values of a side that has fewer than its cell has runs: "n 7 of 10", "baseline n 3 of 5"; nothing
 * where all runs have one, or none has. */
void tb_judgement_write_counts(struct tb_html *html, const struct tb_view *view, size_t contrast, size_t metric);

/* The 90 % interval of the ratio, the shift with its interval, and p-values, a line each. */
void tb_judgement_write_test(struct tb_html *html, const struct tb_view *view, size_t contrast, size_t metric);

/* What the signs mean, once a section. */
void tb_judgement_legend(struct tb_html *html);

#endif
