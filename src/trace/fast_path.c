/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fast path for nearly all events: switches, and enters and exits that begin with a parameter of 8 bytes, of a thread
 * of which all that came before is known. It comes to what decoder_events.c would, and leaves to that whatever is not
 * quite usual, before anything has changed.
 *
 * Whether an event is an enter or an exit, and whether its thread is counted, no processor can foresee. So both go the
 * same way here; what differs between them are masks and numbers from a table. Only what
 * few need is a branch: to count a call, to note a second parameter, to change descriptors. */
#include "fast_path.h"

#include "decoder.h"

static uint8_t way_of(const struct tb_event_meaning *meaning)
{
    const unsigned never_enters = 1U << KIND_GENERIC | 1U << KIND_EXECVE, never_exits = never_enters | 1U << KIND_CLONE;
    switch (meaning->kind_class) {
    case EVENT_ENTER:
        return (never_enters >> meaning->kind & 1) != 0 ? 0 : FAST_ENTER;
    case EVENT_EXIT:
        return (never_exits >> meaning->kind & 1) != 0 || tb_call_never_returns(meaning->call) ? 0 : FAST_EXIT;
    case EVENT_SWITCH:
        return FAST_SWITCH;
    default:
        return 0;
    }
}

/* The enters of connect are not ordinary, either. */
static bool has_more(const struct tb_event_meaning *meaning, uint16_t number)
{
    return meaning->kind_class == EVENT_ENTER ? meaning->kind == KIND_FCNTL || !tb_enter_is_ordinary(number)
                                              : meaning->kind >= KIND_OPEN;
}

void tb_fast_path_set(struct fast_event *usual, const struct tb_event_meaning *meanings)
{
    for (unsigned i = 0; i < EVENT_NUMBERS; i++) {
        const bool exit = meanings[i].kind_class == EVENT_EXIT;
        usual[i] = (struct fast_event){.exit = exit ? UINT64_MAX : 0,
                                       .before = (uint16_t)(exit ? i - 1 : PENDING_NONE),
                                       .after = (uint16_t)(exit ? PENDING_NONE : i),
                                       .way = way_of(&meanings[i]),
                                       .more = has_more(&meanings[i], (uint16_t)i)};
    }
}

/* An event with a count of its parameters, at most eight, with lengths of 16 bits, and the first of 8 bytes. */
struct usual_event {
    const uint8_t *header; /* time, tid, length, number, count of parameters, lengths */
    uint64_t value;        /* of the first parameter */
    uint32_t length;       /* of the block */
    uint32_t number;
};

/* All that is loaded of an event without a further check lies within USUAL_VIEW bytes. */
enum {
    USUAL_BEFORE = SCAP_FRAME_BEFORE + 2,
    USUAL_COUNT = 8,
    USUAL_VIEW = USUAL_BEFORE + SCAP_LONG_HEADER + USUAL_COUNT * 2 + 8
};

/* False for any other event. data holds USUAL_VIEW bytes or more, and ends at window_end. */
static inline __attribute__((always_inline)) bool open_fast_event(const uint8_t *data, const uint8_t *window_end,
                                                                  struct usual_event *event)
{
    enum { FRAME = USUAL_BEFORE + SCAP_FRAME_AFTER, LEAST = FRAME + SCAP_LONG_HEADER };
    const uint32_t length = tb_load_u32(data + 4, false);
    /* One that is too short is longer than all there is without its least. */
    if (tb_load_u32(data, false) != SCAP_PLAIN_EVENT_BLOCK ||
        (size_t)length - LEAST > (size_t)(window_end - data) - LEAST || length % 4 != 0 ||
        tb_load_u32(data + length - SCAP_FRAME_AFTER, false) != length)
        return false;
    const uint8_t *const header = data + USUAL_BEFORE, *const lengths = header + SCAP_LONG_HEADER;
    const size_t content = (size_t)tb_load_u32(header + 16, false) - SCAP_LONG_HEADER;
    const uint32_t count = tb_load_u32(header + 22, false);
    event->header = header;
    event->length = length;
    event->number = tb_load_u16(header + 20, false);
    if (content > (size_t)length - LEAST || event->number >= EVENT_NUMBERS || count > USUAL_COUNT)
        return false;
    const uint64_t four = scap_first_lengths(lengths, count);
    size_t sum = (size_t)count * 2 + scap_sum_of_four(four);
    if (count > 4)
        sum += scap_sum_of_four(scap_first_lengths(lengths + 8, count - 4));
    event->value = tb_load_u64(lengths + (size_t)count * 2, false);
    return (four & UINT16_MAX) == 8 && sum == content;
}

/* A thread that is not the last one found for the low bits of its tid. */
__attribute__((noinline)) static struct thread *search_thread(struct process_table *table, int64_t tid)
{
    const uint32_t place = tb_process_table_search(table, tid);
    return place == THREAD_NONE ? NULL : &table->threads[place];
}

/* The event's thread when it lives, all that came before in it is known, and the event fits that; else NULL. */
static inline __attribute__((always_inline)) struct thread *find_usual_thread(struct decoder *decoder, int64_t tid,
                                                                              const struct fast_event *usual)
{
    struct process_table *const table = &decoder->threads.table;
    struct thread *thread = &table->threads[table->direct[(uint64_t)tid % DIRECT_SLOTS]];
    if (thread->tid != tid && (thread = search_thread(table, tid)) == NULL)
        return NULL;
    if (!thread->alive || thread->marks != decoder->sequences.marks ||
        (thread->seen & (THREAD_MET | THREAD_OWN_EVENT)) != (THREAD_MET | THREAD_OWN_EVENT))
        return NULL;
    /* An exit without its enter is counted as such; an enter whose exit did not come is left to others. */
    return thread->pending != usual->before && thread->life != LIFE_NONE && usual->exit == 0 ? NULL : thread;
}

static struct scap_event whole_event(const uint8_t *header)
{
    const uint32_t count = tb_load_u32(header + 22, false);
    const uint8_t *const lengths = header + SCAP_LONG_HEADER;
    return (struct scap_event){.time = tb_load_u64(header, false),
                               .tid = (int64_t)tb_load_u64(header + 8, false),
                               .lengths = lengths,
                               .values = lengths + (size_t)count * 2,
                               .count = count,
                               .type = tb_load_u16(header + 20, false),
                               .width = 2};
}

static struct exit_view view_usual(const struct decoder *decoder, const struct thread *thread, uint16_t number,
                                   int64_t result)
{
    return (struct exit_view){.meaning = &decoder->meanings[number],
                              .result = result,
                              .has_result = true,
                              .matched = thread->pending == number - 1};
}

/* What the event says, or does, beyond its first parameter. */
static enum tb_status take_more(struct decoder *decoder, struct thread *thread, const uint8_t *header, int64_t value,
                                struct tb_error *error)
{
    const struct scap_event event = whole_event(header);
    struct exit_view view = view_usual(decoder, thread, event.type, value);
    if (view.meaning->kind_class == EVENT_EXIT) {
        view.event = &event;
        return tb_exit_apply_to_descriptors(decoder, thread, &view, error);
    }
    tb_thread_note_second(thread, &event, view.meaning);
    if (!tb_enter_is_ordinary(event.type))
        tb_thread_note_kept_enter(decoder, thread);
    return TB_OK;
}

/* The descriptor stands in the exit or else in its enter. */
static void count_transfer(struct decoder *decoder, const struct thread *thread, const uint8_t *header,
                           struct exit_view *view, uint64_t bytes)
{
    if (view->meaning->descriptor == 0 || view->meaning->descriptor >= tb_load_u32(header + 22, false)) {
        thread_count_transfer(decoder, thread, view->meaning->kind == KIND_READ,
                              view->matched ? (int64_t)thread->pending_value : -1, bytes);
        return;
    }
    const struct scap_event event = whole_event(header);
    view->event = &event;
    tb_exit_count_transfer(decoder, thread, view);
}

/* An exit of a thread that is counted. */
static enum tb_status count_call(struct decoder *decoder, const struct thread *thread, const uint8_t *header,
                                 int64_t result, struct tb_error *error)
{
    struct sequences *const sequences = &decoder->sequences;
    const uint16_t number = tb_load_u16(header + 20, false);
    struct exit_view view = view_usual(decoder, thread, number, result);
    const bool moves = view.meaning->kind == KIND_READ || view.meaning->kind == KIND_WRITE;
    const unsigned tells_outcome = (sequences->request->vocabulary & TB_VOCABULARY_OUTCOME) != 0;
    /* Results are as random as what the caller waited for: no branch looks at them. */
    const uint64_t failed = (uint64_t)result >> 63, moved = (uint64_t)result & (failed - 1);
    struct counted_call call = {
        .time = tb_load_u64(header, false),
        .result = result,
        .bytes = moves ? moved : 0,
        .life = thread->life,
        .symbol = tb_symbol_make(view.meaning->call, TB_DESCRIPTOR_UNKNOWN, (failed & tells_outcome) != 0)};
    if (!view.matched)
        tb_thread_note_lone_exit(decoder, thread, number);
    if (moves)
        count_transfer(decoder, thread, header, &view, moved);
    enum tb_status status = sequences_count(sequences, &call, error);
    while (status == TB_OK && (call.life = sequences->lives[call.life].next) != LIFE_NONE)
        status = sequences_count(sequences, &call, error);
    return status;
}

/* What only some events need. Apart, so that the loop has the registers for itself. */
__attribute__((noinline)) static enum tb_status take_beyond(struct decoder *decoder, struct thread *thread,
                                                            const struct fast_event *usual, const uint8_t *header,
                                                            int64_t value, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    if (usual->more)
        status = take_more(decoder, thread, header, value, error);
    if (status == TB_OK && usual->exit != 0 && thread->life != LIFE_NONE)
        status = count_call(decoder, thread, header, value, error);
    return status;
}

/* After an exit the thread has no enter at hand, and keeps what the last one said. */
static inline void change_thread(struct thread *thread, const struct usual_event *event, const struct fast_event *usual)
{
    const uint64_t exit = usual->exit;
    thread->pending = usual->after;
    thread->pending_value = (thread->pending_value & exit) | (event->value & ~exit);
    thread->pending_native_known = thread->pending_native_known & (exit & 1);
    thread->last_exit = (uint16_t)((thread->last_exit & ~exit) | (event->number & exit));
    thread->settled = true;
}

/* False when it is not usual, or failed. */
static inline __attribute__((always_inline)) bool take_fast_call(struct decoder *decoder,
                                                                 const struct usual_event *event, int64_t tid,
                                                                 const struct fast_event *usual, enum tb_status *status,
                                                                 struct tb_error *error)
{
    struct thread *const thread = find_usual_thread(decoder, tid, usual);
    if (thread == NULL)
        return false;
    const bool counted = (thread->life | (uint32_t)~usual->exit) != LIFE_NONE;
    if ((counted | usual->more) != 0 &&
        (*status = take_beyond(decoder, thread, usual, event->header, (int64_t)event->value, error)) != TB_OK)
        return false;
    thread->events++;
    change_thread(thread, event, usual);
    return true;
}

/* The ways that are open. Where states tell descriptors apart, each exit has its own looked up. */
static unsigned open_ways(const struct decoder *decoder)
{
    const bool by_descriptor = (decoder->sequences.request->vocabulary & TB_VOCABULARY_DESCRIPTOR) != 0;
    return (decoder->enters_ordinary ? FAST_ENTER : 0) | (by_descriptor ? 0 : FAST_EXIT);
}

const uint8_t *tb_decoder_take_fast_path(struct decoder *decoder, const uint8_t *data, const uint8_t *stop,
                                         const uint8_t *window_end, enum tb_status *status, struct tb_error *error)
{
    const unsigned ways = open_ways(decoder);
    uint64_t calls = 0, exits = 0, switches = 0;
    struct usual_event event;
    if (decoder->threads.table.thread_count == 0 || decoder->visit != NULL || window_end - data < USUAL_VIEW)
        return data;
    const uint8_t *const last = window_end - USUAL_VIEW;
    const uint8_t *const limit = stop <= last ? stop : last + 1;
    for (; data < limit && open_fast_event(data, window_end, &event); data += event.length) {
        const struct fast_event *const usual = &decoder->usual[event.number];
        const int64_t tid = (int64_t)tb_load_u64(event.header + 8, false);
        if ((usual->way & ways) != 0) {
            if (!take_fast_call(decoder, &event, tid, usual, status, error))
                break;
            calls++;
            exits += usual->exit & 1;
        } else if (usual->way == FAST_SWITCH) {
            tb_decoder_take_switch(decoder, tid, false);
            switches++;
        } else {
            break;
        }
    }
    decoder->trace->exits += exits;
    decoder->trace->enters += calls - exits;
    decoder->trace->events += calls + switches;
    return data;
}
