/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What kernels say, in the forms that dmesg, journalctl and system logs give it. */

#include "fixtures/same_packed.h"
#include "fixtures/text_source.h"

#include <stdio.h>
#include <stdlib.h>

#include "twinbed/app/kernel_log.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TIMEOUT "NETDEV WATCHDOG: eth0 (e1000): transmit queue 0 timed out"
#define RESET "e1000 0000:00:03.0 eth0: Reset adapter"

/* What one line says; kind TB_KERNEL_EVENT_KINDS: nothing that is known. */
struct message {
    const char *text;
    enum tb_kernel_event_kind kind;
};

static const struct message messages[] = {
    {TIMEOUT, TB_KERNEL_TRANSMIT_TIMEOUT},
    {"e1000 0000:00:03.0 eth0: NETDEV WATCHDOG: CPU: 0: transmit queue 0 timed out 5100 ms",
     TB_KERNEL_TRANSMIT_TIMEOUT},
    {"virtio_net virtio0 eth0: TX timeout on queue: 0, sq: output.0, vq: 0x1, name: output.0, 5012000 usecs ago",
     TB_KERNEL_TRANSMIT_TIMEOUT},
    {RESET, TB_KERNEL_ADAPTER_RESET},
    {"e1000e 0000:00:19.0 eth0: Reset adapter unexpectedly", TB_KERNEL_ADAPTER_RESET},
    {"tg3 0000:02:00.0 eth0: transmit timed out, resetting", TB_KERNEL_ADAPTER_RESET},
    {"e1000 0000:00:03.0 eth0: Detected Tx Unit Hang", TB_KERNEL_TRANSMIT_HANG},
    {"e1000e 0000:00:19.0 eth0: Detected Hardware Unit Hang:", TB_KERNEL_TRANSMIT_HANG},
    {"e1000: eth0 NIC Link is Down", TB_KERNEL_LINK_DOWN},
    {"e1000: eth0 NIC Link is Up 1000 Mbps Full Duplex, Flow Control: RX", TB_KERNEL_LINK_UP},
    {"r8169 0000:03:00.0 eth0: link down", TB_KERNEL_LINK_DOWN},
    {"Out of memory: Killed process 4242 (ab) total-vm:8388608kB, anon-rss:1932735kB", TB_KERNEL_OUT_OF_MEMORY},
    {"Memory cgroup out of memory: Killed process 17 (gohttp)", TB_KERNEL_OUT_OF_MEMORY},
    {"watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [gohttp:812]", TB_KERNEL_SOFT_LOCKUP},
    {"NMI watchdog: Watchdog detected hard LOCKUP on cpu 0", TB_KERNEL_HARD_LOCKUP},
    {"INFO: task ab:812 blocked for more than 120 seconds.", TB_KERNEL_HUNG_TASK},
    {"rcu: INFO: rcu_sched self-detected stall on CPU", TB_KERNEL_RCU_STALL},
    {"rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:", TB_KERNEL_RCU_STALL},
    {"BUG: unable to handle page fault for address: 0000000000001000", TB_KERNEL_BUG},
    {"kernel BUG at mm/slub.c:379!", TB_KERNEL_BUG},
    {"Oops: 0002 [#1] PREEMPT SMP", TB_KERNEL_BUG},
    {"Call Trace:", TB_KERNEL_CALL_TRACE},
    {"clocksource: Marking clocksource 'tsc' as unstable because the skew is too large:", TB_KERNEL_CLOCK_UNSTABLE},
    {"nf_conntrack: nf_conntrack: table full, dropping packet", TB_KERNEL_TABLE_FULL},
    {"neighbour: arp_cache: neighbor table overflow!", TB_KERNEL_TABLE_FULL},
    {"TCP: request_sock_TCP: Possible SYN flooding on port 0.0.0.0:80. Sending cookies.", TB_KERNEL_SYN_FLOOD},
    {"ata1: SATA link down (SStatus 0 SControl 300)", TB_KERNEL_EVENT_KINDS},
    {"IPv6: ADDRCONF(NETDEV_UP): eth0: link is not ready", TB_KERNEL_EVENT_KINDS},
    {"e1000: debug: nothing", TB_KERNEL_EVENT_KINDS},
    {"Command line: quiet panic=1 netconsole=reset adapter", TB_KERNEL_EVENT_KINDS},
    {"eth0: entered promiscuous mode", TB_KERNEL_EVENT_KINDS},
};

static enum tb_status read_log(const char *text, struct tb_kernel_log *log, struct tb_error *error)
{
    struct tb_source *source = open_text(text);
    const enum tb_status status = tb_kernel_log_read(source, log, error);
    tb_source_close(source);
    if (status == TB_OK)
        assert_true(tb_account_balances(&log->account));
    return status;
}

static void read_good(const char *text, struct tb_kernel_log *log)
{
    struct tb_error error = {0};
    if (read_log(text, log, &error) != TB_OK)
        fail_msg("\"%s\": %s", text, error.text);
}

static void messages_are_known_by_their_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(messages); i++) {
        char line[512];
        struct tb_kernel_log log;
        snprintf(line, sizeof line, "[   12.345678] %s\n", messages[i].text);
        read_good(line, &log);
        assert_int_equal(log.messages, 1);
        const bool event = messages[i].kind != TB_KERNEL_EVENT_KINDS;
        if (log.event_count != event || (event && log.events[0].kind != messages[i].kind))
            fail_msg("\"%s\" is taken for %s", messages[i].text,
                     log.event_count == 0 ? "nothing" : tb_kernel_event_name(log.events[0].kind));
        if (event) {
            assert_string_equal(log.events[0].time, "12.345678");
            assert_string_equal(log.events[0].text, messages[i].text);
            assert_int_equal(log.counts[messages[i].kind], 1);
        }
        tb_kernel_log_free(&log);
    }
}

/* The second message of each is RESET. Forms of dmesg were made by util-linux 2.38, those of journalctl follow
 * systemd.journal-fields(7) and journalctl(1) of version 252. */
static const struct form {
    const char *text;
    uint64_t messages;
    const char *time; /* of the event */
} forms[] = {
    {"[    0.000000] Booting\n[ 4012.123456] " RESET "\n", 2, "4012.123456"},
    {"[Mon Nov 23 10:00:00 2026] Booting\n[Mon Nov 23 10:00:05 2026] " RESET "\n", 2, "Mon Nov 23 10:00:05 2026"},
    {"kern  :info  : [    0.000000] Booting\nkern  :err   : [ 4012.123456] " RESET "\n", 2, "4012.123456"},
    {"<6>[    0.000000] Booting\n<3>[ 4012.123456] " RESET "\n", 2, "4012.123456"},
    {"[    0.000000 <    0.000000>] Booting\n[ 4012.123456 <    1.000000>] " RESET "\n", 2,
     "4012.123456 <    1.000000>"},
    {"[Dec 1 04:51] Booting\n[  +1.695715] " RESET "\n", 2, "+1.695715"},
    {"[    0.000000][    T0] Booting\n[ 4012.123456][   C1] " RESET "\n", 2, "4012.123456"},
    {"2026-11-23T10:00:00,123456+00:00 Booting\n2026-11-23T10:00:05,123456+00:00 " RESET "\n", 2,
     "2026-11-23T10:00:05,123456+00:00"},
    {"Nov 23 10:00:00 guest kernel: Booting\nNov 23 10:00:01 guest sshd[7]: kernel? no\n"
     "Nov 23 10:00:05 guest kernel: " RESET "\n",
     2, "Nov 23 10:00:05"},
    {"Nov 23 10:00:00 guest kernel: [    0.000000] Booting\nNov 23 10:00:05 guest kernel: [ 4012.123456] " RESET "\n",
     2, "4012.123456"},
    {"2026-11-23T10:00:00.1+00:00 guest kernel: Booting\n2026-11-23T10:00:05.1+00:00 guest kernel: " RESET "\n", 2,
     "2026-11-23T10:00:05.1+00:00"},
    {"-- Journal begins at Mon 2026-11-23 09:00:00 UTC, ends at Mon 2026-11-23 11:00:00 UTC. --\n"
     "[    0.000000] guest kernel: Booting\n[ 4012.123456] guest kernel: " RESET "\n",
     2, "4012.123456"},
    {"{\n   \"dmesg\": [\n      {\n         \"pri\": 5,\n         \"time\":     0.000000,\n         \"msg\": "
     "\"Booting\"\n"
     "      },{\n         \"pri\": 3,\n         \"time\":  4012.123456,\n         \"msg\": \"" RESET
     "\"\n      }\n   ]\n}\n",
     2, "4012.123456"},
    {"{\"MESSAGE\":\"Booting\",\"_TRANSPORT\":\"kernel\",\"_SOURCE_MONOTONIC_TIMESTAMP\":\"0\"}\n"
     "{\"MESSAGE\":\"Reset adapter\",\"_TRANSPORT\":\"syslog\",\"__MONOTONIC_TIMESTAMP\":\"5\"}\n"
     "{\"_SOURCE_MONOTONIC_TIMESTAMP\":\"4012123456\",\"_TRANSPORT\":\"kernel\",\"MESSAGE\":\"" RESET "\"}\n",
     2, "4012.123456"},
    {"{\"MESSAGE\":[66,111],\"SYSLOG_IDENTIFIER\":\"kernel\"}\n{\"__MONOTONIC_TIMESTAMP\":\"4012123456\","
     "\"SYSLOG_IDENTIFIER\":\"kernel\",\"MESSAGE\":\"" RESET "\"}\n",
     2, "4012.123456"},
    {"# kernel log of the run\n[ 4012.123456] " RESET "\n", 1, "4012.123456"},
};

static void every_form_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct tb_kernel_log log;
        read_good(forms[i].text, &log);
        assert_int_equal(log.account.damage, TB_DAMAGE_NONE);
        if (log.messages != forms[i].messages || log.event_count != 1 || strcmp(log.events[0].text, RESET) != 0 ||
            strcmp(log.events[0].time, forms[i].time) != 0)
            fail_msg("form %zu: %llu messages, %zu events, time \"%s\", text \"%s\"", i,
                     (unsigned long long)log.messages, log.event_count, log.event_count == 0 ? "" : log.events[0].time,
                     log.event_count == 0 ? "" : log.events[0].text);
        assert_true(tb_kernel_log_recognise((const uint8_t *)forms[i].text, strlen(forms[i].text)));
        tb_kernel_log_free(&log);
    }
}

static void a_log_in_which_nothing_is_said_is_known_by_its_frame(void **state)
{
    (void)state;
    static const char *const texts[] = {"# kernel log of the run\n", "-- No entries --\n",
                                        "{\n   \"dmesg\": [\n   ]\n}\n"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct tb_kernel_log log;
        read_good(texts[i], &log);
        assert_int_equal(log.messages, 0);
        assert_int_equal(log.event_count, 0);
        tb_kernel_log_free(&log);
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
                 {"dmesg: read kernel buffer failed: Operation not permitted\n", TB_UNSUPPORTED},
                 {"[pid 123] read(3, \"\", 1) = 0\n", TB_UNSUPPORTED},
                 {"[2026-11-23 10:00:00] GET /\n", TB_UNSUPPORTED},
                 {"[Mon Nov 23 10:00:00.123456 2026] [core:notice] AH00094\n", TB_UNSUPPORTED},
                 {"{\"rps\": 5}\n", TB_UNSUPPORTED},
                 {"{\"rps\": 5\n", TB_UNSUPPORTED}};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct tb_kernel_log log;
        struct tb_error error = {0};
        if (read_log(texts[i].text, &log, &error) != texts[i].status)
            fail_msg("\"%s\": %s", texts[i].text, error.text);
        assert_non_null(strstr(error.text, "test"));
        assert_false(tb_kernel_log_recognise((const uint8_t *)texts[i].text, strlen(texts[i].text)));
    }
}

static void damage_is_counted(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum tb_damage damage;
        uint64_t offset, damaged, skipped;
    } texts[] = {
        {"[ 1.000000] a\n[ 2.0", TB_DAMAGE_TRUNCATED, 14, 5, 0},
        {"[ 1.000000] a\n continued\nnoise\n", TB_DAMAGE_NONE, 0, 0, 17},
        {"{\"MESSAGE\":\"a\"}\n{\"MESSAGE\":\n{\"MESSAGE\"\n", TB_DAMAGE_CORRUPT, 16, 23, 0},
        {"{\n\"dmesg\": [\n{\n\"time\": 1.0,\n\"msg\": \"a\"\n", TB_DAMAGE_TRUNCATED, 39, 0, 2},
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct tb_kernel_log log;
        read_good(texts[i].text, &log);
        if (log.account.damage != texts[i].damage || log.account.damaged != texts[i].damaged ||
            log.account.skipped != texts[i].skipped ||
            (log.account.damage != TB_DAMAGE_NONE && log.account.damage_offset != texts[i].offset))
            fail_msg("\"%s\": damage %d at %llu, %llu bytes, %llu skipped", texts[i].text, log.account.damage,
                     (unsigned long long)log.account.damage_offset, (unsigned long long)log.account.damaged,
                     (unsigned long long)log.account.skipped);
        tb_kernel_log_free(&log);
    }
}

static void many_events_are_counted_and_the_first_kept(void **state)
{
    (void)state;
    enum { EVENTS = TB_KERNEL_EVENTS_MOST + 7 };
    static const char line[] = "[    1.000000] " RESET "\n";
    char *text = malloc(EVENTS * (sizeof line - 1) + 1);
    for (size_t i = 0; i < EVENTS; i++)
        memcpy(text + i * (sizeof line - 1), line, sizeof line);
    struct tb_kernel_log log;
    read_good(text, &log);
    assert_int_equal(log.counts[TB_KERNEL_ADAPTER_RESET], EVENTS);
    assert_int_equal(log.event_count, TB_KERNEL_EVENTS_MOST);
    tb_kernel_log_free(&log);
    free(text);
}

static void bytes_of_messages_become_printable(void **state)
{
    (void)state;
    struct tb_kernel_log log;
    read_good("[    1.000000] \x1b[1m eth0: Reset adapter\xff <b>\n", &log);
    assert_int_equal(log.event_count, 1);
    assert_string_equal(log.events[0].text, "?[1m eth0: Reset adapter? <b>");
    tb_kernel_log_free(&log);
}

static void resets_and_their_timeouts_are_no_two_things(void **state)
{
    (void)state;
    struct tb_kernel_log log;
    read_good("[    0.000000] Linux version 6.1\n[    1.000000] " TIMEOUT "\n[    1.100000] " RESET
              "\n[   14.000000] " TIMEOUT "\n",
              &log);
    assert_int_equal(tb_kernel_log_resets(&log), 2);
    assert_true(log.from_start);
    tb_kernel_log_free(&log);
}

static void every_beginning_of_a_log_is_harmless(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++)
        for (size_t size = 0; size < strlen(forms[i].text); size++) {
            char *cut = strndup(forms[i].text, size);
            struct tb_kernel_log log;
            (void)tb_kernel_log_recognise((const uint8_t *)cut, size);
            if (read_log(cut, &log, NULL) == TB_OK)
                tb_kernel_log_free(&log);
            free(cut);
        }
}

static void packing_keeps_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct tb_kernel_log log, back;
        struct tb_buffer one = {0}, other = {0};
        read_good(forms[i].text, &log);
        tb_kernel_log_pack(&log, &one);
        for (size_t size = 0; size < one.size; size++) {
            struct tb_bytes bytes = tb_bytes_packed(one.data, size);
            assert_false(tb_kernel_log_unpack(&back, &bytes));
        }
        struct tb_bytes bytes = tb_bytes_packed(one.data, one.size);
        assert_true(tb_kernel_log_unpack(&back, &bytes));
        tb_kernel_log_pack(&back, &other);
        assert_same_packed(&one, &other);
        tb_kernel_log_free(&back);
        tb_kernel_log_free(&log);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_known_by_their_words),
        cmocka_unit_test(every_form_is_read),
        cmocka_unit_test(a_log_in_which_nothing_is_said_is_known_by_its_frame),
        cmocka_unit_test(other_texts_are_refused),
        cmocka_unit_test(damage_is_counted),
        cmocka_unit_test(many_events_are_counted_and_the_first_kept),
        cmocka_unit_test(bytes_of_messages_become_printable),
        cmocka_unit_test(resets_and_their_timeouts_are_no_two_things),
        cmocka_unit_test(every_beginning_of_a_log_is_harmless),
        cmocka_unit_test(packing_keeps_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
