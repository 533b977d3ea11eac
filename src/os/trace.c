/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/os/trace.h"

#include <stdlib.h>
#include <string.h>

#include "call_table.h"
#include "threads.h"

/* Everything that one pass over a trace holds. */
struct decoder {
    struct scap_walker walker;
    struct tb_trace *trace;
    struct sequences sequences;
    struct threads threads;
    struct tb_event_meaning meanings[EVENT_NUMBERS]; /* of the section at hand */
    bool (*visit)(void *context, const struct tb_call_record *record);
    void *context;
    uint16_t minor_version;
    bool events_seen;     /* in the section at hand */
    bool scap_seen;       /* a block that only scap has */
    bool foreign_seen;    /* a block that scap does not have */
    bool enters_ordinary; /* an enter that new drivers do not write */
    bool stopped;         /* visit wants no more */
};

/* Up to minor version 0 four numbers meant other calls. */
static void set_meanings(struct decoder *decoder)
{
    memcpy(decoder->meanings, tb_event_table, sizeof decoder->meanings);
    if (decoder->minor_version != 0)
        return;
    for (unsigned i = 292; i <= 295; i++)
        decoder->meanings[i] = (struct tb_event_meaning){.kind_class = i % 2 == 0 ? EVENT_ENTER : EVENT_EXIT,
                                                         .call = i < 294 ? CALL_BPF : CALL_SECCOMP};
}

static void begin_section(struct decoder *decoder)
{
    process_table_reset(&decoder->threads.table);
    decoder->trace->sections++;
    decoder->events_seen = false;
    set_meanings(decoder);
}

static void take_section(struct decoder *decoder, const struct scap_block *block)
{
    const bool swap = decoder->walker.swap;
    decoder->minor_version = tb_load_u16(block->data + 14, swap);
    decoder->trace->swapped = decoder->trace->swapped || swap;
    if (decoder->trace->sections == 0)
        decoder->trace->minor_version = decoder->minor_version;
    begin_section(decoder);
}

static void note_bad_entry(struct decoder *decoder, const struct scap_block *block, const char *list)
{
    tb_account_damage(&decoder->trace->account, TB_DAMAGE_CORRUPT, block->offset,
                      "%s: the %s at offset %llu has an entry that does not fit",
                      tb_source_name(decoder->walker.reader.source), list, (unsigned long long)block->offset);
}

static struct tb_bytes body_of(const struct decoder *decoder, const struct scap_block *block)
{
    return tb_bytes_view(block->data + 8, block->length - 12, decoder->walker.swap);
}

static enum tb_status take_processes(struct decoder *decoder, const struct scap_block *block, struct tb_error *error)
{
    struct tb_bytes body = body_of(decoder, block);
    struct scap_identity identity;
    while (scap_take_process(&body, block->meaning->list_version, &identity)) {
        const enum tb_status status = threads_list(&decoder->threads, &identity, error);
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
    while (scap_take_descriptor(&body, block->meaning->explicit_counts, &descriptor, &kind))
        descriptors_set(&process->descriptors, descriptor, kind, &table->descriptor_budget);
    if (body.left >= 4)
        note_bad_entry(decoder, block, "descriptor list");
    return TB_OK;
}

/* A lone exit, or enter, of a thread that was watched before: events were lost. */
static void count_losses(struct decoder *decoder, const struct thread *thread, bool exit, bool enter)
{
    struct life *const lives = decoder->sequences.lives;
    for (uint32_t i = thread->life; i != LIFE_NONE; i = lives[i].next) {
        struct tb_sequence *const total = &decoder->sequences.items[lives[i].sequence].total;
        total->exits_without_enter += exit;
        total->enters_without_exit += enter;
    }
}

static void count_event(struct decoder *decoder, const struct thread *thread)
{
    const struct life *const lives = decoder->sequences.lives;
    for (uint32_t i = thread->life; i != LIFE_NONE; i = lives[i].next)
        decoder->sequences.items[lives[i].sequence].total.events++;
}

static bool never_returns(unsigned call)
{
    return call == CALL_EXIT || call == CALL_EXIT_GROUP || call == CALL_RT_SIGRETURN;
}

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

static bool waits_for_exit(const struct decoder *decoder, const struct thread *thread)
{
    return thread->pending != PENDING_NONE && !never_returns(pending_call(decoder, thread));
}

/* Nothing is known of what a thread was doing when events were lost. */
static void forget_before_loss(const struct decoder *decoder, struct thread *thread)
{
    if (thread->marks == decoder->sequences.marks)
        return;
    thread->marks = decoder->sequences.marks;
    thread->pending = PENDING_NONE;
    thread->settled = false;
}

/* New drivers still write these when asked to keep state, so they do not tell the style of a file. */
static bool enter_is_ordinary(uint16_t type)
{
    return type != 2 && type != 22 && type != 58 && type != 306 && type != 326 && type != 292 && type != 330;
}

/* The port of an address or tuple parameter; false unless it is of IP. remote: the second of a tuple. */
static bool ip_port(const struct scap_event *event, uint32_t which, bool tuple, uint16_t *port)
{
    const struct scap_text address = scap_parameter(event, which);
    if (address.size == 0)
        return false;
    const uint8_t family = address.data[0];
    const size_t bytes = family == 2 ? 4 : family == 10 ? 16 : 0;
    const size_t at = tuple ? 1 + bytes + 2 + bytes : 1 + bytes;
    if (bytes == 0 || address.size < at + 2)
        return false;
    *port = tb_load_u16(address.data + at, event->swap);
    return true;
}

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
    if (meaning->kind == KIND_CONNECT && !ip_port(event, 1, false, &thread->pending_port))
        thread->pending_port = 0;
    if (meaning->kind == KIND_FCNTL)
        thread->pending_command = scap_parameter_integer(event, 1, &value) ? (uint8_t)value : 0;
}

static enum tb_status take_enter(struct decoder *decoder, const struct scap_event *event,
                                 const struct tb_event_meaning *meaning, struct tb_error *error)
{
    const bool state_only = (event->flags & SCAP_STATE_ONLY) != 0;
    decoder->trace->enters++;
    decoder->enters_ordinary = decoder->enters_ordinary || enter_is_ordinary(event->type);
    uint32_t place;
    const enum tb_status status = threads_meet(&decoder->threads, event->tid, &place, error);
    if (status != TB_OK)
        return status;
    struct thread *const thread = &decoder->threads.table.threads[place];
    forget_before_loss(decoder, thread);
    if (!state_only) {
        if (thread->life != LIFE_NONE && waits_for_exit(decoder, thread))
            count_losses(decoder, thread, false, true);
        count_event(decoder, thread);
    }
    note_enter(thread, event, meaning);
    if (meaning->kind == KIND_EXECVE)
        decoder->threads.table.processes[thread->process].exec_thread = place;
    thread->settled = true;
    return TB_OK;
}

/* One exit while it is looked at. */
struct exit_view {
    const struct scap_event *event;
    const struct tb_event_meaning *meaning;
    int64_t result;
    bool has_result;
    bool matched; /* the thread's pending enter is its own */
};

static bool enter_matches(const struct decoder *decoder, const struct thread *thread, const struct exit_view *view)
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

static struct exit_view view_exit(const struct scap_event *event, const struct tb_event_meaning *meaning)
{
    struct exit_view view = {.event = event, .meaning = meaning};
    const struct scap_text first = scap_parameter(event, 0);
    uint64_t value;
    if (meaning->kind == KIND_GENERIC)
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

/* Exits of a call that gives one for each message have one enter between them. */
static bool is_next_message(const struct thread *thread, uint16_t type)
{
    return (type == 51 || type == 55) && thread->last_exit == type && thread->pending == PENDING_NONE;
}

static void check_exit(struct decoder *decoder, const struct thread *thread, const struct exit_view *view)
{
    const bool new_name = view->meaning->kind == KIND_EXECVE && view->result >= 0;
    if (view->matched || !thread->settled || new_name || is_next_message(thread, view->event->type))
        return;
    count_losses(decoder, thread, true, waits_for_exit(decoder, thread));
}

/* The descriptor a call was about, from its exit or else from its enter; -1 when neither tells. */
static int64_t descriptor_of(const struct thread *thread, const struct exit_view *view)
{
    uint64_t value;
    if (view->meaning->descriptor != 0 && scap_parameter_integer(view->event, view->meaning->descriptor, &value))
        return (int64_t)value;
    return view->matched ? (int64_t)thread->pending_value : -1;
}

static enum tb_descriptor_kind family_kind(uint64_t family)
{
    return family == 2 || family == 10 ? TB_DESCRIPTOR_NETWORK : TB_DESCRIPTOR_OTHER;
}

static enum tb_descriptor_kind tuple_kind(const struct scap_event *event, uint32_t which)
{
    const struct scap_text tuple = scap_parameter(event, which);
    return tuple.size == 0 ? TB_DESCRIPTOR_UNKNOWN : family_kind(tuple.data[0]);
}

static void open_pair(struct descriptors *descriptors, const struct scap_event *event, size_t *budget)
{
    for (uint32_t i = 1; i <= 2; i++) {
        uint64_t descriptor;
        if (scap_parameter_integer(event, i, &descriptor))
            descriptors_set(descriptors, (int64_t)descriptor, TB_DESCRIPTOR_OTHER, budget);
    }
}

static bool duplicates(const struct thread *thread, const struct exit_view *view)
{
    /* Numbers that the format gives to F_DUPFD and F_DUPFD_CLOEXEC. */
    enum { DUPLICATE = 1, DUPLICATE_CLOSED_BY_EXEC = 26 };
    uint64_t command = view->matched ? thread->pending_command : 0;
    (void)scap_parameter_integer(view->event, 2, &command);
    return command == DUPLICATE || command == DUPLICATE_CLOSED_BY_EXEC;
}

/* What a successful call does to the descriptors of its process. */
static void change_descriptors(struct decoder *decoder, const struct thread *thread, const struct exit_view *view)
{
    struct process_table *const table = &decoder->threads.table;
    struct descriptors *const descriptors = &table->processes[thread->process].descriptors;
    size_t *const budget = &table->descriptor_budget;
    const int64_t about = descriptor_of(thread, view);
    enum tb_descriptor_kind opened = TB_DESCRIPTOR_UNKNOWN;
    uint64_t first, last, flags;
    switch (view->meaning->kind) {
    case KIND_OPEN:
        opened = TB_DESCRIPTOR_FILE;
        break;
    case KIND_OPEN_OTHER:
        opened = TB_DESCRIPTOR_OTHER;
        break;
    case KIND_SOCKET:
        opened = about < 0 ? TB_DESCRIPTOR_UNKNOWN : family_kind((uint64_t)about);
        break;
    case KIND_ACCEPT:
        opened = tuple_kind(view->event, 1);
        break;
    case KIND_DUPLICATE:
        opened = descriptors_get(descriptors, about);
        break;
    case KIND_FCNTL:
        if (!duplicates(thread, view))
            return;
        opened = descriptors_get(descriptors, about);
        break;
    case KIND_OPEN_PAIR:
        open_pair(descriptors, view->event, budget);
        return;
    case KIND_CLOSE:
        descriptors_set(descriptors, about, TB_DESCRIPTOR_UNKNOWN, budget);
        return;
    case KIND_CLOSE_RANGE:
        /* With flag 4 they are only marked to be closed by execve. */
        if (scap_parameter_integer(view->event, 1, &first) && scap_parameter_integer(view->event, 2, &last) &&
            !(scap_parameter_integer(view->event, 3, &flags) && (flags & 4) != 0))
            descriptors_clear(descriptors, first, last);
        return;
    default:
        return;
    }
    descriptors_set(descriptors, view->result, opened, budget);
}

static enum tb_status count_ports(struct decoder *decoder, const struct thread *thread, uint16_t port, bool accepted,
                                  struct tb_error *error)
{
    const struct life *const lives = decoder->sequences.lives;
    for (uint32_t i = thread->life; i != LIFE_NONE; i = lives[i].next) {
        struct tb_sequence *const total = &decoder->sequences.items[lives[i].sequence].total;
        const enum tb_status status = accepted ? port_totals_add(&total->accepts, &total->accept_count, port, error)
                                               : port_totals_add(&total->connects, &total->connect_count, port, error);
        if (status != TB_OK)
            return status;
    }
    return TB_OK;
}

static enum tb_status take_connect(struct decoder *decoder, const struct thread *thread, const struct exit_view *view,
                                   struct tb_error *error)
{
    enum { IN_PROGRESS = -115, TUPLE = 1, ADDRESS = 3 };
    if (!view->has_result || (view->result != 0 && view->result != IN_PROGRESS))
        return TB_OK;
    uint16_t port = view->matched ? thread->pending_port : 0;
    const bool is_ip = ip_port(view->event, TUPLE, true, &port) || ip_port(view->event, ADDRESS, false, &port);
    if (!is_ip && port == 0)
        return TB_OK;
    struct process_table *const table = &decoder->threads.table;
    descriptors_set(&table->processes[thread->process].descriptors, descriptor_of(thread, view), TB_DESCRIPTOR_NETWORK,
                    &table->descriptor_budget);
    return (view->event->flags & SCAP_STATE_ONLY) != 0 ? TB_OK : count_ports(decoder, thread, port, false, error);
}

static enum tb_status take_accept(struct decoder *decoder, const struct thread *thread, const struct exit_view *view,
                                  struct tb_error *error)
{
    /* The tuple goes from the one who connects to the one who accepts. */
    uint16_t port;
    if (view->result < 0 || !ip_port(view->event, 1, true, &port) || (view->event->flags & SCAP_STATE_ONLY) != 0)
        return TB_OK;
    return count_ports(decoder, thread, port, true, error);
}

static void count_transfer(struct decoder *decoder, const struct thread *thread, const struct exit_view *view)
{
    const struct life *const lives = decoder->sequences.lives;
    const struct process_table *const table = &decoder->threads.table;
    const enum tb_descriptor_kind kind =
        descriptors_get(&table->processes[thread->process].descriptors, descriptor_of(thread, view));
    for (uint32_t i = thread->life; i != LIFE_NONE; i = lives[i].next) {
        struct tb_sequence *const total = &decoder->sequences.items[lives[i].sequence].total;
        struct tb_transfer *const transfer =
            view->meaning->kind == KIND_READ ? &total->reads[kind] : &total->writes[kind];
        transfer->calls++;
        transfer->bytes += view->result > 0 ? (uint64_t)view->result : 0;
    }
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

static enum tb_status count_call(struct decoder *decoder, uint32_t place, const struct exit_view *view,
                                 struct tb_error *error)
{
    const struct thread *const thread = &decoder->threads.table.threads[place];
    const bool moves = view->meaning->kind == KIND_READ || view->meaning->kind == KIND_WRITE;
    const struct counted_call call = {.time = view->event->time,
                                      .result = view->result,
                                      .bytes = moves && view->result > 0 ? (uint64_t)view->result : 0,
                                      .call = call_of(thread, view)};
    if (never_returns(call.call))
        return TB_OK;
    if (decoder->visit != NULL) {
        const struct tb_call_record record = {.tid = thread->tid,
                                              .pid = thread->pid,
                                              .call = call.call,
                                              .time = call.time,
                                              .result = call.result,
                                              .process = decoder->threads.table.names[place]};
        decoder->stopped = !decoder->visit(decoder->context, &record);
    }
    if (thread->life != LIFE_NONE && moves)
        count_transfer(decoder, thread, view);
    for (uint32_t i = thread->life; i != LIFE_NONE; i = decoder->sequences.lives[i].next) {
        const enum tb_status status = sequences_count(&decoder->sequences, i, &call, error);
        if (status != TB_OK)
            return status;
    }
    return TB_OK;
}

/* What an exit changes in threads, names and descriptors, and the ports it counts. */
static enum tb_status apply_exit(struct decoder *decoder, uint32_t place, const struct exit_view *view,
                                 struct tb_error *error)
{
    const struct thread *const thread = &decoder->threads.table.threads[place];
    if (view->meaning->kind == KIND_EXECVE && view->has_result && view->result >= 0)
        return threads_exec(&decoder->threads, place, view->event, error);
    if (view->meaning->kind == KIND_CLONE && view->result > 0)
        return threads_clone_parent(&decoder->threads, place, view->result, view->event, error);
    if (view->meaning->kind == KIND_CONNECT)
        return take_connect(decoder, thread, view, error);
    if (view->meaning->kind >= KIND_OPEN && view->has_result && view->result >= 0)
        change_descriptors(decoder, thread, view);
    return view->meaning->kind == KIND_ACCEPT ? take_accept(decoder, thread, view, error) : TB_OK;
}

/* Finds the thread of an exit; a child's return begins one. */
static enum tb_status meet_exit(struct decoder *decoder, const struct exit_view *view, bool child, uint32_t *place,
                                struct tb_error *error)
{
    if (child)
        return threads_clone_child(&decoder->threads, view->event, place, error);
    return threads_meet(&decoder->threads, view->event->tid, place, error);
}

static enum tb_status take_exit(struct decoder *decoder, const struct scap_event *event,
                                const struct tb_event_meaning *meaning, struct tb_error *error)
{
    struct exit_view view = view_exit(event, meaning);
    const bool child = meaning->kind == KIND_CLONE && view.has_result && view.result == 0;
    const bool state_only = (event->flags & SCAP_STATE_ONLY) != 0;
    decoder->trace->exits++;
    decoder->trace->children += child;
    uint32_t place;
    enum tb_status status = meet_exit(decoder, &view, child, &place, error);
    if (status != TB_OK)
        return status;
    struct thread *thread = &decoder->threads.table.threads[place];
    forget_before_loss(decoder, thread);
    view.matched = enter_matches(decoder, thread, &view);
    if (!child && !state_only && thread->life != LIFE_NONE)
        check_exit(decoder, thread, &view);
    if (meaning->kind >= KIND_EXECVE)
        status = apply_exit(decoder, place, &view, error);
    if (status != TB_OK)
        return status;
    thread = &decoder->threads.table.threads[place];
    if (!state_only)
        count_event(decoder, thread);
    if (!state_only && !child && (thread->life != LIFE_NONE || decoder->visit != NULL))
        status = count_call(decoder, place, &view, error);
    thread->pending = PENDING_NONE;
    thread->last_exit = event->type;
    thread->settled = true;
    return status;
}

static void take_switch(struct decoder *decoder, const struct scap_event *event)
{
    decoder->trace->switches++;
    const uint32_t place = process_table_find(&decoder->threads.table, event->tid);
    if (place == THREAD_NONE || (event->flags & SCAP_STATE_ONLY) != 0)
        return;
    struct life *const lives = decoder->sequences.lives;
    for (uint32_t i = decoder->threads.table.threads[place].life; i != LIFE_NONE; i = lives[i].next) {
        decoder->sequences.items[lives[i].sequence].total.context_switches++;
        lives[i].context_switches++;
    }
}

static void take_drop(struct decoder *decoder, bool ends)
{
    decoder->sequences.marks++;
    decoder->trace->drop_marks += ends;
}

/* Counts and applies one event whose parameters are known to fit. */
static enum tb_status take_event(struct decoder *decoder, const struct scap_event *event,
                                 const struct tb_event_meaning *meaning, struct tb_error *error)
{
    switch (meaning->kind_class) {
    case EVENT_ENTER:
        return take_enter(decoder, event, meaning, error);
    case EVENT_EXIT:
        return take_exit(decoder, event, meaning, error);
    case EVENT_SWITCH:
        take_switch(decoder, event);
        return TB_OK;
    case EVENT_LEAVE:
        threads_leave(&decoder->threads, event->tid);
        return TB_OK;
    default:
        take_drop(decoder, meaning->kind_class == EVENT_DROP_END);
        return TB_OK;
    }
}

static void note_bad_event(struct decoder *decoder, const struct scap_block *block)
{
    tb_account_damage(&decoder->trace->account, TB_DAMAGE_CORRUPT, block->offset,
                      "%s: the event at offset %llu does not have the length it says",
                      tb_source_name(decoder->walker.reader.source), (unsigned long long)block->offset);
    decoder->sequences.marks++;
}

/* *where: the counter that the block's bytes go to. */
static enum tb_status take_event_block(struct decoder *decoder, const struct scap_block *block, uint64_t **where,
                                       struct tb_error *error)
{
    struct tb_trace *const trace = decoder->trace;
    struct scap_event event;
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
    if (!needed)
        return TB_OK;
    *where = &trace->account.decoded;
    return take_event(decoder, &event, meaning, error);
}

/* Lists after events begin a section of their own, as in files that were put one after another. */
static void notice_block(struct decoder *decoder, const struct scap_block *block)
{
    const enum scap_block_kind kind = block->meaning->kind;
    decoder->foreign_seen = decoder->foreign_seen || kind == SCAP_FOREIGN;
    decoder->scap_seen = decoder->scap_seen || (kind != SCAP_FOREIGN && kind != SCAP_SECTION);
    if (block->gap)
        decoder->sequences.marks++;
    if (decoder->events_seen && kind != SCAP_FOREIGN && kind != SCAP_EVENT && kind != SCAP_SECTION)
        begin_section(decoder);
}

static enum tb_status take_block(struct decoder *decoder, const struct scap_block *block, struct tb_error *error)
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

static enum tb_status take_blocks(struct decoder *decoder, struct tb_error *error)
{
    struct scap_block block;
    enum tb_status status = TB_OK;
    while (status == TB_OK && !decoder->stopped) {
        status = scap_next_block(&decoder->walker, &block, error);
        if (status == TB_OK)
            status = take_block(decoder, &block, error);
    }
    return status == TB_END ? TB_OK : status;
}

/* The stream must begin as a scap file does, as far as it goes. */
static enum tb_status check_beginning(struct decoder *decoder, struct tb_error *error)
{
    static const uint8_t magic[] = {0x0A, 0x0D, 0x0D, 0x0A};
    struct tb_reader *const reader = &decoder->walker.reader;
    const char *const name = tb_source_name(reader->source);
    const enum tb_status status = tb_reader_need(reader, 12, error);
    if (status != TB_OK && status != TB_END)
        return status;
    if (reader->available == 0 && reader->stream_status != TB_END) {
        if (error != NULL)
            *error = reader->stream_error;
        return reader->stream_status;
    }
    if (reader->available == 0)
        return tb_error_set(error, TB_TRUNCATED, "%s is empty: no system-call trace was written", name);
    bool swap = false;
    const size_t size = reader->available < sizeof magic ? reader->available : sizeof magic;
    if (memcmp(reader->data, magic, size) != 0 || (status == TB_OK && !scap_section_order(reader->data, &swap)))
        return tb_error_set(error, TB_UNSUPPORTED, "%s does not begin as a scap file (sysdig, Falco) does", name);
    decoder->walker.swap = swap;
    return TB_OK;
}

static enum tb_status start_decoder(struct decoder *decoder, struct tb_source *source,
                                    const struct tb_trace_request *request, struct tb_error *error)
{
    decoder->trace = calloc(1, sizeof *decoder->trace);
    if (decoder->trace == NULL)
        return tb_error_memory(error, "a trace");
    decoder->walker.account = &decoder->trace->account;
    const enum tb_status status = sequences_init(&decoder->sequences, request, error);
    if (status != TB_OK)
        return status;
    decoder->threads.sequences = &decoder->sequences;
    process_table_init(&decoder->threads.table, sequences_text_words(request));
    return tb_reader_start(&decoder->walker.reader, source, error);
}

static void finish_decoder(struct decoder *decoder)
{
    tb_reader_finish(&decoder->walker.reader);
    process_table_free(&decoder->threads.table);
    if (decoder->sequences.request != NULL)
        sequences_free(&decoder->sequences);
    tb_trace_free(decoder->trace);
}

/* Only old-style files have enters to lose. */
static void finish_losses(struct decoder *decoder)
{
    struct tb_trace *const trace = decoder->trace;
    trace->exit_only = trace->exits > 0 && !decoder->enters_ordinary;
    for (size_t i = 0; trace->exit_only && i < trace->sequence_count; i++) {
        trace->sequences[i].exits_without_enter = 0;
        trace->sequences[i].enters_without_exit = 0;
    }
}

static enum tb_status finish_trace(struct decoder *decoder, const struct tb_trace_request *request,
                                   struct tb_error *error)
{
    struct tb_trace *const trace = decoder->trace;
    trace->order_count = request->order_count;
    trace->window_count = request->window_count;
    for (size_t i = 0; i < request->order_count; i++)
        trace->orders[i] = request->orders[i];
    trace->sequences = calloc(request->selector_count + 1, sizeof *trace->sequences);
    if (trace->sequences == NULL)
        return tb_error_memory(error, "the sequences of a trace");
    trace->sequence_count = request->selector_count;
    const enum tb_status status = sequences_finish(&decoder->sequences, trace->sequences, error);
    finish_losses(decoder);
    return status;
}

static void finish_account(struct decoder *decoder, struct tb_source *source)
{
    struct tb_account *const account = &decoder->trace->account;
    account->stream_bytes = decoder->walker.reader.offset;
    tb_source_account(source, account);
}

static enum tb_status decode(struct decoder *decoder, struct tb_source *source, const struct tb_trace_request *request,
                             struct tb_error *error)
{
    enum tb_status status = start_decoder(decoder, source, request, error);
    if (status == TB_OK)
        status = check_beginning(decoder, error);
    if (status == TB_OK)
        status = take_blocks(decoder, error);
    if (status == TB_OK && decoder->foreign_seen && !decoder->scap_seen)
        status = tb_error_set(error, TB_UNSUPPORTED, "%s is a pcapng capture, not a system-call trace",
                              tb_source_name(source));
    if (status == TB_OK)
        finish_account(decoder, source);
    return status;
}

static bool request_is_sound(const struct tb_trace_request *request)
{
    if (request->order_count > TB_ORDER_MAX)
        return false;
    for (size_t i = 0; i < request->order_count; i++)
        if (request->orders[i] < 1 || request->orders[i] > TB_ORDER_MAX)
            return false;
    for (size_t i = 0; i < request->selector_count; i++)
        if (request->selectors[i].name == NULL || request->selectors[i].name[0] == '\0')
            return false;
    return true;
}

enum tb_status tb_trace_read(struct tb_source *source, const struct tb_trace_request *request, struct tb_trace **trace,
                             struct tb_error *error)
{
    if (!request_is_sound(request))
        return tb_error_set(error, TB_USAGE, "%s: a process selector without a name, or an order beyond %d",
                            tb_source_name(source), TB_ORDER_MAX);
    struct decoder *const decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL)
        return tb_error_memory(error, "a trace");
    enum tb_status status = decode(decoder, source, request, error);
    if (status == TB_OK)
        status = finish_trace(decoder, request, error);
    if (status == TB_OK) {
        *trace = decoder->trace;
        decoder->trace = NULL;
    }
    finish_decoder(decoder);
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
    const enum tb_status status = decode(decoder, source, &nothing, error);
    if (status == TB_OK && account != NULL)
        *account = decoder->trace->account;
    finish_decoder(decoder);
    free(decoder);
    return status;
}

void tb_trace_free(struct tb_trace *trace)
{
    if (trace == NULL)
        return;
    for (size_t i = 0; i < trace->sequence_count; i++)
        sequence_free(&trace->sequences[i], trace->order_count, trace->window_count);
    free(trace->sequences);
    free(trace);
}
