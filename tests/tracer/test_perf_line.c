/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What single lines of perf script say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tracer/perf_line.h"

static struct perf_line parse(const char *text)
{
    struct perf_line line;
    tb_perf_line_parse((const uint8_t *)text, strlen(text), &line);
    return line;
}

static void assert_text(struct scap_text text, const char *expected)
{
    assert_int_equal(text.size, strlen(expected));
    if (text.size > 0)
        assert_memory_equal(text.data, expected, text.size);
}

#define EXIT " raw_syscalls:sys_exit: NR 0 = 5"

static void test_beginnings_of_lines(void **state)
{
    static const struct {
        const char *text, *comm;
        int64_t pid, tid; /* pid -2: the line has none */
        uint64_t time;
    } cases[] = {
        {"            bash 10/12 [000]  4662.713512:   " EXIT, "bash", 10, 12, UINT64_C(4662713512000)},
        {"bash 10/12 [011] 1.000000001:" EXIT, "bash", 10, 12, 1000000001},
        {"  my prog 3 7/7 [001] 0.5:" EXIT, "my prog 3", 7, 7, 500000000},
        {" :12 12/12 [000] 2.0:" EXIT, ":12", 12, 12, 2000000000},
        {"bash 12 [000] 2.0:" EXIT, "bash", -2, 12, 2000000000},
        {"swapper 0/0 [003] 2.25:" EXIT, "swapper", 0, 0, 2250000000},
        {"   :-1    -1/-1    [000]  2.5:" EXIT, ":-1", -1, -1, 2500000000},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct perf_line line = parse(cases[i].text);
        assert_int_equal(line.kind, PERF_EXIT);
        assert_text(line.comm, cases[i].comm);
        assert_int_equal(line.has_pid, cases[i].pid != -2);
        if (line.has_pid)
            assert_int_equal(line.pid, cases[i].pid);
        assert_int_equal(line.tid, cases[i].tid);
        assert_int_equal(line.time, cases[i].time);
        assert_int_equal(line.result, 5);
    }
}

#define BEGIN "ab 10/12 [000] 1.5: "

static void test_kinds(void **state)
{
    static const struct {
        const char *text;
        enum perf_line_kind kind;
    } cases[] = {
        {"", PERF_NOTE},
        {"# captured on    : today", PERF_NOTE},
        {"# arch : x86_64", PERF_MACHINE},
        {BEGIN "raw_syscalls:sys_enter: NR 0 (3, 7f, 10, 0, 0, 0)", PERF_ENTER},
        {BEGIN "raw_syscalls:sys_exit: NR 0 = -11", PERF_EXIT},
        {BEGIN "sched:sched_process_fork: comm=ab pid=12 child_comm=ab child_pid=13", PERF_FORK},
        {BEGIN "sched:sched_process_exec: filename=/usr/bin/ab pid=12 old_pid=14", PERF_EXECUTE},
        {BEGIN "sched:sched_process_exit: comm=ab pid=12 prio=120 group_dead=true", PERF_LEAVE},
        {BEGIN "sched:sched_switch: prev_comm=ab prev_pid=12 prev_prio=120 prev_state=S ==> next_comm=x", PERF_SWITCH},
        {BEGIN "PERF_RECORD_LOST lost 17", PERF_LOST},
        {BEGIN "cpu-clock: whatever", PERF_NOTE},
        {BEGIN "raw_syscalls:sys_enter: NR 0 (3, 7f, 10, 0, 0)", PERF_BROKEN},
        {BEGIN "raw_syscalls:sys_enter: NR 0 (3, 7f, 10, 0, 0, 10000000000000000)", PERF_BROKEN},
        {BEGIN "raw_syscalls:sys_exit: NR 0 =", PERF_BROKEN},
        {BEGIN "raw_syscalls:sys_exit: NR x = 0", PERF_BROKEN},
        {BEGIN "sched:sched_process_exec: filename=/usr/bin/ab pid=12", PERF_BROKEN},
        {"ab 10/12 [000] 1.5", PERF_BROKEN},
        {"ab 10/12 [000] 1.1234567890: " EXIT, PERF_BROKEN},
        {"ab 10/12 1.5:" EXIT, PERF_BROKEN},
        {"12 read(3, 0x7f, 5) = 5", PERF_BROKEN},
        {" ", PERF_BROKEN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct perf_line line = parse(cases[i].text);
        if (line.kind != cases[i].kind)
            fail_msg("'%s' is of kind %d", cases[i].text, line.kind);
    }
}

static void test_what_events_say(void **state)
{
    (void)state;
    assert_text(parse("# arch : aarch64  ").text, "aarch64");
    struct perf_line line = parse(BEGIN "raw_syscalls:sys_enter: NR 257 (ffffff9c, 7ffc8c099980, 0, 1a, 0, 64)");
    static const uint64_t arguments[PERF_ARGUMENTS] = {0xffffff9c, 0x7ffc8c099980, 0, 0x1a, 0, 0x64};
    assert_int_equal(line.number, 257);
    assert_memory_equal(line.arguments, arguments, sizeof arguments);
    line = parse(BEGIN "raw_syscalls:sys_exit: NR -1 = -4");
    assert_int_equal(line.number, -1);
    assert_int_equal(line.result, -4);
    assert_int_equal(parse(BEGIN "sched:sched_process_fork: comm=a pid=1 child_comm=x child_pid=9 child_pid=13").other,
                     13);
    line = parse(BEGIN "sched:sched_process_exec: filename=/odd pid=3/b pid=12 old_pid=14");
    assert_text(line.text, "/odd pid=3/b");
    assert_int_equal(line.other, 14);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_beginnings_of_lines),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_what_events_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
