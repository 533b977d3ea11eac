/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CAMPAIGN_DISCOVERY_H
#define TWINBED_CAMPAIGN_DISCOVERY_H

/* Finds the paths that a pattern matches, in natural order. */

#include "campaign/manifest/pattern.h"
#include "twinbed/base/status.h"

/* A search, filled by the caller. All borrowed. */
struct discovery {
    const struct pattern *pattern;
    const char *root;       /* directory that paths are below */
    const char *start;      /* path below the root from which the pattern goes on: "." or a run's */
    pattern_accept *accept; /* which texts a field may have */
    const void *accept_context;
    const char **values;            /* per field; those not NULL are bound; filled in while a path is visited */
    const char *const *field_names; /* for messages */
    struct arena *arena;            /* paths and values live here */
    struct tb_error *error;
    /* Called for each match with its path below the root (or absolute). The
     * path need not exist when its last components hold no open part. */
    enum tb_status (*visit)(void *context, const char *path);
    void *context;
};

/* TB_USAGE when a name can be read in two ways (the sentence lacks the place
 * in the manifest, which the caller puts before it), TB_INPUT_OUTPUT when a
 * directory cannot be listed. A directory that does not exist matches nothing. */
TB_MUST_USE enum tb_status tb_discover(struct discovery *discovery);

#endif
