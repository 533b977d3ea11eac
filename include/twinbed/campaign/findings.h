/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CAMPAIGN_FINDINGS_H
#define TWINBED_CAMPAIGN_FINDINGS_H

/* What a campaign asks for and does not get, and what lies beside it that nothing asks for: found while the campaign is
 * loaded, so that `check`, the last lines of `analyze`, the results file and the report say the same.
 *
 * A finding is one sentence with a count and an example. Some kinds count: the results lack something that was asked for
 * (exit status 3). The others may be meant, and are only said. Of each kind at most TB_FINDINGS_OF_A_KIND are kept, all
 * are counted. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tb_finding_kind {
    /* These count. */
    TB_FINDING_NOWHERE,           /* an artifact that no run has; count: runs that are asked for it */
    TB_FINDING_SOME_RUNS,         /* an artifact that other runs of the same cell have; count: runs that lack it */
    TB_FINDING_NOT_IN_BASELINE,   /* an artifact that no run of the baseline has, though other testbeds do; count: runs
                                      of the baseline */
    TB_FINDING_UNNAMED_PROCESS,   /* traces in which no process is selected; count: traces */
    TB_FINDING_OTHER_REPETITIONS, /* files of further repetitions where runs know of one only; count: files */
    TB_FINDING_OTHER_PAIRS,       /* runs that have not the pairs that their cell has; count: runs */
    TB_FINDING_SHARED_FILES,      /* files that are artifacts of several runs; count: runs that share them */
    TB_FINDING_NO_COMMON_SCENARIO, /* a testbed that meets the baseline in no scenario; count: scenarios of the testbed */
    /* These may be meant. */
    TB_FINDING_NOT_SELECTED,        /* an artifact that no selected run has, under --only; count: these runs */
    TB_FINDING_NOT_IN_TESTBED,      /* an artifact that no run of a testbed has, though others do; count: its runs */
    TB_FINDING_NOT_IN_CELLS,        /* an artifact that no run of some cells has; count: cells */
    TB_FINDING_NO_COUNTERPART,      /* scenarios that a testbed or the baseline has alone; count: scenarios */
    TB_FINDING_NO_FACTOR_CONTRAST,  /* a factor that no two scenarios differ in alone; count: levels */
    TB_FINDING_LATER_ALTERNATIVE,   /* files that match an artifact too, but stand behind the one taken; count: files */
    TB_FINDING_UNMATCHED_FILE,      /* files in the runs' directories that nothing asks for; count: files */
    TB_FINDING_UNMATCHED_DIRECTORY, /* a directory beside those of runs in which no run was found; count: 1 */
    TB_FINDING_KINDS
};

enum { TB_FINDINGS_OF_A_KIND = 16 };

struct tb_finding {
    enum tb_finding_kind kind;
    char *sentence; /* owned; one line of UTF-8 */
    uint64_t count; /* of what the kind says; at least 1 */
    char *example;  /* owned; likewise: a path below the root or as it is opened, with '?' for what cannot be printed;
                       "" when there is none */
};

struct tb_findings {
    struct tb_finding *items; /* owned; by kind, then in the order of the campaign */
    size_t count;
    uint64_t total[TB_FINDING_KINDS]; /* of each kind, those that were not kept included */
};

/* Whether a kind counts: the analysis lacks something that was asked for. */
bool tb_finding_kind_counts(enum tb_finding_kind kind);
/* "artifact in no run", a short name in lower case. */
const char *tb_finding_kind_name(enum tb_finding_kind kind);
/* Findings of kinds that count, those not kept included. */
uint64_t tb_findings_that_count(const struct tb_findings *findings);

#endif
