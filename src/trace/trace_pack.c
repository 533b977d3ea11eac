/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A finished trace as bytes: what a part of a trace holds. PACKED_... are the least bytes that an
 * item takes, by which an archive refuses counts that its bytes cannot hold. */
#include <stdlib.h>

#include "process_names.h"
#include "sequence_pack.h"

/* What these take at least. */
enum {
    PACKED_CALL = 26,
    PACKED_THREAD = 40,
    PACKED_PORT = 10,
    PACKED_SUBTOTAL = 16,
    PACKED_WINDOW = 25,
    PACKED_SEQUENCE = 8 * (8 + TB_DESCRIPTOR_KINDS)
};

void tb_transfers_describe(struct tb_archive *archive, struct tb_transfer *transfers)
{
    for (size_t i = 0; i < TB_DESCRIPTOR_KINDS; i++)
        TB_ARCHIVE_U64S(archive, &transfers[i].calls, &transfers[i].bytes);
}

void tb_closes_describe(struct tb_archive *archive, uint64_t *closes)
{
    TB_ARCHIVE_U64S(archive, &closes[TB_DESCRIPTOR_NETWORK], &closes[TB_DESCRIPTOR_FILE], &closes[TB_DESCRIPTOR_OTHER],
                    &closes[TB_DESCRIPTOR_UNKNOWN]);
}

void tb_ports_describe(struct tb_archive *archive, struct tb_port_total **ports, size_t *count)
{
    tb_archive_array(archive, ports, count, sizeof **ports, PACKED_PORT);
    for (size_t i = 0; i < *count && !archive->failed; i++) {
        struct tb_port_total *const port = &(*ports)[i];
        tb_archive_u16(archive, &port->port);
        tb_archive_u64(archive, &port->count);
        tb_archive_require(archive, i == 0 || port[-1].port < port->port);
    }
}

static void describe_calls(struct tb_archive *archive, struct tb_sequence *sequence)
{
    tb_archive_array(archive, &sequence->call_totals, &sequence->call_total_count, sizeof *sequence->call_totals,
                     PACKED_CALL);
    for (size_t i = 0; i < sequence->call_total_count && !archive->failed; i++) {
        struct tb_call_total *const total = &sequence->call_totals[i];
        tb_archive_u16(archive, &total->call);
        TB_ARCHIVE_U64S(archive, &total->count, &total->errors, &total->bytes);
        tb_archive_require(archive, total->call < TB_CALL_LIMIT && (i == 0 || total[-1].call < total->call));
    }
}

static void describe_threads(struct tb_archive *archive, struct tb_sequence *sequence)
{
    tb_archive_array(archive, &sequence->threads, &sequence->thread_count, sizeof *sequence->threads, PACKED_THREAD);
    for (size_t i = 0; i < sequence->thread_count && !archive->failed; i++) {
        struct tb_thread_total *const thread = &sequence->threads[i];
        tb_archive_i64(archive, &thread->tid);
        tb_archive_i64(archive, &thread->pid);
        TB_ARCHIVE_U64S(archive, &thread->calls, &thread->context_switches, &thread->first_position);
    }
}

static void describe_transitions(struct tb_archive *archive, const struct tb_trace *trace,
                                 struct tb_transitions **transitions)
{
    tb_archive_items(archive, transitions, trace->order_count, sizeof **transitions);
    for (size_t i = 0; i < trace->order_count && !archive->failed; i++) {
        tb_transitions_describe(archive, &(*transitions)[i]);
        tb_archive_require(archive, (*transitions)[i].order == trace->orders[i]);
    }
}

static void describe_window(struct tb_archive *archive, const struct tb_trace *trace, struct tb_window_counts *window)
{
    TB_ARCHIVE_U64S(archive, &window->window.skip, &window->window.limit);
    tb_archive_bool(archive, &window->reached);
    tb_archive_u64(archive, &window->calls);
    describe_transitions(archive, trace, &window->transitions);
}

static void describe_subtotals(struct tb_archive *archive, const struct tb_trace *trace, struct tb_subtotal **subtotals,
                               size_t *count)
{
    tb_archive_array(archive, subtotals, count, sizeof **subtotals, PACKED_SUBTOTAL);
    for (size_t i = 0; i < *count && !archive->failed; i++) {
        tb_archive_i64(archive, &(*subtotals)[i].id);
        tb_archive_u64(archive, &(*subtotals)[i].calls);
        describe_transitions(archive, trace, &(*subtotals)[i].transitions);
    }
}

static void describe_sequence(struct tb_archive *archive, const struct tb_trace *trace, struct tb_sequence *sequence)
{
    TB_ARCHIVE_U64S(archive, &sequence->calls, &sequence->events, &sequence->first_time, &sequence->last_time,
                    &sequence->context_switches, &sequence->exits_without_enter, &sequence->enters_without_exit,
                    &sequence->enters);
    tb_closes_describe(archive, sequence->closes);
    tb_archive_bool(archive, &sequence->losses_known);
    tb_archive_bool(archive, &sequence->switches_known);
    tb_transfers_describe(archive, sequence->reads);
    tb_transfers_describe(archive, sequence->writes);
    describe_calls(archive, sequence);
    describe_threads(archive, sequence);
    tb_ports_describe(archive, &sequence->connects, &sequence->connect_count);
    tb_ports_describe(archive, &sequence->accepts, &sequence->accept_count);
    describe_transitions(archive, trace, &sequence->transitions);
    tb_archive_items(archive, &sequence->windows, trace->window_count, sizeof *sequence->windows);
    for (size_t i = 0; i < trace->window_count && !archive->failed; i++)
        describe_window(archive, trace, &sequence->windows[i]);
    describe_subtotals(archive, trace, &sequence->thread_groups, &sequence->thread_group_count);
    describe_subtotals(archive, trace, &sequence->intervals, &sequence->interval_count);
}

static void describe_orders(struct tb_archive *archive, struct tb_trace *trace)
{
    uint8_t count = (uint8_t)trace->order_count;
    tb_archive_u8(archive, &count);
    tb_archive_require(archive, count <= TB_ORDER_MAX);
    for (size_t i = 0; i < count && !archive->failed; i++) {
        uint8_t order = (uint8_t)trace->orders[i];
        tb_archive_u8(archive, &order);
        tb_archive_require(archive, order >= 1 && order <= TB_ORDER_MAX);
        trace->orders[i] = order;
    }
    trace->order_count = archive->failed ? 0 : count;
}

static void describe_head(struct tb_archive *archive, struct tb_trace *trace)
{
    uint8_t format = (uint8_t)trace->format;
    tb_account_describe(archive, &trace->account);
    tb_archive_u8(archive, &format);
    tb_archive_require(archive, format < TB_TRACE_FORMATS);
    trace->format = (enum tb_trace_format)format;
    tb_archive_u16(archive, &trace->major_version);
    tb_archive_u16(archive, &trace->minor_version);
    tb_archive_bool(archive, &trace->swapped);
    tb_archive_bool(archive, &trace->exit_only);
    TB_ARCHIVE_U64S(archive, &trace->sections, &trace->events, &trace->enters, &trace->exits, &trace->children,
                    &trace->switches, &trace->state_only, &trace->drop_marks, &trace->drop_starts, &trace->drop_ratio,
                    &trace->first_time, &trace->last_time, &trace->unknown_sections, &trace->unknown_blocks,
                    &trace->unnamed_events, &trace->backward_lines);
    tb_unknown_events_describe(archive, &trace->unknown_events);
    tb_process_name_list_describe(archive, &trace->process_names, &trace->process_name_count);
    describe_orders(archive, trace);
}

/* Every sequence has all windows. */
static void describe_trace(struct tb_archive *archive, struct tb_trace *trace)
{
    uint64_t windows = trace->window_count;
    describe_head(archive, trace);
    tb_archive_u64(archive, &windows);
    tb_archive_array(archive, &trace->sequences, &trace->sequence_count, sizeof *trace->sequences, PACKED_SEQUENCE);
    tb_archive_require(archive, trace->sequence_count == 0 || windows <= archive->in.left / PACKED_WINDOW);
    if (!archive->failed)
        trace->window_count = (size_t)windows;
    for (size_t i = 0; i < trace->sequence_count && !archive->failed; i++)
        describe_sequence(archive, trace, &trace->sequences[i]);
}

void tb_trace_pack(const struct tb_trace *trace, struct tb_buffer *buffer)
{
    struct tb_archive archive = tb_archive_writer(buffer);
    struct tb_trace copy = *trace;
    describe_trace(&archive, &copy);
}

bool tb_trace_unpack(struct tb_trace **trace, struct tb_bytes *bytes)
{
    struct tb_archive archive = tb_archive_reader(bytes);
    struct tb_trace *const read = calloc(1, sizeof *read);
    if (read == NULL)
        return false;
    describe_trace(&archive, read);
    if (archive.failed)
        tb_trace_free(read);
    else
        *trace = read;
    return tb_archive_end(&archive, bytes);
}
