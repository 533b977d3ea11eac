/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CAMPAIGN_KEYS_H
#define TWINBED_CAMPAIGN_KEYS_H

/* The keys of campaign.yaml that are no settings (twinbed/campaign/settings.h):
 * what a study consists of. What they are is told here once, for help and
 * manual; docs/campaign.md says more. A test holds the table to what is read. */

#include <stddef.h>

struct tb_campaign_key {
    const char *map; /* key of the map that holds it; "" at the top of the file */
    const char *key;
    const char *value;    /* what it takes: "map", "text" */
    const char *sentence; /* what it is */
};

/* The rows, those of one map together. Borrowed, constant. */
size_t tb_campaign_key_count(void);
const struct tb_campaign_key *tb_campaign_key_at(size_t index);

#endif
