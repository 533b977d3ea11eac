/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the flows of a capture add up to, as bytes, port by port. Reading makes each port's entry
 * through the functions that count, so that tables come right by themselves. */
#include "flow_pack.h"
#include "twinbed/flow/flow_summary.h"

/* Fewest bytes of a packed port. */
enum { PORT_MIN = 400, STALL_SIZE = 16 };

static void describe_totals(struct tb_archive *archive, struct tb_flow_totals *totals)
{
    TB_ARCHIVE_U64S(archive, &totals->flows, &totals->completed, &totals->duration, &totals->late_packets,
                    &totals->load_begin, &totals->load_end);
    for (unsigned end = 0; end < TB_FLOW_NOT_TCP; end++)
        tb_archive_u64(archive, &totals->ended[end]);
    tb_flow_side_describe(archive, &totals->side[0]);
    tb_flow_side_describe(archive, &totals->side[1]);
}

static void describe_stalls(struct tb_archive *archive, struct tb_port_flows *port)
{
    tb_archive_array(archive, &port->stalls, &port->stall_count, sizeof *port->stalls, STALL_SIZE);
    if (tb_archive_reads(archive))
        port->stall_capacity = port->stall_count;
    for (size_t i = 0; i < port->stall_count && !archive->failed; i++)
        TB_ARCHIVE_U64S(archive, &port->stalls[i].begin, &port->stalls[i].end);
}

static void describe_worst(struct tb_archive *archive, struct tb_port_flows *port)
{
    struct tb_stalled_flow *const worst = &port->worst;
    bool known = worst->stall.end != 0;
    tb_archive_bool(archive, &known);
    if (!known)
        return;
    TB_ARCHIVE_U64S(archive, &worst->stall.begin, &worst->stall.end);
    tb_address_describe(archive, &worst->client);
    tb_address_describe(archive, &worst->server);
    if (tb_archive_reads(archive) && !archive->failed)
        archive->failed = worst->stall.end <= worst->stall.begin;
}

/* A port may have been met without any flow that counts: it has no server then. */
static void describe_server(struct tb_archive *archive, struct tb_port_flows *port)
{
    bool known = port->server.version != 0;
    tb_archive_bool(archive, &known);
    if (known)
        tb_address_describe(archive, &port->server);
}

static void describe_port(struct tb_archive *archive, struct tb_port_flows *port)
{
    tb_archive_u64(archive, &port->first_packet);
    describe_server(archive, port);
    describe_totals(archive, &port->unfinished);
    describe_totals(archive, &port->completed);
    tb_histogram_describe(archive, &port->handshake);
    for (unsigned side = 0; side < 2; side++) {
        tb_histogram_describe(archive, &port->segment[side]);
        tb_histogram_describe(archive, &port->gap[side]);
        tb_histogram_describe(archive, &port->rtt[side]);
        TB_ARCHIVE_U64S(archive, &port->sized_segments[side], &port->full_segments[side], &port->unread_packets[side]);
    }
    describe_stalls(archive, port);
    describe_worst(archive, port);
}

/* The entry of a port, made when there is none: of one table of a summary. */
typedef struct tb_port_flows *port_maker(struct tb_flow_summary *summary, uint16_t port);

/* The entry that stands at place, or is made there. */
static void describe_entry(struct tb_archive *archive, struct tb_flow_summary *summary, port_maker *make,
                           const struct tb_port_table *table, size_t place)
{
    uint16_t number = tb_archive_reads(archive) ? 0 : table->items[place]->port;
    tb_archive_u16(archive, &number);
    if (tb_archive_reads(archive) && !archive->failed)
        archive->failed = make(summary, number) == NULL || table->count != place + 1;
    if (!archive->failed)
        describe_port(archive, table->items[place]);
}

static void describe_table(struct tb_archive *archive, struct tb_flow_summary *summary, port_maker *make,
                           const struct tb_port_table *table)
{
    size_t count = table->count;
    tb_archive_count(archive, &count, PORT_MIN);
    for (size_t i = 0; i < count && !archive->failed; i++)
        describe_entry(archive, summary, make, table, i);
}

void tb_flow_summary_describe(struct tb_archive *archive, struct tb_flow_summary *summary)
{
    TB_ARCHIVE_U64S(archive, &summary->flows, &summary->late_packets, &summary->copied_packets);
    describe_table(archive, summary, tb_flow_summary_port, &summary->ports);
    describe_table(archive, summary, tb_flow_summary_turned, &summary->turned);
    if (tb_archive_reads(archive) && !archive->failed)
        archive->failed = !tb_flow_summary_complete(summary);
}
