/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_RUN_PLACES_PLOT_H
#define TWINBED_REPORT_RUN_PLACES_PLOT_H

/* The map of distances between runs: those with like sequences stand close together. */

#include <stdio.h>

#include "report/view/view.h"

/* Where the places end that begin at a row: those of one scenario, role and order. */
size_t tb_run_places_end(const struct tb_view *view, size_t first);

void tb_run_places_script(FILE *script, const struct tb_view *view, size_t first);

#endif
