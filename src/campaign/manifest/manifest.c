/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The manifest as a whole: its keys, and those that concern everything. */
#include "manifest.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "twinbed/base/nearest.h"

enum tb_status tb_manifest_keep_text(const struct manifest *manifest, char **owned, const char *text)
{
    char *copy = strdup(text);
    if (copy == NULL)
        return tb_error_memory(manifest->document.error, "the manifest");
    free(*owned);
    *owned = copy;
    return TB_OK;
}

static enum tb_status read_name(void *context, const struct yaml_node *value)
{
    struct manifest *manifest = context;
    const char *text;
    const enum tb_status status = tb_yaml_text(&manifest->document, value, "campaign", &text);
    return status == TB_OK ? tb_manifest_keep_text(manifest, &manifest->campaign->name, text) : status;
}

static enum tb_status read_baseline(void *context, const struct yaml_node *value)
{
    struct manifest *manifest = context;
    const char *text;
    manifest->baseline = value;
    return tb_yaml_text(&manifest->document, value, "baseline", &text);
}

static enum tb_status read_root(void *context, const struct yaml_node *value)
{
    struct manifest *manifest = context;
    return tb_yaml_text(&manifest->document, value, "root", &manifest->root);
}

struct discard_reading {
    struct manifest *manifest;
    struct discarded_run *run;
};

static enum tb_status read_discarded_run(void *context, const struct yaml_node *value)
{
    const struct discard_reading *reading = context;
    reading->run->node = value;
    return tb_yaml_text(&reading->manifest->document, value, "discard: run", &reading->run->run);
}

static enum tb_status read_discard_reason(void *context, const struct yaml_node *value)
{
    const struct discard_reading *reading = context;
    return tb_yaml_text(&reading->manifest->document, value, "discard: reason", &reading->run->reason);
}

static enum tb_status read_discard_item(struct manifest *manifest, const struct yaml_node *item)
{
    static const struct yaml_key keys[] = {{"run", read_discarded_run}, {"reason", read_discard_reason}};
    const struct yaml_document *document = &manifest->document;
    if (item->kind == YAML_SCALAR && strcmp(item->text, "stalled") == 0) {
        manifest->campaign->settings.discard_stalled = true;
        return TB_OK;
    }
    enum tb_status status = tb_yaml_expect(document, item, YAML_MAP, "discard", "stalled or a map with run and reason");
    struct discard_reading reading = {.manifest = manifest, .run = &manifest->discarded[manifest->discarded_count++]};
    if (status == TB_OK)
        status = tb_yaml_map(document, item, "discard", keys, sizeof keys / sizeof keys[0], &reading);
    if (status == TB_OK && (reading.run->run == NULL || reading.run->reason == NULL))
        status = tb_yaml_fail(document, TB_USAGE, item, "discard: expected both run and reason");
    return status;
}

enum tb_status tb_manifest_read_discard(void *context, const struct yaml_node *value)
{
    struct manifest *manifest = context;
    if (value->kind == YAML_SCALAR)
        return strcmp(value->text, "stalled") == 0 ? read_discard_item(manifest, value)
                                                   : tb_yaml_expect(&manifest->document, value, YAML_LIST, "discard",
                                                                    "stalled or a list of maps with run and reason");
    enum tb_status status = tb_yaml_expect(&manifest->document, value, YAML_LIST, "discard",
                                           "stalled or a list of maps with run and reason");
    if (status != TB_OK)
        return status;
    manifest->discarded = tb_arena_allocate(&manifest->arena, value->count, sizeof *manifest->discarded);
    if (manifest->discarded == NULL)
        return tb_error_memory(manifest->document.error, "the manifest");
    for (const struct yaml_node *item = value->first; item != NULL && status == TB_OK; item = item->next)
        status = read_discard_item(manifest, item);
    return status;
}

/* Beside the settings. In the order in which they are read: what a later key builds on stands before it. */
static const struct yaml_key manifest_keys[] = {
    {"campaign", read_name},
    {"baseline", read_baseline},
    {"root", read_root},
    {"factors", tb_manifest_read_factors},
    {"constants", tb_manifest_read_constants},
    {"runs", tb_manifest_read_runs},
    {"artifacts", tb_manifest_read_artifacts},
    {"process", tb_manifest_read_process},
    {"metrics", tb_manifest_read_metrics},
};

/* The root as a path that can be opened: relative ones start at the manifest's directory. */
static enum tb_status find_root(struct manifest *manifest, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *root = manifest->root == NULL ? "." : manifest->root;
    const size_t length = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);
    const char *directory = length == 0 ? "." : tb_arena_copy(&manifest->arena, path, length);
    if (directory != NULL && root[0] != '/')
        root = tb_path_join(&manifest->arena, directory, strcmp(root, ".") == 0 ? "" : root);
    if (directory == NULL || root == NULL)
        return tb_error_memory(manifest->document.error, "the manifest");
    struct stat about;
    if (stat(root, &about) != 0 || !S_ISDIR(about.st_mode)) {
        const struct yaml_node *node = tb_yaml_value(manifest->document.root, "root");
        return tb_yaml_fail(&manifest->document, TB_USAGE, node == NULL ? manifest->document.root : node,
                            "root: directory '%.500s' does not exist", root);
    }
    return tb_manifest_keep_text(manifest, &manifest->campaign->root, root);
}

static enum tb_status check_required(const struct manifest *manifest)
{
    static const char *const required[] = {"campaign", "runs"};
    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++)
        if (tb_yaml_value(manifest->document.root, required[i]) == NULL)
            return tb_yaml_fail(&manifest->document, TB_USAGE, manifest->document.root, "key '%s' is missing",
                                required[i]);
    return TB_OK;
}

/* Meant is one that runs have and that is not described itself. */
static enum tb_status fail_unused(const struct manifest *manifest, const struct manifest_factor *unused)
{
    char hint[TB_NEAREST_TEXT_SIZE];
    struct tb_nearest nearest = tb_nearest_to(unused->name);
    for (size_t i = 0; i < manifest->factor_count; i++)
        if (manifest->factors[i].is_used && manifest->factors[i].node == NULL)
            tb_nearest_offer(&nearest, manifest->factors[i].name);
    return tb_yaml_fail_key(&manifest->document, unused->node,
                            "factors: no run has the factor '%.60s'%s; expected it in runs or in constants",
                            unused->name, tb_nearest_hint(&nearest, hint));
}

static enum tb_status check_factors_are_used(const struct manifest *manifest)
{
    for (size_t i = 0; i < manifest->factor_count; i++) {
        const struct manifest_factor *factor = &manifest->factors[i];
        if (!factor->is_used)
            return fail_unused(manifest, factor);
    }
    return TB_OK;
}

enum tb_status tb_manifest_read(const char *path, struct manifest *manifest, struct tb_error *error)
{
    enum tb_status status = tb_yaml_read(path, &manifest->arena, error, &manifest->document);
    if (status != TB_OK)
        return status;
    manifest->campaign->manifest_text = manifest->document.text;
    if (!tb_settings_default(&manifest->campaign->settings))
        return tb_error_memory(error, "the manifest");
    status = tb_manifest_read_keys(manifest, manifest_keys, sizeof manifest_keys / sizeof manifest_keys[0]);
    if (status == TB_OK)
        status = check_required(manifest);
    if (status == TB_OK)
        status = tb_manifest_finish_runs(manifest);
    if (status == TB_OK)
        status = tb_manifest_check_metrics(manifest);
    if (status == TB_OK)
        status = check_factors_are_used(manifest);
    if (status == TB_OK && manifest->process == NULL)
        status = tb_manifest_allocate_processes(manifest, 1);
    if (status == TB_OK && !tb_settings_complete(&manifest->campaign->settings))
        status = tb_error_memory(error, "the manifest");
    return status == TB_OK ? find_root(manifest, path) : status;
}

void tb_manifest_free(struct manifest *manifest)
{
    tb_arena_free(&manifest->arena);
}
