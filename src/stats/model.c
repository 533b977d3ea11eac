/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model.h"

#include <stdlib.h>
#include <string.h>

/* Of an independent group is left, beside the others, at least about one part in its number of runs times the number of
 * groups; of a dependent one 1e-14 or so, which rounding made. */
static const double INDEPENDENT = 1e-10;

static size_t level_of(const struct tb_design *design, size_t row, size_t category)
{
    return design->layout->levels[design->cell[row] * (1 + design->layout->factors) + category];
}

/* The categories of a grouping: none, one or the testbed and a factor. */
struct crossing {
    bool testbed;
    size_t factor; /* category of it; 0: none */
};

static size_t crossed_level(const struct tb_design *design, size_t row, struct crossing crossing)
{
    const size_t testbed = crossing.testbed ? level_of(design, row, 0) : 0;
    return crossing.factor == 0 ? testbed
                                : testbed * design->numbers[crossing.factor] + level_of(design, row, crossing.factor);
}

/* Numbers groups from 0 on, as they come. */
static bool fill_grouping(const struct tb_design *design, struct crossing crossing, struct tb_grouping *grouping)
{
    const size_t most =
        (crossing.testbed ? design->numbers[0] : 1) * (crossing.factor == 0 ? 1 : design->numbers[crossing.factor]);
    size_t *const number = calloc(most + 1, sizeof *number); /* 1 + that of the group */
    grouping->group = calloc(design->rows + 1, sizeof *grouping->group);
    const bool allocated = number != NULL && grouping->group != NULL;
    for (size_t row = 0; row < design->rows && allocated; row++) {
        const size_t level = crossed_level(design, row, crossing);
        if (number[level] == 0)
            number[level] = ++grouping->count;
        grouping->group[row] = number[level] - 1;
    }
    free(number);
    return allocated;
}

/* Groups that contain others are spanned by them: a factor is by its interaction with the testbed. */
static size_t choose_crossings(const struct tb_layout *layout, tb_includes *includes, size_t asked,
                               struct crossing *crossings)
{
    bool testbed = false;
    bool crossed = false;
    size_t count = 0;
    for (size_t term = 0; term < tb_term_count(layout); term++) {
        if (!includes(layout, term, asked))
            continue;
        const size_t category = tb_term_factor(layout, term) + 1;
        if (tb_term_kind(layout, term) == TB_TERM_TESTBED)
            testbed = true;
        if (tb_term_kind(layout, term) == TB_TERM_FACTOR && !includes(layout, term + layout->factors, asked))
            crossings[count++] = (struct crossing){.factor = category};
        if (tb_term_kind(layout, term) == TB_TERM_INTERACTION) {
            crossings[count++] = (struct crossing){.testbed = true, .factor = category};
            crossed = true;
        }
    }
    if (count == 0 || (testbed && !crossed))
        crossings[count++] = (struct crossing){.testbed = testbed};
    return count;
}

/* Each group of fine lies in one of coarse. */
static bool is_nested(const struct tb_grouping *fine, const struct tb_grouping *coarse, size_t rows, size_t *home)
{
    memset(home, 0, fine->count * sizeof *home);
    for (size_t row = 0; row < rows; row++) {
        size_t *const known = &home[fine->group[row]];
        if (*known != 0 && *known != coarse->group[row] + 1)
            return false;
        *known = coarse->group[row] + 1;
    }
    return true;
}

static void remove_grouping(struct tb_model *model, size_t place)
{
    free(model->groupings[place].group);
    model->grouping_count--;
    memmove(&model->groupings[place], &model->groupings[place + 1],
            (model->grouping_count - place) * sizeof *model->groupings);
}

/* What another one spans, as factors do that always change together. */
static void remove_nested(struct tb_model *model, size_t *home)
{
    for (size_t coarse = model->grouping_count; coarse-- > 0;) {
        bool nested = false;
        for (size_t fine = 0; fine < model->grouping_count && !nested; fine++)
            nested = fine != coarse &&
                     is_nested(&model->groupings[fine], &model->groupings[coarse], model->design->rows, home);
        if (nested)
            remove_grouping(model, coarse);
    }
}

static void put_largest_first(struct tb_model *model)
{
    for (size_t i = 1; i < model->grouping_count; i++) {
        if (model->groupings[i].count <= model->groupings[0].count)
            continue;
        const struct tb_grouping largest = model->groupings[i];
        model->groupings[i] = model->groupings[0];
        model->groupings[0] = largest;
    }
}

static bool find_groupings(struct tb_model *model, tb_includes *includes, size_t asked)
{
    const struct tb_design *design = model->design;
    struct crossing *crossings = calloc(2 * design->layout->factors + 2, sizeof *crossings);
    size_t *home = calloc(design->rows + 1, sizeof *home);
    model->groupings = calloc(2 * design->layout->factors + 2, sizeof *model->groupings);
    bool allocated = crossings != NULL && home != NULL && model->groupings != NULL;
    const size_t count = allocated ? choose_crossings(design->layout, includes, asked, crossings) : 0;
    for (size_t i = 0; i < count && allocated; i++)
        allocated = fill_grouping(design, crossings[i], &model->groupings[model->grouping_count++]);
    if (allocated) {
        remove_nested(model, home);
        put_largest_first(model);
    }
    free(crossings);
    free(home);
    return allocated;
}

static size_t column_of(const struct tb_model *model, size_t grouping, size_t row)
{
    return model->column[grouping] + model->groupings[grouping].group[row];
}

/* How many values two groups share, for each and those before it. */
static void count_shared(const struct tb_model *model, double *equations)
{
    const struct tb_design *design = model->design;
    for (size_t row = 0; row < design->rows; row++)
        for (size_t g = 1; g < model->grouping_count; g++)
            for (size_t h = 1; h <= g; h++)
                equations[column_of(model, g, row) * model->columns + column_of(model, h, row)] += design->runs[row];
}

/* What eliminating the absorbed groups takes, one after the other. */
struct absorption {
    size_t *begin;  /* of each absorbed group: its rows, in order */
    size_t *order;  /* rows by absorbed group */
    double *shared; /* of each column: values that it shares with the group at hand */
    size_t *column; /* those that share any */
    size_t count;
};

static void sort_rows(const struct tb_model *model, const struct absorption *absorption)
{
    const struct tb_grouping *absorbed = &model->groupings[0];
    size_t *const next = absorption->begin + 1; /* after filling, where the next group begins */
    for (size_t row = 0; row < model->design->rows; row++)
        absorption->begin[absorbed->group[row] + 2]++;
    for (size_t a = 0; a < absorbed->count; a++)
        absorption->begin[a + 2] += absorption->begin[a + 1];
    for (size_t row = 0; row < model->design->rows; row++)
        absorption->order[next[absorbed->group[row]]++] = row;
}

static void collect_shared(const struct tb_model *model, size_t group, struct absorption *absorption)
{
    absorption->count = 0;
    for (size_t i = absorption->begin[group]; i < absorption->begin[group + 1]; i++)
        for (size_t g = 1; g < model->grouping_count; g++) {
            const size_t row = absorption->order[i];
            const size_t column = column_of(model, g, row);
            if (absorption->shared[column] == 0)
                absorption->column[absorption->count++] = column;
            absorption->shared[column] += model->design->runs[row];
        }
}

static void eliminate(const struct tb_model *model, size_t group, struct absorption *absorption, double *equations)
{
    collect_shared(model, group, absorption);
    for (size_t i = 0; i < absorption->count; i++) {
        const size_t a = absorption->column[i];
        const double part = absorption->shared[a] / model->absorbed[group];
        for (size_t j = 0; j < absorption->count; j++) {
            const size_t b = absorption->column[j];
            if (b <= a)
                equations[a * model->columns + b] -= part * absorption->shared[b];
        }
    }
    for (size_t i = 0; i < absorption->count; i++)
        absorption->shared[absorption->column[i]] = 0;
}

static bool absorb(const struct tb_model *model, double *equations)
{
    const size_t groups = model->groupings[0].count;
    struct absorption absorption = {.begin = calloc(groups + 2, sizeof *absorption.begin),
                                    .order = calloc(model->design->rows + 1, sizeof *absorption.order),
                                    .shared = calloc(model->columns + 1, sizeof *absorption.shared),
                                    .column = calloc(model->columns + 1, sizeof *absorption.column)};
    const bool allocated =
        absorption.begin != NULL && absorption.order != NULL && absorption.shared != NULL && absorption.column != NULL;
    if (allocated)
        sort_rows(model, &absorption);
    for (size_t group = 0; group < groups && allocated; group++)
        eliminate(model, group, &absorption, equations);
    free(absorption.begin);
    free(absorption.order);
    free(absorption.shared);
    free(absorption.column);
    return allocated;
}

/* Four sums, as an addition waits for the one before. */
static double dot(const double *a, const double *b, size_t count)
{
    double sums[4] = {0, 0, 0, 0};
    size_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (size_t lane = 0; lane < 4; lane++)
            sums[lane] += a[i + lane] * b[i + lane];
    for (; i < count; i++)
        sums[0] += a[i] * b[i];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

static double *factor_row(const struct tb_model *model, size_t kept)
{
    return model->factor + kept * model->columns;
}

/* Adds a column to those kept, unless it depends on them: L D L^T, without roots, so that what is whole stays so. Its equation
 * is spent, and rows of those kept overwrite spent ones. scratch: room for columns. */
static void keep_column(struct tb_model *model, size_t column, double values, double *scratch)
{
    const double *const equation = model->factor + column * model->columns;
    double *const row = model->solution;
    for (size_t k = 0; k < model->kept_count; k++) {
        const double *const earlier = factor_row(model, k);
        scratch[k] = equation[model->kept[k]] - dot(scratch, earlier, k);
        row[k] = scratch[k] / earlier[k];
    }
    row[model->kept_count] = equation[column] - dot(scratch, row, model->kept_count);
    if (row[model->kept_count] <= INDEPENDENT * values)
        return;
    memcpy(factor_row(model, model->kept_count), row, (model->kept_count + 1) * sizeof *row);
    model->kept[model->kept_count++] = column;
}

static enum tb_status make_factor(struct tb_model *model, struct tb_error *error)
{
    model->factor = calloc(model->columns * model->columns + 1, sizeof *model->factor);
    double *const values = calloc(model->columns + 1, sizeof *values);
    bool allocated = model->factor != NULL && values != NULL;
    if (allocated) {
        count_shared(model, model->factor);
        for (size_t column = 0; column < model->columns; column++)
            values[column] = model->factor[column * model->columns + column];
        allocated = absorb(model, model->factor);
    }
    for (size_t column = 0; column < model->columns && allocated; column++)
        keep_column(model, column, values[column], model->effects);
    model->rank = model->groupings[0].count + model->kept_count;
    free(values);
    return allocated ? TB_OK : tb_error_memory(error, "the analysis of variance");
}

static bool allocate(struct tb_model *model)
{
    const size_t rows = model->design->rows;
    const size_t absorbed = model->groupings[0].count;
    model->column = calloc(model->grouping_count, sizeof *model->column);
    for (size_t g = 1; g < model->grouping_count && model->column != NULL; g++) {
        model->column[g] = model->columns;
        model->columns += model->groupings[g].count;
    }
    model->kept = calloc(model->columns + 1, sizeof *model->kept);
    model->effects = calloc(model->columns + 1, sizeof *model->effects);
    model->solution = calloc(model->columns + 1, sizeof *model->solution);
    model->absorbed = calloc(absorbed + 1, sizeof *model->absorbed);
    model->means = calloc(absorbed + 1, sizeof *model->means);
    model->fit = calloc(rows + 1, sizeof *model->fit);
    return model->column != NULL && model->kept != NULL && model->effects != NULL && model->solution != NULL &&
           model->absorbed != NULL && model->means != NULL && model->fit != NULL;
}

enum tb_status tb_model_open(struct tb_model *model, const struct tb_design *design, tb_includes *includes,
                             size_t asked, struct tb_error *error)
{
    *model = (struct tb_model){.design = design};
    if (!find_groupings(model, includes, asked) || !allocate(model))
        return tb_error_memory(error, "the analysis of variance");
    for (size_t row = 0; row < design->rows; row++)
        model->absorbed[model->groupings[0].group[row]] += design->runs[row];
    model->fits = model->columns <= TB_SENSITIVITY_COLUMNS;
    return model->fits ? make_factor(model, error) : TB_OK;
}

void tb_model_close(struct tb_model *model)
{
    for (size_t i = 0; i < model->grouping_count; i++)
        free(model->groupings[i].group);
    free(model->groupings);
    free(model->column);
    free(model->kept);
    free(model->factor);
    free(model->absorbed);
    free(model->means);
    free(model->effects);
    free(model->solution);
    free(model->fit);
}

/* Of values without what fit has of them, the mean of each absorbed group. */
static void find_means(const struct tb_model *model, const double *values)
{
    const size_t *const group = model->groupings[0].group;
    memset(model->means, 0, model->groupings[0].count * sizeof *model->means);
    for (size_t row = 0; row < model->design->rows; row++)
        model->means[group[row]] += model->design->runs[row] * (values[row] - model->fit[row]);
    for (size_t a = 0; a < model->groupings[0].count; a++)
        model->means[a] /= model->absorbed[a];
}

/* The sums of each kept group, of values without the means of absorbed groups. */
static void find_right_sides(const struct tb_model *model, const double *values)
{
    memset(model->effects, 0, model->columns * sizeof *model->effects);
    for (size_t row = 0; row < model->design->rows; row++) {
        const double left = model->design->runs[row] * (values[row] - model->means[model->groupings[0].group[row]]);
        for (size_t g = 1; g < model->grouping_count; g++)
            model->effects[column_of(model, g, row)] += left;
    }
    for (size_t k = 0; k < model->kept_count; k++)
        model->solution[k] = model->effects[model->kept[k]];
}

/* From right sides to effects; groups that are not kept have none. */
static void solve(const struct tb_model *model)
{
    double *const solution = model->solution;
    for (size_t k = 0; k < model->kept_count; k++)
        solution[k] -= dot(factor_row(model, k), solution, k);
    for (size_t k = 0; k < model->kept_count; k++)
        solution[k] /= factor_row(model, k)[k];
    for (size_t k = model->kept_count; k-- > 0;) {
        const double *const row = factor_row(model, k);
        for (size_t earlier = 0; earlier < k; earlier++)
            solution[earlier] -= row[earlier] * solution[k];
    }
    memset(model->effects, 0, model->columns * sizeof *model->effects);
    for (size_t k = 0; k < model->kept_count; k++)
        model->effects[model->kept[k]] = solution[k];
}

/* Fills fit. */
static void project(const struct tb_model *model, const double *values)
{
    const size_t rows = model->design->rows;
    memset(model->fit, 0, rows * sizeof *model->fit);
    find_means(model, values);
    if (model->kept_count > 0) {
        find_right_sides(model, values);
        solve(model);
        for (size_t row = 0; row < rows; row++)
            for (size_t g = 1; g < model->grouping_count; g++)
                model->fit[row] += model->effects[column_of(model, g, row)];
        find_means(model, values);
    }
    for (size_t row = 0; row < rows; row++)
        model->fit[row] += model->means[model->groupings[0].group[row]];
}

void tb_model_take_out(struct tb_model *model, double *values, double *explained)
{
    if (explained != NULL)
        memset(explained, 0, model->design->rows * sizeof *explained);
    for (int pass = 0; pass < 2; pass++) {
        project(model, values);
        for (size_t row = 0; row < model->design->rows; row++) {
            values[row] -= model->fit[row];
            if (explained != NULL)
                explained[row] += model->fit[row];
        }
    }
}
