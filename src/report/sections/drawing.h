/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_DRAWING_H
#define TWINBED_REPORT_DRAWING_H

#include "edges.h"
#include "report/widgets/html.h"

/* Draws the chain of one testbed. Edges that only other testbeds have are laid
 * out too, and drawn faintly, so that the drawings of a scenario look alike and
 * can be compared at a glance. all: draws rare edges as well. */
void tb_chain_draw(struct tb_html *html, const struct tb_view *view, const struct tb_edge_union *edges, size_t testbed,
                   bool all, const char *label);

#endif
