/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A campaign as bytes and back. What comes back is checked, since the bytes may
 * be anything. */
#include <stdlib.h>

#include "campaign/findings/findings.h"
#include "campaign/runs/entries.h"
#include "twinbed/base/archive.h"
#include "twinbed/campaign/settings.h"

static const uint32_t PACKED_MARK = 0x33434254; /* "TBC3" */

/* What items take at least: a text 4 bytes, an index 8, a flag or a word 1. */
enum {
    PACKED_LEVEL = 12,
    PACKED_FACTOR = 25,
    PACKED_TEXT = 4,
    PACKED_CELL = 41,
    PACKED_RUN = 65,
    PACKED_ARTIFACT = 62,
    PACKED_FURTHER_FILE = 20,
    PACKED_METRIC = 49,
    PACKED_PROCESS = 20,
    PACKED_THRESHOLD = 12,
    PACKED_ORDER = 4,
    PACKED_WINDOW = 16,
    PACKED_FINDING = 17
};

static void describe_factor(struct tb_archive *archive, struct tb_factor *factor)
{
    tb_archive_text(archive, &factor->name);
    tb_archive_text(archive, &factor->unit);
    tb_archive_enum(archive, &factor->type, TB_FACTOR_BOOLEAN + 1);
    tb_archive_array(archive, &factor->levels, &factor->level_count, sizeof *factor->levels, PACKED_LEVEL);
    for (size_t i = 0; i < factor->level_count && !archive->failed; i++) {
        tb_archive_text(archive, &factor->levels[i].text);
        tb_archive_f64(archive, &factor->levels[i].number);
    }
    tb_archive_size(archive, &factor->reference);
}

static void describe_scenario(struct tb_archive *archive, struct tb_scenario *scenario, size_t factor_count)
{
    tb_archive_text(archive, &scenario->name);
    tb_archive_items(archive, &scenario->levels, factor_count, sizeof *scenario->levels);
    for (size_t i = 0; i < factor_count && !archive->failed; i++)
        tb_archive_size(archive, &scenario->levels[i]);
}

static void describe_run(struct tb_archive *archive, struct tb_run *run)
{
    tb_archive_size(archive, &run->testbed);
    tb_archive_size(archive, &run->scenario);
    tb_archive_size(archive, &run->cell);
    tb_archive_text(archive, &run->repetition);
    tb_archive_text(archive, &run->path);
    tb_archive_text(archive, &run->name);
    tb_archive_bool(archive, &run->discarded);
    tb_archive_text(archive, &run->discard_reason);
    tb_archive_size(archive, &run->pair_count);
    tb_archive_size(archive, &run->first_artifact);
    tb_archive_size(archive, &run->artifact_count);
}

static void describe_further_files(struct tb_archive *archive, struct tb_artifact *artifact)
{
    tb_archive_array(archive, &artifact->further, &artifact->further_count, sizeof *artifact->further,
                     PACKED_FURTHER_FILE);
    for (size_t i = 0; i < artifact->further_count && !archive->failed; i++) {
        tb_archive_text(archive, &artifact->further[i].path);
        tb_archive_u64(archive, &artifact->further[i].size);
        tb_archive_i64(archive, &artifact->further[i].modified_ns);
    }
}

static void describe_artifact(struct tb_archive *archive, struct tb_artifact *artifact)
{
    tb_archive_size(archive, &artifact->run);
    tb_archive_size(archive, &artifact->pair);
    tb_archive_enum(archive, &artifact->kind, TB_ARTIFACT_KINDS);
    tb_archive_enum(archive, &artifact->role, TB_ROLES);
    tb_archive_enum(archive, &artifact->point, TB_POINTS);
    tb_archive_size(archive, &artifact->file);
    tb_archive_require(archive, artifact->file < TB_NUMBER_FILES_MOST);
    tb_archive_text(archive, &artifact->path);
    describe_further_files(archive, artifact);
    tb_archive_bool(archive, &artifact->exists);
    tb_archive_u64(archive, &artifact->size);
    tb_archive_bool(archive, &artifact->plain);
    tb_archive_bool(archive, &artifact->members);
    tb_archive_i64(archive, &artifact->modified_ns);
    tb_archive_size(archive, &artifact->same_as);
}

static void describe_processes(struct tb_archive *archive, struct tb_campaign *campaign)
{
    size_t count = campaign->process_pairs * TB_ROLES;
    tb_archive_array(archive, &campaign->processes, &count, sizeof *campaign->processes, PACKED_PROCESS);
    tb_archive_require(archive, count > 0 && count % TB_ROLES == 0);
    campaign->process_pairs = count / TB_ROLES;
    for (size_t i = 0; i < count && !archive->failed; i++) {
        struct tb_process *process = &campaign->processes[i];
        tb_archive_text(archive, &process->name);
        tb_archive_i64(archive, &process->pid);
        tb_archive_text(archive, &process->arguments);
        tb_archive_text(archive, &process->cgroup);
    }
}

static void describe_metric(struct tb_archive *archive, struct tb_custom_metric *metric, size_t files)
{
    tb_archive_text(archive, &metric->name);
    tb_archive_text(archive, &metric->unit);
    tb_archive_text(archive, &metric->sentence);
    tb_archive_enum(archive, &metric->level, TB_CUSTOM_LEVELS);
    tb_archive_enum(archive, &metric->role, TB_CUSTOM_ROLES);
    tb_archive_enum(archive, &metric->scale, TB_CUSTOM_SCALES);
    tb_archive_enum(archive, &metric->combination, TB_CUSTOM_COMBINATIONS);
    tb_archive_enum(archive, &metric->gain, TB_GAINS);
    tb_archive_f64(archive, &metric->margin);
    tb_archive_size(archive, &metric->file);
    tb_archive_require(archive, metric->file < files);
    tb_archive_enum(archive, &metric->form, TB_NUMBER_FORMS);
    tb_archive_text(archive, &metric->text);
    tb_archive_text(archive, &metric->take);
}

static void describe_metrics(struct tb_archive *archive, struct tb_campaign *campaign)
{
    tb_archive_array(archive, &campaign->number_files, &campaign->number_file_count, sizeof *campaign->number_files,
                     PACKED_TEXT);
    tb_archive_require(archive, campaign->number_file_count <= TB_NUMBER_FILES_MOST);
    for (size_t i = 0; i < campaign->number_file_count && !archive->failed; i++)
        tb_archive_text(archive, &campaign->number_files[i]);
    tb_archive_array(archive, &campaign->metrics, &campaign->metric_count, sizeof *campaign->metrics, PACKED_METRIC);
    tb_archive_require(archive, campaign->metric_count <= TB_CUSTOM_METRICS_MOST);
    for (size_t i = 0; i < campaign->metric_count && !archive->failed; i++)
        describe_metric(archive, &campaign->metrics[i], campaign->number_file_count);
    tb_archive_enum(archive, &campaign->work_form, TB_NUMBER_FORMS);
    tb_archive_text(archive, &campaign->work_take);
}

static void describe_thresholds(struct tb_archive *archive, struct tb_settings *settings)
{
    tb_archive_array(archive, &settings->thresholds, &settings->threshold_count, sizeof *settings->thresholds,
                     PACKED_THRESHOLD);
    for (size_t i = 0; i < settings->threshold_count && !archive->failed; i++) {
        tb_archive_text(archive, &settings->thresholds[i].metric);
        tb_archive_f64(archive, &settings->thresholds[i].threshold);
    }
}

static void describe_family(struct tb_archive *archive, struct tb_settings *settings)
{
    tb_archive_enum(archive, &settings->family, TB_FAMILY_LISTED + 1);
    tb_archive_array(archive, &settings->family_metrics, &settings->family_metric_count,
                     sizeof *settings->family_metrics, PACKED_TEXT);
    for (size_t i = 0; i < settings->family_metric_count && !archive->failed; i++)
        tb_archive_text(archive, &settings->family_metrics[i]);
}

static void describe_order(struct tb_archive *archive, unsigned *order)
{
    tb_archive_u32(archive, order);
    tb_archive_require(archive, *order < UINT16_MAX);
}

static void describe_orders(struct tb_archive *archive, struct tb_settings *settings)
{
    tb_archive_array(archive, &settings->orders, &settings->order_count, sizeof *settings->orders, PACKED_ORDER);
    for (size_t i = 0; i < settings->order_count && !archive->failed; i++)
        describe_order(archive, &settings->orders[i]);
}

static void describe_windows(struct tb_archive *archive, struct tb_settings *settings)
{
    tb_archive_array(archive, &settings->windows, &settings->window_count, sizeof *settings->windows, PACKED_WINDOW);
    for (size_t i = 0; i < settings->window_count && !archive->failed; i++) {
        tb_archive_u64(archive, &settings->windows[i].skip);
        tb_archive_u64(archive, &settings->windows[i].limit);
    }
}

static void describe_setting(struct tb_archive *archive, const struct tb_setting *setting, struct tb_settings *settings)
{
    void *const field = (char *)settings + setting->offset;
    switch (setting->type) {
    case TB_SETTING_NUMBER:
        tb_archive_f64(archive, field);
        break;
    case TB_SETTING_COUNT:
        tb_archive_u64(archive, field);
        break;
    case TB_SETTING_PORT:
        tb_archive_u16(archive, field);
        break;
    case TB_SETTING_WORD:
        tb_archive_enum(archive, field, (unsigned)tb_setting_words(setting));
        break;
    case TB_SETTING_FLAG:
        tb_archive_bool(archive, field);
        break;
    case TB_SETTING_TEXT:
        tb_archive_text(archive, field);
        break;
    case TB_SETTING_ORDERS:
        describe_orders(archive, settings);
        break;
    case TB_SETTING_WINDOWS:
        describe_windows(archive, settings);
        break;
    case TB_SETTING_THRESHOLDS:
        describe_thresholds(archive, settings);
        break;
    case TB_SETTING_FAMILY:
        describe_family(archive, settings);
        break;
    }
}

static void describe_settings(struct tb_archive *archive, struct tb_settings *settings)
{
    for (size_t i = 0; i < tb_setting_count(); i++)
        if (tb_setting_at(i)->attribute != NULL)
            describe_setting(archive, tb_setting_at(i), settings);
}

static void describe_findings(struct tb_archive *archive, struct tb_findings *findings)
{
    tb_archive_array(archive, &findings->items, &findings->count, sizeof *findings->items, PACKED_FINDING);
    for (size_t i = 0; i < findings->count && !archive->failed; i++) {
        struct tb_finding *finding = &findings->items[i];
        tb_archive_enum(archive, &finding->kind, TB_FINDING_KINDS);
        tb_archive_text(archive, &finding->sentence);
        tb_archive_u64(archive, &finding->count);
        tb_archive_text(archive, &finding->example);
    }
    for (size_t i = 0; i < TB_FINDING_KINDS; i++)
        tb_archive_u64(archive, &findings->total[i]);
}

static void describe_names(struct tb_archive *archive, struct tb_campaign *campaign)
{
    tb_archive_text(archive, &campaign->manifest_path);
    tb_archive_text(archive, &campaign->name);
    tb_archive_text(archive, &campaign->root);
    tb_archive_array(archive, &campaign->testbeds, &campaign->testbed_count, sizeof *campaign->testbeds, PACKED_TEXT);
    for (size_t i = 0; i < campaign->testbed_count && !archive->failed; i++)
        tb_archive_text(archive, &campaign->testbeds[i]);
    tb_archive_array(archive, &campaign->factors, &campaign->factor_count, sizeof *campaign->factors, PACKED_FACTOR);
    for (size_t i = 0; i < campaign->factor_count && !archive->failed; i++)
        describe_factor(archive, &campaign->factors[i]);
}

static void describe_mark(struct tb_archive *archive)
{
    uint32_t mark = PACKED_MARK;
    tb_archive_u32(archive, &mark);
    tb_archive_require(archive, mark == PACKED_MARK);
}

static void describe_campaign(struct tb_archive *archive, struct tb_campaign *campaign)
{
    describe_mark(archive);
    describe_names(archive, campaign);
    tb_archive_array(archive, &campaign->scenarios, &campaign->scenario_count, sizeof *campaign->scenarios,
                     PACKED_TEXT);
    for (size_t i = 0; i < campaign->scenario_count && !archive->failed; i++)
        describe_scenario(archive, &campaign->scenarios[i], campaign->factor_count);
    tb_archive_array(archive, &campaign->cells, &campaign->cell_count, sizeof *campaign->cells, PACKED_CELL);
    for (size_t i = 0; i < campaign->cell_count && !archive->failed; i++) {
        tb_archive_size(archive, &campaign->cells[i].testbed);
        tb_archive_size(archive, &campaign->cells[i].scenario);
        tb_archive_size(archive, &campaign->cells[i].first_run);
        tb_archive_size(archive, &campaign->cells[i].run_count);
        tb_archive_size(archive, &campaign->cells[i].pair_count);
        tb_archive_bool(archive, &campaign->cells[i].pairs_stated);
    }
    tb_archive_array(archive, &campaign->runs, &campaign->run_count, sizeof *campaign->runs, PACKED_RUN);
    for (size_t i = 0; i < campaign->run_count && !archive->failed; i++)
        describe_run(archive, &campaign->runs[i]);
    tb_archive_array(archive, &campaign->artifacts, &campaign->artifact_count, sizeof *campaign->artifacts,
                     PACKED_ARTIFACT);
    for (size_t i = 0; i < campaign->artifact_count && !archive->failed; i++)
        describe_artifact(archive, &campaign->artifacts[i]);
    describe_processes(archive, campaign);
    describe_metrics(archive, campaign);
    describe_settings(archive, &campaign->settings);
    describe_findings(archive, &campaign->findings);
}

void tb_campaign_pack(const struct tb_campaign *campaign, struct tb_buffer *buffer)
{
    struct tb_archive archive = tb_archive_writer(buffer);
    struct tb_campaign copy = *campaign;
    describe_campaign(&archive, &copy);
}

static bool range_fits(size_t first, size_t count, size_t limit)
{
    return first <= limit && count <= limit - first;
}

static bool scenarios_are_valid(const struct tb_campaign *campaign)
{
    for (size_t i = 0; i < campaign->factor_count; i++)
        if (campaign->factors[i].level_count == 0 || campaign->factors[i].reference >= campaign->factors[i].level_count)
            return false;
    for (size_t i = 0; i < campaign->scenario_count; i++)
        for (size_t j = 0; j < campaign->factor_count; j++)
            if (campaign->scenarios[i].levels[j] != TB_NO_INDEX &&
                campaign->scenarios[i].levels[j] >= campaign->factors[j].level_count)
                return false;
    return true;
}

static bool runs_are_valid(const struct tb_campaign *campaign)
{
    for (size_t i = 0; i < campaign->cell_count; i++) {
        const struct tb_cell *cell = &campaign->cells[i];
        if (cell->testbed >= campaign->testbed_count || cell->scenario >= campaign->scenario_count ||
            !range_fits(cell->first_run, cell->run_count, campaign->run_count))
            return false;
    }
    for (size_t i = 0; i < campaign->run_count; i++) {
        const struct tb_run *run = &campaign->runs[i];
        if (run->testbed >= campaign->testbed_count || run->scenario >= campaign->scenario_count ||
            run->cell >= campaign->cell_count || run->pair_count == 0 || run->pair_count == TB_NO_INDEX ||
            !range_fits(run->first_artifact, run->artifact_count, campaign->artifact_count))
            return false;
    }
    return true;
}

static bool artifacts_are_valid(const struct tb_campaign *campaign)
{
    for (size_t i = 0; i < campaign->artifact_count; i++) {
        const struct tb_artifact *artifact = &campaign->artifacts[i];
        if (artifact->run >= campaign->run_count || artifact->pair >= campaign->runs[artifact->run].pair_count ||
            (artifact->same_as != TB_NO_INDEX &&
             (artifact->same_as >= i || artifact->same_as < campaign->runs[artifact->run].first_artifact)))
            return false;
    }
    return true;
}

bool tb_campaign_unpack(struct tb_campaign **campaign, struct tb_bytes *bytes)
{
    struct tb_archive archive = tb_archive_reader(bytes);
    struct tb_campaign *made = calloc(1, sizeof *made);
    if (made == NULL)
        return false;
    describe_campaign(&archive, made);
    if (archive.failed || made->testbed_count == 0 || !scenarios_are_valid(made) || !runs_are_valid(made) ||
        !artifacts_are_valid(made)) {
        tb_campaign_free(made);
        return false;
    }
    tb_campaign_note_recorded(made);
    *campaign = made;
    return tb_archive_end(&archive, bytes);
}
