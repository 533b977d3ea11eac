/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Prints twinbed's statistics of the numbers on standard input, one case a
 * line, for comparison with another program's:
 *   ratio|difference THRESHOLD N_CELL N_REFERENCE CELL... REFERENCE...
 *   holm N P... */

#include <stdio.h>
#include <string.h>

#include "twinbed/stats/comparison.h"

enum { MOST = 1000 };

static double numbers[2 * MOST];

static int read_numbers(size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (scanf("%lf", &numbers[i]) != 1)
            return 0;
    return 1;
}

static int print_comparison(enum tb_scale scale)
{
    double threshold;
    size_t cell_count, reference_count;
    if (scanf("%lf %zu %zu", &threshold, &cell_count, &reference_count) != 3 || cell_count > MOST ||
        reference_count > MOST || !read_numbers(cell_count + reference_count))
        return 0;
    struct tb_summary cell, reference;
    struct tb_comparison c;
    tb_summary_compute(numbers, cell_count, &cell);
    tb_summary_compute(numbers + cell_count, reference_count, &reference);
    /* The other program has no rule on few values. */
    tb_comparison_compute(&cell, &reference, &(struct tb_closeness){scale, threshold, 2}, &c);
    printf("%.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g %s\n", cell.mean, cell.deviation,
           cell.median, cell.t.low, cell.t.high, c.welch.low, c.welch.high, c.welch_p, c.fieller.low, c.fieller.high,
           c.equivalence_p, tb_verdict_name(c.verdict));
    return 1;
}

static int print_holm(void)
{
    static size_t scratch[MOST];
    static double adjusted[MOST];
    size_t count;
    if (scanf("%zu", &count) != 1 || count > MOST || !read_numbers(count))
        return 0;
    tb_holm_adjust(numbers, count, scratch, adjusted);
    for (size_t i = 0; i < count; i++)
        printf("%.17g%c", adjusted[i], i + 1 < count ? ' ' : '\n');
    return 1;
}

int main(void)
{
    char word[16];
    int good = 1;
    while (good && scanf("%15s", word) == 1) {
        if (strcmp(word, "holm") == 0)
            good = print_holm();
        else
            good = print_comparison(strcmp(word, "ratio") == 0 ? TB_SCALE_RATIO : TB_SCALE_DIFFERENCE);
    }
    return good ? 0 : 1;
}
