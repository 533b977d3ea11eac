/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ranges in a sorted array, found by bisection; the usual addition goes on where the last one ends.
 * With one range left the array is given back. */
#include "ranges.h"

#include <stdlib.h>
#include <string.h>

void tb_ranges_free(struct tb_ranges *ranges)
{
    free(ranges->list);
    *ranges = (struct tb_ranges){0};
}

static struct tb_range *all(struct tb_ranges *ranges)
{
    return ranges->list != NULL ? ranges->list->items : &ranges->single;
}

/* Closes the lowest hole. */
static void forget_lowest_hole(struct tb_ranges *ranges)
{
    struct tb_range *items = ranges->list->items;
    ranges->list->forgotten += items[1].start - items[0].end;
    items[1].start = items[0].start;
    ranges->count--;
    memmove(items, items + 1, ranges->count * sizeof items[0]);
}

static bool reserve_one(struct tb_ranges *ranges)
{
    struct tb_range_list *list = ranges->list;
    if (list != NULL && ranges->count < list->capacity)
        return true;
    const uint32_t capacity = list == NULL ? 4 : list->capacity * 2;
    struct tb_range_list *larger = realloc(list, sizeof *list + capacity * sizeof list->items[0]);
    if (larger == NULL)
        return false;
    if (list == NULL) {
        larger->forgotten = 0;
        larger->items[0] = ranges->single;
    }
    larger->capacity = capacity;
    ranges->list = larger;
    return true;
}

/* Index of the first range that ends at or behind position. */
static uint32_t find(struct tb_ranges *ranges, uint64_t position)
{
    const struct tb_range *items = all(ranges);
    uint32_t low = 0, high = ranges->count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (items[middle].end < position)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool insert(struct tb_ranges *ranges, uint32_t at, uint64_t start, uint64_t end)
{
    if (ranges->count >= TB_RANGES_MAX) {
        forget_lowest_hole(ranges);
        return insert(ranges, find(ranges, start), start, end);
    }
    if (ranges->count == 0) {
        ranges->single = (struct tb_range){start, end};
        ranges->count = 1;
        return true;
    }
    if (!reserve_one(ranges))
        return false;
    struct tb_range *items = ranges->list->items;
    memmove(items + at + 1, items + at, (ranges->count - at) * sizeof items[0]);
    items[at] = (struct tb_range){start, end};
    ranges->count++;
    return true;
}

/* With one range left the list is given back, unless it remembers something. */
static void shrink(struct tb_ranges *ranges)
{
    if (ranges->count != 1 || ranges->list == NULL || ranges->list->forgotten != 0)
        return;
    ranges->single = ranges->list->items[0];
    free(ranges->list);
    ranges->list = NULL;
}

static uint64_t overlap(const struct tb_range *range, uint64_t start, uint64_t end)
{
    const uint64_t from = range->start > start ? range->start : start;
    const uint64_t to = range->end < end ? range->end : end;
    return to > from ? to - from : 0;
}

/* Ranges first..last touch [start, end): they become one with it. */
static void join(struct tb_ranges *ranges, uint32_t first, uint32_t last, uint64_t start, uint64_t end)
{
    struct tb_range *items = all(ranges);
    const uint64_t joined_end = items[last].end > end ? items[last].end : end;
    if (start < items[first].start)
        items[first].start = start;
    items[first].end = joined_end;
    memmove(items + first + 1, items + last + 1, (ranges->count - last - 1) * sizeof items[0]);
    ranges->count -= last - first;
    shrink(ranges);
}

bool tb_ranges_add(struct tb_ranges *ranges, uint64_t start, uint64_t end, uint64_t *repeated)
{
    struct tb_range *items = all(ranges);
    *repeated = 0;
    if (ranges->count != 0 && items[ranges->count - 1].end == start) {
        items[ranges->count - 1].end = end;
        return true;
    }
    const uint32_t first = find(ranges, start);
    if (first == ranges->count || items[first].start > end)
        return insert(ranges, first, start, end);
    uint32_t last = first;
    *repeated = overlap(&items[first], start, end);
    while (last + 1 < ranges->count && items[last + 1].start <= end)
        *repeated += overlap(&items[++last], start, end);
    join(ranges, first, last, start, end);
    return true;
}

uint64_t tb_ranges_missing(const struct tb_ranges *ranges, uint64_t start, uint64_t end)
{
    if (start >= end)
        return 0;
    const struct tb_range *items = tb_ranges_first(ranges);
    uint64_t seen = 0;
    for (uint32_t i = 0; i < ranges->count; i++)
        seen += overlap(&items[i], start, end);
    return end - start - seen + (ranges->list == NULL ? 0 : ranges->list->forgotten);
}
