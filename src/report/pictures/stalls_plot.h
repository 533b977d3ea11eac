/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_STALLS_PLOT_H
#define TWINBED_REPORT_STALLS_PLOT_H

/* When flows stood still: a strip for each run, as high as flows stand still at the same time. */

#include <stdio.h>

#include "chosen.h"
#include "report/view/view.h"

/* The stalls of a run's captures at one point. */
struct tb_run_stalls {
    size_t run;
    size_t artifact;   /* its first capture with stalls */
    size_t first, end; /* rows of /net/stall_*; those of other points lie between */
    size_t stalls;
    double longest; /* s */
};

struct tb_stalls_plot {
    struct tb_run_stalls runs[TB_CHOSEN_MOST]; /* in the order of the results */
    size_t count;
    size_t left_out; /* runs with shorter stalls, which would have been too many */
};

/* False when no flow stood still, or the file, of an older program, does not say when. */
bool tb_stalls_plot_make(const struct tb_view *view, struct tb_stalls_plot *plot);

void tb_stalls_script(FILE *script, const struct tb_view *view, const struct tb_stalls_plot *plot);

#endif
