/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tables.h"

#include <string.h>

#include "twinbed/base/nearest.h"

/* clang-format off */

#define F(NAME) TB_FIELD_##NAME

/* Columns that many tables begin with. What stands behind the fixed arguments, each with a comma, leads from the row to
 * where they are looked up; nothing, when they are looked up at the row. */
#define OF_CELL(testbed, scenario, ...)                                                                                \
    {.name = "testbed", .field = F(TESTBED_NAME), .via = {__VA_ARGS__ testbed}, .part = TB_GRAPH_TITLE},               \
    {.name = "scenario", .field = F(SCENARIO_NAME), .via = {__VA_ARGS__ scenario}, .part = TB_GRAPH_TITLE},            \
    {.fill = TB_FILL_FACTORS, .field = F(SCENARIO_LEVEL_TEXT), .via = {__VA_ARGS__ scenario}}

#define OF_RUN(...)                                                                                                    \
    OF_CELL(F(RUN_TESTBED), F(RUN_SCENARIO), __VA_ARGS__),                                                             \
    {.name = "run", .field = F(RUN_NAME), .via = {__VA_ARGS__}},                                                       \
    {.name = "repetition", .field = F(RUN_REPETITION), .via = {__VA_ARGS__}}

#define OF_ARTIFACT(artifact)                                                                                          \
    OF_RUN(artifact, F(ARTIFACT_RUN),),                                                                                \
    {.name = "pair", .field = F(ARTIFACT_PAIR), .via = {artifact}},                                                    \
    {.name = "role", .field = F(ARTIFACT_ROLE), .via = {artifact}},                                                    \
    {.name = "point", .field = F(ARTIFACT_POINT), .via = {artifact}},                                                  \
    {.name = "path", .field = F(ARTIFACT_PATH), .via = {artifact}}

#define OF_METRIC                                                                                                      \
    {.name = "metric", .field = F(METRICS_METRIC_NAME)},                                                               \
    {.name = "unit", .field = F(METRICS_METRIC_UNIT)},                                                                 \
    {.name = "level", .field = F(METRICS_METRIC_LEVEL)},                                                               \
    {.name = "role", .field = F(METRICS_METRIC_ROLE)}

#define OF_SEQUENCE(sequence)                                                                                          \
    OF_RUN(sequence, F(SEQUENCE_RUN),),                                                                                \
    {.name = "pair", .field = F(SEQUENCE_PAIR), .via = {sequence}},                                                    \
    {.name = "role", .field = F(SEQUENCE_ROLE), .via = {sequence}}

#define OF_WINDOW(...)                                                                                                 \
    {.name = "role", .field = F(WINDOW_ROLE), .via = {__VA_ARGS__}},                                                   \
    {.name = "skip", .field = F(WINDOW_SKIP), .via = {__VA_ARGS__}},                                                   \
    {.name = "limit", .field = F(WINDOW_LIMIT), .via = {__VA_ARGS__}}

#define OF_CHAIN_COMPARISON(...)                                                                                       \
    OF_CELL(F(CHAIN_COMPARISON_TESTBED), F(CHAIN_COMPARISON_SCENARIO), __VA_ARGS__),                                   \
    {.name = "role", .field = F(CHAIN_COMPARISON_ROLE), .via = {__VA_ARGS__}, .part = TB_GRAPH_TITLE},                 \
    {.name = "order", .field = F(CHAIN_COMPARISON_ORDER), .via = {__VA_ARGS__}, .part = TB_GRAPH_TITLE}

#define OF_FLOW                                                                                                        \
    OF_ARTIFACT(F(FLOW_ARTIFACT)),                                                                                     \
    {.name = "client_address", .fill = TB_FILL_ADDRESS, .field = F(FLOW_CLIENT_ADDRESS)},                              \
    {.field = F(FLOW_CLIENT_PORT)},                                                                                    \
    {.name = "server_address", .fill = TB_FILL_ADDRESS, .field = F(FLOW_SERVER_ADDRESS)},                              \
    {.field = F(FLOW_SERVER_PORT)},                                                                                    \
    {.fill = TB_FILL_PLAIN, .field = F(FLOW_START)}

#define BOTH_SIDES(name) {.field = F(FLOW_CLIENT_##name)}, {.field = F(FLOW_SERVER_##name)}

#define NUMBER(DIMENSION) {.fill = TB_FILL_POSITION, .dimension = TB_DIMENSION_##DIMENSION}
#define THE_REST {.fill = TB_FILL_REST}

static const struct tb_export_column factors[] = {THE_REST};
static const struct tb_export_column scenarios[] = {
    {.name = "scenario", .field = F(SCENARIO_NAME)}, {.fill = TB_FILL_FACTORS, .field = F(SCENARIO_LEVEL_TEXT)}};
static const struct tb_export_column cells[] = {
    NUMBER(CELL), OF_CELL(F(CELL_TESTBED), F(CELL_SCENARIO), ), THE_REST};
static const struct tb_export_column runs[] = {OF_RUN(), THE_REST};

static const struct tb_export_column definitions[] = {
    THE_REST,
    {.name = "sensitivity_balanced", .field = F(SENSITIVITY_BALANCED)},
    {.name = "sensitivity_error", .field = F(SENSITIVITY_ERROR)},
};
static const struct tb_export_column metrics[] = {
    OF_RUN(),
    OF_METRIC,
    {.name = "value", .field = F(METRICS_RUN_VALUE)},
    {.name = "reason_kind", .field = F(METRICS_REASON_KIND), .via = {F(METRICS_RUN_REASON)}},
    {.name = "reason", .field = F(METRICS_REASON_SENTENCE), .via = {F(METRICS_RUN_REASON)}},
    THE_REST,
};
static const struct tb_export_column pairs[] = {
    OF_RUN(), NUMBER(PAIR), OF_METRIC, THE_REST};
static const struct tb_export_column reasons[] = {THE_REST};
static const struct tb_export_column summaries[] = {
    OF_CELL(F(CELL_TESTBED), F(CELL_SCENARIO), ), OF_METRIC, THE_REST};

#define OF_CONTRAST(...)                                                                                               \
    {.name = "contrast", .field = F(COMPARISON_CONTRAST_NAME), .via = {__VA_ARGS__}},                                  \
    {.name = "contrast_kind", .field = F(COMPARISON_CONTRAST_KIND), .via = {__VA_ARGS__}},                             \
    {.name = "factor", .field = F(FACTOR_NAME), .via = {__VA_ARGS__ F(COMPARISON_CONTRAST_FACTOR)}},                   \
    OF_CELL(F(CELL_TESTBED), F(CELL_SCENARIO), __VA_ARGS__ F(COMPARISON_CONTRAST_CELL), ),                             \
    {.name = "reference_testbed", .field = F(TESTBED_NAME),                                                            \
     .via = {__VA_ARGS__ F(COMPARISON_CONTRAST_REFERENCE), F(CELL_TESTBED)}},                                          \
    {.name = "reference_scenario", .field = F(SCENARIO_NAME),                                                          \
     .via = {__VA_ARGS__ F(COMPARISON_CONTRAST_REFERENCE), F(CELL_SCENARIO)}}

static const struct tb_export_column comparison[] = {
    OF_CONTRAST(),
    OF_METRIC,
    {.name = "n", .field = F(COMPARISON_N), .via = {F(COMPARISON_CONTRAST_CELL)}},
    {.name = "mean", .field = F(COMPARISON_MEAN), .via = {F(COMPARISON_CONTRAST_CELL)}},
    {.name = "deviation", .field = F(COMPARISON_DEVIATION), .via = {F(COMPARISON_CONTRAST_CELL)}},
    {.name = "reference_n", .field = F(COMPARISON_N), .via = {F(COMPARISON_CONTRAST_REFERENCE)}},
    {.name = "reference_mean", .field = F(COMPARISON_MEAN), .via = {F(COMPARISON_CONTRAST_REFERENCE)}},
    {.name = "reference_deviation", .field = F(COMPARISON_DEVIATION), .via = {F(COMPARISON_CONTRAST_REFERENCE)}},
    {.field = F(COMPARISON_RATIO)},
    {.name = "ratio_low", .field = F(COMPARISON_FIELLER_LOW)},
    {.name = "ratio_high", .field = F(COMPARISON_FIELLER_HIGH)},
    {.field = F(COMPARISON_VERDICT)},
    {.field = F(COMPARISON_REASON)},
    {.field = F(COMPARISON_CLOSE)},
    {.field = F(COMPARISON_INTERVALS_OVERLAP)},
    {.field = F(COMPARISON_WELCH_P)},
    {.field = F(COMPARISON_HOLM_P)},
    {.field = F(COMPARISON_HOLM_TESTS)},
    THE_REST,
    {.field = F(COMPARISON_HOLM_SCENARIO_TESTS)},
};

static const struct tb_export_column terms[] = {THE_REST};
static const struct tb_export_column sensitivity[] = {
    OF_METRIC,
    {.name = "term", .field = F(SENSITIVITY_TERM_NAME)},
    {.name = "term_kind", .field = F(SENSITIVITY_TERM_KIND)},
    THE_REST,
};

static const struct tb_export_column quality[] = {OF_RUN(F(ARTIFACT_RUN), ), THE_REST};
static const struct tb_export_column checks[] = {
    OF_RUN(F(CHECK_RUN), ), {.name = "path", .field = F(ARTIFACT_PATH), .via = {F(CHECK_ARTIFACT)}}, THE_REST};
static const struct tb_export_column findings[] = {THE_REST};

static const struct tb_export_column sequences[] = {
    NUMBER(SEQUENCE), OF_RUN(F(SEQUENCE_RUN), ), THE_REST};
static const struct tb_export_column calls[] = {
    {.name = "sequence", .fill = TB_FILL_PLAIN, .field = F(CALL_TOTAL_SEQUENCE)},
    OF_SEQUENCE(F(CALL_TOTAL_SEQUENCE)),
    THE_REST,
};
static const struct tb_export_column threads[] = {
    {.name = "sequence", .fill = TB_FILL_PLAIN, .field = F(THREAD_SEQUENCE)},
    OF_SEQUENCE(F(THREAD_SEQUENCE)),
    THE_REST,
};

static const struct tb_export_column states[] = {NUMBER(STATE), THE_REST};
static const struct tb_export_column chains[] = {
    NUMBER(CHAIN),
    OF_CELL(F(CELL_TESTBED), F(CELL_SCENARIO), F(CHAIN_CELL), ),
    {.fill = TB_FILL_PLAIN, .field = F(CHAIN_THREAD_GROUP)},
    THE_REST,
};
static const struct tb_export_column edges[] = {
    {.name = "chain", .fill = TB_FILL_PLAIN, .field = F(EDGE_CHAIN), .part = TB_GRAPH_KEY},
    OF_CELL(F(CELL_TESTBED), F(CELL_SCENARIO), F(EDGE_CHAIN), F(CHAIN_CELL), ),
    {.name = "role", .field = F(CHAIN_ROLE), .via = {F(EDGE_CHAIN)}, .part = TB_GRAPH_TITLE},
    {.name = "order", .field = F(CHAIN_ORDER), .via = {F(EDGE_CHAIN)}, .part = TB_GRAPH_TITLE},
    {.name = "run", .field = F(RUN_NAME), .via = {F(EDGE_CHAIN), F(CHAIN_RUN)}, .part = TB_GRAPH_TITLE},
    {.name = "pair", .field = F(CHAIN_PAIR), .via = {F(EDGE_CHAIN)}, .part = TB_GRAPH_TITLE},
    {.field = F(EDGE_SOURCE), .part = TB_GRAPH_SOURCE},
    {.field = F(EDGE_TARGET), .part = TB_GRAPH_TARGET},
    {.field = F(EDGE_WEIGHT), .part = TB_GRAPH_WEIGHT},
    THE_REST,
};

static const struct tb_export_column windows[] = {
    NUMBER(WINDOW),
    {.name = "scenario", .field = F(SCENARIO_NAME), .via = {F(WINDOW_SCENARIO)}},
    THE_REST,
};
static const struct tb_export_column walks[] = {
    {.name = "window", .fill = TB_FILL_PLAIN, .field = F(WALK_WINDOW)},
    OF_WINDOW(F(WALK_WINDOW)),
    {.name = "chain_testbed", .field = F(TESTBED_NAME), .via = {F(WALK_CHAIN_RUN), F(RUN_TESTBED)}},
    {.field = F(WALK_CHAIN_RUN)},
    {.name = "chain_repetition", .field = F(RUN_REPETITION), .via = {F(WALK_CHAIN_RUN)}},
    OF_RUN(F(WALK_SEQUENCE_RUN), ),
    THE_REST,
};
static const struct tb_export_column walk_sets[] = {
    NUMBER(WALK_SET),
    {.name = "window", .fill = TB_FILL_PLAIN, .field = F(WALK_SET_WINDOW)},
    {.name = "testbed", .field = F(TESTBED_NAME), .via = {F(WALK_SET_TESTBED)}},
    {.name = "scenario", .field = F(SCENARIO_NAME), .via = {F(WALK_SET_WINDOW), F(WINDOW_SCENARIO)}},
    {.fill = TB_FILL_FACTORS, .field = F(SCENARIO_LEVEL_TEXT), .via = {F(WALK_SET_WINDOW), F(WINDOW_SCENARIO)}},
    OF_WINDOW(F(WALK_SET_WINDOW)),
    THE_REST,
};
static const struct tb_export_column invalid[] = {
    {.name = "walk_set", .fill = TB_FILL_PLAIN, .field = F(INVALID_SET)},
    {.name = "testbed", .field = F(TESTBED_NAME), .via = {F(INVALID_SET), F(WALK_SET_TESTBED)}},
    {.name = "chain_testbed", .field = F(TESTBED_NAME), .via = {F(INVALID_SET), F(WALK_SET_CHAIN_TESTBED)}},
    {.name = "scenario", .field = F(SCENARIO_NAME), .via = {F(INVALID_SET), F(WALK_SET_WINDOW), F(WINDOW_SCENARIO)}},
    OF_WINDOW(F(INVALID_SET), F(WALK_SET_WINDOW)),
    {.name = "order", .field = F(WALK_SET_ORDER), .via = {F(INVALID_SET)}},
    {.name = "basis", .field = F(WALK_SET_BASIS), .via = {F(INVALID_SET)}},
    THE_REST,
};
static const struct tb_export_column walk_profiles[] = {OF_RUN(F(WALK_PROFILE_RUN), ), THE_REST};

static const struct tb_export_column chain_comparisons[] = {
    NUMBER(CHAIN_COMPARISON), OF_CHAIN_COMPARISON(), THE_REST};
static const struct tb_export_column edge_differences[] = {
    {.name = "chain_comparison", .fill = TB_FILL_PLAIN, .field = F(EDGE_DIFFERENCE_COMPARISON), .part = TB_GRAPH_KEY},
    OF_CHAIN_COMPARISON(F(EDGE_DIFFERENCE_COMPARISON), ),
    {.field = F(EDGE_DIFFERENCE_SOURCE), .part = TB_GRAPH_SOURCE},
    {.field = F(EDGE_DIFFERENCE_TARGET), .part = TB_GRAPH_TARGET},
    {.field = F(EDGE_DIFFERENCE_WEIGHT), .part = TB_GRAPH_WEIGHT},
    THE_REST,
};
static const struct tb_export_column order_scores[] = {
    OF_CELL(F(CELL_TESTBED), F(CELL_SCENARIO), F(ORDER_SCORE_CELL), ), THE_REST};
static const struct tb_export_column run_distances[] = {
    {.name = "scenario", .field = F(SCENARIO_NAME), .via = {F(RUN_DISTANCE_FIRST), F(RUN_SCENARIO)}},
    {.name = "first_testbed", .field = F(TESTBED_NAME), .via = {F(RUN_DISTANCE_FIRST), F(RUN_TESTBED)}},
    {.field = F(RUN_DISTANCE_FIRST)},
    {.name = "second_testbed", .field = F(TESTBED_NAME), .via = {F(RUN_DISTANCE_SECOND), F(RUN_TESTBED)}},
    {.field = F(RUN_DISTANCE_SECOND)},
    THE_REST,
};
static const struct tb_export_column run_tests[] = {
    OF_CELL(F(RUN_TEST_TESTBED), F(RUN_TEST_SCENARIO), ), THE_REST};
static const struct tb_export_column run_places[] = {OF_RUN(F(RUN_PLACE_RUN), ), THE_REST};
static const struct tb_export_column call_differences[] = {OF_CONTRAST(F(CALL_DIFFERENCE_CONTRAST), ), THE_REST};
static const struct tb_export_column walk_differences[] = {
    {.name = "chain_comparison", .fill = TB_FILL_PLAIN, .field = F(WALK_DIFFERENCE_COMPARISON)},
    OF_CHAIN_COMPARISON(F(WALK_DIFFERENCE_COMPARISON), ),
    THE_REST,
};

static const struct tb_export_column unknown_events[] = {OF_ARTIFACT(F(UNKNOWN_EVENT_ARTIFACT)), THE_REST};
static const struct tb_export_column counters[] = {OF_ARTIFACT(F(COUNTER_ARTIFACT)), THE_REST};
static const struct tb_export_column kernel_events[] = {OF_ARTIFACT(F(KERNEL_EVENT_ARTIFACT)), THE_REST};
static const struct tb_export_column captures[] = {OF_ARTIFACT(F(CAPTURE_ARTIFACT)), THE_REST};
static const struct tb_export_column distributions[] = {OF_ARTIFACT(F(CAPTURE_ARTIFACT)), NUMBER(PERCENT), THE_REST};
static const struct tb_export_column stalls[] = {OF_ARTIFACT(F(STALL_ARTIFACT)), THE_REST};
static const struct tb_export_column trails[] = {OF_ARTIFACT(F(TRAIL_ARTIFACT)), THE_REST};
static const struct tb_export_column trail_packets[] = {
    {.name = "trail", .fill = TB_FILL_PLAIN, .field = F(TRAIL_PACKET_TRAIL)},
    {.name = "sequence", .fill = TB_FILL_PLAIN, .field = F(TRAIL_PACKET_SEQUENCE)},
    THE_REST,
};
static const struct tb_export_column flows[] = {OF_FLOW, THE_REST};
static const struct tb_export_column segments[] = {
    OF_FLOW,
    BOTH_SIDES(data_packets), BOTH_SIDES(payload_bytes), BOTH_SIDES(mss), BOTH_SIDES(segment_min),
    BOTH_SIDES(segment_mean), BOTH_SIDES(segment_max), BOTH_SIDES(retransmitted_packets),
};
static const struct tb_export_column rtt[] = {
    OF_FLOW,
    {.field = F(FLOW_HANDSHAKE)},
    BOTH_SIDES(handshake_rtt), BOTH_SIDES(rtts), BOTH_SIDES(rtt_min), BOTH_SIDES(rtt_mean), BOTH_SIDES(rtt_max),
    BOTH_SIDES(rtt_sd), BOTH_SIDES(full_rtts), BOTH_SIDES(full_rtt_min), BOTH_SIDES(full_rtt_mean),
    BOTH_SIDES(full_rtt_max), BOTH_SIDES(full_rtt_sd), BOTH_SIDES(ambiguous_acks),
};
static const struct tb_export_column ab[] = {OF_RUN(F(AB_RUN), ), THE_REST};
static const struct tb_export_column request_times[] = {OF_RUN(F(REQUEST_TIME_RUN), ), THE_REST};
static const struct tb_export_column sessions[] = {OF_ARTIFACT(F(SESSION_ARTIFACT)), THE_REST};
static const struct tb_export_column test_sessions[] = {OF_ARTIFACT(F(TEST_SESSION_ARTIFACT)), THE_REST};

#define COLUMNS(list) .columns = (list), .column_count = sizeof(list) / sizeof((list)[0])
#define OVER(...) .dimensions = {__VA_ARGS__}
#define D(NAME) TB_DIMENSION_##NAME

#define FLOWS_NEEDED "the campaign file says which flows are listed; flows: all lists every one"
#define TRAILS_NEEDED "no flow of a stalled run stood still for as long as the settings have it"
#define TRACES_NEEDED "it needs traces of system calls"
#define WALKS_NEEDED "it needs traces of system calls of two runs of the baseline, or more"

static const struct tb_export_table tables[] = {
    {"factors", "a factor of the campaign", 1, OVER(D(FACTOR)), COLUMNS(factors)},
    {"scenarios", "a combination of factor levels", 1, OVER(D(SCENARIO)), COLUMNS(scenarios)},
    {"cells", "a testbed in a scenario", 1, OVER(D(CELL)), COLUMNS(cells)},
    {"runs", "a run", 1, OVER(D(RUN)), COLUMNS(runs)},
    {"definitions", "a metric: what it is", 1, OVER(D(METRIC)), COLUMNS(definitions)},
    {"metrics", "a run and a metric: its value, or why there is none", 2, OVER(D(RUN), D(METRIC)), COLUMNS(metrics)},
    {"pairs", "a run, one of its pairs, and a metric", 3, OVER(D(RUN), D(PAIR), D(METRIC)), COLUMNS(pairs),
     .paired = true},
    {"reasons", "a reason why values are missing", 1, OVER(D(REASON)), COLUMNS(reasons)},
    {"summaries", "a cell and a metric: mean, deviation, intervals of its runs", 2, OVER(D(CELL), D(METRIC)),
     COLUMNS(summaries)},
    {"comparison", "a contrast and a metric: how far the means are apart, and the verdict", 2,
     OVER(D(CONTRAST), D(METRIC)), COLUMNS(comparison)},
    {"terms", "a source of variance, over all metrics", 1, OVER(D(TERM)), COLUMNS(terms)},
    {"sensitivity", "a metric and a source of its variance", 2, OVER(D(METRIC), D(TERM)), COLUMNS(sensitivity)},
    {"quality", "a file of a run: what became of it, and where its bytes went", 1, OVER(D(ARTIFACT)), COLUMNS(quality)},
    {"checks", "two records of one thing, compared", 1, OVER(D(CHECK)), COLUMNS(checks)},
    {"findings", "something asked for that is not there, or there and not asked for", 1, OVER(D(FINDING)),
     COLUMNS(findings)},
    {"unknown_events", "events of a trace whose number is not known", 1, OVER(D(UNKNOWN_EVENT)), COLUMNS(unknown_events),
     .needs = "all events of the traces are known, or there are no traces"},
    {"sequences", "the system calls of a run, pair and role", 1, OVER(D(SEQUENCE)), COLUMNS(sequences),
     .needs = TRACES_NEEDED},
    {"calls", "a system call of a sequence: how often", 1, OVER(D(CALL_TOTAL)), COLUMNS(calls), .needs = TRACES_NEEDED},
    {"threads", "a thread life of a sequence", 1, OVER(D(THREAD)), COLUMNS(threads), .needs = TRACES_NEEDED},
    {"states", "a state of the chains", 1, OVER(D(STATE)), COLUMNS(states), .needs = TRACES_NEEDED},
    {"chains", "a chain", 1, OVER(D(CHAIN)), COLUMNS(chains), .graph = "edges", .needs = TRACES_NEEDED},
    {"edges", "a transition of a chain, with its weight", 1, OVER(D(EDGE)), COLUMNS(edges), .needs = TRACES_NEEDED},
    {"windows", "the part of sequences that is walked", 1, OVER(D(WINDOW)), COLUMNS(windows), .needs = WALKS_NEEDED},
    {"walks", "a chain of one run scored against the sequence of another", 1, OVER(D(WALK)), COLUMNS(walks),
     .needs = WALKS_NEEDED},
    {"walk_sets", "all walks of a testbed in a scenario", 1, OVER(D(WALK_SET)), COLUMNS(walk_sets),
     .needs = WALKS_NEEDED},
    {"invalid", "a transition that walks found and chains lack", 1, OVER(D(INVALID)), COLUMNS(invalid),
     .needs = WALKS_NEEDED},
    {"walk_profiles", "an interval of a sequence, walked", 1, OVER(D(WALK_PROFILE)), COLUMNS(walk_profiles),
     .needs = "the campaign file asks for it with walks: {profile: INTERVALS}"},
    {"chain_comparisons", "a testbed's chain beside the baseline's", 1, OVER(D(CHAIN_COMPARISON)),
     COLUMNS(chain_comparisons), .graph = "edge_differences", .needs = TRACES_NEEDED},
    {"edge_differences", "a transition of either chain of a comparison", 1, OVER(D(EDGE_DIFFERENCE)),
     COLUMNS(edge_differences), .needs = TRACES_NEEDED},
    {"order_scores", "a cell's chain of some order: how well it describes the transitions", 1, OVER(D(ORDER_SCORE)),
     COLUMNS(order_scores), .needs = TRACES_NEEDED},
    {"run_distances", "two runs of a scenario: how far their sequences are apart", 1, OVER(D(RUN_DISTANCE)),
     COLUMNS(run_distances), .needs = TRACES_NEEDED},
    {"run_tests", "a testbed's runs beside the baseline's: distances between and within", 1, OVER(D(RUN_TEST)),
     COLUMNS(run_tests), .needs = TRACES_NEEDED},
    {"run_places", "a run in the picture of distances", 1, OVER(D(RUN_PLACE)), COLUMNS(run_places),
     .needs = TRACES_NEEDED},
    {"call_differences", "a call's part in the difference of a contrast", 1, OVER(D(CALL_DIFFERENCE)),
     COLUMNS(call_differences), .needs = TRACES_NEEDED},
    {"walk_differences", "a call's part in the difference of walks", 1, OVER(D(WALK_DIFFERENCE)),
     COLUMNS(walk_differences), .needs = TRACES_NEEDED},
    {"counters", "a counter of a machine: by how much it changed", 1, OVER(D(COUNTER)), COLUMNS(counters),
     .needs = "it needs directories of counters"},
    {"kernel_events", "an event that a kernel log tells of", 1, OVER(D(KERNEL_EVENT)), COLUMNS(kernel_events),
     .needs = "it needs kernel logs that tell of an event"},
    {"captures", "a packet capture", 1, OVER(D(CAPTURE)), COLUMNS(captures), .needs = "it needs packet captures"},
    {"distributions", "a packet capture and a percent: sizes, gaps and times that so many of its values do not exceed", 2,
     OVER(D(CAPTURE), D(PERCENT)), COLUMNS(distributions), .needs = "it needs packet captures"},
    {"stalls", "a time in which a flow stood still", 1, OVER(D(STALL)), COLUMNS(stalls),
     .needs = "no flow on the server port stood still for 1 s, or there are no packet captures"},
    {"trails", "the flow of a testbed that stood still longest", 1, OVER(D(TRAIL)), COLUMNS(trails),
     .needs = TRAILS_NEEDED},
    {"trail_packets", "a packet of such a flow", 1, OVER(D(TRAIL_PACKET)), COLUMNS(trail_packets),
     .needs = TRAILS_NEEDED},
    {"flows", "a TCP connection or UDP conversation", 1, OVER(D(FLOW)), COLUMNS(flows), .needs = FLOWS_NEEDED},
    {"segments", "a flow: its segments", 1, OVER(D(FLOW)), COLUMNS(segments), .needs = FLOWS_NEEDED},
    {"rtt", "a flow: its round-trip times", 1, OVER(D(FLOW)), COLUMNS(rtt), .needs = FLOWS_NEEDED},
    {"ab", "a text of ApacheBench", 1, OVER(D(AB)), COLUMNS(ab), .needs = "it needs texts of ApacheBench"},
    {"request_times", "a percent of the requests of a run: how long they took at most", 1, OVER(D(REQUEST_TIME)),
     COLUMNS(request_times), .needs = "it needs the tables that ab writes with -e or -g"},
    {"sessions", "a one-way latency session", 1, OVER(D(SESSION)), COLUMNS(sessions),
     .needs = "it needs texts or files of owping"},
    {"test_sessions", "a session of OWAMP test packets found in a capture", 1, OVER(D(TEST_SESSION)),
     COLUMNS(test_sessions), .needs = "it needs captures with OWAMP test packets"},
};

/* clang-format on */

const struct tb_export_table *tb_export_table_at(size_t index)
{
    return index < sizeof tables / sizeof tables[0] ? &tables[index] : NULL;
}

enum tb_status tb_export_table_find(const char *name, const struct tb_export_table **table, struct tb_error *error)
{
    struct tb_nearest nearest = tb_nearest_to(name);
    char hint[TB_NEAREST_TEXT_SIZE];
    for (size_t i = 0; (*table = tb_export_table_at(i)) != NULL; i++) {
        if (strcmp((*table)->name, name) == 0)
            return TB_OK;
        tb_nearest_offer(&nearest, (*table)->name);
    }
    return tb_error_set(error, TB_USAGE, "there is no table '%.100s'%s; twinbed export --list names them", name,
                        tb_nearest_hint(&nearest, hint));
}
