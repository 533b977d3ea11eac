/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fragments.h"

#include <stdlib.h>

void tb_datagrams_free(struct tb_datagrams *datagrams)
{
    free(datagrams->items);
    *datagrams = (struct tb_datagrams){0};
}

/* Unlike a flow's key, the way matters: source before destination. */
static struct tb_flow_key datagram_key(const struct tb_packet *packet)
{
    struct tb_flow_key key = {0};
    const size_t size = packet->version == 4 ? 4 : 16;
    memcpy(&key.words[0], packet->source, size);
    memcpy(&key.words[2], packet->destination, size);
    key.words[4] = packet->identification | (uint64_t)packet->protocol << 32 | (uint64_t)packet->version << 40;
    return key;
}

struct tb_datagram *tb_datagrams_get(struct tb_datagrams *datagrams, const struct tb_packet *packet)
{
    if (datagrams->items == NULL)
        datagrams->items = calloc(TB_FRAGMENTS_DATAGRAMS, sizeof datagrams->items[0]);
    if (datagrams->items == NULL)
        return NULL;
    const struct tb_flow_key key = datagram_key(packet);
    for (unsigned i = 0; i < TB_FRAGMENTS_DATAGRAMS; i++) {
        struct tb_datagram *item = &datagrams->items[i];
        if (item->used && memcmp(&item->key, &key, sizeof key) == 0)
            return item;
    }
    struct tb_datagram *item = &datagrams->items[datagrams->next];
    datagrams->next = (datagrams->next + 1) % TB_FRAGMENTS_DATAGRAMS;
    *item = (struct tb_datagram){.key = key, .used = true};
    return item;
}
