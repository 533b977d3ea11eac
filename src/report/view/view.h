/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_VIEW_H
#define TWINBED_REPORT_VIEW_H

/* The results file as the page needs it: borrowed columns, every index checked
 * once, and the few look-ups that keep each table linear in what it shows.
 * Columns are loaded in columns.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/work_unit.h"
#include "twinbed/report/report.h"
#include "twinbed/results/flags.h"
#include "view_columns.h"

#define TB_ABSENT SIZE_MAX

/* The C types of the schema's types. */
#define TB_VIEW_INT32 const int32_t *
#define TB_VIEW_INT64 const int64_t *
#define TB_VIEW_FLOAT64 const double *
#define TB_VIEW_TEXT const char *const *

/* Flags of the results that the page's code tells apart. */
#define TB_VIEW_CONTRAST(NAME, word) TB_CONTRAST_##NAME,
#define TB_VIEW_REASON(NAME, word) TB_REASON_##NAME,
#define TB_VIEW_STATE(NAME, word) TB_ARTIFACT_##NAME,
enum tb_contrast_kind { TB_CONTRAST_KIND_WORDS(TB_VIEW_CONTRAST) };
enum tb_comparison_reason { TB_COMPARISON_REASON_WORDS(TB_VIEW_REASON) };
enum tb_artifact_state { TB_ARTIFACT_STATE_WORDS(TB_VIEW_STATE) };
#undef TB_VIEW_CONTRAST
#undef TB_VIEW_REASON
#undef TB_VIEW_STATE
enum tb_view_role { TB_VIEW_CLIENT = 1, TB_VIEW_SERVER = 2 }; /* as the file writes roles; the list is the campaign's */

struct tb_view {
    struct tb_results *results;
    const struct tb_report_options *options;

#define TB_VIEW_SIZE(DIMENSION, member) size_t member;
#define TB_VIEW_COLUMN(type, FIELD, member) TB_VIEW_##type member;
    TB_VIEW_SIZES(TB_VIEW_SIZE)
    TB_VIEW_COLUMNS(TB_VIEW_COLUMN)
#undef TB_VIEW_SIZE
#undef TB_VIEW_COLUMN
    const void *column[TB_FIELDS]; /* every field that was read, by its schema's type; NULL: not read */

    char **scenario_label;    /* owned; the varying levels as text, "500B, clients 4"; the name when nothing varies */
    size_t *cell_at;          /* owned; [scenario * testbeds + testbed] */
    size_t *contrast_of_cell; /* owned; the contrast of a cell with the baseline */
    size_t *cell_first_run;   /* owned; [cells + 1] into runs_by_cell */
    size_t *runs_by_cell;     /* owned */
    size_t *chain_first_edge; /* owned; [chains + 1] into edges_by_chain */
    size_t *edges_by_chain;   /* owned */
    bool *factor_varies;      /* owned; more than one level occurs */

    enum tb_work_unit work_unit; /* what a completed unit of work is called; requests in files that do not say */

    /* Factors that published tables split by; TB_ABSENT when the campaign has none. */
    size_t link_factor, size_factor, instrumented_factor;
};

TB_MUST_USE enum tb_status tb_view_load(struct tb_view *view, struct tb_results *results,
                                        const struct tb_report_options *options, struct tb_error *error);
void tb_view_free(struct tb_view *view);

/* The first half of loading: columns and sizes. The reader has checked every index that it gives. */
TB_MUST_USE enum tb_status tb_view_load_columns(struct tb_view *view, struct tb_error *error);

/* TB_ABSENT when there is none. */
size_t tb_view_metric(const struct tb_view *view, const char *name);
size_t tb_view_cell(const struct tb_view *view, size_t scenario, size_t testbed);

/* False when the artifact is missing, or was never recorded. */
bool tb_view_present(const struct tb_view *view, size_t artifact);

const char *tb_view_level(const struct tb_view *view, size_t scenario, size_t factor);
double tb_view_level_number(const struct tb_view *view, size_t scenario, size_t factor);

/* The varying levels of a scenario as text, without the factor left_out (with TB_ABSENT it is scenario_label):
 * nothing when no other varies. The caller frees it; NULL when memory is short. */
char *tb_view_scenario_label(const struct tb_view *view, size_t scenario, size_t left_out);

/* Whether the scenario belongs in tables of instrumented runs: always, when the campaign has no such factor. */
bool tb_view_instrumented(const struct tb_view *view, size_t scenario);

/* The word of a flag field for a value; "unknown" outside. Words of our own, so safe as markup. */
struct tb_flag_text {
    char text[48];
};
struct tb_flag_text tb_view_flag(enum tb_field field, int32_t value);

#endif
