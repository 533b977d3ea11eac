/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers in files of a run: metrics that the campaign declares, and completed units of work. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest.h"

/* What is read: a metric, or the units of work, which have a place only. */
struct number_reading {
    struct manifest *manifest;
    const char *key; /* "metrics", "work" */
    struct tb_custom_metric *metric;
    const struct yaml_node *file;
    size_t places; /* keys that say where the number stands */
    bool has_margin;
};

static enum tb_status read_owned(const struct number_reading *reading, const struct yaml_node *value, size_t most,
                                 char **owned)
{
    const struct yaml_document *document = &reading->manifest->document;
    char name[64];
    const char *text = "";
    snprintf(name, sizeof name, "%s: %s", reading->key, value->key);
    const enum tb_status status = tb_yaml_text(document, value, name, &text);
    if (status != TB_OK)
        return status;
    if (strlen(text) > most)
        return tb_yaml_fail(document, TB_USAGE, value, "%s: expected at most %zu bytes", name, most);
    return tb_manifest_keep_text(reading->manifest, owned, text);
}

static enum tb_status read_place(struct number_reading *reading, const struct yaml_node *value,
                                 enum tb_number_form form)
{
    const struct yaml_document *document = &reading->manifest->document;
    const enum tb_status status = read_owned(reading, value, TB_NUMBER_PLACE_LENGTH, &reading->metric->text);
    if (status != TB_OK)
        return status;
    const char *fault = tb_number_place_fault(form, reading->metric->text);
    if (fault != NULL)
        return tb_yaml_fail(document, TB_USAGE, value, "%s: %s: '%.100s': %s", reading->key, value->key, value->text,
                            fault);
    if (reading->places++ > 0)
        return tb_yaml_fail_key(document, value, "%s: expected one key that says where the number stands, found two",
                                reading->key);
    reading->metric->form = form;
    return TB_OK;
}

static enum tb_status read_value(void *context, const struct yaml_node *value)
{
    return read_place(context, value, TB_NUMBER_VALUE);
}

static enum tb_status read_json(void *context, const struct yaml_node *value)
{
    return read_place(context, value, TB_NUMBER_JSON);
}

static enum tb_status read_column(void *context, const struct yaml_node *value)
{
    return read_place(context, value, TB_NUMBER_COLUMN);
}

static enum tb_status read_regex(void *context, const struct yaml_node *value)
{
    return read_place(context, value, TB_NUMBER_REGEX);
}

static enum tb_status read_line_key(void *context, const struct yaml_node *value)
{
    return read_place(context, value, TB_NUMBER_KEY);
}

static enum tb_status read_take(void *context, const struct yaml_node *value)
{
    struct number_reading *reading = context;
    struct tb_number_take take;
    if (value->kind != YAML_SCALAR || !tb_number_take_read(value->text, &take)) {
        char found[YAML_FOUND_SIZE];
        return tb_yaml_fail(&reading->manifest->document, TB_USAGE, value,
                            "%s: take: expected last, first, sum, mean, minimum, maximum, median or a quantile as p99, "
                            "found %s",
                            reading->key, tb_yaml_found(value, found));
    }
    return tb_manifest_keep_text(reading->manifest, &reading->metric->take, value->text);
}

static enum tb_status read_file(void *context, const struct yaml_node *value)
{
    struct number_reading *reading = context;
    reading->file = value;
    return TB_OK;
}

static bool is_metric_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    static const char others[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    return name[0] != '\0' && strchr(letters, name[0]) != NULL && strspn(name, others) == strlen(name);
}

static enum tb_status read_name(void *context, const struct yaml_node *value)
{
    enum { NAME_LENGTH = 60 };
    struct number_reading *reading = context;
    const struct tb_campaign *campaign = reading->manifest->campaign;
    const enum tb_status status = read_owned(reading, value, NAME_LENGTH, &reading->metric->name);
    if (status != TB_OK)
        return status;
    if (!is_metric_name(value->text))
        return tb_yaml_fail(&reading->manifest->document, TB_USAGE, value,
                            "metrics: name: expected a small letter, then letters, digits and '_', found '%.60s'",
                            value->text);
    for (const struct tb_custom_metric *other = campaign->metrics; other < reading->metric; other++)
        if (strcmp(other->name, value->text) == 0)
            return tb_yaml_fail(&reading->manifest->document, TB_USAGE, value, "metrics: two are named '%s'",
                                value->text);
    return TB_OK;
}

static enum tb_status read_unit(void *context, const struct yaml_node *value)
{
    enum { UNIT_LENGTH = 30 };
    struct number_reading *reading = context;
    return read_owned(reading, value, UNIT_LENGTH, &reading->metric->unit);
}

static enum tb_status read_meaning(void *context, const struct yaml_node *value)
{
    enum { MEANING_LENGTH = 300 };
    struct number_reading *reading = context;
    return read_owned(reading, value, MEANING_LENGTH, &reading->metric->sentence);
}

static enum tb_status read_choice(const struct number_reading *reading, const struct yaml_node *value,
                                  const char *const *words, size_t count, unsigned *choice)
{
    char name[64];
    snprintf(name, sizeof name, "metrics: %s", value->key);
    return tb_yaml_choice(&reading->manifest->document, value, name, words, count, choice);
}

static enum tb_status read_level(void *context, const struct yaml_node *value)
{
    static const char *const words[TB_CUSTOM_LEVELS] = {"application", "operating system", "network"};
    struct number_reading *reading = context;
    return read_choice(reading, value, words, TB_CUSTOM_LEVELS, &reading->metric->level);
}

static enum tb_status read_role(void *context, const struct yaml_node *value)
{
    static const char *const words[TB_CUSTOM_ROLES] = {"client", "server", "both", "host"};
    struct number_reading *reading = context;
    return read_choice(reading, value, words, TB_CUSTOM_ROLES, &reading->metric->role);
}

static enum tb_status read_scale(void *context, const struct yaml_node *value)
{
    static const char *const words[TB_CUSTOM_SCALES] = {"ratio", "difference"};
    struct number_reading *reading = context;
    return read_choice(reading, value, words, TB_CUSTOM_SCALES, &reading->metric->scale);
}

static enum tb_status read_margin(void *context, const struct yaml_node *value)
{
    struct number_reading *reading = context;
    reading->has_margin = true;
    return tb_yaml_number(&reading->manifest->document, value, "metrics: margin", 0, HUGE_VAL,
                          &reading->metric->margin);
}

static enum tb_status read_direction(void *context, const struct yaml_node *value)
{
    static const char *const words[] = {"larger", "smaller"};
    struct number_reading *reading = context;
    unsigned choice = 0;
    const enum tb_status status = read_choice(reading, value, words, 2, &choice);
    reading->metric->gain = choice == 0 ? TB_GAIN_LARGER : TB_GAIN_SMALLER;
    return status;
}

static enum tb_status read_pairs(void *context, const struct yaml_node *value)
{
    static const char *const words[TB_CUSTOM_COMBINATIONS] = {"sum", "mean", "weighted", "maximum"};
    struct number_reading *reading = context;
    return read_choice(reading, value, words, TB_CUSTOM_COMBINATIONS, &reading->metric->combination);
}

static const struct yaml_key place_keys[] = {{"file", read_file},     {"value", read_value}, {"json", read_json},
                                             {"column", read_column}, {"regex", read_regex}, {"key", read_line_key},
                                             {"take", read_take}};

static const struct yaml_key metric_keys[] = {
    {"name", read_name},   {"unit", read_unit},    {"meaning", read_meaning}, {"level", read_level},
    {"role", read_role},   {"scale", read_scale},  {"margin", read_margin},   {"direction", read_direction},
    {"pairs", read_pairs}, {"file", read_file},    {"json", read_json},       {"column", read_column},
    {"regex", read_regex}, {"key", read_line_key}, {"take", read_take}};

static const char place_expected[] = "expected file and one of json, column, regex and key";

static enum tb_status check_place(const struct number_reading *reading, const struct yaml_node *node,
                                  const char *expected)
{
    const struct tb_custom_metric *metric = reading->metric;
    const bool chooses = metric->form == TB_NUMBER_COLUMN || metric->form == TB_NUMBER_REGEX ||
                         metric->form == TB_NUMBER_KEY || metric->form == TB_NUMBER_VALUE;
    if (reading->file == NULL || reading->places == 0)
        return tb_yaml_fail(&reading->manifest->document, TB_USAGE, node, "%s: %s", reading->key, expected);
    if (metric->take != NULL && !chooses)
        return tb_yaml_fail(&reading->manifest->document, TB_USAGE, node,
                            "%s: take: a JSON pointer leads to one number", reading->key);
    return metric->take != NULL ? TB_OK : tb_manifest_keep_text(reading->manifest, &reading->metric->take, "last");
}

/* Two metrics that name one path are read from one file. */
static size_t find_file(const struct manifest *manifest, const struct yaml_node *node)
{
    for (size_t i = 0; i < manifest->rules.count; i++) {
        const struct artifact_rule *rule = &manifest->rules.rules[i];
        if (rule->kind == TB_ARTIFACT_NUMBERS && rule->alternative_count == 1 && node->kind == YAML_SCALAR &&
            strcmp(rule->alternatives[0].text, node->text) == 0)
            return rule->file;
    }
    return TB_NUMBER_FILES_MOST;
}

static enum tb_status add_file(const struct number_reading *reading)
{
    struct manifest *manifest = reading->manifest;
    struct tb_campaign *campaign = manifest->campaign;
    reading->metric->file = find_file(manifest, reading->file);
    if (reading->metric->file < TB_NUMBER_FILES_MOST)
        return TB_OK;
    if (campaign->number_file_count == TB_NUMBER_FILES_MOST)
        return tb_yaml_fail(&manifest->document, TB_USAGE, reading->file,
                            "metrics: expected at most %d different files", TB_NUMBER_FILES_MOST);
    reading->metric->file = campaign->number_file_count;
    const enum tb_status status = tb_artifact_rules_add(
        manifest, reading->file,
        (struct artifact_rule){.key = "metrics", .kind = TB_ARTIFACT_NUMBERS, .file = reading->metric->file});
    if (status != TB_OK)
        return status;
    const struct artifact_rule *rule = &manifest->rules.rules[manifest->rules.count - 1];
    return tb_manifest_keep_text(manifest, &campaign->number_files[campaign->number_file_count++],
                                 rule->alternatives[0].text);
}

/* "The number at column 'ms' of gc.csv (p99)." */
static enum tb_status describe(const struct number_reading *reading)
{
    char text[2 * TB_NUMBER_PLACE_LENGTH];
    const struct tb_custom_metric *metric = reading->metric;
    if (metric->sentence != NULL)
        return TB_OK;
    snprintf(text, sizeof text, "The number at %s '%.200s' of %.100s%s%s%s.", tb_number_form_name(metric->form),
             metric->text, reading->manifest->campaign->number_files[metric->file],
             metric->form == TB_NUMBER_JSON ? "" : " (", metric->form == TB_NUMBER_JSON ? "" : metric->take,
             metric->form == TB_NUMBER_JSON ? "" : ")");
    return tb_manifest_keep_text(reading->manifest, &reading->metric->sentence, text);
}

static enum tb_status check_metric(const struct number_reading *reading, const struct yaml_node *node)
{
    enum { RATIO, DIFFERENCE };
    const struct tb_custom_metric *metric = reading->metric;
    if (metric->name == NULL)
        return tb_yaml_fail(&reading->manifest->document, TB_USAGE, node, "metrics: expected a key name");
    if ((metric->scale == DIFFERENCE) != reading->has_margin)
        return tb_yaml_fail(&reading->manifest->document, TB_USAGE, node,
                            metric->scale == DIFFERENCE
                                ? "metrics: %s: expected a key margin: differences up to it are close, in its unit"
                                : "metrics: %s: margin is for scale: difference; closeness holds for a ratio",
                            metric->name);
    return check_place(reading, node, place_expected);
}

static enum tb_status read_metric(struct manifest *manifest, const struct yaml_node *node)
{
    enum { MEAN = 1 };
    struct tb_custom_metric *metric = &manifest->campaign->metrics[manifest->campaign->metric_count++];
    struct number_reading reading = {.manifest = manifest, .key = "metrics", .metric = metric};
    metric->combination = MEAN;
    enum tb_status status = tb_yaml_map(&manifest->document, node, "metrics", metric_keys,
                                        sizeof metric_keys / sizeof metric_keys[0], &reading);
    if (status == TB_OK)
        status = check_metric(&reading, node);
    if (status == TB_OK && metric->unit == NULL)
        status = tb_manifest_keep_text(manifest, &metric->unit, "1");
    if (status == TB_OK)
        status = add_file(&reading);
    return status == TB_OK ? describe(&reading) : status;
}

enum tb_status tb_manifest_read_metrics(void *context, const struct yaml_node *value)
{
    struct manifest *manifest = context;
    struct tb_campaign *campaign = manifest->campaign;
    enum tb_status status = tb_yaml_expect(&manifest->document, value, YAML_LIST, "metrics", "a list of maps");
    if (status != TB_OK)
        return status;
    if (value->count > TB_CUSTOM_METRICS_MOST)
        return tb_yaml_fail(&manifest->document, TB_USAGE, value, "metrics: expected at most %d",
                            TB_CUSTOM_METRICS_MOST);
    campaign->metrics = calloc(value->count + 1, sizeof *campaign->metrics);
    campaign->number_files = calloc(TB_NUMBER_FILES_MOST, sizeof *campaign->number_files);
    if (campaign->metrics == NULL || campaign->number_files == NULL)
        return tb_error_memory(manifest->document.error, "the manifest");
    for (const struct yaml_node *node = value->first; node != NULL && status == TB_OK; node = node->next)
        status = read_metric(manifest, node);
    return status;
}

static bool has_pair(const struct artifact_rule *rule)
{
    bool has = true;
    for (size_t i = 0; i < rule->alternative_count; i++)
        has = has && tb_pattern_has_field(&rule->alternatives[i], FIELD_PAIR);
    return has;
}

static const struct artifact_rule *rule_of_file(const struct manifest *manifest, size_t file)
{
    for (size_t i = 0; i < manifest->rules.count; i++)
        if (manifest->rules.rules[i].kind == TB_ARTIFACT_NUMBERS && manifest->rules.rules[i].file == file)
            return &manifest->rules.rules[i];
    return NULL;
}

enum tb_status tb_manifest_check_metrics(const struct manifest *manifest)
{
    enum { SUM = 0 };
    const struct tb_campaign *campaign = manifest->campaign;
    bool tells_pairs = false;
    for (size_t i = 0; i < manifest->rules.count; i++)
        tells_pairs = tells_pairs || has_pair(&manifest->rules.rules[i]);
    for (size_t i = 0; i < campaign->metric_count && tells_pairs; i++) {
        const struct artifact_rule *rule = rule_of_file(manifest, campaign->metrics[i].file);
        if (campaign->metrics[i].combination == SUM && rule != NULL && !has_pair(rule))
            return tb_yaml_fail(&manifest->document, TB_USAGE, rule->node,
                                "metrics: %s: pairs: sum: a file without {pair} is of all pairs together",
                                campaign->metrics[i].name);
    }
    return TB_OK;
}

/* What the place says goes where the settings have it. */
static enum tb_status keep_work(struct manifest *manifest, const struct tb_custom_metric *place,
                                const struct yaml_node *file)
{
    struct tb_campaign *campaign = manifest->campaign;
    campaign->work_form = place->form;
    enum tb_status status = tb_manifest_keep_text(manifest, &campaign->work_take, place->take);
    if (status == TB_OK)
        status = tb_manifest_keep_text(manifest, &campaign->settings.work_selector, place->text);
    if (status == TB_OK)
        status = tb_artifact_rules_add(manifest, file, (struct artifact_rule){.key = "work", .kind = TB_ARTIFACT_WORK});
    return status;
}

static enum tb_status read_work_map(struct manifest *manifest, const struct yaml_node *value)
{
    struct tb_custom_metric place = {.form = TB_NUMBER_VALUE};
    struct number_reading reading = {.manifest = manifest, .key = "work", .metric = &place};
    enum tb_status status =
        tb_yaml_map(&manifest->document, value, "work", place_keys, sizeof place_keys / sizeof place_keys[0], &reading);
    if (status == TB_OK)
        status = check_place(&reading, value, "expected file and one of value, json, column, regex and key");
    if (status == TB_OK)
        status = keep_work(manifest, &place, reading.file);
    free(place.text);
    free(place.take);
    return status;
}

enum tb_status tb_manifest_read_work(void *context, const struct yaml_node *value)
{
    struct manifest *manifest = context;
    struct tb_settings *settings = &manifest->campaign->settings;
    if (value->kind != YAML_MAP) {
        unsigned choice = TB_WORK_AB;
        const enum tb_status status = tb_yaml_choice(&manifest->document, value, "work",
                                                     tb_setting_find("", "work")->words, TB_WORK_FILE, &choice);
        settings->work = (enum tb_work_source)choice;
        return status;
    }
    settings->work = TB_WORK_FILE;
    return read_work_map(manifest, value);
}
