/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job.h"

#include <omp.h>

#include "twinbed/base/log.h"
#include "twinbed/results/writer.h"

static void join_arguments(int argument_count, char **arguments, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "twinbed");
    for (int i = 0; i < argument_count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, " %s", arguments[i]);
}

static void apply(const struct job_arguments *job, struct tb_team *team)
{
    tb_log_configure(job->verbose ? TB_LOG_DEBUG : job->quiet ? TB_LOG_WARNING : TB_LOG_INFO, team->rank == 0);
    if (job->threads > 0)
        omp_set_num_threads((int)job->threads);
    team->threads = omp_get_max_threads();
    command_limit_memory(job->memory, team->beside);
}

static int run_on_ranks(const struct command *command, int argument_count, char **arguments, struct job_arguments *job,
                        job_work *work, struct tb_team *team)
{
    char command_line[2048]; /* before it is parsed: what parsing changes is not what was typed */
    join_arguments(argument_count, arguments, command_line, sizeof command_line);
    const int result = command_parse(command, argument_count, arguments, job);
    if (result != EXIT_GOOD)
        return result;
    apply(job, team);
    return work(team, job, command_line);
}

void job_end(struct tb_team *team)
{
    if (!tb_writer_left_open())
        tb_team_finish(team);
}

int job_run(const struct command *command, int argument_count, char **arguments, struct job_arguments *job,
            job_work *work)
{
    struct tb_team team = {0};
    struct tb_error error = {0};
    tb_stop_catch(); /* before MPI starts, which takes a while: a signal then must not end the job as a failure */
    const enum tb_status status = tb_team_start(&team, &error);
    tb_log_configure(TB_LOG_INFO, team.rank == 0);
    const int result =
        status == TB_OK ? run_on_ranks(command, argument_count, arguments, job, work, &team) : command_failure(&error);
    job_end(&team);
    return result;
}
