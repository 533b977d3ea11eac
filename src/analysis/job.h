/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_JOB_H
#define TWINBED_SRC_ANALYSIS_JOB_H

/* What the stages of one job share. Fields are filled by the stage named. */

#include "columns.h"
#include "reasons.h"
#include "states.h"
#include "twinbed/analysis/analysis.h"
#include "twinbed/campaign/plan.h"
#include "twinbed/io/digest.h"
#include "twinbed/metrics/registry.h"
#include "twinbed/results/flags.h"
#include "twinbed/trace/trace.h"

/* What became of an artifact; the values of quality/artifact_state. */
#define STATE(NAME, word) ARTIFACT_##NAME,
enum artifact_state { TB_ARTIFACT_STATE_WORDS(STATE) };
#undef STATE

/* Outcome of decoding one artifact; the same on all ranks after the decode stage. */
struct decoded {
    enum tb_status status; /* TB_OK: its part is there */
    bool reused;
    char *message;                    /* owned; why there is no part, else NULL */
    char digest[TB_DIGEST_TEXT_SIZE]; /* of the file; "" when it is none, or was not read */
};

/* One sequence of the campaign, as every rank knows it after the measure stage. */
struct sequence_entry {
    size_t run;
    size_t pair;
    enum tb_role role;
    size_t artifact; /* the trace that serves this role */
    bool usable;
    uint64_t calls;
};

/* A window setting resolved for one scenario and role. */
struct resolved_window {
    size_t scenario;
    enum tb_role role;
    size_t setting;
    struct tb_window window;
    uint64_t sequences;
    uint64_t short_sequences;
    uint64_t stretch; /* calls of a stretch of the scenario's sequences, for the course of walks; 0: there is none */
};

static inline enum tb_flow_rules flow_rules(const struct tb_settings *settings)
{
    return settings->flow_rules == TB_FLOWS_BY_TCPTRACE ? TB_FLOW_RULES_TCPTRACE : TB_FLOW_RULES_TWINBED;
}

/* tcptrace knows no copies. */
static inline bool copies_are_kept(const struct tb_settings *settings)
{
    return settings->keep_copies || settings->flow_rules == TB_FLOWS_BY_TCPTRACE;
}

/* The vocabulary of states, as the os room has it. */
static inline unsigned state_vocabulary(const struct tb_settings *settings)
{
    _Static_assert((int)TB_STATES_OUTCOME == (int)TB_VOCABULARY_OUTCOME &&
                       (int)TB_STATES_DESCRIPTOR == (int)TB_VOCABULARY_DESCRIPTOR &&
                       (int)TB_STATES_BOTH + 1 == (int)TB_VOCABULARIES,
                   "settings name the vocabularies by their bits");
    return (unsigned)settings->states;
}

struct job {
    const struct tb_team *team;
    const struct tb_analysis_options *options;
    struct tb_campaign *campaign;     /* owned (load) */
    char *parts;                      /* owned; directory (load) */
    struct tb_plan plan;              /* (load) */
    struct decoded *decoded;          /* owned; one per artifact (decode) */
    struct sequence_entry *sequences; /* owned; by run, pair, role (measure) */
    size_t sequence_count;
    size_t *sequence_at;             /* owned; [run * pairs * 2 + pair * 2 + (role == server)], or TB_NO_INDEX */
    struct resolved_window *windows; /* owned; by scenario, role, setting (windows) */
    size_t window_count;
    struct state_list states;     /* owned; of all chains (chains) */
    size_t pairs;                 /* largest number of pairs of a run */
    char *manifest;               /* owned; rank 0: text of the campaign file (load) */
    bool *discarded;              /* owned; per run, stalled ones included (measure) */
    int64_t *document_lengths;    /* owned; per run, of ab's first pair in bytes; -1 when unknown (measure) */
    double *values;               /* owned; rank 0 after gathering: [run][pair][metric] (measure, walks) */
    int32_t *absences;            /* owned; rank 0, as values: numbers of reasons, or NO_REASON (measure) */
    struct tb_buffer notes;       /* rank 0: what the closing lines say (closing.h) */
    struct reason_list reasons;   /* of all ranks; the same on each (measure) */
    double *weights;              /* owned; rank 0: completed units, [run][pair] (measure) */
    struct tb_columns columns;    /* this rank's rows */
    struct tb_buffer flow_tables; /* captures whose flows have rows: tb_flow_tables_note (measure) */
    size_t call_names;            /* distinct call names (measure) */
    int32_t *call_places;         /* owned; by call: its place among the names, -1 for none (measure) */
    struct tb_analysis_outcome outcome;
};

/* Stages; all collective, in this order. */
TB_MUST_USE enum tb_status tb_job_load(struct job *job, struct tb_error *error);
TB_MUST_USE enum tb_status tb_job_claim(struct job *job, struct tb_error *error);
TB_MUST_USE enum tb_status tb_job_decode(struct job *job, struct tb_error *error);
TB_MUST_USE enum tb_status tb_job_measure(struct job *job, struct tb_error *error);
TB_MUST_USE enum tb_status tb_job_windows(struct job *job, struct tb_error *error);
TB_MUST_USE enum tb_status tb_job_chains(struct job *job, struct tb_error *error);
TB_MUST_USE enum tb_status tb_job_compare_chains(struct job *job, struct tb_error *error);
TB_MUST_USE enum tb_status tb_job_distances(struct job *job, struct tb_error *error);
TB_MUST_USE enum tb_status tb_job_walk(struct job *job, struct tb_error *error);
TB_MUST_USE enum tb_status tb_job_course(struct job *job, struct tb_error *error);
TB_MUST_USE enum tb_status tb_job_compare(struct job *job, struct tb_error *error);
TB_MUST_USE enum tb_status tb_job_call_differences(struct job *job, struct tb_error *error);
TB_MUST_USE enum tb_status tb_job_write(struct job *job, struct tb_error *error);
TB_MUST_USE enum tb_status tb_job_close(struct job *job, struct tb_error *error);
void tb_job_free(struct job *job);

/* The artifact whose file is decoded for this one: itself, or the earlier one
 * with the same file. */
size_t tb_job_decoded_artifact(const struct job *job, size_t artifact);

/* Contiguous share of count items of this rank: [*begin, *end). */
void tb_job_share(const struct job *job, size_t count, size_t *begin, size_t *end);

/* The usable or unusable sequence of (run, pair, role), or NULL. role is client or server. */
const struct sequence_entry *tb_job_sequence(const struct job *job, size_t run, size_t pair, enum tb_role role);

/* The sequences of a scenario, [*begin, *end) of job->sequences: like the runs, they are ordered by scenario first. */
void tb_job_scenario_sequences(const struct job *job, size_t scenario, size_t *begin, size_t *end);

/* Append one value to a column of the job at hand, by the field's short name. */
#define PUT_I32(field, value) tb_column_put_int32(&job->columns, (enum tb_field)TB_INT32_##field, (int64_t)(value))
#define PUT_I64(field, value) tb_column_put_int64(&job->columns, (enum tb_field)TB_INT64_##field, (int64_t)(value))
#define PUT_F64(field, value) tb_column_put_float64(&job->columns, (enum tb_field)TB_FLOAT64_##field, (value))
#define PUT_TEXT(field, value) tb_column_put_text(&job->columns, (enum tb_field)TB_TEXT_##field, (value))

#endif
