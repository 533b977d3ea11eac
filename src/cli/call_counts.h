/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CLI_CALL_COUNTS_H
#define TWINBED_SRC_CLI_CALL_COUNTS_H

/* How often the client and the server of each run made each call, from a results file. */

#include "matching.h"

/* Counts of calls of one results file. */
struct call_counts {
    size_t names;     /* twice as many as calls: of the client, then of the server */
    char **name;      /* owned, and each: "client_calls:read" */
    double *count;    /* owned; [name][run] */
    size_t run_count; /* of the file */
};

TB_MUST_USE enum tb_status call_counts_read(const struct side *side, struct call_counts *counts,
                                            struct tb_error *error);
/* Accepts a zeroed one. */
void call_counts_free(struct call_counts *counts);
/* Of the runs of a cell; room for them. Gives their number. */
size_t call_counts_of_cell(const struct call_counts *counts, const struct side *side, size_t cell, size_t name,
                           double *values);

#endif
