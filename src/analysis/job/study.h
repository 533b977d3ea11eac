/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_STUDY_H
#define TWINBED_SRC_ANALYSIS_STUDY_H

/* A stage that studies items apart from each other: cells, scenarios or windows. Ranks take them from a queue, those that cost
 * most first. What comes of an item, rows and what else there is, is kept as a part: a job that was stopped, or whose later
 * stages failed, does not study it again. In the end the rows go to the rank in whose contiguous share their item is, in the
 * order of items, so that the file is the same whoever studied what. */

#include "job.h"

struct study {
    const char *name;  /* of the stage; of parts, too */
    const char *items; /* what they are, for progress: "windows" */
    size_t count;
    /* What an item costs, in any unit. */
    uint64_t (*cost)(const struct job *job, size_t item);
    /* Puts the rows of an item into the columns of the job, which are empty then, and what else comes of it into beside. With
     * all threads of this rank. Not collective. */
    enum tb_status (*item)(struct job *job, size_t item, struct tb_buffer *beside, struct tb_error *error);
    /* Takes what was put beside the rows of an item, on the rank that gets these rows, in the order of items; NULL when there
     * is nothing. */
    enum tb_status (*take)(void *context, struct tb_bytes beside, struct tb_error *error);
    void *context; /* of take */
};

/* TB_STOPPED after a signal to any rank, when all have finished the item in work. Collective. */
TB_MUST_USE enum tb_status tb_job_study(struct job *job, const struct study *study, struct tb_error *error);

/* Where items are cells and roles: first the client's of a cell, then the server's. */
static inline enum tb_role tb_item_role(size_t item)
{
    return item % 2 == 0 ? TB_ROLE_CLIENT : TB_ROLE_SERVER;
}
static inline size_t tb_item_cell(size_t item)
{
    return item / 2;
}
/* The bytes of its traces: what counting them costs, about. */
uint64_t tb_item_cell_cost(const struct job *job, size_t item);

/* Rank 0 tells all what decides what studies come to: the program, the campaign file, the files it names, what was asked for.
 * Collective. */
TB_MUST_USE enum tb_status tb_job_identify(struct job *job, struct tb_error *error);

#endif
