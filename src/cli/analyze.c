/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job.h"
#include "twinbed/analysis/analysis.h"
#include "twinbed/base/log.h"

struct analyze_arguments {
    struct job_arguments job;
    const char *output, *timings;
    bool force, strict;
};

static const struct parameter operand_table[] = {
    JOB_OPERAND(struct analyze_arguments),
    {.name = NULL},
};

static const struct parameter option_table[] = {
    {.name = "output",
     .letter = 'o',
     PARAMETER_FILE(struct analyze_arguments, output),
     .value = "RESULTS",
     .text = "results file to write",
     .needed = true},
    JOB_ONLY(struct analyze_arguments),
    {.name = "parts",
     PARAMETER_LIST(struct analyze_arguments, job.parts),
     .value = "DIRECTORY",
     .text =
         "where what is decoded is kept (default: RESULTS.parts); of several, all are read and the first is written"},
    {.name = "force",
     PARAMETER_FLAG(struct analyze_arguments, force),
     .text = "replace RESULTS, and FILE of --timings, if it exists"},
    {.name = "strict",
     PARAMETER_FLAG(struct analyze_arguments, strict),
     .text = "fail if any artifact is damaged, missing or withdrawn, or something asked for cannot be had (see check)"},
    JOB_THREADS(struct analyze_arguments),
    CONFINED_OPTION(struct analyze_arguments, job.confined),
    MEMORY_OPTION(struct analyze_arguments, job.memory),
    {.name = "timings",
     PARAMETER_FILE(struct analyze_arguments, timings),
     .value = "FILE",
     .text = "write seconds by stage as JSON"},
    JOB_QUIET(struct analyze_arguments),
    JOB_VERBOSE(struct analyze_arguments),
    {.name = NULL},
};

/* What is wanting, and no note has named yet, is said with --quiet, too: an exit status alone says little. */
static int report_outcome(const struct tb_analysis_options *options, const struct tb_analysis_outcome *outcome)
{
    tb_log_info("%s: %zu runs (%zu discarded), %zu artifacts used (%zu from parts), %zu damaged, %zu missing, "
                "%zu withdrawn, %zu findings that count",
                options->output_path, outcome->runs, outcome->discarded_runs, outcome->used, outcome->reused,
                outcome->damaged, outcome->missing, outcome->withdrawn, outcome->findings);
    const size_t wanting =
        outcome->damaged + outcome->missing + outcome->withdrawn + outcome->findings + outcome->faults;
    if (outcome->damaged + outcome->missing + outcome->withdrawn > 0 && outcome->faults == 0)
        tb_log_warning("%s: %zu artifacts damaged, %zu missing, %zu withdrawn: see the report's data quality, or "
                       "quality/artifact_reason in the results",
                       options->output_path, outcome->damaged, outcome->missing, outcome->withdrawn);
    return wanting > 0 ? EXIT_DAMAGED : EXIT_GOOD;
}

static int analyze(struct tb_team *team, const void *arguments, const char *command_line)
{
    const struct analyze_arguments *const given = arguments;
    const struct tb_analysis_options options = {
        .campaign_path = given->job.campaign,
        .output_path = given->output,
        .timings_path = given->timings,
        .command_line = command_line,
        .only = only_selection(&given->job.only),
        .parts = given->job.parts.items,
        .parts_count = given->job.parts.count,
        .task = {.count = 1},
        .confined = given->job.confined,
        .force = given->force,
        .strict = given->strict,
    };
    struct tb_analysis_outcome outcome = {0};
    struct tb_error error = {0};
    if (tb_analysis_run(team, &options, &outcome, &error) != TB_OK)
        return command_failure(&error);
    return report_outcome(&options, &outcome);
}

static int run(int argument_count, char **arguments)
{
    struct analyze_arguments given = {.job = {.campaign = NULL}};
    return job_run(&command_analyze, argument_count, arguments, &given.job, analyze);
}

const struct command command_analyze = {
    .name = "analyze",
    .summary = "analyse a campaign and write the results file",
    .description =
        "Reads every artifact of the campaign, measures every run, compares the testbeds and writes one HDF5 file. Run "
        "it under mpirun or srun to use many ranks; the results are the same for any number of ranks and threads.",
    .operands = operand_table,
    .options = option_table,
    .notes = "What is decoded is kept in RESULTS.parts: the same command started again goes on from there, and new "
             "thresholds, baselines or discards decode nothing again. Remove that directory when it is no longer "
             "wanted.",
    .examples = "twinbed analyze campaign.yaml -o results.h5\n"
                "mpirun -n 16 twinbed analyze campaign.yaml -o results.h5\n"
                "twinbed analyze campaign.yaml -o small.h5 --only testbed=veth,virtio --only size=500B\n",
    .run = run,
};
