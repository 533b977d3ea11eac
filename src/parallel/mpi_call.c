/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mpi_call.h"

#include <pthread.h>

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
