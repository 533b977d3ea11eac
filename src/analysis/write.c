/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Last stage: the campaign's own tables, attributes and provenance, and the file. */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "flow_tables.h"

enum { ATTRIBUTES_MAX = 48, ATTRIBUTE_SIZE = 4096 };

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
}

/* Attributes with room for texts made here. */
struct attributes {
    struct tb_attribute items[ATTRIBUTES_MAX];
    char texts[ATTRIBUTES_MAX][ATTRIBUTE_SIZE];
    size_t count;
};

static void set(struct attributes *attributes, const char *name, const char *format, ...) TB_PRINTF(3, 4);

static void set(struct attributes *attributes, const char *name, const char *format, ...)
{
    if (attributes->count == ATTRIBUTES_MAX)
        return;
    char *text = attributes->texts[attributes->count];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, ATTRIBUTE_SIZE, format, arguments);
    va_end(arguments);
    attributes->items[attributes->count++] = (struct tb_attribute){name, text};
}

static const char *limit_text(uint64_t limit, char *text, size_t size)
{
    if (limit == TB_LIMIT_SHORTEST)
        return "shortest";
    if (limit == TB_LIMIT_WHOLE)
        return "whole";
    snprintf(text, size, "%" PRIu64, limit);
    return text;
}

static void describe_windows(const struct tb_settings *settings, struct attributes *root)
{
    char text[ATTRIBUTE_SIZE] = "";
    size_t used = 0;
    for (size_t i = 0; i < settings->window_count && used < sizeof text; i++) {
        char limit[32];
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%sskip %" PRIu64 " limit %s", i == 0 ? "" : "; ",
                             settings->windows[i].skip, limit_text(settings->windows[i].limit, limit, sizeof limit));
    }
    set(root, "setting_windows", "%s", text);
}

static void describe_orders(const struct tb_settings *settings, struct attributes *root)
{
    char text[ATTRIBUTE_SIZE] = "";
    size_t used = 0;
    for (size_t i = 0; i < settings->order_count && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%u", i == 0 ? "" : " ", settings->orders[i]);
    set(root, "setting_chain_orders", "%s", text);
}

static void describe_processes(const struct tb_campaign *campaign, struct attributes *root)
{
    set(root, "setting_client_process", "%s", tb_campaign_process(campaign, 0, TB_ROLE_CLIENT)->name);
    set(root, "setting_server_process", "%s", tb_campaign_process(campaign, 0, TB_ROLE_SERVER)->name);
}

static void describe_settings(const struct tb_campaign *campaign, struct attributes *root)
{
    static const char *const works[] = {"ab", "capture", "file"};
    static const char *const owners[] = {"cells", "runs", "thread_groups"};
    static const char *const flows[] = {"summary", "none", "all"};
    const struct tb_settings *settings = &campaign->settings;
    set(root, "title", "twinbed results: %s", campaign->name);
    set(root, "source", "twinbed %s", TWINBED_VERSION);
    set(root, "campaign", "%s", campaign->name);
    set(root, "baseline", "%s", campaign->testbeds[0]);
    describe_processes(campaign, root);
    describe_windows(settings, root);
    describe_orders(settings, root);
    set(root, "setting_closeness", "%g", settings->closeness);
    set(root, "setting_prune", "%g", settings->prune);
    set(root, "setting_walk_chains", "%s", settings->walk_all ? "all" : "baseline");
    set(root, "setting_smoothing", "%g", settings->smoothing);
    set(root, "setting_walk_course", "%llu", (unsigned long long)settings->course);
    set(root, "setting_chain_states", "%s", tb_vocabulary_name(settings->states));
    set(root, "setting_chains_of", "%s", owners[settings->chains_of]);
    set(root, "setting_coverage_limit", "%g", settings->coverage_limit);
    set(root, "setting_loss_limit", "%g", settings->loss_limit);
    set(root, "setting_truncated", "%s", settings->truncated == TB_TRUNCATED_KEEP ? "keep" : "exclude");
    set(root, "setting_filter", "%s", settings->filter);
    set(root, "setting_work", "%s", works[settings->work]);
    set(root, "setting_flows", "%s", flows[settings->flows]);
    set(root, "setting_flow_rules", "%s", tb_flow_rules_name(flow_rules(settings)));
    set(root, "setting_duplicates", "%s", copies_are_kept(settings) ? "keep" : "drop");
    set(root, "setting_stalls",
        "longest request >= %g x median and >= %g ms; or %llu flows at a time still for %g s with data outstanding",
        settings->stall_ratio, settings->stall_ms, (unsigned long long)settings->stall_flows, settings->stall_gap);
    set(root, "setting_discard_stalled", "%s", settings->discard_stalled ? "yes" : "no");
}

static void describe_processor(struct attributes *provenance)
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[512];
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "model name", 10) != 0 || strchr(line, ':') == NULL)
            continue;
        line[strcspn(line, "\n")] = '\0';
        set(provenance, "processor", "%s", strchr(line, ':') + 2);
        break;
    }
    if (file != NULL)
        fclose(file);
}

static void describe_job(const struct job *job, const char *hosts, struct attributes *provenance)
{
    char stamp[32];
    const time_t now = time(NULL);
    struct tm parts;
    gmtime_r(&now, &parts);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &parts);
    set(provenance, "version", "%s", TWINBED_VERSION);
    set(provenance, "build", "%s", TWINBED_BUILD);
    set(provenance, "written", "%s", stamp);
    set(provenance, "history", "%s %s", stamp, job->options->command_line);
    set(provenance, "manifest", "%s", job->campaign->manifest_path);
    set(provenance, "root", "%s", job->campaign->root);
    set(provenance, "ranks", "%d", job->team->size);
    set(provenance, "threads", "%d", job->team->threads);
    set(provenance, "hosts", "%s", hosts);
    const char *slurm = getenv("SLURM_JOB_ID");
    set(provenance, "slurm_job", "%s", slurm == NULL ? "" : slurm);
    describe_processor(provenance);
}

/* Host names of all ranks on rank 0, one a run of equal names. */
static enum tb_status gather_hosts(const struct job *job, char *hosts, size_t size, struct tb_error *error)
{
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    struct tb_buffer local = {0};
    struct tb_buffer all = {0};
    uint64_t *begins = calloc((size_t)job->team->size + 1, sizeof *begins);
    tb_buffer_put_text(&local, host);
    enum tb_status status =
        begins == NULL ? tb_error_memory(error, "host names") : tb_buffer_check(&local, "host names", error);
    status = tb_team_agree(job->team, status, error);
    if (status == TB_OK)
        status = tb_team_gather(job->team, &local, false, &all, begins, error);
    struct tb_bytes bytes = tb_bytes_packed(all.data, all.size);
    char *name;
    char last[256] = "";
    size_t used = 0;
    hosts[0] = '\0';
    while (tb_bytes_take_text(&bytes, &name)) {
        if (strcmp(name, last) != 0 && used < size)
            used += (size_t)snprintf(hosts + used, size - used, "%s%s", used == 0 ? "" : " ", name);
        snprintf(last, sizeof last, "%s", name);
        free(name);
    }
    free(begins);
    tb_buffer_free(&local);
    tb_buffer_free(&all);
    return status;
}

static void fix_sizes(const struct job *job, uint64_t *sizes)
{
    sizes[TB_DIMENSION_TESTBED] = job->campaign->testbed_count;
    sizes[TB_DIMENSION_FACTOR] = job->campaign->factor_count;
    sizes[TB_DIMENSION_SCENARIO] = job->campaign->scenario_count;
    sizes[TB_DIMENSION_PAIR] = job->pairs;
    sizes[TB_DIMENSION_CALL] = job->call_names;
    sizes[TB_DIMENSION_ADDRESS_BYTE] = ADDRESS_BYTES;
}

/* Rows of flows that fit one piece stand with the others of this rank. */
static enum tb_status add_flows(struct job *job, struct flow_tables *tables, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (size_t i = tables->own_begin; i < tables->own_end && status == TB_OK; i++) {
        const struct flow_table *table = &tables->tables[i];
        status = flow_tables_fill(tables, table->begin, table->end - table->begin, &job->columns, error);
    }
    return tb_team_agree(job->team, status, error);
}

static enum tb_status write_results(struct job *job, struct tb_results_names *names, struct tb_error *error)
{
    struct flow_tables tables;
    fix_sizes(job, names->fixed_sizes);
    enum tb_status status = flow_tables_open(job, &tables, error);
    if (status != TB_OK)
        return status;
    const struct tb_streamed_rows flows = {
        .dimension = TB_DIMENSION_FLOW, .rows = tables.rows, .fill = flow_tables_fill, .context = &tables};
    const bool many = tables.rows > TB_PIECE_ROWS;
    if (!many)
        status = add_flows(job, &tables, error);
    if (status == TB_OK)
        status = tb_columns_write(job->team, &job->columns, names, many ? &flows : NULL, error);
    flow_tables_free(&tables);
    return status;
}

enum tb_status job_write(struct job *job, struct tb_error *error)
{
    char hosts[ATTRIBUTE_SIZE];
    struct attributes *root = calloc(2, sizeof *root);
    enum tb_status status =
        tb_team_agree(job->team, root == NULL ? tb_error_memory(error, "attributes") : TB_OK, error);
    if (status == TB_OK)
        status = gather_hosts(job, hosts, sizeof hosts, error);
    if (status == TB_OK) {
        struct attributes *provenance = root + 1;
        describe_settings(job->campaign, root);
        describe_job(job, hosts, provenance);
        if (job->team->rank == 0)
            add_campaign(job);
        struct tb_results_names names = {.path = job->options->output_path,
                                         .root = root->items,
                                         .root_count = root->count,
                                         .provenance = provenance->items,
                                         .provenance_count = provenance->count};
        status = write_results(job, &names, error);
    }
    free(root);
    return status;
}
