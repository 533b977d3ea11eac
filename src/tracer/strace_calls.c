/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strace_calls.h"

#include "strace_arguments.h"

enum { NETWORK_FAMILY = 2, LOCAL_FAMILY = 1 };

/* One call of a line. */
struct subject {
    struct tracer_text *text;
    const struct strace_line *line;
    struct traced_thread *thread;
    struct traced_call call;
};

static enum tb_status give(struct tracer_text *text, struct tb_error *error)
{
    return text->sink->event(text->sink->context, &text->event.event, error);
}

static enum tb_status give_descriptor(const struct subject *subject, const struct strace_descriptor *descriptor,
                                      struct tb_error *error)
{
    const struct tracer_sink *const sink = subject->text->sink;
    const enum tb_descriptor_kind kind = tb_strace_descriptor_kind(descriptor);
    if (descriptor->number < 0 || kind == TB_DESCRIPTOR_UNKNOWN)
        return TB_OK;
    return sink->descriptor(sink->context, subject->thread->tid, descriptor->number, kind, error);
}

/* What the format calls F_DUPFD; other commands do nothing to descriptors. */
static int64_t command_of(struct scap_text arguments)
{
    return tb_strace_holds(arguments, "F_DUPFD") ? TEXT_DUPLICATE : 0;
}

static void put_address(struct text_event *event, struct strace_address address)
{
    uint8_t bytes[19] = {address.family};
    const size_t size = address.family == 2 ? 7 : 19;
    memcpy(bytes + size - 2, &address.port, 2);
    if (address.family == 2 || address.family == 10)
        tb_text_event_put(event, bytes, size);
}

/* The parameters of an enter, as far as its exit or the decoder needs them. */
static bool put_enter(const struct subject *subject)
{
    struct text_event *const event = &subject->text->event;
    struct traced_thread *const thread = subject->thread;
    const struct scap_text arguments = subject->line->arguments;
    switch (subject->call.kind) {
    case KIND_GENERIC:
        tb_traced_call_put_generic(&subject->call, event);
        return true;
    case KIND_EXECVE:
        tb_traced_image_free(thread->executes);
        thread->executes = tb_strace_image(arguments);
        return thread->executes != NULL;
    case KIND_CLONE:
        thread->begins_thread = tb_strace_holds(arguments, "CLONE_THREAD");
        thread->child_seen = false;
        subject->text->threads.open_clones++;
        return true;
    case KIND_SOCKET:
        text_event_put_number(event, tb_strace_family(arguments));
        return true;
    default:
        if (traced_call_is_on_descriptor(&subject->call))
            text_event_put_number(event, thread->descriptor);
        if (subject->call.kind == KIND_CONNECT)
            put_address(event, tb_strace_address(arguments));
        if (subject->call.kind == KIND_FCNTL)
            text_event_put_number(event, command_of(arguments));
        return true;
    }
}

static enum tb_status begin_call(const struct subject *subject, struct tb_error *error)
{
    struct tracer_text *const text = subject->text;
    struct traced_thread *const thread = subject->thread;
    thread->descriptor = -1;
    thread->port = 0;
    if (traced_call_is_on_descriptor(&subject->call)) {
        const struct strace_descriptor descriptor = tb_strace_descriptor(subject->line->arguments);
        const enum tb_status status = give_descriptor(subject, &descriptor, error);
        if (status != TB_OK)
            return status;
        thread->descriptor = descriptor.number;
        thread->port = tb_strace_local_port(&descriptor);
        if (subject->call.call == CALL_BIND)
            thread->port = tb_strace_address(subject->line->arguments).port;
    }
    tb_traced_thread_end_call(&text->threads, thread);
    thread->pending = subject->call;
    tb_text_event_begin(&text->event, (uint16_t)(subject->call.exit - 1), thread->tid, text->time);
    return put_enter(subject) ? give(text, error) : tb_error_memory(error, "a program's arguments");
}

static void put_texts(struct text_event *event, const struct traced_image *image)
{
    tb_text_event_skip_to(event, TEXT_EXECUTABLE);
    if (image == NULL)
        return;
    tb_text_event_put(event, image->text, image->executable);
    tb_text_event_put(event, image->text + image->executable, image->size - image->executable);
}

/* The process has another program now, and is called like that. */
static void put_execve(struct tracer_text *text, struct traced_thread *thread)
{
    const struct traced_image *const image = thread->executes;
    put_texts(&text->event, image);
    if (image != NULL) {
        const struct scap_text path = {image->text, image->executable};
        const struct scap_text name = tb_scap_name_of_executable(path);
        tb_traced_thread_set_comm(thread, name);
        tb_text_event_skip_to(&text->event, TEXT_NAME);
        tb_text_event_put(&text->event, name.data, name.size);
    }
    tb_traced_image_free(thread->image);
    thread->image = thread->executes;
    thread->executes = NULL;
}

static void put_comm(struct text_event *event, const struct traced_thread *thread)
{
    tb_text_event_skip_to(event, TEXT_NAME);
    tb_text_event_put(event, thread->comm, strlen(thread->comm));
}

/* The tid that strace itself would use, where the process has another pid namespace. */
static int64_t child_of(const struct strace_line *line)
{
    static const char comment[] = " /* ";
    const uint8_t *const found = memmem(line->outcome.data, line->outcome.size, comment, sizeof comment - 1);
    if (found == NULL)
        return line->result;
    const uint8_t *const end = line->outcome.data + line->outcome.size, *const at = found + sizeof comment - 1;
    const struct strace_descriptor number = tb_strace_descriptor((struct scap_text){at, (size_t)(end - at)});
    return number.number > 0 ? number.number : line->result;
}

/* A thread begins: it has what its parent has. False without memory. Moves threads. */
static bool begin_child(const struct subject *subject, int64_t tid)
{
    struct tracer_text *const text = subject->text;
    const int64_t parent_tid = subject->thread->tid;
    struct traced_thread *const child = tid == parent_tid ? NULL : tb_traced_thread_add(&text->threads, tid);
    if (child == NULL)
        return tid == parent_tid;
    const struct traced_thread *const parent = tb_traced_thread_find(&text->threads, parent_tid);
    tb_traced_thread_end(&text->threads, child);
    tb_traced_thread_inherit(child, parent, parent->begins_thread);
    child->begun_by = parent->pending.exit;
    child->announced = true;
    return true;
}

static void put_clone(const struct subject *subject, int64_t child)
{
    struct text_event *const event = &subject->text->event;
    tb_text_event_begin(event, subject->call.exit, subject->thread->tid, event->event.time);
    text_event_put_number(event, child);
    put_comm(event, subject->thread);
    tb_text_event_skip_to(event, TEXT_FLAGS);
    text_event_put_number(event, subject->thread->begins_thread ? TEXT_FLAG_THREAD : 0);
}

/* From the one who connects to this process; all but the family and the port of this end is left 0. */
static void put_accepted(const struct subject *subject)
{
    struct tracer_text *const text = subject->text;
    struct strace_address address = tb_strace_address(subject->line->arguments);
    const struct strace_descriptor accepted = tb_strace_descriptor(subject->line->outcome);
    const enum tb_descriptor_kind kind = tb_strace_descriptor_kind(&accepted);
    uint16_t port = tb_strace_local_port(&accepted);
    if (port == 0)
        port = subject->thread->port;
    if (port == 0)
        port = tb_traced_socket_find(&text->sockets, &text->threads, subject->thread, subject->thread->descriptor).port;
    if (address.family == 0)
        address.family = kind == TB_DESCRIPTOR_NETWORK || port != 0 ? NETWORK_FAMILY
                         : kind == TB_DESCRIPTOR_UNKNOWN            ? 0
                                                                    : LOCAL_FAMILY;
    uint8_t tuple[37] = {address.family};
    const size_t size = address.family == 10 ? 37 : 13;
    if (address.family == 2 || address.family == 10)
        memcpy(tuple + size - 2, &port, 2);
    if (address.family != 0)
        tb_text_event_put(&text->event, tuple, size);
}

static void put_pair(const struct subject *subject)
{
    int64_t pair[2];
    if (!tb_strace_pair(subject->line->arguments, pair))
        return;
    text_event_put_number(&subject->text->event, pair[0]);
    text_event_put_number(&subject->text->event, pair[1]);
}

static void put_exit(const struct subject *subject, uint64_t time)
{
    struct text_event *const event = &subject->text->event;
    int64_t result = subject->line->result;
    const bool succeeded = result >= 0;
    tb_text_event_begin(event, subject->call.exit, subject->thread->tid, time);
    if (subject->call.kind == KIND_GENERIC) {
        tb_traced_call_put_generic(&subject->call, event);
        tb_text_event_skip_to(event, TEXT_GENERIC_RESULT);
        text_event_put_number(event, result);
        return;
    }
    if (succeeded && (subject->call.call == CALL_SENDMMSG || subject->call.call == CALL_RECVMMSG))
        result = tb_strace_message_bytes(subject->line->arguments, result);
    text_event_put_number(event, result);
    if (succeeded && subject->call.kind == KIND_EXECVE)
        put_execve(subject->text, subject->thread);
    if (succeeded && subject->call.kind == KIND_ACCEPT)
        put_accepted(subject);
    if (succeeded && subject->call.kind == KIND_OPEN_PAIR)
        put_pair(subject);
}

/* The format has an exit of close_range alone, so the call itself is a generic one; this changes descriptors only. */
static enum tb_status close_range(const struct subject *subject, uint64_t time, struct tb_error *error)
{
    struct text_event *const event = &subject->text->event;
    int64_t numbers[3];
    if (tb_strace_holds(subject->line->arguments, "CLOSE_RANGE_CLOEXEC") ||
        tb_strace_numbers(subject->line->arguments, numbers) < 2)
        return TB_OK;
    tb_text_event_begin(event, TEXT_CLOSE_RANGE_EVENT, subject->thread->tid, time);
    event->event.flags = SCAP_STATE_ONLY;
    text_event_put_number(event, 0);
    text_event_put_number(event, numbers[0]);
    text_event_put_number(event, numbers[1]);
    return give(subject->text, error);
}

/* What calls that succeeded do beyond their events. */
static enum tb_status follow_call(const struct subject *subject, uint64_t time, struct tb_error *error)
{
    struct traced_thread *const thread = subject->thread;
    const struct scap_text arguments = subject->line->arguments;
    if (subject->call.call == CALL_CLOSE_RANGE)
        return close_range(subject, time, error);
    if (subject->call.call == CALL_PRCTL && tb_strace_holds(arguments, "PR_SET_NAME")) {
        uint8_t name[TRACED_COMM_SIZE];
        tb_traced_thread_set_comm(thread, (struct scap_text){name, tb_strace_text(arguments, name, 15)});
    }
    if (subject->call.call == CALL_BIND && thread->port != 0)
        tb_traced_socket_set(
            &subject->text->sockets,
            &(struct traced_socket){.pid = thread->pid, .descriptor = thread->descriptor, .port = thread->port});
    if (subject->call.kind < KIND_OPEN || subject->call.kind > KIND_FCNTL)
        return TB_OK;
    const struct strace_descriptor made = tb_strace_descriptor(subject->line->outcome);
    return give_descriptor(subject, &made, error);
}

/* As its parent sees it. */
static enum tb_status end_clone(struct subject *subject, struct tb_error *error)
{
    const int64_t tid = subject->thread->tid, child = child_of(subject->line);
    put_clone(subject, child);
    enum tb_status status = give(subject->text, error);
    if (status == TB_OK && !subject->thread->child_seen && !begin_child(subject, child))
        status = tb_error_memory(error, "threads");
    subject->thread = tb_traced_thread_find(&subject->text->threads, tid);
    return status;
}

static enum tb_status end_call(struct subject *subject, struct tb_error *error)
{
    struct tracer_text *const text = subject->text;
    const struct strace_line *const line = subject->line;
    const uint64_t time = line->kind == STRACE_CALL ? text->time + line->duration : text->time;
    enum tb_status status = TB_OK;
    /* The first line of a thread that strace joined in the middle of a call tells the end alone. */
    if (subject->thread->pending.call != subject->call.call)
        tb_traced_thread_end_call(&text->threads, subject->thread);
    if (line->has_result) {
        put_exit(subject, time);
        status = subject->call.kind == KIND_CLONE && line->result > 0 ? end_clone(subject, error) : give(text, error);
        if (status == TB_OK && line->result >= 0)
            status = follow_call(subject, time, error);
    }
    tb_traced_thread_end_call(&text->threads, subject->thread);
    return status;
}

/* The first thing that a thread does is to return from the call that began it, which strace does not show. */
static enum tb_status return_from_clone(struct tracer_text *text, const struct traced_thread *thread,
                                        struct tb_error *error)
{
    struct text_event *const event = &text->event;
    tb_text_event_begin(event, thread->begun_by, thread->tid, text->time);
    text_event_put_number(event, 0);
    put_texts(event, thread->image);
    tb_text_event_skip_to(event, TEXT_PID);
    text_event_put_number(event, thread->pid);
    text_event_put_number(event, thread->parent);
    put_comm(event, thread);
    return give(text, error);
}

/* Whether the line that begins at or before found tells that a clone gave tid. */
static struct traced_thread *parent_at(struct tracer_text *text, const uint8_t *start, const uint8_t *found,
                                       const uint8_t *end, int64_t tid)
{
    const uint8_t *const before = memrchr(start, '\n', (size_t)(found - start));
    const uint8_t *const begin = before == NULL ? start : before + 1;
    const uint8_t *const newline = memchr(found, '\n', (size_t)(end - found));
    struct strace_line line;
    if (newline == NULL)
        return NULL;
    tb_strace_line_parse(begin, (size_t)(newline - begin), &line);
    if (line.kind != STRACE_RESUMED || !line.has_result || child_of(&line) != tid)
        return NULL;
    struct traced_thread *const thread = tb_traced_thread_find(&text->threads, line.tid);
    return thread != NULL && traced_thread_is_in(thread, KIND_CLONE) && !thread->child_seen ? thread : NULL;
}

/* Who is in a clone that will return tid. Without any, the only one that is in a clone at all. */
static struct traced_thread *find_parent(struct tracer_text *text, int64_t tid)
{
    static const char resumed[] = "<... ";
    const struct tb_reader *const reader = text->reader;
    const uint8_t *const start = reader->data + text->line_size;
    const uint8_t *const end = reader->data + (reader->available < TRACER_AHEAD ? reader->available : TRACER_AHEAD);
    const uint8_t *at = start;
    while (at < end && (at = memmem(at, (size_t)(end - at), resumed, sizeof resumed - 1)) != NULL) {
        struct traced_thread *const parent = parent_at(text, start, at, end, tid);
        if (parent != NULL)
            return parent;
        at += sizeof resumed - 1;
    }
    for (size_t i = 0; text->threads.open_clones == 1 && i < text->threads.count; i++) {
        struct traced_thread *const thread = &text->threads.items[i];
        if (traced_thread_is_in(thread, KIND_CLONE) && !thread->child_seen)
            return thread;
    }
    return NULL;
}

static enum tb_status name_thread(const struct tracer_text *text, const struct traced_thread *thread,
                                  struct tb_error *error)
{
    const struct scap_identity identity = {
        .tid = thread->tid, .pid = thread->pid, .name = {(const uint8_t *)thread->comm, strlen(thread->comm)}};
    return identity.name.size == 0 ? TB_OK : text->sink->thread(text->sink->context, &identity, error);
}

/* The first line of a thread. */
static enum tb_status meet(struct tracer_text *text, struct traced_thread *thread, struct tb_error *error)
{
    thread->seen = true;
    if (!thread->announced && text->threads.open_clones > 0) {
        struct traced_thread *const parent = find_parent(text, thread->tid);
        if (parent != NULL) {
            tb_traced_thread_inherit(thread, parent, parent->begins_thread);
            thread->begun_by = parent->pending.exit;
            parent->child_seen = true;
            text->threads.open_clones--;
        }
    }
    return thread->begun_by != 0 ? return_from_clone(text, thread, error) : name_thread(text, thread, error);
}

static enum tb_status leave(struct tracer_text *text, struct traced_thread *thread, struct tb_error *error)
{
    tb_text_event_begin(&text->event, TEXT_LEAVE_EVENT, thread->tid, text->time);
    tb_traced_thread_end(&text->threads, thread);
    return give(text, error);
}

static int64_t tid_of(const struct tracer_text *text, const struct strace_line *line)
{
    return line->tid != 0 ? line->tid : text->tid;
}

bool tb_strace_looks_ahead(struct tracer_text *text, const struct strace_line *line)
{
    if (text->threads.open_clones == 0 || line->kind == STRACE_NOTE || line->kind == STRACE_BROKEN)
        return false;
    const struct traced_thread *const thread = tb_traced_thread_find(&text->threads, tid_of(text, line));
    return thread == NULL || (!thread->seen && !thread->announced);
}

static enum tb_status take_call(struct tracer_text *text, const struct strace_line *line, struct traced_thread *thread,
                                struct tb_error *error)
{
    struct subject subject = {
        .text = text, .line = line, .thread = thread, .call = tb_traced_call_find(&text->calls, line->name)};
    enum tb_status status = TB_OK;
    if (line->kind != STRACE_RESUMED)
        status = begin_call(&subject, error);
    if (status == TB_OK && line->kind != STRACE_UNFINISHED)
        status = end_call(&subject, error);
    return status;
}

enum tb_status tb_strace_take_line(struct tracer_text *text, const struct strace_line *line, struct tb_error *error)
{
    if (line->kind == STRACE_NOTE)
        return TB_OK;
    struct traced_thread *const thread = tb_traced_thread_add(&text->threads, tid_of(text, line));
    if (thread == NULL)
        return tb_error_memory(error, "threads");
    if (line->comm.size > 0)
        tb_traced_thread_set_comm(thread, line->comm);
    const enum tb_status status = thread->seen ? TB_OK : meet(text, thread, error);
    if (status != TB_OK)
        return status;
    switch (line->kind) {
    case STRACE_LEAVE:
        return leave(text, thread, error);
    case STRACE_SUPERSEDED:
        tb_traced_thread_take_over(&text->threads, thread, line->other);
        return TB_OK;
    default:
        return take_call(text, line, thread, error);
    }
}
