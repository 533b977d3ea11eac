/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_STATES_H
#define TWINBED_SRC_ANALYSIS_STATES_H

/* The states of all chains, as the file numbers them: by order, then by name. */

#include "twinbed/base/containers.h"
#include "twinbed/parallel/team.h"

struct state {
    uint64_t order;
    struct tb_key key;
};

struct state_list {
    struct state *items; /* owned */
    size_t count;
    size_t capacity;
};

void tb_state_list_free(struct state_list *list);
TB_MUST_USE enum tb_status tb_state_list_add(struct state_list *list, unsigned order, struct tb_key key,
                                             struct tb_error *error);
/* As bytes, and back, behind what is in the list: TB_INTERNAL when they do not unpack. */
void tb_state_list_pack(const struct state_list *list, struct tb_buffer *buffer);
TB_MUST_USE enum tb_status tb_state_list_take(struct state_list *list, struct tb_bytes *bytes, struct tb_error *error);
/* Sorts and drops repeats. */
void tb_state_list_sort(struct state_list *list);

/* Every rank's sorted list becomes one sorted list on every rank. Collective;
 * status is what this rank met before. */
TB_MUST_USE enum tb_status tb_state_list_share(const struct tb_team *team, const struct state_list *own,
                                               enum tb_status status, struct state_list *all, struct tb_error *error);

/* The place of a state in a sorted list, or -1. */
int64_t tb_state_list_find(const struct state_list *list, unsigned order, struct tb_key key);

#endif
