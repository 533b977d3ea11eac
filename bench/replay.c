/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What decoding a trace with several workers would take without speculation. One pass over all headers, which workers
 * could share, finds the events that change what is known of threads, names and descriptors; these alone are decoded
 * then, in file order, by one worker; and with what is known, workers could decode their chunks. Times the first pass,
 * and the first and second together, on one thread, beside all of decoding. Prints JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "trace/decoder.h"
#include "twinbed/io/source.h"
#include "twinbed/trace/trace.h"

enum {
    REPEATS = 5,
    NUMBER = SCAP_FRAME_BEFORE + 2 + 20, /* of the event, in its block */
    LEAST = SCAP_FRAME_BEFORE + 2 + SCAP_LONG_HEADER + SCAP_FRAME_AFTER
};

struct pass {
    struct decoder decoder;
    bool changes[EVENT_NUMBERS]; /* events that may change what is known; none if only headers are looked at */
    uint64_t passed, taken;      /* events */
};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* What an exit does to descriptors may need its enter. */
static bool may_change(const struct decoder *decoder, unsigned number)
{
    const struct tb_event_meaning *const meaning = &decoder->meanings[number];
    const struct tb_event_meaning *const exit =
        meaning->kind_class == EVENT_ENTER && number + 1 < EVENT_NUMBERS ? meaning + 1 : meaning;
    switch (meaning->kind_class) {
    case EVENT_NEVER:
    case EVENT_OTHER:
    case EVENT_SWITCH:
        return false;
    case EVENT_ENTER:
    case EVENT_EXIT:
        return exit->kind >= KIND_OPEN || decoder->usual[number].way == 0;
    default:
        return true;
    }
}

/* Events in the reader's window whose headers say enough. */
static void pass_headers(struct pass *pass)
{
    struct tb_reader *const reader = &pass->decoder.walker.reader;
    const uint8_t *data = reader->data, *const stop = data + reader->available;
    while (stop - data >= LEAST && tb_load_u32(data, false) == SCAP_PLAIN_EVENT_BLOCK) {
        const uint32_t length = tb_load_u32(data + 4, false);
        const uint16_t number = tb_load_u16(data + NUMBER, false);
        if (length < LEAST || length > (size_t)(stop - data) || number >= EVENT_NUMBERS || pass->changes[number])
            break;
        data += length;
        pass->passed++;
    }
    tb_reader_pass(reader, (size_t)(data - reader->data));
}

static enum tb_status take_next(struct pass *pass, bool replay, struct tb_error *error)
{
    struct scap_block block;
    uint64_t bytes = 0;
    pass_headers(pass);
    const enum tb_status status = scap_next_block(&pass->decoder.walker, &block, error);
    if (status != TB_OK)
        return status;
    if (block.meaning->kind == SCAP_EVENT && replay) {
        pass->taken++;
        return tb_decoder_take_block(&pass->decoder, &block, error);
    }
    scap_pass_block(&pass->decoder.walker, &block, &bytes);
    return TB_OK;
}

/* The lists that a trace begins with, and then its events. TB_END when all were passed. */
static enum tb_status go_through(struct pass *pass, struct tb_source *source, bool replay, struct tb_error *error)
{
    static const struct tb_trace_request nothing;
    struct decoder *const decoder = &pass->decoder;
    enum tb_status status = tb_decoder_start(decoder, source, &nothing, error);
    while (status == TB_OK && !decoder->events_seen)
        status = tb_decoder_take_blocks(decoder, decoder->walker.reader.offset + 1, error);
    for (unsigned i = 0; replay && i < EVENT_NUMBERS; i++)
        pass->changes[i] = may_change(decoder, i);
    while (status == TB_OK)
        status = take_next(pass, replay, error);
    return status;
}

static bool time_pass(const char *path, bool replay, struct pass *pass, double *seconds)
{
    struct tb_error error;
    struct tb_source *source;
    enum tb_status status = tb_source_open(path, &source, &error);
    *pass = (struct pass){.passed = 0};
    if (status == TB_OK) {
        const double start = now();
        status = go_through(pass, source, replay, &error);
        const double took = now() - start;
        *seconds = took < *seconds ? took : *seconds;
        tb_decoder_finish(&pass->decoder);
        tb_source_close(source);
    }
    if (status != TB_END)
        fprintf(stderr, "replay: %s\n", error.text);
    return status == TB_END;
}

static bool time_decoding(const char *path, double *seconds)
{
    static const struct tb_trace_request nothing;
    struct tb_error error;
    struct tb_source *source;
    struct tb_trace *trace;
    enum tb_status status = tb_source_open(path, &source, &error);
    if (status == TB_OK) {
        const double start = now();
        status = tb_trace_read(source, &nothing, &trace, &error);
        const double took = now() - start;
        *seconds = took < *seconds ? took : *seconds;
        if (status == TB_OK)
            tb_trace_free(trace);
        tb_source_close(source);
    }
    if (status != TB_OK)
        fprintf(stderr, "replay: %s\n", error.text);
    return status == TB_OK;
}

int main(int argument_count, char **arguments)
{
    double headers = 1e9, both = 1e9, decoding = 1e9;
    struct pass *const pass = malloc(sizeof *pass);
    bool good = argument_count == 2 && pass != NULL;
    if (argument_count != 2)
        fputs("usage: replay TRACE\n", stderr);
    for (int i = 0; good && i < REPEATS; i++)
        good = time_pass(arguments[1], false, pass, &headers) && time_pass(arguments[1], true, pass, &both) &&
               time_decoding(arguments[1], &decoding);
    if (good)
        printf(
            "{\"events\": %llu, \"that_change_what_is_known\": %llu, \"headers\": %.6f, \"headers_and_replay\": %.6f, "
            "\"decode\": %.6f}\n",
            (unsigned long long)(pass->passed + pass->taken), (unsigned long long)pass->taken, headers, both, decoding);
    free(pass);
    return good ? 0 : argument_count == 2 ? 1 : 2;
}
