/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_ANALYSIS_ANALYSIS_H
#define TWINBED_ANALYSIS_ANALYSIS_H

/* The job: a campaign goes in, one results file comes out. */

#include <stdbool.h>
#include <stddef.h>

#include "twinbed/campaign/campaign.h"
#include "twinbed/campaign/plan.h"
#include "twinbed/parallel/team.h"

/* Borrowed texts; the same on every rank. */
struct tb_analysis_options {
    const char *campaign_path;
    const char *output_path;  /* tb_analysis_decode: NULL */
    const char *const *parts; /* directories of parts, the first of which is written; NULL: OUTPUT.parts */
    size_t parts_count;
    struct tb_task task; /* tb_analysis_decode: whose files; tb_analysis_run: {0, 1} */
    struct tb_selection only;
    bool force;               /* replace an existing output */
    bool confined;            /* refuse files outside the campaign's root (campaign/outside.h) */
    bool strict;              /* any damage is fatal */
    const char *timings_path; /* JSON of seconds by stage, or NULL */
    const char *command_line; /* for /provenance */
};

/* Of the artifacts of runs that are not discarded. */
struct tb_analysis_outcome {
    size_t runs;
    size_t used;
    size_t missing; /* other runs of the cell have them */
    size_t damaged;
    size_t withdrawn; /* whole, but not trusted: coverage, losses */
    size_t faults;    /* kinds of things that were asked for and are not in the results; each was said */
    size_t discarded_runs;
    size_t reused;   /* artifacts whose part was there already */
    size_t findings; /* of the campaign, of kinds that count (campaign/findings.h) */
};

/* Collective; every rank returns the same status, and the same outcome on
 * TB_OK. The output appears only on TB_OK. TB_CONFLICT when it exists and force
 * is not set or another job owns it; TB_STOPPED after a signal, when what was
 * finished is kept in OUTPUT.parts; TB_CORRUPT when strict and something is
 * damaged, missing, withdrawn or a finding that counts; TB_USAGE for mistakes in the campaign file. */
TB_MUST_USE enum tb_status tb_analysis_run(const struct tb_team *team, const struct tb_analysis_options *options,
                                           struct tb_analysis_outcome *outcome, struct tb_error *error);

/* The first half of the job, for one task: its files become parts, in the first of the directories. When all tasks are done,
 * tb_analysis_run with these parts decodes nothing any more, and its results are those of one job that does everything. Tasks
 * may run at the same time, with one directory or several. Of *outcome, runs, used, damaged and reused are filled, for the
 * files of this task. Collective over the team, not over tasks; fails as tb_analysis_run does. */
TB_MUST_USE enum tb_status tb_analysis_decode(const struct tb_team *team, const struct tb_analysis_options *options,
                                              struct tb_analysis_outcome *outcome, struct tb_error *error);

/* What is wrong with a campaign file that its own room cannot know: metrics that
 * do not exist, a packet filter that does not compile, too many processes in one trace. TB_USAGE. Not collective. */
TB_MUST_USE enum tb_status tb_analysis_check(const struct tb_campaign *campaign, struct tb_error *error);

/* Bytes that a rank holds at most while it decodes what the plan gives it, and while it writes the table of flows, beside
 * live flows and distinct transitions. rank: of the plan's; threads of each, at least 1. Not collective. */
uint64_t tb_analysis_memory(const struct tb_campaign *campaign, const struct tb_plan *plan, int rank, int threads);

#endif
