/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_PARALLEL_TEAM_H
#define TWINBED_PARALLEL_TEAM_H

/* The ranks of a job, and how they agree.
 *
 * No rank leaves alone: a local failure is recorded, agreed on collectively, and
 * every rank returns the same status with the same sentence. "Collective" below
 * means that every rank of the team must call, in the same order.
 *
 * Ranks agree in agree.c, bytes move in exchange.c and calls.c, signals are caught in stop.c, builds told apart in
 * launcher.c. */

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

#include "twinbed/base/bytes.h"
#include "twinbed/base/status.h"

struct tb_team {
    MPI_Comm communicator; /* owned: a duplicate of the one the team was made from */
    int rank;
    int size;
    int threads;      /* OpenMP threads of this rank */
    int beside;       /* ranks of the job on this machine, this one included; 0: not asked */
    bool initialised; /* tb_team_start started MPI, tb_team_finish ends it */
};

/* Starts MPI and makes a team of all ranks. Without a launcher in the
 * environment it sets what makes a lone process start at once
 * (OMPI_MCA_ess_singleton_isolated and friends), unless they are set already.
 * Stops with TB_USAGE when the launcher promised more ranks than MPI shows
 * (wrong PMI plugin), and warns when there are more threads than CPUs to run
 * them; and with TB_USAGE on all ranks when they are not of one build. team
 * is to be finished in any case: until then a rank waits for others, so that
 * rank 0 of it can say what is wrong. Collective over the job. */
TB_MUST_USE enum tb_status tb_team_start(struct tb_team *team, struct tb_error *error);

/* A team over a given communicator, which is duplicated (tests, libraries). Collective. */
TB_MUST_USE enum tb_status tb_team_of(MPI_Comm communicator, struct tb_team *team, struct tb_error *error);

/* A team of count ranks of this one, in the order given: ranks[0] becomes its rank 0. Collective over these ranks, which
 * all call with the same; each must be one of them. On TB_OK *part is the caller's to finish with tb_team_finish, before
 * the team it is part of. TB_INTERNAL when MPI fails. */
TB_MUST_USE enum tb_status tb_team_part(const struct tb_team *team, const int *ranks, int count, struct tb_team *part,
                                        struct tb_error *error);

/* Collective. Accepts a zeroed team. */
void tb_team_finish(struct tb_team *team);

/* Spreads failure: every rank gets TB_OK when all had it, else the status and
 * sentence of the lowest rank that failed, prefixed by nothing. Collective. */
TB_MUST_USE enum tb_status tb_team_agree(const struct tb_team *team, enum tb_status local, struct tb_error *error);

/* Rank 0's bytes to all: on the others buffer is filled (it must be empty). Any
 * size (in pieces under 2 GiB). Collective. */
TB_MUST_USE enum tb_status tb_team_broadcast(const struct tb_team *team, struct tb_buffer *buffer,
                                             struct tb_error *error);

/* Every rank's bytes, one after the other in rank order. gathered must be empty;
 * begins has size + 1 items: rank r's bytes are [begins[r], begins[r + 1]).
 * everywhere: all ranks get them, else only rank 0 (the others get nothing and
 * begins all 0). Any size. Collective. */
TB_MUST_USE enum tb_status tb_team_gather(const struct tb_team *team, const struct tb_buffer *local, bool everywhere,
                                          struct tb_buffer *gathered, uint64_t *begins, struct tb_error *error);

/* The same, given to take, on all ranks or on rank 0 alone. own: how it went on this rank so far; when that, local or take
 * fails on any rank, every rank returns so. what: of local, for messages. Collective. */
TB_MUST_USE enum tb_status
tb_team_collect(const struct tb_team *team, enum tb_status own, const struct tb_buffer *local, const char *what,
                bool everywhere, enum tb_status (*take)(void *context, struct tb_bytes all, struct tb_error *error),
                void *context, struct tb_error *error);

/* To each rank what outgoing has for it, one buffer a rank, the own one included; they are freed. What comes from all ranks
 * stands in received, which must be empty, one rank behind the other. Any size. When a buffer has failed on any rank, or
 * memory is short, every rank returns so. Collective. */
TB_MUST_USE enum tb_status tb_team_exchange(const struct tb_team *team, struct tb_buffer *outgoing,
                                            struct tb_buffer *received, struct tb_error *error);

/* Bytes from one rank to another, which receives them: any thread of either, whatever its other threads call of this page but
 * tb_team_finish. Messages of one channel arrive in their order; one thread of each side at a time uses a channel. Who waits
 * gives way, and sleeps after a short while. At most INT_MAX bytes. TB_INTERNAL, TB_MEMORY. Not collective. */
struct tb_sending {
    struct tb_buffer bytes; /* owned */
    MPI_Request request;
    bool begun;
};
/* Does not wait: takes bytes, which are empty then. sending is zeroed, and does not move until it has ended. */
TB_MUST_USE enum tb_status tb_team_send(const struct tb_team *team, int rank, unsigned channel, struct tb_buffer *bytes,
                                        struct tb_sending *sending, struct tb_error *error);
/* Waits until the bytes are on their way, and zeroes sending. Accepts a zeroed one. */
TB_MUST_USE enum tb_status tb_team_send_end(struct tb_sending *sending, struct tb_error *error);
/* Does not wait: *here is false when there is no message yet. received must be empty. rank: TB_ANY_RANK for whoever sends. */
enum { TB_ANY_RANK = -1 };
TB_MUST_USE enum tb_status tb_team_poll(const struct tb_team *team, int rank, unsigned channel,
                                        struct tb_buffer *received, bool *here, struct tb_error *error);
/* The same, but waits. */
TB_MUST_USE enum tb_status tb_team_receive(const struct tb_team *team, int rank, unsigned channel,
                                           struct tb_buffer *received, struct tb_error *error);
/* Between two of these: gives way to other threads, and sleeps once that was often enough. *tries: so often; 0 at first. */
void tb_team_give_way(unsigned *tries);

/* Element-wise sum of count integers over all ranks, on all ranks, in place. Collective. */
TB_MUST_USE enum tb_status tb_team_sum(const struct tb_team *team, uint64_t *values, int count, struct tb_error *error);

/* Sum of value over the ranks before this one; 0 on rank 0. total may be NULL. Collective. */
TB_MUST_USE enum tb_status tb_team_prefix(const struct tb_team *team, uint64_t value, uint64_t *before, uint64_t *total,
                                          struct tb_error *error);

/* Collective. */
void tb_team_wait(const struct tb_team *team);

/* Catches SIGTERM, SIGINT, SIGUSR1 and SIGUSR2 from now on: work stops at the
 * next safe place. Not collective. */
void tb_stop_catch(void);
/* This rank was asked to stop. Any thread. */
bool tb_stop_requested(void);

/* The linker's digest of the program and all of it, in hexadecimal; "" when the linker made none. Another whenever anything of
 * the program differs. Gives text. */
enum { TB_BUILD_TEXT_SIZE = 41 };
const char *tb_parallel_build(char text[TB_BUILD_TEXT_SIZE]);

/* Names and versions of the libraries behind this room, as the libraries say them: "Open MPI v4.1.4". */
void tb_parallel_libraries(char *text, size_t size);

#endif
