/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "twinbed/base/log.h"
#include "twinbed/base/output_file.h"
#include "twinbed/base/utf8.h"
#include "twinbed/campaign/presence.h"
#include "twinbed/draft/draft.h"

enum { MOST_LEFT_SHOWN = 12 };

struct init_arguments {
    const char *directory, *output;
    unsigned layout; /* enum tb_draft_layout */
    bool force;
};

static const struct parameter operand_table[] = {
    {.name = "DIRECTORY",
     PARAMETER_DIRECTORY(struct init_arguments, directory),
     .text = "where the runs are, at any depth",
     .needed = true},
    {.name = NULL},
};

static const char *const layout_words[] = {
    [TB_DRAFT_ANY] = "any", [TB_DRAFT_QUE] = "que", [TB_DRAFT_SCORCH] = "scorch", [TB_DRAFT_MINICCC] = "miniccc", NULL};

#define OUTPUT_OPTIONS                                                                                                 \
    {.name = "output",                                                                                                 \
     .letter = 'o',                                                                                                    \
     PARAMETER_FILE(struct init_arguments, output),                                                                    \
     .value = "CAMPAIGN",                                                                                              \
     .text = "file to write (default: -, standard output)"},                                                           \
        {.name = "force", PARAMETER_FLAG(struct init_arguments, force), .text = "replace CAMPAIGN if it exists"},      \
    {                                                                                                                  \
        .name = NULL                                                                                                   \
    }

static const struct parameter option_table[] = {
    {.name = "layout",
     PARAMETER_WORD(struct init_arguments, layout),
     .text =
         "how the runs lie: as the tools of the study's authors write them, phenix SCORCH, or responses of minimega; "
         "any (default) finds out",
     .words = layout_words},
    OUTPUT_OPTIONS,
};

static const struct parameter manifest_option_table[] = {
    {.name = "layout",
     PARAMETER_WORD(struct init_arguments, layout),
     .text = "how they lie: as the tools of the study's authors write them, phenix SCORCH, or responses of minimega",
     .needed = true,
     .words = layout_words},
    OUTPUT_OPTIONS,
};

/* Names of files may hold anything; on a terminal they had better hold no controls. */
static void print_name(const char *name)
{
    for (; *name != '\0'; name++)
        fputc((unsigned char)*name < 0x20 || *name == 0x7f ? '?' : *name, stderr);
}

static const char *patterns_of(const struct tb_draft *draft, const struct tb_asked *asked)
{
    for (size_t i = 0; i < draft->artifact_count; i++) {
        const struct tb_draft_artifact *const artifact = &draft->artifacts[i];
        const bool same_role = artifact->kind != TB_ARTIFACT_TRACE || artifact->role == asked->role;
        if (artifact->kind == asked->kind && same_role && artifact->point == asked->point)
            return artifact->patterns;
    }
    return "";
}

static size_t kept_runs(const struct tb_campaign *campaign)
{
    size_t kept = 0;
    for (size_t i = 0; i < campaign->run_count; i++)
        kept += !campaign->runs[i].discarded;
    return kept;
}

static void print_matched(const struct tb_draft *draft)
{
    struct tb_asked asked[TB_ASKED_MOST];
    const struct tb_campaign *const campaign = draft->campaign;
    const size_t count = tb_campaign_asked(campaign, asked);
    fprintf(stderr, "%-18s %13s  %s\n", "artifact", "runs", draft->layout[0] == '\0' ? "path in the run" : "such as");
    for (size_t i = 0; i < count; i++) {
        char name[TB_ASKED_NAME_SIZE], runs[48];
        struct tb_presence presence = {0};
        tb_campaign_presence(campaign, &asked[i], 0, campaign->run_count, &presence);
        tb_asked_name(&asked[i], name);
        snprintf(runs, sizeof runs, "%" PRIu64 " of %zu", presence.found, kept_runs(campaign));
        fprintf(stderr, "%-18s %13s  ", name, runs);
        print_name(patterns_of(draft, &asked[i]));
        fputc('\n', stderr);
    }
}

static void print_left(const struct tb_draft *draft)
{
    if (draft->left_count > 0)
        fputs("not matched:\n", stderr);
    for (size_t i = 0; i < draft->left_count && i < MOST_LEFT_SHOWN; i++) {
        const struct tb_draft_left *const left = &draft->left[i];
        fprintf(stderr, "  %" PRIu64 " file%s%s", left->count, left->count == 1 ? "  " : "s ",
                left->count == 1 ? "" : "such as ");
        print_name(left->example);
        fprintf(stderr, "%s%s%s\n", left->what[0] == '\0' ? "" : " (", left->what, left->what[0] == '\0' ? "" : ")");
    }
    if (draft->left_count > MOST_LEFT_SHOWN)
        fprintf(stderr, "  and %zu more kinds of names\n", draft->left_count - MOST_LEFT_SHOWN);
}

static void print_oddities(const struct tb_draft *draft)
{
    if (draft->odd_names > 0)
        tb_log_warning("%" PRIu64 " files or directories left out: their names are no UTF-8", draft->odd_names);
    if (draft->loops > 0)
        tb_log_warning("%" PRIu64 " links to directories of the same tree were not followed", draft->loops);
    if (draft->unreadable > 0)
        tb_log_warning("%" PRIu64 " files or directories cannot be opened", draft->unreadable);
    if (draft->limited)
        tb_log_warning("the tree is larger than what was looked at: %" PRIu64 " directories, %" PRIu64 " files",
                       draft->directories, draft->files);
}

static const char *author_of(const char *layout)
{
    return strcmp(layout, "que") == 0 ? "the QUE tools" : strcmp(layout, "scorch") == 0 ? "phenix SCORCH" : "minimega";
}

static void print_summary(const struct tb_draft *draft)
{
    const struct tb_campaign *const campaign = draft->campaign;
    fprintf(stderr, "%" PRIu64 " files in %" PRIu64 " directories", draft->files, draft->directories);
    if (draft->layout[0] != '\0')
        fprintf(stderr, ", laid out as by %s", author_of(draft->layout));
    fprintf(stderr, "\n%zu runs: %zu testbed%s (baseline ", kept_runs(campaign), campaign->testbed_count,
            campaign->testbed_count == 1 ? "" : "s");
    print_name(campaign->testbeds[0]);
    fprintf(stderr, "), %zu scenario%s\n\n", campaign->scenario_count, campaign->scenario_count == 1 ? "" : "s");
    print_matched(draft);
    print_left(draft);
    print_oddities(draft);
    if (tb_findings_that_count(&campaign->findings) > 0)
        fprintf(stderr, "%" PRIu64 " findings that count; twinbed check says which\n",
                tb_findings_that_count(&campaign->findings));
}

/* The file may not take the place of one that the campaign reads. */
static enum tb_status check_inputs(const struct tb_draft *draft, const struct tb_output_request *request,
                                   struct tb_error *error)
{
    const struct tb_campaign *const campaign = draft->campaign;
    const char **inputs = calloc(campaign->artifact_count + 1, sizeof(const char *));
    char *target = NULL;
    if (inputs == NULL)
        return tb_error_memory(error, "the list of inputs");
    struct tb_output_request again = {.path = request->path, .inputs = inputs, .replace = request->replace};
    for (size_t i = 0; i < campaign->artifact_count; i++)
        if (campaign->artifacts[i].exists)
            inputs[again.input_count++] = campaign->artifacts[i].path;
    const enum tb_status status =
        tb_output_is_standard(request->path) ? TB_OK : tb_output_claim(&again, &target, error);
    free(target);
    free(inputs);
    return status;
}

/* The output is opened first: who cannot write need not wait. */
static int draft_campaign(const struct tb_draft_request *request, const struct tb_output_request *output_request)
{
    struct tb_draft draft = {.text = NULL};
    struct tb_output output;
    struct tb_error error = {0};
    if (tb_output_open(output_request, &output, &error) != TB_OK)
        return command_failure(&error);
    enum tb_status status = tb_draft_make(request, &draft, &error);
    if (status == TB_OK)
        status = check_inputs(&draft, output_request, &error);
    if (status == TB_OK) {
        fwrite(draft.text, 1, draft.size, output.stream);
        status = tb_output_finish(&output, &error);
    } else {
        tb_output_abandon(&output);
    }
    if (status == TB_OK)
        print_summary(&draft);
    tb_draft_free(&draft);
    return status == TB_OK ? EXIT_GOOD : command_failure(&error);
}

static int run_as(const struct command *command, int argument_count, char **arguments)
{
    struct init_arguments given = {.output = "-"};
    const int result = command_parse(command, argument_count, arguments, &given);
    if (result != EXIT_GOOD)
        return result;
    const struct tb_draft_request request = {
        .paths = {given.directory}, .count = 1, .layout = (enum tb_draft_layout)given.layout};
    const struct tb_output_request output = {.path = given.output, .replace = given.force};
    return draft_campaign(&request, &output);
}

static int run(int argument_count, char **arguments)
{
    return run_as(&command_init, argument_count, arguments);
}

static int run_manifest(int argument_count, char **arguments)
{
    return run_as(&command_manifest, argument_count, arguments);
}

const struct command command_init = {
    .name = "init",
    .summary = "write a campaign file for a directory tree",
    .description =
        "Looks at a directory tree and writes a campaign file for it: finds outputs of ab, traces, captures, reports "
        "of "
        "owping and counters by their content, and proposes runs, testbeds, factors, repetitions and processes by what "
        "differs in the names and by what the traces show. A table on standard error says what was matched and what "
        "was "
        "not. Read the file before you use it: it says what was guessed.",
    .operands = operand_table,
    .options = option_table,
    .examples = "twinbed init /data/study > campaign.yaml\n"
                "twinbed check campaign.yaml\n",
    .run = run,
};

const struct command command_manifest = {
    .name = "manifest",
    .summary = "the older name of init --layout",
    .description = "Does what twinbed init --layout does. Files and scripts that call it go on to work.",
    .operands = operand_table,
    .options = manifest_option_table,
    .examples = "twinbed manifest --layout que /data/study -o campaign.yaml\n",
    .run = run_manifest,
};
