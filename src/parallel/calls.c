/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes from one rank to another. */
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "mpi_call.h"
#include "twinbed/parallel/team.h"

enum { FIRST_TAG = 16 };

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

static const char sending_bytes[] = "sending bytes to a rank";

enum tb_status tb_team_send(const struct tb_team *team, int rank, unsigned channel, struct tb_buffer *bytes,
                            struct tb_sending *sending, struct tb_error *error)
{
    *sending = (struct tb_sending){.bytes = *bytes};
    *bytes = (struct tb_buffer){0};
    if (sending->bytes.size > INT_MAX)
        return tb_error_set(error, TB_INTERNAL, "too many bytes for one message between ranks");
    tb_mpi_lock();
    const enum tb_status status = tb_mpi_end(MPI_Isend(sending->bytes.data, (int)sending->bytes.size, MPI_BYTE, rank,
                                                       FIRST_TAG + (int)channel, team->communicator, &sending->request),
                                             sending_bytes, error);
    sending->begun = status == TB_OK;
    return status;
}

enum tb_status tb_team_send_end(struct tb_sending *sending, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    if (sending->begun) {
        tb_mpi_lock();
        status = tb_mpi_wait(MPI_SUCCESS, &sending->request, sending_bytes, error);
    }
    tb_buffer_free(&sending->bytes);
    *sending = (struct tb_sending){.begun = false};
    return status;
}

static enum tb_status find_message(const struct tb_team *team, int rank, unsigned channel, MPI_Message *message,
                                   int *found, int *size, struct tb_error *error)
{
    MPI_Status state;
    const int sender = rank == TB_ANY_RANK ? MPI_ANY_SOURCE : rank;
    tb_mpi_lock();
    int code = MPI_Improbe(sender, FIRST_TAG + (int)channel, team->communicator, found, message, &state);
    if (code == MPI_SUCCESS && *found)
        code = MPI_Get_count(&state, MPI_BYTE, size);
    return tb_mpi_end(code, "waiting for bytes of a rank", error);
}

static enum tb_status take_message(MPI_Message *message, int size, struct tb_buffer *received, struct tb_error *error)
{
    static const char doing[] = "receiving bytes of a rank";
    MPI_Request request;
    received->data = malloc((size_t)size + 1);
    if (received->data == NULL)
        return tb_error_memory(error, "bytes of a rank");
    received->size = received->capacity = (size_t)size;
    tb_mpi_lock();
    return tb_mpi_wait(MPI_Imrecv(received->data, size, MPI_BYTE, message, &request), &request, doing, error);
}

enum tb_status tb_team_poll(const struct tb_team *team, int rank, unsigned channel, struct tb_buffer *received,
                            bool *here, struct tb_error *error)
{
    MPI_Message message;
    int found = 0, size = 0;
    enum tb_status status = find_message(team, rank, channel, &message, &found, &size, error);
    *here = found != 0;
    return status == TB_OK && found ? take_message(&message, size, received, error) : status;
}

enum tb_status tb_team_receive(const struct tb_team *team, int rank, unsigned channel, struct tb_buffer *received,
                               struct tb_error *error)
{
    enum tb_status status = TB_OK;
    unsigned tries = 0;
    for (bool here = false; status == TB_OK && !here;) {
        status = tb_team_poll(team, rank, channel, received, &here, error);
        if (!here)
            tb_team_give_way(&tries);
    }
    return status;
}
