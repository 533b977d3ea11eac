/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <xxhash.h>

#include "twinbed/markov/chain_comparison.h"
#include "twinbed/stats/run_distances.h"

#define assert_near(value, expected)                                                                                   \
    do {                                                                                                               \
        if (!(fabs((value) - (expected)) <= 1e-12 * fmax(1, fabs((double)(expected)))))                                \
            fail_msg("%s is %.17g, expected %.17g", #value, (double)(value), (double)(expected));                      \
    } while (0)

static struct tb_permutation_test permute(const double *distances, size_t count, const bool *second, const bool *used,
                                          uint64_t seed)
{
    struct tb_permutation_test test;
    assert_int_equal(tb_permutation_test_compute(distances, count, second, used, seed, &test, NULL), TB_OK);
    return test;
}

/* Runs 0 and 1 against 2 and 3; run 4 is far from all, and left out. */
static void all_labelings_are_counted(void **state)
{
    (void)state;
    static const double distances[] = {0, 1, 3, 3, 9, 1, 0, 3, 3, 9, 3, 3, 0, 2, 9, 3, 3, 2, 0, 9, 9, 9, 9, 9, 0};
    static const bool second[] = {false, false, true, true, true}, used[] = {true, true, true, true, false};
    const struct tb_permutation_test test = permute(distances, 5, second, used, 1);
    assert_near(test.within_first, 1);
    assert_near(test.within_second, 2);
    assert_near(test.within, 1.5);
    assert_near(test.between, 3);
    assert_near(test.statistic, 1.5);
    assert_true(test.all);
    assert_int_equal(test.labelings, 6);
    assert_near(test.p, 2.0 / 6); /* itself and its mirror image */
}

/* Mean between minus mean within of the labeling whose second group has the bits of a mask. */
static double statistic_of(const double *distances, size_t count, unsigned mask)
{
    double sums[2] = {0, 0};
    size_t pairs[2] = {0, 0};
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++) {
            const bool across = (mask >> i & 1) != (mask >> j & 1);
            sums[across] += distances[i * count + j];
            pairs[across]++;
        }
    return sums[1] / (double)pairs[1] - sums[0] / (double)pairs[0];
}

/* Compares the test with what every mask of so many bits gives; returns p. */
static double expect_all_masks(const double *distances, size_t count, const bool *second)
{
    unsigned observed = 0;
    size_t reached = 0, seen = 0;
    for (size_t i = 0; i < count; i++)
        observed |= (unsigned)second[i] << i;
    for (unsigned mask = 0; mask < 1U << count; mask++) {
        if (__builtin_popcount(mask) != __builtin_popcount(observed))
            continue;
        seen++;
        reached += statistic_of(distances, count, mask) >= statistic_of(distances, count, observed) - 1e-12;
    }
    const struct tb_permutation_test test = permute(distances, count, second, NULL, 1);
    assert_int_equal(test.labelings, seen);
    assert_near(test.p, (double)reached / (double)seen);
    return test.p;
}

/* Groups of the same size, and of two sizes. */
static void labelings_are_those_of_all_masks(void **state)
{
    (void)state;
    enum { RUNS = 11 };
    double least = 1, greatest = 0;
    for (size_t count = 6; count <= RUNS; count++) {
        double distances[RUNS * RUNS];
        bool alternate[RUNS], halves[RUNS];
        for (size_t i = 0; i < count; i++) {
            alternate[i] = i % 2 == 1;
            halves[i] = i < count / 2;
            for (size_t j = 0; j <= i; j++)
                distances[i * count + j] = distances[j * count + i] =
                    i == j ? 0 : 1 + fmod((double)((i + 3) * (i + 5) * (j + 7)) * 0.618034, 1) + (i % 2 != j % 2);
        }
        least = fmin(least, expect_all_masks(distances, count, alternate));
        greatest = fmax(greatest, expect_all_masks(distances, count, halves));
    }
    assert_true(least < 0.05 && greatest > 0.2);
}

static void ties_count_as_reached(void **state)
{
    (void)state;
    double distances[36];
    for (size_t i = 0; i < 36; i++)
        distances[i] = i / 6 == i % 6 ? 0 : 0.1;
    static const bool second[] = {false, false, false, true, true, true};
    const struct tb_permutation_test test = permute(distances, 6, second, NULL, 1);
    assert_int_equal(test.labelings, 20);
    assert_near(test.p, 1);
    memset(distances, 0, sizeof distances);
    assert_near(permute(distances, 6, second, NULL, 1).p, 1);
}

static void too_few_runs_give_no_value(void **state)
{
    (void)state;
    static const double distances[] = {0, 1, 1, 0};
    static const bool across[] = {false, true}, same[] = {true, true};
    assert_true(isnan(permute(distances, 2, across, NULL, 1).p));
    assert_near(permute(distances, 2, across, NULL, 1).between, 1);
    assert_true(isnan(permute(distances, 2, same, NULL, 1).p));
    assert_true(isnan(permute(distances, 0, same, NULL, 1).p));
}

/* 12 + 12 runs have 2,704,156 labelings: they are drawn. */
static void draws_depend_on_the_seed_alone(void **state)
{
    (void)state;
    enum { RUNS = 24 };
    double distances[RUNS * RUNS];
    bool second[RUNS];
    for (size_t i = 0; i < RUNS; i++) {
        second[i] = i % 2 == 1;
        for (size_t j = 0; j < RUNS; j++)
            distances[i * RUNS + j] = i == j ? 0 : 1 + (double)((i * j) % 7) / 7;
    }
    const struct tb_permutation_test first = permute(distances, RUNS, second, NULL, 7);
    const struct tb_permutation_test again = permute(distances, RUNS, second, NULL, 7);
    const struct tb_permutation_test other = permute(distances, RUNS, second, NULL, 8);
    assert_false(first.all);
    assert_int_equal(first.labelings, TB_PERMUTATION_DRAWS + 1);
    assert_memory_equal(&first.p, &again.p, sizeof first.p);
    assert_true(fabs(first.p - other.p) > 0);
    assert_true(fabs(first.p - other.p) < 0.01);
    for (size_t i = 0; i < RUNS * RUNS; i++)
        distances[i] = second[i / RUNS] == second[i % RUNS] ? 0 : 1;
    assert_near(permute(distances, RUNS, second, NULL, 7).p, 1.0 / (TB_PERMUTATION_DRAWS + 1));
}

enum { MANY = 45 };

/* Distances in which near labelings differ, and where the second group is a little apart. */
static void make_many(double *distances, const bool *second)
{
    for (size_t i = 0; i < MANY; i++)
        for (size_t j = 0; j <= i; j++)
            distances[i * MANY + j] = distances[j * MANY + i] =
                i == j
                    ? 0
                    : 1 + fmod((double)((i + 3) * (i + 5) * (j + 7)) * 0.618034, 1) + 0.02 * (second[i] != second[j]);
}

/* The labels of a draw, run by run, as docs/method.md has them: each with the chance that is left. */
static void label_drawn(uint64_t seed, uint64_t draw, size_t count, size_t left, bool *label)
{
    for (size_t run = 0; run < count; run++) {
        const uint64_t key[2] = {draw, run};
        const uint64_t bits = XXH3_64bits_withSeed(key, sizeof key, seed);
        label[run] = (uint64_t)(((unsigned __int128)bits * (count - run)) >> 64) < left;
        left -= label[run];
    }
}

static double statistic_of_labels(const double *distances, const size_t *runs, size_t count, const bool *label)
{
    double sums[2] = {0, 0};
    size_t pairs[2] = {0, 0};
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++) {
            sums[label[i] != label[j]] += distances[runs[i] * MANY + runs[j]];
            pairs[label[i] != label[j]]++;
        }
    return sums[1] / (double)pairs[1] - sums[0] / (double)pairs[0];
}

/* Pair by pair, with nothing left out of any draw. */
static double p_by_hand(const double *distances, const bool *second, const bool *used)
{
    size_t runs[MANY], count = 0, seconds = 0, reached = 1;
    bool label[MANY];
    for (size_t i = 0; i < MANY; i++) {
        if (!used[i])
            continue;
        label[count] = second[i];
        runs[count++] = i;
        seconds += second[i];
    }
    const double observed = statistic_of_labels(distances, runs, count, label);
    for (uint64_t draw = 0; draw < TB_PERMUTATION_DRAWS; draw++) {
        label_drawn(3, draw, count, seconds, label);
        reached += statistic_of_labels(distances, runs, count, label) >= observed - 1e-12;
    }
    return (double)reached / (TB_PERMUTATION_DRAWS + 1);
}

/* Groups of one size, a smaller second one, a smaller first one; runs that are left out. */
static void draws_are_those_by_hand(void **state)
{
    (void)state;
    static const struct {
        size_t every, least_used;
    } cases[] = {{2, 5}, {4, 3}, {1, 0}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        double distances[MANY * MANY];
        bool second[MANY], used[MANY];
        for (size_t i = 0; i < MANY; i++) {
            second[i] = cases[c].every == 1 ? i % 5 != 0 : i % cases[c].every == 0;
            used[i] = i >= cases[c].least_used;
        }
        make_many(distances, second);
        const double expected = p_by_hand(distances, second, used);
        assert_true(expected > 0.001 && expected < 0.5);
        assert_near(permute(distances, MANY, second, used, 3).p, expected);
    }
}

/* Threads take blocks in any order. */
static void blocks_in_any_order_are_the_test(void **state)
{
    (void)state;
    double distances[MANY * MANY];
    bool second[MANY];
    for (size_t i = 0; i < MANY; i++)
        second[i] = i % 2 == 0;
    make_many(distances, second);
    struct tb_labelings *labelings;
    assert_int_equal(tb_labelings_open(distances, MANY, second, NULL, 3, &labelings, NULL), TB_OK);
    uint64_t reached = 0;
    assert_int_equal(tb_labelings_blocks(labelings), 100);
    for (size_t block = tb_labelings_blocks(labelings); block-- > 0;) {
        uint64_t more;
        assert_int_equal(tb_labelings_count(labelings, block, &more, NULL), TB_OK);
        reached += more;
    }
    struct tb_permutation_test test;
    tb_labelings_test(labelings, reached, &test);
    const struct tb_permutation_test whole = permute(distances, MANY, second, NULL, 3);
    assert_memory_equal(&test.p, &whole.p, sizeof test.p);
    assert_int_equal(test.labelings, whole.labelings);
    tb_labelings_close(labelings);
}

/* The corners of a rectangle of 6 by 2 around the origin. */
static void scaling_finds_places_in_the_plane(void **state)
{
    (void)state;
    static const double corners[4][2] = {{3, 1}, {3, -1}, {-3, 1}, {-3, -1}};
    double squared[16], places[8], explained[2];
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++)
            squared[i * 4 + j] = pow(corners[i][0] - corners[j][0], 2) + pow(corners[i][1] - corners[j][1], 2);
    assert_int_equal(tb_classical_scaling(squared, 4, places, explained, NULL), TB_OK);
    for (size_t i = 0; i < 8; i++)
        assert_near(places[i], corners[i / 2][i % 2]);
    assert_near(explained[0], 0.9);
    assert_near(explained[1], 0.1);
}

/* A number in [0, 1) for each place. */
static double scattered(size_t place)
{
    return fmod((double)(place * place + 3 * place + 1) * 0.6180339887498949, 1);
}

/* Runs of three testbeds in so many dimensions, the first ones wider, with repeated places when there are few. */
static double *make_places(size_t count, size_t dimensions, size_t different)
{
    double *const at = calloc(count * dimensions, sizeof *at), *const squared = calloc(count * count, sizeof *squared);
    assert_true(at != NULL && squared != NULL);
    for (size_t i = 0; i < count; i++)
        for (size_t d = 0; d < dimensions; d++)
            at[i * dimensions + d] =
                scattered(i % different * dimensions + d) / (double)(d + 1) + (d == i % different % 3 ? 2 : 0);
    for (size_t i = 0; i < count * count; i++)
        for (size_t d = 0; d < dimensions; d++)
            squared[i] += pow(at[i / count * dimensions + d] - at[i % count * dimensions + d], 2);
    free(at);
    return squared;
}

/* How far x, y and shares of many runs are from being eigenvectors and eigenvalues: S is centred here by hand. */
static double error_of_places(const double *squared, size_t count, const double *places, const double explained[2])
{
    double *const means = calloc(count, sizeof *means);
    double all = 0, trace = 0, greatest = 0;
    assert_non_null(means);
    for (size_t i = 0; i < count * count; i++) {
        means[i / count] += squared[i] / (double)count;
        all += squared[i] / (double)count / (double)count;
    }
    for (size_t i = 0; i < count; i++)
        trace += means[i] - all / 2;
    for (size_t axis = 0; axis < 2; axis++)
        for (size_t i = 0; i < count; i++) {
            double image = 0;
            for (size_t j = 0; j < count; j++)
                image -= (squared[i * count + j] - means[i] - means[j] + all) / 2 * places[2 * j + axis];
            greatest = fmax(greatest, fabs(image - explained[axis] * trace * places[2 * i + axis]) / trace);
        }
    free(means);
    return greatest;
}

/* More runs than have all eigenvalues computed: many dimensions; one; fewer places than runs; each place on its own. */
static void many_runs_have_their_axes(void **state)
{
    (void)state;
    static const struct {
        size_t count, dimensions, different;
        double least; /* of the first share */
    } cases[] = {{300, 40, 300, 0.2}, {300, 3, 300, 0.3}, {400, 6, 7, 0.3}, {260, 1, 260, 0.999999}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const size_t count = cases[c].count;
        double *const squared = make_places(count, cases[c].dimensions, cases[c].different);
        double *const places = calloc(2 * count, sizeof *places);
        double explained[2], lengths[2] = {0, 0}, trace = 0;
        assert_non_null(places);
        assert_int_equal(tb_classical_scaling(squared, count, places, explained, NULL), TB_OK);
        assert_true(error_of_places(squared, count, places, explained) < 1e-11);
        assert_true(explained[0] >= cases[c].least && explained[0] >= explained[1]);
        for (size_t i = 0; i < count * count; i++)
            trace += squared[i] / (2 * (double)count);
        for (size_t i = 0; i < 2 * count; i++)
            lengths[i % 2] += places[i] * places[i];
        for (size_t axis = 0; axis < 2; axis++)
            assert_near(lengths[axis] / trace, explained[axis]);
        free(squared);
        free(places);
    }
}

/* 256 runs have all eigenvalues computed, 257 two: one more copy of a run moves the others by little. */
static void few_and_many_runs_agree(void **state)
{
    (void)state;
    double explained[2][2];
    double *places[2];
    for (size_t i = 0; i < 2; i++) {
        double *const squared = make_places(TB_SCALING_ALL + i, 5, TB_SCALING_ALL);
        places[i] = calloc(2 * (TB_SCALING_ALL + 1), sizeof *places[i]);
        assert_non_null(places[i]);
        assert_int_equal(tb_classical_scaling(squared, TB_SCALING_ALL + i, places[i], explained[i], NULL), TB_OK);
        free(squared);
    }
    for (size_t i = 0; i < 2 * TB_SCALING_ALL; i++)
        assert_true(fabs(places[0][i] - places[1][i]) < 0.05);
    assert_true(fabs(explained[0][0] - explained[1][0]) < 0.01 && fabs(explained[0][1] - explained[1][1]) < 0.01);
    free(places[0]);
    free(places[1]);
}

static void runs_in_one_place_stay_there(void **state)
{
    (void)state;
    static const double squared[9] = {0};
    double places[6], explained[2];
    assert_int_equal(tb_classical_scaling(squared, 3, places, explained, NULL), TB_OK);
    for (size_t i = 0; i < 6; i++)
        assert_near(places[i], 0);
    assert_true(isnan(explained[0]));
    double *const many = calloc((size_t)4 * TB_SCALING_ALL * TB_SCALING_ALL, sizeof *many), *const spots = calloc(
                                                                                                (size_t)4 *
                                                                                                    TB_SCALING_ALL,
                                                                                                sizeof *spots);
    assert_true(many != NULL && spots != NULL);
    assert_int_equal(tb_classical_scaling(many, 2 * TB_SCALING_ALL, spots, explained, NULL), TB_OK);
    assert_true(isnan(explained[1]));
    for (size_t i = 0; i < 4 * TB_SCALING_ALL; i++)
        assert_near(spots[i], 0);
    free(many);
    free(spots);
    assert_int_equal(tb_classical_scaling(squared, 1, places, explained, NULL), TB_OK);
    assert_int_equal(tb_classical_scaling(squared, 0, places, explained, NULL), TB_OK);
}

static void chi_squared_has_its_quantiles(void **state)
{
    (void)state;
    assert_near(tb_chi_squared_p(7.814727903251179, 3), 0.05);
    assert_near(tb_chi_squared_p(0, 5), 1);
    assert_true(isnan(tb_chi_squared_p(1, 0)));
}

/* A stream of numbers in [0, 1) that a seed decides (splitmix64). */
static double draw(uint64_t *seed)
{
    uint64_t bits = *seed += UINT64_C(0x9E3779B97F4A7C15);
    bits = (bits ^ (bits >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    bits = (bits ^ (bits >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (double)((bits ^ (bits >> 31)) >> 11) / 9007199254740992.0;
}

enum { GROUP = 6, RUNS = 2 * GROUP, CALLS = 150 };

/* A run of the published example's loop: after a read comes another with the
 * given chance, else close and open. Each run's own chance varies a little. */
static struct tb_transitions made_run(uint64_t *seed, double again)
{
    const tb_symbol names[] = {tb_symbol_of_call(tb_call_find("open")), tb_symbol_of_call(tb_call_find("read")),
                               tb_symbol_of_call(tb_call_find("close"))};
    const double own = again + 0.04 * (draw(seed) - 0.5);
    struct tb_transitions transitions;
    tb_transitions_init(&transitions, 1);
    for (size_t i = 0, at = 0; i < CALLS; i++) {
        const size_t next = at == 1 ? (draw(seed) < own ? 1 : 2) : (at + 1) % 3;
        const tb_symbol step[] = {names[at], names[next]};
        assert_int_equal(tb_transitions_add(&transitions, tb_key_of_symbols(step, 2), i, NULL), TB_OK);
        at = next;
    }
    tb_transitions_finish(&transitions);
    return transitions;
}

static double p_of_made_campaign(uint64_t seed, double again, double difference)
{
    struct tb_transitions runs[RUNS];
    double distances[RUNS * RUNS];
    bool second[RUNS];
    for (size_t i = 0; i < RUNS; i++) {
        second[i] = i >= GROUP;
        runs[i] = made_run(&seed, again + (second[i] ? difference : 0));
    }
    for (size_t i = 0; i < RUNS; i++)
        for (size_t j = 0; j < RUNS; j++)
            distances[i * RUNS + j] = i == j ? 0 : tb_transitions_divergence(&runs[i], &runs[j]);
    for (size_t i = 0; i < RUNS; i++)
        tb_transitions_free(&runs[i]);
    return permute(distances, RUNS, second, NULL, 0).p;
}

/* How many of 1,000 made campaigns the test calls different at 5 %. */
static unsigned rejections(double difference)
{
    unsigned rejected = 0;
    for (uint64_t seed = 0; seed < 1000; seed++)
        rejected += p_of_made_campaign(seed * 1000003, 0.75, difference) <= 0.05;
    return rejected;
}

/* 924 labelings in 462 mirrored pairs: p <= 0.05 for 23 of 462. The limits hold 99.9 % of binomial(1000, 23 / 462). */
static void false_positives_stay_in_binomial_limits(void **state)
{
    (void)state;
    const unsigned rejected = rejections(0);
    print_message("equal chains: %u of 1000 called different\n", rejected);
    assert_in_range(rejected, 29, 74);
}

static void power_grows_with_the_difference(void **state)
{
    (void)state;
    static const struct {
        double difference;
        unsigned least;
    } cases[] = {{0.02, 60}, {0.05, 300}, {0.10, 900}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const unsigned rejected = rejections(cases[i].difference);
        print_message("read again with 0.75 and %.2f: %u of 1000 called different\n", 0.75 + cases[i].difference,
                      rejected);
        assert_true(rejected >= cases[i].least);
    }
}

/* More runs than memory has room for: a status, where GSL's own handler ended the program. */
static void memory_that_is_short_is_told(void **state)
{
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    skip(); /* it ends the program by itself */
#endif
    double explained[2];
    struct tb_error error = {0};
    assert_int_equal(tb_classical_scaling(NULL, (size_t)1 << 24, NULL, explained, &error), TB_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_labelings_are_counted),         cmocka_unit_test(labelings_are_those_of_all_masks),
        cmocka_unit_test(memory_that_is_short_is_told),      cmocka_unit_test(ties_count_as_reached),
        cmocka_unit_test(too_few_runs_give_no_value),        cmocka_unit_test(draws_depend_on_the_seed_alone),
        cmocka_unit_test(scaling_finds_places_in_the_plane), cmocka_unit_test(runs_in_one_place_stay_there),
        cmocka_unit_test(chi_squared_has_its_quantiles),     cmocka_unit_test(false_positives_stay_in_binomial_limits),
        cmocka_unit_test(power_grows_with_the_difference),   cmocka_unit_test(draws_are_those_by_hand),
        cmocka_unit_test(blocks_in_any_order_are_the_test),  cmocka_unit_test(many_runs_have_their_axes),
        cmocka_unit_test(few_and_many_runs_agree),
    };
    return cmocka_run_group_tests_name("run distances", tests, NULL, NULL);
}
