/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What states are made of, and the subtotals of a sequence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/trace_fixture.h"

enum { OPEN_EXIT = 3, CLOSE_ENTER = 4, CLOSE_EXIT = 5, READ_ENTER = 6, READ_EXIT = 7, STAT = 20 };

static const unsigned orders[] = {1, 2};
static const struct tb_process_selector server = {.name = "httpd", .pid = -1};

static struct tb_trace_request plain_request(void)
{
    return (struct tb_trace_request){.selectors = &server, .selector_count = 1, .orders = orders, .order_count = 2};
}

static void symbols_have_names_that_sort_as_calls_do(void **state)
{
    static const struct {
        const char *call;
        enum tb_descriptor_kind kind;
        bool failed;
        const char *name;
    } facts[] = {{"open", TB_DESCRIPTOR_UNKNOWN, false, "open"},
                 {"open", TB_DESCRIPTOR_UNKNOWN, true, "open:error"},
                 {"read", TB_DESCRIPTOR_UNKNOWN, false, "read"},
                 {"read", TB_DESCRIPTOR_NETWORK, false, "read:network"},
                 {"read", TB_DESCRIPTOR_NETWORK, true, "read:network:error"},
                 {"read", TB_DESCRIPTOR_FILE, false, "read:file"},
                 {"read", TB_DESCRIPTOR_OTHER, true, "read:other:error"},
                 {"write", TB_DESCRIPTOR_UNKNOWN, false, "write"}};
    tb_symbol last = 0;
    (void)state;
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        char name[TB_SYMBOL_NAME_SIZE];
        const tb_symbol symbol = tb_symbol_make(tb_call_find(facts[i].call), facts[i].kind, facts[i].failed);
        assert_string_equal(tb_symbol_name(symbol, name), facts[i].name);
        assert_int_equal(tb_symbol_call(symbol), tb_call_find(facts[i].call));
        assert_true(symbol < TB_SYMBOL_LIMIT && symbol > last);
        last = symbol;
    }
    assert_int_equal(tb_symbol_make(7, TB_DESCRIPTOR_UNKNOWN, false), tb_symbol_of_call(7));
}

/* open fails, open gives 3, read 3 (network by the list: 4), read 4, read 4 fails, close 3. */
static struct scap_writer write_descriptors(void)
{
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 9, 9, "httpd", "", "");
    scap_put_descriptor(&writer, 9, 4, 3);
    scap_put_event(&writer, OPEN_EXIT, 9, "q", (int64_t)-2);
    scap_put_event(&writer, OPEN_EXIT, 9, "q", (int64_t)3);
    scap_put_event(&writer, READ_ENTER, 9, "qd", (int64_t)3, 64);
    scap_put_event(&writer, READ_EXIT, 9, "qs", (int64_t)10, "data");
    scap_put_event(&writer, READ_ENTER, 9, "qd", (int64_t)4, 64);
    scap_put_event(&writer, READ_EXIT, 9, "qs", (int64_t)10, "data");
    scap_put_event(&writer, READ_ENTER, 9, "qd", (int64_t)4, 64);
    scap_put_event(&writer, READ_EXIT, 9, "qs", (int64_t)-104, "");
    scap_put_event(&writer, CLOSE_ENTER, 9, "q", (int64_t)3);
    scap_put_event(&writer, CLOSE_EXIT, 9, "q", (int64_t)0);
    return writer;
}

static void a_vocabulary_tells_calls_apart(void **state)
{
    static const struct {
        unsigned vocabulary;
        const char *steps[5];
    } facts[] = {
        {TB_VOCABULARY_CALL, {"open>open", "open>read", "read>read", NULL, "read>close"}},
        {TB_VOCABULARY_OUTCOME, {"open:error>open", "open>read", "read>read", "read>read:error", "read:error>close"}},
        {TB_VOCABULARY_DESCRIPTOR,
         {"open>open", "open>read:file", "read:file>read:network", "read:network>read:network",
          "read:network>close:file"}},
        {TB_VOCABULARY_OUTCOME | TB_VOCABULARY_DESCRIPTOR,
         {"open:error>open", "open>read:file", "read:file>read:network", "read:network>read:network:error",
          "read:network:error>close:file"}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        struct scap_writer writer = write_descriptors();
        struct tb_trace_request request = plain_request();
        request.vocabulary = facts[i].vocabulary;
        struct tb_trace *trace = read_request(&writer, &request);
        const struct tb_sequence *sequence = &trace->sequences[0];
        assert_int_equal(sequence->transitions[0].total, 5);
        for (size_t step = 0; step < 5; step++)
            if (facts[i].steps[step] != NULL)
                assert_int_equal(count_of(&sequence->transitions[0], facts[i].steps[step]),
                                 facts[i].vocabulary == 0 && step == 2 ? 2 : 1);
        /* Totals are by call, whatever states are made of. */
        assert_int_equal(sequence->call_total_count, 3);
        assert_int_equal(calls_of(sequence, "open"), 2);
        assert_int_equal(calls_of(sequence, "read"), 3);
        tb_trace_free(trace);
        scap_writer_free(&writer);
    }
}

/* Two processes, the second with two threads, take turns: 1, 2, 2b, 2b, 1, 2. */
static struct scap_writer write_processes(void)
{
    static const struct {
        int64_t tid;
        int native;
    } turns[] = {{1, 0}, {2, 1}, {3, 2}, {3, 3}, {1, 4}, {2, 5}};
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 1, 1, "httpd", "", "");
    scap_put_process(&writer, 2, 2, "httpd", "", "");
    scap_put_process(&writer, 3, 2, "httpd", "", "");
    for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++)
        scap_put_generic(&writer, turns[i].tid, 0, 1000 + turns[i].native);
    return writer;
}

static void every_process_has_its_own_counts(void **state)
{
    struct scap_writer writer = write_processes();
    struct tb_trace_request request = plain_request();
    (void)state;
    request.thread_groups = true;
    struct tb_trace *trace = read_request(&writer, &request);
    const struct tb_sequence *sequence = &trace->sequences[0];
    assert_int_equal(sequence->thread_group_count, 2);
    assert_int_equal(sequence->thread_groups[0].id, 1);
    assert_int_equal(sequence->thread_groups[0].calls, 2);
    assert_int_equal(sequence->thread_groups[0].transitions[0].total, 1);
    assert_int_equal(first_of(&sequence->thread_groups[0].transitions[0], "native_1000>native_1004"), 4);
    assert_int_equal(sequence->thread_groups[1].id, 2);
    assert_int_equal(sequence->thread_groups[1].calls, 4);
    assert_int_equal(sequence->thread_groups[1].transitions[0].total, 2);
    assert_int_equal(count_of(&sequence->thread_groups[1].transitions[0], "native_1002>native_1003"), 1);
    assert_int_equal(count_of(&sequence->thread_groups[1].transitions[0], "native_1001>native_1005"), 1);
    assert_int_equal(starts_of(&sequence->thread_groups[1].transitions[0], "native_1002"), 1);
    assert_int_equal(sequence->interval_count, 0);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

static void processes_beyond_the_bound_share_one(void **state)
{
    enum { MORE = TB_THREAD_GROUPS_MAX + 10 };
    struct scap_writer writer = scap_writer_start(2, false);
    struct tb_trace_request request = plain_request();
    (void)state;
    for (int i = 1; i <= MORE; i++)
        scap_put_process(&writer, i, i, "httpd", "", "");
    for (int turn = 0; turn < 2; turn++)
        for (int i = 1; i <= MORE; i++)
            scap_put_generic(&writer, i, 0, 1000 + turn);
    request.thread_groups = true;
    struct tb_trace *trace = read_request(&writer, &request);
    const struct tb_sequence *sequence = &trace->sequences[0];
    assert_int_equal(sequence->thread_group_count, TB_THREAD_GROUPS_MAX + 1);
    assert_int_equal(sequence->thread_groups[TB_THREAD_GROUPS_MAX].id, -1);
    assert_int_equal(sequence->thread_groups[TB_THREAD_GROUPS_MAX].calls, 20);
    assert_int_equal(sequence->thread_groups[TB_THREAD_GROUPS_MAX].transitions[0].total, 10);
    assert_int_equal(sequence->thread_groups[0].calls, 2);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

static void a_transition_belongs_to_the_interval_of_its_last_call(void **state)
{
    static const uint64_t length = 4;
    struct scap_writer writer = scap_writer_start(2, false);
    struct tb_trace_request request = plain_request();
    (void)state;
    scap_put_process(&writer, 1, 1, "httpd", "", "");
    for (int i = 0; i < 10; i++)
        scap_put_generic(&writer, 1, 0, 1000 + i);
    request.interval = &length;
    struct tb_trace *trace = read_request(&writer, &request);
    const struct tb_sequence *sequence = &trace->sequences[0];
    const struct tb_subtotal *intervals = sequence->intervals;
    assert_int_equal(sequence->interval_count, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(intervals[i].id, 4 * i);
        assert_int_equal(intervals[i].calls, i < 2 ? 4 : 2);
        assert_int_equal(intervals[i].transitions[0].total, i == 0 ? 3 : i == 1 ? 4 : 2);
        assert_int_equal(intervals[i].transitions[1].total, i == 0 ? 2 : i == 1 ? 4 : 2);
    }
    assert_int_equal(count_of(&intervals[1].transitions[0], "native_1003>native_1004"), 1);
    assert_int_equal(first_of(&intervals[1].transitions[1], "native_1002>native_1003>native_1004"), 4);
    assert_int_equal(starts_of(&intervals[0].transitions[0], "native_1000"), 1);
    assert_int_equal(intervals[1].transitions[0].start_count, 0);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

static void subtotals_survive_packing(void **state)
{
    static const uint64_t length = 2;
    struct scap_writer writer = write_processes();
    struct tb_trace_request request = plain_request();
    struct tb_buffer packed = {0}, again = {0};
    struct tb_trace *copy;
    (void)state;
    request.thread_groups = true;
    request.interval = &length;
    struct tb_trace *trace = read_request(&writer, &request);
    tb_trace_pack(trace, &packed);
    for (size_t size = 0; size < packed.size; size++) {
        struct tb_bytes part = tb_bytes_packed(packed.data, size);
        assert_false(tb_trace_unpack(&copy, &part));
    }
    struct tb_bytes bytes = tb_bytes_packed(packed.data, packed.size);
    assert_true(tb_trace_unpack(&copy, &bytes));
    assert_int_equal(copy->sequences[0].thread_group_count, 2);
    assert_int_equal(copy->sequences[0].interval_count, 3);
    tb_trace_pack(copy, &again);
    assert_int_equal(again.size, packed.size);
    assert_memory_equal(again.data, packed.data, packed.size);
    tb_buffer_free(&packed);
    tb_buffer_free(&again);
    tb_trace_free(trace);
    tb_trace_free(copy);
    scap_writer_free(&writer);
}

static void an_unknown_vocabulary_is_refused(void **state)
{
    struct scap_writer writer = write_processes();
    struct tb_trace_request request = plain_request();
    struct tb_source *source;
    struct tb_trace *trace;
    (void)state;
    request.vocabulary = TB_VOCABULARIES;
    assert_int_equal(tb_source_open_memory(writer.data, writer.size, "written", &source, NULL), TB_OK);
    assert_int_equal(tb_trace_read(source, &request, &trace, NULL), TB_USAGE);
    tb_source_close(source);
    scap_writer_free(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(symbols_have_names_that_sort_as_calls_do),
        cmocka_unit_test(a_vocabulary_tells_calls_apart),
        cmocka_unit_test(every_process_has_its_own_counts),
        cmocka_unit_test(processes_beyond_the_bound_share_one),
        cmocka_unit_test(a_transition_belongs_to_the_interval_of_its_last_call),
        cmocka_unit_test(subtotals_survive_packing),
        cmocka_unit_test(an_unknown_vocabulary_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
