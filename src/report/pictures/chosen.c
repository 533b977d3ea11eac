/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chosen.h"

#include <string.h>

static void drop(struct tb_chosen *chosen, size_t at)
{
    const size_t after = chosen->count - at - 1;
    memmove(chosen->items + at, chosen->items + at + 1, after * sizeof *chosen->items);
    memmove(chosen->weight + at, chosen->weight + at + 1, after * sizeof *chosen->weight);
    chosen->count--;
}

void tb_chosen_offer(struct tb_chosen *chosen, size_t limit, size_t item, double weight)
{
    size_t least = 0;
    if (chosen->count == limit) {
        chosen->left_out++;
        for (size_t i = 1; i < limit; i++)
            least = chosen->weight[i] < chosen->weight[least] ? i : least;
        if (weight <= chosen->weight[least])
            return;
        drop(chosen, least);
    }
    chosen->items[chosen->count] = item;
    chosen->weight[chosen->count++] = weight;
}
