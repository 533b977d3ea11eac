/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "quantities.h"
#include "report/widgets/judgement.h"
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

static bool is_published(const char *name)
{
    for (size_t i = 0; i < PUBLISHED; i++)
        if (strcmp(name, published[i]) == 0)
            return true;
    return false;
}

/* A metric that the campaign file declares is a quantity of its own. */
static bool is_custom(const struct tb_view *view, size_t metric)
{
    return strcmp(view->metric_quantity[metric], view->metric_name[metric]) == 0;
}

/* Contrasts that stand side by side. */
struct matrix {
    const size_t *contrasts;
    size_t count;
    const char *level;
    bool all; /* metrics, with the intervals of their tests; or those of the published tables, and custom ones */
};

/* The metric has a value on a side of one of the contrasts. */
static bool is_compared(const struct tb_view *view, const struct matrix *matrix, size_t metric)
{
    for (size_t i = 0; i < matrix->count; i++) {
        size_t cell = (size_t)view->contrast_cell[matrix->contrasts[i]];
        size_t reference = (size_t)view->contrast_reference[matrix->contrasts[i]];
        if (view->n[cell * view->metrics + metric] > 0 || view->n[reference * view->metrics + metric] > 0)
            return true;
    }
    return false;
}

static bool has_row(const struct tb_view *view, const struct matrix *matrix, size_t metric)
{
    return strcmp(view->metric_level[metric], matrix->level) == 0 &&
           (matrix->all || is_published(view->metric_name[metric]) || is_custom(view, metric)) &&
           is_compared(view, matrix, metric);
}

static bool is_row(const struct tb_cell *cell)
{
    return has_row(cell->view, cell->context, cell->row);
}

static void write_metric(struct tb_html *html, const struct tb_cell *cell)
{
    const struct tb_view *view = cell->view;
    const size_t metric = cell->row;
    tb_html_markup(html, "<th scope=\"row\">");
    tb_html_words(html, view->metric_name[metric]);
    if (strcmp(view->metric_unit[metric], "1") != 0) {
        tb_html_markup(html, " <span class=\"unit\">in ");
        tb_html_text(html, view->metric_unit[metric]);
        tb_html_markup(html, "</span>");
    }
    if (view->metric_direction[metric][0] != '\0') {
        tb_html_markup(html, " <span class=\"unit\">");
        tb_html_text(html, view->metric_direction[metric]);
        tb_html_markup(html, " is better</span>");
    }
    tb_html_element(html, "small", view->metric_description[metric]);
    tb_html_markup(html, "</th>");
}

/* The column's index is the contrast. */
static void write_contrast(struct tb_html *html, const struct tb_cell *cell)
{
    const struct matrix *matrix = cell->context;
    const size_t metric = cell->row;
    tb_html_markup(html, "<td>");
    tb_judgement_write(html, cell->view, cell->index, metric);
    tb_judgement_write_signs(html, cell->view, cell->index, metric);
    tb_judgement_write_counts(html, cell->view, cell->index, metric);
    if (matrix->all)
        tb_judgement_write_test(html, cell->view, cell->index, metric);
    tb_html_markup(html, "</td>");
}

static void explain(struct tb_html *html, const struct tb_cell *cell)
{
    const struct matrix *matrix = cell->context;
    tb_html_text(html, cell->view->testbeds == 0 ? "" : cell->view->testbed_name[0]);
    tb_html_format(
        html, ", in each scenario.%s",
        matrix->all
            ? " Under the published signs: Fieller\xE2\x80\x99s 90\xC2\xA0% interval of the ratio, which the verdict "
              "goes by; the shift, the median of all differences between a run and one of the "
              "baseline\xE2\x80\x99s, in the metric\xE2\x80\x99s unit with its distribution-free 95\xC2\xA0% "
              "interval; and p-values: of Welch\xE2\x80\x99s test that the means are the same, the same adjusted by "
              "Holm for the many metrics, and of the test of equivalence, that they are more than the threshold apart."
            : "");
}

static void write_matrix(struct tb_html *html, const struct tb_view *view, const struct matrix *matrix)
{
    struct tb_column_list columns = {0};
    tb_columns_add(html, &columns, (struct tb_column){.head = "metric", .write = write_metric});
    for (size_t i = 0; i < matrix->count; i++) {
        const size_t contrast = matrix->contrasts[i];
        const int32_t cell = view->contrast_cell[contrast];
        tb_columns_add(html, &columns,
                       (struct tb_column){.head = view->testbed_name[view->cell_testbed[cell]],
                                          .above = view->scenario_label[view->cell_scenario[cell]],
                                          .write = write_contrast,
                                          .index = contrast});
    }
    const struct tb_table table = {
        .caption = matrix->all ? "All metrics." : "Verdicts.",
        .sentence = "Each testbed against the baseline, ",
        .explain = explain,
        .class = "matrix",
        .columns = columns.items,
        .column_count = columns.count,
        .shows = is_row,
    };
    tb_table_write(html, view, &table, view->metrics, matrix);
    free(columns.items);
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

static void write_chunks(struct tb_html *html, const struct tb_view *view, const struct matrix *whole, size_t from,
                         size_t to, bool all)
{
    while (from < to) {
        size_t end = matrix_end(view, whole->contrasts, from, to);
        const struct matrix matrix = {
            .contrasts = whole->contrasts + from, .count = end - from, .level = whole->level, .all = all};
        write_matrix(html, view, &matrix);
        from = end;
    }
}

static size_t count_rows(const struct tb_view *view, const struct matrix *matrix)
{
    size_t count = 0;
    for (size_t m = 0; m < view->metrics; m++)
        count += has_row(view, matrix, m);
    return count;
}

/* The contrasts of a level, in the order in which they are shown. */
struct level_contrasts {
    size_t *items;    /* owned */
    size_t published; /* first, those with values of metrics of the published tables */
    size_t count;     /* then those with values of others */
    size_t without;   /* and so many more have no values */
};

static void write_all(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots,
                      const struct level_contrasts *contrasts, const char *level)
{
    const struct matrix whole = {.contrasts = contrasts->items, .count = contrasts->count, .level = level, .all = true};
    const size_t first = matrix_end(view, contrasts->items, 0, contrasts->published);
    tb_html_markup(html, "<div class=\"level\">\n<div class=\"tables\">\n");
    write_chunks(html, view, &whole, 0, first, false);
    if (contrasts->count + contrasts->without > contrasts->published)
        tb_html_format(html, "<p class=\"note\">%zu more contrasts have no values of these metrics.</p>\n",
                       contrasts->count + contrasts->without - contrasts->published);
    if (strcmp(level, "application") == 0)
        tb_judgement_legend(html);
    tb_html_markup(html, "</div>\n");
    tb_section_quantities(html, view, plots, level);
    tb_html_markup(html, "</div>\n");
    tb_section_distributions(html, view, plots, level);
    if (first < contrasts->published) {
        tb_fold_open(html, false, "The same for %s more contrasts",
                     tb_number_count((int64_t)(contrasts->published - first)).text);
        write_chunks(html, view, &whole, first, contrasts->published, false);
        tb_fold_close(html);
    }
    const size_t full = whole.count < FULL_CONTRASTS ? whole.count : FULL_CONTRASTS;
    tb_fold_open(html, false, "All %zu metrics of this level", count_rows(view, &whole));
    write_chunks(html, view, &whole, 0, full, true);
    if (full < whole.count)
        tb_html_format(html,
                       "<p class=\"note\">%zu more contrasts are in the results file: load "
                       "<code>/comparison</code>.</p>\n",
                       whole.count - full);
    tb_fold_close(html);
}

static bool is_of_testbed(const struct tb_view *view, size_t contrast, bool instrumented)
{
    return view->contrast_kind[contrast] == TB_CONTRAST_TESTBED &&
           tb_view_instrumented(view, (size_t)view->cell_scenario[view->contrast_cell[contrast]]) == instrumented;
}

/* Some metric has a value on a side of the contrast: what was not recorded needs no column. */
static bool has_values(const struct tb_view *view, size_t contrast, const char *level, bool all)
{
    const struct matrix alone = {.contrasts = &contrast, .count = 1, .level = level, .all = all};
    return count_rows(view, &alone) > 0;
}

/* The contrasts of instrumented runs, which have values at every level, stand before others. */
static void choose(const struct tb_view *view, const char *level, struct level_contrasts *contrasts)
{
    for (int instrumented = 1; instrumented >= 0; instrumented--)
        for (size_t i = 0; i < view->contrasts; i++)
            if (is_of_testbed(view, i, instrumented == 1) && has_values(view, i, level, false))
                contrasts->items[contrasts->published++] = i;
    contrasts->count = contrasts->published;
    for (int instrumented = 1; instrumented >= 0; instrumented--)
        for (size_t i = 0; i < view->contrasts; i++) {
            if (!is_of_testbed(view, i, instrumented == 1) || has_values(view, i, level, false))
                continue;
            if (has_values(view, i, level, true))
                contrasts->items[contrasts->count++] = i;
            else
                contrasts->without++;
        }
}

void tb_section_matrix(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots,
                       const char *level)
{
    struct level_contrasts contrasts = {.items = tb_html_allocate(html, view->contrasts, sizeof *contrasts.items)};
    if (contrasts.items != NULL)
        choose(view, level, &contrasts);
    if (contrasts.count > 0) {
        write_all(html, view, plots, &contrasts, level);
    } else if (contrasts.without > 0) {
        tb_html_markup(html, "<p class=\"note\">No run has a value at this level.</p>\n");
    } else {
        tb_html_markup(html, "<p class=\"reason\">No verdicts: no scenario has runs of the baseline and of another "
                             "testbed.</p>\n");
        tb_section_quantities(html, view, plots, level);
        tb_section_distributions(html, view, plots, level);
    }
    free(contrasts.items);
}
