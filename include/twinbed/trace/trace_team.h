/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_TRACE_TEAM_H
#define TWINBED_TRACE_TRACE_TEAM_H

/* One plain trace decoded by several processes, each with its threads. The result is that of tb_trace_read, bit for
 * bit, however many there are and wherever the file is cut.
 *
 * The lead holds the decoder. A round goes like this:
 *
 *      lead       tb_trace_lead_offer: where the round begins, how long its segments are, and what is known there of
 *                 threads, names and descriptors, as bytes for all followers
 *      follower   tb_trace_follow: decodes the segments of its threads from that, reading the file itself; what came
 *                 of it, as bytes for the lead
 *      lead       tb_trace_lead_work, at the same time: decodes the first segment, and those of its other threads
 *      lead       tb_trace_lead_join: joins all in file order, as far as what was assumed turned out right
 *
 * The next round begins where the joining stopped, knowing which threads were born or renamed in what did not join.
 * Segments grow while all joins and shrink while little does. How bytes travel is the caller's affair; nothing here
 * is collective. Bytes that came from elsewhere may be anything: at worst they join nothing. */

#include "twinbed/trace/trace.h"

/* How a file is cut; 0 anywhere: as fits. */
struct tb_team_cut {
    uint64_t segment_least; /* bytes */
    uint64_t segment_most;
    uint64_t warm_up; /* as in tb_split */
};

/* What came of it. The result does not depend on it. */
struct tb_split_outcome {
    uint64_t rounds;
    uint64_t joined;   /* segments decoded ahead whose assumptions held */
    uint64_t repeated; /* those decoded again: theirs did not, or those of one before them */
};

struct tb_trace_lead;     /* opaque */
struct tb_trace_follower; /* opaque */

/* The lead of member_count processes; threads[i] of member i, itself member 0. source (plain, else TB_USAGE), request
 * and what it refers to are borrowed until the end. On TB_OK *lead is the caller's to free. */
TB_MUST_USE enum tb_status tb_trace_lead_start(struct tb_source *source, const struct tb_trace_request *request,
                                               const uint32_t *threads, size_t member_count,
                                               const struct tb_team_cut *cut, struct tb_trace_lead **lead,
                                               struct tb_error *error);
/* There is more to read. */
bool tb_trace_lead_goes_on(const struct tb_trace_lead *lead);
/* Begins a round: appends what followers need. The same bytes for all. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_trace_lead_offer(struct tb_trace_lead *lead, struct tb_buffer *offer,
                                               struct tb_error *error);
/* The lead's own part of the round. Fails as tb_trace_read does. */
TB_MUST_USE enum tb_status tb_trace_lead_work(struct tb_trace_lead *lead, struct tb_error *error);
/* Ends the round: replies[i] is member i's, that of the lead (0) not looked at. */
TB_MUST_USE enum tb_status tb_trace_lead_join(struct tb_trace_lead *lead, struct tb_bytes *replies,
                                              struct tb_error *error);
/* After the last round; *trace is the caller's to free. outcome may be NULL. */
TB_MUST_USE enum tb_status tb_trace_lead_finish(struct tb_trace_lead *lead, struct tb_trace **trace,
                                                struct tb_split_outcome *outcome, struct tb_error *error);
/* Accepts NULL. */
void tb_trace_lead_free(struct tb_trace_lead *lead);

/* A process that decodes for a lead; member is its place there, threads what the lead was told. The same request; source
 * is its own view of the file, borrowed until the end. */
TB_MUST_USE enum tb_status tb_trace_follower_start(struct tb_source *source, const struct tb_trace_request *request,
                                                   size_t member, uint32_t threads, struct tb_trace_follower **follower,
                                                   struct tb_error *error);
/* Does its part of one round, and appends the reply. What cannot be read or held is left to the lead. */
void tb_trace_follow(struct tb_trace_follower *follower, struct tb_bytes offer, struct tb_buffer *reply);
/* Accepts NULL. */
void tb_trace_follower_free(struct tb_trace_follower *follower);

/* Bytes that replies of a round may take together, beyond which a follower leaves its segments to the lead; and the
 * longest segments. */
enum { TB_TEAM_REPLIES_MOST = 256 << 20, TB_TEAM_SEGMENT_MOST = 32 << 20 };

#endif
