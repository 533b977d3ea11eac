/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_UNKNOWN_EVENTS_H
#define TWINBED_TRACE_UNKNOWN_EVENTS_H

/* Which events of a trace nobody knows, as those of a newer tracer. */

#include <stdint.h>

#include "twinbed/base/archive.h"

enum { TB_UNKNOWN_EVENTS_KEPT = 16 };

/* Events by numbers that are not known, which are skipped. Of more numbers than have room the smallest are kept, whose
 * counts are whole; those of all others are counted together. */
struct tb_unknown_events {
    struct tb_events_of_number {
        uint16_t number; /* as the block of an event has it */
        uint64_t events;
    } items[TB_UNKNOWN_EVENTS_KEPT]; /* ascending */
    uint8_t count;
    uint64_t others;
};

void tb_unknown_events_add(struct tb_unknown_events *unknown, uint16_t number, uint64_t events);
/* As if those of the part had been added one by one, in any order. */
void tb_unknown_events_add_all(struct tb_unknown_events *into, const struct tb_unknown_events *part);
/* All of them. */
uint64_t tb_unknown_events_sum(const struct tb_unknown_events *unknown);
void tb_unknown_events_describe(struct tb_archive *archive, struct tb_unknown_events *unknown);

#endif
