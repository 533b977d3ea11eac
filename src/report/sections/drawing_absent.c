/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In the place of drawing.c where twinbed is built without Graphviz. */
#include "drawing.h"

char *tb_chain_draw(const struct tb_view *view, const struct tb_edge_union *edges, size_t testbed, bool all,
                    size_t *size)
{
    (void)view, (void)edges, (void)testbed, (void)all;
    *size = 0;
    return NULL;
}

const char *tb_chain_absent(void)
{
    return "this twinbed was built without Graphviz";
}
