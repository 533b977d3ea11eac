/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What travels between processes that decode one trace together: the state that speculations begin with, and
 * speculations that are done. */
#include <stdlib.h>

#include "sequence_pack.h"
#include "speculation.h"
#include "table_pack.h"

/* The dead matter only where something still refers to them. */
/* A state is what a worker may begin with: who lives, what they do, what their descriptors stand
 * for. */
/* A state is what a worker may begin with: who lives, what they do, what their descriptors stand
 * for. */
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

/* meanings follow from the version, so they do not travel. */
static void describe_section(struct tb_archive *archive, struct decoder *decoder, bool *swap, uint64_t *sections)
{
    tb_archive_u64(archive, sections);
    tb_archive_u16(archive, &decoder->minor_version);
    TB_ARCHIVE_FLAGS(archive, swap, &decoder->enters_ordinary, &decoder->scap_seen, &decoder->timed);
    if (tb_archive_reads(archive) && !archive->failed)
        tb_decoder_set_meanings(decoder);
}

/* chosen and lives are NULL when reading. */
static void describe_state(struct tb_archive *archive, struct decoder *decoder, uint64_t *sections,
                           const struct chosen *chosen, const struct chosen_lives *lives)
{
    describe_section(archive, decoder, &decoder->walker.swap, sections);
    tb_archive_bool(archive, &decoder->assume_enters);
    tb_archive_u32(archive, &decoder->sequences.marks);
    tb_lives_describe(archive, &decoder->sequences, lives);
    tb_table_describe(archive, &decoder->threads.table, chosen, decoder->sequences.life_count);
}

bool tb_speculation_pack_state(struct speculation *speculation, struct tb_buffer *buffer)
{
    struct decoder *const decoder = &speculation->decoder;
    struct chosen chosen = {0};
    struct chosen_lives lives = {0};
    const bool good = choose_state(&chosen, &lives, decoder);
    if (good) {
        struct tb_archive archive = tb_archive_writer(buffer);
        chosen.lives = lives.places;
        describe_state(&archive, decoder, &speculation->sections, &chosen, &lives);
    }
    tb_chosen_free(&chosen);
    tb_chosen_lives_free(&lives);
    return good && !buffer->failed;
}

static bool unpack_state(struct decoder *decoder, const struct tb_trace_request *request, struct tb_bytes *bytes)
{
    struct tb_archive archive = tb_archive_reader(bytes);
    decoder->trace = calloc(1, sizeof *decoder->trace);
    if (decoder->trace == NULL || tb_sequences_init(&decoder->sequences, request, NULL) != TB_OK)
        return false;
    decoder->threads.sequences = &decoder->sequences;
    tb_process_table_init(&decoder->threads.table, tb_sequences_text_words(request));
    describe_state(&archive, decoder, &decoder->trace->sections, NULL, NULL);
    decoder->enters_ordinary |= decoder->assume_enters;
    return tb_archive_end(&archive, bytes);
}

bool tb_speculation_unpack_state(struct speculation *speculation, const struct tb_trace_request *request,
                                 uint64_t place, struct tb_bytes *bytes)
{
    struct decoder *const decoder = calloc(1, sizeof *decoder);
    const bool good = decoder != NULL && unpack_state(decoder, request, bytes);
    if (good) {
        decoder->walker.reader.offset = place;
        tb_speculation_start(speculation, decoder);
    }
    if (decoder != NULL)
        tb_decoder_finish(decoder);
    free(decoder);
    return good && speculation->complete;
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

static void describe_counters(struct tb_archive *archive, struct tb_trace *trace)
{
    tb_account_describe(archive, &trace->account);
    TB_ARCHIVE_U64S(archive, &trace->events, &trace->enters, &trace->exits, &trace->children, &trace->switches,
                    &trace->state_only, &trace->drop_starts, &trace->drop_marks, &trace->drop_ratio, &trace->first_time,
                    &trace->last_time);
    tb_unknown_events_describe(archive, &trace->unknown_events);
}

/* Only a thread that was alive, and whose enter mattered, can have moved bytes that are to be placed. */
static bool transfer_is_sound(const struct unplaced_transfer *transfer, const struct speculation *speculation)
{
    const struct process_table *const assumed = &speculation->assumed;
    return transfer->thread < assumed->thread_count && assumed->threads[transfer->thread].alive &&
           speculation->decoder.threads.table.threads[transfer->thread].seen != 0;
}

static void describe_transfer(struct tb_archive *archive, struct unplaced_transfer *transfer,
                              const struct speculation *speculation, const struct chosen *chosen)
{
    uint32_t thread = tb_archive_reads(archive) ? 0 : chosen->threads[transfer->thread];
    tb_archive_u32(archive, &thread);
    tb_archive_bool(archive, &transfer->read);
    tb_archive_u64(archive, &transfer->bytes);
    if (!tb_archive_reads(archive) || archive->failed)
        return;
    transfer->thread = thread;
    archive->failed = !transfer_is_sound(transfer, speculation);
}

static void describe_unplaced(struct tb_archive *archive, struct speculation *speculation, const struct chosen *chosen)
{
    enum { PACKED_TRANSFER = 13 };
    struct decoder *const decoder = &speculation->decoder;
    tb_archive_array(archive, &decoder->unplaced, &decoder->unplaced_count, sizeof *decoder->unplaced, PACKED_TRANSFER);
    for (size_t i = 0; i < decoder->unplaced_count && !archive->failed; i++)
        describe_transfer(archive, &decoder->unplaced[i], speculation, chosen);
}

/* Every byte is accounted for, whatever else the bytes say. So a worker cannot make the account of
 * a trace wrong. */
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

/* chosen and lives are NULL when reading. */
static void describe_speculation(struct tb_archive *archive, struct speculation *speculation,
                                 const struct chosen *chosen, struct chosen_lives *lives)
{
    const bool reads = tb_archive_reads(archive);
    struct decoder *const decoder = &speculation->decoder;
    struct process_table *const table = &decoder->threads.table;
    TB_ARCHIVE_U64S(archive, &speculation->begin, &speculation->end);
    tb_archive_require(archive, speculation->begin < speculation->end);
    tb_archive_u32(archive, &speculation->marks);
    describe_section(archive, decoder, &speculation->swap, &speculation->sections);
    describe_counters(archive, decoder->trace);
    tb_archive_require(archive, account_fits(speculation));
    tb_process_names_describe(archive, &decoder->threads.names);
    tb_part_describe(archive, &decoder->sequences, lives);
    tb_table_describe(archive, &speculation->assumed, chosen, decoder->sequences.open_count);
    tb_table_describe(archive, table, chosen, decoder->sequences.life_count);
    if (reads && !archive->failed)
        archive->failed = !tables_match(&speculation->assumed, table);
    describe_unplaced(archive, speculation, chosen);
}

bool tb_speculation_pack(struct speculation *speculation, struct tb_buffer *buffer)
{
    struct chosen chosen = {0};
    struct chosen_lives lives = {0};
    const bool good = speculation->complete && choose_what_mattered(&chosen, &lives, speculation);
    if (good) {
        struct tb_archive archive = tb_archive_writer(buffer);
        chosen.lives = lives.places;
        describe_speculation(&archive, speculation, &chosen, &lives);
    }
    tb_chosen_free(&chosen);
    tb_chosen_lives_free(&lives);
    return good && !buffer->failed;
}

bool tb_speculation_unpack(struct speculation *speculation, const struct tb_trace_request *request,
                           struct tb_bytes *bytes)
{
    struct tb_archive archive = tb_archive_reader(bytes);
    struct decoder *const decoder = &speculation->decoder;
    speculation->request = tb_request_without_cuts(request);
    decoder->trace = calloc(1, sizeof *decoder->trace);
    if (decoder->trace == NULL || tb_sequences_init(&decoder->sequences, &speculation->request, NULL) != TB_OK)
        return false;
    tb_process_table_init(&speculation->assumed, tb_sequences_text_words(request));
    tb_process_table_init(&decoder->threads.table, tb_sequences_text_words(request));
    describe_speculation(&archive, speculation, NULL, NULL);
    speculation->complete = tb_archive_end(&archive, bytes);
    return speculation->complete;
}
