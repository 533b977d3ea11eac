/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "summed_counts.h"

#include <stdlib.h>

#include "decode/window_parts.h"

static enum tb_status begin(const struct job *job, struct summed_counts *counts, struct tb_error *error)
{
    const size_t orders = job->campaign->settings.order_count;
    *counts = (struct summed_counts){.tables = calloc(orders, sizeof *counts->tables)};
    if (counts->tables == NULL)
        return tb_error_memory(error, "transition counts");
    for (size_t i = 0; i < orders; i++) {
        tb_transitions_init(&counts->tables[i], job->campaign->settings.orders[i]);
        tb_transitions_finish(&counts->tables[i]);
    }
    return TB_OK;
}

static enum tb_status add_sequence(const struct job *job, const struct sequence_entry *entry,
                                   struct summed_counts *counts, struct tb_error *error)
{
    const size_t orders = job->campaign->settings.order_count;
    struct tb_transitions *whole = calloc(orders, sizeof *whole);
    if (whole == NULL)
        return tb_error_memory(error, "transition counts");
    enum tb_status status = tb_sequence_load(&job->decoding, entry, whole, error);
    for (size_t i = 0; i < orders && status == TB_OK; i++)
        status = tb_transitions_merge(&counts->tables[i], &whole[i], error);
    for (size_t i = 0; i < orders; i++)
        tb_transitions_free(&whole[i]);
    free(whole);
    counts->sequences++;
    return status;
}

static enum tb_status add_run(const struct job *job, size_t run, enum tb_role role, struct summed_counts *counts,
                              struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (size_t pair = 0; pair < job->decoding.pairs && status == TB_OK; pair++) {
        const struct sequence_entry *entry = tb_decoding_sequence(&job->decoding, run, pair, role);
        if (entry != NULL && entry->usable)
            status = add_sequence(job, entry, counts, error);
    }
    return status;
}

enum tb_status tb_summed_counts_of_cell(const struct job *job, size_t cell, enum tb_role role,
                                        struct summed_counts *counts, struct tb_error *error)
{
    const struct tb_cell *about = &job->campaign->cells[cell];
    enum tb_status status = begin(job, counts, error);
    for (size_t i = 0; i < about->run_count && status == TB_OK; i++)
        status = add_run(job, about->first_run + i, role, counts, error);
    if (status != TB_OK || counts->sequences == 0)
        tb_summed_counts_free(job, counts);
    return status;
}

enum tb_status tb_summed_counts_of_run(const struct job *job, size_t run, enum tb_role role,
                                       struct summed_counts *counts, struct tb_error *error)
{
    enum tb_status status = begin(job, counts, error);
    if (status == TB_OK)
        status = add_run(job, run, role, counts, error);
    if (status != TB_OK || counts->sequences < job->campaign->runs[run].pair_count)
        tb_summed_counts_free(job, counts);
    return status;
}

void tb_summed_counts_free(const struct job *job, struct summed_counts *counts)
{
    for (size_t i = 0; counts->tables != NULL && i < job->campaign->settings.order_count; i++)
        tb_transitions_free(&counts->tables[i]);
    free(counts->tables);
    *counts = (struct summed_counts){0};
}
