/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_APP_COUNTER_LIST_H
#define TWINBED_SRC_APP_COUNTER_LIST_H

/* Counters of one snapshot that are known by their names alone, and what becomes of two snapshots. */

#include "twinbed/app/counters.h"
#include "twinbed/io/text.h"

struct counter_item {
    char name[TB_COUNTER_NAME_SIZE];
    uint64_t value;
};

/* Starts with {0}. Of more names than TB_NAMED_COUNTERS_MOST the first are kept, the others counted. */
struct counter_list {
    struct counter_item *items; /* owned */
    size_t count, capacity;
    uint64_t left_out;
};

/* Counters of one name add up when the list is sorted. False when memory is short. */
TB_MUST_USE bool tb_counter_list_add(struct counter_list *list, struct tb_text name, uint64_t value);
void tb_counter_list_sort(struct counter_list *list);
/* The number of a name in a sorted list, or NULL. */
const uint64_t *tb_counter_list_find(const struct counter_list *list, const char *name);
void tb_counter_list_free(struct counter_list *list);

/* Adds what changed between two sorted lists; what runs backwards is counted and left out. False when memory is short. */
TB_MUST_USE bool tb_counter_lists_subtract(const struct counter_list *before, const struct counter_list *after,
                                           const char *file, struct tb_counters *counters);

/* Adds a number of a file; of more than TB_NAMED_COUNTERS_MOST the first are kept, the others
 * counted. False when memory is short. */
TB_MUST_USE bool tb_named_counter_add(struct tb_counters *counters, const char *file, struct tb_text name,
                                      const char *unit, double value);

#endif
