/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_JOB_H
#define TWINBED_SRC_ANALYSIS_JOB_H

/* What the stages of one job share. Fields are filled by the stage named. */

#include "columns.h"
#include "decode/decoding.h"
#include "reasons.h"
#include "states.h"
#include "twinbed/analysis/analysis.h"
#include "twinbed/base/work_unit.h"
#include "twinbed/metrics/registry.h"
#include "twinbed/results/flags.h"
#include "twinbed/trace/trace.h"

/* What became of an artifact; the values of quality/artifact_state. */
#define STATE(NAME, word) ARTIFACT_##NAME,
enum artifact_state { TB_ARTIFACT_STATE_WORDS(STATE) };
#undef STATE

struct job {
    const struct tb_team *team;
    const struct tb_analysis_options *options;
    struct tb_campaign *campaign; /* owned (load) */
    struct tb_registry registry;  /* owned; all metrics of the campaign (load) */
    char *output;                 /* owned; where the results file will be (claim) */
    struct decoding decoding;     /* (load); its sequences are filled by measure */
    struct state_list states;     /* owned; of all chains (chains) */
    char *manifest;               /* owned; rank 0: text of the campaign file (load) */
    bool *discarded;              /* owned; per run, stalled ones included (measure) */
    int64_t *document_lengths;    /* owned; per run, of ab's first pair in bytes; -1 when unknown (measure) */
    enum tb_work_unit work_unit;  /* what texts call a completed unit of work (measure) */
    double *values;               /* owned; rank 0 after gathering: [run][pair][metric] (measure, walks) */
    int32_t *absences;            /* owned; rank 0, as values: numbers of reasons, or NO_REASON (measure) */
    struct tb_buffer notes;       /* rank 0: what the closing lines say (closing.h) */
    struct reason_list reasons;   /* of all ranks; the same on each (measure) */
    double *weights;              /* owned; rank 0: completed units, [run][pair] (measure) */
    struct tb_columns columns;    /* this rank's rows */
    struct tb_buffer flow_tables; /* captures whose flows have rows: tb_flow_tables_note (measure) */
    size_t call_names;            /* distinct call names (measure) */
    int32_t *call_places;         /* owned; by call: its place among the names, -1 for none (measure) */
    char identity
        [TB_DIGEST_TEXT_SIZE]; /* of all that decides what studies come to; "" when that is not known (measure) */
    struct tb_analysis_outcome outcome;
};

void tb_job_free(struct job *job);

/* TB_STOPPED, and what a signal leaves behind. */
enum tb_status tb_job_stopped(const struct job *job, struct tb_error *error);

/* Contiguous share of count items of this rank: [*begin, *end). */
void tb_job_share(const struct job *job, size_t count, size_t *begin, size_t *end);

/* What refers to rows of this rank, of which column rows has one value each, refers to those of the file from now on.
 * Collective. */
TB_MUST_USE enum tb_status tb_job_place_rows(struct job *job, enum tb_field rows, struct tb_error *error);

/* Append one value to a column of the job at hand, by the field's short name. */
#define PUT_I32(field, value) tb_column_put_int32(&job->columns, (enum tb_field)TB_INT32_##field, (int64_t)(value))
#define PUT_I64(field, value) tb_column_put_int64(&job->columns, (enum tb_field)TB_INT64_##field, (int64_t)(value))
#define PUT_F64(field, value) tb_column_put_float64(&job->columns, (enum tb_field)TB_FLOAT64_##field, (value))
#define PUT_TEXT(field, value) tb_column_put_text(&job->columns, (enum tb_field)TB_TEXT_##field, (value))

#endif
