/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_LIVE_FLOWS_H
#define TWINBED_SRC_FLOW_LIVE_FLOWS_H

/* The flows that may still get packets, found by their endpoints, and for a while tombstones of
 * those that left memory.
 *
 *       begun -> live -> over (its time runs) -> leaves --> tombstone -> forgotten
 *                  ^                |
 *                  +-- late packets touch it: its time runs anew
 *
 * Both kinds leave by a clock: the latest time of any packet so far, which each packet bears. Each
 * waits in a queue from when its time began; at the head of the queue it is looked at again, and
 * goes to the end when it was touched since. So nothing is done for each packet, and what has left
 * by the clock is at most one wait longer in memory; a look-up goes by the clock, so that nobody
 * can tell.
 *
 * One hash table leads from endpoints to either kind. Flows stand in blocks that never move, so
 * pointers to live flows are good until they leave; tombstones stand in an array that may move when
 * one is added.
 *
 * Functions that return false were short of memory. One table is used by one thread at a time. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "live_side.h"
#include "packet/flow_table.h"
#include "twinbed/flow/flow_summary.h"

/* What the choice of the client stands on, weakest first. */
enum tb_client_by { TB_CLIENT_BY_PACKET, TB_CLIENT_BY_SYN_ACK, TB_CLIENT_BY_SYN };

/* The latest flow between two endpoints and what is needed to go on with it. Sides are in the order
 * of the first packet: side 0 sent it. */
struct tb_live_flow {
    struct tb_flow_key key; /* All zero in a free one. */
    uint64_t clock;         /* when it was touched last */
    uint64_t end;           /* Time of the latest packet, in nanoseconds since the epoch. */
    /* Time of the last packet in the file, which may not be the latest; 0 before the first. */
    uint64_t last_time;
    struct tb_port_flows *port; /* Borrowed; of TCP: that of the server as far as it is known. */
    uint8_t first_direction;    /* tb_flow_key_make of the first packet: the direction of side 0. */
    uint8_t client;             /* Which side is taken for the client. */
    uint8_t client_by;          /* enum tb_client_by */
    bool used : 1;              /* else it waits in the queue to be free */
    bool queued : 1;            /* It stands in over_queue. */
    bool over : 1;              /* Both FINs are acknowledged, or it was reset: its time runs. */
    bool reset : 1;             /* an RST came before both FINs */
    bool any_reset : 1;
    bool handshake_seen : 1;
    uint8_t delivered : 2; /* a bit for each side: an RST of it came when all its payload was acknowledged */
    /* TCP: no SYN told who is the client, so distributions are kept for either
     * (tb_live_flow_turned). */
    bool roles_assumed : 1;
    uint8_t protocol;
    uint32_t hash;         /* Lower half of the key's hash, as in its slot. */
    uint32_t item;         /* Its place + 1, as in its slot. */
    uint64_t start;        /* ns, earliest packet */
    uint64_t first_packet; /* Number in the file; no other flow has it. */
    uint64_t handshake;    /* Length in nanoseconds; until it is seen, the time of the client's first SYN. */
    struct tb_live_side side[2];
};

/* What is remembered of a TCP flow that left memory: enough to tell a late packet from a new
 * connection, and to say whose it is. */
struct tb_tombstone {
    struct tb_flow_key key;     /* all zero when it was forgotten or replaced */
    uint64_t clock;             /* when it left, or got its last late packet */
    struct tb_port_flows *port; /* borrowed */
    uint32_t initial[2];        /* Sequence numbers of the SYNs of both sides, or guesses. */
    uint32_t hash;              /* of the key, as in its slot; for tb_live_flows_leave to set */
    bool started[2];            /* initial of that side is set. */
    uint8_t first_direction : 1;
    uint8_t client : 1;
    /* The reply of the server was completed, so late packets count with those of such flows. */
    bool completed : 1;
    bool other_completed : 1; /* were the client the server */
    bool roles_assumed : 1;
};

/* A slot of the hash table. */
struct tb_flow_slot {
    uint32_t hash; /* lower half of the key's hash */
    uint32_t item; /* 0: free; else the place of a live flow + 1, or with TOMBSTONE that of a tombstone */
};

/* Places about in the order in which their time began: packets of one batch are taken flow after
 * flow (flow_batch.h), so within it a later one may stand before an earlier one, which then leaves
 * with it. */
struct tb_flow_queue {
    struct tb_queued_flow {
        uint64_t clock;
        uint32_t place;
    } * items; /* owned; a ring */
    size_t capacity;
    size_t head; /* Index of the first in the ring; capacity is a power of two, or 0. */
    size_t count;
};

/* Zero it to start, then set linger, remembered and seed. */
struct tb_live_flows {
    uint64_t linger;              /* So long, in nanoseconds, a flow that is over waits for late packets. */
    uint64_t remembered;          /* So long those that left are remembered. */
    uint64_t seed;                /* of tb_flow_key_hash */
    struct tb_flow_slot *slots;   /* Owned; open addressing, at most half full; huge pages. */
    size_t capacity;              /* power of two, or 0 */
    size_t slot_count;            /* of these in use */
    struct tb_live_flow **blocks; /* Owned, each and all: flows stay where they are. */
    size_t block_count;
    size_t block_capacity;
    uint32_t flow_count;  /* places ever used */
    uint32_t live_count;  /* of these in use */
    uint32_t *free_flows; /* Owned; places to use again, the latest first, as they may still be in the cache. */
    size_t free_flow_count;
    size_t free_flow_capacity;
    struct tb_sent_pool sent_pool;   /* of the sides of all flows */
    struct tb_tombstone *tombstones; /* Owned; may move. */
    size_t tombstone_count;
    size_t tombstone_capacity;
    uint32_t *free_tombstones; /* owned */
    size_t free_tombstone_count;
    size_t free_tombstone_capacity;
    uint64_t next_due; /* Nothing leaves up to this clock. */
    struct tb_flow_queue over_queue;
    struct tb_flow_queue tombstone_queue;
};

/* What is known between two endpoints: at most one of the two. */
struct tb_found_flow {
    struct tb_live_flow *live;
    struct tb_tombstone *tombstone;
};

/* Frees flows that are still live with all they own. It is zeroed then. */
void tb_live_flows_free(struct tb_live_flows *flows);

/* Fetching what a flow's packets will need, some flows before it is needed, hides
 * most of the time that memory takes. First the slot, then the live flow: hint is
 * where it probably lies, 0 when there seems to be none. */
void tb_live_flows_prefetch_slot(const struct tb_live_flows *flows, uint64_t hash);
uint32_t tb_live_flows_prefetch_flow(const struct tb_live_flows *flows, uint64_t hash);

/* What is known between two endpoints; hash is tb_flow_key_hash of the key. A hint of 0 is always
 * good. Borrowed until it leaves or is forgotten; tombstones until one more flow leaves. */
struct tb_found_flow tb_live_flows_find(struct tb_live_flows *flows, const struct tb_flow_key *key, uint64_t hash,
                                        uint32_t hint);

/* A live flow of which key, hash, item, used and queued are set and the rest is for the caller to
 * set, where no live one was found; a tombstone is forgotten. NULL when memory is short. */
struct tb_live_flow *tb_live_flows_add(struct tb_live_flows *flows, const struct tb_flow_key *key, uint64_t hash);

/* The flow is over: its time runs. It may be called again. */
TB_MUST_USE bool tb_live_flows_end(struct tb_live_flows *flows, struct tb_live_flow *live);

/* Whether something may have to leave or be forgotten at that clock. */
static inline bool tb_live_flows_any_due(const struct tb_live_flows *flows, uint64_t clock)
{
    return clock > flows->next_due;
}

/* A flow whose time is over at that clock, or NULL when there is none; the caller lets it leave
 * before asking again. */
struct tb_live_flow *tb_live_flows_due(struct tb_live_flows *flows, uint64_t clock);

/* Whether a found flow's time is over at that clock. */
static inline bool tb_live_flow_is_due(const struct tb_live_flows *flows, const struct tb_live_flow *live,
                                       uint64_t clock)
{
    return live->over && clock > live->clock && clock - live->clock > flows->linger;
}

/* Of a complete handshake, ns; 0 when none was seen. */
static inline uint64_t tb_live_flow_handshake(const struct tb_live_flow *live)
{
    return live->handshake_seen ? live->handshake : 0;
}

/* The port of the client, where the flow counts too, while roles are assumed; else NULL. Borrowed. */
static inline struct tb_port_flows *tb_live_flow_turned(const struct tb_live_flow *live)
{
    return live->roles_assumed ? live->side[0].rare->turned : NULL;
}

/* Takes note of a packet's time, and of the clock then. */
static inline void tb_live_flow_note_time(struct tb_live_flow *live, uint64_t time, uint64_t clock)
{
    live->clock = clock;
    if (time == clock) {
        live->end = time; /* the latest so far in the whole file */
        return;
    }
    if (time > live->end)
        live->end = time;
    if (time < live->start)
        live->start = time;
}

/* The flow leaves memory; what its sides own is free already. tombstone is what is to be remembered
 * of it, or NULL. False when memory is short. */
TB_MUST_USE bool tb_live_flows_leave(struct tb_live_flows *flows, struct tb_live_flow *live,
                                     const struct tb_tombstone *tombstone);

/* Forgets those that left long enough before that clock, after all that is due has left. */
TB_MUST_USE bool tb_live_flows_forget(struct tb_live_flows *flows, uint64_t clock);

/* Whether a found tombstone is to be forgotten at that clock. */
static inline bool tb_tombstone_is_due(const struct tb_live_flows *flows, const struct tb_tombstone *tombstone,
                                       uint64_t clock)
{
    return clock > tombstone->clock && clock - tombstone->clock > flows->remembered;
}

/* In the end: the live flow at a place below flow_count, which from then on is none; NULL when there was none. No flow
 * is to be found or added any more. */
struct tb_live_flow *tb_live_flows_take(struct tb_live_flows *flows, uint32_t place);

/* Bytes of places that are in memory before a flow takes them, at most. */
size_t tb_live_flows_ahead(void);

#endif
