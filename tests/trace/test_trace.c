/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What calls, sequences, thread lives, transitions and windows are, on small written traces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/trace_fixture.h"

enum { OPEN = 2, CLOSE = 4, READ = 6, WRITE = 8, SOCKET = 18, POLL = 80, DUP = 124, LEAVE = 186, SWITCH = 152 };
enum { READ_ID = 3, EXIT_GROUP_ID = 164, GETPID_ID = 16, GETPID = 39 };

static void a_sequence_begins_with_the_execve_that_gives_the_name(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "bash", "", "");
    scap_put_call(&writer, 7, READ, 1);
    scap_put_event(&writer, 292, 7, "s", "/bin/ab");
    scap_put_exec(&writer, 7, 7, 0, "ab", "-n", "cg=/");
    scap_put_call(&writer, 7, READ, 5);
    scap_put_call(&writer, 7, CLOSE, -9);
    scap_put_event(&writer, 0, 7, "hh", EXIT_GROUP_ID, 231);
    scap_put_event(&writer, LEAVE, 7, "q", (int64_t)0);
    struct tb_trace *const trace = read_process(&writer, "ab");
    const struct tb_sequence *const sequence = &trace->sequences[0];
    assert_int_equal(sequence->calls, 3);
    assert_int_equal(sequence->events, 6); /* the exit of execve, two pairs, the enter of exit_group */
    assert_int_equal(sequence->first_time, 4000000000);
    assert_int_equal(sequence->last_time, 8000000000);
    assert_int_equal(sequence->transitions[0].total, 2);
    assert_int_equal(first_of(&sequence->transitions[0], "execve>read"), 1);
    assert_int_equal(first_of(&sequence->transitions[0], "read>close"), 2);
    assert_int_equal(first_of(&sequence->transitions[1], "execve>read>close"), 2);
    assert_int_equal(starts_of(&sequence->transitions[0], "execve"), 1);
    assert_int_equal(starts_of(&sequence->transitions[1], "execve>read"), 1);
    assert_int_equal(starts_of(&sequence->transitions[2], "execve>read>close"), 1);
    assert_int_equal(sequence->transitions[2].total, 0);
    assert_int_equal(sequence->call_totals[0].call, tb_call_find("close"));
    assert_int_equal(sequence->call_totals[0].errors, 1);
    assert_int_equal(sequence->call_totals[2].bytes, 5);
    assert_int_equal(sequence->exits_without_enter + sequence->enters_without_exit, 0);
    assert_int_equal(trace->events, 10);
    assert_int_equal(trace->enters, 5);
    assert_int_equal(trace->exits, 4);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

static void a_failed_execve_names_nothing(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "", "");
    scap_put_call(&writer, 7, READ, 1);
    scap_put_event(&writer, 292, 7, "s", "/bin/none");
    scap_put_exec(&writer, 7, 7, -2, "", "", "");
    scap_put_call(&writer, 7, CLOSE, 0);
    struct tb_trace *const trace = read_process(&writer, "ab");
    assert_int_equal(trace->sequences[0].calls, 3);
    assert_int_equal(trace->sequences[0].thread_count, 1);
    assert_int_equal(count_of(&trace->sequences[0].transitions[1], "read>execve>close"), 1);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

static void every_successful_execve_begins_a_life(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "", "");
    scap_put_call(&writer, 7, READ, 1);
    scap_put_exec(&writer, 7, 7, 0, "ab", "again", "cg=/");
    scap_put_call(&writer, 7, CLOSE, 0);
    struct tb_trace *const trace = read_process(&writer, "ab");
    const struct tb_sequence *const sequence = &trace->sequences[0];
    assert_int_equal(sequence->calls, 3);
    assert_int_equal(sequence->thread_count, 2);
    assert_int_equal(sequence->threads[0].calls, 1);
    assert_int_equal(sequence->threads[1].calls, 2);
    assert_int_equal(sequence->threads[1].first_position, 1);
    assert_int_equal(sequence->transitions[0].total, 1);
    assert_int_equal(count_of(&sequence->transitions[0], "execve>close"), 1);
    assert_int_equal(starts_of(&sequence->transitions[0], "read"), 1);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

/* Both returns of a clone, in either order, give one life; it may end before the parent returns. */
static void a_clone_gives_one_life_whoever_returns_first(void **state)
{
    (void)state;
    for (int child_first = 0; child_first < 3; child_first++) {
        struct scap_writer writer = scap_writer_start(2, false);
        scap_put_process(&writer, 7, 7, "ab", "", "");
        scap_put_event(&writer, 222, 7, "");
        if (child_first > 0)
            scap_put_clone(&writer, 8, 7, 1, 0, "ab", SCAP_THREAD_FLAG);
        if (child_first == 1)
            scap_put_call(&writer, 8, READ, 1);
        if (child_first == 2)
            scap_put_event(&writer, LEAVE, 8, "q", (int64_t)0);
        scap_put_clone(&writer, 7, 7, 1, 8, "ab", SCAP_THREAD_FLAG);
        if (child_first == 0) {
            scap_put_clone(&writer, 8, 7, 1, 0, "ab", SCAP_THREAD_FLAG);
            scap_put_call(&writer, 8, READ, 1);
        }
        struct tb_trace *const trace = read_process(&writer, "ab");
        const struct tb_sequence *const sequence = &trace->sequences[0];
        assert_int_equal(trace->children, 1);
        assert_int_equal(trace->exits, child_first == 2 ? 2 : 3);
        assert_int_equal(calls_of(sequence, "clone"), 1);
        assert_int_equal(sequence->thread_count, 2);
        assert_int_equal(sequence->threads[1].tid, 8);
        assert_int_equal(sequence->threads[1].pid, 7);
        assert_int_equal(sequence->threads[1].calls, child_first == 2 ? 0 : 1);
        assert_int_equal(sequence->threads[1].first_position,
                         child_first == 2 ? UINT64_MAX : (uint64_t)(child_first == 0));
        assert_int_equal(sequence->transitions[0].total, 0);
        assert_int_equal(sequence->exits_without_enter + sequence->enters_without_exit, 0);
        tb_trace_free(trace);
        scap_writer_free(&writer);
    }
}

static void a_forked_child_has_its_own_process(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "", "");
    scap_put_event(&writer, 222, 7, "");
    scap_put_clone(&writer, 7, 7, 1, 9, "ab", 0);
    scap_put_call(&writer, 9, READ, 1); /* its own return was filtered */
    struct tb_trace *const trace = read_process(&writer, "ab");
    assert_int_equal(trace->sequences[0].threads[1].pid, 9);
    assert_int_equal(trace->sequences[0].threads[1].calls, 1);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

static void a_thread_id_that_comes_back_is_another_life(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "", "");
    scap_put_process(&writer, 8, 7, "ab", "", "");
    scap_put_call(&writer, 8, READ, 1);
    scap_put_event(&writer, LEAVE, 8, "q", (int64_t)0);
    scap_put_event(&writer, SWITCH, 8, "qqqddd", (int64_t)7, (int64_t)0, (int64_t)0, 0, 0, 0);
    scap_put_clone(&writer, 8, 7, 1, 0, "ab", SCAP_THREAD_FLAG);
    scap_put_call(&writer, 8, CLOSE, 0);
    scap_put_event(&writer, SWITCH, 8, "qqqddd", (int64_t)7, (int64_t)0, (int64_t)0, 0, 0, 0);
    struct tb_trace *const trace = read_process(&writer, "ab");
    const struct tb_sequence *const sequence = &trace->sequences[0];
    assert_int_equal(sequence->thread_count, 3);
    assert_int_equal(sequence->transitions[0].total, 0);
    assert_int_equal(trace->switches, 2);
    assert_int_equal(sequence->context_switches, 1); /* the first was no selected thread's any more */
    assert_int_equal(sequence->threads[2].context_switches, 1);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

static void an_execve_by_another_thread_is_under_the_first_one(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "bash", "", "");
    scap_put_process(&writer, 8, 7, "bash", "", "");
    scap_put_event(&writer, READ, 7, "qd", (int64_t)0, 10);
    scap_put_event(&writer, 292, 8, "s", "/bin/ab");
    scap_put_event(&writer, LEAVE, 7, "q", (int64_t)0);
    scap_put_exec(&writer, 7, 7, 0, "ab", "", "");
    scap_put_call(&writer, 7, CLOSE, 0);
    struct tb_trace *const trace = read_process(&writer, "ab");
    const struct tb_sequence *const sequence = &trace->sequences[0];
    assert_int_equal(sequence->calls, 2);
    assert_int_equal(sequence->thread_count, 1);
    assert_int_equal(sequence->threads[0].tid, 7);
    assert_int_equal(count_of(&sequence->transitions[0], "execve>close"), 1);
    assert_int_equal(sequence->exits_without_enter + sequence->enters_without_exit, 0);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

static void two_threads_interleave_in_positions_not_in_transitions(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "", "");
    scap_put_process(&writer, 8, 7, "ab", "", "");
    scap_put_call(&writer, 7, OPEN, 3);
    scap_put_call(&writer, 8, POLL, 1);
    scap_put_call(&writer, 7, READ, 1);
    scap_put_call(&writer, 8, WRITE, 1);
    scap_put_call(&writer, 7, READ, 1);
    struct tb_trace *const trace = read_process(&writer, "ab");
    const struct tb_sequence *const sequence = &trace->sequences[0];
    assert_int_equal(sequence->transitions[0].total, 3);
    assert_int_equal(first_of(&sequence->transitions[0], "open>read"), 2);
    assert_int_equal(first_of(&sequence->transitions[0], "poll>write"), 3);
    assert_int_equal(first_of(&sequence->transitions[0], "read>read"), 4);
    assert_int_equal(first_of(&sequence->transitions[1], "open>read>read"), 4);
    assert_int_equal(starts_of(&sequence->transitions[0], "poll"), 1);
    assert_int_equal(sequence->transitions[2].start_count, 1);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

static void nothing_crosses_a_drop_mark(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "", "");
    scap_put_call(&writer, 7, OPEN, 3);
    scap_put_event(&writer, 148, -1, "d", 2);
    scap_put_event(&writer, 149, -1, "d", 2);
    scap_put_event(&writer, READ + 1, 7, "q", (int64_t)1); /* its enter was dropped */
    scap_put_call(&writer, 7, READ, 1);
    struct tb_trace *const trace = read_process(&writer, "ab");
    const struct tb_sequence *const sequence = &trace->sequences[0];
    assert_int_equal(trace->drop_marks, 1);
    assert_int_equal(sequence->calls, 3);
    assert_int_equal(sequence->thread_count, 1);
    assert_int_equal(sequence->transitions[0].total, 1);
    assert_int_equal(count_of(&sequence->transitions[0], "read>read"), 1);
    assert_int_equal(sequence->transitions[0].start_count, 1);
    assert_int_equal(starts_of(&sequence->transitions[0], "open"), 1);
    assert_int_equal(sequence->transitions[1].start_count, 0); /* its first two calls are not known to be consecutive */
    assert_int_equal(sequence->exits_without_enter, 0);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

static void a_new_section_forgets_everything(void **state)
{
    (void)state;
    for (int with_header = 0; with_header < 2; with_header++) {
        struct scap_writer writer = scap_writer_start(2, false);
        scap_put_process(&writer, 7, 7, "ab", "", "");
        scap_put_call(&writer, 7, OPEN, 3);
        if (with_header)
            scap_put_section(&writer);
        scap_put_process(&writer, 7, 7, "ab", "", "");
        scap_put_call(&writer, 7, READ, 1);
        scap_put_call(&writer, 8, READ, 1); /* of nobody that the section names */
        struct tb_trace *const trace = read_process(&writer, "ab");
        assert_int_equal(trace->sections, 2);
        assert_int_equal(trace->sequences[0].calls, 2);
        assert_int_equal(trace->sequences[0].thread_count, 2);
        assert_int_equal(trace->sequences[0].transitions[0].total, 0);
        tb_trace_free(trace);
        scap_writer_free(&writer);
    }
}

static void state_only_events_change_names_and_count_nothing(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "bash", "", "");
    writer.flags = 1;
    scap_put_exec(&writer, 7, 7, 0, "ab", "", "");
    scap_put_call(&writer, 7, OPEN, 3);
    writer.flags = 0;
    scap_put_call(&writer, 7, READ, 1);
    struct tb_trace *const trace = read_process(&writer, "ab");
    assert_int_equal(trace->state_only, 3);
    assert_int_equal(trace->exits, 3);
    assert_int_equal(trace->sequences[0].calls, 1);
    assert_int_equal(trace->sequences[0].events, 2);
    assert_int_equal(trace->sequences[0].reads[TB_DESCRIPTOR_UNKNOWN].bytes, 1);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

static void generic_calls_have_names(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "", "");
    scap_put_generic(&writer, 7, GETPID_ID, GETPID);
    scap_put_generic(&writer, 7, 0, 221);              /* unknown to the writer, known to x86-64 */
    scap_put_generic(&writer, 7, 0, 999);              /* known to nobody */
    scap_put_event(&writer, 1, 7, "hh", 0, 334);       /* an exit of newer drivers tells by itself */
    scap_put_event(&writer, 1, 7, "h", EXIT_GROUP_ID); /* never a call */
    struct tb_trace *const trace = read_process(&writer, "ab");
    const struct tb_sequence *const sequence = &trace->sequences[0];
    assert_int_equal(sequence->calls, 4);
    assert_int_equal(calls_of(sequence, "getpid"), 1);
    assert_int_equal(calls_of(sequence, "fadvise64"), 1);
    assert_int_equal(calls_of(sequence, "native_999"), 1);
    assert_int_equal(calls_of(sequence, "rseq"), 1);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

static void numbers_that_changed_meaning_go_by_the_minor_version(void **state)
{
    (void)state;
    for (uint16_t minor = 0; minor <= 1; minor++) {
        struct scap_writer writer = scap_writer_start(minor, false);
        scap_put_process(&writer, 7, 7, "ab", "", "");
        scap_put_call(&writer, 7, 294, 0);
        scap_put_event(&writer, SWITCH, 7, "qdddd", (int64_t)7, 0, 0, 0, 0);
        scap_put_event(&writer, 460, 7, "q", (int64_t)0);
        struct tb_trace *const trace = read_process(&writer, "ab");
        assert_int_equal(trace->minor_version, minor);
        assert_int_equal(calls_of(&trace->sequences[0], minor == 0 ? "seccomp" : "setpgid"), 1);
        assert_int_equal(trace->sequences[0].context_switches, 1);
        assert_int_equal(trace->events, 4);
        assert_int_equal(trace->account.skipped, 48); /* the event of a number that nobody knows */
        assert_int_equal(trace->account.damaged, 0);
        tb_trace_free(trace);
        scap_writer_free(&writer);
    }
}

static void losses_are_counted_and_structural_ones_are_not(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "", "");
    scap_put_process(&writer, 8, 7, "ab", "", "");
    scap_put_event(&writer, READ + 1, 7, "q", (int64_t)1);  /* in progress when the capture began */
    scap_put_event(&writer, POLL, 7, "zq", (int64_t)9);     /* its exit is lost */
    scap_put_event(&writer, OPEN, 7, "");                   /* this one's too */
    scap_put_event(&writer, CLOSE + 1, 7, "q", (int64_t)0); /* its enter is lost */
    scap_put_event(&writer, 0, 7, "hh", 298, 15);           /* rt_sigreturn does not return */
    scap_put_call(&writer, 7, READ, 1);
    scap_put_event(&writer, READ + 1, 7, "q", (int64_t)1); /* its enter is lost */
    scap_put_call(&writer, 8, 54, 4);                      /* recvmmsg with two messages */
    scap_put_event(&writer, 55, 8, "q", (int64_t)4);
    scap_put_event(&writer, READ, 8, "qd", (int64_t)0, 1); /* open at the end */
    struct tb_trace *const trace = read_process(&writer, "ab");
    assert_false(trace->exit_only);
    assert_int_equal(trace->sequences[0].enters_without_exit, 2);
    assert_int_equal(trace->sequences[0].exits_without_enter, 2);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

static void files_without_enters_have_no_such_losses(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "", "");
    writer.flags = 1;
    scap_put_event(&writer, OPEN, 7, "sdd", "/x", 0, 0); /* written to keep state, also by new drivers */
    writer.flags = 0;
    scap_put_event(&writer, OPEN + 1, 7, "qsdd", (int64_t)3, "/x", 0, 0);
    scap_put_event(&writer, READ + 1, 7, "qsqd", (int64_t)10, "ten bytes", (int64_t)3, 10);
    scap_put_event(&writer, CLOSE + 1, 7, "qq", (int64_t)0, (int64_t)3);
    scap_put_event(&writer, READ + 1, 7, "qsqd", (int64_t)-9, "", (int64_t)3, 10);
    struct tb_trace *const trace = read_process(&writer, "ab");
    assert_true(trace->exit_only);
    assert_int_equal(trace->sequences[0].exits_without_enter, 0);
    assert_int_equal(trace->sequences[0].calls, 4);
    assert_int_equal(trace->sequences[0].reads[TB_DESCRIPTOR_FILE].calls, 1);
    assert_int_equal(trace->sequences[0].reads[TB_DESCRIPTOR_FILE].bytes, 10);
    assert_int_equal(trace->sequences[0].reads[TB_DESCRIPTOR_UNKNOWN].calls, 1);
    assert_int_equal(trace->sequences[0].reads[TB_DESCRIPTOR_UNKNOWN].bytes, 0);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

static void read_from(struct scap_writer *writer, int64_t tid, int64_t descriptor, int64_t bytes)
{
    scap_put_event(writer, READ, tid, "qd", descriptor, 4096);
    scap_put_event(writer, READ + 1, tid, "qz", bytes);
}

static void reads_are_told_apart_by_what_the_descriptor_is(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "", "");
    scap_put_descriptor(&writer, 7, 0, 16);
    scap_put_descriptor(&writer, 7, 1, 3);
    scap_put_descriptor(&writer, 7, 2, 8);
    scap_put_event(&writer, SOCKET, 7, "ddd", 2, 1, 0);
    scap_put_event(&writer, SOCKET + 1, 7, "q", (int64_t)70000); /* large numbers count as well */
    scap_put_event(&writer, 60, 7, "");
    scap_put_event(&writer, 61, 7, "qqqq", (int64_t)0, (int64_t)4, (int64_t)5, (int64_t)1);
    scap_put_event(&writer, DUP, 7, "q", (int64_t)1);
    scap_put_event(&writer, DUP + 1, 7, "q", (int64_t)6);
    scap_put_event(&writer, 150, 7, "qb", (int64_t)1, 26); /* F_DUPFD_CLOEXEC, told by the enter */
    scap_put_event(&writer, 151, 7, "q", (int64_t)20);
    scap_put_event(&writer, 151, 7, "qqb", (int64_t)21, (int64_t)0, 1); /* F_DUPFD, told by the exit */
    scap_put_event(&writer, 151, 7, "qqb", (int64_t)9, (int64_t)0, 4);  /* another command */
    read_from(&writer, 7, 20, 5);                                       /* network */
    read_from(&writer, 7, 21, 6);                                       /* file */
    read_from(&writer, 7, 0, 1);                                        /* file */
    read_from(&writer, 7, 1, 10);                                       /* network */
    read_from(&writer, 7, 2, 100);                                      /* unix socket */
    read_from(&writer, 7, 70000, 20);                                   /* network */
    read_from(&writer, 7, 4, 200);                                      /* pipe */
    read_from(&writer, 7, 6, 40);                                       /* a copy of a network socket */
    read_from(&writer, 7, 9, 7);                                        /* unknown */
    scap_put_event(&writer, 222, 7, "");
    scap_put_clone(&writer, 7, 7, 1, 9, "ab", 0);
    scap_put_event(&writer, CLOSE, 7, "q", (int64_t)1);
    scap_put_event(&writer, CLOSE + 1, 7, "q", (int64_t)0);
    read_from(&writer, 9, 1, 1000); /* the child's copy is open still */
    read_from(&writer, 7, 1, 70);   /* the parent's is not */
    struct tb_trace *const trace = read_process(&writer, "ab");
    const struct tb_transfer *const reads = trace->sequences[0].reads;
    static const struct tb_transfer expected[TB_DESCRIPTOR_KINDS] = {[TB_DESCRIPTOR_NETWORK] = {5, 1075},
                                                                     [TB_DESCRIPTOR_FILE] = {2, 7},
                                                                     [TB_DESCRIPTOR_OTHER] = {2, 300},
                                                                     [TB_DESCRIPTOR_UNKNOWN] = {2, 77}};
    for (size_t i = 0; i < TB_DESCRIPTOR_KINDS; i++) {
        assert_int_equal(reads[i].calls, expected[i].calls);
        assert_int_equal(reads[i].bytes, expected[i].bytes);
    }
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

static void connections_are_counted_by_port(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "", "");
    static const struct {
        int64_t result;
        int port;
    } connects[] = {{0, 8080}, {-115, 8080}, {-111, 8080}, {0, 80}, {-115, 81}, {-114, 81}, {0, 81}, {0, 82}};
    for (size_t i = 0; i < 8; i++) {
        scap_put_event(&writer, 22, 7, "qz", (int64_t)3);
        scap_put_event(&writer, 23, 7, "qnq", connects[i].result, 40000, connects[i].port, (int64_t)3);
    }
    scap_put_event(&writer, 22, 7, "qa", (int64_t)4, 443); /* the exit has no tuple, the enter the address */
    scap_put_event(&writer, 23, 7, "qz", (int64_t)-115);
    scap_put_event(&writer, 23, 7, "qzqa", (int64_t)0, (int64_t)6, 444); /* the exit has the address */
    scap_put_event(&writer, 246, 7, "");
    scap_put_event(&writer, 247, 7, "qnbdd", (int64_t)5, 40000, 8080, 0, 0, 0);
    read_from(&writer, 7, 3, 1);
    read_from(&writer, 7, 5, 1);
    struct tb_trace *const trace = read_process(&writer, "ab");
    const struct tb_sequence *const sequence = &trace->sequences[0];
    static const struct tb_port_total expected[] = {{80, 1}, {81, 1}, {82, 1}, {443, 1}, {444, 1}, {8080, 2}};
    assert_int_equal(sequence->connect_count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(sequence->connects[i].port, expected[i].port);
        assert_int_equal(sequence->connects[i].count, expected[i].count);
    }
    assert_int_equal(sequence->accept_count, 1);
    assert_int_equal(sequence->accepts[0].port, 8080);
    assert_int_equal(sequence->accepts[0].count, 1);
    assert_int_equal(sequence->reads[TB_DESCRIPTOR_NETWORK].calls, 2);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

static void selectors_may_ask_for_pid_arguments_and_cgroup(void **state)
{
    (void)state;
    static const struct tb_process_selector selectors[] = {
        {.name = "ab", .pid = -1},
        {.name = "ab", .pid = 8},
        {.name = "ab", .pid = -1, .arguments = "-n 100"},
        {.name = "ab", .pid = -1, .cgroup = "pod-two"},
        {.name = "a", .pid = -1},
    };
    static const uint64_t expected[] = {7, 2, 5, 5, 0};
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "-n 100", "cpu=/pod-one");
    scap_put_process(&writer, 8, 8, "ab", "-c 1", "cpu=/pod-two");
    scap_put_call(&writer, 7, READ, 1);
    scap_put_call(&writer, 8, READ, 1);
    scap_put_call(&writer, 8, READ, 1);
    scap_put_exec(&writer, 9, 9, 0, "ab", "-n 100", "cpu=/pod-two");
    scap_put_event(&writer, 222, 9, "");
    scap_put_event(&writer, 223, 9, "qzzzzzzqqqdddzzddd", (int64_t)10, (int64_t)0, (int64_t)0, (int64_t)0, 0, 0, 0, 0,
                   0, 0); /* an exit that tells nothing: the child is as its parent */
    scap_put_call(&writer, 10, READ, 1);
    scap_put_call(&writer, 7, CLOSE, 1);
    struct tb_trace *trace =
        read_request(&writer, &(struct tb_trace_request){.selectors = selectors, .selector_count = 5});
    assert_int_equal(trace->sequence_count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(trace->sequences[i].calls, expected[i]);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

static void process_lists_of_every_version_name_threads(void **state)
{
    (void)state;
    static const struct {
        unsigned version;
        uint32_t type;
    } lists[] = {{1, 0x202}, {2, 0x207}, {3, 0x209}, {4, 0x210},      {5, 0x211},      {6, 0x212},
                 {7, 0x213}, {8, 0x214}, {9, 0x215}, {1, 0x8000ABCD}, {2, 0x8013ABCD}, {3, 0x8014ABCD}};
    const struct tb_process_selector selectors[] = {{.name = "ab", .pid = 6, .arguments = "-n 100"},
                                                    {.name = "ab", .pid = 6, .cgroup = "two"}};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct scap_writer writer = scap_writer_start(2, false);
        scap_put_process_version(&writer, lists[i].version, lists[i].type, 7, 6, "ab", "-n 100", "cpu=/two");
        scap_put_call(&writer, 7, READ, 1);
        struct tb_trace *const trace =
            read_request(&writer, &(struct tb_trace_request){.selectors = selectors, .selector_count = 2});
        assert_int_equal(trace->account.damage, TB_DAMAGE_NONE);
        assert_int_equal(trace->account.skipped, 0);
        assert_int_equal(trace->sequences[0].calls, 1);
        assert_int_equal(trace->sequences[1].calls, lists[i].version >= 4 ? 1 : 0); /* older lists have no cgroups */
        tb_trace_free(trace);
        scap_writer_free(&writer);
    }
}

static void windows_hold_transitions_whose_calls_are_all_inside(void **state)
{
    (void)state;
    static const unsigned orders[] = {1, 2};
    static const struct tb_window windows[] = {{0, 3}, {2, 4}, {4, TB_WINDOW_WHOLE}, {7, TB_WINDOW_WHOLE},
                                               {5, 2}, {5, 3}};
    const struct tb_process_selector selector = {.name = "ab", .pid = -1};
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "", "");
    scap_put_process(&writer, 8, 7, "ab", "", "");
    scap_put_call(&writer, 7, OPEN, 3);  /* 0 */
    scap_put_call(&writer, 7, READ, 1);  /* 1 */
    scap_put_call(&writer, 8, POLL, 1);  /* 2 */
    scap_put_call(&writer, 7, READ, 1);  /* 3 */
    scap_put_call(&writer, 8, POLL, 1);  /* 4 */
    scap_put_call(&writer, 7, CLOSE, 0); /* 5 */
    scap_put_call(&writer, 8, POLL, 1);  /* 6 */
    struct tb_trace *const trace = read_request(&writer, &(struct tb_trace_request){.selectors = &selector,
                                                                                    .selector_count = 1,
                                                                                    .orders = orders,
                                                                                    .order_count = 2,
                                                                                    .windows = windows,
                                                                                    .window_count = 6});
    static const struct {
        bool reached;
        uint64_t calls, pairs, triples, starts, long_starts;
    } expected[] = {{true, 3, 1, 0, 2, 1},  {true, 4, 2, 0, 2, 2}, {true, 3, 1, 0, 2, 1},
                    {false, 0, 0, 0, 0, 0}, {true, 2, 0, 0, 2, 0}, {false, 2, 0, 0, 2, 0}};
    for (size_t i = 0; i < 6; i++) {
        const struct tb_window_counts *const window = &trace->sequences[0].windows[i];
        assert_int_equal(window->reached, expected[i].reached);
        assert_int_equal(window->calls, expected[i].calls);
        assert_int_equal(window->transitions[0].total, expected[i].pairs);
        assert_int_equal(window->transitions[1].total, expected[i].triples);
        assert_int_equal(window->transitions[0].start_count, expected[i].starts);
        assert_int_equal(window->transitions[1].start_count, expected[i].long_starts);
    }
    const struct tb_window_counts *const middle = &trace->sequences[0].windows[1];
    assert_int_equal(first_of(&middle->transitions[0], "read>close"), 5);
    assert_int_equal(first_of(&middle->transitions[0], "poll>poll"), 4);
    assert_int_equal(starts_of(&middle->transitions[0], "read"), 1);
    assert_int_equal(trace->sequences[0].transitions[0].total, 5);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

/* More different calls than the square of pairs has columns. */
static void many_different_calls_are_all_counted(void **state)
{
    (void)state;
    enum { CALLS = 300 };
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "", "");
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < CALLS; i++)
            scap_put_generic(&writer, 7, 0, 1000 + i);
    struct tb_trace *const trace = read_process(&writer, "ab");
    const struct tb_transitions *const pairs = &trace->sequences[0].transitions[0];
    assert_int_equal(trace->sequences[0].call_total_count, CALLS);
    assert_int_equal(pairs->total, 2 * CALLS - 1);
    assert_int_equal(pairs->count, CALLS);
    for (size_t i = 0; i < pairs->count; i++)
        assert_int_equal(pairs->counts[i].count, i == CALLS - 1 ? 1 : 2);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

struct seen {
    size_t count, stop_after;
    struct tb_call_record last;
    char process[32];
};

static bool see(void *context, const struct tb_call_record *record)
{
    struct seen *const seen = context;
    seen->last = *record;
    strncpy(seen->process, record->process, sizeof seen->process - 1);
    return ++seen->count != seen->stop_after;
}

static void visiting_shows_every_call_until_told_to_stop(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "", "");
    scap_put_call(&writer, 7, READ, 1);
    scap_put_call(&writer, 9, READ, -4);
    scap_put_call(&writer, 7, CLOSE, 0);
    for (size_t stop_after = 2; stop_after <= 4; stop_after++) {
        struct seen seen = {.stop_after = stop_after};
        struct tb_source *source;
        struct tb_account account;
        assert_int_equal(tb_source_open_memory(writer.data, writer.size, "written", &source, NULL), TB_OK);
        assert_int_equal(tb_trace_visit(source, see, &seen, &account, NULL), TB_OK);
        tb_source_close(source);
        assert_int_equal(seen.count, stop_after < 3 ? 2 : 3);
        if (stop_after == 2) {
            assert_int_equal(seen.last.tid, 9);
            assert_int_equal(seen.last.result, -4);
            assert_string_equal(seen.process, "");
        } else {
            assert_string_equal(seen.process, "ab");
            assert_int_equal(seen.last.call, tb_call_find("close"));
            assert_true(tb_account_balances(&account));
        }
    }
    scap_writer_free(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sequence_begins_with_the_execve_that_gives_the_name),
        cmocka_unit_test(a_failed_execve_names_nothing),
        cmocka_unit_test(every_successful_execve_begins_a_life),
        cmocka_unit_test(a_clone_gives_one_life_whoever_returns_first),
        cmocka_unit_test(a_forked_child_has_its_own_process),
        cmocka_unit_test(a_thread_id_that_comes_back_is_another_life),
        cmocka_unit_test(an_execve_by_another_thread_is_under_the_first_one),
        cmocka_unit_test(two_threads_interleave_in_positions_not_in_transitions),
        cmocka_unit_test(nothing_crosses_a_drop_mark),
        cmocka_unit_test(a_new_section_forgets_everything),
        cmocka_unit_test(state_only_events_change_names_and_count_nothing),
        cmocka_unit_test(generic_calls_have_names),
        cmocka_unit_test(numbers_that_changed_meaning_go_by_the_minor_version),
        cmocka_unit_test(losses_are_counted_and_structural_ones_are_not),
        cmocka_unit_test(files_without_enters_have_no_such_losses),
        cmocka_unit_test(reads_are_told_apart_by_what_the_descriptor_is),
        cmocka_unit_test(connections_are_counted_by_port),
        cmocka_unit_test(selectors_may_ask_for_pid_arguments_and_cgroup),
        cmocka_unit_test(process_lists_of_every_version_name_threads),
        cmocka_unit_test(windows_hold_transitions_whose_calls_are_all_inside),
        cmocka_unit_test(many_different_calls_are_all_counted),
        cmocka_unit_test(visiting_shows_every_call_until_told_to_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
