/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "draft_text.h"

#include <string.h>

#include "campaign/layouts/layout_writer.h"
#include "campaign/manifest/pattern.h"
#include "field_names.h"

static void print_text(FILE *output, const char *text)
{
    tb_layout_print_text(output, text, false);
}

const char *tb_draft_rule_text(struct arena *arena, const struct draft_rule *rule)
{
    const char *text = rule->alternative_count == 0 ? "" : rule->alternatives[0].pattern;
    for (size_t i = 1; i < rule->alternative_count && text != NULL; i++)
        text = tb_arena_print(arena, "%s, %s", text, rule->alternatives[i].pattern);
    return text;
}

/* --- patterns of runs --- */

/* Absolute where there are several roots: they have nothing in common but the root of all. */
static const char *root_of_all(const struct draft_findings *findings)
{
    return findings->survey->root_count > 1 ? "/" : findings->survey->roots[0];
}

static const char *prefix_of(const struct draft_findings *findings, struct arena *arena, size_t root)
{
    const char *path = findings->survey->roots[root];
    return findings->survey->root_count > 1 ? tb_literal_pattern(arena, path + 1, strlen(path + 1), false) : "";
}

static const char *append(struct arena *arena, const char *pattern, const char *text, size_t length)
{
    const char *literal = tb_literal_pattern(arena, text, length, false);
    return pattern == NULL || literal == NULL ? NULL : tb_arena_print(arena, "%s%s", pattern, literal);
}

/* The pattern of one level. */
static const char *append_level(struct arena *arena, const char *pattern, const struct shape_item *item, size_t level)
{
    const struct shape_form *const form = item->forms[level];
    for (size_t i = 0; i < form->column_count && pattern != NULL; i++) {
        const struct token *const token = &form->columns[i].token;
        const struct shape_field *const field = tb_shape_field_at(item, level, i);
        const bool in_parts = token->class == TOKEN_NUMBER;
        pattern = append(arena, pattern, token->before, token->before_length);
        if (field == NULL) {
            pattern = append(arena, pattern, token->text, token->length);
            continue;
        }
        pattern = append(arena, pattern, token->text, in_parts ? token->prefix : 0);
        if (pattern != NULL)
            pattern = tb_arena_print(arena, "%s{%s}", pattern, field->name);
        if (in_parts)
            pattern = append(arena, pattern, token->text + token->length - token->suffix, token->suffix);
    }
    return append(arena, pattern, form->tail, strlen(form->tail));
}

static const char *item_pattern(const struct draft_findings *findings, struct arena *arena,
                                const struct shape_item *item)
{
    const char *pattern = prefix_of(findings, arena, item->root);
    for (size_t level = 0; level < item->level_count && pattern != NULL; level++)
        pattern =
            append_level(arena, pattern[0] == '\0' ? pattern : tb_arena_print(arena, "%s/", pattern), item, level);
    return pattern != NULL && pattern[0] == '\0' ? "." : pattern;
}

/* --- artifacts --- */

static void print_paths(FILE *output, const struct draft_rule *rule)
{
    if (rule->alternative_count == 1) {
        print_text(output, rule->alternatives[0].pattern);
        return;
    }
    fputc('[', output);
    for (size_t i = 0; i < rule->alternative_count; i++) {
        fputs(i == 0 ? "" : ", ", output);
        print_text(output, rule->alternatives[i].pattern);
    }
    fputc(']', output);
}

/* A key of artifacts, and under which key of its map each kind, role or point stands. */
static const struct {
    const char *key;
    enum tb_artifact_kind kinds[3];
    size_t kind_count;
} artifact_keys[] = {
    {"ab", {TB_ARTIFACT_AB, TB_ARTIFACT_AB_CSV, TB_ARTIFACT_AB_TSV}, 3},
    {"workload", {TB_ARTIFACT_AB}, 1},
    {"latency", {TB_ARTIFACT_LATENCY}, 1},
    {"capture", {TB_ARTIFACT_CAPTURE}, 1},
    {"trace", {TB_ARTIFACT_TRACE}, 1},
    {"counters", {TB_ARTIFACT_COUNTERS}, 1},
    {"capture_log", {TB_ARTIFACT_CAPTURE_LOG}, 1},
    {"kernel_log", {TB_ARTIFACT_KERNEL_LOG}, 1},
};

/* What another program than ab says of its workload has a key of its own, though it is read as ab's text is. */
static bool is_of_other_tool(const struct draft_rule *rule)
{
    return rule->kind == TB_ARTIFACT_AB && rule->sample != NULL && tb_survey_is_of_other_tool(rule->sample);
}

static const char *key_of(const struct draft_rule *rule)
{
    switch (rule->kind) {
    case TB_ARTIFACT_AB:
        return is_of_other_tool(rule) ? NULL : "text";
    case TB_ARTIFACT_AB_CSV:
        return "csv";
    case TB_ARTIFACT_AB_TSV:
        return "tsv";
    case TB_ARTIFACT_CAPTURE:
    case TB_ARTIFACT_CAPTURE_LOG:
        return tb_point_name(rule->point);
    case TB_ARTIFACT_TRACE:
    case TB_ARTIFACT_KERNEL_LOG:
        return tb_role_name(rule->role);
    default:
        return NULL;
    }
}

static bool is_of_key(const struct draft_rule *rule, size_t key)
{
    for (size_t i = 0; i < artifact_keys[key].kind_count; i++)
        if (rule->kind == artifact_keys[key].kinds[i])
            return rule->alternative_count > 0 &&
                   (rule->kind != TB_ARTIFACT_AB ||
                    is_of_other_tool(rule) == (strcmp(artifact_keys[key].key, "workload") == 0));
    return false;
}

static void print_key(FILE *output, const struct draft_rules *rules, size_t key)
{
    bool begun = false, in_map = false;
    for (size_t i = 0; i < rules->count; i++) {
        const struct draft_rule *const rule = &rules->items[i];
        if (!is_of_key(rule, key))
            continue;
        in_map = key_of(rule) != NULL;
        if (!begun)
            fprintf(output, "%s: %s", artifact_keys[key].key, in_map ? "{" : "");
        fprintf(output, "%s%s%s", begun ? ", " : "", in_map ? key_of(rule) : "", in_map ? ": " : "");
        print_paths(output, rule);
        begun = true;
    }
    fputs(begun && in_map ? "}" : "", output);
}

static bool has_key(const struct draft_rules *rules, size_t key)
{
    for (size_t i = 0; i < rules->count; i++)
        if (is_of_key(&rules->items[i], key))
            return true;
    return false;
}

enum { KEYS = sizeof artifact_keys / sizeof artifact_keys[0] };

static void print_artifacts_block(FILE *output, const struct draft_rules *rules)
{
    fputs("artifacts:\n", output);
    for (size_t key = 0; key < KEYS; key++) {
        if (!has_key(rules, key))
            continue;
        fputs("  ", output);
        print_key(output, rules, key);
        fputc('\n', output);
    }
}

static void print_artifacts_inline(FILE *output, const struct draft_rules *rules)
{
    bool begun = false;
    fputs("{", output);
    for (size_t key = 0; key < KEYS; key++) {
        if (!has_key(rules, key))
            continue;
        fputs(begun ? ", " : "", output);
        print_key(output, rules, key);
        begun = true;
    }
    fputs("}", output);
}

/* --- factors --- */

static bool is_factor(const struct shape_field *field)
{
    return strcmp(field->name, "testbed") != 0 && strcmp(field->name, "rep") != 0;
}

/* Items may read one name in different ways; then it is a text. */
static enum tb_factor_type type_of(const struct shape *shape, const struct shape_field *wanted)
{
    for (size_t i = 0; i < shape->item_count; i++)
        for (size_t f = 0; f < shape->items[i].field_count; f++)
            if (strcmp(shape->items[i].fields[f].name, wanted->name) == 0 &&
                shape->items[i].fields[f].type != wanted->type)
                return TB_FACTOR_TEXT;
    return wanted->type;
}

static bool is_first(const struct shape *shape, size_t item, size_t field)
{
    const char *name = shape->items[item].fields[field].name;
    for (size_t i = 0; i <= item; i++)
        for (size_t f = 0; f < (i == item ? field : shape->items[i].field_count); f++)
            if (strcmp(shape->items[i].fields[f].name, name) == 0)
                return false;
    return true;
}

static void print_factor(const struct shape *shape, const struct shape_field *field, struct arena *arena, FILE *output)
{
    static const char *const types[] = {"text", "number", "bytes", "rate", "boolean"};
    const enum tb_factor_type type = type_of(shape, field);
    const char *unit = field->unit[0] != '\0' ? field->unit : tb_field_name_unit(field->name);
    const char *example = tb_arena_copy(arena, field->example, field->example_length);
    fprintf(output, "  %s: {type: %s", field->name, types[type]);
    if (type == TB_FACTOR_NUMBER && unit[0] != '\0') {
        fputs(", unit: ", output);
        print_text(output, unit);
    }
    fputs("}    # guessed from ", output);
    print_text(output, example == NULL ? "" : example);
    fputc('\n', output);
}

static void print_factors(const struct shape *shape, struct arena *arena, FILE *output)
{
    bool begun = false;
    for (size_t i = 0; i < shape->item_count; i++)
        for (size_t f = 0; f < shape->items[i].field_count; f++) {
            if (!is_factor(&shape->items[i].fields[f]) || !is_first(shape, i, f))
                continue;
            fputs(begun ? "" : "factors:\n", output);
            print_factor(shape, &shape->items[i].fields[f], arena, output);
            begun = true;
        }
    for (size_t i = 0; i < shape->flag_count; i++) {
        fputs(begun ? "" : "factors:\n", output);
        fprintf(output, "  %s: {type: boolean}    # guessed: some names hold this word, others do not\n",
                shape->flags[i]);
        begun = true;
    }
}

/* --- runs --- */

static void print_item(const struct draft_findings *findings, size_t index, struct arena *arena, FILE *output)
{
    const struct shape *const shape = findings->shape;
    const struct shape_item *const item = &shape->items[index];
    const char *pattern = item_pattern(findings, arena, item);
    fputs("  - {path: ", output);
    print_text(output, pattern == NULL ? "" : pattern);
    if (item->testbed != NULL) {
        fputs(", testbed: ", output);
        print_text(output, item->testbed);
    }
    for (size_t i = 0; i < shape->flag_count; i++)
        fprintf(output, ", %s: %s", shape->flags[i], item->flags[i] ? "true" : "false");
    if (findings->rule_count > 1) {
        fputs(",\n     artifacts: ", output);
        print_artifacts_inline(output, &findings->rules[index]);
    }
    fprintf(output, "}    # %zu run%s\n", item->run_count, item->run_count == 1 ? "" : "s");
}

static void print_runs(const struct draft_findings *findings, struct arena *arena, FILE *output)
{
    const struct shape *const shape = findings->shape;
    if (shape->repetition_said != NULL)
        fprintf(output, "# guessed: {rep} %s.\n", shape->repetition_said);
    else
        fputs("# Nothing in the names was taken for a repetition.\n", output);
    if (shape->testbed_said != NULL)
        fprintf(output, "# guessed: {testbed} %s.\n", shape->testbed_said);
    else if (findings->baseline == NULL)
        fputs("# guessed: one testbed, called as the directory is.\n", output);
    if (shape->item_count == 1 && shape->flag_count == 0 && shape->items[0].testbed == NULL) {
        const char *pattern = item_pattern(findings, arena, &shape->items[0]);
        fputs("runs: ", output);
        print_text(output, pattern == NULL ? "" : pattern);
        fprintf(output, "    # %zu run%s\n", shape->items[0].run_count, shape->items[0].run_count == 1 ? "" : "s");
        return;
    }
    fputs("runs:\n", output);
    for (size_t i = 0; i < shape->item_count; i++)
        print_item(findings, i, arena, output);
}

/* --- the whole --- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL || slash[1] == '\0' ? path : slash + 1;
}

/* The text of a run's testbed. */
static const char *testbed_of(const struct draft_findings *findings, const struct shape_run *run, struct arena *arena)
{
    const struct shape_item *const item = &findings->shape->items[run->item];
    const char *components[SHAPE_MOST_LEVELS];
    size_t count;
    if (item->testbed != NULL || !tb_path_split(arena, run->path, components, &count))
        return item->testbed == NULL ? "" : item->testbed;
    for (size_t i = 0; i < item->field_count; i++) {
        const struct shape_field *const field = &item->fields[i];
        struct tokens tokens;
        if (strcmp(field->name, "testbed") != 0)
            continue;
        if (item->forms[field->level]->whole)
            return components[field->level];
        tb_tokens_split(components[field->level], item->is_file && field->level + 1 == item->level_count, &tokens);
        return tb_arena_copy(arena, tokens.items[field->column].text, tokens.items[field->column].length);
    }
    return "";
}

/* The testbed that is most like one without emulated devices, else the first by name. */
static const char *find_baseline(const struct draft_findings *findings, struct arena *arena, size_t *testbeds)
{
    const char *best = NULL;
    *testbeds = 0;
    for (size_t i = 0; i < findings->runs->count; i++) {
        const char *testbed = testbed_of(findings, &findings->runs->items[i], arena);
        if (testbed == NULL)
            return NULL;
        if (best == NULL || (strcmp(best, testbed) != 0 && *testbeds == 1))
            *testbeds = best == NULL ? 1 : 2;
        const unsigned score = tb_baseline_name_score(testbed);
        const unsigned best_score = best == NULL ? 0 : tb_baseline_name_score(best);
        if (best == NULL || score > best_score || (score == best_score && tb_natural_compare(testbed, best) < 0))
            best = testbed;
    }
    return best;
}

static void print_baseline(const struct draft_findings *findings, const char *baseline, size_t testbeds, FILE *output)
{
    fputs("baseline: ", output);
    print_text(output, baseline);
    if (findings->baseline != NULL)
        fputc('\n', output);
    else if (testbeds < 2)
        fputs("    # the only testbed\n", output);
    else if (tb_baseline_name_score(baseline) > 0)
        fputs("    # guessed from its name: nothing of it is emulated\n", output);
    else
        fputs("    # guessed: the first by name; put the testbed here that the others are compared with\n", output);
}

static void print_head(const struct draft_findings *findings, const char *baseline, size_t testbeds, FILE *output)
{
    fputs("# Drafted by twinbed init. This file, not the names of directories, is what counts from now on.\n"
          "# What was guessed says so: please check it, above all the baseline and the processes.\n"
          "campaign: ",
          output);
    print_text(output, findings->survey->root_count > 1 ? "comparison" : base_name(findings->survey->roots[0]));
    fputc('\n', output);
    print_baseline(findings, baseline, testbeds, output);
    fputs("root: ", output);
    print_text(output, root_of_all(findings));
    fputc('\n', output);
}

static void print_processes(const struct draft_findings *findings, FILE *output)
{
    const struct trace_evidence *const found = &findings->processes;
    if (!findings->has_traces)
        return;
    const char *client = found->client[0] != '\0' ? found->client : findings->has_ab ? "ab" : "";
    if (client[0] == '\0' && found->server[0] == '\0') {
        fputs("# process: {client: NAME, server: NAME}    # no process connects or accepts; see twinbed calls TRACE\n",
              output);
        return;
    }
    fputs("process: {", output);
    if (client[0] != '\0') {
        fputs("client: ", output);
        print_text(output, client);
    }
    if (found->server[0] != '\0') {
        fputs(client[0] != '\0' ? ", server: " : "server: ", output);
        print_text(output, found->server);
    }
    fprintf(output, "}    # guessed from the traces: %s%s%s\n", found->client[0] != '\0' ? "connects" : "",
            found->client[0] != '\0' && found->server[0] != '\0' ? ", " : "",
            found->server[0] != '\0'   ? "accepts"
            : found->client[0] != '\0' ? ""
                                       : "nothing; ab made the requests");
}

static void print_port(const struct draft_findings *findings, FILE *output)
{
    if (findings->port != 0 && findings->port_is_needed)
        fprintf(output, "server_port: %u    # guessed: most connections of a capture go there\n%s", findings->port,
                findings->has_workload
                    ? ""
                    : "work: connections    # guessed: no output of ab tells how many requests were completed\n");
    else if (findings->port != 0)
        fprintf(output, "# server_port: %u stands in the output of the workload, and need not be given.\n",
                findings->port);
}

static bool is_good(const struct arena *arena, FILE *output)
{
    return !arena->failed && ferror(output) == 0;
}

/* Directories that a pattern matches, too, such as links and notes, or runs of which nothing was kept. */
static void print_discarded(const struct draft_findings *findings, FILE *output)
{
    const struct tb_campaign *const campaign = findings->empty_runs_of;
    bool begun = false;
    for (size_t i = 0; campaign != NULL && i < campaign->run_count; i++) {
        if (!tb_run_is_empty(campaign, &campaign->runs[i]))
            continue;
        fputs(begun ? "" : "# guessed: what the patterns match but holds no artifact is no run.\ndiscard:\n", output);
        fputs("  - {run: ", output);
        print_text(output, campaign->runs[i].name);
        fputs(", reason: no artifact}\n", output);
        begun = true;
    }
}

bool tb_run_is_empty(const struct tb_campaign *campaign, const struct tb_run *run)
{
    for (size_t i = 0; i < run->artifact_count; i++)
        if (campaign->artifacts[run->first_artifact + i].exists)
            return false;
    return true;
}

bool tb_draft_write_patterns(const struct draft_findings *findings, struct arena *arena, FILE *output)
{
    size_t testbeds = 1;
    const char *baseline = findings->baseline != NULL ? findings->baseline : find_baseline(findings, arena, &testbeds);
    if (baseline == NULL)
        return false;
    print_head(findings, baseline, testbeds, output);
    print_runs(findings, arena, output);
    print_factors(findings->shape, arena, output);
    if (findings->rule_count == 1)
        print_artifacts_block(output, &findings->rules[0]);
    print_processes(findings, output);
    print_port(findings, output);
    print_discarded(findings, output);
    return is_good(arena, output);
}

/* --- run by run --- */

/* All of the run's path but its first and last name, as one text. */
static const char *scenario_of(struct arena *arena, const char *const *components, size_t count)
{
    const char *text = "";
    for (size_t i = 1; i + 1 < count && text != NULL; i++)
        text = tb_arena_print(arena, "%s%s%s", text, text[0] == '\0' ? "" : "/", components[i]);
    return text;
}

/* The paths of a run's files, each kind once. */
static void print_own_artifacts(const struct draft_findings *findings, size_t run, struct arena *arena, FILE *output)
{
    struct draft_rules rules = {.count = 0};
    for (size_t i = 0; i < findings->files->count; i++) {
        const struct survey_file *const file = findings->files->files[i];
        if (findings->files->runs[i] != run || rules.count == RULES_MOST)
            continue;
        const char *name = findings->runs->are_files ? base_name(file->path) : NULL;
        struct draft_rule rule;
        tb_draft_rule_describe(file, findings->files->tails[i], &rule);
        rule.alternatives[0].pattern =
            name == NULL ? findings->files->tails[i] : tb_literal_pattern(arena, name, strlen(name), true);
        rule.alternative_count = 1;
        bool is_known = rule.alternatives[0].pattern == NULL;
        for (size_t j = 0; j < rules.count; j++)
            is_known = is_known || (rules.items[j].kind == rule.kind && rules.items[j].role == rule.role &&
                                    rules.items[j].point == rule.point);
        if (!is_known)
            rules.items[rules.count++] = rule;
    }
    print_artifacts_inline(output, &rules);
}

static void print_listed_run(const struct draft_findings *findings, size_t index, struct arena *arena, FILE *output)
{
    const struct shape_run *const run = &findings->runs->items[index];
    const char *components[SHAPE_MOST_LEVELS];
    size_t count = 0;
    const char *path = "";
    if (!tb_path_split(arena, run->path, components, &count))
        return;
    for (size_t i = 0; i < count - (findings->runs->are_files && count > 0) && path != NULL; i++)
        path = append(arena, tb_arena_print(arena, "%s%s", path, path[0] == '\0' ? "" : "/"), components[i],
                      strlen(components[i]));
    fputs("  - {path: ", output);
    print_text(output, path == NULL || path[0] == '\0' ? "." : path);
    fputs(", testbed: ", output);
    print_text(output, count > 1 ? components[0] : base_name(findings->survey->roots[0]));
    if (count > 2) {
        const char *scenario = scenario_of(arena, components, count);
        fputs(", scenario: ", output);
        print_text(output, scenario == NULL ? "" : scenario);
    }
    fputs(", rep: ", output);
    print_text(output, count > 0 ? components[count - 1] : "1");
    fputs(",\n     artifacts: ", output);
    print_own_artifacts(findings, index, arena, output);
    fputs("}\n", output);
}

bool tb_draft_write_list(const struct draft_findings *findings, struct arena *arena, FILE *output)
{
    const char *components[SHAPE_MOST_LEVELS];
    size_t count = 0;
    const char *baseline = base_name(findings->survey->roots[0]);
    if (findings->runs->count > 0 && tb_path_split(arena, findings->runs->items[0].path, components, &count) &&
        count > 1)
        baseline = components[0];
    print_head(findings, baseline, 2, output);
    print_processes(findings, output);
    print_port(findings, output);
    fputs("# No pattern was found in the names. guessed: the first name of a path is the testbed, the last the "
          "repetition.\n"
          "runs:\n",
          output);
    for (size_t i = 0; i < findings->runs->count; i++)
        print_listed_run(findings, i, arena, output);
    return is_good(arena, output);
}
