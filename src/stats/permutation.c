/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The distance of two groups of runs beside the distances inside them, under
 * all labelings of the runs or a sample of them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "twinbed/stats/run_distances.h"

struct labelings {
    const double *distances; /* of the runs that are used */
    size_t count;
    size_t second;  /* runs in the second group */
    double between; /* pairs of runs of different groups */
    double within;  /* pairs of runs of one group */
    double total;   /* of the distances of all pairs */
    double least;   /* what a statistic must reach to count */
    bool *label;    /* owned; run is in the second group */
    double *sums;   /* owned; room for the sums of each run that is labeled, and a row of zeros */
    uint64_t seen, reached;
};

static double distance(const struct labelings *labelings, size_t a, size_t b)
{
    return labelings->distances[a * labelings->count + b];
}

static double pairs_of(size_t runs)
{
    return runs < 2 ? 0 : (double)runs * (double)(runs - 1) / 2;
}

/* Sum of the distances from a run to the earlier runs of its group. */
static double to_earlier(const struct labelings *labelings, size_t run)
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
static double statistic_of(const struct labelings *labelings, double within)
{
    return (labelings->total - within) / labelings->between - within / labelings->within;
}

static void count_labeling(struct labelings *labelings, double within)
{
    labelings->seen++;
    labelings->reached += statistic_of(labelings, within) >= labelings->least;
}

/* Of each group, the sums of the distances from every later run to those labeled so far. Growing them costs less than
 * adding up again for each labeling, as most of these differ in the last few runs; the order of addition is the same. */
struct group_sums {
    const double *to[2];
};

static void label_all(struct labelings *labelings, size_t run, size_t left, double within, struct group_sums sums);

/* Gives one run its label, and goes on. */
static void label_as(struct labelings *labelings, size_t run, int label, size_t left, double within,
                     struct group_sums sums)
{
    const double *const before = sums.to[label];
    const double *const added = labelings->distances + run * labelings->count;
    double *const grown = labelings->sums + run * labelings->count;
    for (size_t later = run + 1; later < labelings->count; later++)
        grown[later] = before[later] + added[later];
    sums.to[label] = grown;
    label_all(labelings, run + 1, left - (size_t)label, within + before[run], sums);
}

/* Labels runs from the given one on, left of which are to be in the second group. */
static void label_all(struct labelings *labelings, size_t run, size_t left, double within, struct group_sums sums)
{
    if (run == labelings->count) {
        count_labeling(labelings, within);
        return;
    }
    for (int label = 0; label < 2; label++)
        if (label == 1 ? left > 0 : labelings->count - run > left)
            label_as(labelings, run, label, left, within, sums);
}

/* Groups of one size: a labeling and its mirror image have one statistic, so half of them will do. */
static void label_every_way(struct labelings *labelings)
{
    const bool mirrored = 2 * labelings->second == labelings->count;
    const double *const zeros = labelings->sums + labelings->count * labelings->count;
    const struct group_sums none = {{zeros, zeros}};
    if (mirrored)
        label_as(labelings, 0, 0, labelings->second, 0, none);
    else
        label_all(labelings, 0, labelings->second, 0, none);
    labelings->seen *= mirrored ? 2 : 1;
    labelings->reached *= mirrored ? 2 : 1;
}

/* A number below limit that depends on (seed, draw, step) alone. */
static uint64_t draw_number(uint64_t seed, uint64_t draw, uint64_t step, uint64_t limit)
{
    const uint64_t key[2] = {draw, step};
    const uint64_t bits = XXH3_64bits_withSeed(key, sizeof key, seed);
    return (uint64_t)(((unsigned __int128)bits * limit) >> 64);
}

/* Selection sampling: run by run, each with the chance that is left. */
static void label_drawn(struct labelings *labelings, uint64_t seed, uint64_t draw)
{
    size_t left = labelings->second;
    double within = 0;
    for (size_t run = 0; run < labelings->count; run++) {
        labelings->label[run] = draw_number(seed, draw, run, labelings->count - run) < left;
        left -= labelings->label[run];
        within += to_earlier(labelings, run);
    }
    count_labeling(labelings, within);
}

/* C(n, k), or limit + 1 when it is greater. */
static uint64_t choose(uint64_t n, uint64_t k, uint64_t limit)
{
    uint64_t ways = 1;
    for (uint64_t i = 1; i <= k && ways <= limit; i++)
        ways = ways * (n - k + i) / i;
    return ways > limit ? limit + 1 : ways;
}

static void compute_p(struct labelings *labelings, uint64_t seed, struct tb_permutation_test *test)
{
    const size_t smaller = labelings->second < labelings->count - labelings->second
                               ? labelings->second
                               : labelings->count - labelings->second;
    test->all = choose(labelings->count, smaller, TB_PERMUTATION_ALL) <= TB_PERMUTATION_ALL;
    if (test->all) {
        label_every_way(labelings);
    } else {
        /* The observed labeling is one of them: p is never 0. */
        labelings->seen = labelings->reached = 1;
        for (uint64_t draw = 0; draw < TB_PERMUTATION_DRAWS; draw++)
            label_drawn(labelings, seed, draw);
    }
    test->labelings = labelings->seen;
    test->p = (double)labelings->reached / (double)labelings->seen;
}

static void observe(struct labelings *labelings, struct tb_permutation_test *test)
{
    double within[2] = {0, 0};
    double greatest = 0;
    for (size_t run = 0; run < labelings->count; run++) {
        within[labelings->label[run]] += to_earlier(labelings, run);
        for (size_t i = 0; i < run; i++) {
            labelings->total += distance(labelings, i, run);
            greatest = fmax(greatest, distance(labelings, i, run));
        }
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

/* The rows and columns of the runs that are used. */
static void select_runs(const double *distances, size_t count, const bool *second, const bool *used, double *selected,
                        struct labelings *labelings)
{
    for (size_t i = 0; i < count; i++) {
        if (used != NULL && !used[i])
            continue;
        labelings->label[labelings->count++] = second[i];
        labelings->second += second[i];
        for (size_t j = 0; j < count; j++)
            if (used == NULL || used[j])
                *selected++ = distances[i * count + j];
    }
}

enum tb_status tb_permutation_test_compute(const double *distances, size_t count, const bool *second, const bool *used,
                                           uint64_t seed, struct tb_permutation_test *test, struct tb_error *error)
{
    double *selected = malloc((count * count + 1) * sizeof *selected);
    struct labelings labelings = {.distances = selected,
                                  .label = calloc(count + 1, sizeof *labelings.label),
                                  .sums = calloc(count * count + count + 1, sizeof *labelings.sums)};
    if (selected == NULL || labelings.label == NULL || labelings.sums == NULL) {
        free(selected);
        free(labelings.label);
        free(labelings.sums);
        return tb_error_memory(error, "a permutation test");
    }
    *test = (struct tb_permutation_test){.p = NAN};
    select_runs(distances, count, second, used, selected, &labelings);
    observe(&labelings, test);
    if (!isnan(test->statistic))
        compute_p(&labelings, seed, test);
    free(selected);
    free(labelings.label);
    free(labelings.sums);
    return TB_OK;
}
