/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Prints twinbed's rank statistics and analyses of variance of the numbers on
 * standard input, one case a line, for comparison with another program's:
 *   shift N_CELL N_REFERENCE CELL... REFERENCE...
 *   outliers N VALUE...
 *   variance CELLS FACTORS, then for each cell: LEVEL of the testbed and of each factor, N, VALUE... */

#include <stdio.h>
#include <string.h>

#include "twinbed/stats/robust.h"
#include "twinbed/stats/sensitivity.h"

enum { MOST = 4096, CELLS = 256, CATEGORIES = 8 };

static double numbers[MOST], scratch[MOST];

static int read_numbers(size_t count)
{
    if (count > MOST)
        return 0;
    for (size_t i = 0; i < count; i++)
        if (scanf("%lf", &numbers[i]) != 1)
            return 0;
    return 1;
}

static int print_shift(void)
{
    size_t cell, reference;
    struct tb_shift shift;
    if (scanf("%zu %zu", &cell, &reference) != 2 || cell > MOST / 2 || reference > MOST / 2 ||
        !read_numbers(cell + reference))
        return 0;
    tb_shift_compute(numbers, cell, numbers + cell, reference, TB_SCALE_RATIO, scratch, &shift);
    printf("%.17g %.17g %.17g %.17g %.17g %.17g\n", shift.median_difference, shift.median_ratio, shift.estimate,
           shift.interval.low, shift.interval.high, shift.confidence);
    return 1;
}

static int print_outliers(void)
{
    static double scores[MOST];
    static int32_t outlying[MOST];
    size_t count;
    if (scanf("%zu", &count) != 1 || !read_numbers(count))
        return 0;
    tb_outliers_find(numbers, count, scratch, scores, outlying);
    for (size_t i = 0; i < count; i++)
        printf("%.17g%c", scores[i], i + 1 < count ? ' ' : '\n');
    return 1;
}

static int print_variance(void)
{
    static size_t levels[CELLS * CATEGORIES];
    static struct tb_summary summaries[CELLS];
    static struct tb_term_result terms[3 + 2 * CATEGORIES];
    struct tb_layout layout = {.levels = levels};
    struct tb_metric_sensitivity about;
    struct tb_error error = {0};
    if (scanf("%zu %zu", &layout.cells, &layout.factors) != 2 || layout.cells > CELLS || layout.factors >= CATEGORIES)
        return 0;
    for (size_t cell = 0; cell < layout.cells; cell++) {
        size_t n;
        for (size_t c = 0; c <= layout.factors; c++)
            if (scanf("%zu", &levels[cell * (layout.factors + 1) + c]) != 1)
                return 0;
        if (scanf("%zu", &n) != 1 || !read_numbers(n))
            return 0;
        tb_summary_compute(numbers, n, &summaries[cell]);
    }
    if (tb_sensitivity_compute(&layout, summaries, 1, 1, NULL, &about, terms, &error) != TB_OK)
        return 0;
    for (size_t term = 0; term < tb_term_count(&layout); term++)
        printf("%.17g %zu %.17g %.17g ", terms[term].sum_of_squares, terms[term].freedom, terms[term].f, terms[term].p);
    printf("\n");
    return 1;
}

int main(void)
{
    char word[16];
    int good = 1;
    while (good && scanf("%15s", word) == 1) {
        if (strcmp(word, "shift") == 0)
            good = print_shift();
        else if (strcmp(word, "outliers") == 0)
            good = print_outliers();
        else
            good = print_variance();
    }
    return good ? 0 : 1;
}
