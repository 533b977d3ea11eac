/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts the transitions of a short sequence and prints the chain they make. */
#include <stdio.h>

#include "twinbed/markov/chain.h"

static const char *const sequence[] = {"open", "read", "read", "read", "read", "close"};

static enum tb_status count_transitions(struct tb_transitions *transitions, struct tb_error *error)
{
    tb_transitions_init(transitions, 1);
    for (size_t i = 1; i < sizeof sequence / sizeof sequence[0]; i++) {
        const tb_symbol calls[2] = {tb_symbol_of_call(tb_call_find(sequence[i - 1])),
                                    tb_symbol_of_call(tb_call_find(sequence[i]))};
        const enum tb_status status = tb_transitions_add(transitions, tb_key_of_symbols(calls, 2), i, error);
        if (status != TB_OK) {
            return status;
        }
    }
    tb_transitions_finish(transitions);
    return TB_OK;
}

static void print_chain(const struct tb_chain *chain)
{
    for (size_t i = 0; i < chain->edge_count; i++) {
        char label[64];
        tb_key_label(chain->edges[i].transition, 2, label, sizeof label);
        printf("%s %g\n", label, chain->edges[i].weight);
    }
}

int main(void)
{
    struct tb_error error = {0};
    struct tb_transitions transitions;
    struct tb_chain chain;
    enum tb_status status = count_transitions(&transitions, &error);
    if (status == TB_OK) {
        status = tb_chain_build(&transitions, 0.001, &chain, &error);
    }
    if (status == TB_OK) {
        print_chain(&chain);
        tb_chain_free(&chain);
    } else {
        fprintf(stderr, "%s\n", error.text);
    }
    tb_transitions_free(&transitions);
    return status == TB_OK ? 0 : 1;
}
