/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a trace tells of its own gaps: enters that are not written, drop marks, versions and numbers that nobody knows,
 * which processes there are, and bytes that lack when bursts of events do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/same_packed.h"
#include "fixtures/trace_fixture.h"

enum {
    OPEN = 2,
    CLOSE = 4,
    READ = 6,
    WRITE = 8,
    CONNECT = 22,
    OPENAT = 306,
    SWITCH = 152,
    DROP_STARTS = 148,
    DROP_ENDS = 149,
    NOBODY_KNOWS = 460
};

/* What comes back from bytes is the same. */
static void assert_survives_packing(const struct tb_trace *trace)
{
    struct tb_buffer packed = {0}, again = {0};
    struct tb_trace *unpacked;
    tb_trace_pack(trace, &packed);
    struct tb_bytes bytes = tb_bytes_packed(packed.data, packed.size);
    assert_true(tb_trace_unpack(&unpacked, &bytes));
    assert_int_equal(bytes.left, 0);
    tb_trace_pack(unpacked, &again);
    tb_trace_free(unpacked);
    assert_same_packed(&packed, &again);
}

static struct tb_trace *read_two(const struct scap_writer *writer, const char *one, const char *other)
{
    const struct tb_process_selector selectors[] = {{.name = one, .pid = -1}, {.name = other, .pid = -1}};
    struct tb_trace *const trace =
        read_request(writer, &(struct tb_trace_request){.selectors = selectors, .selector_count = 2});
    assert_survives_packing(trace);
    return trace;
}

static void put_exits(struct scap_writer *writer, int64_t tid)
{
    scap_put_event(writer, OPEN + 1, tid, "qsdd", (int64_t)3, "/x", 0, 0);
    scap_put_event(writer, READ + 1, tid, "qsqd", (int64_t)10, "ten bytes", (int64_t)3, 10);
    scap_put_event(writer, CLOSE + 1, tid, "qq", (int64_t)0, (int64_t)3);
}

static void enters_are_told_from_exits(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "", "");
    scap_put_call(&writer, 7, READ, 1);
    scap_put_generic(&writer, 7, 16, 39);
    scap_put_event(&writer, 0, 7, "hh", 298, 15); /* rt_sigreturn: an exit that is no call, or none at all */
    scap_put_event(&writer, 1, 7, "hh", 298, 15);
    scap_put_event(&writer, 222, 7, "");
    scap_put_clone(&writer, 7, 7, 1, 8, "ab", SCAP_THREAD_FLAG);
    scap_put_clone(&writer, 8, 7, 1, 0, "ab", SCAP_THREAD_FLAG); /* nor is a child's */
    scap_put_event(&writer, OPENAT, 8, "qsdd", (int64_t)-100, "/x", 0, 0);
    struct tb_trace *const trace = read_two(&writer, "ab", "nobody");
    assert_int_equal(trace->sequences[0].calls, 3);
    assert_int_equal(trace->sequences[0].events, 10);
    assert_int_equal(trace->sequences[0].enters, 5);
    assert_true(trace->sequences[0].losses_known);
    assert_false(trace->sequences[1].losses_known);
    assert_int_equal(trace->sequences[1].enters, 0);
    assert_false(trace->sequences[0].switches_known);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

/* A filter, or a file that was put together, may have enters of one process and not of the other. */
static void losses_are_known_of_each_sequence_by_itself(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "", "");
    scap_put_process(&writer, 8, 8, "gohttp", "", "");
    scap_put_call(&writer, 8, READ, 1);
    put_exits(&writer, 7);
    /* New drivers keep these enters, which say nothing of the others. */
    scap_put_event(&writer, OPEN, 7, "sdd", "/x", 0, 0);
    put_exits(&writer, 7);
    scap_put_event(&writer, READ + 1, 8, "q", (int64_t)1); /* its enter is lost */
    scap_put_event(&writer, SWITCH, 1, "q", (int64_t)0);
    struct tb_trace *const trace = read_two(&writer, "ab", "gohttp");
    assert_false(trace->exit_only);
    assert_int_equal(trace->sequences[0].enters, 1);
    assert_false(trace->sequences[0].losses_known);
    assert_int_equal(trace->sequences[0].exits_without_enter, 0);
    assert_true(trace->sequences[1].losses_known);
    assert_int_equal(trace->sequences[1].exits_without_enter, 1);
    assert_true(trace->sequences[0].switches_known);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

static void drop_marks_tell_how_much_is_left(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "", "");
    scap_put_event(&writer, DROP_STARTS, -1, "d", 4);
    scap_put_event(&writer, DROP_ENDS, -1, "d", 4);
    scap_put_event(&writer, DROP_STARTS, -1, "d", 128);
    scap_put_event(&writer, DROP_STARTS, -1, "q", INT64_MAX); /* no ratio */
    scap_put_event(&writer, DROP_ENDS, -1, "");
    struct tb_trace *const trace = read_two(&writer, "ab", "nobody");
    assert_int_equal(trace->drop_starts, 3);
    assert_int_equal(trace->drop_marks, 2);
    assert_int_equal(trace->drop_ratio, 128);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

static void a_trace_lasts_from_its_first_event_to_its_last(void **state)
{
    (void)state;
    for (int swap = 0; swap < 2; swap++) {
        struct scap_writer writer = scap_writer_start(2, swap != 0);
        scap_put_process(&writer, 7, 7, "ab", "", "");
        struct tb_trace *trace = read_two(&writer, "ab", "nobody");
        assert_int_equal(trace->first_time, 0);
        assert_int_equal(trace->last_time, 0);
        tb_trace_free(trace);
        const uint64_t first = writer.time;
        scap_put_event(&writer, 234, 1, "qq", (int64_t)1, (int64_t)1); /* of no use, but an event */
        for (int i = 0; i < 10; i++)
            scap_put_call(&writer, 7, READ, 1);
        const uint64_t last = writer.time;
        scap_put_event(&writer, NOBODY_KNOWS, 7, "q", (int64_t)0);
        trace = read_two(&writer, "ab", "nobody");
        assert_int_equal(trace->first_time, first);
        assert_int_equal(trace->last_time, last);
        tb_trace_free(trace);
        scap_writer_free(&writer);
    }
}

static void what_nobody_knows_is_counted(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "", "");
    scap_put_block(&writer, 0x300, "12345678", 8);
    scap_put_call(&writer, 7, READ, 1);
    scap_put_event(&writer, NOBODY_KNOWS, 7, "q", (int64_t)0);
    scap_put_event(&writer, 187, 7, "q", (int64_t)0); /* a number between others */
    scap_put_event(&writer, 234, 7, "qq", (int64_t)1, (int64_t)1);
    struct tb_trace *const trace = read_two(&writer, "ab", "nobody");
    assert_int_equal(trace->unknown_blocks, 1);
    assert_int_equal(tb_unknown_events_sum(&trace->unknown_events), 2);
    assert_int_equal(trace->unknown_events.count, 2);
    assert_int_equal(trace->unknown_events.items[0].number, 187);
    assert_int_equal(trace->unknown_events.items[1].number, NOBODY_KNOWS);
    assert_int_equal(trace->unknown_sections, 0);
    assert_int_equal(trace->major_version, 1);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

/* Numbers come from above, so that each takes the place of a larger one. */
static void the_smallest_numbers_are_counted_apart(void **state)
{
    (void)state;
    enum { NUMBERS = TB_UNKNOWN_EVENTS_KEPT + 4, FIRST = 2000 };
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "", "");
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = NUMBERS; i-- > 0;)
            scap_put_event(&writer, (uint16_t)(FIRST + i), 7, "q", (int64_t)0);
    struct tb_trace *const trace = read_two(&writer, "ab", "nobody");
    const struct tb_unknown_events *const unknown = &trace->unknown_events;
    assert_int_equal(tb_unknown_events_sum(unknown), 2 * NUMBERS);
    assert_int_equal(unknown->count, TB_UNKNOWN_EVENTS_KEPT);
    assert_int_equal(unknown->others, 2 * (NUMBERS - TB_UNKNOWN_EVENTS_KEPT));
    for (unsigned i = 0; i < TB_UNKNOWN_EVENTS_KEPT; i++) {
        assert_int_equal(unknown->items[i].number, FIRST + i);
        assert_int_equal(unknown->items[i].events, 2);
    }
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

static void versions_that_nobody_knows_are_told(void **state)
{
    (void)state;
    static const struct {
        uint16_t major_version, minor_version;
        bool known;
    } cases[] = {{1, 0, true}, {1, 2, true}, {1, 3, false}, {9, 2, false}, {0, 2, false}, {UINT16_MAX, 0, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scap_writer writer = scap_writer_start(2, false);
        memcpy(writer.data + 12, &cases[i].major_version, 2);
        memcpy(writer.data + 14, &cases[i].minor_version, 2);
        scap_put_process(&writer, 7, 7, "ab", "", "");
        scap_put_section(&writer); /* of version 1.2 */
        struct tb_trace *const trace = read_two(&writer, "ab", "nobody");
        assert_int_equal(trace->major_version, cases[i].major_version);
        assert_int_equal(trace->minor_version, cases[i].minor_version);
        assert_int_equal(trace->unknown_sections, cases[i].known ? 0 : 1);
        assert_int_equal(trace->sections, 2);
        tb_trace_free(trace);
        scap_writer_free(&writer);
    }
}

/* Events go to the name that a thread bears when it has them; names without events are not listed. */
static void process_names_are_listed_by_events(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "bash", "", "");
    scap_put_process(&writer, 8, 8, "gohttp", "", "");
    scap_put_process(&writer, 9, 9, "kthreadd", "", "");
    scap_put_call(&writer, 7, READ, 1);
    scap_put_event(&writer, 292, 7, "s", "/bin/ab");
    scap_put_exec(&writer, 7, 7, 0, "ab", "", "");
    for (int i = 0; i < 3; i++)
        scap_put_call(&writer, 7, READ, 1);
    scap_put_event(&writer, 186, 7, "q", (int64_t)0);
    scap_put_call(&writer, 8, READ, 1);
    scap_put_call(&writer, 8, READ, 1);
    scap_put_call(&writer, 99, READ, 1); /* nobody's name is known */
    scap_put_section(&writer);           /* forgets who is who, not what they did */
    scap_put_process(&writer, 8, 8, "ab", "", "");
    scap_put_call(&writer, 8, READ, 1);
    struct tb_trace *const trace = read_two(&writer, "apache", "ab");
    static const struct tb_process_name expected[] = {{"ab", 9}, {"gohttp", 4}, {"bash", 3}};
    assert_int_equal(trace->process_name_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(trace->process_names[i].name, expected[i].name);
        assert_int_equal(trace->process_names[i].events, expected[i].events);
    }
    assert_int_equal(trace->unnamed_events, 2);
    assert_int_equal(trace->sequences[1].events, 9);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

/* However many there are, those are kept that come first by name, with all their events. */
static void names_beyond_what_is_kept(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    for (int turn = 0; turn < 2; turn++)
        for (int i = 0; i < 2 * TB_PROCESS_NAMES_MAX; i++) {
            char name[16];
            const int which = i * 389 % (2 * TB_PROCESS_NAMES_MAX);
            snprintf(name, sizeof name, "p%04d", which);
            scap_put_exec(&writer, 7, 7, 0, name, "", "");
            scap_put_call(&writer, 7, READ, 1);
        }
    struct tb_trace *const trace = read_two(&writer, "p0000", "p0001");
    assert_int_equal(trace->process_name_count, TB_PROCESS_NAMES_MAX);
    for (int i = 0; i < TB_PROCESS_NAMES_MAX; i++) {
        char name[16];
        snprintf(name, sizeof name, "p%04d", i);
        assert_string_equal(trace->process_names[i].name, name);
        assert_int_equal(trace->process_names[i].events, 6);
    }
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

static void put_names(struct scap_writer *writer, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        scap_put_process(writer, (int64_t)i + 1, (int64_t)i + 1, names[i], "", "");
    }
    for (size_t i = 0; i < count; i++)
        for (size_t calls = count - i; calls > 0; calls--)
            scap_put_call(writer, (int64_t)i + 1, READ, 1);
}

static void an_empty_sequence_is_explained(void **state)
{
    (void)state;
    static const char *const many[] = {"gohttp", "ab", "sshd", "bash", "cron", "top", "cat"};
    static const char *const odd[] = {"\xc3\xa9t\n"};
    static const struct {
        const char *const *names;
        size_t count;
        const char *wanted, *text;
    } cases[] = {
        {many, 2, "apache", "no calls of a process named 'apache'; there are gohttp, ab"},
        {many, 7, "apache", "no calls of a process named 'apache'; there are gohttp, ab, sshd, bash, cron and 2 more"},
        {many, 2, "gohtpt", "no calls of a process named 'gohtpt' (did you mean 'gohttp'?); there are gohttp, ab"},
        {many, 1, "apache-benchmark",
         "no calls of a process named 'apache-benchmark'; there are gohttp (the kernel keeps 15 characters of a name: "
         "'apache-benchmar')"},
        {many, 2, "ab",
         "no calls of a process named 'ab', though it has events of that name: look at the pid, arguments and cgroup "
         "asked for"},
        {odd, 1, "apache", "no calls of a process named 'apache'; there are ??t?"},
        {many, 0, "apache", "no calls of a process named 'apache'; the trace tells no process names"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scap_writer writer = scap_writer_start(2, false);
        char text[TB_ABSENCE_TEXT_SIZE];
        put_names(&writer, cases[i].names, cases[i].count);
        if (cases[i].count == 0)
            scap_put_call(&writer, 7, READ, 1);
        struct tb_trace *const trace = read_two(&writer, "nobody", "nobody else");
        assert_string_equal(tb_trace_describe_absence(trace, cases[i].wanted, text), cases[i].text);
        tb_trace_free(trace);
        scap_writer_free(&writer);
    }
}

/* What a text never tells selects nothing, and that is said. */
static void an_explanation_names_what_the_format_tells(void **state)
{
    (void)state;
    static const struct {
        enum tb_trace_format format;
        const char *text;
    } cases[] = {
        {TB_TRACE_SCAP, "the pid, arguments and cgroup asked for"},
        {TB_TRACE_STRACE, "the pid and arguments asked for (texts of strace tell no cgroup)"},
        {TB_TRACE_PERF, "the pid asked for (texts of perf script tell no arguments and no cgroup)"},
    };
    struct tb_process_name names[] = {{.name = "ab"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct tb_trace trace = {.format = cases[i].format, .process_names = names, .process_name_count = 1};
        char text[TB_ABSENCE_TEXT_SIZE], wanted[TB_ABSENCE_TEXT_SIZE];
        snprintf(wanted, sizeof wanted,
                 "no calls of a process named 'ab', though it has events of that name: look at %s", cases[i].text);
        assert_string_equal(tb_trace_describe_absence(&trace, "ab", text), wanted);
    }
}

static void the_longest_explanation_fits(void **state)
{
    (void)state;
    struct tb_process_name names[6];
    const struct tb_trace trace = {.process_names = names, .process_name_count = 6};
    char wanted[1000], text[TB_ABSENCE_TEXT_SIZE];
    memset(wanted, 'w', sizeof wanted);
    wanted[sizeof wanted - 1] = '\0';
    memset(names, 0, sizeof names);
    for (size_t i = 0; i < 6; i++)
        memset(names[i].name, 'n', sizeof names[i].name - 1);
    tb_trace_describe_absence(&trace, wanted, text);
    assert_true(strlen(text) < sizeof text);
}

static void put_close(struct scap_writer *writer, int64_t tid, int64_t descriptor, int64_t result)
{
    scap_put_event(writer, CLOSE, tid, "q", descriptor);
    scap_put_event(writer, CLOSE + 1, tid, "q", result);
}

static void closes_are_told_apart_by_what_was_closed(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "", "");
    scap_put_event(&writer, OPEN + 1, 7, "qsdd", (int64_t)3, "/x", 0, 0);
    scap_put_event(&writer, CONNECT, 7, "qz", (int64_t)4);
    scap_put_event(&writer, CONNECT + 1, 7, "qn", (int64_t)0, 40000, 8080);
    put_close(&writer, 7, 3, 0);
    put_close(&writer, 7, 4, -4); /* it stays open */
    put_close(&writer, 7, 4, 0);
    put_close(&writer, 7, 4, 0); /* whatever it is now */
    put_close(&writer, 7, 9, 0);
    struct tb_trace *const trace = read_two(&writer, "ab", "nobody");
    const uint64_t *const closes = trace->sequences[0].closes;
    assert_int_equal(closes[TB_DESCRIPTOR_NETWORK], 1);
    assert_int_equal(closes[TB_DESCRIPTOR_FILE], 1);
    assert_int_equal(closes[TB_DESCRIPTOR_UNKNOWN], 2);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

/* Requests over four connections that stay open. */
enum { CONNECTIONS = 4, REQUESTS = 10000, REPLY_BYTES = 618 };

static struct scap_writer write_keepalive(void)
{
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "", "");
    for (int64_t i = 0; i < CONNECTIONS; i++) {
        scap_put_event(&writer, CONNECT, 7, "qz", 4 + i);
        scap_put_event(&writer, CONNECT + 1, 7, "qn", (int64_t)0, 40000, 8080);
    }
    for (int64_t i = 0; i < REQUESTS; i++) {
        scap_put_event(&writer, WRITE, 7, "qd", 4 + i % CONNECTIONS, 82);
        scap_put_event(&writer, WRITE + 1, 7, "qz", (int64_t)82);
        scap_put_event(&writer, 20, 7, "");
        scap_put_event(&writer, 21, 7, "q", (int64_t)1);
        scap_put_event(&writer, READ, 7, "qd", 4 + i % CONNECTIONS, 8192);
        scap_put_event(&writer, READ + 1, 7, "qz", (int64_t)REPLY_BYTES);
    }
    return writer;
}

/* Takes so many of a thousand event blocks out, in bursts of a length, as a ring that overflows does. */
static void lose_bursts(struct scap_writer *writer, unsigned of_thousand, size_t burst)
{
    const size_t period = burst * 1000 / of_thousand;
    size_t into = 0, event = 0;
    for (size_t from = 0, length; from < writer->size; from += length) {
        length = tb_load_u32(writer->data + from + 4, false);
        const bool is_event = tb_load_u32(writer->data + from, false) == 0x216;
        event += is_event;
        if (is_event && event % period >= period - burst)
            continue;
        memmove(writer->data + into, writer->data + from, length);
        into += length;
    }
    writer->size = into;
}

/* Of events that are lost in bursts most take their enters and exits with them; the bytes do not come back. */
static void lost_bursts_show_in_bytes_not_in_pairs(void **state)
{
    (void)state;
    static const struct {
        unsigned of_thousand;
        size_t burst;       /* events */
        double least, most; /* share of the bytes that is left */
    } cases[] = {{0, 0, 1, 1}, {20, 101, 0.97, 0.985}, {400, 2001, 0.58, 0.62}, {670, 2001, 0.31, 0.35}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scap_writer writer = write_keepalive();
        if (cases[i].of_thousand > 0)
            lose_bursts(&writer, cases[i].of_thousand, cases[i].burst);
        struct tb_trace *const trace = read_two(&writer, "ab", "nobody");
        const struct tb_sequence *const sequence = &trace->sequences[0];
        const double share = (double)sequence->reads[TB_DESCRIPTOR_NETWORK].bytes / ((double)REQUESTS * REPLY_BYTES);
        const uint64_t orphans = sequence->exits_without_enter + sequence->enters_without_exit;
        print_message("%u of 1000 lost: %.4f of the bytes, %llu orphans in %llu calls\n", cases[i].of_thousand, share,
                      (unsigned long long)orphans, (unsigned long long)sequence->calls);
        assert_true(share >= cases[i].least && share <= cases[i].most);
        assert_true((double)orphans <= 0.01 * (double)sequence->calls);
        tb_trace_free(trace);
        scap_writer_free(&writer);
    }
}

static void the_share_of_unknown_descriptors(void **state)
{
    (void)state;
    static const struct {
        struct tb_transfer transfers[TB_DESCRIPTOR_KINDS];
        double share;
    } cases[] = {
        {{{0, 0}, {0, 0}, {0, 0}, {0, 0}}, 0},      {{{3, 100}, {1, 50}, {1, 50}, {0, 0}}, 0},
        {{{3, 100}, {0, 0}, {0, 0}, {1, 0}}, 0.25}, {{{3, 100}, {0, 0}, {0, 0}, {1, 100}}, 0.5},
        {{{0, 0}, {0, 0}, {0, 0}, {20, 0}}, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_true(tb_transfers_unknown_share(cases[i].transfers) == cases[i].share);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enters_are_told_from_exits),
        cmocka_unit_test(losses_are_known_of_each_sequence_by_itself),
        cmocka_unit_test(drop_marks_tell_how_much_is_left),
        cmocka_unit_test(a_trace_lasts_from_its_first_event_to_its_last),
        cmocka_unit_test(what_nobody_knows_is_counted),
        cmocka_unit_test(the_smallest_numbers_are_counted_apart),
        cmocka_unit_test(versions_that_nobody_knows_are_told),
        cmocka_unit_test(process_names_are_listed_by_events),
        cmocka_unit_test(names_beyond_what_is_kept),
        cmocka_unit_test(an_empty_sequence_is_explained),
        cmocka_unit_test(an_explanation_names_what_the_format_tells),
        cmocka_unit_test(the_longest_explanation_fits),
        cmocka_unit_test(closes_are_told_apart_by_what_was_closed),
        cmocka_unit_test(lost_bursts_show_in_bytes_not_in_pairs),
        cmocka_unit_test(the_share_of_unknown_descriptors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
