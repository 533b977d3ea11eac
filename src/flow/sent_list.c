/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sorted array with a head that moves: segments leave at the front when they are joined, and come
 * at the end.
 *
 *       many/few:   | free | acknowledged ... | in flight ... | free |
 *                          ^ head                              ^ head + count
 *
 * The first so many segments are acknowledged and do not touch. In a stream without losses they are
 * one, so acknowledging is a step over the next ones (acknowledge_in_order); everything else takes
 * acknowledge_any. */
#include "sent_list.h"

#include <stdlib.h>
#include <string.h>

void tb_sent_pool_free(struct tb_sent_pool *pool)
{
    while (pool->free != NULL) {
        struct tb_sent *next;
        memcpy(&next, pool->free, sizeof next);
        free(pool->free);
        pool->free = next;
    }
}

static struct tb_sent *take_some(struct tb_sent_pool *pool)
{
    struct tb_sent *const some = pool->free;
    if (some == NULL)
        return malloc(TB_SENT_SOME * sizeof *some);
    memcpy(&pool->free, some, sizeof pool->free);
    return some;
}

static void give_back(struct tb_sent_list *list, struct tb_sent_pool *pool)
{
    if (tb_sent_room(list) != TB_SENT_SOME) {
        free(list->many);
        return;
    }
    memcpy(list->many, &pool->free, sizeof pool->free);
    pool->free = list->many;
}

void tb_sent_list_free(struct tb_sent_list *list, struct tb_sent_pool *pool)
{
    if (list->many != NULL)
        give_back(list, pool);
    *list = (struct tb_sent_list){0};
}

void tb_sent_list_shrink(struct tb_sent_list *list, struct tb_sent_pool *pool)
{
    if (list->many == NULL || list->count > TB_SENT_INLINE)
        return;
    memcpy(list->few, list->many + list->head, list->count * sizeof list->few[0]);
    give_back(list, pool);
    list->many = NULL;
    list->more = 0;
    list->head = 0;
}

/* Makes one of the two lowest. */
static void join_lowest(struct tb_sent_list *list)
{
    struct tb_sent *items = tb_sent_items(list);
    items[1].first = items[0].first;
    if (items[0].time > items[1].time)
        items[1].time = items[0].time;
    if (list->acknowledged != 0)
        list->acknowledged--;
    list->head++;
    list->count--;
}

static bool grow(struct tb_sent_list *list, struct tb_sent_pool *pool)
{
    const uint32_t wanted = 2 * (list->count + 1U), capacity = wanted > TB_SENT_SOME ? wanted : TB_SENT_SOME;
    struct tb_sent *larger = capacity == TB_SENT_SOME ? take_some(pool) : malloc(capacity * sizeof *larger);
    if (larger == NULL)
        return false;
    memcpy(larger, tb_sent_items(list), list->count * sizeof *larger);
    if (list->many != NULL)
        give_back(list, pool);
    list->many = larger;
    list->more = (uint16_t)(capacity - TB_SENT_INLINE);
    list->head = 0;
    return true;
}

/* Room at the front is used again before the array grows, when at least half of it is free there. */
static bool reserve_one(struct tb_sent_list *list, struct tb_sent_pool *pool)
{
    if (list->count >= TB_SENT_MAX)
        join_lowest(list);
    if (list->head + list->count < tb_sent_room(list))
        return true;
    if (list->head >= list->count && list->head != 0) {
        struct tb_sent *items = tb_sent_items(list);
        memcpy(items - list->head, items, list->count * sizeof *items);
        list->head = 0;
        return true;
    }
    return grow(list, pool);
}

static bool insert(struct tb_sent_list *list, struct tb_sent_pool *pool, uint32_t *at, struct tb_sent sent)
{
    const uint32_t count = list->count;
    if (!reserve_one(list, pool))
        return false;
    *at -= *at < count - list->count ? *at : count - list->count;
    struct tb_sent *items = tb_sent_items(list);
    memmove(items + *at + 1, items + *at, (list->count - *at) * sizeof *items);
    items[*at] = sent;
    list->count++;
    if (list->acknowledged > *at)
        list->acknowledged = *at;
    return true;
}

/* Index of the first segment that ends behind the position. */
static uint32_t find(struct tb_sent_list *list, uint64_t position)
{
    const struct tb_sent *items = tb_sent_items(list);
    uint32_t low = 0, high = list->count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (items[middle].end <= position)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The part [first, end) of a segment falls on a known one. */
static void repeat(struct tb_sent *known, uint32_t numbers, uint64_t now, struct tb_sent_found *found)
{
    const bool is_first = found->repeated == 0;
    found->repeated += numbers;
    known->repeats++;
    if (known->acknowledgements != 0)
        found->old_acknowledged += numbers;
    if (!is_first)
        return;
    if (known->acknowledgements == 0) {
        found->most_repeats = known->repeats;
        found->waited = true;
        found->wait = now > known->time ? now - known->time : 0;
    }
    known->time = now;
}

static bool add_below(struct tb_sent_list *list, struct tb_sent_pool *pool, uint64_t first, uint64_t end, uint64_t now,
                      struct tb_sent_found *found)
{
    uint32_t at = find(list, first);
    while (first < end && at < list->count) {
        struct tb_sent *known = &tb_sent_items(list)[at];
        if (first < known->first) {
            found->out_of_order = found->out_of_order || end < known->end;
            const uint64_t part = end < known->first ? end : known->first;
            if (!insert(list, pool, &at, (struct tb_sent){.first = first, .end = part, .time = now}))
                return false;
            first = part;
        } else {
            const uint64_t part = end < known->end ? end : known->end;
            repeat(known, (uint32_t)(part - first), now, found);
            first = part;
        }
        at++;
    }
    uint32_t last = list->count;
    return first >= end || insert(list, pool, &last, (struct tb_sent){.first = first, .end = end, .time = now});
}

bool tb_sent_list_add(struct tb_sent_list *list, struct tb_sent_pool *pool, uint32_t sequence, uint32_t length,
                      uint64_t now, struct tb_sent_found *found)
{
    *found = (struct tb_sent_found){0};
    const uint64_t first = tb_sent_position(list, sequence);
    const uint64_t end = first + length;
    bool added = true;
    if (list->count == 0 || first >= tb_sent_items(list)[list->count - 1].end) {
        added = reserve_one(list, pool);
        if (added)
            tb_sent_items(list)[list->count++] = (struct tb_sent){.first = first, .end = end, .time = now};
    } else {
        added = add_below(list, pool, first, end, now, found);
    }
    if (end > list->highest)
        list->highest = end;
    return added;
}

/* Segments from..to are newly acknowledged: those that touch become one. */
static void join_acknowledged(struct tb_sent_list *list, uint32_t from, uint32_t to)
{
    struct tb_sent *items = tb_sent_items(list);
    const uint32_t lowest = from == 0 ? 0 : from - 1;
    uint32_t written = to - 1;
    for (uint32_t read = written; read-- > lowest;) {
        if (items[read].end != items[written].first) {
            items[--written] = items[read];
            continue;
        }
        items[written].first = items[read].first;
        if (items[read].time > items[written].time)
            items[written].time = items[read].time;
    }
    const uint32_t removed = written - lowest;
    if (lowest != 0)
        memmove(items + removed, items, lowest * sizeof *items);
    list->head += removed;
    list->count -= removed;
    list->acknowledged = to - removed;
    while (list->acknowledged > TB_SENT_ACKNOWLEDGED_MAX)
        join_lowest(list);
}

static uint64_t latest_of(const struct tb_sent *items, uint32_t count)
{
    uint64_t latest = 0;
    for (uint32_t i = 0; i < count; i++)
        latest = items[i].time > latest ? items[i].time : latest;
    return latest;
}

/* The acknowledgement ends exactly at this segment. latest: when one of those before it was sent last. */
static void answer_segment(const struct tb_sent *sent, uint64_t latest, uint64_t now, struct tb_acknowledgement *answer)
{
    answer->matched = true;
    answer->length = sent->end - sent->first;
    answer->rtt = now > sent->time ? now - sent->time : 0;
    answer->post_loss = latest > sent->time;
    answer->ambiguous = !answer->post_loss && sent->repeats != 0;
}

/* The number is below what is known to be acknowledged, or ends it. */
static void acknowledge_old(struct tb_sent_list *list, uint64_t position, bool duplicate,
                            struct tb_acknowledgement *answer)
{
    struct tb_sent *known = &tb_sent_items(list)[find(list, position - 1)];
    if (known->end == position && known->acknowledgements != 0)
        answer->in_a_row = tb_sent_count_again(known, duplicate);
}

/* The first so many segments are acknowledged, and each goes on where the one before ends: they become the last of them.
 * Where there are few, segments stay at the beginning of their place. */
static void drop_before(struct tb_sent_list *list, struct tb_sent *items, uint32_t index)
{
    list->acknowledged = 1;
    if (index == 0)
        return;
    items[index].first = items[0].first;
    list->count -= index;
    if (list->many != NULL) {
        list->head += index;
        return;
    }
    items[0] = items[index];
    if (list->count > 1)
        memmove(items + 1, items + index + 1, (list->count - 1U) * sizeof *items);
}

/* Sent once, not acknowledged, and not before what it goes on from. */
static bool goes_on(const struct tb_sent *sent, const struct tb_sent *before)
{
    return sent->first == before->end && sent->time >= before->time && (sent->repeats | sent->acknowledgements) == 0;
}

/* The usual acknowledgement: of the next segments, which were sent once and in order, exactly to the end of one. False,
 * with nothing done, otherwise. */
static bool acknowledge_in_order(struct tb_sent_list *list, uint64_t position, uint64_t time,
                                 struct tb_acknowledgement *answer)
{
    struct tb_sent *items = tb_sent_items(list);
    const uint32_t from = list->acknowledged, count = list->count;
    uint32_t at = from;
    if (from > 1 || count == from || (from == 0 && (items[0].repeats | items[0].acknowledgements) != 0) ||
        (from == 1 && !goes_on(&items[1], &items[0])))
        return false;
    for (; items[at].end < position; at++)
        if (at + 1 >= count || !goes_on(&items[at + 1], &items[at]))
            return false;
    if (items[at].end != position)
        return false;
    *answer = (struct tb_acknowledgement){.cumulative = at - from,
                                          .matched = true,
                                          .length = items[at].end - items[at].first,
                                          .rtt = time > items[at].time ? time - items[at].time : 0};
    items[at].acknowledgements = 1;
    drop_before(list, items, at);
    return true;
}

/* Any other acknowledgement. */
__attribute__((noinline)) static void acknowledge_any(struct tb_sent_list *list, uint64_t position, bool duplicate,
                                                      bool by_started, uint64_t time, struct tb_acknowledgement *answer)
{
    struct tb_sent *items = tb_sent_items(list);
    const uint32_t from = list->acknowledged, count = list->count;
    uint32_t to = from;
    *answer = (struct tb_acknowledgement){0};
    if (from != 0 && items[from - 1].end >= position) {
        acknowledge_old(list, position, duplicate, answer);
        return;
    }
    for (uint64_t latest = latest_of(items, from);
         to < count && (items[to].end <= position || (by_started && items[to].first < position)); to++) {
        struct tb_sent *sent = &items[to];
        if (sent->acknowledgements == 0) {
            sent->acknowledgements = 1;
            if (sent->end == position)
                answer_segment(sent, latest, time, answer);
            else
                answer->cumulative++;
        } else if (sent->end == position) {
            answer->in_a_row = tb_sent_count_again(sent, duplicate);
        }
        latest = sent->time > latest ? sent->time : latest;
    }
    if (to > from)
        join_acknowledged(list, from, to);
}

void tb_sent_list_acknowledge(struct tb_sent_list *list, uint32_t number, bool duplicate, bool by_started,
                              uint64_t time, struct tb_acknowledgement *answer)
{
    if (list->count == 0) {
        *answer = (struct tb_acknowledgement){0};
        return;
    }
    const uint64_t position = tb_sent_position(list, number);
    if (!acknowledge_in_order(list, position, time, answer))
        acknowledge_any(list, position, duplicate, by_started, time, answer);
}
