/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CLI_MATCHING_H
#define TWINBED_SRC_CLI_MATCHING_H

/* Two results files, and which cells and metrics of one are those of the other. */

#include <stdbool.h>

#include "twinbed/results/reader.h"

/* One results file; columns are borrowed from the reader. */
struct side {
    const char *path;         /* for messages */
    const char *only_testbed; /* whose cells alone are matched, whatever that of the other side is called; NULL: all */
    struct tb_results *results; /* owned */
    size_t testbeds, factors, scenarios, cells, runs, metrics, artifacts;
    const char *const *testbed_name, *const *factor_name, *const *factor_unit, *const *scenario_name,
                                                                                   *const *level_text;
    const double *level_number;
    const int32_t *cell_testbed, *cell_scenario, *run_cell;
    const char *const *metric_name, *const *metric_unit, *const *metric_scale, *const *metric_description;
    const double *metric_threshold, *run_value;
    const int32_t *metric_family; /* NULL in files of an older program, whose metrics were never chosen */
    size_t replication;           /* values that a verdict needs, as the file says, else the default */
    const int32_t *artifact_run, *artifact_state;
    const char *const *artifact_kind, *const *artifact_point;
    size_t *first_run; /* owned; [cells + 1] into runs_by_cell */
    size_t *runs_by_cell;
    unsigned *cell_points; /* owned; points of capture of each cell, as bits */
};

/* A cell or metric of either file. */
struct match {
    size_t reference; /* in the first file */
    size_t other;     /* in the second */
};

/* Pairs that were found; the caller frees items. */
struct matches {
    struct match *items; /* owned */
    size_t count;
};

/* Opens a results file and reads the columns that are needed; path is borrowed. To be closed on
 * TB_OK. Fails as tb_results_open. */
TB_MUST_USE enum tb_status side_open(const char *path, struct side *side, struct tb_error *error);
void side_close(struct side *side);

/* How many cells may be matched. */
size_t side_cell_count(const struct side *side);

/* Cells with the same testbed, by name unless one is chosen, and the same levels of all factors, by
 * name and text or number; in the order of the first file. TB_USAGE with what each file has when there is none. */
TB_MUST_USE enum tb_status match_cells(const struct side *reference, const struct side *other, struct matches *matches,
                                       struct tb_error *error);

/* Metrics of the same name, unit and scale; the same error. */
TB_MUST_USE enum tb_status match_metrics(const struct side *reference, const struct side *other,
                                         struct matches *matches, struct tb_error *error);

/* The names of matched metrics that the two files describe in other words, as "a, b, ..."; gives how many there are.
 * A program of another version may mean something else by the same name. */
size_t describe_otherwise(const struct side *reference, const struct side *other, const struct matches *matches,
                          char *names, size_t size);

/* The metric's tests are adjusted together: what the file says, else whether it is a primary metric. */
bool side_in_family(const struct side *side, size_t metric);

/* The values of a metric in a cell; room for the cell's runs. Gives their number, NaN values included. */
size_t side_values(const struct side *side, size_t cell, size_t metric, double *values);
size_t side_run_count(const struct side *side, size_t cell);

#endif
