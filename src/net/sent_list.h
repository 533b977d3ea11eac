/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_NET_SENT_LIST_H
#define TWINBED_SRC_NET_SENT_LIST_H

/* What one side has sent, segment by segment: when, how often, and whether it
 * was acknowledged. SYN and FIN use a number each.
 *
 * Acknowledged segments that touch become one, so the list is about as long as
 * what is in flight. */

#include <stdbool.h>
#include <stdint.h>

#include "twinbed/base/status.h"

struct tb_sent {
    uint64_t first;
    uint64_t end;  /* one behind the last */
    uint64_t time; /* ns, when it was sent last */
    uint32_t repeats;
    uint32_t acknowledgements; /* in a row, up to now; 0: not acknowledged */
};

enum { TB_SENT_INLINE = 2, TB_SENT_MAX = 4096, TB_SENT_ACKNOWLEDGED_MAX = 64 };

/* Zero it to start. */
struct tb_sent_list {
    struct tb_sent few[TB_SENT_INLINE]; /* the segments, while there is no list */
    struct tb_sent *many;               /* owned */
    uint64_t highest;                   /* one behind the highest number sent; 0: nothing was sent */
    uint16_t head;                      /* of the first segment */
    uint16_t count;
    uint16_t capacity;     /* of many */
    uint16_t acknowledged; /* so many segments at the beginning are acknowledged */
};

/* Something was sent: positions are never below 2^32. */
static inline bool tb_sent_any(const struct tb_sent_list *list)
{
    return list->highest != 0;
}

/* What adding a segment found. */
struct tb_sent_found {
    uint32_t repeated;         /* numbers that had been sent before */
    uint32_t old_acknowledged; /* of these, in segments that had been acknowledged */
    uint32_t most_repeats;     /* of the first segment it touches, when that is not acknowledged */
    bool out_of_order;
    bool waited;   /* wait is set */
    uint64_t wait; /* ns since the last copy of the first segment it touches, when that is not acknowledged */
};

/* What an acknowledgement found. */
struct tb_sent_answer {
    uint32_t cumulative; /* segments newly acknowledged that it did not end at */
    bool matched;        /* it ended at a segment newly acknowledged: */
    bool post_loss;      /* an earlier segment was sent later */
    bool ambiguous;      /* the segment was repeated */
    uint64_t length;     /* of that segment */
    uint64_t rtt;        /* ns since it was sent last */
    uint32_t in_a_row;   /* acknowledgements of a segment that had been acknowledged before and ends there; else 0 */
};

void tb_sent_list_free(struct tb_sent_list *list);

/* Lets go of memory that few segments do not need. */
void tb_sent_list_shrink(struct tb_sent_list *list);

/* The 64-bit position of a sequence number: the one nearest to the highest. */
static inline uint64_t tb_sent_position(const struct tb_sent_list *list, uint32_t sequence)
{
    if (!tb_sent_any(list))
        return ((uint64_t)1 << 32) + sequence;
    return list->highest + (uint64_t)(int64_t)(int32_t)(sequence - (uint32_t)list->highest);
}

/* Adds length numbers, at least one, sent now. False when memory is short. */
TB_MUST_USE bool tb_sent_list_add(struct tb_sent_list *list, uint32_t sequence, uint32_t length, uint64_t now,
                                  struct tb_sent_found *found);

/* An acknowledgement of everything before the number. */
struct tb_sent_taken {
    uint32_t number;
    bool duplicate;  /* it says nothing new */
    bool by_started; /* a segment that it ends inside counts as acknowledged, as tcptrace has it */
    uint64_t time;
};

void tb_sent_list_acknowledge(struct tb_sent_list *list, const struct tb_sent_taken *taken,
                              struct tb_sent_answer *answer);

#endif
