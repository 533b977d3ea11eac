/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cut, broken, foreign and turned-round traces: every byte is accounted for, and what is whole is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/trace_fixture.h"

enum { CLOSE = 4, READ = 6 };

/* A bit of everything. */
static struct scap_writer example(uint16_t minor, bool swap)
{
    struct scap_writer writer = scap_writer_start(minor, swap);
    scap_put_process(&writer, 7, 7, "bash", "", "cpu=/");
    scap_put_descriptor(&writer, 7, 3, 3);
    scap_put_event(&writer, 292 - (minor == 0 ? 4 : 0), 7, "s", "/bin/ab");
    if (minor == 0)
        scap_put_event(&writer, 289, 7, "qssqqqsqqqdddsssd", (int64_t)0, "/bin/ab", "", (int64_t)7, (int64_t)7,
                       (int64_t)1, "/", (int64_t)9, (int64_t)0, (int64_t)0, 0, 0, 0, "ab", "", "", 0);
    else
        scap_put_exec(&writer, 7, 7, 0, "ab", "-n", "cpu=/");
    scap_put_event(&writer, 22, 7, "qz", (int64_t)3);
    scap_put_event(&writer, 23, 7, "qn", (int64_t)0, 40000, 8080);
    scap_put_event(&writer, READ, 7, "qd", (int64_t)3, 100);
    scap_put_event(&writer, READ + 1, 7, "qs", (int64_t)100, "hundred bytes");
    scap_put_event(&writer, 222, 7, "");
    scap_put_clone(&writer, 7, 7, 1, 8, "ab", SCAP_THREAD_FLAG);
    scap_put_clone(&writer, 8, 7, 1, 0, "ab", SCAP_THREAD_FLAG);
    scap_put_generic(&writer, 8, 16, 39);
    scap_put_event(&writer, 152, 7, "qqqddd", (int64_t)8, (int64_t)1, (int64_t)2, 0, 0, 0);
    writer.flags = 1;
    scap_put_call(&writer, 8, READ, 7);
    writer.flags = 0;
    scap_put_event(&writer, 186, 8, "q", (int64_t)0);
    scap_put_call(&writer, 7, CLOSE, 0);
    return writer;
}

static struct tb_buffer packed_trace(const struct tb_trace *trace)
{
    struct tb_buffer buffer = {0};
    tb_trace_pack(trace, &buffer);
    assert_int_equal(tb_buffer_check(&buffer, "a trace", NULL), TB_OK);
    return buffer;
}

static void assert_example(const struct tb_trace *trace)
{
    const struct tb_sequence *const sequence = &trace->sequences[0];
    assert_int_equal(sequence->calls, 6);
    assert_int_equal(sequence->transitions[0].total, 4);
    assert_int_equal(count_of(&sequence->transitions[2], "execve>connect>read>clone"), 1);
    assert_int_equal(sequence->reads[TB_DESCRIPTOR_NETWORK].bytes, 100);
    assert_int_equal(sequence->connect_count, 1);
    assert_int_equal(sequence->connects[0].port, 8080);
    assert_int_equal(sequence->thread_count, 2);
    assert_int_equal(sequence->threads[1].tid, 8);
    assert_int_equal(trace->state_only, 2);
    assert_int_equal(trace->account.damage, TB_DAMAGE_NONE);
}

static void both_byte_orders_and_all_styles_give_the_same(void **state)
{
    (void)state;
    for (uint16_t minor = 0; minor <= 2; minor++) {
        struct tb_buffer packed[2];
        for (int swap = 0; swap < 2; swap++) {
            struct scap_writer writer = example(minor, swap != 0);
            struct tb_trace *const trace = read_process(&writer, "ab");
            assert_int_equal(trace->swapped, swap);
            assert_example(trace);
            trace->swapped = false;
            packed[swap] = packed_trace(trace);
            tb_trace_free(trace);
            scap_writer_free(&writer);
        }
        assert_int_equal(packed[0].size, packed[1].size);
        assert_memory_equal(packed[0].data, packed[1].data, packed[0].size);
        tb_buffer_free(&packed[0]);
        tb_buffer_free(&packed[1]);
    }
}

static void sections_of_both_orders_may_follow_each_other(void **state)
{
    (void)state;
    struct scap_writer one = example(2, false), two = example(1, true);
    struct scap_writer joined = {.size = one.size + two.size, .data = malloc(one.size + two.size)};
    memcpy(joined.data, one.data, one.size);
    memcpy(joined.data + one.size, two.data, two.size);
    struct tb_trace *const trace = read_process(&joined, "ab");
    assert_int_equal(trace->sections, 2);
    assert_int_equal(trace->sequences[0].calls, 12);
    assert_int_equal(trace->sequences[0].transitions[0].total, 8);
    assert_int_equal(trace->account.damage, TB_DAMAGE_NONE);
    tb_trace_free(trace);
    scap_writer_free(&one);
    scap_writer_free(&two);
    scap_writer_free(&joined);
}

/* Where blocks end in what was written. */
static bool is_boundary(const struct scap_writer *writer, size_t place)
{
    size_t offset = 0;
    while (offset < place)
        offset += tb_load_u32(writer->data + offset + 4, writer->swap);
    return offset == place;
}

static void a_file_cut_at_any_byte_keeps_what_was_whole(void **state)
{
    (void)state;
    struct scap_writer writer = example(2, false);
    uint64_t calls = 0;
    for (size_t size = 1; size <= writer.size; size++) {
        /* A copy of its own, so that reading past the end would be noticed. */
        struct scap_writer cut = {.size = size, .data = malloc(size)};
        memcpy(cut.data, writer.data, size);
        struct tb_trace *const trace = read_process(&cut, "ab");
        const struct tb_account *const account = &trace->account;
        assert_int_equal(account->stream_bytes, size);
        assert_int_equal(account->damage, is_boundary(&writer, size) ? TB_DAMAGE_NONE : TB_DAMAGE_TRUNCATED);
        assert_true(account->damage == TB_DAMAGE_NONE || is_boundary(&writer, account->damage_offset));
        assert_int_equal(account->damaged, account->damage == TB_DAMAGE_NONE ? 0 : size - account->damage_offset);
        assert_true(trace->sequences[0].calls >= calls);
        calls = trace->sequences[0].calls;
        tb_trace_free(trace);
        scap_writer_free(&cut);
    }
    assert_int_equal(calls, 6);
    scap_writer_free(&writer);
}

static void no_changed_byte_upsets_the_account(void **state)
{
    (void)state;
    struct scap_writer writer = example(2, false);
    static const uint8_t values[] = {0x00, 0xff, 0x80};
    for (size_t place = 16; place < writer.size; place++) {
        const uint8_t kept = writer.data[place];
        for (size_t i = 0; i < sizeof values; i++) {
            writer.data[place] = values[i];
            tb_trace_free(read_process(&writer, "ab")); /* which checks the account */
        }
        writer.data[place] = kept;
    }
    scap_writer_free(&writer);
}

static void a_broken_block_costs_itself_and_cuts_transitions(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "", "");
    scap_put_call(&writer, 7, CLOSE, 0);
    const size_t broken = writer.size;
    scap_put_call(&writer, 7, READ, 1);
    const size_t after = broken + tb_load_u32(writer.data + broken + 4, false);
    scap_put_call(&writer, 7, CLOSE, 0);
    writer.data[broken + 4] += 4; /* the enter of read is longer than it is */
    struct tb_trace *const trace = read_process(&writer, "ab");
    assert_int_equal(trace->account.damage, TB_DAMAGE_CORRUPT);
    assert_int_equal(trace->account.damage_offset, broken);
    assert_int_equal(trace->account.damaged, after - broken);
    assert_non_null(strstr(trace->account.reason, "written"));
    assert_int_equal(trace->sequences[0].calls, 3);
    assert_int_equal(count_of(&trace->sequences[0].transitions[0], "close>read"), 0);
    assert_int_equal(count_of(&trace->sequences[0].transitions[0], "read>close"), 1);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

static void an_event_whose_parameters_do_not_add_up_is_damage(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "", "");
    scap_put_call(&writer, 7, CLOSE, 0);
    const size_t broken = writer.size;
    scap_put_event(&writer, READ + 1, 7, "q", (int64_t)1);
    const size_t length = writer.size - broken;
    scap_put_call(&writer, 7, CLOSE, 0);
    writer.data[broken + 8 + 2 + 26] = 9; /* the length of its only parameter */
    struct tb_trace *const trace = read_process(&writer, "ab");
    assert_int_equal(trace->account.damage, TB_DAMAGE_CORRUPT);
    assert_int_equal(trace->account.damage_offset, broken);
    assert_int_equal(trace->account.damaged, length);
    assert_int_equal(trace->events, 4);
    assert_int_equal(trace->sequences[0].calls, 2);
    assert_int_equal(trace->sequences[0].transitions[0].total, 0);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

static void blocks_that_scap_does_not_have_are_skipped(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    scap_put_process(&writer, 7, 7, "ab", "", "");
    scap_put_call(&writer, 7, CLOSE, 0);
    scap_put_block(&writer, 0xBAD, "custom", 6);
    scap_put_call(&writer, 7, READ, 0);
    struct tb_trace *const trace = read_process(&writer, "ab");
    assert_int_equal(trace->account.skipped, 20);
    assert_int_equal(trace->account.damage, TB_DAMAGE_NONE);
    assert_int_equal(trace->sections, 1);
    assert_int_equal(count_of(&trace->sequences[0].transitions[0], "close>read"), 1);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

/* A plugin's event may be of any size; its data is not held in memory. */
static void a_block_too_long_to_hold_is_passed_over(void **state)
{
    (void)state;
    enum { LONG = 68 << 20 };
    for (int cut = 0; cut < 2; cut++) {
        struct scap_writer writer = scap_writer_start(2, false), after = scap_writer_start(2, false);
        scap_put_process(&writer, 7, 7, "ab", "", "");
        scap_put_call(&writer, 7, CLOSE, 0);
        const size_t start = writer.size;
        scap_put_call(&after, 7, READ, 1);
        const size_t calls = after.size - 28, whole = start + LONG + calls;
        struct scap_writer joined = {.size = cut ? whole / 2 : whole, .data = calloc(1, whole)};
        memcpy(joined.data, writer.data, start);
        memcpy(joined.data + start, (const uint8_t[]){0x21, 2, 0, 0, 0, 0, 0x40, 4}, 8);
        memcpy(joined.data + start + LONG - 4, (const uint8_t[]){0, 0, 0x40, 4}, 4);
        memcpy(joined.data + start + LONG, after.data + 28, calls);
        struct tb_trace *const trace = read_process(&joined, "ab");
        assert_int_equal(trace->account.damage, cut ? TB_DAMAGE_TRUNCATED : TB_DAMAGE_NONE);
        assert_int_equal(trace->account.damaged, cut ? joined.size - start : 0);
        assert_int_equal(trace->account.skipped, cut ? 0 : LONG);
        assert_int_equal(trace->sequences[0].calls, cut ? 1 : 2);
        tb_trace_free(trace);
        scap_writer_free(&writer);
        scap_writer_free(&after);
        scap_writer_free(&joined);
    }
}

static enum tb_status status_of(const void *data, size_t size)
{
    const struct tb_trace_request request = {0};
    struct tb_source *source;
    struct tb_trace *trace;
    struct tb_error error = {0};
    assert_int_equal(tb_source_open_memory(data, size, "given", &source, NULL), TB_OK);
    const enum tb_status status = tb_trace_read(source, &request, &trace, &error);
    tb_source_close(source);
    if (status == TB_OK)
        tb_trace_free(trace);
    else
        assert_non_null(strstr(error.text, "given"));
    return status;
}

static void what_is_no_scap_file_is_refused(void **state)
{
    (void)state;
    assert_int_equal(status_of("", 0), TB_TRUNCATED);
    assert_int_equal(status_of("text that is no trace", 21), TB_UNSUPPORTED);
    assert_int_equal(status_of("\x0A\x0D\x0D\x0A\x1C\0\0\0????", 12), TB_UNSUPPORTED);
    assert_int_equal(status_of("\x0A\x0D", 2), TB_OK); /* cut off: damage, no failure */
    struct scap_writer pcapng = scap_writer_start(0, false);
    scap_put_block(&pcapng, 1, "\1\0\0\0\0\0\0\0", 8);
    assert_int_equal(status_of(pcapng.data, pcapng.size), TB_UNSUPPORTED);
    scap_writer_free(&pcapng);
}

static void a_packed_trace_comes_back_and_a_cut_one_does_not(void **state)
{
    (void)state;
    static const unsigned orders[] = {1, 3};
    static const struct tb_window windows[] = {{0, 3}, {1, TB_WINDOW_WHOLE}};
    static const struct tb_process_selector selectors[] = {{.name = "ab", .pid = -1}, {.name = "bash", .pid = -1}};
    struct scap_writer writer = example(2, false);
    struct tb_trace *const trace = read_request(&writer, &(struct tb_trace_request){.selectors = selectors,
                                                                                    .selector_count = 2,
                                                                                    .orders = orders,
                                                                                    .order_count = 2,
                                                                                    .windows = windows,
                                                                                    .window_count = 2});
    struct tb_buffer packed = packed_trace(trace);
    struct tb_trace *read;
    for (size_t size = 0; size < packed.size; size++) {
        struct tb_bytes bytes = tb_bytes_packed(packed.data, size);
        assert_false(tb_trace_unpack(&read, &bytes));
    }
    struct tb_bytes bytes = tb_bytes_packed(packed.data, packed.size);
    assert_true(tb_trace_unpack(&read, &bytes));
    assert_int_equal(bytes.left, 0);
    assert_int_equal(read->sequences[0].calls, trace->sequences[0].calls);
    assert_int_equal(read->sequences[0].windows[1].transitions[1].total, 1);
    struct tb_buffer again = packed_trace(read);
    assert_int_equal(again.size, packed.size);
    assert_memory_equal(again.data, packed.data, packed.size);
    tb_buffer_free(&again);
    tb_buffer_free(&packed);
    tb_trace_free(read);
    tb_trace_free(trace);
    scap_writer_free(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_byte_orders_and_all_styles_give_the_same),
        cmocka_unit_test(sections_of_both_orders_may_follow_each_other),
        cmocka_unit_test(a_file_cut_at_any_byte_keeps_what_was_whole),
        cmocka_unit_test(no_changed_byte_upsets_the_account),
        cmocka_unit_test(a_broken_block_costs_itself_and_cuts_transitions),
        cmocka_unit_test(an_event_whose_parameters_do_not_add_up_is_damage),
        cmocka_unit_test(blocks_that_scap_does_not_have_are_skipped),
        cmocka_unit_test(a_block_too_long_to_hold_is_passed_over),
        cmocka_unit_test(what_is_no_scap_file_is_refused),
        cmocka_unit_test(a_packed_trace_comes_back_and_a_cut_one_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
