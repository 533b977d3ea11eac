/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "perf_calls.h"

#include <stdlib.h>

/* As Linux has them for x86-64. */
enum {
    FAMILY_IPV4 = 2,
    FAMILY_IPV6 = 10,
    COMMAND_DUPLICATE = 0,            /* F_DUPFD */
    COMMAND_DUPLICATE_CLOSING = 1030, /* F_DUPFD_CLOEXEC */
    CLOSE_RANGE_CLOEXEC = 4
};

/* One call of a line. */
struct subject {
    struct tracer_text *text;
    const struct perf_line *line;
    struct traced_thread *thread;
    struct traced_call call;
};

static enum tb_status give(struct tracer_text *text, struct tb_error *error)
{
    return text->sink->event(text->sink->context, &text->event.event, error);
}

static enum tb_status refuse(const struct tracer_text *text, const char *reason, struct tb_error *error)
{
    return tb_error_set(error, TB_UNSUPPORTED,
                        "%s: %s; print the recording again: perf script --header --ns --show-lost-events "
                        "-F comm,pid,tid,cpu,time,event,trace",
                        tb_source_name(text->reader->source), reason);
}

/* Numbers of calls differ between architectures. */
static enum tb_status take_machine(struct tracer_text *text, struct scap_text machine, struct tb_error *error)
{
    static const char known[] = "x86_64";
    text->machine_known = machine.size == sizeof known - 1 && memcmp(machine.data, known, machine.size) == 0;
    if (text->machine_known)
        return TB_OK;
    return tb_error_set(
        error, TB_UNSUPPORTED, "%s: perf recorded on %.*s, whose numbers of calls are not known here; x86_64 is",
        tb_source_name(text->reader->source), machine.size > 32 ? 32 : (int)machine.size, (const char *)machine.data);
}

/* --- calls begin --- */

static void put_enter(const struct subject *subject)
{
    struct text_event *const event = &subject->text->event;
    const uint64_t *const arguments = subject->line->arguments;
    const struct traced_call *const call = &subject->call;
    if (call->kind == KIND_GENERIC)
        tb_traced_call_put_generic(call, event);
    else if (call->kind == KIND_SOCKET)
        text_event_put_number(event, (int64_t)arguments[0]);
    else if (traced_call_is_on_descriptor(call))
        text_event_put_number(event, (int32_t)arguments[0]);
    if (call->kind == KIND_FCNTL)
        text_event_put_number(
            event, arguments[1] == COMMAND_DUPLICATE || arguments[1] == COMMAND_DUPLICATE_CLOSING ? TEXT_DUPLICATE : 0);
}

static enum tb_status begin_call(const struct subject *subject, struct tb_error *error)
{
    struct traced_thread *const thread = subject->thread;
    tb_traced_thread_end_call(&subject->text->threads, thread);
    thread->pending = subject->call;
    memcpy(thread->arguments, subject->line->arguments, sizeof thread->arguments);
    tb_text_event_begin(&subject->text->event, (uint16_t)(subject->call.exit - 1), thread->tid, subject->text->time);
    put_enter(subject);
    return give(subject->text, error);
}

/* --- and end --- */

static void put_comm(struct text_event *event, const struct traced_thread *thread)
{
    tb_text_event_skip_to(event, TEXT_NAME);
    tb_text_event_put(event, thread->comm, strlen(thread->comm));
}

static bool is_ip(uint8_t family)
{
    return family == FAMILY_IPV4 || family == FAMILY_IPV6;
}

/* Addresses and ports are in the memory of the process, which perf does not see: all but the family is left 0. */
static void put_tuple(struct text_event *event, uint8_t family)
{
    uint8_t tuple[37] = {family};
    if (family != 0)
        tb_text_event_put(event, tuple, family == FAMILY_IPV6 ? 37 : 13);
}

static struct traced_socket socket_of(const struct subject *subject)
{
    struct tracer_text *const text = subject->text;
    return tb_traced_socket_find(&text->sockets, &text->threads, subject->thread,
                                 (int32_t)subject->thread->arguments[0]);
}

static void know_socket(const struct subject *subject, uint8_t family)
{
    tb_traced_socket_set(
        &subject->text->sockets,
        &(struct traced_socket){.pid = subject->thread->pid, .descriptor = subject->line->result, .family = family});
}

static void put_program(const struct subject *subject)
{
    struct traced_thread *const thread = subject->thread;
    struct text_event *const event = &subject->text->event;
    tb_text_event_skip_to(event, TEXT_EXECUTABLE);
    if (thread->executes != NULL)
        tb_text_event_put(event, thread->executes->text, thread->executes->executable);
    put_comm(event, thread);
}

/* What a call that succeeded says beyond its result, where its enter is known. */
static void put_success(const struct subject *subject)
{
    struct text_event *const event = &subject->text->event;
    switch (subject->call.kind) {
    case KIND_EXECVE:
        put_program(subject);
        break;
    case KIND_CLONE: /* who began is known from the child alone: a thread or a process */
        tb_text_event_skip_to(event, TEXT_FLAGS);
        text_event_put_number(event, TEXT_FLAG_IN_NAMESPACE);
        break;
    case KIND_SOCKET:
        know_socket(subject, (uint8_t)subject->thread->arguments[0]);
        break;
    case KIND_CONNECT:
        put_tuple(event, is_ip(socket_of(subject).family) ? FAMILY_IPV4 : 0);
        break;
    case KIND_ACCEPT:
        put_tuple(event, socket_of(subject).family);
        know_socket(subject, socket_of(subject).family);
        break;
    default:
        break;
    }
}

static void put_exit(const struct subject *subject)
{
    struct text_event *const event = &subject->text->event;
    const int64_t result = subject->line->result;
    const bool counts_messages = subject->call.call == CALL_SENDMMSG || subject->call.call == CALL_RECVMMSG;
    tb_text_event_begin(event, subject->call.exit, subject->thread->tid, subject->text->time);
    if (subject->call.kind == KIND_GENERIC) {
        tb_traced_call_put_generic(&subject->call, event);
        tb_text_event_skip_to(event, TEXT_GENERIC_RESULT);
        text_event_put_number(event, result);
        return;
    }
    /* Messages are no bytes. */
    text_event_put_number(event, counts_messages && result > 0 ? 0 : result);
    if (result >= 0 || subject->call.kind == KIND_CONNECT)
        put_success(subject);
}

/* The format has an exit of close_range alone, so the call itself is a generic one; this changes descriptors only. */
static enum tb_status close_range(const struct subject *subject, struct tb_error *error)
{
    const uint64_t *const arguments = subject->thread->arguments;
    struct text_event *const event = &subject->text->event;
    if ((arguments[2] & CLOSE_RANGE_CLOEXEC) != 0)
        return TB_OK;
    tb_text_event_begin(event, TEXT_CLOSE_RANGE_EVENT, subject->thread->tid, subject->text->time);
    event->event.flags = SCAP_STATE_ONLY;
    text_event_put_number(event, 0);
    text_event_put_number(event, (int64_t)arguments[0]);
    text_event_put_number(event, (int64_t)arguments[1]);
    return give(subject->text, error);
}

/* A thread's first return, from the call that began it. */
static enum tb_status begin_thread(const struct subject *subject, struct tb_error *error)
{
    struct text_event *const event = &subject->text->event;
    const struct traced_thread *const thread = subject->thread;
    tb_text_event_begin(event, subject->call.exit, thread->tid, subject->text->time);
    text_event_put_number(event, 0);
    tb_text_event_skip_to(event, TEXT_PID);
    text_event_put_number(event, thread->pid);
    text_event_put_number(event, thread->parent == 0 ? -1 : thread->parent);
    put_comm(event, thread);
    return give(subject->text, error);
}

/* Of a thread that has not been met since. Moves threads. */
static enum tb_status know_parent(struct tracer_text *text, int64_t parent, int64_t child, struct tb_error *error)
{
    struct traced_thread *const thread = child > 0 ? tb_traced_thread_add(&text->threads, child) : NULL;
    if (thread == NULL)
        return child > 0 ? tb_error_memory(error, "threads") : TB_OK;
    if (!thread->seen)
        thread->parent = parent;
    return TB_OK;
}

/* The kernel has just begun it: whoever had its tid before is gone. */
static enum tb_status begin_anew(struct tracer_text *text, const struct perf_line *line, struct tb_error *error)
{
    struct traced_thread *const before = tb_traced_thread_find(&text->threads, line->other);
    if (before != NULL)
        tb_traced_thread_end(&text->threads, before);
    return know_parent(text, line->tid, line->other, error);
}

/* An exit whose enter was before the beginning, or was lost, does what the kernel tells of it, and nothing that only the
 * enter could tell. */
static enum tb_status end_call(const struct subject *subject, struct tb_error *error)
{
    struct traced_thread *const thread = subject->thread;
    if (thread->pending.call != subject->call.call) {
        tb_traced_thread_end_call(&subject->text->threads, thread);
        memset(thread->arguments, 0xff, sizeof thread->arguments);
    }
    put_exit(subject);
    enum tb_status status = give(subject->text, error);
    if (status == TB_OK && subject->call.call == CALL_CLOSE_RANGE && subject->line->result >= 0)
        status = close_range(subject, error);
    tb_traced_thread_end_call(&subject->text->threads, thread);
    return status == TB_OK && subject->call.kind == KIND_CLONE && subject->line->result > 0
               ? know_parent(subject->text, thread->tid, subject->line->result, error)
               : status;
}

/* --- threads --- */

static enum tb_status execute(struct tracer_text *text, const struct perf_line *line, struct traced_thread *thread,
                              struct tb_error *error)
{
    const size_t size = line->text.size < TRACED_ARGUMENTS_MOST ? line->text.size : TRACED_ARGUMENTS_MOST;
    struct traced_image *const image = malloc(sizeof *image + size + 1);
    if (image == NULL)
        return tb_error_memory(error, "a program's name");
    *image = (struct traced_image){.users = 1, .executable = (uint32_t)size + 1, .size = (uint32_t)size + 1};
    memcpy(image->text, line->text.data, size);
    image->text[size] = '\0';
    if (line->other != line->tid)
        tb_traced_thread_take_over(&text->threads, thread, line->other);
    tb_traced_image_free(thread->executes);
    thread->executes = image;
    return TB_OK;
}

static enum tb_status leave(struct tracer_text *text, struct traced_thread *thread, struct tb_error *error)
{
    tb_text_event_begin(&text->event, TEXT_LEAVE_EVENT, thread->tid, text->time);
    tb_traced_thread_end(&text->threads, thread);
    return give(text, error);
}

/* Of a thread whose name perf has not learnt it prints ":tid". */
static bool is_named(const struct perf_line *line)
{
    const struct scap_text comm = line->comm;
    bool digits = comm.size > 1 && comm.data[0] == ':';
    for (size_t i = 1; digits && i < comm.size; i++)
        digits = comm.data[i] >= '0' && comm.data[i] <= '9';
    return comm.size > 0 && !digits;
}

/* It has the name of who began it then. */
static void know_comm(struct tracer_text *text, const struct perf_line *line, struct traced_thread *thread)
{
    const struct traced_thread *const parent =
        thread->parent == 0 ? NULL : tb_traced_thread_find(&text->threads, thread->parent);
    if (is_named(line))
        tb_traced_thread_set_comm(thread, line->comm);
    else if (thread->comm[0] == '\0' && parent != NULL)
        memcpy(thread->comm, parent->comm, sizeof thread->comm);
    else if (thread->comm[0] == '\0')
        tb_traced_thread_set_comm(thread, line->comm);
}

static enum tb_status meet(struct tracer_text *text, struct traced_thread *thread, struct tb_error *error)
{
    const struct scap_identity identity = {
        .tid = thread->tid, .pid = thread->pid, .name = {(const uint8_t *)thread->comm, strlen(thread->comm)}};
    thread->seen = true;
    return identity.name.size == 0 ? TB_OK : text->sink->thread(text->sink->context, &identity, error);
}

static struct traced_call call_of(const struct tracer_text *text, const struct perf_line *line,
                                  const struct traced_thread *thread)
{
    if (line->number >= 0 && line->number < UINT16_MAX)
        return tb_traced_call_native(&text->calls, (uint16_t)line->number);
    return thread->pending.call != TB_CALL_NONE ? thread->pending : text->calls.calls[CALL_UNKNOWN];
}

static enum tb_status take_call(struct tracer_text *text, const struct perf_line *line, struct traced_thread *thread,
                                struct tb_error *error)
{
    const struct subject subject = {.text = text, .line = line, .thread = thread, .call = call_of(text, line, thread)};
    const bool begins = line->kind == PERF_EXIT && subject.call.kind == KIND_CLONE && line->result == 0;
    enum tb_status status = TB_OK;
    if (!thread->seen && !begins)
        status = meet(text, thread, error);
    thread->seen = true;
    if (status != TB_OK)
        return status;
    if (begins)
        return begin_thread(&subject, error);
    return line->kind == PERF_ENTER ? begin_call(&subject, error) : end_call(&subject, error);
}

static enum tb_status take_switch(struct tracer_text *text, const struct perf_line *line, struct tb_error *error)
{
    tb_text_event_begin(&text->event, TEXT_SWITCH_EVENT, line->tid, text->time);
    return give(text, error);
}

static enum tb_status take_of_thread(struct tracer_text *text, const struct perf_line *line, struct tb_error *error)
{
    struct traced_thread *const thread = tb_traced_thread_add(&text->threads, line->tid);
    if (thread == NULL)
        return tb_error_memory(error, "threads");
    thread->pid = line->pid;
    know_comm(text, line, thread);
    switch (line->kind) {
    case PERF_FORK:
        return begin_anew(text, line, error);
    case PERF_EXECUTE:
        return execute(text, line, thread, error);
    case PERF_LEAVE:
        return leave(text, thread, error);
    default:
        return take_call(text, line, thread, error);
    }
}

enum tb_status tb_perf_take_line(struct tracer_text *text, const struct perf_line *line, struct tb_error *error)
{
    if (line->kind == PERF_MACHINE)
        return take_machine(text, line->text, error);
    if (line->kind == PERF_NOTE)
        return TB_OK;
    if (!text->machine_known)
        return refuse(text, "it does not say which processor perf recorded on", error);
    if (!line->has_pid)
        return refuse(text, "its lines do not say which process a thread is of", error);
    text->time = line->time;
    if (line->kind == PERF_LOST) {
        text->sink->lost(text->sink->context);
        return TB_OK;
    }
    if (line->tid < 0)
        return TB_OK;
    return line->kind == PERF_SWITCH ? take_switch(text, line, error) : take_of_thread(text, line, error);
}
