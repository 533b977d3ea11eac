/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CAPTURE_CAPTURE_TEAM_H
#define TWINBED_CAPTURE_CAPTURE_TEAM_H

/* One plain capture decoded by several processes. The result is that of tb_capture_read, bit for bit, however many there are.
 *
 * Most of the work is following the flows, and what becomes of one depends on all its packets in file order. So the flows
 * are dealt out, not the file: each process, a member, reads all of it with its threads as one does that is alone, follows
 * the flows that are its own, and passes over the packets of others. No packet travels.
 *
 *      the others    tb_capture_read_share: read; send what their flows add up to, then the rows of them, if asked for
 *      who leads     tb_capture_read_together: reads; takes what the others send, and merges
 *
 * How bytes travel is the caller's affair; nothing here is collective. When a member fails, or comes to another file, the
 * one that leads reads all of it alone. */

#include "twinbed/capture/capture.h"

/* Who there is. Of flows each gets as much as its part of all threads. */
struct tb_capture_members {
    const uint32_t
        *threads; /* borrowed; of each member; 0: it takes no part. Beyond 65534 in all it is left out, too */
    size_t count;
};

/* How the members' messages travel. */
struct tb_capture_transport {
    /* To the one that leads: takes bytes, which are empty then. May wait. */
    enum tb_status (*send)(void *context, struct tb_buffer *bytes, struct tb_error *error);
    /* Waits for the next message of a member, and puts it into an empty buffer. */
    enum tb_status (*receive)(void *context, size_t member, struct tb_buffer *bytes, struct tb_error *error);
    void *context;
};

/* What came of it, beside the result. */
struct tb_capture_team_outcome {
    struct tb_chunk_outcome chunks; /* of the one that leads */
    bool alone;                     /* it had to read all of it alone, for this reason: */
    char reason[200];
};

/* Leads, as member 0: reads as tb_capture_read_split does, and calls transport->receive until every other member that takes
 * part has ended, whatever comes of it. source must be plain: else TB_USAGE. Fails as tb_capture_read does, and as
 * receive. On TB_OK *capture is the caller's to free. */
TB_MUST_USE enum tb_status tb_capture_read_together(struct tb_source *source, const struct tb_capture_request *request,
                                                    const struct tb_capture_split *how,
                                                    const struct tb_capture_members *members,
                                                    const struct tb_capture_transport *transport,
                                                    struct tb_capture_team_outcome *outcome,
                                                    struct tb_capture **capture, struct tb_error *error);

/* Takes part as another member: reads its own view of the file for the same request, whose sink, if any, only names a
 * directory, and calls transport->send. What cannot be done is sent as well; fails as send. */
TB_MUST_USE enum tb_status tb_capture_read_share(struct tb_source *source, const struct tb_capture_request *request,
                                                 const struct tb_capture_split *how,
                                                 const struct tb_capture_members *members, size_t member,
                                                 const struct tb_capture_transport *transport, struct tb_error *error);

#endif
