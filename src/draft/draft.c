/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/draft/draft.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "draft_text.h"
#include "left_files.h"
#include "twinbed/campaign/layouts.h"

/* What one draft is made of. */
struct drafting {
    const struct tb_draft_request *request;
    struct survey survey;
    struct draft_runs runs;
    struct shape shape;
    struct run_files files;
    struct draft_rules *rules; /* in the survey's arena */
    struct draft_findings findings;
};

void tb_draft_free(struct tb_draft *draft)
{
    free(draft->text);
    tb_campaign_free(draft->campaign);
    for (size_t i = 0; i < draft->artifact_count; i++)
        free(draft->artifacts[i].patterns);
    for (size_t i = 0; i < draft->left_count; i++)
        free(draft->left[i].example);
    free(draft->left);
    *draft = (struct tb_draft){.text = NULL};
}

static enum tb_status out_of_memory(struct tb_error *error)
{
    return tb_error_memory(error, "a campaign file");
}

/* --- the text, and whether it loads --- */

/* A campaign is loaded from a file; this one has a name in memory only. */
static enum tb_status load(struct tb_draft *draft, struct tb_error *error)
{
    char path[64];
    const int file = memfd_create("campaign.yaml", MFD_CLOEXEC);
    if (file < 0)
        return tb_error_set(error, TB_INPUT_OUTPUT, "cannot make a file in memory: %s", strerror(errno));
    size_t written = 0;
    while (written < draft->size) {
        const ssize_t some = write(file, draft->text + written, draft->size - written);
        if (some <= 0 && errno != EINTR)
            break;
        written += some > 0 ? (size_t)some : 0;
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    const enum tb_status status =
        written < draft->size
            ? tb_error_set(error, TB_INPUT_OUTPUT, "cannot write a file in memory: %s", strerror(errno))
            : tb_campaign_load(path, NULL, &draft->campaign, error);
    close(file);
    return status;
}

/* Takes the text that write makes; false from it means that memory is short. */
static enum tb_status take_text(struct tb_draft *draft, const struct draft_findings *findings, struct arena *arena,
                                bool (*write)(const struct draft_findings *findings, struct arena *arena, FILE *output),
                                struct tb_error *error)
{
    free(draft->text);
    draft->text = NULL;
    FILE *stream = open_memstream(&draft->text, &draft->size);
    if (stream == NULL)
        return out_of_memory(error);
    const bool good = write(findings, arena, stream);
    if (fclose(stream) != 0 || !good)
        return out_of_memory(error);
    return load(draft, error);
}

/* --- what lies there --- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL || slash[1] == '\0' ? path : slash + 1;
}

static enum tb_status look(struct drafting *drafting, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < drafting->request->count && status == TB_OK; i++)
        status = tb_survey_add(&drafting->survey, drafting->request->paths[i], error);
    if (status == TB_OK)
        status = tb_draft_runs_find(&drafting->survey, &drafting->runs, error);
    return status;
}

static enum tb_status find_patterns(struct drafting *drafting, struct tb_error *error)
{
    struct survey *const survey = &drafting->survey;
    const char *names[TB_DRAFT_ROOTS_MOST] = {NULL};
    for (size_t i = 0; i < survey->root_count; i++)
        names[i] = base_name(survey->roots[i]);
    drafting->shape = (struct shape){.arena = &survey->arena};
    enum tb_status status = tb_shape_find(&drafting->shape, drafting->runs.items, drafting->runs.count,
                                          drafting->runs.are_files, drafting->request->testbeds, names, error);
    /* Without patterns each run is named, and no form of a name is asked for. */
    if (drafting->shape.too_many)
        drafting->shape.item_count = 0;
    if (status == TB_OK)
        status = tb_run_files_find(survey, &drafting->shape, drafting->runs.items, drafting->runs.count,
                                   &drafting->files, error);
    return status;
}

static enum tb_status find_rules(struct drafting *drafting, struct tb_error *error)
{
    struct survey *const survey = &drafting->survey;
    const bool each = drafting->runs.are_files && drafting->shape.item_count > 1;
    const size_t count = each ? drafting->shape.item_count : 1;
    enum tb_status status = TB_OK;
    drafting->rules = tb_arena_allocate(&survey->arena, count, sizeof *drafting->rules);
    if (drafting->rules == NULL)
        return out_of_memory(error);
    for (size_t i = 0; i < count && status == TB_OK; i++)
        status = tb_draft_rules_find(survey, &drafting->shape, drafting->runs.items, drafting->runs.count,
                                     &drafting->files, each ? (int)i : RULE_ANY_ITEM, &drafting->rules[i], error);
    drafting->findings.rules = drafting->rules;
    drafting->findings.rule_count = count;
    return status;
}

/* --- what the records say --- */

static const struct survey_file *smallest(const struct survey *survey, enum tb_artifact_kind kind)
{
    const struct survey_file *found = NULL;
    for (size_t i = 0; i < survey->count; i++)
        if (survey->files[i].kind == kind && (found == NULL || survey->files[i].size < found->size))
            found = &survey->files[i];
    return found;
}

/* The smallest trace whose path speaks of a role, or of none. */
static const struct survey_file *smallest_trace(const struct survey *survey, enum tb_role role)
{
    const struct survey_file *found = NULL;
    for (size_t i = 0; i < survey->count; i++) {
        const struct survey_file *const file = &survey->files[i];
        struct draft_rule rule;
        if (file->kind != TB_ARTIFACT_TRACE)
            continue;
        tb_draft_rule_describe(file, file->path, &rule);
        if (rule.role == role && (found == NULL || file->size < found->size))
            found = file;
    }
    return found;
}

static void find_port(struct drafting *drafting)
{
    struct survey *const survey = &drafting->survey;
    struct draft_findings *const findings = &drafting->findings;
    const struct survey_file *ab = smallest(survey, TB_ARTIFACT_AB);
    const struct survey_file *capture = smallest(survey, TB_ARTIFACT_CAPTURE);
    findings->has_workload = ab != NULL;
    findings->has_ab = ab != NULL && !tb_survey_is_of_other_tool(ab);
    const char *path = ab == NULL ? NULL : tb_survey_path(survey, ab);
    if (path != NULL)
        findings->port = tb_evidence_port_of_ab(path);
    if (findings->port != 0 || capture == NULL)
        return;
    path = tb_survey_path(survey, capture);
    findings->port = path == NULL ? 0 : tb_evidence_port_of_capture(path);
    findings->port_is_needed = true;
}

/* The files of the trace that file is one of, when strace wrote one for each process; else that file alone. Their paths,
 * in the survey's arena; NULL when memory is short. */
static const char **files_of_trace(struct survey *survey, const struct survey_file *file, size_t *count)
{
    const size_t stem = tb_draft_process_stem(file->path);
    const char **const paths = tb_arena_allocate(&survey->arena, stem == 0 ? 1 : survey->count, sizeof *paths);
    *count = 0;
    for (size_t i = 0; i < survey->count && paths != NULL && stem != 0; i++) {
        const struct survey_file *const other = &survey->files[i];
        if (other->root == file->root && tb_draft_process_stem(other->path) == stem &&
            memcmp(other->path, file->path, stem) == 0)
            paths[(*count)++] = tb_survey_path(survey, other);
    }
    if (paths != NULL && *count == 0)
        paths[(*count)++] = tb_survey_path(survey, file);
    return survey->arena.failed ? NULL : paths;
}

/* Takes what a trace says that is not known yet. */
static enum tb_status ask_trace(struct drafting *drafting, const struct survey_file *file, struct trace_evidence *said,
                                struct tb_error *error)
{
    struct trace_evidence *const known = &drafting->findings.processes;
    const uint16_t port = drafting->findings.port_is_needed ? 0 : drafting->findings.port;
    size_t count;
    const char *const *paths = file == NULL ? NULL : files_of_trace(&drafting->survey, file, &count);
    *said = (struct trace_evidence){.client = ""};
    if (paths == NULL)
        return TB_OK;
    drafting->findings.has_traces = true;
    const enum tb_status status = tb_evidence_of_trace(paths, count, port, said, error);
    if (known->client[0] == '\0')
        memcpy(known->client, said->client, sizeof known->client);
    if (known->server[0] == '\0')
        memcpy(known->server, said->server, sizeof known->server);
    return status;
}

static enum tb_status find_processes(struct drafting *drafting, struct tb_error *error)
{
    static const enum tb_role roles[] = {TB_ROLE_CLIENT, TB_ROLE_SERVER, TB_ROLE_NONE};
    struct trace_evidence said;
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < 3 && status == TB_OK; i++)
        status = ask_trace(drafting, smallest_trace(&drafting->survey, roles[i]), &said, error);
    return status;
}

/* --- traces that hold the other end, or whose name does not say which --- */

static struct draft_rule *rule_of_trace(struct draft_rules *rules, enum tb_role role)
{
    for (size_t i = 0; i < rules->count; i++)
        if (rules->items[i].kind == TB_ARTIFACT_TRACE && rules->items[i].role == role)
            return &rules->items[i];
    return NULL;
}

static void add_alternatives(struct draft_rule *to, const struct draft_rule *from)
{
    for (size_t i = 0; i < from->alternative_count && to->alternative_count < RULE_MOST_ALTERNATIVES; i++)
        to->alternatives[to->alternative_count++] = from->alternatives[i];
}

/* A rule without a role becomes one of each role that the trace plays, of the client where it plays none. */
static enum tb_status place_trace(struct drafting *drafting, struct draft_rules *rules, struct tb_error *error)
{
    struct draft_rule *const rule = rule_of_trace(rules, TB_ROLE_NONE);
    struct trace_evidence said;
    if (rule == NULL)
        return TB_OK;
    const enum tb_status status = ask_trace(drafting, rule->sample, &said, error);
    const bool serves = said.server[0] != '\0';
    const bool connects = said.client[0] != '\0' || !serves;
    const struct draft_rule copy = *rule;
    struct draft_rule *const client = rule_of_trace(rules, TB_ROLE_CLIENT);
    struct draft_rule *const server = rule_of_trace(rules, TB_ROLE_SERVER);
    if (serves && server != NULL)
        add_alternatives(server, &copy);
    if (connects && client != NULL)
        add_alternatives(client, &copy);
    rule->role = connects && client == NULL ? TB_ROLE_CLIENT : serves && server == NULL ? TB_ROLE_SERVER : TB_ROLE_NONE;
    if (rule->role == TB_ROLE_NONE)
        rule->alternative_count = 0;
    if (serves && server == NULL && rule->role == TB_ROLE_CLIENT && rules->count < RULES_MOST) {
        rules->items[rules->count] = copy;
        rules->items[rules->count++].role = TB_ROLE_SERVER;
    }
    return status;
}

/* Runs without a trace of one role may have it in that of the other, where both ends are on one machine. */
static enum tb_status share_trace(struct drafting *drafting, struct draft_rules *rules, enum tb_role role,
                                  struct tb_error *error)
{
    const enum tb_role other = role == TB_ROLE_CLIENT ? TB_ROLE_SERVER : TB_ROLE_CLIENT;
    struct draft_rule *rule = rule_of_trace(rules, role);
    const struct draft_rule *const from = rule_of_trace(rules, other);
    struct trace_evidence said;
    if (from == NULL || (rule != NULL && rule->without == NULL))
        return TB_OK;
    const enum tb_status status = ask_trace(drafting, rule == NULL ? from->sample : rule->without, &said, error);
    if (status != TB_OK || (role == TB_ROLE_CLIENT ? said.client : said.server)[0] == '\0')
        return status;
    if (rule == NULL && rules->count < RULES_MOST) {
        rule = &rules->items[rules->count++];
        *rule = (struct draft_rule){.kind = TB_ARTIFACT_TRACE, .role = role};
    }
    if (rule != NULL)
        add_alternatives(rule, rule_of_trace(rules, other));
    return status;
}

static enum tb_status settle_traces(struct drafting *drafting, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < drafting->findings.rule_count && status == TB_OK; i++) {
        status = place_trace(drafting, &drafting->rules[i], error);
        if (status == TB_OK)
            status = share_trace(drafting, &drafting->rules[i], TB_ROLE_SERVER, error);
        if (status == TB_OK)
            status = share_trace(drafting, &drafting->rules[i], TB_ROLE_CLIENT, error);
    }
    return status;
}

/* --- the draft --- */

static bool is_known(const struct tb_draft *draft, const struct draft_rule *rule)
{
    for (size_t i = 0; i < draft->artifact_count; i++)
        if (draft->artifacts[i].kind == rule->kind && draft->artifacts[i].role == rule->role &&
            draft->artifacts[i].point == rule->point)
            return true;
    return false;
}

static bool add_artifact(struct tb_draft *draft, const struct draft_rule *rule, const char *patterns)
{
    if (draft->artifact_count == TB_DRAFT_ARTIFACTS_MOST)
        return true;
    struct tb_draft_artifact *const artifact = &draft->artifacts[draft->artifact_count];
    *artifact = (struct tb_draft_artifact){.kind = rule->kind,
                                           .role = rule->role,
                                           .point = rule->point,
                                           .patterns = patterns == NULL ? NULL : strdup(patterns)};
    if (artifact->patterns == NULL)
        return false;
    draft->artifact_count++;
    return true;
}

static bool note_rules(struct drafting *drafting, struct tb_draft *draft)
{
    bool good = true;
    for (size_t i = 0; i < drafting->findings.rule_count; i++)
        for (size_t j = 0; j < drafting->rules[i].count && good; j++) {
            const struct draft_rule *const rule = &drafting->rules[i].items[j];
            if (rule->alternative_count > 0 && !is_known(draft, rule))
                good = add_artifact(draft, rule, tb_draft_rule_text(&drafting->survey.arena, rule));
        }
    return good;
}

/* Of a layout that is known the rules are many; a file says as much. */
static bool note_examples(struct tb_draft *draft)
{
    const struct tb_campaign *const campaign = draft->campaign;
    const size_t length = strlen(campaign->root);
    bool good = true;
    for (size_t i = 0; i < campaign->artifact_count && good; i++) {
        const struct tb_artifact *const artifact = &campaign->artifacts[i];
        const struct draft_rule rule = {.kind = artifact->kind, .role = artifact->role, .point = artifact->point};
        const bool is_below = strncmp(artifact->path, campaign->root, length) == 0 && artifact->path[length] == '/';
        if (artifact->exists && !is_known(draft, &rule))
            good = add_artifact(draft, &rule, artifact->path + (is_below ? length + 1 : 0));
    }
    return good;
}

static enum tb_status draft_layout(struct drafting *drafting, enum tb_layout layout, struct tb_draft *draft,
                                   struct tb_error *error)
{
    const struct tb_layout_processes processes = {.client = drafting->findings.processes.client,
                                                  .server = drafting->findings.processes.server};
    FILE *stream = open_memstream(&draft->text, &draft->size);
    if (stream == NULL)
        return out_of_memory(error);
    enum tb_status status = tb_layout_write_manifest(layout, drafting->survey.roots[0], &processes, stream, error);
    if (fclose(stream) != 0 && status == TB_OK)
        status = out_of_memory(error);
    if (status == TB_OK)
        status = load(draft, error);
    static const char *const names[] = {
        [TB_LAYOUT_QUE] = "que", [TB_LAYOUT_SCORCH] = "scorch", [TB_LAYOUT_MINICCC] = "miniccc"};
    draft->layout = names[layout];
    return status == TB_OK && !note_examples(draft) ? out_of_memory(error) : status;
}

/* TB_NOT_FOUND when the directory is of neither layout. */
static enum tb_status draft_known_layout(struct drafting *drafting, struct tb_draft *draft, struct tb_error *error)
{
    const enum tb_draft_layout asked = drafting->request->layout;
    enum tb_status status = TB_NOT_FOUND;
    if (drafting->survey.root_count > 1 || drafting->survey.root_is_file[0])
        return status;
    if (asked == TB_DRAFT_ANY || asked == TB_DRAFT_QUE)
        status = draft_layout(drafting, TB_LAYOUT_QUE, draft, error);
    if (asked == TB_DRAFT_SCORCH ||
        (status == TB_NOT_FOUND && asked == TB_DRAFT_ANY && drafting->survey.has_loop_name)) {
        tb_draft_free(draft);
        status = draft_layout(drafting, TB_LAYOUT_SCORCH, draft, error);
    }
    if (asked == TB_DRAFT_MINICCC ||
        (status == TB_NOT_FOUND && asked == TB_DRAFT_ANY && drafting->survey.has_responses)) {
        tb_draft_free(draft);
        status = draft_layout(drafting, TB_LAYOUT_MINICCC, draft, error);
    }
    return status;
}

/* Patterns match what nobody meant, too; what of that holds nothing is discarded. */
static enum tb_status leave_out_empty_runs(struct drafting *drafting, struct tb_draft *draft, struct tb_error *error)
{
    struct tb_campaign *const campaign = draft->campaign;
    size_t empty = 0;
    for (size_t i = 0; i < campaign->run_count; i++)
        empty += tb_run_is_empty(campaign, &campaign->runs[i]);
    if (empty == 0 || empty == campaign->run_count)
        return TB_OK;
    draft->campaign = NULL;
    drafting->findings.empty_runs_of = campaign;
    const enum tb_status status =
        take_text(draft, &drafting->findings, &drafting->survey.arena, tb_draft_write_patterns, error);
    drafting->findings.empty_runs_of = NULL;
    tb_campaign_free(campaign);
    return status;
}

static enum tb_status draft_found(struct drafting *drafting, struct tb_draft *draft, struct tb_error *error)
{
    struct arena *const arena = &drafting->survey.arena;
    const bool one_root = drafting->survey.root_count == 1;
    const bool has_patterns = !drafting->shape.too_many;
    enum tb_status status =
        has_patterns ? take_text(draft, &drafting->findings, arena, tb_draft_write_patterns, error)
                     : tb_error_set(error, TB_USAGE, "%s and %s: the names of the runs have nothing in common",
                                    drafting->request->paths[0], drafting->request->paths[one_root ? 0 : 1]);
    draft->layout = "";
    if (status == TB_OK)
        status = leave_out_empty_runs(drafting, draft, error);
    /* Patterns that read a name in two ways, and the like: then each run is named. */
    if (status == TB_USAGE && one_root)
        status = take_text(draft, &drafting->findings, arena, tb_draft_write_list, error);
    return status == TB_OK && !note_rules(drafting, draft) ? out_of_memory(error) : status;
}

static enum tb_status fail_nothing_found(const struct drafting *drafting, struct tb_error *error)
{
    const struct survey *const survey = &drafting->survey;
    const char *what = survey->count > 0 ? survey->files[0].what : "";
    return tb_error_set(
        error, TB_NOT_FOUND,
        "%s: no output of ab, trace, capture or report of owping among %zu files in %zu directories%s%s",
        drafting->request->paths[0], survey->count, survey->directories, what[0] != '\0' ? "; the first is " : "",
        what);
}

static void count(const struct survey *survey, struct tb_draft *draft)
{
    draft->directories = survey->directories;
    draft->files = survey->count;
    draft->loops = survey->loops;
    draft->unreadable = survey->unreadable;
    draft->odd_names = survey->odd_names;
    draft->limited = survey->limited;
}

static enum tb_status make(struct drafting *drafting, struct tb_draft *draft, struct tb_error *error)
{
    enum tb_status status = look(drafting, error);
    if (status != TB_OK)
        return status;
    find_port(drafting);
    status = find_processes(drafting, error);
    if (status == TB_OK)
        status = draft_known_layout(drafting, draft, error);
    if (status == TB_NOT_FOUND && drafting->request->layout == TB_DRAFT_ANY) {
        tb_draft_free(draft);
        if (drafting->runs.count == 0)
            return fail_nothing_found(drafting, error);
        status = find_patterns(drafting, error);
        if (status == TB_OK)
            status = find_rules(drafting, error);
        if (status == TB_OK)
            status = settle_traces(drafting, error);
        if (status == TB_OK)
            status = draft_found(drafting, draft, error);
    }
    if (status == TB_OK)
        status = tb_left_files_find(&drafting->survey, draft, error);
    count(&drafting->survey, draft);
    return status;
}

enum tb_status tb_draft_make(const struct tb_draft_request *request, struct tb_draft *draft, struct tb_error *error)
{
    struct drafting drafting = {.request = request};
    drafting.findings = (struct draft_findings){.survey = &drafting.survey,
                                                .runs = &drafting.runs,
                                                .shape = &drafting.shape,
                                                .files = &drafting.files,
                                                .baseline = request->testbeds[0]};
    *draft = (struct tb_draft){.text = NULL};
    const enum tb_status status = make(&drafting, draft, error);
    tb_survey_free(&drafting.survey);
    if (status != TB_OK)
        tb_draft_free(draft);
    return status;
}
