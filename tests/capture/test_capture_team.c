/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A capture that several processes decode together gives, bit for bit, what one gives. All processes of these teams are
 * this one; what would travel between them is packed and unpacked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture_model.h"
#include "fixtures/fewer_cases.h"
#include "fixtures/mixed_captures.h"
#include "twinbed/capture/capture_team.h"

enum { MEMBERS_MOST = 64 };

static struct tb_capture_request request;

/* One team over one file. */
struct team {
    const void *data;
    size_t size;
    size_t members;
    uint32_t threads;
    struct tb_capture_team_cut cut;
    /* What happens to bytes on their way; may be NULL. */
    void (*spoil)(struct tb_buffer *bytes);
    bool spoils_all;       /* packets, offers and results too, not replies alone */
    size_t seen;           /* how much of the file the others can read; 0: all of it */
    size_t absent;         /* members from the last on that cannot take part */
    size_t silent;         /* a member that says nothing from the third round on; 0: none */
    uint32_t more_threads; /* of members with odd numbers */
};

/* What came of all teams over one file. */
static struct tb_capture_team_outcome tally;

/* Bytes of packets that the latest team sent from one member to another. */
static size_t sent;

/* What the captures of one test held beside rows of flows, so that it is known that they held any. */
static struct {
    uint64_t sessions, sampled, late;
} seen;

static void keep(const struct tb_capture *capture, struct tb_buffer *packed)
{
    assert_true(tb_account_balances(&capture->account));
    tb_capture_pack(capture, packed);
    seen.sessions += capture->tests.count;
    seen.sampled += capture->sample.count;
    seen.late += capture->summary.late_packets;
}

static struct tb_source *open_bytes(const void *data, size_t size)
{
    struct tb_source *source;
    assert_int_equal(tb_source_open_memory(data, size, "written", &source, NULL), TB_OK);
    return source;
}

/* The status and, packed, the result, or the message of a failure. */
static struct tb_buffer read_whole(const void *data, size_t size)
{
    struct tb_source *source = open_bytes(data, size);
    struct tb_capture *capture;
    struct tb_error error = {0};
    struct tb_buffer packed = {0};
    const enum tb_status status = tb_capture_read(source, &request, &capture, &error);
    tb_buffer_put_u8(&packed, (uint8_t)status);
    if (status == TB_OK) {
        keep(capture, &packed);
        tb_capture_free(capture);
    } else {
        tb_buffer_put_text(&packed, error.text);
    }
    tb_source_close(source);
    tally = (struct tb_capture_team_outcome){0};
    return packed;
}

/* A team at work. */
struct work {
    const struct team *team;
    struct tb_source *sources[MEMBERS_MOST];
    struct tb_capture_member *members[MEMBERS_MOST]; /* NULL: absent */
    struct tb_capture_lead *lead;
    struct tb_buffer offer, replies[MEMBERS_MOST];
    size_t rounds;
};

static void spoil(const struct work *work, struct tb_buffer *bytes, bool reply)
{
    if (work->team->spoil != NULL && (reply || work->team->spoils_all))
        work->team->spoil(bytes);
}

/* Gives one member what all have for it. */
static void bring_packets(struct work *work, size_t to)
{
    struct tb_buffer packets = {0};
    uint64_t begins[MEMBERS_MOST + 1] = {0};
    for (size_t from = 0; from < work->team->members; from++) {
        struct tb_buffer part = {0};
        if (work->members[from] != NULL)
            tb_capture_member_send(work->members[from], to, &part);
        sent += part.size;
        spoil(work, &part, false);
        tb_buffer_put(&packets, part.data, part.size);
        begins[from + 1] = packets.size;
        tb_buffer_free(&part);
    }
    assert_false(packets.failed);
    if (work->members[to] != NULL)
        tb_capture_member_take(work->members[to], &packets, begins);
    tb_buffer_free(&packets);
}

static void collect_replies(struct work *work, struct tb_bytes *views)
{
    for (size_t i = 0; i < work->team->members; i++) {
        work->replies[i].size = 0;
        if (i > 0 && work->members[i] != NULL)
            tb_capture_member_reply(work->members[i], &work->replies[i]);
        assert_false(work->replies[i].failed);
        spoil(work, &work->replies[i], true);
        if (i != 0 && i == work->team->silent && work->rounds > 2)
            work->replies[i].size = 0;
        views[i] = tb_bytes_packed(work->replies[i].data, work->replies[i].size);
    }
}

static enum tb_status run_round(struct work *work, struct tb_error *error)
{
    struct tb_bytes views[MEMBERS_MOST];
    work->offer.size = 0;
    work->rounds++;
    assert_int_equal(tb_capture_lead_offer(work->lead, &work->offer, NULL), TB_OK);
    const struct tb_bytes own = tb_bytes_packed(work->offer.data, work->offer.size);
    const enum tb_status status = tb_capture_lead_work(work->lead, own, error);
    if (status != TB_OK)
        return status;
    spoil(work, &work->offer, false);
    for (size_t i = 1; i < work->team->members; i++)
        if (work->members[i] != NULL)
            tb_capture_member_work(work->members[i], tb_bytes_packed(work->offer.data, work->offer.size));
    for (size_t i = 0; i < work->team->members; i++)
        bring_packets(work, i);
    collect_replies(work, views);
    return tb_capture_lead_settle(work->lead, views, error);
}

static void collect_rows(struct work *work, size_t member)
{
    bool more = true;
    while (more) {
        struct tb_buffer rows = {0};
        tb_capture_member_rows(work->members[member], &rows);
        spoil(work, &rows, false);
        assert_int_equal(
            tb_capture_lead_add_rows(work->lead, member, tb_bytes_packed(rows.data, rows.size), &more, NULL), TB_OK);
        tb_buffer_free(&rows);
    }
}

static void collect_results(struct work *work)
{
    for (size_t i = 1; i < work->team->members; i++) {
        struct tb_buffer result = {0};
        if (work->members[i] == NULL)
            continue;
        tb_capture_member_result(work->members[i], &result);
        spoil(work, &result, false);
        if (tb_capture_lead_add(work->lead, i, tb_bytes_packed(result.data, result.size)))
            collect_rows(work, i);
        tb_buffer_free(&result);
    }
}

static enum tb_status start(struct work *work, struct tb_error *error)
{
    const struct team *const team = work->team;
    uint32_t threads[MEMBERS_MOST];
    for (size_t i = 0; i < team->members; i++) {
        threads[i] = i > 0 && i >= team->members - team->absent ? 0 : team->threads + i % 2 * team->more_threads;
        work->sources[i] = open_bytes(team->data, i == 0 || team->seen == 0 ? team->size : team->seen);
        /* As one that cannot read its file at all. */
        if (i > 0 && threads[i] != 0 &&
            tb_capture_member_start(work->sources[i], &request, i, threads[i], &work->members[i], NULL) != TB_OK)
            threads[i] = 0;
    }
    const enum tb_status status =
        tb_capture_lead_start(work->sources[0], &request, threads, team->members, &team->cut, &work->lead, error);
    if (status == TB_OK)
        work->members[0] = tb_capture_lead_member(work->lead);
    return status;
}

static void finish(struct work *work)
{
    tb_capture_lead_free(work->lead);
    for (size_t i = 0; i < work->team->members; i++) {
        if (i > 0)
            tb_capture_member_free(work->members[i]);
        tb_buffer_free(&work->replies[i]);
        tb_source_close(work->sources[i]);
    }
    tb_buffer_free(&work->offer);
}

static struct tb_buffer read_together(const struct team *team)
{
    struct work work = {.team = team};
    struct tb_capture *capture = NULL;
    struct tb_capture_team_outcome outcome = {0};
    struct tb_buffer packed = {0};
    struct tb_error error = {0};
    sent = 0;
    enum tb_status status = start(&work, &error);
    while (status == TB_OK && tb_capture_lead_goes_on(work.lead))
        status = run_round(&work, &error);
    if (status == TB_OK) {
        collect_results(&work);
        status = tb_capture_lead_finish(work.lead, &capture, &outcome, &error);
    }
    tb_buffer_put_u8(&packed, (uint8_t)status);
    if (status == TB_OK)
        keep(capture, &packed);
    else
        tb_buffer_put_text(&packed, error.text);
    tb_capture_free(capture);
    finish(&work);
    tally.rounds += outcome.rounds;
    tally.joined += outcome.joined;
    tally.repeated += outcome.repeated;
    tally.alone = tally.alone || outcome.alone;
    return packed;
}

static void expect_same(const struct tb_buffer *whole, const struct team *team)
{
    struct tb_buffer packed = read_together(team);
    if (packed.size != whole->size || memcmp(packed.data, whole->data, packed.size) != 0)
        fail_msg("%zu members of %u threads, %u segments of %llu to %llu bytes for each: another result", team->members,
                 team->threads, team->cut.segments, (unsigned long long)team->cut.segment_least,
                 (unsigned long long)team->cut.segment_most);
    tb_buffer_free(&packed);
}

static struct team team_of(const struct file_writer *writer, size_t members, uint32_t threads, uint64_t segment)
{
    return (struct team){.data = writer->bytes.data,
                         .size = writer->bytes.size,
                         .members = members,
                         .threads = threads,
                         .cut = {.segment_least = segment, .segment_most = segment * 3, .segments = 1 + segment % 4}};
}

static void show_tally(const char *what)
{
    print_message("%s: %llu rounds, %llu segments joined, %llu not%s\n", what, (unsigned long long)tally.rounds,
                  (unsigned long long)tally.joined, (unsigned long long)tally.repeated,
                  tally.alone ? "; the lead was alone" : "");
}

static void expect_same_at_random_cuts(const struct file_writer *writer, size_t cuts)
{
    struct tb_buffer whole = read_whole(writer->bytes.data, writer->bytes.size);
    const uint64_t wanted = cuts / FEWER;
    for (uint64_t tries = 0; tally.joined + tally.repeated < wanted && tries < wanted; tries++) {
        const uint64_t segment = 1 + random_below((uint32_t)(writer->bytes.size / (1 + random_below(40))) + 1);
        struct team team = team_of(writer, 2 + random_below(6), 1 + random_below(2), segment);
        team.more_threads = random_below(3);
        team.absent = random_below(4) == 0;
        expect_same(&whole, &team);
        assert_false(tally.alone);
    }
    tb_buffer_free(&whole);
}

/* --- the tests --- */

static void every_segment_size_gives_the_same(void **state)
{
    (void)state;
    static const size_t members[] = {1, 2, 3, 7};
    for (enum style style = 0; style < STYLES; style++) {
        random_state = style + 1u;
        request = (struct tb_capture_request){.rules = style % 2 == 0 ? TB_FLOW_RULES_TWINBED : TB_FLOW_RULES_TCPTRACE,
                                              .rows = style % 3 == 0 ? TB_FLOW_ROWS_NONE : TB_FLOW_ROWS_ALL,
                                              .sample = style % 2 == 1};
        struct file_writer writer = write_file(style, 250);
        struct tb_buffer whole = read_whole(writer.bytes.data, writer.bytes.size);
        for (size_t segment = 5; segment < writer.bytes.size + 200; segment += segment / (FEWER == 1 ? 20 : 4) + 4) {
            const struct team team = team_of(&writer, members[segment / 4 % 4], 1 + segment / 4 % 2, segment);
            expect_same(&whole, &team);
        }
        show_tally("a style");
        assert_true(tally.joined > 0 && !tally.alone);
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
    for (size_t members = 1; members <= MEMBERS_MOST; members += members < 8 ? 1 : 7) {
        struct team team = team_of(&writer, members, 1 + members % 2, writer.bytes.size / (6 * members));
        team.more_threads = members % 3;
        expect_same(&whole, &team);
    }
    show_tally("1 to 64 members");
    assert_true(tally.joined > 0 && !tally.alone);
    tb_buffer_free(&whole);
    writer_free(&writer);
}

static void random_captures_give_the_same(void **state)
{
    (void)state;
    static const char *const filters[] = {NULL, "tcp port 80", "udp or arp", "host 10.0.0.3"};
    memset(&seen, 0, sizeof seen);
    for (uint32_t seed = 0; seed < 48; seed++) {
        random_state = 77 + seed;
        /* A short linger, so that flows leave memory and packets come late. */
        request = (struct tb_capture_request){.filter = filters[seed % 4],
                                              .rules = seed % 5 == 4 ? TB_FLOW_RULES_TCPTRACE : TB_FLOW_RULES_TWINBED,
                                              .rows = seed % 3 == 0 ? TB_FLOW_ROWS_NONE : TB_FLOW_ROWS_ALL,
                                              .linger = seed % 2 == 0 ? 20000000 : 0,
                                              .sample = seed % 3 == 1};
        struct file_writer writer = write_file(seed % STYLES, 40 + random_below(900));
        expect_same_at_random_cuts(&writer, 400);
        writer_free(&writer);
    }
    assert_true(seen.sessions > 0 && seen.sampled > 0 && seen.late > 0);
}

static void fragments_find_their_flows(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 20; seed++) {
        struct file_writer writer = write_fragments(seed);
        request = (struct tb_capture_request){.linger = seed % 2 == 0 ? 0 : 5000};
        expect_same_at_random_cuts(&writer, 400);
        assert_true(tally.joined > 0);
        writer_free(&writer);
    }
    show_tally("fragments");
}

static void add_tally(uint64_t *joined, uint64_t *repeated)
{
    *joined += tally.joined;
    *repeated += tally.repeated;
}

static void captures_that_mislead_give_the_same(void **state)
{
    (void)state;
    uint64_t joined = 0, repeated = 0;
    request = (struct tb_capture_request){.filter = NULL};
    for (enum style style = 0; style < STYLES; style++) {
        struct file_writer inside = write_captures_inside_packets(style);
        expect_same_at_random_cuts(&inside, 4000);
        show_tally("captures inside packets");
        add_tally(&joined, &repeated);
        writer_free(&inside);
        struct file_writer imitated = write_imitated_headers(style);
        expect_same_at_random_cuts(&imitated, 4000);
        show_tally("imitated headers");
        add_tally(&joined, &repeated);
        writer_free(&imitated);
        struct file_writer giant = write_giant_record(style);
        expect_same_at_random_cuts(&giant, 1000);
        writer_free(&giant);
    }
    assert_true(joined > 0 && repeated > 0);
}

static void damage_and_ends_are_the_same(void **state)
{
    (void)state;
    request = (struct tb_capture_request){.filter = NULL};
    for (enum style style = 0; style < STYLES; style++) {
        random_state = 7 + style;
        struct file_writer writer = write_file(style, 300);
        const size_t size = writer.bytes.size;
        for (size_t cut = 0; cut < 90; cut += FEWER) {
            writer.bytes.size = cut < 60 ? size - cut : (cut - 60) * 2;
            expect_same_at_random_cuts(&writer, 20);
        }
        for (int i = 0; i < 60 / FEWER; i++) {
            writer.bytes.data[random_below((uint32_t)size)] ^= (uint8_t)(1 + random_below(255));
            writer.bytes.size = size - random_below(40);
            expect_same_at_random_cuts(&writer, 100);
        }
        writer_free(&writer);
    }
}

static void sections_and_packets_without_time(void **state)
{
    (void)state;
    request = (struct tb_capture_request){.filter = NULL};
    struct file_writer writer = write_sections();
    expect_same_at_random_cuts(&writer, 3000);
    show_tally("sections");
    assert_true(tally.joined > 0 && tally.repeated > 0);
    writer_free(&writer);
}

static void packets_that_are_not_read(void **state)
{
    (void)state;
    request = (struct tb_capture_request){.filter = NULL};
    for (enum style style = 0; style < STYLES; style++) {
        struct file_writer writer = write_unread(style);
        expect_same_at_random_cuts(&writer, 1000);
        show_tally("not read");
        assert_true(tally.joined > 0);
        writer_free(&writer);
    }
}

static void filters_fail_the_same(void **state)
{
    (void)state;
    random_state = 13;
    struct file_writer writer = write_file(STYLE_PCAP, 200);
    request = (struct tb_capture_request){.filter = "tcp and and"};
    expect_same_at_random_cuts(&writer, 100);
    writer.bytes.data[20] = 127; /* a kind of link that is not decoded */
    expect_same_at_random_cuts(&writer, 100);
    request.filter = "inbound";
    expect_same_at_random_cuts(&writer, 100);
    writer_free(&writer);
}

/* All packets of one flow, so that one member has all to add and the others get more to parse. */
static void one_flow_gives_the_same(void **state)
{
    (void)state;
    struct capture_model model = capture_model_default();
    struct capture_truth truth;
    char path[] = "/tmp/twinbed-team-XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    request = (struct tb_capture_request){.rows = TB_FLOW_ROWS_ALL};
    for (unsigned flows = 1; flows <= 2000; flows += 1999) {
        model.flows = flows;
        model.segments = flows == 1 ? 8000 : 4;
        assert_true(capture_generate(&model, path, &truth));
        FILE *const stored = fopen(path, "rb");
        struct file_writer writer = {.swap = false};
        uint8_t block[1 << 16];
        for (size_t got; (got = fread(block, 1, sizeof block, stored)) != 0;)
            tb_buffer_put(&writer.bytes, block, got);
        fclose(stored);
        struct tb_buffer whole = read_whole(writer.bytes.data, writer.bytes.size);
        for (size_t members = 1; members < 8; members++) {
            const struct team team = team_of(&writer, members, 1, 4001);
            expect_same(&whole, &team);
            /* Half of the packets would go from one member to the other if both parsed as much. */
            if (flows == 1 && members == 2)
                assert_true(sent / 64 * 3 > truth.packets * 2);
        }
        /* Nothing in it misleads but the end, where segments end behind it. */
        show_tally("generated");
        assert_true(tally.repeated <= 7 * 7 * 2 * 4 && tally.joined > 100);
        tb_buffer_free(&whole);
        writer_free(&writer);
    }
    unlink(path);
}

/* Whatever becomes of the others, the lead comes to the same. */
/* More threads than shards can have numbers: some do not take part. */
static void too_many_threads_change_nothing(void **state)
{
    (void)state;
    random_state = 24;
    request = (struct tb_capture_request){.filter = NULL};
    struct file_writer writer = write_file(STYLE_PCAP, 60);
    struct tb_buffer whole = read_whole(writer.bytes.data, writer.bytes.size);
    struct team team = team_of(&writer, 3, 1, 4001);
    team.more_threads = 70000;
    expect_same(&whole, &team);
    assert_false(tally.alone);
    tb_buffer_free(&whole);
    writer_free(&writer);
}

static void members_that_fail_change_nothing(void **state)
{
    (void)state;
    random_state = 22;
    request = (struct tb_capture_request){.sample = true};
    struct file_writer writer = write_file(STYLE_PCAPNG, 600);
    struct tb_buffer whole = read_whole(writer.bytes.data, writer.bytes.size);
    struct team team = team_of(&writer, 5, 2, 3001);
    for (team.seen = 1; team.seen < writer.bytes.size; team.seen += 1997)
        expect_same(&whole, &team);
    team.seen = 0;
    for (team.absent = 0; team.absent < 5; team.absent++)
        expect_same(&whole, &team);
    assert_false(tally.alone);
    team.absent = 0;
    for (team.silent = 1; team.silent < 5; team.silent++)
        expect_same(&whole, &team);
    tb_buffer_free(&whole);
    writer_free(&writer);
}

static void lose_all(struct tb_buffer *bytes)
{
    bytes->size = 0;
}

static void messages_that_are_lost_change_nothing(void **state)
{
    (void)state;
    random_state = 23;
    request = (struct tb_capture_request){.sample = true};
    struct file_writer writer = write_file(STYLE_PCAP, 600);
    struct tb_buffer whole = read_whole(writer.bytes.data, writer.bytes.size);
    struct team team = team_of(&writer, 4, 1, 3001);
    team.spoil = lose_all;
    expect_same(&whole, &team);
    assert_false(tally.alone);
    team.spoils_all = true;
    expect_same(&whole, &team);
    assert_true(tally.alone);
    tb_buffer_free(&whole);
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
    random_state = 21;
    for (int i = 0; i < 1000 / FEWER; i++) {
        request = (struct tb_capture_request){.sample = i % 2 == 0,
                                              .rows = i % 3 == 0 ? TB_FLOW_ROWS_NONE : TB_FLOW_ROWS_ALL};
        struct file_writer writer = i % 4 == 0 ? write_fragments((uint32_t)i) : write_file(i % STYLES, 300);
        random_state = 1000 + (uint32_t)i;
        struct team team = team_of(&writer, 2 + random_below(3), 1 + random_below(2), 2000 + random_below(6000));
        team.spoil = spoil_some;
        team.spoils_all = true;
        struct work work = {.team = &team};
        struct tb_capture *capture = NULL;
        struct tb_capture_team_outcome outcome = {0};
        enum tb_status status = start(&work, NULL);
        while (status == TB_OK && tb_capture_lead_goes_on(work.lead))
            status = run_round(&work, NULL);
        if (status == TB_OK) {
            collect_results(&work);
            status = tb_capture_lead_finish(work.lead, &capture, &outcome, NULL);
        }
        tally.joined += outcome.joined;
        tally.repeated += outcome.repeated;
        tb_capture_free(capture);
        finish(&work);
        writer_free(&writer);
    }
    show_tally("spoilt bytes");
}

static void what_cannot_be_cut_is_refused(void **state)
{
    (void)state;
    static const uint8_t gzip[] = {0x1f, 0x8b, 8, 0};
    static const uint32_t threads[] = {1};
    struct tb_source *source = open_bytes(gzip, sizeof gzip);
    struct tb_capture_lead *lead;
    const struct tb_capture_team_cut cut = {0};
    assert_int_equal(tb_capture_lead_start(source, &request, threads, 1, &cut, &lead, NULL), TB_USAGE);
    tb_source_close(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_segment_size_gives_the_same),
        cmocka_unit_test(teams_up_to_64_members_give_the_same),
        cmocka_unit_test(random_captures_give_the_same),
        cmocka_unit_test(fragments_find_their_flows),
        cmocka_unit_test(captures_that_mislead_give_the_same),
        cmocka_unit_test(damage_and_ends_are_the_same),
        cmocka_unit_test(sections_and_packets_without_time),
        cmocka_unit_test(packets_that_are_not_read),
        cmocka_unit_test(filters_fail_the_same),
        cmocka_unit_test(one_flow_gives_the_same),
        cmocka_unit_test(too_many_threads_change_nothing),
        cmocka_unit_test(members_that_fail_change_nothing),
        cmocka_unit_test(messages_that_are_lost_change_nothing),
        cmocka_unit_test(hostile_bytes_do_no_harm),
        cmocka_unit_test(what_cannot_be_cut_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
