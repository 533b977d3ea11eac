/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tells sessions of test packets from what only looks like them.
 *
 * A single payload proves little; many with times that go along with those of capture do. Each pair
 * of endpoints has one candidate at a time. A packet fits when its delay against the first is below
 * STEP_MAX; one that does not is odd, and too many odd ones end a candidacy (ODD_SHARE). */
#include "test_sessions.h"

#include <stdlib.h>
#include <xxhash.h>

#include "packet/hash_seed.h"

/* Delays of a minute are believed: adapters have stood still for 39 s. */
static const int64_t STEP_MAX = INT64_C(60) * 1000000000;

/* One packet in ten may be another's. */
enum { ODD_SHARE = 10 };

void tb_test_tracker_free(struct tb_test_tracker *tracker)
{
    tb_index_free(&tracker->endpoints);
    free(tracker->latest);
    free(tracker->candidates);
    free(tracker->records);
    *tracker = (struct tb_test_tracker){0};
}

/* Twice the records: while they are sorted, or become those of sessions. The index is at most half full, and for a
 * moment there are two of them. */
uint64_t tb_test_tracker_most(void)
{
    const uint64_t slot = sizeof(struct tb_key) + sizeof(uint64_t);
    const uint64_t candidate = sizeof(struct tb_test_candidate) + sizeof(struct tb_test_session) + sizeof(uint32_t);
    return 2 * TB_TEST_PACKETS_MAX * (uint64_t)sizeof(struct tb_test_record) +
           TB_TEST_SESSIONS_MAX * (candidate + 3 * slot);
}

/* Where a packet came from and where it goes. */
struct ends {
    struct tb_address from;
    struct tb_address to;
};

static struct tb_key endpoints_key(const struct ends *both, uint64_t seed)
{
    uint8_t bytes[2 * (1 + 16 + 2)] = {0};
    const struct tb_address *const ends[2] = {&both->from, &both->to};
    for (unsigned i = 0; i < 2; i++) {
        uint8_t *const place = bytes + i * (sizeof bytes / 2);
        place[0] = ends[i]->version;
        memcpy(place + 1, ends[i]->bytes, 16);
        place[17] = (uint8_t)(ends[i]->port >> 8);
        place[18] = (uint8_t)ends[i]->port;
    }
    const XXH128_hash_t hash = XXH3_128bits_withSeed(bytes, sizeof bytes, seed);
    return (struct tb_key){.high = hash.high64, .low = hash.low64};
}

/* 2^-32 s to ns; the fraction is rounded down. */
static int64_t to_ns(int64_t units)
{
    const int64_t seconds = units >> 32;
    const uint64_t fraction = (uint64_t)units & UINT32_MAX;
    return seconds * 1000000000 + (int64_t)((fraction * 1000000000) >> 32);
}

/* False when the times cannot be those of one session: half of the OWAMP era, 68 years, never overflows. */
static bool delay_of(const struct tb_test_candidate *candidate, uint64_t sent, uint64_t time, int64_t *delay)
{
    const int64_t sent_after = to_ns((int64_t)(sent - candidate->first_sent));
    const int64_t captured_after = (int64_t)(time - candidate->first_time);
    if (__builtin_sub_overflow(captured_after, sent_after, delay))
        return false;
    return *delay <= STEP_MAX && *delay >= -STEP_MAX;
}

static void begin(struct tb_test_tracker *tracker, struct tb_test_candidate *candidate, const struct tb_packet *packet,
                  uint64_t time)
{
    candidate->first_time = time;
    candidate->first_sent = candidate->highest_sent = packet->sent;
    candidate->highest = packet->sequence;
    candidate->packets = candidate->numbers = 1;
    tracker->records[candidate->first_record] = (struct tb_test_record){
        .session = (uint32_t)(candidate - tracker->candidates), .sequence = packet->sequence, .time = time};
}

/* A candidate with its first packet. The place of the endpoints is given. */
static bool add_candidate(struct tb_test_tracker *tracker, size_t place, const struct ends *ends,
                          const struct tb_packet *packet, uint64_t time)
{
    if (tracker->candidate_count >= TB_TEST_SESSIONS_MAX || tracker->record_count >= TB_TEST_PACKETS_MAX) {
        tracker->left_out++;
        return true;
    }
    if (!tb_array_reserve(&tracker->candidates, &tracker->candidate_capacity, tracker->candidate_count + 1,
                          sizeof *tracker->candidates) ||
        !tb_array_reserve(&tracker->records, &tracker->record_capacity, tracker->record_count + 1,
                          sizeof *tracker->records))
        return false;
    tracker->latest[place] = (uint32_t)tracker->candidate_count;
    struct tb_test_candidate *candidate = &tracker->candidates[tracker->candidate_count++];
    *candidate = (struct tb_test_candidate){
        .from = ends->from, .to = ends->to, .first_record = (uint32_t)tracker->record_count++};
    begin(tracker, candidate, packet, time);
    return true;
}

static bool add_record(struct tb_test_tracker *tracker, struct tb_test_candidate *candidate, uint32_t sequence,
                       uint64_t time, int64_t delay)
{
    if (tracker->record_count >= TB_TEST_PACKETS_MAX) {
        tracker->left_out++;
        return true;
    }
    if (!tb_array_reserve(&tracker->records, &tracker->record_capacity, tracker->record_count + 1,
                          sizeof *tracker->records))
        return false;
    candidate->packets++;
    tracker->records[tracker->record_count++] = (struct tb_test_record){
        .session = (uint32_t)(candidate - tracker->candidates), .sequence = sequence, .time = time, .delay = delay};
    return true;
}

/* A first packet that nothing fits may have been another's: the next takes its place. */
static void reject(struct tb_test_tracker *tracker, struct tb_test_candidate *candidate, const struct tb_packet *packet,
                   uint64_t time)
{
    if (candidate->packets == 1)
        begin(tracker, candidate, packet, time);
    else
        candidate->odd++;
}

static bool add_to(struct tb_test_tracker *tracker, size_t place, const struct ends *ends,
                   const struct tb_packet *packet, uint64_t time)
{
    struct tb_test_candidate *candidate = &tracker->candidates[tracker->latest[place]];
    const bool later = (int64_t)(packet->sent - candidate->highest_sent) > 0;
    int64_t delay;
    if (!delay_of(candidate, packet->sent, time, &delay)) {
        /* A new session may come a long time after the last. */
        if (later && packet->sequence == 0 && candidate->numbers >= TB_TEST_SESSION_PACKETS_MIN)
            return add_candidate(tracker, place, ends, packet, time);
        reject(tracker, candidate, packet, time);
        return true;
    }
    if (packet->sequence > candidate->highest) {
        if (!later) {
            reject(tracker, candidate, packet, time);
            return true;
        }
        candidate->highest = packet->sequence;
        candidate->highest_sent = packet->sent;
        candidate->numbers++;
        return add_record(tracker, candidate, packet->sequence, time, delay);
    }
    if (later) {
        if (candidate->packets > 1)
            return add_candidate(tracker, place, ends, packet, time);
        begin(tracker, candidate, packet, time);
        return true;
    }
    /* A further copy of the latest is no news. */
    if (packet->sequence == candidate->highest)
        return true;
    return add_record(tracker, candidate, packet->sequence, time, delay);
}

bool tb_test_tracker_add(struct tb_test_tracker *tracker, const struct tb_flow_packet *queued,
                         const struct tb_flow_key *key)
{
    const struct ends ends = {.from = tb_flow_key_address(key, queued->direction),
                              .to = tb_flow_key_address(key, !queued->direction)};
    if (tracker->seed == 0)
        tracker->seed = tb_hash_seed();
    const struct tb_key hashed = endpoints_key(&ends, tracker->seed);
    const size_t known = tracker->endpoints.count;
    int64_t place = tb_index_find(&tracker->endpoints, hashed);
    if (place != TB_INDEX_ABSENT)
        return add_to(tracker, (size_t)place, &ends, &queued->packet, queued->time);
    if (tracker->candidate_count >= TB_TEST_SESSIONS_MAX || tracker->record_count >= TB_TEST_PACKETS_MAX) {
        tracker->left_out++;
        return true;
    }
    if (!tb_array_reserve(&tracker->latest, &tracker->latest_capacity, known + 1, sizeof *tracker->latest))
        return false;
    place = tb_index_add(&tracker->endpoints, hashed, known);
    return place != TB_INDEX_ABSENT && add_candidate(tracker, (size_t)place, &ends, &queued->packet, queued->time);
}

static bool is_session(const struct tb_test_candidate *candidate)
{
    return candidate->numbers >= TB_TEST_SESSION_PACKETS_MIN &&
           (uint64_t)candidate->odd * ODD_SHARE <= candidate->packets;
}

/* By session, then number; the copy captured first comes first. */
static int compare_records(const void *left, const void *right)
{
    const struct tb_test_record *a = left, *b = right;
    if (a->session != b->session)
        return a->session < b->session ? -1 : 1;
    if (a->sequence != b->sequence)
        return a->sequence < b->sequence ? -1 : 1;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return (a->delay > b->delay) - (a->delay < b->delay);
}

/* records are those of one candidate. */
static bool add_session(struct tb_test_sessions *sessions, const struct tb_test_candidate *candidate,
                        const struct tb_test_record *records, size_t count)
{
    struct tb_test_session *session = &sessions->items[sessions->count++];
    *session = (struct tb_test_session){.from = candidate->from, .to = candidate->to};
    session->packets = malloc(count * sizeof *session->packets);
    if (session->packets == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct tb_test_record *record = &records[i];
        if (i > 0 && record->sequence == records[i - 1].sequence)
            continue;
        session->packets[session->packet_count++] =
            (struct tb_test_packet){.sequence = record->sequence, .time = record->time, .delay = record->delay};
    }
    return true;
}

static size_t count_sessions(const struct tb_test_tracker *tracker)
{
    size_t count = 0;
    for (size_t i = 0; i < tracker->candidate_count; i++)
        count += is_session(&tracker->candidates[i]);
    return count;
}

bool tb_test_tracker_finish(struct tb_test_tracker *tracker, struct tb_test_sessions *sessions)
{
    const size_t count = count_sessions(tracker);
    sessions->left_out = tracker->left_out;
    if (count == 0)
        return true;
    sessions->items = calloc(count, sizeof *sessions->items);
    if (sessions->items == NULL)
        return false;
    qsort(tracker->records, tracker->record_count, sizeof *tracker->records, compare_records);
    for (size_t first = 0, end; first < tracker->record_count; first = end) {
        const uint32_t session = tracker->records[first].session;
        for (end = first; end < tracker->record_count && tracker->records[end].session == session; end++)
            continue;
        if (is_session(&tracker->candidates[session]) &&
            !add_session(sessions, &tracker->candidates[session], tracker->records + first, end - first))
            return false;
    }
    return true;
}
