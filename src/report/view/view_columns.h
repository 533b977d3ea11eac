/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_VIEW_COLUMNS_H
#define TWINBED_REPORT_VIEW_COLUMNS_H

/* What the page's code calls by name: the members of struct tb_view, and how they are filled.
 * A field that is only shown in a table needs no row here: see widgets/table.h. */

/* clang-format off */

/* X(DIMENSION, member): the dimensions that the page follows. Every field over these alone is read; flows, threads
 * and single walks can be many, and never are. */
#define TB_VIEW_SIZES(X) \
    X(TESTBED, testbeds) X(FACTOR, factors) X(SCENARIO, scenarios) X(CELL, cells) X(RUN, runs) X(METRIC, metrics) \
    X(CONTRAST, contrasts) X(ARTIFACT, artifacts) X(STATE, states) X(CHAIN, chains) X(EDGE, edges) \
    X(WINDOW, windows) X(WALK_SET, walk_sets) X(CHAIN_COMPARISON, chain_comparisons) X(RUN_TEST, run_tests) \
    X(RUN_PLACE, run_places) X(CALL, calls) X(CALL_DIFFERENCE, call_differences) X(WALK_PROFILE, profile_rows) \
    X(INVALID, invalid_rows) X(REASON, reasons) X(CHECK, checks) X(FINDING, findings) X(TERM, terms) \
    X(WALK_DIFFERENCE, walk_differences) X(KERNEL_EVENT, kernel_events)

/* X(type, FIELD, member): columns, indexes first, then by what they are about. */
#define TB_VIEW_COLUMNS(X) \
    X(INT32, CELL_TESTBED, cell_testbed) X(INT32, CELL_SCENARIO, cell_scenario) X(INT32, RUN_TESTBED, run_testbed) \
    X(INT32, RUN_SCENARIO, run_scenario) X(INT32, RUN_CELL, run_cell) X(INT32, METRICS_REASON_GROUP, reason_group) \
    X(INT32, COMPARISON_CONTRAST_CELL, contrast_cell) X(INT32, COMPARISON_CONTRAST_REFERENCE, contrast_reference) \
    X(INT32, ARTIFACT_RUN, artifact_run) X(INT32, CHECK_ARTIFACT, check_artifact) X(INT32, CHAIN_CELL, chain_cell) \
    X(INT32, EDGE_CHAIN, edge_chain) X(INT32, EDGE_SOURCE, edge_source) X(INT32, EDGE_TARGET, edge_target) \
    X(INT32, WINDOW_SCENARIO, window_scenario) X(INT32, WALK_SET_WINDOW, walk_set_window) \
    X(INT32, WALK_SET_TESTBED, walk_set_testbed) X(INT32, WALK_SET_CHAIN_TESTBED, walk_set_chain_testbed) \
    X(INT32, INVALID_SET, invalid_set) X(INT32, INVALID_TARGET, invalid_target) \
    X(INT32, WALK_PROFILE_RUN, profile_run) X(INT32, CHAIN_COMPARISON_SCENARIO, comparison_scenario) \
    X(INT32, CHAIN_COMPARISON_TESTBED, comparison_testbed) X(INT32, RUN_TEST_SCENARIO, test_scenario) \
    X(INT32, RUN_TEST_TESTBED, test_testbed) X(INT32, RUN_PLACE_RUN, place_run) \
    X(INT32, CALL_DIFFERENCE_CONTRAST, call_contrast) X(INT32, CALL_DIFFERENCE_CALL, call_call) \
    X(INT32, WALK_DIFFERENCE_COMPARISON, behind_comparison) X(INT32, WALK_DIFFERENCE_CALL, behind_call) \
    X(INT32, KERNEL_EVENT_ARTIFACT, event_artifact) \
    X(TEXT, TESTBED_NAME, testbed_name) \
    X(TEXT, FACTOR_NAME, factor_name) X(TEXT, FACTOR_UNIT, factor_unit) \
    X(TEXT, SCENARIO_NAME, scenario_name) \
    X(TEXT, SCENARIO_LEVEL_TEXT, level_text) X(FLOAT64, SCENARIO_LEVEL_NUMBER, level_number) \
    X(INT32, CELL_RUNS, cell_runs) \
    X(TEXT, RUN_NAME, run_name) X(INT32, RUN_DISCARDED, run_discarded) X(TEXT, RUN_DISCARD_REASON, discard_reason) \
    X(INT32, RUN_STALLED, run_stalled) X(INT64, RUN_STALLED_FLOWS, run_stalled_flows) \
    X(FLOAT64, RUN_LONGEST_STALL, run_longest_stall) X(INT64, RUN_RESETS, run_resets) \
    X(TEXT, KERNEL_EVENT_KIND, event_kind) \
    X(TEXT, METRICS_METRIC_NAME, metric_name) X(TEXT, METRICS_METRIC_UNIT, metric_unit) \
    X(TEXT, METRICS_METRIC_LEVEL, metric_level) X(TEXT, METRICS_METRIC_SCALE, metric_scale) \
    X(TEXT, METRICS_METRIC_DESCRIPTION, metric_description) X(INT32, METRICS_METRIC_FAMILY, metric_family) \
    X(TEXT, METRICS_METRIC_QUANTITY, metric_quantity) X(TEXT, METRICS_METRIC_DIRECTION, metric_direction) \
    X(FLOAT64, METRICS_RUN_VALUE, run_value) X(INT32, METRICS_RUN_REASON, run_reason) \
    X(INT32, COMPARISON_OUTLYING, outlying) X(FLOAT64, COMPARISON_OUTLIER_SCORE, outlier_score) \
    X(INT32, METRICS_REASON_KIND, reason_kind) X(INT32, METRICS_REASON_FAULT, reason_fault) \
    X(TEXT, METRICS_REASON_SENTENCE, reason_sentence) \
    X(INT32, COMPARISON_N, n) X(FLOAT64, COMPARISON_MEAN, mean) X(FLOAT64, COMPARISON_DEVIATION, deviation) \
    X(FLOAT64, COMPARISON_MEDIAN, median) X(FLOAT64, COMPARISON_NORMAL_LOW, normal_low) \
    X(FLOAT64, COMPARISON_NORMAL_HIGH, normal_high) X(FLOAT64, COMPARISON_T_LOW, t_low) \
    X(FLOAT64, COMPARISON_T_HIGH, t_high) \
    X(TEXT, COMPARISON_CONTRAST_NAME, contrast_name) X(INT32, COMPARISON_CONTRAST_KIND, contrast_kind) \
    X(INT32, COMPARISON_CONTRAST_FACTOR, contrast_factor) \
    X(FLOAT64, COMPARISON_DIFFERENCE, difference) X(FLOAT64, COMPARISON_RATIO, ratio) \
    X(FLOAT64, COMPARISON_RELATIVE_LOSS, relative_loss) X(FLOAT64, COMPARISON_WELCH_P, welch_p) \
    X(FLOAT64, COMPARISON_HOLM_P, holm_p) X(FLOAT64, COMPARISON_FIELLER_LOW, fieller_low) \
    X(FLOAT64, COMPARISON_FIELLER_HIGH, fieller_high) X(FLOAT64, COMPARISON_EQUIVALENCE_P, equivalence_p) \
    X(INT32, COMPARISON_CLOSE, close) X(INT32, COMPARISON_INTERVALS_OVERLAP, overlap) \
    X(INT32, COMPARISON_VERDICT, verdict) X(INT32, COMPARISON_REASON, reason) X(FLOAT64, COMPARISON_SHIFT, shift) \
    X(FLOAT64, COMPARISON_SHIFT_LOW, shift_low) X(FLOAT64, COMPARISON_SHIFT_HIGH, shift_high) \
    X(TEXT, SENSITIVITY_TERM_NAME, term_name) X(INT32, SENSITIVITY_TERM_METRICS, term_metrics) \
    X(INT32, SENSITIVITY_TERM_FIRST, term_first) X(INT32, SENSITIVITY_TERM_RANK, term_rank) \
    X(FLOAT64, SENSITIVITY_TERM_MEAN_SHARE, term_mean_share) \
    X(FLOAT64, SENSITIVITY_SHARE, sensitivity_share) X(FLOAT64, SENSITIVITY_P, sensitivity_p) \
    X(INT32, SENSITIVITY_RANK, sensitivity_rank) \
    X(TEXT, ARTIFACT_KIND, artifact_kind) X(TEXT, ARTIFACT_ROLE, artifact_role) \
    X(TEXT, ARTIFACT_POINT, artifact_point) X(INT32, ARTIFACT_STATE, artifact_state) \
    X(TEXT, ARTIFACT_REMARK, artifact_remark) X(INT32, DAMAGE, damage) X(INT64, INPUT_BYTES, input_bytes) \
    X(INT64, DAMAGE_OFFSET, damage_offset) X(INT64, STREAM_BYTES, stream_bytes) \
    X(INT64, DECODED_BYTES, decoded_bytes) X(INT64, SKIPPED_BYTES, skipped_bytes) \
    X(INT64, DAMAGED_BYTES, damaged_bytes) X(INT64, FILE_BYTES, file_bytes) X(INT64, LEFT_BYTES, left_bytes) \
    X(FLOAT64, COVERAGE, coverage) \
    X(INT32, FINDING_COUNTS, finding_counts) \
    X(INT32, CHECK_RULE, check_rule) X(FLOAT64, CHECK_RATIO, check_ratio) X(INT32, CHECK_VERDICT, check_verdict) \
    X(TEXT, CHECK_WHY, check_why) \
    X(TEXT, STATE_LABEL, state_label) \
    X(INT32, CHAIN_ROLE, chain_role) X(INT32, CHAIN_ORDER, chain_order) X(INT32, CHAIN_RUN, chain_run) \
    X(INT32, CHAIN_SEQUENCES, chain_sequences) X(INT64, CHAIN_TRANSITIONS, chain_transitions) \
    X(INT32, CHAIN_STATES, chain_states) X(INT32, CHAIN_EDGES, chain_edges) \
    X(INT64, EDGE_COUNT, edge_count) X(FLOAT64, EDGE_WEIGHT, edge_weight) \
    X(FLOAT64, EDGE_PRUNED_WEIGHT, edge_pruned_weight) \
    X(INT32, WINDOW_ROLE, window_role) X(INT32, WINDOW_SETTING, window_setting) X(INT64, WINDOW_SKIP, window_skip) \
    X(INT64, WINDOW_LIMIT, window_limit) X(INT32, WINDOW_SEQUENCES, window_sequences) \
    X(INT32, WINDOW_SHORT, window_short) \
    X(INT32, WALK_SET_ORDER, walk_set_order) X(INT32, WALK_SET_BASIS, walk_set_basis) \
    X(INT64, WALK_SET_WALKS, walk_set_walks) X(INT64, WALK_SET_WITH_INVALID, walk_set_with_invalid) \
    X(INT64, WALK_SET_INVALID_TRANSITIONS, walk_set_invalid_transitions) \
    X(INT64, WALK_SET_WALKS_OFF_DIAGONAL, walk_set_walks_off_diagonal) \
    X(INT64, WALK_SET_VALID_OFF_DIAGONAL, walk_set_valid_off_diagonal) \
    X(FLOAT64, WALK_SET_MEAN_BITS_PER_TRANSITION, walk_set_bits) \
    X(FLOAT64, WALK_SET_LOG10_RELATIVE, walk_set_log10_relative) \
    X(FLOAT64, WALK_SET_LOG10_RELATIVE_OFF_DIAGONAL, walk_set_log10_relative_off_diagonal) \
    X(FLOAT64, WALK_SET_BITS_DIFFERENCE, walk_set_bits_difference) X(INT32, WALK_SET_REASON, walk_set_reason) \
    X(FLOAT64, WALK_SET_MEAN_LOG10_RELATIVE, walk_set_mean_log10_relative) \
    X(FLOAT64, WALK_SET_SMOOTHED_LOG10_RELATIVE, walk_set_smoothed_log10_relative) \
    X(FLOAT64, WALK_SET_SMOOTHED_BITS_DIFFERENCE, walk_set_smoothed_bits_difference) \
    X(INT32, INVALID_SOURCE, invalid_source) X(INT64, INVALID_OCCURRENCES, invalid_occurrences) \
    X(INT64, INVALID_WALKS, invalid_walks) \
    X(INT32, WALK_PROFILE_ROLE, profile_role) X(INT32, WALK_PROFILE_ORDER, profile_order) X(INT64, WALK_PROFILE_BEGIN, profile_begin) \
    X(INT64, WALK_PROFILE_CALLS, profile_calls) X(FLOAT64, WALK_PROFILE_BITS_PER_TRANSITION, profile_bits) \
    X(FLOAT64, WALK_PROFILE_INVALID_TRANSITIONS, profile_invalid) \
    X(INT32, CHAIN_COMPARISON_ROLE, comparison_role) X(INT32, CHAIN_COMPARISON_COMMON_EDGES, common_edges) \
    X(INT32, CHAIN_COMPARISON_ONLY_EDGES, only_edges) \
    X(INT32, CHAIN_COMPARISON_BASELINE_ONLY_EDGES, baseline_only_edges) \
    X(INT32, CHAIN_COMPARISON_PRUNED_COMMON_EDGES, pruned_common_edges) \
    X(INT32, CHAIN_COMPARISON_PRUNED_ONLY_EDGES, pruned_only_edges) \
    X(INT32, CHAIN_COMPARISON_PRUNED_BASELINE_ONLY_EDGES, pruned_baseline_only_edges) \
    X(FLOAT64, CHAIN_COMPARISON_EDGE_DISAGREEMENT, edge_disagreement) \
    X(FLOAT64, CHAIN_COMPARISON_PRUNED_EDGE_DISAGREEMENT, pruned_edge_disagreement) \
    X(INT32, RUN_TEST_RUNS, test_runs) X(INT32, RUN_TEST_BASELINE_RUNS, test_baseline_runs) \
    X(INT32, RUN_TEST_EXACT, test_exact) X(FLOAT64, RUN_TEST_P, test_p) X(INT64, RUN_TEST_LABELINGS, test_labelings) \
    X(INT32, RUN_PLACE_ROLE, place_role) X(INT32, RUN_PLACE_ORDER, place_order) X(FLOAT64, RUN_PLACE_X, place_x) \
    X(FLOAT64, RUN_PLACE_Y, place_y) X(FLOAT64, RUN_PLACE_X_SHARE, place_x_share) \
    X(FLOAT64, RUN_PLACE_Y_SHARE, place_y_share) \
    X(INT32, CALL_DIFFERENCE_ROLE, call_role) X(INT32, CALL_DIFFERENCE_RANK, call_rank) \
    X(INT64, CALL_DIFFERENCE_COUNT, call_count) X(INT64, CALL_DIFFERENCE_REFERENCE_COUNT, call_reference_count) \
    X(FLOAT64, CALL_DIFFERENCE_PER_REQUEST, call_per_request) \
    X(FLOAT64, CALL_DIFFERENCE_REFERENCE_PER_REQUEST, call_reference_per_request) \
    X(FLOAT64, CALL_DIFFERENCE_SHARE, call_share) \
    X(INT32, WALK_DIFFERENCE_RANK, behind_rank) X(FLOAT64, WALK_DIFFERENCE_SHARE, behind_share)

#endif
