/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_WALK_MAP_PLOT_H
#define TWINBED_REPORT_WALK_MAP_PLOT_H

/* A heat map of walks: the chain of each run of the baseline against the sequence of each run, testbed by testbed. Its
 * colour is the bits per transition, smoothed, so that every walk has some; a cross is an invalid walk. */

#include <stdio.h>

#include "report/view/view.h"

/* The walks of a client in the first window of a scenario, lowest order, chains of whole sequences. */
struct tb_walk_map {
    size_t scenario;
    int32_t window; /* of the results */
    int32_t order;
};

/* False when the scenario has no walks, or the file more than can be drawn. */
bool tb_walk_map_find(const struct tb_view *view, size_t scenario, struct tb_walk_map *map);

void tb_walk_map_script(FILE *script, const struct tb_view *view, const struct tb_walk_map *map);

#endif
