/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/os/walk.h"

static enum tb_status add_transitions(const struct tb_chain *chain, const struct tb_transitions *sequence,
                                      struct tb_transitions *invalid, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (size_t i = 0, at = 0; status == TB_OK && i < sequence->count; i++) {
        int order = 1;
        while (at < chain->edge_count &&
               (order = tb_key_compare(chain->edges[at].transition, sequence->counts[i].key)) < 0)
            at++;
        if (at == chain->edge_count || order != 0)
            status = tb_transitions_add_count(invalid, &sequence->counts[i], error);
    }
    return status;
}

enum tb_status tb_walk_invalid(const struct tb_chain *chain, const struct tb_transitions *sequence,
                               struct tb_transitions *invalid, struct tb_error *error)
{
    struct tb_transitions found;
    tb_transitions_init(&found, sequence->order);
    enum tb_status status = add_transitions(chain, sequence, &found, error);
    for (size_t i = 0; status == TB_OK && i < sequence->start_count; i++)
        if (tb_chain_find_state(chain, sequence->starts[i].key) < 0)
            status = tb_transitions_add_start_count(&found, &sequence->starts[i], error);
    tb_transitions_finish(&found);
    if (status == TB_OK)
        *invalid = found;
    else
        tb_transitions_free(&found);
    return status;
}
