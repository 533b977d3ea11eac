/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_DRAWING_H
#define TWINBED_REPORT_DRAWING_H

#include "edges.h"

/* Draws the chain of one testbed. Edges that only other testbeds have are laid
 * out too, and drawn faintly, so that the drawings of a scenario look alike and
 * can be compared at a glance. all: draws rare edges as well. SVG for the caller to free; NULL: no drawing. */
char *tb_chain_draw(const struct tb_view *view, const struct tb_edge_union *edges, size_t testbed, bool all,
                    size_t *size);

/* Why this program draws no chain at all, a sentence without begin and end; NULL when it does. */
const char *tb_chain_absent(void);

#endif
