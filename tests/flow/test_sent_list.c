/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What was sent and what acknowledgements find in it, held against a list that keeps every segment and looks at all of
 * them each time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/random_numbers.h"
#include "flow/sent_list.h"

enum { SEGMENTS = 400, STEPS = 20000 };

struct kept_segment {
    uint32_t first, length;
    uint64_t time;
    uint32_t repeats;
};

/* All that was sent, in order, without gaps; acknowledged from the beginning up to one of them. */
struct kept {
    struct kept_segment segments[SEGMENTS];
    uint32_t count, acknowledged;
    uint32_t in_a_row; /* acknowledgements of the end of what is acknowledged */
    uint32_t next;     /* number */
};

struct lists {
    struct kept kept;
    struct tb_sent_list list;
    struct tb_sent_pool pool;
    uint64_t now;
};

static void start(struct lists *lists, uint32_t first)
{
    tb_sent_list_free(&lists->list, &lists->pool);
    lists->kept = (struct kept){.next = first};
}

static void add(struct lists *lists, uint32_t first, uint32_t length, struct tb_sent_found *found)
{
    *found = (struct tb_sent_found){0};
    if (random_below(8) != 0 && tb_sent_list_append(&lists->list, first, length, lists->now))
        return;
    assert_true(tb_sent_list_add(&lists->list, &lists->pool, first, length, lists->now, found));
}

static void send_next(struct lists *lists)
{
    struct kept *kept = &lists->kept;
    const uint32_t length = 1 + random_below(3000);
    struct tb_sent_found found;
    add(lists, kept->next, length, &found);
    assert_int_equal(found.repeated, 0);
    assert_false(found.out_of_order);
    kept->segments[kept->count++] = (struct kept_segment){.first = kept->next, .length = length, .time = lists->now};
    kept->next += length;
}

/* One that is not acknowledged. */
static void send_again(struct lists *lists)
{
    struct kept *kept = &lists->kept;
    if (kept->count == kept->acknowledged)
        return;
    struct kept_segment *again = &kept->segments[kept->acknowledged + random_below(kept->count - kept->acknowledged)];
    struct tb_sent_found found;
    add(lists, again->first, again->length, &found);
    assert_int_equal(found.repeated, again->length);
    assert_int_equal(found.old_acknowledged, 0);
    assert_int_equal(found.most_repeats, ++again->repeats);
    assert_true(found.waited);
    assert_int_equal(found.wait, lists->now - again->time);
    again->time = lists->now;
}

static void acknowledge(struct lists *lists, uint32_t number, bool duplicate, struct tb_acknowledgement *answer)
{
    *answer = (struct tb_acknowledgement){0};
    if (random_below(8) == 0 || !tb_sent_list_acknowledge_again(&lists->list, number, duplicate, &answer->in_a_row))
        tb_sent_list_acknowledge(&lists->list, number, duplicate, false, lists->now, answer);
}

/* What was acknowledged is, again. */
static void acknowledge_again(struct lists *lists)
{
    struct kept *kept = &lists->kept;
    if (kept->acknowledged == 0)
        return;
    const struct kept_segment *last = &kept->segments[kept->acknowledged - 1];
    const bool duplicate = random_below(2) == 0;
    struct tb_acknowledgement answer;
    acknowledge(lists, last->first + last->length, duplicate, &answer);
    kept->in_a_row = duplicate ? kept->in_a_row + 1 : 1;
    assert_int_equal(answer.in_a_row, kept->in_a_row);
    assert_false(answer.matched);
    assert_int_equal(answer.cumulative, 0);
}

static uint64_t latest_before(const struct kept *kept, uint32_t index)
{
    uint64_t latest = 0;
    for (uint32_t i = 0; i < index; i++)
        latest = kept->segments[i].time > latest ? kept->segments[i].time : latest;
    return latest;
}

/* Up to the end of a segment, or into the one behind it. */
static void acknowledge_some(struct lists *lists)
{
    struct kept *kept = &lists->kept;
    if (kept->count == kept->acknowledged)
        return;
    const uint32_t outstanding = kept->count - kept->acknowledged;
    const uint32_t index = kept->acknowledged + random_below(outstanding > 3 ? 3 : outstanding);
    const struct kept_segment *last = &kept->segments[index];
    const bool inside = index + 1 < kept->count && kept->segments[index + 1].length > 1 && random_below(10) == 0;
    struct tb_acknowledgement answer;
    acknowledge(lists, last->first + last->length + inside, false, &answer);
    const bool post_loss = latest_before(kept, index) > last->time;
    assert_int_equal(answer.cumulative, index - kept->acknowledged + inside);
    assert_int_equal(answer.matched, !inside);
    assert_int_equal(answer.in_a_row, 0);
    if (!inside) {
        assert_int_equal(answer.length, last->length);
        assert_int_equal(answer.rtt, lists->now - last->time);
        assert_int_equal(answer.post_loss, post_loss);
        assert_int_equal(answer.ambiguous, !post_loss && last->repeats != 0);
    }
    kept->acknowledged = index + 1;
    kept->in_a_row = 1;
}

static void step(struct lists *lists)
{
    lists->now += random_below(4);
    if (lists->kept.count == SEGMENTS)
        start(lists, random_below(2) == 0 ? UINT32_MAX - random_below(100000) : random_below(100000));
    switch (random_below(9)) {
    case 0:
        send_again(lists);
        break;
    case 1:
    case 2:
        acknowledge_again(lists);
        break;
    case 3:
    case 4:
    case 5:
        acknowledge_some(lists);
        break;
    default:
        send_next(lists);
        break;
    }
    if (random_below(500) == 0)
        tb_sent_list_shrink(&lists->list, &lists->pool);
}

static void test_against_all(void **state)
{
    (void)state;
    static struct lists lists;
    lists.now = UINT64_C(1500000000000000000);
    for (uint32_t seed = 1; seed <= 20; seed++) {
        random_state = seed;
        start(&lists, seed);
        for (uint32_t i = 0; i < STEPS; i++)
            step(&lists);
    }
    tb_sent_list_free(&lists.list, &lists.pool);
    tb_sent_pool_free(&lists.pool);
}

/* Lists of several flows take room from the pool and give it back; nothing is shared. */
static void test_pool(void **state)
{
    (void)state;
    enum { LISTS = 40 };
    static struct tb_sent_list lists[LISTS];
    struct tb_sent_pool pool = {0};
    struct tb_sent_found found;
    for (unsigned round = 0; round < 3; round++) {
        for (uint32_t number = 0; number < 30; number++)
            for (uint32_t i = 0; i < LISTS; i++)
                if (number <= i)
                    assert_true(tb_sent_list_add(&lists[i], &pool, 1000 * i + number, 1, i, &found));
        for (uint32_t i = 0; i < LISTS; i++) {
            const uint32_t count = i < 30 ? i + 1 : 30;
            assert_int_equal(lists[i].count, count);
            for (uint32_t k = 0; k < count; k++)
                assert_int_equal((uint32_t)tb_sent_items(&lists[i])[k].first, 1000 * i + k);
            tb_sent_list_free(&lists[i], &pool);
        }
        assert_non_null(pool.free);
    }
    tb_sent_pool_free(&pool);
    assert_null(pool.free);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_all),
        cmocka_unit_test(test_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
