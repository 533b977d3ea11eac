/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "overview.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/widgets/judgement.h"

/* Panels of points beside each other; more contrasts are a map. */
enum { POINT_CONTRASTS = 8 };

double tb_overview_ratio(const struct tb_view *view, size_t contrast, size_t metric)
{
    const double ratio = view->ratio[contrast * view->metrics + metric];
    const bool has_ratio = strcmp(view->metric_scale[metric], "difference") != 0 && isfinite(ratio) && ratio > 0;
    return has_ratio && tb_verdict_shown(view, contrast, metric) != TB_SHOWN_NONE ? ratio : NAN;
}

double tb_overview_weight(const struct tb_view *view, size_t contrast, size_t metric)
{
    static const double steps[TB_SHOWN_VERDICTS] = {[TB_SHOWN_UNDECIDED] = 1000, [TB_SHOWN_DIFFERENT] = 2000};
    const double ratio = tb_overview_ratio(view, contrast, metric);
    return isnan(ratio) ? -1 : steps[tb_verdict_shown(view, contrast, metric)] + fmin(fabs(log10(ratio)), 999);
}

double tb_overview_closeness(const struct tb_view *view)
{
    const char *text = tb_results_attribute(view->results, "setting_closeness");
    const double closeness = text == NULL ? 0 : strtod(text, NULL);
    return closeness > 0 && closeness < 1 ? closeness : 0.1;
}

static void choose_contrasts(const struct tb_view *view, struct tb_overview *overview)
{
    for (size_t testbed = 0; testbed < view->testbeds; testbed++)
        for (size_t c = 0; c < view->contrasts; c++)
            if (view->contrast_kind[c] == TB_CONTRAST_TESTBED &&
                (size_t)view->cell_testbed[view->contrast_cell[c]] == testbed)
                overview->contrasts[overview->contrast_count++] = c;
    overview->is_map = overview->contrast_count > POINT_CONTRASTS;
}

struct ranked {
    double weight;
    size_t metric;
};

static int by_weight(const void *a, const void *b)
{
    const struct ranked *first = a, *second = b;
    if (first->weight != second->weight)
        return first->weight > second->weight ? -1 : 1;
    return (first->metric > second->metric) - (first->metric < second->metric);
}

static double worst_weight(const struct tb_view *view, const struct tb_overview *overview, size_t metric)
{
    double worst = -1;
    for (size_t i = 0; i < overview->contrast_count; i++)
        worst = fmax(worst, tb_overview_weight(view, overview->contrasts[i], metric));
    return worst;
}

static bool choose_metrics(const struct tb_view *view, struct tb_overview *overview)
{
    struct ranked *ranked = calloc(view->metrics + 1, sizeof *ranked);
    size_t count = 0;
    if (ranked == NULL)
        return false;
    for (size_t m = 0; m < view->metrics; m++) {
        const double weight = view->metric_family[m] == 1 ? worst_weight(view, overview, m) : -1;
        if (weight >= 0)
            ranked[count++] = (struct ranked){weight, m};
    }
    qsort(ranked, count, sizeof *ranked, by_weight);
    for (size_t i = 0; i < count; i++)
        overview->metrics[overview->metric_count++] = ranked[i].metric;
    free(ranked);
    return true;
}

bool tb_overview_make(const struct tb_view *view, struct tb_overview *overview)
{
    *overview = (struct tb_overview){.contrasts = calloc(view->contrasts + 1, sizeof *overview->contrasts),
                                     .metrics = calloc(view->metrics + 1, sizeof *overview->metrics)};
    if (overview->contrasts == NULL || overview->metrics == NULL)
        return false;
    choose_contrasts(view, overview);
    return choose_metrics(view, overview);
}

void tb_overview_free(struct tb_overview *overview)
{
    free(overview->contrasts);
    free(overview->metrics);
}
