/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "report/widgets/judgement.h"
#include "report/widgets/numbers.h"
#include "sections.h"

enum { COLUMNS = 9, FULL_CONTRASTS = 60 };

/* The metrics of the published tables, which the first matrix is limited to. */
static const char *const published[] = {
    "requests_per_second",
    "client_reads_per_request",
    "client_network_reads_per_request",
    "server_reads_per_request",
    "client_context_switches_per_request",
    "host_block_write_bytes_per_request",
    "client_walk_bits_per_transition",
    "client_walk_invalid_share",
    "server_payload_per_request",
    "server_packets_per_request",
    "client_packets_per_request",
    "packets_per_request",
    "jitter",
};
enum { PUBLISHED = sizeof published / sizeof published[0] };

static const char *const levels[] = {"application", "operating system", "network"};

static bool is_published(const char *name)
{
    for (size_t i = 0; i < PUBLISHED; i++)
        if (strcmp(name, published[i]) == 0)
            return true;
    return false;
}

static size_t level_of(const char *level)
{
    size_t i = 0;
    while (i < 3 && strcmp(level, levels[i]) != 0)
        i++;
    return i;
}

/* The metric has a value on a side of one of the contrasts. */
static bool compared(const struct tb_view *view, const size_t *contrasts, size_t count, size_t metric)
{
    for (size_t i = 0; i < count; i++) {
        size_t cell = (size_t)view->contrast_cell[contrasts[i]];
        size_t reference = (size_t)view->contrast_reference[contrasts[i]];
        if (view->n[cell * view->metrics + metric] > 0 || view->n[reference * view->metrics + metric] > 0)
            return true;
    }
    return false;
}

static void write_heads(struct tb_html *html, const struct tb_view *view, const size_t *contrasts, size_t count)
{
    tb_html_markup(html, "<thead><tr><th scope=\"col\" rowspan=\"2\">metric</th>");
    for (size_t i = 0; i < count;) {
        int32_t scenario = view->cell_scenario[view->contrast_cell[contrasts[i]]];
        size_t next = i + 1;
        while (next < count && view->cell_scenario[view->contrast_cell[contrasts[next]]] == scenario)
            next++;
        char *label = tb_view_scenario_label(view, (size_t)scenario, TB_ABSENT);
        tb_html_format(html, "<th scope=\"colgroup\" colspan=\"%zu\">", next - i);
        tb_html_text(html, label == NULL ? view->scenario_name[scenario] : label);
        tb_html_markup(html, "</th>");
        free(label);
        i = next;
    }
    tb_html_markup(html, "</tr>\n<tr>");
    for (size_t i = 0; i < count; i++) {
        tb_html_format(html, "<th scope=\"col\"><abbr title=\"");
        tb_html_text(html, view->contrast_name[contrasts[i]]);
        tb_html_markup(html, "\">");
        tb_html_text(html, view->testbed_name[view->cell_testbed[view->contrast_cell[contrasts[i]]]]);
        tb_html_markup(html, "</abbr></th>");
    }
    tb_html_markup(html, "</tr></thead>\n");
}

static void write_metric(struct tb_html *html, const struct tb_view *view, const size_t *contrasts, size_t count,
                         size_t metric, bool all)
{
    tb_html_markup(html, "<tr><th scope=\"row\"><abbr title=\"");
    tb_html_text(html, view->metric_description[metric]);
    tb_html_markup(html, "\">");
    for (const char *c = view->metric_name[metric]; *c != '\0';) {
        /* Words, so that a narrow screen can break the name. */
        char part[64];
        size_t length = strcspn(c, "_");
        snprintf(part, sizeof part, "%.*s", (int)(length < 60 ? length : 60), c);
        tb_html_text(html, part);
        c += length;
        if (*c == '_') {
            tb_html_markup(html, " ");
            c++;
        }
    }
    tb_html_markup(html, "</abbr></th>");
    for (size_t i = 0; i < count; i++) {
        tb_html_markup(html, "<td>");
        tb_judgement_write(html, view, contrasts[i], metric);
        tb_judgement_write_signs(html, view, contrasts[i], metric);
        tb_judgement_write_counts(html, view, contrasts[i], metric);
        if (all)
            tb_judgement_write_test(html, view, contrasts[i], metric);
        tb_html_markup(html, "</td>");
    }
    tb_html_markup(html, "</tr>\n");
}

static void write_level(struct tb_html *html, const struct tb_view *view, const size_t *contrasts, size_t count,
                        size_t level, bool all)
{
    bool open = false;
    for (size_t m = 0; m < view->metrics; m++) {
        if (level_of(view->metric_level[m]) != level || (!all && !is_published(view->metric_name[m])) ||
            !compared(view, contrasts, count, m))
            continue;
        if (!open)
            tb_html_format(html, "<tbody><tr><th scope=\"rowgroup\" colspan=\"%zu\" class=\"group\">%s</th></tr>\n",
                           count + 1, level < 3 ? levels[level] : "other");
        open = true;
        write_metric(html, view, contrasts, count, m, all);
    }
    if (open)
        tb_html_markup(html, "</tbody>\n");
}

static void write_matrix(struct tb_html *html, const struct tb_view *view, const size_t *contrasts, size_t count,
                         bool all)
{
    tb_html_format(html,
                   "<div class=\"scroll\" role=\"region\" aria-label=\"Verdicts\" tabindex=\"0\"><table "
                   "class=\"matrix\">\n<caption><span><b>%s</b> Each testbed "
                   "against the baseline, ",
                   all ? "All metrics." : "Verdicts.");
    tb_html_text(html, view->testbeds == 0 ? "" : view->testbed_name[0]);
    tb_html_format(
        html, ", in each scenario.%s</span></caption>\n",
        all ? " Under the published signs: Fieller\xE2\x80\x99s 90\xC2\xA0% interval of the ratio, which the verdict "
              "goes "
              "by; then the distribution-free 95\xC2\xA0% interval of the shift, in the metric\xE2\x80\x99s unit."
            : "");
    write_heads(html, view, contrasts, count);
    for (size_t level = 0; level <= 3; level++)
        write_level(html, view, contrasts, count, level, all);
    tb_html_markup(html, "</table></div>\n");
}

/* Where a matrix that begins at from ends: after whole scenarios, as long as those are not too wide themselves. */
static size_t matrix_end(const struct tb_view *view, const size_t *contrasts, size_t from, size_t to)
{
    size_t end = to - from <= COLUMNS ? to : from + COLUMNS;
    if (end == to)
        return end;
    const int32_t *scenario = view->cell_scenario;
    const int32_t *cell = view->contrast_cell;
    size_t whole = end;
    while (whole > from && scenario[cell[contrasts[whole]]] == scenario[cell[contrasts[whole - 1]]])
        whole--;
    return whole > from ? whole : end;
}

static void write_chunks(struct tb_html *html, const struct tb_view *view, const size_t *contrasts, size_t from,
                         size_t to, bool all)
{
    while (from < to) {
        size_t end = matrix_end(view, contrasts, from, to);
        write_matrix(html, view, contrasts + from, end - from, all);
        from = end;
    }
}

static void write_all(struct tb_html *html, const struct tb_view *view, const size_t *contrasts, size_t count)
{
    size_t first = matrix_end(view, contrasts, 0, count);
    write_chunks(html, view, contrasts, 0, first, false);
    tb_judgement_legend(html);
    if (first < count) {
        tb_html_format(html, "<details><summary>The same for %zu more contrasts</summary>\n", count - first);
        write_chunks(html, view, contrasts, first, count, false);
        tb_html_markup(html, "</details>\n");
    }
    size_t full = count < FULL_CONTRASTS ? count : FULL_CONTRASTS;
    tb_html_format(html, "<details><summary>All %zu metrics</summary>\n", view->metrics);
    write_chunks(html, view, contrasts, 0, full, true);
    if (full < count)
        tb_html_format(html,
                       "<p class=\"note\">%zu more contrasts are in the results file: load "
                       "<code>/comparison</code>.</p>\n",
                       count - full);
    tb_html_markup(html, "</details>\n");
}

/* The contrasts of testbeds: those of instrumented runs, which have values at every level, before the others. */
static size_t choose(const struct tb_view *view, size_t *contrasts)
{
    size_t count = 0;
    for (int instrumented = 1; instrumented >= 0; instrumented--)
        for (size_t i = 0; i < view->contrasts; i++)
            if (view->contrast_kind[i] == TB_CONTRAST_TESTBED &&
                tb_view_instrumented(view, (size_t)view->cell_scenario[view->contrast_cell[i]]) == (instrumented == 1))
                contrasts[count++] = i;
    return count;
}

void tb_section_matrix(struct tb_html *html, const struct tb_view *view)
{
    size_t *contrasts = calloc(view->contrasts + 1, sizeof *contrasts);
    size_t count = contrasts == NULL ? 0 : choose(view, contrasts);
    if (count == 0)
        tb_html_markup(html, "<p class=\"reason\">No verdicts: no scenario has runs of the baseline and of another "
                             "testbed.</p>\n");
    else
        write_all(html, view, contrasts, count);
    free(contrasts);
}
