/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_SENT_LIST_H
#define TWINBED_SRC_FLOW_SENT_LIST_H

/* What one side has sent, segment by segment: when, how often, and whether it was acknowledged. SYN
 * and FIN use a number each.
 *
 *       acknowledged, joined | in flight: a segment each        | highest
 *       [================]     [----][----][----][----]
 *       tb_sent_list_acknowledge ->            <- tb_sent_list_append, tb_sent_list_add
 *
 * From this follow round-trip times, what was sent again and why, and how much is outstanding.
 * Acknowledged segments that touch become one, so the list is about as long as what is in flight.
 * It is bounded: of more than TB_SENT_MAX segments the two lowest become one.
 *
 * Most packets take one of two short ways, which are here: tb_sent_list_append (the next bytes) and
 * tb_sent_list_acknowledge_again (nothing new). One thread at a time. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/status.h"

/* A segment, or acknowledged ones that were joined. */
struct tb_sent {
    uint64_t first;            /* Position of its first number. */
    uint64_t end;              /* one behind the last */
    uint64_t time;             /* ns, when it was sent last */
    uint32_t repeats;          /* How often some of it was sent again. */
    uint32_t acknowledgements; /* in a row, up to now; 0: not acknowledged */
};

/* Segments that stand in the list itself, those of the smallest allocation, and the most there may
 * be; acknowledged ones that do not touch, at most. */
enum { TB_SENT_INLINE = 2, TB_SENT_SOME = 8, TB_SENT_MAX = 4096, TB_SENT_ACKNOWLEDGED_MAX = 64 };

/* Room for TB_SENT_SOME segments that no list needs now. Most flows need some for a while: taking
 * it from here costs less than from the allocator, and it is still in the cache. Zero it to start. */
struct tb_sent_pool {
    struct tb_sent *free; /* owned, with all that follow; the first bytes of each are a pointer to the next */
};

/* Frees all that is in the pool. */
void tb_sent_pool_free(struct tb_sent_pool *pool);

/* The segments of one side. Zero it to start. */
struct tb_sent_list {
    struct tb_sent few[TB_SENT_INLINE]; /* the segments, while there is no list */
    struct tb_sent *many;               /* owned */
    uint64_t highest;                   /* one behind the highest number sent; 0: nothing was sent */
    uint16_t head;                      /* Index of the first segment. */
    uint16_t count;
    uint16_t more;         /* room of many beyond that of few; 0 without many */
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
    bool out_of_order;         /* It fills numbers that were passed over before. */
    bool waited;               /* wait is set */
    uint64_t wait; /* ns since the last copy of the first segment it touches, when that is not acknowledged */
};

/* What an acknowledgement found. */
struct tb_acknowledgement {
    uint32_t cumulative; /* segments newly acknowledged that it did not end at */
    bool matched;        /* it ended at a segment newly acknowledged: */
    bool post_loss;      /* an earlier segment was sent later */
    bool ambiguous;      /* the segment was repeated */
    uint64_t length;     /* of that segment */
    uint64_t rtt;        /* ns since it was sent last */
    uint32_t in_a_row;   /* acknowledgements of a segment that had been acknowledged before and ends there; else 0 */
};

/* Gives back what the list owns. The pool is always the same one. */
void tb_sent_list_free(struct tb_sent_list *list, struct tb_sent_pool *pool);

/* Lets go of memory that few segments do not need. */
void tb_sent_list_shrink(struct tb_sent_list *list, struct tb_sent_pool *pool);

/* The 64-bit position of a sequence number: the one nearest to the highest. */
static inline uint64_t tb_sent_position(const struct tb_sent_list *list, uint32_t sequence)
{
    if (!tb_sent_any(list))
        return ((uint64_t)1 << 32) + sequence;
    return list->highest + (uint64_t)(int64_t)(int32_t)(sequence - (uint32_t)list->highest);
}

/* The segments, count of them, in order; borrowed until the list changes. */
static inline struct tb_sent *tb_sent_items(struct tb_sent_list *list)
{
    return (list->many != NULL ? list->many : list->few) + list->head;
}

/* How many segments it has room for now. */
static inline uint32_t tb_sent_room(const struct tb_sent_list *list)
{
    return (uint32_t)TB_SENT_INLINE + list->more;
}

/* Adds length numbers, at least one, that are the first or go on where everything sent ends, when there is room: as
 * tb_sent_list_add would, which finds nothing then. False, with nothing done, otherwise. */
static inline bool tb_sent_list_append(struct tb_sent_list *list, uint32_t sequence, uint32_t length, uint64_t now)
{
    const uint64_t first = tb_sent_any(list) ? list->highest : ((uint64_t)1 << 32) + sequence;
    const uint32_t at = (uint32_t)list->head + list->count;
    if (sequence != (uint32_t)first || at >= tb_sent_room(list) || list->count >= TB_SENT_MAX)
        return false;
    (list->many != NULL ? list->many : list->few)[at] =
        (struct tb_sent){.first = first, .end = first + length, .time = now};
    list->count++;
    list->highest = first + length;
    return true;
}

/* Adds length numbers, at least one, sent now. False when memory is short. */
TB_MUST_USE bool tb_sent_list_add(struct tb_sent_list *list, struct tb_sent_pool *pool, uint32_t sequence,
                                  uint32_t length, uint64_t now, struct tb_sent_found *found);

/* An acknowledgement of everything before the number, by a packet of that time. duplicate: it says
 * nothing new. by_started: a segment that it ends inside counts as acknowledged, as tcptrace has
 * it. *answer is set in any case. */
void tb_sent_list_acknowledge(struct tb_sent_list *list, uint32_t number, bool duplicate, bool by_started,
                              uint64_t time, struct tb_acknowledgement *answer);

/* The end of a segment is acknowledged that had been before. How often in a row. */
static inline uint32_t tb_sent_count_again(struct tb_sent *known, bool duplicate)
{
    return known->acknowledgements = duplicate ? known->acknowledgements + 1 : 1;
}

/* As tb_sent_list_acknowledge, where the number ends what is acknowledged, as on most packets with payload. False, with
 * nothing done, otherwise. in_a_row: as in the answer, in which nothing else would be found. */
static inline bool tb_sent_list_acknowledge_again(struct tb_sent_list *list, uint32_t number, bool duplicate,
                                                  uint32_t *in_a_row)
{
    if (list->acknowledged == 0)
        return false;
    struct tb_sent *const last = &tb_sent_items(list)[list->acknowledged - 1];
    if (last->end != tb_sent_position(list, number))
        return false;
    *in_a_row = tb_sent_count_again(last, duplicate);
    return true;
}

#endif
