/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_DISTRIBUTION_PLOT_H
#define TWINBED_REPORT_DISTRIBUTION_PLOT_H

/* Distributions within runs: for each testbed of a scenario what so many percent of all values do not exceed, as the median
 * over runs of each percent, in a band from the least to the greatest run. The distributions are a table; a new one is a
 * row. */

#include <stdio.h>

#include "chosen.h"
#include "report/view/view.h"

enum { TB_DISTRIBUTIONS = 4 };

struct tb_distribution {
    const char *name;  /* of its figures: "request-times" */
    const char *title; /* "Times of requests" */
    const char *axis;  /* "time of a request, ms" */
    const char *share; /* of the other: "% of requests" */
    const char *level; /* the section it belongs to */
    const char *data;  /* datasets, as markup of ours */
    /* Percents 0 to 100 of each run: over captures and percents, or over request_time, where they stand one behind the
     * other. */
    enum tb_field field;
    double scale;     /* what a value is multiplied with, 1000 for ms */
    double wide;      /* the axis is logarithmic where values differ by more than this factor */
    size_t scenarios; /* that are drawn: those in which testbeds differ most */
};

extern const struct tb_distribution tb_distributions[TB_DISTRIBUTIONS];

/* The values of a run's file at percents 0 to 100. */
struct tb_curve {
    size_t cell;
    size_t rank;          /* of the point of capture, or of ab's option, in the order in which metrics take them */
    const double *values; /* borrowed from the results */
};

/* The curves of all cells, each of files of one rank. */
struct tb_curves {
    const struct tb_distribution *distribution;
    struct tb_curve *items; /* owned; by cell */
    size_t count;
    double *row; /* owned; room for one percent of all curves of a cell */
};

/* A file without the distribution has no curves. */
TB_MUST_USE enum tb_status tb_curves_load(struct tb_curves *curves, const struct tb_view *view,
                                          const struct tb_distribution *distribution, struct tb_error *error);
void tb_curves_free(struct tb_curves *curves);

/* The scenarios that are drawn. */
struct tb_chosen tb_curves_choose(const struct tb_curves *curves, const struct tb_view *view);

void tb_distribution_script(FILE *script, const struct tb_view *view, const struct tb_curves *curves, size_t scenario);

#endif
