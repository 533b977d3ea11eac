/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

size_t tb_view_metric(const struct tb_view *view, const char *name)
{
    for (size_t i = 0; i < view->metrics; i++)
        if (strcmp(view->metric_name[i], name) == 0)
            return i;
    return TB_ABSENT;
}

size_t tb_view_cell(const struct tb_view *view, size_t scenario, size_t testbed)
{
    return view->cell_at[scenario * view->testbeds + testbed];
}

bool tb_view_present(const struct tb_view *view, size_t artifact)
{
    int32_t state = view->artifact_state[artifact];
    return state != TB_ARTIFACT_MISSING && state != TB_ARTIFACT_NOT_RECORDED;
}

const char *tb_view_level(const struct tb_view *view, size_t scenario, size_t factor)
{
    return view->level_text[scenario * view->factors + factor];
}

double tb_view_level_number(const struct tb_view *view, size_t scenario, size_t factor)
{
    return view->level_number[scenario * view->factors + factor];
}

/* "size 500B", "500B" where the unit says what it is, or for runs without tracing just that. */
static bool write_level(FILE *out, const struct tb_view *view, size_t scenario, size_t factor, size_t left_out,
                        bool more)
{
    const char *level = tb_view_level(view, scenario, factor);
    const char *unit = view->factor_unit[factor];
    bool number = isdigit((unsigned char)level[0]);
    if (factor == left_out || !view->factor_varies[factor] || level[0] == '\0')
        return false;
    if (factor == view->instrumented_factor && tb_view_instrumented(view, scenario))
        return false;
    fputs(more ? ", " : "", out);
    if (factor == view->instrumented_factor)
        fputs("not instrumented", out);
    else if (number && (strcmp(unit, "bytes") == 0 || strcmp(unit, "bit/s") == 0))
        fputs(level, out);
    else
        fprintf(out, "%s %s", view->factor_name[factor], level);
    return true;
}

char *tb_view_scenario_label(const struct tb_view *view, size_t scenario, size_t left_out)
{
    char *label = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&label, &size);
    if (out == NULL)
        return NULL;
    bool any = false;
    for (size_t f = 0; f < view->factors; f++)
        any = write_level(out, view, scenario, f, left_out, any) || any;
    if (!any && left_out == TB_ABSENT)
        fputs(view->scenario_name[scenario], out);
    if (fclose(out) != 0) {
        free(label);
        return NULL;
    }
    return label;
}

bool tb_view_instrumented(const struct tb_view *view, size_t scenario)
{
    if (view->instrumented_factor == TB_ABSENT)
        return true;
    return tb_view_level_number(view, scenario, view->instrumented_factor) != 0;
}

struct tb_flag_text tb_view_flag(enum tb_field field, int32_t value)
{
    struct tb_flag_text text = {"unknown"};
    size_t length;
    const char *const word = tb_flag_word(tb_field_describe(field)->flags, value, &length);
    if (word != NULL)
        snprintf(text.text, sizeof text.text, "%.*s", (int)length, word);
    for (char *c = text.text; *c != '\0'; c++)
        *c = *c == '_' ? ' ' : *c;
    return text;
}

static bool contains(const char *name, const char *part)
{
    return strcasestr(name, part) != NULL;
}

static bool is_link(const struct tb_view *view, size_t factor)
{
    return strcmp(view->factor_unit[factor], "bit/s") == 0 || contains(view->factor_name[factor], "link") ||
           contains(view->factor_name[factor], "speed") || contains(view->factor_name[factor], "bandwidth");
}

static bool is_size(const struct tb_view *view, size_t factor)
{
    return strcmp(view->factor_unit[factor], "bytes") == 0 || contains(view->factor_name[factor], "size") ||
           contains(view->factor_name[factor], "payload");
}

static bool is_instrumented(const struct tb_view *view, size_t factor)
{
    return contains(view->factor_name[factor], "instrument");
}

static size_t first_factor(const struct tb_view *view, bool (*matches)(const struct tb_view *, size_t))
{
    for (size_t f = 0; f < view->factors; f++)
        if (matches(view, f))
            return f;
    return TB_ABSENT;
}

static void find_factors(struct tb_view *view)
{
    for (size_t f = 0; f < view->factors; f++)
        for (size_t s = 1; s < view->scenarios && !view->factor_varies[f]; s++)
            view->factor_varies[f] = strcmp(tb_view_level(view, s, f), tb_view_level(view, 0, f)) != 0;
    view->link_factor = first_factor(view, is_link);
    view->size_factor = first_factor(view, is_size);
    view->instrumented_factor = first_factor(view, is_instrumented);
}

static void find_cells(struct tb_view *view)
{
    for (size_t i = 0; i < view->scenarios * view->testbeds; i++)
        view->cell_at[i] = TB_ABSENT;
    for (size_t c = 0; c < view->cells; c++) {
        view->cell_at[(size_t)view->cell_scenario[c] * view->testbeds + (size_t)view->cell_testbed[c]] = c;
        view->contrast_of_cell[c] = TB_ABSENT;
    }
    for (size_t c = 0; c < view->contrasts; c++)
        if (view->contrast_kind[c] == TB_CONTRAST_TESTBED)
            view->contrast_of_cell[view->contrast_cell[c]] = c;
}

/* Puts the items of each owner side by side, in their order: first[owner] .. first[owner + 1] in sorted. */
static void sort_by_owner(const int32_t *owner, size_t items, size_t owners, size_t *first, size_t *sorted)
{
    for (size_t i = 0; i < items; i++)
        first[owner[i] + 1]++;
    for (size_t i = 0; i < owners; i++)
        first[i + 1] += first[i];
    /* first[owner] moves along while items are placed, and is put back afterwards. */
    for (size_t i = 0; i < items; i++)
        sorted[first[owner[i]]++] = i;
    for (size_t i = owners; i > 0; i--)
        first[i] = first[i - 1];
    first[0] = 0;
}

static enum tb_status find_everything(struct tb_view *view, struct tb_error *error)
{
    view->scenario_label = calloc(view->scenarios + 1, sizeof *view->scenario_label);
    view->cell_at = calloc(view->scenarios * view->testbeds + 1, sizeof *view->cell_at);
    view->contrast_of_cell = calloc(view->cells + 1, sizeof *view->contrast_of_cell);
    view->cell_first_run = calloc(view->cells + 1, sizeof *view->cell_first_run);
    view->runs_by_cell = calloc(view->runs + 1, sizeof *view->runs_by_cell);
    view->chain_first_edge = calloc(view->chains + 1, sizeof *view->chain_first_edge);
    view->edges_by_chain = calloc(view->edges + 1, sizeof *view->edges_by_chain);
    view->factor_varies = calloc(view->factors + 1, sizeof *view->factor_varies);
    if (view->cell_at == NULL || view->contrast_of_cell == NULL || view->cell_first_run == NULL ||
        view->runs_by_cell == NULL || view->chain_first_edge == NULL || view->edges_by_chain == NULL ||
        view->factor_varies == NULL || view->scenario_label == NULL)
        return tb_error_memory(error, "the report's look-ups");
    find_factors(view);
    for (size_t s = 0; s < view->scenarios; s++)
        if ((view->scenario_label[s] = tb_view_scenario_label(view, s, TB_ABSENT)) == NULL)
            return tb_error_memory(error, "the report's look-ups");
    find_cells(view);
    sort_by_owner(view->run_cell, view->runs, view->cells, view->cell_first_run, view->runs_by_cell);
    sort_by_owner(view->edge_chain, view->edges, view->chains, view->chain_first_edge, view->edges_by_chain);
    return TB_OK;
}

enum tb_status tb_view_load(struct tb_view *view, struct tb_results *results, const struct tb_report_options *options,
                            struct tb_error *error)
{
    memset(view, 0, sizeof *view);
    view->results = results;
    view->work_unit = tb_work_unit_find(tb_results_attribute(results, "work_unit"));
    view->options = options;
    enum tb_status status = tb_view_load_columns(view, error);
    if (status == TB_OK)
        status = find_everything(view, error);
    if (status != TB_OK)
        tb_view_free(view);
    return status;
}

void tb_view_free(struct tb_view *view)
{
    for (size_t s = 0; view->scenario_label != NULL && s < view->scenarios; s++)
        free(view->scenario_label[s]);
    free(view->scenario_label);
    free(view->cell_at);
    free(view->contrast_of_cell);
    free(view->cell_first_run);
    free(view->runs_by_cell);
    free(view->chain_first_edge);
    free(view->edges_by_chain);
    free(view->factor_varies);
    memset(view, 0, sizeof *view);
}
