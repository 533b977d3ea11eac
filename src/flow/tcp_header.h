/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_TCP_HEADER_H
#define TWINBED_SRC_FLOW_TCP_HEADER_H

/* What the header of a segment says of its sender: options, sizes, congestion, identifications,
 * windows. By either set of rules it counts alike.
 *
 * What every segment has is counted inline (TB_HOT), what few have by functions apart
 * (tcp_header.c), which may need memory and return false when it is short. Field names are those of
 * the columns that they become (flow_counters.def). */

#include <assert.h>
#include <string.h>

#include "packet/http.h"
#include "tcp_segment.h"
#include "twinbed/flow/flow_summary.h"

/* Options that differ from those of the sender's packet before; SACK blocks among them. */
TB_MUST_USE bool tb_count_all_options(struct tb_live_side *own, const struct tb_packet *packet);
/* Marks of congestion: ECE and CWR of TCP, CE of IP. On a SYN, ECE asks for them. */
TB_MUST_USE TB_COLD bool tb_count_congestion(struct tb_live_side *own, const struct tb_packet *packet);
/* Urgent data: pointer says how many bytes. */
TB_MUST_USE TB_COLD bool tb_count_urgent(struct tb_live_side *own, uint16_t pointer);
/* A segment sent against the other side's closed window. */
TB_MUST_USE TB_COLD bool tb_count_probe(struct tb_live_side *own, uint32_t payload);

/* A SYN tells the first number and the scale of windows, which is used once both sides told theirs. */
void tb_note_syn(struct tb_live_side *own, struct tb_live_side *other, const struct tb_packet *packet);

/* How often and how long the window was closed: counters of other, the side that it blocks. time:
 * of the packet. */
TB_MUST_USE TB_COLD bool tb_watch_closing(struct tb_live_side *own, struct tb_live_side *other,
                                          const struct tb_packet *packet, uint64_t time, uint32_t window);

/* From the first scaled window on, those of the SYN are left out. */
static inline void tb_restart_windows(struct tb_live_side *own)
{
    own->window_scaled = true;
    own->window_max = own->window_least = 0;
    own->window_sum = 0;
    own->window_packets = 0;
    if (own->rare != NULL)
        own->rare->row.detail.window_packets = 0;
}

/* Most packets have the options of one before, which say nothing new. */
TB_HOT bool tb_count_options(const struct tb_segment *segment)
{
    const struct tb_tcp_options *options = &segment->packet->options;
    return memcmp(options, &segment->own->known_options, sizeof *options) == 0 ||
           tb_count_all_options(segment->own, segment->packet);
}

/* Whether the segment is as large as the other side allows. The TCP options take their room from a
 * segment. */
TB_HOT void tb_count_full_segments(const struct tb_segment *segment)
{
    enum { FIXED_HEADER = 20 };
    uint32_t most = segment->other->mss;
    if (most == 0)
        return;
    if (segment->own->mss != 0 && segment->own->mss < most)
        most = segment->own->mss;
    const uint64_t options = segment->packet->transport_header - FIXED_HEADER;
    const bool full = segment->payload + options >= most;
    segment->port->sized_segments[segment->sender]++;
    segment->port->full_segments[segment->sender] += full;
    if (segment->turned != NULL) {
        segment->turned->sized_segments[!segment->sender]++;
        segment->turned->full_segments[!segment->sender] += full;
    }
}

/* Of a segment whose payload the file does not hold whole. If its beginning is missing, requests
 * and replies in it were not seen. */
TB_HOT void tb_count_cut(const struct tb_segment *segment)
{
    const uint32_t kept = segment->packet->kept;
    const bool unread = kept < TB_HTTP_BEGINNING && segment->packet->requests == 0 && !segment->packet->reply;
    segment->own->truncated_packets++;
    segment->own->truncated_bytes += segment->payload - kept;
    segment->port->unread_packets[segment->sender] += unread;
    if (segment->turned != NULL)
        segment->turned->unread_packets[!segment->sender] += unread;
}

/* Of a segment with payload. */
TB_HOT bool tb_count_size(const struct tb_segment *segment)
{
    const struct tb_packet *packet = segment->packet;
    struct tb_live_side *own = segment->own;
    const uint32_t payload = segment->payload;
    own->pushed_packets += tb_segment_has(segment, TB_TCP_PSH);
    own->segment_max = tb_larger(own->segment_max, payload);
    own->segment_least = tb_larger(own->segment_least, ~payload);
    if (packet->kept < payload)
        tb_count_cut(segment);
    tb_count_full_segments(segment);
    own->first_data_time = own->sent_data ? own->first_data_time : segment->time;
    own->sent_data = true;
    own->data_time = tb_since(segment->time, own->first_data_time);
    return tb_histogram_add_fine(&segment->port->segment[segment->sender], payload) &&
           (segment->turned == NULL || tb_histogram_add_fine(&segment->turned->segment[!segment->sender], payload)) &&
           (!tb_is_rare(tb_segment_has(segment, TB_TCP_URG)) || tb_count_urgent(own, packet->urgent));
}

typedef uint16_t tb_remembered __attribute__((vector_size(TB_LIVE_REMEMBERED * sizeof(uint16_t))));
typedef uint64_t tb_remembered_words __attribute__((vector_size(sizeof(tb_remembered))));

static_assert(sizeof(tb_remembered) == sizeof((struct tb_live_side *)0)->identifications, "one vector of all of them");

/* Whether one of the packets that are remembered has both numbers. */
TB_COLD bool tb_is_same_sequence(const struct tb_live_side *side, uint32_t sequence, uint16_t identification);

/* Identification 0 stands for none, so places that were not used yet match nothing. */
TB_HOT bool tb_is_remembered(const struct tb_live_side *side, uint32_t sequence, uint16_t identification)
{
    tb_remembered all;
    memcpy(&all, side->identifications, sizeof all);
    const tb_remembered_words same = (tb_remembered_words)(all == (all ^ all) + identification);
    return tb_is_rare((same[0] | same[1]) != 0) && tb_is_same_sequence(side, sequence, identification);
}

/* Two packets of IPv4 with the same identification and number are one that was recorded twice. */
TB_HOT void tb_count_same_identification(const struct tb_segment *segment)
{
    struct tb_live_side *own = segment->own;
    const uint32_t sequence = segment->packet->sequence;
    const uint16_t identification = (uint16_t)segment->packet->identification;
    if (segment->packet->version != 4 || segment->packet->identification == 0)
        return;
    if (tb_is_remembered(own, sequence, identification))
        own->duplicate_packets++;
    const uint32_t at = own->next_remembered++ % TB_LIVE_REMEMBERED;
    own->sequences[at] = sequence;
    own->identifications[at] = identification;
}

/* All of the header but window and numbers. */
TB_HOT bool tb_count_header(const struct tb_segment *segment)
{
    enum { CONGESTION_EXPERIENCED = 3 };
    bool counted = tb_count_options(segment);
    segment->own->ack_packets += tb_segment_has(segment, TB_TCP_ACK);
    if (tb_is_rare(tb_segment_has(segment, TB_TCP_ECE | TB_TCP_CWR) ||
                   segment->packet->congestion == CONGESTION_EXPERIENCED))
        counted = tb_count_congestion(segment->own, segment->packet) && counted;
    if (segment->payload != 0)
        counted = tb_count_size(segment) && counted;
    tb_count_same_identification(segment);
    if (tb_is_rare(tb_segment_has(segment, TB_TCP_SYN)))
        tb_note_syn(segment->own, segment->other, segment->packet);
    return (!tb_is_rare(segment->probe) || tb_count_probe(segment->own, segment->payload)) && counted;
}

/* The window in bytes; that of a SYN is never scaled. */
TB_HOT uint32_t tb_effective_window(const struct tb_segment *segment)
{
    return (uint32_t)segment->packet->window << (tb_segment_has(segment, TB_TCP_SYN) ? 0 : segment->own->window_shift);
}

/* Whether the window of a segment says something. */
TB_HOT bool tb_carries_window(const struct tb_segment *segment)
{
    return tb_segment_has(segment, TB_TCP_ACK | TB_TCP_SYN) && !tb_segment_has(segment, TB_TCP_RST);
}

/* Of a segment that carries one. */
TB_HOT bool tb_count_window(const struct tb_segment *segment, uint32_t window)
{
    struct tb_live_side *own = segment->own;
    if (!own->window_scaled && window != 0 && !tb_segment_has(segment, TB_TCP_SYN) && own->scale_seen &&
        segment->other->scale_seen)
        tb_restart_windows(own);
    own->window_packets++;
    own->window_sum += window;
    own->window_max = tb_larger(own->window_max, window);
    own->last_window = window;
    own->window_seen = true;
    if (window != 0)
        own->window_least = tb_larger(own->window_least, ~window);
    return !tb_is_rare(window == 0 || own->closed) ||
           tb_watch_closing(own, segment->other, segment->packet, segment->time, window);
}

/* An acknowledgement that changes neither number nor window, of a segment without payload. */
TB_HOT bool tb_repeats_acknowledgement(const struct tb_segment *segment, uint32_t window)
{
    const struct tb_live_side *own = segment->own;
    return segment->payload == 0 && segment->packet->acknowledgement == own->last_acknowledgement &&
           window == own->last_window && own->acknowledged && own->window_seen;
}

#endif
