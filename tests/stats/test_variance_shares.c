/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums of squares of made designs beside those by an orthonormal basis of all columns, which takes no advantage of anything. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "twinbed/stats/sensitivity.h"

enum { CELLS = 240, FACTORS = 3, CATEGORIES = 1 + FACTORS, TERMS = 3 + 2 * FACTORS, VALUES = 4 };

struct design {
    size_t cells, factors;
    size_t levels[CELLS * CATEGORIES];
    size_t counts[CELLS];
};

/* splitmix64 */
static uint64_t draw(uint64_t *seed)
{
    uint64_t bits = *seed += UINT64_C(0x9E3779B97F4A7C15);
    bits = (bits ^ (bits >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    bits = (bits ^ (bits >> 27)) * UINT64_C(0x94D049BB133111EB);
    return bits ^ (bits >> 31);
}

static size_t level_of(const struct design *design, size_t cell, size_t category)
{
    return design->levels[cell * (1 + design->factors) + category];
}

static void add_cell(struct design *design, const size_t *levels, size_t count)
{
    assert_true(design->cells < CELLS);
    memcpy(&design->levels[design->cells * (1 + design->factors)], levels, (1 + design->factors) * sizeof *levels);
    design->counts[design->cells++] = count;
}

/* Directions that are at right angles to each other, over cells. */
struct basis {
    size_t rows, count;
    double *values;
};

static double dot(const double *a, const double *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

static double take_out(const struct basis *basis, size_t from, size_t to, double *values)
{
    double held = 0;
    for (size_t d = from; d < to; d++) {
        const double amount = dot(basis->values + d * basis->rows, values, basis->rows);
        for (size_t i = 0; i < basis->rows; i++)
            values[i] -= amount * basis->values[d * basis->rows + i];
        held += amount * amount;
    }
    return held;
}

static void add_column(struct basis *basis, double *column)
{
    const double before = sqrt(dot(column, column, basis->rows));
    take_out(basis, 0, basis->count, column);
    take_out(basis, 0, basis->count, column);
    const double after = sqrt(dot(column, column, basis->rows));
    if (basis->count == basis->rows || after <= 1e-8 * before)
        return;
    for (size_t i = 0; i < basis->rows; i++)
        basis->values[basis->count * basis->rows + i] = column[i] / after;
    basis->count++;
}

/* The columns of a testbed's or factor's levels, or of both. */
static void add_columns(struct basis *basis, const struct design *design, bool testbed, size_t factor)
{
    double column[CELLS];
    for (size_t t = 0; t < (testbed ? 3 : 1); t++)
        for (size_t l = 0; l < (factor > 0 ? CELLS : 1); l++) {
            double any = 0;
            for (size_t cell = 0; cell < design->cells; cell++) {
                const bool in = (!testbed || level_of(design, cell, 0) == t) &&
                                (factor == 0 || level_of(design, cell, factor) == l);
                column[cell] = in ? sqrt((double)design->counts[cell]) : 0;
                any += column[cell];
            }
            if (any > 0)
                add_column(basis, column);
        }
}

static void add_term(struct basis *basis, const struct design *design, const struct tb_layout *layout, size_t term)
{
    const size_t factor = tb_term_factor(layout, term) + 1;
    if (tb_term_kind(layout, term) == TB_TERM_TESTBED)
        add_columns(basis, design, true, 0);
    if (tb_term_kind(layout, term) == TB_TERM_FACTOR)
        add_columns(basis, design, false, factor);
    if (tb_term_kind(layout, term) == TB_TERM_INTERACTION)
        add_columns(basis, design, true, factor);
}

static bool contains(const struct tb_layout *layout, size_t whole, size_t term)
{
    return whole == term || (tb_term_kind(layout, whole) == TB_TERM_INTERACTION &&
                             (tb_term_kind(layout, term) == TB_TERM_TESTBED ||
                              (tb_term_kind(layout, term) == TB_TERM_FACTOR &&
                               tb_term_factor(layout, term) == tb_term_factor(layout, whole))));
}

/* weighted: cell means without the grand one, times the roots of counts. */
static double square_by_basis(const struct design *design, const struct tb_layout *layout, const double *weighted,
                              size_t term, size_t *freedom)
{
    struct basis basis = {.rows = design->cells, .values = calloc(CELLS * CELLS, sizeof *basis.values)};
    double left[CELLS];
    memcpy(left, weighted, sizeof left);
    assert_non_null(basis.values);
    add_columns(&basis, design, false, 0);
    for (size_t other = 0; other < tb_term_count(layout); other++)
        if (!contains(layout, other, term))
            add_term(&basis, design, layout, other);
    const size_t first = basis.count;
    add_term(&basis, design, layout, term);
    take_out(&basis, 0, first, left);
    const bool remaining = tb_term_kind(layout, term) == TB_TERM_REMAINING;
    *freedom = remaining ? design->cells - basis.count : basis.count - first;
    const double sum = remaining ? dot(left, left, design->cells) : take_out(&basis, first, basis.count, left);
    free(basis.values);
    return sum;
}

static void make_values(const struct design *design, uint64_t seed, struct tb_summary *summaries, double *weighted)
{
    double sum = 0, runs = 0;
    for (size_t cell = 0; cell < design->cells; cell++) {
        double values[VALUES];
        for (size_t i = 0; i < design->counts[cell]; i++)
            values[i] = (double)level_of(design, cell, 0) + (double)(level_of(design, cell, 1) % 5) / 7 +
                        (double)(draw(&seed) % 1000) / 1000;
        tb_summary_compute(values, design->counts[cell], &summaries[cell]);
        sum += summaries[cell].mean * (double)design->counts[cell];
        runs += (double)design->counts[cell];
    }
    for (size_t cell = 0; cell < design->cells; cell++)
        weighted[cell] = (summaries[cell].mean - sum / runs) * sqrt((double)design->counts[cell]);
}

/* All terms of one design; returns how many have degrees of freedom. */
static size_t compare_with_basis(const char *what, const struct design *design, uint64_t seed)
{
    const struct tb_layout layout = {.cells = design->cells, .factors = design->factors, .levels = design->levels};
    struct tb_summary summaries[CELLS];
    double weighted[CELLS];
    struct tb_metric_sensitivity about;
    struct tb_term_result results[TERMS];
    size_t terms = 0;
    make_values(design, seed, summaries, weighted);
    assert_int_equal(tb_sensitivity_compute(&layout, summaries, 1, 1, NULL, &about, results, NULL), TB_OK);
    const double total = dot(weighted, weighted, design->cells);
    for (size_t term = 0; term + 1 < tb_term_count(&layout); term++) {
        size_t freedom;
        const double expected = square_by_basis(design, &layout, weighted, term, &freedom);
        if (results[term].freedom != freedom)
            fail_msg("%s: term %zu has %zu degrees of freedom, not %zu", what, term, results[term].freedom, freedom);
        terms += freedom > 0;
        if (freedom > 0 && !(fabs(results[term].sum_of_squares - expected) <= 1e-12 * total))
            fail_msg("%s: term %zu: %.17g, not %.17g", what, term, results[term].sum_of_squares, expected);
    }
    return terms;
}

/* All combinations of so many testbeds and levels; of each cell as many values as count says. */
static void cross(struct design *design, const size_t numbers[CATEGORIES], size_t factors,
                  size_t (*count)(const size_t *levels))
{
    size_t levels[CATEGORIES] = {0};
    *design = (struct design){.factors = factors};
    for (;;) {
        if (count(levels) > 0)
            add_cell(design, levels, count(levels));
        size_t category = 0;
        while (category <= factors && ++levels[category] == numbers[category])
            levels[category++] = 0;
        if (category > factors)
            return;
    }
}

static size_t two_values(const size_t *levels)
{
    (void)levels;
    return 2;
}

static size_t some_values(const size_t *levels)
{
    return 1 + (levels[0] + levels[1] * levels[1] + 2 * levels[2]) % 4;
}

/* Every third combination is missing, and one level occurs on one testbed alone. */
static size_t values_with_gaps(const size_t *levels)
{
    return (levels[0] + levels[1] + levels[2]) % 3 == 0 || (levels[1] == 4 && levels[0] != 1) ? 0 : some_values(levels);
}

/* The second factor says nothing that the first one does not. */
static size_t values_of_aliases(const size_t *levels)
{
    return levels[2] == levels[1] / 2 ? 1 + levels[1] % 3 : 0;
}

/* Two factors that touch level by level: a chain, whose last link hangs on all others. */
static size_t values_of_a_chain(const size_t *levels)
{
    return levels[2] == levels[1] || levels[2] == levels[1] + 1 ? 1 + (levels[1] + levels[0]) % 3 : 0;
}

/* The factor changes with the testbed. */
static size_t values_of_the_confounded(const size_t *levels)
{
    return levels[1] / 3 == levels[0] ? 2 : 0;
}

/* Each combination belongs to one testbed and level of a third factor. */
static size_t values_of_the_sparse(const size_t *levels)
{
    return (levels[1] * 5 + levels[2] * 3) % 4 == levels[3] && (levels[1] + levels[2]) % 3 == levels[0] ? 1 : 0;
}

static void made_designs_as_by_a_basis(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        size_t numbers[CATEGORIES], factors;
        size_t (*count)(const size_t *levels);
        size_t terms; /* with degrees of freedom */
    } cases[] = {
        {"balanced", {3, 5, 4}, 2, two_values, 6},
        {"unbalanced", {3, 5, 4}, 2, some_values, 6},
        {"many levels", {3, 40, 2}, 2, some_values, 6},
        {"gaps", {3, 5, 4}, 2, values_with_gaps, 6},
        {"aliased", {3, 8, 4}, 2, values_of_aliases, 3},
        {"chain", {2, 50, 51}, 2, values_of_a_chain, 5},
        {"confounded", {3, 9, 2}, 2, values_of_the_confounded, 4},
        {"one level", {3, 1, 6}, 2, some_values, 3},
        {"one testbed", {1, 7, 5}, 2, some_values, 3},
        {"one factor", {3, 30}, 1, two_values, 3},
        {"sparse", {3, 12, 9, 4}, 3, values_of_the_sparse, 8},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct design design;
        cross(&design, cases[i].numbers, cases[i].factors, cases[i].count);
        const size_t terms = compare_with_basis(cases[i].what, &design, i);
        if (terms != cases[i].terms)
            fail_msg("%s: %zu terms", cases[i].what, terms);
    }
}

/* Cells, levels and values without any order. */
static void random_designs_as_by_a_basis(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 60; i++) {
        uint64_t seed = i;
        struct design design = {.factors = 1 + draw(&seed) % FACTORS};
        size_t numbers[CATEGORIES];
        for (size_t c = 0; c <= design.factors; c++)
            numbers[c] = 1 + draw(&seed) % (c == 0 ? 3 : 12);
        bool taken[3 * 12 * 12 * 12] = {false};
        for (size_t cell = 0; cell < 60; cell++) {
            size_t levels[CATEGORIES] = {0}, place = 0;
            for (size_t c = 0; c <= design.factors; c++)
                place = place * 12 + (levels[c] = draw(&seed) % numbers[c]);
            if (!taken[place])
                add_cell(&design, levels, 1 + draw(&seed) % VALUES);
            taken[place] = true;
        }
        char what[32];
        snprintf(what, sizeof what, "random design %u", (unsigned)i);
        compare_with_basis(what, &design, i);
    }
}

/* 30,000 cells of 10,000 levels: 1.2 billion cells times columns. The shares are those of the formula for balanced cells. */
static void large_designs_have_shares(void **state)
{
    (void)state;
    enum { LEVELS = 10000, BEDS = 3 };
    size_t *levels = calloc((size_t)LEVELS * BEDS * 2, sizeof *levels);
    struct tb_summary *summaries = calloc((size_t)LEVELS * BEDS, sizeof *summaries);
    struct tb_metric_sensitivity about;
    struct tb_term_result results[5];
    double of_level = 0;
    assert_true(levels != NULL && summaries != NULL);
    for (size_t cell = 0; cell < (size_t)LEVELS * BEDS; cell++) {
        const size_t level = levels[2 * cell + 1] = cell / BEDS;
        const size_t bed = levels[2 * cell] = cell % BEDS;
        summaries[cell] = (struct tb_summary){
            .n = 2, .mean = (double)(level % 10) + (double)bed + (level % 2 == 0 && bed == 2 ? 3 : 0), .deviation = 1};
    }
    const struct tb_layout layout = {.cells = (size_t)LEVELS * BEDS, .factors = 1, .levels = levels};
    assert_int_equal(tb_sensitivity_compute(&layout, summaries, 1, 1, NULL, &about, results, NULL), TB_OK);
    assert_true(about.balanced);
    for (size_t level = 0; level < 10; level++)
        of_level += pow((double)level + 1 + (level % 2 == 0 ? 1 : 0) - 6, 2) * 2 * BEDS * LEVELS / 10;
    assert_true(fabs(results[1].sum_of_squares - of_level) < 1e-9 * of_level);
    assert_int_equal(results[1].freedom, LEVELS - 1);
    /* testbeds: 0, 1, 3.5; with the levels: 0, 0, +-1.5 less their means */
    assert_true(fabs(results[0].sum_of_squares - 6.5 * 2 * LEVELS) < 1e-9 * results[0].sum_of_squares);
    assert_true(fabs(results[2].sum_of_squares - 1.5 * 2 * LEVELS) < 1e-9 * results[2].sum_of_squares);
    assert_int_equal(results[2].freedom, 2 * (LEVELS - 1));
    free(levels);
    free(summaries);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_designs_as_by_a_basis),
        cmocka_unit_test(random_designs_as_by_a_basis),
        cmocka_unit_test(large_designs_have_shares),
    };
    return cmocka_run_group_tests_name("shares of variance", tests, NULL, NULL);
}
