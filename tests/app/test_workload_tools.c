/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What other load generators print. The files were written by the programs themselves, but for k6.json and vegeta.json,
 * which follow their documents. */
#include "fixtures/text_source.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "twinbed/app/workload_tools.h"

static const double NONE = NAN;

static const struct {
    const char *file;
    enum tb_tool tool;
    int64_t complete, failed, non_2xx, concurrency, total_bytes; /* -1: not stated */
    double rate, mean, median, p99, longest, transfer;
} facts[] = {
    {"wrk_latency.txt", TB_TOOL_WRK, 15690, 0, 0, 4, -1, 15667.38, 0.7467, 0.159, 7.9, 17.53, 33.47 * 1024},
    {"wrk_failed.txt", TB_TOOL_WRK, 23050, 0, 23050, 2, -1, 22923.49, 0.38631, NONE, NONE, 9.11, 6.73 * 1024},
    {"h2load.txt", TB_TOOL_H2LOAD, 200, 0, 0, 4, 425396, 12670.26, 0.231, NONE, NONE, 3.03, 25.7 * 1024},
    {"hey.txt", TB_TOOL_HEY, 200, 0, 0, -1, -1, 7790.5234, 0.5, 0.4, 2.7, 3.7, NONE},
    {"k6.json", TB_TOOL_K6, 180, 9, -1, 19, 1300000, 4.36938, 144.56, 110.47, NONE, 1140.5, 31000.5 / 1024},
    {"vegeta.json", TB_TOOL_VEGETA, 100, 2, -1, -1, -1, 101, 2.37119, 2.854306, 3.53, 3.660505, 606700.0 / 1024},
    {"iperf3_client.json", TB_TOOL_IPERF3, 1349124096 / 131072, -1, -1, 1, -1, 10293 / 1.001274, NONE, NONE, NONE, NONE,
     10779259990.771757 / 8192},
    {"iperf3_server.json", TB_TOOL_IPERF3, 1349124096 / 131072, -1, -1, 1, -1, 10293 / 1.001274, NONE, NONE, NONE, NONE,
     10779259990.771757 / 8192},
    {"iperf3_both.json", TB_TOOL_IPERF3, 5955125248 / 131072, -1, -1, 1, -1, 45434 / 3.011912, NONE, NONE, NONE, NONE,
     15817527864.0279 / 8192},
    {"iperf3_udp.json", TB_TOOL_IPERF3, 39, 0, -1, 1, -1, 39 / 1.000271, NONE, NONE, NONE, NONE,
     10220846.150693163 / 8192},
    {"fio.json", TB_TOOL_FIO, 256, 0, -1, -1, -1, 12800, 0.074794269531, 0.067072, 0.216064, 0.553611, 51200},
    {"fio_mixed.json", TB_TOOL_FIO, 256, 0, -1, -1, -1, 13473.684211, NONE, NONE, NONE, NONE, NONE},
    {"sockperf.txt", TB_TOOL_SOCKPERF, 20843, 0, -1, -1, -1, 20843 / 0.55, 0.013174, 0.008896, 0.056401, 3.957793,
     NONE},
    {"ping.txt", TB_TOOL_PING, 5, 0, -1, -1, -1, 5 / 0.221, 0.04, NONE, NONE, 0.05, NONE},
};
enum { FACTS = sizeof facts / sizeof facts[0] };

static char *load(const char *name, size_t *size)
{
    char path[512];
    snprintf(path, sizeof path, WORKLOADS "/%s", name);
    FILE *file = fopen(path, "rb");
    char *text = malloc(1 << 16);
    assert_true(file != NULL && text != NULL);
    *size = fread(text, 1, 1 << 16, file);
    fclose(file);
    return text;
}

static enum tb_status read_text(const char *text, size_t size, struct tb_apachebench *read)
{
    struct tb_error error = {0};
    struct tb_source *source = open_bytes(text, size);
    const enum tb_status status = tb_workload_read(source, read, &error);
    tb_source_close(source);
    return status;
}

static void expect(const char *file, const char *what, double found, double expected)
{
    if (isnan(expected) ? !isnan(found) : !(fabs(found - expected) <= 1e-9 * fabs(expected)))
        fail_msg("%s: %s is %.17g, expected %.17g", file, what, found, expected);
}

static void every_tool_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < FACTS; i++) {
        size_t size;
        struct tb_apachebench read;
        char *text = load(facts[i].file, &size);
        assert_int_equal(tb_workload_recognise((const uint8_t *)text, size), facts[i].tool);
        if (read_text(text, size, &read) != TB_OK)
            fail_msg("%s cannot be read", facts[i].file);
        free(text);
        const char *file = facts[i].file;
        assert_int_equal(read.tool, facts[i].tool);
        assert_true(tb_account_balances(&read.account));
        expect(file, "complete", (double)tb_ab_count(&read, TB_AB_COMPLETE), (double)facts[i].complete);
        expect(file, "failed", (double)tb_ab_count(&read, TB_AB_FAILED), (double)facts[i].failed);
        expect(file, "non-2xx", (double)tb_ab_count(&read, TB_AB_NON_2XX), (double)facts[i].non_2xx);
        expect(file, "concurrency", (double)tb_ab_count(&read, TB_AB_CONCURRENCY), (double)facts[i].concurrency);
        expect(file, "bytes", (double)tb_ab_count(&read, TB_AB_TOTAL_BYTES), (double)facts[i].total_bytes);
        expect(file, "rate", floor(read.requests_per_second * 1e6) / 1e6, floor(facts[i].rate * 1e6) / 1e6);
        expect(file, "mean", read.time_per_request_ms, facts[i].mean);
        expect(file, "median", read.percentile_ms[0], facts[i].median);
        expect(file, "p99", read.percentile_ms[7], facts[i].p99);
        expect(file, "longest", read.percentile_ms[8], facts[i].longest);
        if (!isnan(facts[i].transfer))
            expect(file, "transfer", read.transfer_kib_s, facts[i].transfer);
    }
}

static void intervals_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        int64_t retransmits;
        unsigned count[TB_AB_ENDS];
        double lowest[TB_AB_ENDS], mean[TB_AB_ENDS], spread[TB_AB_ENDS];
    } cases[] = {
        {"iperf3_both.json",
         5,
         {2, 3},
         {415425.00078258244, 1417715.3246372524},
         {1387295.4421613042, 1924916.076123449},
         {0.9907279, 0.4327847}},
        {"iperf3_client.json", 21, {2, 0}, {10773479191.494131 / 8192, 0}, {1320960.2183509478, 0}, {0.0062503, 0}},
        {"iperf3_server.json", -1, {0, 1}, {0, 10780077659.738848 / 8192}, {0, 10780077659.738848 / 8192}, {0, NAN}},
        {"wrk_latency.txt", -1, {0, 0}, {0, 0}, {0, 0}, {0, 0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t size;
        struct tb_apachebench read;
        char *text = load(cases[i].file, &size);
        assert_int_equal(read_text(text, size, &read), TB_OK);
        free(text);
        assert_int_equal(tb_ab_count(&read, TB_AB_RETRANSMITS), cases[i].retransmits);
        for (unsigned end = 0; end < TB_AB_ENDS; end++) {
            const struct tb_ab_intervals *intervals = &read.intervals[end];
            assert_int_equal(intervals->count, cases[i].count[end]);
            expect(cases[i].file, "lowest", intervals->lowest_kib_s, cases[i].lowest[end]);
            expect(cases[i].file, "mean", intervals->mean_kib_s, cases[i].mean[end]);
            if (intervals->count > 0)
                expect(cases[i].file, "spread", floor(intervals->deviation_kib_s / intervals->mean_kib_s * 1e7) / 1e7,
                       cases[i].spread[end]);
        }
    }
}

/* Of seven intervals two are omitted and one is a rest; one has no rate. */
static void intervals_that_say_nothing_are_left_out(void **state)
{
    (void)state;
#define INTERVAL(seconds, rate, more) "{\"sum\": {\"seconds\": " seconds ", \"bits_per_second\": " rate more "}}"
    static const char text[] =
        "{\"start\": {\"connected\": [], \"version\": \"iperf 3\", \"test_start\": {\"blksize\": 8}}, \"intervals\": "
        "[7, " INTERVAL("1", "8192", ", \"omitted\": true") "," INTERVAL("9", "8192", ", \"omitted\": true") "," INTERVAL(
            "1", "16384",
            "") "," INTERVAL("1", "32768",
                             "") "," INTERVAL("0.4", "8192",
                                              "") "," INTERVAL("1", "-3",
                                                               "") "," INTERVAL("1", "1e300",
                                                                                "") "], \"server_output_json\": [], "
                                                                                    "\"end\": {\"sum\": {\"bytes\": "
                                                                                    "800, \"seconds\": 2}}}";
    struct tb_apachebench read;
    assert_int_equal(read_text(text, strlen(text), &read), TB_OK);
    assert_int_equal(read.intervals[TB_AB_SENT].count, 2);
    assert_true(read.intervals[TB_AB_SENT].lowest_kib_s == 2 && read.intervals[TB_AB_SENT].mean_kib_s == 3);
    assert_int_equal(read.intervals[TB_AB_RECEIVED].count, 0);
}

static void fio_says_its_own_samples(void **state)
{
    (void)state;
    static const char text[] =
        "{\"fio version\": \"fio-3\", \"jobs\": [{\"read\": {\"total_ios\": 5, \"iops\": 2, "
        "\"runtime\": 9, \"bw_min\": 40, \"bw_mean\": 50.5, \"bw_dev\": 3, \"bw_samples\": 6}}]}";
    struct tb_apachebench read;
    assert_int_equal(read_text(text, strlen(text), &read), TB_OK);
    assert_int_equal(read.intervals[TB_AB_SENT].count, 6);
    assert_true(read.intervals[TB_AB_SENT].lowest_kib_s == 40 && read.intervals[TB_AB_SENT].deviation_kib_s == 3);
}

static void the_server_is_known_where_it_is_said(void **state)
{
    (void)state;
    size_t size;
    struct tb_apachebench read;
    char *text = load("wrk_latency.txt", &size);
    assert_int_equal(read_text(text, size, &read), TB_OK);
    free(text);
    assert_string_equal(read.server_hostname, "127.0.0.1");
    assert_string_equal(read.document_path, "/doc.txt");
    assert_int_equal(read.server_port, 8077);
    text = load("iperf3_client.json", &size);
    assert_int_equal(read_text(text, size, &read), TB_OK);
    free(text);
    assert_int_equal(read.server_port, 5299);
}

/* A file that was cut off anywhere is refused, or gives numbers that the whole one has, too. */
static void every_beginning(void **state)
{
    (void)state;
    for (size_t i = 0; i < FACTS; i++) {
        size_t size;
        char *text = load(facts[i].file, &size);
        for (size_t cut = 0; cut + 1 < size; cut += size > 2000 ? 17 : 1) {
            struct tb_apachebench read;
            if (read_text(text, cut, &read) == TB_OK && read.tool == facts[i].tool && facts[i].tool != TB_TOOL_HEY)
                expect(facts[i].file, "complete", (double)read.complete, (double)facts[i].complete);
        }
        free(text);
    }
}

static void hostile_numbers(void **state)
{
    (void)state;
#define WRK "Running 1s test @ http://h:1/\n"
#define FIO "{\"fio version\": \"fio-3\", \"jobs\": "
    static const struct {
        const char *text;
        enum tb_status status;
    } cases[] = {
        {WRK "  9 requests in 1.00s, 1.0MB read\nRequests/sec: 9.0\n", TB_OK},
        {WRK "  99999999999999999999 requests in 1.00s, 1MB read\nRequests/sec: 1\n", TB_CORRUPT},
        {WRK "  9 requests in nans, 1MB read\nRequests/sec: 1\n", TB_CORRUPT},
        {WRK "  9 requests in 1.00s, 1MB read\nRequests/sec: -nan\n", TB_CORRUPT},
        {WRK "  9 requests in 1.00s, 1MB read\nRequests/sec: 1e999\n", TB_CORRUPT},
        {WRK "  Socket errors: connect 9223372036854775807, read 9, write 0, timeout 0\n", TB_CORRUPT},
        {WRK "unable to connect\n", TB_TRUNCATED},
        {"\xef\xbb\xbf" WRK "  9 requests in 1.00s, 1.0MB read\nRequests/sec: 9.0\n", TB_OK},
        {WRK "  9 requests in 1.00s, 1.0MB read\n" WRK "  9 requests in 1.00s, 1.0MB read\n", TB_UNSUPPORTED},
        {"Summary:\n  Slowest: 1 secs\n  Requests/sec: 9\n  Requests/sec: 9\n", TB_UNSUPPORTED},
        {"{\"rate\": 5}", TB_UNSUPPORTED},
        {FIO "[{\"read\": {\"total_ios\": 5, \"iops\": 2, \"slat\": 18446744073709551615}}]}", TB_OK},
        {FIO "[]}", TB_TRUNCATED},
        {FIO "7}", TB_TRUNCATED},
        {FIO "[7, {\"read\": []}, {\"read\": {\"total_ios\": \"9\"}}]}", TB_TRUNCATED},
        {FIO "[{\"read\": {\"total_ios\": 1e300, \"iops\": 1}}]}", TB_TRUNCATED},
        {FIO "[{\"read\": {\"total_ios\": 5, \"iops\": -1, \"runtime\": 0}}]}", TB_TRUNCATED},
        {FIO "[{\"read\": {\"total_ios\": 5, \"iops\": 2, \"runtime\": 9}}]}", TB_OK},
        {"{\"start\": {\"connected\": [], \"version\": \"iperf 3.12\"}, \"error\": \"no route\"}", TB_TRUNCATED},
        {"{\"start\": {\"connected\": [], \"version\": 3}, \"end\": {\"sum\": 7}}", TB_TRUNCATED},
        {"{\"metrics\": {\"http_reqs\": {\"values\": {\"count\": 3, \"rate\": 1.5}}}}", TB_OK},
        {"{\"metrics\": {\"http_reqs\": {\"values\": {\"count\": 3, \"rate\": 1.5}}}", TB_TRUNCATED},
        {"{\"metrics\": {\"http_reqs\": [3]}}", TB_TRUNCATED},
        {"PING h (1.1.1.1) 56(84) bytes of data.\n", TB_TRUNCATED},
        {"PING h (1.1.1.1) 56(84) bytes of data.\n3 packets transmitted, 9 received, 0% packet loss, time 2ms\n",
         TB_OK},
        {"sockperf: [Valid Duration] RunTime=0.000 sec; SentMessages=1; ReceivedMessages=1\n", TB_TRUNCATED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tb_apachebench read;
        const enum tb_status status = read_text(cases[i].text, strlen(cases[i].text), &read);
        if (status != cases[i].status)
            fail_msg("'%s': %s", cases[i].text, tb_status_name(status));
        if (status == TB_OK)
            assert_true(isfinite(read.requests_per_second) && tb_ab_failed_requests(&read) <= (int64_t)read.complete);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_tool_is_read),
        cmocka_unit_test(intervals_are_read),
        cmocka_unit_test(intervals_that_say_nothing_are_left_out),
        cmocka_unit_test(fio_says_its_own_samples),
        cmocka_unit_test(the_server_is_known_where_it_is_said),
        cmocka_unit_test(every_beginning),
        cmocka_unit_test(hostile_numbers),
    };
    return cmocka_run_group_tests_name("workload tools", tests, NULL, NULL);
}
