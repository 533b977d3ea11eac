/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "invalid_transitions.h"

void tb_invalid_transitions_free(struct invalid_transitions *invalid)
{
    tb_transitions_free(&invalid->occurrences);
    tb_transitions_free(&invalid->walks);
}

enum tb_status tb_invalid_transitions_add(struct invalid_transitions *invalid, const struct tb_transitions *walk,
                                          struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < walk->count; i++) {
        status = tb_transitions_add_count(&invalid->occurrences, &walk->counts[i], error);
        if (status == TB_OK)
            status = tb_transitions_add(&invalid->walks, walk->counts[i].key, 0, error);
    }
    for (size_t i = 0; status == TB_OK && i < walk->start_count; i++) {
        status = tb_transitions_add_start_count(&invalid->occurrences, &walk->starts[i], error);
        if (status == TB_OK)
            status = tb_transitions_add_start(&invalid->walks, walk->starts[i].key, 0, error);
    }
    return status;
}

static void put(struct job *job, uint64_t set, int64_t source, int64_t target, uint64_t occurrences, uint64_t walks)
{
    PUT_I32(INVALID_SET, set);
    PUT_I32(INVALID_SOURCE, source);
    PUT_I32(INVALID_TARGET, target);
    PUT_I64(INVALID_OCCURRENCES, occurrences);
    PUT_I64(INVALID_WALKS, walks);
}

void tb_invalid_transitions_put(struct job *job, struct invalid_transitions *invalid, unsigned order, uint64_t set)
{
    /* Both have the same keys, so that they have the same order now. */
    tb_transitions_finish(&invalid->occurrences);
    tb_transitions_finish(&invalid->walks);
    for (size_t i = 0; i < invalid->occurrences.start_count; i++)
        put(job, set, -1, tb_state_list_find(&job->states, order, invalid->occurrences.starts[i].key),
            invalid->occurrences.starts[i].count, invalid->walks.starts[i].count);
    for (size_t i = 0; i < invalid->occurrences.count; i++) {
        const struct tb_key key = invalid->occurrences.counts[i].key;
        put(job, set, tb_state_list_find(&job->states, order, tb_key_source(key)),
            tb_state_list_find(&job->states, order, tb_key_target(key, order)), invalid->occurrences.counts[i].count,
            invalid->walks.counts[i].count);
    }
}
