/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts of perf script, counted by hand: threads, descriptors, ports that nobody tells, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/text_source.h"
#include "fixtures/trace_fixture.h"

static enum tb_status read_as(const char *text, size_t size, const char *process, struct tb_trace **trace,
                              struct tb_error *error)
{
    static const unsigned orders[] = {1, 2, 3};
    const struct tb_process_selector selector = {.name = process, .pid = -1};
    const struct tb_trace_request request = {
        .selectors = &selector, .selector_count = 1, .orders = orders, .order_count = 3};
    struct tb_source *const source = open_bytes(text, size);
    const enum tb_status status = tb_trace_read(source, &request, trace, error);
    tb_source_close(source);
    return status;
}

static struct tb_trace *read_text(const char *text, const char *process)
{
    struct tb_trace *trace = NULL;
    struct tb_error error = {0};
    if (read_as(text, strlen(text), process, &trace, &error) != TB_OK)
        fail_msg("%s", error.text);
    assert_true(tb_account_balances(&trace->account));
    assert_int_equal(trace->format, TB_TRACE_PERF);
    return trace;
}

#define MACHINE "# arch : x86_64\n"
#define ENTER " raw_syscalls:sys_enter: NR "
#define EXIT " raw_syscalls:sys_exit: NR "

/* A process begins a thread and a process; each reads what it was given. */
static const char threads[] =
    MACHINE "web 10/10 [000] 1.000001:" ENTER "59 (1, 2, 3, 0, 0, 0)\n"
            "web 10/10 [000] 1.000002: sched:sched_process_exec: filename=/usr/bin/web pid=10 old_pid=10\n"
            "web 10/10 [000] 1.000003:" EXIT "59 = 0\n"
            "web 10/10 [000] 1.000004:" ENTER "257 (ffffff9c, 7f, 0, 0, 0, 0)\n"
            "web 10/10 [000] 1.000005:" EXIT "257 = 3\n"
            "web 10/10 [000] 1.000006:" ENTER "435 (7f, 58, 0, 0, 0, 0)\n"
            "web 10/10 [000] 1.000007: sched:sched_process_fork: comm=web pid=10 child_comm=web child_pid=11\n"
            "web 10/11 [001] 1.000008:" EXIT "435 = 0\n"
            "web 10/10 [000] 1.000009:" EXIT "435 = 11\n"
            "web 10/11 [001] 1.000010:" ENTER "0 (3, 7f, 64, 0, 0, 0)\n"
            "web 10/11 [001] 1.000011:" EXIT "0 = 77\n"
            "web 10/10 [000] 1.000012:" ENTER "58 (0, 0, 0, 0, 0, 0)\n"
            "web 10/10 [000] 1.000013: sched:sched_process_fork: comm=web pid=10 child_comm=web child_pid=12\n"
            ":12 12/12 [001] 1.000014:" EXIT "58 = 0\n"
            ":12 12/12 [001] 1.000015:" ENTER "0 (3, 7f, 64, 0, 0, 0)\n"
            ":12 12/12 [001] 1.000016:" EXIT "0 = 5\n"
            ":12 12/12 [001] 1.000017:" ENTER "231 (0, 0, 0, 0, 0, 0)\n"
            ":12 12/12 [001] 1.000018: sched:sched_process_exit: comm=web pid=12 prio=120\n"
            "web 10/10 [000] 1.000019:" EXIT "58 = 12\n"
            "web 10/10 [000] 1.000020: sched:sched_switch: prev_comm=web prev_pid=10 prev_prio=120 prev_state=S ==> "
            "next_comm=x\n"
            ":-1    -1/-1    [001] 1.000020: sched:sched_switch: prev_comm=web prev_pid=12 prev_prio=120 prev_state=X "
            "==> next_comm=x\n"
            "web 10/10 [000] 1.000021:" ENTER "3 (3, 0, 0, 0, 0, 0)\n"
            "web 10/10 [000] 1.000022:" EXIT "3 = 0\n";

static void test_threads_and_descriptors(void **state)
{
    (void)state;
    struct tb_trace *const trace = read_text(threads, "web");
    const struct tb_sequence *const sequence = &trace->sequences[0];
    assert_int_equal(trace->account.damage, TB_DAMAGE_NONE);
    assert_int_equal(sequence->calls, 7);
    assert_int_equal(calls_of(sequence, "execve"), 1);
    assert_int_equal(calls_of(sequence, "clone3"), 1);
    assert_int_equal(calls_of(sequence, "vfork"), 1);
    /* The thread has the process's descriptors, the child a copy. */
    assert_int_equal(sequence->reads[TB_DESCRIPTOR_FILE].calls, 2);
    assert_int_equal(sequence->reads[TB_DESCRIPTOR_FILE].bytes, 82);
    assert_int_equal(sequence->closes[TB_DESCRIPTOR_FILE], 1);
    assert_int_equal(count_of(sequence->transitions, "execve>openat"), 1);
    assert_int_equal(count_of(sequence->transitions, "clone3>vfork"), 1);
    assert_int_equal(count_of(sequence->transitions, "read>read"), 0);
    assert_int_equal(sequence->thread_count, 4); /* the first has two lives: before its execve, and behind */
    assert_true(sequence->switches_known);
    assert_int_equal(sequence->context_switches, 1);
    assert_int_equal(sequence->exits_without_enter, 0);
    assert_int_equal(sequence->enters_without_exit, 0);
    assert_int_equal(sequence->first_time, 1000003000);
    tb_trace_free(trace);
}

/* Which port was connected to, or taken on, stands in the memory of the process. */
static void test_ports_are_not_told(void **state)
{
    static const char text[] = MACHINE "web 10/10 [000] 1.000001:" ENTER "41 (2, 1, 0, 0, 0, 0)\n"
                                       "web 10/10 [000] 1.000002:" EXIT "41 = 3\n"
                                       "web 10/10 [000] 1.000003:" ENTER "288 (3, 7f, 7e, 0, 0, 0)\n"
                                       "web 10/10 [000] 1.000004:" EXIT "288 = 4\n"
                                       "web 10/10 [000] 1.000005:" ENTER "0 (4, 7f, 7e, 0, 0, 0)\n"
                                       "web 10/10 [000] 1.000006:" EXIT "0 = 100\n"
                                       "web 10/10 [000] 1.000007:" ENTER "41 (a, 1, 0, 0, 0, 0)\n"
                                       "web 10/10 [000] 1.000008:" EXIT "41 = 5\n"
                                       "web 10/10 [000] 1.000009:" ENTER "42 (5, 7f, 1c, 0, 0, 0)\n"
                                       "web 10/10 [000] 1.000010:" EXIT "42 = -115\n"
                                       "web 10/10 [000] 1.000011:" ENTER "1 (5, 7f, 1c, 0, 0, 0)\n"
                                       "web 10/10 [000] 1.000012:" EXIT "1 = 30\n"
                                       "web 10/10 [000] 1.000013:" ENTER "41 (1, 1, 0, 0, 0, 0)\n"
                                       "web 10/10 [000] 1.000014:" EXIT "41 = 6\n"
                                       "web 10/10 [000] 1.000015:" ENTER "42 (6, 7f, 1c, 0, 0, 0)\n"
                                       "web 10/10 [000] 1.000016:" EXIT "42 = 0\n"
                                       "web 10/10 [000] 1.000017:" ENTER "72 (4, 406, 0, 0, 0, 0)\n"
                                       "web 10/10 [000] 1.000018:" EXIT "72 = 7\n"
                                       "web 10/10 [000] 1.000019:" ENTER "0 (7, 7f, 1c, 0, 0, 0)\n"
                                       "web 10/10 [000] 1.000020:" EXIT "0 = 1\n"
                                       /* A socket from before the recording: it may be of any kind. */
                                       "web 10/10 [000] 1.000021:" ENTER "288 (9, 7f, 7e, 0, 0, 0)\n"
                                       "web 10/10 [000] 1.000022:" EXIT "288 = 10\n"
                                       "web 10/10 [000] 1.000023:" ENTER "0 (a, 7f, 1c, 0, 0, 0)\n"
                                       "web 10/10 [000] 1.000024:" EXIT "0 = 2\n";
    (void)state;
    struct tb_trace *const trace = read_text(text, "web");
    const struct tb_sequence *const sequence = &trace->sequences[0];
    assert_int_equal(tb_port_count(sequence->accepts, sequence->accept_count, 0), 2);
    assert_int_equal(sequence->reads[TB_DESCRIPTOR_UNKNOWN].bytes, 2);
    assert_int_equal(tb_port_count(sequence->connects, sequence->connect_count, 0), 1);
    assert_int_equal(sequence->connect_count, 1);
    assert_int_equal(sequence->reads[TB_DESCRIPTOR_NETWORK].bytes, 101);
    assert_int_equal(sequence->writes[TB_DESCRIPTOR_NETWORK].bytes, 30);
    tb_trace_free(trace);
}

/* Another thread of a process executes a program, and goes on as its first. */
static void test_execve_of_another_thread(void **state)
{
    static const char text[] =
        MACHINE "web 10/10 [000] 1.000001:" ENTER "202 (7f, 0, 0, 0, 0, 0)\n"
                "web 10/11 [000] 1.000002:" ENTER "59 (1, 2, 3, 0, 0, 0)\n"
                "web 10/10 [000] 1.000003: sched:sched_process_exec: filename=/usr/bin/other pid=10 old_pid=11\n"
                "other 10/10 [000] 1.000004:" EXIT "59 = 0\n"
                "other 10/10 [000] 1.000005:" ENTER "39 (0, 0, 0, 0, 0, 0)\n"
                "other 10/10 [000] 1.000006:" EXIT "39 = 10\n";
    (void)state;
    struct tb_trace *const trace = read_text(text, "other");
    assert_int_equal(trace->sequences[0].calls, 2);
    assert_int_equal(count_of(trace->sequences[0].transitions, "execve>getpid"), 1);
    tb_trace_free(trace);
}

/* What perf lost breaks no transition in two; a cut line is damage. */
static void test_what_is_lost(void **state)
{
    static const char text[] = MACHINE "web 10/10 [000] 1.000001:" ENTER "39 (0, 0, 0, 0, 0, 0)\n"
                                       "web 10/10 [000] 1.000002:" EXIT "39 = 10\n"
                                       "perf 20/20 [000] 1.000003: PERF_RECORD_LOST lost 17\n"
                                       "web 10/10 [000] 1.000004:" EXIT "0 = 10\n"
                                       "web 10/10 [000] 1.000005:" ENTER "39 (0, 0, 0, 0, 0, 0)\n"
                                       "web 10/10 [000] 1.000006:" EXIT "39 = 10\n";
    (void)state;
    struct tb_trace *const trace = read_text(text, "web");
    assert_int_equal(trace->sequences[0].calls, 3);
    assert_int_equal(count_of(trace->sequences[0].transitions, "getpid>read"), 0);
    assert_int_equal(count_of(trace->sequences[0].transitions, "read>getpid"), 1);
    tb_trace_free(trace);
}

static void test_every_prefix(void **state)
{
    uint64_t before = 0;
    (void)state;
    for (size_t size = strlen(MACHINE); size < sizeof threads; size++) {
        struct tb_trace *trace = NULL;
        struct tb_error error;
        assert_int_equal(read_as(threads, size, "web", &trace, &error), TB_OK);
        assert_true(tb_account_balances(&trace->account));
        assert_int_equal(trace->account.stream_bytes, size);
        assert_true(trace->sequences[0].calls >= before && trace->sequences[0].calls <= 7);
        assert_int_equal(trace->account.damage, threads[size - 1] == '\n' || size == sizeof threads - 1
                                                    ? TB_DAMAGE_NONE
                                                    : TB_DAMAGE_TRUNCATED);
        before = trace->sequences[0].calls;
        tb_trace_free(trace);
    }
}

static void test_what_is_refused(void **state)
{
    static const struct {
        const char *text, *reason;
    } cases[] = {
        {"web 10/10 [000] 1.000001:" ENTER "39 (0, 0, 0, 0, 0, 0)\n", "which processor perf recorded on; print the "},
        {"# arch : aarch64\nweb 10/10 [000] 1.0:" ENTER "39 (0, 0, 0, 0, 0, 0)\n", "perf recorded on aarch64, whose "},
        {MACHINE "web 10 [000] 1.000001:" ENTER "39 (0, 0, 0, 0, 0, 0)\n", "which process a thread is of; print the "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tb_trace *trace = NULL;
        struct tb_error error;
        assert_int_equal(read_as(cases[i].text, strlen(cases[i].text), "web", &trace, &error), TB_UNSUPPORTED);
        assert_non_null(strstr(error.text, cases[i].reason));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_and_descriptors),
        cmocka_unit_test(test_ports_are_not_told),
        cmocka_unit_test(test_execve_of_another_thread),
        cmocka_unit_test(test_what_is_lost),
        cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_what_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
