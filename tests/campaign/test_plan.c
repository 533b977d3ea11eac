/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "twinbed/campaign/plan.h"

enum { ARTIFACTS = 300, MOST_RANKS = 64 };

/* Sizes of a made-up campaign: a few large files, many small ones, some missing, shared or empty. */
static void make_artifacts(struct tb_artifact *artifacts)
{
    uint64_t random = 12345;
    for (size_t i = 0; i < ARTIFACTS; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        artifacts[i] = (struct tb_artifact){.exists = i % 11 != 3,
                                            .kind = i % 3 == 0 ? TB_ARTIFACT_TRACE : TB_ARTIFACT_CAPTURE,
                                            .plain = i % 2 == 0,
                                            .size = i % 13 == 5 ? 0 : (random >> 40) * (i % 29 == 0 ? 100 : 1),
                                            .same_as = i % 17 == 9 ? i - 1 : TB_NO_INDEX};
    }
}

/* Of the bytes that teams read, what each rank reads; and each of these files counts as seen. */
static uint64_t check_teams(const struct tb_campaign *campaign, const struct tb_plan *plan, uint64_t *bytes,
                            unsigned *seen)
{
    uint64_t total = 0;
    for (size_t i = 0; i < plan->team_count; i++) {
        const struct tb_plan_team *team = &plan->teams[i];
        const struct tb_artifact *artifact = &campaign->artifacts[team->artifact];
        const int *ranks = plan->team_ranks + team->first;
        assert_true((artifact->kind == TB_ARTIFACT_TRACE || artifact->kind == TB_ARTIFACT_CAPTURE) && artifact->plain);
        assert_int_equal(team->bytes, artifact->size);
        assert_in_range(team->count, 2, plan->ranks);
        for (int j = 0; j < team->count; j++) {
            assert_true(j == 0 || ranks[j] > ranks[j - 1]);
            assert_true(tb_plan_takes_part(plan, team, ranks[j]));
            bytes[ranks[j]] +=
                tb_share_begin(team->bytes, team->count, j + 1) - tb_share_begin(team->bytes, team->count, j);
        }
        assert_false(tb_plan_takes_part(plan, team, plan->ranks));
        seen[team->artifact]++;
        total += team->bytes;
    }
    return total;
}

/* Tasks know nothing of each other: each file is of one of them, in one piece. */
static void check_tasks(const struct tb_campaign *campaign, int tasks)
{
    unsigned seen[ARTIFACTS] = {0};
    uint64_t total = 0, most = 0, largest = 0;
    for (int task = 0; task < tasks; task++) {
        struct tb_plan plan;
        assert_int_equal(tb_plan_make_for_task(campaign, (struct tb_task){task, tasks}, 2, &plan, NULL), TB_OK);
        for (size_t i = 0; i < plan.segment_count; i++) {
            seen[plan.segments[i].artifact]++;
            largest = plan.segments[i].end > largest ? plan.segments[i].end : largest;
        }
        for (size_t i = 0; i < plan.team_count; i++) {
            seen[plan.teams[i].artifact]++;
            largest = plan.teams[i].bytes > largest ? plan.teams[i].bytes : largest;
        }
        total += plan.total_bytes;
        most = plan.total_bytes > most ? plan.total_bytes : most;
        tb_plan_free(&plan);
    }
    for (size_t i = 0; i < campaign->artifact_count; i++)
        assert_int_equal(seen[i], campaign->artifacts[i].exists && campaign->artifacts[i].same_as == TB_NO_INDEX);
    assert_true(most <= total / (uint64_t)tasks + largest);
}

static void check_plan(const struct tb_campaign *campaign, int ranks)
{
    struct tb_plan plan;
    unsigned seen[ARTIFACTS] = {0};
    uint64_t largest = 0;
    uint64_t total = 0;
    uint64_t most = 0;
    uint64_t shares[MOST_RANKS] = {0};
    assert_int_equal(tb_plan_make(campaign, ranks, &plan, NULL), TB_OK);
    assert_int_equal(plan.rank_begin[0], 0);
    assert_int_equal(plan.rank_begin[ranks], plan.segment_count);
    (void)check_teams(campaign, &plan, shares, seen);
    for (int rank = 0; rank < ranks; rank++) {
        uint64_t bytes = shares[rank];
        for (size_t i = plan.rank_begin[rank]; i < plan.rank_begin[rank + 1]; i++) {
            const struct tb_segment *segment = &plan.segments[i];
            const uint64_t size = segment->end - segment->begin;
            assert_int_equal(segment->rank, rank);
            if (i > plan.rank_begin[rank])
                assert_true(size <= plan.segments[i - 1].end);
            seen[segment->artifact]++;
            bytes += size;
            largest = size > largest ? size : largest;
        }
        assert_int_equal(bytes, plan.rank_bytes[rank]);
        total += bytes;
        most = bytes > most ? bytes : most;
    }
    assert_int_equal(total, plan.total_bytes);
    for (size_t i = 0; i < ARTIFACTS; i++) {
        const struct tb_artifact *artifact = &campaign->artifacts[i];
        assert_int_equal(seen[i], artifact->exists && artifact->same_as == TB_NO_INDEX ? 1 : 0);
    }
    /* The last file went to the rank with the fewest bytes, which were at most the mean. */
    assert_true(most <= total / (uint64_t)ranks + largest);
    tb_plan_free(&plan);
}

static void test_every_artifact_once_and_balanced(void **state)
{
    (void)state;
    struct tb_artifact artifacts[ARTIFACTS];
    make_artifacts(artifacts);
    const struct tb_campaign campaign = {.artifacts = artifacts, .artifact_count = ARTIFACTS};
    for (int ranks = 1; ranks <= MOST_RANKS; ranks++) {
        check_plan(&campaign, ranks);
        check_tasks(&campaign, ranks);
    }
}

static void test_largest_go_to_the_emptiest_lowest_rank(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {3, 9, 0, 5, 5, 4};
    static const size_t order[] = {1, 3, 5, 4, 0, 2}; /* artifacts by rank, largest first */
    struct tb_artifact artifacts[6];
    for (size_t i = 0; i < 6; i++)
        artifacts[i] = (struct tb_artifact){.exists = true, .size = sizes[i], .same_as = TB_NO_INDEX};
    const struct tb_campaign campaign = {.artifacts = artifacts, .artifact_count = 6};
    struct tb_plan plan;
    assert_int_equal(tb_plan_make(&campaign, 3, &plan, NULL), TB_OK);
    /* 9 | 5 | 5, then 4 to rank 1 (5), 3 to rank 2 (5), 1 to rank 2 (8). */
    assert_int_equal(plan.segment_count, 6);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(plan.segments[i].artifact, order[i]);
    assert_int_equal(plan.rank_bytes[0], 9);
    assert_int_equal(plan.rank_bytes[1], 9);
    assert_int_equal(plan.rank_bytes[2], 9);
    assert_int_equal(plan.total_bytes, 27);
    tb_plan_free(&plan);
}

/* Sizes in MiB of plain traces and captures, and how many ranks decode each, by rank count. */
static void test_large_files_go_to_teams(void **state)
{
    (void)state;
    static const struct {
        int ranks;
        uint64_t sizes[4];
        int counts[4];
    } cases[] = {
        {1, {1000}, {1}},
        {2, {1000}, {2}},
        {7, {1000}, {7}},
        {3, {15}, {1}},                  /* too small */
        {64, {64}, {16}},                /* a share of 4 MiB each */
        {2, {500, 500}, {1, 1}},         /* whole files, balanced */
        {2, {400, 400, 400}, {1, 1, 2}}, /* the third would be one too many */
        {3, {500, 500}, {3, 3}},         /* teams of two would not add up */
        {8, {600, 300, 50, 50}, {5, 3, 2, 3}},
        {4, {100, 100, 100, 100}, {1, 1, 1, 1}},  /* as many files as ranks */
        {16, {800, 800, 800, 800}, {4, 4, 4, 4}}, /* teams beside each other */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tb_artifact artifacts[4];
        unsigned seen[4] = {0};
        uint64_t bytes[MOST_RANKS] = {0};
        int counts[4] = {0};
        struct tb_plan plan;
        for (size_t j = 0; j < 4; j++)
            artifacts[j] = (struct tb_artifact){.exists = cases[i].sizes[j] > 0,
                                                .size = cases[i].sizes[j] << 20,
                                                .kind = j % 2 == 0 ? TB_ARTIFACT_TRACE : TB_ARTIFACT_CAPTURE,
                                                .plain = true,
                                                .same_as = TB_NO_INDEX};
        const struct tb_campaign campaign = {.artifacts = artifacts, .artifact_count = 4};
        assert_int_equal(tb_plan_make(&campaign, cases[i].ranks, &plan, NULL), TB_OK);
        (void)check_teams(&campaign, &plan, bytes, seen);
        for (size_t j = 0; j < plan.team_count; j++)
            counts[plan.teams[j].artifact] = plan.teams[j].count;
        for (size_t j = 0; j < plan.segment_count; j++)
            counts[plan.segments[j].artifact]++;
        for (size_t j = 0; j < 4; j++)
            assert_int_equal(counts[j], cases[i].counts[j]);
        for (int rank = 0; rank < plan.ranks && plan.team_count > 0 && cases[i].sizes[0] > 64; rank++)
            assert_true(plan.rank_bytes[rank] <= plan.total_bytes / (uint64_t)plan.ranks * 9 / 8 + 1);
        tb_plan_free(&plan);
        /* What is compressed, or neither, stays whole. */
        for (size_t j = 0; j < 4; j++) {
            artifacts[j].plain = j == 3;
            artifacts[j].kind = j == 3 ? TB_ARTIFACT_LATENCY : artifacts[j].kind;
        }
        assert_int_equal(tb_plan_make(&campaign, cases[i].ranks, &plan, NULL), TB_OK);
        assert_int_equal(plan.team_count, 0);
        tb_plan_free(&plan);
    }
}

/* One file that cannot be cut, and is more than a rank's share, does not make a team of all ranks of any other. */
static void test_teams_beside_a_file_that_cannot_be_cut(void **state)
{
    (void)state;
    enum { RANKS = 16 };
    struct tb_artifact artifacts[5];
    for (size_t i = 0; i < 5; i++)
        artifacts[i] = (struct tb_artifact){.exists = true,
                                            .size = (i == 0 ? 2000u : 400u) * (1u << 20),
                                            .kind = TB_ARTIFACT_TRACE,
                                            .plain = i != 0,
                                            .same_as = TB_NO_INDEX};
    const struct tb_campaign campaign = {.artifacts = artifacts, .artifact_count = 5};
    struct tb_plan plan;
    assert_int_equal(tb_plan_make(&campaign, RANKS, &plan, NULL), TB_OK);
    assert_int_equal(plan.team_count, 4);
    for (size_t i = 0; i < plan.team_count; i++)
        assert_in_range(plan.teams[i].count, 2, 4);
    tb_plan_free(&plan);
}

/* Large files that are plain or compressed in members, and more than a thread's share. */
static void test_what_threads_share(void **state)
{
    (void)state;
    static const struct {
        enum tb_artifact_kind kind;
        bool plain, members;
        uint64_t size;
        long long threads;
        bool shared;
    } cases[] = {{TB_ARTIFACT_TRACE, true, false, 64, 2, true},    {TB_ARTIFACT_TRACE, false, true, 64, 2, true},
                 {TB_ARTIFACT_CAPTURE, false, true, 64, 2, true},  {TB_ARTIFACT_CAPTURE, false, false, 64, 2, false},
                 {TB_ARTIFACT_LATENCY, false, true, 64, 2, false}, {TB_ARTIFACT_CAPTURE, false, true, 64, 1, false},
                 {TB_ARTIFACT_TRACE, false, true, 15, 2, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tb_artifact artifact = {.exists = true,
                                       .kind = cases[i].kind,
                                       .plain = cases[i].plain,
                                       .members = cases[i].members,
                                       .size = cases[i].size << 20,
                                       .same_as = TB_NO_INDEX};
        const struct tb_campaign campaign = {.artifacts = &artifact, .artifact_count = 1};
        struct tb_plan plan;
        assert_int_equal(tb_plan_make(&campaign, 1, &plan, NULL), TB_OK);
        assert_int_equal(tb_plan_is_shared(&campaign, &plan, &plan.segments[0], cases[i].threads), cases[i].shared);
        tb_plan_free(&plan);
    }
}

static void test_nothing_to_plan(void **state)
{
    (void)state;
    const struct tb_campaign campaign = {0};
    struct tb_plan plan;
    struct tb_error error;
    assert_int_equal(tb_plan_make(&campaign, 2, &plan, &error), TB_OK);
    assert_int_equal(plan.segment_count, 0);
    assert_int_equal(plan.total_bytes, 0);
    tb_plan_free(&plan);
    assert_int_equal(tb_plan_make(&campaign, 0, &plan, &error), TB_USAGE);
    assert_int_equal(tb_plan_make_for_task(&campaign, (struct tb_task){3, 3}, 1, &plan, &error), TB_USAGE);
    assert_int_equal(tb_plan_make_for_task(&campaign, (struct tb_task){-1, 3}, 1, &plan, &error), TB_USAGE);
}

static void test_shares(void **state)
{
    (void)state;
    static const uint64_t counts[] = {0, 1, 2, 7, 64, 1000, 1000003, UINT64_MAX};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        for (int ranks = 1; ranks <= MOST_RANKS; ranks++) {
            const uint64_t least = counts[i] / (uint64_t)ranks;
            assert_int_equal(tb_share_begin(counts[i], ranks, 0), 0);
            assert_int_equal(tb_share_begin(counts[i], ranks, ranks), counts[i]);
            for (int rank = 0; rank < ranks; rank++) {
                const uint64_t size =
                    tb_share_begin(counts[i], ranks, rank + 1) - tb_share_begin(counts[i], ranks, rank);
                assert_in_range(size, least, least + (counts[i] % (uint64_t)ranks > 0 ? 1 : 0));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_artifact_once_and_balanced),
        cmocka_unit_test(test_largest_go_to_the_emptiest_lowest_rank),
        cmocka_unit_test(test_large_files_go_to_teams),
        cmocka_unit_test(test_teams_beside_a_file_that_cannot_be_cut),
        cmocka_unit_test(test_what_threads_share),
        cmocka_unit_test(test_nothing_to_plan),
        cmocka_unit_test(test_shares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
