/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A trace that is a text: a sink for what the room tracer finds in its lines. */
#include "text_lines.h"

#include <stdlib.h>

#include "tracer/tracer_text.h"

struct text_lines {
    struct tracer_sink sink;
    struct tracer_text *text; /* owned */
};

static enum tb_status take_thread(void *context, const struct scap_identity *identity, struct tb_error *error)
{
    struct decoder *const decoder = context;
    return tb_threads_list(&decoder->threads, identity, error);
}

/* What is known already is left as it is: a connect may be going on. */
static enum tb_status take_descriptor(void *context, int64_t tid, int64_t descriptor, enum tb_descriptor_kind kind,
                                      struct tb_error *error)
{
    struct decoder *const decoder = context;
    struct process_table *const table = &decoder->threads.table;
    uint32_t place;
    const enum tb_status status = threads_meet(&decoder->threads, tid, &place, error);
    if (status != TB_OK)
        return status;
    struct descriptors *const descriptors = &table->processes[table->threads[place].process].descriptors;
    if (tb_descriptors_peek(descriptors, descriptor) != kind)
        tb_descriptors_set(descriptors, descriptor, kind, &table->budget);
    return TB_OK;
}

/* A line without a time bears 0, which is no time. */
static enum tb_status take_event(void *context, const struct scap_event *event, struct tb_error *error)
{
    struct decoder *const decoder = context;
    decoder->trace->events++;
    decoder->trace->state_only += (event->flags & SCAP_STATE_ONLY) != 0;
    if (event->time != 0)
        decoder_note_time(decoder, event->time);
    return tb_decoder_take_event(decoder, event, &decoder->meanings[event->type], error);
}

static void take_loss(void *context)
{
    struct decoder *const decoder = context;
    decoder->sequences.marks++;
}

static enum tb_trace_format format_of(enum tracer_kind kind)
{
    return kind == TRACER_PERF ? TB_TRACE_PERF : TB_TRACE_STRACE;
}

enum tb_status tb_decoder_start_text(struct decoder *decoder, struct tb_error *error)
{
    struct text_lines *const lines = calloc(1, sizeof *lines);
    decoder->lines = lines;
    if (lines == NULL)
        return tb_error_memory(error, "a text");
    lines->sink = (struct tracer_sink){.thread = take_thread,
                                       .descriptor = take_descriptor,
                                       .event = take_event,
                                       .lost = take_loss,
                                       .context = decoder};
    lines->text = tb_tracer_text_start(&decoder->walker.reader, decoder->walker.account, &lines->sink);
    if (lines->text == NULL)
        return tb_error_memory(error, "a text");
    decoder->trace->format = format_of(lines->text->kind);
    decoder->trace->sections = 1;
    decoder->minor_version = 2; /* whose numbers the events have */
    tb_decoder_set_meanings(decoder);
    return TB_OK;
}

enum tb_status tb_decoder_take_lines(struct decoder *decoder, uint64_t end, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    while (status == TB_OK && !decoder->stopped && decoder->walker.reader.offset < end)
        status = tb_tracer_text_take_line(decoder->lines->text, error);
    decoder->trace->backward_lines = decoder->lines->text->backwards;
    return status;
}

void tb_decoder_finish_text(struct decoder *decoder)
{
    if (decoder->lines != NULL)
        tb_tracer_text_free(decoder->lines->text);
    free(decoder->lines);
    decoder->lines = NULL;
}
