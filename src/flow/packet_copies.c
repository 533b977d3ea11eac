/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks for copies: evidence is gathered from the packets before, from the nearest on back, and
 * then decides.
 *
 * Packets of former batches are in a ring, chained by the hash of their endpoints. A number of a
 * packet is how many were put into the ring until then, so whether one was overwritten shows by its
 * number. */
#include "packet_copies.h"

#include <stdlib.h>
#include <string.h>

/* --- packets of the batches before --- */

enum { ROOM = TB_COPIES_FILE_PACKETS, BUCKETS = ROOM };

struct tb_recent_packet {
    struct tb_flow_packet queued;
    uint64_t hash; /* of the key, and instead of it: that two of so few have the same, chance 2^-40, is put up with */
    uint64_t previous; /* of the same bucket, as in newest */
};

/* A ring. A packet is known by how many were put into it until then, itself included. */
struct tb_recent_packets {
    uint64_t count;
    uint64_t newest[BUCKETS]; /* by the key's hash; 0: none */
    struct tb_recent_packet packets[ROOM];
};

size_t tb_packet_copies_most(void)
{
    return sizeof(struct tb_recent_packets);
}

void tb_packet_copies_free(struct tb_packet_copies *copies)
{
    free(copies->recent);
    copies->recent = NULL;
}

/* NULL for one that was not put, or has left the ring. */
static const struct tb_recent_packet *recent_at(const struct tb_recent_packets *recent, uint64_t number)
{
    return number == 0 || number + ROOM <= recent->count ? NULL : &recent->packets[(number - 1) % ROOM];
}

/* From that packet on back, the first one between the endpoints with that hash. */
static const struct tb_recent_packet *find_back(const struct tb_recent_packets *recent, uint64_t number, uint64_t hash)
{
    const struct tb_recent_packet *packet = recent_at(recent, number);
    while (packet != NULL && packet->hash != hash)
        packet = recent_at(recent, packet->previous);
    return packet;
}

static bool is_in_reach(const struct tb_flow_packet *earlier, const struct tb_flow_packet *packet)
{
    return packet->clock - earlier->clock <= TB_COPIES_NS && packet->number - earlier->number <= TB_COPIES_FILE_PACKETS;
}

const struct tb_recent_packet *tb_packet_copies_before(const struct tb_packet_copies *copies,
                                                       const struct tb_flow_bucket *bucket,
                                                       const struct tb_flow_packet *first)
{
    const struct tb_recent_packets *const recent = copies->recent;
    if (recent == NULL || !is_in_reach(&recent_at(recent, recent->count)->queued, first))
        return NULL;
    return find_back(recent, recent->newest[bucket->hash % BUCKETS], bucket->hash);
}

static void put(struct tb_recent_packets *recent, const struct tb_flow_packet *queued,
                const struct tb_flow_bucket *bucket)
{
    struct tb_recent_packet *const packet = &recent->packets[recent->count++ % ROOM];
    uint64_t *const newest = &recent->newest[bucket->hash % BUCKETS];
    *packet = (struct tb_recent_packet){.queued = *queued, .hash = bucket->hash, .previous = *newest};
    *newest = recent->count;
}

bool tb_packet_copies_remember(struct tb_packet_copies *copies, const struct tb_flow_batch *batch)
{
    uint32_t begin = batch->count;
    if (begin == 0)
        return true;
    if (copies->recent == NULL && (copies->recent = calloc(1, sizeof *copies->recent)) == NULL)
        return false;
    const struct tb_flow_packet *const last = &batch->packets[batch->count - 1];
    while (begin > 0 && is_in_reach(&batch->packets[begin - 1], last))
        begin--;
    for (uint32_t i = begin; i < batch->count; i++)
        put(copies->recent, &batch->packets[i], &batch->buckets[batch->bucket_of[i]]);
    return true;
}

/* --- is it a copy? --- */

/* What the packets before say of one. */
struct evidence {
    const struct tb_flow_packet *queued;
    uint32_t left;      /* packets that may still be looked at */
    uint32_t originals; /* packets that were no copies and are the same */
    uint32_t here;      /* of all that are the same, those of the same point */
    uint32_t elsewhere; /* the others of these */
    bool shared;        /* the sender gave its identification to another packet as well */
    bool asked_twice;   /* a SYN of the other side was recorded twice */
};

/* What no hop changes. Marks of congestion may change, and how much of the payload is in the file. */
static bool is_same(const struct tb_packet *one, const struct tb_packet *other)
{
    return one->sequence == other->sequence && one->acknowledgement == other->acknowledgement &&
           one->payload == other->payload && one->ip_bytes == other->ip_bytes && one->window == other->window &&
           one->tcp_flags == other->tcp_flags && one->urgent == other->urgent && one->fragment == other->fragment &&
           one->test_packet == other->test_packet && memcmp(&one->options, &other->options, sizeof one->options) == 0 &&
           (one->test_packet ? one->sent == other->sent : tb_packet_stamp(one) == tb_packet_stamp(other));
}

/* An emulated e1000 splits an empty segment off, which has the identification of the other one. */
static bool is_split_off(const struct tb_packet *one, const struct tb_packet *other)
{
    return one->protocol == TB_PROTOCOL_TCP && one->sequence == other->sequence &&
           one->acknowledgement == other->acknowledgement;
}

static bool is_soon(uint64_t one, uint64_t other)
{
    return (one > other ? one - other : other - one) <= TB_COPIES_NS;
}

static bool is_syn(const struct tb_packet *packet)
{
    return packet->protocol == TB_PROTOCOL_TCP && (packet->tcp_flags & (TB_TCP_SYN | TB_TCP_ACK)) == TB_TCP_SYN;
}

/* False when nothing farther back can say anything. */
static bool weigh(struct evidence *evidence, const struct tb_flow_packet *earlier)
{
    const struct tb_flow_packet *const queued = evidence->queued;
    if (evidence->left == 0 || !is_in_reach(earlier, queued))
        return false;
    evidence->left--;
    evidence->asked_twice = evidence->asked_twice || (earlier->direction != queued->direction &&
                                                      earlier->packet.copied && is_syn(&earlier->packet));
    if (earlier->packet.identification != queued->packet.identification || earlier->direction != queued->direction)
        return true;
    if (!is_same(&earlier->packet, &queued->packet)) {
        evidence->shared = evidence->shared || !is_split_off(&earlier->packet, &queued->packet);
    } else if (is_soon(earlier->time, queued->time)) {
        evidence->originals += !earlier->packet.copied;
        const bool here = tb_packet_point(&earlier->packet) == tb_packet_point(&queued->packet);
        evidence->here += here;
        evidence->elsewhere += !here;
    }
    return true;
}

/* Nobody sends two of the kind so soon. But of SYN/ACKs a timer sends one just when a SYN that comes again asks for
 * another: where SYNs are recorded once, two answers are two, and where points differ, they tell. */
static bool is_one_of_its_kind(const struct evidence *evidence)
{
    const struct tb_packet *const packet = &evidence->queued->packet;
    return packet->test_packet || is_syn(packet) ||
           ((packet->tcp_flags & TB_TCP_SYN) != 0 && evidence->asked_twice && evidence->elsewhere == 0) ||
           (packet->version == 4 && packet->identification != 0 && !evidence->shared);
}

/* Otherwise it was sent as often as it passed the point that saw most of it. */
static bool tells_of_copy(const struct evidence *evidence)
{
    const struct tb_packet *const packet = &evidence->queued->packet;
    if (evidence->originals == 0)
        return false;
    if (is_one_of_its_kind(evidence))
        return true;
    return evidence->here < evidence->originals &&
           (packet->protocol == TB_PROTOCOL_TCP || tb_packet_stamp(packet) != 0);
}

bool tb_packet_copies_find(struct tb_packet_copies *copies, const struct tb_flow_run *run, uint32_t place)
{
    struct tb_flow_packet *const queued = tb_flow_run_at(run, place);
    struct evidence evidence = {.queued = queued, .left = TB_COPIES_FLOW_PACKETS};
    bool more = !queued->packet.fragment;
    for (uint32_t i = run->passed + place; more && i-- > 0;)
        more = weigh(&evidence, &run->packets[run->order[(ptrdiff_t)i - run->passed]]);
    for (const struct tb_recent_packet *before = run->before; more && before != NULL;) {
        more = weigh(&evidence, &before->queued);
        before = more ? find_back(copies->recent, before->previous, before->hash) : NULL;
    }
    queued->packet.copied = tells_of_copy(&evidence);
    copies->count += queued->packet.copied;
    return queued->packet.copied;
}
