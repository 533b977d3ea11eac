/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One-way delays between two captures of the same packets: samples of both ends hold the same keys,
 * and each key that stands once in both is one packet. Clocks differ, so delays are compared with
 * each other, not with 0. */
#include "twinbed/latency/packet_sample.h"

#include <stdlib.h>

#include "twinbed/latency/delays.h"

enum { ITEM_SIZE = 8 + 8 + 2 + 2 + 1 };

void tb_packet_sample_free(struct tb_packet_sample *sample)
{
    free(sample->items);
    *sample = (struct tb_packet_sample){0};
}

static void describe_item(struct tb_archive *archive, struct tb_sampled_packet *item)
{
    tb_archive_u64(archive, &item->key);
    tb_archive_u64(archive, &item->time);
    tb_archive_u16(archive, &item->from_port);
    tb_archive_u16(archive, &item->to_port);
    tb_archive_bool(archive, &item->repeated);
}

void tb_packet_sample_describe(struct tb_archive *archive, struct tb_packet_sample *sample)
{
    tb_archive_u64(archive, &sample->limit);
    tb_archive_array(archive, &sample->items, &sample->count, sizeof *sample->items, ITEM_SIZE);
    for (size_t i = 0; i < sample->count && !archive->failed; i++)
        describe_item(archive, &sample->items[i]);
}

/* A packet at both ends: when it was sent, and how much later it arrived by the other clock. */
struct match {
    uint64_t sent;
    int64_t delay;
};

static int compare_matches(const void *left, const void *right)
{
    const struct match *a = left, *b = right;
    if (a->sent != b->sent)
        return a->sent < b->sent ? -1 : 1;
    return (a->delay > b->delay) - (a->delay < b->delay);
}

static bool goes(const struct tb_sampled_packet *packet, enum tb_direction direction, uint16_t port)
{
    const bool to = packet->to_port == port, from = packet->from_port == port;
    return to != from && to == (direction == TB_TO_SERVER);
}

/* Both samples are in the order of their keys. Returns the number of matches. */
static size_t find_matches(const struct tb_packet_sample *sender, const struct tb_packet_sample *receiver,
                           enum tb_direction direction, uint16_t port, struct match *matches, uint64_t *sent)
{
    const uint64_t limit = sender->limit < receiver->limit ? sender->limit : receiver->limit;
    size_t count = 0, other = 0;
    for (size_t i = 0; i < sender->count && sender->items[i].key < limit; i++) {
        const struct tb_sampled_packet *packet = &sender->items[i];
        if (packet->repeated || !goes(packet, direction, port))
            continue;
        (*sent)++;
        while (other < receiver->count && receiver->items[other].key < packet->key)
            other++;
        if (other == receiver->count || receiver->items[other].key != packet->key || receiver->items[other].repeated)
            continue;
        matches[count++] =
            (struct match){.sent = packet->time, .delay = (int64_t)(receiver->items[other].time - packet->time)};
    }
    return count;
}

static bool measure(struct match *matches, size_t count, struct tb_path_delays *delays)
{
    int64_t *values = malloc((count + 1) * sizeof *values);
    struct tb_delay_spread spread;
    if (values == NULL)
        return false;
    if (count != 0)
        qsort(matches, count, sizeof *matches, compare_matches);
    for (size_t i = 0; i < count; i++)
        values[i] = matches[i].delay;
    const bool computed = tb_delay_spread_compute(values, count, &spread);
    free(values);
    if (!computed)
        return false;
    delays->matched = count;
    delays->variation = spread.jitter;
    delays->deviation = spread.deviation;
    delays->change = spread.change;
    return true;
}

bool tb_path_delays_compute(const struct tb_packet_sample *at_client, const struct tb_packet_sample *at_server,
                            uint16_t port, struct tb_path_delays delays[TB_DIRECTIONS])
{
    const size_t room = (at_client->count > at_server->count ? at_client->count : at_server->count) + 1;
    struct match *matches = malloc(room * sizeof *matches);
    bool measured = matches != NULL;
    for (unsigned direction = 0; direction < TB_DIRECTIONS && measured; direction++) {
        const bool to_server = direction == TB_TO_SERVER;
        delays[direction] = (struct tb_path_delays){.sent = 0};
        const size_t count = find_matches(to_server ? at_client : at_server, to_server ? at_server : at_client,
                                          (enum tb_direction)direction, port, matches, &delays[direction].sent);
        measured = measure(matches, count, &delays[direction]);
    }
    free(matches);
    return measured;
}
