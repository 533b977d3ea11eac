/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A campaign from its manifest to what it owns. Loading goes through the steps that runs/entries.h
 * names, each of which may refuse; what a campaign refers to is its own, as the manifest is gone
 * then. */
#include "twinbed/campaign/campaign.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "campaign/findings/findings.h"
#include "campaign/runs/entries.h"
#include "twinbed/campaign/settings.h"

static void free_factors(struct tb_campaign *campaign)
{
    for (size_t i = 0; i < campaign->factor_count; i++) {
        struct tb_factor *factor = &campaign->factors[i];
        for (size_t j = 0; j < factor->level_count; j++)
            free(factor->levels[j].text);
        free(factor->levels);
        free(factor->name);
        free(factor->unit);
    }
    free(campaign->factors);
}

static void free_runs(struct tb_campaign *campaign)
{
    for (size_t i = 0; i < campaign->run_count; i++) {
        struct tb_run *run = &campaign->runs[i];
        free(run->repetition);
        free(run->path);
        free(run->name);
        free(run->discard_reason);
    }
    free(campaign->runs);
}

static void free_artifacts(struct tb_campaign *campaign)
{
    for (size_t i = 0; i < campaign->artifact_count; i++) {
        struct tb_artifact *artifact = &campaign->artifacts[i];
        free(artifact->path);
        for (size_t j = 0; j < artifact->further_count; j++)
            free(artifact->further[j].path);
        free(artifact->further);
    }
    free(campaign->artifacts);
}

static void free_processes(struct tb_campaign *campaign)
{
    for (size_t i = 0; i < campaign->process_pairs * TB_ROLES; i++) {
        free(campaign->processes[i].name);
        free(campaign->processes[i].arguments);
        free(campaign->processes[i].cgroup);
    }
    free(campaign->processes);
}

static void free_metrics(struct tb_campaign *campaign)
{
    for (size_t i = 0; i < campaign->metric_count; i++) {
        struct tb_custom_metric *metric = &campaign->metrics[i];
        free(metric->name);
        free(metric->unit);
        free(metric->sentence);
        free(metric->text);
        free(metric->take);
    }
    free(campaign->metrics);
    for (size_t i = 0; i < campaign->number_file_count; i++)
        free(campaign->number_files[i]);
    free(campaign->number_files);
    free(campaign->work_take);
}

void tb_campaign_free(struct tb_campaign *campaign)
{
    if (campaign == NULL)
        return;
    free(campaign->manifest_path);
    free(campaign->manifest_text);
    free(campaign->name);
    free(campaign->root);
    for (size_t i = 0; i < campaign->testbed_count; i++)
        free(campaign->testbeds[i]);
    free(campaign->testbeds);
    free_factors(campaign);
    for (size_t i = 0; i < campaign->scenario_count; i++) {
        free(campaign->scenarios[i].levels);
        free(campaign->scenarios[i].name);
    }
    free(campaign->scenarios);
    free(campaign->cells);
    free_runs(campaign);
    free_artifacts(campaign);
    free_processes(campaign);
    free_metrics(campaign);
    tb_settings_free(&campaign->settings);
    tb_findings_free(&campaign->findings);
    free(campaign);
}

static enum tb_status build(struct manifest *manifest, const struct tb_selection *only, struct entries *entries)
{
    const char *baseline = NULL;
    size_t *first_entry = NULL;
    enum tb_status status = tb_entries_find(manifest, entries);
    if (status == TB_OK)
        status = tb_entries_discard(manifest, entries);
    if (status == TB_OK)
        status = tb_entries_baseline(manifest, entries, &baseline);
    if (status == TB_OK)
        status = tb_entries_guess_types(manifest, entries);
    if (status == TB_OK)
        status = tb_entries_check_references(manifest, entries);
    if (status == TB_OK)
        status = tb_entries_select(manifest, only, entries);
    if (status == TB_OK)
        status = tb_campaign_assemble(manifest, baseline, entries, &first_entry);
    if (status == TB_OK)
        status = tb_campaign_find_artifacts(manifest, entries, first_entry);
    if (status == TB_OK)
        status = tb_campaign_link_shared_files(manifest);
    if (status == TB_OK) {
        tb_campaign_note_pairs(manifest);
        tb_campaign_note_recorded(manifest->campaign);
    }
    if (status == TB_OK)
        status = tb_campaign_check_selectors(manifest);
    const struct finding_search search = {
        .manifest = manifest, .entries = entries, .has_selection = only != NULL && only->count > 0};
    return status == TB_OK ? tb_campaign_note_findings(&search) : status;
}

enum tb_status tb_campaign_load(const char *path, const struct tb_selection *only, struct tb_campaign **campaign,
                                struct tb_error *error)
{
    struct tb_campaign *made = calloc(1, sizeof *made);
    struct manifest *manifest = calloc(1, sizeof *manifest);
    struct entries entries = {0};
    enum tb_status status = TB_OK;
    if (made == NULL || manifest == NULL || (made->manifest_path = strdup(path)) == NULL)
        status = tb_error_memory(error, "the campaign");
    if (status == TB_OK) {
        manifest->campaign = made;
        status = tb_manifest_read(path, manifest, error);
    }
    if (status == TB_OK)
        status = build(manifest, only, &entries);
    tb_entries_free(&entries);
    if (manifest != NULL)
        tb_manifest_free(manifest);
    free(manifest);
    if (status == TB_OK)
        *campaign = made;
    else
        tb_campaign_free(made);
    return status;
}

const struct tb_process *tb_campaign_process(const struct tb_campaign *campaign, size_t pair, enum tb_role role)
{
    const size_t last = campaign->process_pairs - 1;
    return &campaign->processes[(pair < last ? pair : last) * TB_ROLES + role];
}

size_t tb_campaign_cell(const struct tb_campaign *campaign, size_t testbed, size_t scenario)
{
    size_t low = 0;
    size_t high = campaign->cell_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const struct tb_cell *cell = &campaign->cells[middle];
        if (cell->scenario == scenario && cell->testbed == testbed)
            return middle;
        if (cell->scenario < scenario || (cell->scenario == scenario && cell->testbed < testbed))
            low = middle + 1;
        else
            high = middle;
    }
    return TB_NO_INDEX;
}

/* Scenarios are in the order of their levels. */
size_t tb_campaign_sibling(const struct tb_campaign *campaign, size_t scenario, size_t factor, size_t level)
{
    size_t low = 0;
    size_t high = campaign->scenario_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        int order = 0;
        for (size_t f = 0; f < campaign->factor_count && order == 0; f++) {
            const size_t wanted = f == factor ? level : campaign->scenarios[scenario].levels[f];
            const size_t found = campaign->scenarios[middle].levels[f];
            order = found < wanted ? -1 : found > wanted;
        }
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return TB_NO_INDEX;
}

size_t tb_campaign_artifact(const struct tb_campaign *campaign, size_t run, size_t pair, enum tb_artifact_kind kind,
                            enum tb_role role)
{
    const struct tb_run *of = &campaign->runs[run];
    for (size_t i = of->first_artifact; i < of->first_artifact + of->artifact_count; i++) {
        const struct tb_artifact *artifact = &campaign->artifacts[i];
        if (artifact->pair == pair && artifact->kind == kind && artifact->role == role)
            return i;
    }
    return TB_NO_INDEX;
}

static uint32_t place_of(const struct tb_artifact *artifact)
{
    static_assert(TB_ROLES * TB_POINTS <= 32 && TB_NUMBER_FILES_MOST <= 32, "a bit for every role and point, or file");
    return artifact->kind == TB_ARTIFACT_NUMBERS
               ? UINT32_C(1) << artifact->file
               : UINT32_C(1) << ((unsigned)artifact->role * TB_POINTS + (unsigned)artifact->point);
}

void tb_campaign_note_recorded(struct tb_campaign *campaign)
{
    for (size_t i = 0; i < campaign->cell_count; i++)
        memset(campaign->cells[i].recorded, 0, sizeof campaign->cells[i].recorded);
    for (size_t i = 0; i < campaign->artifact_count; i++) {
        const struct tb_artifact *artifact = &campaign->artifacts[i];
        if (artifact->exists)
            campaign->cells[campaign->runs[artifact->run].cell].recorded[artifact->kind] |= place_of(artifact);
    }
}

bool tb_campaign_expects(const struct tb_campaign *campaign, const struct tb_artifact *artifact)
{
    const struct tb_cell *cell = &campaign->cells[campaign->runs[artifact->run].cell];
    return (cell->recorded[artifact->kind] & place_of(artifact)) != 0;
}

enum tb_point tb_campaign_point(const struct tb_campaign *campaign, size_t cell)
{
    const unsigned recorded = campaign->cells[cell].recorded[TB_ARTIFACT_CAPTURE];
    for (unsigned point = TB_POINT_NONE + 1; point < TB_POINTS; point++)
        if ((recorded >> (TB_ROLE_NONE * TB_POINTS + point) & 1) != 0)
            return (enum tb_point)point;
    return TB_POINT_NONE;
}

size_t tb_campaign_capture_log(const struct tb_campaign *campaign, size_t capture)
{
    const struct tb_artifact *const of = &campaign->artifacts[capture];
    const struct tb_run *const run = &campaign->runs[of->run];
    for (size_t i = run->first_artifact; i < run->first_artifact + run->artifact_count; i++) {
        const struct tb_artifact *const log = &campaign->artifacts[i];
        if (log->kind == TB_ARTIFACT_CAPTURE_LOG && log->pair == of->pair &&
            (log->point == of->point || log->point == TB_POINT_NONE))
            return i;
    }
    return TB_NO_INDEX;
}

bool tb_campaign_lacks_pairs(const struct tb_campaign *campaign, size_t run)
{
    return campaign->runs[run].pair_count != campaign->cells[campaign->runs[run].cell].pair_count;
}

size_t tb_campaign_pairs(const struct tb_campaign *campaign)
{
    size_t most = 0;
    for (size_t i = 0; i < campaign->run_count; i++)
        if (campaign->runs[i].pair_count > most)
            most = campaign->runs[i].pair_count;
    return most;
}

static struct tb_number_place make_place(enum tb_number_form form, const char *text, const char *take)
{
    struct tb_number_place place = {.form = form, .text = text};
    if (take == NULL || !tb_number_take_read(take, &place.take))
        place.take = (struct tb_number_take){.choice = TB_NUMBER_LAST};
    return place;
}

struct tb_number_place tb_custom_metric_place(const struct tb_custom_metric *metric)
{
    return make_place(metric->form, metric->text, metric->take);
}

struct tb_number_place tb_campaign_work_place(const struct tb_campaign *campaign)
{
    return make_place(campaign->work_form, campaign->settings.work_selector, campaign->work_take);
}

const char *tb_role_name(enum tb_role role)
{
    static const char *const names[TB_ROLES] = {TB_ROLE_WORDS(TB_WORD_NAME)};
    return (unsigned)role < TB_ROLES ? names[role] : "unknown";
}

const char *tb_artifact_kind_name(enum tb_artifact_kind kind)
{
    static const char *const names[TB_ARTIFACT_KINDS] = {[TB_ARTIFACT_AB] = "ab",
                                                         [TB_ARTIFACT_AB_CSV] = "ab csv",
                                                         [TB_ARTIFACT_AB_TSV] = "ab tsv",
                                                         [TB_ARTIFACT_LATENCY] = "latency",
                                                         [TB_ARTIFACT_CAPTURE] = "capture",
                                                         [TB_ARTIFACT_TRACE] = "trace",
                                                         [TB_ARTIFACT_COUNTERS] = "counters",
                                                         [TB_ARTIFACT_WORK] = "work",
                                                         [TB_ARTIFACT_CAPTURE_LOG] = "capture log",
                                                         [TB_ARTIFACT_NUMBERS] = "numbers",
                                                         [TB_ARTIFACT_KERNEL_LOG] = "kernel log"};
    return (unsigned)kind < TB_ARTIFACT_KINDS ? names[kind] : "unknown";
}

bool tb_artifact_kind_is_record(enum tb_artifact_kind kind)
{
    return kind == TB_ARTIFACT_TRACE || kind == TB_ARTIFACT_CAPTURE;
}

const char *tb_point_name(enum tb_point point)
{
    static const char *const names[TB_POINTS] = {
        [TB_POINT_NONE] = "none", [TB_POINT_CLIENT] = "client", [TB_POINT_SERVER] = "server", [TB_POINT_LINK] = "link"};
    return (unsigned)point < TB_POINTS ? names[point] : "unknown";
}
