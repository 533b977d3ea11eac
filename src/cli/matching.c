/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "matching.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "twinbed/metrics/registry.h"

enum { DEFAULT_REPLICATION = 3 };

enum { ARTIFACT_MISSING = 1, ARTIFACT_NOT_RECORDED = 5 }; /* of quality/artifact_state */

static enum tb_status load_columns(struct side *side, struct tb_error *error)
{
    const struct {
        enum tb_field field;
        void *column;
    } columns[] = {
        {TB_FIELD_TESTBED_NAME, &side->testbed_name},
        {TB_FIELD_FACTOR_NAME, &side->factor_name},
        {TB_FIELD_FACTOR_UNIT, &side->factor_unit},
        {TB_FIELD_SCENARIO_NAME, &side->scenario_name},
        {TB_FIELD_SCENARIO_LEVEL_TEXT, &side->level_text},
        {TB_FIELD_SCENARIO_LEVEL_NUMBER, &side->level_number},
        {TB_FIELD_CELL_TESTBED, &side->cell_testbed},
        {TB_FIELD_CELL_SCENARIO, &side->cell_scenario},
        {TB_FIELD_RUN_CELL, &side->run_cell},
        {TB_FIELD_METRICS_METRIC_NAME, &side->metric_name},
        {TB_FIELD_METRICS_METRIC_UNIT, &side->metric_unit},
        {TB_FIELD_METRICS_METRIC_SCALE, &side->metric_scale},
        {TB_FIELD_METRICS_METRIC_DESCRIPTION, &side->metric_description},
        {TB_FIELD_METRICS_METRIC_THRESHOLD, &side->metric_threshold},
        {TB_FIELD_METRICS_RUN_VALUE, &side->run_value},
        {TB_FIELD_ARTIFACT_RUN, &side->artifact_run},
        {TB_FIELD_ARTIFACT_STATE, &side->artifact_state},
        {TB_FIELD_ARTIFACT_KIND, &side->artifact_kind},
        {TB_FIELD_ARTIFACT_POINT, &side->artifact_point},
    };
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        const void *data = NULL;
        switch (tb_field_describe(columns[i].field)->type) {
        case TB_TYPE_INT32:
            data = tb_results_int32(side->results, columns[i].field, error);
            break;
        case TB_TYPE_FLOAT64:
            data = tb_results_float64(side->results, columns[i].field, error);
            break;
        case TB_TYPE_TEXT:
            data = tb_results_text(side->results, columns[i].field, error);
            break;
        case TB_TYPE_INT64:
            break;
        }
        if (data == NULL)
            return error->status;
        memcpy(columns[i].column, &data, sizeof data);
    }
    return TB_OK;
}

static unsigned point_bit(const char *point)
{
    static const char *const points[] = {"client", "server", "link"};
    unsigned i = 0;
    while (i < 3 && strcmp(point, points[i]) != 0)
        i++;
    return 1u << i;
}

static enum tb_status index_runs(struct side *side, struct tb_error *error)
{
    side->first_run = calloc(side->cells + 2, sizeof *side->first_run);
    side->runs_by_cell = calloc(side->runs + 1, sizeof *side->runs_by_cell);
    side->cell_points = calloc(side->cells + 1, sizeof *side->cell_points);
    if (side->first_run == NULL || side->runs_by_cell == NULL || side->cell_points == NULL)
        return tb_error_memory(error, "two results files");
    /* One place further on, so that filling moves each begin to where it belongs. */
    for (size_t r = 0; r < side->runs; r++)
        side->first_run[side->run_cell[r] + 2]++;
    for (size_t c = 0; c < side->cells; c++)
        side->first_run[c + 1] += side->first_run[c];
    for (size_t r = 0; r < side->runs; r++)
        side->runs_by_cell[side->first_run[side->run_cell[r] + 1]++] = r;
    for (size_t a = 0; a < side->artifacts; a++)
        if (strcmp(side->artifact_kind[a], "capture") == 0 && side->artifact_state[a] != ARTIFACT_MISSING &&
            side->artifact_state[a] != ARTIFACT_NOT_RECORDED)
            side->cell_points[side->run_cell[side->artifact_run[a]]] |= point_bit(side->artifact_point[a]);
    return TB_OK;
}

static void read_sizes(struct side *side)
{
    side->testbeds = (size_t)tb_results_size(side->results, TB_DIMENSION_TESTBED);
    side->factors = (size_t)tb_results_size(side->results, TB_DIMENSION_FACTOR);
    side->scenarios = (size_t)tb_results_size(side->results, TB_DIMENSION_SCENARIO);
    side->cells = (size_t)tb_results_size(side->results, TB_DIMENSION_CELL);
    side->runs = (size_t)tb_results_size(side->results, TB_DIMENSION_RUN);
    side->metrics = (size_t)tb_results_size(side->results, TB_DIMENSION_METRIC);
    side->artifacts = (size_t)tb_results_size(side->results, TB_DIMENSION_ARTIFACT);
}

/* What only files of a newer program have. */
static void read_rules(struct side *side)
{
    struct tb_error ignored;
    const char *replication = tb_results_attribute(side->results, "setting_replication");
    const unsigned long number = replication == NULL ? 0 : strtoul(replication, NULL, 10);
    side->replication = number >= 2 ? (size_t)number : DEFAULT_REPLICATION;
    side->metric_family = tb_results_int32(side->results, TB_FIELD_METRICS_METRIC_FAMILY, &ignored);
}

bool side_in_family(const struct side *side, size_t metric)
{
    if (side->metric_family != NULL)
        return side->metric_family[metric] == 1;
    const size_t known = tb_metric_find(side->metric_name[metric]);
    return known < tb_metric_count() && tb_metric_quantity(tb_metric_at(known)) != NULL;
}

enum tb_status side_open(const char *path, struct side *side, struct tb_error *error)
{
    *side = (struct side){.path = path};
    enum tb_status status = tb_results_open(path, &side->results, error);
    if (status != TB_OK)
        return status;
    read_sizes(side);
    read_rules(side);
    status = load_columns(side, error);
    if (status == TB_OK)
        status = index_runs(side, error);
    return status;
}

void side_close(struct side *side)
{
    tb_results_close(side->results);
    free(side->first_run);
    free(side->runs_by_cell);
    free(side->cell_points);
}

size_t side_run_count(const struct side *side, size_t cell)
{
    return side->first_run[cell + 1] - side->first_run[cell];
}

size_t side_values(const struct side *side, size_t cell, size_t metric, double *values)
{
    const size_t count = side_run_count(side, cell);
    for (size_t i = 0; i < count; i++)
        values[i] = side->run_value[side->runs_by_cell[side->first_run[cell] + i] * side->metrics + metric];
    return count;
}

static size_t find_factor(const struct side *side, const char *name)
{
    size_t factor = 0;
    while (factor < side->factors && strcmp(side->factor_name[factor], name) != 0)
        factor++;
    return factor;
}

/* The levels of all factors of one side are found in the other; a factor that
 * the other lacks may not have one. */
static bool levels_are_in(const struct side *side, size_t scenario, const struct side *other, size_t other_scenario)
{
    for (size_t f = 0; f < side->factors; f++) {
        const size_t at = scenario * side->factors + f;
        const size_t g = find_factor(other, side->factor_name[f]);
        if (g == other->factors) {
            if (side->level_text[at][0] != '\0')
                return false;
            continue;
        }
        const size_t there = other_scenario * other->factors + g;
        const bool same_text = strcmp(side->level_text[at], other->level_text[there]) == 0;
        const bool same_number = strcmp(side->factor_unit[f], other->factor_unit[g]) == 0 &&
                                 side->level_number[at] == other->level_number[there];
        if (!same_text && !same_number)
            return false;
    }
    return true;
}

static const char *testbed_of(const struct side *side, size_t cell)
{
    return side->testbed_name[side->cell_testbed[cell]];
}

static bool is_chosen(const struct side *side, size_t cell)
{
    return side->only_testbed == NULL || strcmp(testbed_of(side, cell), side->only_testbed) == 0;
}

size_t side_cell_count(const struct side *side)
{
    size_t count = 0;
    for (size_t i = 0; i < side->cells; i++)
        count += is_chosen(side, i);
    return count;
}

static bool same_testbed(const struct side *a, size_t cell, const struct side *b, size_t other)
{
    if (a->only_testbed != NULL || b->only_testbed != NULL)
        return is_chosen(a, cell) && is_chosen(b, other);
    return strcmp(testbed_of(a, cell), testbed_of(b, other)) == 0;
}

static bool same_cell(const struct side *a, size_t cell, const struct side *b, size_t other)
{
    const size_t left = (size_t)a->cell_scenario[cell], right = (size_t)b->cell_scenario[other];
    return same_testbed(a, cell, b, other) && levels_are_in(a, left, b, right) && levels_are_in(b, right, a, left);
}

static bool same_metric(const struct side *a, size_t metric, const struct side *b, size_t other)
{
    return strcmp(a->metric_name[metric], b->metric_name[other]) == 0 &&
           strcmp(a->metric_unit[metric], b->metric_unit[other]) == 0 &&
           strcmp(a->metric_scale[metric], b->metric_scale[other]) == 0;
}

/* Each of the first count with the first of the others that is the same. */
static enum tb_status match_all(const struct side *a, size_t count, const struct side *b, size_t other_count,
                                bool (*same)(const struct side *, size_t, const struct side *, size_t),
                                struct matches *matches, struct tb_error *error)
{
    *matches = (struct matches){.items = calloc(count + 1, sizeof *matches->items)};
    if (matches->items == NULL)
        return tb_error_memory(error, "two results files");
    for (size_t i = 0; i < count; i++) {
        size_t j = 0;
        while (j < other_count && !same(a, i, b, j))
            j++;
        if (j < other_count)
            matches->items[matches->count++] = (struct match){i, j};
    }
    return TB_OK;
}

/* "veth, e1000, virtio", as much as there is room for. */
static const char *list_names(const char *const *names, size_t count, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i == 0 ? "" : ", ", names[i]);
    if (used >= size)
        memcpy(text + size - 4, "...", 4);
    return text;
}

size_t describe_otherwise(const struct side *reference, const struct side *other, const struct matches *matches,
                          char *names, size_t size)
{
    size_t count = 0;
    size_t used = 0;
    names[0] = '\0';
    for (size_t i = 0; i < matches->count; i++) {
        const struct match match = matches->items[i];
        if (strcmp(reference->metric_description[match.reference], other->metric_description[match.other]) == 0)
            continue;
        if (used < size)
            used += (size_t)snprintf(names + used, size - used, "%s%s", count == 0 ? "" : ", ",
                                     reference->metric_name[match.reference]);
        count++;
    }
    if (used >= size)
        memcpy(names + size - 4, "...", 4);
    return count;
}

static bool shares_testbed(const struct side *a, const struct side *b)
{
    for (size_t i = 0; i < a->testbeds; i++)
        for (size_t j = 0; j < b->testbeds; j++)
            if (strcmp(a->testbed_name[i], b->testbed_name[j]) == 0)
                return true;
    return false;
}

/* The scenarios of the chosen testbed; texts are borrowed. */
static size_t chosen_scenarios(const struct side *side, const char **names, size_t room)
{
    size_t count = 0;
    for (size_t i = 0; i < side->cells && count < room; i++)
        if (is_chosen(side, i))
            names[count++] = side->scenario_name[side->cell_scenario[i]];
    return count;
}

static enum tb_status no_scenario_in_common(const struct side *a, const struct side *b, struct tb_error *error)
{
    enum { MOST = 16 };
    const char *names[MOST];
    char left[160], right[160];
    list_names(names, chosen_scenarios(a, names, MOST), left, sizeof left);
    list_names(names, chosen_scenarios(b, names, MOST), right, sizeof right);
    return tb_error_set(error, TB_USAGE, "%s and %s have no scenario in common: the first has %s; the second has %s",
                        a->path, b->path, left, right);
}

static enum tb_status nothing_in_common(const struct side *a, const struct side *b, struct tb_error *error)
{
    char left[160], right[160];
    if (a->only_testbed != NULL && b->only_testbed != NULL)
        return no_scenario_in_common(a, b, error);
    const bool shared = shares_testbed(a, b);
    const char *const *left_names = shared ? a->scenario_name : a->testbed_name;
    const char *const *right_names = shared ? b->scenario_name : b->testbed_name;
    return tb_error_set(error, TB_USAGE, "%s and %s have no %s in common: the first has %s; the second has %s", a->path,
                        b->path, shared ? "scenario of one testbed" : "testbed",
                        list_names(left_names, shared ? a->scenarios : a->testbeds, left, sizeof left),
                        list_names(right_names, shared ? b->scenarios : b->testbeds, right, sizeof right));
}

enum tb_status match_cells(const struct side *reference, const struct side *other, struct matches *matches,
                           struct tb_error *error)
{
    const enum tb_status status =
        match_all(reference, reference->cells, other, other->cells, same_cell, matches, error);
    return status == TB_OK && matches->count == 0 ? nothing_in_common(reference, other, error) : status;
}

enum tb_status match_metrics(const struct side *reference, const struct side *other, struct matches *matches,
                             struct tb_error *error)
{
    const enum tb_status status =
        match_all(reference, reference->metrics, other, other->metrics, same_metric, matches, error);
    return status == TB_OK && matches->count == 0
               ? tb_error_set(error, TB_USAGE, "%s and %s have no metric in common", reference->path, other->path)
               : status;
}
