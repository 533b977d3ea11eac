/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stage after the walks: where along a sequence it departs. Each stretch of every sequence is walked on the chains of
 * the baseline's other runs. Definition: docs/method.md. */
#include <math.h>
#include <omp.h>
#include <stdlib.h>

#include "chains.h"
#include "decode/window_parts.h"
#include "twinbed/markov/walk.h"

/* The walks of one stretch at one order. */
struct stretch_walks {
    uint64_t begin;
    uint64_t calls;
    uint64_t transitions;
    size_t chains;
    double bits;
    double invalid;
};

/* One scenario and role. */
struct course {
    const struct job *job;
    size_t orders;
    const struct sequence_counts *sequences;
    size_t sequence_count;
    struct tb_chain *chains;      /* owned; [order * sequence_count + sequence]; only those of the baseline are built */
    struct stretch_walks **walks; /* owned; of each sequence [order * stretches + stretch] */
    size_t *stretches;            /* owned; of each sequence */
};

static void course_free(struct course *course)
{
    for (size_t i = 0; course->chains != NULL && i < course->orders * course->sequence_count; i++)
        tb_chain_free(&course->chains[i]);
    for (size_t i = 0; course->walks != NULL && i < course->sequence_count; i++)
        free(course->walks[i]);
    free(course->chains);
    free(course->walks);
    free(course->stretches);
}

static enum tb_status build_chains(struct course *course, size_t order, struct tb_error *error)
{
    const struct tb_settings *settings = &course->job->campaign->settings;
    size_t vocabulary;
    enum tb_status status = tb_window_vocabulary(course->sequences, course->sequence_count, order, &vocabulary, error);
    for (size_t i = 0; i < course->sequence_count && status == TB_OK; i++) {
        struct tb_chain *chain = &course->chains[order * course->sequence_count + i];
        if (course->sequences[i].testbed != 0)
            continue;
        status = tb_chain_build(&course->sequences[i].whole[order], settings->prune, chain, error);
        if (status == TB_OK)
            status = tb_chain_smooth(chain, settings->smoothing, vocabulary, error);
    }
    return status;
}

/* Whether a chain is one that the sequence is walked on: another run's of the baseline, of the same pair. */
static bool is_walked(const struct course *course, size_t chain, size_t sequence)
{
    return chain != sequence && course->sequences[chain].testbed == 0 &&
           course->sequences[chain].entry->pair == course->sequences[sequence].entry->pair;
}

static struct stretch_walks walk_stretch(const struct course *course, size_t order, size_t sequence,
                                         const struct tb_portion *stretch)
{
    const struct tb_transitions *transitions = &stretch->transitions[order];
    struct stretch_walks walks = {
        .begin = (uint64_t)stretch->id, .calls = stretch->calls, .transitions = transitions->total};
    double bits = 0, invalid = 0;
    for (size_t chain = 0; chain < course->sequence_count; chain++) {
        struct tb_walk walk;
        if (!is_walked(course, chain, sequence))
            continue;
        tb_walk_score(&course->chains[order * course->sequence_count + chain], transitions, &walk);
        bits -= walk.log10_smoothed / log10(2.0);
        invalid += (double)walk.invalid_transitions;
        walks.chains++;
    }
    walks.bits =
        walks.chains == 0 || walks.transitions == 0 ? NAN : bits / (double)walks.transitions / (double)walks.chains;
    walks.invalid = walks.chains == 0 ? NAN : invalid / (double)walks.chains;
    return walks;
}

static enum tb_status walk_sequence(struct course *course, size_t which, struct tb_error *error)
{
    struct tb_trace *trace;
    struct tb_sequence *sequence;
    enum tb_status status =
        tb_sequence_open_cuts(&course->job->decoding, course->sequences[which].entry, &trace, &sequence, error);
    if (status != TB_OK)
        return status;
    const size_t stretches = sequence->stretch_count;
    course->walks[which] = calloc(course->orders * stretches + 1, sizeof *course->walks[which]);
    if (course->walks[which] == NULL)
        status = tb_error_memory(error, "the course of walks");
    for (size_t i = 0; status == TB_OK && i < course->orders * stretches; i++)
        course->walks[which][i] = walk_stretch(course, i / stretches, which, &sequence->stretches[i % stretches]);
    course->stretches[which] = stretches;
    tb_trace_free(trace);
    return status;
}

static enum tb_status walk_sequences(struct course *course, struct tb_error *error)
{
    enum tb_status failure = TB_OK;
#pragma omp parallel for schedule(dynamic, 1) num_threads(course->job->team->threads)
    for (size_t i = 0; i < course->sequence_count; i++) {
        struct tb_error own;
        const enum tb_status status = walk_sequence(course, i, &own);
#pragma omp critical(course_failure)
        if (status != TB_OK && failure == TB_OK) {
            failure = status;
            *error = own;
        }
    }
    return failure;
}

static void add_row(struct job *job, const struct sequence_entry *entry, unsigned order,
                    const struct stretch_walks *walks)
{
    PUT_I32(COURSE_RUN, entry->run);
    PUT_I32(COURSE_PAIR, entry->pair);
    PUT_I32(COURSE_ROLE, entry->role);
    PUT_I32(COURSE_ORDER, order);
    PUT_I64(COURSE_BEGIN, walks->begin);
    PUT_I64(COURSE_CALLS, walks->calls);
    PUT_I64(COURSE_TRANSITIONS, walks->transitions);
    PUT_I32(COURSE_CHAINS, walks->chains);
    PUT_F64(COURSE_BITS_PER_TRANSITION, walks->bits);
    PUT_F64(COURSE_INVALID_TRANSITIONS, walks->invalid);
}

static void add_rows(struct job *job, const struct course *course)
{
    for (size_t i = 0; i < course->sequence_count; i++)
        for (size_t s = 0; s < course->orders * course->stretches[i]; s++)
            add_row(job, course->sequences[i].entry, job->campaign->settings.orders[s / course->stretches[i]],
                    &course->walks[i][s]);
}

static enum tb_status walk_course(struct job *job, const struct sequence_counts *sequences, size_t count,
                                  struct tb_error *error)
{
    const size_t orders = job->campaign->settings.order_count;
    struct course course = {.job = job,
                            .orders = orders,
                            .sequences = sequences,
                            .sequence_count = count,
                            .chains = calloc(orders * count + 1, sizeof *course.chains),
                            .walks = calloc(count + 1, sizeof *course.walks),
                            .stretches = calloc(count + 1, sizeof *course.stretches)};
    enum tb_status status = TB_OK;
    if (course.chains == NULL || course.walks == NULL || course.stretches == NULL)
        status = tb_error_memory(error, "the course of walks");
    for (size_t order = 0; order < orders && status == TB_OK; order++)
        status = build_chains(&course, order, error);
    if (status == TB_OK)
        status = walk_sequences(&course, error);
    if (status == TB_OK)
        add_rows(job, &course);
    course_free(&course);
    return status;
}

static enum tb_status course_of_window(struct job *job, size_t window, struct tb_error *error)
{
    struct sequence_counts *sequences;
    size_t count;
    enum tb_status status =
        tb_window_counts_load(&job->decoding, &job->decoding.windows[window], &sequences, &count, error);
    if (status != TB_OK)
        return status;
    status = walk_course(job, sequences, count, error);
    tb_window_counts_free(&job->decoding, sequences, count);
    return status;
}

enum tb_status tb_job_course(struct job *job, struct tb_error *error)
{
    size_t begin, end;
    tb_job_share(job, job->decoding.window_count, &begin, &end);
    enum tb_status status = TB_OK;
    /* A scenario and role has as many windows as there are settings; its course is the first one's business. */
    for (size_t i = begin; i < end && status == TB_OK; i++)
        if (job->decoding.windows[i].stretch != 0 && job->decoding.windows[i].setting == 0)
            status = course_of_window(job, i, error);
    return tb_team_agree(job->team, status, error);
}
