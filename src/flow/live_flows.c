/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hash table of live flows and tombstones, blocks of flows, and two queues.
 *
 * Slots hold half of the hash, so that most look-ups compare one key. A slot is freed by moving
 * back those behind it that it held up (clear_slot), so there are no marks of removed ones, and a
 * search ends at the first free slot.
 *
 * A flow that left stays in over_queue until it comes to the head, and its place is free only then:
 * so no place stands in the queue twice. */
#include "live_flows.h"

#include <stdlib.h>
#include <string.h>

#include "base/huge_pages.h"
#include "twinbed/base/containers.h"

/* A block of flows is one huge page. */
enum { FIRST_CAPACITY = 256, CACHE_LINE = 64, BLOCK_FLOWS = TB_HUGE_PAGE / sizeof(struct tb_live_flow) };

/* Bit of an item that says which kind it is. So there are fewer than 2^31 of each. */
#define TOMBSTONE UINT32_C(0x80000000)

static struct tb_live_flow *flow_at(const struct tb_live_flows *flows, uint32_t place)
{
    return &flows->blocks[place / BLOCK_FLOWS][place % BLOCK_FLOWS];
}

void tb_live_flows_free(struct tb_live_flows *flows)
{
    for (uint32_t i = 0; flows->live_count != 0; i++) {
        struct tb_live_flow *live = tb_live_flows_take(flows, i);
        for (unsigned side = 0; side < 2 && live != NULL; side++)
            tb_live_side_free(&live->side[side], &flows->sent_pool);
    }
    tb_sent_pool_free(&flows->sent_pool);
    for (size_t i = 0; i < flows->block_count; i++)
        free(flows->blocks[i]);
    free(flows->blocks);
    free(flows->slots);
    free(flows->free_flows);
    free(flows->tombstones);
    free(flows->free_tombstones);
    free(flows->over_queue.items);
    free(flows->tombstone_queue.items);
    *flows = (struct tb_live_flows){0};
}

/* --- the queues --- */

static bool grow_queue(struct tb_flow_queue *queue)
{
    const size_t capacity = queue->capacity == 0 ? FIRST_CAPACITY : queue->capacity * 2;
    struct tb_queued_flow *items = tb_huge_pages_make(capacity * sizeof *items);
    if (items == NULL)
        return false;
    for (size_t i = 0; i < queue->count; i++)
        items[i] = queue->items[(queue->head + i) & (queue->capacity - 1)];
    free(queue->items);
    queue->items = items;
    queue->capacity = capacity;
    queue->head = 0;
    return true;
}

static bool push(struct tb_flow_queue *queue, uint32_t place, uint64_t clock)
{
    if (queue->count == queue->capacity && !grow_queue(queue))
        return false;
    queue->items[(queue->head + queue->count++) & (queue->capacity - 1)] =
        (struct tb_queued_flow){.clock = clock, .place = place};
    return true;
}

/* The clock up to which the head of a queue waits. */
static uint64_t waits_until(const struct tb_flow_queue *queue, uint64_t wait)
{
    const uint64_t began = queue->count == 0 ? UINT64_MAX : queue->items[queue->head].clock;
    return began > UINT64_MAX - wait ? UINT64_MAX : began + wait;
}

static void note_next_due(struct tb_live_flows *flows)
{
    const uint64_t over = waits_until(&flows->over_queue, flows->linger);
    const uint64_t tombstone = waits_until(&flows->tombstone_queue, flows->remembered);
    flows->next_due = over < tombstone ? over : tombstone;
}

static void pop(struct tb_flow_queue *queue)
{
    queue->head = (queue->head + 1) & (queue->capacity - 1);
    queue->count--;
}

static bool head_waits(const struct tb_flow_queue *queue, uint64_t clock, uint64_t wait)
{
    return clock <= waits_until(queue, wait);
}

/* --- slots --- */

static const struct tb_flow_key *key_of(const struct tb_live_flows *flows, uint32_t item)
{
    return (item & TOMBSTONE) != 0 ? &flows->tombstones[(item & ~TOMBSTONE) - 1].key : &flow_at(flows, item - 1)->key;
}

static bool same_key(const struct tb_flow_key *one, const struct tb_flow_key *other)
{
    return memcmp(one, other, sizeof *one) == 0;
}

/* The slot of the key, or the free one where it belongs. */
static size_t find_slot(const struct tb_live_flows *flows, const struct tb_flow_key *key, uint32_t hash)
{
    const size_t mask = flows->capacity - 1;
    size_t at = hash & mask;
    for (; flows->slots[at].item != 0; at = (at + 1) & mask)
        if (flows->slots[at].hash == hash && same_key(key_of(flows, flows->slots[at].item), key))
            break;
    return at;
}

/* The slot that holds the item, of a key with that hash. */
static size_t slot_of(const struct tb_live_flows *flows, uint32_t item, uint32_t hash)
{
    const size_t mask = flows->capacity - 1;
    size_t at = hash & mask;
    while (flows->slots[at].item != item)
        at = (at + 1) & mask;
    return at;
}

/* Slots are met in no order, so small pages would cost a miss of the address table for each packet. */
static struct tb_flow_slot *make_slots(size_t capacity)
{
    const size_t size = capacity * sizeof(struct tb_flow_slot);
    struct tb_flow_slot *slots = tb_huge_pages_make(size);
    if (slots != NULL)
        memset(slots, 0, size);
    return slots;
}

/* Slots double; flows stay where they are. */
static bool grow(struct tb_live_flows *flows)
{
    const size_t capacity = flows->capacity == 0 ? FIRST_CAPACITY : flows->capacity * 2;
    if (capacity > UINT32_MAX)
        return false;
    struct tb_flow_slot *slots = make_slots(capacity);
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < flows->capacity; i++) {
        if (flows->slots[i].item == 0)
            continue;
        size_t at = flows->slots[i].hash & (capacity - 1);
        while (slots[at].item != 0)
            at = (at + 1) & (capacity - 1);
        slots[at] = flows->slots[i];
    }
    free(flows->slots);
    flows->slots = slots;
    flows->capacity = capacity;
    return true;
}

/* Frees a slot; those behind it that it held up move back. */
static void clear_slot(struct tb_live_flows *flows, size_t at)
{
    const size_t mask = flows->capacity - 1;
    size_t hole = at;
    for (size_t next = (at + 1) & mask; flows->slots[next].item != 0; next = (next + 1) & mask) {
        const size_t home = flows->slots[next].hash & mask;
        if (((next - home) & mask) < ((next - hole) & mask))
            continue;
        flows->slots[hole] = flows->slots[next];
        hole = next;
    }
    flows->slots[hole].item = 0;
    flows->slot_count--;
}

void tb_live_flows_prefetch_slot(const struct tb_live_flows *flows, uint64_t hash)
{
    if (flows->capacity != 0)
        __builtin_prefetch(&flows->slots[(uint32_t)hash & (flows->capacity - 1)]);
}

static void prefetch(const struct tb_live_flow *live)
{
#pragma GCC unroll 32
    for (size_t offset = 0; offset < sizeof *live; offset += CACHE_LINE)
        __builtin_prefetch((const char *)live + offset, 1);
}

uint32_t tb_live_flows_prefetch_flow(const struct tb_live_flows *flows, uint64_t hash)
{
    if (flows->capacity == 0)
        return 0;
    const size_t mask = flows->capacity - 1;
    size_t at = (uint32_t)hash & mask;
    while (flows->slots[at].item != 0 && flows->slots[at].hash != (uint32_t)hash)
        at = (at + 1) & mask;
    const uint32_t item = flows->slots[at].item;
    if (item == 0 || (item & TOMBSTONE) != 0)
        return 0;
    prefetch(flow_at(flows, item - 1));
    return item;
}

struct tb_found_flow tb_live_flows_find(struct tb_live_flows *flows, const struct tb_flow_key *key, uint64_t hash,
                                        uint32_t hint)
{
    if (hint != 0 && same_key(&flow_at(flows, hint - 1)->key, key))
        return (struct tb_found_flow){.live = flow_at(flows, hint - 1)};
    const uint32_t item = flows->capacity == 0 ? 0 : flows->slots[find_slot(flows, key, (uint32_t)hash)].item;
    if (item == 0)
        return (struct tb_found_flow){0};
    if ((item & TOMBSTONE) != 0)
        return (struct tb_found_flow){.tombstone = &flows->tombstones[(item & ~TOMBSTONE) - 1]};
    return (struct tb_found_flow){.live = flow_at(flows, item - 1)};
}

/* --- places --- */

/* Few flows take what they touch and no more: the first block is of small pages, which come one by one. */
static bool add_block(struct tb_live_flows *flows)
{
    const bool first = flows->block_count == 0;
    if (!tb_array_reserve(&flows->blocks, &flows->block_capacity, flows->block_count + 1, sizeof flows->blocks[0]))
        return false;
    struct tb_live_flow *block = first ? aligned_alloc(CACHE_LINE, TB_HUGE_PAGE) : tb_huge_pages_make(TB_HUGE_PAGE);
    if (block == NULL)
        return false;
    if (!first)
        tb_huge_pages_populate(block, TB_HUGE_PAGE);
    flows->blocks[flows->block_count++] = block;
    return true;
}

size_t tb_live_flows_ahead(void)
{
    return TB_HUGE_PAGE;
}

/* The place of a flow + 1, or 0 when memory is short or there are 2^31 of them. */
static uint32_t take_place(struct tb_live_flows *flows)
{
    if (flows->free_flow_count != 0)
        return flows->free_flows[--flows->free_flow_count] + 1;
    if (flows->flow_count >= TOMBSTONE - 1 ||
        (flows->flow_count / BLOCK_FLOWS == flows->block_count && !add_block(flows)))
        return 0;
    return ++flows->flow_count;
}

static bool give_back(uint32_t **places, size_t *capacity, size_t *count, uint32_t place)
{
    if (!tb_huge_pages_reserve(places, capacity, *count + 1, sizeof **places))
        return false;
    (*places)[(*count)++] = place;
    return true;
}

struct tb_live_flow *tb_live_flows_add(struct tb_live_flows *flows, const struct tb_flow_key *key, uint64_t hash)
{
    if (flows->slot_count * 2 >= flows->capacity && !grow(flows))
        return NULL;
    const uint32_t item = take_place(flows);
    if (item == 0)
        return NULL;
    struct tb_flow_slot *slot = &flows->slots[find_slot(flows, key, (uint32_t)hash)];
    if (slot->item == 0)
        flows->slot_count++;
    else
        flows->tombstones[(slot->item & ~TOMBSTONE) - 1].key = (struct tb_flow_key){0};
    *slot = (struct tb_flow_slot){.hash = (uint32_t)hash, .item = item};
    struct tb_live_flow *live = flow_at(flows, item - 1);
    live->key = *key;
    live->hash = (uint32_t)hash;
    live->item = item;
    live->used = true;
    live->queued = false;
    flows->live_count++;
    return live;
}

static void stop_using(struct tb_live_flows *flows, struct tb_live_flow *live)
{
    live->used = false;
    flows->live_count--;
}

struct tb_live_flow *tb_live_flows_take(struct tb_live_flows *flows, uint32_t place)
{
    struct tb_live_flow *live = flow_at(flows, place);
    if (!live->used)
        return NULL;
    stop_using(flows, live);
    return live;
}

/* --- leaving --- */

bool tb_live_flows_end(struct tb_live_flows *flows, struct tb_live_flow *live)
{
    live->over = true;
    if (live->queued)
        return true;
    live->queued = true;
    if (!push(&flows->over_queue, live->item - 1, live->clock))
        return false;
    note_next_due(flows);
    return true;
}

static const struct tb_live_flow *queued_at(const struct tb_live_flows *flows, size_t index)
{
    const struct tb_flow_queue *queue = &flows->over_queue;
    return flow_at(flows, queue->items[(queue->head + index) & (queue->capacity - 1)].place);
}

/* Flows whose time is over were not touched for long: while one leaves, those behind it are fetched, and the slot of
 * the next. */
static void prefetch_next(const struct tb_live_flows *flows)
{
    if (flows->over_queue.count > 2)
        prefetch(queued_at(flows, 2));
    if (flows->over_queue.count > 1)
        tb_live_flows_prefetch_slot(flows, queued_at(flows, 1)->hash);
}

struct tb_live_flow *tb_live_flows_due(struct tb_live_flows *flows, uint64_t clock)
{
    struct tb_flow_queue *queue = &flows->over_queue;
    while (!head_waits(queue, clock, flows->linger)) {
        const uint32_t place = queue->items[queue->head].place;
        struct tb_live_flow *live = flow_at(flows, place);
        if (live->used && tb_live_flow_is_due(flows, live, clock)) {
            prefetch_next(flows);
            return live;
        }
        pop(queue);
        live->queued = false;
        /* There is room for what was taken out. */
        if (live->used && live->over)
            live->queued = push(queue, place, live->clock);
        else if (!live->used &&
                 !give_back(&flows->free_flows, &flows->free_flow_capacity, &flows->free_flow_count, place))
            return NULL;
    }
    return NULL;
}

/* The place of a new tombstone + 1, or 0. */
static uint32_t remember(struct tb_live_flows *flows, const struct tb_tombstone *tombstone, uint32_t hash)
{
    uint32_t place;
    if (flows->free_tombstone_count != 0) {
        place = flows->free_tombstones[--flows->free_tombstone_count];
    } else {
        if (flows->tombstone_count >= TOMBSTONE - 1 ||
            !tb_huge_pages_reserve(&flows->tombstones, &flows->tombstone_capacity, flows->tombstone_count + 1,
                                   sizeof flows->tombstones[0]))
            return 0;
        place = (uint32_t)flows->tombstone_count++;
    }
    flows->tombstones[place] = *tombstone;
    flows->tombstones[place].hash = hash;
    return push(&flows->tombstone_queue, place, tombstone->clock) ? place + 1 : 0;
}

bool tb_live_flows_leave(struct tb_live_flows *flows, struct tb_live_flow *live, const struct tb_tombstone *tombstone)
{
    const size_t slot = slot_of(flows, live->item, live->hash);
    live->key = (struct tb_flow_key){0};
    stop_using(flows, live);
    if (tombstone == NULL) {
        clear_slot(flows, slot);
        return true;
    }
    const uint32_t item = remember(flows, tombstone, live->hash);
    flows->slots[slot].item = item | TOMBSTONE;
    note_next_due(flows);
    return item != 0;
}

static void forget(struct tb_live_flows *flows, struct tb_tombstone *tombstone, uint32_t place)
{
    clear_slot(flows, slot_of(flows, (place + 1) | TOMBSTONE, tombstone->hash));
    tombstone->key = (struct tb_flow_key){0};
}

bool tb_live_flows_forget(struct tb_live_flows *flows, uint64_t clock)
{
    static const struct tb_flow_key none;
    struct tb_flow_queue *queue = &flows->tombstone_queue;
    while (!head_waits(queue, clock, flows->remembered)) {
        const uint32_t place = queue->items[queue->head].place;
        struct tb_tombstone *tombstone = &flows->tombstones[place];
        const bool known = !same_key(&tombstone->key, &none);
        pop(queue);
        if (known && !tb_tombstone_is_due(flows, tombstone, clock)) {
            if (!push(queue, place, tombstone->clock))
                return false;
            continue;
        }
        if (known)
            forget(flows, tombstone, place);
        if (!give_back(&flows->free_tombstones, &flows->free_tombstone_capacity, &flows->free_tombstone_count, place))
            return false;
    }
    note_next_due(flows);
    return true;
}
