/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow_window.h"

#include <stdlib.h>
#include <string.h>

size_t tb_flow_window_bytes(void)
{
    return sizeof(struct tb_flow_window);
}

struct tb_flow_window *tb_flow_window_make(uint64_t seed)
{
    struct tb_flow_window *window = aligned_alloc(_Alignof(struct tb_flow_window), sizeof *window);
    if (window == NULL)
        return NULL;
    window->seed = seed;
    memset(window->slots, 0, sizeof window->slots);
    window->groups[0] = (struct tb_flow_group){.count = 0};
    window->group_count = 0;
    tb_flow_window_empty(window);
    return window;
}

void tb_flow_window_free(struct tb_flow_window *window)
{
    free(window);
}

void tb_flow_window_empty(struct tb_flow_window *window)
{
    for (uint32_t i = 1; i <= window->group_count; i++)
        window->slots[window->slot_of[i]] = 0;
    window->count = window->group_count = window->latest = 0;
    window->next = window->packets;
}

uint32_t tb_flow_window_add_group(struct tb_flow_window *window, const struct tb_flow_key *key, uint64_t hash,
                                  size_t slot)
{
    const uint32_t group = ++window->group_count;
    window->groups[group] = (struct tb_flow_group){.key = *key, .hash = hash};
    window->slots[slot] = (uint16_t)group;
    window->slot_of[group] = (uint16_t)slot;
    return group;
}

struct tb_flow_groups tb_flow_window_groups(struct tb_flow_window *window)
{
    uint16_t begins[1 + TB_FLOW_WINDOW_PACKETS];
    uint32_t begin = 0;
    for (uint32_t i = 1; i <= window->group_count; i++) {
        begins[i] = (uint16_t)begin;
        begin += window->groups[i].count;
    }
    for (uint32_t i = 0; i < window->count; i++)
        window->order[begins[window->group_of[i]]++] = (uint16_t)i;
    memset(window->order + window->count, 0, TB_FLOW_WINDOW_AHEAD * sizeof window->order[0]);
    return (struct tb_flow_groups){.groups = window->groups + 1,
                                   .group_count = window->group_count,
                                   .packets = window->packets,
                                   .order = window->order,
                                   .packet_count = window->count};
}
