/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_TRAIL_PLOT_H
#define TWINBED_REPORT_TRAIL_PLOT_H

/* A time-sequence picture of a flow that stood still: each packet with payload of the side that sent more, as a line from
 * its first byte to its last, and what the other side had acknowledged, as steps. The time in which the flow stood still is shaded. */

#include <stdio.h>

#include "report/view/view.h"

/* What is drawn of one row of /net/trail_*. */
struct tb_trail_plot {
    size_t trail;
    size_t run;
    size_t first, end;           /* rows of /net/trail_packet_* */
    bool from_server;            /* the side whose payload is drawn */
    bool left_out;               /* the flow has more packets */
    double duration;             /* s, of the stall */
    const char *client, *server; /* borrowed; addresses and ports */
};

/* How many trails the results have; 0 when the file, of an older program, has none. */
size_t tb_trails_of(const struct tb_view *view);

/* False when the trail has no packets with payload, so there is nothing to draw. */
bool tb_trail_plot_make(const struct tb_view *view, size_t trail, struct tb_trail_plot *plot);

void tb_trail_script(FILE *script, const struct tb_view *view, const struct tb_trail_plot *plot);

#endif
