/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Teams of ranks on a communicator of their own, so that nothing a caller sends gets in between.
 * MPI's errors are returned, not fatal. */
#include "twinbed/parallel/team.h"

#include <omp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher.h"
#include "mpi_call.h"
#include "mpi_check.h"
#include "twinbed/base/log.h"

enum tb_status tb_team_of(MPI_Comm communicator, struct tb_team *team, struct tb_error *error)
{
    struct tb_team made = {.threads = omp_get_max_threads()};
    enum tb_status status =
        tb_mpi_check(MPI_Comm_dup(communicator, &made.communicator), "duplicating a communicator", error);
    if (status != TB_OK)
        return status;
    status = tb_mpi_check(MPI_Comm_set_errhandler(made.communicator, MPI_ERRORS_RETURN), "setting it up", error);
    if (status == TB_OK)
        status = tb_mpi_check(MPI_Comm_rank(made.communicator, &made.rank), "asking for the rank", error);
    if (status == TB_OK)
        status = tb_mpi_check(MPI_Comm_size(made.communicator, &made.size), "asking for the ranks", error);
    if (status != TB_OK) {
        MPI_Comm_free(&made.communicator);
        return status;
    }
    *team = made;
    return TB_OK;
}

/* Starts MPI unless the caller's program has; *started says whether it did. */
static enum tb_status start_mpi(bool *started, struct tb_error *error)
{
    int before = 0, provided = MPI_THREAD_SINGLE;
    *started = false;
    enum tb_status status = tb_mpi_check(MPI_Initialized(&before), "starting", error);
    if (status != TB_OK)
        return status;
    if (!before) {
        if (!tb_launcher_present())
            tb_launcher_prepare_alone();
        /* Threads decode; those that send bytes to other ranks call MPI one at a time. */
        status = tb_mpi_check(MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided), "starting", error);
        *started = status == TB_OK;
    } else {
        status = tb_mpi_check(MPI_Query_thread(&provided), "starting", error);
    }
    if (status == TB_OK && provided < MPI_THREAD_SERIALIZED)
        status = tb_error_set(error, TB_USAGE,
                              "this MPI library does not allow several threads to call it in turn "
                              "(MPI_THREAD_SERIALIZED); use one that does");
    return status;
}

/* Ranks of different builds may wait for each other for ever. */
static enum tb_status check_build(const struct tb_team *team, struct tb_error *error)
{
    unsigned char own[TB_BUILD_ID_SIZE], first[TB_BUILD_ID_SIZE];
    char host[256] = "";
    tb_launcher_build_id(own);
    memcpy(first, own, sizeof first);
    enum tb_status status =
        tb_mpi_check(MPI_Bcast(first, TB_BUILD_ID_SIZE, MPI_BYTE, 0, team->communicator), "comparing builds", error);
    if (status != TB_OK)
        return status;
    gethostname(host, sizeof host - 1);
    if (memcmp(first, own, sizeof first) != 0)
        status =
            tb_error_set(error, TB_USAGE,
                         "rank %d on %s runs another build of the program than rank 0: start one build on all nodes",
                         team->rank, host);
    return tb_team_agree(team, status, error);
}

static enum tb_status check_job(struct tb_team *team, int promised, struct tb_error *error)
{
    enum tb_status status = tb_launcher_check_promise(promised, team->size, error);
    if (status == TB_OK)
        status = check_build(team, error);
    if (status != TB_OK)
        return status;
    return tb_launcher_look_at_node(team->communicator, team->threads, &team->beside, error);
}

/* MPI_Comm_create_group has no form that begins a request: until all ranks of the part are here, no other thread of this one
 * calls MPI. */
static enum tb_status make_part(const struct tb_team *team, const int *ranks, int count, struct tb_team *part,
                                struct tb_error *error)
{
    enum { PART_TAG = 2 };
    struct tb_team made = {.threads = team->threads, .size = count};
    MPI_Group all, some;
    enum tb_status status = tb_mpi_check(MPI_Comm_group(team->communicator, &all), "looking at a team", error);
    if (status != TB_OK)
        return status;
    status = tb_mpi_check(MPI_Group_incl(all, count, ranks, &some), "choosing ranks", error);
    if (status == TB_OK) {
        status = tb_mpi_check(MPI_Comm_create_group(team->communicator, some, PART_TAG, &made.communicator),
                              "making a team of some ranks", error);
        MPI_Group_free(&some);
    }
    MPI_Group_free(&all);
    if (status == TB_OK)
        status = tb_mpi_check(MPI_Comm_set_errhandler(made.communicator, MPI_ERRORS_RETURN), "setting it up", error);
    if (status == TB_OK)
        status = tb_mpi_check(MPI_Comm_rank(made.communicator, &made.rank), "asking for the rank", error);
    if (status == TB_OK)
        *part = made;
    return status;
}

enum tb_status tb_team_part(const struct tb_team *team, const int *ranks, int count, struct tb_team *part,
                            struct tb_error *error)
{
    tb_mpi_lock();
    const enum tb_status status = make_part(team, ranks, count, part, error);
    tb_mpi_unlock();
    return status;
}

enum tb_status tb_team_start(struct tb_team *team, struct tb_error *error)
{
    /* Read before MPI starts: Open MPI adds to the environment. */
    const int promised = tb_launcher_promise();
    bool started;
    *team = (struct tb_team){0};
    enum tb_status status = start_mpi(&started, error);
    if (status == TB_OK)
        status = tb_team_of(MPI_COMM_WORLD, team, error);
    team->initialised = started;
    return status == TB_OK ? check_job(team, promised, error) : status;
}

void tb_team_finish(struct tb_team *team)
{
    tb_mpi_lock();
    if (team->size > 0)
        MPI_Comm_free(&team->communicator);
    if (team->initialised)
        MPI_Finalize();
    tb_mpi_unlock();
    *team = (struct tb_team){0};
}

void tb_team_wait(const struct tb_team *team)
{
    MPI_Request request;
    struct tb_error error;
    tb_mpi_lock();
    if (tb_mpi_wait(MPI_Ibarrier(team->communicator, &request), &request, "waiting for all ranks", &error) != TB_OK)
        tb_log_warning("%s", error.text);
}

/* What it says may have several lines. */
void tb_parallel_libraries(char *text, size_t size)
{
    char said[MPI_MAX_LIBRARY_VERSION_STRING] = "";
    int length = 0;
    if (MPI_Get_library_version(said, &length) != MPI_SUCCESS)
        snprintf(said, sizeof said, "MPI");
    snprintf(text, size, "%.*s", (int)strcspn(said, ",\n"), said);
}
