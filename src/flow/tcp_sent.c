/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tcp_sent.h"

enum { THIRD_DUPLICATE = 4 }; /* the first acknowledgement of that number included */

void tb_times_add(struct tb_flow_times *times, uint64_t time)
{
    const double microseconds = (double)time / 1000.0;
    if (times->count == 0 || time < times->minimum)
        times->minimum = time;
    if (time > times->maximum)
        times->maximum = time;
    times->count++;
    times->sum += time;
    times->squares += microseconds * microseconds;
}

bool tb_is_keep_alive(const struct tb_live_side *own, const struct tb_live_side *other, const struct tb_packet *packet)
{
    const struct tb_sent_list *sent = &own->sent;
    return packet->payload == 1 && !tb_packet_shows(packet, TB_TCP_SYN | TB_TCP_FIN) && tb_sent_any(sent) &&
           packet->sequence == (uint32_t)(sent->highest - 1) && other->acknowledged &&
           other->last_acknowledgement == (uint32_t)sent->highest;
}

/* A repeat is the answer to a third duplicate, or to a timer, or no answer at all when everything in it had been
 * acknowledged. */
static bool tell_repeat(struct tb_live_side *own, const struct tb_packet *packet, const struct tb_sent_found *found)
{
    if (packet->payload == 0)
        return true;
    if (found->old_acknowledged >= found->repeated)
        return TB_COUNT_RARE(own, detail.spurious_retransmissions, 1);
    if (own->fast && (int32_t)(packet->sequence - own->rare->fast_until) < 0)
        return TB_COUNT_RARE(own, detail.fast_retransmissions, 1);
    return TB_COUNT_RARE(own, detail.timeout_retransmissions, 1);
}

bool tb_count_repeat(struct tb_live_side *own, const struct tb_packet *packet, const struct tb_sent_found *found,
                     bool asks)
{
    struct tb_rare_side *rare = tb_live_side_rare(own);
    if (rare == NULL)
        return false;
    if (found->most_repeats > rare->row.detail.most_repeats)
        rare->row.detail.most_repeats = found->most_repeats;
    if (found->waited)
        tb_times_add(&rare->row.detail.repeat_time, found->wait);
    return asks || tell_repeat(own, packet, found);
}

bool tb_count_duplicate(struct tb_live_side *other, uint32_t in_a_row)
{
    struct tb_rare_side *rare = tb_live_side_rare(other);
    if (rare == NULL)
        return false;
    rare->row.detail.duplicate_acks++;
    if (in_a_row != THIRD_DUPLICATE)
        return true;
    rare->row.detail.triple_duplicate_acks++;
    rare->fast_until = (uint32_t)other->sent.highest;
    other->fast = true;
    return true;
}

static bool add_stall(struct tb_live_side *side, uint64_t begin, uint64_t length)
{
    struct tb_rare_side *rare = tb_live_side_rare(side);
    if (rare == NULL)
        return false;
    struct tb_flow_detail *detail = &rare->row.detail;
    detail->stalls++;
    detail->stall_time += length;
    if (length <= detail->stall_longest)
        return true;
    detail->stall_longest = length;
    detail->stall_begin = begin;
    return true;
}

bool tb_count_stall(struct tb_live_side *own, struct tb_live_side *other, uint64_t begin, uint64_t length)
{
    return (own == NULL || add_stall(own, begin, length)) && (other == NULL || add_stall(other, begin, length));
}
