/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Enters, exits and the other events of threads: the general way.
 *
 * An exit is a call; an enter only tells what the exit does not, and whether events were lost. So a
 * trace of old drivers, which write both, and one of new drivers, which write exits alone, come to
 * the same sequence. An exit is taken in this order, which matters:
 *
 *       1. its thread is found, or begun                       meet_exit
 *       2. what it was doing before a loss is forgotten        forget_before_loss
 *       3. a speculation notes what of the past matters        tb_assume_exit
 *       4. its enter is matched, a missing one counted         tb_exit_has_enter, check_exit
 *       5. its descriptor's kind is looked up, if states tell  tb_exit_descriptor
 *       6. threads, names and descriptors change               apply_exit
 *       7. the call is counted, for the life it now belongs to count_call
 *
 * 5 comes before 6 because a close is made on what it closes; 6 before 7 because the exit of execve
 * is the first call of the new name.
 *
 * Numbers of events are those of libscap's event table (the enum ppm_event_code,
 * include/driver/ppm_events_public.h of falcosecurity/libs): an enter has an even number, its exit
 * the next. call/call_table.c says which call is which. */
#include "decoder.h"
#include "tracer/text_event.h"

/* Counts, for each sequence the thread is in, an exit that lacks its enter, an enter that lacks its
 * exit, or both. */
static void count_losses(struct decoder *decoder, const struct thread *thread, bool exit, bool enter)
{
    struct life *const lives = decoder->sequences.lives;
    for (uint32_t i = thread->life; i != LIFE_NONE; i = lives[i].next) {
        struct tb_sequence *const total = &decoder->sequences.items[lives[i].sequence].total;
        total->exits_without_enter += exit;
        total->enters_without_exit += enter;
    }
}

/* An exit that is no call: a clone child's, or one of a call that never returns. */
static void count_exit_beyond_calls(struct decoder *decoder, const struct thread *thread)
{
    const struct life *const lives = decoder->sequences.lives;
    for (uint32_t i = thread->life; i != LIFE_NONE; i = lives[i].next)
        decoder->sequences.items[lives[i].sequence].exits_beyond_calls++;
}

void tb_thread_note_kept_enter(struct decoder *decoder, const struct thread *thread)
{
    const struct life *const lives = decoder->sequences.lives;
    for (uint32_t i = thread->life; i != LIFE_NONE; i = lives[i].next)
        decoder->sequences.items[lives[i].sequence].kept_enters++;
}

bool tb_call_never_returns(unsigned call)
{
    return call == CALL_EXIT || call == CALL_EXIT_GROUP || call == CALL_RT_SIGRETURN;
}

/* Calls without an event of their own have number 0, and say which they are by an id of the format,
 * and by the number on the machine. Id 0, and those that twinbed does not know, say nothing: then
 * the machine's number does. */
static tb_call generic_call(uint16_t id, bool native_known, uint16_t native)
{
    if ((id == 0 || id >= GENERIC_IDS) && native_known)
        return tb_call_native(native);
    return id < GENERIC_IDS ? tb_generic_table[id] : (tb_call)CALL_UNKNOWN;
}

static tb_call pending_call(const struct decoder *decoder, const struct thread *thread)
{
    return thread->pending == 0 ? generic_call(thread->pending_id, thread->pending_native_known, thread->pending_native)
                                : decoder->meanings[thread->pending].call;
}

bool tb_thread_waits_for_exit(const struct decoder *decoder, const struct thread *thread)
{
    return thread->pending != PENDING_NONE && !tb_call_never_returns(pending_call(decoder, thread));
}

/* Nothing is known of what a thread was doing when events were lost. */
static bool forget_before_loss(const struct decoder *decoder, struct thread *thread)
{
    if (thread->marks == decoder->sequences.marks)
        return false;
    thread->marks = decoder->sequences.marks;
    thread->pending = PENDING_NONE;
    thread->settled = false;
    return true;
}

/* 2 open, 22 connect, 58 creat, 306 openat, 326 openat2; 292 execve, 330 execveat. */
bool tb_enter_is_ordinary(uint16_t type)
{
    return type != 2 && type != 22 && type != 58 && type != 306 && type != 326 && type != 292 && type != 330;
}

void tb_thread_note_second(struct thread *thread, const struct scap_event *event,
                           const struct tb_event_meaning *meaning)
{
    uint64_t value;
    if (meaning->kind == KIND_CONNECT && !tb_exit_port(event, 1, false, &thread->pending_port))
        thread->pending_port = 0;
    if (meaning->kind == KIND_FCNTL)
        thread->pending_command = scap_parameter_integer(event, 1, &value) ? (uint8_t)value : 0;
}

/* Keeps the first parameter of an enter whatever the call is: for reads, writes and closes it is
 * the descriptor. */
static void note_enter(struct thread *thread, const struct scap_event *event, const struct tb_event_meaning *meaning)
{
    uint64_t value = 0;
    thread->pending = event->type;
    thread->pending_native_known = false;
    if (meaning->kind == KIND_GENERIC) {
        thread->pending_id = scap_parameter_integer(event, 0, &value) ? (uint16_t)value : 0;
        thread->pending_native_known = scap_parameter_integer(event, 1, &value);
        thread->pending_native = thread->pending_native_known ? (uint16_t)value : 0;
        return;
    }
    thread->pending_value = scap_parameter_integer(event, 0, &value) ? value : UINT64_MAX;
    tb_thread_note_second(thread, event, meaning);
}

/* An enter of a thread that already has one that must end tells of a lost exit. Events that are
 * only there for state count for nothing, but their values are kept. */
static enum tb_status take_enter(struct decoder *decoder, const struct scap_event *event,
                                 const struct tb_event_meaning *meaning, struct tb_error *error)
{
    const bool state_only = (event->flags & SCAP_STATE_ONLY) != 0;
    decoder->trace->enters++;
    if (!decoder->enters_ordinary)
        decoder->enters_ordinary = tb_enter_is_ordinary(event->type);
    uint32_t place;
    const enum tb_status status = threads_meet(&decoder->threads, event->tid, &place, error);
    if (status != TB_OK)
        return status;
    struct thread *const thread = &decoder->threads.table.threads[place];
    const bool forgotten = forget_before_loss(decoder, thread);
    if ((thread->seen & THREAD_OWN_EVENT) == 0)
        tb_assume_enter(decoder, place, state_only || forgotten);
    if (!state_only) {
        if (thread->life != LIFE_NONE && tb_thread_waits_for_exit(decoder, thread))
            count_losses(decoder, thread, false, true);
        if (!tb_enter_is_ordinary(event->type))
            tb_thread_note_kept_enter(decoder, thread);
        thread->events++;
    }
    note_enter(thread, event, meaning);
    if (meaning->kind == KIND_EXECVE) {
        struct process *const process = &decoder->threads.table.processes[thread->process];
        process->exec_thread = place;
        process->seen |= PROCESS_EXEC;
    }
    thread->settled = true;
    return TB_OK;
}

/* Execves match each other: a successful execveat (331) ends as execve (293). */
bool tb_exit_has_enter(const struct decoder *decoder, const struct thread *thread, const struct exit_view *view)
{
    if (thread->pending == PENDING_NONE)
        return false;
    if (view->meaning->kind == KIND_GENERIC) {
        uint64_t id;
        return thread->pending == 0 && (!scap_parameter_integer(view->event, 0, &id) || id == thread->pending_id);
    }
    if (thread->pending == view->event->type - 1)
        return true;
    return view->meaning->kind == KIND_EXECVE && decoder->meanings[thread->pending].kind == KIND_EXECVE;
}

static struct exit_view view_exit(const struct decoder *decoder, const struct scap_event *event,
                                  const struct tb_event_meaning *meaning)
{
    struct exit_view view = {.event = event, .meaning = meaning, .descriptor = TB_DESCRIPTOR_UNKNOWN};
    const bool generic = meaning->kind == KIND_GENERIC;
    const struct scap_text first = scap_parameter(event, generic ? TEXT_GENERIC_RESULT : 0);
    uint64_t value;
    if (generic && decoder->lines == NULL)
        return view;
    if (scap_integer(first, event->swap, &value)) {
        view.result = (int64_t)value;
        view.has_result = true;
    } else if (first.size == 9) {
        /* Old bpf: a variant number before the value. */
        view.result = (int64_t)tb_load_u64(first.data + 1, event->swap);
        view.has_result = true;
    }
    return view;
}

/* Newer drivers write one exit for each message of a sendmmsg (51) or recvmmsg (55), behind one
 * enter. Those after the first have none, and that is no loss. */
static bool is_next_message(const struct thread *thread, uint16_t type)
{
    return (type == 51 || type == 55) && thread->last_exit == type && thread->pending == PENDING_NONE;
}

void tb_thread_note_lone_exit(struct decoder *decoder, const struct thread *thread, uint16_t type)
{
    if (thread->settled && !is_next_message(thread, type))
        count_losses(decoder, thread, true, tb_thread_waits_for_exit(decoder, thread));
}

static void check_exit(struct decoder *decoder, const struct thread *thread, const struct exit_view *view)
{
    const bool new_name = view->meaning->kind == KIND_EXECVE && view->result >= 0;
    if (!view->matched && !new_name)
        tb_thread_note_lone_exit(decoder, thread, view->event->type);
}

static tb_call call_of(const struct thread *thread, const struct exit_view *view)
{
    if (view->meaning->kind != KIND_GENERIC)
        return view->meaning->call;
    uint64_t id = 0, native = 0;
    (void)scap_parameter_integer(view->event, 0, &id);
    bool native_known = scap_parameter_integer(view->event, 1, &native);
    if (!native_known && view->matched) {
        native_known = thread->pending_native_known;
        native = thread->pending_native;
    }
    return generic_call((uint16_t)id, native_known, (uint16_t)native);
}

static bool is_told_failed(const struct decoder *decoder, const struct exit_view *view)
{
    return (decoder->sequences.request->vocabulary & TB_VOCABULARY_OUTCOME) != 0 && view->result < 0;
}

/* Bytes moved are the result of a read or write; what the event itself holds of the data is cut by
 * the tracer. Generic calls have no result in scap files, so they count as successful. */
static enum tb_status count_call(struct decoder *decoder, uint32_t place, const struct exit_view *view,
                                 struct tb_error *error)
{
    const struct thread *const thread = &decoder->threads.table.threads[place];
    const bool moves = view->meaning->kind == KIND_READ || view->meaning->kind == KIND_WRITE;
    const tb_call name = call_of(thread, view);
    struct counted_call call = {.time = view->event->time,
                                .result = view->result,
                                .bytes = moves && view->result > 0 ? (uint64_t)view->result : 0,
                                .symbol = tb_symbol_make(name, view->descriptor, is_told_failed(decoder, view))};
    if (tb_call_never_returns(name)) {
        count_exit_beyond_calls(decoder, thread);
        return TB_OK;
    }
    if (decoder->visit != NULL) {
        const struct tb_call_record record = {.tid = thread->tid,
                                              .pid = thread->pid,
                                              .call = name,
                                              .time = call.time,
                                              .result = call.result,
                                              .process = decoder->threads.table.names[place]};
        decoder->stopped = !decoder->visit(decoder->context, &record);
    }
    if (thread->life != LIFE_NONE && moves && !view->unplaced)
        tb_exit_count_transfer(decoder, thread, view);
    for (call.life = thread->life; call.life != LIFE_NONE; call.life = decoder->sequences.lives[call.life].next) {
        const enum tb_status status = sequences_count(&decoder->sequences, &call, error);
        if (status != TB_OK)
            return status;
    }
    return TB_OK;
}

enum tb_status tb_exit_apply_to_descriptors(struct decoder *decoder, const struct thread *thread,
                                            const struct exit_view *view, struct tb_error *error)
{
    if (view->meaning->kind == KIND_CONNECT)
        return tb_exit_take_connect(decoder, thread, view, error);
    if (view->meaning->kind >= KIND_OPEN && view->has_result && view->result >= 0)
        tb_exit_change_descriptors(decoder, thread, view);
    return view->meaning->kind == KIND_ACCEPT ? tb_exit_take_accept(decoder, thread, view, error) : TB_OK;
}

/* What an exit changes in threads, names and descriptors, and the ports it counts. */
static enum tb_status apply_exit(struct decoder *decoder, uint32_t place, const struct exit_view *view,
                                 struct tb_error *error)
{
    if (view->meaning->kind == KIND_EXECVE && view->has_result && view->result >= 0)
        return tb_threads_exec(&decoder->threads, place, view->event, error);
    if (view->meaning->kind == KIND_CLONE && view->result > 0)
        return tb_threads_clone_parent(&decoder->threads, place, view->result, view->event, error);
    return tb_exit_apply_to_descriptors(decoder, &decoder->threads.table.threads[place], view, error);
}

/* Finds the thread of an exit; a child's return begins one. */
static enum tb_status meet_exit(struct decoder *decoder, const struct exit_view *view, bool child, uint32_t *place,
                                struct tb_error *error)
{
    if (child)
        return tb_threads_clone_child(&decoder->threads, view->event, place, error);
    return threads_meet(&decoder->threads, view->event->tid, place, error);
}

/* A child's return from clone (result 0) is no call: its parent's exit is the one. The exit of an
 * event that is only there for state changes state and is not counted. */
static enum tb_status take_exit(struct decoder *decoder, const struct scap_event *event,
                                const struct tb_event_meaning *meaning, struct tb_error *error)
{
    struct exit_view view = view_exit(decoder, event, meaning);
    const bool child = meaning->kind == KIND_CLONE && view.has_result && view.result == 0;
    const bool state_only = (event->flags & SCAP_STATE_ONLY) != 0;
    decoder->trace->exits++;
    decoder->trace->children += child;
    uint32_t place;
    enum tb_status status = meet_exit(decoder, &view, child, &place, error);
    if (status != TB_OK)
        return status;
    struct thread *thread = &decoder->threads.table.threads[place];
    const bool forgotten = forget_before_loss(decoder, thread);
    if ((thread->seen & THREAD_OWN_EVENT) == 0)
        status = tb_assume_exit(decoder, place, &view, child || forgotten, error);
    if (status != TB_OK)
        return status;
    view.matched = tb_exit_has_enter(decoder, thread, &view);
    if (!child && !state_only && thread->life != LIFE_NONE)
        check_exit(decoder, thread, &view);
    /* Before the call changes what its descriptor is. */
    if ((decoder->sequences.request->vocabulary & TB_VOCABULARY_DESCRIPTOR) != 0 && thread->life != LIFE_NONE)
        view.descriptor = tb_exit_descriptor(decoder, thread, &view);
    if (meaning->kind >= KIND_EXECVE)
        status = apply_exit(decoder, place, &view, error);
    if (status != TB_OK)
        return status;
    thread = &decoder->threads.table.threads[place];
    thread->events += !state_only;
    if (!state_only && child)
        count_exit_beyond_calls(decoder, thread);
    if (!state_only && !child && (thread->life != LIFE_NONE || decoder->visit != NULL))
        status = count_call(decoder, place, &view, error);
    thread->pending = PENDING_NONE;
    thread->last_exit = event->type;
    thread->settled = true;
    return status;
}

void tb_decoder_take_switch(struct decoder *decoder, int64_t tid, bool state_only)
{
    decoder->trace->switches++;
    const uint32_t place = process_table_meet(&decoder->threads.table, tid);
    if (place == THREAD_NONE || state_only)
        return;
    struct life *const lives = decoder->sequences.lives;
    for (uint32_t i = decoder->threads.table.threads[place].life; i != LIFE_NONE; i = lives[i].next) {
        decoder->sequences.items[lives[i].sequence].total.context_switches++;
        lives[i].context_switches++;
    }
}

/* The tracer says that it leaves out events from here on, or does so no more. Both are moments
 * across which no transition is counted. */
static void take_drop(struct decoder *decoder, const struct scap_event *event, bool ends)
{
    uint64_t ratio = 0;
    decoder->sequences.marks++;
    decoder->trace->drop_marks += ends;
    decoder->trace->drop_starts += !ends;
    if (scap_parameter_integer(event, 0, &ratio) && ratio <= UINT32_MAX && ratio > decoder->trace->drop_ratio)
        decoder->trace->drop_ratio = ratio;
}

enum tb_status tb_decoder_take_event(struct decoder *decoder, const struct scap_event *event,
                                     const struct tb_event_meaning *meaning, struct tb_error *error)
{
    switch (meaning->kind_class) {
    case EVENT_ENTER:
        return take_enter(decoder, event, meaning, error);
    case EVENT_EXIT:
        return take_exit(decoder, event, meaning, error);
    case EVENT_SWITCH:
        tb_decoder_take_switch(decoder, event->tid, (event->flags & SCAP_STATE_ONLY) != 0);
        return TB_OK;
    case EVENT_LEAVE:
        tb_threads_leave(&decoder->threads, event->tid);
        return TB_OK;
    default:
        take_drop(decoder, event, meaning->kind_class == EVENT_DROP_END);
        return TB_OK;
    }
}

/* An event as most are, in the machine's byte order and with a count of its parameters. */
struct ready_event {
    struct scap_event event;                /* width and swap are set once, for all of them */
    const struct tb_event_meaning *meaning; /* NULL when it is of no use */
    uint32_t length;                        /* of its block */
};

/* False for anything else, of which the general way will find out what it is. left: bytes of the
 * window. Few values live at a time here: what a processor has no register for is stored and loaded
 * again for every event.
 *
 * Layout of a block: type, length, a processor's number of 16 bits, flags of 32 bits in flagged
 * ones, then the event (time, thread id, length, number, count of parameters, their lengths, their
 * bytes), padding, and the length again. */
static inline bool open_ready_event(const struct decoder *decoder, const uint8_t *data, size_t left,
                                    struct ready_event *ready)
{
    enum { LONGEST_BEFORE = SCAP_FRAME_BEFORE + 6 };
    enum { LEAST = LONGEST_BEFORE + SCAP_LONG_HEADER + SCAP_FRAME_AFTER };
    struct scap_event *const event = &ready->event;
    if (left < LEAST)
        return false;
    const uint32_t type = tb_load_u32(data, false), length = tb_load_u32(data + 4, false);
    if ((type != SCAP_PLAIN_EVENT_BLOCK && type != SCAP_FLAGGED_EVENT_BLOCK) || length > left || length % 4 != 0 ||
        length < LEAST || tb_load_u32(data + length - SCAP_FRAME_AFTER, false) != length)
        return false;
    ready->length = length;
    event->flags = type == SCAP_FLAGGED_EVENT_BLOCK ? tb_load_u32(data + SCAP_FRAME_BEFORE + 2, false) : 0;
    const size_t before = type == SCAP_FLAGGED_EVENT_BLOCK ? LONGEST_BEFORE : LONGEST_BEFORE - 4;
    const uint8_t *const header = data + before;
    const size_t content = (size_t)tb_load_u32(header + 16, false) - SCAP_LONG_HEADER;
    const uint16_t number = tb_load_u16(header + 20, false);
    /* One that is too short for its header has more content than anything has. */
    if (content > length - before - SCAP_FRAME_AFTER - SCAP_LONG_HEADER || number >= EVENT_NUMBERS)
        return false;
    const struct tb_event_meaning *const meaning = &decoder->meanings[number];
    ready->meaning = NULL;
    if (meaning->kind_class == EVENT_NEVER || meaning->kind_class == EVENT_OTHER)
        return meaning->kind_class == EVENT_OTHER;
    const uint32_t count = tb_load_u32(header + 22, false);
    const uint8_t *const lengths = header + SCAP_LONG_HEADER;
    ready->meaning = meaning;
    event->type = number;
    event->count = count;
    event->lengths = lengths;
    event->values = lengths + (size_t)count * 2;
    event->time = tb_load_u64(header, false);
    event->tid = (int64_t)tb_load_u64(header + 8, false);
    return count <= content / 2 && (size_t)count * 2 + scap_sum_of_lengths(lengths, count, content) == content;
}

static uint64_t time_at(const uint8_t *block)
{
    const bool flagged = tb_load_u32(block, false) == SCAP_FLAGGED_EVENT_BLOCK;
    return tb_load_u64(block + SCAP_FRAME_BEFORE + (flagged ? 6 : 2), false);
}

/* Of the first and the last of the events between. */
static void note_times(struct decoder *decoder, const uint8_t *data, const uint8_t *end)
{
    decoder_note_time(decoder, time_at(data));
    decoder_note_time(decoder, time_at(end - tb_load_u32(end - SCAP_FRAME_AFTER, false)));
}

enum tb_status tb_decoder_take_ready_events(struct decoder *decoder, uint64_t end, struct tb_error *error)
{
    struct tb_reader *const reader = &decoder->walker.reader;
    struct tb_account *const account = &decoder->trace->account;
    const uint64_t skipped = account->skipped;
    struct ready_event ready = {.event = {.width = 2}};
    if (decoder->walker.swap || decoder->walker.gap || decoder->stopped || reader->offset >= end)
        return TB_OK;
    const uint8_t *data = reader->data;
    const uint8_t *const window_end = data + reader->available;
    const uint8_t *const stop = end - reader->offset < reader->available ? data + (end - reader->offset) : window_end;
    uint64_t events = 0;
    enum tb_status status = TB_OK;
    for (;;) {
        data = tb_decoder_take_fast_path(decoder, data, stop, window_end, &status, error);
        if (status != TB_OK || data >= stop || !open_ready_event(decoder, data, (size_t)(window_end - data), &ready))
            break;
        data += ready.length;
        events++;
        if ((ready.event.flags & SCAP_STATE_ONLY) != 0)
            decoder->trace->state_only++;
        if (ready.meaning == NULL) {
            account->skipped += ready.length;
            continue;
        }
        status = tb_decoder_take_event(decoder, &ready.event, ready.meaning, error);
        if (status != TB_OK || decoder->stopped)
            break;
    }
    const size_t passed = (size_t)(data - reader->data);
    if (passed > 0)
        note_times(decoder, reader->data, data);
    account->decoded += passed - (account->skipped - skipped);
    decoder->trace->events += events;
    decoder->events_seen = decoder->events_seen || passed > 0;
    decoder->scap_seen = decoder->scap_seen || passed > 0;
    tb_reader_pass(reader, passed);
    return status;
}
