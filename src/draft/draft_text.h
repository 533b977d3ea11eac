/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DRAFT_DRAFT_TEXT_H
#define TWINBED_SRC_DRAFT_DRAFT_TEXT_H

/* The campaign file as text, from what was found. */

#include <stdio.h>

#include "evidence.h"
#include "rules.h"
#include "runs.h"
#include "shape.h"

/* All borrowed. */
struct draft_findings {
    const struct survey *survey;
    const struct draft_runs *runs;
    const struct shape *shape;
    const struct run_files *files;
    const struct draft_rules *rules; /* one for all runs; where runs are files one for each item */
    size_t rule_count;
    struct trace_evidence processes;
    const char *baseline; /* NULL: none was given */
    const struct tb_campaign
        *empty_runs_of; /* the same draft as it was loaded, when some runs have no artifact; else NULL */
    bool has_traces;
    bool has_workload; /* what some program says of its workload */
    bool has_ab;       /* and that program is ab */
    uint16_t port;
    bool port_is_needed; /* no output of ab tells it */
};

/* With patterns. False when memory is short. */
bool tb_draft_write_patterns(const struct draft_findings *findings, struct arena *arena, FILE *output);
/* Run by run, where no patterns are to be had; of one root. */
bool tb_draft_write_list(const struct draft_findings *findings, struct arena *arena, FILE *output);
/* None of the run's artifacts is there. */
bool tb_run_is_empty(const struct tb_campaign *campaign, const struct tb_run *run);
/* What finds the artifacts of a rule: "a.txt, b.txt". */
const char *tb_draft_rule_text(struct arena *arena, const struct draft_rule *rule);

#endif
