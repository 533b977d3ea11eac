/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "twinbed/metrics/checks.h"

#define COUNT(values) (sizeof(values) / sizeof(values)[0])

/* 100 requests of 70 bytes, ten at a time, on port 80; every record agrees to the byte. */
struct records {
    struct tb_apachebench ab;
    struct tb_measures measures;
    struct tb_capture capture;
    struct tb_flow_totals flows;
    struct tb_port_total connections;
    struct tb_sequence sequence;
    struct tb_ab_quantiles quantiles;
    struct tb_ab_requests requests;
    struct tb_check_evidence evidence;
};

static void make_records(struct records *records)
{
    memset(records, 0, sizeof *records);
    records->ab = (struct tb_apachebench){.complete = 100, .total_bytes = 7000, .concurrency = 1};
    records->ab.stated[TB_AB_TOTAL_BYTES] = records->ab.stated[TB_AB_COMPLETE] = true;
    records->ab.percentile_ms[TB_AB_PERCENTILES - 1] = 60;
    records->quantiles.milliseconds[100] = 60.4;
    records->requests = (struct tb_ab_requests){.rows = 100, .milliseconds[100] = 60};
    records->measures = (struct tb_measures){.ab = &records->ab, .completed = 100, .server_port = 80};
    records->capture.packets = 1000;
    records->flows.completed = 100;
    records->flows.side[0].detail.requests = 100;
    records->flows.side[1].unique_bytes = 7000;
    records->connections = (struct tb_port_total){.port = 80, .count = 100};
    records->sequence.connects = &records->connections;
    records->sequence.connect_count = 1;
    records->sequence.accepts = &records->connections;
    records->sequence.accept_count = 1;
    records->sequence.reads[TB_DESCRIPTOR_NETWORK].bytes = 7000;
    records->sequence.writes[TB_DESCRIPTOR_NETWORK].bytes = 7000;
    records->evidence = (struct tb_check_evidence){.measures = &records->measures,
                                                   .quantiles = &records->quantiles,
                                                   .requests = &records->requests,
                                                   .capture = &records->capture,
                                                   .flows = &records->flows,
                                                   .sequence = &records->sequence,
                                                   .dropped_packets = TB_CHECK_UNKNOWN,
                                                   .written_packets = TB_CHECK_UNKNOWN,
                                                   .least = 0.99,
                                                   .excess = 0.05,
                                                   .loss = 0.01};
}

static struct tb_check_result make(const struct records *records, const char *name)
{
    struct tb_check_result result;
    for (size_t i = 0; i < tb_check_count(); i++) {
        if (strcmp(tb_check_at(i)->name, name) != 0)
            continue;
        tb_check_make(tb_check_at(i), &records->evidence, &result);
        return result;
    }
    fail_msg("no check is named %s", name);
    return result;
}

/* One record at a time says something else. */
struct fact {
    const char *check;
    uint64_t seen; /* what the check counts becomes this */
    enum tb_check_verdict verdict;
};

static void set_seen(struct records *records, const char *check, uint64_t seen)
{
    if (strcmp(check, "ab_csv_longest") == 0)
        records->quantiles.milliseconds[100] = (double)seen;
    else if (strcmp(check, "ab_tsv_longest") == 0)
        records->requests.milliseconds[100] = (double)seen;
    else if (strcmp(check, "ab_tsv_rows") == 0)
        records->requests.rows = seen;
    else if (strcmp(check, "capture_replies") == 0)
        records->flows.completed = seen;
    else if (strcmp(check, "capture_requests") == 0)
        records->flows.side[0].detail.requests = seen;
    else if (strcmp(check, "capture_exchanges") == 0)
        records->flows.side[0].detail.tls_exchanges = seen;
    else if (strcmp(check, "capture_streams") == 0)
        records->flows.side[0].detail.http2_streams = seen;
    else if (strcmp(check, "capture_bytes") == 0)
        records->flows.side[1].unique_bytes = seen;
    else if (strcmp(check, "capture_packets") == 0)
        records->evidence.dropped_packets = seen;
    else if (strcmp(check, "capture_written") == 0)
        records->evidence.written_packets = seen;
    else if (strcmp(check, "client_trace_bytes") == 0)
        records->sequence.reads[TB_DESCRIPTOR_NETWORK].bytes = seen;
    else if (strcmp(check, "server_trace_bytes") == 0)
        records->sequence.writes[TB_DESCRIPTOR_NETWORK].bytes = seen;
    else
        records->connections.count = seen;
}

static void every_check_sees_too_few_and_too_many(void **state)
{
    (void)state;
    static const struct fact facts[] = {
        {"ab_csv_longest", 59, TB_CHECK_AGREES},
        {"ab_csv_longest", 58, TB_CHECK_TOO_FEW},
        {"ab_csv_longest", 62, TB_CHECK_TOO_MANY},
        {"ab_tsv_longest", 61, TB_CHECK_AGREES},
        {"ab_tsv_longest", 0, TB_CHECK_TOO_FEW},
        {"ab_tsv_rows", 99, TB_CHECK_TOO_FEW},
        {"ab_tsv_rows", 101, TB_CHECK_TOO_MANY},
        {"capture_replies", 100, TB_CHECK_AGREES},
        {"capture_replies", 99, TB_CHECK_TOO_FEW}, /* at the limit */
        {"capture_replies", 105, TB_CHECK_AGREES},
        {"capture_replies", 106, TB_CHECK_TOO_MANY},
        {"capture_requests", 100, TB_CHECK_AGREES},
        {"capture_requests", 99, TB_CHECK_TOO_FEW},
        {"capture_requests", 106, TB_CHECK_TOO_MANY},
        {"capture_requests", 0, TB_CHECK_NOT_MADE}, /* none can be read */
        {"capture_exchanges", 100, TB_CHECK_AGREES},
        {"capture_exchanges", 99, TB_CHECK_TOO_FEW},
        {"capture_exchanges", 106, TB_CHECK_TOO_MANY},
        {"capture_exchanges", 0, TB_CHECK_NOT_MADE},
        {"capture_streams", 100, TB_CHECK_AGREES},
        {"capture_streams", 99, TB_CHECK_TOO_FEW},
        {"capture_streams", 106, TB_CHECK_TOO_MANY},
        {"capture_streams", 0, TB_CHECK_NOT_MADE},
        {"capture_bytes", 6931, TB_CHECK_AGREES},
        {"capture_bytes", 6930, TB_CHECK_TOO_FEW},
        {"capture_bytes", 14000, TB_CHECK_TOO_MANY},
        {"capture_packets", 10, TB_CHECK_AGREES}, /* of 1010 */
        {"capture_packets", 11, TB_CHECK_TOO_FEW},
        {"capture_packets", 0, TB_CHECK_AGREES},
        {"client_trace_connects", 98, TB_CHECK_TOO_FEW},
        {"client_trace_connects", 200, TB_CHECK_TOO_MANY},
        {"client_trace_bytes", 6800, TB_CHECK_TOO_FEW},
        {"client_trace_bytes", 7000, TB_CHECK_AGREES},
        {"client_trace_bytes", 7400, TB_CHECK_TOO_MANY},
        {"server_trace_accepts", 0, TB_CHECK_TOO_FEW},
        {"server_trace_accepts", 101, TB_CHECK_AGREES},
        {"server_trace_bytes", 4235, TB_CHECK_TOO_FEW},
        {"server_trace_bytes", 7700, TB_CHECK_TOO_MANY},
    };
    for (size_t i = 0; i < COUNT(facts); i++) {
        struct records records;
        make_records(&records);
        set_seen(&records, facts[i].check, facts[i].seen);
        const struct tb_check_result result = make(&records, facts[i].check);
        if (result.verdict != facts[i].verdict)
            fail_msg("%s of %llu: %s is not %s", facts[i].check, (unsigned long long)facts[i].seen,
                     tb_check_verdict_name(result.verdict), tb_check_verdict_name(facts[i].verdict));
    }
}

/* Of less than a millisecond ab says 0. */
static void times_below_a_millisecond_agree(void **state)
{
    (void)state;
    struct records records;
    make_records(&records);
    records.ab.percentile_ms[TB_AB_PERCENTILES - 1] = 0;
    records.quantiles.milliseconds[100] = 0.9;
    const struct tb_check_result result = make(&records, "ab_csv_longest");
    assert_int_equal(result.verdict, TB_CHECK_AGREES);
    assert_true(result.ratio == 0.9 && result.least == -1 && result.most == 1);
    records.quantiles.milliseconds[100] = 1.1;
    assert_int_equal(make(&records, "ab_csv_longest").verdict, TB_CHECK_TOO_MANY);
}

static void tables_without_a_text_are_not_compared(void **state)
{
    (void)state;
    struct records records;
    make_records(&records);
    records.measures.ab = NULL;
    assert_int_equal(make(&records, "ab_csv_longest").verdict, TB_CHECK_NOT_MADE);
    assert_string_equal(make(&records, "ab_tsv_rows").why, "no text of ab stands beside the table");
    records.measures.ab = &records.ab;
    records.ab.percentile_ms[TB_AB_PERCENTILES - 1] = NAN;
    assert_string_equal(make(&records, "ab_csv_longest").why, "the longest request is not known");
    records.ab.stated[TB_AB_COMPLETE] = false;
    assert_int_equal(make(&records, "ab_tsv_rows").verdict, TB_CHECK_NOT_MADE);
}

/* Frames and handshakes come on top; nothing is taken away. */
static void encrypted_bytes_are_not_fewer(void **state)
{
    (void)state;
    static const char *const names[] = {"capture_bytes", "client_trace_bytes", "server_trace_bytes"};
    for (size_t i = 0; i < COUNT(names); i++) {
        struct records records;
        make_records(&records);
        records.ab.tls = true;
        set_seen(&records, names[i], 14000);
        assert_int_equal(make(&records, names[i]).verdict, TB_CHECK_AGREES);
        assert_true(isinf(make(&records, names[i]).most));
        set_seen(&records, names[i], 3600);
        assert_int_equal(make(&records, names[i]).verdict, TB_CHECK_TOO_FEW);
    }
}

/* Requests tell where connections do not. */
static void kept_alive_connections_are_not_requests(void **state)
{
    (void)state;
    struct records records;
    make_records(&records);
    records.ab.keepalive = 96;
    records.flows.completed = 4;
    records.connections.count = 4;
    assert_int_equal(make(&records, "capture_replies").verdict, TB_CHECK_NOT_MADE);
    assert_int_equal(make(&records, "client_trace_connects").verdict, TB_CHECK_NOT_MADE);
    assert_int_equal(make(&records, "server_trace_accepts").verdict, TB_CHECK_NOT_MADE);
    assert_int_equal(make(&records, "capture_requests").verdict, TB_CHECK_AGREES);
    records.flows.side[0].detail.requests = 99;
    assert_int_equal(make(&records, "capture_requests").verdict, TB_CHECK_TOO_FEW); /* at the limit */
    records.flows.flows = 4;
    records.flows.side[0].syn_packets = 3; /* one connection began before the capture */
    assert_int_equal(make(&records, "capture_requests").verdict, TB_CHECK_AGREES);
    records.flows.side[1].syn_packets = 4; /* no, its SYN was lost */
    assert_int_equal(make(&records, "capture_requests").verdict, TB_CHECK_TOO_FEW);
    records.flows.side[1].syn_packets = 3;
    records.flows.side[0].detail.requests = 98;
    assert_int_equal(make(&records, "capture_requests").verdict, TB_CHECK_TOO_FEW);
    records.flows.side[0].syn_packets = 4;
    records.flows.side[0].detail.requests = 60;
    assert_int_equal(make(&records, "capture_requests").verdict, TB_CHECK_TOO_FEW);
    records.flows.side[0].detail.requests = 0;
    assert_int_equal(make(&records, "capture_requests").verdict, TB_CHECK_NOT_MADE);
}

/* 100 units that a file counts: connections, requests on kept connections, or something else. */
static void units_of_a_file_may_be_anything(void **state)
{
    (void)state;
    static const char *const names[] = {"capture_replies", "client_trace_connects", "server_trace_accepts"};
    static const struct {
        uint64_t flows, requests, seen;
        enum tb_check_verdict verdict;
        const char *why;
    } facts[] = {
        {100, 100, 100, TB_CHECK_AGREES, ""},
        {98, 98, 98, TB_CHECK_TOO_FEW, ""},
        {4, 100, 4, TB_CHECK_NOT_MADE, "connections are kept alive, so one is not one request"},
        {100, 0, 100, TB_CHECK_AGREES, ""},
        {60, 0, 60, TB_CHECK_TOO_FEW, ""},
        {110, 0, 110, TB_CHECK_TOO_MANY, ""},
        {49, 0, 49, TB_CHECK_NOT_MADE, "nothing says that a completed unit is a connection"},
    };
    for (size_t i = 0; i < COUNT(facts) * COUNT(names); i++) {
        struct records records;
        make_records(&records);
        records.measures.ab = NULL;
        records.measures.flows = &records.flows;
        records.flows.flows = records.flows.completed = facts[i / COUNT(names)].flows;
        records.flows.side[0].detail.requests = facts[i / COUNT(names)].requests;
        records.connections.count = facts[i / COUNT(names)].seen;
        if (i % COUNT(names) > 0)
            records.evidence.capture = NULL;
        const struct tb_check_result result = make(&records, names[i % COUNT(names)]);
        assert_int_equal(result.verdict, facts[i / COUNT(names)].verdict);
        assert_string_equal(result.why, facts[i / COUNT(names)].why);
    }
}

/* One check of an artifact counts the units of work. */
static void checks_of_units_are_coverage(void **state)
{
    (void)state;
    for (size_t i = 0; i < tb_check_count(); i++) {
        const struct tb_check *const check = tb_check_at(i);
        assert_int_equal(check->is_coverage, strcmp(check->expected_text, "completed requests") == 0);
    }
}

static void what_cannot_be_compared_is_said(void **state)
{
    (void)state;
    struct records records;
    make_records(&records);
    assert_string_equal(make(&records, "capture_packets").why, "nothing says how many packets were lost");
    assert_non_null(strstr(make(&records, "capture_written").why, "no log"));
    records.ab.total_bytes = 0; /* stated, and not what the others say */
    records.ab.tls = false;
    assert_int_equal(make(&records, "capture_bytes").verdict, TB_CHECK_TOO_MANY);
    records.ab = (struct tb_apachebench){.complete = 100};
    assert_non_null(strstr(make(&records, "capture_bytes").why, "how many bytes"));
    records.evidence.work_from_capture = true;
    assert_non_null(strstr(make(&records, "capture_replies").why, "in this capture"));
    records.evidence.work_from_capture = false;
    records.measures.server_port = 0;
    assert_non_null(strstr(make(&records, "capture_replies").why, "port"));
    records.measures.completed = NAN;
    const struct tb_check_result result = make(&records, "server_trace_accepts");
    assert_non_null(strstr(result.why, "not known"));
    assert_true(isnan(result.seen) && isnan(result.expected) && isnan(result.ratio) && isnan(result.most));
}

/* One request less than there are at a time may have been answered when ab stopped, but never a second run. */
static void requests_under_way_are_no_excess(void **state)
{
    (void)state;
    struct records records;
    make_records(&records);
    records.ab.concurrency = 20;
    set_seen(&records, "client_trace_connects", 119);
    assert_int_equal(make(&records, "client_trace_connects").verdict, TB_CHECK_AGREES);
    set_seen(&records, "client_trace_connects", 120);
    assert_int_equal(make(&records, "client_trace_connects").verdict, TB_CHECK_TOO_MANY);
    records.ab.concurrency = 100;
    set_seen(&records, "capture_replies", 200);
    assert_int_equal(make(&records, "capture_replies").verdict, TB_CHECK_TOO_MANY);
}

/* Work that is counted in the capture is no measure of that capture, but ab's count is. */
static void ab_judges_the_capture_that_work_is_counted_in(void **state)
{
    (void)state;
    struct records records;
    make_records(&records);
    records.evidence.work_from_capture = true;
    records.measures.flows = &records.flows;
    records.flows.completed = records.flows.side[0].detail.requests = 90;
    records.measures.completed = 90;
    records.ab.tls = true;
    records.ab.stated[TB_AB_COMPLETE] = false;
    assert_non_null(strstr(make(&records, "capture_replies").why, "in this capture"));
    records.ab.stated[TB_AB_COMPLETE] = true;
    assert_int_equal(make(&records, "capture_replies").verdict, TB_CHECK_TOO_FEW);
    records.ab.keepalive = 100;
    assert_int_equal(make(&records, "capture_replies").verdict, TB_CHECK_NOT_MADE);
    assert_int_equal(make(&records, "capture_requests").verdict, TB_CHECK_TOO_FEW);
}

/* Connections that were there before the trace are descriptors of unknown kind. */
static void bytes_on_unknown_descriptors_may_be_the_networks(void **state)
{
    (void)state;
    struct records records;
    make_records(&records);
    records.sequence.writes[TB_DESCRIPTOR_NETWORK].bytes = 0;
    records.sequence.writes[TB_DESCRIPTOR_UNKNOWN].bytes = 7000;
    assert_int_equal(make(&records, "server_trace_bytes").verdict, TB_CHECK_AGREES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_check_sees_too_few_and_too_many),
        cmocka_unit_test(times_below_a_millisecond_agree),
        cmocka_unit_test(tables_without_a_text_are_not_compared),
        cmocka_unit_test(encrypted_bytes_are_not_fewer),
        cmocka_unit_test(kept_alive_connections_are_not_requests),
        cmocka_unit_test(units_of_a_file_may_be_anything),
        cmocka_unit_test(checks_of_units_are_coverage),
        cmocka_unit_test(what_cannot_be_compared_is_said),
        cmocka_unit_test(requests_under_way_are_no_excess),
        cmocka_unit_test(ab_judges_the_capture_that_work_is_counted_in),
        cmocka_unit_test(bytes_on_unknown_descriptors_may_be_the_networks),
    };
    return cmocka_run_group_tests_name("metrics: checks", tests, NULL, NULL);
}
