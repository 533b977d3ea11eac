/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ways out of collective calls that some ranks never leave: a barrier that does not block, with
 * patience; and an alarm, whose handler may only write and exit. */
#include "together.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "twinbed/base/log.h"
#include "twinbed/base/printable.h"

static bool all_came(MPI_Request *request, double patience)
{
    const double started = tb_clock_seconds();
    int came = 0;
    while (MPI_Test(request, &came, MPI_STATUS_IGNORE) == MPI_SUCCESS && !came) {
        if (tb_clock_seconds() - started > patience)
            return false;
        nanosleep(&(const struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return came != 0;
}

/* Not through the log, which is silent on all ranks but one. */
static void end_job(const struct tb_team *team, const char *partial, const struct tb_error *error)
{
    tb_printable_print(stderr, "twinbed: error: %s; the other ranks cannot leave this write, so the job ends here\n",
                       error == NULL ? partial : error->text);
    unlink(partial);
    MPI_Abort(team->communicator, EXIT_FAILURE);
}

enum tb_status tb_agree_after_hdf5(const struct tb_team *team, enum tb_status local, const char *partial,
                                   double patience, struct tb_error *error)
{
    MPI_Request request;
    if (MPI_Ibarrier(team->communicator, &request) != MPI_SUCCESS)
        return tb_error_set(error, TB_INTERNAL, "%s: MPI failed after a write", partial);
    if (local == TB_OK)
        MPI_Wait(&request, MPI_STATUS_IGNORE);
    else if (!all_came(&request, patience))
        end_job(team, partial, error);
    return tb_team_agree(team, local, error);
}

/* What the handler below may use: nothing else is safe in one. */
static struct {
    char sentence[PATH_MAX + 128];
    char partial[PATH_MAX];
    bool speaks;
} late;

/* Rank 0 first, so that its sentence is out before a launcher ends the job because of another. */
static void end_late(int number)
{
    (void)number;
    if (late.speaks) {
        (void)!write(STDERR_FILENO, late.sentence, strlen(late.sentence));
        unlink(late.partial);
    }
    _exit(EXIT_FAILURE);
}

void tb_must_leave_after(const struct tb_team *team, const char *partial, unsigned seconds)
{
    const struct sigaction action = {.sa_handler = end_late};
    char shown[PATH_MAX];
    late.speaks = team->rank == 0;
    snprintf(late.partial, sizeof late.partial, "%s", partial);
    tb_printable_text(partial, shown, sizeof shown);
    snprintf(late.sentence, sizeof late.sentence,
             "twinbed: error: %s: the ranks could not open it together in %u s, so the job ends here\n", shown,
             seconds);
    sigaction(SIGALRM, &action, NULL);
    alarm(seconds + (late.speaks ? 0 : 1));
}

void tb_has_left(void)
{
    alarm(0);
    signal(SIGALRM, SIG_DFL);
}
