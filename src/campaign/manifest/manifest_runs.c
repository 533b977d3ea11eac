/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runs of a manifest: patterns and explicit runs. */
#include <string.h>

#include "manifest.h"
#include "twinbed/base/nearest.h"

static enum tb_status fail_pattern(const struct manifest *manifest, const struct yaml_node *node, const char *wrong)
{
    if (wrong[0] == '\0')
        return tb_error_memory(manifest->document.error, "the manifest");
    return tb_yaml_fail(&manifest->document, TB_USAGE, node, "runs: pattern '%.200s': %s", node->text, wrong);
}

static enum tb_status check_constants(const struct manifest *manifest, const struct run_item *item)
{
    for (size_t field = 0; field < FIELD_FIRST_FACTOR + manifest->factor_count; field++) {
        const bool in_pattern = tb_pattern_has_field(&item->pattern, field);
        if (manifest->constants[field] != NULL && (in_pattern || item->values[field] != NULL))
            return tb_yaml_fail(&manifest->document, TB_USAGE, item->node,
                                "runs: '%.60s' is given here and in constants; expected one of them",
                                tb_manifest_field_name(manifest, field));
        if (item->values[field] != NULL && in_pattern)
            return tb_yaml_fail(&manifest->document, TB_USAGE, item->node,
                                "runs: '%.60s' is given as a field and as a key; expected one of them",
                                tb_manifest_field_name(manifest, field));
    }
    if (manifest->constants[FIELD_TESTBED] == NULL && item->values[FIELD_TESTBED] == NULL &&
        !tb_pattern_has_field(&item->pattern, FIELD_TESTBED))
        return tb_yaml_fail(&manifest->document, TB_USAGE, item->node,
                            "runs: '%.200s' does not say the testbed; expected {testbed} in the path, a key testbed, "
                            "or testbed in constants",
                            item->pattern.text);
    return TB_OK;
}

static bool climbs(const struct pattern *pattern)
{
    for (size_t i = 0; i < pattern->component_count; i++) {
        const struct pattern_part *part = pattern->components[i].parts;
        if (pattern->components[i].part_count == 1 && part->kind == PART_LITERAL && strcmp(part->text, "..") == 0)
            return true;
    }
    return false;
}

static enum tb_status read_path(struct manifest *manifest, const struct yaml_node *node, struct run_item *item)
{
    const char *text;
    const enum tb_status status = tb_yaml_text(&manifest->document, node, "runs", &text);
    if (status != TB_OK)
        return status;
    item->node = node;
    const char *wrong =
        tb_pattern_parse(text, false, tb_manifest_add_field, manifest, &manifest->arena, &item->pattern);
    if (wrong == NULL && (item->pattern.absolute || climbs(&item->pattern)))
        wrong = "expected a path below the root, without '..' and without a leading slash";
    return wrong == NULL ? TB_OK : fail_pattern(manifest, node, wrong);
}

/* A key of an item that is neither path nor artifacts: testbed, rep, pair or a factor. */
static enum tb_status read_level(struct manifest *manifest, const struct yaml_node *node, struct run_item *item)
{
    const char *text;
    size_t field;
    if (strspn(node->key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != strlen(node->key) ||
        node->key[0] == '\0' || !tb_manifest_add_field(manifest, node->key, &field))
        return tb_yaml_fail_key(&manifest->document, node,
                                "runs: unknown key '%.60s'; expected path, artifacts, testbed, rep, pair or a factor",
                                node->key);
    const enum tb_status status = tb_yaml_text(&manifest->document, node, node->key, &text);
    if (status != TB_OK)
        return status;
    if (!tb_manifest_accept(manifest, field, text, strlen(text)))
        return tb_yaml_fail(&manifest->document, TB_USAGE, node, "runs: %.60s: expected %s, found '%.60s'", node->key,
                            tb_factor_type_words(manifest->factors[field - FIELD_FIRST_FACTOR].type), text);
    item->values[field] = text;
    return TB_OK;
}

/* Any key may be a factor, so a path that was mistyped is one too. */
static enum tb_status fail_without_path(struct manifest *manifest, const struct yaml_node *node)
{
    for (const struct yaml_node *value = node->first; value != NULL; value = value->next) {
        char hint[TB_NEAREST_TEXT_SIZE];
        struct tb_nearest nearest = tb_nearest_to(value->key);
        tb_nearest_offer(&nearest, "path");
        if (nearest.found != NULL)
            return tb_yaml_fail_key(&manifest->document, value, "runs: expected a key path, found '%.60s'%s",
                                    value->key, tb_nearest_hint(&nearest, hint));
    }
    return tb_yaml_fail(&manifest->document, TB_USAGE, node, "runs: expected a key path");
}

static enum tb_status read_item_map(struct manifest *manifest, const struct yaml_node *node, struct run_item *item)
{
    const struct yaml_node *path = tb_yaml_value(node, "path");
    if (path == NULL)
        return fail_without_path(manifest, node);
    enum tb_status status = read_path(manifest, path, item);
    for (const struct yaml_node *value = node->first; value != NULL && status == TB_OK; value = value->next) {
        if (value == path)
            continue;
        if (strcmp(value->key, "artifacts") == 0)
            item->artifacts = value;
        else
            status = read_level(manifest, value, item);
    }
    return status;
}

static enum tb_status read_item(struct manifest *manifest, const struct yaml_node *node)
{
    struct run_item *item = &manifest->items[manifest->item_count++];
    item->rules = &manifest->rules;
    const enum tb_status status =
        node->kind == YAML_MAP ? read_item_map(manifest, node, item) : read_path(manifest, node, item);
    return status == TB_OK ? check_constants(manifest, item) : status;
}

enum tb_status tb_manifest_read_runs(void *context, const struct yaml_node *value)
{
    struct manifest *manifest = context;
    const bool is_list = value->kind == YAML_LIST;
    manifest->items = tb_arena_allocate(&manifest->arena, is_list ? value->count : 1, sizeof *manifest->items);
    if (manifest->items == NULL)
        return tb_error_memory(manifest->document.error, "the manifest");
    if (is_list && value->count == 0)
        return tb_yaml_fail(&manifest->document, TB_USAGE, value, "runs: expected at least one pattern or run");
    if (!is_list)
        return read_item(manifest, value);
    enum tb_status status = TB_OK;
    for (const struct yaml_node *node = value->first; node != NULL && status == TB_OK; node = node->next)
        status = read_item(manifest, node);
    return status;
}

enum tb_status tb_manifest_finish_runs(struct manifest *manifest)
{
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < manifest->item_count && status == TB_OK; i++) {
        struct run_item *item = &manifest->items[i];
        if (item->artifacts == NULL)
            continue;
        struct artifact_rules *rules = tb_arena_allocate(&manifest->arena, 1, sizeof *rules);
        if (rules == NULL)
            return tb_error_memory(manifest->document.error, "the manifest");
        *rules = manifest->rules;
        item->rules = rules;
        status = tb_artifact_rules_read(manifest, item->artifacts, rules);
    }
    return status;
}
