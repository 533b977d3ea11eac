/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CAPTURE_CAPTURE_MEMBER_H
#define TWINBED_SRC_CAPTURE_CAPTURE_MEMBER_H

/* One process of a team: its segments of a round, and the shards of the flows that it owns. Shards are counted over all
 * members, one for each of their threads. */

#include "capture_chunk.h"
#include "flow/row_merge.h"
#include "packet_pack.h"
#include "twinbed/capture/capture_team.h"

/* A round as all members know it. Segments go to members in file order. */
struct team_round {
    uint64_t begin;
    uint64_t segment; /* bytes of each */
    uint32_t *counts; /* owned; segments of each member */
    size_t segments;  /* of all members */
    bool last;        /* nothing is parsed, and when the packets of the round before are added, flows are complete */
};

/* Where a segment ends, counted over all members. */
static inline uint64_t team_round_end_of(const struct team_round *round, size_t segment)
{
    return round->begin + (segment + 1) * round->segment;
}

/* What the lead says of a segment of the round before. */
struct settled_segment {
    bool taken; /* its packets count */
    uint64_t first_number;
    uint64_t clock;
    struct tb_bytes fragments; /* of all shards, with their datagrams */
};

/* One segment that this member parses. */
struct own_segment {
    struct tb_capture_chunk parsed;
    uint64_t begin, end;          /* its range */
    struct tb_buffer *parcels[2]; /* owned; for each shard, of this round and the one before */
    struct tb_buffer fragments;   /* owned; packets that only the lead can tell their shards */
    struct tb_buffer tests;       /* owned; packets that look like test packets */
};

struct tb_capture_member {
    const struct tb_capture_request *request; /* borrowed */
    struct tb_source *source;                 /* borrowed */
    struct tb_capture_parser known;           /* the file, opened here, as the lead knows it */
    struct tb_account known_account;
    size_t place;
    uint32_t own_threads;
    uint32_t *threads; /* owned; of each member; NULL before the first offer */
    size_t members;
    uint16_t first_shard, shard_count; /* own ones ... */
    uint16_t all_shards;               /* ... of so many */
    struct tb_flows **shards;          /* owned; own ones */
    struct own_segment **segments;     /* owned, and each; they stay where they are */
    size_t room;
    struct team_round round;
    unsigned filled; /* which parcels are this round's */

    struct tb_buffer received;       /* owned; packets of the round before, from all members */
    struct tb_bytes *parcels;        /* owned; those in the order of segments: [segment * shard_count + shard] */
    bool *arrived;                   /* owned; of each of these segments */
    size_t waiting;                  /* segments of the round before */
    struct settled_segment *settled; /* owned; the first of them, as the lead has settled them */
    size_t settled_count;

    bool complete;            /* its flows are: there are no more rounds */
    struct tb_row_merge rows; /* owned; what is left of them to be sent */
    bool rows_begun;
    bool lost; /* it cannot go on with its flows, for this reason: */
    char reason[120];
};

/* Segments of a round: of all members, and for each thread of one. */
enum { TEAM_SEGMENTS_MOST = 1 << 20, TEAM_SEGMENTS_A_THREAD_MOST = 16 };

/* Makes the shards of a member, when it is known who there is. False when memory is short, or threads say otherwise. */
TB_MUST_USE bool tb_capture_member_prepare(struct tb_capture_member *member, const uint32_t *threads, size_t count);
/* Opens segments, count in all; afterwards. False when some cannot be opened. */
TB_MUST_USE bool tb_capture_member_make_room(struct tb_capture_member *member, size_t count);

/* Reads an offer; the round begins. False when it was lost by that. */
TB_MUST_USE bool tb_capture_member_begin(struct tb_capture_member *member, struct tb_bytes offer);

/* Does the work of the round. decoder, if this is the lead's, parses the first segment; *read is what came of that. */
void tb_capture_member_run(struct tb_capture_member *member, struct tb_capture_parser *decoder, enum tb_status *read,
                           struct tb_error *error);

#endif
