/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which factor matters, for every metric and for the campaign. */
#include "twinbed/stats/sensitivity.h"

#include <stdio.h>
#include <stdlib.h>

#include "comparing.h"

/* A factor that a scenario does not have is a level of its own. */
static size_t *levels_of_cells(const struct tb_campaign *campaign)
{
    const size_t categories = 1 + campaign->factor_count;
    size_t *levels = calloc(campaign->cell_count * categories + 1, sizeof *levels);
    for (size_t c = 0; c < campaign->cell_count && levels != NULL; c++) {
        levels[c * categories] = campaign->cells[c].testbed;
        for (size_t f = 0; f < campaign->factor_count; f++) {
            const size_t level = campaign->scenarios[campaign->cells[c].scenario].levels[f];
            levels[c * categories + 1 + f] = level == TB_NO_INDEX ? campaign->factors[f].level_count : level;
        }
    }
    return levels;
}

static void add_term_name(struct job *job, enum tb_term_kind kind, const char *factor)
{
    char name[512];
    switch (kind) {
    case TB_TERM_TESTBED:
        PUT_TEXT(SENSITIVITY_TERM_NAME, "testbed");
        break;
    case TB_TERM_FACTOR:
        PUT_TEXT(SENSITIVITY_TERM_NAME, factor);
        break;
    case TB_TERM_INTERACTION:
        snprintf(name, sizeof name, "testbed x %s", factor);
        PUT_TEXT(SENSITIVITY_TERM_NAME, name);
        break;
    case TB_TERM_REMAINING:
        PUT_TEXT(SENSITIVITY_TERM_NAME, "remaining");
        break;
    case TB_TERM_REPETITION:
        PUT_TEXT(SENSITIVITY_TERM_NAME, "repetition");
        break;
    }
}

static void add_terms(struct job *job, const struct tb_layout *layout, const struct tb_term_overall *overall)
{
    for (size_t term = 0; term < tb_term_count(layout); term++) {
        const enum tb_term_kind kind = tb_term_kind(layout, term);
        const bool has_factor = kind == TB_TERM_FACTOR || kind == TB_TERM_INTERACTION;
        const size_t factor = tb_term_factor(layout, term);
        add_term_name(job, kind, has_factor ? job->campaign->factors[factor].name : "");
        PUT_I32(SENSITIVITY_TERM_KIND, kind);
        PUT_I32(SENSITIVITY_TERM_FACTOR, has_factor ? (int64_t)factor : -1);
        PUT_I32(SENSITIVITY_TERM_METRICS, overall[term].metrics);
        PUT_F64(SENSITIVITY_TERM_MEAN_SHARE, overall[term].mean_share);
        PUT_I32(SENSITIVITY_TERM_FIRST, overall[term].first);
        PUT_I32(SENSITIVITY_TERM_RANK, overall[term].rank);
    }
}

static void add_results(struct job *job, const struct tb_term_result *results, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        PUT_F64(SENSITIVITY_SUM_OF_SQUARES, results[i].sum_of_squares);
        PUT_I32(SENSITIVITY_FREEDOM, results[i].freedom);
        PUT_F64(SENSITIVITY_SHARE, results[i].share);
        PUT_F64(SENSITIVITY_OMEGA_SQUARED, results[i].omega_squared);
        PUT_F64(SENSITIVITY_F, results[i].f);
        PUT_F64(SENSITIVITY_P, results[i].p);
        PUT_I32(SENSITIVITY_RANK, results[i].rank);
        PUT_I32(SENSITIVITY_REASON, results[i].reason);
    }
}

static enum tb_status add_all(struct job *job, const struct tb_layout *layout, const struct comparing *comparing,
                              struct tb_error *error)
{
    const size_t metrics = job->registry.count;
    const size_t terms = tb_term_count(layout);
    struct tb_metric_sensitivity *about = calloc(metrics + 1, sizeof *about);
    struct tb_term_result *results = calloc(metrics * terms + 1, sizeof *results);
    struct tb_term_overall *overall = calloc(terms, sizeof *overall);
    enum tb_status status = about == NULL || results == NULL || overall == NULL
                                ? tb_error_memory(error, "sensitivity")
                                : tb_sensitivity_compute(layout, comparing->summaries, metrics, comparing->incomparable,
                                                         about, results, error);
    if (status == TB_OK) {
        tb_sensitivity_rank(layout, results, metrics, overall);
        add_terms(job, layout, overall);
        add_results(job, results, metrics * terms);
        for (size_t m = 0; m < metrics; m++) {
            PUT_I32(SENSITIVITY_BALANCED, about[m].balanced);
            PUT_I32(SENSITIVITY_ERROR, about[m].error);
        }
    }
    free(about);
    free(results);
    free(overall);
    return status;
}

enum tb_status tb_job_add_sensitivity(struct job *job, const struct comparing *comparing, struct tb_error *error)
{
    size_t *levels = levels_of_cells(job->campaign);
    if (levels == NULL)
        return tb_error_memory(error, "sensitivity");
    const struct tb_layout layout = {
        .cells = job->campaign->cell_count, .factors = job->campaign->factor_count, .levels = levels};
    const enum tb_status status = add_all(job, &layout, comparing, error);
    free(levels);
    return status;
}
