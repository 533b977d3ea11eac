/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DRAFT_RUNS_H
#define TWINBED_SRC_DRAFT_RUNS_H

/* Which directories, or files, are runs: what lies together with one output of ab, or where there is none with one of
 * another kind of artifact. */

#include "shape.h"
#include "survey.h"

/* The runs that were found. */
struct draft_runs {
    struct shape_run *items; /* in the survey's arena */
    size_t count;
    bool are_files;
};

/* No run is no error. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_draft_runs_find(struct survey *survey, struct draft_runs *runs, struct tb_error *error);

#endif
