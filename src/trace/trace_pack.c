/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "process_names.h"
#include "sequence_pack.h"

/* A list begins with its length; every item below takes at least this much. */
enum { PACKED_CALL = 26, PACKED_THREAD = 40, PACKED_PORT = 10, PACKED_PORTION = 16 };

void tb_transfers_pack(const struct tb_transfer *transfers, struct tb_buffer *buffer)
{
    for (size_t i = 0; i < TB_DESCRIPTOR_KINDS; i++) {
        tb_buffer_put_u64(buffer, transfers[i].calls);
        tb_buffer_put_u64(buffer, transfers[i].bytes);
    }
}

bool tb_transfers_unpack(struct tb_transfer *transfers, struct tb_bytes *bytes)
{
    for (size_t i = 0; i < TB_DESCRIPTOR_KINDS; i++)
        if (!tb_bytes_take_u64(bytes, &transfers[i].calls) || !tb_bytes_take_u64(bytes, &transfers[i].bytes))
            return false;
    return true;
}

static void pack_calls(const struct tb_sequence *sequence, struct tb_buffer *buffer)
{
    tb_buffer_put_u64(buffer, sequence->call_total_count);
    for (size_t i = 0; i < sequence->call_total_count; i++) {
        const struct tb_call_total *const total = &sequence->call_totals[i];
        tb_buffer_put_u16(buffer, total->call);
        tb_buffer_put_u64(buffer, total->count);
        tb_buffer_put_u64(buffer, total->errors);
        tb_buffer_put_u64(buffer, total->bytes);
    }
}

/* The length of a list whose items take size bytes or more; false when the bytes cannot hold it. */
static bool take_length(struct tb_bytes *bytes, size_t size, size_t *count)
{
    uint64_t stored;
    if (!tb_bytes_take_u64(bytes, &stored) || stored > bytes->left / size)
        return false;
    *count = stored;
    return true;
}

static bool unpack_calls(struct tb_sequence *sequence, struct tb_bytes *bytes)
{
    size_t count;
    if (!take_length(bytes, PACKED_CALL, &count))
        return false;
    sequence->call_totals = calloc(count + 1, sizeof *sequence->call_totals);
    if (sequence->call_totals == NULL)
        return false;
    sequence->call_total_count = count;
    for (size_t i = 0; i < count; i++) {
        struct tb_call_total *const total = &sequence->call_totals[i];
        if (!tb_bytes_take_u16(bytes, &total->call) || !tb_bytes_take_u64(bytes, &total->count) ||
            !tb_bytes_take_u64(bytes, &total->errors) || !tb_bytes_take_u64(bytes, &total->bytes) ||
            total->call >= TB_CALL_LIMIT || (i > 0 && total[-1].call >= total->call))
            return false;
    }
    return true;
}

static void pack_threads(const struct tb_sequence *sequence, struct tb_buffer *buffer)
{
    tb_buffer_put_u64(buffer, sequence->thread_count);
    for (size_t i = 0; i < sequence->thread_count; i++) {
        const struct tb_thread_total *const thread = &sequence->threads[i];
        tb_buffer_put_i64(buffer, thread->tid);
        tb_buffer_put_i64(buffer, thread->pid);
        tb_buffer_put_u64(buffer, thread->calls);
        tb_buffer_put_u64(buffer, thread->context_switches);
        tb_buffer_put_u64(buffer, thread->first_position);
    }
}

static bool unpack_threads(struct tb_sequence *sequence, struct tb_bytes *bytes)
{
    size_t count;
    if (!take_length(bytes, PACKED_THREAD, &count))
        return false;
    sequence->threads = calloc(count + 1, sizeof *sequence->threads);
    if (sequence->threads == NULL)
        return false;
    sequence->thread_count = count;
    for (size_t i = 0; i < count; i++) {
        struct tb_thread_total *const thread = &sequence->threads[i];
        if (!tb_bytes_take_i64(bytes, &thread->tid) || !tb_bytes_take_i64(bytes, &thread->pid) ||
            !tb_bytes_take_u64(bytes, &thread->calls) || !tb_bytes_take_u64(bytes, &thread->context_switches) ||
            !tb_bytes_take_u64(bytes, &thread->first_position))
            return false;
    }
    return true;
}

void tb_ports_pack(const struct tb_port_total *ports, size_t count, struct tb_buffer *buffer)
{
    tb_buffer_put_u64(buffer, count);
    for (size_t i = 0; i < count; i++) {
        tb_buffer_put_u16(buffer, ports[i].port);
        tb_buffer_put_u64(buffer, ports[i].count);
    }
}

bool tb_ports_unpack(struct tb_port_total **ports, size_t *port_count, struct tb_bytes *bytes)
{
    size_t count;
    if (!take_length(bytes, PACKED_PORT, &count))
        return false;
    struct tb_port_total *const read = calloc(count + 1, sizeof *read);
    if (read == NULL)
        return false;
    *ports = read;
    *port_count = count;
    for (size_t i = 0; i < count; i++)
        if (!tb_bytes_take_u16(bytes, &read[i].port) || !tb_bytes_take_u64(bytes, &read[i].count) ||
            (i > 0 && read[i - 1].port >= read[i].port))
            return false;
    return true;
}

static bool unpack_transitions(struct tb_transitions **transitions, const struct tb_trace *trace,
                               struct tb_bytes *bytes)
{
    *transitions = calloc(trace->order_count + 1, sizeof **transitions);
    if (*transitions == NULL)
        return false;
    for (size_t i = 0; i < trace->order_count; i++)
        if (!tb_transitions_unpack(&(*transitions)[i], bytes) || (*transitions)[i].order != trace->orders[i])
            return false;
    return true;
}

static void pack_windows(const struct tb_trace *trace, const struct tb_sequence *sequence, struct tb_buffer *buffer)
{
    for (size_t i = 0; i < trace->window_count; i++) {
        const struct tb_window_counts *const window = &sequence->windows[i];
        tb_buffer_put_u64(buffer, window->window.skip);
        tb_buffer_put_u64(buffer, window->window.limit);
        tb_buffer_put_u8(buffer, window->reached);
        tb_buffer_put_u64(buffer, window->calls);
        for (size_t order = 0; order < trace->order_count; order++)
            tb_transitions_pack(&window->transitions[order], buffer);
    }
}

static bool unpack_windows(struct tb_sequence *sequence, const struct tb_trace *trace, struct tb_bytes *bytes)
{
    sequence->windows = calloc(trace->window_count + 1, sizeof *sequence->windows);
    if (sequence->windows == NULL)
        return false;
    for (size_t i = 0; i < trace->window_count; i++) {
        struct tb_window_counts *const window = &sequence->windows[i];
        uint8_t reached;
        if (!tb_bytes_take_u64(bytes, &window->window.skip) || !tb_bytes_take_u64(bytes, &window->window.limit) ||
            !tb_bytes_take_u8(bytes, &reached) || !tb_bytes_take_u64(bytes, &window->calls) ||
            !unpack_transitions(&window->transitions, trace, bytes))
            return false;
        window->reached = reached != 0;
    }
    return true;
}

static void pack_portions(const struct tb_trace *trace, const struct tb_portion *portions, size_t count,
                          struct tb_buffer *buffer)
{
    tb_buffer_put_u64(buffer, count);
    for (size_t i = 0; i < count; i++) {
        tb_buffer_put_i64(buffer, portions[i].id);
        tb_buffer_put_u64(buffer, portions[i].calls);
        for (size_t order = 0; order < trace->order_count; order++)
            tb_transitions_pack(&portions[i].transitions[order], buffer);
    }
}

/* *count is set as soon as there is a list to be freed. */
static bool unpack_portions(struct tb_portion **portions, size_t *portion_count, const struct tb_trace *trace,
                            struct tb_bytes *bytes)
{
    size_t count;
    if (!take_length(bytes, PACKED_PORTION, &count))
        return false;
    struct tb_portion *const read = calloc(count + 1, sizeof *read);
    if (read == NULL)
        return false;
    *portions = read;
    *portion_count = count;
    for (size_t i = 0; i < count; i++)
        if (!tb_bytes_take_i64(bytes, &read[i].id) || !tb_bytes_take_u64(bytes, &read[i].calls) ||
            !unpack_transitions(&read[i].transitions, trace, bytes))
            return false;
    return true;
}

enum { SEQUENCE_COUNTERS = 8 + TB_DESCRIPTOR_KINDS };

static void pack_sequence(const struct tb_trace *trace, const struct tb_sequence *sequence, struct tb_buffer *buffer)
{
    const uint64_t counters[SEQUENCE_COUNTERS] = {sequence->calls,
                                                  sequence->events,
                                                  sequence->first_time,
                                                  sequence->last_time,
                                                  sequence->context_switches,
                                                  sequence->exits_without_enter,
                                                  sequence->enters_without_exit,
                                                  sequence->enters,
                                                  sequence->closes[TB_DESCRIPTOR_NETWORK],
                                                  sequence->closes[TB_DESCRIPTOR_FILE],
                                                  sequence->closes[TB_DESCRIPTOR_OTHER],
                                                  sequence->closes[TB_DESCRIPTOR_UNKNOWN]};
    for (size_t i = 0; i < SEQUENCE_COUNTERS; i++)
        tb_buffer_put_u64(buffer, counters[i]);
    tb_buffer_put_u8(buffer, sequence->losses_known);
    tb_buffer_put_u8(buffer, sequence->switches_known);
    tb_transfers_pack(sequence->reads, buffer);
    tb_transfers_pack(sequence->writes, buffer);
    pack_calls(sequence, buffer);
    pack_threads(sequence, buffer);
    tb_ports_pack(sequence->connects, sequence->connect_count, buffer);
    tb_ports_pack(sequence->accepts, sequence->accept_count, buffer);
    for (size_t i = 0; i < trace->order_count; i++)
        tb_transitions_pack(&sequence->transitions[i], buffer);
    pack_windows(trace, sequence, buffer);
    pack_portions(trace, sequence->thread_groups, sequence->thread_group_count, buffer);
    pack_portions(trace, sequence->stretches, sequence->stretch_count, buffer);
}

static bool unpack_sequence(struct tb_sequence *sequence, const struct tb_trace *trace, struct tb_bytes *bytes)
{
    uint64_t *const counters[SEQUENCE_COUNTERS] = {&sequence->calls,
                                                   &sequence->events,
                                                   &sequence->first_time,
                                                   &sequence->last_time,
                                                   &sequence->context_switches,
                                                   &sequence->exits_without_enter,
                                                   &sequence->enters_without_exit,
                                                   &sequence->enters,
                                                   &sequence->closes[TB_DESCRIPTOR_NETWORK],
                                                   &sequence->closes[TB_DESCRIPTOR_FILE],
                                                   &sequence->closes[TB_DESCRIPTOR_OTHER],
                                                   &sequence->closes[TB_DESCRIPTOR_UNKNOWN]};
    uint8_t losses_known, switches_known;
    for (size_t i = 0; i < SEQUENCE_COUNTERS; i++)
        if (!tb_bytes_take_u64(bytes, counters[i]))
            return false;
    if (!tb_bytes_take_u8(bytes, &losses_known) || !tb_bytes_take_u8(bytes, &switches_known))
        return false;
    sequence->losses_known = losses_known != 0;
    sequence->switches_known = switches_known != 0;
    return tb_transfers_unpack(sequence->reads, bytes) && tb_transfers_unpack(sequence->writes, bytes) &&
           unpack_calls(sequence, bytes) && unpack_threads(sequence, bytes) &&
           tb_ports_unpack(&sequence->connects, &sequence->connect_count, bytes) &&
           tb_ports_unpack(&sequence->accepts, &sequence->accept_count, bytes) &&
           unpack_transitions(&sequence->transitions, trace, bytes) && unpack_windows(sequence, trace, bytes) &&
           unpack_portions(&sequence->thread_groups, &sequence->thread_group_count, trace, bytes) &&
           unpack_portions(&sequence->stretches, &sequence->stretch_count, trace, bytes);
}

enum { TRACE_COUNTERS = 16 };

void tb_trace_pack(const struct tb_trace *trace, struct tb_buffer *buffer)
{
    const uint64_t counters[TRACE_COUNTERS] = {
        trace->sections,         trace->events,         trace->enters,         trace->exits,
        trace->children,         trace->switches,       trace->state_only,     trace->drop_marks,
        trace->drop_starts,      trace->drop_ratio,     trace->first_time,     trace->last_time,
        trace->unknown_sections, trace->unknown_blocks, trace->unknown_events, trace->unnamed_events};
    tb_account_pack(&trace->account, buffer);
    tb_buffer_put_u16(buffer, trace->major_version);
    tb_buffer_put_u16(buffer, trace->minor_version);
    tb_buffer_put_u8(buffer, trace->swapped);
    tb_buffer_put_u8(buffer, trace->exit_only);
    for (size_t i = 0; i < TRACE_COUNTERS; i++)
        tb_buffer_put_u64(buffer, counters[i]);
    tb_process_name_list_pack(trace->process_names, trace->process_name_count, buffer);
    tb_buffer_put_u8(buffer, (uint8_t)trace->order_count);
    for (size_t i = 0; i < trace->order_count; i++)
        tb_buffer_put_u8(buffer, (uint8_t)trace->orders[i]);
    tb_buffer_put_u64(buffer, trace->window_count);
    tb_buffer_put_u64(buffer, trace->sequence_count);
    for (size_t i = 0; i < trace->sequence_count; i++)
        pack_sequence(trace, &trace->sequences[i], buffer);
}

static bool unpack_orders(struct tb_trace *trace, struct tb_bytes *bytes)
{
    uint8_t count, order;
    if (!tb_bytes_take_u8(bytes, &count) || count > TB_ORDER_MAX)
        return false;
    trace->order_count = count;
    for (size_t i = 0; i < count; i++) {
        if (!tb_bytes_take_u8(bytes, &order) || order < 1 || order > TB_ORDER_MAX)
            return false;
        trace->orders[i] = order;
    }
    return true;
}

static bool unpack_head(struct tb_trace *trace, struct tb_bytes *bytes)
{
    uint64_t *const counters[TRACE_COUNTERS] = {
        &trace->sections,         &trace->events,         &trace->enters,         &trace->exits,
        &trace->children,         &trace->switches,       &trace->state_only,     &trace->drop_marks,
        &trace->drop_starts,      &trace->drop_ratio,     &trace->first_time,     &trace->last_time,
        &trace->unknown_sections, &trace->unknown_blocks, &trace->unknown_events, &trace->unnamed_events};
    uint8_t swapped, exit_only;
    if (!tb_account_unpack(&trace->account, bytes) || !tb_bytes_take_u16(bytes, &trace->major_version) ||
        !tb_bytes_take_u16(bytes, &trace->minor_version) || !tb_bytes_take_u8(bytes, &swapped) ||
        !tb_bytes_take_u8(bytes, &exit_only))
        return false;
    trace->swapped = swapped != 0;
    trace->exit_only = exit_only != 0;
    for (size_t i = 0; i < TRACE_COUNTERS; i++)
        if (!tb_bytes_take_u64(bytes, counters[i]))
            return false;
    return tb_process_name_list_unpack(&trace->process_names, &trace->process_name_count, TB_PROCESS_NAMES_MAX,
                                       bytes) &&
           unpack_orders(trace, bytes);
}

static bool unpack_trace(struct tb_trace *trace, struct tb_bytes *bytes)
{
    /* What a window and a sequence take at least. */
    enum { PACKED_WINDOW = 25, PACKED_SEQUENCE = 8 * SEQUENCE_COUNTERS };
    uint64_t windows, sequences;
    if (!unpack_head(trace, bytes) || !tb_bytes_take_u64(bytes, &windows) || !tb_bytes_take_u64(bytes, &sequences) ||
        sequences > bytes->left / PACKED_SEQUENCE || (sequences > 0 && windows > bytes->left / PACKED_WINDOW))
        return false;
    trace->window_count = windows;
    trace->sequences = calloc(sequences + 1, sizeof *trace->sequences);
    if (trace->sequences == NULL)
        return false;
    trace->sequence_count = sequences;
    for (size_t i = 0; i < sequences; i++)
        if (!unpack_sequence(&trace->sequences[i], trace, bytes))
            return false;
    return true;
}

bool tb_trace_unpack(struct tb_trace **trace, struct tb_bytes *bytes)
{
    struct tb_trace *const read = calloc(1, sizeof *read);
    if (read == NULL)
        return false;
    if (!unpack_trace(read, bytes)) {
        tb_trace_free(read);
        return false;
    }
    *trace = read;
    return true;
}
