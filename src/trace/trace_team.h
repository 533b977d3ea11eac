/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_TRACE_TRACE_TEAM_H
#define TWINBED_SRC_TRACE_TRACE_TEAM_H

/* What the caller of a worker elsewhere sends, and makes of the answer. */

#include "speculation.h"
#include "twinbed/trace/trace_team.h"

/* A chunk that a worker is to decode. */
struct trace_call {
    uint64_t begin, stop; /* offsets */
    uint64_t warm_up;     /* bytes */
    uint64_t reply_most;  /* bytes that the answer may take */
};

/* As bytes, with what was known before. False without memory, or if that is too much. */
TB_MUST_USE bool tb_trace_call_pack(const struct trace_call *call, struct speculation *before,
                                    struct tb_buffer *request);
/* Into two zeroed ones, to be freed whatever comes back: what was speculated, and what is known behind that. request is
 * without windows, and borrowed. False when the bytes are no answer. */
TB_MUST_USE bool tb_trace_reply_unpack(struct speculation *speculation, struct speculation *state,
                                       const struct tb_trace_request *request, const struct tb_buffer *reply);

#endif
