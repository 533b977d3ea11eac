/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job.h"

#include <stdlib.h>

void tb_job_free(struct job *job)
{
    free(job->output);
    free(job->discarded);
    free(job->document_lengths);
    free(job->call_places);
    tb_state_list_free(&job->states);
    free(job->values);
    free(job->absences);
    tb_buffer_free(&job->notes);
    tb_reason_list_free(&job->reasons);
    free(job->weights);
    free(job->manifest);
    tb_decoding_free(&job->decoding);
    tb_registry_close(&job->registry);
    tb_campaign_free(job->campaign);
    tb_columns_free(&job->columns);
    tb_buffer_free(&job->flow_tables);
}

enum tb_status tb_job_stopped(const struct job *job, struct tb_error *error)
{
    return tb_error_set(error, TB_STOPPED,
                        "stopped by a signal: what is finished is kept in %s; the same command goes on from there",
                        tb_parts_directory(job->decoding.parts));
}

void tb_job_share(const struct job *job, size_t count, size_t *begin, size_t *end)
{
    *begin = (size_t)tb_share_begin(count, job->team->size, job->team->rank);
    *end = (size_t)tb_share_begin(count, job->team->size, job->team->rank + 1);
}

enum tb_status tb_job_place_rows(struct job *job, enum tb_field rows, struct tb_error *error)
{
    uint64_t before;
    const enum tb_status status =
        tb_team_prefix(job->team, tb_column_length(&job->columns, rows), &before, NULL, error);
    if (status == TB_OK)
        tb_columns_shift(&job->columns, rows, (int64_t)before);
    return status;
}
