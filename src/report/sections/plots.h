/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_PLOTS_H
#define TWINBED_REPORT_PLOTS_H

/* The plots of the page, all drawn by one run of gnuplot. */

#include "overview.h"
#include "report/pictures/distribution_plot.h"
#include "report/pictures/quantity_plot.h"
#include "report/pictures/stalls_plot.h"
#include "report/pictures/trail_plot.h"
#include "report/pictures/walk_map_plot.h"
#include "report/view/view.h"
#include "report/widgets/html.h"

enum tb_plot_kind {
    TB_PLOT_OVERVIEW,
    TB_PLOT_QUANTITY,
    TB_PLOT_DISTRIBUTION,
    TB_PLOT_READS,
    TB_PLOT_READS_OVER_RATE,
    TB_PLOT_SENSITIVITY,
    TB_PLOT_WALK_PROFILE,
    TB_PLOT_WALK_MAP,
    TB_PLOT_RUN_PLACES,
    TB_PLOT_STALLS,
    TB_PLOT_TRAIL,
    TB_PLOT_KINDS
};

struct tb_plot {
    enum tb_plot_kind kind;
    size_t number;                    /* among its kind, from 1 */
    size_t scenario;                  /* TB_ABSENT: of all; of reads: the first of its sizes */
    size_t row;                       /* TB_PLOT_WALK_PROFILE, TB_PLOT_RUN_PLACES: where its rows begin */
    size_t distribution;              /* TB_PLOT_DISTRIBUTION: which */
    struct tb_quantity_plot quantity; /* TB_PLOT_QUANTITY */
    struct tb_walk_map map;           /* TB_PLOT_WALK_MAP */
    struct tb_trail_plot trail;       /* TB_PLOT_TRAIL */
    const char *svg;                  /* borrowed from output; NULL when gnuplot gave none */
    size_t size;
};

struct tb_plots {
    struct tb_plot *items; /* owned */
    size_t count;
    size_t left_out[TB_PLOT_KINDS]; /* that would have been too many */
    char *output;                   /* owned; what gnuplot wrote */
    struct tb_overview overview;    /* owned */
    struct tb_stalls_plot stalls;   /* TB_PLOT_STALLS */
    /* Of each distribution. */
    struct tb_curves curves[TB_DISTRIBUTIONS]; /* owned */
    size_t curves_left_out[TB_DISTRIBUTIONS];  /* scenarios that would have been too many */
    char reason[160];                          /* why nothing was drawn, which the summary says; "" when drawn */
};

TB_MUST_USE enum tb_status tb_plots_draw(struct tb_plots *plots, const struct tb_view *view, struct tb_error *error);
void tb_plots_free(struct tb_plots *plots);

/* The figure, or the sentence that says why it is missing. label is read aloud. */
void tb_plot_write(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots, size_t plot,
                   const char *label);

/* All figures of a kind, side by side; how many. */
size_t tb_plots_write(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots,
                      enum tb_plot_kind kind, const char *label);

#endif
