/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes of single packets what owping makes of them, with its rounding: delays are counted in
 * buckets of 0.1 ms, and percentiles count lost packets as infinitely late. */
#include "packet_log.h"

#include <math.h>
#include <stdlib.h>

static const double SECONDS_PER_UNIT = 1.0 / 4294967296.0;
static const double BUCKET_WIDTH_S = 0.0001;
/* Buckets in a millisecond: dividing by it gives the same 0.3 that owping prints. */
static const double BUCKETS_PER_MS = 10;

static struct tb_key key_of(uint32_t sequence)
{
    return (struct tb_key){.low = sequence};
}

static void count_received(struct tb_packet_log *log, int64_t delay, bool synchronised)
{
    if (log->received == 0 || delay < log->minimum)
        log->minimum = delay;
    if (log->received == 0 || delay > log->maximum)
        log->maximum = delay;
    log->received++;
    log->unsynchronised |= !synchronised;
}

enum tb_status tb_packet_log_add(struct tb_packet_log *log, const struct tb_latency_packet *packet,
                                 struct tb_error *error)
{
    if (!tb_array_reserve(&log->copies, &log->capacity, log->count + 1, sizeof *log->copies))
        return tb_error_memory(error, "the packets of a latency session");
    const int64_t place = tb_index_add(&log->index, key_of(packet->sequence), log->count);
    if (place == TB_INDEX_ABSENT)
        return tb_error_memory(error, "the packets of a latency session");
    struct tb_first_copy *copy = &log->copies[place];
    if ((size_t)place == log->count) {
        *copy = (struct tb_first_copy){.sent = packet->sent};
        log->count++;
    }
    if (packet->received == 0)
        return TB_OK;
    const int64_t delay = (int64_t)(packet->received - packet->sent);
    count_received(log, delay, packet->synchronised);
    if (copy->received) {
        log->duplicates++;
    } else {
        copy->received = true;
        copy->delay = delay;
    }
    return TB_OK;
}

bool tb_packet_log_contradicts(const struct tb_packet_log *log, const struct tb_latency_packet *packet)
{
    const int64_t place = tb_index_find(&log->index, key_of(packet->sequence));
    return place != TB_INDEX_ABSENT && log->copies[place].sent != packet->sent;
}

static int compare_delays(const void *left, const void *right)
{
    const int64_t a = *(const int64_t *)left;
    const int64_t b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* The smallest delay that at least percent of the sent packets do not exceed;
 * lost packets count as infinitely late. False when too many are lost. */
static bool find_percentile(const int64_t *sorted, uint64_t received, uint64_t sent, unsigned percent, int64_t *delay)
{
    const uint64_t rank = (sent * percent + 99) / 100;
    if (rank == 0 || rank > received)
        return false;
    *delay = sorted[rank - 1];
    return true;
}

static double milliseconds(int64_t delay)
{
    return (double)delay * (1000 * SECONDS_PER_UNIT);
}

/* owping rounds delays away from zero to a multiple of the bucket width. */
static double bucket_of(int64_t delay)
{
    const double buckets = (double)delay * SECONDS_PER_UNIT / BUCKET_WIDTH_S;
    return delay < 0 ? floor(buckets) : ceil(buckets);
}

static void fill_percentiles(const int64_t *sorted, uint64_t received, struct tb_latency_session *session)
{
    int64_t middle, late;
    if (!find_percentile(sorted, received, session->sent, 50, &middle))
        return;
    session->exact_median_ms = milliseconds(middle);
    session->median_ms = bucket_of(middle) / BUCKETS_PER_MS;
    if (!find_percentile(sorted, received, session->sent, 95, &late))
        return;
    session->exact_jitter_ms = (double)((uint64_t)late - (uint64_t)middle) * (1000 * SECONDS_PER_UNIT);
    session->jitter_ms = (bucket_of(late) - bucket_of(middle)) / BUCKETS_PER_MS;
}

static size_t collect_delays(const struct tb_packet_log *log, int64_t *delays)
{
    size_t received = 0;
    for (size_t i = 0; i < log->count; i++)
        if (log->copies[i].received)
            delays[received++] = log->copies[i].delay;
    qsort(delays, received, sizeof *delays, compare_delays);
    return received;
}

enum tb_status tb_packet_log_finish(struct tb_packet_log *log, struct tb_latency_session *session,
                                    struct tb_error *error)
{
    int64_t *delays = malloc((log->count + 1) * sizeof *delays);
    if (delays == NULL) {
        tb_packet_log_free(log);
        return tb_error_memory(error, "the delays of a latency session");
    }
    const size_t received = collect_delays(log, delays);
    session->sent = log->count;
    session->lost = log->count - received;
    session->duplicates = log->duplicates;
    session->synchronised = received > 0 && !log->unsynchronised;
    session->bucket_width_ms = 1 / BUCKETS_PER_MS;
    session->minimum_ms = received > 0 ? milliseconds(log->minimum) : NAN;
    session->maximum_ms = received > 0 ? milliseconds(log->maximum) : NAN;
    fill_percentiles(delays, received, session);
    free(delays);
    tb_packet_log_free(log);
    return TB_OK;
}

void tb_packet_log_free(struct tb_packet_log *log)
{
    tb_index_free(&log->index);
    free(log->copies);
    *log = (struct tb_packet_log){0};
}
