/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compares what a speculation assumed with what the decoder before it came to, and adds its result.
 *
 * Comparing only reads; adding changes the decoder, and does not look back. A field is compared
 * when its mark says that it mattered, and taken over when it may have changed: all of a thread
 * with THREAD_IDENTITY, else only its enter at hand and last exit. Places differ between the two
 * tables, so threads are found by tid, processes by pid, lives by the chain of their thread. */
#include <stdlib.h>
#include <string.h>

#include "speculation.h"

/* A commit while it is looked at. Of a thread or process there are three: as assumed, as the speculation left it
 * (ours), and as the decoder has it now. */
struct commit {
    const struct decoder *decoder;
    const struct decoder *ours;
    const struct process_table *assumed;
};

static const struct thread no_thread = {.life = LIFE_NONE, .process = THREAD_NONE, .pending = PENDING_NONE};
static const struct process no_process = {.exec_thread = THREAD_NONE};

static bool same_pending_kind(const struct thread *a, const struct thread *b)
{
    return a->pending == b->pending && (a->pending != 0 || a->pending_id == b->pending_id);
}

static bool same_pending(const struct decoder *decoder, const struct thread *a, const struct thread *b)
{
    if (!same_pending_kind(a, b))
        return false;
    if (a->pending == PENDING_NONE)
        return true;
    const uint8_t kind = decoder->meanings[a->pending + 1].kind;
    if (a->pending == 0)
        return a->pending_native_known == b->pending_native_known &&
               (!a->pending_native_known || a->pending_native == b->pending_native);
    return a->pending_value == b->pending_value && (kind != KIND_CONNECT || a->pending_port == b->pending_port) &&
           (kind != KIND_FCNTL || a->pending_command == b->pending_command);
}

/* Both threads have lives in the same sequences. */
static bool same_lives(const struct commit *commit, uint32_t assumed, uint32_t now)
{
    const struct life *const ours = commit->ours->sequences.lives, *const theirs = commit->decoder->sequences.lives;
    while (assumed != LIFE_NONE && now != LIFE_NONE && ours[assumed].sequence == theirs[now].sequence &&
           ours[assumed].tid == theirs[now].tid && ours[assumed].pid == theirs[now].pid) {
        assumed = ours[assumed].next;
        now = theirs[now].next;
    }
    return assumed == LIFE_NONE && now == LIFE_NONE;
}

static bool same_texts(const struct commit *commit, size_t place, uint32_t now)
{
    const struct process_table *const table = &commit->decoder->threads.table;
    const size_t words = table->text_words;
    return memcmp(commit->assumed->names[place], table->names[now], THREAD_NAME_SIZE) == 0 &&
           (words == 0 || memcmp(commit->assumed->texts + place * words, table->texts + now * words,
                                 words * sizeof *table->texts) == 0);
}

static bool same_identity(const struct commit *commit, size_t place, const struct thread *assumed,
                          const struct thread *now)
{
    const struct process_table *const table = &commit->decoder->threads.table;
    return assumed->settled == now->settled && assumed->announced == now->announced &&
           assumed->unannounced == now->unannounced && same_texts(commit, place, (uint32_t)(now - table->threads));
}

/* The enter at hand of a thread that is alive in both, as far as it mattered. */
static bool pending_agrees(const struct commit *commit, uint8_t seen, const struct thread *assumed,
                           const struct thread *now)
{
    if ((seen & THREAD_PENDING) != 0 && !same_pending(commit->decoder, assumed, now))
        return false;
    if ((seen & THREAD_PENDING_KIND) != 0 && !same_pending_kind(assumed, now))
        return false;
    if ((seen & THREAD_WAITS) != 0 &&
        tb_thread_waits_for_exit(commit->ours, assumed) != tb_thread_waits_for_exit(commit->decoder, now))
        return false;
    return (seen & THREAD_LAST_EXIT) == 0 || assumed->last_exit == now->last_exit;
}

/* Losses are compared by whether the thread knew of all that there were: how many is another number
 * on each side. */
static bool thread_agrees(const struct commit *commit, size_t place, uint32_t first_marks)
{
    const struct process_table *const table = &commit->decoder->threads.table;
    const struct thread *const ours = &commit->ours->threads.table.threads[place];
    const uint32_t found = tb_process_table_peek(table, ours->tid);
    const struct thread *const now = found == THREAD_NONE ? &no_thread : &table->threads[found];
    const struct thread *const assumed =
        place < commit->assumed->thread_count ? &commit->assumed->threads[place] : &no_thread;
    const uint8_t seen = ours->seen;
    if (seen == 0)
        return true;
    if (assumed->alive != now->alive)
        return false;
    if (!now->alive)
        return assumed->unannounced == now->unannounced;
    if (assumed->pid != now->pid || !same_lives(commit, assumed->life, now->life))
        return false;
    if ((seen & THREAD_IDENTITY) != 0 && !same_identity(commit, place, assumed, now))
        return false;
    if ((assumed->marks == first_marks) != (now->marks == commit->decoder->sequences.marks))
        return false;
    return (now->life == LIFE_NONE || assumed->settled == now->settled) && pending_agrees(commit, seen, assumed, now);
}

static bool same_exec_thread(const struct commit *commit, const struct process *assumed, const struct process *now)
{
    if (assumed->exec_thread == THREAD_NONE || now->exec_thread == THREAD_NONE)
        return assumed->exec_thread == now->exec_thread;
    return commit->assumed->threads[assumed->exec_thread].tid ==
           commit->decoder->threads.table.threads[now->exec_thread].tid;
}

static bool process_agrees(const struct commit *commit, size_t place)
{
    const struct process_table *const table = &commit->decoder->threads.table;
    const struct process *const ours = &commit->ours->threads.table.processes[place];
    const uint32_t found = tb_process_table_find_process(table, ours->pid);
    const struct process *const now = found == THREAD_NONE ? &no_process : &table->processes[found];
    const struct process *const assumed =
        place < commit->assumed->process_count ? &commit->assumed->processes[place] : &no_process;
    if ((ours->seen & PROCESS_MEMBERS) != 0 && assumed->threads != now->threads)
        return false;
    if ((ours->seen & PROCESS_EXEC) != 0 && !same_exec_thread(commit, assumed, now))
        return false;
    return tb_descriptors_agree(&ours->descriptors, &assumed->descriptors, &now->descriptors);
}

/* The descriptor of an unplaced transfer, and its kind where the speculation began, which nothing
 * there changed. False when the speculation changed it at all, as the read may have come after
 * that. */
static bool place_transfer(const struct commit *commit, const struct unplaced_transfer *transfer,
                           enum tb_descriptor_kind *kind, uint32_t *life)
{
    const struct process_table *const table = &commit->decoder->threads.table;
    const struct process_table *const ours = &commit->ours->threads.table;
    const uint32_t place = tb_process_table_peek(table, ours->threads[transfer->thread].tid);
    const struct thread *const thread = &table->threads[place];
    const uint32_t process = tb_process_table_find_process(ours, thread->pid);
    const int64_t descriptor = (int64_t)thread->pending_value;
    *kind = tb_descriptors_peek(&table->processes[thread->process].descriptors, descriptor);
    *life = thread->life;
    return process != THREAD_NONE && tb_descriptors_untouched(&ours->processes[process].descriptors, descriptor);
}

static bool unplaced_fit(const struct commit *commit)
{
    enum tb_descriptor_kind kind;
    uint32_t life;
    for (size_t i = 0; i < commit->ours->unplaced_count; i++)
        if (!place_transfer(commit, &commit->ours->unplaced[i], &kind, &life))
            return false;
    return true;
}

static void add_unplaced(const struct commit *commit, struct sequences *sequences)
{
    for (size_t i = 0; i < commit->ours->unplaced_count; i++) {
        const struct unplaced_transfer *const transfer = &commit->ours->unplaced[i];
        enum tb_descriptor_kind kind;
        uint32_t life;
        (void)place_transfer(commit, transfer, &kind, &life);
        for (; life != LIFE_NONE; life = sequences->lives[life].next) {
            struct tb_sequence *const total = &sequences->items[sequences->lives[life].sequence].total;
            struct tb_transfer *const into = transfer->read ? &total->reads[kind] : &total->writes[kind];
            into->calls++;
            into->bytes += transfer->bytes;
        }
    }
}

static bool stands_where_it_began(const struct speculation *speculation, const struct decoder *decoder)
{
    const struct decoder *const ours = &speculation->decoder;
    return speculation->complete && decoder->walker.reader.offset == speculation->begin && !decoder->walker.gap &&
           decoder->walker.swap == speculation->swap && decoder->events_seen &&
           decoder->minor_version == ours->minor_version && decoder->trace->sections == speculation->sections &&
           decoder->threads.table.budget.left >= ours->threads.table.budget.grown;
}

bool tb_speculation_agrees(const struct speculation *speculation, const struct decoder *decoder)
{
    const struct commit commit = {.decoder = decoder, .ours = &speculation->decoder, .assumed = &speculation->assumed};
    const struct process_table *const table = &commit.ours->threads.table;
    if (!stands_where_it_began(speculation, decoder))
        return false;
    for (size_t i = 0; i < table->thread_count; i++)
        if (!thread_agrees(&commit, i, speculation->marks))
            return false;
    for (size_t i = 0; i < table->process_count; i++)
        if (!process_agrees(&commit, i))
            return false;
    return unplaced_fit(&commit);
}

bool tb_speculation_holds(const struct speculation *speculation, const struct decoder *decoder)
{
    return tb_speculation_agrees(speculation, decoder) &&
           tb_sequences_part_fits(&decoder->sequences, &speculation->decoder.sequences);
}

/* Gives each open life that may have done something the decoder's life. */
static void match_lives(const struct speculation *speculation, const struct decoder *decoder, uint32_t *lives)
{
    const struct process_table *const assumed = &speculation->assumed;
    const struct sequences *const ours = &speculation->decoder.sequences;
    for (size_t i = 0; i < ours->open_count; i++)
        lives[i] = LIFE_NONE;
    for (size_t i = 0; i < assumed->thread_count; i++) {
        if (assumed->threads[i].life == LIFE_NONE || speculation->decoder.threads.table.threads[i].seen == 0)
            continue;
        const uint32_t place = tb_process_table_peek(&decoder->threads.table, assumed->threads[i].tid);
        uint32_t now = decoder->threads.table.threads[place].life;
        for (uint32_t life = assumed->threads[i].life; life != LIFE_NONE; life = ours->lives[life].next) {
            lives[life] = now;
            now = decoder->sequences.lives[now].next;
        }
    }
}

/* The place in the decoder of one of our lives; moved: how far our new ones moved. */
static uint32_t life_there(const struct sequences *ours, const uint32_t *lives, int64_t moved, uint32_t life)
{
    if (life == LIFE_NONE)
        return LIFE_NONE;
    return life < ours->open_count ? lives[life] : (uint32_t)(life + moved);
}

/* Does to a thread of the decoder what was done to ours. An entry that only stands for a vain
 * look-up is left out. Losses that ours knew of are counted from those at begin; one that knew of
 * fewer keeps what the decoder has. */
static enum tb_status repeat_thread(const struct speculation *speculation, struct decoder *decoder, size_t place,
                                    const uint32_t *lives, int64_t moved, uint32_t marks, struct tb_error *error)
{
    const struct process_table *const table = &speculation->decoder.threads.table;
    struct process_table *const into = &decoder->threads.table;
    const struct thread *const ours = &table->threads[place];
    const bool began = ours->process != THREAD_NONE;
    if ((ours->seen & (THREAD_IDENTITY | THREAD_OWN_EVENT)) == 0 || !began)
        return TB_OK;
    const uint32_t there = tb_process_table_add(into, ours->tid);
    const uint32_t process = tb_process_table_add_process(into, table->processes[ours->process].pid);
    if (there == THREAD_NONE || process == THREAD_NONE)
        return tb_error_memory(error, "threads");
    struct thread *const thread = &into->threads[there];
    const uint32_t own_marks =
        ours->marks - speculation->marks <= INT32_MAX ? marks + (ours->marks - speculation->marks) : thread->marks;
    if ((ours->seen & THREAD_IDENTITY) == 0) {
        thread_take_events(thread, ours);
        thread->events += ours->events;
    } else {
        tb_threads_add_up(&decoder->threads, there);
        const struct thread before = *thread;
        *thread = *ours;
        thread->process = process;
        thread->life = life_there(&speculation->decoder.sequences, lives, moved, ours->life);
        if ((ours->seen & THREAD_OWN_EVENT) == 0) {
            const bool settled = thread->settled;
            thread_take_events(thread, &before);
            thread->settled = settled;
        }
        memcpy(into->names[there], table->names[place], THREAD_NAME_SIZE);
        if (table->text_words != 0)
            memcpy(into->texts + there * table->text_words, table->texts + place * table->text_words,
                   table->text_words * sizeof *table->texts);
    }
    thread->marks = own_marks;
    return TB_OK;
}

static enum tb_status repeat_process(const struct speculation *speculation, struct decoder *decoder, size_t place,
                                     struct tb_error *error)
{
    const struct process_table *const table = &speculation->decoder.threads.table;
    struct process_table *const into = &decoder->threads.table;
    const struct process *const ours = &table->processes[place];
    const bool used = (ours->descriptors.seen & DESCRIPTORS_USED) != 0;
    if (ours->seen == 0 && !used)
        return TB_OK;
    const uint32_t there = tb_process_table_add_process(into, ours->pid);
    if (there == THREAD_NONE)
        return tb_error_memory(error, "processes");
    struct process *const process = &into->processes[there];
    if ((ours->seen & PROCESS_MEMBERS) != 0)
        process->threads = ours->threads;
    if ((ours->seen & PROCESS_EXEC) != 0)
        process->exec_thread = ours->exec_thread == THREAD_NONE
                                   ? THREAD_NONE
                                   : tb_process_table_peek(into, table->threads[ours->exec_thread].tid);
    if (used && !tb_descriptors_repeat(&process->descriptors, &ours->descriptors))
        return tb_error_memory(error, "descriptors");
    return TB_OK;
}

static void add_account(struct tb_account *into, const struct tb_account *part)
{
    if (part->damage != TB_DAMAGE_NONE)
        tb_account_damage(into, part->damage, part->damage_offset, "%s", part->reason);
    into->decoded += part->decoded;
    into->skipped += part->skipped;
    into->damaged += part->damaged;
}

static void add_trace(struct tb_trace *into, const struct tb_trace *part)
{
    add_account(&into->account, &part->account);
    into->events += part->events;
    into->enters += part->enters;
    into->exits += part->exits;
    into->children += part->children;
    into->switches += part->switches;
    into->state_only += part->state_only;
    into->drop_starts += part->drop_starts;
    into->drop_marks += part->drop_marks;
    into->drop_ratio = part->drop_ratio > into->drop_ratio ? part->drop_ratio : into->drop_ratio;
    tb_unknown_events_add_all(&into->unknown_events, &part->unknown_events);
}

/* The part's events come after those before. */
static void add_times(struct decoder *into, const struct decoder *part)
{
    if (!part->timed)
        return;
    decoder_note_time(into, part->trace->first_time);
    decoder_note_time(into, part->trace->last_time);
}

/* The budget changes by what the speculation took or gave back. */
static enum tb_status repeat_table(const struct speculation *speculation, struct decoder *decoder,
                                   const uint32_t *lives, int64_t moved, uint32_t marks, struct tb_error *error)
{
    const struct process_table *const table = &speculation->decoder.threads.table;
    struct descriptor_budget *const budget = &decoder->threads.table.budget;
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < table->thread_count; i++)
        status = repeat_thread(speculation, decoder, i, lives, moved, marks, error);
    for (size_t i = 0; status == TB_OK && i < table->process_count; i++)
        status = repeat_process(speculation, decoder, i, error);
    budget->left = budget->left + table->budget.left - speculation->assumed.budget.left;
    return status;
}

enum tb_status tb_speculation_commit(struct speculation *speculation, struct decoder *decoder, struct tb_error *error)
{
    const struct decoder *const ours = &speculation->decoder;
    const uint32_t marks = decoder->sequences.marks;
    const int64_t moved = (int64_t)decoder->sequences.life_count - (int64_t)ours->sequences.open_count;
    uint32_t *const lives = malloc((ours->sequences.open_count + 1) * sizeof *lives);
    if (lives == NULL)
        return tb_error_memory(error, "thread lives");
    const struct commit commit = {.decoder = decoder, .ours = ours, .assumed = &speculation->assumed};
    add_unplaced(&commit, &decoder->sequences);
    match_lives(speculation, decoder, lives);
    enum tb_status status =
        tb_sequences_add_part(&decoder->sequences, &ours->sequences, speculation->marks, lives, error);
    if (status == TB_OK)
        status = repeat_table(speculation, decoder, lives, moved, marks, error);
    free(lives);
    add_trace(decoder->trace, ours->trace);
    add_times(decoder, ours);
    tb_process_names_merge(&decoder->threads.names, &ours->threads.names);
    decoder->enters_ordinary = decoder->enters_ordinary || ours->enters_ordinary;
    decoder->scap_seen = decoder->scap_seen || ours->scap_seen;
    tb_reader_seek(&decoder->walker.reader, speculation->end);
    return status;
}
