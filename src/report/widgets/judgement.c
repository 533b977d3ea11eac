/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "judgement.h"

#include <math.h>
#include <string.h>

#include "numbers.h"

static const struct tb_judgement judgements[TB_SHOWN_VERDICTS] = {
    [TB_SHOWN_NONE] = {"\xC2\xB7", "none", "not compared"},
    [TB_SHOWN_SIMILAR] = {"=", "similar", "similar"},
    [TB_SHOWN_DIFFERENT] = {"\xE2\x89\xA0", "different", "different"},
    [TB_SHOWN_UNDECIDED] = {"?", "undecided", "undecided"},
};

enum tb_shown_verdict tb_verdict_shown(const struct tb_view *view, size_t contrast, size_t metric)
{
    const int32_t verdict = view->verdict[contrast * view->metrics + metric];
    return verdict < 0 || verdict >= TB_SHOWN_VERDICTS ? TB_SHOWN_NONE : (enum tb_shown_verdict)verdict;
}

struct tb_judgement tb_judge(const struct tb_view *view, size_t contrast, size_t metric)
{
    return judgements[tb_verdict_shown(view, contrast, metric)];
}

/* "" where the signs are not defined. */
static const char *published_signs(const struct tb_view *view, size_t contrast, size_t metric)
{
    static const char *const words[2][2] = {{"neither", "overlap"}, {"close", "close, overlap"}};
    const size_t at = contrast * view->metrics + metric;
    return view->close[at] < 0 ? "" : words[view->close[at] > 0][view->overlap[at] > 0];
}

/* What is left when nearly equal means are subtracted is no difference. */
static bool is_rounding(const struct tb_view *view, size_t contrast, size_t metric)
{
    const double mean = view->mean[(size_t)view->contrast_cell[contrast] * view->metrics + metric];
    return fabs(view->difference[contrast * view->metrics + metric]) <= 1e-12 * fmax(1, fabs(mean));
}

static struct tb_number amount(const struct tb_view *view, size_t contrast, size_t metric)
{
    size_t at = contrast * view->metrics + metric;
    if (strcmp(view->metric_scale[metric], "difference") != 0 && isfinite(view->ratio[at])) {
        double ratio = view->ratio[at];
        return fabs(ratio) < 0.01 || fabs(ratio) >= 100 ? tb_number_significant(ratio, 2) : tb_number_fixed(ratio, 2);
    }
    if (isnan(view->difference[at]))
        return (struct tb_number){""};
    struct tb_number digits =
        is_rounding(view, contrast, metric) ? tb_number_fixed(0, 0) : tb_number_significant(view->difference[at], 2);
    struct tb_number number;
    snprintf(number.text, sizeof number.text, "\xCE\x94\xC2\xA0%.100s", digits.text);
    return number;
}

void tb_judgement_write(struct tb_html *html, const struct tb_view *view, size_t contrast, size_t metric)
{
    const struct tb_judgement judgement = tb_judge(view, contrast, metric);
    tb_html_format(html,
                   "<span class=\"judgement %s\"><span class=\"sign\" aria-label=\"%s\" "
                   "role=\"img\">%s</span>\xC2\xA0%s</span>",
                   judgement.class, judgement.word, judgement.sign, amount(view, contrast, metric).text);
}

void tb_judgement_write_signs(struct tb_html *html, const struct tb_view *view, size_t contrast, size_t metric)
{
    const char *const signs = published_signs(view, contrast, metric);
    const int32_t reason = view->reason[contrast * view->metrics + metric];
    if (reason != 0)
        tb_html_format(html, "<small class=\"few\">%s</small>", tb_view_flag(TB_FIELD_COMPARISON_REASON, reason).text);
    if (signs[0] != '\0')
        tb_html_format(html, "<small class=\"signs\">%s</small>", signs);
}

static void write_count(struct tb_html *html, const struct tb_view *view, int32_t cell, size_t metric, const char *side)
{
    const int32_t n = view->n[(size_t)cell * view->metrics + metric];
    if (n > 0 && n < view->cell_runs[cell])
        tb_html_format(html, "<small class=\"few\">%sn\xC2\xA0%d of %d</small>", side, (int)n,
                       (int)view->cell_runs[cell]);
}

void tb_judgement_write_counts(struct tb_html *html, const struct tb_view *view, size_t contrast, size_t metric)
{
    write_count(html, view, view->contrast_cell[contrast], metric, "");
    write_count(html, view, view->contrast_reference[contrast], metric, "baseline ");
}

static void write_range(struct tb_html *html, struct tb_number low, struct tb_number high)
{
    tb_html_format(html, "<small>%s to %s</small>", low.text, high.text);
}

static void write_shift(struct tb_html *html, const struct tb_view *view, size_t at)
{
    if (!isfinite(view->shift_low[at]) || !isfinite(view->shift_high[at]))
        return;
    if (view->shift_low[at] == 0 && view->shift_high[at] == 0)
        tb_html_markup(html, "<small>no shift</small>");
    else
        tb_html_format(html, "<small>shift %s (%s to %s)</small>", tb_number_signed(view->shift[at], 3).text,
                       tb_number_signed(view->shift_low[at], 3).text, tb_number_signed(view->shift_high[at], 3).text);
}

void tb_judgement_write_test(struct tb_html *html, const struct tb_view *view, size_t contrast, size_t metric)
{
    const size_t at = contrast * view->metrics + metric;
    if (view->close[at] < 0)
        return;
    if (isfinite(view->fieller_low[at]) && isfinite(view->fieller_high[at]) &&
        view->fieller_low[at] != view->fieller_high[at])
        write_range(html, tb_number_fixed(view->fieller_low[at], 3), tb_number_fixed(view->fieller_high[at], 3));
    write_shift(html, view, at);
    tb_html_format(html, "<small>p %s", tb_number_p(view->welch_p[at]).text);
    if (!isnan(view->holm_p[at]))
        tb_html_format(html, ", Holm %s", tb_number_p(view->holm_p[at]).text);
    if (!isnan(view->equivalence_p[at]))
        tb_html_format(html, "</small><small>equivalence p %s", tb_number_p(view->equivalence_p[at]).text);
    tb_html_markup(html, "</small>");
}

void tb_judgement_legend(struct tb_html *html)
{
    static const char *const meanings[TB_SHOWN_VERDICTS] = {
        [TB_SHOWN_NONE] = "not compared, or no values",
        [TB_SHOWN_SIMILAR] = "similar: shown to be within the threshold (10\xC2\xA0% unless set otherwise)",
        [TB_SHOWN_DIFFERENT] = "different: shown to be beyond it",
        [TB_SHOWN_UNDECIDED] = "undecided: the values can carry neither, or are too few",
    };
    static const enum tb_shown_verdict order[] = {TB_SHOWN_SIMILAR, TB_SHOWN_DIFFERENT, TB_SHOWN_UNDECIDED,
                                                  TB_SHOWN_NONE};
    tb_html_markup(html, "<ul class=\"legend\" aria-label=\"Signs\">\n");
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        tb_html_format(html, "<li><span class=\"judgement %s\"><span class=\"sign\">%s</span></span> %s</li>\n",
                       judgements[order[i]].class, judgements[order[i]].sign, meanings[order[i]]);
    tb_html_markup(
        html, "</ul>\n<p class=\"note\">The sign is the verdict of the equivalence test. The number beside it is the "
              "ratio of the mean to the baseline\xE2\x80\x99s, or, after \xCE\x94, the difference. Below stand the "
              "<b>published signs</b>, which are no verdict, since noise makes them easier to get: <i>close</i>, means "
              "within the threshold; <i>overlap</i>, 95\xC2\xA0% intervals overlap; <i>neither</i>. <i>n</i> is given "
              "where not every run of a testbed in a scenario, of a <i>cell</i>, has a value.</p>\n");
}
