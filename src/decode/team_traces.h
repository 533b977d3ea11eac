/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_TEAM_TRACES_H
#define TWINBED_SRC_DECODE_TEAM_TRACES_H

/* One trace decoded by the ranks of a team (trace/trace_team.h), and what travels between them. */

#include "teams.h"
#include "twinbed/trace/trace.h"

/* Takes part as the lead: reads the trace with all threads of the team. TB_STOPPED when some rank was asked to stop. */
TB_MUST_USE enum tb_status tb_team_read_trace(const struct tb_team *team, struct tb_source *source,
                                              const struct tb_trace_request *request, struct tb_trace **trace,
                                              struct tb_error *error);

/* Takes part as one of the others, until the lead dismisses them. begins: as tb_team_work. */
void tb_team_follow_trace(const struct tb_team *team, const char *path, const struct tb_trace_request *request,
                          uint64_t *begins);

#endif
