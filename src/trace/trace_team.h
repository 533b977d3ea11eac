/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_TRACE_TRACE_TEAM_H
#define TWINBED_SRC_TRACE_TRACE_TEAM_H

/* What the caller of a worker elsewhere sends, and makes of the answer.
 * include/twinbed/trace/trace_team.h is the worker's side, and says who talks to whom. How bytes
 * travel is not known here.
 *
 *       caller  tb_trace_call_pack     --- request: chunk, state --->  tb_trace_work  worker
 *       caller  tb_trace_reply_unpack  <-- answer: state, counts ---- */

#include "speculation.h"
#include "twinbed/trace/trace_team.h"

/* A chunk that a worker is to decode. */
struct trace_call {
    uint64_t begin, stop; /* Offsets of the chunk's first byte, and of the first byte behind it. */
    uint64_t warm_up;     /* Bytes before it that are decoded to learn what goes on. */
    uint64_t reply_most;  /* Bytes that the answer may take; one that would take more is empty. */
};

/* A call as bytes appended to request, with what was known before. False without memory, or if that
 * is too much to travel (64 MiB). */
TB_MUST_USE bool tb_trace_call_pack(const struct trace_call *call, struct speculation *before,
                                    struct tb_buffer *request);
/* Into two zeroed ones, to be freed whatever comes back: what was speculated, and what is known
 * behind that, from which others may be started. request is without windows, and borrowed. False
 * when the bytes are no answer, as when they are empty. */
TB_MUST_USE bool tb_trace_reply_unpack(struct speculation *speculation, struct speculation *state,
                                       const struct tb_trace_request *request, const struct tb_buffer *reply);

#endif
