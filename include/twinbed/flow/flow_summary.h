/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_FLOW_FLOW_SUMMARY_H
#define TWINBED_FLOW_FLOW_SUMMARY_H

/* What stays of flows when their rows are gone: sums and distributions over the
 * TCP flows of each server port. Everything is an integer and adds up, so the
 * summaries of the parts of a capture make that of the whole, in any order.
 *
 * Where no SYN told who the client is, a flow counts under both of its ports, each
 * time with the other end as the client: so all flows on a port are found, and with
 * the right roles, whatever port turns out to be the server's.
 *
 * A port takes 3.4 kB, each of its distributions that has values 64 bytes, beyond
 * 16 values 0.5 to 3.5 kB and 1 kB for each 128 neighbouring bins that hold some
 * (flow/histogram.h), and each flow that stood still 16 bytes, twice when complete. There are at most 2^16 ports
 * of servers, and as many of assumed clients. */

#include "twinbed/flow/flow.h"
#include "twinbed/flow/histogram.h"

/* Sums over flows. */
struct tb_flow_totals {
    uint64_t flows;
    uint64_t ended[TB_FLOW_NOT_TCP]; /* flows by outcome */
    uint64_t completed;              /* with a completed reply */
    uint64_t duration;               /* ns */
    uint64_t load_begin, load_end;   /* ns since the epoch: the first request, the last packet of a reply; 0 without */
    uint64_t late_packets;           /* that came when their flow had left memory; in packets, ip_bytes, payload_bytes
                                        and data_packets of side[], and in nothing else */
    struct tb_flow_side side[2];     /* sums of every counter, counts and sums of times; what is no sum is 0 */
};

/* A time at which a flow stood still, the longest of it; ns since the epoch. */
struct tb_stall_interval {
    uint64_t begin;
    uint64_t end;
};

/* A flow, and its longest stall. */
struct tb_stalled_flow {
    struct tb_stall_interval stall; /* the end is 0 where no flow stood still */
    struct tb_address client;
    struct tb_address server;
};

/* Whether one stood still longer than the other; as long, but earlier; at the same time, but has lower addresses. Either
 * may be none. So the worst of some flows is the same in whatever order they come. */
bool tb_stalled_flow_is_worse(const struct tb_stalled_flow *one, const struct tb_stalled_flow *other);

/* The flows on one port of the server's side. Of the arrays of two, the first is
 * of what the client sent. */
struct tb_port_flows {
    uint16_t port;
    uint64_t first_packet;            /* of the first flow */
    struct tb_address server;         /* of the first flow; version 0 without flows */
    struct tb_flow_totals unfinished; /* flows without a completed reply */
    struct tb_flow_totals completed;  /* the others */
    struct tb_histogram handshake;    /* ns, of each flow that shows one */
    struct tb_histogram segment[2];   /* payload of each packet with payload */
    struct tb_histogram gap[2];       /* ns, from a packet to the next of its side */
    struct tb_histogram rtt[2];       /* ns, from a segment to its acknowledgement */
    uint64_t sized_segments[2];       /* packets with payload on flows whose MSS is known ... */
    uint64_t full_segments[2];        /* ... and of these, as large as the MSS allows, or larger */
    uint64_t unread_packets[2];       /* packets with payload of which the file keeps too little to tell whether an HTTP
                                         message begins there */
    struct tb_stall_interval *stalls; /* owned; of flows that stood still for 1 s and more; ordered when complete */
    size_t stall_count;
    size_t stall_capacity;
    struct tb_stalled_flow worst; /* of those that stood still */
};

/* Entries of ports. */
struct tb_port_table {
    struct tb_port_flows **items; /* owned, each and all; ordered by port when complete */
    size_t count;
    size_t capacity;
    uint32_t *place_of; /* owned; while flows are added, place of each port + 1 */
};

/* Zero it to start. */
struct tb_flow_summary {
    uint64_t flows;              /* all there are, TCP or not */
    uint64_t late_packets;       /* of all of them */
    uint64_t copied_packets;     /* left out, because they had been recorded before; in nothing else */
    struct tb_port_table ports;  /* each flow once, under the port of its server as far as it is known */
    struct tb_port_table turned; /* flows whose roles are assumed, under the port of the client, with roles exchanged */
    struct tb_port_table both;   /* when complete: the sums of ports that stand in both */
    struct tb_port_flows *all;   /* owned; of all ports together, each flow once, when complete */
};

void tb_flow_summary_free(struct tb_flow_summary *summary);

/* The entry of a port, made when there is none; it stays where it is. NULL when memory is short. */
struct tb_port_flows *tb_flow_summary_port(struct tb_flow_summary *summary, uint16_t port);
/* The same of the flows whose roles are assumed and that have their client on the port. */
struct tb_port_flows *tb_flow_summary_turned(struct tb_flow_summary *summary, uint16_t port);

/* Adds a flow that is over: its counters, its handshake and its longest stall; under
 * both ports when its roles are assumed. False when memory is short. */
TB_MUST_USE bool tb_flow_summary_add(struct tb_flow_summary *summary, const struct tb_flow *flow);

/* Adds another, to one that is not complete. False when memory is short. */
TB_MUST_USE bool tb_flow_summary_merge(struct tb_flow_summary *into, const struct tb_flow_summary *from);

/* To be called once, when everything is added. False when memory is short. */
TB_MUST_USE bool tb_flow_summary_complete(struct tb_flow_summary *summary);

/* Of a complete summary: the flows that have their server on a port, or may have it
 * there; all TCP flows, with the roles they were given, for port 0. Borrowed, never
 * NULL. */
const struct tb_port_flows *tb_flow_summary_find(const struct tb_flow_summary *summary, uint16_t port);

/* The sums over all flows of a port, or those with a completed reply only. */
void tb_port_flows_totals(const struct tb_port_flows *port, bool completed_only, struct tb_flow_totals *totals);

/* What the clients of a port asked for. */
struct tb_port_work {
    uint64_t requests;    /* HTTP/1 requests seen */
    uint64_t connections; /* with a completed reply */
    uint64_t packets;     /* of clients, with payload */
    uint64_t unread;      /* of these: see unread_packets */
    bool readable;        /* the requests are all there are: some were seen, and no packet was unread */
};

void tb_port_flows_work(const struct tb_port_flows *port, struct tb_port_work *work);

/* A complete summary, as part of what is described. */
void tb_flow_summary_describe(struct tb_archive *archive, struct tb_flow_summary *summary);

#endif
