/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CAMPAIGN_LAYOUTS_H
#define TWINBED_CAMPAIGN_LAYOUTS_H

/* Writes a manifest with an explicit run list from a known directory layout. */

#include <stdio.h>

#include "twinbed/base/status.h"

enum tb_layout { TB_LAYOUT_QUE, TB_LAYOUT_SCORCH, TB_LAYOUT_MINICCC };

/* The processes that traces show at work; "" where they show none. Borrowed. */
struct tb_layout_processes {
    const char *client;
    const char *server;
};

/* Walks directory and prints campaign.yaml to output. processes may be NULL; what it does not name is what the layout's
 * own tools start. TB_NOT_FOUND when the directory holds no run of that layout; TB_INPUT_OUTPUT. */
TB_MUST_USE enum tb_status tb_layout_write_manifest(enum tb_layout layout, const char *directory,
                                                    const struct tb_layout_processes *processes, FILE *output,
                                                    struct tb_error *error);

#endif
