/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "design.h"

#include <stdlib.h>

static size_t level_of(const struct tb_design *design, size_t row, size_t category)
{
    return design->layout->levels[design->cell[row] * (1 + design->layout->factors) + category];
}

static void find_rows(struct tb_design *design, const struct tb_summary *summaries, size_t stride)
{
    for (size_t cell = 0; cell < design->layout->cells; cell++) {
        const size_t n = summaries[cell * stride].n;
        if (n == 0)
            continue;
        design->cell[design->rows] = cell;
        design->runs[design->rows++] = (double)n;
        design->values += n;
    }
}

static void find_largest_levels(struct tb_design *design)
{
    for (size_t c = 0; c <= design->layout->factors; c++)
        for (size_t row = 0; row < design->rows; row++)
            if (level_of(design, row, c) >= design->numbers[c])
                design->numbers[c] = level_of(design, row, c) + 1;
}

static bool count_levels(struct tb_design *design)
{
    bool allocated = true;
    find_largest_levels(design);
    for (size_t c = 0; c <= design->layout->factors && allocated; c++) {
        bool *seen = calloc(design->numbers[c] + 1, sizeof *seen);
        allocated = seen != NULL;
        for (size_t row = 0; row < design->rows && allocated; row++) {
            bool *const known = &seen[level_of(design, row, c)];
            design->levels[c] += !*known;
            *known = true;
        }
        free(seen);
    }
    return allocated;
}

/* Cells are different combinations of levels, so that as many as can be are all. */
static bool is_balanced(const struct tb_design *design)
{
    double combinations = 1;
    for (size_t c = 0; c <= design->layout->factors; c++)
        combinations *= (double)design->levels[c];
    bool same = true;
    for (size_t row = 1; row < design->rows; row++)
        same = same && design->runs[row] == design->runs[0];
    return same && combinations == (double)design->rows;
}

enum tb_status tb_design_open(struct tb_design *design, const struct tb_layout *layout,
                              const struct tb_summary *summaries, size_t stride, struct tb_error *error)
{
    *design = (struct tb_design){.layout = layout};
    design->cell = calloc(layout->cells + 1, sizeof *design->cell);
    design->runs = calloc(layout->cells + 1, sizeof *design->runs);
    design->numbers = calloc(1 + layout->factors, sizeof *design->numbers);
    design->levels = calloc(1 + layout->factors, sizeof *design->levels);
    if (design->cell == NULL || design->runs == NULL || design->numbers == NULL || design->levels == NULL)
        return tb_error_memory(error, "the analysis of variance");
    find_rows(design, summaries, stride);
    if (!count_levels(design))
        return tb_error_memory(error, "the analysis of variance");
    design->balanced = is_balanced(design);
    return TB_OK;
}

void tb_design_close(struct tb_design *design)
{
    free(design->cell);
    free(design->runs);
    free(design->numbers);
    free(design->levels);
}

bool tb_design_has_one_level(const struct tb_design *design, size_t term)
{
    const size_t category = tb_term_factor(design->layout, term) + 1;
    switch (tb_term_kind(design->layout, term)) {
    case TB_TERM_TESTBED:
        return design->levels[0] < 2;
    case TB_TERM_FACTOR:
        return design->levels[category] < 2;
    case TB_TERM_INTERACTION:
        return design->levels[0] < 2 || design->levels[category] < 2;
    case TB_TERM_REMAINING:
        return false;
    case TB_TERM_REPETITION:
        break;
    }
    return design->values == design->rows;
}
