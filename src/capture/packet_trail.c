/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets before the stall go round in a ring, as only the last of them are wanted. */
#include "twinbed/capture/packet_trail.h"

#include <stdlib.h>
#include <string.h>

#include "capture_parser.h"

/* Numbers of one side, unwrapped. */
struct side {
    bool known;
    uint32_t latest;   /* as in the header */
    int64_t unwrapped; /* of the latest, from where the side began */
    int64_t end;       /* behind all payload so far */
};

struct following {
    struct tb_capture_parser parser;
    struct tb_flow_key key;
    unsigned client;                    /* which endpoint of the key is the client */
    const struct tb_stalled_flow *flow; /* borrowed */
    struct side sides[2];
    struct tb_trail_packet before[TB_TRAIL_BEFORE];
    size_t before_count;                                                 /* all there were */
    struct tb_trail_packet packets[TB_TRAIL_IN_STALL + TB_TRAIL_BEHIND]; /* those in the stall, and behind it */
    size_t in_stall, behind;                                             /* all there were */
};

static struct tb_endpoint endpoint_of(const struct tb_address *address)
{
    const uint8_t *const bytes = address->bytes;
    return address->version == 4 ? (struct tb_endpoint){.low = tb_load_be32(bytes), .port = address->port}
                                 : (struct tb_endpoint){.high = tb_load_be64(bytes),
                                                        .low = tb_load_be64(bytes + 8),
                                                        .port = address->port};
}

/* A packet of the client has the direction that comes back. */
static unsigned make_key(const struct tb_stalled_flow *flow, struct tb_flow_key *key)
{
    const struct tb_endpoint client = endpoint_of(&flow->client), server = endpoint_of(&flow->server);
    return tb_flow_key_make(&client, &server, flow->client.version, TB_PROTOCOL_TCP, key);
}

/* How far a number is from where its side began; near the latest, as half of all numbers are on either side of it. */
static int64_t unwrap(const struct side *side, uint32_t number)
{
    return side->unwrapped + (int32_t)(number - side->latest);
}

/* The number of the first byte of the payload: a SYN takes one of its own. */
static int64_t take_sequence(struct side *side, const struct tb_packet *packet)
{
    const bool begins = (packet->tcp_flags & TB_TCP_SYN) != 0;
    const uint32_t number = packet->sequence + begins;
    if (!side->known || begins)
        *side = (struct side){.known = true, .latest = number};
    side->unwrapped = unwrap(side, number);
    side->latest = number;
    return side->unwrapped;
}

static struct tb_trail_packet see(struct following *following, const struct tb_flow_packet *next)
{
    const struct tb_packet *const packet = &next->packet;
    const uint8_t from = next->direction != following->client;
    struct side *const own = &following->sides[from];
    const struct side *const other = &following->sides[!from];
    struct tb_trail_packet seen = {.time = (int64_t)(next->time - following->flow->stall.begin),
                                   .sequence = take_sequence(own, packet),
                                   .acknowledged = INT64_MIN,
                                   .payload = packet->payload,
                                   .side = from,
                                   .tcp_flags = packet->tcp_flags};
    if ((packet->tcp_flags & TB_TCP_ACK) != 0 && other->known)
        seen.acknowledged = unwrap(other, packet->acknowledgement);
    const int64_t end = seen.sequence + packet->payload;
    seen.repeated = packet->payload > 0 && end <= own->end;
    if (end > own->end)
        own->end = end;
    return seen;
}

static void keep(struct following *following, const struct tb_trail_packet *packet)
{
    const int64_t length = (int64_t)(following->flow->stall.end - following->flow->stall.begin);
    if (packet->time <= 0) {
        following->before[following->before_count++ % TB_TRAIL_BEFORE] = *packet;
    } else if (packet->time < length) {
        if (following->in_stall++ < TB_TRAIL_IN_STALL)
            following->packets[following->in_stall - 1] = *packet;
    } else if (following->behind++ < TB_TRAIL_BEHIND) {
        following->packets[TB_TRAIL_IN_STALL + following->behind - 1] = *packet;
    }
}

static bool is_of_flow(const struct following *following, const struct tb_flow_packet *next,
                       const struct tb_flow_key *key)
{
    return next->packet.kind == TB_PACKET_TRANSPORT && tb_flow_key_is(key, &following->key);
}

/* TB_OK at the end of the file, or where more is wanted of nothing. */
static enum tb_status follow(struct following *following, struct tb_error *error)
{
    struct tb_flow_packet next = {.number = 0};
    struct tb_flow_key key;
    enum tb_status status = TB_OK;
    while (status == TB_OK && following->behind <= TB_TRAIL_BEHIND) {
        status = tb_capture_parser_next(&following->parser, &next, &key, error);
        if (status == TB_OK && is_of_flow(following, &next, &key)) {
            const struct tb_trail_packet seen = see(following, &next);
            keep(following, &seen);
        }
    }
    return status == TB_END ? TB_OK : status;
}

static size_t least(size_t one, size_t other)
{
    return one < other ? one : other;
}

/* The three parts, one behind the other. False without memory. */
static bool put_together(const struct following *following, struct tb_packet_trail *trail)
{
    const size_t before = least(following->before_count, TB_TRAIL_BEFORE);
    const size_t in_stall = least(following->in_stall, TB_TRAIL_IN_STALL);
    const size_t behind = least(following->behind, TB_TRAIL_BEHIND);
    struct tb_trail_packet *const packets = malloc((before + in_stall + behind + 1) * sizeof *packets);
    if (packets == NULL)
        return false;
    for (size_t i = 0; i < before; i++)
        packets[i] = following->before[(following->before_count - before + i) % TB_TRAIL_BEFORE];
    memcpy(packets + before, following->packets, in_stall * sizeof *packets);
    memcpy(packets + before + in_stall, following->packets + TB_TRAIL_IN_STALL, behind * sizeof *packets);
    *trail = (struct tb_packet_trail){.packets = packets,
                                      .count = before + in_stall + behind,
                                      .left_out = following->before_count > before || following->in_stall > in_stall ||
                                                  following->behind > behind};
    return true;
}

static enum tb_status read_trail(struct following *following, struct tb_source *source,
                                 const struct tb_capture_request *request, struct tb_packet_trail *trail,
                                 struct tb_error *error)
{
    tb_capture_parser_ask(&following->parser, request);
    enum tb_status status =
        tb_packet_file_open(&following->parser.file, source, &following->parser.counts->account, error);
    if (status == TB_OK)
        status = follow(following, error);
    tb_capture_parser_free(&following->parser);
    if (status == TB_OK && !put_together(following, trail))
        status = tb_error_memory(error, "a trail of packets");
    return status;
}

enum tb_status tb_packet_trail_read(struct tb_source *source, const struct tb_capture_request *request,
                                    const struct tb_stalled_flow *flow, struct tb_packet_trail *trail,
                                    struct tb_error *error)
{
    struct following *const following = calloc(1, sizeof *following);
    struct tb_capture *const counts = calloc(1, sizeof *counts);
    enum tb_status status = tb_error_memory(error, "a trail of packets");
    if (following != NULL && counts != NULL) {
        *following = (struct following){.parser = {.counts = counts}, .flow = flow};
        following->client = make_key(flow, &following->key);
        status = read_trail(following, source, request, trail, error);
    }
    free(following);
    tb_capture_free(counts);
    return status;
}

void tb_packet_trail_free(struct tb_packet_trail *trail)
{
    free(trail->packets);
    *trail = (struct tb_packet_trail){0};
}
