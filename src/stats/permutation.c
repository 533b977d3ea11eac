/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The distance of two groups of runs beside the distances inside them, under
 * all labelings of the runs or a sample of them.
 *
 * Drawn labelings come in blocks, which any thread may take in any order: a draw depends on nothing but its number. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "twinbed/stats/run_distances.h"

struct tb_labelings {
    const double *distances;         /* borrowed; of all runs */
    size_t rows;                     /* of distances */
    uint32_t *run;                   /* owned; rows of the runs that are used, ascending */
    bool *label;                     /* owned; used run is in the second group */
    double *to_all;                  /* owned; of each used run, its distances to all of them added up */
    size_t count;                    /* runs that are used */
    size_t second;                   /* of them in the second group */
    uint64_t seed;                   /* of draws */
    double between;                  /* pairs of runs of different groups */
    double within;                   /* pairs of runs of one group */
    double total;                    /* of the distances of all pairs */
    double least;                    /* what a statistic must reach to count */
    struct tb_permutation_test test; /* without p */
};

static double distance(const struct tb_labelings *labelings, size_t a, size_t b)
{
    return labelings->distances[labelings->run[a] * labelings->rows + labelings->run[b]];
}

static double pairs_of(size_t runs)
{
    return runs < 2 ? 0 : (double)runs * (double)(runs - 1) / 2;
}

/* Sum of the distances from a run to the earlier runs of its group. */
static double to_earlier(const struct tb_labelings *labelings, size_t run)
{
    double sum = 0;
    for (size_t i = 0; i < run; i++)
        if (labelings->label[i] == labelings->label[run])
            sum += distance(labelings, i, run);
    return sum;
}

static double mean_or_nan(double sum, double pairs)
{
    return pairs > 0 ? sum / pairs : NAN;
}

/* Mean between minus mean within, from the sum of distances inside groups. */
static bool is_reached(const struct tb_labelings *labelings, double within)
{
    return (labelings->total - within) / labelings->between - within / labelings->within >= labelings->least;
}

/* One after the other, every way to label the runs. */
struct every_way {
    const struct tb_labelings *labelings;
    double *near;     /* owned; distances of the runs that are used */
    double *sums;     /* owned; room for the sums of each run that is labeled, and a row of zeros */
    uint64_t reached; /* so far */
};

/* Of each group, the sums of the distances from every later run to those labeled so far. Growing them costs less than
 * adding up again for each labeling, as most of these differ in the last few runs; the order of addition is the same. */
struct group_sums {
    const double *to[2];
};

static void label_all(struct every_way *ways, size_t run, size_t left, double within, struct group_sums sums);

/* Gives one run its label, and goes on. */
static void label_as(struct every_way *ways, size_t run, int label, size_t left, double within, struct group_sums sums)
{
    const size_t count = ways->labelings->count;
    const double *const before = sums.to[label];
    const double *const added = ways->near + run * count;
    double *const grown = ways->sums + run * count;
    for (size_t later = run + 1; later < count; later++)
        grown[later] = before[later] + added[later];
    sums.to[label] = grown;
    label_all(ways, run + 1, left - (size_t)label, within + before[run], sums);
}

/* Labels runs from the given one on, left of which are to be in the second group. */
static void label_all(struct every_way *ways, size_t run, size_t left, double within, struct group_sums sums)
{
    const size_t count = ways->labelings->count;
    if (run == count) {
        ways->reached += is_reached(ways->labelings, within);
        return;
    }
    for (int label = 0; label < 2; label++)
        if (label == 1 ? left > 0 : count - run > left)
            label_as(ways, run, label, left, within, sums);
}

/* Groups of one size: a labeling and its mirror image have one statistic, so half of them will do. */
static bool is_mirrored(const struct tb_labelings *labelings)
{
    return 2 * labelings->second == labelings->count;
}

static void copy_distances(const struct tb_labelings *labelings, double *near)
{
    for (size_t i = 0; i < labelings->count; i++)
        for (size_t j = 0; j < labelings->count; j++)
            *near++ = distance(labelings, i, j);
}

static enum tb_status label_every_way(const struct tb_labelings *labelings, uint64_t *reached, struct tb_error *error)
{
    const size_t count = labelings->count;
    struct every_way ways = {.labelings = labelings,
                             .near = malloc(count * count * sizeof *ways.near),
                             .sums = calloc(count * count + count, sizeof *ways.sums)};
    const bool allocated = ways.near != NULL && ways.sums != NULL;
    if (allocated) {
        const double *const zeros = ways.sums + count * count;
        const struct group_sums none = {{zeros, zeros}};
        copy_distances(labelings, ways.near);
        if (is_mirrored(labelings))
            label_as(&ways, 0, 0, labelings->second, 0, none);
        else
            label_all(&ways, 0, labelings->second, 0, none);
    }
    *reached = is_mirrored(labelings) ? 2 * ways.reached : ways.reached;
    free(ways.near);
    free(ways.sums);
    return allocated ? TB_OK : tb_error_memory(error, "a permutation test");
}

/* A number below limit that depends on (seed, draw, step) alone. */
static uint64_t draw_number(uint64_t seed, uint64_t draw, uint64_t step, uint64_t limit)
{
    const uint64_t key[2] = {draw, step};
    const uint64_t bits = XXH3_64bits_withSeed(key, sizeof key, seed);
    return (uint64_t)(((unsigned __int128)bits * limit) >> 64);
}

/* Draws whose sums grow together, so that a row of distances is fetched once for all. */
enum { TOGETHER = 16 };

/* The smaller group of a drawn labeling. */
struct drawn_group {
    uint32_t *run; /* borrowed; rows of its runs, ascending */
    size_t count;
    size_t added;  /* runs whose distances to those before are in inside */
    double inside; /* sum of the distances between its runs */
    double to_all; /* of those from its runs to all */
};

static size_t smaller_group(const struct tb_labelings *labelings)
{
    const size_t first = labelings->count - labelings->second;
    return labelings->second < first ? labelings->second : first;
}

/* Selection sampling: run by run, each with the chance that is left. */
static void draw_group(const struct tb_labelings *labelings, uint64_t draw, struct drawn_group *group)
{
    const bool smaller_label = labelings->second == smaller_group(labelings);
    size_t left = labelings->second;
    *group = (struct drawn_group){.run = group->run};
    for (size_t run = 0; run < labelings->count; run++) {
        const bool label = draw_number(labelings->seed, draw, run, labelings->count - run) < left;
        left -= label;
        if (label != smaller_label)
            continue;
        group->run[group->count++] = labelings->run[run];
        group->to_all += labelings->to_all[run];
    }
}

/* Sum of row[at[0]] to row[at[count - 1]]. Four sums, as an addition waits for the one before. */
static double sum_at(const double *row, const uint32_t *at, size_t count)
{
    double sums[4] = {0, 0, 0, 0};
    size_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (size_t lane = 0; lane < 4; lane++)
            sums[lane] += row[at[i + lane]];
    for (; i < count; i++)
        sums[0] += row[at[i]];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

static void add_row(const double *row, uint32_t run, struct drawn_group *group)
{
    if (group->added == group->count || group->run[group->added] != run)
        return;
    group->inside += sum_at(row, group->run, group->added);
    group->added++;
}

/* The distances of a group to all hold those across once and those inside twice. */
static double sum_within(const struct tb_labelings *labelings, const struct drawn_group *group)
{
    return labelings->total - (group->to_all - 2 * group->inside);
}

/* Draws first .. end - 1, at most TOGETHER. */
static uint64_t count_draws(const struct tb_labelings *labelings, uint64_t first, uint64_t end,
                            struct drawn_group *groups)
{
    for (uint64_t draw = first; draw < end; draw++)
        draw_group(labelings, draw, &groups[draw - first]);
    for (size_t run = 0; run < labelings->count; run++) {
        const double *const row = labelings->distances + labelings->run[run] * labelings->rows;
        for (uint64_t draw = first; draw < end; draw++)
            add_row(row, labelings->run[run], &groups[draw - first]);
    }
    uint64_t reached = 0;
    for (uint64_t draw = first; draw < end; draw++)
        reached += is_reached(labelings, sum_within(labelings, &groups[draw - first]));
    return reached;
}

static uint64_t least_of(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static enum tb_status count_block(const struct tb_labelings *labelings, size_t block, uint64_t *reached,
                                  struct tb_error *error)
{
    const uint64_t begin = (uint64_t)block * TB_PERMUTATION_BLOCK;
    const uint64_t end = least_of(begin + TB_PERMUTATION_BLOCK, TB_PERMUTATION_DRAWS);
    const size_t room = smaller_group(labelings);
    struct drawn_group groups[TOGETHER];
    uint32_t *runs = malloc(TOGETHER * room * sizeof *runs);
    if (runs == NULL)
        return tb_error_memory(error, "a permutation test");
    for (size_t i = 0; i < TOGETHER; i++)
        groups[i].run = runs + i * room;
    for (uint64_t draw = begin; draw < end; draw += TOGETHER)
        *reached += count_draws(labelings, draw, least_of(draw + TOGETHER, end), groups);
    free(runs);
    return TB_OK;
}

/* C(n, k), or limit + 1 when it is greater. */
static uint64_t choose(uint64_t n, uint64_t k, uint64_t limit)
{
    uint64_t ways = 1;
    for (uint64_t i = 1; i <= k && ways <= limit; i++)
        ways = ways * (n - k + i) / i;
    return ways > limit ? limit + 1 : ways;
}

static void observe(struct tb_labelings *labelings)
{
    struct tb_permutation_test *const test = &labelings->test;
    double within[2] = {0, 0};
    double greatest = 0;
    for (size_t run = 0; run < labelings->count; run++) {
        within[labelings->label[run]] += to_earlier(labelings, run);
        for (size_t i = 0; i < run; i++) {
            labelings->total += distance(labelings, i, run);
            greatest = fmax(greatest, distance(labelings, i, run));
        }
        for (size_t i = 0; i < labelings->count; i++)
            labelings->to_all[run] += distance(labelings, run, i);
    }
    const size_t first = labelings->count - labelings->second;
    const double inside = within[0] + within[1];
    labelings->between = (double)first * (double)labelings->second;
    labelings->within = pairs_of(first) + pairs_of(labelings->second);
    test->within_first = mean_or_nan(within[0], pairs_of(first));
    test->within_second = mean_or_nan(within[1], pairs_of(labelings->second));
    test->within = mean_or_nan(inside, labelings->within);
    test->between = mean_or_nan(labelings->total - inside, labelings->between);
    test->statistic = test->between - test->within;
    labelings->least = test->statistic - 1e-12 * greatest;
}

/* How many labelings there are to be tried. The observed one is one of those drawn: p is never 0. */
static void plan_labelings(struct tb_labelings *labelings)
{
    const uint64_t all = choose(labelings->count, smaller_group(labelings), TB_PERMUTATION_ALL);
    if (isnan(labelings->test.statistic))
        return;
    labelings->test.all = all <= TB_PERMUTATION_ALL;
    labelings->test.labelings = labelings->test.all ? all : TB_PERMUTATION_DRAWS + 1;
}

static void select_runs(size_t count, const bool *second, const bool *used, struct tb_labelings *labelings)
{
    for (size_t i = 0; i < count; i++) {
        if (used != NULL && !used[i])
            continue;
        labelings->run[labelings->count] = (uint32_t)i;
        labelings->label[labelings->count++] = second[i];
        labelings->second += second[i];
    }
}

enum tb_status tb_labelings_open(const double *distances, size_t count, const bool *second, const bool *used,
                                 uint64_t seed, struct tb_labelings **opened, struct tb_error *error)
{
    struct tb_labelings *labelings = *opened = calloc(1, sizeof *labelings);
    if (labelings == NULL || count > UINT32_MAX)
        return tb_error_memory(error, "a permutation test");
    *labelings = (struct tb_labelings){.distances = distances,
                                       .rows = count,
                                       .run = calloc(count + 1, sizeof *labelings->run),
                                       .label = calloc(count + 1, sizeof *labelings->label),
                                       .to_all = calloc(count + 1, sizeof *labelings->to_all),
                                       .seed = seed,
                                       .test = {.p = NAN}};
    if (labelings->run == NULL || labelings->label == NULL || labelings->to_all == NULL)
        return tb_error_memory(error, "a permutation test");
    select_runs(count, second, used, labelings);
    observe(labelings);
    plan_labelings(labelings);
    return TB_OK;
}

void tb_labelings_close(struct tb_labelings *labelings)
{
    if (labelings == NULL)
        return;
    free(labelings->run);
    free(labelings->label);
    free(labelings->to_all);
    free(labelings);
}

size_t tb_labelings_blocks(const struct tb_labelings *labelings)
{
    if (labelings->test.labelings == 0 || labelings->test.all)
        return labelings->test.all;
    return (TB_PERMUTATION_DRAWS + TB_PERMUTATION_BLOCK - 1) / TB_PERMUTATION_BLOCK;
}

enum tb_status tb_labelings_count(const struct tb_labelings *labelings, size_t block, uint64_t *reached,
                                  struct tb_error *error)
{
    *reached = 0;
    return labelings->test.all ? label_every_way(labelings, reached, error)
                               : count_block(labelings, block, reached, error);
}

void tb_labelings_test(const struct tb_labelings *labelings, uint64_t reached, struct tb_permutation_test *test)
{
    *test = labelings->test;
    if (test->labelings > 0)
        test->p = (double)(reached + !test->all) / (double)test->labelings;
}

enum tb_status tb_permutation_test_compute(const double *distances, size_t count, const bool *second, const bool *used,
                                           uint64_t seed, struct tb_permutation_test *test, struct tb_error *error)
{
    struct tb_labelings *labelings;
    enum tb_status status = tb_labelings_open(distances, count, second, used, seed, &labelings, error);
    const size_t blocks = status == TB_OK ? tb_labelings_blocks(labelings) : 0;
    uint64_t reached = 0;
    for (size_t block = 0; block < blocks && status == TB_OK; block++) {
        uint64_t more;
        status = tb_labelings_count(labelings, block, &more, error);
        reached += more;
    }
    if (status == TB_OK)
        tb_labelings_test(labelings, reached, test);
    tb_labelings_close(labelings);
    return status;
}
