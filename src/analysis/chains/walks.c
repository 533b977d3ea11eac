/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eighth stage: in every window, the chains of the baseline's sequences (or of
 * all sequences) are walked with every sequence of the scenario. */
#include <math.h>
#include <omp.h>
#include <stdlib.h>

#include "analysis/job/study.h"
#include "chains.h"
#include "decode/window_parts.h"
#include "invalid_transitions.h"
#include "twinbed/base/archive.h"
#include "twinbed/markov/walk.h"

#define BASIS(NAME, word) BASIS_##NAME,
enum basis { TB_WALK_BASIS_WORDS(BASIS) BASES };

/* The values of os/walk_set_reason. */
#define SET(NAME, word) SET_##NAME,
enum set_reason { TB_WALK_SET_REASON_WORDS(SET) };

/* All walks of one window, one order, one basis: chains x sequences. */
struct walk_grid {
    size_t window; /* index of job->decoding.windows */
    size_t order_index;
    enum basis basis;
    const struct sequence_counts *sequences;
    size_t sequence_count;
    bool all_chains;                /* not those of the baseline alone */
    size_t vocabulary;              /* calls that occur in the sequences */
    struct tb_walk *walks;          /* owned; [chain * sequence_count + sequence] */
    bool *done;                     /* owned; the pair is walked */
    struct tb_transitions *invalid; /* owned; of each walk */
};

static bool makes_chain(const struct walk_grid *grid, size_t chain)
{
    const struct sequence_counts *counts = &grid->sequences[chain];
    return (grid->all_chains || counts->testbed == 0) && (grid->basis == BASIS_WHOLE || counts->reached);
}

/* One chain against every sequence of its pair. */
static enum tb_status walk_chain(struct walk_grid *grid, size_t chain_index, const struct tb_settings *settings,
                                 struct tb_error *error)
{
    const struct sequence_counts *source = &grid->sequences[chain_index];
    struct tb_chain chain;
    enum tb_status status = tb_chain_build(grid->basis == BASIS_WHOLE ? &source->whole[grid->order_index]
                                                                      : &source->inside[grid->order_index],
                                           settings->prune, &chain, error);
    if (status != TB_OK)
        return status;
    status = tb_chain_smooth(&chain, settings->smoothing, grid->vocabulary, error);
    if (status != TB_OK) {
        tb_chain_free(&chain);
        return status;
    }
    for (size_t i = 0; i < grid->sequence_count && status == TB_OK; i++) {
        const struct sequence_counts *walked = &grid->sequences[i];
        const size_t at = chain_index * grid->sequence_count + i;
        if (!walked->reached || walked->entry->pair != source->entry->pair)
            continue;
        grid->done[at] = true;
        status = tb_walk_score_listing(&chain, &walked->inside[grid->order_index], &grid->walks[at], &grid->invalid[at],
                                       error);
    }
    tb_chain_free(&chain);
    return status;
}

static enum tb_status walk_grid_fill(const struct job *job, struct walk_grid *grid, struct tb_error *error)
{
    enum tb_status failure = TB_OK;
#pragma omp parallel for schedule(dynamic, 1) num_threads(job->team->threads)
    for (size_t chain = 0; chain < grid->sequence_count; chain++) {
        struct tb_error own;
        const enum tb_status status =
            makes_chain(grid, chain) ? walk_chain(grid, chain, &job->campaign->settings, &own) : TB_OK;
#pragma omp critical(walk_failure)
        if (status != TB_OK && failure == TB_OK) {
            failure = status;
            *error = own;
        }
    }
    return failure;
}

static double bits_per_transition(const struct tb_walk *walk, double log10_probability)
{
    return walk->transitions == 0 ? NAN : -log10_probability / log10(2.0) / (double)walk->transitions;
}

static double walk_bits(const struct tb_walk *walk)
{
    return walk->valid ? bits_per_transition(walk, walk->log10_probability) : NAN;
}

/* What the chain lacked first, as states of the file. */
static void add_first_invalid(struct job *job, const struct walk_grid *grid, const struct tb_walk *walk)
{
    const unsigned order = job->campaign->settings.orders[grid->order_index];
    const struct tb_key key = walk->first_invalid_key;
    const bool any = walk->first_invalid != UINT64_MAX;
    int64_t source = -1;
    int64_t target = -1;
    if (any && walk->first_invalid_is_start) {
        target = tb_state_list_find(&job->states, order, key);
    } else if (any) {
        source = tb_state_list_find(&job->states, order, tb_key_source(key));
        target = tb_state_list_find(&job->states, order, tb_key_target(key, order));
    }
    PUT_I64(WALK_FIRST_INVALID, any ? (int64_t)walk->first_invalid : -1);
    PUT_I32(WALK_FIRST_INVALID_SOURCE, source);
    PUT_I32(WALK_FIRST_INVALID_TARGET, target);
}

static void add_walk_row(struct job *job, const struct walk_grid *grid, size_t chain, size_t sequence)
{
    const struct tb_walk *walk = &grid->walks[chain * grid->sequence_count + sequence];
    PUT_I32(WALK_WINDOW, grid->window);
    PUT_I32(WALK_ORDER, job->campaign->settings.orders[grid->order_index]);
    PUT_I32(WALK_BASIS, grid->basis);
    PUT_I32(WALK_CHAIN_RUN, grid->sequences[chain].entry->run);
    PUT_I32(WALK_SEQUENCE_RUN, grid->sequences[sequence].entry->run);
    PUT_I32(WALK_PAIR, grid->sequences[sequence].entry->pair);
    PUT_I64(WALK_TRANSITIONS, walk->transitions);
    PUT_I64(WALK_INVALID_TRANSITIONS, walk->invalid_transitions);
    PUT_I64(WALK_INVALID_DISTINCT, walk->invalid_distinct);
    PUT_I64(WALK_INVALID_STARTS, walk->invalid_starts);
    add_first_invalid(job, grid, walk);
    PUT_I32(WALK_VALID, walk->valid);
    PUT_F64(WALK_LOG10_PROBABILITY, walk->valid ? walk->log10_probability : NAN);
    PUT_F64(WALK_BITS_PER_TRANSITION, walk_bits(walk));
    PUT_F64(WALK_SMOOTHED_LOG10_PROBABILITY, walk->log10_smoothed);
    PUT_F64(WALK_SMOOTHED_BITS_PER_TRANSITION, bits_per_transition(walk, walk->log10_smoothed));
}

/* Aggregates of the walks of one testbed's sequences on the chains of one testbed. */
struct walk_set {
    size_t chain_testbed, testbed;
    uint64_t walks, with_invalid, invalid_transitions, off_diagonal, valid_off_diagonal;
    struct tb_walk_mean mean, mean_off_diagonal;
    struct tb_walk_mean smoothed; /* every walk is valid */
    double mean_bits, smoothed_bits;
};

/* Room for the values of every walk of a grid. */
struct walk_values {
    double *logs, *smoothed, *off_diagonal; /* owned */
    bool *valid, *valid_off_diagonal, *all; /* owned */
};

static void walk_values_free(struct walk_values *values)
{
    free(values->logs);
    free(values->smoothed);
    free(values->off_diagonal);
    free(values->valid);
    free(values->valid_off_diagonal);
    free(values->all);
}

static bool walk_values_allocate(struct walk_values *values, size_t room)
{
    *values = (struct walk_values){.logs = calloc(room, sizeof *values->logs),
                                   .smoothed = calloc(room, sizeof *values->smoothed),
                                   .off_diagonal = calloc(room, sizeof *values->off_diagonal),
                                   .valid = calloc(room, sizeof *values->valid),
                                   .valid_off_diagonal = calloc(room, sizeof *values->valid_off_diagonal),
                                   .all = calloc(room, sizeof *values->all)};
    return values->logs != NULL && values->smoothed != NULL && values->off_diagonal != NULL && values->valid != NULL &&
           values->valid_off_diagonal != NULL && values->all != NULL;
}

/* A mean over walks that have a value. */
struct running_mean {
    double sum;
    uint64_t count;
};

static void mean_add(struct running_mean *mean, double value)
{
    mean->sum += isnan(value) ? 0 : value;
    mean->count += !isnan(value);
}

static double mean_value(const struct running_mean *mean)
{
    return mean->count == 0 ? NAN : mean->sum / (double)mean->count;
}

static bool in_set(const struct walk_grid *grid, size_t at, const struct walk_set *set)
{
    return grid->done[at] && grid->sequences[at / grid->sequence_count].testbed == set->chain_testbed &&
           grid->sequences[at % grid->sequence_count].testbed == set->testbed;
}

static void note_walk(const struct tb_walk *walk, bool diagonal, struct walk_set *set, struct walk_values *values)
{
    values->logs[set->walks] = walk->log10_probability;
    values->smoothed[set->walks] = walk->log10_smoothed;
    values->all[set->walks] = true;
    values->valid[set->walks++] = walk->valid;
    set->with_invalid += walk->invalid_transitions + walk->invalid_starts > 0;
    set->invalid_transitions += walk->invalid_transitions;
    if (diagonal)
        return;
    values->off_diagonal[set->off_diagonal] = walk->log10_probability;
    values->valid_off_diagonal[set->off_diagonal++] = walk->valid;
    set->valid_off_diagonal += walk->valid;
}

static enum tb_status aggregate(const struct walk_grid *grid, size_t chain_testbed, size_t testbed,
                                struct walk_set *set, struct tb_error *error)
{
    const size_t cells = grid->sequence_count * grid->sequence_count;
    struct walk_values values;
    *set = (struct walk_set){.chain_testbed = chain_testbed, .testbed = testbed};
    if (!walk_values_allocate(&values, cells + 1)) {
        walk_values_free(&values);
        return tb_error_memory(error, "walks");
    }
    struct running_mean bits = {0};
    struct running_mean smoothed_bits = {0};
    for (size_t i = 0; i < cells; i++) {
        if (!in_set(grid, i, set))
            continue;
        const struct tb_walk *walk = &grid->walks[i];
        note_walk(walk, i / grid->sequence_count == i % grid->sequence_count, set, &values);
        mean_add(&bits, walk_bits(walk));
        mean_add(&smoothed_bits, bits_per_transition(walk, walk->log10_smoothed));
    }
    tb_walk_average(values.logs, values.valid, set->walks, &set->mean);
    tb_walk_average(values.off_diagonal, values.valid_off_diagonal, set->off_diagonal, &set->mean_off_diagonal);
    tb_walk_average(values.smoothed, values.all, set->walks, &set->smoothed);
    set->mean_bits = mean_value(&bits);
    set->smoothed_bits = mean_value(&smoothed_bits);
    walk_values_free(&values);
    return TB_OK;
}

static bool lengths_are_equal(const struct job *job, const struct walk_grid *grid)
{
    if (job->decoding.windows[grid->window].window.limit != TB_WINDOW_WHOLE)
        return true;
    uint64_t length = 0;
    for (size_t i = 0; i < grid->sequence_count; i++) {
        if (!grid->sequences[i].reached)
            continue;
        if (length != 0 && length != grid->sequences[i].entry->calls)
            return false;
        length = grid->sequences[i].entry->calls;
    }
    return true;
}

/* own: the walks of the chains' own testbed. */
static enum set_reason reason_of(const struct walk_set *set, const struct walk_set *own, bool equal_lengths)
{
    if (set->walks == 0 || own->walks == 0)
        return SET_NO_WALKS;
    if (!equal_lengths)
        return SET_LENGTHS_DIFFER;
    if (own->mean.valid == 0)
        return SET_NO_VALID_BASELINE;
    if (set->mean.valid == 0)
        return SET_NO_VALID_WALK;
    return set->testbed == set->chain_testbed ? SET_BASELINE : SET_DEFINED;
}

static double finite_or_nan(double value)
{
    return isfinite(value) ? value : NAN;
}

static void add_set_counts(struct job *job, const struct walk_grid *grid, const struct walk_set *set)
{
    PUT_I32(WALK_SET_WINDOW, grid->window);
    PUT_I32(WALK_SET_TESTBED, set->testbed);
    PUT_I32(WALK_SET_CHAIN_TESTBED, set->chain_testbed);
    PUT_I32(WALK_SET_ORDER, job->campaign->settings.orders[grid->order_index]);
    PUT_I32(WALK_SET_BASIS, grid->basis);
    PUT_I64(WALK_SET_WALKS, set->walks);
    PUT_I64(WALK_SET_WITH_INVALID, set->with_invalid);
    PUT_I64(WALK_SET_INVALID_TRANSITIONS, set->invalid_transitions);
    PUT_I64(WALK_SET_WALKS_OFF_DIAGONAL, set->off_diagonal);
    PUT_I64(WALK_SET_VALID_OFF_DIAGONAL, set->valid_off_diagonal);
}

static void add_set_row(struct job *job, const struct walk_grid *grid, const struct walk_set *set,
                        const struct walk_set *own)
{
    const bool equal_lengths = lengths_are_equal(job, grid);
    const enum set_reason reason = reason_of(set, own, equal_lengths);
    const bool defined = reason == SET_DEFINED || reason == SET_BASELINE;
    const double off_diagonal =
        set->mean_off_diagonal.log10_mean_probability - own->mean_off_diagonal.log10_mean_probability;
    add_set_counts(job, grid, set);
    PUT_F64(WALK_SET_LOG10_MEAN_PROBABILITY, finite_or_nan(set->mean.log10_mean_probability));
    PUT_F64(WALK_SET_MEAN_LOG10_PROBABILITY, finite_or_nan(set->mean.mean_log10_probability));
    PUT_F64(WALK_SET_MEAN_BITS_PER_TRANSITION, set->mean_bits);
    PUT_F64(WALK_SET_LOG10_MEAN_PROBABILITY_OFF_DIAGONAL, finite_or_nan(set->mean_off_diagonal.log10_mean_probability));
    PUT_F64(WALK_SET_LOG10_RELATIVE,
            defined ? set->mean.log10_mean_probability - own->mean.log10_mean_probability : NAN);
    PUT_F64(WALK_SET_LOG10_RELATIVE_OFF_DIAGONAL, defined ? finite_or_nan(off_diagonal) : NAN);
    PUT_F64(WALK_SET_BITS_DIFFERENCE, set->mean_bits - own->mean_bits);
    PUT_F64(WALK_SET_MEAN_LOG10_RELATIVE,
            defined ? set->mean.mean_log10_probability - own->mean.mean_log10_probability : NAN);
    PUT_F64(WALK_SET_SMOOTHED_MEAN_LOG10_PROBABILITY, finite_or_nan(set->smoothed.mean_log10_probability));
    PUT_F64(WALK_SET_SMOOTHED_LOG10_MEAN_PROBABILITY, finite_or_nan(set->smoothed.log10_mean_probability));
    PUT_F64(WALK_SET_SMOOTHED_LOG10_RELATIVE,
            equal_lengths ? set->smoothed.mean_log10_probability - own->smoothed.mean_log10_probability : NAN);
    PUT_F64(WALK_SET_SMOOTHED_BITS_PER_TRANSITION, set->smoothed_bits);
    PUT_F64(WALK_SET_SMOOTHED_BITS_DIFFERENCE, set->smoothed_bits - own->smoothed_bits);
    PUT_I32(WALK_SET_REASON, reason);
}

/* Which transitions were invalid in a set, whose row is the last. */
static enum tb_status add_invalid_rows(struct job *job, const struct walk_grid *grid, const struct walk_set *set,
                                       struct tb_error *error)
{
    const unsigned order = job->campaign->settings.orders[grid->order_index];
    struct invalid_transitions invalid;
    tb_transitions_init(&invalid.occurrences, order);
    tb_transitions_init(&invalid.walks, order);
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < grid->sequence_count * grid->sequence_count && status == TB_OK; i++)
        if (in_set(grid, i, set) && !grid->walks[i].valid)
            status = tb_invalid_transitions_add(&invalid, &grid->invalid[i], error);
    if (status == TB_OK)
        tb_invalid_transitions_put(job, &invalid, order, tb_column_length(&job->columns, TB_FIELD_WALK_SET_WINDOW) - 1);
    tb_invalid_transitions_free(&invalid);
    return status;
}

/* The sets of all testbeds' sequences on the chains of one testbed. */
static enum tb_status add_sets_of(struct job *job, const struct walk_grid *grid, size_t chain_testbed,
                                  struct tb_error *error)
{
    struct walk_set own;
    enum tb_status status = aggregate(grid, chain_testbed, chain_testbed, &own, error);
    for (size_t testbed = 0; testbed < job->campaign->testbed_count && status == TB_OK; testbed++) {
        if (tb_campaign_cell(job->campaign, testbed, job->decoding.windows[grid->window].scenario) == TB_NO_INDEX)
            continue;
        struct walk_set set;
        status = aggregate(grid, chain_testbed, testbed, &set, error);
        if (status != TB_OK)
            return status;
        add_set_row(job, grid, &set, &own);
        status = add_invalid_rows(job, grid, &set, error);
    }
    return status;
}

static enum tb_status add_sets(struct job *job, const struct walk_grid *grid, struct tb_error *error)
{
    const size_t scenario = job->decoding.windows[grid->window].scenario;
    enum tb_status status = add_sets_of(job, grid, 0, error);
    for (size_t testbed = 1; grid->all_chains && testbed < job->campaign->testbed_count && status == TB_OK; testbed++)
        if (tb_campaign_cell(job->campaign, testbed, scenario) != TB_NO_INDEX)
            status = add_sets_of(job, grid, testbed, error);
    return status;
}

/* Means over all walks of a sequence on the baseline's chains of other runs.
 * Smoothed weights, so that walks of probability zero count: those that survive
 * are the likeliest of a sequence, and none may. */
static struct tb_walk_measure measure_sequence(const struct walk_grid *grid, size_t sequence)
{
    struct running_mean bits = {0};
    uint64_t walks = 0, with_invalid = 0, invalid_transitions = 0;
    if (!grid->sequences[sequence].reached)
        return tb_walk_measure_absent(TB_ABSENT_WINDOW);
    for (size_t chain = 0; chain < grid->sequence_count; chain++) {
        const size_t at = chain * grid->sequence_count + sequence;
        if (!grid->done[at] || chain == sequence || grid->sequences[chain].testbed != 0)
            continue;
        const struct tb_walk *walk = &grid->walks[at];
        walks++;
        with_invalid += walk->invalid_transitions + walk->invalid_starts > 0;
        invalid_transitions += walk->invalid_transitions;
        mean_add(&bits, bits_per_transition(walk, walk->log10_smoothed));
    }
    if (walks == 0)
        return tb_walk_measure_absent(TB_ABSENT_OTHER_RUN);
    return (struct tb_walk_measure){.bits_per_transition = mean_value(&bits),
                                    .invalid_transitions = (double)invalid_transitions / (double)walks,
                                    .invalid_share = (double)with_invalid / (double)walks,
                                    .absence = TB_PRESENT};
}

/* What rank 0, which has the values of all metrics, learns of one sequence. */
struct measured_sequence {
    size_t run;
    size_t pair;
    bool is_server;
    struct tb_walk_measure measure;
};

static void describe_measured(struct tb_archive *archive, struct measured_sequence *measured)
{
    struct tb_walk_measure *const measure = &measured->measure;
    unsigned absence = measure->absence;
    tb_archive_size(archive, &measured->run);
    tb_archive_size(archive, &measured->pair);
    tb_archive_bool(archive, &measured->is_server);
    TB_ARCHIVE_F64S(archive, &measure->bits_per_transition, &measure->invalid_transitions, &measure->invalid_share);
    tb_archive_enum(archive, &absence, TB_ABSENCES);
    measure->absence = (enum tb_absence)absence;
}

static void note_measures(const struct walk_grid *grid, enum tb_role role, struct tb_buffer *measures)
{
    struct tb_archive archive = tb_archive_writer(measures);
    for (size_t sequence = 0; sequence < grid->sequence_count; sequence++) {
        struct measured_sequence measured = {.run = grid->sequences[sequence].entry->run,
                                             .pair = grid->sequences[sequence].entry->pair,
                                             .is_server = role == TB_ROLE_SERVER,
                                             .measure = measure_sequence(grid, sequence)};
        describe_measured(&archive, &measured);
    }
}

static enum tb_status walk_grid_run(struct job *job, struct walk_grid *grid, struct tb_buffer *measures,
                                    struct tb_error *error)
{
    const size_t cells = grid->sequence_count * grid->sequence_count;
    grid->walks = calloc(cells + 1, sizeof *grid->walks);
    grid->done = calloc(cells + 1, sizeof *grid->done);
    grid->invalid = calloc(cells + 1, sizeof *grid->invalid);
    enum tb_status status = TB_OK;
    if (grid->walks == NULL || grid->done == NULL || grid->invalid == NULL)
        status = tb_error_memory(error, "walks");
    if (status == TB_OK)
        status = walk_grid_fill(job, grid, error);
    for (size_t i = 0; i < cells && status == TB_OK; i++)
        if (grid->done[i])
            add_walk_row(job, grid, i / grid->sequence_count, i % grid->sequence_count);
    if (status == TB_OK)
        status = add_sets(job, grid, error);
    const struct resolved_window *window = &job->decoding.windows[grid->window];
    if (status == TB_OK && window->setting == 0 && grid->order_index == 0 && grid->basis == BASIS_WHOLE)
        note_measures(grid, window->role, measures);
    for (size_t i = 0; i < cells && grid->invalid != NULL; i++)
        tb_transitions_free(&grid->invalid[i]);
    free(grid->invalid);
    free(grid->walks);
    free(grid->done);
    return status;
}

/* Items are windows. Beside the rows: what metrics are made of. */
static enum tb_status walk_window(struct job *job, size_t window, struct tb_buffer *measures, struct tb_error *error)
{
    struct sequence_counts *sequences;
    size_t count;
    enum tb_status status =
        tb_window_counts_load(&job->decoding, &job->decoding.windows[window], &sequences, &count, error);
    if (status != TB_OK)
        return status;
    for (size_t order = 0; order < job->campaign->settings.order_count && status == TB_OK; order++) {
        size_t vocabulary = 0;
        status = tb_window_vocabulary(sequences, count, order, &vocabulary, error);
        for (int basis = 0; basis < BASES && status == TB_OK; basis++) {
            struct walk_grid grid = {.window = window,
                                     .order_index = order,
                                     .basis = (enum basis)basis,
                                     .sequences = sequences,
                                     .sequence_count = count,
                                     .all_chains = job->campaign->settings.walk_all,
                                     .vocabulary = vocabulary};
            status = walk_grid_run(job, &grid, measures, error);
        }
    }
    tb_window_counts_free(&job->decoding, sequences, count);
    return status;
}

/* The extractors of the walk metrics once more, now that there are walks, and so the trace that they stand on; at: the
 * place of the (run, pair)'s first metric. False when memory is short. */
static bool put_walk_values(struct job *job, size_t at, const struct tb_walk_measure *measure, bool is_server)
{
    static const char *const names[2][3] = {
        {"client_walk_bits_per_transition", "client_walk_invalid_transitions", "client_walk_invalid_share"},
        {"server_walk_bits_per_transition", "server_walk_invalid_transitions", "server_walk_invalid_share"}};
    const struct tb_measures measures = {.client_walk = *measure, .server_walk = *measure};
    for (size_t i = 0; i < 3; i++) {
        const size_t metric = tb_registry_find(&job->registry, names[is_server][i]);
        const struct tb_metric *about = &job->registry.rows[metric];
        const struct tb_metric_value value = about->extract(&measures, about->variant);
        job->values[at + metric] = value.number;
        if (value.absence == TB_PRESENT)
            continue;
        job->absences[at + metric] =
            tb_reason_list_add(&job->reasons, value.absence, tb_absence_sentence(value.absence));
        if (job->absences[at + metric] == NO_REASON)
            return false;
    }
    return true;
}

/* Rank 0: walk metrics get their values. */
static enum tb_status take_measures(void *context, struct tb_bytes bytes, struct tb_error *error)
{
    struct job *const job = context;
    struct tb_archive archive = tb_archive_reader(&bytes);
    while (archive.in.left > 0) {
        struct measured_sequence measured = {0};
        describe_measured(&archive, &measured);
        if (archive.failed || measured.run >= job->campaign->run_count || measured.pair >= job->decoding.pairs)
            return tb_error_unpack(error, "walk measures do not unpack");
        const size_t at = (measured.run * job->decoding.pairs + measured.pair) * job->registry.count;
        if (!put_walk_values(job, at, &measured.measure, measured.is_server))
            return tb_error_memory(error, "reasons");
    }
    return TB_OK;
}

static enum tb_status note_beside(void *context, struct tb_bytes beside, struct tb_error *error)
{
    struct tb_buffer *const measures = context;
    tb_buffer_put(measures, beside.data, beside.left);
    return tb_buffer_check(measures, "walks", error);
}

/* Each sequence walks on the chains of each. */
static uint64_t cost_of(const struct job *job, size_t window)
{
    const struct resolved_window *const resolved = &job->decoding.windows[window];
    return resolved->sequences * resolved->sequences;
}

enum tb_status tb_job_walk(struct job *job, struct tb_error *error)
{
    struct tb_buffer measures = {0};
    const struct study study = {.name = "walk",
                                .items = "windows",
                                .count = job->decoding.window_count,
                                .cost = cost_of,
                                .item = walk_window,
                                .take = note_beside,
                                .context = &measures};
    enum tb_status status = tb_job_study(job, &study, error);
    if (status == TB_OK)
        status = tb_job_place_rows(job, TB_FIELD_WALK_SET_WINDOW, error);
    if (status == TB_OK)
        status = tb_team_collect(job->team, TB_OK, &measures, "walks", false, take_measures, job, error);
    tb_buffer_free(&measures);
    return status;
}
