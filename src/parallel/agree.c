/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One status for all ranks: that of the first rank that failed, with its sentence. So no rank goes
 * on alone, and one sentence is printed. */
#include <stdio.h>
#include <string.h>

#include "mpi_call.h"
#include "twinbed/parallel/team.h"

/* The status and sentence of one rank, as they travel. */
struct verdict {
    int status;
    char text[TB_ERROR_TEXT_SIZE];
};

static struct verdict own_verdict(enum tb_status local, const struct tb_error *error)
{
    struct verdict verdict = {.status = (int)local};
    /* A caller that passed no error, or one left from before, has no sentence. */
    const char *text = error != NULL && error->status == local ? error->text : tb_status_name(local);
    snprintf(verdict.text, sizeof verdict.text, "%s", text);
    return verdict;
}

enum tb_status tb_team_agree(const struct tb_team *team, enum tb_status local, struct tb_error *error)
{
    MPI_Request request;
    int first_failed = local == TB_OK ? team->size : team->rank;
    tb_mpi_lock();
    int code = MPI_Iallreduce(MPI_IN_PLACE, &first_failed, 1, MPI_INT, MPI_MIN, team->communicator, &request);
    enum tb_status status = tb_mpi_wait(code, &request, "agreeing on a status", error);
    if (status != TB_OK || first_failed == team->size)
        return status;
    struct verdict verdict = own_verdict(local, error);
    tb_mpi_lock();
    code = MPI_Ibcast(&verdict, (int)sizeof verdict, MPI_BYTE, first_failed, team->communicator, &request);
    status = tb_mpi_wait(code, &request, "spreading an error", error);
    if (status != TB_OK)
        return status;
    return tb_error_set(error, (enum tb_status)verdict.status, "%s", verdict.text);
}
