/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What tcpdump, dumpcap and tshark print when they end. */

#include "fixtures/same_packed.h"
#include "fixtures/text_source.h"

#include <stdio.h>
#include <stdlib.h>

#include "twinbed/capture/capture.h"
#include "twinbed/capture/capture_log.h"

#define LISTENING "tcpdump: listening on eth0, link-type EN10MB (Ethernet), snapshot length 96 bytes\n"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* -1: not known. */
struct log_case {
    const char *text;
    int64_t packets[TB_CAPTURE_LOG_COUNTS]; /* captured, received, dropped by kernel, by interface */
};

static const struct log_case good[] = {
    {LISTENING "100 packets captured\n120 packets received by filter\n20 packets dropped by kernel\n",
     {100, 120, 20, -1}},
    {LISTENING "100 packets captured\n120 packets received by filter\n20 packets dropped by kernel\n"
               "3 packets dropped by interface\n",
     {100, 120, 20, 3}},
    {"1 packet captured\n1 packet received by filter\n0 packets dropped by kernel\n", {1, 1, 0, -1}},
    {"1 packet captured\r\n1 packet received by filter\r\n0 packets dropped by kernel", {1, 1, 0, -1}},
    {"dropped privs to tcpdump\n" LISTENING "Got 1\rGot 57\r100 packets captured\n", {100, -1, -1, -1}},
    {"^C100 packets captured\n5 packets dropped by kernel\n", {100, -1, 5, -1}},
    {"Nov 30 12:00:01 host tcpdump[77]: 100 packets captured\n", {100, -1, -1, -1}},
    /* A signal asks for the numbers, then it ends. */
    {LISTENING "tcpdump: 7 packets captured, 9 packets received by filter, 2 packets dropped by kernel\n",
     {7, 9, 2, -1}},
    {LISTENING "tcpdump: 7 packets captured, 9 packets received by filter, 2 packets dropped by kernel\n"
               "8 packets captured\n10 packets received by filter\n4 packets dropped by kernel\n",
     {8, 10, 4, -1}},
    /* Two captures in one log. */
    {LISTENING "7 packets captured\n9 packets received by filter\n2 packets dropped by kernel\n"
               "5 packets dropped by interface\n" LISTENING "8 packets captured\n",
     {8, -1, -1, -1}},
    {"Capturing on 'eth0'\nFile: a.pcapng\nPackets: 12 \rPackets: 100 \rPackets captured: 100\n"
     "Packets received/dropped on interface 'eth0': 100/20 (pcap:20/dumpcap:0/flushed:0/ps_ifdrop:3) (83.3%)\n",
     {100, 100, 20, 3}},
    {"Packets captured: 100\nPackets received/dropped on interface 'eth0': 100/20 (83.3%)\n", {100, 100, 20, -1}},
    {"Packets captured: 100\nPackets received/dropped on interface eth0: 100/20\n", {100, 100, 20, -1}},
    {"Packets captured: 5\n"
     "Packets received/dropped on interface 'a': 100/20 (pcap:20/dumpcap:0/flushed:0/ps_ifdrop:1) (83.3%)\n"
     "Packets received/dropped on interface 'b: 7/8': 30/4 (pcap:0/dumpcap:4/flushed:0/ps_ifdrop:2) (88.2%)\n",
     {5, 130, 24, 3}},
    {"Capturing on 'eth0'\n20 packets dropped from eth0\n100 packets captured\n", {100, -1, 20, -1}},
    {"Capturing on 'eth0'\n100 \n20 packets dropped\n100 packets captured\n", {100, -1, 20, -1}},
    {"Capturing on 'a' and 'b'\ntshark: 20 packets dropped from a\ntshark: 1 packet dropped from b\n"
     "100 packets captured\n",
     {100, -1, 21, -1}},
    {"18446744073709551615 packets captured\n", {INT64_MAX, -1, -1, -1}},
    {"9223372036854775807 packets dropped from a\n9223372036854775807 packets dropped from b\n",
     {-1, -1, INT64_MAX, -1}},
    {"7 packets captured\n18446744073709551616 packets dropped by kernel\n-3 packets dropped by interface\n",
     {7, -1, -1, -1}},
};

static enum tb_status read_log(const char *text, struct tb_capture_log *log, struct tb_error *error)
{
    struct tb_source *source = open_text(text);
    const enum tb_status status = tb_capture_log_read(source, log, error);
    tb_source_close(source);
    if (status == TB_OK)
        assert_true(tb_account_balances(&log->account));
    return status;
}

static void expect_numbers(const struct tb_capture_log *log, const int64_t *expected, const char *text)
{
    for (unsigned i = 0; i < TB_CAPTURE_LOG_COUNTS; i++)
        if (log->known[i] != (expected[i] >= 0) || (log->known[i] && log->packets[i] != (uint64_t)expected[i]))
            fail_msg("number %u of \"%s\": %d %lld", i, text, log->known[i], (long long)log->packets[i]);
}

static void numbers_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        struct tb_capture_log log;
        struct tb_error error = {0};
        if (read_log(good[i].text, &log, &error) != TB_OK)
            fail_msg("%s", error.text);
        assert_int_equal(log.account.damage, TB_DAMAGE_NONE);
        expect_numbers(&log, good[i].packets, good[i].text);
    }
}

static void killed_programs_say_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {
        LISTENING,
        LISTENING "Got 10\rGot 11",
        LISTENING "100 packets captured\n" LISTENING,
        "Capturing on 'eth0'\nFile: a.pcapng\nPackets: 12 ",
        "Capturing on 'eth0'\nPackets captured: 10",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct tb_capture_log log;
        struct tb_error error = {0};
        uint64_t packets;
        assert_int_equal(read_log(texts[i], &log, &error), TB_OK);
        assert_int_equal(log.account.damage, TB_DAMAGE_TRUNCATED);
        assert_int_equal(log.account.damage_offset, strlen(texts[i]));
        expect_numbers(&log, (const int64_t[]){-1, -1, -1, -1}, texts[i]);
        assert_false(tb_capture_log_dropped(&log, &packets));
    }
}

static void other_texts_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum tb_status status;
    } texts[] = {{"", TB_TRUNCATED},
                 {"\n\n", TB_UNSUPPORTED},
                 {"This is ApacheBench, Version 2.3\n", TB_UNSUPPORTED},
                 {"packets captured\n", TB_UNSUPPORTED},
                 {"100 packets sent\n", TB_UNSUPPORTED},
                 {"100 packets captured by nobody\n", TB_UNSUPPORTED},
                 {"Packets captured: many\n", TB_UNSUPPORTED},
                 {"Packets received/dropped on interface 'eth0'\n", TB_UNSUPPORTED},
                 {"Packets received/dropped on interface 'eth0': 5\n", TB_UNSUPPORTED}};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct tb_capture_log log;
        struct tb_error error = {0};
        if (read_log(texts[i].text, &log, &error) != texts[i].status)
            fail_msg("\"%s\": %s", texts[i].text, error.text);
        assert_non_null(strstr(error.text, "test"));
    }
}

static void every_beginning_of_a_log_is_harmless(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        for (size_t size = 0; size < strlen(good[i].text); size++) {
            char *cut = strndup(good[i].text, size);
            struct tb_capture_log log;
            (void)(read_log(cut, &log, NULL) == TB_OK);
            free(cut);
        }
}

static void packing_keeps_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        struct tb_capture_log log, back;
        struct tb_buffer one = {0}, other = {0};
        assert_int_equal(read_log(good[i].text, &log, NULL), TB_OK);
        tb_capture_log_pack(&log, &one);
        for (size_t size = 0; size <= one.size; size++) {
            struct tb_bytes bytes = tb_bytes_packed(one.data, size);
            assert_int_equal(tb_capture_log_unpack(&back, &bytes), size == one.size);
        }
        tb_capture_log_pack(&back, &other);
        assert_same_packed(&one, &other);
    }
}

static void losses_add_up(void **state)
{
    (void)state;
    struct tb_capture_log log;
    uint64_t packets;
    assert_int_equal(read_log(good[1].text, &log, NULL), TB_OK);
    assert_true(tb_capture_log_dropped(&log, &packets));
    assert_int_equal(packets, 23);
    assert_int_equal(read_log(good[4].text, &log, NULL), TB_OK);
    assert_false(tb_capture_log_dropped(&log, &packets));
    log = (struct tb_capture_log){.known = {true, true, true, true}, .packets = {1, 1, INT64_MAX, INT64_MAX}};
    assert_true(tb_capture_log_dropped(&log, &packets));
    assert_true(packets == INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read),        cmocka_unit_test(killed_programs_say_nothing),
        cmocka_unit_test(other_texts_are_refused), cmocka_unit_test(every_beginning_of_a_log_is_harmless),
        cmocka_unit_test(packing_keeps_them),      cmocka_unit_test(losses_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
