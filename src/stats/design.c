/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "design.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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
        design->weight[design->rows++] = sqrt((double)n);
        design->values += n;
    }
}

static bool occurs_before(const struct tb_design *design, size_t row, size_t category)
{
    for (size_t other = 0; other < row; other++)
        if (level_of(design, other, category) == level_of(design, row, category))
            return true;
    return false;
}

static void count_levels(struct tb_design *design)
{
    for (size_t c = 0; c <= design->layout->factors; c++) {
        for (size_t row = 0; row < design->rows; row++) {
            const size_t level = level_of(design, row, c);
            design->numbers[c] = level >= design->numbers[c] ? level + 1 : design->numbers[c];
            design->levels[c] += !occurs_before(design, row, c);
        }
    }
    design->columns = 1 + design->levels[0];
    for (size_t c = 1; c <= design->layout->factors; c++)
        design->columns += design->levels[c] * (1 + design->levels[0]);
}

/* Cells are different combinations of levels, so that as many as can be are all. */
static bool is_balanced(const struct tb_design *design)
{
    double combinations = 1;
    for (size_t c = 0; c <= design->layout->factors; c++)
        combinations *= (double)design->levels[c];
    bool same = true;
    for (size_t row = 1; row < design->rows; row++)
        same = same && design->weight[row] == design->weight[0];
    return same && combinations == (double)design->rows;
}

enum tb_status tb_design_open(struct tb_design *design, const struct tb_layout *layout,
                              const struct tb_summary *summaries, size_t stride, struct tb_error *error)
{
    *design = (struct tb_design){.layout = layout};
    design->cell = calloc(layout->cells + 1, sizeof *design->cell);
    design->weight = calloc(layout->cells + 1, sizeof *design->weight);
    design->column = calloc(layout->cells + 1, sizeof *design->column);
    design->numbers = calloc(1 + layout->factors, sizeof *design->numbers);
    design->levels = calloc(1 + layout->factors, sizeof *design->levels);
    if (design->cell == NULL || design->weight == NULL || design->column == NULL || design->numbers == NULL ||
        design->levels == NULL)
        return tb_error_memory(error, "the analysis of variance");
    find_rows(design, summaries, stride);
    count_levels(design);
    design->balanced = is_balanced(design);
    const size_t room = design->columns < design->rows ? design->columns : design->rows;
    if (room > 0 && design->rows > TB_SENSITIVITY_MOST / room)
        return TB_OK;
    return tb_basis_open(&design->basis, design->rows, room) ? TB_OK
                                                             : tb_error_memory(error, "the analysis of variance");
}

void tb_design_close(struct tb_design *design)
{
    free(design->cell);
    free(design->weight);
    free(design->column);
    free(design->numbers);
    free(design->levels);
    tb_basis_close(&design->basis);
}

bool tb_design_fits(const struct tb_design *design)
{
    return design->basis.values != NULL;
}

static void add_main(struct tb_design *design, size_t category)
{
    for (size_t level = 0; level < design->numbers[category]; level++) {
        for (size_t row = 0; row < design->rows; row++)
            design->column[row] = level_of(design, row, category) == level ? design->weight[row] : 0;
        tb_basis_add(&design->basis, design->column);
    }
}

static void add_interaction(struct tb_design *design, size_t category)
{
    for (size_t testbed = 0; testbed < design->numbers[0]; testbed++) {
        for (size_t level = 0; level < design->numbers[category]; level++) {
            for (size_t row = 0; row < design->rows; row++)
                design->column[row] = level_of(design, row, 0) == testbed && level_of(design, row, category) == level
                                          ? design->weight[row]
                                          : 0;
            tb_basis_add(&design->basis, design->column);
        }
    }
}

static void add_term(struct tb_design *design, size_t term)
{
    const size_t category = tb_term_factor(design->layout, term) + 1;
    switch (tb_term_kind(design->layout, term)) {
    case TB_TERM_TESTBED:
        add_main(design, 0);
        break;
    case TB_TERM_FACTOR:
        add_main(design, category);
        break;
    case TB_TERM_INTERACTION:
        add_interaction(design, category);
        break;
    case TB_TERM_REMAINING:
    case TB_TERM_REPETITION:
        break;
    }
}

static bool contains(const struct tb_layout *layout, size_t whole, size_t term)
{
    if (whole == term)
        return true;
    if (tb_term_kind(layout, whole) != TB_TERM_INTERACTION)
        return false;
    return tb_term_kind(layout, term) == TB_TERM_TESTBED ||
           (tb_term_kind(layout, term) == TB_TERM_FACTOR &&
            tb_term_factor(layout, term) == tb_term_factor(layout, whole));
}

size_t tb_design_span(struct tb_design *design, size_t term)
{
    design->basis.count = 0;
    memcpy(design->column, design->weight, design->rows * sizeof *design->column);
    tb_basis_add(&design->basis, design->column);
    const size_t terms = tb_term_count(design->layout);
    for (size_t other = 0; other < terms; other++)
        if (!contains(design->layout, other, term))
            add_term(design, other);
    const size_t first = design->basis.count;
    add_term(design, term);
    return first;
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
