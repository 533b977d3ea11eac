/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "judgement.h"

#include <math.h>
#include <string.h>

#include "numbers.h"

static const struct tb_judgement both = {"\xE2\x89\xA1", "both", "close, intervals overlap"};
static const struct tb_judgement near = {"=", "close", "close, intervals apart"};
static const struct tb_judgement overlapping = {"~", "overlap", "not close, but intervals overlap"};
static const struct tb_judgement different = {"\xE2\x89\xA0", "different", "different"};
static const struct tb_judgement none = {"\xC2\xB7", "none", "not compared"};

struct tb_judgement tb_judge(const struct tb_view *view, size_t contrast, size_t metric)
{
    size_t at = contrast * view->metrics + metric;
    if (view->close[at] < 0)
        return none;
    if (view->close[at] > 0)
        return view->overlap[at] > 0 ? both : near;
    return view->overlap[at] > 0 ? overlapping : different;
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
        view->difference[at] == 0 ? tb_number_fixed(0, 0) : tb_number_significant(view->difference[at], 2);
    struct tb_number number;
    snprintf(number.text, sizeof number.text, "\xCE\x94\xC2\xA0%.100s", digits.text);
    return number;
}

void tb_judgement_write(struct tb_html *html, const struct tb_view *view, size_t contrast, size_t metric)
{
    size_t at = contrast * view->metrics + metric;
    struct tb_judgement judgement = tb_judge(view, contrast, metric);
    tb_html_format(html, "<span class=\"judgement %s\" title=\"%s", judgement.class, judgement.word);
    if (view->close[at] < 0)
        tb_html_format(html, ": %s", tb_view_flag(TB_FIELD_COMPARISON_REASON, view->reason[at]).text);
    else
        tb_html_format(html, "; equivalence test: %s",
                       tb_view_flag(TB_FIELD_COMPARISON_VERDICT, view->verdict[at]).text);
    tb_html_format(html, "\"><span class=\"sign\" aria-label=\"%s\" role=\"img\">%s</span>\xC2\xA0%s</span>",
                   judgement.word, judgement.sign, amount(view, contrast, metric).text);
}

void tb_judgement_write_test(struct tb_html *html, const struct tb_view *view, size_t contrast, size_t metric)
{
    size_t at = contrast * view->metrics + metric;
    if (view->close[at] < 0)
        return;
    tb_html_format(html, "<small title=\"Welch p %s, after Holm %s; equivalence p %s\">%s",
                   tb_number_significant(view->welch_p[at], 2).text, tb_number_significant(view->holm_p[at], 2).text,
                   tb_number_significant(view->equivalence_p[at], 2).text,
                   tb_view_flag(TB_FIELD_COMPARISON_VERDICT, view->verdict[at]).text);
    if (isfinite(view->fieller_low[at]) && isfinite(view->fieller_high[at]))
        tb_html_format(html, "<br>%s to %s", tb_number_fixed(view->fieller_low[at], 3).text,
                       tb_number_fixed(view->fieller_high[at], 3).text);
    if (isfinite(view->shift_low[at]) && isfinite(view->shift_high[at]))
        tb_html_format(html, "<br><span title=\"Shift of Hodges and Lehmann: %s\">%s to %s</span>",
                       tb_number_significant(view->shift[at], 3).text,
                       tb_number_significant(view->shift_low[at], 3).text,
                       tb_number_significant(view->shift_high[at], 3).text);
    tb_html_markup(html, "</small>");
}

void tb_judgement_legend(struct tb_html *html)
{
    static const struct {
        const struct tb_judgement *judgement;
        const char *meaning;
    } rows[] = {
        {&both, "close, and the 95\xC2\xA0% intervals overlap"},
        {&near, "close: means within the threshold (10\xC2\xA0% unless set otherwise)"},
        {&overlapping, "not close, but the intervals overlap"},
        {&different, "different: neither"},
        {&none, "not compared, or no values"},
    };
    tb_html_markup(html, "<ul class=\"legend\" aria-label=\"Signs\">\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        tb_html_format(html, "<li><span class=\"judgement %s\"><span class=\"sign\">%s</span></span> %s</li>\n",
                       rows[i].judgement->class, rows[i].judgement->sign, rows[i].meaning);
    tb_html_markup(html, "</ul>\n<p class=\"note\">The number beside a sign is the ratio of the mean to the "
                         "baseline\xE2\x80\x99s, or, after \xCE\x94, the difference.</p>\n");
}
