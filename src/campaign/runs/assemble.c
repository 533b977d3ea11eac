/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scenarios, cells and runs, from entries that know their levels. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entries.h"
#include "twinbed/base/containers.h"

static enum tb_status out_of_memory(const struct manifest *manifest)
{
    return tb_error_memory(manifest->document.error, "the campaign's runs");
}

static int compare_optional(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return (a != NULL) - (b != NULL);
    return tb_natural_compare(a, b);
}

static int compare_scenarios(const struct entry *a, const struct entry *b, size_t factor_count)
{
    for (size_t i = 0; i < factor_count; i++)
        if (a->levels[i] != b->levels[i])
            return a->levels[i] < b->levels[i] ? -1 : 1;
    return 0;
}

/* By scenario, testbed and repetition: equal for the pairs of one run. */
static int compare_places(const struct entry *a, const struct entry *b, size_t factor_count)
{
    const int order = compare_scenarios(a, b, factor_count);
    if (order != 0)
        return order;
    if (a->testbed != b->testbed)
        return a->testbed < b->testbed ? -1 : 1;
    return tb_natural_compare(a->values[FIELD_REPETITION], b->values[FIELD_REPETITION]);
}

static int compare_entries(const void *a, const void *b, void *factor_count)
{
    const struct entry *x = *(const struct entry *const *)a;
    const struct entry *y = *(const struct entry *const *)b;
    int order = compare_places(x, y, *(const size_t *)factor_count);
    if (order == 0)
        order = compare_optional(x->values[FIELD_PAIR], y->values[FIELD_PAIR]);
    return order != 0 ? order : strcmp(x->directory, y->directory);
}

/* "size=500B, clients=4"; constants are left out, being the same everywhere. */
static char *scenario_name(const struct manifest *manifest, const struct entry *entry)
{
    const struct tb_campaign *campaign = manifest->campaign;
    char *name = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&name, &size);
    if (stream == NULL)
        return NULL;
    for (size_t i = 0; i < campaign->factor_count; i++) {
        const struct tb_factor *factor = &campaign->factors[i];
        if (entry->levels[i] == TB_NO_INDEX || manifest->constants[tb_manifest_field(manifest, factor->name)] != NULL)
            continue;
        fprintf(stream, "%s%s=%s", ftell(stream) == 0 ? "" : ", ", factor->name, factor->levels[entry->levels[i]].text);
    }
    if (ftell(stream) == 0)
        fputs("all runs", stream);
    if (fclose(stream) == 0)
        return name;
    free(name);
    return NULL;
}

static enum tb_status fail_same_place(const struct manifest *manifest, const struct entry *a, const struct entry *b)
{
    char *scenario = scenario_name(manifest, a);
    const char *pair = a->values[FIELD_PAIR];
    const enum tb_status status = tb_yaml_fail(
        &manifest->document, TB_USAGE, b->item->node,
        "runs: two runs for one place: '%.200s' and '%.200s' both are testbed=%.60s, %.200s, rep=%.60s%s%.60s",
        a->directory, b->directory, a->values[FIELD_TESTBED], scenario == NULL ? "" : scenario,
        a->values[FIELD_REPETITION], pair == NULL ? "" : ", pair=", pair == NULL ? "" : pair);
    free(scenario);
    return status;
}

static enum tb_status check_places(const struct manifest *manifest, const struct entries *entries)
{
    for (size_t i = 1; i < entries->count; i++) {
        const struct entry *a = entries->items[i - 1];
        const struct entry *b = entries->items[i];
        const char *a_pair = a->values[FIELD_PAIR];
        const char *b_pair = b->values[FIELD_PAIR];
        if (compare_places(a, b, manifest->campaign->factor_count) == 0 &&
            (a_pair == NULL || b_pair == NULL || strcmp(a_pair, b_pair) == 0))
            return fail_same_place(manifest, a, b);
    }
    return TB_OK;
}

static enum tb_status add_scenario(const struct manifest *manifest, const struct entry *entry)
{
    struct tb_campaign *campaign = manifest->campaign;
    struct tb_scenario *scenario = &campaign->scenarios[campaign->scenario_count++];
    scenario->levels = calloc(campaign->factor_count + 1, sizeof *scenario->levels);
    scenario->name = scenario_name(manifest, entry);
    if (scenario->levels == NULL || scenario->name == NULL)
        return out_of_memory(manifest);
    memcpy(scenario->levels, entry->levels, campaign->factor_count * sizeof *scenario->levels);
    return TB_OK;
}

static enum tb_status add_run(const struct manifest *manifest, const struct entry *entry)
{
    struct tb_campaign *campaign = manifest->campaign;
    struct tb_run *run = &campaign->runs[campaign->run_count];
    const size_t scenario = campaign->scenario_count - 1;
    struct tb_cell *cell = campaign->cell_count == 0 ? NULL : &campaign->cells[campaign->cell_count - 1];
    if (cell == NULL || cell->scenario != scenario || cell->testbed != entry->testbed) {
        cell = &campaign->cells[campaign->cell_count++];
        *cell = (struct tb_cell){.testbed = entry->testbed, .scenario = scenario, .first_run = campaign->run_count};
    }
    cell->run_count++;
    campaign->run_count++;
    run->testbed = entry->testbed;
    run->scenario = scenario;
    run->cell = campaign->cell_count - 1;
    run->pair_count = 1;
    run->discarded = entry->discard_reason != NULL;
    enum tb_status status = tb_manifest_keep_text(manifest, &run->repetition, entry->values[FIELD_REPETITION]);
    if (status == TB_OK)
        status = tb_manifest_keep_text(manifest, &run->path, entry->run_path);
    if (status == TB_OK)
        status = tb_manifest_keep_text(manifest, &run->name, entry->run_path);
    if (status == TB_OK)
        status = tb_manifest_keep_text(manifest, &run->discard_reason, run->discarded ? entry->discard_reason : "");
    return status;
}

static enum tb_status add_runs(const struct manifest *manifest, const struct entries *entries, size_t *first_entry)
{
    const struct tb_campaign *campaign = manifest->campaign;
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < entries->count && status == TB_OK; i++) {
        const struct entry *entry = entries->items[i];
        const struct entry *before = i == 0 ? NULL : entries->items[i - 1];
        if (before != NULL && compare_places(before, entry, campaign->factor_count) == 0)
            continue;
        if (before == NULL || compare_scenarios(before, entry, campaign->factor_count) != 0)
            status = add_scenario(manifest, entry);
        first_entry[campaign->run_count] = i;
        if (status == TB_OK)
            status = add_run(manifest, entry);
    }
    first_entry[campaign->run_count] = entries->count;
    return status;
}

static int compare_run_names(const void *a, const void *b)
{
    return strcmp((*(struct tb_run *const *)a)->name, (*(struct tb_run *const *)b)->name);
}

/* Runs of different places may share the directory that holds their pairs; their names then say which is which. */
static enum tb_status make_names_differ(const struct manifest *manifest)
{
    const struct tb_campaign *campaign = manifest->campaign;
    struct tb_run **runs = calloc(campaign->run_count + 1, sizeof(struct tb_run *));
    if (runs == NULL)
        return out_of_memory(manifest);
    for (size_t i = 0; i < campaign->run_count; i++)
        runs[i] = &campaign->runs[i];
    qsort(runs, campaign->run_count, sizeof(struct tb_run *), compare_run_names);
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < campaign->run_count && status == TB_OK; i++) {
        const bool is_shared = (i > 0 && strcmp(runs[i]->path, runs[i - 1]->path) == 0) ||
                               (i + 1 < campaign->run_count && strcmp(runs[i]->path, runs[i + 1]->path) == 0);
        if (!is_shared)
            continue;
        char *name = NULL;
        if (asprintf(&name, "%s (%s, %s, rep %s)", runs[i]->path, campaign->testbeds[runs[i]->testbed],
                     campaign->scenarios[runs[i]->scenario].name, runs[i]->repetition) < 0)
            status = out_of_memory(manifest);
        else
            status = tb_manifest_keep_text(manifest, &runs[i]->name, name);
        free(name);
    }
    free(runs);
    return status;
}

enum tb_status tb_campaign_assemble(struct manifest *manifest, const char *baseline, struct entries *entries,
                                    size_t **first_entry)
{
    struct tb_campaign *campaign = manifest->campaign;
    enum tb_status status = tb_campaign_assemble_levels(manifest, baseline, entries);
    if (status != TB_OK)
        return status;
    qsort_r(entries->items, entries->count, sizeof(struct entry *), compare_entries, &campaign->factor_count);
    status = check_places(manifest, entries);
    if (status != TB_OK)
        return status;
    campaign->scenarios = calloc(entries->count, sizeof *campaign->scenarios);
    campaign->cells = calloc(entries->count, sizeof *campaign->cells);
    campaign->runs = calloc(entries->count, sizeof *campaign->runs);
    *first_entry = tb_arena_allocate(&manifest->arena, entries->count + 1, sizeof **first_entry);
    if (campaign->scenarios == NULL || campaign->cells == NULL || campaign->runs == NULL || *first_entry == NULL)
        return out_of_memory(manifest);
    status = add_runs(manifest, entries, *first_entry);
    return status == TB_OK ? make_names_differ(manifest) : status;
}
