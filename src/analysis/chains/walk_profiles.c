/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stage after the walks: where along a sequence it departs. Each interval of every sequence is walked on the chains of
 * the baseline's other runs. Definition: docs/method.md. */
#include <math.h>
#include <omp.h>
#include <stdlib.h>

#include "analysis/job/study.h"
#include "chains.h"
#include "decode/window_parts.h"
#include "twinbed/markov/walk.h"

/* The walks of one interval at one order. */
struct interval_walks {
    uint64_t begin;
    uint64_t calls;
    uint64_t transitions;
    size_t chains;
    double bits;
    double invalid;
};

/* One scenario and role. */
struct profile {
    const struct job *job;
    size_t orders;
    const struct sequence_counts *sequences;
    size_t sequence_count;
    struct tb_chain *chains; /* owned; [order * sequence_count + sequence]; only those of the baseline are built */
    struct interval_walks **walks; /* owned; of each sequence [order * intervals + interval] */
    size_t *intervals;             /* owned; of each sequence */
};

static void profile_free(struct profile *profile)
{
    for (size_t i = 0; profile->chains != NULL && i < profile->orders * profile->sequence_count; i++)
        tb_chain_free(&profile->chains[i]);
    for (size_t i = 0; profile->walks != NULL && i < profile->sequence_count; i++)
        free(profile->walks[i]);
    free(profile->chains);
    free(profile->walks);
    free(profile->intervals);
}

static enum tb_status build_chains(struct profile *profile, size_t order, struct tb_error *error)
{
    const struct tb_settings *settings = &profile->job->campaign->settings;
    size_t vocabulary;
    enum tb_status status =
        tb_window_vocabulary(profile->sequences, profile->sequence_count, order, &vocabulary, error);
    for (size_t i = 0; i < profile->sequence_count && status == TB_OK; i++) {
        struct tb_chain *chain = &profile->chains[order * profile->sequence_count + i];
        if (profile->sequences[i].testbed != 0)
            continue;
        status = tb_chain_build(&profile->sequences[i].whole[order], settings->prune, chain, error);
        if (status == TB_OK)
            status = tb_chain_smooth(chain, settings->smoothing, vocabulary, error);
    }
    return status;
}

/* Whether a chain is one that the sequence is walked on: another run's of the baseline, of the same pair. */
static bool is_walked(const struct profile *profile, size_t chain, size_t sequence)
{
    return chain != sequence && profile->sequences[chain].testbed == 0 &&
           profile->sequences[chain].entry->pair == profile->sequences[sequence].entry->pair;
}

static struct interval_walks walk_interval(const struct profile *profile, size_t order, size_t sequence,
                                           const struct tb_subtotal *interval)
{
    const struct tb_transitions *transitions = &interval->transitions[order];
    struct interval_walks walks = {
        .begin = (uint64_t)interval->id, .calls = interval->calls, .transitions = transitions->total};
    double bits = 0, invalid = 0;
    for (size_t chain = 0; chain < profile->sequence_count; chain++) {
        struct tb_walk walk;
        if (!is_walked(profile, chain, sequence))
            continue;
        tb_walk_score(&profile->chains[order * profile->sequence_count + chain], transitions, &walk);
        bits -= walk.log10_smoothed / log10(2.0);
        invalid += (double)walk.invalid_transitions;
        walks.chains++;
    }
    walks.bits =
        walks.chains == 0 || walks.transitions == 0 ? NAN : bits / (double)walks.transitions / (double)walks.chains;
    walks.invalid = walks.chains == 0 ? NAN : invalid / (double)walks.chains;
    return walks;
}

static enum tb_status walk_sequence(struct profile *profile, size_t which, struct tb_error *error)
{
    struct tb_trace *trace;
    struct tb_sequence *sequence;
    enum tb_status status =
        tb_sequence_open_cuts(&profile->job->decoding, profile->sequences[which].entry, &trace, &sequence, error);
    if (status != TB_OK)
        return status;
    const size_t intervals = sequence->interval_count;
    profile->walks[which] = calloc(profile->orders * intervals + 1, sizeof *profile->walks[which]);
    if (profile->walks[which] == NULL)
        status = tb_error_memory(error, "the walk profile");
    for (size_t i = 0; status == TB_OK && i < profile->orders * intervals; i++)
        profile->walks[which][i] = walk_interval(profile, i / intervals, which, &sequence->intervals[i % intervals]);
    profile->intervals[which] = intervals;
    tb_trace_free(trace);
    return status;
}

static enum tb_status walk_sequences(struct profile *profile, struct tb_error *error)
{
    enum tb_status failure = TB_OK;
#pragma omp parallel for schedule(dynamic, 1) num_threads(profile->job->team->threads)
    for (size_t i = 0; i < profile->sequence_count; i++) {
        struct tb_error own;
        const enum tb_status status = walk_sequence(profile, i, &own);
#pragma omp critical(profile_failure)
        if (status != TB_OK && failure == TB_OK) {
            failure = status;
            *error = own;
        }
    }
    return failure;
}

static void add_row(struct job *job, const struct sequence_entry *entry, unsigned order,
                    const struct interval_walks *walks)
{
    PUT_I32(WALK_PROFILE_RUN, entry->run);
    PUT_I32(WALK_PROFILE_PAIR, entry->pair);
    PUT_I32(WALK_PROFILE_ROLE, entry->role);
    PUT_I32(WALK_PROFILE_ORDER, order);
    PUT_I64(WALK_PROFILE_BEGIN, walks->begin);
    PUT_I64(WALK_PROFILE_CALLS, walks->calls);
    PUT_I64(WALK_PROFILE_TRANSITIONS, walks->transitions);
    PUT_I32(WALK_PROFILE_CHAINS, walks->chains);
    PUT_F64(WALK_PROFILE_BITS_PER_TRANSITION, walks->bits);
    PUT_F64(WALK_PROFILE_INVALID_TRANSITIONS, walks->invalid);
}

static void add_rows(struct job *job, const struct profile *profile)
{
    for (size_t i = 0; i < profile->sequence_count; i++)
        for (size_t s = 0; s < profile->orders * profile->intervals[i]; s++)
            add_row(job, profile->sequences[i].entry, job->campaign->settings.orders[s / profile->intervals[i]],
                    &profile->walks[i][s]);
}

static enum tb_status walk_profile(struct job *job, const struct sequence_counts *sequences, size_t count,
                                   struct tb_error *error)
{
    const size_t orders = job->campaign->settings.order_count;
    struct profile profile = {.job = job,
                              .orders = orders,
                              .sequences = sequences,
                              .sequence_count = count,
                              .chains = calloc(orders * count + 1, sizeof *profile.chains),
                              .walks = calloc(count + 1, sizeof *profile.walks),
                              .intervals = calloc(count + 1, sizeof *profile.intervals)};
    enum tb_status status = TB_OK;
    if (profile.chains == NULL || profile.walks == NULL || profile.intervals == NULL)
        status = tb_error_memory(error, "the walk profile");
    for (size_t order = 0; order < orders && status == TB_OK; order++)
        status = build_chains(&profile, order, error);
    if (status == TB_OK)
        status = walk_sequences(&profile, error);
    if (status == TB_OK)
        add_rows(job, &profile);
    profile_free(&profile);
    return status;
}

/* Items are windows. A scenario and role has as many of them as there are settings; its profile is the first one's business. */
static enum tb_status profile_of_window(struct job *job, size_t window, struct tb_buffer *beside,
                                        struct tb_error *error)
{
    (void)beside;
    if (job->decoding.windows[window].interval == 0 || job->decoding.windows[window].setting != 0)
        return TB_OK;
    struct sequence_counts *sequences;
    size_t count;
    enum tb_status status =
        tb_window_counts_load(&job->decoding, &job->decoding.windows[window], &sequences, &count, error);
    if (status != TB_OK)
        return status;
    status = walk_profile(job, sequences, count, error);
    tb_window_counts_free(&job->decoding, sequences, count);
    return status;
}

static uint64_t cost_of(const struct job *job, size_t window)
{
    const struct resolved_window *const resolved = &job->decoding.windows[window];
    return resolved->interval == 0 || resolved->setting != 0 ? 0 : resolved->sequences * resolved->sequences;
}

enum tb_status tb_job_walk_profiles(struct job *job, struct tb_error *error)
{
    const struct study study = {.name = "profiles",
                                .items = "windows",
                                .count = job->decoding.window_count,
                                .cost = cost_of,
                                .item = profile_of_window};
    return tb_job_study(job, &study, error);
}
