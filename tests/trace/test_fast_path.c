/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The short way for usual events gives bit for bit what the general way gives, whatever the bytes are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/turn_writer.h"
#include "trace/decoder.h"

static const unsigned orders[] = {1, 2, 3};
static const struct tb_window windows[] = {{0, 20}, {7, 100}, {50, TB_WINDOW_WHOLE}};
static const uint64_t intervals[] = {30, 0, 7};
static const struct tb_process_selector selectors[] = {
    {.name = "ab", .pid = -1}, {.name = "ab", .pid = 100}, {.name = "sh", .pid = -1}};

/* All that can be asked for, or little of it. */
static struct tb_trace_request request_of(unsigned vocabulary, bool all)
{
    struct tb_trace_request request = {.selectors = selectors,
                                       .selector_count = all ? 3 : 1,
                                       .orders = orders,
                                       .order_count = all ? 3 : 1,
                                       .vocabulary = vocabulary,
                                       .thread_groups = all};
    request.windows = windows;
    request.window_count = all ? 3 : 0;
    request.interval = all ? intervals : NULL;
    return request;
}

static struct tb_buffer pack(enum tb_status status, struct tb_trace *trace)
{
    struct tb_buffer packed = {0};
    tb_buffer_put_u32(&packed, (uint32_t)status);
    if (status == TB_OK)
        tb_trace_pack(trace, &packed);
    if (status == TB_OK)
        tb_trace_free(trace);
    return packed;
}

static struct tb_buffer read_usual(struct tb_source *source, const struct tb_trace_request *request)
{
    struct tb_trace *trace;
    const enum tb_status status = tb_trace_read(source, request, &trace, NULL);
    return pack(status, trace);
}

/* Block by block, which knows no short way. */
static struct tb_buffer read_general(struct tb_source *source, const struct tb_trace_request *request)
{
    struct decoder *const decoder = calloc(1, sizeof *decoder);
    struct tb_trace *trace;
    struct scap_block block;
    assert_non_null(decoder);
    enum tb_status status = tb_decoder_start(decoder, source, request, NULL);
    while (status == TB_OK && (status = scap_next_block(&decoder->walker, &block, NULL)) == TB_OK)
        status = tb_decoder_take_block(decoder, &block, NULL);
    if (status == TB_END)
        status = tb_decoder_take_rest(decoder, &trace, NULL);
    tb_decoder_finish(decoder);
    free(decoder);
    return pack(status, trace);
}

static void expect_same_request(const void *data, size_t size, const struct tb_trace_request *request)
{
    struct tb_source *source, *again;
    assert_int_equal(tb_source_open_memory(data, size, "written", &source, NULL), TB_OK);
    assert_int_equal(tb_source_open_memory(data, size, "written", &again, NULL), TB_OK);
    struct tb_buffer usual = read_usual(source, request), general = read_general(again, request);
    assert_int_equal(usual.size, general.size);
    assert_memory_equal(usual.data, general.data, usual.size);
    tb_buffer_free(&usual);
    tb_buffer_free(&general);
    tb_source_close(source);
    tb_source_close(again);
}

static void expect_same(const void *data, size_t size, unsigned vocabulary)
{
    for (int all = 0; all < 2; all++) {
        const struct tb_trace_request request = request_of(vocabulary % TB_VOCABULARIES, all != 0);
        expect_same_request(data, size, &request);
    }
}

/* An event of any number, whose first parameter has 8 bytes or fewer, or is absent, and is followed by others or not. */
static void put_any_event(struct scap_writer *writer, int64_t tid)
{
    static const char *const formats[] = {"q", "qq", "qz", "zq", "qqqq", "qqqqq", "qzqzq", "", "z"};
    static const char *const small[] = {"d", "h", "b", "dd", "dhb"};
    const uint16_t number = (uint16_t)(random_below(4) > 0 ? random_below(40) : random_below(460));
    const int value = (int)random_below(8) - 2;
    if (random_below(4) > 0)
        scap_put_event(writer, number, tid, formats[random_below(9)], (int64_t)value, (int64_t)1, (int64_t)3,
                       (int64_t)4, (int64_t)5);
    else
        scap_put_event(writer, number, tid, small[random_below(5)], value, 1, 2);
}

static struct scap_writer write_kinds(size_t turns)
{
    struct scap_writer writer = scap_writer_start(2, false);
    int64_t born = 104;
    put_lists(&writer);
    for (size_t i = 0; i < turns; i++) {
        const int64_t tid = 100 + random_below(8);
        writer.flags = random_below(9) == 0 ? 1 + random_below(3) : 0;
        if (random_below(3) > 0)
            put_turn(&writer, tid, &born);
        else
            put_any_event(&writer, tid);
    }
    return writer;
}

static void all_kinds_of_events(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 60; seed++) {
        random_state = 900 + seed;
        struct scap_writer writer = write_kinds(50 + random_below(900));
        expect_same(writer.data, writer.size, seed);
        scap_writer_free(&writer);
    }
}

static void other_styles_and_cuts(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 24; seed++) {
        random_state = 70 + seed;
        struct scap_writer writer = write_turns(seed % 3 == 0 ? 0 : 2, seed % 4 == 1, 20 + random_below(400));
        if (seed % 5 == 0)
            put_sections(&writer);
        expect_same(writer.data, writer.size - random_below(60), seed);
        scap_writer_free(&writer);
    }
}

/* Nothing but calls of the most usual kind, and perhaps no enters. */
static void usual_calls_alone(void **state)
{
    (void)state;
    for (int enters = 0; enters < 2; enters++) {
        struct scap_writer writer = scap_writer_start(2, false);
        put_lists(&writer);
        for (int i = 0; i < 300; i++) {
            const int64_t tid = 100 + i % 3;
            if (enters != 0)
                scap_put_event(&writer, READ_ENTER, tid, "qd", (int64_t)3, 64);
            scap_put_event(&writer, READ_EXIT, tid, "qz", (int64_t)i);
        }
        expect_same(writer.data, writer.size, 0);
        scap_writer_free(&writer);
    }
}

/* The place of some event block, or anywhere without one. */
static size_t find_event(const struct scap_writer *writer)
{
    size_t at = random_below((uint32_t)writer->size - 64) / 4 * 4;
    while (at + 128 < writer->size && writer->data[at] != 0x16 && writer->data[at] != 0x17)
        at += 4;
    return at;
}

/* One field of an event: lengths at both ends, tid, length, number, count of parameters, their lengths; or any byte. */
static void spoil_field(struct scap_writer *writer)
{
    static const uint8_t fields[] = {0, 4, 5, 18, 26, 27, 30, 31, 32, 33, 36, 37, 38, 39, 40, 41, 42, 43, 44, 46};
    enum { FIELDS = sizeof fields };
    const size_t at = find_event(writer) + fields[random_below(FIELDS)];
    switch (random_below(3)) {
    case 0:
        writer->data[at] = (uint8_t)random_below(256);
        break;
    case 1:
        writer->data[at] = (uint8_t)random_below(10);
        break;
    default:
        writer->data[at] = (uint8_t)(writer->data[at] + random_below(3) - 1);
    }
}

/* A block that ends some bytes earlier, and says so at both ends. */
static void shorten_block(struct scap_writer *writer)
{
    const size_t at = find_event(writer);
    uint32_t length;
    memcpy(&length, writer->data + at + 4, 4);
    if (length < 40 || length > writer->size - at)
        return;
    length -= 1 + random_below(8);
    memcpy(writer->data + at + 4, &length, 4);
    memcpy(writer->data + at + length - 4, &length, 4);
}

static void spoilt_fields(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 400; seed++) {
        random_state = 5000 + seed;
        struct scap_writer writer = write_kinds(30 + random_below(200));
        for (uint32_t i = 1 + random_below(12); i > 0; i--)
            random_below(6) == 0 ? shorten_block(&writer) : spoil_field(&writer);
        expect_same(writer.data, writer.size, seed);
        scap_writer_free(&writer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_kinds_of_events),
        cmocka_unit_test(other_styles_and_cuts),
        cmocka_unit_test(usual_calls_alone),
        cmocka_unit_test(spoilt_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
