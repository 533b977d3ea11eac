/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes from one rank to all, from all to one or all, and from each to each, of any size.
 *
 * Sizes go first, so that each rank takes room before any bytes come; a rank that cannot says
 * FAILED_SIZE, and all return with its status. MPI counts in int, so bytes go in pieces of a limit;
 * what fits one call goes in one. */
#include <stdlib.h>

#include "mpi_call.h"
#include "pieces.h"

enum { PIECE_TAG = 1 };

static int next_piece(uint64_t left, int limit)
{
    return left < (uint64_t)limit ? (int)left : limit;
}

/* What a rank says instead of a size when it has failed. */
static const uint64_t FAILED_SIZE = UINT64_MAX;

/* Gives an empty buffer size bytes that are still to be filled, on every rank or on none. status: what this rank comes
 * with. */
static enum tb_status make_room(const struct tb_team *team, struct tb_buffer *buffer, uint64_t size, const char *what,
                                enum tb_status status, struct tb_error *error)
{
    struct tb_buffer made = {0};
    if (status == TB_OK && size > 0) {
        made.data = size <= SIZE_MAX ? malloc((size_t)size) : NULL;
        made.size = made.capacity = (size_t)size;
        if (made.data == NULL)
            status = tb_error_memory(error, what);
    }
    status = tb_team_agree(team, status, error);
    if (status == TB_OK)
        *buffer = made;
    else
        free(made.data);
    return status;
}

/* Bytes of root to all; data has room for size bytes everywhere. */
static enum tb_status spread(const struct tb_team *team, int root, uint8_t *data, uint64_t size, int limit,
                             struct tb_error *error)
{
    for (uint64_t sent = 0; sent < size;) {
        const int piece = next_piece(size - sent, limit);
        MPI_Request request;
        tb_mpi_lock();
        const int code = MPI_Ibcast(data + sent, piece, MPI_BYTE, root, team->communicator, &request);
        const enum tb_status status = tb_mpi_wait(code, &request, "sending bytes to all ranks", error);
        if (status != TB_OK)
            return status;
        sent += (uint64_t)piece;
    }
    return TB_OK;
}

enum tb_status tb_broadcast_in_pieces(const struct tb_team *team, struct tb_buffer *buffer, int limit,
                                      struct tb_error *error)
{
    const bool root = team->rank == 0;
    const enum tb_status own = root ? tb_buffer_check(buffer, "bytes for all ranks", error) : TB_OK;
    uint64_t size = own != TB_OK ? FAILED_SIZE : root ? buffer->size : 0;
    MPI_Request request;
    tb_mpi_lock();
    const int code = MPI_Ibcast(&size, 1, MPI_UINT64_T, 0, team->communicator, &request);
    enum tb_status status = tb_mpi_wait(code, &request, "sending a size", error);
    if (status != TB_OK)
        return status;
    struct tb_buffer received = {0};
    status = make_room(team, &received, root || size == FAILED_SIZE ? 0 : size, "bytes from rank 0", own, error);
    if (status != TB_OK)
        return status;
    status = spread(team, 0, root ? buffer->data : received.data, size, limit, error);
    if (status != TB_OK)
        tb_buffer_free(&received);
    else if (!root)
        *buffer = received;
    return status;
}

enum tb_status tb_team_broadcast(const struct tb_team *team, struct tb_buffer *buffer, struct tb_error *error)
{
    return tb_broadcast_in_pieces(team, buffer, TB_PIECE_LIMIT, error);
}

/* One call for all ranks; every offset fits an int. counts has room for two for each rank. */
static enum tb_status gather_at_once(const struct tb_team *team, const struct tb_buffer *local, bool everywhere,
                                     uint8_t *into, const uint64_t *begins, int *counts, struct tb_error *error)
{
    int *const offsets = counts + team->size;
    for (int rank = 0; rank < team->size; rank++) {
        offsets[rank] = (int)begins[rank];
        counts[rank] = (int)(begins[rank + 1] - begins[rank]);
    }
    MPI_Request request;
    tb_mpi_lock();
    const int code = everywhere ? MPI_Iallgatherv(local->data, (int)local->size, MPI_BYTE, into, counts, offsets,
                                                  MPI_BYTE, team->communicator, &request)
                                : MPI_Igatherv(local->data, (int)local->size, MPI_BYTE, into, counts, offsets, MPI_BYTE,
                                               0, team->communicator, &request);
    return tb_mpi_wait(code, &request, "gathering bytes", error);
}

static enum tb_status send_pieces(const struct tb_team *team, const struct tb_buffer *local, int limit,
                                  struct tb_error *error)
{
    for (uint64_t sent = 0; sent < local->size;) {
        const int piece = next_piece(local->size - sent, limit);
        MPI_Request request;
        tb_mpi_lock();
        const int code = MPI_Isend(local->data + sent, piece, MPI_BYTE, 0, PIECE_TAG, team->communicator, &request);
        const enum tb_status status = tb_mpi_wait(code, &request, "sending bytes to rank 0", error);
        if (status != TB_OK)
            return status;
        sent += (uint64_t)piece;
    }
    return TB_OK;
}

static enum tb_status receive_pieces(const struct tb_team *team, uint8_t *into, const uint64_t *begins, int limit,
                                     struct tb_error *error)
{
    for (int rank = 1; rank < team->size; rank++) {
        for (uint64_t at = begins[rank]; at < begins[rank + 1];) {
            const int piece = next_piece(begins[rank + 1] - at, limit);
            MPI_Request request;
            tb_mpi_lock();
            const int code = MPI_Irecv(into + at, piece, MPI_BYTE, rank, PIECE_TAG, team->communicator, &request);
            const enum tb_status status = tb_mpi_wait(code, &request, "receiving bytes", error);
            if (status != TB_OK)
                return status;
            at += (uint64_t)piece;
        }
    }
    return TB_OK;
}

static void place_own(const struct tb_team *team, const struct tb_buffer *local, uint8_t *into, const uint64_t *begins)
{
    if (local->size > 0)
        memcpy(into + begins[team->rank], local->data, local->size);
}

/* Rank after rank, for totals beyond one call. */
static enum tb_status gather_by_rank(const struct tb_team *team, const struct tb_buffer *local, bool everywhere,
                                     int limit, uint8_t *into, const uint64_t *begins, struct tb_error *error)
{
    if (!everywhere && team->rank != 0)
        return send_pieces(team, local, limit, error);
    place_own(team, local, into, begins);
    if (!everywhere)
        return receive_pieces(team, into, begins, limit, error);
    for (int rank = 0; rank < team->size; rank++) {
        const uint64_t size = begins[rank + 1] - begins[rank];
        enum tb_status status = spread(team, rank, into + begins[rank], size, limit, error);
        if (status != TB_OK)
            return status;
    }
    return TB_OK;
}

/* begins[r + 1] holds the size of rank r's bytes; begins[r] becomes where they start, begins[size] the total. A rank that
 * has failed has told all; then all get what it says. own: what this rank comes with. */
static enum tb_status add_sizes(const struct tb_team *team, uint64_t *begins, enum tb_status own,
                                struct tb_error *error)
{
    bool failed = false;
    begins[0] = 0;
    for (int rank = 0; rank < team->size; rank++) {
        failed = failed || begins[rank + 1] == FAILED_SIZE;
        begins[rank + 1] += begins[rank];
    }
    return failed ? tb_team_agree(team, own, error) : TB_OK;
}

static enum tb_status share_begins(const struct tb_team *team, const struct tb_buffer *local, uint64_t *begins,
                                   struct tb_error *error)
{
    const enum tb_status own = tb_buffer_check(local, "bytes to gather", error);
    const uint64_t size = own == TB_OK ? local->size : FAILED_SIZE;
    MPI_Request request;
    tb_mpi_lock();
    const int code = MPI_Iallgather(&size, 1, MPI_UINT64_T, begins + 1, 1, MPI_UINT64_T, team->communicator, &request);
    const enum tb_status status = tb_mpi_wait(code, &request, "gathering sizes", error);
    return status == TB_OK ? add_sizes(team, begins, own, error) : status;
}

enum tb_status tb_gather_in_pieces(const struct tb_team *team, const struct tb_buffer *local, bool everywhere,
                                   int limit, struct tb_buffer *gathered, uint64_t *begins, struct tb_error *error)
{
    enum tb_status status = share_begins(team, local, begins, error);
    if (status != TB_OK)
        return status;
    const bool receives = everywhere || team->rank == 0;
    const uint64_t total = begins[team->size];
    struct tb_buffer made = {0};
    int *const counts = malloc((size_t)team->size * 2 * sizeof *counts);
    if (counts == NULL)
        status = tb_error_memory(error, "offsets of ranks");
    status = make_room(team, &made, receives ? total : 0, "bytes of all ranks", status, error);
    if (status == TB_OK && total <= (uint64_t)limit)
        status = gather_at_once(team, local, everywhere, made.data, begins, counts, error);
    else if (status == TB_OK)
        status = gather_by_rank(team, local, everywhere, limit, made.data, begins, error);
    free(counts);
    if (status != TB_OK) {
        tb_buffer_free(&made);
        return status;
    }
    *gathered = made;
    if (!receives)
        memset(begins, 0, ((size_t)team->size + 1) * sizeof *begins);
    return TB_OK;
}

enum tb_status tb_team_gather(const struct tb_team *team, const struct tb_buffer *local, bool everywhere,
                              struct tb_buffer *gathered, uint64_t *begins, struct tb_error *error)
{
    return tb_gather_in_pieces(team, local, everywhere, TB_PIECE_LIMIT, gathered, begins, error);
}

enum tb_status tb_team_collect(const struct tb_team *team, enum tb_status own, const struct tb_buffer *local,
                               const char *what, bool everywhere,
                               enum tb_status (*take)(void *context, struct tb_bytes all, struct tb_error *error),
                               void *context, struct tb_error *error)
{
    struct tb_buffer all = {0};
    uint64_t *begins = calloc((size_t)team->size + 1, sizeof *begins);
    if (own == TB_OK)
        own = begins == NULL ? tb_error_memory(error, what) : tb_buffer_check(local, what, error);
    enum tb_status status = tb_team_agree(team, own, error);
    if (status == TB_OK)
        status = tb_team_gather(team, local, everywhere, &all, begins, error);
    if (status == TB_OK && (everywhere || team->rank == 0))
        own = take(context, tb_bytes_packed(all.data, all.size), error);
    if (status == TB_OK)
        status = tb_team_agree(team, own, error);
    free(begins);
    tb_buffer_free(&all);
    return status;
}

/* --- from each to each --- */

/* What goes to each rank and comes from it, in bytes: two lists, one behind the other. */
static enum tb_status exchange_sizes(const struct tb_team *team, const struct tb_buffer *outgoing, uint64_t *sizes,
                                     struct tb_error *error)
{
    enum tb_status own = TB_OK;
    for (int rank = 0; rank < team->size; rank++) {
        sizes[rank] = outgoing[rank].size;
        if (own == TB_OK)
            own = tb_buffer_check(&outgoing[rank], "bytes to exchange", error);
    }
    const enum tb_status status = tb_team_agree(team, own, error);
    if (status != TB_OK)
        return status;
    MPI_Request request;
    tb_mpi_lock();
    const int code =
        MPI_Ialltoall(sizes, 1, MPI_UINT64_T, sizes + team->size, 1, MPI_UINT64_T, team->communicator, &request);
    return tb_mpi_wait(code, &request, "exchanging sizes", error);
}

/* A piece to one rank, while one comes from another; either may be empty. */
static enum tb_status swap_piece(const struct tb_team *team, int to, const uint8_t *sent, int sent_size, int from,
                                 uint8_t *into, int size, struct tb_error *error)
{
    static const char doing[] = "exchanging bytes";
    MPI_Request coming, going;
    enum tb_status status = TB_OK;
    tb_mpi_lock();
    const int receives = MPI_Irecv(into, size, MPI_BYTE, from, PIECE_TAG, team->communicator, &coming);
    const int sends = MPI_Isend(sent, sent_size, MPI_BYTE, to, PIECE_TAG, team->communicator, &going);
    status = tb_mpi_wait(sends, &going, doing, error);
    if (status != TB_OK)
        return status;
    tb_mpi_lock();
    return tb_mpi_wait(receives, &coming, doing, error);
}

/* All bytes to one rank, while all come from another: in pieces, whose number follows from sizes that both sides know. */
static enum tb_status swap(const struct tb_team *team, int to, const struct tb_buffer *outgoing, int from,
                           uint8_t *into, uint64_t size, int limit, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    uint64_t sent = 0, taken = 0;
    while (status == TB_OK && (sent < outgoing->size || taken < size)) {
        const int out = next_piece(outgoing->size - sent, limit);
        const int in = next_piece(size - taken, limit);
        status = swap_piece(team, out > 0 ? to : MPI_PROC_NULL, out > 0 ? outgoing->data + sent : NULL, out,
                            in > 0 ? from : MPI_PROC_NULL, in > 0 ? into + taken : NULL, in, error);
        sent += (uint64_t)out;
        taken += (uint64_t)in;
    }
    return status;
}

/* begins: where in received each rank's bytes begin. */
static enum tb_status exchange_all(const struct tb_team *team, struct tb_buffer *outgoing, const uint64_t *begins,
                                   int limit, struct tb_buffer *received, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    place_own(team, &outgoing[team->rank], received->data, begins);
    for (int step = 1; step < team->size && status == TB_OK; step++) {
        const int to = (team->rank + step) % team->size;
        const int from = (team->rank - step + team->size) % team->size;
        const uint64_t size = begins[from + 1] - begins[from];
        status =
            swap(team, to, &outgoing[to], from, size > 0 ? received->data + begins[from] : NULL, size, limit, error);
        tb_buffer_free(&outgoing[to]);
    }
    return status;
}

enum tb_status tb_exchange_in_pieces(const struct tb_team *team, struct tb_buffer *outgoing, int limit,
                                     struct tb_buffer *received, struct tb_error *error)
{
    const size_t ranks = (size_t)team->size;
    uint64_t *const sizes = calloc(3 * ranks + 1, sizeof *sizes);
    uint64_t *const begins = sizes == NULL ? NULL : sizes + 2 * ranks;
    struct tb_buffer made = {0};
    enum tb_status status =
        tb_team_agree(team, sizes == NULL ? tb_error_memory(error, "sizes of ranks") : TB_OK, error);
    if (status == TB_OK)
        status = exchange_sizes(team, outgoing, sizes, error);
    for (size_t rank = 0; rank < ranks && status == TB_OK; rank++)
        begins[rank + 1] = begins[rank] + sizes[ranks + rank];
    if (status == TB_OK)
        status = make_room(team, &made, begins[ranks], "bytes of all ranks", TB_OK, error);
    if (status == TB_OK)
        status = exchange_all(team, outgoing, begins, limit, &made, error);
    for (size_t rank = 0; rank < ranks; rank++)
        tb_buffer_free(&outgoing[rank]);
    free(sizes);
    if (status == TB_OK)
        *received = made;
    else
        tb_buffer_free(&made);
    return status;
}

enum tb_status tb_team_exchange(const struct tb_team *team, struct tb_buffer *outgoing, struct tb_buffer *received,
                                struct tb_error *error)
{
    return tb_exchange_in_pieces(team, outgoing, TB_PIECE_LIMIT, received, error);
}

enum tb_status tb_team_sum(const struct tb_team *team, uint64_t *values, int count, struct tb_error *error)
{
    MPI_Request request;
    tb_mpi_lock();
    const int code = MPI_Iallreduce(MPI_IN_PLACE, values, count, MPI_UINT64_T, MPI_SUM, team->communicator, &request);
    return tb_mpi_wait(code, &request, "summing over ranks", error);
}

enum tb_status tb_team_prefix(const struct tb_team *team, uint64_t value, uint64_t *before, uint64_t *total,
                              struct tb_error *error)
{
    /* MPI_Exscan leaves rank 0's result as it was. */
    uint64_t lower = 0, sum = value;
    MPI_Request request;
    tb_mpi_lock();
    const int code = MPI_Iexscan(&value, &lower, 1, MPI_UINT64_T, MPI_SUM, team->communicator, &request);
    enum tb_status status = tb_mpi_wait(code, &request, "summing over lower ranks", error);
    if (status == TB_OK)
        status = tb_team_sum(team, &sum, 1, error);
    if (status != TB_OK)
        return status;
    *before = lower;
    if (total != NULL)
        *total = sum;
    return TB_OK;
}
