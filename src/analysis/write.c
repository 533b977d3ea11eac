/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Last stage: the campaign's own tables, and the file. */
#include <math.h>
#include <string.h>

#include "analysis/measure/flow_tables.h"
#include "analysis/measure/run_measures.h"
#include "provenance.h"
#include "write.h"

/* The level's number. A size that the manifest gives no number for is the
 * length of the document that ab asked for in those runs. */
static double level_number(const struct job *job, size_t scenario, size_t factor)
{
    const struct tb_campaign *campaign = job->campaign;
    const size_t level = campaign->scenarios[scenario].levels[factor];
    const double number = level == TB_NO_INDEX ? NAN : campaign->factors[factor].levels[level].number;
    if (!isnan(number) || level == TB_NO_INDEX || strcmp(campaign->factors[factor].name, "size") != 0)
        return number;
    for (size_t run = 0; run < campaign->run_count; run++)
        if (campaign->scenarios[campaign->runs[run].scenario].levels[factor] == level &&
            job->document_lengths[run] >= 0)
            return (double)job->document_lengths[run];
    return NAN;
}

static void add_scenarios(struct job *job)
{
    const struct tb_campaign *campaign = job->campaign;
    for (size_t s = 0; s < campaign->scenario_count; s++) {
        PUT_TEXT(SCENARIO_NAME, campaign->scenarios[s].name);
        for (size_t f = 0; f < campaign->factor_count; f++) {
            const size_t level = campaign->scenarios[s].levels[f];
            const bool known = level != TB_NO_INDEX;
            PUT_TEXT(SCENARIO_LEVEL_TEXT, known ? campaign->factors[f].levels[level].text : "");
            PUT_F64(SCENARIO_LEVEL_NUMBER, level_number(job, s, f));
        }
    }
}

static void add_findings(struct job *job)
{
    const struct tb_findings *findings = &job->campaign->findings;
    for (size_t i = 0; i < findings->count; i++) {
        PUT_TEXT(FINDING_KIND, tb_finding_kind_name(findings->items[i].kind));
        PUT_I32(FINDING_COUNTS, tb_finding_kind_counts(findings->items[i].kind));
        PUT_I64(FINDING_COUNT, findings->items[i].count);
        PUT_TEXT(FINDING_SENTENCE, findings->items[i].sentence);
        PUT_TEXT(FINDING_EXAMPLE, tb_campaign_relative_path(job->campaign, findings->items[i].example));
    }
}

static void add_campaign(struct job *job)
{
    const struct tb_campaign *campaign = job->campaign;
    for (size_t i = 0; i < campaign->testbed_count; i++)
        PUT_TEXT(TESTBED_NAME, campaign->testbeds[i]);
    for (size_t i = 0; i < campaign->factor_count; i++) {
        PUT_TEXT(FACTOR_NAME, campaign->factors[i].name);
        PUT_TEXT(FACTOR_UNIT, campaign->factors[i].unit);
    }
    add_scenarios(job);
    for (size_t i = 0; i < campaign->cell_count; i++) {
        PUT_I32(CELL_TESTBED, campaign->cells[i].testbed);
        PUT_I32(CELL_SCENARIO, campaign->cells[i].scenario);
        PUT_I32(CELL_RUNS, campaign->cells[i].run_count);
    }
    add_findings(job);
}

static void fix_sizes(const struct job *job, uint64_t *sizes)
{
    sizes[TB_DIMENSION_TESTBED] = job->campaign->testbed_count;
    sizes[TB_DIMENSION_FACTOR] = job->campaign->factor_count;
    sizes[TB_DIMENSION_SCENARIO] = job->campaign->scenario_count;
    sizes[TB_DIMENSION_PAIR] = job->decoding.pairs;
    sizes[TB_DIMENSION_CALL] = job->call_names;
    sizes[TB_DIMENSION_ADDRESS_BYTE] = ADDRESS_BYTES;
    sizes[TB_DIMENSION_PERCENT] = TB_HISTOGRAM_PERCENTS;
}

/* Rows of flows that fit one piece stand with the others of this rank. */
static enum tb_status add_flows(struct job *job, struct flow_tables *tables, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (size_t i = tables->own_begin; i < tables->own_end && status == TB_OK; i++) {
        const struct flow_table *table = &tables->tables[i];
        status = tb_flow_tables_fill(tables, table->begin, table->end - table->begin, &job->columns, error);
    }
    return tb_team_agree(job->team, status, error);
}

static enum tb_status write_results(struct job *job, struct tb_results_names *names, struct tb_error *error)
{
    struct flow_tables tables;
    fix_sizes(job, names->fixed_sizes);
    enum tb_status status = tb_flow_tables_open(job, &tables, error);
    if (status != TB_OK)
        return status;
    const struct tb_streamed_rows flows = {
        .dimension = TB_DIMENSION_FLOW, .rows = tables.rows, .fill = tb_flow_tables_fill, .context = &tables};
    const bool many = tables.rows > TB_PIECE_ROWS;
    if (!many)
        status = add_flows(job, &tables, error);
    if (status == TB_OK)
        status = tb_columns_write(job->team, &job->columns, names, many ? &flows : NULL, error);
    tb_flow_tables_free(&tables);
    return status;
}

static enum tb_status describe(const struct job *job, struct attributes *root, struct attributes *provenance,
                               struct tb_error *error)
{
    struct tb_buffer hosts = {0};
    enum tb_status status = tb_provenance_hosts(job, &hosts, error);
    if (status == TB_OK) {
        tb_provenance_settings(job, root);
        tb_provenance_job(job, &hosts, provenance);
        status = root->failed || provenance->failed ? tb_error_memory(error, "attributes") : TB_OK;
    }
    tb_buffer_free(&hosts);
    return tb_team_agree(job->team, status, error);
}

enum tb_status tb_job_write(struct job *job, struct tb_error *error)
{
    struct attributes root = {0};
    struct attributes provenance = {0};
    enum tb_status status = describe(job, &root, &provenance, error);
    if (status == TB_OK) {
        if (job->team->rank == 0)
            add_campaign(job);
        struct tb_results_names names = {.path = job->output,
                                         .root = root.items,
                                         .root_count = root.count,
                                         .provenance = provenance.items,
                                         .provenance_count = provenance.count};
        status = write_results(job, &names, error);
    }
    tb_attributes_free(&root);
    tb_attributes_free(&provenance);
    return status;
}
