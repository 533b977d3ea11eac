/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CAPTURE_CAPTURE_TEAM_H
#define TWINBED_CAPTURE_CAPTURE_TEAM_H

/* One plain capture decoded by several processes, each with its threads. The result is that of tb_capture_read, bit
 * for bit, however many there are and wherever the file is cut.
 *
 * Each process is a member: its threads parse segments of the file, and own some of the flows. Member 0 leads. A round
 * goes like this:
 *
 *      lead    tb_capture_lead_offer: what became of the segments of the round before, where the round begins, who
 *              parses which segments, and what is known of the file there, as bytes for all
 *      all     tb_capture_lead_work, tb_capture_member_work: add the packets of the round before to the flows they
 *              own, and parse their segments, reading the file themselves; the lead its first one from where everything
 *              before was read, all others from a guess
 *      all     tb_capture_member_send, tb_capture_member_take: the packets, from each to each, to whom owns their flows
 *      others  tb_capture_member_reply: what the lead must know of their segments, as bytes
 *      lead    tb_capture_lead_settle: goes through the segments in file order, as far as guesses turned out right
 *
 * The next round begins where that stopped. When all is read and added (tb_capture_lead_goes_on says no), what each
 * member's flows add up to goes to the lead (tb_capture_member_result, tb_capture_lead_add), and their rows, when they
 * were asked for, some at a time (tb_capture_member_rows, tb_capture_lead_add_rows). The lead merges them.
 *
 * How bytes travel is the caller's affair; nothing here is collective. Bytes that came from elsewhere may be anything.
 * A member that cannot parse leaves its segments to the lead. One that cannot go on with its flows says so; then the lead
 * reads all of the capture itself. */

#include "twinbed/capture/capture.h"

/* How a file is cut; 0 anywhere: as fits. */
struct tb_capture_team_cut {
    uint64_t segment_least; /* bytes */
    uint64_t segment_most;
    uint32_t segments; /* of a round, for each thread; at most 8 */
};

/* Bytes that a round takes at most in a process with some of all threads of a team, when the cut is as fits; live flows,
 * and the fragments of a round, come on top. */
uint64_t tb_capture_team_memory(uint64_t all_threads, uint64_t threads);

/* What came of it. The result does not depend on it. */
struct tb_capture_team_outcome {
    uint64_t rounds;
    uint64_t joined;   /* segments parsed from a guess that held */
    uint64_t repeated; /* those that were not */
    bool alone;        /* the lead had to read all of it alone, for this reason: */
    char reason[200];
};

/* Bytes of rows that travel at a time, about. */
enum { TB_TEAM_ROWS = 4 << 20 };

struct tb_capture_lead;   /* opaque */
struct tb_capture_member; /* opaque */

/* The lead of member_count processes, itself member 0. threads[i] of member i, 0 for one that cannot take part. source
 * (plain, else TB_USAGE) and request are borrowed until the end. Fails as tb_capture_read does for what is no capture.
 * On TB_OK *lead is the caller's to free. */
TB_MUST_USE enum tb_status tb_capture_lead_start(struct tb_source *source, const struct tb_capture_request *request,
                                                 const uint32_t *threads, size_t member_count,
                                                 const struct tb_capture_team_cut *cut, struct tb_capture_lead **lead,
                                                 struct tb_error *error);
/* The lead as a member. Borrowed. */
struct tb_capture_member *tb_capture_lead_member(struct tb_capture_lead *lead);
/* There is more to read or to add. */
bool tb_capture_lead_goes_on(const struct tb_capture_lead *lead);
/* Begins a round: appends what members need. The same bytes for all. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_capture_lead_offer(struct tb_capture_lead *lead, struct tb_buffer *offer,
                                                 struct tb_error *error);
/* The lead's own part of the round. offer as it was made. Fails as tb_capture_read does. */
TB_MUST_USE enum tb_status tb_capture_lead_work(struct tb_capture_lead *lead, struct tb_bytes offer,
                                                struct tb_error *error);
/* Ends the round: replies[i] is member i's, that of the lead (0) not looked at. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_capture_lead_settle(struct tb_capture_lead *lead, const struct tb_bytes *replies,
                                                  struct tb_error *error);
/* After the last round, whether anything came of it: the result of one member. False when the lead needs no more. */
bool tb_capture_lead_add(struct tb_capture_lead *lead, size_t member, struct tb_bytes result);
/* After that, when there are rows: some of one member's. *more: it has more. TB_MEMORY, TB_INPUT_OUTPUT: a row could
 * not be kept. */
TB_MUST_USE enum tb_status tb_capture_lead_add_rows(struct tb_capture_lead *lead, size_t member, struct tb_bytes rows,
                                                    bool *more, struct tb_error *error);
/* In the end; *capture is the caller's to free. outcome may be NULL. Fails as tb_capture_read does. */
TB_MUST_USE enum tb_status tb_capture_lead_finish(struct tb_capture_lead *lead, struct tb_capture **capture,
                                                  struct tb_capture_team_outcome *outcome, struct tb_error *error);
/* Accepts NULL. */
void tb_capture_lead_free(struct tb_capture_lead *lead);

/* A process that works for a lead; place is its number there, threads what the lead was told. The same request; source
 * is its own view of the file, borrowed until the end. Fails where tb_capture_lead_start does. */
TB_MUST_USE enum tb_status tb_capture_member_start(struct tb_source *source, const struct tb_capture_request *request,
                                                   size_t place, uint32_t threads, struct tb_capture_member **member,
                                                   struct tb_error *error);
/* Does its part of one round. The offer must stay until then. */
void tb_capture_member_work(struct tb_capture_member *member, struct tb_bytes offer);
/* Appends the packets for another member, or for itself (nothing: they stay where they are). */
void tb_capture_member_send(const struct tb_capture_member *member, size_t to, struct tb_buffer *packets);
/* Takes over the packets of all members: those of member i are [begins[i], begins[i + 1]) of packets, which is emptied.
 * They are added in the next round. */
void tb_capture_member_take(struct tb_capture_member *member, struct tb_buffer *packets, const uint64_t *begins);
/* Appends what the lead must know of its segments; then there is nothing left of them. */
void tb_capture_member_reply(struct tb_capture_member *member, struct tb_buffer *reply);
/* Appends what its flows add up to, after the last round; then there are only rows of them. */
void tb_capture_member_result(struct tb_capture_member *member, struct tb_buffer *result);
/* Appends some rows, in the order of their flows' first packets, until none is left. */
void tb_capture_member_rows(struct tb_capture_member *member, struct tb_buffer *rows);
/* Accepts NULL. */
void tb_capture_member_free(struct tb_capture_member *member);

#endif
