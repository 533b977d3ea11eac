/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts of packets by numbers, of which the smallest are kept: what is among the smallest of a
 * capture is so in each piece of it, so pieces add up in any order. */
#include "left_out.h"

#include "packet/protocol_names.h"
#include "twinbed/capture/capture.h"

static uint32_t place_of(const struct tb_numbered_packets *numbered, uint32_t number)
{
    uint32_t place = 0;
    while (place < numbered->count && numbered->items[place].number < number)
        place++;
    return place;
}

static void insert(struct tb_numbered_packets *numbered, uint32_t place, uint32_t number)
{
    if (numbered->count == TB_NUMBERED_PACKETS_KEPT)
        numbered->others += numbered->items[--numbered->count].packets;
    for (uint32_t i = numbered->count++; i > place; i--)
        numbered->items[i] = numbered->items[i - 1];
    numbered->items[place] = (struct tb_number_of_packets){.number = number};
}

/* What is among the smallest numbers of a capture is so in each piece of it, and is never put to the others. */
static void add(struct tb_numbered_packets *numbered, uint32_t number, uint64_t packets)
{
    const uint32_t place = place_of(numbered, number);
    if (place == TB_NUMBERED_PACKETS_KEPT) {
        numbered->others += packets;
        return;
    }
    if (place == numbered->count || numbered->items[place].number != number)
        insert(numbered, place, number);
    numbered->items[place].packets += packets;
}

static void add_all(struct tb_numbered_packets *into, const struct tb_numbered_packets *from)
{
    for (uint32_t i = 0; i < from->count; i++)
        add(into, from->items[i].number, from->items[i].packets);
    into->others += from->others;
}

uint64_t tb_numbered_packets_sum(const struct tb_numbered_packets *numbered)
{
    uint64_t sum = numbered->others;
    for (uint32_t i = 0; i < numbered->count; i++)
        sum += numbered->items[i].packets;
    return sum;
}

void tb_left_out_count(struct tb_capture *counts, const struct tb_packet_record *record, const struct tb_packet *packet,
                       const struct tb_packet_headers *headers)
{
    struct tb_left_out *const left_out = &counts->left_out;
    switch (packet->kind) {
    case TB_PACKET_OTHER_PROTOCOL:
        counts->other_protocol++;
        add(&left_out->protocols, packet->protocol, 1);
        break;
    case TB_PACKET_NOT_IP:
        counts->not_ip++;
        add(&left_out->ethertypes, headers->ethertype, 1);
        break;
    case TB_PACKET_UNKNOWN_LINK:
        counts->not_ip++;
        add(&left_out->link_types, record->link_type, 1);
        break;
    case TB_PACKET_ENCRYPTED:
        counts->not_ip++;
        left_out->encrypted++;
        break;
    case TB_PACKET_OTHER_FRAME:
        counts->not_ip++;
        left_out->other_frames++;
        break;
    case TB_PACKET_CUT:
        counts->unparsed++;
        left_out->cut++;
        if (record->captured > left_out->cut_longest)
            left_out->cut_longest = record->captured;
        break;
    default:
        counts->unparsed++;
    }
}

void tb_left_out_look_for_tunnel(struct tb_left_out *left_out, const struct tb_flow_key *key)
{
    for (unsigned i = 0; i < 2; i++) {
        const uint16_t port = tb_flow_key_endpoint(key, i).port;
        if (tb_tunnel_name(port) == NULL)
            continue;
        add(&left_out->tunnels, port, 1);
        return;
    }
}

void tb_left_out_add(struct tb_left_out *into, const struct tb_left_out *from)
{
    add_all(&into->link_types, &from->link_types);
    add_all(&into->ethertypes, &from->ethertypes);
    add_all(&into->protocols, &from->protocols);
    add_all(&into->tunnels, &from->tunnels);
    into->encrypted += from->encrypted;
    into->other_frames += from->other_frames;
    into->cut += from->cut;
    if (from->cut_longest > into->cut_longest)
        into->cut_longest = from->cut_longest;
}

static void describe_numbered(struct tb_archive *archive, struct tb_numbered_packets *numbered)
{
    tb_archive_u32(archive, &numbered->count);
    tb_archive_require(archive, numbered->count <= TB_NUMBERED_PACKETS_KEPT);
    for (uint32_t i = 0; i < numbered->count && !archive->failed; i++) {
        struct tb_number_of_packets *const item = &numbered->items[i];
        tb_archive_u32(archive, &item->number);
        tb_archive_u64(archive, &item->packets);
        tb_archive_require(archive, i == 0 || item->number > item[-1].number);
    }
    tb_archive_u64(archive, &numbered->others);
}

void tb_left_out_describe(struct tb_archive *archive, struct tb_left_out *left_out)
{
    describe_numbered(archive, &left_out->link_types);
    describe_numbered(archive, &left_out->ethertypes);
    describe_numbered(archive, &left_out->protocols);
    describe_numbered(archive, &left_out->tunnels);
    TB_ARCHIVE_U64S(archive, &left_out->encrypted, &left_out->other_frames, &left_out->cut, &left_out->cut_longest);
}
