/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "twinbed/metrics/registry.h"

#define COUNT(values) (sizeof(values) / sizeof(values)[0])

/* Distributions of ten values each, whose quantiles are bins of one value. */
static struct tb_port_flows distributions = {.handshake.bits = 16,
                                             .segment = {{.bits = 16}, {.bits = 16}},
                                             .gap = {{.bits = 16}, {.bits = 16}},
                                             .rtt = {{.bits = 16}, {.bits = 16}},
                                             .sized_segments = {10, 20},
                                             .full_segments = {3, 5}};

static int make_distributions(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= 10; i++) {
        bool made = tb_histogram_add(&distributions.handshake, 1000 * i);
        for (unsigned side = 0; side < 2; side++)
            made = made && tb_histogram_add(&distributions.segment[side], 100 * i + side) &&
                   tb_histogram_add(&distributions.gap[side], 2000 * i + side) &&
                   tb_histogram_add(&distributions.rtt[side], 3000 * i + side);
        assert_true(made);
    }
    return 0;
}

static int free_distributions(void **state)
{
    (void)state;
    tb_histogram_free(&distributions.handshake);
    for (unsigned side = 0; side < 2; side++) {
        tb_histogram_free(&distributions.segment[side]);
        tb_histogram_free(&distributions.gap[side]);
        tb_histogram_free(&distributions.rtt[side]);
    }
    return 0;
}

/* Everything that one run may have; ten requests. */
struct made_run {
    struct tb_apachebench ab;
    struct tb_ab_quantiles quantiles;
    struct tb_call_total calls[2];
    struct tb_port_total ports[2];
    struct tb_sequence client, server;
    struct tb_flow_totals flows, completed_flows;
    struct tb_load_delays load_delays[TB_DIRECTIONS];
    struct tb_path_delays path_delays[TB_DIRECTIONS];
    struct tb_latency_session sessions[3];
    struct tb_counters counters;
    struct tb_kernel_log kernel_logs[TB_METRIC_ROLES];
    struct tb_measures measures;
};

static void make_ab(struct made_run *run)
{
    run->ab = (struct tb_apachebench){.complete = 10,
                                      .failed = 3,
                                      .failed_receive = 2,
                                      .failed_exceptions = 1,
                                      .connect = {1, 2, 3, 4, 5},
                                      .processing = {11, 12, 13, 14, 15},
                                      .waiting = {21, 22, 23, 24, 25},
                                      .requests_per_second = 25.5,
                                      .time_per_request_ms = 40,
                                      .time_per_request_all_ms = 39,
                                      .transfer_kib_s = 12.5,
                                      .total_bytes = 7000,
                                      .retransmits = 30,
                                      .intervals = {{4, 500, 800, 80}, {5, 400, 900, 45}},
                                      .non_2xx = 3};
    for (size_t i = 0; i < TB_AB_COUNTS; i++)
        run->ab.stated[i] = true;
    for (size_t i = 0; i < TB_AB_PERCENTILES; i++)
        run->ab.percentile_ms[i] = 100 + (double)i; /* 50 % is 100, 100 % is 108 */
    for (size_t i = 0; i < TB_AB_CSV_ROWS; i++)
        run->quantiles.milliseconds[i] = (double)i / 10;
}

/* The server's numbers are the client's times ten. */
static void make_sequence(struct tb_sequence *sequence, uint64_t scale)
{
    sequence->calls = 200 * scale;
    sequence->events = 390 * scale;
    sequence->context_switches = 15 * scale;
    sequence->switches_known = sequence->losses_known = true;
    for (uint64_t kind = 0; kind < TB_DESCRIPTOR_UNKNOWN; kind++) {
        sequence->reads[kind] = (struct tb_transfer){.calls = (kind + 1) * scale, .bytes = (kind + 1) * 100 * scale};
        sequence->writes[kind] = (struct tb_transfer){.calls = (kind + 5) * scale, .bytes = (kind + 5) * 100 * scale};
    }
}

static void make_side(struct tb_flow_side *side, uint64_t base)
{
    *side = (struct tb_flow_side){.packets = base + 1,
                                  .ip_bytes = base + 2,
                                  .payload_bytes = base + 3,
                                  .unique_bytes = base + 4,
                                  .data_packets = base + 5,
                                  .retransmitted_packets = base + 6,
                                  .retransmitted_bytes = base + 7,
                                  .out_of_order_packets = base + 8,
                                  .repeated_syn_packets = base + 9,
                                  .repeated_fin_packets = base + 10,
                                  .pure_ack_packets = base + 20,
                                  .empty_push_packets = base / 2,
                                  .detail = {.duplicate_acks = base + 31,
                                             .spurious_retransmissions = base + 32,
                                             .fast_retransmissions = base + 33,
                                             .timeout_retransmissions = base + 34,
                                             .probe_packets = base + 35,
                                             .requests = base / 100,
                                             .tls_connections = base / 500,
                                             .tls_exchanges = base / 200,
                                             .http2_streams = base / 250,
                                             .gap = {.count = 4, .sum = base * 1000000}}};
}

static void make_session(struct tb_latency_session *session, const char *from, const char *to, double jitter)
{
    snprintf(session->from, sizeof session->from, "%s", from);
    snprintf(session->to, sizeof session->to, "%s", to);
    session->jitter_ms = jitter;
}

static void make_run(struct made_run *run)
{
    memset(run, 0, sizeof *run);
    make_ab(run);
    run->calls[0] = (struct tb_call_total){.call = tb_call_find("close"), .count = 999};
    run->calls[1] = (struct tb_call_total){.call = tb_call_find("read"), .count = 35};
    run->ports[0] = (struct tb_port_total){.port = 53, .count = 999};
    run->ports[1] = (struct tb_port_total){.port = 8080, .count = 11};
    make_sequence(&run->client, 1);
    make_sequence(&run->server, 10);
    run->client.call_totals = run->calls;
    run->client.call_total_count = 2;
    run->server.call_totals = run->calls; /* close only: it never reads */
    run->server.call_total_count = 1;
    run->client.connects = run->ports;
    run->client.connect_count = 2;
    run->server.accepts = run->ports;
    run->server.accept_count = 1; /* none on the server's port */
    run->flows.flows = 12;
    run->flows.completed = 10;
    run->flows.ended[TB_FLOW_OPEN] = 2;
    run->flows.ended[TB_FLOW_CLOSED] = 7;
    run->flows.ended[TB_FLOW_RESET] = 3;
    run->flows.duration = 3000000000;
    make_side(&run->flows.side[0], 1000);
    make_side(&run->flows.side[1], 2000);
    make_side(&run->completed_flows.side[0], 100);
    make_side(&run->completed_flows.side[1], 200);
    run->load_delays[TB_TO_CLIENT] = (struct tb_load_delays){.packets = 50, .jitter = 300000, .change = 20000};
    run->load_delays[TB_TO_SERVER] = (struct tb_load_delays){.packets = 60, .jitter = 500000, .change = 30000};
    run->path_delays[TB_TO_CLIENT] = (struct tb_path_delays){
        .sent = 200, .matched = 190, .variation = 1100000, .deviation = 1200000, .change = 1300000};
    run->path_delays[TB_TO_SERVER] = (struct tb_path_delays){
        .sent = 100, .matched = 80, .variation = 2100000, .deviation = 2200000, .change = 2300000};
    make_session(&run->sessions[0], "10.0.0.1", "10.0.0.2", 0.1);
    make_session(&run->sessions[1], "10.0.0.1", "10.0.0.2", 0.3);
    make_session(&run->sessions[2], "10.0.0.2", "10.0.0.1", 0.5);
    static const uint64_t sent[] = {40, 60, 140}, lost[] = {1, 2, 9};
    for (size_t i = 0; i < 3; i++) {
        run->sessions[i].sent = sent[i];
        run->sessions[i].lost = lost[i];
    }
    for (size_t i = 0; i < TB_COUNTERS; i++) {
        run->counters.known[i] = true;
        run->counters.difference[i] = 10 * i + 10;
    }
    run->counters.steal_share = 0.03;
    run->measures = (struct tb_measures){.ab = &run->ab,
                                         .quantiles = &run->quantiles,
                                         .client = &run->client,
                                         .server = &run->server,
                                         .flows = &run->flows,
                                         .completed_flows = &run->completed_flows,
                                         .port_flows = &distributions,
                                         .load_delays = run->load_delays,
                                         .path_delays = run->path_delays,
                                         .sessions = run->sessions,
                                         .session_count = 3,
                                         .counters = &run->counters,
                                         .completed = 10,
                                         .server_port = 8080,
                                         .server_address = "10.0.0.2",
                                         .client_walk = {0.5, 2, 0.25, TB_PRESENT},
                                         .server_walk = {NAN, 3, 1, TB_PRESENT}};
    for (unsigned role = 0; role < TB_METRIC_ROLES; role++) {
        for (unsigned kind = 0; kind < TB_KERNEL_EVENT_KINDS; kind++)
            run->kernel_logs[role].counts[kind] = 100 * role + kind;
        run->measures.kernel_logs[role] = &run->kernel_logs[role];
    }
}

static double value_of(const struct tb_measures *measures, const char *name)
{
    const size_t index = tb_metric_find(name);
    if (index == tb_metric_count())
        fail_msg("no metric is named %s", name);
    const struct tb_metric_value value = tb_metric_extract(tb_metric_at(index), measures);
    /* A number or a reason, never both, never neither. */
    assert_int_equal(isnan(value.number), value.absence != TB_PRESENT);
    return value.number;
}

static void assert_absent(const struct tb_measures *measures, const char *name, enum tb_absence absence)
{
    const struct tb_metric_value value = tb_metric_extract(tb_metric_at(tb_metric_find(name)), measures);
    if (value.absence != absence)
        fail_msg("%s: %s is not %s", name, tb_absence_name(value.absence), tb_absence_name(absence));
}

static void assert_metric(const struct tb_measures *measures, const char *name, double expected)
{
    const double value = value_of(measures, name);
    if (!(isnan(value) && isnan(expected)) && !(fabs(value - expected) <= 1e-12 * fmax(1, fabs(expected))))
        fail_msg("%s: %.17g is not %.17g", name, value, expected);
}

/* As make_run counts them. */
#define EVENT_FACT(end_name, role, kind, word) {end_name "_" #word "_events", 100 * (role) + (kind)},
#define CLIENT_EVENT(kind, word, meaning) EVENT_FACT("client", TB_METRIC_CLIENT, kind, word)
#define SERVER_EVENT(kind, word, meaning) EVENT_FACT("server", TB_METRIC_SERVER, kind, word)
#define HOST_EVENT(kind, word, meaning) EVENT_FACT("host", TB_METRIC_HOST, kind, word)

static const struct {
    const char *name;
    double expected;
} facts[] = {{"requests_per_second", 25.5},
             {"successful_requests_per_second", 20.4}, /* 25.5 x 0.8 */
             {"failed_share", 0.2},
             {"time_per_request", 40},
             {"request_time_median", 5}, /* row 50 of the CSV */
             {"request_time_p66", 6.6},
             {"request_time_p75", 7.5},
             {"request_time_p80", 8},
             {"request_time_p90", 9},
             {"request_time_p95", 9.5},
             {"request_time_p98", 9.8},
             {"request_time_p99", 9.9},
             {"request_time_longest", 10}, /* row 100 */
             {"connect_time_mean", 2},
             {"connect_time_median", 4},
             {"processing_time_mean", 12},
             {"processing_time_median", 14},
             {"waiting_time_mean", 22},
             {"waiting_time_median", 24},
             {"transfer_rate", 12.5},
             {"received_per_request", 700},
             {"interval_rate_lowest", 500},
             {"interval_rate_spread", 0.1},
             {"received_interval_rate_lowest", 400},
             {"received_interval_rate_spread", 0.05},
             {"retransmits_per_request", 3},
             {"non_2xx_share", 0.3},
             {"client_calls_per_request", 20},
             {"client_events_per_request", 39},
             {"client_reads_per_request", 3.5},
             {"client_network_reads_per_request", 0.1},
             {"client_receives_per_request", 0.6}, /* (1 + 2 + 3) / 10 */
             {"client_writes_per_request", 1.8},   /* (5 + 6 + 7) / 10 */
             {"client_network_writes_per_request", 0.5},
             {"client_read_bytes_per_request", 60},
             {"client_network_read_bytes_per_request", 10},
             {"client_file_read_bytes_per_request", 20},
             {"client_write_bytes_per_request", 180},
             {"client_context_switches_per_request", 1.5},
             {"client_connections_per_request", 1.1},
             {"client_reads", 35},
             {"client_walk_bits_per_transition", 0.5},
             {"client_walk_invalid_transitions", 2},
             {"client_walk_invalid_share", 0.25},
             {"server_calls_per_request", 200},
             {"server_events_per_request", 390},
             {"server_reads_per_request", 0}, /* no call of that name is no read, not an unknown number */
             {"server_network_reads_per_request", 1},
             {"server_receives_per_request", 6},
             {"server_writes_per_request", 18},
             {"server_network_writes_per_request", 5},
             {"server_read_bytes_per_request", 600},
             {"server_network_read_bytes_per_request", 100},
             {"server_file_read_bytes_per_request", 200},
             {"server_write_bytes_per_request", 1800},
             {"server_context_switches_per_request", 15},
             {"server_connections_per_request", NAN}, /* none on the server's port, so they are not seen */
             {"server_reads", 0},
             {"server_walk_bits_per_transition", NAN},
             {"server_walk_invalid_transitions", 3},
             {"server_walk_invalid_share", 1},
             {"host_context_switches_per_request", 1 + TB_COUNTER_CONTEXT_SWITCHES},
             {"host_interrupts_per_request", 1 + TB_COUNTER_INTERRUPTS},
             {"host_soft_interrupts_per_request", 1 + TB_COUNTER_SOFT_INTERRUPTS},
             {"host_block_reads_per_request", 1 + TB_COUNTER_BLOCK_READS},
             {"host_block_writes_per_request", 1 + TB_COUNTER_BLOCK_WRITES},
             {"host_block_read_bytes_per_request", 1 + TB_COUNTER_BLOCK_READ_BYTES},
             {"host_block_write_bytes_per_request", 1 + TB_COUNTER_BLOCK_WRITE_BYTES},
             {"host_minor_faults_per_request", 1 + TB_COUNTER_MINOR_FAULTS},
             {"host_major_faults_per_request", 1 + TB_COUNTER_MAJOR_FAULTS},
             {"host_steal_time_per_request", 10 * (1 + TB_COUNTER_STEAL_TIME)},
             {"host_kvm_exits_per_request", 1 + TB_COUNTER_KVM_EXITS},
             {"host_steal_share", 0.03},
             {"server_payload_per_request", 200.3},
             {"server_payload_per_request_completed", 20.3},
             {"server_unique_per_request", 200.4},
             {"server_unique_per_request_completed", 20.4},
             {"server_ip_bytes_per_request", 200.2},
             {"server_ip_bytes_per_request_completed", 20.2},
             {"client_ip_bytes_per_request", 100.2},
             {"client_ip_bytes_per_request_completed", 10.2},
             {"server_packets_per_request", 200.1},
             {"server_packets_per_request_completed", 20.1},
             {"client_packets_per_request", 100.1},
             {"client_packets_per_request_completed", 10.1},
             {"packets_per_request", 300.2},
             {"packets_per_request_completed", 30.2},
             {"server_data_packets_per_request", 200.5},
             {"server_data_packets_per_request_completed", 20.5},
             {"server_retransmitted_packets_per_request", 200.6},
             {"server_retransmitted_packets_per_request_completed", 20.6},
             {"client_retransmitted_packets_per_request", 100.6},
             {"client_retransmitted_packets_per_request_completed", 10.6},
             {"retransmitted_packets_per_request", 301.2},
             {"retransmitted_packets_per_request_completed", 31.2},
             {"server_retransmitted_bytes_per_request", 200.7},
             {"server_retransmitted_bytes_per_request_completed", 20.7},
             {"out_of_order_packets_per_request", 301.6},
             {"out_of_order_packets_per_request_completed", 31.6},
             {"repeated_handshakes_per_request", 603.8}, /* (1009 + 1010 + 2009 + 2010) / 10: SYNs and FINs */
             {"repeated_handshakes_per_request_completed", 63.8},
             {"pure_acks_per_request", 304},
             {"pure_acks_per_request_completed", 34},
             {"empty_segments_per_request", 150},
             {"empty_segments_per_request_completed", 15},
             {"server_packets_not_empty_per_request", 100.1},
             {"server_packets_not_empty_per_request_completed", 10.1},
             {"client_packets_not_empty_per_request", 50.1},
             {"client_packets_not_empty_per_request_completed", 5.1},
             {"duplicate_acks_per_request", 306.2},
             {"duplicate_acks_per_request_completed", 36.2},
             {"spurious_retransmissions_per_request", 306.4},
             {"spurious_retransmissions_per_request_completed", 36.4},
             {"fast_retransmissions_per_request", 306.6},
             {"fast_retransmissions_per_request_completed", 36.6},
             {"timeout_retransmissions_per_request", 306.8},
             {"timeout_retransmissions_per_request_completed", 36.8},
             {"window_probes_per_request", 307},
             {"window_probes_per_request_completed", 37},
             {"server_retransmission_rate", 2006.0 / 2005},
             {"client_retransmission_rate", 1006.0 / 1005},
             {"server_segment_mean", 2003.0 / 2005},
             {"client_segment_mean", 1003.0 / 1005},
             {"server_segment_p10", 101}, /* of 101, 201, ... 1001 */
             {"server_segment_median", 501},
             {"server_segment_p90", 901},
             {"server_full_segment_share", 0.25},
             {"client_segment_p10", 100},
             {"client_segment_median", 500},
             {"client_segment_p90", 900},
             {"client_full_segment_share", 0.3},
             {"handshake_median", 0.005},
             {"handshake_p95", 0.010},
             {"rtt_median", 0.015001},
             {"rtt_p95", 0.030001},
             {"client_rtt_median", 0.015},
             {"client_rtt_p95", 0.030},
             {"server_gap_mean", 500},
             {"client_gap_mean", 250},
             {"server_gap_median", 0.010001},
             {"server_gap_p95", 0.020001},
             {"client_gap_median", 0.010},
             {"client_gap_p95", 0.020},
             {"closed_flows_per_request", 0.7},
             {"reset_flows_per_request", 0.3},
             {"open_flows_per_request", 0.2},
             {"packets_per_captured_request", 300.2},
             {"server_payload_per_captured_request", 200.3},
             {"time_per_captured_request", 300},
             {"connections_per_captured_request", 1.2},
             {"tls_connections_per_request", 0.2},
             {"tls_exchanges_per_request", 0.5},
             {"http2_streams_per_request", 0.4},
             {"packets_per_tls_exchange", 600.4},
             {"packets_per_http2_stream", 750.5},
             {"connections_per_request", 1.2},
             {"connections_per_request_completed", 1},
             {"jitter", 0.35}, /* (0.2 + 0.5) / 2 */
             {"jitter_to_server", 0.2},
             {"jitter_to_client", 0.5},
             {"latency_loss", 0.05}, /* (1 + 2 + 9) / (40 + 60 + 140) */
             {"latency_loss_to_server", 0.03},
             {"latency_loss_to_client", 9.0 / 140},
             {"load_jitter", 0.4},
             {"load_jitter_to_server", 0.5},
             {"load_jitter_to_client", 0.3},
             {"load_delay_change_to_server", 0.03},
             {"load_delay_change_to_client", 0.02},
             {"path_variation_to_server", 2.1},
             {"path_deviation_to_server", 2.2},
             {"path_delay_change_to_server", 2.3},
             {"path_matched_to_server", 0.8},
             {"path_variation_to_client", 1.1},
             {"path_deviation_to_client", 1.2},
             {"path_delay_change_to_client", 1.3},
             {"path_matched_to_client", 0.95},
             TB_KERNEL_EVENTS(CLIENT_EVENT) TB_KERNEL_EVENTS(SERVER_EVENT) TB_KERNEL_EVENTS(HOST_EVENT)};

static void every_metric_takes_its_own_number(void **state)
{
    (void)state;
    struct made_run run;
    make_run(&run);
    for (size_t i = 0; i < COUNT(facts); i++)
        assert_metric(&run.measures, facts[i].name, facts[i].expected);
    for (size_t i = 0; i < tb_metric_count(); i++) {
        size_t fact = 0;
        while (fact < COUNT(facts) && strcmp(facts[fact].name, tb_metric_at(i)->name) != 0)
            fact++;
        if (fact == COUNT(facts))
            fail_msg("no fact is stated of %s", tb_metric_at(i)->name);
    }
}

static void nothing_gives_no_value(void **state)
{
    (void)state;
    const struct tb_walk_measure no_walks = tb_walk_measure_absent(TB_ABSENT_WALK);
    const struct tb_measures nothing = {.completed = NAN, .client_walk = no_walks, .server_walk = no_walks};
    const struct tb_measures only_work = {.completed = 10, .client_walk = no_walks, .server_walk = no_walks};
    for (size_t i = 0; i < tb_metric_count(); i++) {
        assert_metric(&nothing, tb_metric_at(i)->name, NAN);
        assert_metric(&only_work, tb_metric_at(i)->name, NAN);
    }
}

static bool depends_on_work(const char *name)
{
    return strstr(name, "_per_request") != NULL && strcmp(name, "time_per_request") != 0;
}

static void without_completed_work_nothing_is_per_request(void **state)
{
    (void)state;
    struct made_run run;
    make_run(&run);
    const double unusable[] = {0, NAN, -1};
    for (size_t w = 0; w < COUNT(unusable); w++) {
        run.measures.completed = unusable[w];
        for (size_t i = 0; i < COUNT(facts); i++)
            assert_metric(&run.measures, facts[i].name, depends_on_work(facts[i].name) ? NAN : facts[i].expected);
    }
}

/* A row takes nothing from an artifact other than the one it names as its source. */
static void a_metric_needs_its_source_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < tb_metric_count(); i++) {
        const struct tb_metric *metric = tb_metric_at(i);
        struct made_run run;
        make_run(&run);
        const double full = tb_metric_extract(metric, &run.measures).number;
        const enum tb_metric_source source = metric->source;
        run.measures.ab = source == TB_METRIC_FROM_AB ? run.measures.ab : NULL;
        run.measures.quantiles = source == TB_METRIC_FROM_AB ? run.measures.quantiles : NULL;
        run.measures.client = source == TB_METRIC_FROM_CLIENT_TRACE ? run.measures.client : NULL;
        run.measures.server = source == TB_METRIC_FROM_SERVER_TRACE ? run.measures.server : NULL;
        run.measures.flows = source == TB_METRIC_FROM_CAPTURE ? run.measures.flows : NULL;
        run.measures.completed_flows = source == TB_METRIC_FROM_CAPTURE ? run.measures.completed_flows : NULL;
        run.measures.port_flows = source == TB_METRIC_FROM_CAPTURE ? run.measures.port_flows : NULL;
        run.measures.sessions = source == TB_METRIC_FROM_LATENCY ? run.measures.sessions : NULL;
        run.measures.counters = source == TB_METRIC_FROM_COUNTERS ? run.measures.counters : NULL;
        for (unsigned role = 0; role < TB_METRIC_ROLES; role++)
            if (source != TB_METRIC_FROM_KERNEL_LOG || role != metric->role)
                run.measures.kernel_logs[role] = NULL;
        assert_metric(&run.measures, metric->name, full);
    }
}

static void times_come_from_the_text_where_no_csv_is(void **state)
{
    (void)state;
    struct made_run run;
    make_run(&run);
    run.measures.quantiles = NULL;
    assert_metric(&run.measures, "request_time_median", 100);
    assert_metric(&run.measures, "request_time_longest", 108);
    assert_metric(&run.measures, "request_time_p90", 104);
    make_run(&run);
    run.quantiles.milliseconds[99] = NAN;                 /* of few requests the CSV lacks that row */
    assert_metric(&run.measures, "request_time_p99", 10); /* which is the longest time then */
    assert_metric(&run.measures, "request_time_p98", 9.8);
}

static bool survives_failures(const struct tb_metric *metric)
{
    static const char *const rates[] = {
        "requests_per_second",          "time_per_request",     "transfer_rate",
        "interval_rate_lowest",         "interval_rate_spread", "received_interval_rate_lowest",
        "received_interval_rate_spread"};
    for (size_t i = 0; i < COUNT(rates); i++)
        if (strcmp(metric->name, rates[i]) == 0)
            return false;
    return strstr(metric->name, "_per_request") == NULL && strncmp(metric->name, "request_time_", 13) != 0 &&
           (strstr(metric->name, "_time_m") == NULL || metric->source != TB_METRIC_FROM_AB);
}

static void failures_take_rates_and_per_request_values_away(void **state)
{
    (void)state;
    struct made_run run;
    make_run(&run);
    run.measures.too_many_failures = true;
    size_t survivors = 0;
    for (size_t i = 0; i < COUNT(facts); i++) {
        const struct tb_metric *metric = tb_metric_at(tb_metric_find(facts[i].name));
        const bool survives = survives_failures(metric);
        survivors += survives && metric->source == TB_METRIC_FROM_AB;
        assert_metric(&run.measures, facts[i].name, survives ? facts[i].expected : NAN);
        if (!survives)
            assert_absent(&run.measures, facts[i].name, TB_ABSENT_FAILURES);
    }
    assert_int_equal(survivors, 3); /* failed_share, non_2xx_share, successful_requests_per_second */
}

static void what_ab_does_not_state_is_unknown(void **state)
{
    (void)state;
    static const struct {
        enum tb_ab_count count;
        const char *metric;
    } cases[] = {{TB_AB_TOTAL_BYTES, "received_per_request"},
                 {TB_AB_NON_2XX, "non_2xx_share"},
                 {TB_AB_FAILED, "failed_share"},
                 {TB_AB_RETRANSMITS, "retransmits_per_request"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct made_run run;
        make_run(&run);
        run.ab.stated[cases[i].count] = false;
        assert_absent(&run.measures, cases[i].metric, TB_ABSENT_UNSTATED);
    }
    struct made_run run;
    make_run(&run);
    run.ab.complete = 0;
    assert_absent(&run.measures, "failed_share", TB_ABSENT_WORK);
}

static void losses_of_latency_sessions(void **state)
{
    (void)state;
    struct made_run run;
    make_run(&run);
    run.measures.server_address[0] = '\0';
    assert_metric(&run.measures, "latency_loss", 0.05);
    assert_absent(&run.measures, "latency_loss_to_server", TB_ABSENT_ENDS);
    make_run(&run);
    run.measures.session_count = 2;
    assert_absent(&run.measures, "latency_loss_to_client", TB_ABSENT_DIRECTION);
    run.sessions[0].sent = run.sessions[1].sent = run.sessions[0].lost = run.sessions[1].lost = 0;
    assert_absent(&run.measures, "latency_loss", TB_ABSENT_OCCURRENCE);
}

/* A third machine measured as well: that is no direction between client and server. */
static void sessions_between_other_hosts_are_left_out(void **state)
{
    (void)state;
    struct made_run run;
    make_run(&run);
    make_session(&run.sessions[1], "10.0.0.1", "10.0.0.9", 9.9);
    assert_metric(&run.measures, "jitter_to_server", 0.1);
    assert_metric(&run.measures, "jitter_to_client", 0.5);
    assert_metric(&run.measures, "latency_loss", 10.0 / 180);
    assert_metric(&run.measures, "latency_loss_to_client", 9.0 / 140);
    assert_int_equal(tb_latency_elsewhere(&run.measures, run.sessions, 3), 1);
    run.measures.server_address[0] = '\0'; /* no direction is known, so all sessions are alike */
    assert_metric(&run.measures, "jitter", 10.5 / 3);
    assert_int_equal(tb_latency_elsewhere(&run.measures, run.sessions, 3), 0);
}

/* Hosts have names, and the capture knows the server by its address. */
static void addresses_tell_directions_too(void **state)
{
    (void)state;
    struct made_run run;
    make_run(&run);
    static const char *const ends[3][2] = {
        {"10.0.0.1", "10.0.0.2"}, {"10.0.0.1", "10.0.0.2"}, {"10.0.0.2", "10.0.0.1"}};
    for (size_t i = 0; i < 3; i++) {
        strcpy(run.sessions[i].from, "a");
        strcpy(run.sessions[i].to, "b");
    }
    assert_absent(&run.measures, "jitter_to_server", TB_ABSENT_ENDS);
    for (size_t i = 0; i < 3; i++) {
        strcpy(run.sessions[i].from_address, ends[i][0]);
        strcpy(run.sessions[i].to_address, ends[i][1]);
    }
    assert_metric(&run.measures, "jitter_to_server", 0.2);
    assert_metric(&run.measures, "jitter_to_client", 0.5);
}

/* ab was told the name that the sessions bear, whatever address the capture has. */
static void names_tell_directions_too(void **state)
{
    (void)state;
    struct made_run run;
    make_run(&run);
    make_session(&run.sessions[0], "client", "server", 0.1);
    make_session(&run.sessions[1], "client", "server", 0.3);
    make_session(&run.sessions[2], "server", "client", 0.5);
    assert_absent(&run.measures, "jitter_to_server", TB_ABSENT_ENDS);
    strcpy(run.measures.server_name, "server");
    assert_metric(&run.measures, "jitter_to_server", 0.2);
    assert_metric(&run.measures, "jitter_to_client", 0.5);
    /* On one machine both ends are the server, and no session has a direction. */
    for (size_t i = 0; i < 3; i++)
        make_session(&run.sessions[i], "server", "server", 0.1 + 0.2 * (double)i);
    assert_absent(&run.measures, "jitter_to_server", TB_ABSENT_ENDS);
    assert_metric(&run.measures, "jitter", 0.3);
}

/* Whatever the server is called, sessions of which none goes back are one direction. */
static void sessions_without_a_way_back_are_one_direction(void **state)
{
    (void)state;
    static const struct {
        const char *ends[3][2]; /* from, to */
        double jitter;          /* NaN: none */
    } cases[] = {
        {{{"a", "b"}, {"a", "b"}, {"a", "b"}}, NAN},
        {{{"a", "b"}, {"a", "c"}, {"d", "b"}}, NAN},
        {{{"a", "b"}, {"a", "b"}, {"b", "a"}}, 0.3},
        {{{"[fe80::1]:861", "[fe80::2]:8760"}, {"fe80::1", "fe80::2"}, {"fe80::2", "fe80::1"}}, 0.3},
        {{{"fe80::1", "fe80::2"}, {"fe80::1", "fe80::2"}, {"fe80::2", "fe80::1:5"}}, NAN},
        {{{"a:861", "b:9"}, {"a:861", "b:9"}, {"b:9000", "a:5"}}, 0.3},
        {{{"a", "b"}, {"a", "b"}, {"a", "ba"}}, NAN},
        {{{"a", "b"}, {"a", "b"}, {"", "b"}}, 0.3},  /* a form that does not say */
        {{{"a", "a"}, {"a", "a"}, {"a", "a"}}, 0.3}, /* one machine */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct made_run run;
        make_run(&run);
        run.measures.server_address[0] = '\0';
        for (size_t s = 0; s < 3; s++)
            make_session(&run.sessions[s], cases[i].ends[s][0], cases[i].ends[s][1], 0.1 + 0.2 * (double)s);
        print_message("%zu\n", i);
        assert_metric(&run.measures, "jitter", cases[i].jitter);
        if (isnan(cases[i].jitter))
            assert_absent(&run.measures, "jitter", TB_ABSENT_DIRECTION);
        assert_absent(&run.measures, "jitter_to_client", TB_ABSENT_ENDS);
    }
}

static void an_unknown_counter_has_no_value(void **state)
{
    (void)state;
    struct made_run run;
    make_run(&run);
    run.counters.known[TB_COUNTER_BLOCK_READS] = false;
    assert_metric(&run.measures, "host_block_reads_per_request", NAN);
    assert_metric(&run.measures, "host_block_writes_per_request", 1 + TB_COUNTER_BLOCK_WRITES);
}

/* What went over descriptors of unknown kind may have been of any kind; one in a hundred is let pass. */
static void unknown_descriptors_leave_no_value_for_kinds(void **state)
{
    (void)state;
    static const struct {
        struct tb_transfer network, unknown;
        bool known;
    } cases[] = {
        {{99, 9900}, {1, 100}, true},  /* 1 % of both */
        {{98, 9800}, {2, 100}, false}, /* 2 % of calls */
        {{99, 9900}, {1, 200}, false}, /* 2 % of bytes */
        {{0, 0}, {20, 2000}, false},   /* all of them */
        {{0, 0}, {0, 0}, false},       /* a server that answers reads; a client that asks writes */
        {{0, 0}, {1, 0}, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct made_run run;
        make_run(&run);
        struct tb_transfer *const reads = run.server.reads, *const writes = run.client.writes;
        memset(reads, 0, sizeof run.server.reads);
        memset(writes, 0, sizeof run.client.writes);
        reads[TB_DESCRIPTOR_NETWORK] = writes[TB_DESCRIPTOR_NETWORK] = cases[i].network;
        reads[TB_DESCRIPTOR_UNKNOWN] = writes[TB_DESCRIPTOR_UNKNOWN] = cases[i].unknown;
        const double calls = (double)cases[i].network.calls / 10, bytes = (double)cases[i].network.bytes / 10;
        const bool known = cases[i].known;
        assert_metric(&run.measures, "server_network_reads_per_request", known ? calls : NAN);
        assert_metric(&run.measures, "server_network_read_bytes_per_request", known ? bytes : NAN);
        assert_metric(&run.measures, "server_file_read_bytes_per_request", known ? 0 : NAN);
        assert_metric(&run.measures, "client_network_writes_per_request", known ? calls : NAN);
        const uint64_t all = cases[i].network.calls + cases[i].unknown.calls;
        assert_metric(&run.measures, "server_receives_per_request", all == 0 ? NAN : (double)all / 10);
        assert_metric(&run.measures, "client_network_reads_per_request", 0.1);
    }
}

/* Requests need the network; files need not be read. So no bytes from files are 0 where a trace has reads at all. */
static void a_client_that_reads_no_file_read_none(void **state)
{
    (void)state;
    struct made_run run;
    make_run(&run);
    run.client.reads[TB_DESCRIPTOR_FILE] = (struct tb_transfer){0};
    assert_metric(&run.measures, "client_file_read_bytes_per_request", 0);
    memset(run.client.reads, 0, sizeof run.client.reads);
    assert_absent(&run.measures, "client_file_read_bytes_per_request", TB_ABSENT_CALLS);
    run.client.reads[TB_DESCRIPTOR_UNKNOWN] = (struct tb_transfer){.calls = 20, .bytes = 2000};
    assert_absent(&run.measures, "client_file_read_bytes_per_request", TB_ABSENT_DESCRIPTOR);
    run.measures.client = NULL;
    assert_absent(&run.measures, "client_file_read_bytes_per_request", TB_ABSENT_ARTIFACT);
}

/* Newer drivers write exits only, and filters leave switches out: that is not nought. */
static void what_a_trace_does_not_record_has_no_value(void **state)
{
    (void)state;
    struct made_run run;
    make_run(&run);
    run.client.losses_known = false;
    run.server.switches_known = false;
    assert_metric(&run.measures, "client_events_per_request", NAN);
    assert_metric(&run.measures, "client_context_switches_per_request", 1.5);
    assert_metric(&run.measures, "client_calls_per_request", 20);
    assert_metric(&run.measures, "server_events_per_request", 390);
    assert_metric(&run.measures, "server_context_switches_per_request", NAN);
}

/* A trace that was filtered by calls, or that began after the connections were made. */
static void calls_that_a_trace_leaves_out_are_not_nought(void **state)
{
    (void)state;
    static const char *const metrics[] = {"server_reads",
                                          "server_reads_per_request",
                                          "server_receives_per_request",
                                          "server_network_reads_per_request",
                                          "server_read_bytes_per_request",
                                          "server_file_read_bytes_per_request",
                                          "client_writes_per_request",
                                          "client_network_writes_per_request",
                                          "client_write_bytes_per_request",
                                          "client_connections_per_request"};
    struct made_run run;
    make_run(&run);
    memset(run.server.reads, 0, sizeof run.server.reads);
    memset(run.client.writes, 0, sizeof run.client.writes);
    run.client.connect_count = 0;
    for (size_t i = 0; i < COUNT(metrics); i++)
        assert_absent(&run.measures, metrics[i], TB_ABSENT_CALLS);
    assert_metric(&run.measures, "server_writes_per_request", 18);
    assert_metric(&run.measures, "client_receives_per_request", 0.6);
    make_run(&run); /* of another process, which has no part in the requests */
    memset(&run.client.writes[TB_DESCRIPTOR_NETWORK], 0, sizeof run.client.writes[0]);
    memset(&run.client.reads[TB_DESCRIPTOR_NETWORK], 0, sizeof run.client.reads[0]);
    assert_absent(&run.measures, "client_network_writes_per_request", TB_ABSENT_CALLS);
    assert_absent(&run.measures, "client_network_read_bytes_per_request", TB_ABSENT_CALLS);
    assert_metric(&run.measures, "client_file_read_bytes_per_request", 20);
    assert_metric(&run.measures, "client_writes_per_request", 1.3);
    run.measures.completed = NAN;
    assert_absent(&run.measures, "server_receives_per_request", TB_ABSENT_WORK);
}

/* An interface, a mirror port or a filter that shows one way only. */
static void a_capture_of_one_direction_says_nothing_of_the_other(void **state)
{
    (void)state;
    static const char *const of_both[] = {"packets_per_request",        "pure_acks_per_request",
                                          "closed_flows_per_request",   "open_flows_per_request",
                                          "duplicate_acks_per_request", "retransmitted_packets_per_request"};
    static const char *const of_server[] = {"server_payload_per_request",   "server_packets_per_request_completed",
                                            "server_retransmission_rate",   "server_segment_mean",
                                            "packets_per_captured_request", "server_payload_per_captured_request",
                                            "packets_per_tls_exchange",     "packets_per_http2_stream"};
    static const char *const of_client[] = {"client_packets_per_request", "client_ip_bytes_per_request",
                                            "client_retransmission_rate", "client_gap_mean"};
    struct made_run run;
    make_run(&run);
    memset(&run.flows.side[1], 0, sizeof run.flows.side[1]);
    for (size_t i = 0; i < COUNT(of_both); i++)
        assert_absent(&run.measures, of_both[i], TB_ABSENT_ONE_WAY);
    for (size_t i = 0; i < COUNT(of_server); i++)
        assert_absent(&run.measures, of_server[i], TB_ABSENT_ONE_WAY);
    assert_metric(&run.measures, "client_packets_per_request", 100.1);
    make_run(&run);
    memset(&run.flows.side[0], 0, sizeof run.flows.side[0]);
    for (size_t i = 0; i < COUNT(of_both); i++)
        assert_absent(&run.measures, of_both[i], TB_ABSENT_ONE_WAY);
    for (size_t i = 0; i < COUNT(of_client); i++)
        assert_absent(&run.measures, of_client[i], TB_ABSENT_ONE_WAY);
    assert_metric(&run.measures, "server_payload_per_request", 200.3);
    assert_metric(&run.measures, "connections_per_request", 1.2);
}

static void without_a_port_connections_are_unknown(void **state)
{
    (void)state;
    struct made_run run;
    make_run(&run);
    run.measures.server_port = 0;
    assert_metric(&run.measures, "client_connections_per_request", NAN);
    assert_metric(&run.measures, "server_connections_per_request", NAN);
    assert_metric(&run.measures, "client_calls_per_request", 20);
}

static void reasons_are_told_apart(void **state)
{
    (void)state;
    struct made_run run;
    make_run(&run);
    run.measures.server_port = 0;
    assert_absent(&run.measures, "client_connections_per_request", TB_ABSENT_PORT);
    run.measures.completed = 0;
    assert_absent(&run.measures, "client_calls_per_request", TB_ABSENT_WORK);
    run.measures.client = NULL;
    assert_absent(&run.measures, "client_calls_per_request", TB_ABSENT_ARTIFACT);
    assert_absent(&run.measures, "server_walk_bits_per_transition", TB_ABSENT_OCCURRENCE);
    run.measures.server_walk = tb_walk_measure_absent(TB_ABSENT_WINDOW);
    assert_absent(&run.measures, "server_walk_invalid_share", TB_ABSENT_WINDOW);
    run.counters.known[TB_COUNTER_BLOCK_READS] = false;
    assert_absent(&run.measures, "host_block_reads_per_request", TB_ABSENT_UNSTATED);
    run.flows.side[1].data_packets = 0;
    assert_absent(&run.measures, "server_retransmission_rate", TB_ABSENT_OCCURRENCE);
    run.flows.side[0].detail.requests = 0;
    assert_absent(&run.measures, "packets_per_captured_request", TB_ABSENT_REQUESTS);
    run.flows.side[0].detail.tls_connections = 0;
    assert_absent(&run.measures, "tls_connections_per_request", TB_ABSENT_OCCURRENCE);
    run.flows.side[0].detail.http2_streams = 0;
    assert_absent(&run.measures, "http2_streams_per_request", TB_ABSENT_OCCURRENCE);
    assert_absent(&run.measures, "packets_per_http2_stream", TB_ABSENT_OCCURRENCE);
    run.measures.load_delays = NULL;
    assert_absent(&run.measures, "load_jitter", TB_ABSENT_LOAD);
    run.measures.path_delays = NULL;
    assert_absent(&run.measures, "path_matched_to_server", TB_ABSENT_OTHER_END);
    run.measures.server_address[0] = '\0';
    assert_absent(&run.measures, "jitter_to_server", TB_ABSENT_ENDS);
    run.measures.flows = NULL;
    assert_absent(&run.measures, "packets_per_captured_request", TB_ABSENT_ARTIFACT);
}

static void every_reason_has_its_words(void **state)
{
    (void)state;
    for (int i = 0; i < TB_ABSENCES; i++) {
        assert_true(strlen(tb_absence_name((enum tb_absence)i)) > 3);
        assert_true(strlen(tb_absence_sentence((enum tb_absence)i)) > 10);
        for (int other = 0; other < i; other++)
            assert_string_not_equal(tb_absence_name((enum tb_absence)i), tb_absence_name((enum tb_absence)other));
    }
}

static void directions_of_latency(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        const char *server;
        const char *to[3];
        double jitter[3];
        double both, to_server, to_client;
    } cases[] = {
        {"plain hosts", "10.0.0.2", {"10.0.0.2", "10.0.0.2", "10.0.0.1"}, {0.1, 0.3, 0.5}, 0.35, 0.2, 0.5},
        {"with port", "10.0.0.2", {"10.0.0.2:861", "10.0.0.2:861", "10.0.0.1:9"}, {0.1, 0.3, 0.5}, 0.35, 0.2, 0.5},
        {"in brackets", "fe80::2", {"[fe80::2]:861", "[fe80::1]:861", "fe80::1"}, {0.1, 0.3, 0.5}, 0.25, 0.1, 0.4},
        {"a longer IPv6 address", "fe80::2", {"fe80::2", "fe80::2:1", "fe80::1"}, {0.1, 0.3, 0.5}, 0.25, 0.1, 0.4},
        {"a longer name", "10.0.0.2", {"10.0.0.20", "10.0.0.2", "10.0.0.21"}, {0.1, 0.3, 0.5}, 0.3, 0.3, 0.3},
        /* Where the directions cannot be told apart: the mean of all sessions. */
        {"server unknown", "", {"10.0.0.2", "10.0.0.2", "10.0.0.1"}, {0.1, 0.3, 0.5}, 0.3, NAN, NAN},
        /* A direction that was lost must not be replaced by the other. */
        {"one direction only", "10.0.0.2", {"10.0.0.2", "10.0.0.2", "10.0.0.2"}, {0.1, 0.3, 0.5}, NAN, 0.3, NAN},
        /* owping prints no jitter above 5 % loss: half of the sessions suffice. */
        {"a session without", "10.0.0.2", {"10.0.0.2", "10.0.0.2", "10.0.0.1"}, {0.1, NAN, 0.5}, 0.3, 0.1, 0.5},
        {"two of three without", "10.0.0.2", {"10.0.0.2", "10.0.0.2", "10.0.0.2"}, {0.1, NAN, NAN}, NAN, NAN, NAN},
        {"a direction without", "10.0.0.2", {"10.0.0.2", "10.0.0.2", "10.0.0.1"}, {0.1, 0.3, NAN}, NAN, 0.2, NAN},
        {"two of three, server unknown", "", {"b", "b", "a"}, {0.1, NAN, NAN}, NAN, NAN, NAN},
        {"one of three, server unknown", "", {"b", "b", "a"}, {0.1, NAN, 0.5}, 0.3, NAN, NAN},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct made_run run;
        make_run(&run);
        for (size_t s = 0; s < 3; s++)
            make_session(&run.sessions[s], "", cases[i].to[s], cases[i].jitter[s]);
        snprintf(run.measures.server_address, sizeof run.measures.server_address, "%s", cases[i].server);
        print_message("%s\n", cases[i].what);
        assert_metric(&run.measures, "jitter", cases[i].both);
        assert_metric(&run.measures, "jitter_to_server", cases[i].to_server);
        assert_metric(&run.measures, "jitter_to_client", cases[i].to_client);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_metric_takes_its_own_number),
        cmocka_unit_test(nothing_gives_no_value),
        cmocka_unit_test(without_completed_work_nothing_is_per_request),
        cmocka_unit_test(a_metric_needs_its_source_only),
        cmocka_unit_test(times_come_from_the_text_where_no_csv_is),
        cmocka_unit_test(an_unknown_counter_has_no_value),
        cmocka_unit_test(unknown_descriptors_leave_no_value_for_kinds),
        cmocka_unit_test(a_client_that_reads_no_file_read_none),
        cmocka_unit_test(what_a_trace_does_not_record_has_no_value),
        cmocka_unit_test(calls_that_a_trace_leaves_out_are_not_nought),
        cmocka_unit_test(a_capture_of_one_direction_says_nothing_of_the_other),
        cmocka_unit_test(without_a_port_connections_are_unknown),
        cmocka_unit_test(reasons_are_told_apart),
        cmocka_unit_test(every_reason_has_its_words),
        cmocka_unit_test(failures_take_rates_and_per_request_values_away),
        cmocka_unit_test(what_ab_does_not_state_is_unknown),
        cmocka_unit_test(losses_of_latency_sessions),
        cmocka_unit_test(addresses_tell_directions_too),
        cmocka_unit_test(sessions_between_other_hosts_are_left_out),
        cmocka_unit_test(names_tell_directions_too),
        cmocka_unit_test(sessions_without_a_way_back_are_one_direction),
        cmocka_unit_test(directions_of_latency),
    };
    return cmocka_run_group_tests_name("metrics: extractors", tests, make_distributions, free_distributions);
}
