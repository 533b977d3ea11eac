/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mpi_call.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "mpi_check.h"
#include "twinbed/parallel/team.h"

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

void tb_mpi_lock(void)
{
    pthread_mutex_lock(&one_at_a_time);
}

void tb_mpi_unlock(void)
{
    pthread_mutex_unlock(&one_at_a_time);
}

enum tb_status tb_mpi_end(int code, const char *doing, struct tb_error *error)
{
    const enum tb_status status = tb_mpi_check(code, doing, error);
    tb_mpi_unlock();
    return status;
}

/* What comes within some 0.5 ms is seen at once; who waits longer takes no time from others, and who waits for more than a
 * tenth of a second hardly looks. */
void tb_team_give_way(unsigned *tries)
{
    enum { PATIENCE = 1000, LONG = 2000, PAUSE = 50000, LONG_PAUSE = 500000 };
    if (*tries < PATIENCE)
        sched_yield();
    else
        nanosleep(&(struct timespec){.tv_nsec = *tries < LONG ? PAUSE : LONG_PAUSE}, NULL);
    *tries += *tries < LONG;
}

enum tb_status tb_mpi_wait(int code, MPI_Request *request, const char *doing, struct tb_error *error)
{
    int done = 0;
    unsigned tries = 0;
    if (code == MPI_SUCCESS)
        code = MPI_Test(request, &done, MPI_STATUS_IGNORE);
    enum tb_status status = tb_mpi_end(code, doing, error);
    while (status == TB_OK && !done) {
        tb_team_give_way(&tries);
        tb_mpi_lock();
        code = MPI_Test(request, &done, MPI_STATUS_IGNORE);
        status = tb_mpi_end(code, doing, error);
    }
    return status;
}
