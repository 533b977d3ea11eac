/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/flow/flow_summary.h"

#include <stdlib.h>
#include <string.h>

#include "flow_totals.h"
#include "packet/packet.h"
#include "twinbed/base/containers.h"

enum { PORTS = 1 << 16 };

static const struct tb_port_flows no_flows = {.handshake.bits = TB_HISTOGRAM_FINE,
                                              .segment[0].bits = TB_HISTOGRAM_FINE,
                                              .segment[1].bits = TB_HISTOGRAM_FINE,
                                              .gap[0].bits = TB_HISTOGRAM_COARSE,
                                              .gap[1].bits = TB_HISTOGRAM_COARSE,
                                              .rtt[0].bits = TB_HISTOGRAM_COARSE,
                                              .rtt[1].bits = TB_HISTOGRAM_COARSE};

static void free_port(struct tb_port_flows *port)
{
    if (port == NULL)
        return;
    tb_histogram_free(&port->handshake);
    for (unsigned side = 0; side < 2; side++) {
        tb_histogram_free(&port->segment[side]);
        tb_histogram_free(&port->gap[side]);
        tb_histogram_free(&port->rtt[side]);
    }
    free(port->stalls);
    free(port);
}

static void free_table(struct tb_port_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        free_port(table->items[i]);
    free(table->items);
    free(table->place_of);
}

void tb_flow_summary_free(struct tb_flow_summary *summary)
{
    free_table(&summary->ports);
    free_table(&summary->turned);
    free_table(&summary->both);
    free_port(summary->all);
    *summary = (struct tb_flow_summary){0};
}

static struct tb_port_flows *make_port(uint16_t number)
{
    struct tb_port_flows *port = malloc(sizeof *port);
    if (port == NULL)
        return NULL;
    *port = no_flows;
    port->port = number;
    return port;
}

static struct tb_port_flows *add_port(struct tb_port_table *table, uint16_t number)
{
    if (!tb_array_reserve(&table->items, &table->capacity, table->count + 1, sizeof table->items[0]))
        return NULL;
    struct tb_port_flows *made = make_port(number);
    if (made != NULL)
        table->items[table->count++] = made;
    return made;
}

static struct tb_port_flows *port_in(struct tb_port_table *table, uint16_t number)
{
    if (table->place_of == NULL)
        table->place_of = calloc(PORTS, sizeof table->place_of[0]);
    if (table->place_of == NULL)
        return NULL;
    if (table->place_of[number] != 0)
        return table->items[table->place_of[number] - 1];
    struct tb_port_flows *made = add_port(table, number);
    if (made != NULL)
        table->place_of[number] = (uint32_t)table->count;
    return made;
}

struct tb_port_flows *tb_flow_summary_port(struct tb_flow_summary *summary, uint16_t port)
{
    return port_in(&summary->ports, port);
}

struct tb_port_flows *tb_flow_summary_turned(struct tb_flow_summary *summary, uint16_t port)
{
    return port_in(&summary->turned, port);
}

/* The longer stall of the two sides. */
static struct tb_stall_interval longest_stall(const struct tb_flow *flow)
{
    const struct tb_flow_detail *detail = &flow->side[0].detail;
    if (flow->side[1].detail.stall_longest > detail->stall_longest)
        detail = &flow->side[1].detail;
    return (struct tb_stall_interval){detail->stall_begin, detail->stall_begin + detail->stall_longest};
}

static bool add_stalls(struct tb_port_flows *port, const struct tb_stall_interval *stalls, size_t count)
{
    if (!tb_array_reserve(&port->stalls, &port->stall_capacity, port->stall_count + count, sizeof *port->stalls))
        return false;
    for (size_t i = 0; i < count; i++)
        port->stalls[port->stall_count++] = stalls[i];
    return true;
}

static int compare_addresses(const struct tb_address *one, const struct tb_address *other)
{
    const int bytes = memcmp(one->bytes, other->bytes, sizeof one->bytes);
    return bytes != 0 ? bytes : (int)one->port - (int)other->port;
}

bool tb_stalled_flow_is_worse(const struct tb_stalled_flow *one, const struct tb_stalled_flow *other)
{
    const uint64_t length = one->stall.end - one->stall.begin, against = other->stall.end - other->stall.begin;
    if (length != against)
        return length > against;
    if (one->stall.begin != other->stall.begin)
        return one->stall.begin < other->stall.begin;
    const int clients = compare_addresses(&one->client, &other->client);
    return clients != 0 ? clients < 0 : compare_addresses(&one->server, &other->server) < 0;
}

static void note_worst(struct tb_port_flows *port, const struct tb_stalled_flow *flow)
{
    if (tb_stalled_flow_is_worse(flow, &port->worst))
        port->worst = *flow;
}

static void note_first(struct tb_port_flows *port, uint64_t first_packet, const struct tb_address *server)
{
    if (server->version == 0 || (port->server.version != 0 && port->first_packet <= first_packet))
        return;
    port->first_packet = first_packet;
    port->server = *server;
}

struct tb_flow_totals *tb_port_flows_add(struct tb_port_flows *port, const struct tb_flow_outcome *outcome)
{
    struct tb_flow_totals *totals = outcome->completed_reply ? &port->completed : &port->unfinished;
    note_first(port, outcome->first_packet, &outcome->server);
    tb_flow_totals_add(totals, outcome);
    return outcome->handshake == 0 || tb_histogram_add(&port->handshake, outcome->handshake) ? totals : NULL;
}

/* Adds a TCP flow to the port of its server. */
static bool add_flow(struct tb_port_flows *port, const struct tb_flow *flow)
{
    const struct tb_flow_detail *request = &flow->side[0].detail, *reply = &flow->side[1].detail;
    const struct tb_flow_outcome outcome = {.first_packet = flow->first_packet,
                                            .server = flow->server,
                                            .duration = flow->end - flow->start,
                                            .handshake = flow->handshake,
                                            .load_begin = request->data_begin,
                                            .load_end = tb_flow_load_end(reply->data_begin, reply->data_time),
                                            .ended = flow->ended,
                                            .completed_reply = flow->completed_reply};
    struct tb_flow_totals *totals = port == NULL ? NULL : tb_port_flows_add(port, &outcome);
    if (totals == NULL)
        return false;
    for (unsigned side = 0; side < 2; side++)
        tb_flow_side_add(&totals->side[side], &flow->side[side]);
    const struct tb_stall_interval stall = longest_stall(flow);
    if (stall.end <= stall.begin)
        return true;
    note_worst(port, &(struct tb_stalled_flow){.stall = stall, .client = flow->client, .server = flow->server});
    return add_stalls(port, &stall, 1);
}

bool tb_flow_summary_add(struct tb_flow_summary *summary, const struct tb_flow *flow)
{
    summary->flows++;
    if (flow->protocol != TB_PROTOCOL_TCP)
        return true;
    if (!add_flow(tb_flow_summary_port(summary, flow->server.port), flow))
        return false;
    if (!flow->roles_assumed || flow->client.port == flow->server.port)
        return true;
    struct tb_flow turned = *flow;
    tb_flow_turn(&turned);
    return add_flow(tb_flow_summary_turned(summary, turned.server.port), &turned);
}

static bool merge_port(struct tb_port_flows *into, const struct tb_port_flows *from)
{
    note_first(into, from->first_packet, &from->server);
    note_worst(into, &from->worst);
    tb_flow_totals_merge(&into->unfinished, &from->unfinished);
    tb_flow_totals_merge(&into->completed, &from->completed);
    bool merged =
        tb_histogram_merge(&into->handshake, &from->handshake) && add_stalls(into, from->stalls, from->stall_count);
    for (unsigned side = 0; side < 2; side++) {
        into->sized_segments[side] += from->sized_segments[side];
        into->full_segments[side] += from->full_segments[side];
        into->unread_packets[side] += from->unread_packets[side];
        merged = merged && tb_histogram_merge(&into->segment[side], &from->segment[side]) &&
                 tb_histogram_merge(&into->gap[side], &from->gap[side]) &&
                 tb_histogram_merge(&into->rtt[side], &from->rtt[side]);
    }
    return merged;
}

static bool merge_table(struct tb_port_table *into, const struct tb_port_table *from)
{
    for (size_t i = 0; i < from->count; i++) {
        struct tb_port_flows *port = port_in(into, from->items[i]->port);
        if (port == NULL || !merge_port(port, from->items[i]))
            return false;
    }
    return true;
}

bool tb_flow_summary_merge(struct tb_flow_summary *into, const struct tb_flow_summary *from)
{
    into->flows += from->flows;
    into->late_packets += from->late_packets;
    into->copied_packets += from->copied_packets;
    return merge_table(&into->ports, &from->ports) && merge_table(&into->turned, &from->turned);
}

static int compare_ports(const void *one, const void *other)
{
    const struct tb_port_flows *const *a = one, *const *b = other;
    return (*a)->port - (*b)->port;
}

static int compare_stalls(const void *one, const void *other)
{
    const struct tb_stall_interval *a = one, *b = other;
    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    return a->end < b->end ? -1 : a->end > b->end;
}

static void sort_stalls(struct tb_port_flows *port)
{
    if (port->stall_count != 0)
        qsort(port->stalls, port->stall_count, sizeof *port->stalls, compare_stalls);
}

static void complete_table(struct tb_port_table *table)
{
    free(table->place_of);
    table->place_of = NULL;
    if (table->count != 0)
        qsort(table->items, table->count, sizeof table->items[0], compare_ports);
    for (size_t i = 0; i < table->count; i++)
        sort_stalls(table->items[i]);
}

/* NULL when there is none. */
static struct tb_port_flows *find_in(const struct tb_port_table *table, uint16_t number)
{
    const struct tb_port_flows wanted = {.port = number}, *key = &wanted;
    struct tb_port_flows *const *found =
        table->count == 0 ? NULL : bsearch(&key, table->items, table->count, sizeof table->items[0], compare_ports);
    return found == NULL ? NULL : *found;
}

/* What two entries of one port add up to, in the order of ports. */
static bool add_both(struct tb_flow_summary *summary, const struct tb_port_flows *one,
                     const struct tb_port_flows *other)
{
    struct tb_port_flows *sum = add_port(&summary->both, one->port);
    if (sum == NULL || !merge_port(sum, one) || !merge_port(sum, other))
        return false;
    sort_stalls(sum);
    return true;
}

static bool complete_both(struct tb_flow_summary *summary)
{
    for (size_t i = 0; i < summary->turned.count; i++) {
        const struct tb_port_flows *turned = summary->turned.items[i];
        const struct tb_port_flows *known = find_in(&summary->ports, turned->port);
        if (known != NULL && !add_both(summary, known, turned))
            return false;
    }
    return true;
}

bool tb_flow_summary_complete(struct tb_flow_summary *summary)
{
    complete_table(&summary->ports);
    complete_table(&summary->turned);
    summary->all = make_port(0);
    bool complete = summary->all != NULL && complete_both(summary);
    for (size_t i = 0; i < summary->ports.count && complete; i++)
        complete = merge_port(summary->all, summary->ports.items[i]);
    if (complete)
        sort_stalls(summary->all);
    return complete;
}

const struct tb_port_flows *tb_flow_summary_find(const struct tb_flow_summary *summary, uint16_t port)
{
    if (port == 0)
        return summary->all == NULL ? &no_flows : summary->all;
    const struct tb_port_table *const tables[] = {&summary->both, &summary->ports, &summary->turned};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        const struct tb_port_flows *found = find_in(tables[i], port);
        if (found != NULL)
            return found;
    }
    return &no_flows;
}

void tb_port_flows_totals(const struct tb_port_flows *port, bool completed_only, struct tb_flow_totals *totals)
{
    *totals = (struct tb_flow_totals){0};
    tb_flow_totals_merge(totals, &port->completed);
    if (!completed_only)
        tb_flow_totals_merge(totals, &port->unfinished);
}

void tb_port_flows_work(const struct tb_port_flows *port, struct tb_port_work *work)
{
    struct tb_flow_totals totals;
    tb_port_flows_totals(port, false, &totals);
    *work = (struct tb_port_work){.requests = totals.side[0].detail.requests,
                                  .connections = totals.completed,
                                  .packets = totals.side[0].data_packets,
                                  .unread = port->unread_packets[0]};
    work->readable = work->requests != 0 && work->unread == 0;
}
