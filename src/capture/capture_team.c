/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lead of a team: where rounds begin, who parses what, and what of it counts. */
#include <stdio.h>
#include <stdlib.h>

#include "capture_member.h"
#include "capture_messages.h"
#include "flow_merge.h"

/* Segments begin so long, and grow no longer; a round takes no more than that of a file. */
enum { SEGMENT_LEAST = 64 << 10, SEGMENT_MOST = 2 << 20, SEGMENTS_A_THREAD = 4, ROUND_MOST = 256 << 20 };

/* A member that has more packets to add than others gets fewer segments, and another up to this many times its share. */
enum { ROOM = 2, PARSING_COST = 1, ADDING_COST = 3 };

/* A header of TCP over IPv4 and that of its record. */
enum { SMALLEST_RECORD = 16 + 40 };

enum phase { PHASE_READING, PHASE_ADDING, PHASE_DONE };

struct tb_capture_lead {
    struct tb_capture_member *member; /* owned; number 0 */
    struct tb_source *source;         /* borrowed */
    struct tb_source *again;          /* owned; the same for the member */
    const struct tb_capture_request *request;
    struct tb_capture_parser decoder; /* where everything before is read */
    struct tb_capture *capture;       /* owned; what is settled */
    struct tb_datagram_slots slots;
    struct tb_test_tracker tests;
    struct tb_packet_file told; /* the file as the others were told */
    struct tb_account told_account;
    size_t members;
    uint64_t size; /* of the file when it was opened */
    uint64_t segment, segment_least, segment_most;
    uint32_t segments_a_thread;
    enum phase phase;
    bool over;                /* the decoder has come to the end, or to damage */
    uint32_t *counts;         /* owned; segments of each member in this round */
    uint64_t *loads;          /* owned; bytes of packets that each member must add in the next round */
    struct tb_buffer settled; /* what the next offer says of the segments of this round */
    uint64_t settled_count;
    struct tb_flows **results; /* owned; of each member but the lead; NULL: none yet */
    struct tb_capture_team_outcome outcome;
};

static uint64_t at_most(uint64_t value, uint64_t most)
{
    return value < most ? value : most;
}

static uint64_t at_least(uint64_t value, uint64_t least)
{
    return value > least ? value : least;
}

/* --- beginning and end --- */

/* Nothing is of use but the file: the lead reads it again. */
static void be_alone(struct tb_capture_lead *lead, size_t member, const char *reason)
{
    if (!lead->outcome.alone)
        snprintf(lead->outcome.reason, sizeof lead->outcome.reason, "member %zu of the team: %s", member, reason);
    lead->outcome.alone = true;
    lead->phase = PHASE_DONE;
}

static uint64_t all_threads(const struct tb_capture_lead *lead)
{
    uint64_t threads = 0;
    for (size_t i = 0; i < lead->members; i++)
        threads += lead->member->threads[i];
    return threads;
}

/* The longest segments, as fits. */
static uint64_t longest_segment(uint64_t all_threads)
{
    return at_least(at_most(SEGMENT_MOST, ROUND_MOST / (SEGMENTS_A_THREAD * all_threads)), SEGMENT_LEAST);
}

uint64_t tb_capture_team_memory(uint64_t all_threads, uint64_t threads)
{
    /* Packed, of this round and the one before, and on the way here and there. */
    enum { COPIES = 4 };
    const uint64_t packets = longest_segment(all_threads) * TB_PACKET_PACKED / SMALLEST_RECORD + 1;
    const uint64_t lists = all_threads * 2 * (sizeof(struct tb_buffer) + sizeof(struct tb_packet_list));
    return threads * ROOM * SEGMENTS_A_THREAD * (COPIES * packets + lists + TB_READER_BLOCK_SIZE);
}

static void set_cut(struct tb_capture_lead *lead, const struct tb_capture_team_cut *cut)
{
    lead->segments_a_thread = cut->segments != 0 ? cut->segments : SEGMENTS_A_THREAD;
    if (lead->segments_a_thread > TEAM_SEGMENTS_A_THREAD_MOST / ROOM)
        lead->segments_a_thread = TEAM_SEGMENTS_A_THREAD_MOST / ROOM;
    lead->segment_least = cut->segment_least != 0 ? cut->segment_least : SEGMENT_LEAST;
    lead->segment_most = cut->segment_most != 0 ? cut->segment_most : longest_segment(all_threads(lead));
    lead->segment_most = at_least(lead->segment_most, lead->segment_least);
    lead->segment = lead->segment_most;
}

/* Shards have numbers of 16 bits: those of no more threads than that take part. */
static bool limit_threads(const uint32_t *threads, size_t members, uint32_t **limited)
{
    uint32_t *const copy = malloc(members * sizeof *copy);
    uint64_t all = 0;
    for (size_t i = 0; copy != NULL && i < members; i++) {
        copy[i] = all + threads[i] < TB_DATAGRAM_EVERY_SHARD ? threads[i] : 0;
        all += copy[i];
    }
    *limited = copy;
    return copy != NULL;
}

static bool prepare_member(struct tb_capture_lead *lead, const uint32_t *threads)
{
    uint32_t *limited;
    const bool good = limit_threads(threads, lead->members, &limited) &&
                      tb_capture_member_prepare(lead->member, limited, lead->members);
    free(limited);
    return good;
}

static enum tb_status start_lead(struct tb_capture_lead *lead, const uint32_t *threads, struct tb_error *error)
{
    lead->capture = calloc(1, sizeof *lead->capture);
    lead->counts = calloc(lead->members, sizeof *lead->counts);
    lead->loads = calloc(lead->members, sizeof *lead->loads);
    lead->results = calloc(lead->members, sizeof(struct tb_flows *));
    if (lead->capture == NULL || lead->counts == NULL || lead->loads == NULL || lead->results == NULL)
        return tb_error_memory(error, "a capture");
    lead->capture->rules = lead->request->rules;
    tb_filter_start(&lead->decoder.filter, lead->request->filter);
    enum tb_status status = tb_packet_file_open(&lead->decoder.file, lead->source, &lead->capture->account, error);
    if (status == TB_OK)
        status = tb_source_open_again(lead->source, &lead->again, error);
    if (status == TB_OK)
        status = tb_capture_member_start(lead->again, lead->request, 0, threads[0], &lead->member, error);
    if (status != TB_OK)
        return status;
    return prepare_member(lead, threads) ? TB_OK : tb_error_memory(error, "the flows of a capture");
}

enum tb_status tb_capture_lead_start(struct tb_source *source, const struct tb_capture_request *request,
                                     const uint32_t *threads, size_t member_count,
                                     const struct tb_capture_team_cut *cut, struct tb_capture_lead **lead,
                                     struct tb_error *error)
{
    if (tb_source_compression(source) != TB_COMPRESSION_NONE || member_count < 1 || threads[0] < 1)
        return tb_error_set(error, TB_USAGE, "%s: only a plain capture can be cut, and a lead has a thread",
                            tb_source_name(source));
    struct tb_capture_lead *const made = calloc(1, sizeof *made);
    if (made == NULL)
        return tb_error_memory(error, "a capture");
    made->source = source;
    made->request = request;
    made->members = member_count;
    made->size = tb_source_size(source);
    made->told.account = &made->told_account;
    enum tb_status status = start_lead(made, threads, error);
    if (status == TB_OK) {
        set_cut(made, cut);
        if (!tb_capture_member_make_room(made->member, (size_t)ROOM * made->segments_a_thread * threads[0]))
            status = tb_error_memory(error, "the segments of a capture");
    }
    if (status != TB_OK) {
        tb_capture_lead_free(made);
        return status;
    }
    *lead = made;
    return TB_OK;
}

void tb_capture_lead_free(struct tb_capture_lead *lead)
{
    if (lead == NULL)
        return;
    for (size_t i = 0; lead->results != NULL && i < lead->members; i++) {
        if (lead->results[i] != NULL)
            tb_flows_free(lead->results[i]);
        free(lead->results[i]);
    }
    tb_capture_member_free(lead->member);
    tb_source_close(lead->again);
    tb_capture_parser_free(&lead->decoder);
    tb_capture_free(lead->capture);
    tb_test_tracker_free(&lead->tests);
    tb_buffer_free(&lead->settled);
    free(lead->told.interfaces);
    free(lead->results);
    free(lead->counts);
    free(lead->loads);
    free(lead);
}

struct tb_capture_member *tb_capture_lead_member(struct tb_capture_lead *lead)
{
    return lead->member;
}

bool tb_capture_lead_goes_on(const struct tb_capture_lead *lead)
{
    return lead->phase != PHASE_DONE;
}

/* --- the offer --- */

/* What a member can do beside adding, in the time that it takes all to do all. */
static uint64_t free_capacity(const struct tb_capture_lead *lead, size_t member, uint64_t load, uint64_t threads)
{
    const uint64_t all = load / threads * (PARSING_COST + ADDING_COST) * lead->member->threads[member];
    const uint64_t adding = lead->loads[member] * ADDING_COST;
    return all > adding ? all - adding : 0;
}

/* So many segments are dealt out; the lead gets one at the least. */
static void deal_segments(struct tb_capture_lead *lead, uint64_t segments)
{
    const uint64_t threads = all_threads(lead);
    uint64_t load = 0, capacity = 0, left = segments - 1;
    for (size_t i = 0; i < lead->members; i++)
        load += lead->loads[i];
    for (size_t i = 0; i < lead->members; i++)
        capacity += load == 0 ? lead->member->threads[i] : free_capacity(lead, i, load, threads);
    for (size_t i = 0; i < lead->members; i++) {
        const uint32_t own = lead->member->threads[i];
        const uint64_t part = load == 0 ? own : free_capacity(lead, i, load, threads);
        const uint64_t room = (uint64_t)ROOM * lead->segments_a_thread * own - (i == 0);
        const uint64_t wanted = capacity == 0 ? 0 : (uint64_t)((unsigned __int128)segments * part / capacity);
        lead->counts[i] = (uint32_t)at_most(at_most(wanted, room), left);
        left -= lead->counts[i];
    }
    /* What rounding left over. */
    for (size_t i = 0; i < lead->members && left > 0; i++)
        if (lead->counts[i] + (i == 0) < ROOM * lead->segments_a_thread * lead->member->threads[i]) {
            lead->counts[i]++;
            left--;
        }
    lead->counts[0]++;
}

/* The last rounds take no more than there is. */
static void place_round(struct tb_capture_lead *lead, struct tb_buffer *offer)
{
    const uint64_t begin = tb_packet_file_reached(&lead->decoder.file);
    const uint64_t left = lead->size > begin ? lead->size - begin : 0;
    uint64_t segments = lead->segments_a_thread * all_threads(lead);
    const uint64_t segment = at_most(lead->segment, at_least(left / segments + 1, lead->segment_least));
    segments = at_least(1, at_most(segments, left / segment + 1));
    memset(lead->counts, 0, lead->members * sizeof *lead->counts);
    if (lead->phase == PHASE_READING)
        deal_segments(lead, segments);
    tb_buffer_put_u8(offer, lead->phase != PHASE_READING);
    tb_buffer_put_u64(offer, begin);
    tb_buffer_put_u64(offer, segment);
    for (size_t i = 0; i < lead->members; i++)
        tb_buffer_put_u32(offer, lead->counts[i]);
}

static void put_known(struct tb_capture_lead *lead, struct tb_buffer *offer)
{
    struct tb_buffer known = {0};
    const bool told = lead->phase == PHASE_READING && tb_packet_file_copy(&lead->decoder.file, &lead->told) &&
                      tb_capture_known_pack(&lead->decoder.file, &known) && !known.failed;
    tb_buffer_put_u8(offer, told);
    tb_buffer_put(offer, known.data, told ? known.size : 0);
    tb_buffer_free(&known);
}

enum tb_status tb_capture_lead_offer(struct tb_capture_lead *lead, struct tb_buffer *offer, struct tb_error *error)
{
    tb_buffer_put_u64(offer, lead->members);
    for (size_t i = 0; i < lead->members; i++)
        tb_buffer_put_u32(offer, lead->member->threads[i]);
    tb_buffer_put_u64(offer, lead->settled_count);
    tb_buffer_put(offer, lead->settled.data, lead->settled.size);
    place_round(lead, offer);
    put_known(lead, offer);
    lead->settled.size = 0;
    lead->settled_count = 0;
    return tb_buffer_check(offer, "what a team must know", error);
}

enum tb_status tb_capture_lead_work(struct tb_capture_lead *lead, struct tb_bytes offer, struct tb_error *error)
{
    enum tb_status read = TB_OK;
    lead->outcome.rounds++;
    if (!tb_capture_member_begin(lead->member, offer))
        return TB_OK;
    lead->decoder.file.end = team_round_end_of(&lead->member->round, 0);
    tb_capture_member_run(lead->member, lead->phase == PHASE_READING ? &lead->decoder : NULL, &read, error);
    lead->over = read == TB_OK && tb_packet_file_is_over(&lead->decoder.file);
    return read;
}

/* --- settling --- */

/* How the settling of a round goes. */
struct settling {
    struct tb_capture_lead *lead;
    size_t segment; /* the next, counted over all members */
    bool stopped;   /* the rest is for another round */
    enum tb_status status;
};

static void put_settled(struct tb_capture_lead *lead, bool taken, const struct tb_buffer *fragments)
{
    lead->settled_count++;
    tb_buffer_put_u8(&lead->settled, taken);
    tb_buffer_put_u64(&lead->settled, lead->capture->packets);
    tb_buffer_put_u64(&lead->settled, lead->capture->last_time);
    tb_buffer_put_u64(&lead->settled, fragments->size);
    tb_buffer_put(&lead->settled, fragments->data, fragments->size);
}

/* Tells fragments their datagrams. */
static void name_fragments(struct tb_capture_lead *lead, struct tb_bytes fragments, struct tb_buffer *named)
{
    while (fragments.left > 0) {
        struct tb_parsed_packet parsed;
        if (!tb_packet_unpack(&parsed.queued, &parsed.key, &fragments))
            return;
        const bool first = parsed.queued.packet.kind == TB_PACKET_TRANSPORT;
        tb_datagram_slots_take(&lead->slots, &parsed.queued, &parsed.key,
                               first ? tb_packet_shard(&parsed.key, lead->member->all_shards) : 0);
        tb_packet_pack(&parsed, named);
    }
}

static bool track_tests(struct tb_capture_lead *lead, struct tb_bytes tests)
{
    while (tests.left > 0) {
        struct tb_parsed_packet parsed;
        if (!tb_packet_unpack(&parsed.queued, &parsed.key, &tests))
            return true;
        if (!tb_test_tracker_add(&lead->tests, &parsed.queued, &parsed.key))
            return false;
    }
    return true;
}

/* The segment's packets count: tells them what only those before could say. */
static void take_news(struct settling *settling, const struct segment_news *news)
{
    struct tb_capture_lead *const lead = settling->lead;
    struct tb_buffer named = {0};
    name_fragments(lead, news->fragments, &named);
    put_settled(lead, true, &named);
    if (named.failed || lead->settled.failed || !track_tests(lead, news->tests))
        settling->status = TB_MEMORY;
    tb_capture_add_counts(lead->capture, &news->counts);
    tb_buffer_free(&named);
}

/* Compares a guess with where the decoder stands, which moves on when it holds. */
static bool follow(struct tb_capture_lead *lead, const struct segment_news *news)
{
    struct tb_packet_file *const told = &lead->told;
    told->begin = news->file.begin;
    told->time_assumed = news->file.time_assumed;
    told->assumed_time = news->file.assumed_time;
    told->time_known = news->file.time_known;
    told->last_time = news->file.last_time;
    told->lost_beside = news->file.lost_beside;
    *told->account = news->account;
    if (!tb_packet_file_agrees(&lead->decoder.file, told))
        return false;
    tb_packet_file_follow(&lead->decoder.file, told);
    lead->decoder.filter.tried = lead->decoder.filter.tried || news->tried;
    return true;
}

/* The next segment; what is known of it, if anything. */
static void settle_segment(struct settling *settling, const struct segment_news *news, bool guessed)
{
    struct tb_capture_lead *const lead = settling->lead;
    const uint64_t end = team_round_end_of(&lead->member->round, settling->segment);
    const bool first = settling->segment++ == 0;
    const uint64_t reached = tb_packet_file_reached(&lead->decoder.file);
    if (settling->stopped) {
        lead->outcome.repeated++;
    } else if (first) {
        take_news(settling, news);
    } else if (reached >= end) {
        put_settled(lead, false, &(struct tb_buffer){0});
        return;
    } else if (guessed && follow(lead, news)) {
        lead->outcome.joined++;
        take_news(settling, news);
    } else {
        lead->outcome.repeated++;
        settling->stopped = true;
    }
    settling->stopped = settling->stopped || tb_packet_file_reached(&lead->decoder.file) < end;
}

static bool take_loads(struct tb_capture_lead *lead, struct tb_bytes *reply)
{
    for (size_t i = 0; i < lead->members; i++) {
        uint64_t load;
        if (!tb_bytes_take_u64(reply, &load))
            return false;
        lead->loads[i] += at_most(load, (uint64_t)1 << 40);
    }
    return true;
}

/* A member that says nothing parsed nothing. */
static void settle_member(struct settling *settling, size_t member, struct tb_bytes reply)
{
    struct tb_capture_lead *const lead = settling->lead;
    uint8_t lost = 0;
    char *reason = NULL;
    bool told = tb_bytes_take_u8(&reply, &lost);
    if (told && lost != 0) {
        be_alone(lead, member, tb_bytes_take_text(&reply, &reason) ? reason : "no memory");
        free(reason);
        return;
    }
    told = told && take_loads(lead, &reply);
    for (uint32_t i = 0; settling->status == TB_OK && i < lead->counts[member]; i++) {
        struct segment_news news;
        bool guessed = false;
        told = told && tb_segment_news_unpack(&news, &guessed, &reply);
        settle_segment(settling, &news, told && guessed);
    }
}

static void adapt_segment(struct tb_capture_lead *lead, const struct settling *settling)
{
    if (lead->settled_count == settling->segment)
        lead->segment = at_most(lead->segment * 2, lead->segment_most);
    else if (lead->settled_count < settling->segment / 2)
        lead->segment = at_least(lead->segment / 2, lead->segment_least);
}

enum tb_status tb_capture_lead_settle(struct tb_capture_lead *lead, const struct tb_bytes *replies,
                                      struct tb_error *error)
{
    struct tb_buffer own = {0};
    struct settling settling = {.lead = lead, .status = TB_OK};
    const bool reading = lead->phase == PHASE_READING;
    tb_capture_member_reply(lead->member, &own);
    memset(lead->loads, 0, lead->members * sizeof *lead->loads);
    for (size_t i = 0; !own.failed && settling.status == TB_OK && i < lead->members; i++)
        if (lead->member->threads[i] != 0)
            settle_member(&settling, i, i == 0 ? tb_bytes_packed(own.data, own.size) : replies[i]);
    if (own.failed || settling.status != TB_OK) {
        tb_buffer_free(&own);
        return tb_error_memory(error, "the flows of a capture");
    }
    tb_buffer_free(&own);
    if (lead->phase == PHASE_DONE || !reading) {
        lead->phase = PHASE_DONE;
        return TB_OK;
    }
    adapt_segment(lead, &settling);
    if (lead->over)
        lead->phase = PHASE_ADDING;
    return TB_OK;
}

/* --- flows --- */

bool tb_capture_lead_add(struct tb_capture_lead *lead, size_t member, struct tb_bytes result)
{
    if (lead->outcome.alone || member == 0 || member >= lead->members || lead->results[member] != NULL)
        return false;
    if (lead->member->threads[member] == 0)
        return true;
    lead->results[member] = calloc(1, sizeof *lead->results[member]);
    if (lead->results[member] == NULL || !tb_capture_flows_unpack(lead->results[member], lead->request, &result)) {
        be_alone(lead, member, "its flows cannot be understood");
        return false;
    }
    return true;
}

enum tb_status tb_capture_lead_add_rows(struct tb_capture_lead *lead, size_t member, struct tb_bytes rows, bool *more,
                                        struct tb_error *error)
{
    uint8_t good = 0;
    *more = false;
    if (lead->outcome.alone || member >= lead->members || lead->results[member] == NULL)
        return TB_OK;
    struct tb_flows *const flows = lead->results[member];
    bool told = tb_bytes_take_u8(&rows, &good) && good == 1;
    *more = rows.left != 0;
    while (told && rows.left != 0) {
        struct tb_flow row;
        told = tb_flow_unpack(&row, &rows);
        if (told && !tb_row_store_add(&flows->over, &row))
            return tb_flows_failure(flows, error);
    }
    if (!told)
        be_alone(lead, member, "its rows cannot be understood");
    *more = *more && told;
    return TB_OK;
}

static enum tb_status merge(struct tb_capture_lead *lead, struct tb_error *error)
{
    const struct tb_capture_member *const own = lead->member;
    size_t count = 0;
    struct tb_flows **const shards = calloc(own->shard_count + lead->members, sizeof *shards);
    if (shards == NULL)
        return tb_error_memory(error, "the flows of a capture");
    for (uint16_t i = 0; i < own->shard_count; i++)
        shards[count++] = own->shards[i];
    for (size_t i = 1; i < lead->members; i++)
        if (lead->results[i] != NULL)
            shards[count++] = lead->results[i];
    const enum tb_status status = tb_flows_merge(shards, count, lead->capture, error);
    free(shards);
    return status;
}

static enum tb_status finish(struct tb_capture_lead *lead, struct tb_error *error)
{
    if (!tb_test_tracker_finish(&lead->tests, &lead->capture->tests))
        return tb_error_memory(error, "the test packets of a capture");
    enum tb_status status = tb_filter_check(&lead->decoder.filter, error);
    if (status != TB_OK)
        return status;
    lead->decoder.file.end = UINT64_MAX;
    tb_reader_expect_end(&lead->decoder.file.reader, 0);
    tb_capture_parser_complete(&lead->decoder, lead->capture);
    return merge(lead, error);
}

static enum tb_status read_alone(struct tb_capture_lead *lead, struct tb_capture **capture, struct tb_error *error)
{
    struct tb_source *again;
    const struct tb_capture_split split = tb_capture_split_for((int)lead->member->own_threads);
    tb_capture_member_free(lead->member); /* and its memory */
    lead->member = NULL;
    enum tb_status status = tb_source_open_again(lead->source, &again, error);
    if (status != TB_OK)
        return status;
    status = tb_capture_read_split(again, lead->request, &split, NULL, capture, error);
    tb_source_close(again);
    return status;
}

enum tb_status tb_capture_lead_finish(struct tb_capture_lead *lead, struct tb_capture **capture,
                                      struct tb_capture_team_outcome *outcome, struct tb_error *error)
{
    for (size_t i = 1; i < lead->members; i++)
        if (lead->member->threads[i] != 0 && lead->results[i] == NULL)
            be_alone(lead, i, "it gave no flows");
    if (outcome != NULL)
        *outcome = lead->outcome;
    if (lead->outcome.alone)
        return read_alone(lead, capture, error);
    const enum tb_status status = finish(lead, error);
    if (status == TB_OK) {
        *capture = lead->capture;
        lead->capture = NULL;
    }
    return status;
}
