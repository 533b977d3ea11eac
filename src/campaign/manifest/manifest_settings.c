/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the settings of a manifest by their table; the few that are written in a way of their own are lists. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest.h"
#include "twinbed/campaign/settings.h"

enum { MOST_ORDERS = 8, MOST_ORDER = 8, MOST_WINDOWS = 64 };

static bool add_window(struct tb_settings *settings, struct tb_window_setting window)
{
    struct tb_window_setting *windows =
        realloc(settings->windows, (settings->window_count + 1) * sizeof *settings->windows);
    if (windows == NULL)
        return false;
    windows[settings->window_count++] = window;
    settings->windows = windows;
    return true;
}

bool tb_settings_complete(struct tb_settings *settings)
{
    const struct tb_window_setting whole = {.skip = 0, .limit = TB_LIMIT_SHORTEST};
    return settings->window_count > 0 || add_window(settings, whole);
}

static enum tb_status read_order(struct manifest *manifest, const struct yaml_node *node)
{
    struct tb_settings *settings = &manifest->campaign->settings;
    uint64_t order = 0;
    const enum tb_status status = tb_yaml_integer(&manifest->document, node, "chain: order", 1, MOST_ORDER, &order);
    if (status != TB_OK)
        return status;
    size_t at = 0;
    while (at < settings->order_count && settings->orders[at] < order)
        at++;
    if (at < settings->order_count && settings->orders[at] == order)
        return tb_yaml_fail(&manifest->document, TB_USAGE, node, "chain: order: %u stands twice", (unsigned)order);
    memmove(settings->orders + at + 1, settings->orders + at, (settings->order_count - at) * sizeof(unsigned));
    settings->orders[at] = (unsigned)order;
    settings->order_count++;
    return TB_OK;
}

static enum tb_status read_orders(void *context, const struct yaml_node *value)
{
    struct manifest *manifest = context;
    struct tb_settings *settings = &manifest->campaign->settings;
    unsigned *orders = realloc(settings->orders, MOST_ORDERS * sizeof *orders);
    if (orders == NULL)
        return tb_error_memory(manifest->document.error, "the manifest");
    settings->orders = orders;
    settings->order_count = 0;
    if (value->kind != YAML_LIST)
        return read_order(manifest, value);
    if (value->count == 0)
        return tb_yaml_fail(&manifest->document, TB_USAGE, value, "chain: order: expected at least one order");
    enum tb_status status = TB_OK;
    /* Orders differ and are at most MOST_ORDER, so that there is room for all. */
    for (const struct yaml_node *node = value->first; node != NULL && status == TB_OK; node = node->next)
        status = read_order(manifest, node);
    return status;
}

struct window_reading {
    struct manifest *manifest;
    struct tb_window_setting window;
};

static enum tb_status read_window_skip(void *context, const struct yaml_node *value)
{
    struct window_reading *reading = context;
    return tb_yaml_integer(&reading->manifest->document, value, "windows: skip", 0, INT64_MAX, &reading->window.skip);
}

static enum tb_status read_window_limit(void *context, const struct yaml_node *value)
{
    static const char *const words[] = {"shortest", "whole"};
    static const uint64_t limits[] = {TB_LIMIT_SHORTEST, TB_LIMIT_WHOLE};
    struct window_reading *reading = context;
    for (size_t i = 0; i < 2; i++) {
        if (value->kind == YAML_SCALAR && strcmp(value->text, words[i]) == 0) {
            reading->window.limit = limits[i];
            return TB_OK;
        }
    }
    if (value->kind != YAML_SCALAR || value->text[0] < '0' || value->text[0] > '9') {
        char found[YAML_FOUND_SIZE];
        return tb_yaml_fail(&reading->manifest->document, TB_USAGE, value,
                            "windows: limit: expected a number of calls, shortest or whole, found %s",
                            tb_yaml_found(value, found));
    }
    return tb_yaml_integer(&reading->manifest->document, value, "windows: limit", 1, INT64_MAX, &reading->window.limit);
}

static enum tb_status keep_window(const struct manifest *manifest, const struct yaml_node *node,
                                  struct tb_window_setting window)
{
    struct tb_settings *settings = &manifest->campaign->settings;
    for (size_t i = 0; i < settings->window_count; i++)
        if (settings->windows[i].skip == window.skip && settings->windows[i].limit == window.limit)
            return tb_yaml_fail(&manifest->document, TB_USAGE, node, "windows: this window stands twice");
    if (settings->window_count == MOST_WINDOWS)
        return tb_yaml_fail(&manifest->document, TB_USAGE, node, "windows: more than %d windows", MOST_WINDOWS);
    return add_window(settings, window) ? TB_OK : tb_error_memory(manifest->document.error, "the manifest");
}

static enum tb_status read_window(struct manifest *manifest, const struct yaml_node *node)
{
    static const struct yaml_key keys[] = {{"skip", read_window_skip}, {"limit", read_window_limit}};
    struct window_reading reading = {.manifest = manifest, .window = {.skip = 0, .limit = TB_LIMIT_SHORTEST}};
    const enum tb_status status =
        tb_yaml_map(&manifest->document, node, "windows", keys, sizeof keys / sizeof keys[0], &reading);
    return status == TB_OK ? keep_window(manifest, node, reading.window) : status;
}

static enum tb_status read_windows(void *context, const struct yaml_node *value)
{
    struct manifest *manifest = context;
    enum tb_status status =
        tb_yaml_expect(&manifest->document, value, YAML_LIST, "windows", "a list of maps with skip and limit");
    if (status == TB_OK && value->count == 0)
        return tb_yaml_fail(&manifest->document, TB_USAGE, value, "windows: expected at least one window");
    for (const struct yaml_node *node = value->first; node != NULL && status == TB_OK; node = node->next)
        status = read_window(manifest, node);
    return status;
}

static enum tb_status read_skip(void *context, const struct yaml_node *value)
{
    struct manifest *manifest = context;
    struct tb_settings *settings = &manifest->campaign->settings;
    if (settings->window_count > 0)
        return tb_yaml_fail_key(&manifest->document, value, "skip: expected either skip or windows, found both");
    uint64_t skip = 0;
    const enum tb_status status = tb_yaml_integer(&manifest->document, value, "skip", 0, INT64_MAX, &skip);
    if (status != TB_OK)
        return status;
    const struct tb_window_setting window = {.skip = skip, .limit = TB_LIMIT_SHORTEST};
    if (!tb_settings_complete(settings) || (skip > 0 && !add_window(settings, window)))
        return tb_error_memory(manifest->document.error, "the manifest");
    return TB_OK;
}

static enum tb_status read_thresholds(void *context, const struct yaml_node *value)
{
    struct manifest *manifest = context;
    struct tb_settings *settings = &manifest->campaign->settings;
    enum tb_status status =
        tb_yaml_expect(&manifest->document, value, YAML_MAP, "closeness: metrics", "a map from metric to threshold");
    if (status != TB_OK || value->count == 0)
        return status;
    settings->thresholds = calloc(value->count, sizeof *settings->thresholds);
    if (settings->thresholds == NULL)
        return tb_error_memory(manifest->document.error, "the manifest");
    for (const struct yaml_node *node = value->first; node != NULL && status == TB_OK; node = node->next) {
        struct tb_metric_threshold *threshold = &settings->thresholds[settings->threshold_count++];
        status = tb_manifest_keep_text(manifest, &threshold->metric, node->key);
        if (status == TB_OK)
            status =
                tb_yaml_number(&manifest->document, node, "closeness: metrics", 0, HUGE_VAL, &threshold->threshold);
    }
    return status;
}

static enum tb_status keep_family_metric(const struct manifest *manifest, const struct yaml_node *node)
{
    struct tb_settings *settings = &manifest->campaign->settings;
    const char *name;
    const enum tb_status status = tb_yaml_text(&manifest->document, node, "family", &name);
    if (status != TB_OK)
        return status;
    for (size_t i = 0; i < settings->family_metric_count; i++)
        if (strcmp(settings->family_metrics[i], name) == 0)
            return tb_yaml_fail(&manifest->document, TB_USAGE, node, "family: '%s' stands twice", name);
    return tb_manifest_keep_text(manifest, &settings->family_metrics[settings->family_metric_count++], name);
}

static enum tb_status read_listed_family(struct manifest *manifest, const struct yaml_node *value)
{
    struct tb_settings *settings = &manifest->campaign->settings;
    if (value->count == 0)
        return tb_yaml_fail(&manifest->document, TB_USAGE, value, "family: expected at least one metric");
    settings->family = TB_FAMILY_LISTED;
    settings->family_metrics = calloc(value->count, sizeof *settings->family_metrics);
    if (settings->family_metrics == NULL)
        return tb_error_memory(manifest->document.error, "the manifest");
    enum tb_status status = TB_OK;
    for (const struct yaml_node *node = value->first; node != NULL && status == TB_OK; node = node->next)
        status = keep_family_metric(manifest, node);
    return status;
}

static enum tb_status read_family(void *context, const struct yaml_node *value)
{
    struct manifest *manifest = context;
    static const char *const words[] = {[TB_FAMILY_PRIMARY] = "primary", [TB_FAMILY_ALL] = "all"};
    if (value->kind == YAML_LIST)
        return read_listed_family(manifest, value);
    for (unsigned i = 0; value->kind == YAML_SCALAR && i < 2; i++) {
        if (strcmp(value->text, words[i]) == 0) {
            manifest->campaign->settings.family = (enum tb_family)i;
            return TB_OK;
        }
    }
    char found[YAML_FOUND_SIZE];
    return tb_yaml_fail(&manifest->document, TB_USAGE, value,
                        "family: expected primary, all or a list of metrics, found %s", tb_yaml_found(value, found));
}

/* Values that are not one scalar. */
static const struct {
    const char *map;
    const char *key;
    enum tb_status (*read)(void *manifest, const struct yaml_node *value);
} own_ways[] = {
    {"", "work", tb_manifest_read_work},
    {"", "windows", read_windows},
    {"", "skip", read_skip},
    {"chain", "order", read_orders},
    {"closeness", "metrics", read_thresholds},
    {"", "family", read_family},
    {"", "discard", tb_manifest_read_discard},
};

/* What stands in messages: "chain: prune". */
static void name_setting(const struct tb_setting *setting, char *name, size_t size)
{
    if (strcmp(setting->key, "default") == 0)
        snprintf(name, size, "%s", setting->map);
    else
        snprintf(name, size, "%s%s%s", setting->map, setting->map[0] == '\0' ? "" : ": ", setting->key);
}

static enum tb_status read_count(const struct manifest *manifest, const struct tb_setting *setting, const char *name,
                                 const struct yaml_node *value, void *field)
{
    uint64_t count = 0;
    const enum tb_status status =
        tb_yaml_integer(&manifest->document, value, name, (uint64_t)setting->low, (uint64_t)setting->high, &count);
    if (status == TB_OK && setting->type == TB_SETTING_PORT)
        *(uint16_t *)field = (uint16_t)count;
    else if (status == TB_OK)
        *(uint64_t *)field = count;
    return status;
}

static enum tb_status read_word(const struct manifest *manifest, const struct tb_setting *setting, const char *name,
                                const struct yaml_node *value, void *field)
{
    unsigned choice = 0;
    const enum tb_status status =
        tb_yaml_choice(&manifest->document, value, name, setting->words, tb_setting_words(setting), &choice);
    if (status == TB_OK && setting->type == TB_SETTING_FLAG)
        *(bool *)field = choice == 1;
    else if (status == TB_OK)
        *(unsigned *)field = choice;
    return status;
}

static enum tb_status read_text(const struct manifest *manifest, const char *name, const struct yaml_node *value,
                                char **field)
{
    const char *text;
    const enum tb_status status = tb_yaml_text(&manifest->document, value, name, &text);
    return status == TB_OK ? tb_manifest_keep_text(manifest, field, text) : status;
}

/* Reads the value of one setting into the campaign. */
static enum tb_status read_setting(struct manifest *manifest, const struct tb_setting *setting,
                                   const struct yaml_node *value)
{
    char name[64];
    void *const field = (char *)&manifest->campaign->settings + setting->offset;
    for (size_t i = 0; i < sizeof own_ways / sizeof own_ways[0]; i++)
        if (setting == tb_setting_find(own_ways[i].map, own_ways[i].key))
            return own_ways[i].read(manifest, value);
    name_setting(setting, name, sizeof name);
    switch (setting->type) {
    case TB_SETTING_NUMBER:
        return tb_yaml_number(&manifest->document, value, name, setting->low, setting->high, field);
    case TB_SETTING_COUNT:
    case TB_SETTING_PORT:
        return read_count(manifest, setting, name, value, field);
    case TB_SETTING_WORD:
    case TB_SETTING_FLAG:
        return read_word(manifest, setting, name, value, field);
    case TB_SETTING_TEXT:
        return read_text(manifest, name, value, field);
    default:
        return tb_error_set(manifest->document.error, TB_INTERNAL, "nothing reads the setting %s", name);
    }
}

struct map_reading {
    struct manifest *manifest;
    const char *map;
};

static enum tb_status read_in_map(void *context, const struct yaml_node *value)
{
    const struct map_reading *reading = context;
    return read_setting(reading->manifest, tb_setting_find(reading->map, value->key), value);
}

/* A key that has another name now. */
static enum tb_status refuse_old_key(const struct manifest *manifest, const struct yaml_node *map)
{
    const struct yaml_node *const course =
        map->kind == YAML_MAP && strcmp(map->key, "walks") == 0 ? tb_yaml_value(map, "course") : NULL;
    return course == NULL ? TB_OK
                          : tb_yaml_fail_key(&manifest->document, course, "walks: course is called profile now");
}

/* A key at the top: a setting, or a map of settings. */
static enum tb_status read_key(void *context, const struct yaml_node *value)
{
    struct manifest *manifest = context;
    const struct tb_setting *setting = tb_setting_find("", value->key);
    if (setting == NULL && value->kind != YAML_MAP)
        setting = tb_setting_find(value->key, "default");
    if (setting != NULL)
        return read_setting(manifest, setting, value);
    struct map_reading reading = {.manifest = manifest, .map = value->key};
    struct yaml_key *keys = tb_arena_allocate(&manifest->arena, tb_setting_count(), sizeof *keys);
    size_t count = 0;
    if (keys == NULL)
        return tb_error_memory(manifest->document.error, "the manifest");
    for (size_t i = 0; i < tb_setting_count(); i++)
        if (strcmp(tb_setting_at(i)->map, reading.map) == 0)
            keys[count++] = (struct yaml_key){tb_setting_at(i)->key, read_in_map};
    const enum tb_status status = refuse_old_key(manifest, value);
    return status == TB_OK ? tb_yaml_map(&manifest->document, value, reading.map, keys, count, &reading) : status;
}

static bool has_key(const struct yaml_key *keys, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(keys[i].name, name) == 0)
            return true;
    return false;
}

enum tb_status tb_manifest_read_keys(struct manifest *manifest, const struct yaml_key *others, size_t other_count)
{
    struct yaml_key *keys = tb_arena_allocate(&manifest->arena, other_count + tb_setting_count(), sizeof *keys);
    size_t count = other_count;
    if (keys == NULL)
        return tb_error_memory(manifest->document.error, "the manifest");
    memcpy(keys, others, other_count * sizeof *keys);
    for (size_t i = 0; i < tb_setting_count(); i++) {
        const struct tb_setting *setting = tb_setting_at(i);
        const char *name = setting->map[0] == '\0' ? setting->key : setting->map;
        if (!has_key(keys, count, name))
            keys[count++] = (struct yaml_key){name, read_key};
    }
    return tb_yaml_map(&manifest->document, manifest->document.root, "", keys, count, manifest);
}
