/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/results/schema.h"

#include <stdint.h>

/* clang-format off */
static const struct tb_dimension_description dimensions[TB_DIMENSIONS] = {
    [TB_DIMENSION_TESTBED] = {"testbed", "Testbeds; the baseline is 0."},
    [TB_DIMENSION_FACTOR] = {"factor", "Experiment parameters."},
    [TB_DIMENSION_SCENARIO] = {"scenario", "Combinations of factor levels."},
    [TB_DIMENSION_CELL] = {"cell", "Testbed and scenario: the runs averaged together."},
    [TB_DIMENSION_RUN] = {"run", "Repetitions: the unit of replication."},
    [TB_DIMENSION_PAIR] = {"pair", "Client and server pairs inside a run."},
    [TB_DIMENSION_METRIC] = {"metric", "Measured quantities."},
    [TB_DIMENSION_REASON] = {"reason", "Reasons why runs have no value of some metric, by kind and sentence."},
    [TB_DIMENSION_CONTRAST] = {"contrast", "What is compared with what."},
    [TB_DIMENSION_TERM] = {"term", "What a metric's variance is shared among: testbed, factors, interactions, repetition."},
    [TB_DIMENSION_ARTIFACT] = {"artifact", "Files of runs."},
    [TB_DIMENSION_CHECK] = {"check", "What is known twice, compared: one rule on one artifact."},
    [TB_DIMENSION_FINDING] = {"finding", "What the campaign file asks for and is not there, and what is there that nothing asks for."},
    [TB_DIMENSION_SEQUENCE] = {"sequence", "Calls of one run, pair and role."},
    [TB_DIMENSION_CALL] = {"call", "Names of system calls that occur, in byte order."},
    [TB_DIMENSION_CALL_TOTAL] = {"call_total", "Calls of one name in one sequence."},
    [TB_DIMENSION_THREAD] = {"thread", "Thread lives of sequences."},
    [TB_DIMENSION_STATE] = {"state", "States of chains, by order and name."},
    [TB_DIMENSION_CHAIN] = {"chain", "Chains: the summed counts of the sequences of one cell, role and order; on request also of one run and pair, and of one thread group."},
    [TB_DIMENSION_EDGE] = {"edge", "Transitions of chains."},
    [TB_DIMENSION_WINDOW] = {"window", "Windows of walks, resolved for one scenario and role."},
    [TB_DIMENSION_WALK] = {"walk", "Walks: one chain scored against one sequence."},
    [TB_DIMENSION_WALK_SET] = {"walk_set", "All walks of one testbed's sequences over the chains of one testbed (the baseline) of a scenario."},
    [TB_DIMENSION_INVALID] = {"invalid", "Distinct invalid transitions (and first states) of the walks of a set."},
    [TB_DIMENSION_COURSE] = {"course", "Stretches of sequences, each walked on the baseline's chains."},
    [TB_DIMENSION_CHAIN_COMPARISON] = {"chain_comparison", "A testbed's combined chain beside the baseline's: one scenario, role and order."},
    [TB_DIMENSION_EDGE_DIFFERENCE] = {"edge_difference", "Edges that exist in either chain of a comparison."},
    [TB_DIMENSION_ORDER_SCORE] = {"order_score", "How well a chain of some order describes the transitions of a cell."},
    [TB_DIMENSION_RUN_DISTANCE] = {"run_distance", "Two runs of one scenario: how far their sequences are apart."},
    [TB_DIMENSION_RUN_TEST] = {"run_test", "A testbed's runs beside the baseline's: distances between and within."},
    [TB_DIMENSION_RUN_PLACE] = {"run_place", "A run in the picture of distances of its scenario, role and order."},
    [TB_DIMENSION_CALL_DIFFERENCE] = {"call_difference", "A call's part in the difference of calls per request of a contrast."},
    [TB_DIMENSION_WALK_DIFFERENCE] = {"walk_difference", "A call's part in the difference between walks of a testbed's and the baseline's sequences on the baseline's chain."},
    [TB_DIMENSION_CAPTURE] = {"capture", "Packet captures."},
    [TB_DIMENSION_FLOW] = {"flow", "TCP connections and UDP conversations."},
    [TB_DIMENSION_AB] = {"ab", "Texts of ApacheBench."},
    [TB_DIMENSION_REQUEST_TIME] = {"request_time", "Percents 0 to 100 of the total times of requests in tables of ApacheBench."},
    [TB_DIMENSION_SESSION] = {"session", "One-way latency sessions."},
    [TB_DIMENSION_TEST_SESSION] = {"test_session", "Sessions of OWAMP test packets found in captures."},
    [TB_DIMENSION_ADDRESS_BYTE] = {"address_byte", "Bytes of an address."},
};

static const struct tb_field_description fields[TB_FIELDS] = {
    [TB_FIELD_TESTBED_NAME] =
        {"campaign/testbed_name", TB_TYPE_TEXT, 1, {TB_DIMENSION_TESTBED}, "",
         "Name of the testbed.", NULL},
    [TB_FIELD_FACTOR_NAME] =
        {"campaign/factor_name", TB_TYPE_TEXT, 1, {TB_DIMENSION_FACTOR}, "",
         "Name of the factor.", NULL},
    [TB_FIELD_FACTOR_UNIT] =
        {"campaign/factor_unit", TB_TYPE_TEXT, 1, {TB_DIMENSION_FACTOR}, "",
         "Unit of the factor's numbers; empty for text.", NULL},
    [TB_FIELD_SCENARIO_NAME] =
        {"campaign/scenario_name", TB_TYPE_TEXT, 1, {TB_DIMENSION_SCENARIO}, "",
         "Factor levels of the scenario, as text.", NULL},
    [TB_FIELD_SCENARIO_LEVEL_TEXT] =
        {"campaign/scenario_level_text", TB_TYPE_TEXT, 2, {TB_DIMENSION_SCENARIO, TB_DIMENSION_FACTOR}, "",
         "Level of the factor in the scenario, as written.", NULL},
    [TB_FIELD_SCENARIO_LEVEL_NUMBER] =
        {"campaign/scenario_level_number", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_SCENARIO, TB_DIMENSION_FACTOR}, "",
         "Level of the factor in the scenario, as a number in the factor's unit.", NULL},
    [TB_FIELD_CELL_TESTBED] =
        {"campaign/cell_testbed", TB_TYPE_INT32, 1, {TB_DIMENSION_CELL}, "1",
         "Testbed of the cell.", NULL},
    [TB_FIELD_CELL_SCENARIO] =
        {"campaign/cell_scenario", TB_TYPE_INT32, 1, {TB_DIMENSION_CELL}, "1",
         "Scenario of the cell.", NULL},
    [TB_FIELD_CELL_RUNS] =
        {"campaign/cell_runs", TB_TYPE_INT32, 1, {TB_DIMENSION_CELL}, "1",
         "Runs in the cell, discarded ones included.", NULL},
    [TB_FIELD_RUN_NAME] =
        {"campaign/run_name", TB_TYPE_TEXT, 1, {TB_DIMENSION_RUN}, "",
         "Name of the run: its path in the campaign.", NULL},
    [TB_FIELD_RUN_TESTBED] =
        {"campaign/run_testbed", TB_TYPE_INT32, 1, {TB_DIMENSION_RUN}, "1",
         "Testbed of the run.", NULL},
    [TB_FIELD_RUN_SCENARIO] =
        {"campaign/run_scenario", TB_TYPE_INT32, 1, {TB_DIMENSION_RUN}, "1",
         "Scenario of the run.", NULL},
    [TB_FIELD_RUN_CELL] =
        {"campaign/run_cell", TB_TYPE_INT32, 1, {TB_DIMENSION_RUN}, "1",
         "Cell of the run.", NULL},
    [TB_FIELD_RUN_REPETITION] =
        {"campaign/run_repetition", TB_TYPE_TEXT, 1, {TB_DIMENSION_RUN}, "",
         "Repetition, as written.", NULL},
    [TB_FIELD_RUN_PAIRS] =
        {"campaign/run_pairs", TB_TYPE_INT32, 1, {TB_DIMENSION_RUN}, "1",
         "Client and server pairs in the run.", NULL},
    [TB_FIELD_RUN_DISCARDED] =
        {"campaign/run_discarded", TB_TYPE_INT32, 1, {TB_DIMENSION_RUN}, "1",
         "1 when the run is left out of every result, else 0.", NULL},
    [TB_FIELD_RUN_DISCARD_REASON] =
        {"campaign/run_discard_reason", TB_TYPE_TEXT, 1, {TB_DIMENSION_RUN}, "",
         "Why the run is left out.", NULL},
    [TB_FIELD_RUN_STALLED] =
        {"campaign/run_stalled", TB_TYPE_INT32, 1, {TB_DIMENSION_RUN}, "1",
         "1 when the run looks stalled by the stated rules, 0 when not, -1 when unknown.", NULL},
    [TB_FIELD_RUN_STALLED_FLOWS] =
        {"campaign/run_stalled_flows", TB_TYPE_INT64, 1, {TB_DIMENSION_RUN}, "1",
         "Flows on the server port that stood still by the stated rule; -1 without a capture.", NULL},
    [TB_FIELD_RUN_STALL_CLUSTERS] =
        {"campaign/run_stall_clusters", TB_TYPE_INT64, 1, {TB_DIMENSION_RUN}, "1",
         "Times at which such flows stood still; -1 without a capture.", NULL},
    [TB_FIELD_RUN_LONGEST_STALL] =
        {"campaign/run_longest_stall", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_RUN}, "s",
         "Longest time for which such a flow stood still; NaN without a capture.", NULL},
    [TB_FIELD_RUN_SESSIONS] =
        {"campaign/run_sessions", TB_TYPE_INT64, 1, {TB_DIMENSION_RUN}, "1",
         "One-way latency sessions of the run's used artifacts.", NULL},
    [TB_FIELD_RUN_SESSIONS_WITHOUT_JITTER] =
        {"campaign/run_sessions_without_jitter", TB_TYPE_INT64, 1, {TB_DIMENSION_RUN}, "1",
         "Of these, sessions left out of the jitter: nothing was sent, or more than 5 % was lost.", NULL},
    [TB_FIELD_METRICS_METRIC_NAME] =
        {"metrics/metric_name", TB_TYPE_TEXT, 1, {TB_DIMENSION_METRIC}, "",
         "Name of the metric.", NULL},
    [TB_FIELD_METRICS_METRIC_UNIT] =
        {"metrics/metric_unit", TB_TYPE_TEXT, 1, {TB_DIMENSION_METRIC}, "",
         "Unit of the metric.", NULL},
    [TB_FIELD_METRICS_METRIC_LEVEL] =
        {"metrics/metric_level", TB_TYPE_TEXT, 1, {TB_DIMENSION_METRIC}, "",
         "application, operating system or network.", NULL},
    [TB_FIELD_METRICS_METRIC_ROLE] =
        {"metrics/metric_role", TB_TYPE_TEXT, 1, {TB_DIMENSION_METRIC}, "",
         "Whose metric it is: client, server, both, host.", NULL},
    [TB_FIELD_METRICS_METRIC_SCALE] =
        {"metrics/metric_scale", TB_TYPE_TEXT, 1, {TB_DIMENSION_METRIC}, "",
         "ratio or difference: how closeness is judged.", NULL},
    [TB_FIELD_METRICS_METRIC_THRESHOLD] =
        {"metrics/metric_threshold", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_METRIC}, "",
         "Closeness threshold: a share for ratio, a margin in the metric's unit for difference.", NULL},
    [TB_FIELD_METRICS_METRIC_COMBINATION] =
        {"metrics/metric_combination", TB_TYPE_TEXT, 1, {TB_DIMENSION_METRIC}, "",
         "How the pairs of a run are combined.", NULL},
    [TB_FIELD_METRICS_METRIC_DESCRIPTION] =
        {"metrics/metric_description", TB_TYPE_TEXT, 1, {TB_DIMENSION_METRIC}, "",
         "One sentence on what the metric is.", NULL},
    [TB_FIELD_METRICS_METRIC_QUANTITY] =
        {"metrics/metric_quantity", TB_TYPE_TEXT, 1, {TB_DIMENSION_METRIC}, "",
         "The quantity whose primary metric this is; empty for the others.", NULL},
    [TB_FIELD_METRICS_METRIC_FAMILY] =
        {"metrics/metric_family", TB_TYPE_INT32, 1, {TB_DIMENSION_METRIC}, "1",
         "The metric's tests are adjusted together with those of others (holm_p, holm_scenario_p; the setting family): 1 yes, 0 no.", NULL},
    [TB_FIELD_METRICS_VALUE] =
        {"metrics/value", TB_TYPE_FLOAT64, 3, {TB_DIMENSION_RUN, TB_DIMENSION_PAIR, TB_DIMENSION_METRIC}, "",
         "Value of the metric for one run and pair; NaN when there is none. The unit is metric_unit.", NULL},
    [TB_FIELD_METRICS_RUN_VALUE] =
        {"metrics/run_value", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_RUN, TB_DIMENSION_METRIC}, "",
         "Value of the metric for one run, its pairs combined; NaN when there is none.", NULL},
    [TB_FIELD_METRICS_RUN_REASON] =
        {"metrics/run_reason", TB_TYPE_INT32, 2, {TB_DIMENSION_RUN, TB_DIMENSION_METRIC}, "1",
         "Why the run has no value of the metric: its row among the reasons; -1 where it has one.", NULL},
    [TB_FIELD_METRICS_REASON_KIND] =
        {"metrics/reason_kind", TB_TYPE_INT32, 1, {TB_DIMENSION_REASON}, "1",
         "Kind of the reason.",
         "present discarded undeclared not_recorded missing damaged withdrawn artifact no_work no_port not_stated no_occurrence no_requests no_enters no_switches unknown_descriptors no_direction no_sessions failures no_load no_other_end no_walk short_sequence no_other_run one_way no_calls"},
    [TB_FIELD_METRICS_REASON_GROUP] =
        {"metrics/reason_group", TB_TYPE_INT32, 1, {TB_DIMENSION_REASON}, "1",
         "Number of the group: reasons whose sentences differ in numbers only have the same.", NULL},
    [TB_FIELD_METRICS_REASON_FAULT] =
        {"metrics/reason_fault", TB_TYPE_INT32, 1, {TB_DIMENSION_REASON}, "1",
         "1: something that was asked for is missing or not trusted; 0: there is nothing to find.", NULL},
    [TB_FIELD_METRICS_REASON_SENTENCE] =
        {"metrics/reason_sentence", TB_TYPE_TEXT, 1, {TB_DIMENSION_REASON}, "",
         "The reason, for people.", NULL},
    [TB_FIELD_COMPARISON_N] =
        {"comparison/n", TB_TYPE_INT32, 2, {TB_DIMENSION_CELL, TB_DIMENSION_METRIC}, "1",
         "Runs with a value.", NULL},
    [TB_FIELD_COMPARISON_MEAN] =
        {"comparison/mean", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CELL, TB_DIMENSION_METRIC}, "",
         "Mean over runs.", NULL},
    [TB_FIELD_COMPARISON_DEVIATION] =
        {"comparison/deviation", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CELL, TB_DIMENSION_METRIC}, "",
         "Standard deviation over runs (n - 1).", NULL},
    [TB_FIELD_COMPARISON_MINIMUM] =
        {"comparison/minimum", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CELL, TB_DIMENSION_METRIC}, "",
         "Least value.", NULL},
    [TB_FIELD_COMPARISON_MAXIMUM] =
        {"comparison/maximum", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CELL, TB_DIMENSION_METRIC}, "",
         "Greatest value.", NULL},
    [TB_FIELD_COMPARISON_MEDIAN] =
        {"comparison/median", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CELL, TB_DIMENSION_METRIC}, "",
         "Median.", NULL},
    [TB_FIELD_COMPARISON_NORMAL_LOW] =
        {"comparison/normal_low", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CELL, TB_DIMENSION_METRIC}, "",
         "Lower end of the 95 % interval of the mean, normal quantile, as published.", NULL},
    [TB_FIELD_COMPARISON_NORMAL_HIGH] =
        {"comparison/normal_high", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CELL, TB_DIMENSION_METRIC}, "",
         "Upper end of that interval.", NULL},
    [TB_FIELD_COMPARISON_T_LOW] =
        {"comparison/t_low", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CELL, TB_DIMENSION_METRIC}, "",
         "Lower end of the 95 % interval of the mean, Student quantile.", NULL},
    [TB_FIELD_COMPARISON_T_HIGH] =
        {"comparison/t_high", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CELL, TB_DIMENSION_METRIC}, "",
         "Upper end of that interval.", NULL},
    [TB_FIELD_COMPARISON_OUTLYING] =
        {"comparison/outlying", TB_TYPE_INT32, 2, {TB_DIMENSION_RUN, TB_DIMENSION_METRIC}, "1",
         "Value far out among the runs of its cell (abs(outlier_score) > 3.5; it is used all the same): 1 yes, 0 no, -1 not judged (no value, or fewer than 5 in the cell).", NULL},
    [TB_FIELD_COMPARISON_OUTLIER_SCORE] =
        {"comparison/outlier_score", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_RUN, TB_DIMENSION_METRIC}, "",
         "Modified z-score of the value in its cell: 0.6745 (value - median) / median absolute deviation.", NULL},
    [TB_FIELD_COMPARISON_CONTRAST_NAME] =
        {"comparison/contrast_name", TB_TYPE_TEXT, 1, {TB_DIMENSION_CONTRAST}, "",
         "What is compared with what, as text.", NULL},
    [TB_FIELD_COMPARISON_CONTRAST_KIND] =
        {"comparison/contrast_kind", TB_TYPE_INT32, 1, {TB_DIMENSION_CONTRAST}, "1",
         "What differs between the two cells.", "testbed factor"},
    [TB_FIELD_COMPARISON_CONTRAST_FACTOR] =
        {"comparison/contrast_factor", TB_TYPE_INT32, 1, {TB_DIMENSION_CONTRAST}, "1",
         "The factor that differs; -1 for a contrast of testbeds.", NULL},
    [TB_FIELD_COMPARISON_CONTRAST_CELL] =
        {"comparison/contrast_cell", TB_TYPE_INT32, 1, {TB_DIMENSION_CONTRAST}, "1",
         "Cell that is compared.", NULL},
    [TB_FIELD_COMPARISON_CONTRAST_REFERENCE] =
        {"comparison/contrast_reference", TB_TYPE_INT32, 1, {TB_DIMENSION_CONTRAST}, "1",
         "Cell that it is compared with.", NULL},
    [TB_FIELD_COMPARISON_DIFFERENCE] =
        {"comparison/difference", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CONTRAST, TB_DIMENSION_METRIC}, "",
         "Mean minus reference mean.", NULL},
    [TB_FIELD_COMPARISON_RATIO] =
        {"comparison/ratio", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CONTRAST, TB_DIMENSION_METRIC}, "",
         "Mean over reference mean.", NULL},
    [TB_FIELD_COMPARISON_RELATIVE_LOSS] =
        {"comparison/relative_loss", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CONTRAST, TB_DIMENSION_METRIC}, "",
         "(Reference mean - mean) / reference mean; for contrasts over instrumentation the published overhead.", NULL},
    [TB_FIELD_COMPARISON_WELCH_LOW] =
        {"comparison/welch_low", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CONTRAST, TB_DIMENSION_METRIC}, "",
         "Lower end of Welch's 95 % interval of the difference.", NULL},
    [TB_FIELD_COMPARISON_WELCH_HIGH] =
        {"comparison/welch_high", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CONTRAST, TB_DIMENSION_METRIC}, "",
         "Upper end of that interval.", NULL},
    [TB_FIELD_COMPARISON_WELCH_P] =
        {"comparison/welch_p", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CONTRAST, TB_DIMENSION_METRIC}, "",
         "Two-sided p of Welch's test.", NULL},
    [TB_FIELD_COMPARISON_HOLM_P] =
        {"comparison/holm_p", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CONTRAST, TB_DIMENSION_METRIC}, "",
         "welch_p adjusted by Holm; the family is the metrics of the contrast, one testbed in one scenario, as far as metric_family has them and they are tested; NaN for the others.", NULL},
    [TB_FIELD_COMPARISON_HOLM_TESTS] =
        {"comparison/holm_tests", TB_TYPE_INT32, 1, {TB_DIMENSION_CONTRAST}, "1",
         "Tests in the family of holm_p: its metrics with a verdict, enough values, and not the same constant on both sides.", NULL},
    [TB_FIELD_COMPARISON_HOLM_SCENARIO_P] =
        {"comparison/holm_scenario_p", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CONTRAST, TB_DIMENSION_METRIC}, "",
         "welch_p adjusted by Holm over such metrics of all testbeds of the scenario together (for a contrast of levels: of all testbeds at that scenario and factor).", NULL},
    [TB_FIELD_COMPARISON_HOLM_SCENARIO_TESTS] =
        {"comparison/holm_scenario_tests", TB_TYPE_INT32, 1, {TB_DIMENSION_CONTRAST}, "1",
         "Tests in the family of holm_scenario_p.", NULL},
    [TB_FIELD_COMPARISON_FIELLER_LOW] =
        {"comparison/fieller_low", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CONTRAST, TB_DIMENSION_METRIC}, "",
         "Lower end of Fieller's 90 % interval of the ratio.", NULL},
    [TB_FIELD_COMPARISON_FIELLER_HIGH] =
        {"comparison/fieller_high", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CONTRAST, TB_DIMENSION_METRIC}, "",
         "Upper end of that interval.", NULL},
    [TB_FIELD_COMPARISON_EQUIVALENCE_P] =
        {"comparison/equivalence_p", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CONTRAST, TB_DIMENSION_METRIC}, "",
         "Larger p of the two one-sided tests of equivalence.", NULL},
    [TB_FIELD_COMPARISON_CLOSE] =
        {"comparison/close", TB_TYPE_INT32, 2, {TB_DIMENSION_CONTRAST, TB_DIMENSION_METRIC}, "1",
         "Published sign, no verdict: means within the threshold: 1 yes, 0 no, -1 not defined.", NULL},
    [TB_FIELD_COMPARISON_INTERVALS_OVERLAP] =
        {"comparison/intervals_overlap", TB_TYPE_INT32, 2, {TB_DIMENSION_CONTRAST, TB_DIMENSION_METRIC}, "1",
         "Published sign, no verdict: 95 % normal intervals overlap: 1 yes, 0 no, -1 not defined.", NULL},
    [TB_FIELD_COMPARISON_VERDICT] =
        {"comparison/verdict", TB_TYPE_INT32, 2, {TB_DIMENSION_CONTRAST, TB_DIMENSION_METRIC}, "1",
         "The verdict, by the test of equivalence.", "none similar different undecided"},
    [TB_FIELD_COMPARISON_REASON] =
        {"comparison/reason", TB_TYPE_INT32, 2, {TB_DIMENSION_CONTRAST, TB_DIMENSION_METRIC}, "1",
         "Why there is no verdict; few_values: why it is undecided, whatever the numbers are.", "decided no_values reference_without_values different_capture_points different_hosts few_values"},
    [TB_FIELD_COMPARISON_MEDIAN_DIFFERENCE] =
        {"comparison/median_difference", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CONTRAST, TB_DIMENSION_METRIC}, "",
         "Median minus reference median.", NULL},
    [TB_FIELD_COMPARISON_MEDIAN_RATIO] =
        {"comparison/median_ratio", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CONTRAST, TB_DIMENSION_METRIC}, "",
         "Median over reference median.", NULL},
    [TB_FIELD_COMPARISON_SHIFT] =
        {"comparison/shift", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CONTRAST, TB_DIMENSION_METRIC}, "",
         "Shift estimate of Hodges and Lehmann: the median of all differences of a value and a reference value.", NULL},
    [TB_FIELD_COMPARISON_SHIFT_LOW] =
        {"comparison/shift_low", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CONTRAST, TB_DIMENSION_METRIC}, "",
         "Lower end of the distribution-free 95 % interval of the shift.", NULL},
    [TB_FIELD_COMPARISON_SHIFT_HIGH] =
        {"comparison/shift_high", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CONTRAST, TB_DIMENSION_METRIC}, "",
         "Upper end of that interval.", NULL},
    [TB_FIELD_COMPARISON_SHIFT_CONFIDENCE] =
        {"comparison/shift_confidence", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_CONTRAST, TB_DIMENSION_METRIC}, "",
         "What that interval covers: 0.95 or more; NaN when the runs are too few for one.", NULL},
    [TB_FIELD_SENSITIVITY_TERM_NAME] =
        {"sensitivity/term_name", TB_TYPE_TEXT, 1, {TB_DIMENSION_TERM}, "",
         "Name of the term.", NULL},
    [TB_FIELD_SENSITIVITY_TERM_KIND] =
        {"sensitivity/term_kind", TB_TYPE_INT32, 1, {TB_DIMENSION_TERM}, "1",
         "What the term is; remaining is what differs between cells beyond the other terms.", "testbed factor interaction remaining repetition"},
    [TB_FIELD_SENSITIVITY_TERM_FACTOR] =
        {"sensitivity/term_factor", TB_TYPE_INT32, 1, {TB_DIMENSION_TERM}, "1",
         "Factor of the term; -1 when it has none.", NULL},
    [TB_FIELD_SENSITIVITY_TERM_METRICS] =
        {"sensitivity/term_metrics", TB_TYPE_INT32, 1, {TB_DIMENSION_TERM}, "1",
         "Metrics with a share for the term.", NULL},
    [TB_FIELD_SENSITIVITY_TERM_MEAN_SHARE] =
        {"sensitivity/term_mean_share", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_TERM}, "1",
         "Mean share over those metrics.", NULL},
    [TB_FIELD_SENSITIVITY_TERM_FIRST] =
        {"sensitivity/term_first", TB_TYPE_INT32, 1, {TB_DIMENSION_TERM}, "1",
         "Metrics in which no other term has a greater share.", NULL},
    [TB_FIELD_SENSITIVITY_TERM_RANK] =
        {"sensitivity/term_rank", TB_TYPE_INT32, 1, {TB_DIMENSION_TERM}, "1",
         "Place of the term in the campaign, by mean share: 1 is the greatest; 0 without a share.", NULL},
    [TB_FIELD_SENSITIVITY_BALANCED] =
        {"sensitivity/balanced", TB_TYPE_INT32, 1, {TB_DIMENSION_METRIC}, "1",
         "Every combination of levels has the same number of values: 1 yes, 0 no; then the shares add up to 1.", NULL},
    [TB_FIELD_SENSITIVITY_ERROR] =
        {"sensitivity/error", TB_TYPE_INT32, 1, {TB_DIMENSION_METRIC}, "1",
         "What F is taken against.", "none repetition remaining"},
    [TB_FIELD_SENSITIVITY_SUM_OF_SQUARES] =
        {"sensitivity/sum_of_squares", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_METRIC, TB_DIMENSION_TERM}, "",
         "Sum of squares of the term, Type II, in the square of the metric's unit.", NULL},
    [TB_FIELD_SENSITIVITY_FREEDOM] =
        {"sensitivity/freedom", TB_TYPE_INT32, 2, {TB_DIMENSION_METRIC, TB_DIMENSION_TERM}, "1",
         "Degrees of freedom of the term.", NULL},
    [TB_FIELD_SENSITIVITY_SHARE] =
        {"sensitivity/share", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_METRIC, TB_DIMENSION_TERM}, "1",
         "Share of the variance (eta squared): sum of squares over the total sum of squares.", NULL},
    [TB_FIELD_SENSITIVITY_OMEGA_SQUARED] =
        {"sensitivity/omega_squared", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_METRIC, TB_DIMENSION_TERM}, "1",
         "The share without what chance adds to it; can be below 0.", NULL},
    [TB_FIELD_SENSITIVITY_F] =
        {"sensitivity/f", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_METRIC, TB_DIMENSION_TERM}, "1",
         "F of the term.", NULL},
    [TB_FIELD_SENSITIVITY_P] =
        {"sensitivity/p", TB_TYPE_FLOAT64, 2, {TB_DIMENSION_METRIC, TB_DIMENSION_TERM}, "1",
         "p of F.", NULL},
    [TB_FIELD_SENSITIVITY_RANK] =
        {"sensitivity/rank", TB_TYPE_INT32, 2, {TB_DIMENSION_METRIC, TB_DIMENSION_TERM}, "1",
         "Place of the term in the metric, by share: 1 is the greatest; 0 without a share.", NULL},
    [TB_FIELD_SENSITIVITY_REASON] =
        {"sensitivity/reason", TB_TYPE_INT32, 2, {TB_DIMENSION_METRIC, TB_DIMENSION_TERM}, "1",
         "Why numbers are missing.", "tested no_values constant_metric one_level confounded no_error_term too_large different_meaning"},
    [TB_FIELD_ARTIFACT_RUN] =
        {"quality/artifact_run", TB_TYPE_INT32, 1, {TB_DIMENSION_ARTIFACT}, "1",
         "Run of the artifact.", NULL},
    [TB_FIELD_ARTIFACT_PAIR] =
        {"quality/artifact_pair", TB_TYPE_INT32, 1, {TB_DIMENSION_ARTIFACT}, "1",
         "Pair of the artifact within its run.", NULL},
    [TB_FIELD_ARTIFACT_KIND] =
        {"quality/artifact_kind", TB_TYPE_TEXT, 1, {TB_DIMENSION_ARTIFACT}, "",
         "Kind of the artifact.", NULL},
    [TB_FIELD_ARTIFACT_ROLE] =
        {"quality/artifact_role", TB_TYPE_TEXT, 1, {TB_DIMENSION_ARTIFACT}, "",
         "Role of the artifact.", NULL},
    [TB_FIELD_ARTIFACT_POINT] =
        {"quality/artifact_point", TB_TYPE_TEXT, 1, {TB_DIMENSION_ARTIFACT}, "",
         "Point of capture.", NULL},
    [TB_FIELD_ARTIFACT_PATH] =
        {"quality/artifact_path", TB_TYPE_TEXT, 1, {TB_DIMENSION_ARTIFACT}, "",
         "File, relative to the campaign's root.", NULL},
    [TB_FIELD_ARTIFACT_STATE] =
        {"quality/artifact_state", TB_TYPE_INT32, 1, {TB_DIMENSION_ARTIFACT}, "1",
         "What became of the artifact.", "used missing damaged withdrawn discarded not_recorded"},
    [TB_FIELD_ARTIFACT_REASON] =
        {"quality/artifact_reason", TB_TYPE_TEXT, 1, {TB_DIMENSION_ARTIFACT}, "",
         "Why the artifact was not used; empty when it was.", NULL},
    [TB_FIELD_ARTIFACT_REMARK] =
        {"quality/artifact_remark", TB_TYPE_TEXT, 1, {TB_DIMENSION_ARTIFACT}, "",
         "What is odd about an artifact that is used nevertheless, or what was left out of it; mostly empty.", NULL},
    [TB_FIELD_DAMAGE] =
        {"quality/damage", TB_TYPE_INT32, 1, {TB_DIMENSION_ARTIFACT}, "1",
         "Kind of damage.", "none truncated corrupt unreadable"},
    [TB_FIELD_DAMAGE_OFFSET] =
        {"quality/damage_offset", TB_TYPE_INT64, 1, {TB_DIMENSION_ARTIFACT}, "bytes",
         "Offset in the stream of the first damaged byte; -1 without damage.", NULL},
    [TB_FIELD_STREAM_BYTES] =
        {"quality/stream_bytes", TB_TYPE_INT64, 1, {TB_DIMENSION_ARTIFACT}, "bytes",
         "Size of the plain file or of the decompressed stream.", NULL},
    [TB_FIELD_DECODED_BYTES] =
        {"quality/decoded_bytes", TB_TYPE_INT64, 1, {TB_DIMENSION_ARTIFACT}, "bytes",
         "Bytes of decoded records.", NULL},
    [TB_FIELD_SKIPPED_BYTES] =
        {"quality/skipped_bytes", TB_TYPE_INT64, 1, {TB_DIMENSION_ARTIFACT}, "bytes",
         "Bytes of whole records of kinds not needed.", NULL},
    [TB_FIELD_DAMAGED_BYTES] =
        {"quality/damaged_bytes", TB_TYPE_INT64, 1, {TB_DIMENSION_ARTIFACT}, "bytes",
         "Bytes that no record claims.", NULL},
    [TB_FIELD_FILE_BYTES] =
        {"quality/file_bytes", TB_TYPE_INT64, 1, {TB_DIMENSION_ARTIFACT}, "bytes",
         "Size on disk.", NULL},
    [TB_FIELD_CONSUMED_BYTES] =
        {"quality/consumed_bytes", TB_TYPE_INT64, 1, {TB_DIMENSION_ARTIFACT}, "bytes",
         "Compressed bytes that were used; 0 for plain files.", NULL},
    [TB_FIELD_LEFT_BYTES] =
        {"quality/left_bytes", TB_TYPE_INT64, 1, {TB_DIMENSION_ARTIFACT}, "bytes",
         "Compressed bytes that were not used; 0 for plain files.", NULL},
    [TB_FIELD_FORMAT] =
        {"quality/format", TB_TYPE_TEXT, 1, {TB_DIMENSION_ARTIFACT}, "",
         "Format and version found in the file.", NULL},
    [TB_FIELD_COVERAGE] =
        {"quality/coverage", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_ARTIFACT}, "1",
         "Requests seen in the artifact over completed requests; NaN when not defined.", NULL},
    [TB_FIELD_FINDING_KIND] =
        {"quality/finding_kind", TB_TYPE_TEXT, 1, {TB_DIMENSION_FINDING}, "",
         "Kind of the finding.", NULL},
    [TB_FIELD_FINDING_COUNTS] =
        {"quality/finding_counts", TB_TYPE_INT32, 1, {TB_DIMENSION_FINDING}, "1",
         "1 when the results lack something that was asked for, 0 when it may be meant.", NULL},
    [TB_FIELD_FINDING_COUNT] =
        {"quality/finding_count", TB_TYPE_INT64, 1, {TB_DIMENSION_FINDING}, "1",
         "Runs, traces, files or scenarios that it concerns.", NULL},
    [TB_FIELD_FINDING_SENTENCE] =
        {"quality/finding_sentence", TB_TYPE_TEXT, 1, {TB_DIMENSION_FINDING}, "",
         "The finding, for people.", NULL},
    [TB_FIELD_FINDING_EXAMPLE] =
        {"quality/finding_example", TB_TYPE_TEXT, 1, {TB_DIMENSION_FINDING}, "",
         "A path that it concerns; empty when there is none.", NULL},
    [TB_FIELD_CHECK_RUN] =
        {"quality/check_run", TB_TYPE_INT32, 1, {TB_DIMENSION_CHECK}, "1",
         "Run of the artifact.", NULL},
    [TB_FIELD_CHECK_PAIR] =
        {"quality/check_pair", TB_TYPE_INT32, 1, {TB_DIMENSION_CHECK}, "1",
         "Pair of the artifact within its run.", NULL},
    [TB_FIELD_CHECK_ARTIFACT] =
        {"quality/check_artifact", TB_TYPE_INT32, 1, {TB_DIMENSION_CHECK}, "1",
         "Artifact that is checked, and withdrawn when the records disagree.", NULL},
    [TB_FIELD_CHECK_RULE] =
        {"quality/check_rule", TB_TYPE_INT32, 1, {TB_DIMENSION_CHECK}, "1",
         "What is compared with what.", "capture_replies capture_requests capture_bytes capture_packets capture_written client_trace_connects client_trace_bytes server_trace_accepts server_trace_bytes"},
    [TB_FIELD_CHECK_SEEN] =
        {"quality/check_seen", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHECK}, "1",
         "What the artifact shows, in bytes or as a count; NaN when not made.", NULL},
    [TB_FIELD_CHECK_EXPECTED] =
        {"quality/check_expected", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHECK}, "1",
         "What the other record says, in the same unit; NaN when not made.", NULL},
    [TB_FIELD_CHECK_RATIO] =
        {"quality/check_ratio", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHECK}, "1",
         "Seen over expected; NaN when not made.", NULL},
    [TB_FIELD_CHECK_LEAST] =
        {"quality/check_least", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHECK}, "1",
         "Ratios at or below it are too few; NaN when not made.", NULL},
    [TB_FIELD_CHECK_MOST] =
        {"quality/check_most", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHECK}, "1",
         "Ratios above it are too many; NaN when not made.", NULL},
    [TB_FIELD_CHECK_VERDICT] =
        {"quality/check_verdict", TB_TYPE_INT32, 1, {TB_DIMENSION_CHECK}, "1",
         "What came of it.", "agrees too_few too_many not_made"},
    [TB_FIELD_CHECK_WHY] =
        {"quality/check_why", TB_TYPE_TEXT, 1, {TB_DIMENSION_CHECK}, "",
         "Why it was not made; empty when it was.", NULL},
    [TB_FIELD_TRACE_DROP_MARKS] =
        {"quality/trace_drop_marks", TB_TYPE_INT64, 1, {TB_DIMENSION_ARTIFACT}, "1",
         "Begins and ends of dropping mode that the tracer noted; -1 where it is no trace.", NULL},
    [TB_FIELD_TRACE_DROP_RATIO] =
        {"quality/trace_drop_ratio", TB_TYPE_INT64, 1, {TB_DIMENSION_ARTIFACT}, "1",
         "Greatest sampling ratio that such a mark tells; 0 without one, -1 where it is no trace.", NULL},
    [TB_FIELD_TRACE_DURATION] =
        {"quality/trace_duration", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_ARTIFACT}, "s",
         "Time of the last event after that of the first, of all processes; NaN where it is no trace.", NULL},
    [TB_FIELD_TRACE_UNKNOWN_EVENTS] =
        {"quality/trace_unknown_events", TB_TYPE_INT64, 1, {TB_DIMENSION_ARTIFACT}, "1",
         "Events of a number that is not known, which are skipped; -1 where it is no trace.", NULL},
    [TB_FIELD_INPUT_BYTES] =
        {"provenance/input_bytes", TB_TYPE_INT64, 1, {TB_DIMENSION_ARTIFACT}, "bytes",
         "Size of the artifact's file when the job began; 0 for a directory, -1 when it is missing.", NULL},
    [TB_FIELD_INPUT_MODIFIED] =
        {"provenance/input_modified", TB_TYPE_TEXT, 1, {TB_DIMENSION_ARTIFACT}, "",
         "When it was last modified, UTC; empty when it is missing.", NULL},
    [TB_FIELD_INPUT_DIGEST] =
        {"provenance/input_digest", TB_TYPE_TEXT, 1, {TB_DIMENSION_ARTIFACT}, "",
         "XXH3-128 of its size (8 bytes, little-endian), its first 64 KiB, and those of its last 64 KiB that are not among "
         "them: tells files apart, proves nothing. Empty for a directory and for what was not read.", NULL},
    [TB_FIELD_SEQUENCE_RUN] =
        {"os/sequence_run", TB_TYPE_INT32, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "Run of the sequence.", NULL},
    [TB_FIELD_SEQUENCE_PAIR] =
        {"os/sequence_pair", TB_TYPE_INT32, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "Pair of the sequence.", NULL},
    [TB_FIELD_SEQUENCE_ROLE] =
        {"os/sequence_role", TB_TYPE_INT32, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "Role of the sequence.", "none client server host"},
    [TB_FIELD_SEQUENCE_ARTIFACT] =
        {"os/sequence_artifact", TB_TYPE_INT32, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "Artifact that holds the sequence.", NULL},
    [TB_FIELD_SEQUENCE_USABLE] =
        {"os/sequence_usable", TB_TYPE_INT32, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "1 when metrics, chains and walks use the sequence.", NULL},
    [TB_FIELD_SEQUENCE_CALLS] =
        {"os/sequence_calls", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "Calls: exit events, one per invocation.", NULL},
    [TB_FIELD_SEQUENCE_EVENTS] =
        {"os/sequence_events", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "Enter and exit events of the same threads, as sysdig counts them.", NULL},
    [TB_FIELD_SEQUENCE_ENTERS] =
        {"os/sequence_enters", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "Enter events of the same threads; newer drivers write none, or next to none.", NULL},
    [TB_FIELD_SEQUENCE_LOSSES_KNOWN] =
        {"os/sequence_losses_known", TB_TYPE_INT32, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "1 when there are enters to match with exits, else nothing tells of losses.", NULL},
    [TB_FIELD_SEQUENCE_CONTEXT_SWITCHES] =
        {"os/sequence_context_switches", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "Switches away from the selected threads.", NULL},
    [TB_FIELD_SEQUENCE_EXITS_WITHOUT_ENTER] =
        {"os/sequence_exits_without_enter", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "Suspected losses: exits whose enter is missing.", NULL},
    [TB_FIELD_SEQUENCE_ENTERS_WITHOUT_EXIT] =
        {"os/sequence_enters_without_exit", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "Suspected losses: enters whose exit is missing.", NULL},
    [TB_FIELD_SEQUENCE_CONNECTS] =
        {"os/sequence_connects", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "Connections made to the server port.", NULL},
    [TB_FIELD_SEQUENCE_ACCEPTS] =
        {"os/sequence_accepts", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "Connections taken on the server port.", NULL},
    [TB_FIELD_SEQUENCE_NETWORK_CLOSES] =
        {"os/sequence_network_closes", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "Successful calls named close on network descriptors.", NULL},
    [TB_FIELD_SEQUENCE_UNKNOWN_CLOSES] =
        {"os/sequence_unknown_closes", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "The same on descriptors whose beginning the trace does not tell.", NULL},
    [TB_FIELD_SEQUENCE_THREAD_LIVES] =
        {"os/sequence_thread_lives", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "Thread lives.", NULL},
    [TB_FIELD_SEQUENCE_READ_CALLS_NETWORK] =
        {"os/sequence_read_calls_network", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "Read-like calls on network descriptors.", NULL},
    [TB_FIELD_SEQUENCE_READ_BYTES_NETWORK] =
        {"os/sequence_read_bytes_network", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "bytes",
         "Bytes moved by read-like calls on network descriptors.", NULL},
    [TB_FIELD_SEQUENCE_READ_CALLS_FILE] =
        {"os/sequence_read_calls_file", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "Read-like calls on file descriptors.", NULL},
    [TB_FIELD_SEQUENCE_READ_BYTES_FILE] =
        {"os/sequence_read_bytes_file", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "bytes",
         "Bytes moved by read-like calls on file descriptors.", NULL},
    [TB_FIELD_SEQUENCE_READ_CALLS_OTHER] =
        {"os/sequence_read_calls_other", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "Read-like calls on other descriptors.", NULL},
    [TB_FIELD_SEQUENCE_READ_BYTES_OTHER] =
        {"os/sequence_read_bytes_other", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "bytes",
         "Bytes moved by read-like calls on other descriptors.", NULL},
    [TB_FIELD_SEQUENCE_READ_CALLS_UNKNOWN] =
        {"os/sequence_read_calls_unknown", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "Read-like calls on unknown descriptors.", NULL},
    [TB_FIELD_SEQUENCE_READ_BYTES_UNKNOWN] =
        {"os/sequence_read_bytes_unknown", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "bytes",
         "Bytes moved by read-like calls on unknown descriptors.", NULL},
    [TB_FIELD_SEQUENCE_WRITE_CALLS_NETWORK] =
        {"os/sequence_write_calls_network", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "Write-like calls on network descriptors.", NULL},
    [TB_FIELD_SEQUENCE_WRITE_BYTES_NETWORK] =
        {"os/sequence_write_bytes_network", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "bytes",
         "Bytes moved by write-like calls on network descriptors.", NULL},
    [TB_FIELD_SEQUENCE_WRITE_CALLS_FILE] =
        {"os/sequence_write_calls_file", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "Write-like calls on file descriptors.", NULL},
    [TB_FIELD_SEQUENCE_WRITE_BYTES_FILE] =
        {"os/sequence_write_bytes_file", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "bytes",
         "Bytes moved by write-like calls on file descriptors.", NULL},
    [TB_FIELD_SEQUENCE_WRITE_CALLS_OTHER] =
        {"os/sequence_write_calls_other", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "Write-like calls on other descriptors.", NULL},
    [TB_FIELD_SEQUENCE_WRITE_BYTES_OTHER] =
        {"os/sequence_write_bytes_other", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "bytes",
         "Bytes moved by write-like calls on other descriptors.", NULL},
    [TB_FIELD_SEQUENCE_WRITE_CALLS_UNKNOWN] =
        {"os/sequence_write_calls_unknown", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "1",
         "Write-like calls on unknown descriptors.", NULL},
    [TB_FIELD_SEQUENCE_WRITE_BYTES_UNKNOWN] =
        {"os/sequence_write_bytes_unknown", TB_TYPE_INT64, 1, {TB_DIMENSION_SEQUENCE}, "bytes",
         "Bytes moved by write-like calls on unknown descriptors.", NULL},
    [TB_FIELD_CALL_NAME] =
        {"os/call_name", TB_TYPE_TEXT, 1, {TB_DIMENSION_CALL}, "",
         "Name of the system call.", NULL},
    [TB_FIELD_CALL_TOTAL_SEQUENCE] =
        {"os/call_total_sequence", TB_TYPE_INT32, 1, {TB_DIMENSION_CALL_TOTAL}, "1",
         "Sequence.", NULL},
    [TB_FIELD_CALL_TOTAL_CALL] =
        {"os/call_total_call", TB_TYPE_INT32, 1, {TB_DIMENSION_CALL_TOTAL}, "1",
         "Name of the call.", NULL},
    [TB_FIELD_CALL_TOTAL_COUNT] =
        {"os/call_total_count", TB_TYPE_INT64, 1, {TB_DIMENSION_CALL_TOTAL}, "1",
         "Calls.", NULL},
    [TB_FIELD_CALL_TOTAL_ERRORS] =
        {"os/call_total_errors", TB_TYPE_INT64, 1, {TB_DIMENSION_CALL_TOTAL}, "1",
         "Calls that returned an error.", NULL},
    [TB_FIELD_CALL_TOTAL_BYTES] =
        {"os/call_total_bytes", TB_TYPE_INT64, 1, {TB_DIMENSION_CALL_TOTAL}, "bytes",
         "Bytes moved by read- and write-like calls.", NULL},
    [TB_FIELD_THREAD_SEQUENCE] =
        {"os/thread_sequence", TB_TYPE_INT32, 1, {TB_DIMENSION_THREAD}, "1",
         "Sequence.", NULL},
    [TB_FIELD_THREAD_TID] =
        {"os/thread_tid", TB_TYPE_INT64, 1, {TB_DIMENSION_THREAD}, "1",
         "Thread id.", NULL},
    [TB_FIELD_THREAD_PID] =
        {"os/thread_pid", TB_TYPE_INT64, 1, {TB_DIMENSION_THREAD}, "1",
         "Process id.", NULL},
    [TB_FIELD_THREAD_CALLS] =
        {"os/thread_calls", TB_TYPE_INT64, 1, {TB_DIMENSION_THREAD}, "1",
         "Calls.", NULL},
    [TB_FIELD_THREAD_CONTEXT_SWITCHES] =
        {"os/thread_context_switches", TB_TYPE_INT64, 1, {TB_DIMENSION_THREAD}, "1",
         "Switches away from the thread.", NULL},
    [TB_FIELD_STATE_LABEL] =
        {"os/state_label", TB_TYPE_TEXT, 1, {TB_DIMENSION_STATE}, "",
         "Names of the state's calls, earliest first, joined by >.", NULL},
    [TB_FIELD_STATE_ORDER] =
        {"os/state_order", TB_TYPE_INT32, 1, {TB_DIMENSION_STATE}, "1",
         "Order: how many calls the state holds.", NULL},
    [TB_FIELD_CHAIN_CELL] =
        {"os/chain_cell", TB_TYPE_INT32, 1, {TB_DIMENSION_CHAIN}, "1",
         "Cell.", NULL},
    [TB_FIELD_CHAIN_ROLE] =
        {"os/chain_role", TB_TYPE_INT32, 1, {TB_DIMENSION_CHAIN}, "1",
         "Role.", "none client server host"},
    [TB_FIELD_CHAIN_RUN] =
        {"os/chain_run", TB_TYPE_INT32, 1, {TB_DIMENSION_CHAIN}, "1",
         "Run; -1: all runs of the cell together.", NULL},
    [TB_FIELD_CHAIN_PAIR] =
        {"os/chain_pair", TB_TYPE_INT32, 1, {TB_DIMENSION_CHAIN}, "1",
         "Pair inside the run; -1: all of them.", NULL},
    [TB_FIELD_CHAIN_THREAD_GROUP] =
        {"os/chain_thread_group", TB_TYPE_INT64, 1, {TB_DIMENSION_CHAIN}, "1",
         "Process id of the thread group; 0: all of the sequence; -1: the groups beyond the first 4096, or without an id.", NULL},
    [TB_FIELD_CHAIN_ORDER] =
        {"os/chain_order", TB_TYPE_INT32, 1, {TB_DIMENSION_CHAIN}, "1",
         "Order.", NULL},
    [TB_FIELD_CHAIN_SEQUENCES] =
        {"os/chain_sequences", TB_TYPE_INT32, 1, {TB_DIMENSION_CHAIN}, "1",
         "Sequences whose counts were added up.", NULL},
    [TB_FIELD_CHAIN_TRANSITIONS] =
        {"os/chain_transitions", TB_TYPE_INT64, 1, {TB_DIMENSION_CHAIN}, "1",
         "Transitions counted.", NULL},
    [TB_FIELD_CHAIN_STATES] =
        {"os/chain_states", TB_TYPE_INT32, 1, {TB_DIMENSION_CHAIN}, "1",
         "Distinct states.", NULL},
    [TB_FIELD_CHAIN_EDGES] =
        {"os/chain_edges", TB_TYPE_INT32, 1, {TB_DIMENSION_CHAIN}, "1",
         "Distinct transitions.", NULL},
    [TB_FIELD_CHAIN_PRUNED_EDGES] =
        {"os/chain_pruned_edges", TB_TYPE_INT32, 1, {TB_DIMENSION_CHAIN}, "1",
         "Edges that pruning keeps.", NULL},
    [TB_FIELD_EDGE_CHAIN] =
        {"os/edge_chain", TB_TYPE_INT32, 1, {TB_DIMENSION_EDGE}, "1",
         "Chain.", NULL},
    [TB_FIELD_EDGE_SOURCE] =
        {"os/edge_source", TB_TYPE_INT32, 1, {TB_DIMENSION_EDGE}, "1",
         "State that the transition leaves.", NULL},
    [TB_FIELD_EDGE_TARGET] =
        {"os/edge_target", TB_TYPE_INT32, 1, {TB_DIMENSION_EDGE}, "1",
         "State that it enters.", NULL},
    [TB_FIELD_EDGE_COUNT] =
        {"os/edge_count", TB_TYPE_INT64, 1, {TB_DIMENSION_EDGE}, "1",
         "Occurrences.", NULL},
    [TB_FIELD_EDGE_WEIGHT] =
        {"os/edge_weight", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_EDGE}, "1",
         "Count over all occurrences of transitions that leave the state.", NULL},
    [TB_FIELD_EDGE_PRUNED_WEIGHT] =
        {"os/edge_pruned_weight", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_EDGE}, "1",
         "Weight after pruning and renormalisation; 0 when pruned.", NULL},
    [TB_FIELD_WINDOW_SCENARIO] =
        {"os/window_scenario", TB_TYPE_INT32, 1, {TB_DIMENSION_WINDOW}, "1",
         "Scenario.", NULL},
    [TB_FIELD_WINDOW_ROLE] =
        {"os/window_role", TB_TYPE_INT32, 1, {TB_DIMENSION_WINDOW}, "1",
         "Role.", "none client server host"},
    [TB_FIELD_WINDOW_SETTING] =
        {"os/window_setting", TB_TYPE_INT32, 1, {TB_DIMENSION_WINDOW}, "1",
         "Number of the window in the manifest.", NULL},
    [TB_FIELD_WINDOW_SKIP] =
        {"os/window_skip", TB_TYPE_INT64, 1, {TB_DIMENSION_WINDOW}, "1",
         "Calls skipped.", NULL},
    [TB_FIELD_WINDOW_LIMIT] =
        {"os/window_limit", TB_TYPE_INT64, 1, {TB_DIMENSION_WINDOW}, "1",
         "Calls walked; -1 for the rest of each sequence.", NULL},
    [TB_FIELD_WINDOW_SEQUENCES] =
        {"os/window_sequences", TB_TYPE_INT32, 1, {TB_DIMENSION_WINDOW}, "1",
         "Usable sequences.", NULL},
    [TB_FIELD_WINDOW_SHORT] =
        {"os/window_short", TB_TYPE_INT32, 1, {TB_DIMENSION_WINDOW}, "1",
         "Sequences shorter than skip + limit, which are not walked.", NULL},
    [TB_FIELD_WALK_WINDOW] =
        {"os/walk_window", TB_TYPE_INT32, 1, {TB_DIMENSION_WALK}, "1",
         "Window.", NULL},
    [TB_FIELD_WALK_ORDER] =
        {"os/walk_order", TB_TYPE_INT32, 1, {TB_DIMENSION_WALK}, "1",
         "Order of the chain.", NULL},
    [TB_FIELD_WALK_BASIS] =
        {"os/walk_basis", TB_TYPE_INT32, 1, {TB_DIMENSION_WALK}, "1",
         "What the chain was built from.", "whole window"},
    [TB_FIELD_WALK_CHAIN_RUN] =
        {"os/walk_chain_run", TB_TYPE_INT32, 1, {TB_DIMENSION_WALK}, "1",
         "Run whose sequence made the chain: of the baseline, or of any testbed with walks: {chains: all}.", NULL},
    [TB_FIELD_WALK_SEQUENCE_RUN] =
        {"os/walk_sequence_run", TB_TYPE_INT32, 1, {TB_DIMENSION_WALK}, "1",
         "Run whose sequence is walked.", NULL},
    [TB_FIELD_WALK_PAIR] =
        {"os/walk_pair", TB_TYPE_INT32, 1, {TB_DIMENSION_WALK}, "1",
         "Pair of both.", NULL},
    [TB_FIELD_WALK_TRANSITIONS] =
        {"os/walk_transitions", TB_TYPE_INT64, 1, {TB_DIMENSION_WALK}, "1",
         "Transitions of the sequence inside the window.", NULL},
    [TB_FIELD_WALK_INVALID_TRANSITIONS] =
        {"os/walk_invalid_transitions", TB_TYPE_INT64, 1, {TB_DIMENSION_WALK}, "1",
         "Transitions that the chain lacks.", NULL},
    [TB_FIELD_WALK_INVALID_DISTINCT] =
        {"os/walk_invalid_distinct", TB_TYPE_INT64, 1, {TB_DIMENSION_WALK}, "1",
         "Different transitions that the chain lacks.", NULL},
    [TB_FIELD_WALK_INVALID_STARTS] =
        {"os/walk_invalid_starts", TB_TYPE_INT64, 1, {TB_DIMENSION_WALK}, "1",
         "Thread lives whose first state the chain lacks.", NULL},
    [TB_FIELD_WALK_FIRST_INVALID] =
        {"os/walk_first_invalid", TB_TYPE_INT64, 1, {TB_DIMENSION_WALK}, "1",
         "Position of the first invalid transition; -1 without any.", NULL},
    [TB_FIELD_WALK_FIRST_INVALID_SOURCE] =
        {"os/walk_first_invalid_source", TB_TYPE_INT32, 1, {TB_DIMENSION_WALK}, "1",
         "State that the first invalid transition leaves; -1 without any, or when a first state is what the chain lacks.", NULL},
    [TB_FIELD_WALK_FIRST_INVALID_TARGET] =
        {"os/walk_first_invalid_target", TB_TYPE_INT32, 1, {TB_DIMENSION_WALK}, "1",
         "State that the first invalid transition enters, or the first state that the chain lacks; -1 without any.", NULL},
    [TB_FIELD_WALK_VALID] =
        {"os/walk_valid", TB_TYPE_INT32, 1, {TB_DIMENSION_WALK}, "1",
         "1 when the probability is above zero.", NULL},
    [TB_FIELD_WALK_LOG10_PROBABILITY] =
        {"os/walk_log10_probability", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_WALK}, "1",
         "log10 of the probability; NaN when it is zero.", NULL},
    [TB_FIELD_WALK_BITS_PER_TRANSITION] =
        {"os/walk_bits_per_transition", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_WALK}, "bit",
         "-log2 of the probability over the number of transitions; NaN when the probability is zero.", NULL},
    [TB_FIELD_WALK_SMOOTHED_LOG10_PROBABILITY] =
        {"os/walk_smoothed_log10_probability", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_WALK}, "1",
         "log10 of the probability with additive smoothing, which is never zero.", NULL},
    [TB_FIELD_WALK_SMOOTHED_BITS_PER_TRANSITION] =
        {"os/walk_smoothed_bits_per_transition", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_WALK}, "bit",
         "The same as bits per transition.", NULL},
    [TB_FIELD_WALK_SET_WINDOW] =
        {"os/walk_set_window", TB_TYPE_INT32, 1, {TB_DIMENSION_WALK_SET}, "1",
         "Window.", NULL},
    [TB_FIELD_WALK_SET_TESTBED] =
        {"os/walk_set_testbed", TB_TYPE_INT32, 1, {TB_DIMENSION_WALK_SET}, "1",
         "Testbed of the sequences.", NULL},
    [TB_FIELD_WALK_SET_CHAIN_TESTBED] =
        {"os/walk_set_chain_testbed", TB_TYPE_INT32, 1, {TB_DIMENSION_WALK_SET}, "1",
         "Testbed whose sequences made the chains; 0 is the baseline.", NULL},
    [TB_FIELD_WALK_SET_ORDER] =
        {"os/walk_set_order", TB_TYPE_INT32, 1, {TB_DIMENSION_WALK_SET}, "1",
         "Order of the chains.", NULL},
    [TB_FIELD_WALK_SET_BASIS] =
        {"os/walk_set_basis", TB_TYPE_INT32, 1, {TB_DIMENSION_WALK_SET}, "1",
         "What the chains were built from.", "whole window"},
    [TB_FIELD_WALK_SET_WALKS] =
        {"os/walk_set_walks", TB_TYPE_INT64, 1, {TB_DIMENSION_WALK_SET}, "1",
         "Walks.", NULL},
    [TB_FIELD_WALK_SET_WITH_INVALID] =
        {"os/walk_set_with_invalid", TB_TYPE_INT64, 1, {TB_DIMENSION_WALK_SET}, "1",
         "Walks with an invalid transition or start.", NULL},
    [TB_FIELD_WALK_SET_INVALID_TRANSITIONS] =
        {"os/walk_set_invalid_transitions", TB_TYPE_INT64, 1, {TB_DIMENSION_WALK_SET}, "1",
         "Invalid transitions in all walks.", NULL},
    [TB_FIELD_WALK_SET_WALKS_OFF_DIAGONAL] =
        {"os/walk_set_walks_off_diagonal", TB_TYPE_INT64, 1, {TB_DIMENSION_WALK_SET}, "1",
         "Walks without those of a chain on its own sequence.", NULL},
    [TB_FIELD_WALK_SET_VALID_OFF_DIAGONAL] =
        {"os/walk_set_valid_off_diagonal", TB_TYPE_INT64, 1, {TB_DIMENSION_WALK_SET}, "1",
         "Of these, walks with a probability above zero.", NULL},
    [TB_FIELD_WALK_SET_LOG10_MEAN_PROBABILITY] =
        {"os/walk_set_log10_mean_probability", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_WALK_SET}, "1",
         "log10 of the mean of probabilities over all walks, zeros included; NaN when no walk is valid.", NULL},
    [TB_FIELD_WALK_SET_MEAN_LOG10_PROBABILITY] =
        {"os/walk_set_mean_log10_probability", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_WALK_SET}, "1",
         "Mean of log10 probabilities over valid walks.", NULL},
    [TB_FIELD_WALK_SET_MEAN_BITS_PER_TRANSITION] =
        {"os/walk_set_mean_bits_per_transition", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_WALK_SET}, "bit",
         "Mean of bits per transition over valid walks.", NULL},
    [TB_FIELD_WALK_SET_LOG10_MEAN_PROBABILITY_OFF_DIAGONAL] =
        {"os/walk_set_log10_mean_probability_off_diagonal", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_WALK_SET}, "1",
         "The same without chains on their own sequences.", NULL},
    [TB_FIELD_WALK_SET_LOG10_RELATIVE] =
        {"os/walk_set_log10_relative", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_WALK_SET}, "1",
         "log10 of the mean probability over that of the own sequences of the chains' testbed (table IX); NaN when one has no valid walk or lengths differ.", NULL},
    [TB_FIELD_WALK_SET_LOG10_RELATIVE_OFF_DIAGONAL] =
        {"os/walk_set_log10_relative_off_diagonal", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_WALK_SET}, "1",
         "The same, both without chains on their own sequences.", NULL},
    [TB_FIELD_WALK_SET_BITS_DIFFERENCE] =
        {"os/walk_set_bits_difference", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_WALK_SET}, "bit",
         "Bits per transition above those of the own sequences of the chains' testbed.", NULL},
    [TB_FIELD_WALK_SET_MEAN_LOG10_RELATIVE] =
        {"os/walk_set_mean_log10_relative", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_WALK_SET}, "1",
         "Mean of log10 probabilities above that of the chains' own testbed, over valid walks of both.", NULL},
    [TB_FIELD_WALK_SET_SMOOTHED_MEAN_LOG10_PROBABILITY] =
        {"os/walk_set_smoothed_mean_log10_probability", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_WALK_SET}, "1",
         "Mean of log10 probabilities with additive smoothing, over all walks.", NULL},
    [TB_FIELD_WALK_SET_SMOOTHED_LOG10_MEAN_PROBABILITY] =
        {"os/walk_set_smoothed_log10_mean_probability", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_WALK_SET}, "1",
         "log10 of the mean of probabilities with additive smoothing, over all walks.", NULL},
    [TB_FIELD_WALK_SET_SMOOTHED_LOG10_RELATIVE] =
        {"os/walk_set_smoothed_log10_relative", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_WALK_SET}, "1",
         "Smoothed mean of logs above that of the chains' own testbed; NaN when lengths differ.", NULL},
    [TB_FIELD_WALK_SET_SMOOTHED_BITS_PER_TRANSITION] =
        {"os/walk_set_smoothed_bits_per_transition", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_WALK_SET}, "bit",
         "Mean of bits per transition with additive smoothing, over all walks.", NULL},
    [TB_FIELD_WALK_SET_SMOOTHED_BITS_DIFFERENCE] =
        {"os/walk_set_smoothed_bits_difference", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_WALK_SET}, "bit",
         "The same above that of the chains' own testbed.", NULL},
    [TB_FIELD_WALK_SET_REASON] =
        {"os/walk_set_reason", TB_TYPE_INT32, 1, {TB_DIMENSION_WALK_SET}, "1",
         "Why there is no relative probability.", "defined baseline no_valid_walk no_valid_baseline_walk lengths_differ no_walks"},
    [TB_FIELD_INVALID_SET] =
        {"os/invalid_set", TB_TYPE_INT32, 1, {TB_DIMENSION_INVALID}, "1",
         "Walk set.", NULL},
    [TB_FIELD_INVALID_SOURCE] =
        {"os/invalid_source", TB_TYPE_INT32, 1, {TB_DIMENSION_INVALID}, "1",
         "State that the transition leaves; -1: a first state of a thread life.", NULL},
    [TB_FIELD_INVALID_TARGET] =
        {"os/invalid_target", TB_TYPE_INT32, 1, {TB_DIMENSION_INVALID}, "1",
         "State that it enters, or the first state.", NULL},
    [TB_FIELD_INVALID_OCCURRENCES] =
        {"os/invalid_occurrences", TB_TYPE_INT64, 1, {TB_DIMENSION_INVALID}, "1",
         "Occurrences in all walks of the set whose chain lacks it.", NULL},
    [TB_FIELD_INVALID_WALKS] =
        {"os/invalid_walks", TB_TYPE_INT64, 1, {TB_DIMENSION_INVALID}, "1",
         "Walks of the set in which it is invalid.", NULL},
    [TB_FIELD_COURSE_RUN] =
        {"os/course_run", TB_TYPE_INT32, 1, {TB_DIMENSION_COURSE}, "1",
         "Run of the sequence.", NULL},
    [TB_FIELD_COURSE_PAIR] =
        {"os/course_pair", TB_TYPE_INT32, 1, {TB_DIMENSION_COURSE}, "1",
         "Pair inside the run.", NULL},
    [TB_FIELD_COURSE_ROLE] =
        {"os/course_role", TB_TYPE_INT32, 1, {TB_DIMENSION_COURSE}, "1",
         "Role.", "none client server host"},
    [TB_FIELD_COURSE_ORDER] =
        {"os/course_order", TB_TYPE_INT32, 1, {TB_DIMENSION_COURSE}, "1",
         "Order of the chains.", NULL},
    [TB_FIELD_COURSE_BEGIN] =
        {"os/course_begin", TB_TYPE_INT64, 1, {TB_DIMENSION_COURSE}, "1",
         "Position of the stretch's first call in the sequence.", NULL},
    [TB_FIELD_COURSE_CALLS] =
        {"os/course_calls", TB_TYPE_INT64, 1, {TB_DIMENSION_COURSE}, "1",
         "Calls of the stretch.", NULL},
    [TB_FIELD_COURSE_TRANSITIONS] =
        {"os/course_transitions", TB_TYPE_INT64, 1, {TB_DIMENSION_COURSE}, "1",
         "Transitions whose last call lies in the stretch.", NULL},
    [TB_FIELD_COURSE_CHAINS] =
        {"os/course_chains", TB_TYPE_INT32, 1, {TB_DIMENSION_COURSE}, "1",
         "Chains walked: those of the baseline's other runs.", NULL},
    [TB_FIELD_COURSE_BITS_PER_TRANSITION] =
        {"os/course_bits_per_transition", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_COURSE}, "bit",
         "Mean over these chains of bits per transition with additive smoothing.", NULL},
    [TB_FIELD_COURSE_INVALID_TRANSITIONS] =
        {"os/course_invalid_transitions", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_COURSE}, "1",
         "Mean over these chains of transitions that do not exist in the chain.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_SCENARIO] =
        {"os/chain_comparison_scenario", TB_TYPE_INT32, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "1",
         "Scenario.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_TESTBED] =
        {"os/chain_comparison_testbed", TB_TYPE_INT32, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "1",
         "Testbed; the other chain is the baseline's.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_ROLE] =
        {"os/chain_comparison_role", TB_TYPE_INT32, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "1",
         "Role of the sequences.", "none client server host"},
    [TB_FIELD_CHAIN_COMPARISON_ORDER] =
        {"os/chain_comparison_order", TB_TYPE_INT32, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "1",
         "Order of both chains.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_COMMON_EDGES] =
        {"os/chain_comparison_common_edges", TB_TYPE_INT32, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "1",
         "Edges in both chains.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_ONLY_EDGES] =
        {"os/chain_comparison_only_edges", TB_TYPE_INT32, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "1",
         "Edges in the testbed's chain alone.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_BASELINE_ONLY_EDGES] =
        {"os/chain_comparison_baseline_only_edges", TB_TYPE_INT32, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "1",
         "Edges in the baseline's chain alone.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_EDGE_DISAGREEMENT] =
        {"os/chain_comparison_edge_disagreement", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "1",
         "Edges in one chain only over edges in either.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_PRUNED_COMMON_EDGES] =
        {"os/chain_comparison_pruned_common_edges", TB_TYPE_INT32, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "1",
         "Edges that pruning keeps in both chains.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_PRUNED_ONLY_EDGES] =
        {"os/chain_comparison_pruned_only_edges", TB_TYPE_INT32, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "1",
         "Edges that pruning keeps in the testbed's chain alone.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_PRUNED_BASELINE_ONLY_EDGES] =
        {"os/chain_comparison_pruned_baseline_only_edges", TB_TYPE_INT32, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "1",
         "Edges that pruning keeps in the baseline's chain alone.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_PRUNED_EDGE_DISAGREEMENT] =
        {"os/chain_comparison_pruned_edge_disagreement", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "1",
         "Edges that pruning keeps in one chain only over those it keeps in either (the study: up to 22 %).", NULL},
    [TB_FIELD_CHAIN_COMPARISON_MEAN_WEIGHT_DIFFERENCE] =
        {"os/chain_comparison_mean_weight_difference", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "1",
         "Mean of the absolute differences of weights over edges in both chains.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_GREATEST_WEIGHT_DIFFERENCE] =
        {"os/chain_comparison_greatest_weight_difference", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "1",
         "Greatest of them.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_DIVERGENCE] =
        {"os/chain_comparison_divergence", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "bit",
         "Jensen-Shannon divergence of joint transition frequencies, 0 to 1.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_STATE_DISTANCE] =
        {"os/chain_comparison_state_distance", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "1",
         "Total variation of the frequencies of states, 0 to 1.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_ENTROPY_RATE] =
        {"os/chain_comparison_entropy_rate", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "bit",
         "Entropy rate of the testbed's chain, per transition.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_BASELINE_ENTROPY_RATE] =
        {"os/chain_comparison_baseline_entropy_rate", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "bit",
         "Entropy rate of the baseline's chain, per transition.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_CROSS_ENTROPY] =
        {"os/chain_comparison_cross_entropy", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "bit",
         "Bits per transition of the testbed's sequences on the baseline's chain; NaN when a transition is not in it.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_SMOOTHED_CROSS_ENTROPY] =
        {"os/chain_comparison_smoothed_cross_entropy", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "bit",
         "The same with additive smoothing.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_DIVERGENCE_RATE] =
        {"os/chain_comparison_divergence_rate", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "bit",
         "Cross entropy minus the testbed's own entropy rate; NaN as there.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_SMOOTHED_DIVERGENCE_RATE] =
        {"os/chain_comparison_smoothed_divergence_rate", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "bit",
         "The same with additive smoothing.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_UNSEEN_SHARE] =
        {"os/chain_comparison_unseen_share", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "1",
         "Of the testbed's windows of order + 1 calls, those that the baseline never shows.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_BASELINE_UNSEEN_SHARE] =
        {"os/chain_comparison_baseline_unseen_share", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "1",
         "Of the baseline's windows of order + 1 calls, those that the testbed never shows.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_G] =
        {"os/chain_comparison_g", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "1",
         "Likelihood ratio statistic of the hypothesis that both come from one chain.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_PEARSON] =
        {"os/chain_comparison_pearson", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "1",
         "Pearson's statistic of the same hypothesis.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_DEGREES] =
        {"os/chain_comparison_degrees", TB_TYPE_INT64, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "1",
         "Degrees of freedom of both.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_G_P] =
        {"os/chain_comparison_g_p", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "1",
         "p of G, as if calls were independent; NaN without degrees of freedom.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_PEARSON_P] =
        {"os/chain_comparison_pearson_p", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "1",
         "p of Pearson's statistic, as if calls were independent.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_EFFECT] =
        {"os/chain_comparison_effect", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "1",
         "sqrt(G / (2 n ln 2)), 0 when equal.", NULL},
    [TB_FIELD_CHAIN_COMPARISON_CRAMERS_V] =
        {"os/chain_comparison_cramers_v", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CHAIN_COMPARISON}, "1",
         "Cramer's V of each state, averaged with its transitions as weight.", NULL},
    [TB_FIELD_EDGE_DIFFERENCE_COMPARISON] =
        {"os/edge_difference_comparison", TB_TYPE_INT32, 1, {TB_DIMENSION_EDGE_DIFFERENCE}, "1",
         "Comparison of chains.", NULL},
    [TB_FIELD_EDGE_DIFFERENCE_SOURCE] =
        {"os/edge_difference_source", TB_TYPE_INT32, 1, {TB_DIMENSION_EDGE_DIFFERENCE}, "1",
         "State that the edge leaves.", NULL},
    [TB_FIELD_EDGE_DIFFERENCE_TARGET] =
        {"os/edge_difference_target", TB_TYPE_INT32, 1, {TB_DIMENSION_EDGE_DIFFERENCE}, "1",
         "State that the edge enters.", NULL},
    [TB_FIELD_EDGE_DIFFERENCE_PRESENCE] =
        {"os/edge_difference_presence", TB_TYPE_INT32, 1, {TB_DIMENSION_EDGE_DIFFERENCE}, "1",
         "Which chain has the edge.", "both testbed_only baseline_only"},
    [TB_FIELD_EDGE_DIFFERENCE_COUNT] =
        {"os/edge_difference_count", TB_TYPE_INT64, 1, {TB_DIMENSION_EDGE_DIFFERENCE}, "1",
         "Occurrences in the testbed's sequences.", NULL},
    [TB_FIELD_EDGE_DIFFERENCE_BASELINE_COUNT] =
        {"os/edge_difference_baseline_count", TB_TYPE_INT64, 1, {TB_DIMENSION_EDGE_DIFFERENCE}, "1",
         "Occurrences in the baseline's sequences.", NULL},
    [TB_FIELD_EDGE_DIFFERENCE_WEIGHT] =
        {"os/edge_difference_weight", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_EDGE_DIFFERENCE}, "1",
         "Weight in the testbed's chain; 0 when it lacks the edge.", NULL},
    [TB_FIELD_EDGE_DIFFERENCE_BASELINE_WEIGHT] =
        {"os/edge_difference_baseline_weight", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_EDGE_DIFFERENCE}, "1",
         "Weight in the baseline's chain; 0 when it lacks the edge.", NULL},
    [TB_FIELD_EDGE_DIFFERENCE_PRUNED_WEIGHT] =
        {"os/edge_difference_pruned_weight", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_EDGE_DIFFERENCE}, "1",
         "The testbed's weight after pruning and renormalisation.", NULL},
    [TB_FIELD_EDGE_DIFFERENCE_BASELINE_PRUNED_WEIGHT] =
        {"os/edge_difference_baseline_pruned_weight", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_EDGE_DIFFERENCE}, "1",
         "The baseline's weight after pruning and renormalisation.", NULL},
    [TB_FIELD_ORDER_SCORE_CELL] =
        {"os/order_score_cell", TB_TYPE_INT32, 1, {TB_DIMENSION_ORDER_SCORE}, "1",
         "Cell.", NULL},
    [TB_FIELD_ORDER_SCORE_ROLE] =
        {"os/order_score_role", TB_TYPE_INT32, 1, {TB_DIMENSION_ORDER_SCORE}, "1",
         "Role of the sequences.", "none client server host"},
    [TB_FIELD_ORDER_SCORE_ORDER] =
        {"os/order_score_order", TB_TYPE_INT32, 1, {TB_DIMENSION_ORDER_SCORE}, "1",
         "Order of the chain.", NULL},
    [TB_FIELD_ORDER_SCORE_TRANSITIONS] =
        {"os/order_score_transitions", TB_TYPE_INT64, 1, {TB_DIMENSION_ORDER_SCORE}, "1",
         "Transitions n of the highest order, on which all orders are scored.", NULL},
    [TB_FIELD_ORDER_SCORE_CONTEXTS] =
        {"os/order_score_contexts", TB_TYPE_INT64, 1, {TB_DIMENSION_ORDER_SCORE}, "1",
         "States of this order that occur.", NULL},
    [TB_FIELD_ORDER_SCORE_PARAMETERS] =
        {"os/order_score_parameters", TB_TYPE_INT64, 1, {TB_DIMENSION_ORDER_SCORE}, "1",
         "Free parameters: contexts times (calls that occur - 1).", NULL},
    [TB_FIELD_ORDER_SCORE_LOG_LIKELIHOOD] =
        {"os/order_score_log_likelihood", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_ORDER_SCORE}, "1",
         "Natural logarithm L of the likelihood.", NULL},
    [TB_FIELD_ORDER_SCORE_AIC] =
        {"os/order_score_aic", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_ORDER_SCORE}, "1",
         "-2 L + 2 parameters.", NULL},
    [TB_FIELD_ORDER_SCORE_BIC] =
        {"os/order_score_bic", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_ORDER_SCORE}, "1",
         "-2 L + parameters ln n.", NULL},
    [TB_FIELD_ORDER_SCORE_LEAST_AIC] =
        {"os/order_score_least_aic", TB_TYPE_INT32, 1, {TB_DIMENSION_ORDER_SCORE}, "1",
         "1 when no other order has a lower AIC.", NULL},
    [TB_FIELD_ORDER_SCORE_LEAST_BIC] =
        {"os/order_score_least_bic", TB_TYPE_INT32, 1, {TB_DIMENSION_ORDER_SCORE}, "1",
         "1 when no other order has a lower BIC.", NULL},
    [TB_FIELD_RUN_DISTANCE_ROLE] =
        {"os/run_distance_role", TB_TYPE_INT32, 1, {TB_DIMENSION_RUN_DISTANCE}, "1",
         "Role of the sequences.", "none client server host"},
    [TB_FIELD_RUN_DISTANCE_ORDER] =
        {"os/run_distance_order", TB_TYPE_INT32, 1, {TB_DIMENSION_RUN_DISTANCE}, "1",
         "Order of the transitions.", NULL},
    [TB_FIELD_RUN_DISTANCE_FIRST] =
        {"os/run_distance_first", TB_TYPE_INT32, 1, {TB_DIMENSION_RUN_DISTANCE}, "1",
         "Run.", NULL},
    [TB_FIELD_RUN_DISTANCE_SECOND] =
        {"os/run_distance_second", TB_TYPE_INT32, 1, {TB_DIMENSION_RUN_DISTANCE}, "1",
         "Another run of the scenario, later in the list of runs.", NULL},
    [TB_FIELD_RUN_DISTANCE_DIVERGENCE] =
        {"os/run_distance_divergence", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_RUN_DISTANCE}, "bit",
         "Jensen-Shannon divergence of their joint transition frequencies, 0 to 1.", NULL},
    [TB_FIELD_RUN_TEST_SCENARIO] =
        {"os/run_test_scenario", TB_TYPE_INT32, 1, {TB_DIMENSION_RUN_TEST}, "1",
         "Scenario.", NULL},
    [TB_FIELD_RUN_TEST_TESTBED] =
        {"os/run_test_testbed", TB_TYPE_INT32, 1, {TB_DIMENSION_RUN_TEST}, "1",
         "Testbed whose runs are set beside the baseline's.", NULL},
    [TB_FIELD_RUN_TEST_ROLE] =
        {"os/run_test_role", TB_TYPE_INT32, 1, {TB_DIMENSION_RUN_TEST}, "1",
         "Role of the sequences.", "none client server host"},
    [TB_FIELD_RUN_TEST_ORDER] =
        {"os/run_test_order", TB_TYPE_INT32, 1, {TB_DIMENSION_RUN_TEST}, "1",
         "Order of the transitions.", NULL},
    [TB_FIELD_RUN_TEST_RUNS] =
        {"os/run_test_runs", TB_TYPE_INT32, 1, {TB_DIMENSION_RUN_TEST}, "1",
         "Runs of the testbed.", NULL},
    [TB_FIELD_RUN_TEST_BASELINE_RUNS] =
        {"os/run_test_baseline_runs", TB_TYPE_INT32, 1, {TB_DIMENSION_RUN_TEST}, "1",
         "Runs of the baseline.", NULL},
    [TB_FIELD_RUN_TEST_WITHIN] =
        {"os/run_test_within", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_RUN_TEST}, "bit",
         "Mean distance of two runs of the testbed; NaN with fewer than two.", NULL},
    [TB_FIELD_RUN_TEST_BASELINE_WITHIN] =
        {"os/run_test_baseline_within", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_RUN_TEST}, "bit",
         "Mean distance of two runs of the baseline: the scale of normal variation.", NULL},
    [TB_FIELD_RUN_TEST_BETWEEN] =
        {"os/run_test_between", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_RUN_TEST}, "bit",
         "Mean distance of a run of the testbed from one of the baseline.", NULL},
    [TB_FIELD_RUN_TEST_STATISTIC] =
        {"os/run_test_statistic", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_RUN_TEST}, "bit",
         "Mean distance between the two groups minus that within them.", NULL},
    [TB_FIELD_RUN_TEST_TIMES_NORMAL] =
        {"os/run_test_times_normal", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_RUN_TEST}, "1",
         "Distance between over the baseline's own variation; NaN when that is 0.", NULL},
    [TB_FIELD_RUN_TEST_P] =
        {"os/run_test_p", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_RUN_TEST}, "1",
         "Share of labelings of the runs with a statistic as great or greater.", NULL},
    [TB_FIELD_RUN_TEST_LABELINGS] =
        {"os/run_test_labelings", TB_TYPE_INT64, 1, {TB_DIMENSION_RUN_TEST}, "1",
         "Labelings computed, the observed one included.", NULL},
    [TB_FIELD_RUN_TEST_EXACT] =
        {"os/run_test_exact", TB_TYPE_INT32, 1, {TB_DIMENSION_RUN_TEST}, "1",
         "1 when every labeling was computed, 0 when some were drawn.", NULL},
    [TB_FIELD_RUN_PLACE_ROLE] =
        {"os/run_place_role", TB_TYPE_INT32, 1, {TB_DIMENSION_RUN_PLACE}, "1",
         "Role of the sequences.", "none client server host"},
    [TB_FIELD_RUN_PLACE_ORDER] =
        {"os/run_place_order", TB_TYPE_INT32, 1, {TB_DIMENSION_RUN_PLACE}, "1",
         "Order of the transitions.", NULL},
    [TB_FIELD_RUN_PLACE_RUN] =
        {"os/run_place_run", TB_TYPE_INT32, 1, {TB_DIMENSION_RUN_PLACE}, "1",
         "Run.", NULL},
    [TB_FIELD_RUN_PLACE_X] =
        {"os/run_place_x", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_RUN_PLACE}, "1",
         "First coordinate of classical scaling; distances are square roots of divergences.", NULL},
    [TB_FIELD_RUN_PLACE_Y] =
        {"os/run_place_y", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_RUN_PLACE}, "1",
         "Second coordinate.", NULL},
    [TB_FIELD_RUN_PLACE_X_SHARE] =
        {"os/run_place_x_share", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_RUN_PLACE}, "1",
         "Share of all variation that the first axis shows; NaN when all runs are the same.", NULL},
    [TB_FIELD_RUN_PLACE_Y_SHARE] =
        {"os/run_place_y_share", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_RUN_PLACE}, "1",
         "Share of all variation that the second axis shows.", NULL},
    [TB_FIELD_CALL_DIFFERENCE_CONTRAST] =
        {"os/call_difference_contrast", TB_TYPE_INT32, 1, {TB_DIMENSION_CALL_DIFFERENCE}, "1",
         "Contrast.", NULL},
    [TB_FIELD_CALL_DIFFERENCE_ROLE] =
        {"os/call_difference_role", TB_TYPE_INT32, 1, {TB_DIMENSION_CALL_DIFFERENCE}, "1",
         "Role of the sequences.", "none client server host"},
    [TB_FIELD_CALL_DIFFERENCE_RANK] =
        {"os/call_difference_rank", TB_TYPE_INT32, 1, {TB_DIMENSION_CALL_DIFFERENCE}, "1",
         "Place by share, from 1.", NULL},
    [TB_FIELD_CALL_DIFFERENCE_CALL] =
        {"os/call_difference_call", TB_TYPE_INT32, 1, {TB_DIMENSION_CALL_DIFFERENCE}, "1",
         "Call.", NULL},
    [TB_FIELD_CALL_DIFFERENCE_COUNT] =
        {"os/call_difference_count", TB_TYPE_INT64, 1, {TB_DIMENSION_CALL_DIFFERENCE}, "1",
         "Calls in the runs of the cell.", NULL},
    [TB_FIELD_CALL_DIFFERENCE_REFERENCE_COUNT] =
        {"os/call_difference_reference_count", TB_TYPE_INT64, 1, {TB_DIMENSION_CALL_DIFFERENCE}, "1",
         "Calls in the runs of the reference.", NULL},
    [TB_FIELD_CALL_DIFFERENCE_PER_REQUEST] =
        {"os/call_difference_per_request", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CALL_DIFFERENCE}, "1",
         "Mean of the runs' calls per completed request.", NULL},
    [TB_FIELD_CALL_DIFFERENCE_REFERENCE_PER_REQUEST] =
        {"os/call_difference_reference_per_request", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CALL_DIFFERENCE}, "1",
         "The same of the reference.", NULL},
    [TB_FIELD_CALL_DIFFERENCE_DIFFERENCE] =
        {"os/call_difference_difference", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CALL_DIFFERENCE}, "1",
         "Calls per request minus those of the reference.", NULL},
    [TB_FIELD_CALL_DIFFERENCE_SHARE] =
        {"os/call_difference_share", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CALL_DIFFERENCE}, "1",
         "Size of the difference over the sum of the sizes of all calls' differences; NaN when nothing differs.", NULL},
    [TB_FIELD_WALK_DIFFERENCE_COMPARISON] =
        {"os/walk_difference_comparison", TB_TYPE_INT32, 1, {TB_DIMENSION_WALK_DIFFERENCE}, "1",
         "Comparison of chains, of the first order: scenario, testbed and role.", NULL},
    [TB_FIELD_WALK_DIFFERENCE_RANK] =
        {"os/walk_difference_rank", TB_TYPE_INT32, 1, {TB_DIMENSION_WALK_DIFFERENCE}, "1",
         "Place by share, from 1.", NULL},
    [TB_FIELD_WALK_DIFFERENCE_CALL] =
        {"os/walk_difference_call", TB_TYPE_INT32, 1, {TB_DIMENSION_WALK_DIFFERENCE}, "1",
         "Call that the transitions enter.", NULL},
    [TB_FIELD_WALK_DIFFERENCE_COUNT] =
        {"os/walk_difference_count", TB_TYPE_INT64, 1, {TB_DIMENSION_WALK_DIFFERENCE}, "1",
         "Transitions of the testbed's sequences that enter the call.", NULL},
    [TB_FIELD_WALK_DIFFERENCE_BASELINE_COUNT] =
        {"os/walk_difference_baseline_count", TB_TYPE_INT64, 1, {TB_DIMENSION_WALK_DIFFERENCE}, "1",
         "Transitions of the baseline's sequences that enter the call.", NULL},
    [TB_FIELD_WALK_DIFFERENCE_BITS] =
        {"os/walk_difference_bits", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_WALK_DIFFERENCE}, "bit",
         "Sum over the transitions that enter the call: (frequency in the testbed's sequences - frequency in the baseline's) times -log2 of the baseline's weight, smoothed where the baseline lacks the transition.", NULL},
    [TB_FIELD_WALK_DIFFERENCE_SHARE] =
        {"os/walk_difference_share", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_WALK_DIFFERENCE}, "1",
         "Size of the difference over the sum of the sizes of all calls' differences; NaN when nothing differs.", NULL},
    [TB_FIELD_CAPTURE_ARTIFACT] =
        {"net/capture_artifact", TB_TYPE_INT32, 1, {TB_DIMENSION_CAPTURE}, "1",
         "Artifact.", NULL},
    [TB_FIELD_CAPTURE_PACKETS] =
        {"net/capture_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_CAPTURE}, "1",
         "Packet records.", NULL},
    [TB_FIELD_CAPTURE_FILTERED] =
        {"net/capture_filtered", TB_TYPE_INT64, 1, {TB_DIMENSION_CAPTURE}, "1",
         "Packets the filter left out.", NULL},
    [TB_FIELD_CAPTURE_NOT_IP] =
        {"net/capture_not_ip", TB_TYPE_INT64, 1, {TB_DIMENSION_CAPTURE}, "1",
         "Packets of other network protocols.", NULL},
    [TB_FIELD_CAPTURE_OTHER_PROTOCOL] =
        {"net/capture_other_protocol", TB_TYPE_INT64, 1, {TB_DIMENSION_CAPTURE}, "1",
         "IP packets that are neither TCP nor UDP.", NULL},
    [TB_FIELD_CAPTURE_UNPARSED] =
        {"net/capture_unparsed", TB_TYPE_INT64, 1, {TB_DIMENSION_CAPTURE}, "1",
         "Packets cut or malformed before the transport header.", NULL},
    [TB_FIELD_CAPTURE_LATER_FRAGMENTS] =
        {"net/capture_later_fragments", TB_TYPE_INT64, 1, {TB_DIMENSION_CAPTURE}, "1",
         "Fragments after the first.", NULL},
    [TB_FIELD_CAPTURE_CUT_PACKETS] =
        {"net/capture_cut_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_CAPTURE}, "1",
         "Packets kept in part (snap length).", NULL},
    [TB_FIELD_CAPTURE_CUT_HEADERS] =
        {"net/capture_cut_headers", TB_TYPE_INT64, 1, {TB_DIMENSION_CAPTURE}, "1",
         "Packets of which not even the headers were kept; of capture_unparsed.", NULL},
    [TB_FIELD_CAPTURE_LINK_NOT_READ] =
        {"net/capture_link_not_read", TB_TYPE_INT64, 1, {TB_DIMENSION_CAPTURE}, "1",
         "Packets of link types that are not read; of capture_not_ip.", NULL},
    [TB_FIELD_CAPTURE_DROPPED_PACKETS] =
        {"net/capture_dropped_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_CAPTURE}, "1",
         "Packets that the capturing program lost, as the file itself says (pcapng); -1 when it does not say.", NULL},
    [TB_FIELD_CAPTURE_LOG_CAPTURED] =
        {"net/capture_log_captured", TB_TYPE_INT64, 1, {TB_DIMENSION_CAPTURE}, "1",
         "Packets captured, as the capture's log says; -1 when none says.", NULL},
    [TB_FIELD_CAPTURE_LOG_RECEIVED] =
        {"net/capture_log_received", TB_TYPE_INT64, 1, {TB_DIMENSION_CAPTURE}, "1",
         "Packets received by the filter or on the interfaces, as the log says; -1 when none says.", NULL},
    [TB_FIELD_CAPTURE_LOG_DROPPED_BY_KERNEL] =
        {"net/capture_log_dropped_by_kernel", TB_TYPE_INT64, 1, {TB_DIMENSION_CAPTURE}, "1",
         "Packets lost by the kernel or the capturing program, as the log says; -1 when none says.", NULL},
    [TB_FIELD_CAPTURE_LOG_DROPPED_BY_INTERFACE] =
        {"net/capture_log_dropped_by_interface", TB_TYPE_INT64, 1, {TB_DIMENSION_CAPTURE}, "1",
         "Packets lost by the interface, as the log says; -1 when none says.", NULL},
    [TB_FIELD_CAPTURE_FLOWS] =
        {"net/capture_flows", TB_TYPE_INT64, 1, {TB_DIMENSION_CAPTURE}, "1",
         "Flows.", NULL},
    [TB_FIELD_CAPTURE_SERVER_FLOWS] =
        {"net/capture_server_flows", TB_TYPE_INT64, 1, {TB_DIMENSION_CAPTURE}, "1",
         "TCP flows on the server port.", NULL},
    [TB_FIELD_CAPTURE_COMPLETED_FLOWS] =
        {"net/capture_completed_flows", TB_TYPE_INT64, 1, {TB_DIMENSION_CAPTURE}, "1",
         "Of these, flows with a completed reply.", NULL},
    [TB_FIELD_CAPTURE_LATE_PACKETS] =
        {"net/capture_late_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_CAPTURE}, "1",
         "Packets of flows that were over long before.", NULL},
    [TB_FIELD_CAPTURE_COPIED_PACKETS] =
        {"net/capture_copied_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_CAPTURE}, "1",
         "Packets that had been recorded before, and are left out of all other counts of flows and metrics.", NULL},
    [TB_FIELD_CAPTURE_COPIED_SHARE] =
        {"net/capture_copied_share", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CAPTURE}, "1",
         "Their share of the packet records.", NULL},
    [TB_FIELD_CAPTURE_DURATION] =
        {"net/capture_duration", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_CAPTURE}, "s",
         "Last packet minus first packet.", NULL},
    [TB_FIELD_CAPTURE_TEST_PACKETS_LEFT_OUT] =
        {"net/capture_test_packets_left_out", TB_TYPE_INT64, 1, {TB_DIMENSION_CAPTURE}, "1",
         "UDP packets that look like test packets but did not fit the limits; above 0 the load_ metrics have no value.", NULL},
    [TB_FIELD_FLOW_ARTIFACT] =
        {"net/flow_artifact", TB_TYPE_INT32, 1, {TB_DIMENSION_FLOW}, "1",
         "Artifact of the capture.", NULL},
    [TB_FIELD_FLOW_PROTOCOL] =
        {"net/flow_protocol", TB_TYPE_INT32, 1, {TB_DIMENSION_FLOW}, "1",
         "IP protocol number: 6 TCP, 17 UDP.", NULL},
    [TB_FIELD_FLOW_IP_VERSION] =
        {"net/flow_ip_version", TB_TYPE_INT32, 1, {TB_DIMENSION_FLOW}, "1",
         "4 or 6.", NULL},
    [TB_FIELD_FLOW_CLIENT_ADDRESS] =
        {"net/flow_client_address", TB_TYPE_INT32, 2, {TB_DIMENSION_FLOW, TB_DIMENSION_ADDRESS_BYTE}, "1",
         "Client address, one byte a column, network order; IPv4 in the first four.", NULL},
    [TB_FIELD_FLOW_CLIENT_PORT] =
        {"net/flow_client_port", TB_TYPE_INT32, 1, {TB_DIMENSION_FLOW}, "1",
         "Client port.", NULL},
    [TB_FIELD_FLOW_SERVER_ADDRESS] =
        {"net/flow_server_address", TB_TYPE_INT32, 2, {TB_DIMENSION_FLOW, TB_DIMENSION_ADDRESS_BYTE}, "1",
         "Server address, one byte a column.", NULL},
    [TB_FIELD_FLOW_SERVER_PORT] =
        {"net/flow_server_port", TB_TYPE_INT32, 1, {TB_DIMENSION_FLOW}, "1",
         "Server port.", NULL},
    [TB_FIELD_FLOW_FIRST_PACKET] =
        {"net/flow_first_packet", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Number of the first packet in the file, from 0.", NULL},
    [TB_FIELD_FLOW_START] =
        {"net/flow_start", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "ns",
         "First packet, nanoseconds since 1970-01-01 UTC.", NULL},
    [TB_FIELD_FLOW_DURATION] =
        {"net/flow_duration", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_FLOW}, "s",
         "Last packet minus first packet.", NULL},
    [TB_FIELD_FLOW_HANDSHAKE] =
        {"net/flow_handshake", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_FLOW}, "s",
         "First SYN to the acknowledgement of the SYN/ACK; NaN when not seen.", NULL},
    [TB_FIELD_FLOW_ENDED] =
        {"net/flow_ended", TB_TYPE_INT32, 1, {TB_DIMENSION_FLOW}, "1",
         "How the flow ended in the capture.", "open closed reset not_tcp"},
    [TB_FIELD_FLOW_COMPLETED_REPLY] =
        {"net/flow_completed_reply", TB_TYPE_INT32, 1, {TB_DIMENSION_FLOW}, "1",
         "1 when the server's whole reply was seen.", NULL},
    [TB_FIELD_FLOW_CLIENT_PACKETS] =
        {"net/flow_client_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Packets, sent by the client.", NULL},
    [TB_FIELD_FLOW_CLIENT_IP_BYTES] =
        {"net/flow_client_ip_bytes", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "bytes",
         "IP total lengths, sent by the client.", NULL},
    [TB_FIELD_FLOW_CLIENT_PAYLOAD_BYTES] =
        {"net/flow_client_payload_bytes", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "bytes",
         "Payload, repeats included, sent by the client.", NULL},
    [TB_FIELD_FLOW_CLIENT_UNIQUE_BYTES] =
        {"net/flow_client_unique_bytes", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "bytes",
         "Payload not seen before, sent by the client.", NULL},
    [TB_FIELD_FLOW_CLIENT_DATA_PACKETS] =
        {"net/flow_client_data_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Packets with payload, sent by the client.", NULL},
    [TB_FIELD_FLOW_CLIENT_RETRANSMITTED_PACKETS] =
        {"net/flow_client_retransmitted_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Packets that repeat payload already seen, sent by the client.", NULL},
    [TB_FIELD_FLOW_CLIENT_RETRANSMITTED_BYTES] =
        {"net/flow_client_retransmitted_bytes", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "bytes",
         "Payload bytes already seen, sent by the client.", NULL},
    [TB_FIELD_FLOW_CLIENT_OUT_OF_ORDER_PACKETS] =
        {"net/flow_client_out_of_order_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Packets that fill a hole, sent by the client.", NULL},
    [TB_FIELD_FLOW_CLIENT_SYN_PACKETS] =
        {"net/flow_client_syn_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Packets with SYN, sent by the client.", NULL},
    [TB_FIELD_FLOW_CLIENT_REPEATED_SYN_PACKETS] =
        {"net/flow_client_repeated_syn_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Repeated SYN, sent by the client.", NULL},
    [TB_FIELD_FLOW_CLIENT_FIN_PACKETS] =
        {"net/flow_client_fin_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Packets with FIN, sent by the client.", NULL},
    [TB_FIELD_FLOW_CLIENT_REPEATED_FIN_PACKETS] =
        {"net/flow_client_repeated_fin_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Repeated FIN, sent by the client.", NULL},
    [TB_FIELD_FLOW_CLIENT_RST_PACKETS] =
        {"net/flow_client_rst_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Packets with RST, sent by the client.", NULL},
    [TB_FIELD_FLOW_CLIENT_PURE_ACK_PACKETS] =
        {"net/flow_client_pure_ack_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Packets that only acknowledge, sent by the client.", NULL},
    [TB_FIELD_FLOW_CLIENT_EMPTY_PUSH_PACKETS] =
        {"net/flow_client_empty_push_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Empty segments split off by an emulated adapter, sent by the client.", NULL},
    [TB_FIELD_FLOW_CLIENT_KEEP_ALIVE_PACKETS] =
        {"net/flow_client_keep_alive_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Keep-alives, sent by the client.", NULL},
    [TB_FIELD_FLOW_CLIENT_MISSING_BYTES] =
        {"net/flow_client_missing_bytes", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "bytes",
         "Stream bytes never seen, sent by the client.", NULL},
    [TB_FIELD_FLOW_SERVER_PACKETS] =
        {"net/flow_server_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Packets, sent by the server.", NULL},
    [TB_FIELD_FLOW_SERVER_IP_BYTES] =
        {"net/flow_server_ip_bytes", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "bytes",
         "IP total lengths, sent by the server.", NULL},
    [TB_FIELD_FLOW_SERVER_PAYLOAD_BYTES] =
        {"net/flow_server_payload_bytes", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "bytes",
         "Payload, repeats included, sent by the server.", NULL},
    [TB_FIELD_FLOW_SERVER_UNIQUE_BYTES] =
        {"net/flow_server_unique_bytes", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "bytes",
         "Payload not seen before, sent by the server.", NULL},
    [TB_FIELD_FLOW_SERVER_DATA_PACKETS] =
        {"net/flow_server_data_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Packets with payload, sent by the server.", NULL},
    [TB_FIELD_FLOW_SERVER_RETRANSMITTED_PACKETS] =
        {"net/flow_server_retransmitted_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Packets that repeat payload already seen, sent by the server.", NULL},
    [TB_FIELD_FLOW_SERVER_RETRANSMITTED_BYTES] =
        {"net/flow_server_retransmitted_bytes", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "bytes",
         "Payload bytes already seen, sent by the server.", NULL},
    [TB_FIELD_FLOW_SERVER_OUT_OF_ORDER_PACKETS] =
        {"net/flow_server_out_of_order_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Packets that fill a hole, sent by the server.", NULL},
    [TB_FIELD_FLOW_SERVER_SYN_PACKETS] =
        {"net/flow_server_syn_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Packets with SYN, sent by the server.", NULL},
    [TB_FIELD_FLOW_SERVER_REPEATED_SYN_PACKETS] =
        {"net/flow_server_repeated_syn_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Repeated SYN, sent by the server.", NULL},
    [TB_FIELD_FLOW_SERVER_FIN_PACKETS] =
        {"net/flow_server_fin_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Packets with FIN, sent by the server.", NULL},
    [TB_FIELD_FLOW_SERVER_REPEATED_FIN_PACKETS] =
        {"net/flow_server_repeated_fin_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Repeated FIN, sent by the server.", NULL},
    [TB_FIELD_FLOW_SERVER_RST_PACKETS] =
        {"net/flow_server_rst_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Packets with RST, sent by the server.", NULL},
    [TB_FIELD_FLOW_SERVER_PURE_ACK_PACKETS] =
        {"net/flow_server_pure_ack_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Packets that only acknowledge, sent by the server.", NULL},
    [TB_FIELD_FLOW_SERVER_EMPTY_PUSH_PACKETS] =
        {"net/flow_server_empty_push_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Empty segments split off by an emulated adapter, sent by the server.", NULL},
    [TB_FIELD_FLOW_SERVER_KEEP_ALIVE_PACKETS] =
        {"net/flow_server_keep_alive_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "1",
         "Keep-alives, sent by the server.", NULL},
    [TB_FIELD_FLOW_SERVER_MISSING_BYTES] =
        {"net/flow_server_missing_bytes", TB_TYPE_INT64, 1, {TB_DIMENSION_FLOW}, "bytes",
         "Stream bytes never seen, sent by the server.", NULL},
#define FLOW_COLUMN(WHO, who, NAME, name, type, unit, sentence, value)                                                 \
    [TB_FIELD_FLOW_##WHO##_##NAME] = {"net/flow_" #who "_" name, TB_TYPE_##type, 1, {TB_DIMENSION_FLOW}, unit,          \
                                      sentence ", sent by the " #who ".", NULL},
    TB_FLOW_COLUMNS(FLOW_COLUMN, CLIENT, client)
    TB_FLOW_COLUMNS(FLOW_COLUMN, SERVER, server)
#undef FLOW_COLUMN
    [TB_FIELD_AB_RUN] =
        {"app/ab_run", TB_TYPE_INT32, 1, {TB_DIMENSION_AB}, "1",
         "Run.", NULL},
    [TB_FIELD_AB_PAIR] =
        {"app/ab_pair", TB_TYPE_INT32, 1, {TB_DIMENSION_AB}, "1",
         "Pair inside the run.", NULL},
    [TB_FIELD_AB_ARTIFACT] =
        {"app/ab_artifact", TB_TYPE_INT32, 1, {TB_DIMENSION_AB}, "1",
         "Artifact.", NULL},
    [TB_FIELD_AB_CONCURRENCY] =
        {"app/ab_concurrency", TB_TYPE_INT64, 1, {TB_DIMENSION_AB}, "1",
         "Concurrency level; here and below -1 where the text does not say.", NULL},
    [TB_FIELD_AB_TIME_TAKEN] =
        {"app/ab_time_taken", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_AB}, "s",
         "Time taken for tests.", NULL},
    [TB_FIELD_AB_COMPLETE] =
        {"app/ab_complete", TB_TYPE_INT64, 1, {TB_DIMENSION_AB}, "1",
         "Completed requests, failed ones included.", NULL},
    [TB_FIELD_AB_FAILED] =
        {"app/ab_failed", TB_TYPE_INT64, 1, {TB_DIMENSION_AB}, "1",
         "Failed requests as printed: one bad request is counted up to three times.", NULL},
    [TB_FIELD_AB_FAILED_CONNECT] =
        {"app/ab_failed_connect", TB_TYPE_INT64, 1, {TB_DIMENSION_AB}, "1",
         "Failures to connect.", NULL},
    [TB_FIELD_AB_FAILED_RECEIVE] =
        {"app/ab_failed_receive", TB_TYPE_INT64, 1, {TB_DIMENSION_AB}, "1",
         "Failures to receive.", NULL},
    [TB_FIELD_AB_FAILED_LENGTH] =
        {"app/ab_failed_length", TB_TYPE_INT64, 1, {TB_DIMENSION_AB}, "1",
         "Replies of another length than the first one's.", NULL},
    [TB_FIELD_AB_FAILED_EXCEPTIONS] =
        {"app/ab_failed_exceptions", TB_TYPE_INT64, 1, {TB_DIMENSION_AB}, "1",
         "Exceptions.", NULL},
    [TB_FIELD_AB_WRITE_ERRORS] =
        {"app/ab_write_errors", TB_TYPE_INT64, 1, {TB_DIMENSION_AB}, "1",
         "Requests that could not be sent.", NULL},
    [TB_FIELD_AB_NON_2XX] =
        {"app/ab_non_2xx", TB_TYPE_INT64, 1, {TB_DIMENSION_AB}, "1",
         "Replies that were no 2xx; not failed by themselves.", NULL},
    [TB_FIELD_AB_KEEPALIVE] =
        {"app/ab_keepalive", TB_TYPE_INT64, 1, {TB_DIMENSION_AB}, "1",
         "Keep-alive requests.", NULL},
    [TB_FIELD_AB_TOTAL_BYTES] =
        {"app/ab_total_bytes", TB_TYPE_INT64, 1, {TB_DIMENSION_AB}, "bytes",
         "Bytes received, headers included.", NULL},
    [TB_FIELD_AB_HTML_BYTES] =
        {"app/ab_html_bytes", TB_TYPE_INT64, 1, {TB_DIMENSION_AB}, "bytes",
         "Bytes of bodies received.", NULL},
    [TB_FIELD_AB_BODY_SENT_BYTES] =
        {"app/ab_body_sent_bytes", TB_TYPE_INT64, 1, {TB_DIMENSION_AB}, "bytes",
         "Bytes sent with posts and puts, headers included.", NULL},
    [TB_FIELD_AB_FAILED_REQUESTS] =
        {"app/ab_failed_requests", TB_TYPE_INT64, 1, {TB_DIMENSION_AB}, "1",
         "Completed requests that failed, at least: the largest kind of failure; length failures of whole replies left out.", NULL},
    [TB_FIELD_REQUEST_TIME_RUN] =
        {"app/request_time_run", TB_TYPE_INT32, 1, {TB_DIMENSION_REQUEST_TIME}, "1",
         "Run.", NULL},
    [TB_FIELD_REQUEST_TIME_PAIR] =
        {"app/request_time_pair", TB_TYPE_INT32, 1, {TB_DIMENSION_REQUEST_TIME}, "1",
         "Pair inside the run.", NULL},
    [TB_FIELD_REQUEST_TIME_ARTIFACT] =
        {"app/request_time_artifact", TB_TYPE_INT32, 1, {TB_DIMENSION_REQUEST_TIME}, "1",
         "Artifact: a table of ab -e, with microseconds, or of ab -g, with whole milliseconds.", NULL},
    [TB_FIELD_REQUEST_TIME_PERCENT] =
        {"app/request_time_percent", TB_TYPE_INT32, 1, {TB_DIMENSION_REQUEST_TIME}, "%",
         "Percent of the requests that took at most so long.", NULL},
    [TB_FIELD_REQUEST_TIME_MILLISECONDS] =
        {"app/request_time_milliseconds", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_REQUEST_TIME}, "ms",
         "Total time of a request; NaN where the table has none.", NULL},
    [TB_FIELD_SESSION_ARTIFACT] =
        {"net/session_artifact", TB_TYPE_INT32, 1, {TB_DIMENSION_SESSION}, "1",
         "Artifact.", NULL},
    [TB_FIELD_SESSION_FROM] =
        {"net/session_from", TB_TYPE_TEXT, 1, {TB_DIMENSION_SESSION}, "",
         "Sender, as printed.", NULL},
    [TB_FIELD_SESSION_TO] =
        {"net/session_to", TB_TYPE_TEXT, 1, {TB_DIMENSION_SESSION}, "",
         "Receiver, as printed.", NULL},
    [TB_FIELD_SESSION_SENT] =
        {"net/session_sent", TB_TYPE_INT64, 1, {TB_DIMENSION_SESSION}, "1",
         "Packets sent.", NULL},
    [TB_FIELD_SESSION_LOST] =
        {"net/session_lost", TB_TYPE_INT64, 1, {TB_DIMENSION_SESSION}, "1",
         "Packets lost.", NULL},
    [TB_FIELD_SESSION_DUPLICATES] =
        {"net/session_duplicates", TB_TYPE_INT64, 1, {TB_DIMENSION_SESSION}, "1",
         "Duplicates.", NULL},
    [TB_FIELD_SESSION_MINIMUM] =
        {"net/session_minimum", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_SESSION}, "ms",
         "Least delay, clocks as they were.", NULL},
    [TB_FIELD_SESSION_MEDIAN] =
        {"net/session_median", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_SESSION}, "ms",
         "Median delay as printed, a multiple of the bucket width.", NULL},
    [TB_FIELD_SESSION_MAXIMUM] =
        {"net/session_maximum", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_SESSION}, "ms",
         "Greatest delay.", NULL},
    [TB_FIELD_SESSION_JITTER] =
        {"net/session_jitter", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_SESSION}, "ms",
         "P95 - P50 as printed, a multiple of the bucket width.", NULL},
    [TB_FIELD_SESSION_EXACT_MEDIAN] =
        {"net/session_exact_median", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_SESSION}, "ms",
         "Median from the records.", NULL},
    [TB_FIELD_SESSION_EXACT_JITTER] =
        {"net/session_exact_jitter", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_SESSION}, "ms",
         "P95 - P50 from the records.", NULL},
    [TB_FIELD_TEST_SESSION_ARTIFACT] =
        {"net/test_session_artifact", TB_TYPE_INT32, 1, {TB_DIMENSION_TEST_SESSION}, "1",
         "Artifact of the capture.", NULL},
    [TB_FIELD_TEST_SESSION_FROM] =
        {"net/test_session_from", TB_TYPE_TEXT, 1, {TB_DIMENSION_TEST_SESSION}, "",
         "Sender: address and port.", NULL},
    [TB_FIELD_TEST_SESSION_TO] =
        {"net/test_session_to", TB_TYPE_TEXT, 1, {TB_DIMENSION_TEST_SESSION}, "",
         "Receiver: address and port.", NULL},
    [TB_FIELD_TEST_SESSION_PACKETS] =
        {"net/test_session_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_TEST_SESSION}, "1",
         "Test packets in the capture, further copies left out.", NULL},
    [TB_FIELD_TEST_SESSION_JITTER] =
        {"net/test_session_jitter", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_TEST_SESSION}, "ms",
         "Exact P95 - P50 of the delays from the sender to the point of capture.", NULL},
    [TB_FIELD_TEST_SESSION_DELAY_CHANGE] =
        {"net/test_session_delay_change", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_TEST_SESSION}, "ms",
         "Median of the absolute changes of the delay from packet to packet.", NULL},
    [TB_FIELD_TEST_SESSION_LOAD_PACKETS] =
        {"net/test_session_load_packets", TB_TYPE_INT64, 1, {TB_DIMENSION_TEST_SESSION}, "1",
         "Test packets captured under load: from the first request to the last packet of a reply on the server port.", NULL},
    [TB_FIELD_TEST_SESSION_LOAD_JITTER] =
        {"net/test_session_load_jitter", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_TEST_SESSION}, "ms",
         "The jitter of these packets alone.", NULL},
    [TB_FIELD_TEST_SESSION_LOAD_DELAY_CHANGE] =
        {"net/test_session_load_delay_change", TB_TYPE_FLOAT64, 1, {TB_DIMENSION_TEST_SESSION}, "ms",
         "The change of the delay of these packets alone.", NULL},
};
/* clang-format on */

const struct tb_field_description *tb_field_describe(enum tb_field field)
{
    return &fields[field];
}

const struct tb_dimension_description *tb_dimension_describe(enum tb_dimension dimension)
{
    return &dimensions[dimension];
}

size_t tb_type_size(enum tb_type type)
{
    switch (type) {
    case TB_TYPE_INT32:
        return sizeof(int32_t);
    case TB_TYPE_INT64:
    case TB_TYPE_FLOAT64:
        return sizeof(int64_t);
    case TB_TYPE_TEXT:
        break;
    }
    return sizeof(char *);
}
