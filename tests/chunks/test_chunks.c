/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A toy file decoded by several workers: whatever they do, and however late, the result is that of one loop.
 *
 * A record is a byte n and n bytes behind it. Its value depends on the mode, which some records change, so a chunk can be
 * decoded only when it is known where a record begins and which mode holds there. Those that speculate guess both. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "chunks/chunks.h"
#include "fixtures/fewer_cases.h"

enum { SHARDS_MAX = 5, SLOTS_MAX = 64, SIZE = 20000, CHANGES_MODE = 7, ELSEWHERE_MAX = 4 };

/* What has been read, up to offset. */
struct state {
    uint64_t offset;
    uint64_t mode;
};

struct slot {
    struct state began, now;
    uint64_t values[SIZE];
    size_t count;
    bool counted; /* nothing went wrong */
};

/* What a worker elsewhere was sent, and what it knew then. */
struct sent {
    uint64_t stop;
    struct state known;
    unsigned tries; /* so often its answer is not here yet */
};

struct toy {
    const uint8_t *bytes; /* borrowed */
    uint64_t size;
    struct state decoder;
    pthread_mutex_t mutex;
    struct state known; /* under the mutex: of the decoder some time ago */
    struct slot *slots;
    uint64_t shards[SHARDS_MAX]; /* a digest of the values in their order */
    bool finished[SHARDS_MAX];
    unsigned shard_count;
    /* How things go wrong, each once in so many times; 0: never. */
    unsigned late, misled, refused, wrong;
    uint64_t fails_behind; /* decode fails when it comes so far */
    unsigned fails_of_shard;
    atomic_uint taken; /* chunks by shards */
    atomic_uint random;
    atomic_int leading;
    struct sent sent[ELSEWHERE_MAX];
    bool prompt;   /* answers come before a leader can have lost its patience */
    unsigned lost; /* receive fails once in so many times; 0: never */
    atomic_uint outstanding;
};

static uint32_t random_next(struct toy *toy)
{
    uint32_t x = atomic_fetch_add(&toy->random, 1);
    x = (x ^ x >> 16) * 0x45d9f3bu;
    x = (x ^ x >> 16) * 0x45d9f3bu;
    return x ^ x >> 16;
}

static bool once_in(struct toy *toy, unsigned times)
{
    return times != 0 && random_next(toy) % times == 0;
}

static void dawdle(struct toy *toy)
{
    if (once_in(toy, toy->late))
        nanosleep(&(struct timespec){.tv_nsec = (long)(random_next(toy) % 400000)}, NULL);
}

/* Decodes the records that begin before end. */
static void decode_records(const struct toy *toy, struct slot *slot, uint64_t end)
{
    while (slot->now.offset < end && slot->now.offset < toy->size) {
        const uint8_t length = toy->bytes[slot->now.offset];
        slot->values[slot->count++] = slot->now.offset * 31 + length * slot->now.mode;
        slot->now.mode = length == CHANGES_MODE ? slot->now.mode * 5 + 1 : slot->now.mode;
        slot->now.offset += length + 1u;
    }
}

static uint64_t step_of(struct tb_chunk *chunk, uint64_t offset)
{
    const uint64_t end = atomic_load(&chunk->end);
    return offset + 50 < end ? offset + 50 : end;
}

static struct state known_to(struct toy *toy)
{
    pthread_mutex_lock(&toy->mutex);
    const struct state known = toy->known;
    pthread_mutex_unlock(&toy->mutex);
    return known;
}

static void begin(struct toy *toy, struct slot *slot, const struct tb_chunk *chunk, struct state known)
{
    slot->began = known;
    if (slot->began.offset < chunk->begin)
        slot->began.offset = chunk->begin;
    if (once_in(toy, toy->misled))
        slot->began.offset++;
    slot->now = slot->began;
    slot->count = 0;
}

static void speculate(void *file, struct tb_chunk *chunk, unsigned worker)
{
    (void)worker;
    struct toy *const toy = file;
    struct slot *const slot = &toy->slots[chunk->slot];
    dawdle(toy);
    begin(toy, slot, chunk, known_to(toy));
    while (slot->now.offset < toy->size && tb_chunk_goes_on(chunk, slot->now.offset)) {
        decode_records(toy, slot, step_of(chunk, slot->now.offset));
        dawdle(toy);
    }
    slot->counted = true;
}

static enum tb_status send(void *file, struct tb_chunk *chunk, unsigned worker, uint64_t stop, struct tb_error *error)
{
    struct toy *const toy = file;
    (void)error;
    assert_true(stop > chunk->begin);
    toy->sent[worker] =
        (struct sent){.stop = stop, .known = known_to(toy), .tries = random_next(toy) % (toy->prompt ? 3 : 20)};
    atomic_fetch_add(&toy->outstanding, 1);
    return TB_OK;
}

static enum tb_status receive(void *file, struct tb_chunk *chunk, unsigned worker, bool *here, struct tb_error *error)
{
    struct toy *const toy = file;
    struct sent *const sent = &toy->sent[worker];
    struct slot *const slot = &toy->slots[chunk->slot];
    *here = sent->tries-- == 0;
    if (!*here)
        return TB_OK;
    atomic_fetch_sub(&toy->outstanding, 1);
    if (once_in(toy, toy->lost))
        return tb_error_set(error, TB_INTERNAL, "a rank is gone");
    begin(toy, slot, chunk, sent->known);
    decode_records(toy, slot, sent->stop);
    (void)tb_chunk_goes_on(chunk, slot->now.offset);
    return TB_OK;
}

static void publish(struct toy *toy)
{
    pthread_mutex_lock(&toy->mutex);
    toy->known = toy->decoder;
    pthread_mutex_unlock(&toy->mutex);
}

static enum tb_status validate(void *file, struct tb_chunk *chunk, enum tb_chunk_verdict *verdict,
                               struct tb_error *error)
{
    struct toy *const toy = file;
    struct slot *const slot = &toy->slots[chunk->slot];
    (void)error;
    assert_int_equal(atomic_fetch_add(&toy->leading, 1), 0);
    dawdle(toy);
    const bool holds = chunk->speculated && slot->began.offset == toy->decoder.offset &&
                       slot->began.mode == toy->decoder.mode && !once_in(toy, toy->refused) &&
                       !once_in(toy, toy->wrong);
    *verdict = holds ? TB_CHUNK_HOLDS : random_next(toy) % 2 == 0 ? TB_CHUNK_REFUSED : TB_CHUNK_WRONG;
    if (holds)
        toy->decoder = slot->now;
    else
        slot->count = 0;
    publish(toy);
    return TB_OK;
}

static enum tb_status take_values(struct toy *toy, unsigned shard, const struct slot *slot, struct tb_error *error)
{
    assert_false(toy->finished[shard]);
    if (shard + 1 == toy->fails_of_shard && toy->shards[shard] != 0)
        return tb_error_memory(error, "a shard");
    for (size_t i = 0; i < slot->count; i++)
        if (slot->values[i] % toy->shard_count == shard)
            toy->shards[shard] = toy->shards[shard] * 1099511628211u + slot->values[i];
    return TB_OK;
}

static enum tb_status decode(void *file, struct tb_chunk *chunk, struct tb_error *error)
{
    struct toy *const toy = file;
    struct slot *const slot = &toy->slots[chunk->slot];
    slot->now = toy->decoder;
    while (slot->now.offset < toy->size && tb_chunk_goes_on(chunk, slot->now.offset))
        decode_records(toy, slot, step_of(chunk, slot->now.offset));
    toy->decoder = slot->now;
    dawdle(toy);
    publish(toy);
    enum tb_status status = TB_OK;
    for (unsigned shard = 0; chunk->whole && status == TB_OK && shard < toy->shard_count; shard++)
        status = take_values(toy, shard, slot, error);
    assert_int_equal(atomic_load(&toy->leading), 1);
    if (toy->decoder.offset >= atomic_load(&chunk->end) || toy->decoder.offset >= toy->size)
        atomic_store(&toy->leading, 0);
    if (toy->decoder.offset > toy->fails_behind)
        return tb_error_set(error, TB_INPUT_OUTPUT, "the disk is gone");
    if (status != TB_OK)
        return status;
    return toy->decoder.offset >= toy->size ? TB_END : TB_OK;
}

static enum tb_status take(void *file, unsigned shard, struct tb_chunk *chunk, struct tb_error *error)
{
    struct toy *const toy = file;
    dawdle(toy);
    atomic_fetch_add(&toy->taken, chunk != NULL);
    if (chunk != NULL)
        return take_values(toy, shard, &toy->slots[chunk->slot], error);
    assert_false(toy->finished[shard]);
    toy->finished[shard] = true;
    return TB_OK;
}

static const struct tb_chunk_decoder decoder = {
    .speculate = speculate, .send = send, .receive = receive, .validate = validate, .decode = decode, .take = take};

static enum tb_status read_toy(struct toy *toy, const struct tb_chunk_plan *how, struct tb_chunk_outcome *outcome,
                               struct tb_error *error)
{
    struct tb_chunk_plan plan = *how;
    plan.decoder = &decoder;
    plan.file = toy;
    plan.shards = toy->shard_count;
    assert_true(tb_chunk_slots(&plan) <= SLOTS_MAX);
    pthread_mutex_init(&toy->mutex, NULL);
    toy->decoder = toy->known = (struct state){.mode = 1};
    const enum tb_status status = tb_chunks_run(&plan, outcome, error);
    pthread_mutex_destroy(&toy->mutex);
    assert_int_equal(toy->outstanding, 0);
    return status;
}

static void expect_same(struct toy *toy, const struct tb_chunk_plan *how)
{
    struct slot *const whole = calloc(1, sizeof *whole);
    struct tb_chunk_outcome outcome;
    uint64_t expected[SHARDS_MAX] = {0};
    whole->now.mode = 1;
    decode_records(toy, whole, toy->size);
    for (size_t i = 0; i < whole->count; i++)
        for (unsigned shard = 0; shard < toy->shard_count; shard++)
            if (whole->values[i] % toy->shard_count == shard)
                expected[shard] = expected[shard] * 1099511628211u + whole->values[i];
    assert_int_equal(read_toy(toy, how, &outcome, NULL), TB_OK);
    assert_memory_equal(&toy->decoder, &whole->now, sizeof whole->now);
    assert_memory_equal(toy->shards, expected, sizeof expected);
    for (unsigned shard = 0; shard < toy->shard_count; shard++)
        assert_true(toy->finished[shard]);
    free(whole);
}

static void fill(uint8_t *bytes, size_t size, struct toy *random, unsigned longest)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(random_next(random) % longest);
}

static void any_number_of_workers_gives_the_same(void **state)
{
    (void)state;
    static uint8_t bytes[SIZE];
    struct slot *const slots = calloc(SLOTS_MAX, sizeof *slots);
    for (unsigned seed = 0; seed < 400 / FEWER; seed++) {
        struct toy toy = {.bytes = bytes, .slots = slots, .random = seed * 77777, .fails_behind = UINT64_MAX};
        toy.size = random_next(&toy) % (seed % 4 == 0 ? 200 : SIZE);
        fill(bytes, toy.size, &toy, seed % 2 == 0 ? 5 : 255);
        toy.shard_count = seed % (SHARDS_MAX + 1);
        toy.late = seed % 3 == 0 ? 0 : 20;
        toy.misled = seed % 5;
        toy.refused = seed % 7 == 6 ? 2 : 0;
        toy.wrong = seed % 4 == 3 ? 3 : 0;
        expect_same(&toy, &(struct tb_chunk_plan){.workers = 1 + seed % 8,
                                                  .elsewhere = seed % 2 == 0 ? seed / 2 % (ELSEWHERE_MAX + 1) : 0,
                                                  .ahead = 1 + random_next(&toy) % 20,
                                                  .end = seed % 6 == 5 ? 0 : toy.size,
                                                  .gap = seed % 5 == 4 ? UINT64_MAX : 1 + random_next(&toy) % 900,
                                                  .gap_least = 1 + random_next(&toy) % 300,
                                                  .chunk_most = 100 + random_next(&toy) % 2000,
                                                  .relay = seed % 2 == 0});
    }
    free(slots);
}

/* Who speculates about the next chunk falls asleep over it; the others do not wait for it. */
static void expect_overdue_chunks_repeated(bool relay)
{
    static uint8_t bytes[SIZE];
    struct slot *const slots = calloc(SLOTS_MAX, sizeof *slots);
    uint64_t overdue = 0;
    for (unsigned seed = 0; seed < 40 / FEWER + 1; seed++) {
        struct toy toy = {.bytes = bytes,
                          .slots = slots,
                          .random = seed,
                          .late = 1,
                          .shard_count = 1,
                          .size = SIZE / 2,
                          .fails_behind = UINT64_MAX};
        struct tb_chunk_outcome outcome;
        memset(bytes, 1, SIZE);
        assert_int_equal(
            read_toy(&toy,
                     &(struct tb_chunk_plan){
                         .workers = 4, .ahead = 5, .end = toy.size, .gap = 500, .chunk_most = 500, .relay = relay},
                     &outcome, NULL),
            TB_OK);
        overdue += outcome.overdue;
    }
    assert_true(overdue > 0 || FEWER > 1); /* some of forty files */
    free(slots);
}

static void nobody_waits_for_a_sleeper(void **state)
{
    (void)state;
    expect_overdue_chunks_repeated(false);
    expect_overdue_chunks_repeated(true);
}

/* A lone worker plays the parts of all, the others' first: of four chunks each but the first is speculated. */
static void a_lone_worker_does_it_all(void **state)
{
    (void)state;
    static uint8_t bytes[4000];
    struct slot *const slots = calloc(SLOTS_MAX, sizeof *slots);
    struct tb_chunk_outcome outcome;
    const struct tb_chunk_plan plan = {
        .workers = 1, .ahead = 4, .end = sizeof bytes, .gap = UINT64_MAX, .chunk_most = 1000};
    struct toy toy = {
        .bytes = bytes, .size = sizeof bytes, .slots = slots, .shard_count = 1, .fails_behind = UINT64_MAX};
    memset(bytes, 0, sizeof bytes);
    assert_int_equal(read_toy(&toy, &plan, &outcome, NULL), TB_OK);
    assert_int_equal(outcome.decoded, 1);
    assert_int_equal(outcome.committed, 3);
    assert_int_equal(outcome.repeated, 0);
    free(slots);
}

/* With no chunk ahead there is nothing to help with: the leader works for all shards, and they take nothing. */
static void a_leader_without_help_takes_for_all(void **state)
{
    (void)state;
    static uint8_t bytes[SIZE];
    struct slot *const slots = calloc(SLOTS_MAX, sizeof *slots);
    for (unsigned workers = 1; workers <= 3; workers += 2) {
        struct toy toy = {.bytes = bytes, .size = SIZE, .slots = slots, .shard_count = 3, .fails_behind = UINT64_MAX};
        fill(bytes, SIZE, &toy, 9);
        expect_same(&toy, &(struct tb_chunk_plan){
                              .workers = workers, .ahead = 1, .end = SIZE, .gap = UINT64_MAX, .chunk_most = 1000});
        assert_int_equal(toy.taken, 0);
    }
    free(slots);
}

static void the_first_failure_is_told(void **state)
{
    (void)state;
    static uint8_t bytes[SIZE];
    struct slot *const slots = calloc(SLOTS_MAX, sizeof *slots);
    for (unsigned seed = 0; seed < 40; seed++) {
        struct toy toy = {.bytes = bytes,
                          .slots = slots,
                          .random = seed,
                          .late = 10,
                          .size = SIZE,
                          .shard_count = 1 + seed % 3,
                          .fails_behind = seed % 2 == 0 ? SIZE / 3 : UINT64_MAX};
        struct tb_chunk_outcome outcome;
        struct tb_error error;
        toy.fails_of_shard = seed % 2 == 0 ? 0 : toy.shard_count;
        fill(bytes, SIZE, &toy, 9);
        assert_int_equal(read_toy(&toy,
                                  &(struct tb_chunk_plan){.workers = 1 + seed % 5,
                                                          .ahead = 6,
                                                          .end = SIZE,
                                                          .gap = seed % 3 == 0 ? UINT64_MAX : 300,
                                                          .chunk_most = 400,
                                                          .relay = seed % 4 < 2},
                                  &outcome, &error),
                         seed % 2 == 0 ? TB_INPUT_OUTPUT : TB_MEMORY);
        if (seed % 2 == 0)
            assert_string_equal(error.text, "the disk is gone");
    }
    free(slots);
}

/* Of a lone leader that three elsewhere help: they decode most of the file, though an answer takes some steps to come. */
static void workers_elsewhere_decode_most(void **state)
{
    (void)state;
    static uint8_t bytes[SIZE];
    struct slot *const slots = calloc(SLOTS_MAX, sizeof *slots);
    struct tb_chunk_outcome outcome;
    const struct tb_chunk_plan plan = {.workers = 1,
                                       .elsewhere = 3,
                                       .ahead = 8,
                                       .end = sizeof bytes,
                                       .gap = 500,
                                       .gap_least = 60,
                                       .chunk_most = 1000,
                                       .relay = true};
    struct toy toy = {.bytes = bytes, .size = SIZE, .slots = slots, .fails_behind = UINT64_MAX, .prompt = true};
    memset(bytes, 0, sizeof bytes);
    assert_int_equal(read_toy(&toy, &plan, &outcome, NULL), TB_OK);
    assert_true(outcome.committed >= 10);
    free(slots);
}

static void a_worker_elsewhere_that_is_lost_ends_all(void **state)
{
    (void)state;
    static uint8_t bytes[SIZE];
    struct slot *const slots = calloc(SLOTS_MAX, sizeof *slots);
    for (unsigned seed = 0; seed < 20; seed++) {
        struct toy toy = {.bytes = bytes, .slots = slots, .random = seed, .size = SIZE, .fails_behind = UINT64_MAX};
        struct tb_chunk_outcome outcome;
        struct tb_error error;
        const struct tb_chunk_plan plan = {.workers = 1 + seed % 3,
                                           .elsewhere = 3,
                                           .ahead = 8,
                                           .end = SIZE,
                                           .gap = 500,
                                           .chunk_most = 1000,
                                           .relay = true};
        toy.lost = 1; /* how many answers come depends on the time; one always does */
        fill(bytes, SIZE, &toy, 9);
        assert_int_equal(read_toy(&toy, &plan, &outcome, &error), TB_INTERNAL);
        assert_string_equal(error.text, "a rank is gone");
    }
    free(slots);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_workers_gives_the_same),
        cmocka_unit_test(nobody_waits_for_a_sleeper),
        cmocka_unit_test(a_lone_worker_does_it_all),
        cmocka_unit_test(a_leader_without_help_takes_for_all),
        cmocka_unit_test(the_first_failure_is_told),
        cmocka_unit_test(workers_elsewhere_decode_most),
        cmocka_unit_test(a_worker_elsewhere_that_is_lost_ends_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
