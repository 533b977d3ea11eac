/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_TEAM_TRACES_H
#define TWINBED_SRC_ANALYSIS_TEAM_TRACES_H

/* One trace decoded by the ranks of a team (os/trace_team.h), and what travels between them.
 *
 * Rank 0 of the team leads. It sends bytes to all, which all answer with bytes, until it dismisses them; so those who
 * follow take part whatever becomes of the lead's own work, and a rank that cannot read the file is no hindrance: what
 * it leaves undone the others do. */

#include "job.h"

/* Takes part as the lead: reads the trace with all threads of the team. TB_STOPPED when some rank was asked to stop.
 * The others follow until team_dismiss. */
TB_MUST_USE enum tb_status team_read_trace(const struct tb_team *team, struct tb_source *source,
                                           const struct tb_trace_request *request, struct tb_trace **trace,
                                           struct tb_error *error);
/* The lead, in the end, whatever came of it. */
void team_dismiss(const struct tb_team *team);

/* Takes part as one of the others, until the lead dismisses them. begins: room for one more than the team's ranks. */
void team_follow_trace(const struct tb_team *team, const char *path, const struct tb_trace_request *request,
                       uint64_t *begins);

/* Lets this rank take part in the decoding of every trace that teams decode, in their order: calls lead, with the
 * team and context, where this rank leads and follow where it does not. skip, which must say the same on every rank,
 * leaves traces out. Collective over the job. TB_INTERNAL when MPI fails. */
struct team_work {
    bool (*skip)(void *context, size_t artifact);
    void (*lead)(void *context, size_t artifact, const struct tb_team *team);
    void *context;
    bool again; /* the traces were decoded as a whole before: now in cuts */
};
TB_MUST_USE enum tb_status teams_take_part(const struct job *job, const struct team_work *work, struct tb_error *error);

#endif
