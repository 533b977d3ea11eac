/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The settings of a manifest: chains, windows, thresholds, limits. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "manifest.h"

enum { MOST_ORDERS = 8, MOST_ORDER = 8, MOST_WINDOWS = 64, MOST_STRETCHES = 1000 };

bool tb_settings_default(struct tb_settings *settings)
{
    *settings = (struct tb_settings){.closeness = 0.1,
                                     .order_count = 1,
                                     .prune = 0.001,
                                     .smoothing = 0.5,
                                     .coverage_limit = 0.99,
                                     .loss_limit = 0.01,
                                     .truncated = TB_TRUNCATED_EXCLUDE,
                                     .flows = TB_FLOWS_SUMMARY,
                                     .stall_ratio = 10,
                                     .stall_ms = 1000,
                                     .stall_gap = 5,
                                     .stall_flows = 1,
                                     .work = TB_WORK_AB};
    settings->orders = calloc(1, sizeof *settings->orders);
    settings->filter = strdup("");
    settings->work_selector = strdup("");
    if (settings->orders == NULL) {
        settings->order_count = 0;
        return false;
    }
    settings->orders[0] = 1;
    return settings->filter != NULL && settings->work_selector != NULL;
}

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

static struct tb_settings *settings_of(void *context)
{
    return &((struct manifest *)context)->campaign->settings;
}

static const struct yaml_document *document_of(const void *context)
{
    return &((const struct manifest *)context)->document;
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
    struct tb_settings *settings = settings_of(context);
    unsigned *orders = realloc(settings->orders, MOST_ORDERS * sizeof *orders);
    if (orders == NULL)
        return tb_error_memory(document_of(context)->error, "the manifest");
    settings->orders = orders;
    settings->order_count = 0;
    if (value->kind != YAML_LIST)
        return read_order(context, value);
    if (value->count == 0)
        return tb_yaml_fail(document_of(context), TB_USAGE, value, "chain: order: expected at least one order");
    enum tb_status status = TB_OK;
    /* Orders differ and are at most MOST_ORDER, so that there is room for all. */
    for (const struct yaml_node *node = value->first; node != NULL && status == TB_OK; node = node->next)
        status = read_order(context, node);
    return status;
}

static enum tb_status read_prune(void *context, const struct yaml_node *value)
{
    return tb_yaml_number(document_of(context), value, "chain: prune", 0, 1, &settings_of(context)->prune);
}

static enum tb_status read_states(void *context, const struct yaml_node *value)
{
    static const char *const words[] = {[TB_STATES_CALL] = "call",
                                        [TB_STATES_OUTCOME] = "call+outcome",
                                        [TB_STATES_DESCRIPTOR] = "call+descriptor",
                                        [TB_STATES_BOTH] = "call+outcome+descriptor"};
    unsigned choice = TB_STATES_CALL;
    const enum tb_status status = tb_yaml_choice(document_of(context), value, "chain: states", words, 4, &choice);
    settings_of(context)->states = (enum tb_state_vocabulary)choice;
    return status;
}

static enum tb_status read_chain_owner(void *context, const struct yaml_node *value)
{
    static const char *const words[] = {
        [TB_CHAINS_OF_CELLS] = "cells", [TB_CHAINS_OF_RUNS] = "runs", [TB_CHAINS_OF_THREAD_GROUPS] = "thread_groups"};
    unsigned choice = TB_CHAINS_OF_CELLS;
    const enum tb_status status = tb_yaml_choice(document_of(context), value, "chain: of", words, 3, &choice);
    settings_of(context)->chains_of = (enum tb_chain_owner)choice;
    return status;
}

enum tb_status tb_manifest_read_chain(void *context, const struct yaml_node *value)
{
    static const struct yaml_key keys[] = {
        {"order", read_orders}, {"prune", read_prune}, {"states", read_states}, {"of", read_chain_owner}};
    return tb_yaml_map(document_of(context), value, "chain", keys, sizeof keys / sizeof keys[0], context);
}

static enum tb_status read_walked_chains(void *context, const struct yaml_node *value)
{
    static const char *const words[] = {"baseline", "all"};
    unsigned choice = 0;
    const enum tb_status status = tb_yaml_choice(document_of(context), value, "walks: chains", words, 2, &choice);
    settings_of(context)->walk_all = choice == 1;
    return status;
}

static enum tb_status read_smoothing(void *context, const struct yaml_node *value)
{
    /* Nothing added would leave transitions without a probability. */
    return tb_yaml_number(document_of(context), value, "walks: smoothing", 1e-6, 1e6, &settings_of(context)->smoothing);
}

static enum tb_status read_course(void *context, const struct yaml_node *value)
{
    return tb_yaml_integer(document_of(context), value, "walks: course", 0, MOST_STRETCHES,
                           &settings_of(context)->course);
}

enum tb_status tb_manifest_read_walks(void *context, const struct yaml_node *value)
{
    static const struct yaml_key keys[] = {
        {"chains", read_walked_chains}, {"smoothing", read_smoothing}, {"course", read_course}};
    return tb_yaml_map(document_of(context), value, "walks", keys, sizeof keys / sizeof keys[0], context);
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

enum tb_status tb_manifest_read_windows(void *context, const struct yaml_node *value)
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

enum tb_status tb_manifest_read_skip(void *context, const struct yaml_node *value)
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

static enum tb_status read_default_closeness(void *context, const struct yaml_node *value)
{
    return tb_yaml_number(document_of(context), value, "closeness", 0, 1, &settings_of(context)->closeness);
}

static enum tb_status read_metric_closeness(void *context, const struct yaml_node *value)
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

enum tb_status tb_manifest_read_closeness(void *context, const struct yaml_node *value)
{
    static const struct yaml_key keys[] = {{"default", read_default_closeness}, {"metrics", read_metric_closeness}};
    if (value->kind != YAML_MAP)
        return read_default_closeness(context, value);
    return tb_yaml_map(document_of(context), value, "closeness", keys, sizeof keys / sizeof keys[0], context);
}

enum tb_status tb_manifest_read_coverage(void *context, const struct yaml_node *value)
{
    return tb_yaml_number(document_of(context), value, "coverage", 0, 1, &settings_of(context)->coverage_limit);
}

enum tb_status tb_manifest_read_losses(void *context, const struct yaml_node *value)
{
    return tb_yaml_number(document_of(context), value, "losses", 0, 1, &settings_of(context)->loss_limit);
}

enum tb_status tb_manifest_read_truncated(void *context, const struct yaml_node *value)
{
    static const char *const words[] = {[TB_TRUNCATED_EXCLUDE] = "exclude", [TB_TRUNCATED_KEEP] = "keep"};
    unsigned choice = TB_TRUNCATED_EXCLUDE;
    const enum tb_status status = tb_yaml_choice(document_of(context), value, "truncated", words, 2, &choice);
    settings_of(context)->truncated = (enum tb_truncated_policy)choice;
    return status;
}

enum tb_status tb_manifest_read_flows(void *context, const struct yaml_node *value)
{
    static const char *const words[] = {
        [TB_FLOWS_SUMMARY] = "summary", [TB_FLOWS_NONE] = "none", [TB_FLOWS_ALL] = "all"};
    unsigned choice = TB_FLOWS_SUMMARY;
    const enum tb_status status = tb_yaml_choice(document_of(context), value, "flows", words, 3, &choice);
    settings_of(context)->flows = (enum tb_flow_output)choice;
    return status;
}

enum tb_status tb_manifest_read_flow_rules(void *context, const struct yaml_node *value)
{
    static const char *const words[] = {[TB_FLOWS_BY_TWINBED] = "twinbed", [TB_FLOWS_BY_TCPTRACE] = "tcptrace"};
    unsigned choice = TB_FLOWS_BY_TWINBED;
    const enum tb_status status = tb_yaml_choice(document_of(context), value, "flow_rules", words, 2, &choice);
    settings_of(context)->flow_rules = (enum tb_flow_rule_set)choice;
    return status;
}

enum tb_status tb_manifest_read_duplicates(void *context, const struct yaml_node *value)
{
    static const char *const words[] = {"drop", "keep"};
    unsigned choice = 0;
    const enum tb_status status = tb_yaml_choice(document_of(context), value, "duplicates", words, 2, &choice);
    settings_of(context)->keep_copies = choice != 0;
    return status;
}

enum tb_status tb_manifest_read_filter(void *context, const struct yaml_node *value)
{
    const char *text;
    const enum tb_status status = tb_yaml_text(document_of(context), value, "filter", &text);
    return status == TB_OK ? tb_manifest_keep_text(context, &settings_of(context)->filter, text) : status;
}

enum tb_status tb_manifest_read_server_port(void *context, const struct yaml_node *value)
{
    uint64_t port = 0;
    const enum tb_status status = tb_yaml_integer(document_of(context), value, "server_port", 1, UINT16_MAX, &port);
    settings_of(context)->server_port = (uint16_t)port;
    return status;
}

static enum tb_status read_stall_ratio(void *context, const struct yaml_node *value)
{
    return tb_yaml_number(document_of(context), value, "stalls: ratio", 1, HUGE_VAL,
                          &settings_of(context)->stall_ratio);
}

static enum tb_status read_stall_length(void *context, const struct yaml_node *value)
{
    return tb_yaml_number(document_of(context), value, "stalls: longest_ms", 0, HUGE_VAL,
                          &settings_of(context)->stall_ms);
}

/* Shorter gaps are not remembered. */
static enum tb_status read_stall_gap(void *context, const struct yaml_node *value)
{
    return tb_yaml_number(document_of(context), value, "stalls: gap_s", 1, 1e9, &settings_of(context)->stall_gap);
}

static enum tb_status read_stall_flows(void *context, const struct yaml_node *value)
{
    return tb_yaml_integer(document_of(context), value, "stalls: flows", 1, UINT32_MAX,
                           &settings_of(context)->stall_flows);
}

enum tb_status tb_manifest_read_stalls(void *context, const struct yaml_node *value)
{
    static const struct yaml_key keys[] = {{"ratio", read_stall_ratio},
                                           {"longest_ms", read_stall_length},
                                           {"gap_s", read_stall_gap},
                                           {"flows", read_stall_flows}};
    return tb_yaml_map(document_of(context), value, "stalls", keys, sizeof keys / sizeof keys[0], context);
}
