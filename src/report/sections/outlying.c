/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "report/widgets/numbers.h"
#include "sections.h"

enum { RUNS_LISTED = 200, NAMED = 3 };

static size_t count_outlying(const struct tb_view *view, size_t run)
{
    size_t count = 0;
    for (size_t m = 0; m < view->metrics; m++)
        count += view->outlying[run * view->metrics + m] == 1;
    return count;
}

/* Whether a lies further out than b; earlier metrics first among equals. */
static bool is_further(const double *scores, size_t a, size_t b)
{
    const double left = fabs(scores[a]), right = fabs(scores[b]);
    return left > right || (left == right && a < b);
}

/* The outlying metric that lies furthest out of those less far than last. */
static size_t next_furthest(const struct tb_view *view, size_t run, size_t last)
{
    const double *scores = view->outlier_score + run * view->metrics;
    size_t best = TB_ABSENT;
    for (size_t m = 0; m < view->metrics; m++)
        if (view->outlying[run * view->metrics + m] == 1 && (last == TB_ABSENT || is_further(scores, last, m)) &&
            (best == TB_ABSENT || is_further(scores, m, best)))
            best = m;
    return best;
}

static void write_metric(struct tb_html *html, const struct tb_view *view, size_t run, size_t metric)
{
    const size_t at = run * view->metrics + metric;
    const size_t cell = (size_t)view->run_cell[run];
    tb_html_text(html, view->metric_name[metric]);
    tb_html_format(html, " %s (median %s, score %s)", tb_number_significant(view->run_value[at], 4).text,
                   tb_number_significant(view->median[cell * view->metrics + metric], 4).text,
                   tb_number_significant(view->outlier_score[at], 2).text);
}

static void write_run(struct tb_html *html, const struct tb_view *view, size_t run, size_t count)
{
    tb_html_markup(html, "<tr>");
    tb_html_element(html, "th scope=\"row\" class=\"path\"", view->run_name[run]);
    tb_html_format(html, "<td>%zu</td><td class=\"text\">", count);
    size_t metric = TB_ABSENT;
    for (size_t i = 0; i < NAMED && i < count; i++) {
        metric = next_furthest(view, run, metric);
        if (metric == TB_ABSENT)
            break;
        tb_html_markup(html, i == 0 ? "" : "; ");
        write_metric(html, view, run, metric);
    }
    tb_html_markup(html, "</td></tr>\n");
}

void tb_section_outlying(struct tb_html *html, const struct tb_view *view)
{
    size_t runs = 0;
    for (size_t r = 0; r < view->runs; r++)
        runs += count_outlying(view, r) > 0;
    tb_html_markup(html, "<h2 id=\"outlying\">Outlying runs</h2>\n<p>A value is outlying when its modified z-score, "
                         "0.6745 (value \xE2\x88\x92 median) / median absolute deviation, is beyond \xC2\xB1"
                         "3.5 among at least five runs of its cell. Outlying values are used like all others.</p>\n");
    if (runs == 0) {
        tb_html_markup(html, "<p>No value is outlying.</p>\n");
        return;
    }
    tb_html_format(html, "<details><summary>%zu of %zu runs have outlying values</summary>\n", runs, view->runs);
    tb_table_open(html, "Runs with outlying values.", "The three values that lie furthest out.");
    tb_html_markup(html, "<thead><tr><th scope=\"col\" class=\"text\">run</th><th scope=\"col\">metrics</th><th "
                         "scope=\"col\" class=\"text\">furthest out</th></tr></thead>\n<tbody>\n");
    size_t listed = 0;
    for (size_t r = 0; r < view->runs && listed < RUNS_LISTED; r++) {
        const size_t count = count_outlying(view, r);
        if (count == 0)
            continue;
        write_run(html, view, r, count);
        listed++;
    }
    tb_html_markup(html, "</tbody>\n");
    tb_table_close(html);
    if (listed < runs)
        tb_html_format(
            html, "<p class=\"note\">%zu more are in the results file: load <code>/comparison/outlying</code>.</p>\n",
            runs - listed);
    tb_html_markup(html, "</details>\n");
}
