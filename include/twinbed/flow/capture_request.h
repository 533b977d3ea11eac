/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_FLOW_CAPTURE_REQUEST_H
#define TWINBED_FLOW_CAPTURE_REQUEST_H

/* What is asked of a packet capture, and for how long flows are kept while it is read. */

#include <stdbool.h>
#include <stdint.h>

#include "twinbed/flow/flow.h"
#include "twinbed/flow/flow_sink.h"

/* Which flows get a row. */
enum tb_flow_rows {
    TB_FLOW_ROWS_ALL, /* every flow */
    TB_FLOW_ROWS_NONE /* none: what flows add up to is in the summary */
};

/* A TCP flow is over when both FINs are acknowledged or an RST was seen. It leaves
 * memory when this much time (in the capture, as its latest packet shows it) has
 * gone by without another packet of it: a little more than the 13 s for which
 * an emulated network adapter stands still. By the rules of tcptrace 240 s of
 * silence end any flow; twice that allows for clocks that go back. */
#define TB_FLOW_LINGER_NS UINT64_C(15000000000)
#define TB_FLOW_LINGER_TCPTRACE_NS UINT64_C(480000000000)

/* For so long after that (2 MSL as Linux has it) a packet between its endpoints
 * that begins no connection is late: counted, and otherwise ignored. */
#define TB_FLOW_REMEMBERED_NS UINT64_C(60000000000)

struct tb_capture_request {
    const char *filter; /* libpcap expression, or NULL for every packet */
    enum tb_flow_rules rules;
    enum tb_flow_rows rows;
    struct tb_flow_sink *sink; /* where rows go; NULL: into the capture, about 1.6 kB each */
    uint64_t linger;           /* ns; 0: as above */
    bool sample;               /* keep packets to be found again in a capture at the other end */
    bool outer_only;           /* count the packets that carry others, not those inside */
    bool keep_copies; /* count packets as often as they were recorded; so by the rules of tcptrace in any case */
};

/* Bytes that a live flow takes, its places in tables and two segments in flight of each side included; those with
 * retransmissions, holes or much in flight take more: docs/running.md. */
enum { TB_LIVE_FLOW_BYTES = 1200 };

#endif
