/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What few headers have. Most of it is counted in the row aside. */
#include "tcp_header.h"

/* Both ECN bits of the IP header (RFC 3168). SYNs are counted up to what fits 8 bits. */
enum { CONGESTION_EXPERIENCED = 3, SYNS_MAX = 255 };

static bool count_sacks(struct tb_live_side *own, const struct tb_packet *packet)
{
    const struct tb_tcp_options *options = &packet->options;
    struct tb_rare_side *rare = tb_live_side_rare(own);
    if (rare == NULL)
        return false;
    struct tb_flow_detail *detail = &rare->row.detail;
    detail->sacks++;
    if (tb_packet_shows(packet, TB_TCP_RST) || !tb_packet_shows(packet, TB_TCP_ACK))
        return true;
    detail->sack_packets++;
    detail->dsack_packets += options->duplicate_sack;
    if (options->sack_blocks > detail->sack_blocks_max)
        detail->sack_blocks_max = options->sack_blocks;
    return true;
}

bool tb_count_all_options(struct tb_live_side *own, const struct tb_packet *packet)
{
    const struct tb_tcp_options *options = &packet->options;
    if (options->mss != 0)
        own->mss = options->mss;
    own->asked_scale |= options->scaled;
    own->asked_timestamps |= options->timestamps;
    own->asked_sack |= options->sack_permitted;
    if (options->sack_blocks != 0)
        return count_sacks(own, packet);
    if (options->mss == 0) /* those of a SYN come once */
        own->known_options = *options;
    return true;
}

bool tb_count_congestion(struct tb_live_side *own, const struct tb_packet *packet)
{
    const bool syn = tb_packet_shows(packet, TB_TCP_SYN);
    bool counted = true;
    if (syn && tb_packet_shows(packet, TB_TCP_ECE))
        own->asked_ecn = true;
    if (!syn && tb_packet_shows(packet, TB_TCP_ECE))
        counted = TB_COUNT_RARE(own, detail.ece_packets, 1);
    if (!syn && tb_packet_shows(packet, TB_TCP_CWR))
        counted = counted && TB_COUNT_RARE(own, detail.cwr_packets, 1);
    if (packet->congestion == CONGESTION_EXPERIENCED)
        counted = counted && TB_COUNT_RARE(own, detail.ce_packets, 1);
    return counted;
}

bool tb_count_urgent(struct tb_live_side *own, uint16_t pointer)
{
    return TB_COUNT_RARE(own, detail.urgent_packets, 1) && TB_COUNT_RARE(own, detail.urgent_bytes, pointer);
}

bool tb_count_probe(struct tb_live_side *own, uint32_t payload)
{
    return TB_COUNT_RARE(own, detail.probe_packets, 1) && TB_COUNT_RARE(own, detail.probe_bytes, payload);
}

bool tb_is_same_sequence(const struct tb_live_side *side, uint32_t sequence, uint16_t identification)
{
    bool same = false;
    for (unsigned i = 0; i < TB_LIVE_REMEMBERED; i++)
        same = same || (side->sequences[i] == sequence && side->identifications[i] == identification);
    return same;
}

void tb_note_syn(struct tb_live_side *own, struct tb_live_side *other, const struct tb_packet *packet)
{
    if (own->syns == 0)
        own->first_syn = packet->sequence;
    /* So that the first acknowledgement is beyond it: see is_copy_in_flow in tcp_counter.c. */
    if (!other->acknowledged)
        other->last_acknowledgement = packet->sequence;
    own->syns += own->syns < SYNS_MAX;
    own->syn_seen = true;
    if (packet->options.scaled) {
        own->scale = packet->options.scale;
        own->scale_seen = true;
    }
    if (own->scale_seen && other->scale_seen) {
        own->window_shift = own->scale;
        other->window_shift = other->scale;
    }
}

bool tb_watch_closing(struct tb_live_side *own, struct tb_live_side *other, const struct tb_packet *packet,
                      uint64_t time, uint32_t window)
{
    bool counted = true;
    if (window == 0)
        counted = TB_COUNT_RARE(own, detail.zero_windows, tb_packet_shows(packet, TB_TCP_ACK));
    if (window == 0 && !own->closed && !tb_packet_shows(packet, TB_TCP_SYN) && own->rare != NULL) {
        own->closed = time != 0;
        own->rare->closed_since = time;
        counted = counted && TB_COUNT_RARE(other, detail.window_stalls, 1);
    } else if (window != 0 && own->closed) {
        own->closed = false;
        counted = counted && TB_COUNT_RARE(other, detail.window_stall_time, tb_since(time, own->rare->closed_since));
    }
    return counted;
}
