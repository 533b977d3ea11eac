/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A trace that several processes decode together gives, bit for bit, what one decoder gives. All processes of these
 * teams are this one; what would travel between them is packed and unpacked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/fewer_cases.h"
#include "fixtures/turn_writer.h"
#include "twinbed/trace/trace_team.h"

static const unsigned orders[] = {1, 2, 3, 5};
static const struct tb_process_selector selectors[] = {
    {.name = "ab", .pid = -1}, {.name = "sh", .pid = -1}, {.name = "ab", .pid = -1, .arguments = "-n 10"}};
static const struct tb_window windows[] = {{0, 20}, {7, 100}, {50, TB_WINDOW_WHOLE}, {3, 1}};

static const uint64_t intervals[] = {30, 7, UINT64_MAX};

/* Windows with states of calls alone; then a full vocabulary, with what is counted in subtotals. */
static const struct tb_trace_request requests[] = {
    {.selectors = selectors,
     .selector_count = 3,
     .orders = orders,
     .order_count = 4,
     .windows = windows,
     .window_count = 4},
    {.selectors = selectors,
     .selector_count = 3,
     .orders = orders,
     .order_count = 1,
     .vocabulary = TB_VOCABULARY_OUTCOME | TB_VOCABULARY_DESCRIPTOR,
     .thread_groups = true,
     .interval = intervals},
    {.selectors = selectors, .selector_count = 3, .orders = orders, .order_count = 3, .thread_groups = true},
};

/* The next trace that is read as a whole gets the next of them. */
static const struct tb_trace_request *request = requests;

static void take_next_request(void)
{
    enum { REQUESTS = sizeof requests / sizeof requests[0] };
    request = request + 1 < requests + REQUESTS ? request + 1 : requests;
}

enum { MEMBERS_MOST = 64 };

/* One team over one file. */
struct team {
    const void *data;
    size_t size;
    size_t members;
    uint32_t threads;
    struct tb_team_cut cut;
    /* What happens to bytes on their way; may be NULL. */
    void (*spoil)(struct tb_buffer *bytes);
    size_t seen; /* how much of the file the followers can read */
};

/* What was joined and repeated in all cuts of one file. */
static struct tb_split_outcome tally;

static struct tb_source *open_bytes(const void *data, size_t size)
{
    struct tb_source *source;
    assert_int_equal(tb_source_open_memory(data, size, "written", &source, NULL), TB_OK);
    return source;
}

static struct tb_buffer read_whole(const void *data, size_t size)
{
    struct tb_source *source = open_bytes(data, size);
    struct tb_trace *trace;
    struct tb_buffer packed = {0};
    take_next_request();
    assert_int_equal(tb_trace_read(source, request, &trace, NULL), TB_OK);
    tb_trace_pack(trace, &packed);
    tb_trace_free(trace);
    tb_source_close(source);
    tally = (struct tb_split_outcome){0};
    return packed;
}

static void follow_all(const struct team *team, struct tb_trace_follower **followers, struct tb_buffer *offer,
                       struct tb_buffer *replies)
{
    for (size_t i = 1; i < team->members; i++) {
        replies[i].size = 0;
        tb_trace_follow(followers[i], tb_bytes_packed(offer->data, offer->size), &replies[i]);
        assert_false(replies[i].failed);
        if (team->spoil != NULL)
            team->spoil(&replies[i]);
    }
}

static void run_rounds(const struct team *team, struct tb_trace_lead *lead, struct tb_trace_follower **followers)
{
    struct tb_buffer replies[MEMBERS_MOST] = {{0}};
    struct tb_bytes views[MEMBERS_MOST];
    struct tb_buffer offer = {0};
    while (tb_trace_lead_goes_on(lead)) {
        offer.size = 0;
        assert_int_equal(tb_trace_lead_offer(lead, &offer, NULL), TB_OK);
        if (team->spoil != NULL)
            team->spoil(&offer);
        follow_all(team, followers, &offer, replies);
        assert_int_equal(tb_trace_lead_work(lead, NULL), TB_OK);
        for (size_t i = 0; i < team->members; i++)
            views[i] = tb_bytes_packed(replies[i].data, replies[i].size);
        assert_int_equal(tb_trace_lead_join(lead, views, NULL), TB_OK);
    }
    tb_buffer_free(&offer);
    for (size_t i = 0; i < team->members; i++)
        tb_buffer_free(&replies[i]);
}

static struct tb_buffer read_together(const struct team *team)
{
    struct tb_source *sources[MEMBERS_MOST];
    struct tb_trace_follower *followers[MEMBERS_MOST] = {NULL};
    uint32_t threads[MEMBERS_MOST];
    struct tb_trace_lead *lead;
    struct tb_trace *trace;
    struct tb_split_outcome outcome;
    struct tb_buffer packed = {0};
    for (size_t i = 0; i < team->members; i++) {
        threads[i] = team->threads;
        sources[i] = open_bytes(team->data, i == 0 || team->seen == 0 ? team->size : team->seen);
        if (i > 0)
            assert_int_equal(tb_trace_follower_start(sources[i], request, i, team->threads, &followers[i], NULL),
                             TB_OK);
    }
    assert_int_equal(tb_trace_lead_start(sources[0], request, threads, team->members, &team->cut, &lead, NULL), TB_OK);
    run_rounds(team, lead, followers);
    assert_int_equal(tb_trace_lead_finish(lead, &trace, &outcome, NULL), TB_OK);
    assert_true(tb_account_balances(&trace->account));
    tb_trace_pack(trace, &packed);
    tb_trace_free(trace);
    tb_trace_lead_free(lead);
    for (size_t i = 0; i < team->members; i++) {
        tb_trace_follower_free(followers[i]);
        tb_source_close(sources[i]);
    }
    tally.rounds += outcome.rounds;
    tally.joined += outcome.joined;
    tally.repeated += outcome.repeated;
    return packed;
}

static void expect_same(const struct tb_buffer *whole, const struct team *team)
{
    struct tb_buffer packed = read_together(team);
    if (packed.size != whole->size || memcmp(packed.data, whole->data, packed.size) != 0)
        fail_msg("%zu members of %u threads, segments of %llu to %llu bytes, %llu to warm up: another result",
                 team->members, team->threads, (unsigned long long)team->cut.segment_least,
                 (unsigned long long)team->cut.segment_most, (unsigned long long)team->cut.warm_up);
    tb_buffer_free(&packed);
}

static struct team team_of(const struct scap_writer *writer, size_t members, uint32_t threads, uint64_t segment,
                           uint64_t warm_up)
{
    return (struct team){.data = writer->data,
                         .size = writer->size,
                         .members = members,
                         .threads = threads,
                         .cut = {.segment_least = segment, .segment_most = segment * 3, .warm_up = warm_up}};
}

static void show_tally(const char *what)
{
    print_message("%s: %llu rounds, %llu segments joined, %llu not\n", what, (unsigned long long)tally.rounds,
                  (unsigned long long)tally.joined, (unsigned long long)tally.repeated);
}

static void every_segment_size_gives_the_same(void **state)
{
    (void)state;
    static const size_t members[] = {1, 2, 3, 7};
    for (int style = 0; style < 4; style++) {
        random_state = (uint32_t)style + 1;
        struct scap_writer writer = write_turns(style < 2 ? 0 : 2, style % 2 == 1, 250);
        struct tb_buffer whole = read_whole(writer.data, writer.size);
        for (size_t segment = 40; segment < writer.size + 200; segment += segment / (FEWER == 1 ? 20 : 4) + 4) {
            const struct team team =
                team_of(&writer, members[segment / 4 % 4], 1 + (uint32_t)(segment / 4 % 2), segment, 1 + segment % 700);
            expect_same(&whole, &team);
        }
        show_tally("a style");
        assert_true(tally.joined > 0);
        tb_buffer_free(&whole);
        scap_writer_free(&writer);
    }
}

static void teams_up_to_64_members_give_the_same(void **state)
{
    (void)state;
    random_state = 11;
    struct scap_writer writer = write_turns(2, false, 3000);
    struct tb_buffer whole = read_whole(writer.data, writer.size);
    for (size_t members = 1; members <= MEMBERS_MOST; members += members < 8 ? 1 : 7) {
        const struct team team = team_of(&writer, members, 1 + members % 2, writer.size / (4 * members), 900);
        expect_same(&whole, &team);
    }
    show_tally("1 to 64 members");
    assert_true(tally.joined > 0);
    tb_buffer_free(&whole);
    scap_writer_free(&writer);
}

static void expect_same_at_random_cuts(const struct scap_writer *writer, size_t cuts, uint32_t warm_up)
{
    struct tb_buffer whole = read_whole(writer->data, writer->size);
    const uint64_t wanted = cuts / FEWER;
    while (tally.joined + tally.repeated < wanted) {
        const uint64_t segment = 4 + random_below((uint32_t)(writer->size / (2 + random_below(60))));
        const struct team team =
            team_of(writer, 2 + random_below(6), 1 + random_below(2), segment, 1 + random_below(warm_up));
        expect_same(&whole, &team);
    }
    tb_buffer_free(&whole);
}

static void random_traces_give_the_same(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 40 / FEWER; seed++) {
        random_state = 177 + seed;
        struct scap_writer writer = write_turns(seed % 3 == 0 ? 0 : 2, false, 40 + random_below(900));
        expect_same_at_random_cuts(&writer, 400, 2000);
        scap_writer_free(&writer);
    }
}

static void blocks_inside_data_do_not_mislead(void **state)
{
    (void)state;
    struct scap_writer writer = write_blocks_inside_data();
    expect_same_at_random_cuts(&writer, 10000, 40000);
    show_tally("blocks inside data");
    assert_true(tally.joined > 0);
    scap_writer_free(&writer);
}

static void sections_damage_and_giants_give_the_same(void **state)
{
    (void)state;
    random_state = 7;
    struct scap_writer writer = write_turns(2, false, 150);
    uint8_t *const body = calloc(1, 60000);
    append_block(&writer, 0x220, body, 60000);
    free(body);
    put_sections(&writer);
    expect_same_at_random_cuts(&writer, 2000, 2000);
    for (int i = 0; i < 30; i++) {
        writer.data[28 + random_below((uint32_t)writer.size - 28)] ^= (uint8_t)(1 + random_below(255));
        expect_same_at_random_cuts(&writer, 300, 2000);
    }
    scap_writer_free(&writer);
}

/* Threads of a chosen name that are born one after the other and live on: what a state sent before a birth does not
 * tell. Without what is foreseen, one segment a birth would be decoded by the lead alone, and all behind it. */
static struct scap_writer write_births(int births, int calls)
{
    struct scap_writer writer = scap_writer_start(2, false);
    put_lists(&writer);
    for (int i = 0; i < births; i++) {
        scap_put_clone(&writer, 100, 100, 1, 1000 + i, "ab", 0);
        scap_put_clone(&writer, 1000 + i, 1000 + i, 100, 0, "ab", 0);
        for (int call = 0; call < calls; call++) {
            scap_put_call(&writer, 1000 + i, 20, 0);
            scap_put_generic(&writer, 101, 3, 3);
        }
    }
    return writer;
}

static void births_are_foreseen(void **state)
{
    (void)state;
    struct scap_writer writer = write_births(12, 500);
    struct tb_buffer whole = read_whole(writer.data, writer.size);
    struct team team = team_of(&writer, 8, 1, 4000, 500);
    team.cut.segment_most = team.cut.segment_least;
    expect_same(&whole, &team);
    show_tally("births");
    /* One round is lost where something is born, the next one knows it: less than two rounds for what one takes. */
    const uint64_t least = writer.size / (8 * 4000) + 1;
    assert_in_range(tally.rounds, least, 2 * least);
    tb_buffer_free(&whole);
    scap_writer_free(&writer);
}

static void spoil_some(struct tb_buffer *bytes)
{
    const uint32_t times = bytes->size > 0 ? random_below(4) : 0;
    for (uint32_t i = 0; i < times; i++)
        bytes->data[random_below((uint32_t)bytes->size)] ^= (uint8_t)(1 << random_below(8));
    if (bytes->size > 0 && random_below(4) == 0)
        bytes->size = random_below((uint32_t)bytes->size);
}

/* Spoilt bytes may spoil counts, as no checksum stands over them; they must do no harm beyond that. */
static void hostile_bytes_do_no_harm(void **state)
{
    (void)state;
    random_state = 21;
    struct scap_writer writer = write_turns(2, false, 300);
    for (int i = 0; i < 500 / FEWER; i++) {
        struct team team = team_of(&writer, 2 + random_below(3), 1 + random_below(2), 500 + random_below(3000), 900);
        team.spoil = spoil_some;
        struct tb_buffer packed = read_together(&team);
        tb_buffer_free(&packed);
    }
    show_tally("spoilt bytes");
    scap_writer_free(&writer);
}

static void lose_all(struct tb_buffer *bytes)
{
    bytes->size = 0;
}

static void a_lead_alone_gives_the_same(void **state)
{
    (void)state;
    random_state = 22;
    struct scap_writer writer = write_turns(2, false, 300);
    struct tb_buffer whole = read_whole(writer.data, writer.size);
    struct team team = team_of(&writer, 5, 2, 1000, 500);
    team.spoil = lose_all;
    expect_same(&whole, &team);
    team.spoil = NULL;
    for (team.seen = 1; team.seen < writer.size; team.seen += 997)
        expect_same(&whole, &team);
    tb_buffer_free(&whole);
    scap_writer_free(&writer);
}

static void what_cannot_be_cut_is_refused(void **state)
{
    (void)state;
    static const uint8_t gzip[] = {0x1f, 0x8b, 8, 0};
    static const uint32_t threads[] = {1};
    struct tb_source *source = open_bytes(gzip, sizeof gzip);
    struct tb_trace_lead *lead;
    const struct tb_team_cut cut = {0};
    assert_int_equal(tb_trace_lead_start(source, request, threads, 1, &cut, &lead, NULL), TB_USAGE);
    tb_source_close(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_segment_size_gives_the_same),
        cmocka_unit_test(teams_up_to_64_members_give_the_same),
        cmocka_unit_test(random_traces_give_the_same),
        cmocka_unit_test(blocks_inside_data_do_not_mislead),
        cmocka_unit_test(sections_damage_and_giants_give_the_same),
        cmocka_unit_test(births_are_foreseen),
        cmocka_unit_test(hostile_bytes_do_no_harm),
        cmocka_unit_test(a_lead_alone_gives_the_same),
        cmocka_unit_test(what_cannot_be_cut_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
