/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_TEAMS_H
#define TWINBED_SRC_DECODE_TEAMS_H

/* How the ranks of a team decode one file together, whatever kind of file it is.
 *
 * Rank 0 of the team leads. It sends bytes to all, which all answer with bytes, until it dismisses them; so those who
 * follow take part whatever becomes of the lead's own work, and a rank that cannot read the file is no hindrance: what
 * it leaves undone the others do. */

#include "twinbed/parallel/team.h"

/* The lead's side. Zero it, begin, call and gather by turns, dismiss, end. */
struct team_leader {
    const struct tb_team *team;
    struct tb_buffer replies; /* owned; of all ranks, each after whether it was asked to stop */
    uint64_t *begins;         /* owned */
    struct tb_bytes *views;   /* owned; the latest replies, without that */
    uint32_t *threads;        /* owned; of each rank; 0 for one that does not take part */
};

/* Learns how many threads each rank has for the file. TB_STOPPED as below. To be ended in any case. */
TB_MUST_USE enum tb_status tb_team_leader_begin(struct team_leader *leader, const struct tb_team *team,
                                                struct tb_error *error);
/* Frees what the leader owns; the team is dismissed apart from that. */
void tb_team_leader_end(struct team_leader *leader);
/* Lets the others go on, whatever came of the lead's work. */
void tb_team_dismiss(const struct tb_team *team);
/* A call of a kind of its own (any but 0) for all ranks. */
void tb_team_call_begin(struct tb_buffer *call, uint8_t kind);
/* Sends a call to all, whose bytes may be gone then. Collective, as all follow. */
TB_MUST_USE enum tb_status tb_team_leader_call(const struct team_leader *leader, struct tb_buffer *call,
                                               struct tb_error *error);
/* All answers are in leader->views; that of the lead itself is empty. TB_STOPPED when some rank was asked to stop. */
TB_MUST_USE enum tb_status tb_team_leader_gather(struct team_leader *leader, struct tb_error *error);

/* TB_STOPPED, with the sentence for it. */
TB_MUST_USE enum tb_status tb_team_stopped(struct tb_error *error);

/* One of the others. */
struct team_worker {
    /* Opens what is needed, unless that was done. False, with the reason, when this rank cannot take part. */
    bool (*open)(void *context, struct tb_error *error);
    /* Appends the answer to a call, also when nothing could be opened. What fails but MPI, and what all agree on, is for
     * the lead to find out. */
    enum tb_status (*answer)(void *context, uint8_t kind, struct tb_bytes call, struct tb_buffer *reply,
                             struct tb_error *error);
    void *context;
};
/* Takes part until the lead dismisses the team. begins: room for one more than the team's ranks. */
void tb_team_work(const struct tb_team *team, const struct team_worker *worker, uint64_t *begins);

#endif
