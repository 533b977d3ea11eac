/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <getopt.h>
#include <jansson.h>
#include <string.h>

#include "command.h"
#include "twinbed/analysis/analysis.h"
#include "twinbed/base/log.h"

static const char help[] = "usage: twinbed check CAMPAIGN [--only FIELD=VALUE[,...]]... [--format text|json]\n\n"
                           "Validates a campaign without analysing it: which runs have which artifacts, the\n"
                           "format of each file, what is missing or unreadable.\n\n"
                           "exit status: 0 all there; 2 the campaign file is wrong; 3 artifacts are missing\n"
                           "or not what they should be.\n\n"
                           "example:\n"
                           "  twinbed check campaign.yaml --only testbed=e1000\n";

enum { OPTION_ONLY = 256, OPTION_FORMAT };

static const struct option long_options[] = {
    {"only", required_argument, NULL, OPTION_ONLY},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {NULL, 0, NULL, 0},
};

struct check_totals {
    size_t good;
    size_t missing;
    size_t bad;
};

/* What check says of one artifact: a format, or what is wrong. */
struct finding {
    char text[TB_ERROR_TEXT_SIZE];
    const char *word; /* ok, missing, bad, absent */
};

static void examine(const struct tb_campaign *campaign, const struct tb_artifact *artifact, struct check_totals *totals,
                    struct finding *finding)
{
    struct tb_error error = {0};
    char format[TB_FORMAT_TEXT_SIZE];
    finding->text[0] = '\0';
    if (!artifact->exists) {
        const bool missing = tb_campaign_expects(campaign, artifact);
        finding->word = missing ? "missing" : "absent";
        totals->missing += missing;
    } else if (tb_artifact_identify(campaign, artifact, format, &error) == TB_OK) {
        finding->word = "ok";
        snprintf(finding->text, sizeof finding->text, "%s", format);
        totals->good++;
    } else {
        finding->word = "bad";
        snprintf(finding->text, sizeof finding->text, "%s", error.text);
        totals->bad++;
    }
}

static void print_text(const struct tb_campaign *campaign, struct check_totals *totals)
{
    printf("campaign %s: %zu testbeds (baseline %s), %zu scenarios, %zu cells, %zu runs\n", campaign->name,
           campaign->testbed_count, campaign->testbeds[0], campaign->scenario_count, campaign->cell_count,
           campaign->run_count);
    for (size_t r = 0; r < campaign->run_count; r++) {
        const struct tb_run *run = &campaign->runs[r];
        printf("%s%s%s\n", run->name, run->discarded ? "  discarded: " : "", run->discarded ? run->discard_reason : "");
        for (size_t i = 0; i < run->artifact_count; i++) {
            const struct tb_artifact *artifact = &campaign->artifacts[run->first_artifact + i];
            struct finding finding;
            examine(campaign, artifact, totals, &finding);
            if (strcmp(finding.word, "absent") == 0)
                continue;
            printf("  %-8s %-8s %-7s %s%s%s\n", finding.word, tb_artifact_kind_name(artifact->kind),
                   artifact->kind == TB_ARTIFACT_CAPTURE ? tb_point_name(artifact->point)
                                                         : tb_role_name(artifact->role),
                   artifact->path, finding.text[0] == '\0' ? "" : "  ", finding.text);
        }
    }
    printf("%zu artifacts readable, %zu missing, %zu not what they should be\n", totals->good, totals->missing,
           totals->bad);
}

static json_t *run_json(const struct tb_campaign *campaign, const struct tb_run *run, struct check_totals *totals)
{
    json_t *artifacts = json_array();
    for (size_t i = 0; i < run->artifact_count; i++) {
        const struct tb_artifact *artifact = &campaign->artifacts[run->first_artifact + i];
        struct finding finding;
        examine(campaign, artifact, totals, &finding);
        json_array_append_new(artifacts,
                              json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:s}", "state", finding.word, "kind",
                                        tb_artifact_kind_name(artifact->kind), "role", tb_role_name(artifact->role),
                                        "pair", (int)artifact->pair, "point", tb_point_name(artifact->point), "path",
                                        artifact->path, "found", finding.text));
    }
    return json_pack("{s:s, s:s, s:s, s:b, s:o}", "name", run->name, "testbed", campaign->testbeds[run->testbed],
                     "scenario", campaign->scenarios[run->scenario].name, "discarded", run->discarded, "artifacts",
                     artifacts);
}

static void print_json(const struct tb_campaign *campaign, struct check_totals *totals)
{
    json_t *runs = json_array();
    for (size_t r = 0; r < campaign->run_count; r++)
        json_array_append_new(runs, run_json(campaign, &campaign->runs[r], totals));
    json_t *root = json_pack("{s:s, s:s, s:o, s:I, s:I, s:I}", "campaign", campaign->name, "baseline",
                             campaign->testbeds[0], "runs", runs, "readable", (json_int_t)totals->good, "missing",
                             (json_int_t)totals->missing, "bad", (json_int_t)totals->bad);
    json_dumpf(root, stdout, JSON_INDENT(2));
    fputc('\n', stdout);
    json_decref(root);
}

static int run(int argument_count, char **arguments)
{
    struct only_list only = {.count = 0};
    enum listing_format format = LISTING_TEXT;
    int option;
    opterr = 0;
    while ((option = getopt_long(argument_count, arguments, "", long_options, NULL)) != -1) {
        if (option == OPTION_ONLY && only_add(&only, optarg))
            continue;
        if (option == OPTION_FORMAT && listing_format_parse(optarg, &format) && format != LISTING_CSV)
            continue;
        return command_bad_option(&command_check, arguments);
    }
    if (argument_count - optind != 1)
        return command_misuse(&command_check, "one campaign file is needed");
    const struct tb_selection selection = only_selection(&only);
    struct tb_campaign *campaign;
    struct tb_error error = {0};
    if (tb_campaign_load(arguments[optind], &selection, &campaign, &error) != TB_OK)
        return command_failure(&error);
    if (tb_analysis_check(campaign, &error) != TB_OK) {
        tb_campaign_free(campaign);
        return command_failure(&error);
    }
    struct check_totals totals = {0};
    if (format == LISTING_JSON)
        print_json(campaign, &totals);
    else
        print_text(campaign, &totals);
    tb_campaign_free(campaign);
    return totals.missing + totals.bad > 0 ? EXIT_DAMAGED : EXIT_GOOD;
}

const struct command command_check = {"check", "validate a campaign without analysing it", help, run};
