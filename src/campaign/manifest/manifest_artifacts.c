/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which files a run has, and which processes play the roles. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest.h"

struct rule_reading {
    struct manifest *manifest;
    struct artifact_rules *rules;
};

/* In artifact paths fields stand for what the run has; no new factor comes from them. */
static bool resolve_known(void *context, const char *name, size_t *field)
{
    *field = tb_manifest_field(context, name);
    return *field != MANIFEST_MOST_FIELDS;
}

static enum tb_status read_alternative(struct manifest *manifest, const struct yaml_node *node, const char *key,
                                       struct pattern *pattern)
{
    const char *text;
    const enum tb_status status = tb_yaml_text(&manifest->document, node, key, &text);
    if (status != TB_OK)
        return status;
    const char *wrong = tb_pattern_parse(text, true, resolve_known, manifest, &manifest->arena, pattern);
    if (wrong == NULL && pattern->component_count > 0)
        return TB_OK;
    if (wrong != NULL && wrong[0] == '\0')
        return tb_error_memory(manifest->document.error, "the manifest");
    return tb_yaml_fail(&manifest->document, TB_USAGE, node, "artifacts: %s: path '%.200s': %s", key, text,
                        wrong == NULL ? "expected a path below the run" : wrong);
}

static enum tb_status add_rule(const struct rule_reading *reading, const struct yaml_node *node,
                               struct artifact_rule rule)
{
    struct manifest *manifest = reading->manifest;
    const struct yaml_node *first = node->kind == YAML_LIST ? node->first : node;
    const size_t count = node->kind == YAML_LIST ? node->count : 1;
    if (node->kind == YAML_MAP || count == 0) {
        char found[YAML_FOUND_SIZE];
        return tb_yaml_fail(&manifest->document, TB_USAGE, node,
                            "artifacts: %s: expected a path or a list of paths, found %s", rule.key,
                            count == 0 ? "an empty list" : tb_yaml_found(node, found));
    }
    rule.node = node;
    rule.alternatives = tb_arena_allocate(&manifest->arena, count, sizeof *rule.alternatives);
    if (rule.alternatives == NULL)
        return tb_error_memory(manifest->document.error, "the manifest");
    enum tb_status status = TB_OK;
    for (const struct yaml_node *item = first; status == TB_OK && rule.alternative_count < count; item = item->next)
        status = read_alternative(manifest, item, rule.key, &rule.alternatives[rule.alternative_count++]);
    if (status == TB_OK)
        reading->rules->rules[reading->rules->count++] = rule;
    return status;
}

/* An item of runs that speaks of an artifact replaces all that the manifest said of it. */
static void forget_rules(struct artifact_rules *rules, const char *key)
{
    size_t kept = 0;
    for (size_t i = 0; i < rules->count; i++)
        if (strcmp(rules->rules[i].key, key) != 0)
            rules->rules[kept++] = rules->rules[i];
    rules->count = kept;
}

/* What stands at a key of artifacts: files of one kind, or a map whose words say which end, or which of ab's files. */
static const struct artifact_word {
    const char *key, *word; /* word NULL: no map, but a path */
    enum tb_artifact_kind kind;
    enum tb_role role;
    enum tb_point point;
} words[] = {
    {"ab", NULL, TB_ARTIFACT_AB, TB_ROLE_NONE, TB_POINT_NONE},
    {"ab", "text", TB_ARTIFACT_AB, TB_ROLE_NONE, TB_POINT_NONE},
    {"ab", "csv", TB_ARTIFACT_AB_CSV, TB_ROLE_NONE, TB_POINT_NONE},
    {"ab", "tsv", TB_ARTIFACT_AB_TSV, TB_ROLE_NONE, TB_POINT_NONE},
    {"latency", NULL, TB_ARTIFACT_LATENCY, TB_ROLE_NONE, TB_POINT_NONE},
    {"capture", "client", TB_ARTIFACT_CAPTURE, TB_ROLE_NONE, TB_POINT_CLIENT},
    {"capture", "server", TB_ARTIFACT_CAPTURE, TB_ROLE_NONE, TB_POINT_SERVER},
    {"capture", "link", TB_ARTIFACT_CAPTURE, TB_ROLE_NONE, TB_POINT_LINK},
    {"trace", "client", TB_ARTIFACT_TRACE, TB_ROLE_CLIENT, TB_POINT_NONE},
    {"trace", "server", TB_ARTIFACT_TRACE, TB_ROLE_SERVER, TB_POINT_NONE},
    {"counters", NULL, TB_ARTIFACT_COUNTERS, TB_ROLE_HOST, TB_POINT_NONE},
    {"capture_log", NULL, TB_ARTIFACT_CAPTURE_LOG, TB_ROLE_NONE, TB_POINT_NONE},
    {"capture_log", "client", TB_ARTIFACT_CAPTURE_LOG, TB_ROLE_NONE, TB_POINT_CLIENT},
    {"capture_log", "server", TB_ARTIFACT_CAPTURE_LOG, TB_ROLE_NONE, TB_POINT_SERVER},
    {"capture_log", "link", TB_ARTIFACT_CAPTURE_LOG, TB_ROLE_NONE, TB_POINT_LINK},
    {"kernel_log", NULL, TB_ARTIFACT_KERNEL_LOG, TB_ROLE_HOST, TB_POINT_NONE},
    {"kernel_log", "client", TB_ARTIFACT_KERNEL_LOG, TB_ROLE_CLIENT, TB_POINT_NONE},
    {"kernel_log", "server", TB_ARTIFACT_KERNEL_LOG, TB_ROLE_SERVER, TB_POINT_NONE},
    {"kernel_log", "host", TB_ARTIFACT_KERNEL_LOG, TB_ROLE_HOST, TB_POINT_NONE},
};

enum { WORDS = sizeof words / sizeof words[0] };

static enum tb_status add_word(const struct rule_reading *reading, const struct yaml_node *value,
                               const struct artifact_word *word)
{
    return add_rule(
        reading, value,
        (struct artifact_rule){.key = word->key, .kind = word->kind, .role = word->role, .point = word->point});
}

struct word_reading {
    const struct rule_reading *reading;
    const char *key;
};

static enum tb_status read_word(void *context, const struct yaml_node *value)
{
    const struct word_reading *of = context;
    size_t i = 0;
    while (words[i].word == NULL || strcmp(words[i].key, of->key) != 0 || strcmp(words[i].word, value->key) != 0)
        i++;
    return add_word(of->reading, value, &words[i]);
}

static enum tb_status read_artifact(void *context, const struct yaml_node *value)
{
    struct rule_reading *const reading = context;
    struct word_reading of = {.reading = reading, .key = value->key};
    const struct artifact_word *path = NULL;
    struct yaml_key keys[WORDS];
    size_t count = 0;
    char name[sizeof "artifacts: capture_log"];
    for (size_t i = 0; i < WORDS; i++) {
        if (strcmp(words[i].key, value->key) != 0)
            continue;
        if (words[i].word == NULL)
            path = &words[i];
        else
            keys[count++] = (struct yaml_key){words[i].word, read_word};
    }
    forget_rules(reading->rules, value->key);
    if (path != NULL && (count == 0 || value->kind != YAML_MAP))
        return add_word(reading, value, path);
    snprintf(name, sizeof name, "artifacts: %s", value->key);
    return tb_yaml_map(&reading->manifest->document, value, name, keys, count, &of);
}

/* Another name for the text of ab, that of any program. */
static enum tb_status read_workload(void *context, const struct yaml_node *value)
{
    const struct rule_reading *reading = context;
    if (value->kind == YAML_MAP)
        return tb_yaml_fail(&reading->manifest->document, TB_USAGE, value,
                            "artifacts: workload: expected a path or a list of paths, found a map");
    forget_rules(reading->rules, "ab");
    return add_rule(reading, value, (struct artifact_rule){.key = "ab", .kind = TB_ARTIFACT_AB});
}

static enum tb_status check_workloads(const struct rule_reading *reading, const struct yaml_node *node)
{
    const struct yaml_node *workload = tb_yaml_value(node, "workload");
    if (workload == NULL || tb_yaml_value(node, "ab") == NULL)
        return TB_OK;
    return tb_yaml_fail_key(&reading->manifest->document, workload,
                            "artifacts: expected either ab or workload, found both");
}

/* A log without a point is that of the only capture. */
static enum tb_status check_capture_logs(const struct rule_reading *reading)
{
    const struct artifact_rules *const rules = reading->rules;
    size_t captures = 0;
    for (size_t i = 0; i < rules->count; i++)
        captures += rules->rules[i].kind == TB_ARTIFACT_CAPTURE;
    for (size_t i = 0; captures > 1 && i < rules->count; i++)
        if (rules->rules[i].kind == TB_ARTIFACT_CAPTURE_LOG && rules->rules[i].point == TB_POINT_NONE)
            return tb_yaml_fail(&reading->manifest->document, TB_USAGE, rules->rules[i].node,
                                "artifacts: capture_log: expected a map with client, server or link, as there are "
                                "captures of several points");
    return TB_OK;
}

static int compare_rules(const void *a, const void *b)
{
    const struct artifact_rule *x = a;
    const struct artifact_rule *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->role != y->role)
        return x->role < y->role ? -1 : 1;
    if (x->point != y->point)
        return x->point < y->point ? -1 : 1;
    return x->file < y->file ? -1 : x->file > y->file ? 1 : 0;
}

enum tb_status tb_artifact_rules_read(struct manifest *manifest, const struct yaml_node *node,
                                      struct artifact_rules *rules)
{
    static const struct yaml_key keys[] = {{"ab", read_artifact},          {"workload", read_workload},
                                           {"latency", read_artifact},     {"capture", read_artifact},
                                           {"trace", read_artifact},       {"counters", read_artifact},
                                           {"capture_log", read_artifact}, {"kernel_log", read_artifact}};
    struct rule_reading reading = {.manifest = manifest, .rules = rules};
    enum tb_status status =
        tb_yaml_map(&manifest->document, node, "artifacts", keys, sizeof keys / sizeof keys[0], &reading);
    if (status == TB_OK)
        status = check_workloads(&reading, node);
    if (status == TB_OK)
        status = check_capture_logs(&reading);
    if (rules->count > 1)
        qsort(rules->rules, rules->count, sizeof rules->rules[0], compare_rules);
    return status;
}

enum tb_status tb_manifest_read_artifacts(void *context, const struct yaml_node *value)
{
    struct manifest *manifest = context;
    return tb_artifact_rules_read(manifest, value, &manifest->rules);
}

enum tb_status tb_artifact_rules_add(struct manifest *manifest, const struct yaml_node *node, struct artifact_rule rule)
{
    const struct rule_reading reading = {.manifest = manifest, .rules = &manifest->rules};
    return add_rule(&reading, node, rule);
}

struct process_reading {
    struct manifest *manifest;
    struct tb_process *roles; /* TB_ROLES items */
    struct tb_process *process;
};

static enum tb_status keep_process_text(const struct process_reading *reading, const struct yaml_node *value,
                                        char **owned)
{
    const char *text;
    const enum tb_status status = tb_yaml_text(&reading->manifest->document, value, "process", &text);
    return status == TB_OK ? tb_manifest_keep_text(reading->manifest, owned, text) : status;
}

static enum tb_status read_process_name(void *context, const struct yaml_node *value)
{
    const struct process_reading *reading = context;
    return keep_process_text(reading, value, &reading->process->name);
}

static enum tb_status read_process_pid(void *context, const struct yaml_node *value)
{
    const struct process_reading *reading = context;
    uint64_t pid = 0;
    const enum tb_status status =
        tb_yaml_integer(&reading->manifest->document, value, "process: pid", 0, INT64_MAX, &pid);
    if (status == TB_OK)
        reading->process->pid = (int64_t)pid;
    return status;
}

static enum tb_status read_process_arguments(void *context, const struct yaml_node *value)
{
    const struct process_reading *reading = context;
    return keep_process_text(reading, value, &reading->process->arguments);
}

static enum tb_status read_process_cgroup(void *context, const struct yaml_node *value)
{
    const struct process_reading *reading = context;
    return keep_process_text(reading, value, &reading->process->cgroup);
}

static enum tb_status read_selector(struct process_reading *reading, const struct yaml_node *value, enum tb_role role)
{
    static const struct yaml_key keys[] = {{"name", read_process_name},
                                           {"pid", read_process_pid},
                                           {"arguments", read_process_arguments},
                                           {"cgroup", read_process_cgroup}};
    reading->process = &reading->roles[role];
    if (value->kind != YAML_MAP)
        return read_process_name(reading, value);
    if (tb_yaml_value(value, "name") == NULL)
        return tb_yaml_fail(
            &reading->manifest->document, TB_USAGE, value,
            "process: expected a key name; pid, arguments and cgroup only choose among processes of a name");
    return tb_yaml_map(&reading->manifest->document, value, "process", keys, sizeof keys / sizeof keys[0], reading);
}

static enum tb_status read_process_client(void *context, const struct yaml_node *value)
{
    return read_selector(context, value, TB_ROLE_CLIENT);
}

static enum tb_status read_process_server(void *context, const struct yaml_node *value)
{
    return read_selector(context, value, TB_ROLE_SERVER);
}

static enum tb_status read_process_pair(struct manifest *manifest, const struct yaml_node *node, size_t pair)
{
    static const struct yaml_key keys[] = {{"client", read_process_client}, {"server", read_process_server}};
    struct process_reading reading = {.manifest = manifest, .roles = manifest->campaign->processes + pair * TB_ROLES};
    return tb_yaml_map(&manifest->document, node, "process", keys, sizeof keys / sizeof keys[0], &reading);
}

enum tb_status tb_manifest_allocate_processes(const struct manifest *manifest, size_t pairs)
{
    struct tb_campaign *campaign = manifest->campaign;
    struct tb_process *processes = calloc(pairs * TB_ROLES, sizeof *processes);
    if (processes == NULL)
        return tb_error_memory(manifest->document.error, "the manifest");
    campaign->processes = processes;
    campaign->process_pairs = pairs;
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < pairs * TB_ROLES && status == TB_OK; i++) {
        char **const texts[] = {&processes[i].name, &processes[i].arguments, &processes[i].cgroup};
        processes[i].pid = -1;
        for (size_t j = 0; j < 3 && status == TB_OK; j++)
            status = tb_manifest_keep_text(manifest, texts[j], "");
    }
    return status;
}

enum tb_status tb_manifest_read_process(void *context, const struct yaml_node *value)
{
    struct manifest *manifest = context;
    manifest->process = value;
    if (value->kind == YAML_LIST && value->count == 0)
        return tb_yaml_fail(&manifest->document, TB_USAGE, value, "process: expected one map per pair");
    enum tb_status status = tb_manifest_allocate_processes(manifest, value->kind == YAML_LIST ? value->count : 1);
    if (value->kind != YAML_LIST)
        return status == TB_OK ? read_process_pair(manifest, value, 0) : status;
    size_t pair = 0;
    for (const struct yaml_node *node = value->first; node != NULL && status == TB_OK; node = node->next)
        status = read_process_pair(manifest, node, pair++);
    return status;
}
