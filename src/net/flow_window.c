/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow_window.h"

#include <stdlib.h>
#include <string.h>

enum { PACKETS = TB_FLOW_WINDOW_PACKETS, SLOTS = 2 * PACKETS };

struct tb_flow_window {
    uint64_t seed;
    uint32_t count;
    uint32_t group_count;
    struct tb_flow_packet packets[PACKETS];
    struct tb_flow_group groups[PACKETS];
    uint16_t group_of[PACKETS]; /* of each packet */
    uint16_t order[PACKETS];
    uint16_t slots[SLOTS];     /* a group + 1, or 0; open addressing */
    uint16_t slot_of[PACKETS]; /* of each group */
};

size_t tb_flow_window_bytes(void)
{
    return sizeof(struct tb_flow_window);
}

struct tb_flow_window *tb_flow_window_make(uint64_t seed)
{
    struct tb_flow_window *window = malloc(sizeof *window);
    if (window == NULL)
        return NULL;
    window->seed = seed;
    window->count = window->group_count = 0;
    memset(window->slots, 0, sizeof window->slots);
    return window;
}

void tb_flow_window_free(struct tb_flow_window *window)
{
    free(window);
}

void tb_flow_window_empty(struct tb_flow_window *window)
{
    for (uint32_t i = 0; i < window->group_count; i++)
        window->slots[window->slot_of[i]] = 0;
    window->count = window->group_count = 0;
}

struct tb_flow_packet *tb_flow_window_next(struct tb_flow_window *window)
{
    return &window->packets[window->count];
}

static bool is_of(const struct tb_flow_group *group, const struct tb_flow_key *key, uint64_t hash)
{
    return group->hash == hash && memcmp(&group->key, key, sizeof *key) == 0;
}

static uint32_t group_of(struct tb_flow_window *window, const struct tb_flow_key *key)
{
    const uint64_t hash = tb_flow_key_hash(key, window->seed);
    size_t at = hash % SLOTS;
    for (; window->slots[at] != 0; at = (at + 1) % SLOTS)
        if (is_of(&window->groups[window->slots[at] - 1], key, hash))
            return window->slots[at] - 1U;
    window->groups[window->group_count] = (struct tb_flow_group){.key = *key, .hash = hash};
    window->slots[at] = (uint16_t)(window->group_count + 1);
    window->slot_of[window->group_count] = (uint16_t)at;
    return window->group_count++;
}

bool tb_flow_window_take(struct tb_flow_window *window)
{
    struct tb_flow_packet *packet = &window->packets[window->count];
    struct tb_flow_key key;
    packet->way = tb_flow_key_make(&packet->packet, &key);
    const uint32_t group = group_of(window, &key);
    window->groups[group].count++;
    window->group_of[window->count++] = (uint16_t)group;
    return window->count < PACKETS;
}

struct tb_flow_groups tb_flow_window_groups(struct tb_flow_window *window)
{
    uint16_t begins[PACKETS];
    uint32_t begin = 0;
    for (uint32_t i = 0; i < window->group_count; i++) {
        begins[i] = (uint16_t)begin;
        begin += window->groups[i].count;
    }
    for (uint32_t i = 0; i < window->count; i++)
        window->order[begins[window->group_of[i]]++] = (uint16_t)i;
    return (struct tb_flow_groups){.groups = window->groups,
                                   .group_count = window->group_count,
                                   .packets = window->packets,
                                   .order = window->order,
                                   .packet_count = window->count};
}
