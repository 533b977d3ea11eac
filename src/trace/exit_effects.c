/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the exits of some calls do: to descriptors, to the counts of connections, and of bytes
 * moved.
 *
 * Old drivers give the descriptor in the enter, new ones in the exit; descriptor_of asks the exit
 * first. tb_event_meaning.descriptor says in which parameter of the exit it stands.
 *
 * Numbers: address families 2 and 10 are AF_INET and AF_INET6 of Linux, as the format takes them
 * over. */
#include "decoder.h"

bool tb_exit_port(const struct scap_event *event, uint32_t which, bool tuple, uint16_t *port)
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

/* socketpair and pipe give two descriptors, parameters 1 and 2, neither of which is of a network. */
static void open_pair(struct descriptors *descriptors, const struct scap_event *event, struct descriptor_budget *budget)
{
    for (uint32_t i = 1; i <= 2; i++) {
        uint64_t descriptor;
        if (scap_parameter_integer(event, i, &descriptor))
            tb_descriptors_set(descriptors, (int64_t)descriptor, TB_DESCRIPTOR_OTHER, budget);
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

static void count_close(struct decoder *decoder, const struct thread *thread, enum tb_descriptor_kind kind)
{
    const struct life *const lives = decoder->sequences.lives;
    for (uint32_t i = thread->life; i != LIFE_NONE; i = lives[i].next)
        decoder->sequences.items[lives[i].sequence].total.closes[kind]++;
}

/* Of a socket the first parameter is the family; of accept the kind follows from the tuple of
 * addresses. A duplicate is what the original is. */
void tb_exit_change_descriptors(struct decoder *decoder, const struct thread *thread, const struct exit_view *view)
{
    struct process_table *const table = &decoder->threads.table;
    struct descriptors *const descriptors = &table->processes[thread->process].descriptors;
    struct descriptor_budget *const budget = &table->budget;
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
        if ((view->event->flags & SCAP_STATE_ONLY) == 0)
            count_close(decoder, thread, descriptors_get(descriptors, about));
        tb_descriptors_set(descriptors, about, TB_DESCRIPTOR_UNKNOWN, budget);
        return;
    case KIND_CLOSE_RANGE:
        /* With flag 4 they are only marked to be closed by execve. */
        if (scap_parameter_integer(view->event, 1, &first) && scap_parameter_integer(view->event, 2, &last) &&
            !(scap_parameter_integer(view->event, 3, &flags) && (flags & 4) != 0))
            tb_descriptors_clear(descriptors, first, last);
        return;
    default:
        return;
    }
    tb_descriptors_set(descriptors, view->result, opened, budget);
}

static enum tb_status count_ports(struct decoder *decoder, const struct thread *thread, uint16_t port, bool accepted,
                                  struct tb_error *error)
{
    const struct life *const lives = decoder->sequences.lives;
    for (uint32_t i = thread->life; i != LIFE_NONE; i = lives[i].next) {
        struct tb_sequence *const total = &decoder->sequences.items[lives[i].sequence].total;
        const enum tb_status status = accepted
                                          ? tb_port_totals_add(&total->accepts, &total->accept_count, port, 1, error)
                                          : tb_port_totals_add(&total->connects, &total->connect_count, port, 1, error);
        if (status != TB_OK)
            return status;
    }
    return TB_OK;
}

/* IN_PROGRESS and ALREADY are -EINPROGRESS and -EALREADY of Linux. TUPLE and ADDRESS are parameters
 * of the exit; the latter is that of new drivers, which write no enter that could have told it. */
enum tb_status tb_exit_take_connect(struct decoder *decoder, const struct thread *thread, const struct exit_view *view,
                                    struct tb_error *error)
{
    enum { IN_PROGRESS = -115, ALREADY = -114, TUPLE = 1, ADDRESS = 3 };
    struct process_table *const table = &decoder->threads.table;
    struct descriptors *const descriptors = &table->processes[thread->process].descriptors;
    const int64_t descriptor = descriptor_of(thread, view);
    if (!view->has_result || view->result == ALREADY)
        return TB_OK;
    /* A connect that went on in the background is asked for its outcome by a second one. */
    const bool outcome = tb_descriptors_connecting(descriptors, descriptor) && view->result != IN_PROGRESS;
    tb_descriptors_set_connecting(descriptors, descriptor, false);
    if (view->result != 0 && view->result != IN_PROGRESS)
        return TB_OK;
    uint16_t port = view->matched ? thread->pending_port : 0;
    const bool is_ip =
        tb_exit_port(view->event, TUPLE, true, &port) || tb_exit_port(view->event, ADDRESS, false, &port);
    if (!is_ip && port == 0)
        return TB_OK;
    tb_descriptors_set(descriptors, descriptor, TB_DESCRIPTOR_NETWORK, &table->budget);
    tb_descriptors_set_connecting(descriptors, descriptor, view->result == IN_PROGRESS);
    if (outcome || (view->event->flags & SCAP_STATE_ONLY) != 0)
        return TB_OK;
    return count_ports(decoder, thread, port, false, error);
}

enum tb_status tb_exit_take_accept(struct decoder *decoder, const struct thread *thread, const struct exit_view *view,
                                   struct tb_error *error)
{
    /* The tuple goes from the one who connects to the one who accepts. A text that tells none may mean any port: 0. */
    const bool untold = decoder->lines != NULL && scap_parameter(view->event, 1).size == 0;
    uint16_t port = 0;
    if (view->result < 0 || (view->event->flags & SCAP_STATE_ONLY) != 0 ||
        !(untold || tb_exit_port(view->event, 1, true, &port)))
        return TB_OK;
    return count_ports(decoder, thread, port, true, error);
}

enum tb_descriptor_kind tb_exit_descriptor(struct decoder *decoder, const struct thread *thread,
                                           const struct exit_view *view)
{
    switch (view->meaning->kind) {
    case KIND_READ:
    case KIND_WRITE:
    case KIND_CLOSE:
    case KIND_CONNECT:
    case KIND_DUPLICATE:
    case KIND_FCNTL:
        return descriptors_get(&decoder->threads.table.processes[thread->process].descriptors,
                               descriptor_of(thread, view));
    default:
        return TB_DESCRIPTOR_UNKNOWN;
    }
}

void tb_exit_count_transfer(struct decoder *decoder, const struct thread *thread, const struct exit_view *view)
{
    thread_count_transfer(decoder, thread, view->meaning->kind == KIND_READ, descriptor_of(thread, view),
                          view->result > 0 ? (uint64_t)view->result : 0);
}
