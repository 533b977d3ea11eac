/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What travels between processes that decode one trace together: the state that speculations begin with, and
 * speculations that are done. */
#include <stdlib.h>

#include "sequence_pack.h"
#include "speculation.h"
#include "table_pack.h"

/* The dead matter only where something still refers to them. */
static bool choose_state(struct chosen *chosen, struct chosen_lives *lives, const struct decoder *decoder)
{
    const struct process_table *const table = &decoder->threads.table;
    if (!tb_chosen_start(chosen, table) || !tb_chosen_lives_start(lives, &decoder->sequences))
        return false;
    for (size_t i = 0; i < table->process_count; i++) {
        const struct process *const process = &table->processes[i];
        if (process->threads == 0 && process->exec_thread == THREAD_NONE && process->descriptors.capacity == 0)
            continue;
        choose(chosen->processes, (uint32_t)i);
        choose(chosen->threads, process->exec_thread);
    }
    for (size_t i = 0; i < table->thread_count; i++)
        if (table->threads[i].alive || table->threads[i].unannounced)
            choose(chosen->threads, (uint32_t)i);
    for (size_t i = 0; i < table->thread_count; i++) {
        if (chosen->threads[i] == THREAD_NONE)
            continue;
        choose(chosen->processes, table->threads[i].process);
        tb_chosen_lives_add_chain(lives, &decoder->sequences, table->threads[i].life);
    }
    tb_chosen_number(chosen, table);
    return true;
}

enum { SWAPPED = 1, ENTERS_ORDINARY = 2, SCAP_SEEN = 4, TIMED = 8 };

static void pack_section(const struct decoder *decoder, bool swap, uint64_t sections, struct tb_buffer *buffer)
{
    tb_buffer_put_u64(buffer, sections);
    tb_buffer_put_u16(buffer, decoder->minor_version);
    tb_buffer_put_u8(buffer, (uint8_t)((swap ? SWAPPED : 0) | (decoder->enters_ordinary ? ENTERS_ORDINARY : 0) |
                                       (decoder->scap_seen ? SCAP_SEEN : 0) | (decoder->timed ? TIMED : 0)));
}

static bool take_section(struct decoder *decoder, bool *swap, uint64_t *sections, struct tb_bytes *bytes)
{
    uint8_t flags;
    if (!tb_bytes_take_u64(bytes, sections) || !tb_bytes_take_u16(bytes, &decoder->minor_version) ||
        !tb_bytes_take_u8(bytes, &flags))
        return false;
    *swap = (flags & SWAPPED) != 0;
    decoder->enters_ordinary = (flags & ENTERS_ORDINARY) != 0;
    decoder->scap_seen = (flags & SCAP_SEEN) != 0;
    decoder->timed = (flags & TIMED) != 0;
    tb_decoder_set_meanings(decoder);
    return true;
}

bool tb_decoder_pack_state(const struct decoder *decoder, struct tb_buffer *buffer)
{
    struct chosen chosen = {0};
    struct chosen_lives lives = {0};
    const bool good = choose_state(&chosen, &lives, decoder);
    if (good) {
        pack_section(decoder, decoder->walker.swap, decoder->trace->sections, buffer);
        tb_buffer_put_u32(buffer, decoder->sequences.marks);
        tb_lives_pack(&decoder->sequences, &lives, buffer);
        tb_table_pack(&decoder->threads.table, &chosen, lives.places, buffer);
    }
    tb_chosen_free(&chosen);
    tb_chosen_lives_free(&lives);
    return good;
}

bool tb_decoder_unpack_state(struct decoder *decoder, struct tb_source *source, const struct tb_trace_request *request,
                             struct tb_bytes *bytes)
{
    uint32_t marks;
    uint64_t sections;
    decoder->trace = calloc(1, sizeof *decoder->trace);
    if (decoder->trace == NULL || tb_sequences_init(&decoder->sequences, request, NULL) != TB_OK)
        return false;
    decoder->walker.account = &decoder->trace->account;
    decoder->walker.reader.source = source;
    decoder->threads.sequences = &decoder->sequences;
    decoder->events_seen = true;
    if (!take_section(decoder, &decoder->walker.swap, &sections, bytes) || !tb_bytes_take_u32(bytes, &marks))
        return false;
    decoder->trace->sections = sections;
    decoder->sequences.marks = marks;
    return tb_lives_unpack(&decoder->sequences, bytes) &&
           tb_table_unpack(&decoder->threads.table, tb_sequences_text_words(request), decoder->sequences.life_count,
                           bytes);
}

static void choose_assumed_processes(struct chosen *chosen, const struct speculation *speculation)
{
    const struct process_table *const table = &speculation->decoder.threads.table;
    for (size_t i = 0; i < speculation->decoder.unplaced_count; i++) {
        const uint32_t thread = speculation->decoder.unplaced[i].thread;
        choose(chosen->processes, tb_process_table_find_process(table, speculation->assumed.threads[thread].pid));
    }
}

/* All that mattered, and what that refers to. */
static bool choose_what_mattered(struct chosen *chosen, struct chosen_lives *lives,
                                 const struct speculation *speculation)
{
    const struct process_table *const table = &speculation->decoder.threads.table;
    const struct process_table *const assumed = &speculation->assumed;
    if (!tb_chosen_start(chosen, table) || !tb_chosen_lives_start(lives, &speculation->decoder.sequences))
        return false;
    for (size_t i = 0; i < table->process_count; i++) {
        const struct process *const process = &table->processes[i];
        if (process->seen == 0 && (process->descriptors.seen & DESCRIPTORS_USED) == 0)
            continue;
        choose(chosen->processes, (uint32_t)i);
        choose(chosen->threads, process->exec_thread);
        if (i < assumed->process_count)
            choose(chosen->threads, assumed->processes[i].exec_thread);
    }
    choose_assumed_processes(chosen, speculation);
    for (size_t i = 0; i < table->thread_count; i++) {
        if (table->threads[i].seen != 0)
            choose(chosen->threads, (uint32_t)i);
        if (chosen->threads[i] == THREAD_NONE)
            continue;
        choose(chosen->processes, table->threads[i].process);
        if (i < assumed->thread_count) {
            choose(chosen->processes, assumed->threads[i].process);
            tb_chosen_lives_add_chain(lives, &speculation->decoder.sequences, assumed->threads[i].life);
        }
    }
    tb_chosen_number(chosen, table);
    return true;
}

enum { COUNTERS = 12 };

static void pack_counters(const struct tb_trace *trace, struct tb_buffer *buffer)
{
    const uint64_t counters[COUNTERS] = {trace->events,         trace->enters,     trace->exits,
                                         trace->children,       trace->switches,   trace->state_only,
                                         trace->drop_starts,    trace->drop_marks, trace->drop_ratio,
                                         trace->unknown_events, trace->first_time, trace->last_time};
    tb_account_pack(&trace->account, buffer);
    for (size_t i = 0; i < COUNTERS; i++)
        tb_buffer_put_u64(buffer, counters[i]);
}

static bool take_counters(struct tb_trace *trace, struct tb_bytes *bytes)
{
    uint64_t *const counters[COUNTERS] = {&trace->events,         &trace->enters,     &trace->exits,
                                          &trace->children,       &trace->switches,   &trace->state_only,
                                          &trace->drop_starts,    &trace->drop_marks, &trace->drop_ratio,
                                          &trace->unknown_events, &trace->first_time, &trace->last_time};
    if (!tb_account_unpack(&trace->account, bytes))
        return false;
    for (size_t i = 0; i < COUNTERS; i++)
        if (!tb_bytes_take_u64(bytes, counters[i]))
            return false;
    return true;
}

static void pack_unplaced(const struct decoder *decoder, const struct chosen *chosen, struct tb_buffer *buffer)
{
    tb_buffer_put_u64(buffer, decoder->unplaced_count);
    for (size_t i = 0; i < decoder->unplaced_count; i++) {
        tb_buffer_put_u32(buffer, chosen->threads[decoder->unplaced[i].thread]);
        tb_buffer_put_u8(buffer, decoder->unplaced[i].read);
        tb_buffer_put_u64(buffer, decoder->unplaced[i].bytes);
    }
}

/* Only a thread that was alive, and whose enter mattered, can have moved bytes that are to be placed. */
static bool take_transfer(struct speculation *speculation, struct unplaced_transfer *transfer, struct tb_bytes *bytes)
{
    const struct process_table *const assumed = &speculation->assumed;
    uint8_t read;
    if (!tb_bytes_take_u32(bytes, &transfer->thread) || !tb_bytes_take_u8(bytes, &read) ||
        !tb_bytes_take_u64(bytes, &transfer->bytes))
        return false;
    transfer->read = read != 0;
    return transfer->thread < assumed->thread_count && assumed->threads[transfer->thread].alive &&
           speculation->decoder.threads.table.threads[transfer->thread].seen != 0;
}

static bool take_unplaced(struct speculation *speculation, struct tb_bytes *bytes)
{
    enum { PACKED_TRANSFER = 13 };
    struct decoder *const decoder = &speculation->decoder;
    size_t count;
    if (!tb_take_item_count(bytes, PACKED_TRANSFER, &count))
        return false;
    decoder->unplaced = calloc(count + 1, sizeof *decoder->unplaced);
    if (decoder->unplaced == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!take_transfer(speculation, &decoder->unplaced[i], bytes))
            return false;
    decoder->unplaced_count = count;
    return true;
}

static bool pack_speculation(struct speculation *speculation, const struct chosen *chosen, struct chosen_lives *lives,
                             struct tb_buffer *buffer)
{
    struct decoder *const decoder = &speculation->decoder;
    tb_buffer_put_u64(buffer, speculation->begin);
    tb_buffer_put_u64(buffer, speculation->end);
    tb_buffer_put_u32(buffer, speculation->marks);
    pack_section(decoder, speculation->swap, speculation->sections, buffer);
    pack_counters(decoder->trace, buffer);
    tb_process_names_pack(&decoder->threads.names, buffer);
    tb_part_pack(&decoder->sequences, lives, buffer);
    tb_table_pack(&speculation->assumed, chosen, lives->places, buffer);
    tb_table_pack(&decoder->threads.table, chosen, lives->places, buffer);
    pack_unplaced(decoder, chosen, buffer);
    return !buffer->failed;
}

bool tb_speculation_pack(struct speculation *speculation, struct tb_buffer *buffer)
{
    struct chosen chosen = {0};
    struct chosen_lives lives = {0};
    const bool good = speculation->complete && choose_what_mattered(&chosen, &lives, speculation) &&
                      pack_speculation(speculation, &chosen, &lives, buffer);
    tb_chosen_free(&chosen);
    tb_chosen_lives_free(&lives);
    return good;
}

/* Every byte is accounted for, whatever else the bytes say. */
static bool account_fits(const struct speculation *speculation)
{
    const struct tb_account *const account = &speculation->decoder.trace->account;
    const uint64_t bytes = speculation->end - speculation->begin;
    return account->decoded <= bytes && account->skipped <= bytes - account->decoded &&
           account->damaged == bytes - account->decoded - account->skipped;
}

/* The table as it became begins with the threads and processes of the assumed one. */
static bool tables_match(const struct process_table *assumed, const struct process_table *table)
{
    if (assumed->thread_count > table->thread_count || assumed->process_count > table->process_count)
        return false;
    for (size_t i = 0; i < assumed->thread_count; i++)
        if (assumed->threads[i].tid != table->threads[i].tid)
            return false;
    for (size_t i = 0; i < assumed->process_count; i++)
        if (assumed->processes[i].pid != table->processes[i].pid)
            return false;
    return true;
}

static bool take_tables(struct speculation *speculation, struct tb_bytes *bytes)
{
    struct decoder *const decoder = &speculation->decoder;
    const size_t words = tb_sequences_text_words(&speculation->request);
    return tb_table_unpack(&speculation->assumed, words, decoder->sequences.open_count, bytes) &&
           tb_table_unpack(&decoder->threads.table, words, decoder->sequences.life_count, bytes) &&
           tables_match(&speculation->assumed, &decoder->threads.table);
}

bool tb_speculation_unpack(struct speculation *speculation, const struct tb_trace_request *request,
                           struct tb_bytes *bytes)
{
    struct decoder *const decoder = &speculation->decoder;
    speculation->request = tb_request_without_cuts(request);
    decoder->trace = calloc(1, sizeof *decoder->trace);
    if (decoder->trace == NULL)
        return false;
    speculation->complete = tb_bytes_take_u64(bytes, &speculation->begin) &&
                            tb_bytes_take_u64(bytes, &speculation->end) && speculation->begin < speculation->end &&
                            tb_bytes_take_u32(bytes, &speculation->marks) &&
                            take_section(decoder, &speculation->swap, &speculation->sections, bytes) &&
                            take_counters(decoder->trace, bytes) && account_fits(speculation) &&
                            tb_process_names_unpack(&decoder->threads.names, bytes) &&
                            tb_part_unpack(&decoder->sequences, &speculation->request, bytes) &&
                            take_tables(speculation, bytes) && take_unplaced(speculation, bytes);
    return speculation->complete;
}
