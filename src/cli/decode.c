/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job.h"
#include "twinbed/analysis/analysis.h"
#include "twinbed/base/log.h"

struct decode_arguments {
    struct job_arguments job;
    const char *task;
};

static const struct parameter operand_table[] = {
    JOB_OPERAND(struct decode_arguments),
    {.name = NULL},
};

static const struct parameter option_table[] = {
    {.name = "parts",
     PARAMETER_LIST(struct decode_arguments, job.parts),
     .value = "DIRECTORY",
     .text = "where what is decoded is kept; of several, all are read and the first is written",
     .needed = true},
    {.name = "task",
     PARAMETER_TEXT(struct decode_arguments, task),
     .value = "I/N",
     .text = "decode only the files of task I of N tasks, which share the campaign (default: 1/1)"},
    JOB_ONLY(struct decode_arguments),
    JOB_THREADS(struct decode_arguments),
    CONFINED_OPTION(struct decode_arguments, job.confined),
    MEMORY_OPTION(struct decode_arguments, job.memory),
    JOB_QUIET(struct decode_arguments),
    JOB_VERBOSE(struct decode_arguments),
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

static int report_outcome(const struct tb_analysis_options *options, const struct tb_analysis_outcome *outcome)
{
    tb_log_info("%s: task %d of %d: %zu artifacts decoded (%zu were there already), %zu damaged", options->parts[0],
                options->task.number + 1, options->task.count, outcome->used, outcome->reused, outcome->damaged);
    return outcome->damaged > 0 ? EXIT_DAMAGED : EXIT_GOOD;
}

static int decode(struct tb_team *team, const void *arguments, const char *command_line)
{
    (void)command_line;
    const struct decode_arguments *const given = arguments;
    struct tb_analysis_options options = {
        .campaign_path = given->job.campaign,
        .only = only_selection(&given->job.only),
        .parts = given->job.parts.items,
        .parts_count = given->job.parts.count,
        .task = {.count = 1},
        .confined = given->job.confined,
    };
    struct tb_analysis_outcome outcome = {0};
    struct tb_error error = {0};
    if (given->task != NULL && !parse_task(given->task, &options.task))
        return command_misuse(&command_decode, "--task wants a task of how many, such as 3/64, not '%.100s'",
                              given->task);
    if (tb_analysis_decode(team, &options, &outcome, &error) != TB_OK)
        return command_failure(&error);
    return report_outcome(&options, &outcome);
}

static int run(int argument_count, char **arguments)
{
    struct decode_arguments given = {.job = {.campaign = NULL}};
    return job_run(&command_decode, argument_count, arguments, &given.job, decode);
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
