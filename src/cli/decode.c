/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <omp.h>
#include <string.h>

#include "command.h"
#include "twinbed/analysis/analysis.h"
#include "twinbed/base/log.h"

struct decode_arguments {
    const char *campaign, *task;
    struct value_list only, parts;
    long long threads; /* 0: as OpenMP has it */
    bool quiet, verbose;
};

static const struct parameter operand_table[] = {
    {.name = "CAMPAIGN",
     PARAMETER_FILE(struct decode_arguments, campaign),
     .text = "the campaign file",
     .needed = true},
    {.name = NULL},
};

static const struct parameter option_table[] = {
    {.name = "parts",
     PARAMETER_LIST(struct decode_arguments, parts),
     .value = "DIRECTORY",
     .text = "where what is decoded is kept; of several, all are read and the first is written",
     .needed = true},
    {.name = "task",
     PARAMETER_TEXT(struct decode_arguments, task),
     .value = "I/N",
     .text = "decode only the files of task I of N tasks, which share the campaign (default: 1/1)"},
    {.name = "only",
     PARAMETER_LIST(struct decode_arguments, only),
     .value = "FIELD=VALUE[,...]",
     .text = "only runs with these values of testbed, rep or a factor"},
    {.name = "threads",
     PARAMETER_NUMBER(struct decode_arguments, threads),
     .value = "N",
     .text = "threads of each rank (default: OMP_NUM_THREADS, else the CPUs this process may use)",
     .least = 1,
     .most = 4096},
    {.name = "quiet", PARAMETER_FLAG(struct decode_arguments, quiet), .text = "say only warnings and errors"},
    {.name = "verbose", PARAMETER_FLAG(struct decode_arguments, verbose), .text = "say more"},
    {.name = NULL},
};

/* "3/64" is the third of 64. */
static bool parse_task(const char *text, struct tb_task *task)
{
    int number, count, end = 0;
    if (sscanf(text, "%9d/%9d%n", &number, &count, &end) != 2 || text[end] != '\0' || number < 1 || number > count)
        return false;
    *task = (struct tb_task){.number = number - 1, .count = count};
    return true;
}

static enum tb_log_level level_of(const struct decode_arguments *given)
{
    return given->verbose ? TB_LOG_DEBUG : given->quiet ? TB_LOG_WARNING : TB_LOG_INFO;
}

static int report_outcome(const struct tb_analysis_options *options, const struct tb_analysis_outcome *outcome)
{
    tb_log_info("%s: task %d of %d: %zu artifacts decoded (%zu were there already), %zu damaged", options->parts[0],
                options->task.number + 1, options->task.count, outcome->used, outcome->reused, outcome->damaged);
    return outcome->damaged > 0 ? EXIT_DAMAGED : EXIT_GOOD;
}

static int decode(struct tb_team *team, const struct decode_arguments *given)
{
    struct tb_analysis_options options = {
        .campaign_path = given->campaign,
        .only = only_selection(&given->only),
        .parts = given->parts.items,
        .parts_count = given->parts.count,
        .task = {.count = 1},
    };
    struct tb_analysis_outcome outcome = {0};
    struct tb_error error = {0};
    if (given->task != NULL && !parse_task(given->task, &options.task))
        return command_misuse(&command_decode, "--task wants a task of how many, such as 3/64, not '%.100s'",
                              given->task);
    tb_log_configure(level_of(given), team->rank == 0);
    if (given->threads > 0)
        omp_set_num_threads((int)given->threads);
    team->threads = omp_get_max_threads();
    if (tb_analysis_decode(team, &options, &outcome, &error) != TB_OK)
        return command_failure(&error);
    return report_outcome(&options, &outcome);
}

static int run(int argument_count, char **arguments)
{
    struct tb_team team = {0};
    struct tb_error error = {0};
    tb_stop_catch(); /* before MPI starts, as analyze does */
    if (tb_team_start(&team, &error) != TB_OK)
        return command_failure(&error);
    tb_log_configure(TB_LOG_INFO, team.rank == 0);
    struct decode_arguments given = {.campaign = NULL};
    int result = command_parse(&command_decode, argument_count, arguments, &given);
    if (result == EXIT_GOOD)
        result = decode(&team, &given);
    tb_team_finish(&team);
    return result;
}

const struct command command_decode = {
    .name = "decode",
    .summary = "decode a campaign's files, or a task's share of them, ahead of analyze",
    .description =
        "Reads the artifacts of a campaign and keeps what analyze needs of them in a directory of parts. The work can "
        "be split over tasks that know nothing of each other, such as those of a Slurm job array: a task that dies is "
        "one task, which may be started again alone. When all are done, analyze with the same --parts finishes the "
        "job. Its results are those of one job that does everything, bit for bit; what a task left out it decodes "
        "itself.",
    .operands = operand_table,
    .options = option_table,
    .notes =
        "Tasks may share a directory of parts, or have one each. A task that is stopped or killed goes on from where "
        "it was when it is started again.",
    .examples = "twinbed decode campaign.yaml --parts parts --task 3/64\n"
                "twinbed analyze campaign.yaml -o results.h5 --parts parts\n"
                "twinbed analyze campaign.yaml -o results.h5 --parts here --parts there\n",
    .run = run,
};
