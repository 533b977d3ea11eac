/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of events that nobody knows, the smallest of them, in ascending order. */
#include "twinbed/trace/unknown_events.h"

/* Numbers ascend. One that gives way to a smaller one never comes back, as the smallest only grow smaller: so the counts
 * that are kept are whole, in whatever order events come. */
static uint8_t place_of(const struct tb_unknown_events *unknown, uint16_t number)
{
    uint8_t place = 0;
    while (place < unknown->count && unknown->items[place].number < number)
        place++;
    return place;
}

static void insert(struct tb_unknown_events *unknown, uint8_t place, uint16_t number)
{
    if (unknown->count == TB_UNKNOWN_EVENTS_KEPT)
        unknown->others += unknown->items[--unknown->count].events;
    for (uint8_t i = unknown->count++; i > place; i--)
        unknown->items[i] = unknown->items[i - 1];
    unknown->items[place].number = number;
    unknown->items[place].events = 0;
}

void tb_unknown_events_add(struct tb_unknown_events *unknown, uint16_t number, uint64_t events)
{
    const uint8_t place = place_of(unknown, number);
    if (place == TB_UNKNOWN_EVENTS_KEPT) {
        unknown->others += events;
        return;
    }
    if (place == unknown->count || unknown->items[place].number != number)
        insert(unknown, place, number);
    unknown->items[place].events += events;
}

void tb_unknown_events_add_all(struct tb_unknown_events *into, const struct tb_unknown_events *part)
{
    for (uint8_t i = 0; i < part->count; i++)
        tb_unknown_events_add(into, part->items[i].number, part->items[i].events);
    into->others += part->others;
}

uint64_t tb_unknown_events_sum(const struct tb_unknown_events *unknown)
{
    uint64_t sum = unknown->others;
    for (uint8_t i = 0; i < unknown->count; i++)
        sum += unknown->items[i].events;
    return sum;
}

void tb_unknown_events_describe(struct tb_archive *archive, struct tb_unknown_events *unknown)
{
    tb_archive_u8(archive, &unknown->count);
    tb_archive_require(archive, unknown->count <= TB_UNKNOWN_EVENTS_KEPT);
    for (uint8_t i = 0; i < unknown->count && !archive->failed; i++) {
        tb_archive_u16(archive, &unknown->items[i].number);
        tb_archive_u64(archive, &unknown->items[i].events);
        tb_archive_require(archive, i == 0 || unknown->items[i - 1].number < unknown->items[i].number);
    }
    tb_archive_u64(archive, &unknown->others);
}
