/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_VIEW_H
#define TWINBED_REPORT_VIEW_H

/* The results file as the page needs it: borrowed columns, every index checked
 * once, and the few look-ups that keep each table linear in what it shows. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/report/report.h"

#define TB_ABSENT SIZE_MAX

enum tb_contrast_kind { TB_CONTRAST_TESTBED, TB_CONTRAST_FACTOR };
enum { TB_REASON_FEW_VALUES = 5 };                            /* of comparison/reason */
enum tb_view_role { TB_VIEW_CLIENT = 1, TB_VIEW_SERVER = 2 }; /* as the file writes roles */
enum tb_artifact_state {
    TB_ARTIFACT_USED,
    TB_ARTIFACT_MISSING,
    TB_ARTIFACT_DAMAGED,
    TB_ARTIFACT_WITHDRAWN,
    TB_ARTIFACT_DISCARDED,
    TB_ARTIFACT_NOT_RECORDED /* missing in every run of its cell */
};

struct tb_view {
    struct tb_results *results;
    const struct tb_report_options *options;

    size_t testbeds, factors, scenarios, cells, runs, metrics, contrasts, artifacts;
    size_t reasons, checks, findings;
    size_t states, chains, edges, windows, walk_sets;
    size_t chain_comparisons, run_tests, run_places, calls, call_differences, walk_differences, terms;

    const char *const *testbed_name, *const *factor_name, *const *factor_unit, *const *scenario_name,
                                                                                   *const *level_text;
    const double *level_number;
    const int32_t *cell_testbed, *cell_scenario, *cell_runs;
    const char *const *run_name, *const *discard_reason;
    const int32_t *run_testbed, *run_scenario, *run_cell, *run_discarded, *run_stalled;

    const char *const *metric_name, *const *metric_unit, *const *metric_level, *const *metric_scale,
                                                                                   *const *metric_description;
    const int32_t *metric_family; /* 1: its tests are adjusted together with others */
    const int64_t *run_stalled_flows;
    const double *run_longest_stall;
    const double *run_value;
    const int32_t *run_reason; /* -1 beside a value; whoever follows it checks it */
    const int32_t *reason_kind, *reason_group, *reason_fault;
    const char *const *reason_sentence;
    const int32_t *n;
    const double *mean, *deviation, *median, *normal_low, *normal_high, *t_low, *t_high;
    const int32_t *outlying;
    const double *outlier_score;
    const char *const *contrast_name;
    const int32_t *contrast_kind, *contrast_factor, *contrast_cell, *contrast_reference;
    const double *difference, *ratio, *relative_loss, *welch_p, *holm_p, *fieller_low, *fieller_high, *equivalence_p;
    const int32_t *close, *overlap, *verdict, *reason;
    const double *shift, *shift_low, *shift_high;

    const char *const *term_name;
    const int32_t *term_metrics, *term_first, *term_rank, *sensitivity_rank;
    const double *term_mean_share, *sensitivity_share, *sensitivity_p;

    const int32_t *artifact_run, *artifact_state, *damage;
    const char *const *artifact_kind, *const *artifact_role, *const *artifact_point, *const *artifact_path,
                                                                                         *const *artifact_reason,
                                                                                             *const *artifact_remark,
                                                                                                 *const *format;
    const int64_t *damage_offset, *stream_bytes, *decoded_bytes, *skipped_bytes, *damaged_bytes, *file_bytes,
        *consumed_bytes, *left_bytes;
    const double *coverage;

    const char *const *finding_kind, *const *finding_sentence;
    const int32_t *finding_counts;
    const int32_t *check_artifact, *check_rule, *check_verdict;
    const double *check_seen, *check_expected, *check_ratio;
    const char *const *check_why;

    const char *const *state_label;
    const int32_t *chain_cell, *chain_role, *chain_order, *chain_sequences, *chain_states, *chain_edges,
        *chain_pruned_edges;
    const int32_t *chain_run; /* -1: the chain is the cell's */
    const int64_t *chain_transitions;
    const int32_t *edge_chain, *edge_source, *edge_target;
    const int64_t *edge_count;
    const double *edge_weight, *edge_pruned_weight;

    const int32_t *window_scenario, *window_role, *window_setting, *window_sequences, *window_short;
    const int64_t *window_skip, *window_limit;
    const int32_t *walk_set_window, *walk_set_testbed, *walk_set_order, *walk_set_basis, *walk_set_reason;
    const int64_t *walk_set_walks, *walk_set_with_invalid, *walk_set_invalid_transitions, *walk_set_walks_off_diagonal,
        *walk_set_valid_off_diagonal;
    const double *walk_set_log10_relative, *walk_set_log10_relative_off_diagonal, *walk_set_bits,
        *walk_set_bits_difference;
    const int32_t *walk_set_chain_testbed;
    const double *walk_set_mean_log10_relative, *walk_set_smoothed_log10_relative, *walk_set_smoothed_bits_difference;

    /* Invalid transitions of walk sets. */
    size_t invalid_rows;
    const int32_t *invalid_set, *invalid_source, *invalid_target;
    const int64_t *invalid_occurrences, *invalid_walks;

    /* The course of walks. */
    size_t course_rows;
    const int32_t *course_run, *course_role, *course_order;
    const int64_t *course_begin, *course_calls;
    const double *course_bits, *course_invalid;

    const int32_t *comparison_scenario, *comparison_testbed, *comparison_role, *comparison_order;
    const int32_t *common_edges, *only_edges, *baseline_only_edges, *pruned_common_edges, *pruned_only_edges,
        *pruned_baseline_only_edges;
    const double *edge_disagreement, *pruned_edge_disagreement, *mean_weight_difference, *divergence, *state_distance,
        *entropy_rate, *baseline_entropy_rate, *smoothed_divergence_rate, *unseen_share, *effect;

    const int32_t *test_scenario, *test_testbed, *test_role, *test_order, *test_runs, *test_baseline_runs, *test_exact;
    const double *test_within, *test_baseline_within, *test_between, *test_times_normal, *test_p;
    const int64_t *test_labelings;
    const int32_t *place_role, *place_order, *place_run;
    const double *place_x, *place_y, *place_x_share, *place_y_share;

    const char *const *call_name;
    const int32_t *call_contrast, *call_role, *call_rank, *call_call;
    const int64_t *call_count, *call_reference_count;
    const double *call_per_request, *call_reference_per_request, *call_difference, *call_share;

    /* Calls behind the differences of walks. */
    const int32_t *behind_comparison, *behind_call;
    const int64_t *behind_count, *behind_baseline_count;
    const double *behind_bits, *behind_share;

    size_t *cell_at;          /* owned; [scenario * testbeds + testbed] */
    size_t *contrast_of_cell; /* owned; the contrast of a cell with the baseline */
    size_t *cell_first_run;   /* owned; [cells + 1] into runs_by_cell */
    size_t *runs_by_cell;     /* owned */
    size_t *chain_first_edge; /* owned; [chains + 1] into edges_by_chain */
    size_t *edges_by_chain;   /* owned */
    bool *factor_varies;      /* owned; more than one level occurs */

    /* Factors that published tables split by; TB_ABSENT when the campaign has none. */
    size_t link_factor, size_factor, instrumented_factor;
};

TB_MUST_USE enum tb_status tb_view_load(struct tb_view *view, struct tb_results *results,
                                        const struct tb_report_options *options, struct tb_error *error);
void tb_view_free(struct tb_view *view);

/* The first half of loading: columns and sizes; checks every index that the page follows. */
TB_MUST_USE enum tb_status tb_view_load_columns(struct tb_view *view, struct tb_error *error);

/* TB_ABSENT when there is none. */
size_t tb_view_metric(const struct tb_view *view, const char *name);
size_t tb_view_cell(const struct tb_view *view, size_t scenario, size_t testbed);

/* False when the artifact is missing, or was never recorded. */
bool tb_view_present(const struct tb_view *view, size_t artifact);

const char *tb_view_level(const struct tb_view *view, size_t scenario, size_t factor);
double tb_view_level_number(const struct tb_view *view, size_t scenario, size_t factor);

/* The varying levels of a scenario as text, without the factor left_out (or
 * TB_ABSENT): "500B, clients 4". When nothing varies: the whole name, or nothing
 * when a factor is left out. The caller frees it; NULL when memory is short. */
char *tb_view_scenario_label(const struct tb_view *view, size_t scenario, size_t left_out);

/* Whether the scenario belongs in tables of instrumented runs: always, when the campaign has no such factor. */
bool tb_view_instrumented(const struct tb_view *view, size_t scenario);

/* The word of a flag field for a value; "unknown" outside. Words of our own, so safe as markup. */
struct tb_flag_word {
    char text[48];
};
struct tb_flag_word tb_view_flag(enum tb_field field, int32_t value);

#endif
