/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_PACKET_COPIES_H
#define TWINBED_SRC_FLOW_PACKET_COPIES_H

/* Captures of several interfaces, of mirror ports, and those merged from several hold a packet as
 * often as it passed one of their points. All but the first are copies. They are told from packets
 * that were sent again by what no hop changes, and by what a sender never gives to two packets:
 * docs/method.md.
 *
 * A packet is looked for among those before it between its endpoints, so what is found depends on
 * these alone. To look for each would take long: what carries bytes or an acknowledgement beyond
 * all before it is no copy, and not to be looked for (is_copy_in_flow in tcp_counter.c).
 *
 * Packets of the batch at hand are looked at where they lie; the last ones of the batches before
 * are remembered here. */

#include "flow_batch.h"

/* A copy comes so soon after the packet, and not behind more packets of the file, or between its
 * endpoints. On one machine copies are microseconds apart, between two points of a local network
 * milliseconds. No usual timer sends a SYN again so soon, and no sender's identifications come
 * round. */
#define TB_COPIES_NS UINT64_C(10000000)
enum { TB_COPIES_FILE_PACKETS = 4096, TB_COPIES_FLOW_PACKETS = 255 };

struct tb_recent_packets;
struct tb_recent_packet;

/* Zero it to start. What was before the batch is remembered where it may matter. */
struct tb_packet_copies {
    struct tb_recent_packets *recent; /* owned; NULL until a batch was emptied */
    uint64_t count;                   /* of copies found */
};

/* Frees what is remembered; the count stays. */
void tb_packet_copies_free(struct tb_packet_copies *copies);

/* Bytes at most that one takes. */
size_t tb_packet_copies_most(void);

/* The packets of the bucket before the batch, for its runs; first is the first one in the batch. NULL when none is
 * near. Borrowed until the batch is remembered. */
const struct tb_recent_packet *tb_packet_copies_before(const struct tb_packet_copies *copies,
                                                       const struct tb_flow_bucket *bucket,
                                                       const struct tb_flow_packet *first);

/* Whether packet number place of the run is a copy: then it is marked (tb_packet.copied) and
 * counted. A fragment never is. */
bool tb_packet_copies_find(struct tb_packet_copies *copies, const struct tb_flow_run *run, uint32_t place);

/* Remembers the last packets of a batch, of which all that matter were looked for, before it is emptied. False when
 * memory is short. */
TB_MUST_USE bool tb_packet_copies_remember(struct tb_packet_copies *copies, const struct tb_flow_batch *batch);

#endif
