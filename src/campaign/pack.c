/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A campaign as bytes and back. One description of the fields serves both
 * directions, so that they cannot differ; what comes back is checked, since the
 * bytes may be anything. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entries.h"
#include "twinbed/campaign/campaign.h"

static const uint32_t PACKED_MARK = 0x31434254; /* "TBC1" */

struct archive {
    struct tb_buffer *out; /* NULL while unpacking */
    struct tb_bytes *in;
    bool failed;
};

static void exchange_u64(struct archive *archive, uint64_t *value)
{
    if (archive->out != NULL)
        tb_buffer_put_u64(archive->out, *value);
    else if (!archive->failed)
        archive->failed = !tb_bytes_take_u64(archive->in, value);
}

static void exchange_i64(struct archive *archive, int64_t *value)
{
    uint64_t bits = (uint64_t)*value;
    exchange_u64(archive, &bits);
    memcpy(value, &bits, sizeof bits);
}

static void exchange_size(struct archive *archive, size_t *value)
{
    uint64_t wide = *value == TB_NO_INDEX ? UINT64_MAX : *value;
    exchange_u64(archive, &wide);
    *value = wide == UINT64_MAX ? TB_NO_INDEX : (size_t)wide;
    if (wide != UINT64_MAX && *value != wide)
        archive->failed = true;
}

static void exchange_double(struct archive *archive, double *value)
{
    uint64_t bits;
    memcpy(&bits, value, sizeof bits);
    exchange_u64(archive, &bits);
    memcpy(value, &bits, sizeof bits);
}

static void exchange_flag(struct archive *archive, bool *value)
{
    uint64_t wide = *value;
    exchange_u64(archive, &wide);
    *value = wide == 1;
    if (wide > 1)
        archive->failed = true;
}

/* A small number below limit: what enums and ports are made of. */
static unsigned exchange_small(struct archive *archive, unsigned value, unsigned limit)
{
    uint64_t wide = value;
    exchange_u64(archive, &wide);
    if (wide < limit)
        return (unsigned)wide;
    archive->failed = true;
    return 0;
}

static void exchange_text(struct archive *archive, char **text)
{
    if (archive->out != NULL) {
        tb_buffer_put_text(archive->out, *text);
        return;
    }
    char *taken = NULL;
    uint32_t length = 0;
    struct tb_bytes ahead = *archive->in;
    if (archive->failed || !tb_bytes_take_u32(&ahead, &length) || !tb_bytes_take_text(archive->in, &taken)) {
        archive->failed = true;
        return;
    }
    *text = taken;
    archive->failed = strlen(taken) != length;
}

/* The count of an array, which is allocated when unpacking. Each item takes at
 * least one byte, so that a hostile count cannot ask for more than is there times item_size. */
static void *exchange_array(struct archive *archive, void *items, size_t *count, size_t item_size)
{
    size_t wanted = *count;
    exchange_size(archive, &wanted);
    if (archive->out != NULL)
        return items;
    *count = 0;
    if (archive->failed || wanted > archive->in->left) {
        archive->failed = true;
        return NULL;
    }
    void *made = calloc(wanted + 1, item_size);
    if (made == NULL)
        archive->failed = true;
    else
        *count = wanted;
    return made;
}

static void exchange_factor(struct archive *archive, struct tb_factor *factor)
{
    exchange_text(archive, &factor->name);
    exchange_text(archive, &factor->unit);
    factor->type = (enum tb_factor_type)exchange_small(archive, factor->type, TB_FACTOR_BOOLEAN + 1);
    factor->levels = exchange_array(archive, factor->levels, &factor->level_count, sizeof *factor->levels);
    for (size_t i = 0; i < factor->level_count && !archive->failed; i++) {
        exchange_text(archive, &factor->levels[i].text);
        exchange_double(archive, &factor->levels[i].number);
    }
    exchange_size(archive, &factor->reference);
}

static void exchange_scenario(struct archive *archive, struct tb_scenario *scenario, size_t factor_count)
{
    exchange_text(archive, &scenario->name);
    size_t count = factor_count;
    scenario->levels = exchange_array(archive, scenario->levels, &count, sizeof *scenario->levels);
    if (count != factor_count)
        archive->failed = true;
    for (size_t i = 0; i < factor_count && !archive->failed; i++)
        exchange_size(archive, &scenario->levels[i]);
}

static void exchange_run(struct archive *archive, struct tb_run *run)
{
    exchange_size(archive, &run->testbed);
    exchange_size(archive, &run->scenario);
    exchange_size(archive, &run->cell);
    exchange_text(archive, &run->repetition);
    exchange_text(archive, &run->path);
    exchange_text(archive, &run->name);
    exchange_flag(archive, &run->discarded);
    exchange_text(archive, &run->discard_reason);
    exchange_size(archive, &run->pair_count);
    exchange_size(archive, &run->first_artifact);
    exchange_size(archive, &run->artifact_count);
}

static void exchange_artifact(struct archive *archive, struct tb_artifact *artifact)
{
    exchange_size(archive, &artifact->run);
    exchange_size(archive, &artifact->pair);
    artifact->kind = (enum tb_artifact_kind)exchange_small(archive, artifact->kind, TB_ARTIFACT_KINDS);
    artifact->role = (enum tb_role)exchange_small(archive, artifact->role, TB_ROLES);
    artifact->point = (enum tb_point)exchange_small(archive, artifact->point, TB_POINTS);
    exchange_text(archive, &artifact->path);
    exchange_flag(archive, &artifact->exists);
    exchange_u64(archive, &artifact->size);
    exchange_flag(archive, &artifact->plain);
    exchange_flag(archive, &artifact->members);
    exchange_i64(archive, &artifact->modified_ns);
    exchange_size(archive, &artifact->same_as);
}

static void exchange_processes(struct archive *archive, struct tb_campaign *campaign)
{
    size_t count = campaign->process_pairs * TB_ROLES;
    campaign->processes = exchange_array(archive, campaign->processes, &count, sizeof *campaign->processes);
    if (count == 0 || count % TB_ROLES != 0) {
        /* Freeing goes by whole pairs; nothing has been put into the array yet. */
        if (archive->out == NULL) {
            free(campaign->processes);
            campaign->processes = NULL;
        }
        archive->failed = true;
        return;
    }
    campaign->process_pairs = count / TB_ROLES;
    for (size_t i = 0; i < count && !archive->failed; i++) {
        struct tb_process *process = &campaign->processes[i];
        exchange_text(archive, &process->name);
        exchange_i64(archive, &process->pid);
        exchange_text(archive, &process->arguments);
        exchange_text(archive, &process->cgroup);
    }
}

static void exchange_thresholds(struct archive *archive, struct tb_settings *settings)
{
    settings->thresholds =
        exchange_array(archive, settings->thresholds, &settings->threshold_count, sizeof *settings->thresholds);
    for (size_t i = 0; i < settings->threshold_count && !archive->failed; i++) {
        exchange_text(archive, &settings->thresholds[i].metric);
        exchange_double(archive, &settings->thresholds[i].threshold);
    }
}

static void exchange_chain_settings(struct archive *archive, struct tb_settings *settings)
{
    settings->orders = exchange_array(archive, settings->orders, &settings->order_count, sizeof *settings->orders);
    for (size_t i = 0; i < settings->order_count && !archive->failed; i++)
        settings->orders[i] = exchange_small(archive, settings->orders[i], UINT16_MAX);
    exchange_double(archive, &settings->prune);
    exchange_double(archive, &settings->smoothing);
    exchange_flag(archive, &settings->walk_all);
    settings->states = (enum tb_state_vocabulary)exchange_small(archive, settings->states, TB_STATES_BOTH + 1);
    settings->chains_of =
        (enum tb_chain_owner)exchange_small(archive, settings->chains_of, TB_CHAINS_OF_THREAD_GROUPS + 1);
    exchange_u64(archive, &settings->course);
    settings->windows = exchange_array(archive, settings->windows, &settings->window_count, sizeof *settings->windows);
    for (size_t i = 0; i < settings->window_count && !archive->failed; i++) {
        exchange_u64(archive, &settings->windows[i].skip);
        exchange_u64(archive, &settings->windows[i].limit);
    }
}

static void exchange_settings(struct archive *archive, struct tb_settings *settings)
{
    exchange_double(archive, &settings->closeness);
    exchange_thresholds(archive, settings);
    exchange_chain_settings(archive, settings);
    exchange_double(archive, &settings->coverage_limit);
    exchange_double(archive, &settings->loss_limit);
    settings->truncated = (enum tb_truncated_policy)exchange_small(archive, settings->truncated, TB_TRUNCATED_KEEP + 1);
    exchange_text(archive, &settings->filter);
    settings->server_port = (uint16_t)exchange_small(archive, settings->server_port, UINT16_MAX + 1u);
    settings->flows = (enum tb_flow_output)exchange_small(archive, settings->flows, TB_FLOWS_ALL + 1);
    settings->flow_rules =
        (enum tb_flow_rule_set)exchange_small(archive, settings->flow_rules, TB_FLOWS_BY_TCPTRACE + 1);
    exchange_flag(archive, &settings->keep_copies);
    exchange_double(archive, &settings->stall_ratio);
    exchange_double(archive, &settings->stall_ms);
    exchange_double(archive, &settings->stall_gap);
    exchange_u64(archive, &settings->stall_flows);
    exchange_flag(archive, &settings->discard_stalled);
    settings->work = (enum tb_work_source)exchange_small(archive, settings->work, TB_WORK_FILE + 1);
    exchange_text(archive, &settings->work_selector);
}

static void exchange_names(struct archive *archive, struct tb_campaign *campaign)
{
    exchange_text(archive, &campaign->manifest_path);
    exchange_text(archive, &campaign->name);
    exchange_text(archive, &campaign->root);
    campaign->testbeds =
        exchange_array(archive, campaign->testbeds, &campaign->testbed_count, sizeof *campaign->testbeds);
    for (size_t i = 0; i < campaign->testbed_count && !archive->failed; i++)
        exchange_text(archive, &campaign->testbeds[i]);
    campaign->factors = exchange_array(archive, campaign->factors, &campaign->factor_count, sizeof *campaign->factors);
    for (size_t i = 0; i < campaign->factor_count && !archive->failed; i++)
        exchange_factor(archive, &campaign->factors[i]);
}

static void exchange_campaign(struct archive *archive, struct tb_campaign *campaign)
{
    exchange_names(archive, campaign);
    campaign->scenarios =
        exchange_array(archive, campaign->scenarios, &campaign->scenario_count, sizeof *campaign->scenarios);
    for (size_t i = 0; i < campaign->scenario_count && !archive->failed; i++)
        exchange_scenario(archive, &campaign->scenarios[i], campaign->factor_count);
    campaign->cells = exchange_array(archive, campaign->cells, &campaign->cell_count, sizeof *campaign->cells);
    for (size_t i = 0; i < campaign->cell_count && !archive->failed; i++) {
        exchange_size(archive, &campaign->cells[i].testbed);
        exchange_size(archive, &campaign->cells[i].scenario);
        exchange_size(archive, &campaign->cells[i].first_run);
        exchange_size(archive, &campaign->cells[i].run_count);
    }
    campaign->runs = exchange_array(archive, campaign->runs, &campaign->run_count, sizeof *campaign->runs);
    for (size_t i = 0; i < campaign->run_count && !archive->failed; i++)
        exchange_run(archive, &campaign->runs[i]);
    campaign->artifacts =
        exchange_array(archive, campaign->artifacts, &campaign->artifact_count, sizeof *campaign->artifacts);
    for (size_t i = 0; i < campaign->artifact_count && !archive->failed; i++)
        exchange_artifact(archive, &campaign->artifacts[i]);
    exchange_processes(archive, campaign);
    exchange_settings(archive, &campaign->settings);
}

void tb_campaign_pack(const struct tb_campaign *campaign, struct tb_buffer *buffer)
{
    struct archive archive = {.out = buffer};
    /* A shallow copy: packing changes nothing that the copy's pointers lead to. */
    struct tb_campaign copy = *campaign;
    tb_buffer_put_u32(buffer, PACKED_MARK);
    exchange_campaign(&archive, &copy);
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
    struct tb_bytes ahead = *bytes;
    struct archive archive = {.in = &ahead};
    uint32_t mark;
    struct tb_campaign *made = calloc(1, sizeof *made);
    if (made == NULL || !tb_bytes_take_u32(&ahead, &mark) || mark != PACKED_MARK) {
        free(made);
        return false;
    }
    exchange_campaign(&archive, made);
    if (archive.failed || made->testbed_count == 0 || !scenarios_are_valid(made) || !runs_are_valid(made) ||
        !artifacts_are_valid(made)) {
        tb_campaign_free(made);
        return false;
    }
    tb_campaign_note_recorded(made);
    *campaign = made;
    *bytes = ahead;
    return true;
}
