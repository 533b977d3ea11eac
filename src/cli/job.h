/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CLI_JOB_H
#define TWINBED_SRC_CLI_JOB_H

/* What commands that run on ranks have alike: some options, and how they begin and end. */

#include "command.h"
#include "twinbed/parallel/team.h"

/* The first member of the structure of such a command. */
struct job_arguments {
    const char *campaign;
    struct value_list only, parts;
    long long threads; /* of each rank; 0: as OpenMP has it */
    long long memory;  /* of each rank, megabytes; 0: its share of what there is */
    bool confined, quiet, verbose;
};

#define JOB_OPERAND(record)                                                                                            \
    {                                                                                                                  \
        .name = "CAMPAIGN", PARAMETER_FILE(record, job.campaign), .text = "the campaign file", .needed = true          \
    }

#define JOB_ONLY(record)                                                                                               \
    {                                                                                                                  \
        .name = "only", PARAMETER_LIST(record, job.only), .value = "FIELD=VALUE[,...]",                                \
        .text = "only runs with these values of testbed, rep or a factor"                                              \
    }

#define JOB_THREADS(record)                                                                                            \
    {                                                                                                                  \
        .name = "threads", PARAMETER_NUMBER(record, job.threads), .value = "N",                                        \
        .text = "threads of each rank (default: OMP_NUM_THREADS, else the CPUs this process may use)", .least = 1,     \
        .most = 4096                                                                                                   \
    }

#define JOB_QUIET(record)                                                                                              \
    {                                                                                                                  \
        .name = "quiet", PARAMETER_FLAG(record, job.quiet), .text = "say only warnings and errors"                     \
    }

#define JOB_VERBOSE(record)                                                                                            \
    {                                                                                                                  \
        .name = "verbose", PARAMETER_FLAG(record, job.verbose), .text = "say more"                                     \
    }

/* Does the work on every rank; gives the exit status. arguments: the command's structure. Collective. */
typedef int job_work(struct tb_team *team, const void *arguments, const char *command_line);

/* Starts the ranks, reads the command line into the command's structure (zero before), does the work, and ends the ranks.
 * Gives the exit status. */
int job_run(const struct command *command, int argument_count, char **arguments, struct job_arguments *job,
            job_work *work);

/* Ends the ranks; not so when the results could not be closed (tb_writer_left_open): then main leaves without what the HDF5
 * library does at its end, and with it MPI. */
void job_end(struct tb_team *team);

#endif
