/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixtures/mpi_main.h"
#include "twinbed/parallel/queue.h"

enum { ITEMS = 500, THREADS = 3 };

/* Takes items until none is left, with several threads; how often each item was given, on all ranks. */
static void take_all(struct tb_queue *queue, size_t count, uint64_t *given)
{
    int failed = 0;
#pragma omp parallel num_threads(THREADS) reduction(+ : failed)
    for (;;) {
        struct tb_error error;
        size_t item;
        failed += tb_queue_next(queue, &item, &error) != TB_OK;
        if (item == count)
            break;
#pragma omp atomic
        given[item]++;
        tb_queue_note(queue, 1, item % 2 == 0);
    }
    assert_int_equal(failed, 0);
}

static void check_each_given_once(uint64_t *given, size_t count)
{
    struct tb_error error;
    assert_int_equal(tb_team_sum(&everyone, given, (int)count, &error), TB_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(given[i], 1);
}

static void run_queue(const uint64_t *costs, size_t count)
{
    struct tb_queue *queue;
    struct tb_error error;
    uint64_t *const given = calloc(count + 1, sizeof *given);
    assert_non_null(given);
    assert_int_equal(tb_queue_open(&everyone, costs, count, NULL, &queue, &error), TB_OK);
    take_all(queue, count, given);
    assert_int_equal(tb_queue_close(queue, false, &error), TB_OK);
    check_each_given_once(given, count);
    free(given);
}

static void each_item_is_given_once(void **state)
{
    (void)state;
    run_queue(NULL, ITEMS);
}

static void one_item_and_none_are_queues_too(void **state)
{
    (void)state;
    run_queue(NULL, 1);
    run_queue(NULL, 0);
}

static void costs_may_be_anything(void **state)
{
    (void)state;
    uint64_t costs[ITEMS];
    for (size_t i = 0; i < ITEMS; i++)
        costs[i] = i < 3 ? 1000000 : i % 7 == 0 ? 0 : ITEMS - i;
    run_queue(costs, ITEMS);
    memset(costs, 0, sizeof costs);
    run_queue(costs, ITEMS);
}

/* One item at a time, by the thread that asks; what it is given is ascending, as the list is. */
static void items_come_in_the_order_of_the_list(void **state)
{
    (void)state;
    struct tb_queue *queue;
    struct tb_error error;
    size_t item = 0;
    assert_int_equal(tb_queue_open(&everyone, NULL, ITEMS, NULL, &queue, &error), TB_OK);
    for (size_t last = 0;; last = item) {
        assert_int_equal(tb_queue_next(queue, &item, &error), TB_OK);
        if (item == ITEMS)
            break;
        assert_true(item == 0 || item > last);
    }
    assert_int_equal(tb_queue_next(queue, &item, &error), TB_OK);
    assert_int_equal(item, ITEMS);
    assert_int_equal(tb_queue_close(queue, false, &error), TB_OK);
}

/* The others take what a slow rank does not: it has one item while they finish the list. */
static void a_slow_rank_gets_less(void **state)
{
    (void)state;
    enum { COUNT = 64, PAUSE_US = 300000 };
    struct tb_queue *queue;
    struct tb_error error;
    uint64_t taken = 0;
    size_t item = 0;
    const bool slow = everyone.size > 1 && everyone.rank == everyone.size - 1;
    assert_int_equal(tb_queue_open(&everyone, NULL, COUNT, NULL, &queue, &error), TB_OK);
    for (;; taken++) {
        assert_int_equal(tb_queue_next(queue, &item, &error), TB_OK);
        if (item == COUNT)
            break;
        usleep(slow ? PAUSE_US : 1000);
    }
    assert_int_equal(tb_queue_close(queue, false, &error), TB_OK);
    uint64_t all[2] = {taken, slow ? taken : 0};
    assert_int_equal(tb_team_sum(&everyone, all, 2, &error), TB_OK);
    assert_int_equal(all[0], COUNT);
    /* Its first range is a fourth of its share. */
    if (everyone.size > 1)
        assert_true(all[1] <= 2 * (COUNT / 4 / (uint64_t)everyone.size) + 2);
}

/* Rank 0 waits for others inside collectives while it hands out to them. */
static void rank_0_answers_while_it_waits(void **state)
{
    (void)state;
    struct tb_queue *queue;
    struct tb_error error;
    uint64_t given[ITEMS] = {0};
    assert_int_equal(tb_queue_open(&everyone, NULL, ITEMS, NULL, &queue, &error), TB_OK);
    if (everyone.rank != 0 || everyone.size == 1)
        take_all(queue, ITEMS, given);
    assert_int_equal(tb_team_agree(&everyone, TB_OK, &error), TB_OK);
    assert_int_equal(tb_queue_close(queue, false, &error), TB_OK);
    check_each_given_once(given, ITEMS);
}

static void after_one_abandons_nothing_more_is_given(void **state)
{
    (void)state;
    struct tb_queue *queue;
    struct tb_error error;
    size_t item = 0, taken = 0;
    const bool last = everyone.rank == everyone.size - 1;
    assert_int_equal(tb_queue_open(&everyone, NULL, ITEMS, NULL, &queue, &error), TB_OK);
    if (!last) {
        tb_team_wait(&everyone);
        /* What it has said is on its way: of a list as long as this one, most is left. */
        usleep(200000);
        for (; item != ITEMS; taken++)
            assert_int_equal(tb_queue_next(queue, &item, &error), TB_OK);
        assert_true(taken == 1);
    }
    assert_int_equal(tb_queue_close(queue, last, &error), TB_OK);
    if (last && everyone.size > 1)
        tb_team_wait(&everyone);
}

static void ranges_are_a_small_part_of_what_is_left(void **state)
{
    (void)state;
    static const uint64_t costs[] = {100, 10, 5, 5, 1, 1, 1, 1, 0, 0, 1000};
    enum { COUNT = sizeof costs / sizeof costs[0] };
    static const struct {
        size_t next;
        uint64_t left;
        uint64_t workers;
        size_t end;
    } cases[] = {
        {0, 1124, 2, 10},    /* 140 at most */
        {0, 1124, 4, 1},     /* 70: the first is more, and alone */
        {1, 1024, 16, 3},    /* 16: 10 and 5 */
        {1, 1024, 1000, 2},  /* 0: one at a time, */
        {8, 1000, 1000, 10}, /* but for those that cost nothing */
        {10, 1000, 1, 11},   /* the last one */
        {11, 0, 3, 11},      /* none is left */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(tb_queue_range_end(costs, COUNT, cases[i].next, cases[i].left, cases[i].workers),
                         cases[i].end);
    assert_int_equal(tb_queue_range_end(NULL, 100, 0, 100, 5), 5);
    assert_int_equal(tb_queue_range_end(NULL, 100000, 0, 100000, 1), 1024);
}

/* What ranks have done is rank 0's progress. */
static void progress_is_of_all_ranks(void **state)
{
    (void)state;
    struct tb_queue *queue;
    struct tb_error error;
    struct tb_progress progress = {0};
    uint64_t given[ITEMS] = {0};
    tb_progress_start(&progress, "test", "items", ITEMS, false);
    assert_int_equal(tb_queue_open(&everyone, NULL, ITEMS, &progress, &queue, &error), TB_OK);
    take_all(queue, ITEMS, given);
    assert_int_equal(tb_queue_close(queue, false, &error), TB_OK);
    if (everyone.rank == 0) {
        assert_int_equal(progress.done, ITEMS);
        assert_int_equal(progress.skipped, ITEMS / 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_item_is_given_once),
        cmocka_unit_test(one_item_and_none_are_queues_too),
        cmocka_unit_test(costs_may_be_anything),
        cmocka_unit_test(items_come_in_the_order_of_the_list),
        cmocka_unit_test(a_slow_rank_gets_less),
        cmocka_unit_test(rank_0_answers_while_it_waits),
        cmocka_unit_test(after_one_abandons_nothing_more_is_given),
        cmocka_unit_test(ranges_are_a_small_part_of_what_is_left),
        cmocka_unit_test(progress_is_of_all_ranks),
    };
    return run_on_all_ranks("queue", tests, sizeof tests / sizeof tests[0]);
}
