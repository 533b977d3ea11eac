/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_TEAM_CAPTURES_H
#define TWINBED_SRC_DECODE_TEAM_CAPTURES_H

/* One capture decoded by the ranks of a team (capture/capture_team.h), and what travels between them. */

#include "teams.h"
#include "twinbed/campaign/campaign.h"
#include "twinbed/capture/capture.h"

/* Takes part as the lead: reads the capture with all threads of the team. TB_STOPPED when some rank was asked to stop. */
TB_MUST_USE enum tb_status tb_team_read_capture(const struct tb_team *team, struct tb_source *source,
                                                const struct tb_capture_request *request, struct tb_capture **capture,
                                                struct tb_error *error);

/* Takes part as one of the others, until the lead dismisses them. begins as in tb_team_work. */
void tb_team_follow_capture(const struct tb_team *team, const struct tb_artifact *artifact,
                            const struct tb_capture_request *request, uint64_t *begins);

#endif
