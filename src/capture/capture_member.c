/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture_member.h"

#include <stdio.h>
#include <stdlib.h>

#include "capture_messages.h"
#include "flow_merge.h"

/* Segments are parsed in pieces that stay in the processor's cache, and are no longer than that. */
enum { PIECE = 256 << 10, SEGMENT_MOST = 1 << 30 };

static void lose(struct tb_capture_member *member, const char *reason)
{
    if (!member->lost)
        snprintf(member->reason, sizeof member->reason, "%s", reason);
    member->lost = true;
}

/* --- beginning and end --- */

enum tb_status tb_capture_member_start(struct tb_source *source, const struct tb_capture_request *request, size_t place,
                                       uint32_t threads, struct tb_capture_member **member, struct tb_error *error)
{
    struct tb_capture_member *const made = calloc(1, sizeof *made);
    if (made == NULL)
        return tb_error_memory(error, "a capture");
    made->request = request;
    made->source = source;
    made->place = place;
    made->own_threads = threads;
    const enum tb_status status = tb_packet_file_open(&made->known.file, source, &made->known_account, error);
    if (status != TB_OK) {
        tb_capture_member_free(made);
        return status;
    }
    *member = made;
    return TB_OK;
}

static void free_segment(struct own_segment *segment, uint16_t shards)
{
    if (segment == NULL)
        return;
    for (unsigned i = 0; i < 2; i++) {
        for (uint16_t j = 0; segment->parcels[i] != NULL && j < shards; j++)
            tb_buffer_free(&segment->parcels[i][j]);
        free(segment->parcels[i]);
    }
    tb_buffer_free(&segment->fragments);
    tb_buffer_free(&segment->tests);
    tb_source_close(segment->parsed.parser.file.reader.source);
    tb_capture_chunk_free(&segment->parsed);
    free(segment);
}

static void free_segments(struct tb_capture_member *member)
{
    for (size_t i = 0; member->segments != NULL && i < member->room; i++)
        free_segment(member->segments[i], member->all_shards);
    free(member->segments);
    member->segments = NULL;
    member->room = 0;
}

static void free_shards(struct tb_capture_member *member)
{
    for (uint16_t i = 0; member->shards != NULL && i < member->shard_count; i++) {
        if (member->shards[i] != NULL)
            tb_flows_free(member->shards[i]);
        free(member->shards[i]);
    }
    free(member->shards);
    member->shards = NULL;
}

static void forget_parcels(struct tb_capture_member *member)
{
    tb_buffer_free(&member->received);
    free(member->parcels);
    free(member->arrived);
    free(member->settled);
    member->parcels = NULL;
    member->arrived = NULL;
    member->settled = NULL;
    member->waiting = member->settled_count = 0;
}

void tb_capture_member_free(struct tb_capture_member *member)
{
    if (member == NULL)
        return;
    free_segments(member);
    tb_row_merge_free(&member->rows);
    free_shards(member);
    forget_parcels(member);
    tb_capture_parser_free(&member->known);
    free(member->threads);
    free(member->round.counts);
    free(member);
}

static bool open_segment(const struct tb_capture_member *member, struct own_segment *segment)
{
    struct tb_capture_chunk *const parsed = &segment->parsed;
    for (unsigned i = 0; i < 2; i++) {
        segment->parcels[i] = calloc(member->all_shards, sizeof *segment->parcels[i]);
        if (segment->parcels[i] == NULL)
            return false;
    }
    return tb_capture_chunk_prepare(parsed, member->request->filter, member->all_shards, NULL) == TB_OK &&
           tb_reader_open_again(&parsed->parser.file.reader, member->source, NULL) == TB_OK;
}

bool tb_capture_member_make_room(struct tb_capture_member *member, size_t count)
{
    if (count <= member->room)
        return true;
    struct own_segment **const segments = realloc(member->segments, count * sizeof *segments);
    if (segments == NULL)
        return false;
    member->segments = segments;
    for (; member->room < count; member->room++) {
        struct own_segment *const segment = calloc(1, sizeof *segment);
        if (segment == NULL || !open_segment(member, segment)) {
            free_segment(segment, member->all_shards);
            return false;
        }
        segments[member->room] = segment;
    }
    return true;
}

static bool make_shards(struct tb_capture_member *member)
{
    member->shards = calloc((size_t)member->shard_count + 1, sizeof member->shards[0]);
    for (uint16_t i = 0; member->shards != NULL && i < member->shard_count; i++) {
        member->shards[i] = calloc(1, sizeof *member->shards[i]);
        if (member->shards[i] == NULL || !tb_flows_start(member->shards[i], member->request))
            return false;
    }
    return member->shards != NULL;
}

/* --- the offer --- */

static bool deal_shards(struct tb_capture_member *member)
{
    uint64_t shards = 0;
    for (size_t i = 0; i < member->members; i++) {
        if (i == member->place)
            member->first_shard = (uint16_t)shards;
        shards += member->threads[i];
        if (shards >= TB_DATAGRAM_EVERY_SHARD)
            return false;
    }
    member->all_shards = (uint16_t)shards;
    member->shard_count = (uint16_t)member->own_threads;
    return member->threads[member->place] == member->own_threads && shards > 0;
}

bool tb_capture_member_prepare(struct tb_capture_member *member, const uint32_t *threads, size_t count)
{
    member->threads = calloc(count, sizeof *member->threads);
    member->round.counts = calloc(count, sizeof *member->round.counts);
    if (member->threads == NULL || member->round.counts == NULL)
        return false;
    member->members = count;
    memcpy(member->threads, threads, count * sizeof *threads);
    return deal_shards(member) && make_shards(member);
}

/* The first offer says who there is; later ones say the same. */
static bool take_members(struct tb_capture_member *member, struct tb_bytes *offer)
{
    uint64_t count;
    if (!tb_bytes_take_u64(offer, &count) || count > offer->left / sizeof(uint32_t) || member->place >= count)
        return false;
    if (member->threads != NULL)
        return count == member->members && tb_bytes_skip(offer, member->members * sizeof(uint32_t));
    uint32_t *const threads = calloc((size_t)count, sizeof *threads);
    bool taken = threads != NULL;
    for (size_t i = 0; taken && i < count; i++)
        taken = tb_bytes_take_u32(offer, &threads[i]);
    taken = taken && tb_capture_member_prepare(member, threads, (size_t)count);
    free(threads);
    return taken;
}

static bool take_settled(struct tb_capture_member *member, struct tb_bytes *offer)
{
    uint64_t count;
    if (!tb_bytes_take_u64(offer, &count) || count > member->waiting)
        return false;
    member->settled = calloc((size_t)count + 1, sizeof *member->settled);
    if (member->settled == NULL)
        return false;
    for (member->settled_count = 0; member->settled_count < count; member->settled_count++) {
        struct settled_segment *const settled = &member->settled[member->settled_count];
        uint8_t taken;
        uint64_t size;
        const uint8_t *fragments;
        if (!tb_bytes_take_u8(offer, &taken) || !tb_bytes_take_u64(offer, &settled->first_number) ||
            !tb_bytes_take_u64(offer, &settled->clock) || !tb_bytes_take_u64(offer, &size) || size > offer->left ||
            !tb_bytes_take(offer, (size_t)size, &fragments))
            return false;
        settled->taken = taken != 0;
        settled->fragments = tb_bytes_packed(fragments, (size_t)size);
        if (settled->taken && !member->arrived[member->settled_count])
            return false;
    }
    return true;
}

static bool take_round(struct tb_capture_member *member, struct tb_bytes *offer)
{
    struct team_round *const round = &member->round;
    uint8_t last;
    if (!tb_bytes_take_u8(offer, &last) || !tb_bytes_take_u64(offer, &round->begin) ||
        !tb_bytes_take_u64(offer, &round->segment) || round->begin > INT64_MAX || round->segment < 1 ||
        round->segment > SEGMENT_MOST)
        return false;
    round->last = last != 0;
    round->segments = 0;
    for (size_t i = 0; i < member->members; i++) {
        if (!tb_bytes_take_u32(offer, &round->counts[i]) || round->counts[i] > TEAM_SEGMENTS_MOST)
            return false;
        round->segments += round->counts[i];
    }
    return round->segments <= TEAM_SEGMENTS_MOST &&
           round->counts[member->place] <= (uint64_t)TEAM_SEGMENTS_A_THREAD_MOST * member->own_threads;
}

static size_t own_first(const struct tb_capture_member *member)
{
    size_t first = 0;
    for (size_t i = 0; i < member->place; i++)
        first += member->round.counts[i];
    return first;
}

/* Segments that this member parses in this round: all of its own, or none. */
static size_t own_count(const struct tb_capture_member *member)
{
    const uint32_t count = member->round.counts[member->place];
    return count <= member->room ? count : 0;
}

static void empty_segment(struct tb_capture_member *member, struct own_segment *segment)
{
    for (uint16_t i = 0; i < member->all_shards; i++)
        segment->parcels[member->filled][i].size = 0;
    segment->fragments.size = segment->tests.size = 0;
}

bool tb_capture_member_begin(struct tb_capture_member *member, struct tb_bytes offer)
{
    if (member->lost)
        return false;
    if (member->complete || !take_members(member, &offer) || !take_settled(member, &offer) ||
        !take_round(member, &offer)) {
        lose(member, "what the lead says cannot be understood, or there is no memory for it");
        return false;
    }
    const bool known = tb_capture_known_unpack(&member->known.file, &offer);
    const size_t first = own_first(member);
    member->filled = !member->filled;
    (void)!tb_capture_member_make_room(member, member->round.counts[member->place]);
    for (size_t i = 0; i < own_count(member); i++) {
        struct own_segment *const segment = member->segments[i];
        segment->end = team_round_end_of(&member->round, first + i);
        segment->begin = segment->end - member->round.segment;
        tb_capture_chunk_start(&segment->parsed, known ? &member->known.file : NULL);
        empty_segment(member, segment);
    }
    return true;
}

/* --- parsing --- */

/* Deals out the packets of a piece of a segment. */
static bool put_packets(const struct tb_packet_batch *batch, struct own_segment *segment, struct tb_buffer *parcels)
{
    bool good = true;
    for (uint16_t i = 0; i < batch->shard_count; i++) {
        const struct tb_packet_list *const list = &batch->shards[i];
        for (size_t j = 0; j < list->count; j++)
            if (!list->items[j].queued.packet.fragment)
                tb_packet_pack(&list->items[j], &parcels[i]);
        good = good && !parcels[i].failed;
    }
    for (size_t i = 0; i < batch->fragments.count; i++)
        tb_packet_pack(&batch->fragments.items[i], &segment->fragments);
    for (size_t i = 0; i < batch->tests.count; i++)
        tb_packet_pack(&batch->tests.items[i], &segment->tests);
    return good && !segment->fragments.failed && !segment->tests.failed;
}

/* Parses up to the segment's end. TB_END when that went well. */
static enum tb_status parse(struct own_segment *segment, struct tb_capture_parser *parser, struct tb_buffer *parcels,
                            struct tb_error *error)
{
    struct tb_packet_batch *const batch = &segment->parsed.batch;
    const uint64_t end = segment->end;
    enum tb_status status = TB_END;
    tb_reader_expect_end(&parser->file.reader, end);
    do {
        const uint64_t reached = tb_packet_file_reached(&parser->file);
        parser->file.end = reached < end && end - reached > PIECE ? reached + PIECE : end;
        tb_packet_batch_empty(batch);
        status = tb_packet_batch_fill(batch, parser, error);
        if (status == TB_END && !put_packets(batch, segment, parcels))
            status = tb_error_memory(error, "the packets of a segment");
    } while (status == TB_END && parser->file.end != end && !tb_packet_file_is_over(&parser->file));
    parser->file.end = end;
    return status;
}

static void guess(struct tb_capture_member *member, struct own_segment *segment)
{
    struct tb_capture_chunk *const parsed = &segment->parsed;
    parsed->speculated = parsed->speculated && tb_capture_chunk_find(parsed, segment->begin, segment->end) &&
                         parse(segment, &parsed->parser, segment->parcels[member->filled], NULL) == TB_END;
}

/* The lead's first segment, which is no guess. */
static enum tb_status read_first(struct tb_capture_member *member, struct tb_capture_parser *decoder,
                                 struct tb_error *error)
{
    struct own_segment *const segment = member->segments[0];
    decoder->counts = &segment->parsed.counts;
    const enum tb_status status = parse(segment, decoder, segment->parcels[member->filled], error);
    segment->parsed.speculated = status == TB_END;
    return status == TB_END ? TB_OK : status;
}

/* --- adding --- */

/* What befalls a shard; the worst stays. */
enum added { ADDED, ADDED_DAMAGED, ADDED_NO_MEMORY };

static bool add(struct tb_flows *flows, const struct settled_segment *settled, struct tb_flow_packet *next,
                const struct tb_flow_key *key)
{
    next->number += settled->first_number;
    if (next->clock < settled->clock)
        next->clock = settled->clock;
    return tb_flows_add(flows, key);
}

/* The fragments of a shard with numbers below that. */
static enum added add_fragments(struct tb_flows *flows, const struct settled_segment *settled,
                                struct tb_bytes *fragments, uint64_t below, uint16_t shard)
{
    while (fragments->left > 0 && tb_packet_packed_number(fragments) < below) {
        struct tb_flow_packet *const next = tb_flows_next(flows);
        struct tb_flow_key key;
        if (!tb_packet_unpack(next, &key, fragments) || !next->packet.fragment)
            return ADDED_DAMAGED;
        const uint16_t of = next->packet.datagram_shard;
        if ((of == shard || of == TB_DATAGRAM_EVERY_SHARD) && !add(flows, settled, next, &key))
            return ADDED_NO_MEMORY;
    }
    return ADDED;
}

static enum added add_segment(struct tb_flows *flows, const struct settled_segment *settled, struct tb_bytes parcel,
                              uint16_t shard)
{
    struct tb_bytes fragments = settled->fragments;
    enum added added = ADDED;
    while (added == ADDED && parcel.left > 0) {
        if (fragments.left > 0)
            added = add_fragments(flows, settled, &fragments, tb_packet_packed_number(&parcel), shard);
        struct tb_flow_packet *const next = tb_flows_next(flows);
        struct tb_flow_key key;
        if (!tb_packet_unpack(next, &key, &parcel) || next->packet.fragment)
            return ADDED_DAMAGED;
        if (!add(flows, settled, next, &key))
            return ADDED_NO_MEMORY;
    }
    return added == ADDED ? add_fragments(flows, settled, &fragments, UINT64_MAX, shard) : added;
}

/* What waits for an own shard is added; in the last round its flows are completed. */
static enum added add_to_shard(struct tb_capture_member *member, uint16_t which)
{
    struct tb_flows *const flows = member->shards[which];
    enum added added = ADDED;
    for (size_t i = 0; added == ADDED && i < member->settled_count; i++)
        if (member->settled[i].taken)
            added = add_segment(flows, &member->settled[i], member->parcels[i * member->shard_count + which],
                                (uint16_t)(member->first_shard + which));
    if (added == ADDED && member->round.last && !tb_flows_finish(flows))
        added = ADDED_NO_MEMORY;
    return added;
}

/* --- a round --- */

/* Shards first: one of them may have more to do than all that is to be parsed. */
void tb_capture_member_run(struct tb_capture_member *member, struct tb_capture_parser *decoder, enum tb_status *read,
                           struct tb_error *error)
{
    const int shards = member->shard_count;
    const int work = shards + (int)own_count(member);
    enum added worst = ADDED;
#pragma omp parallel for schedule(dynamic, 1) num_threads(shards)
    for (int i = 0; i < work; i++) {
        if (i == shards && decoder != NULL) {
            *read = read_first(member, decoder, error);
        } else if (i >= shards) {
            guess(member, member->segments[i - shards]);
        } else {
            const enum added added = add_to_shard(member, (uint16_t)i);
#pragma omp critical(team_added)
            worst = added > worst ? added : worst;
        }
    }
    if (worst != ADDED)
        lose(member, worst == ADDED_NO_MEMORY ? "there is not enough memory for its flows"
                                              : "the packets that came cannot be understood");
    member->complete = member->round.last && !member->lost;
    forget_parcels(member);
}

void tb_capture_member_work(struct tb_capture_member *member, struct tb_bytes offer)
{
    if (tb_capture_member_begin(member, offer))
        tb_capture_member_run(member, NULL, NULL, NULL);
}

/* --- packets from each to each --- */

static uint16_t first_shard_of(const struct tb_capture_member *member, size_t of)
{
    uint32_t first = 0;
    for (size_t i = 0; i < of; i++)
        first += member->threads[i];
    return (uint16_t)first;
}

void tb_capture_member_send(const struct tb_capture_member *member, size_t to, struct tb_buffer *packets)
{
    if (member->lost || to == member->place || member->threads == NULL)
        return;
    const uint16_t first = first_shard_of(member, to), count = (uint16_t)member->threads[to];
    for (size_t i = 0; i < own_count(member); i++)
        for (uint16_t j = 0; j < count; j++)
            tb_buffer_put_u64(packets, member->segments[i]->parcels[member->filled][first + j].size);
    for (size_t i = 0; i < own_count(member); i++)
        for (uint16_t j = 0; j < count; j++) {
            const struct tb_buffer *const parcel = &member->segments[i]->parcels[member->filled][first + j];
            tb_buffer_put(packets, parcel->data, parcel->size);
        }
}

/* The parcels of one member's segments, of which the first is given. False when they are not all there. */
static bool open_parcels(struct tb_capture_member *member, size_t first, uint32_t count, struct tb_bytes sizes)
{
    const size_t parcels = (size_t)count * member->shard_count;
    if (parcels == 0)
        return sizes.left == 0;
    if (parcels > sizes.left / sizeof(uint64_t))
        return false;
    struct tb_bytes bytes = sizes;
    if (!tb_bytes_skip(&bytes, parcels * sizeof(uint64_t)))
        return false;
    for (size_t i = 0; i < parcels; i++) {
        uint64_t size;
        const uint8_t *data;
        if (!tb_bytes_take_u64(&sizes, &size) || size > bytes.left || !tb_bytes_take(&bytes, (size_t)size, &data))
            return false;
        member->parcels[first * member->shard_count + i] = tb_bytes_packed(data, (size_t)size);
    }
    return bytes.left == 0;
}

static void open_own_parcels(struct tb_capture_member *member, size_t first)
{
    for (size_t i = 0; i < own_count(member); i++)
        for (uint16_t j = 0; j < member->shard_count; j++) {
            const struct tb_buffer *const parcel =
                &member->segments[i]->parcels[member->filled][member->first_shard + j];
            member->parcels[(first + i) * member->shard_count + j] = tb_bytes_packed(parcel->data, parcel->size);
        }
}

void tb_capture_member_take(struct tb_capture_member *member, struct tb_buffer *packets, const uint64_t *begins)
{
    forget_parcels(member);
    member->received = *packets;
    *packets = (struct tb_buffer){0};
    if (member->lost || member->threads == NULL)
        return;
    const struct team_round *const round = &member->round;
    member->parcels = calloc(round->segments * member->shard_count + 1, sizeof *member->parcels);
    member->arrived = calloc(round->segments + 1, sizeof *member->arrived);
    if (member->parcels == NULL || member->arrived == NULL) {
        lose(member, "there is not enough memory for packets");
        return;
    }
    member->waiting = round->segments;
    size_t first = 0;
    for (size_t i = 0; i < member->members; first += round->counts[i++]) {
        struct tb_bytes bytes = {.left = 0};
        if (begins[i + 1] > begins[i])
            bytes = tb_bytes_packed(member->received.data + begins[i], (size_t)(begins[i + 1] - begins[i]));
        const bool arrived = i == member->place || open_parcels(member, first, round->counts[i], bytes);
        if (i == member->place)
            open_own_parcels(member, first);
        for (size_t j = 0; j < round->counts[i]; j++)
            member->arrived[first + j] = arrived;
    }
}

/* --- the reply --- */

/* Bytes of packets for each member. */
static void pack_loads(const struct tb_capture_member *member, struct tb_buffer *reply)
{
    uint16_t shard = 0;
    for (size_t i = 0; i < member->members; i++) {
        uint64_t load = 0;
        for (uint32_t j = 0; j < member->threads[i]; j++, shard++)
            for (size_t k = 0; k < own_count(member); k++)
                load += member->segments[k]->parcels[member->filled][shard].size;
        tb_buffer_put_u64(reply, load);
    }
}

void tb_capture_member_reply(struct tb_capture_member *member, struct tb_buffer *reply)
{
    tb_buffer_put_u8(reply, member->lost);
    if (member->lost)
        tb_buffer_put_text(reply, member->reason);
    if (member->lost || member->threads == NULL)
        return;
    pack_loads(member, reply);
    for (size_t i = 0; i < own_count(member); i++)
        tb_segment_news_pack(&member->segments[i]->parsed, &member->segments[i]->fragments, &member->segments[i]->tests,
                             reply);
}

/* --- flows --- */

void tb_capture_member_result(struct tb_capture_member *member, struct tb_buffer *result)
{
    if (!member->complete || member->shards == NULL)
        return;
    free_segments(member);
    tb_capture_flows_pack(member->shards, member->shard_count, result);
    if (member->request->rows == TB_FLOW_ROWS_NONE)
        free_shards(member);
}

/* Some rows, not many more bytes than asked for. */
static enum tb_status put_rows(struct tb_capture_member *member, size_t wanted, struct tb_buffer *rows)
{
    struct tb_packed_row row;
    enum tb_status status = TB_OK;
    if (!member->rows_begun)
        status = tb_flows_open_rows(member->shards, member->shard_count, &member->rows, NULL);
    member->rows_begun = true;
    while (status == TB_OK && rows->size < wanted) {
        status = tb_row_merge_next(&member->rows, &row, NULL);
        if (status == TB_OK)
            tb_buffer_put(rows, row.data, row.size);
    }
    return status;
}

void tb_capture_member_rows(struct tb_capture_member *member, struct tb_buffer *rows)
{
    struct tb_buffer some = {0};
    const enum tb_status status =
        member->complete && member->shards != NULL ? put_rows(member, TB_TEAM_ROWS, &some) : TB_END;
    const bool good = (status == TB_OK || status == TB_END) && !some.failed;
    tb_buffer_put_u8(rows, good);
    if (good)
        tb_buffer_put(rows, some.data, some.size);
    if (!good || status == TB_END) {
        tb_row_merge_free(&member->rows);
        free_shards(member);
    }
    tb_buffer_free(&some);
}
