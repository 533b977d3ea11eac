/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_RUN_MEASURES_H
#define TWINBED_SRC_ANALYSIS_RUN_MEASURES_H

/* Everything that the parts of one run hold, and what may be used of it. */

#include "analysis/job/job.h"
#include "decode/artifact_kinds.h"
#include "twinbed/flow/stalls.h"
#include "twinbed/metrics/checks.h"

enum { ARTIFACT_REMARK_SIZE = 768 };

struct run_artifact {
    size_t artifact;                 /* index in the campaign */
    bool loaded;                     /* content is there */
    struct artifact_content content; /* of its own part, or empty when it shares another artifact's */
    size_t content_of;               /* place in the run's artifacts whose content is this one's */
    size_t sequence;                 /* traces: its sequence in that content */
    enum artifact_state state;
    const char *reason; /* "" or borrowed from note or the job */
    char note[TB_ERROR_TEXT_SIZE];
    double coverage;                   /* NaN when not defined */
    char remark[ARTIFACT_REMARK_SIZE]; /* what is odd though it is used; "" mostly */
    bool remark_is_fault;              /* something that was asked for is left out */
};

/* Of one pair. */
struct pair_measures {
    struct tb_measures measures;
    struct tb_flow_totals flows;
    struct tb_flow_totals completed_flows;
    struct tb_load_delays load_delays[TB_DIRECTIONS];
    struct tb_path_delays path_delays[TB_DIRECTIONS];
    char no_work[TB_ERROR_TEXT_SIZE];    /* why the capture does not tell the completed units; "" when it does */
    struct tb_latency_session *sessions; /* owned; of all latency artifacts of the pair, in order */
    size_t session_count;
    struct tb_metric_value *custom; /* owned; of the campaign's custom metrics; NULL when it has none */
};

/* What became of one check of one artifact. */
struct made_check {
    size_t place; /* in the run's artifacts */
    size_t check; /* tb_check_at */
    struct tb_check_result result;
};

struct run_measures {
    size_t run;
    struct run_artifact *artifacts; /* owned; run's artifact_count */
    size_t artifact_count;
    struct pair_measures *pairs; /* owned; run's pair_count */
    size_t pair_count;
    struct made_check *checks; /* owned; by artifact, then check */
    size_t check_count;
    size_t check_capacity;
    int stalled;             /* 1, 0, -1 unknown */
    struct tb_stalls stalls; /* of the captures of all pairs */
    bool stalls_known;
    struct tb_stalled_flow worst; /* of these captures; none where none stood still as long as the rule has it */
    size_t worst_capture;         /* the artifact that it is in */
    bool resets_known;            /* a kernel log of the run is used */
    uint64_t resets;              /* of network adapters, in the log with the most */
    bool discarded;
};

void tb_run_measures_free(struct run_measures *measures);

/* The content an artifact of the run uses (its own or the shared one); NULL when none. */
const struct artifact_content *tb_run_artifact_content(const struct run_measures *measures, size_t place);

/* The place, among the run's artifacts, of the log of the capture at that place; TB_NO_INDEX without one that was read. */
size_t tb_run_capture_log(const struct job *job, const struct run_measures *run, size_t place);

/* A path as it is opened, as seen from the campaign's root when it is below; borrowed. */
const char *tb_campaign_relative_path(const struct tb_campaign *campaign, const char *path);

/* Its path as seen from the campaign's root; borrowed from the campaign. */
const char *tb_artifact_relative_path(const struct tb_campaign *campaign, size_t artifact);

/* The sequence of a trace artifact of the run, or NULL. */
const struct tb_sequence *tb_run_artifact_sequence(const struct run_measures *measures, size_t place);

#endif
