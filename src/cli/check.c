/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "decode/file_kind.h"
#include "twinbed/analysis/analysis.h"
#include "twinbed/base/log.h"
#include "twinbed/base/printable.h"
#include "twinbed/campaign/outside.h"
#include "twinbed/campaign/presence.h"
#include "twinbed/decode/identify.h"

struct check_arguments {
    const char *campaign;
    struct value_list only;
    unsigned format;
    long long memory;
    bool confined, verbose;
};

static const struct parameter operand_table[] = {
    {.name = "CAMPAIGN", PARAMETER_FILE(struct check_arguments, campaign), .text = "the campaign file", .needed = true},
    {.name = NULL},
};

/* A table of tables is no CSV. */
enum { CHECK_TEXT, CHECK_JSON };
static const char *const formats[] = {[CHECK_TEXT] = "text", [CHECK_JSON] = "json", NULL};

static const struct parameter option_table[] = {
    {.name = "only",
     PARAMETER_LIST(struct check_arguments, only),
     .value = "FIELD=VALUE[,...]",
     .text = "only runs with these values; then files that nothing matched are not looked for"},
    {.name = "verbose", PARAMETER_FLAG(struct check_arguments, verbose), .text = "list every file"},
    CONFINED_OPTION(struct check_arguments, confined),
    MEMORY_OPTION(struct check_arguments, memory),
    {.name = "format",
     PARAMETER_WORD(struct check_arguments, format),
     .text = "how to print (default: text); JSON holds all",
     .words = formats},
    {.name = NULL},
};

/* Lines of files that are missing or bad, unless all are listed; columns of the table of testbeds. */
enum { MOST_PROBLEMS = 20, TABLE_WIDTH = 100 };

struct check {
    const struct tb_campaign *campaign;
    struct judgement *judgements; /* owned; one for each artifact */
    bool verbose;
    bool has_selection;
    size_t good;
    size_t missing;
    size_t bad;
    struct tb_error failure; /* of this process, not of a file */
};

/* What check says of one artifact: a format, or what is wrong. */
struct judgement {
    const char *word; /* ok, missing, bad, unknown; absent and discarded do not count */
    char *text;       /* owned; NULL: there is nothing to say */
};

/* The sentence without the path that stands beside it. */
static const char *without_path(const char *sentence, const char *path)
{
    const size_t length = strlen(path);
    const bool begins = strncmp(sentence, path, length) == 0 && strncmp(sentence + length, ": ", 2) == 0;
    return begins ? sentence + length + 2 : sentence;
}

static struct judgement out_of_memory(const char *text)
{
    return (struct judgement){.word = "unknown", .text = strdup(text)};
}

static struct judgement examine_file(const struct tb_campaign *campaign, const struct tb_artifact *artifact,
                                     size_t most)
{
    struct tb_error error = {0};
    char format[TB_FORMAT_TEXT_SIZE];
    struct judgement judgement = {.word = "ok"};
    const enum tb_status status = tb_artifact_identify(campaign, artifact, most, format, &error);
    if (status == TB_OK) {
        judgement.text = strdup(format);
    } else if (status == TB_MEMORY) {
        tb_error_name(&error, artifact->path);
        return out_of_memory(error.text);
    } else {
        judgement = (struct judgement){.word = "bad", .text = strdup(without_path(error.text, artifact->path))};
    }
    return judgement.text == NULL ? out_of_memory("out of memory for the sentences of a check") : judgement;
}

static struct judgement examine(const struct tb_campaign *campaign, const struct tb_artifact *artifact, size_t most)
{
    if (campaign->runs[artifact->run].discarded)
        return (struct judgement){.word = "discarded"};
    if (!artifact->exists)
        return (struct judgement){.word = tb_campaign_expects(campaign, artifact) ? "missing" : "absent"};
    return examine_file(campaign, artifact, most);
}

static bool is_judged(const struct judgement *judgement, const char *word)
{
    return strcmp(judgement->word, word) == 0;
}

static void count_judgement(struct check *check, const struct judgement *judgement)
{
    check->good += is_judged(judgement, "ok");
    check->missing += is_judged(judgement, "missing");
    check->bad += is_judged(judgement, "bad");
    if (is_judged(judgement, "unknown") && check->failure.status == TB_OK)
        (void)tb_error_set(&check->failure, TB_MEMORY, "%s",
                           judgement->text == NULL ? "out of memory" : judgement->text);
}

/* What is printed goes by the order of artifacts, whichever thread looked at them. False without memory. */
static bool examine_all(struct check *check)
{
    const struct tb_campaign *const campaign = check->campaign;
    const size_t most = tb_identify_most(campaign);
    check->judgements = calloc(campaign->artifact_count + 1, sizeof *check->judgements);
    if (check->judgements == NULL)
        return false;
#pragma omp parallel for schedule(dynamic, 16)
    for (size_t i = 0; i < campaign->artifact_count; i++)
        check->judgements[i] = examine(campaign, &campaign->artifacts[i], most);
    for (size_t i = 0; i < campaign->artifact_count; i++)
        count_judgement(check, &check->judgements[i]);
    return true;
}

static void free_judgements(struct check *check)
{
    for (size_t i = 0; check->judgements != NULL && i < check->campaign->artifact_count; i++)
        free(check->judgements[i].text);
    free(check->judgements);
}

static const char *text_of(const struct judgement *judgement)
{
    return judgement->text == NULL ? "" : judgement->text;
}

static void print_artifact(const struct tb_artifact *artifact, const struct judgement *judgement)
{
    tb_printable_print(stdout, "  %-8s %-8s %-7s %s%s%s\n", judgement->word, tb_artifact_kind_name(artifact->kind),
                       artifact->point != TB_POINT_NONE ? tb_point_name(artifact->point) : tb_role_name(artifact->role),
                       artifact->path, judgement->text == NULL ? "" : "  ", text_of(judgement));
}

/* Every file, or the first of those with which something is wrong. */
static void print_artifacts(const struct check *check, const struct tb_run *run, size_t *wrong)
{
    if (check->verbose)
        tb_printable_print(stdout, "%s%s%s\n", run->name, run->discarded ? "  discarded: " : "",
                           run->discarded ? run->discard_reason : "");
    for (size_t i = run->first_artifact; i < run->first_artifact + run->artifact_count; i++) {
        const struct judgement *const judgement = &check->judgements[i];
        const bool is_wrong = is_judged(judgement, "missing") || is_judged(judgement, "bad");
        *wrong += is_wrong;
        if (check->verbose ? !is_judged(judgement, "absent") : is_wrong && *wrong <= MOST_PROBLEMS)
            print_artifact(&check->campaign->artifacts[i], judgement);
    }
}

static void print_files(const struct check *check)
{
    size_t wrong = 0;
    for (size_t i = 0; i < check->campaign->run_count; i++)
        print_artifacts(check, &check->campaign->runs[i], &wrong);
    if (!check->verbose && wrong > MOST_PROBLEMS)
        tb_printable_print(stdout, "  and %zu more that are missing or bad; --verbose lists all\n",
                           wrong - MOST_PROBLEMS);
}

static int column_width(const char *testbed)
{
    const int length = (int)strlen(testbed);
    return length < 7 ? 9 : length + 2;
}

/* The testbeds first .. end - 1: as many as fit beside each other. */
/* Of the first column: files of numbers can have long names. */
static int names_width(const struct tb_asked *asked, size_t asked_count)
{
    int width = 16;
    for (size_t i = 0; i < asked_count; i++) {
        char name[TB_ASKED_NAME_SIZE];
        tb_asked_name(&asked[i], name);
        width = (int)strlen(name) + 1 > width ? (int)strlen(name) + 1 : width;
    }
    return width;
}

static void print_table_part(const struct tb_campaign *campaign, const struct tb_asked *asked, size_t asked_count,
                             size_t first, size_t end)
{
    const int width = names_width(asked, asked_count);
    tb_printable_print(stdout, "\n%-*s", width, "runs that have");
    for (size_t t = first; t < end; t++)
        tb_printable_print(stdout, "%*s", column_width(campaign->testbeds[t]), campaign->testbeds[t]);
    tb_printable_print(stdout, "\n");
    for (size_t i = 0; i < asked_count; i++) {
        char name[TB_ASKED_NAME_SIZE];
        tb_asked_name(&asked[i], name);
        tb_printable_print(stdout, "%-*s", width, name);
        for (size_t t = first; t < end; t++) {
            const struct tb_presence presence = tb_testbed_presence(campaign, &asked[i], t);
            char cell[48] = "-";
            if (presence.asked > 0)
                snprintf(cell, sizeof cell, "%" PRIu64 "/%" PRIu64, presence.found, presence.asked);
            tb_printable_print(stdout, "%*s", column_width(campaign->testbeds[t]), cell);
        }
        tb_printable_print(stdout, "\n");
    }
}

static void print_table(const struct tb_campaign *campaign)
{
    struct tb_asked asked[TB_ASKED_MOST];
    const size_t count = tb_campaign_asked(campaign, asked);
    size_t first = 0;
    while (first < campaign->testbed_count && count > 0) {
        int width = names_width(asked, count);
        size_t end = first;
        for (; end < campaign->testbed_count; end++) {
            width += column_width(campaign->testbeds[end]);
            if (width > TABLE_WIDTH && end > first)
                break;
        }
        print_table_part(campaign, asked, count, first, end);
        first = end;
    }
}

/* Of these kinds an example says more than the sentence. */
static bool has_example(const struct tb_finding *finding)
{
    return finding->example[0] != '\0' &&
           (finding->kind == TB_FINDING_UNMATCHED_FILE || finding->kind == TB_FINDING_LATER_ALTERNATIVE ||
            finding->kind == TB_FINDING_OTHER_REPETITIONS || finding->kind == TB_FINDING_NOWHERE ||
            finding->kind == TB_FINDING_UNNAMED_PROCESS || finding->kind == TB_FINDING_SHARED_FILES);
}

static void print_finding(const struct tb_finding *finding)
{
    const char *link = finding->kind == TB_FINDING_NOWHERE ? ", looked for as " : ", such as ";
    tb_printable_print(stdout, "  %s%s%s\n", finding->sentence, has_example(finding) ? link : "",
                       has_example(finding) ? finding->example : "");
}

/* Those of the kinds first .. last under a heading of their own. */
static void print_kinds(const struct tb_findings *findings, enum tb_finding_kind first, enum tb_finding_kind last,
                        const char *heading)
{
    bool headed = false;
    for (size_t i = 0; i < findings->count; i++) {
        const struct tb_finding *finding = &findings->items[i];
        if (finding->kind < first || finding->kind > last)
            continue;
        if (!headed)
            tb_printable_print(stdout, "\n%s\n", heading);
        headed = true;
        print_finding(finding);
        const bool is_last = i + 1 == findings->count || findings->items[i + 1].kind != finding->kind;
        if (is_last && findings->total[finding->kind] > TB_FINDINGS_OF_A_KIND)
            tb_printable_print(stdout, "  and %" PRIu64 " more of this kind (%s)\n",
                               findings->total[finding->kind] - TB_FINDINGS_OF_A_KIND,
                               tb_finding_kind_name(finding->kind));
    }
}

static void print_findings(const struct check *check)
{
    const struct tb_findings *findings = &check->campaign->findings;
    print_kinds(findings, TB_FINDING_LATER_ALTERNATIVE, TB_FINDING_UNMATCHED_DIRECTORY,
                "files and directories that nothing matched:");
    if (check->has_selection)
        tb_printable_print(stdout, "\nfiles and directories that nothing matched are not looked for with --only\n");
    print_kinds(findings, TB_FINDING_NOT_SELECTED, TB_FINDING_NO_FACTOR_CONTRAST, "findings that may be meant:");
    print_kinds(findings, TB_FINDING_NOWHERE, TB_FINDING_NO_COMMON_SCENARIO, "findings that count (exit status 3):");
    tb_printable_print(stdout, "\n");
}

static void print_text(const struct check *check)
{
    const struct tb_campaign *campaign = check->campaign;
    tb_printable_print(stdout, "campaign %s: %zu testbeds (baseline %s), %zu scenarios, %zu cells, %zu runs\n",
                       campaign->name, campaign->testbed_count, campaign->testbeds[0], campaign->scenario_count,
                       campaign->cell_count, campaign->run_count);
    print_files(check);
    print_table(campaign);
    print_findings(check);
    tb_printable_print(
        stdout, "%zu artifacts readable, %zu missing, %zu not what they should be, %" PRIu64 " findings that count\n",
        check->good, check->missing, check->bad, tb_findings_that_count(&campaign->findings));
}

/* JSON is UTF-8, which the names of files need not be. */
static json_t *text_json(const char *text)
{
    json_t *made = json_string(text);
    if (made != NULL)
        return made;
    char printable[TB_ERROR_TEXT_SIZE];
    snprintf(printable, sizeof printable, "%s", text);
    for (char *c = printable; *c != '\0'; c++)
        *c = (signed char)*c < 0 ? '?' : *c;
    return json_string(printable);
}

static json_t *run_json(const struct check *check, const struct tb_run *run)
{
    const struct tb_campaign *campaign = check->campaign;
    json_t *artifacts = json_array();
    for (size_t i = 0; i < run->artifact_count; i++) {
        const struct tb_artifact *artifact = &campaign->artifacts[run->first_artifact + i];
        const struct judgement *const judgement = &check->judgements[run->first_artifact + i];
        json_array_append_new(artifacts,
                              json_pack("{s:s, s:s, s:s, s:i, s:s, s:o, s:o}", "state", judgement->word, "kind",
                                        tb_artifact_kind_name(artifact->kind), "role", tb_role_name(artifact->role),
                                        "pair", (int)artifact->pair, "point", tb_point_name(artifact->point), "path",
                                        text_json(artifact->path), "found", text_json(text_of(judgement))));
    }
    return json_pack("{s:o, s:o, s:o, s:b, s:o}", "name", text_json(run->name), "testbed",
                     text_json(campaign->testbeds[run->testbed]), "scenario",
                     text_json(campaign->scenarios[run->scenario].name), "discarded", run->discarded, "artifacts",
                     artifacts);
}

/* Testbed by testbed, artifact by artifact. */
static json_t *presence_json(const struct tb_campaign *campaign)
{
    struct tb_asked asked[TB_ASKED_MOST];
    const size_t count = tb_campaign_asked(campaign, asked);
    json_t *rows = json_array();
    for (size_t t = 0; t < campaign->testbed_count; t++) {
        for (size_t i = 0; i < count; i++) {
            const struct tb_presence presence = tb_testbed_presence(campaign, &asked[i], t);
            char name[TB_ASKED_NAME_SIZE];
            tb_asked_name(&asked[i], name);
            json_array_append_new(rows, json_pack("{s:o, s:s, s:I, s:I}", "testbed", text_json(campaign->testbeds[t]),
                                                  "artifact", name, "runs", (json_int_t)presence.asked, "found",
                                                  (json_int_t)presence.found));
        }
    }
    return rows;
}

static json_t *findings_json(const struct tb_findings *findings)
{
    json_t *list = json_array();
    for (size_t i = 0; i < findings->count; i++) {
        const struct tb_finding *finding = &findings->items[i];
        json_array_append_new(list,
                              json_pack("{s:s, s:b, s:s, s:I, s:s}", "kind", tb_finding_kind_name(finding->kind),
                                        "counts", tb_finding_kind_counts(finding->kind), "sentence", finding->sentence,
                                        "count", (json_int_t)finding->count, "example", finding->example));
    }
    return list;
}

static json_t *totals_json(const struct tb_findings *findings)
{
    json_t *totals = json_object();
    for (unsigned kind = 0; kind < TB_FINDING_KINDS; kind++)
        if (findings->total[kind] > 0)
            json_object_set_new(totals, tb_finding_kind_name((enum tb_finding_kind)kind),
                                json_integer((json_int_t)findings->total[kind]));
    return totals;
}

static void print_json(const struct check *check)
{
    const struct tb_campaign *campaign = check->campaign;
    json_t *runs = json_array();
    for (size_t r = 0; r < campaign->run_count; r++)
        json_array_append_new(runs, run_json(check, &campaign->runs[r]));
    json_t *root =
        json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:I, s:I, s:I}", "campaign", campaign->name, "baseline",
                  campaign->testbeds[0], "runs", runs, "presence", presence_json(campaign), "findings",
                  findings_json(&campaign->findings), "findings_by_kind", totals_json(&campaign->findings), "readable",
                  (json_int_t)check->good, "missing", (json_int_t)check->missing, "bad", (json_int_t)check->bad);
    json_dumpf(root, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    fputc('\n', stdout);
    json_decref(root);
}

static int check_campaign(const struct check_arguments *given)
{
    const struct tb_selection selection = only_selection(&given->only);
    struct tb_campaign *campaign;
    struct tb_error error = {0};
    if (tb_campaign_load(given->campaign, &selection, &campaign, &error) != TB_OK) {
        error.status = tb_file_kind_explain(given->campaign, error.status, &error);
        return command_failure(&error);
    }
    if (tb_campaign_check_paths(campaign, given->confined, &error) != TB_OK ||
        tb_analysis_check(campaign, &error) != TB_OK) {
        tb_campaign_free(campaign);
        return command_failure(&error);
    }
    struct check check = {.campaign = campaign, .verbose = given->verbose, .has_selection = selection.count > 0};
    if (!examine_all(&check))
        (void)tb_error_memory(&check.failure, "the files of a campaign");
    else if (given->format == CHECK_JSON)
        print_json(&check);
    else
        print_text(&check);
    free_judgements(&check);
    if (check.failure.status != TB_OK) {
        tb_campaign_free(campaign);
        return command_failure(&check.failure);
    }
    const bool wanting = check.missing + check.bad > 0 || tb_findings_that_count(&campaign->findings) > 0;
    tb_campaign_free(campaign);
    return wanting ? EXIT_DAMAGED : EXIT_GOOD;
}

static int run(int argument_count, char **arguments)
{
    struct check_arguments given = {.format = CHECK_TEXT};
    const int result = command_parse(&command_check, argument_count, arguments, &given);
    if (result != EXIT_GOOD)
        return result;
    command_limit_memory(given.memory, 1);
    return check_campaign(&given);
}

const struct command command_check = {
    .name = "check",
    .summary = "validate a campaign without analysing it",
    .description = "Validates a campaign without analysing it. Reads the beginning of every file and says which are "
                   "missing or not what they should be; how many runs of each testbed have each artifact; what is "
                   "asked for and in no run; which testbeds and factors cannot be compared; and which files and "
                   "directories nothing matched.",
    .operands = operand_table,
    .options = option_table,
    .notes = "The exit status is 3 when artifacts are missing or not what they should be, or something that is asked "
             "for cannot be had; 2 when the campaign file is wrong.",
    .examples = "twinbed check campaign.yaml --only testbed=e1000\n",
    .run = run,
};
