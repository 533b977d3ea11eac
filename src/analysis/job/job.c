/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job.h"

#include <stdlib.h>

void tb_job_free(struct job *job)
{
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
    tb_campaign_free(job->campaign);
    tb_columns_free(&job->columns);
    tb_buffer_free(&job->flow_tables);
}

void tb_job_share(const struct job *job, size_t count, size_t *begin, size_t *end)
{
    *begin = (size_t)tb_share_begin(count, job->team->size, job->team->rank);
    *end = (size_t)tb_share_begin(count, job->team->size, job->team->rank + 1);
}
