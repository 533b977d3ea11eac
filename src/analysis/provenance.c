/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "provenance.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "twinbed/campaign/settings.h"
#include "twinbed/capture/capture.h"
#include "twinbed/packet/filter.h"

/* A campaign file is text for people; one that lists every run of a large campaign has some MiB. */
enum { MANIFEST_MAX = 16 << 20 };

static void describe_process(const struct tb_process *process, enum tb_role role, struct tb_buffer *text)
{
    if (process->name[0] == '\0')
        return;
    tb_text_append(text, " %s %s", tb_role_name(role), process->name);
    if (process->pid >= 0)
        tb_text_append(text, " pid %lld", (long long)process->pid);
    if (process->arguments[0] != '\0')
        tb_text_append(text, " arguments '%s'", process->arguments);
    if (process->cgroup[0] != '\0')
        tb_text_append(text, " cgroup '%s'", process->cgroup);
}

static void describe_processes(const struct tb_campaign *campaign, struct attributes *root)
{
    struct tb_buffer text = {0};
    for (size_t pair = 0; pair < campaign->process_pairs; pair++) {
        const char *begin = pair == 0 ? "" : "; ";
        tb_text_append(&text, pair + 1 < campaign->process_pairs ? "%spair %zu:" : "%spair %zu and later:", begin,
                       pair + 1);
        for (int role = TB_ROLE_CLIENT; role <= TB_ROLE_SERVER; role++)
            describe_process(tb_campaign_process(campaign, pair, (enum tb_role)role), (enum tb_role)role, &text);
    }
    tb_attributes_set(root, "setting_client_process", "%s", tb_campaign_process(campaign, 0, TB_ROLE_CLIENT)->name);
    tb_attributes_set(root, "setting_server_process", "%s", tb_campaign_process(campaign, 0, TB_ROLE_SERVER)->name);
    tb_attributes_take(root, "setting_processes", &text);
}

static void describe_options(const struct tb_analysis_options *options, struct attributes *root)
{
    struct tb_buffer only = {0};
    for (size_t i = 0; i < options->only.count; i++)
        tb_text_append(&only, "%s%s", i == 0 ? "" : " ", options->only.terms[i]);
    tb_attributes_take(root, "setting_only", &only);
    tb_attributes_set(root, "setting_strict", "%s", options->strict ? "yes" : "no");
}

void tb_provenance_settings(const struct job *job, struct attributes *root)
{
    const struct tb_campaign *campaign = job->campaign;
    const struct tb_settings *settings = &campaign->settings;
    tb_attributes_set(root, "title", "twinbed results: %s", campaign->name);
    tb_attributes_set(root, "source", "twinbed %s", TWINBED_VERSION);
    tb_attributes_set(root, "campaign", "%s", campaign->name);
    tb_attributes_set(root, "work_unit", "%s", tb_work_unit_name(job->work_unit));
    tb_attributes_set(root, "baseline", "%s", campaign->testbeds[0]);
    describe_processes(campaign, root);
    describe_options(job->options, root);
    for (size_t i = 0; i < tb_setting_count(); i++) {
        const struct tb_setting *setting = tb_setting_at(i);
        struct tb_buffer text = {0};
        if (setting->attribute == NULL)
            continue;
        tb_setting_text(setting, settings, &text);
        tb_attributes_take(root, setting->attribute, &text);
    }
    /* All of them as the sentence that they make. */
    tb_attributes_set(
        root, "setting_stalls",
        "longest request >= %g x median and >= %g ms; or %llu flows at a time still for %g s with data outstanding; or "
        "%llu resets of a network adapter in a kernel log",
        settings->stall_ratio, settings->stall_ms, (unsigned long long)settings->stall_flows, settings->stall_gap,
        (unsigned long long)settings->stall_resets);
}

static void describe_processor(struct attributes *provenance)
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[512];
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "model name", 10) != 0 || strchr(line, ':') == NULL)
            continue;
        line[strcspn(line, "\n")] = '\0';
        tb_attributes_set(provenance, "processor", "%s", strchr(line, ':') + 2);
        break;
    }
    if (file != NULL)
        fclose(file);
}

static void describe_libraries(struct attributes *provenance)
{
    static void (*const rooms[])(char *text, size_t size) = {tb_store_libraries, tb_parallel_libraries,
                                                             tb_io_libraries,    tb_packet_libraries,
                                                             tb_stats_libraries, tb_campaign_libraries};
    struct tb_buffer text = {0};
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
        char names[256] = "";
        rooms[i](names, sizeof names);
        tb_text_append(&text, "%s, ", names);
    }
    tb_text_append(&text, "jansson %s", jansson_version_str());
    tb_attributes_take(provenance, "libraries", &text);
}

static void describe_manifest(const struct job *job, struct attributes *provenance)
{
    struct tb_buffer text = {0};
    const char *manifest = job->manifest == NULL ? "" : job->manifest;
    const size_t size = strlen(manifest);
    tb_buffer_put(&text, manifest, size < MANIFEST_MAX ? size : MANIFEST_MAX);
    if (size > MANIFEST_MAX)
        tb_text_append(&text, "\n# %zu more bytes are left out\n", size - MANIFEST_MAX);
    tb_attributes_set(provenance, "manifest", "%s", job->campaign->manifest_path);
    tb_attributes_take(provenance, "manifest_text", &text);
}

void tb_provenance_job(const struct job *job, const struct tb_buffer *hosts, struct attributes *provenance)
{
    char stamp[32];
    const time_t now = time(NULL);
    struct tm parts;
    gmtime_r(&now, &parts);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &parts);
    tb_attributes_set(provenance, "version", "%s", TWINBED_VERSION);
    tb_attributes_set(provenance, "build", "%s", TWINBED_BUILD);
    tb_attributes_set(provenance, "written", "%s", stamp);
    tb_attributes_set(provenance, "history", "%s %s", stamp, job->options->command_line);
    tb_attributes_set(provenance, "root", "%s", job->campaign->root);
    tb_attributes_set(provenance, "ranks", "%d", job->team->size);
    tb_attributes_set(provenance, "threads", "%d", job->team->threads);
    tb_attributes_set(provenance, "hosts", "%.*s", (int)hosts->size,
                      hosts->data == NULL ? "" : (const char *)hosts->data);
    const char *slurm = getenv("SLURM_JOB_ID");
    tb_attributes_set(provenance, "slurm_job", "%s", slurm == NULL ? "" : slurm);
    describe_manifest(job, provenance);
    describe_libraries(provenance);
    describe_processor(provenance);
}

/* One of a run of equal names. */
static enum tb_status join_hosts(void *context, struct tb_bytes bytes, struct tb_error *error)
{
    struct tb_buffer *const hosts = context;
    char last[256] = "";
    char *name;
    while (tb_bytes_take_text(&bytes, &name)) {
        if (strcmp(name, last) != 0)
            tb_text_append(hosts, "%s%s", hosts->size == 0 ? "" : " ", name);
        snprintf(last, sizeof last, "%s", name);
        free(name);
    }
    return tb_buffer_check(hosts, "host names", error);
}

enum tb_status tb_provenance_hosts(const struct job *job, struct tb_buffer *hosts, struct tb_error *error)
{
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    struct tb_buffer local = {0};
    tb_buffer_put_text(&local, host);
    const enum tb_status status =
        tb_team_collect(job->team, TB_OK, &local, "host names", false, join_hosts, hosts, error);
    tb_buffer_free(&local);
    return status;
}
