/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/recorded.h"
#include "fixtures/text_source.h"

#include <glob.h>
#include <math.h>

#include "twinbed/app/apachebench.h"

#define BANNER                                                                                                         \
    "This is ApacheBench, Version 2.3 <$Revision$>\n"                                                                  \
    "Copyright 1996 Adam Twiss, Zeus Technology Ltd, http://www.zeustech.net/\n"                                       \
    "Licensed to The Apache Software Foundation, http://www.apache.org/\n\n"
#define BEGIN BANNER "Benchmarking 127.0.0.1 (be patient).....done\n\n\n"
#define HEAD                                                                                                           \
    "Server Software:        nginx/1.22.1\nServer Hostname:        127.0.0.1\nServer Port:            18870\n\n"       \
    "Document Path:          /500.txt\nDocument Length:        500 bytes\n\nConcurrency Level:      10\n"
#define TAIL                                                                                                           \
    "Total transferred:      734000 bytes\nHTML transferred:       500000 bytes\n"                                     \
    "Requests per second:    17101.33 [#/sec] (mean)\nTime per request:       0.585 [ms] (mean)\n"                     \
    "Time per request:       0.058 [ms] (mean, across all concurrent requests)\n"                                      \
    "Transfer rate:          12258.18 [Kbytes/sec] received\n"
#define TIMES                                                                                                          \
    "\nConnection Times (ms)\n              min  mean[+/-sd] median   max\n"                                           \
    "Connect:        0    1   0.1      2       3\nProcessing:     4  136 394.8      5    1300\n"                       \
    "Waiting:        6  137 394.9      7    1300\nTotal:          8  138 395.0      9    1301\n"
#define PERCENTILES_BUT_LAST                                                                                           \
    "\nPercentage of the requests served within a certain time (ms)\n  50%      1\n  66%      2\n  75%      3\n"       \
    "  80%      4\n  90%      5\n  95%      6\n  98%      7\n  99%      8\n"
#define PERCENTILES PERCENTILES_BUT_LAST " 100%   1301 (longest request)\n"
#define COUNTS "Time taken for tests:   0.058 seconds\nComplete requests:      1000\nFailed requests:        0\n"
#define WHOLE BEGIN HEAD COUNTS TAIL TIMES PERCENTILES

static enum tb_status read_text(const char *text, struct tb_apachebench *ab, struct tb_error *error)
{
    struct tb_source *source = open_text(text);
    const enum tb_status status = tb_apachebench_read(source, ab, error);
    tb_source_close(source);
    if (status == TB_OK)
        assert_true(tb_account_balances(&ab->account));
    return status;
}

static struct tb_apachebench read_good(const char *text)
{
    struct tb_apachebench ab;
    struct tb_error error = {0};
    if (read_text(text, &ab, &error) != TB_OK)
        fail_msg("%s", error.text);
    return ab;
}

static void whole_output(void **state)
{
    (void)state;
    const struct tb_apachebench ab = read_good(WHOLE);
    assert_string_equal(ab.server_software, "nginx/1.22.1");
    assert_string_equal(ab.server_hostname, "127.0.0.1");
    assert_string_equal(ab.document_path, "/500.txt");
    assert_int_equal(ab.server_port, 18870);
    assert_int_equal(ab.document_length, 500);
    assert_false(ab.tls);
    assert_int_equal(ab.concurrency, 10);
    assert_int_equal(ab.complete, 1000);
    assert_int_equal(ab.failed, 0);
    assert_int_equal(ab.total_bytes, 734000);
    assert_int_equal(ab.html_bytes, 500000);
    assert_true(ab.time_taken_s == 0.058);
    assert_true(ab.requests_per_second == 17101.33);
    assert_true(ab.time_per_request_ms == 0.585);
    assert_true(ab.time_per_request_all_ms == 0.058);
    assert_true(ab.transfer_kib_s == 12258.18);
    assert_true(ab.connect.deviation == 0.1 && ab.connect.median == 2 && ab.connect.maximum == 3);
    assert_true(ab.processing.minimum == 4 && ab.processing.mean == 136);
    assert_true(ab.waiting.minimum == 6);
    assert_true(ab.total.maximum == 1301 && ab.total.median == 9);
    for (int i = 0; i < 8; i++)
        assert_true(ab.percentile_ms[i] == i + 1);
    assert_true(ab.percentile_ms[8] == 1301);
    assert_int_equal(ab.account.decoded, strlen(WHOLE));
    assert_int_equal(ab.account.damage, TB_DAMAGE_NONE);
}

static void optional_lines(void **state)
{
    (void)state;
    const struct tb_apachebench ab = read_good(
        BEGIN "Server Software:        \nServer Hostname:        h\nServer Port:            443\n"
              "SSL/TLS Protocol:       TLSv1.2,ECDHE-RSA-AES256-GCM-SHA384,2048,256\n"
              "Server Temp Key:        X25519 253 bits\nTLS Server Name:        h\n\n"
              "Document Path:          /\nDocument Length:        Variable\n\nConcurrency Level:      1\n"
              "Time taken for tests:   1.000 seconds\nComplete requests:      50\nFailed requests:        25\n"
              "   (Connect: 1, Receive: 7, Length: 11, Exceptions: 6)\nWrite errors:           3\n"
              "Non-2xx responses:      4\nKeep-Alive requests:    5\nTotal transferred:      100 bytes\n"
              "Total body sent:        2800\nHTML transferred:       10 bytes\n"
              "Requests per second:    50.00 [#/sec] (mean)\nTime per request:       20.000 [ms] (mean)\n"
              "Time per request:       20.000 [ms] (mean, across all concurrent requests)\n"
              "Transfer rate:          0.10 [Kbytes/sec] received\n                        2.73 kb/s sent\n"
              "                        2.83 kb/s total\n");
    assert_string_equal(ab.server_software, "");
    assert_true(ab.tls);
    assert_int_equal(ab.document_length, -1);
    assert_int_equal(ab.failed, 25);
    assert_int_equal(ab.failed_connect, 1);
    assert_int_equal(ab.failed_receive, 7);
    assert_int_equal(ab.failed_length, 11);
    assert_int_equal(ab.failed_exceptions, 6);
    assert_int_equal(ab.write_errors, 3);
    assert_int_equal(ab.non_2xx, 4);
    assert_int_equal(ab.keepalive, 5);
    assert_int_equal(ab.body_sent_bytes, 2800);
    assert_int_equal(ab.total_bytes, 100);
    assert_true(isnan(ab.total.mean) && isnan(ab.percentile_ms[0]));
    assert_int_equal(ab.account.damage, TB_DAMAGE_NONE);
    assert_int_equal(ab.account.skipped, 0);
}

/* One block; kinds, bytes and what follows "Failed requests" as given. */
static struct tb_apachebench read_block(const char *failed, const char *kinds, const char *html)
{
    char text[2048];
    snprintf(text, sizeof text,
             BEGIN HEAD
             "Time taken for tests:   1.000 seconds\nComplete requests:      100\nFailed requests:        %s\n"
             "%sTotal transferred:      73400 bytes\nHTML transferred:       %s bytes\n"
             "Requests per second:    100.00 [#/sec] (mean)\n"
             "Transfer rate:          71.68 [Kbytes/sec] received\n",
             failed, kinds, html);
    return read_good(text);
}

/* The document has 500 bytes, and 100 requests were completed. */
static void failed_requests_are_counted_once(void **state)
{
    (void)state;
    static const struct {
        const char *failed, *kinds, *html;
        int64_t requests;
    } cases[] = {
        {"0", "", "50000", 0},
        {"25", "   (Connect: 0, Receive: 7, Length: 11, Exceptions: 7)\n", "44500", 11}, /* replies are missing */
        {"198", "   (Connect: 0, Receive: 99, Length: 0, Exceptions: 99)\n", "500", 99},
        {"7", "   (Connect: 0, Length: 7, Exceptions: 0)\n", "46500", 7}, /* of an older ab, without Receive */
        {"7", "   (Connect: 0, Receive: 0, Length: 7, Exceptions: 0)\n", "50000", 0}, /* a dynamic document */
        {"7", "   (Connect: 0, Receive: 0, Length: 7, Exceptions: 0)\n", "90000", 0},
        {"7", "   (Connect: 0, Receive: 0, Length: 7, Exceptions: 0)\n", "49650",
         0}, /* nine tenths of 500 bytes each */
        {"7", "   (Connect: 0, Receive: 0, Length: 7, Exceptions: 0)\n", "49649", 7},
        {"14", "   (Connect: 0, Receive: 4, Length: 10, Exceptions: 0)\n", "50000", 4},
        {"3", "   (Connect: 3, Receive: 0, Length: 0, Exceptions: 0)\n", "50000", 3},
        {"0", "Write errors:           5\n", "50000", 5},
        {"12", "", "50000", 12}, /* kinds that are not told */
        {"250", "", "50000", 100},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct tb_apachebench ab = read_block(cases[i].failed, cases[i].kinds, cases[i].html);
        if (tb_ab_failed_requests(&ab) != cases[i].requests)
            fail_msg("case %zu: %lld", i, (long long)tb_ab_failed_requests(&ab));
    }
    const struct tb_apachebench old = read_block(cases[3].failed, cases[3].kinds, cases[3].html);
    assert_int_equal(tb_ab_count(&old, TB_AB_FAILED_RECEIVE), 0);
    assert_int_equal(tb_ab_count(&old, TB_AB_FAILED_LENGTH), 7);
}

/* A line that is not there says 0 only where ab would not print a 0, and only when ab came past it. */
static void absent_lines(void **state)
{
    (void)state;
    struct tb_apachebench ab = read_good(
        BEGIN HEAD "Time taken for tests:   1.000 seconds\nComplete requests:      100\nFailed requests:        2\n"
                   "HTML transferred:       50000 bytes\nTransfer rate:          71.68 [Kbytes/sec] received\n");
    static const struct {
        enum tb_ab_count count;
        int64_t value;
    } expected[] = {
        {TB_AB_CONCURRENCY, 10},    {TB_AB_COMPLETE, 100},     {TB_AB_FAILED, 2},          {TB_AB_FAILED_LENGTH, -1},
        {TB_AB_FAILED_CONNECT, -1}, {TB_AB_WRITE_ERRORS, 0},   {TB_AB_NON_2XX, 0},         {TB_AB_KEEPALIVE, 0},
        {TB_AB_TOTAL_BYTES, -1},    {TB_AB_HTML_BYTES, 50000}, {TB_AB_BODY_SENT_BYTES, 0},
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_int_equal(tb_ab_count(&ab, expected[i].count), expected[i].value);
    ab = read_good(BEGIN HEAD "Time taken for tests:   1.000 seconds\nComplete requests:      100\n");
    assert_int_equal(ab.account.damage, TB_DAMAGE_TRUNCATED);
    assert_int_equal(tb_ab_count(&ab, TB_AB_COMPLETE), 100);
    assert_int_equal(tb_ab_count(&ab, TB_AB_NON_2XX), -1);
    assert_int_equal(tb_ab_failed_requests(&ab), -1);
}

static void proxy_of_the_run(void **state)
{
    (void)state;
    struct tb_apachebench ab =
        read_good(BANNER "Benchmarking example.org [through 10.0.0.9:3128] (be patient).....done\n\n" HEAD COUNTS TAIL);
    assert_string_equal(ab.proxy_host, "10.0.0.9");
    assert_int_equal(tb_ab_peer_port(&ab), 3128);
    assert_string_equal(tb_ab_peer_host(&ab), "10.0.0.9");
    ab = read_good(BANNER "Benchmarking example.org [through [fe80::9]:80] (be patient).....done\n\n" HEAD COUNTS TAIL);
    assert_string_equal(tb_ab_peer_host(&ab), "[fe80::9]");
    ab = read_good(WHOLE);
    assert_int_equal(ab.proxy_port, 0);
    assert_int_equal(tb_ab_peer_port(&ab), 18870);
    assert_string_equal(tb_ab_peer_host(&ab), "127.0.0.1");
}

/* As PowerShell redirects it. */
static void text_in_utf_16(void **state)
{
    (void)state;
    char text[2 * sizeof WHOLE + 2] = "\xff\xfe";
    size_t used = 2;
    for (const char *c = WHOLE; *c != '\0'; c++) {
        text[used++] = *c;
        text[used++] = '\0';
    }
    struct tb_source *source = open_bytes(text, used);
    struct tb_apachebench ab;
    assert_int_equal(tb_apachebench_read(source, &ab, NULL), TB_OK);
    tb_source_close(source);
    assert_int_equal(ab.complete, 1000);
    assert_true(ab.percentile_ms[8] == 1301);
    assert_int_equal(ab.account.decoded, used - 2);
    assert_int_equal(ab.account.damage, TB_DAMAGE_NONE);
}

static void times_without_deviation(void **state)
{
    (void)state;
    const struct tb_apachebench ab = read_good(
        BEGIN HEAD COUNTS TAIL "\nConnection Times (ms)\n              min   avg   max\nConnect:        0     1     2\n"
                               "Processing:     3     4     5\nTotal:          6     7     8\n");
    assert_true(ab.connect.minimum == 0 && ab.connect.mean == 1 && ab.connect.maximum == 2);
    assert_true(ab.total.mean == 7);
    assert_true(isnan(ab.total.deviation) && isnan(ab.total.median));
}

/* Remarks, progress on the same stream, CR LF, unknown lines: the numbers stay. */
static void other_lines_do_not_matter(void **state)
{
    (void)state;
    static const char *const texts[] = {
        BANNER "Benchmarking h (be patient)\nCompleted 100 requests\nFinished 1000 requests\n\n" HEAD COUNTS TAIL TIMES
               "ERROR: The median and mean for the initial connection time are more than twice the standard\n"
               "       deviation apart. These results are NOT reliable.\n" PERCENTILES,
        HEAD COUNTS TAIL TIMES PERCENTILES,
        "warming up\n" WHOLE "the end\n",
        "Total: 17 things\nConnect: maybe\n" WHOLE,
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const struct tb_apachebench ab = read_good(texts[i]);
        assert_int_equal(ab.complete, 1000);
        assert_true(ab.total.maximum == 1301);
        assert_true(ab.percentile_ms[8] == 1301);
        assert_int_equal(ab.account.damage, TB_DAMAGE_NONE);
    }
    assert_int_equal(read_good(texts[2]).account.skipped, strlen("warming up\nthe end\n"));
}

static void carriage_returns(void **state)
{
    (void)state;
    char text[2 * sizeof WHOLE];
    size_t used = 0;
    for (const char *c = WHOLE; *c != '\0'; c++) {
        if (*c == '\n')
            text[used++] = '\r';
        text[used++] = *c;
    }
    text[used] = '\0';
    const struct tb_apachebench ab = read_good(text);
    assert_int_equal(ab.complete, 1000);
    assert_string_equal(ab.document_path, "/500.txt");
    assert_int_equal(ab.account.decoded, used);
}

static void strange_texts_are_made_safe(void **state)
{
    (void)state;
    char text[4096];
    snprintf(text, sizeof text,
             BEGIN "Server Software:        a\x01"
                   "b\xffg<%0200d\n" COUNTS TAIL,
             0);
    const struct tb_apachebench ab = read_good(text);
    assert_int_equal(strlen(ab.server_software), TB_AB_TEXT_SIZE - 1);
    assert_memory_equal(ab.server_software, "a?b?g<000", 9);
}

static void files_without_a_result(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum tb_status status;
        const char *says;
    } cases[] = {
        {"", TB_TRUNCATED, "empty"},
        {BANNER, TB_TRUNCATED, "gave up or was killed"},
        {BANNER "Benchmarking 127.0.0.1 (be patient)...Total of 5 requests completed\n", TB_TRUNCATED,
         "Total of 5 requests completed"},
        {BANNER "Benchmarking h (be patient)...apr_pollset_poll: The timeout specified has expired (70007)\n",
         TB_TRUNCATED, "gave up"},
        {BANNER "Benchmarking h (be patient)\napr_socket_recv: Connection refused (111)\n", TB_TRUNCATED,
         "Connection refused (111)"},
        {BEGIN HEAD, TB_TRUNCATED, "Time taken for tests"},
        {BEGIN HEAD "Time taken for tests:   0.0", TB_TRUNCATED, "Time taken for tests"},
        {"<p>\n This is ApacheBench, Version 2.3\n<table >\n", TB_UNSUPPORTED, "without -w"},
        {BEGIN "\n\n<table >\n<tr ><th colspan=2>Server Software:</th></tr>\n", TB_UNSUPPORTED, "without -w"},
        {"hello\nworld\n", TB_UNSUPPORTED, "not the output of ApacheBench"},
        {"\0\1\2", TB_TRUNCATED, "empty"},
        {WHOLE WHOLE, TB_UNSUPPORTED, "one run in one file"},
        {HEAD COUNTS TAIL HEAD COUNTS TAIL, TB_UNSUPPORTED, "one run in one file"},
        {WHOLE BANNER "Benchmarking h (be patient)...Total of 5 requests completed\n", TB_UNSUPPORTED, "a second run"},
        {BANNER "Benchmarking h (be patient)...Total of 5 requests completed\n" WHOLE, TB_UNSUPPORTED, "a second run"},
        {BANNER "Benchmarking h (be patient)...apr_socket_recv: Connection reset by peer (104)\n", TB_TRUNCATED,
         "Connection reset by peer (104)"},
        {BANNER "Benchmarking h (be patient)\nCompleted 100 requests\nTest aborted after 10 failures\n", TB_TRUNCATED,
         "Test aborted after 10 failures"},
        {BANNER "Benchmarking h [through p:http] (be patient)\n", TB_CORRUPT, "[through"},
        {"Running 10s test @ http://h/\n  2 threads and 10 connections\n  Thread Stats   Avg      Stdev     Max\n",
         TB_UNSUPPORTED, "the output of wrk, not of ApacheBench"},
        {"\nSummary:\n  Total:\t1.2 secs\n\nResponse time histogram:\n  0.1 [1]\t|\n", TB_UNSUPPORTED, "hey"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tb_apachebench ab;
        struct tb_error error = {0};
        assert_int_equal(read_text(cases[i].text, &ab, &error), cases[i].status);
        assert_int_equal(error.status, cases[i].status);
        if (strstr(error.text, cases[i].says) == NULL)
            fail_msg("case %zu: '%s' does not say '%s'", i, error.text, cases[i].says);
    }
}

static void bad_numbers(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "Complete requests:      -1",
        "Complete requests:      99999999999999999999999",
        "Complete requests:      1e3",
        "Complete requests:      9223372036854775808",
        "Complete requests:      ",
        "Server Port:            65536",
        "Document Length:        500",
        "Document Length:        -1 bytes",
        "Failed requests:        0x10",
        "Requests per second:    nan [#/sec] (mean)",
        "Requests per second:    inf [#/sec] (mean)",
        "Requests per second:    1e999 [#/sec] (mean)",
        "Requests per second:    0x1p4 [#/sec] (mean)",
        "Requests per second:    -1.0 [#/sec] (mean)",
        "Requests per second:    1.0",
        "Time per request:       1.0 [ms] (median)",
        "Time taken for tests:   1,5 seconds",
        "   (Connect: 0, Receive: 7, Length: 11)",
        "   (Connect: 0, Receive: x, Length: 11, Exceptions: 7)",
        "Connection Times (ms)\nTotal: 1 2 3 4",
        "Connection Times (ms)\nTotal: 1 2 3 4 5 6",
        "Connection Times (ms)\nTotal: -1 2 3",
        "Percentage of the requests served within a certain time (ms)\n  50%      x",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char text[2048];
        struct tb_apachebench ab;
        struct tb_error error = {0};
        snprintf(text, sizeof text, BEGIN "%s\n" HEAD, lines[i]);
        if (read_text(text, &ab, &error) != TB_CORRUPT || strstr(error.text, "test: line ") == NULL)
            fail_msg("'%s' gave '%s'", lines[i], error.text);
    }
}

/* Cut at each byte: never a wrong number, always a note. */
static void cut_anywhere(void **state)
{
    (void)state;
    const struct tb_apachebench whole = read_good(WHOLE);
    const size_t has_result = (size_t)(strstr(WHOLE, " seconds\n") - WHOLE) + 9;
    const size_t size = strlen(WHOLE);
    for (size_t cut = 0; cut < size; cut++) {
        struct tb_source *source = open_bytes(WHOLE, cut);
        struct tb_apachebench ab;
        struct tb_error error;
        const enum tb_status status = tb_apachebench_read(source, &ab, &error);
        tb_source_close(source);
        assert_int_equal(status, cut < has_result ? TB_TRUNCATED : TB_OK);
        if (status != TB_OK)
            continue;
        assert_true(tb_account_balances(&ab.account));
        assert_int_equal(ab.account.stream_bytes, cut);
        assert_true(ab.complete == 0 || ab.complete == whole.complete);
        assert_true(isnan(ab.total.maximum) || ab.total.maximum == 1301);
        /* What is left out at these two ends cannot be missed: the tables may be switched off. */
        const bool at_table = cut == size - strlen(PERCENTILES) || cut == size - strlen(TIMES PERCENTILES) ||
                              cut == size - strlen(PERCENTILES) + 1 || cut == size - strlen(TIMES PERCENTILES) + 1;
        const bool only_newline_lost = cut == size - 1;
        assert_int_equal(ab.account.damage, at_table || only_newline_lost ? TB_DAMAGE_NONE : TB_DAMAGE_TRUNCATED);
    }
}

static void survives_packing(void **state)
{
    (void)state;
    struct tb_apachebench ab = read_good(WHOLE "junk\n");
    ab.failed_length = 77;
    ab.body_sent_bytes = 5;
    ab.tls = true;
    ab.proxy_port = 3128;
    strcpy(ab.proxy_host, "p");
    ab.stated[TB_AB_NON_2XX] = false;
    struct tb_buffer first = {0}, second = {0};
    tb_apachebench_pack(&ab, &first);
    struct tb_apachebench back;
    struct tb_bytes bytes = tb_bytes_packed(first.data, first.size);
    assert_true(tb_apachebench_unpack(&back, &bytes));
    assert_int_equal(bytes.left, 0);
    assert_int_equal(back.failed_length, 77);
    assert_int_equal(back.body_sent_bytes, 5);
    assert_string_equal(tb_ab_peer_host(&back), "p");
    assert_int_equal(tb_ab_count(&back, TB_AB_NON_2XX), -1);
    assert_int_equal(tb_ab_count(&back, TB_AB_COMPLETE), 1000);
    assert_true(back.tls);
    assert_true(back.total.maximum == 1301 && back.percentile_ms[8] == 1301);
    tb_apachebench_pack(&back, &second);
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.data, second.data, first.size);
    for (size_t size = 0; size < first.size; size++) {
        bytes = tb_bytes_packed(first.data, size);
        assert_false(tb_apachebench_unpack(&back, &bytes));
    }
    tb_buffer_free(&first);
    tb_buffer_free(&second);
}

static void recorded_runs(void **state)
{
    (void)state;
    const struct recorded_path pattern = require_recorded("campaigns");
    char text[PATH_MAX + 32];
    snprintf(text, sizeof text, "%s/*/*/*/rep-*/ab.txt", pattern.text);
    glob_t files;
    assert_int_equal(glob(text, 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        struct tb_source *source;
        struct tb_apachebench ab;
        struct tb_error error = {0};
        assert_int_equal(tb_source_open(files.gl_pathv[i], &source, &error), TB_OK);
        if (tb_apachebench_read(source, &ab, &error) != TB_OK)
            fail_msg("%s", error.text);
        tb_source_close(source);
        assert_true(tb_account_balances(&ab.account));
        assert_int_equal(ab.account.decoded, ab.account.file_bytes);
        assert_int_equal(ab.account.damage, TB_DAMAGE_NONE);
        assert_true(ab.complete > 0 && ab.requests_per_second > 0 && ab.percentile_ms[8] > 0);
        /* The printed rate and duration must tell the same story. */
        const double rate = (double)ab.complete / ab.time_taken_s;
        assert_true(fabs(rate / ab.requests_per_second - 1) < 0.02);
    }
    print_message("%zu recorded ab.txt read\n", files.gl_pathc);
    globfree(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_output),
        cmocka_unit_test(optional_lines),
        cmocka_unit_test(failed_requests_are_counted_once),
        cmocka_unit_test(absent_lines),
        cmocka_unit_test(proxy_of_the_run),
        cmocka_unit_test(text_in_utf_16),
        cmocka_unit_test(times_without_deviation),
        cmocka_unit_test(other_lines_do_not_matter),
        cmocka_unit_test(carriage_returns),
        cmocka_unit_test(strange_texts_are_made_safe),
        cmocka_unit_test(files_without_a_result),
        cmocka_unit_test(bad_numbers),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(survives_packing),
        cmocka_unit_test(recorded_runs),
    };
    return cmocka_run_group_tests_name("apachebench", tests, NULL, NULL);
}
