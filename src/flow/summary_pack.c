/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "flow_pack.h"
#include "twinbed/flow/flow_summary.h"

/* Counters of totals beside their sides; fewest bytes of a packed port. */
enum { TOTALS = 6 + TB_FLOW_NOT_TCP, PORT_MIN = 400, STALL_SIZE = 16 };

#define TOTALS_FIELDS(totals)                                                                                          \
    {                                                                                                                  \
        &(totals)->flows, &(totals)->completed, &(totals)->duration, &(totals)->late_packets, &(totals)->load_begin,   \
            &(totals)->load_end, &(totals)->ended[TB_FLOW_OPEN], &(totals)->ended[TB_FLOW_CLOSED],                     \
            &(totals)->ended[TB_FLOW_RESET]                                                                            \
    }

static void pack_totals(const struct tb_flow_totals *totals, struct tb_buffer *buffer)
{
    const uint64_t *const fields[TOTALS] = TOTALS_FIELDS(totals);
    for (size_t i = 0; i < TOTALS; i++)
        tb_buffer_put_u64(buffer, *fields[i]);
    tb_flow_side_pack(&totals->side[0], buffer);
    tb_flow_side_pack(&totals->side[1], buffer);
}

static bool unpack_totals(struct tb_flow_totals *totals, struct tb_bytes *bytes)
{
    uint64_t *const fields[TOTALS] = TOTALS_FIELDS(totals);
    for (size_t i = 0; i < TOTALS; i++)
        if (!tb_bytes_take_u64(bytes, fields[i]))
            return false;
    return tb_flow_side_unpack(&totals->side[0], bytes) && tb_flow_side_unpack(&totals->side[1], bytes);
}

static void pack_stalls(const struct tb_port_flows *port, struct tb_buffer *buffer)
{
    tb_buffer_put_u64(buffer, port->stall_count);
    for (size_t i = 0; i < port->stall_count; i++) {
        tb_buffer_put_u64(buffer, port->stalls[i].begin);
        tb_buffer_put_u64(buffer, port->stalls[i].end);
    }
}

static bool unpack_stalls(struct tb_port_flows *port, struct tb_bytes *bytes)
{
    uint64_t count;
    if (!tb_bytes_take_u64(bytes, &count) || count > bytes->left / STALL_SIZE)
        return false;
    port->stalls = count == 0 ? NULL : calloc((size_t)count, sizeof *port->stalls);
    if (count != 0 && port->stalls == NULL)
        return false;
    port->stall_count = port->stall_capacity = (size_t)count;
    for (size_t i = 0; i < port->stall_count; i++)
        if (!tb_bytes_take_u64(bytes, &port->stalls[i].begin) || !tb_bytes_take_u64(bytes, &port->stalls[i].end))
            return false;
    return true;
}

/* A port may have been met without any flow that counts: it has no server then. */
static void pack_server(const struct tb_port_flows *port, struct tb_buffer *buffer)
{
    const bool known = port->server.version != 0;
    tb_buffer_put_u8(buffer, known);
    if (known)
        tb_address_pack(&port->server, buffer);
}

static bool unpack_server(struct tb_port_flows *port, struct tb_bytes *bytes)
{
    uint8_t known;
    return tb_bytes_take_u8(bytes, &known) && known <= 1 && (known == 0 || tb_address_unpack(&port->server, bytes));
}

static void pack_port(const struct tb_port_flows *port, struct tb_buffer *buffer)
{
    tb_buffer_put_u16(buffer, port->port);
    tb_buffer_put_u64(buffer, port->first_packet);
    pack_server(port, buffer);
    pack_totals(&port->unfinished, buffer);
    pack_totals(&port->completed, buffer);
    tb_histogram_pack(&port->handshake, buffer);
    for (unsigned side = 0; side < 2; side++) {
        tb_histogram_pack(&port->segment[side], buffer);
        tb_histogram_pack(&port->gap[side], buffer);
        tb_histogram_pack(&port->rtt[side], buffer);
        tb_buffer_put_u64(buffer, port->sized_segments[side]);
        tb_buffer_put_u64(buffer, port->full_segments[side]);
        tb_buffer_put_u64(buffer, port->unread_packets[side]);
    }
    pack_stalls(port, buffer);
}

/* Of a port, the entry to be filled. */
typedef struct tb_port_flows *port_maker(struct tb_flow_summary *summary, uint16_t port);

static bool unpack_port(struct tb_flow_summary *summary, port_maker *make, const struct tb_port_table *table,
                        struct tb_bytes *bytes)
{
    uint16_t number;
    const size_t known = table->count;
    if (!tb_bytes_take_u16(bytes, &number))
        return false;
    struct tb_port_flows *port = make(summary, number);
    bool taken = port != NULL && table->count == known + 1 && tb_bytes_take_u64(bytes, &port->first_packet) &&
                 unpack_server(port, bytes) && unpack_totals(&port->unfinished, bytes) &&
                 unpack_totals(&port->completed, bytes) && tb_histogram_unpack(&port->handshake, bytes);
    for (unsigned side = 0; side < 2 && taken; side++)
        taken = tb_histogram_unpack(&port->segment[side], bytes) && tb_histogram_unpack(&port->gap[side], bytes) &&
                tb_histogram_unpack(&port->rtt[side], bytes) && tb_bytes_take_u64(bytes, &port->sized_segments[side]) &&
                tb_bytes_take_u64(bytes, &port->full_segments[side]) &&
                tb_bytes_take_u64(bytes, &port->unread_packets[side]);
    return taken && unpack_stalls(port, bytes);
}

static void pack_table(const struct tb_port_table *table, struct tb_buffer *buffer)
{
    tb_buffer_put_u64(buffer, table->count);
    for (size_t i = 0; i < table->count; i++)
        pack_port(table->items[i], buffer);
}

static bool unpack_table(struct tb_flow_summary *summary, port_maker *make, const struct tb_port_table *table,
                         struct tb_bytes *bytes)
{
    uint64_t count;
    if (!tb_bytes_take_u64(bytes, &count) || count > bytes->left / PORT_MIN)
        return false;
    for (uint64_t i = 0; i < count; i++)
        if (!unpack_port(summary, make, table, bytes))
            return false;
    return true;
}

void tb_flow_summary_pack(const struct tb_flow_summary *summary, struct tb_buffer *buffer)
{
    tb_buffer_put_u64(buffer, summary->flows);
    tb_buffer_put_u64(buffer, summary->late_packets);
    tb_buffer_put_u64(buffer, summary->copied_packets);
    pack_table(&summary->ports, buffer);
    pack_table(&summary->turned, buffer);
}

bool tb_flow_summary_unpack(struct tb_flow_summary *summary, struct tb_bytes *bytes)
{
    return tb_bytes_take_u64(bytes, &summary->flows) && tb_bytes_take_u64(bytes, &summary->late_packets) &&
           tb_bytes_take_u64(bytes, &summary->copied_packets) &&
           unpack_table(summary, tb_flow_summary_port, &summary->ports, bytes) &&
           unpack_table(summary, tb_flow_summary_turned, &summary->turned, bytes) && tb_flow_summary_complete(summary);
}
