/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <omp.h>
#include <string.h>

#include "command.h"
#include "twinbed/analysis/analysis.h"
#include "twinbed/base/log.h"

struct analyze_arguments {
    const char *campaign, *output, *timings;
    struct value_list only, parts;
    long long threads; /* 0: as OpenMP has it */
    bool force, strict, quiet, verbose;
};

static const struct parameter operand_table[] = {
    {.name = "CAMPAIGN",
     PARAMETER_FILE(struct analyze_arguments, campaign),
     .text = "the campaign file",
     .needed = true},
    {.name = NULL},
};

static const struct parameter option_table[] = {
    {.name = "output",
     .letter = 'o',
     PARAMETER_FILE(struct analyze_arguments, output),
     .value = "RESULTS",
     .text = "results file to write",
     .needed = true},
    {.name = "only",
     PARAMETER_LIST(struct analyze_arguments, only),
     .value = "FIELD=VALUE[,...]",
     .text = "only runs with these values of testbed, rep or a factor"},
    {.name = "parts",
     PARAMETER_LIST(struct analyze_arguments, parts),
     .value = "DIRECTORY",
     .text =
         "where what is decoded is kept (default: RESULTS.parts); of several, all are read and the first is written"},
    {.name = "force",
     PARAMETER_FLAG(struct analyze_arguments, force),
     .text = "replace RESULTS, and FILE of --timings, if it exists"},
    {.name = "strict",
     PARAMETER_FLAG(struct analyze_arguments, strict),
     .text = "fail if any artifact is damaged, missing or withdrawn, or something asked for cannot be had (see check)"},
    {.name = "threads",
     PARAMETER_NUMBER(struct analyze_arguments, threads),
     .value = "N",
     .text = "threads of each rank (default: OMP_NUM_THREADS, else the CPUs this process may use)",
     .least = 1,
     .most = 4096},
    {.name = "timings",
     PARAMETER_FILE(struct analyze_arguments, timings),
     .value = "FILE",
     .text = "write seconds by stage as JSON"},
    {.name = "quiet", PARAMETER_FLAG(struct analyze_arguments, quiet), .text = "say only warnings and errors"},
    {.name = "verbose", PARAMETER_FLAG(struct analyze_arguments, verbose), .text = "say more"},
    {.name = NULL},
};

static void join_arguments(int argument_count, char **arguments, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "twinbed");
    for (int i = 0; i < argument_count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, " %s", arguments[i]);
}

static int report_outcome(const struct tb_analysis_options *options, const struct tb_analysis_outcome *outcome)
{
    tb_log_info("%s: %zu runs (%zu discarded), %zu artifacts used (%zu from parts), %zu damaged, %zu missing, "
                "%zu withdrawn, %zu findings that count",
                options->output_path, outcome->runs, outcome->discarded_runs, outcome->used, outcome->reused,
                outcome->damaged, outcome->missing, outcome->withdrawn, outcome->findings);
    const size_t wanting =
        outcome->damaged + outcome->missing + outcome->withdrawn + outcome->findings + outcome->faults;
    return wanting > 0 ? EXIT_DAMAGED : EXIT_GOOD;
}

static enum tb_log_level level_of(const struct analyze_arguments *given)
{
    return given->verbose ? TB_LOG_DEBUG : given->quiet ? TB_LOG_WARNING : TB_LOG_INFO;
}

static int analyze(struct tb_team *team, const struct analyze_arguments *given, const char *command_line)
{
    const struct tb_analysis_options options = {
        .campaign_path = given->campaign,
        .output_path = given->output,
        .timings_path = given->timings,
        .command_line = command_line,
        .only = only_selection(&given->only),
        .parts = given->parts.items,
        .parts_count = given->parts.count,
        .task = {.count = 1},
        .force = given->force,
        .strict = given->strict,
    };
    struct tb_analysis_outcome outcome = {0};
    struct tb_error error = {0};
    tb_log_configure(level_of(given), team->rank == 0);
    if (given->threads > 0)
        omp_set_num_threads((int)given->threads);
    team->threads = omp_get_max_threads();
    if (tb_analysis_run(team, &options, &outcome, &error) != TB_OK)
        return command_failure(&error);
    return report_outcome(&options, &outcome);
}

static int run(int argument_count, char **arguments)
{
    struct tb_team team = {0};
    struct tb_error error = {0};
    tb_stop_catch(); /* before MPI starts, which takes a while: a signal then must not end the job as a failure */
    if (tb_team_start(&team, &error) != TB_OK)
        return command_failure(&error);
    tb_log_configure(TB_LOG_INFO, team.rank == 0);
    struct analyze_arguments given = {.campaign = NULL};
    char command_line[2048];
    join_arguments(argument_count, arguments, command_line, sizeof command_line);
    int result = command_parse(&command_analyze, argument_count, arguments, &given);
    if (result == EXIT_GOOD)
        result = analyze(&team, &given, command_line);
    tb_team_finish(&team);
    return result;
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
