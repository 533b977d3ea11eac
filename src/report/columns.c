/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "view.h"

/* Which column of the view holds which field. Columns of other fields are never read: flows can be many. */
struct column {
    enum tb_field field;
    size_t offset;
};

#define COLUMN(field, member)                                                                                          \
    {                                                                                                                  \
        TB_FIELD_##field, offsetof(struct tb_view, member)                                                             \
    }

static const struct column columns[] = {
    COLUMN(TESTBED_NAME, testbed_name),
    COLUMN(FACTOR_NAME, factor_name),
    COLUMN(FACTOR_UNIT, factor_unit),
    COLUMN(SCENARIO_NAME, scenario_name),
    COLUMN(SCENARIO_LEVEL_TEXT, level_text),
    COLUMN(SCENARIO_LEVEL_NUMBER, level_number),
    COLUMN(CELL_TESTBED, cell_testbed),
    COLUMN(CELL_SCENARIO, cell_scenario),
    COLUMN(CELL_RUNS, cell_runs),
    COLUMN(RUN_NAME, run_name),
    COLUMN(RUN_TESTBED, run_testbed),
    COLUMN(RUN_SCENARIO, run_scenario),
    COLUMN(RUN_CELL, run_cell),
    COLUMN(RUN_DISCARDED, run_discarded),
    COLUMN(RUN_DISCARD_REASON, discard_reason),
    COLUMN(RUN_STALLED, run_stalled),
    COLUMN(RUN_STALLED_FLOWS, run_stalled_flows),
    COLUMN(RUN_LONGEST_STALL, run_longest_stall),
    COLUMN(METRICS_METRIC_NAME, metric_name),
    COLUMN(METRICS_METRIC_UNIT, metric_unit),
    COLUMN(METRICS_METRIC_LEVEL, metric_level),
    COLUMN(METRICS_METRIC_SCALE, metric_scale),
    COLUMN(METRICS_METRIC_DESCRIPTION, metric_description),
    COLUMN(METRICS_METRIC_FAMILY, metric_family),
    COLUMN(METRICS_RUN_VALUE, run_value),
    COLUMN(METRICS_RUN_REASON, run_reason),
    COLUMN(METRICS_REASON_KIND, reason_kind),
    COLUMN(METRICS_REASON_GROUP, reason_group),
    COLUMN(METRICS_REASON_FAULT, reason_fault),
    COLUMN(METRICS_REASON_SENTENCE, reason_sentence),
    COLUMN(COMPARISON_N, n),
    COLUMN(COMPARISON_MEAN, mean),
    COLUMN(COMPARISON_DEVIATION, deviation),
    COLUMN(COMPARISON_MEDIAN, median),
    COLUMN(COMPARISON_NORMAL_LOW, normal_low),
    COLUMN(COMPARISON_NORMAL_HIGH, normal_high),
    COLUMN(COMPARISON_T_LOW, t_low),
    COLUMN(COMPARISON_T_HIGH, t_high),
    COLUMN(COMPARISON_OUTLYING, outlying),
    COLUMN(COMPARISON_OUTLIER_SCORE, outlier_score),
    COLUMN(COMPARISON_CONTRAST_NAME, contrast_name),
    COLUMN(COMPARISON_CONTRAST_KIND, contrast_kind),
    COLUMN(COMPARISON_CONTRAST_FACTOR, contrast_factor),
    COLUMN(COMPARISON_CONTRAST_CELL, contrast_cell),
    COLUMN(COMPARISON_CONTRAST_REFERENCE, contrast_reference),
    COLUMN(COMPARISON_DIFFERENCE, difference),
    COLUMN(COMPARISON_RATIO, ratio),
    COLUMN(COMPARISON_RELATIVE_LOSS, relative_loss),
    COLUMN(COMPARISON_WELCH_P, welch_p),
    COLUMN(COMPARISON_HOLM_P, holm_p),
    COLUMN(COMPARISON_FIELLER_LOW, fieller_low),
    COLUMN(COMPARISON_FIELLER_HIGH, fieller_high),
    COLUMN(COMPARISON_EQUIVALENCE_P, equivalence_p),
    COLUMN(COMPARISON_CLOSE, close),
    COLUMN(COMPARISON_INTERVALS_OVERLAP, overlap),
    COLUMN(COMPARISON_VERDICT, verdict),
    COLUMN(COMPARISON_REASON, reason),
    COLUMN(COMPARISON_SHIFT, shift),
    COLUMN(COMPARISON_SHIFT_LOW, shift_low),
    COLUMN(COMPARISON_SHIFT_HIGH, shift_high),
    COLUMN(SENSITIVITY_TERM_NAME, term_name),
    COLUMN(SENSITIVITY_TERM_METRICS, term_metrics),
    COLUMN(SENSITIVITY_TERM_FIRST, term_first),
    COLUMN(SENSITIVITY_TERM_RANK, term_rank),
    COLUMN(SENSITIVITY_TERM_MEAN_SHARE, term_mean_share),
    COLUMN(SENSITIVITY_SHARE, sensitivity_share),
    COLUMN(SENSITIVITY_P, sensitivity_p),
    COLUMN(SENSITIVITY_RANK, sensitivity_rank),
    COLUMN(ARTIFACT_RUN, artifact_run),
    COLUMN(ARTIFACT_KIND, artifact_kind),
    COLUMN(ARTIFACT_ROLE, artifact_role),
    COLUMN(ARTIFACT_POINT, artifact_point),
    COLUMN(ARTIFACT_PATH, artifact_path),
    COLUMN(ARTIFACT_STATE, artifact_state),
    COLUMN(ARTIFACT_REASON, artifact_reason),
    COLUMN(ARTIFACT_REMARK, artifact_remark),
    COLUMN(DAMAGE, damage),
    COLUMN(DAMAGE_OFFSET, damage_offset),
    COLUMN(STREAM_BYTES, stream_bytes),
    COLUMN(DECODED_BYTES, decoded_bytes),
    COLUMN(SKIPPED_BYTES, skipped_bytes),
    COLUMN(DAMAGED_BYTES, damaged_bytes),
    COLUMN(FILE_BYTES, file_bytes),
    COLUMN(CONSUMED_BYTES, consumed_bytes),
    COLUMN(LEFT_BYTES, left_bytes),
    COLUMN(FORMAT, format),
    COLUMN(COVERAGE, coverage),
    COLUMN(FINDING_KIND, finding_kind),
    COLUMN(FINDING_COUNTS, finding_counts),
    COLUMN(FINDING_SENTENCE, finding_sentence),
    COLUMN(CHECK_ARTIFACT, check_artifact),
    COLUMN(CHECK_RULE, check_rule),
    COLUMN(CHECK_SEEN, check_seen),
    COLUMN(CHECK_EXPECTED, check_expected),
    COLUMN(CHECK_RATIO, check_ratio),
    COLUMN(CHECK_VERDICT, check_verdict),
    COLUMN(CHECK_WHY, check_why),
    COLUMN(STATE_LABEL, state_label),
    COLUMN(CHAIN_CELL, chain_cell),
    COLUMN(CHAIN_ROLE, chain_role),
    COLUMN(CHAIN_ORDER, chain_order),
    COLUMN(CHAIN_RUN, chain_run),
    COLUMN(CHAIN_SEQUENCES, chain_sequences),
    COLUMN(CHAIN_TRANSITIONS, chain_transitions),
    COLUMN(CHAIN_STATES, chain_states),
    COLUMN(CHAIN_EDGES, chain_edges),
    COLUMN(CHAIN_PRUNED_EDGES, chain_pruned_edges),
    COLUMN(EDGE_CHAIN, edge_chain),
    COLUMN(EDGE_SOURCE, edge_source),
    COLUMN(EDGE_TARGET, edge_target),
    COLUMN(EDGE_COUNT, edge_count),
    COLUMN(EDGE_WEIGHT, edge_weight),
    COLUMN(EDGE_PRUNED_WEIGHT, edge_pruned_weight),
    COLUMN(WINDOW_SCENARIO, window_scenario),
    COLUMN(WINDOW_ROLE, window_role),
    COLUMN(WINDOW_SETTING, window_setting),
    COLUMN(WINDOW_SKIP, window_skip),
    COLUMN(WINDOW_LIMIT, window_limit),
    COLUMN(WINDOW_SEQUENCES, window_sequences),
    COLUMN(WINDOW_SHORT, window_short),
    COLUMN(WALK_SET_WINDOW, walk_set_window),
    COLUMN(WALK_SET_TESTBED, walk_set_testbed),
    COLUMN(WALK_SET_ORDER, walk_set_order),
    COLUMN(WALK_SET_BASIS, walk_set_basis),
    COLUMN(WALK_SET_WALKS, walk_set_walks),
    COLUMN(WALK_SET_WITH_INVALID, walk_set_with_invalid),
    COLUMN(WALK_SET_INVALID_TRANSITIONS, walk_set_invalid_transitions),
    COLUMN(WALK_SET_WALKS_OFF_DIAGONAL, walk_set_walks_off_diagonal),
    COLUMN(WALK_SET_VALID_OFF_DIAGONAL, walk_set_valid_off_diagonal),
    COLUMN(WALK_SET_MEAN_BITS_PER_TRANSITION, walk_set_bits),
    COLUMN(WALK_SET_LOG10_RELATIVE, walk_set_log10_relative),
    COLUMN(WALK_SET_LOG10_RELATIVE_OFF_DIAGONAL, walk_set_log10_relative_off_diagonal),
    COLUMN(WALK_SET_BITS_DIFFERENCE, walk_set_bits_difference),
    COLUMN(WALK_SET_REASON, walk_set_reason),
    COLUMN(WALK_SET_CHAIN_TESTBED, walk_set_chain_testbed),
    COLUMN(INVALID_SET, invalid_set),
    COLUMN(INVALID_SOURCE, invalid_source),
    COLUMN(INVALID_TARGET, invalid_target),
    COLUMN(INVALID_OCCURRENCES, invalid_occurrences),
    COLUMN(INVALID_WALKS, invalid_walks),
    COLUMN(COURSE_RUN, course_run),
    COLUMN(COURSE_ROLE, course_role),
    COLUMN(COURSE_ORDER, course_order),
    COLUMN(COURSE_BEGIN, course_begin),
    COLUMN(COURSE_CALLS, course_calls),
    COLUMN(COURSE_BITS_PER_TRANSITION, course_bits),
    COLUMN(COURSE_INVALID_TRANSITIONS, course_invalid),
    COLUMN(WALK_SET_MEAN_LOG10_RELATIVE, walk_set_mean_log10_relative),
    COLUMN(WALK_SET_SMOOTHED_LOG10_RELATIVE, walk_set_smoothed_log10_relative),
    COLUMN(WALK_SET_SMOOTHED_BITS_DIFFERENCE, walk_set_smoothed_bits_difference),
    COLUMN(CHAIN_COMPARISON_SCENARIO, comparison_scenario),
    COLUMN(CHAIN_COMPARISON_TESTBED, comparison_testbed),
    COLUMN(CHAIN_COMPARISON_ROLE, comparison_role),
    COLUMN(CHAIN_COMPARISON_ORDER, comparison_order),
    COLUMN(CHAIN_COMPARISON_COMMON_EDGES, common_edges),
    COLUMN(CHAIN_COMPARISON_ONLY_EDGES, only_edges),
    COLUMN(CHAIN_COMPARISON_BASELINE_ONLY_EDGES, baseline_only_edges),
    COLUMN(CHAIN_COMPARISON_PRUNED_COMMON_EDGES, pruned_common_edges),
    COLUMN(CHAIN_COMPARISON_PRUNED_ONLY_EDGES, pruned_only_edges),
    COLUMN(CHAIN_COMPARISON_PRUNED_BASELINE_ONLY_EDGES, pruned_baseline_only_edges),
    COLUMN(CHAIN_COMPARISON_EDGE_DISAGREEMENT, edge_disagreement),
    COLUMN(CHAIN_COMPARISON_PRUNED_EDGE_DISAGREEMENT, pruned_edge_disagreement),
    COLUMN(CHAIN_COMPARISON_MEAN_WEIGHT_DIFFERENCE, mean_weight_difference),
    COLUMN(CHAIN_COMPARISON_DIVERGENCE, divergence),
    COLUMN(CHAIN_COMPARISON_STATE_DISTANCE, state_distance),
    COLUMN(CHAIN_COMPARISON_ENTROPY_RATE, entropy_rate),
    COLUMN(CHAIN_COMPARISON_BASELINE_ENTROPY_RATE, baseline_entropy_rate),
    COLUMN(CHAIN_COMPARISON_SMOOTHED_DIVERGENCE_RATE, smoothed_divergence_rate),
    COLUMN(CHAIN_COMPARISON_UNSEEN_SHARE, unseen_share),
    COLUMN(CHAIN_COMPARISON_EFFECT, effect),
    COLUMN(RUN_TEST_SCENARIO, test_scenario),
    COLUMN(RUN_TEST_TESTBED, test_testbed),
    COLUMN(RUN_TEST_ROLE, test_role),
    COLUMN(RUN_TEST_ORDER, test_order),
    COLUMN(RUN_TEST_RUNS, test_runs),
    COLUMN(RUN_TEST_BASELINE_RUNS, test_baseline_runs),
    COLUMN(RUN_TEST_EXACT, test_exact),
    COLUMN(RUN_TEST_WITHIN, test_within),
    COLUMN(RUN_TEST_BASELINE_WITHIN, test_baseline_within),
    COLUMN(RUN_TEST_BETWEEN, test_between),
    COLUMN(RUN_TEST_TIMES_NORMAL, test_times_normal),
    COLUMN(RUN_TEST_P, test_p),
    COLUMN(RUN_TEST_LABELINGS, test_labelings),
    COLUMN(RUN_PLACE_ROLE, place_role),
    COLUMN(RUN_PLACE_ORDER, place_order),
    COLUMN(RUN_PLACE_RUN, place_run),
    COLUMN(RUN_PLACE_X, place_x),
    COLUMN(RUN_PLACE_Y, place_y),
    COLUMN(RUN_PLACE_X_SHARE, place_x_share),
    COLUMN(RUN_PLACE_Y_SHARE, place_y_share),
    COLUMN(CALL_NAME, call_name),
    COLUMN(CALL_DIFFERENCE_CONTRAST, call_contrast),
    COLUMN(CALL_DIFFERENCE_ROLE, call_role),
    COLUMN(CALL_DIFFERENCE_RANK, call_rank),
    COLUMN(CALL_DIFFERENCE_CALL, call_call),
    COLUMN(CALL_DIFFERENCE_COUNT, call_count),
    COLUMN(CALL_DIFFERENCE_REFERENCE_COUNT, call_reference_count),
    COLUMN(CALL_DIFFERENCE_PER_REQUEST, call_per_request),
    COLUMN(CALL_DIFFERENCE_REFERENCE_PER_REQUEST, call_reference_per_request),
    COLUMN(CALL_DIFFERENCE_DIFFERENCE, call_difference),
    COLUMN(CALL_DIFFERENCE_SHARE, call_share),
    COLUMN(WALK_DIFFERENCE_COMPARISON, behind_comparison),
    COLUMN(WALK_DIFFERENCE_CALL, behind_call),
    COLUMN(WALK_DIFFERENCE_COUNT, behind_count),
    COLUMN(WALK_DIFFERENCE_BASELINE_COUNT, behind_baseline_count),
    COLUMN(WALK_DIFFERENCE_BITS, behind_bits),
    COLUMN(WALK_DIFFERENCE_SHARE, behind_share),
};

/* Indexes that the page follows: each must point into its dimension. */
struct reference {
    enum tb_field field;
    enum tb_dimension target;
};

static const struct reference references[] = {
    {TB_FIELD_CELL_TESTBED, TB_DIMENSION_TESTBED},
    {TB_FIELD_CELL_SCENARIO, TB_DIMENSION_SCENARIO},
    {TB_FIELD_RUN_TESTBED, TB_DIMENSION_TESTBED},
    {TB_FIELD_RUN_SCENARIO, TB_DIMENSION_SCENARIO},
    {TB_FIELD_RUN_CELL, TB_DIMENSION_CELL},
    {TB_FIELD_COMPARISON_CONTRAST_CELL, TB_DIMENSION_CELL},
    {TB_FIELD_COMPARISON_CONTRAST_REFERENCE, TB_DIMENSION_CELL},
    {TB_FIELD_ARTIFACT_RUN, TB_DIMENSION_RUN},
    {TB_FIELD_CHECK_ARTIFACT, TB_DIMENSION_ARTIFACT},
    {TB_FIELD_METRICS_REASON_GROUP, TB_DIMENSION_REASON},
    {TB_FIELD_CHAIN_CELL, TB_DIMENSION_CELL},
    {TB_FIELD_EDGE_CHAIN, TB_DIMENSION_CHAIN},
    {TB_FIELD_EDGE_SOURCE, TB_DIMENSION_STATE},
    {TB_FIELD_EDGE_TARGET, TB_DIMENSION_STATE},
    {TB_FIELD_WINDOW_SCENARIO, TB_DIMENSION_SCENARIO},
    {TB_FIELD_WALK_SET_WINDOW, TB_DIMENSION_WINDOW},
    {TB_FIELD_WALK_SET_TESTBED, TB_DIMENSION_TESTBED},
    {TB_FIELD_WALK_SET_CHAIN_TESTBED, TB_DIMENSION_TESTBED},
    {TB_FIELD_INVALID_SET, TB_DIMENSION_WALK_SET},
    {TB_FIELD_INVALID_TARGET, TB_DIMENSION_STATE},
    {TB_FIELD_COURSE_RUN, TB_DIMENSION_RUN},
    {TB_FIELD_CHAIN_COMPARISON_SCENARIO, TB_DIMENSION_SCENARIO},
    {TB_FIELD_CHAIN_COMPARISON_TESTBED, TB_DIMENSION_TESTBED},
    {TB_FIELD_RUN_TEST_SCENARIO, TB_DIMENSION_SCENARIO},
    {TB_FIELD_RUN_TEST_TESTBED, TB_DIMENSION_TESTBED},
    {TB_FIELD_RUN_PLACE_RUN, TB_DIMENSION_RUN},
    {TB_FIELD_CALL_DIFFERENCE_CONTRAST, TB_DIMENSION_CONTRAST},
    {TB_FIELD_CALL_DIFFERENCE_CALL, TB_DIMENSION_CALL},
    {TB_FIELD_WALK_DIFFERENCE_COMPARISON, TB_DIMENSION_CHAIN_COMPARISON},
    {TB_FIELD_WALK_DIFFERENCE_CALL, TB_DIMENSION_CALL},
};

static const void *read_column(struct tb_results *results, enum tb_field field, struct tb_error *error)
{
    switch (tb_field_describe(field)->type) {
    case TB_TYPE_INT32:
        return tb_results_int32(results, field, error);
    case TB_TYPE_INT64:
        return tb_results_int64(results, field, error);
    case TB_TYPE_FLOAT64:
        return tb_results_float64(results, field, error);
    case TB_TYPE_TEXT:
        break;
    }
    return tb_results_text(results, field, error);
}

static enum tb_status check_reference(struct tb_results *results, const struct reference *reference,
                                      struct tb_error *error)
{
    const struct tb_field_description *field = tb_field_describe(reference->field);
    const int32_t *values = tb_results_int32(results, reference->field, error);
    if (values == NULL)
        return error == NULL ? TB_INPUT_OUTPUT : error->status;
    uint64_t count = tb_results_size(results, field->dimensions[0]);
    uint64_t limit = tb_results_size(results, reference->target);
    for (uint64_t i = 0; i < count; i++)
        if (values[i] < 0 || (uint64_t)values[i] >= limit)
            return tb_error_set(error, TB_CORRUPT,
                                "results file: /%s[%" PRIu64 "] is %" PRId32 ", but there are %" PRIu64 " of %s",
                                field->path, i, values[i], limit, tb_dimension_describe(reference->target)->name);
    return TB_OK;
}

static void read_sizes(struct tb_view *view)
{
    const struct {
        size_t *size;
        enum tb_dimension dimension;
    } sizes[] = {
        {&view->testbeds, TB_DIMENSION_TESTBED},
        {&view->factors, TB_DIMENSION_FACTOR},
        {&view->scenarios, TB_DIMENSION_SCENARIO},
        {&view->cells, TB_DIMENSION_CELL},
        {&view->runs, TB_DIMENSION_RUN},
        {&view->metrics, TB_DIMENSION_METRIC},
        {&view->contrasts, TB_DIMENSION_CONTRAST},
        {&view->artifacts, TB_DIMENSION_ARTIFACT},
        {&view->states, TB_DIMENSION_STATE},
        {&view->chains, TB_DIMENSION_CHAIN},
        {&view->edges, TB_DIMENSION_EDGE},
        {&view->windows, TB_DIMENSION_WINDOW},
        {&view->walk_sets, TB_DIMENSION_WALK_SET},
        {&view->chain_comparisons, TB_DIMENSION_CHAIN_COMPARISON},
        {&view->run_tests, TB_DIMENSION_RUN_TEST},
        {&view->run_places, TB_DIMENSION_RUN_PLACE},
        {&view->calls, TB_DIMENSION_CALL},
        {&view->call_differences, TB_DIMENSION_CALL_DIFFERENCE},
        {&view->course_rows, TB_DIMENSION_COURSE},
        {&view->invalid_rows, TB_DIMENSION_INVALID},
        {&view->reasons, TB_DIMENSION_REASON},
        {&view->checks, TB_DIMENSION_CHECK},
        {&view->findings, TB_DIMENSION_FINDING},
        {&view->terms, TB_DIMENSION_TERM},
        {&view->walk_differences, TB_DIMENSION_WALK_DIFFERENCE},
    };
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        *sizes[i].size = (size_t)tb_results_size(view->results, sizes[i].dimension);
}

enum tb_status tb_view_load_columns(struct tb_view *view, struct tb_error *error)
{
    struct tb_error reason = {.status = TB_INPUT_OUTPUT};
    read_sizes(view);
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        const void *data = read_column(view->results, columns[i].field, &reason);
        if (data == NULL)
            return tb_error_set(error, reason.status, "%s", reason.text);
        memcpy((char *)view + columns[i].offset, &data, sizeof data);
    }
    for (size_t i = 0; i < sizeof references / sizeof references[0]; i++) {
        enum tb_status status = check_reference(view->results, &references[i], &reason);
        if (status != TB_OK)
            return tb_error_set(error, status, "%s", reason.text);
    }
    return TB_OK;
}
