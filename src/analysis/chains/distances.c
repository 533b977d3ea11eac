/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seventh stage: in every scenario, the distances between the sequences of all
 * runs, the test of each testbed against the baseline, and a picture of both. */
#include <math.h>
#include <stdlib.h>

#include "analysis/job/study.h"
#include "chains.h"
#include "summed_counts.h"
#include "twinbed/markov/chain_comparison.h"
#include "twinbed/stats/run_distances.h"

/* Labelings are drawn with this key; docs/method.md names it. */
enum { PERMUTATION_SEED = 1 };

/* The runs of a scenario that have sequences of a role. */
struct run_group {
    size_t scenario;
    enum tb_role role;
    size_t *runs;                 /* owned */
    size_t *testbeds;             /* owned; of each run */
    struct summed_counts *counts; /* owned; of each run */
    size_t count;
};

static void run_group_free(const struct job *job, struct run_group *group)
{
    for (size_t i = 0; i < group->count; i++)
        tb_summed_counts_free(job, &group->counts[i]);
    free(group->runs);
    free(group->testbeds);
    free(group->counts);
}

/* Runs without a transition of the highest order have no place among the others. */
static bool run_counts(const struct job *job, const struct summed_counts *counts)
{
    return counts->sequences > 0 && counts->tables[job->campaign->settings.order_count - 1].total > 0;
}

static enum tb_status load_run(const struct job *job, size_t run, struct run_group *group, struct tb_error *error)
{
    struct summed_counts *counts = &group->counts[group->count];
    const enum tb_status status = tb_summed_counts_of_run(job, run, group->role, counts, error);
    if (status != TB_OK)
        return status;
    if (!run_counts(job, counts)) {
        tb_summed_counts_free(job, counts);
        return TB_OK;
    }
    group->runs[group->count] = run;
    group->testbeds[group->count++] = job->campaign->runs[run].testbed;
    return TB_OK;
}

static size_t runs_of_scenario(const struct tb_campaign *campaign, size_t scenario)
{
    size_t runs = 0;
    for (size_t testbed = 0; testbed < campaign->testbed_count; testbed++) {
        const size_t cell = tb_campaign_cell(campaign, testbed, scenario);
        runs += cell == TB_NO_INDEX ? 0 : campaign->cells[cell].run_count;
    }
    return runs;
}

static enum tb_status load_cell(const struct job *job, size_t cell, struct run_group *group, struct tb_error *error)
{
    const struct tb_cell *const about = &job->campaign->cells[cell];
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < about->run_count && status == TB_OK; i++)
        status = tb_stop_requested() ? tb_job_stopped(job, error) : load_run(job, about->first_run + i, group, error);
    return status;
}

static enum tb_status load_group(const struct job *job, struct run_group *group, struct tb_error *error)
{
    const struct tb_campaign *campaign = job->campaign;
    const size_t runs = runs_of_scenario(campaign, group->scenario);
    group->runs = calloc(runs + 1, sizeof *group->runs);
    group->testbeds = calloc(runs + 1, sizeof *group->testbeds);
    group->counts = calloc(runs + 1, sizeof *group->counts);
    if (group->runs == NULL || group->testbeds == NULL || group->counts == NULL)
        return tb_error_memory(error, "distances of runs");
    enum tb_status status = TB_OK;
    for (size_t testbed = 0; testbed < campaign->testbed_count && status == TB_OK; testbed++) {
        const size_t cell = tb_campaign_cell(campaign, testbed, group->scenario);
        if (cell != TB_NO_INDEX)
            status = load_cell(job, cell, group, error);
    }
    return status;
}

/* Each value is computed by one thread alone, so that it does not depend on their number. */
static enum tb_status measure(const struct job *job, const struct run_group *group, size_t order, double *distances,
                              struct tb_error *error)
{
    const size_t count = group->count;
#pragma omp parallel for schedule(dynamic, 1) num_threads(job->team->threads)
    for (size_t i = 0; i < count; i++) {
        if (tb_stop_requested())
            continue;
        distances[i * count + i] = 0;
        for (size_t j = i + 1; j < count; j++) {
            const double divergence =
                tb_transitions_divergence(&group->counts[i].tables[order], &group->counts[j].tables[order]);
            distances[i * count + j] = distances[j * count + i] = divergence;
        }
    }
    return tb_stop_requested() ? tb_job_stopped(job, error) : TB_OK;
}

static void add_distances(struct job *job, const struct run_group *group, unsigned order, const double *distances)
{
    for (size_t i = 0; i < group->count; i++)
        for (size_t j = i + 1; j < group->count; j++) {
            PUT_I32(RUN_DISTANCE_ROLE, group->role);
            PUT_I32(RUN_DISTANCE_ORDER, order);
            PUT_I32(RUN_DISTANCE_FIRST, group->runs[i]);
            PUT_I32(RUN_DISTANCE_SECOND, group->runs[j]);
            PUT_F64(RUN_DISTANCE_DIVERGENCE, distances[i * group->count + j]);
        }
}

static void add_test_row(struct job *job, const struct run_group *group, unsigned order, size_t testbed,
                         const size_t runs[2], const struct tb_permutation_test *test)
{
    PUT_I32(RUN_TEST_SCENARIO, group->scenario);
    PUT_I32(RUN_TEST_TESTBED, testbed);
    PUT_I32(RUN_TEST_ROLE, group->role);
    PUT_I32(RUN_TEST_ORDER, order);
    PUT_I32(RUN_TEST_RUNS, runs[1]);
    PUT_I32(RUN_TEST_BASELINE_RUNS, runs[0]);
    PUT_F64(RUN_TEST_WITHIN, test->within_second);
    PUT_F64(RUN_TEST_BASELINE_WITHIN, test->within_first);
    PUT_F64(RUN_TEST_BETWEEN, test->between);
    PUT_F64(RUN_TEST_STATISTIC, test->statistic);
    PUT_F64(RUN_TEST_TIMES_NORMAL, test->within_first > 0 ? test->between / test->within_first : NAN);
    PUT_F64(RUN_TEST_P, test->p);
    PUT_I64(RUN_TEST_LABELINGS, test->labelings);
    PUT_I32(RUN_TEST_EXACT, test->all);
}

/* One testbed's runs against the baseline's. */
struct testbed_test {
    size_t testbed;
    size_t runs[2];                 /* of the baseline, of the testbed */
    struct tb_labelings *labelings; /* owned */
    size_t first_block;             /* of the blocks of all tests */
    uint64_t reached;               /* labelings as great as the observed one */
};

/* Every testbed with runs, but the baseline, when that has runs. */
struct testbed_tests {
    struct testbed_test *items; /* owned */
    size_t count;
    size_t blocks; /* of labelings, of all tests */
    enum tb_status status;
    struct tb_error error;
};

static enum tb_status open_test(const struct run_group *group, const double *distances, struct testbed_test *test,
                                struct tb_error *error)
{
    bool *flags = calloc(2 * group->count + 1, sizeof *flags);
    if (flags == NULL)
        return tb_error_memory(error, "a permutation test");
    bool *second = flags;
    bool *used = flags + group->count;
    for (size_t i = 0; i < group->count; i++) {
        second[i] = group->testbeds[i] == test->testbed;
        used[i] = second[i] || group->testbeds[i] == 0;
        test->runs[second[i]] += used[i];
    }
    enum tb_status status = TB_OK;
    if (test->runs[0] > 0 && test->runs[1] > 0)
        status = tb_labelings_open(distances, group->count, second, used, PERMUTATION_SEED, &test->labelings, error);
    free(flags);
    return status;
}

static enum tb_status open_tests(const struct job *job, const struct run_group *group, const double *distances,
                                 struct testbed_tests *tests, struct tb_error *error)
{
    const size_t testbeds = job->campaign->testbed_count;
    tests->items = calloc(testbeds + 1, sizeof *tests->items);
    enum tb_status status = tests->items == NULL ? tb_error_memory(error, "permutation tests") : TB_OK;
    for (size_t testbed = 1; testbed < testbeds && status == TB_OK; testbed++) {
        struct testbed_test *const test = &tests->items[tests->count++];
        *test = (struct testbed_test){.testbed = testbed, .first_block = tests->blocks};
        status = open_test(group, distances, test, error);
        if (status == TB_OK && test->labelings != NULL)
            tests->blocks += tb_labelings_blocks(test->labelings);
    }
    return status;
}

static void close_tests(struct testbed_tests *tests)
{
    for (size_t i = 0; i < tests->count; i++)
        tb_labelings_close(tests->items[i].labelings);
    free(tests->items);
}

/* One block of labelings, with those of all tests in a row. */
static enum tb_status count_labelings(const struct job *job, struct testbed_tests *tests, size_t block,
                                      struct tb_error *error)
{
    if (tb_stop_requested())
        return tb_job_stopped(job, error);
    size_t i = 0;
    while (i + 1 < tests->count && tests->items[i + 1].first_block <= block)
        i++;
    struct testbed_test *const test = &tests->items[i];
    uint64_t reached;
    const enum tb_status status = tb_labelings_count(test->labelings, block - test->first_block, &reached, error);
#pragma omp atomic
    test->reached += reached;
    return status;
}

static void note_failure(struct testbed_tests *tests, enum tb_status status, const struct tb_error *error)
{
#pragma omp critical(labeling_failure)
    if (tests->status == TB_OK) {
        tests->status = status;
        tests->error = *error;
    }
}

/* Sums of whole numbers do not depend on which thread counts what. */
static enum tb_status count_all_labelings(const struct job *job, struct testbed_tests *tests, struct tb_error *error)
{
#pragma omp parallel for schedule(dynamic, 1) num_threads(job->team->threads)
    for (size_t block = 0; block < tests->blocks; block++) {
        struct tb_error own = {0};
        const enum tb_status status = count_labelings(job, tests, block, &own);
        if (status != TB_OK)
            note_failure(tests, status, &own);
    }
    if (tests->status != TB_OK)
        *error = tests->error;
    return tests->status;
}

/* All testbeds but the baseline, block by block, so that threads share the labelings of one test, too. */
static enum tb_status test_testbeds(struct job *job, const struct run_group *group, unsigned order,
                                    const double *distances, struct tb_error *error)
{
    struct testbed_tests tests = {0};
    enum tb_status status = open_tests(job, group, distances, &tests, error);
    if (status == TB_OK)
        status = count_all_labelings(job, &tests, error);
    for (size_t i = 0; i < tests.count && status == TB_OK; i++) {
        struct tb_permutation_test result;
        if (tests.items[i].labelings == NULL)
            continue;
        tb_labelings_test(tests.items[i].labelings, tests.items[i].reached, &result);
        add_test_row(job, group, order, tests.items[i].testbed, tests.items[i].runs, &result);
    }
    close_tests(&tests);
    return status;
}

/* Square roots of divergences are distances that fit into a space, so divergences are their squares. */
static enum tb_status add_places(struct job *job, const struct run_group *group, unsigned order, const double *squared,
                                 struct tb_error *error)
{
    double *places = calloc(2 * group->count + 1, sizeof *places);
    double explained[2];
    if (places == NULL)
        return tb_error_memory(error, "places of runs");
    const enum tb_status status = tb_classical_scaling(squared, group->count, places, explained, error);
    for (size_t i = 0; i < group->count && status == TB_OK; i++) {
        PUT_I32(RUN_PLACE_ROLE, group->role);
        PUT_I32(RUN_PLACE_ORDER, order);
        PUT_I32(RUN_PLACE_RUN, group->runs[i]);
        PUT_F64(RUN_PLACE_X, places[2 * i]);
        PUT_F64(RUN_PLACE_Y, places[2 * i + 1]);
        PUT_F64(RUN_PLACE_X_SHARE, explained[0]);
        PUT_F64(RUN_PLACE_Y_SHARE, explained[1]);
    }
    free(places);
    return status;
}

static enum tb_status study_order(struct job *job, const struct run_group *group, size_t order_index,
                                  struct tb_error *error)
{
    const unsigned order = job->campaign->settings.orders[order_index];
    double *distances = calloc(group->count * group->count + 1, sizeof *distances);
    if (distances == NULL)
        return tb_error_memory(error, "distances of runs");
    enum tb_status status = measure(job, group, order_index, distances, error);
    if (status == TB_OK) {
        add_distances(job, group, order, distances);
        status = test_testbeds(job, group, order, distances, error);
    }
    if (status == TB_OK)
        status = add_places(job, group, order, distances, error);
    free(distances);
    return status;
}

/* Items are scenarios and roles: first the client's of a scenario, then the server's. */
static enum tb_status study_role(struct job *job, size_t item, struct tb_buffer *beside, struct tb_error *error)
{
    (void)beside;
    struct run_group group = {.scenario = item / 2, .role = tb_item_role(item)};
    enum tb_status status = load_group(job, &group, error);
    for (size_t i = 0; i < job->campaign->settings.order_count && status == TB_OK; i++)
        status = study_order(job, &group, i, error);
    run_group_free(job, &group);
    return status;
}

/* Each run of a scenario is set against each other. */
static uint64_t cost_of(const struct job *job, size_t item)
{
    uint64_t runs = 0;
    for (size_t testbed = 0; testbed < job->campaign->testbed_count; testbed++) {
        const size_t cell = tb_campaign_cell(job->campaign, testbed, item / 2);
        runs += cell == TB_NO_INDEX ? 0 : job->campaign->cells[cell].run_count;
    }
    return runs * runs;
}

enum tb_status tb_job_distances(struct job *job, struct tb_error *error)
{
    const struct study study = {.name = "distances",
                                .items = "scenarios",
                                .count = 2 * job->campaign->scenario_count,
                                .cost = cost_of,
                                .item = study_role};
    return tb_job_study(job, &study, error);
}
