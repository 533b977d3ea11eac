/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a scap file from its beginning to its end: blocks, sections, lists, and the account of
 * bytes.
 *
 * A section begins with a section header, or with a list after events, as in files that were put
 * one after another. It forgets all threads: their tids mean others now. Layout of the header, as
 * in pcapng: type, length, magic, major and minor version of 16 bits.
 *
 * Bytes go to the account as decoded (lists, events that are needed), skipped (other blocks, events
 * of no use), or damaged. Damage ends nothing: the walker finds the next block, and a loss is
 * noted, across which no transition is counted. */
#include "twinbed/trace/trace.h"

#include <stdlib.h>
#include <string.h>

#include "decoder.h"
#include "text_lines.h"
#include "tracer/tracer_text.h"

_Static_assert((int)TB_TRACE_BEGINNING == (int)TRACER_LOOKED_AT, "as much as is looked at is asked for");

bool tb_trace_is_text(const uint8_t *data, size_t size)
{
    return tb_tracer_recognise(data, size);
}

/* The major version is 1 in every file that libscap ever wrote, and minor versions go up to 2.
 * Other sections are read all the same, and counted. */
enum { KNOWN_MINOR = 2 };

/* Up to minor version 0 four numbers meant other calls: 292 to 295 were bpf and seccomp; later they
 * are execve and setpgid. */
void tb_decoder_set_meanings(struct decoder *decoder)
{
    memcpy(decoder->meanings, tb_event_table, sizeof decoder->meanings);
    for (unsigned i = 292; decoder->minor_version == 0 && i <= 295; i++)
        decoder->meanings[i] = (struct tb_event_meaning){.kind_class = i % 2 == 0 ? EVENT_ENTER : EVENT_EXIT,
                                                         .call = i < 294 ? CALL_BPF : CALL_SECCOMP};
    tb_fast_path_set(decoder->usual, decoder->meanings);
}

static void begin_section(struct decoder *decoder)
{
    tb_threads_add_up_all(&decoder->threads);
    tb_process_table_reset(&decoder->threads.table);
    decoder->trace->sections++;
    decoder->events_seen = false;
    tb_decoder_set_meanings(decoder);
}

static void take_section(struct decoder *decoder, const struct scap_block *block)
{
    const bool swap = decoder->walker.swap;
    struct tb_trace *const trace = decoder->trace;
    const uint16_t major_version = tb_load_u16(block->data + 12, swap);
    decoder->minor_version = tb_load_u16(block->data + 14, swap);
    trace->swapped = trace->swapped || swap;
    trace->unknown_sections += major_version != TB_TRACE_MAJOR_VERSION || decoder->minor_version > KNOWN_MINOR;
    if (trace->sections == 0) {
        trace->major_version = major_version;
        trace->minor_version = decoder->minor_version;
    }
    begin_section(decoder);
}

static void note_bad_entry(struct decoder *decoder, const struct scap_block *block, const char *list)
{
    tb_account_damage(&decoder->trace->account, TB_DAMAGE_CORRUPT, block->offset,
                      "%s: the %s at offset %llu has an entry that does not fit",
                      tb_source_name(decoder->walker.reader.source), list, (unsigned long long)block->offset);
}

/* Between type and length, and the length at the end. */
static struct tb_bytes body_of(const struct decoder *decoder, const struct scap_block *block)
{
    return tb_bytes_view(block->data + 8, block->length - 12, decoder->walker.swap);
}

/* Less than 4 bytes that are left are padding. */
static enum tb_status take_processes(struct decoder *decoder, const struct scap_block *block, struct tb_error *error)
{
    struct tb_bytes body = body_of(decoder, block);
    struct scap_identity identity;
    while (tb_scap_take_process(&body, block->meaning->list_version, &identity)) {
        const enum tb_status status = tb_threads_list(&decoder->threads, &identity, error);
        if (status != TB_OK)
            return status;
    }
    if (body.left >= 4)
        note_bad_entry(decoder, block, "process list");
    return TB_OK;
}

static enum tb_status take_descriptors(struct decoder *decoder, const struct scap_block *block, struct tb_error *error)
{
    struct tb_bytes body = body_of(decoder, block);
    int64_t tid, descriptor;
    uint32_t place;
    if (!tb_bytes_take_i64(&body, &tid)) {
        note_bad_entry(decoder, block, "descriptor list");
        return TB_OK;
    }
    const enum tb_status status = threads_meet(&decoder->threads, tid, &place, error);
    if (status != TB_OK)
        return status;
    struct process_table *const table = &decoder->threads.table;
    struct process *const process = &table->processes[table->threads[place].process];
    enum tb_descriptor_kind kind;
    while (tb_scap_take_descriptor(&body, block->meaning->explicit_counts, &descriptor, &kind))
        tb_descriptors_set(&process->descriptors, descriptor, kind, &table->budget);
    if (body.left >= 4)
        note_bad_entry(decoder, block, "descriptor list");
    return TB_OK;
}

static void note_bad_event(struct decoder *decoder, const struct scap_block *block)
{
    tb_account_damage(&decoder->trace->account, TB_DAMAGE_CORRUPT, block->offset,
                      "%s: the event at offset %llu does not have the length it says",
                      tb_source_name(decoder->walker.reader.source), (unsigned long long)block->offset);
    decoder->sequences.marks++;
}

/* *where: the counter that the block's bytes go to. 280 (notification) and 286 (infrastructure) are
 * the two records of a library that wrote lengths wrong; they are of class OTHER, and no loss. */
static enum tb_status take_event_block(struct decoder *decoder, const struct scap_block *block, uint64_t **where,
                                       struct tb_error *error)
{
    struct tb_trace *const trace = decoder->trace;
    struct scap_event event = {.type = 0};
    struct scap_event_frame frame;
    decoder->events_seen = true;
    *where = &trace->account.skipped;
    if (block->data == NULL) {
        trace->events++;
        return TB_OK;
    }
    const bool opened = scap_event_open(block, decoder->walker.swap, &event, &frame);
    const struct tb_event_meaning *const meaning =
        opened && event.type < EVENT_NUMBERS ? &decoder->meanings[event.type] : NULL;
    const bool needed = meaning != NULL && meaning->kind_class != EVENT_NEVER && meaning->kind_class != EVENT_OTHER;
    /* The two records of a library that wrote lengths wrong are of class OTHER. */
    if ((!opened && !(event.type == 280 || event.type == 286)) ||
        (needed && !scap_event_parameters(block, &frame, &event))) {
        note_bad_event(decoder, block);
        *where = &trace->account.damaged;
        return TB_OK;
    }
    trace->events++;
    trace->state_only += (event.flags & SCAP_STATE_ONLY) != 0;
    if (meaning == NULL || meaning->kind_class == EVENT_NEVER)
        tb_unknown_events_add(&trace->unknown_events, event.type, 1);
    decoder_note_time(decoder, event.time);
    if (!needed)
        return TB_OK;
    *where = &trace->account.decoded;
    return tb_decoder_take_event(decoder, &event, meaning, error);
}

/* Lists after events begin a section of their own, as in files that were put one after another. */
static void notice_block(struct decoder *decoder, const struct scap_block *block)
{
    const enum scap_block_kind kind = block->meaning->kind;
    decoder->foreign_seen = decoder->foreign_seen || kind == SCAP_FOREIGN;
    decoder->trace->unknown_blocks += kind == SCAP_FOREIGN;
    decoder->scap_seen = decoder->scap_seen || (kind != SCAP_FOREIGN && kind != SCAP_SECTION);
    if (block->gap)
        decoder->sequences.marks++;
    if (decoder->events_seen && kind != SCAP_FOREIGN && kind != SCAP_EVENT && kind != SCAP_SECTION)
        begin_section(decoder);
}

enum tb_status tb_decoder_take_block(struct decoder *decoder, const struct scap_block *block, struct tb_error *error)
{
    struct tb_account *const account = &decoder->trace->account;
    uint64_t *where = &account->decoded;
    enum tb_status status = TB_OK;
    notice_block(decoder, block);
    switch ((enum scap_block_kind)block->meaning->kind) {
    case SCAP_EVENT:
        status = take_event_block(decoder, block, &where, error);
        break;
    case SCAP_SECTION:
        take_section(decoder, block);
        break;
    case SCAP_PROCESSES:
        status = take_processes(decoder, block, error);
        break;
    case SCAP_DESCRIPTORS:
        status = take_descriptors(decoder, block, error);
        break;
    default:
        where = &account->skipped;
        break;
    }
    scap_pass_block(&decoder->walker, block, where);
    return status;
}

enum tb_status tb_decoder_take_blocks(struct decoder *decoder, uint64_t end, struct tb_error *error)
{
    struct scap_block block;
    enum tb_status status = decoder->lines == NULL ? TB_OK : tb_decoder_take_lines(decoder, end, error);
    while (status == TB_OK && decoder->lines == NULL) {
        status = tb_decoder_take_ready_events(decoder, end, error);
        if (status != TB_OK || decoder->stopped || decoder->walker.reader.offset >= end)
            break;
        status = scap_next_block(&decoder->walker, &block, error);
        if (status == TB_OK)
            status = tb_decoder_take_block(decoder, &block, error);
    }
    return status == TB_OK || status == TB_END ? tb_sequences_settle(&decoder->sequences, error) : status;
}

static bool begins_as_scap(struct decoder *decoder)
{
    static const uint8_t magic[] = {0x0A, 0x0D, 0x0D, 0x0A};
    const struct tb_reader *const reader = &decoder->walker.reader;
    const size_t size = reader->available < sizeof magic ? reader->available : sizeof magic;
    return memcmp(reader->data, magic, size) == 0 &&
           (reader->available < SCAP_FRAME_SIZE || tb_scap_section_order(reader->data, &decoder->walker.swap));
}

/* The stream must begin as a scap file does, as far as it goes, or as a text of a tracer. A file
 * that was cut within its first bytes is a trace that was cut, not a foreign file. */
static enum tb_status check_beginning(struct decoder *decoder, struct tb_error *error)
{
    struct tb_reader *const reader = &decoder->walker.reader;
    const char *const name = tb_source_name(reader->source);
    const enum tb_status status = tb_reader_need(reader, TB_TRACE_BEGINNING, error);
    if (status != TB_OK && status != TB_END)
        return status;
    if (reader->available == 0 && reader->stream_status != TB_END) {
        if (error != NULL)
            *error = reader->stream_error;
        return reader->stream_status;
    }
    if (reader->available == 0)
        return tb_error_set(error, TB_TRUNCATED, "%s is empty: no system-call trace was written", name);
    if (begins_as_scap(decoder))
        return TB_OK;
    if (tb_trace_is_text(reader->data, reader->available))
        return tb_decoder_start_text(decoder, error);
    return tb_error_set(
        error, TB_UNSUPPORTED,
        "%s does not begin as a scap file (sysdig, Falco) does, nor is it a text of strace or perf script", name);
}

enum tb_status tb_decoder_start(struct decoder *decoder, struct tb_source *source,
                                const struct tb_trace_request *request, struct tb_error *error)
{
    decoder->trace = calloc(1, sizeof *decoder->trace);
    if (decoder->trace == NULL)
        return tb_error_memory(error, "a trace");
    decoder->walker.account = &decoder->trace->account;
    const enum tb_status status = tb_sequences_init(&decoder->sequences, request, error);
    if (status != TB_OK)
        return status;
    decoder->threads.sequences = &decoder->sequences;
    tb_process_table_init(&decoder->threads.table, tb_sequences_text_words(request));
    const enum tb_status started = tb_reader_start(&decoder->walker.reader, source, error);
    return started == TB_OK ? check_beginning(decoder, error) : started;
}

void tb_decoder_finish(struct decoder *decoder)
{
    tb_decoder_finish_text(decoder);
    tb_reader_finish(&decoder->walker.reader);
    tb_process_table_free(&decoder->threads.table);
    tb_process_names_free(&decoder->threads.names);
    if (decoder->sequences.request != NULL)
        tb_sequences_free(&decoder->sequences);
    tb_trace_free(decoder->trace);
}

enum tb_status tb_trace_take_sequences(struct tb_trace *trace, struct sequences *sequences, struct tb_error *error)
{
    const struct tb_trace_request *const request = sequences->request;
    trace->order_count = request->order_count;
    trace->window_count = request->window_count;
    for (size_t i = 0; i < request->order_count; i++)
        trace->orders[i] = request->orders[i];
    trace->sequences = calloc(request->selector_count + 1, sizeof *trace->sequences);
    if (trace->sequences == NULL)
        return tb_error_memory(error, "the sequences of a trace");
    trace->sequence_count = request->selector_count;
    return tb_sequences_finish(sequences, trace->sequences, error);
}

static void finish_account(struct decoder *decoder, struct tb_source *source)
{
    struct tb_account *const account = &decoder->trace->account;
    account->stream_bytes = decoder->walker.reader.offset;
    tb_source_account(source, account);
}

/* After the last block. */
static enum tb_status end_stream(struct decoder *decoder, struct tb_source *source, struct tb_error *error)
{
    if (decoder->foreign_seen && !decoder->scap_seen)
        return tb_error_set(error, TB_UNSUPPORTED, "%s is a pcapng capture, not a system-call trace",
                            tb_source_name(source));
    finish_account(decoder, source);
    return TB_OK;
}

static bool request_is_sound(const struct tb_trace_request *request)
{
    if (request->order_count > TB_ORDER_MAX || request->vocabulary >= TB_VOCABULARIES)
        return false;
    for (size_t i = 0; i < request->order_count; i++)
        if (request->orders[i] < 1 || request->orders[i] > TB_ORDER_MAX)
            return false;
    for (size_t i = 0; i < request->selector_count; i++)
        if (request->selectors[i].name == NULL || request->selectors[i].name[0] == '\0')
            return false;
    return true;
}

enum tb_status tb_decoder_check_request(const struct tb_source *source, const struct tb_trace_request *request,
                                        struct tb_error *error)
{
    if (request_is_sound(request))
        return TB_OK;
    return tb_error_set(error, TB_USAGE,
                        "%s: a process selector without a name, an unknown vocabulary, or an order beyond %d",
                        tb_source_name(source), TB_ORDER_MAX);
}

static void tell_what_is_known(struct tb_trace *trace, bool enters_ordinary)
{
    trace->exit_only = trace->exits > 0 && !enters_ordinary;
    for (size_t i = 0; i < trace->sequence_count; i++)
        trace->sequences[i].switches_known = trace->switches > 0;
}

enum tb_status tb_decoder_take_rest(struct decoder *decoder, struct tb_trace **trace, struct tb_error *error)
{
    enum tb_status status = tb_decoder_take_blocks(decoder, UINT64_MAX, error);
    if (status == TB_OK)
        status = end_stream(decoder, decoder->walker.reader.source, error);
    tb_threads_add_up_all(&decoder->threads);
    if (status == TB_OK)
        status = tb_process_names_finish(&decoder->threads.names, decoder->trace, error);
    if (status == TB_OK)
        status = tb_trace_take_sequences(decoder->trace, &decoder->sequences, error);
    tell_what_is_known(decoder->trace, decoder->enters_ordinary);
    if (status == TB_OK) {
        *trace = decoder->trace;
        decoder->trace = NULL;
    }
    return status;
}

enum tb_status tb_trace_read(struct tb_source *source, const struct tb_trace_request *request, struct tb_trace **trace,
                             struct tb_error *error)
{
    enum tb_status status = tb_decoder_check_request(source, request, error);
    if (status != TB_OK)
        return status;
    struct decoder *const decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL)
        return tb_error_memory(error, "a trace");
    status = tb_decoder_start(decoder, source, request, error);
    if (status == TB_OK)
        tb_call_list_start(&decoder->sequences.list, request->calls);
    if (status == TB_OK)
        status = tb_decoder_take_rest(decoder, trace, error);
    tb_decoder_finish(decoder);
    free(decoder);
    return status;
}

enum tb_status tb_trace_visit(struct tb_source *source,
                              bool (*visit)(void *context, const struct tb_call_record *record), void *context,
                              struct tb_account *account, struct tb_error *error)
{
    const struct tb_trace_request nothing = {0};
    struct decoder *const decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL)
        return tb_error_memory(error, "a trace");
    decoder->visit = visit;
    decoder->context = context;
    enum tb_status status = tb_decoder_start(decoder, source, &nothing, error);
    if (status == TB_OK)
        status = tb_decoder_take_blocks(decoder, UINT64_MAX, error);
    if (status == TB_OK)
        status = end_stream(decoder, source, error);
    if (status == TB_OK && account != NULL)
        *account = decoder->trace->account;
    tb_decoder_finish(decoder);
    free(decoder);
    return status;
}

void tb_trace_free(struct tb_trace *trace)
{
    if (trace == NULL)
        return;
    for (size_t i = 0; i < trace->sequence_count; i++)
        tb_sequence_free(&trace->sequences[i], trace->order_count, trace->window_count);
    free(trace->sequences);
    free(trace->process_names);
    free(trace);
}
