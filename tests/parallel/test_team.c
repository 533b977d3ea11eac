/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixtures/mpi_main.h"
#include "parallel/pieces.h"

static void a_team_has_the_ranks_of_the_job(void **state)
{
    (void)state;
    int size, rank;
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    assert_int_equal(everyone.size, size);
    assert_int_equal(everyone.rank, rank);
    assert_true(everyone.threads >= 1);
    assert_true(everyone.initialised);
    assert_true(everyone.communicator != MPI_COMM_WORLD);
}

static void a_second_start_leaves_mpi_alone(void **state)
{
    (void)state;
    struct tb_team again = {0};
    struct tb_error error;
    assert_int_equal(tb_team_start(&again, &error), TB_OK);
    assert_false(again.initialised);
    tb_team_finish(&again);
    tb_team_finish(&again);
    tb_team_wait(&everyone);
}

static void all_well_is_agreed(void **state)
{
    (void)state;
    struct tb_error error = {.status = TB_CORRUPT, .text = "left from before"};
    assert_int_equal(tb_team_agree(&everyone, TB_OK, &error), TB_OK);
    assert_int_equal(tb_team_agree(&everyone, TB_OK, NULL), TB_OK);
}

static void a_failure_on_any_rank_is_everyones(void **state)
{
    (void)state;
    for (int failing = 0; failing < everyone.size; failing++) {
        struct tb_error error = {0};
        char expected[64];
        snprintf(expected, sizeof expected, "rank %d has 100 %% damage", failing);
        enum tb_status local = TB_OK;
        if (everyone.rank == failing)
            local = tb_error_set(&error, TB_CORRUPT, "%s", expected);
        assert_int_equal(tb_team_agree(&everyone, local, &error), TB_CORRUPT);
        assert_int_equal(error.status, TB_CORRUPT);
        assert_string_equal(error.text, expected);
    }
}

static void the_lowest_rank_speaks(void **state)
{
    (void)state;
    struct tb_error error = {0};
    enum tb_status local = tb_error_set(&error, everyone.rank == 0 ? TB_MEMORY : TB_CORRUPT, "rank %d", everyone.rank);
    assert_int_equal(tb_team_agree(&everyone, local, &error), TB_MEMORY);
    assert_string_equal(error.text, "rank 0");
}

static void a_failure_without_a_sentence_gets_a_word(void **state)
{
    (void)state;
    struct tb_error error = {.status = TB_OK};
    assert_int_equal(tb_team_agree(&everyone, TB_TRUNCATED, everyone.rank == 0 ? NULL : &error), TB_TRUNCATED);
    if (everyone.rank != 0)
        assert_string_equal(error.text, "truncated");
}

/* Byte i of what rank sends: known to all. */
static uint8_t byte_of(int rank, size_t i)
{
    return (uint8_t)((size_t)rank * 31 + i * 7 + (i >> 8));
}

static void fill(struct tb_buffer *buffer, int rank, size_t size)
{
    for (size_t i = 0; i < size; i++)
        tb_buffer_put_u8(buffer, byte_of(rank, i));
}

static void check_bytes(const uint8_t *data, int rank, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (data[i] != byte_of(rank, i))
            fail_msg("byte %zu of rank %d is wrong", i, rank);
}

static void broadcast_one(size_t size, int limit)
{
    struct tb_buffer buffer = {0};
    struct tb_error error;
    if (everyone.rank == 0)
        fill(&buffer, 0, size);
    assert_int_equal(tb_broadcast_in_pieces(&everyone, &buffer, limit, &error), TB_OK);
    assert_int_equal(buffer.size, size);
    check_bytes(buffer.data, 0, size);
    tb_buffer_free(&buffer);
}

static void broadcast_gives_all_the_bytes_of_rank_0(void **state)
{
    (void)state;
    static const struct {
        size_t size;
        int limit;
    } facts[] = {
        {0, TB_PIECE_LIMIT},
        {1, TB_PIECE_LIMIT},
        {100000, TB_PIECE_LIMIT},
        {0, 10},
        {9, 10},
        {10, 10},
        {11, 10},
        {20, 10},
        {1003, 1},
        {65537, 1000},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        broadcast_one(facts[i].size, facts[i].limit);
}

static void broadcast_tells_that_rank_0_ran_out_of_memory(void **state)
{
    (void)state;
    struct tb_buffer buffer = {.failed = everyone.rank == 0};
    struct tb_error error;
    assert_int_equal(tb_team_broadcast(&everyone, &buffer, &error), TB_MEMORY);
    assert_null(buffer.data);
}

/* Sizes by rank, and what they are like. */
static size_t same_size(int rank)
{
    (void)rank;
    return 5;
}
static size_t no_size(int rank)
{
    (void)rank;
    return 0;
}
static size_t uneven_size(int rank)
{
    return (size_t)(rank * rank * 17 % 23);
}
static size_t only_last(int rank)
{
    return rank == everyone.size - 1 ? 3000 : 0;
}
static size_t only_first(int rank)
{
    return rank == 0 ? 3000 : 0;
}
static size_t large_size(int rank)
{
    return 100000 + (size_t)rank * 1001;
}

static void gather_one(size_t (*size_of)(int), bool everywhere, int limit)
{
    struct tb_buffer local = {0}, gathered = {0};
    struct tb_error error;
    uint64_t *begins = calloc((size_t)everyone.size + 1, sizeof *begins);
    fill(&local, everyone.rank, size_of(everyone.rank));
    assert_int_equal(tb_gather_in_pieces(&everyone, &local, everywhere, limit, &gathered, begins, &error), TB_OK);
    uint64_t expected = 0;
    const bool receives = everywhere || everyone.rank == 0;
    for (int rank = 0; rank < everyone.size; rank++) {
        assert_int_equal(begins[rank], receives ? expected : 0);
        if (receives)
            check_bytes(gathered.data + expected, rank, size_of(rank));
        expected += size_of(rank);
    }
    assert_int_equal(begins[everyone.size], receives ? expected : 0);
    assert_int_equal(gathered.size, receives ? expected : 0);
    free(begins);
    tb_buffer_free(&local);
    tb_buffer_free(&gathered);
}

static void gather_keeps_rank_order(void **state)
{
    (void)state;
    static size_t (*const sizes[])(int) = {same_size, no_size, uneven_size, only_last, only_first, large_size};
    static const int limits[] = {TB_PIECE_LIMIT, 1 << 16, 100, 7};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (size_t j = 0; j < sizeof limits / sizeof limits[0]; j++) {
            gather_one(sizes[i], true, limits[j]);
            gather_one(sizes[i], false, limits[j]);
        }
}

/* What one rank sends to another: as from a rank of its own, so that no two pairs have the same. */
static int pair_of(int from, int to)
{
    return from * 16 + to;
}

static void exchange_one(size_t (*size_of)(int), int limit)
{
    struct tb_buffer *const outgoing = calloc((size_t)everyone.size, sizeof *outgoing);
    struct tb_buffer received = {0};
    struct tb_error error;
    for (int to = 0; to < everyone.size; to++)
        fill(&outgoing[to], pair_of(everyone.rank, to), size_of(everyone.rank) + size_of(to));
    assert_int_equal(tb_exchange_in_pieces(&everyone, outgoing, limit, &received, &error), TB_OK);
    size_t at = 0;
    for (int from = 0; from < everyone.size; from++) {
        const size_t size = size_of(from) + size_of(everyone.rank);
        assert_null(outgoing[from].data);
        assert_true(at + size <= received.size);
        if (size > 0)
            check_bytes(received.data + at, pair_of(from, everyone.rank), size);
        at += size;
    }
    assert_int_equal(at, received.size);
    free(outgoing);
    tb_buffer_free(&received);
}

static void each_rank_gets_what_is_for_it(void **state)
{
    (void)state;
    static size_t (*const sizes[])(int) = {same_size, no_size, uneven_size, only_last, only_first};
    static const int limits[] = {TB_PIECE_LIMIT, 100, 7};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (size_t j = 0; j < sizeof limits / sizeof limits[0]; j++)
            exchange_one(sizes[i], limits[j]);
}

static void exchange_tells_that_a_rank_ran_out_of_memory(void **state)
{
    (void)state;
    struct tb_buffer *const outgoing = calloc((size_t)everyone.size, sizeof *outgoing);
    struct tb_buffer received = {0};
    struct tb_error error;
    outgoing[0].failed = everyone.rank == everyone.size - 1;
    assert_int_equal(tb_team_exchange(&everyone, outgoing, &received, &error), TB_MEMORY);
    assert_null(received.data);
    free(outgoing);
}

/* What one rank gets, and which rank is to fail with it. */
struct collected {
    int failing; /* rank, or -1 */
    size_t bytes;
};

static enum tb_status take_all(void *context, struct tb_bytes all, struct tb_error *error)
{
    struct collected *const collected = context;
    collected->bytes = all.left;
    return everyone.rank == collected->failing ? tb_error_set(error, TB_CORRUPT, "cannot be taken") : TB_OK;
}

static void collect_one(bool everywhere, enum tb_status own, int failing, enum tb_status expected)
{
    struct tb_buffer local = {0};
    struct tb_error error = {0};
    struct collected collected = {.failing = failing};
    size_t total = 0;
    for (int rank = 0; rank < everyone.size; rank++)
        total += same_size(rank);
    fill(&local, everyone.rank, same_size(everyone.rank));
    assert_int_equal(tb_team_collect(&everyone, own, &local, "bytes", everywhere, take_all, &collected, &error),
                     expected);
    if (expected == TB_OK)
        assert_int_equal(collected.bytes, everywhere || everyone.rank == 0 ? total : 0);
    tb_buffer_free(&local);
}

static void what_is_collected_is_taken_by_all_or_by_rank_0(void **state)
{
    (void)state;
    const int last = everyone.size - 1;
    collect_one(true, TB_OK, -1, TB_OK);
    collect_one(false, TB_OK, -1, TB_OK);
    collect_one(true, TB_OK, last, TB_CORRUPT);
    collect_one(false, TB_OK, 0, TB_CORRUPT);
    collect_one(true, everyone.rank == last ? TB_MEMORY : TB_OK, -1, TB_MEMORY);
}

static void gather_tells_that_a_rank_ran_out_of_memory(void **state)
{
    (void)state;
    const int last = everyone.size - 1;
    struct tb_buffer local = {.failed = everyone.rank == last}, gathered = {0};
    uint64_t *begins = calloc((size_t)everyone.size + 1, sizeof *begins);
    struct tb_error error;
    assert_int_equal(tb_team_gather(&everyone, &local, true, &gathered, begins, &error), TB_MEMORY);
    assert_null(gathered.data);
    free(begins);
}

/* Rank 0 sends numbers, each other rank sends back their doubles. Empty bytes end it. */
static bool answer_call(unsigned channel)
{
    struct tb_buffer call = {0}, answer = {0};
    struct tb_sending sending = {.begun = false};
    struct tb_error error;
    bool good = tb_team_receive(&everyone, 0, channel, &call, &error) == TB_OK && call.size > 0;
    for (size_t i = 0; good && i < call.size; i++)
        tb_buffer_put_u8(&answer, (uint8_t)(call.data[i] * 2));
    good = good && tb_team_send(&everyone, 0, channel, &answer, &sending, &error) == TB_OK &&
           tb_team_send_end(&sending, &error) == TB_OK;
    tb_buffer_free(&call);
    tb_buffer_free(&answer);
    return good;
}

static unsigned call_and_count_faults(int rank, unsigned channel, size_t size)
{
    struct tb_buffer call = {0}, answer = {0};
    struct tb_sending sending = {.begun = false};
    struct tb_error error;
    unsigned faults = 0;
    for (size_t i = 0; i < size; i++)
        tb_buffer_put_u8(&call, (uint8_t)(i + channel));
    if (tb_team_send(&everyone, rank, channel, &call, &sending, &error) != TB_OK)
        faults++;
    if (size > 0 && (tb_team_receive(&everyone, rank, channel, &answer, &error) != TB_OK || answer.size != size))
        faults++;
    if (tb_team_send_end(&sending, &error) != TB_OK)
        faults++;
    for (size_t i = 0; i < answer.size; i++)
        faults += answer.data[i] != (uint8_t)((i + channel) * 2);
    tb_buffer_free(&call);
    tb_buffer_free(&answer);
    return faults;
}

/* Threads of all ranks at the same time, each on its channel. */
static void threads_call_each_other(void **state)
{
    (void)state;
    enum { CHANNELS = 3 };
    const int calls = everyone.rank == 0 ? CHANNELS * (everyone.size - 1) : CHANNELS;
    unsigned faults = 0;
#pragma omp parallel for schedule(static, 1) num_threads(calls + 1) reduction(+ : faults)
    for (int i = 0; i < calls; i++) {
        if (everyone.rank != 0)
            while (answer_call((unsigned)i))
                ;
        for (size_t size = 3000000; everyone.rank == 0 && size > 0; size /= 20)
            faults += call_and_count_faults(1 + i / CHANNELS, (unsigned)(i % CHANNELS), size);
        if (everyone.rank == 0)
            faults += call_and_count_faults(1 + i / CHANNELS, (unsigned)(i % CHANNELS), 0);
    }
    assert_int_equal(faults, 0);
}

static void sums_are_over_all_ranks(void **state)
{
    (void)state;
    struct tb_error error;
    const uint64_t size = (uint64_t)everyone.size, rank = (uint64_t)everyone.rank;
    uint64_t values[3] = {1, rank, rank << 40};
    assert_int_equal(tb_team_sum(&everyone, values, 3, &error), TB_OK);
    assert_int_equal(values[0], size);
    assert_int_equal(values[1], size * (size - 1) / 2);
    assert_int_equal(values[2], (size * (size - 1) / 2) << 40);
    assert_int_equal(tb_team_sum(&everyone, NULL, 0, &error), TB_OK);
}

static void prefixes_are_over_lower_ranks(void **state)
{
    (void)state;
    struct tb_error error;
    const uint64_t size = (uint64_t)everyone.size, rank = (uint64_t)everyone.rank;
    uint64_t before = 99, total = 99;
    assert_int_equal(tb_team_prefix(&everyone, rank + 1, &before, &total, &error), TB_OK);
    assert_int_equal(before, rank * (rank + 1) / 2);
    assert_int_equal(total, size * (size + 1) / 2);
    assert_int_equal(tb_team_prefix(&everyone, 2, &before, NULL, &error), TB_OK);
    assert_int_equal(before, 2 * rank);
}

/* A rank outside the agreed range makes MPI return an error, which must not end the job. */
static void an_error_of_mpi_is_an_internal_error(void **state)
{
    (void)state;
    struct tb_error error;
    assert_int_equal(tb_team_sum(&everyone, (uint64_t[1]){0}, -1, &error), TB_INTERNAL);
    assert_non_null(strstr(error.text, "MPI failed while summing over ranks"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_team_has_the_ranks_of_the_job),
        cmocka_unit_test(a_second_start_leaves_mpi_alone),
        cmocka_unit_test(all_well_is_agreed),
        cmocka_unit_test(a_failure_on_any_rank_is_everyones),
        cmocka_unit_test(the_lowest_rank_speaks),
        cmocka_unit_test(a_failure_without_a_sentence_gets_a_word),
        cmocka_unit_test(broadcast_gives_all_the_bytes_of_rank_0),
        cmocka_unit_test(broadcast_tells_that_rank_0_ran_out_of_memory),
        cmocka_unit_test(gather_keeps_rank_order),
        cmocka_unit_test(gather_tells_that_a_rank_ran_out_of_memory),
        cmocka_unit_test(each_rank_gets_what_is_for_it),
        cmocka_unit_test(exchange_tells_that_a_rank_ran_out_of_memory),
        cmocka_unit_test(what_is_collected_is_taken_by_all_or_by_rank_0),
        cmocka_unit_test(threads_call_each_other),
        cmocka_unit_test(sums_are_over_all_ranks),
        cmocka_unit_test(prefixes_are_over_lower_ranks),
        cmocka_unit_test(an_error_of_mpi_is_an_internal_error),
    };
    return run_on_all_ranks("team", tests, sizeof tests / sizeof tests[0]);
}
