/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A capture that several processes decode together gives, bit for bit, what one gives. All processes of these teams are
 * this one; what would travel between them waits in lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/fewer_cases.h"
#include "fixtures/mixed_captures.h"
#include "fixtures/wrapped_packets.h"
#include "twinbed/capture/capture_team.h"

enum { MEMBERS_MOST = 64 };

static struct tb_capture_request request;

/* One team over one file. */
struct team {
    const void *data;
    size_t size;
    struct tb_capture_split how;
    uint32_t threads[MEMBERS_MOST];
    size_t members;
    /* What happens to bytes on their way; may be NULL. */
    void (*spoil)(struct tb_buffer *bytes);
    size_t seen;   /* how much of the file the others can read; 0: all of it */
    size_t silent; /* a member whose messages are lost from some place on; 0: none */
    size_t lost_from;
};

/* What came of the latest team. */
static struct tb_capture_team_outcome outcome;

/* Of all teams over one file: messages that arrived, and those of them with rows. */
static struct {
    size_t messages, rows;
} tally;

/* What the captures of one test held beside rows of flows, so that it is known that they held any. */
static struct {
    uint64_t sessions, sampled, late;
} seen;

static struct tb_source *open_bytes(const void *data, size_t size)
{
    struct tb_source *source;
    assert_int_equal(tb_source_open_memory(data, size, "written", &source, NULL), TB_OK);
    return source;
}

/* --- rows that a sink takes --- */

static enum tb_status take_rows(void *context, const struct tb_flow_block *block, struct tb_error *error)
{
    struct tb_buffer *const rows = context;
    (void)error;
    tb_buffer_put_u64(rows, block->rows);
    tb_buffer_put(rows, block->data, block->size);
    return TB_OK;
}

/* The request, with a sink that appends to rows if there is to be one. */
static struct tb_capture_request ask(struct tb_flow_sink *sink, struct tb_buffer *rows)
{
    struct tb_capture_request asked = request;
    *sink = (struct tb_flow_sink){.take = take_rows, .context = rows};
    if (request.sink != NULL)
        asked.sink = sink;
    return asked;
}

/* That there is to be one. */
static struct tb_flow_sink any_sink;

/* The status and, packed, the result, or the message of a failure. */
static struct tb_buffer pack_result(enum tb_status status, struct tb_capture *capture, const struct tb_error *error,
                                    struct tb_buffer *rows)
{
    struct tb_buffer packed = {0};
    tb_buffer_put_u8(&packed, (uint8_t)status);
    if (status == TB_OK) {
        assert_true(tb_account_balances(&capture->account));
        tb_capture_pack(capture, &packed);
        tb_buffer_put(&packed, rows->data, rows->size);
        seen.sessions += capture->tests.count;
        seen.sampled += capture->sample.count;
        seen.late += capture->summary.late_packets;
        tb_capture_free(capture);
    } else {
        tb_buffer_put_text(&packed, error->text);
    }
    tb_buffer_free(rows);
    return packed;
}

static struct tb_buffer read_whole(const void *data, size_t size)
{
    struct tb_source *source = open_bytes(data, size);
    struct tb_capture *capture = NULL;
    struct tb_error error = {0};
    struct tb_flow_sink sink;
    struct tb_buffer rows = {0};
    const struct tb_capture_request asked = ask(&sink, &rows);
    const enum tb_status status = tb_capture_read(source, &asked, &capture, &error);
    tb_source_close(source);
    memset(&tally, 0, sizeof tally);
    return pack_result(status, capture, &error, &rows);
}

/* --- messages --- */

struct messages {
    struct tb_buffer *items;
    size_t count, next;
};

struct post {
    const struct team *team;
    struct messages messages[MEMBERS_MOST];
    size_t sender;
    bool early; /* a member was heard that had already ended */
};

static enum tb_status send(void *context, struct tb_buffer *bytes, struct tb_error *error)
{
    struct post *const post = context;
    struct messages *const messages = &post->messages[post->sender];
    (void)error;
    messages->items = realloc(messages->items, (messages->count + 1) * sizeof *messages->items);
    assert_non_null(messages->items);
    messages->items[messages->count++] = *bytes;
    *bytes = (struct tb_buffer){0};
    return TB_OK;
}

static enum tb_status receive(void *context, size_t member, struct tb_buffer *bytes, struct tb_error *error)
{
    struct post *const post = context;
    struct messages *const messages = &post->messages[member];
    const size_t which = messages->next++;
    (void)error;
    assert_true(member > 0 && member < post->team->members);
    post->early = post->early || which >= messages->count;
    if (which >= messages->count || (member == post->team->silent && which >= post->team->lost_from))
        return TB_OK;
    *bytes = messages->items[which];
    messages->items[which] = (struct tb_buffer){0};
    tally.messages++;
    tally.rows += bytes->size > 0 && bytes->data[0] == 'r';
    if (post->team->spoil != NULL)
        post->team->spoil(bytes);
    return TB_OK;
}

static void work_for(struct post *post, const struct tb_capture_members *members, size_t member)
{
    const struct team *const team = post->team;
    const struct tb_capture_transport transport = {.send = send, .context = post};
    struct tb_source *source = open_bytes(team->data, team->seen == 0 ? team->size : team->seen);
    struct tb_flow_sink sink = {.take = NULL};
    struct tb_capture_request asked = request;
    if (request.sink != NULL)
        asked.sink = &sink;
    post->sender = member;
    assert_int_equal(tb_capture_read_share(source, &asked, &team->how, members, member, &transport, NULL), TB_OK);
    tb_source_close(source);
}

static bool is_all_heard(const struct post *post)
{
    bool all = true;
    for (size_t i = 1; i < post->team->members; i++)
        all = all && post->messages[i].next >= post->messages[i].count;
    return all;
}

static void free_post(struct post *post)
{
    for (size_t i = 0; i < post->team->members; i++) {
        for (size_t j = 0; j < post->messages[i].count; j++)
            tb_buffer_free(&post->messages[i].items[j]);
        free(post->messages[i].items);
    }
    free(post);
}

static struct tb_buffer read_together(const struct team *team)
{
    struct post *const post = calloc(1, sizeof *post);
    assert_non_null(post);
    post->team = team;
    const struct tb_capture_members members = {.threads = team->threads, .count = team->members};
    const struct tb_capture_transport transport = {.receive = receive, .context = post};
    for (size_t i = 1; i < team->members; i++)
        work_for(post, &members, i);
    struct tb_source *source = open_bytes(team->data, team->size);
    struct tb_capture *capture = NULL;
    struct tb_error error = {0};
    struct tb_flow_sink sink;
    struct tb_buffer rows = {0};
    const struct tb_capture_request asked = ask(&sink, &rows);
    const enum tb_status status =
        tb_capture_read_together(source, &asked, &team->how, &members, &transport, &outcome, &capture, &error);
    /* Whatever comes of it, nobody is left behind that still sends. */
    if (team->spoil == NULL && team->silent == 0)
        assert_true(is_all_heard(post) && !post->early);
    tb_source_close(source);
    free_post(post);
    return pack_result(status, capture, &error, &rows);
}

static void expect_same(const struct tb_buffer *whole, const struct team *team)
{
    struct tb_buffer packed = read_together(team);
    if (packed.size != whole->size || memcmp(packed.data, whole->data, packed.size) != 0)
        fail_msg("%zu members, %zu threads, chunks of %llu bytes: another result", team->members, team->how.threads,
                 (unsigned long long)team->how.chunk_most);
    tb_buffer_free(&packed);
}

static struct team team_of(const struct file_writer *writer, size_t members, uint32_t threads, uint64_t chunk)
{
    struct team team = {.data = writer->bytes.data,
                        .size = writer->bytes.size,
                        .members = members,
                        .how = {.threads = 1 + chunk % 2, .ahead = 1 + chunk % 5, .chunk_most = chunk}};
    for (size_t i = 0; i < members; i++)
        team.threads[i] = threads;
    return team;
}

/* Teams of which some have more threads than others, and some do not take part. */
static void expect_same_at_random_teams(const struct file_writer *writer, size_t teams)
{
    struct tb_buffer whole = read_whole(writer->bytes.data, writer->bytes.size);
    for (size_t i = 0; i < (teams + FEWER - 1) / FEWER; i++) {
        const uint64_t chunk = 1 + random_below((uint32_t)(writer->bytes.size / (1 + random_below(20))) + 1);
        struct team team = team_of(writer, 2 + random_below(6), 1, chunk);
        for (size_t j = 0; j < team.members; j++)
            team.threads[j] = j == 0 ? 1 + random_below(2) : random_below(4);
        expect_same(&whole, &team);
        assert_false(outcome.alone);
    }
    tb_buffer_free(&whole);
}

/* --- the tests --- */

static void any_members_give_the_same(void **state)
{
    (void)state;
    for (enum style style = 0; style < STYLES; style++) {
        random_state = style + 1u;
        request = (struct tb_capture_request){.rules = style % 2 == 0 ? TB_FLOW_RULES_TWINBED : TB_FLOW_RULES_TCPTRACE,
                                              .rows = style % 3 == 0 ? TB_FLOW_ROWS_NONE : TB_FLOW_ROWS_ALL,
                                              .sink = style % 3 == 1 ? &any_sink : NULL,
                                              .sample = style % 2 == 1};
        struct file_writer writer = write_file(style, 250);
        struct tb_buffer whole = read_whole(writer.bytes.data, writer.bytes.size);
        for (size_t members = 1; members <= 7; members++)
            for (uint32_t threads = 1; threads <= 3; threads += FEWER) {
                const struct team team = team_of(&writer, members, threads, 500 * members + threads);
                expect_same(&whole, &team);
                assert_false(outcome.alone);
            }
        assert_true(tally.messages > 0 && (tally.rows > 0) == (request.rows == TB_FLOW_ROWS_ALL));
        tb_buffer_free(&whole);
        writer_free(&writer);
    }
}

static void teams_up_to_64_members_give_the_same(void **state)
{
    (void)state;
    random_state = 11;
    request = (struct tb_capture_request){.sample = true};
    struct file_writer writer = write_file(STYLE_PCAP, 4000);
    struct tb_buffer whole = read_whole(writer.bytes.data, writer.bytes.size);
    for (size_t members = 1; members <= MEMBERS_MOST; members += members < 8 ? 1 : 14) {
        struct team team = team_of(&writer, members, 1 + members % 2, writer.bytes.size / members);
        team.threads[members / 2] += members % 3;
        expect_same(&whole, &team);
        assert_false(outcome.alone);
    }
    tb_buffer_free(&whole);
    writer_free(&writer);
}

static void random_captures_give_the_same(void **state)
{
    (void)state;
    static const char *const filters[] = {NULL, "tcp port 80", "udp or arp", "host 10.0.0.3"};
    memset(&seen, 0, sizeof seen);
    for (uint32_t seed = 0; seed < 24; seed++) {
        random_state = 77 + seed;
        /* A short linger, so that flows leave memory and packets come late. */
        request = (struct tb_capture_request){.filter = filters[seed % 4],
                                              .rules = seed % 5 == 4 ? TB_FLOW_RULES_TCPTRACE : TB_FLOW_RULES_TWINBED,
                                              .rows = seed % 3 == 0 ? TB_FLOW_ROWS_NONE : TB_FLOW_ROWS_ALL,
                                              .sink = seed % 2 == 0 ? &any_sink : NULL,
                                              .linger = seed % 2 == 0 ? 20000000 : 0,
                                              .sample = seed % 3 == 1};
        struct file_writer writer = write_file(seed % STYLES, 40 + random_below(900));
        expect_same_at_random_teams(&writer, 3);
        writer_free(&writer);
    }
    assert_true(seen.sessions > 0 && seen.sampled > 0 && seen.late > 0);
}

static void fragments_find_their_flows(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 8; seed++) {
        struct file_writer writer = write_fragments(seed);
        request = (struct tb_capture_request){.linger = seed % 2 == 0 ? 0 : 5000};
        expect_same_at_random_teams(&writer, 6);
        writer_free(&writer);
    }
}

static void damage_and_ends_are_the_same(void **state)
{
    (void)state;
    request = (struct tb_capture_request){.filter = NULL};
    for (enum style style = 0; style < STYLES; style++) {
        random_state = 7 + style;
        struct file_writer writer = write_file(style, 300);
        const size_t size = writer.bytes.size;
        for (size_t cut = 0; cut < 90; cut += 7 * FEWER) {
            writer.bytes.size = cut < 60 ? size - cut : (cut - 60) * 2;
            expect_same_at_random_teams(&writer, 2);
        }
        for (int i = 0; i < 10 / FEWER; i++) {
            writer.bytes.data[random_below((uint32_t)size)] ^= (uint8_t)(1 + random_below(255));
            writer.bytes.size = size - random_below(40);
            expect_same_at_random_teams(&writer, 2);
        }
        writer_free(&writer);
    }
}

static void odd_captures_give_the_same(void **state)
{
    (void)state;
    request = (struct tb_capture_request){.rows = TB_FLOW_ROWS_ALL};
    struct file_writer sections = write_sections();
    expect_same_at_random_teams(&sections, 12);
    writer_free(&sections);
    for (enum style style = 0; style < STYLES; style++) {
        struct file_writer unread = write_unread(style), inside = write_captures_inside_packets(style);
        expect_same_at_random_teams(&unread, 4);
        expect_same_at_random_teams(&inside, 4);
        writer_free(&unread);
        writer_free(&inside);
    }
}

/* Packets that stand as most do, of flows that begin one after the other, are of all members. */
static void plain_packets_are_dealt_out(void **state)
{
    (void)state;
    random_state = 5;
    request = (struct tb_capture_request){.rows = TB_FLOW_ROWS_ALL, .sink = &any_sink};
    struct file_writer writer = begin_file(STYLE_PCAP);
    put_packets(&writer, 3000, 1000);
    struct tb_buffer whole = read_whole(writer.bytes.data, writer.bytes.size);
    const struct team team = team_of(&writer, 4, 1, 4000);
    expect_same(&whole, &team);
    /* Each of three sends sums, rows and an end. */
    assert_int_equal(tally.messages, 9);
    assert_int_equal(tally.rows, 3);
    tb_buffer_free(&whole);
    writer_free(&writer);
}

static void packets_inside_packets(void **state)
{
    (void)state;
    random_state = 51;
    struct file_writer plain = write_file(STYLE_PCAP, 250), writer;
    write_all_wrapped(&writer, NULL, &plain);
    for (int i = 0; i < 2; i++) {
        request = (struct tb_capture_request){.outer_only = i == 1};
        expect_same_at_random_teams(&writer, 5);
    }
    writer_free(&plain);
    writer_free(&writer);
}

static void filters_fail_the_same(void **state)
{
    (void)state;
    random_state = 13;
    struct file_writer writer = write_file(STYLE_PCAP, 200);
    request = (struct tb_capture_request){.filter = "tcp and and"};
    expect_same_at_random_teams(&writer, 5);
    writer.bytes.data[20] = 119; /* a kind of link that is not decoded */
    expect_same_at_random_teams(&writer, 5);
    request.filter = "inbound";
    expect_same_at_random_teams(&writer, 5);
    writer_free(&writer);
}

/* More threads than shards can have numbers: some members do not take part. */
static void too_many_threads_change_nothing(void **state)
{
    (void)state;
    random_state = 24;
    request = (struct tb_capture_request){.filter = NULL};
    struct file_writer writer = write_file(STYLE_PCAP, 60);
    struct tb_buffer whole = read_whole(writer.bytes.data, writer.bytes.size);
    struct team team = team_of(&writer, 4, 1, 4001);
    team.threads[1] = UINT32_MAX;
    team.threads[2] = 65534;
    expect_same(&whole, &team);
    assert_false(outcome.alone);
    assert_int_equal(tally.messages, 3);
    tb_buffer_free(&whole);
    writer_free(&writer);
}

/* Who comes to another file, or says nothing, is done without. */
static void members_that_fail_change_nothing(void **state)
{
    (void)state;
    random_state = 22;
    request = (struct tb_capture_request){.rows = TB_FLOW_ROWS_ALL, .sink = &any_sink, .sample = true};
    struct file_writer writer = write_file(STYLE_PCAPNG, 600);
    struct tb_buffer whole = read_whole(writer.bytes.data, writer.bytes.size);
    struct team team = team_of(&writer, 5, 2, 3001);
    for (team.seen = 1; team.seen < writer.bytes.size; team.seen += 9973) {
        expect_same(&whole, &team);
        assert_true(outcome.alone);
    }
    team.seen = 0;
    for (team.silent = 1; team.silent < 5; team.silent++) {
        expect_same(&whole, &team);
        assert_true(outcome.alone);
    }
    tb_buffer_free(&whole);
    writer_free(&writer);
}

/* When some are given to the sink already, it cannot be begun again. */
static void rows_that_do_not_come_are_a_failure(void **state)
{
    (void)state;
    random_state = 23;
    request = (struct tb_capture_request){.rows = TB_FLOW_ROWS_ALL, .sink = &any_sink};
    struct file_writer writer = write_file(STYLE_PCAP, 600);
    struct team team = team_of(&writer, 3, 1, 3001);
    team.silent = 2;
    team.lost_from = 1;
    struct tb_buffer packed = read_together(&team);
    assert_int_equal(packed.data[0], TB_INPUT_OUTPUT);
    assert_false(outcome.alone);
    tb_buffer_free(&packed);
    writer_free(&writer);
}

static void spoil_some(struct tb_buffer *bytes)
{
    const uint32_t times = bytes->size > 0 && random_below(3) == 0 ? random_below(4) : 0;
    for (uint32_t i = 0; i < times; i++)
        bytes->data[random_below((uint32_t)bytes->size)] ^= (uint8_t)(1 << random_below(8));
    if (bytes->size > 0 && random_below(30) == 0)
        bytes->size = random_below((uint32_t)bytes->size);
}

/* Spoilt bytes may spoil counts, as no checksum stands over them; they must do no harm beyond that. */
static void hostile_bytes_do_no_harm(void **state)
{
    (void)state;
    size_t good = 0, alone = 0, failed = 0;
    for (int i = 0; i < (FEWER > 5 ? 40 : 200 / FEWER); i++) { /* fewer need not end in each of these ways */
        random_state = 1000 + (uint32_t)i;
        struct file_writer writer = write_file(i % STYLES, 300);
        request = (struct tb_capture_request){.sample = i % 2 == 0,
                                              .rows = i % 3 == 0 ? TB_FLOW_ROWS_NONE : TB_FLOW_ROWS_ALL,
                                              .sink = i % 4 == 0 ? &any_sink : NULL};
        struct team team = team_of(&writer, 2 + random_below(3), 1 + random_below(2), 2000 + random_below(6000));
        team.spoil = spoil_some;
        struct tb_buffer packed = read_together(&team);
        good += packed.data[0] == TB_OK && !outcome.alone;
        alone += outcome.alone;
        failed += packed.data[0] != TB_OK;
        tb_buffer_free(&packed);
        writer_free(&writer);
    }
    print_message("%zu read together, %zu alone, %zu failed\n", good, alone, failed);
    assert_true(good > 0 && alone > 0 && (failed > 0 || FEWER > 1));
}

static void what_is_compressed_is_refused(void **state)
{
    (void)state;
    static uint8_t gzip[] = {0x1f, 0x8b, 8, 0};
    request = (struct tb_capture_request){.filter = NULL};
    const struct file_writer writer = {.bytes = {.data = gzip, .size = sizeof gzip}};
    const struct team team = team_of(&writer, 2, 1, 1000);
    struct tb_buffer packed = read_together(&team);
    assert_int_equal(packed.data[0], TB_USAGE);
    tb_buffer_free(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_members_give_the_same),           cmocka_unit_test(teams_up_to_64_members_give_the_same),
        cmocka_unit_test(random_captures_give_the_same),       cmocka_unit_test(fragments_find_their_flows),
        cmocka_unit_test(damage_and_ends_are_the_same),        cmocka_unit_test(odd_captures_give_the_same),
        cmocka_unit_test(plain_packets_are_dealt_out),         cmocka_unit_test(filters_fail_the_same),
        cmocka_unit_test(too_many_threads_change_nothing),     cmocka_unit_test(members_that_fail_change_nothing),
        cmocka_unit_test(rows_that_do_not_come_are_a_failure), cmocka_unit_test(hostile_bytes_do_no_harm),
        cmocka_unit_test(what_is_compressed_is_refused),       cmocka_unit_test(packets_inside_packets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
