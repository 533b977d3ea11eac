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
#include <unistd.h>

#include <cmocka.h>

#include "fixtures/fewer_cases.h"
#include "fixtures/kept_list.h"
#include "fixtures/turn_writer.h"
#include "trace_model.h"
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
    struct tb_split cut;
    /* What happens to bytes on their way; may be NULL. */
    void (*spoil)(struct tb_buffer *bytes);
    size_t seen; /* how much of the file the followers can read */
};

/* What was joined and repeated in all cuts of one file. */
static struct tb_chunk_outcome tally;

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
    tally = (struct tb_chunk_outcome){0};
    return packed;
}

enum { WORKERS_MOST = 2 * MEMBERS_MOST, TRIES = 2 };

/* Who reads, its view of the workers of the others, and what is on its way from them. An answer is not there at once. */
struct reading {
    const struct team *team;
    struct tb_trace_worker *workers[WORKERS_MOST];
    struct tb_buffer replies[WORKERS_MOST];
    unsigned tries[WORKERS_MOST];
};

static enum tb_status send_request(void *context, unsigned worker, struct tb_buffer *call, struct tb_error *error)
{
    struct reading *const reading = context;
    struct tb_buffer sent = {0}, *const reply = &reading->replies[worker];
    (void)error;
    tb_buffer_put(&sent, call->data, call->size);
    if (reading->team->spoil != NULL)
        reading->team->spoil(&sent);
    reply->size = 0;
    tb_trace_work(reading->workers[worker], tb_bytes_packed(sent.data, sent.size), reply);
    tb_buffer_free(&sent);
    assert_false(reply->failed);
    if (reading->team->spoil != NULL)
        reading->team->spoil(reply);
    reading->tries[worker] = TRIES;
    return TB_OK;
}

static enum tb_status receive_reply(void *context, unsigned worker, struct tb_buffer *reply, bool *here,
                                    struct tb_error *error)
{
    struct reading *const reading = context;
    (void)error;
    *here = reading->tries[worker]-- == 0;
    if (*here)
        tb_buffer_put(reply, reading->replies[worker].data, reading->replies[worker].size);
    return TB_OK;
}

/* What the list comes to, unless bytes were spoiled: then there is nobody who could tell. */
static void check_list(const struct team *team, struct kept_list *list)
{
    struct tb_buffer counted = {0}, expected = {0};
    struct tb_source *const source = open_bytes(team->data, team->size);
    struct tb_trace *trace;
    if (team->spoil == NULL) {
        assert_int_equal(tb_trace_read(source, request, &trace, NULL), TB_OK);
        tb_trace_keep_cuts(trace);
        tb_trace_pack(trace, &expected);
        tb_trace_free(trace);
        kept_list_pack(list, request, &counted);
        assert_int_equal(counted.size, expected.size);
        assert_memory_equal(counted.data, expected.data, expected.size);
    }
    tb_source_close(source);
    kept_list_forget(list);
    tb_buffer_free(&counted);
    tb_buffer_free(&expected);
}

static struct tb_buffer read_together(const struct team *team)
{
    struct reading reading = {.team = team};
    const struct tb_trace_transport transport = {.workers = (unsigned)(team->members - 1) * team->threads,
                                                 .send = send_request,
                                                 .receive = receive_reply,
                                                 .context = &reading};
    struct tb_source *const source = open_bytes(team->data, team->size);
    struct tb_source *const other = open_bytes(team->data, team->seen == 0 ? team->size : team->seen);
    struct tb_split split = team->cut;
    struct tb_chunk_outcome outcome;
    struct tb_trace *trace;
    struct tb_buffer packed = {0};
    struct kept_list list = {.most = SIZE_MAX};
    const struct tb_call_sink sink = {.take = kept_list_take, .context = &list};
    struct tb_trace_request listed = *request;
    listed.calls = &sink;
    for (unsigned i = 0; i < transport.workers; i++)
        assert_int_equal(tb_trace_worker_start(other, &listed, &reading.workers[i], NULL), TB_OK);
    split.threads = team->threads;
    split.ahead = (team->threads + transport.workers) * 2;
    split.transport = &transport;
    assert_int_equal(tb_trace_read_split(source, &listed, &split, &outcome, &trace, NULL), TB_OK);
    assert_true(tb_account_balances(&trace->account));
    tb_trace_pack(trace, &packed);
    tb_trace_free(trace);
    check_list(team, &list);
    for (unsigned i = 0; i < transport.workers; i++)
        tb_trace_worker_free(reading.workers[i]);
    for (unsigned i = 0; i < transport.workers; i++)
        tb_buffer_free(&reading.replies[i]);
    tb_source_close(source);
    tb_source_close(other);
    tally.committed += outcome.committed;
    tally.repeated += outcome.repeated;
    tally.overdue += outcome.overdue;
    tally.decoded += outcome.decoded;
    return packed;
}

static void expect_same(const struct tb_buffer *whole, const struct team *team)
{
    struct tb_buffer packed = read_together(team);
    if (packed.size != whole->size || memcmp(packed.data, whole->data, packed.size) != 0)
        fail_msg("%zu members of %u threads, chunks %llu bytes ahead, %llu to warm up: another result", team->members,
                 team->threads, (unsigned long long)team->cut.gap, (unsigned long long)team->cut.warm_up);
    tb_buffer_free(&packed);
}

static struct team team_of(const struct scap_writer *writer, size_t members, uint32_t threads, uint64_t segment,
                           uint64_t warm_up)
{
    return (struct team){.data = writer->data,
                         .size = writer->size,
                         .members = members,
                         .threads = threads,
                         .cut = {.gap = segment, .chunk_most = segment * 3, .warm_up = warm_up}};
}

static void show_tally(const char *what)
{
    print_message("%s: %llu chunks committed, %llu repeated, %llu overdue, %llu decoded\n", what,
                  (unsigned long long)tally.committed, (unsigned long long)tally.repeated,
                  (unsigned long long)tally.overdue, (unsigned long long)tally.decoded);
}

static void every_chunk_size_gives_the_same(void **state)
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
        assert_true(tally.committed > 0);
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
    assert_true(tally.committed > 0);
    tb_buffer_free(&whole);
    scap_writer_free(&writer);
}

static void expect_same_at_random_cuts(const struct scap_writer *writer, size_t cuts, uint32_t warm_up)
{
    struct tb_buffer whole = read_whole(writer->data, writer->size);
    const uint64_t wanted = cuts / FEWER;
    while (tally.committed + tally.repeated + tally.overdue + tally.decoded < wanted) {
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
    assert_true(tally.committed > 0);
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

static void a_leader_alone_gives_the_same(void **state)
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
    struct tb_source *source = open_bytes(gzip, sizeof gzip);
    struct tb_trace_worker *worker;
    assert_int_equal(tb_trace_worker_start(source, request, &worker, NULL), TB_USAGE);
    tb_source_close(source);
}

static enum tb_status send_nowhere(void *context, unsigned worker, struct tb_buffer *call, struct tb_error *error)
{
    (void)context;
    (void)worker;
    (void)call;
    (void)error;
    return TB_OK;
}

static enum tb_status stop_at_once(void *context, unsigned worker, struct tb_buffer *reply, bool *here,
                                   struct tb_error *error)
{
    (void)context;
    (void)worker;
    (void)reply;
    *here = true;
    return tb_error_set(error, TB_STOPPED, "a signal");
}

static void whoever_is_asked_to_stop_stops_all(void **state)
{
    (void)state;
    random_state = 23;
    struct scap_writer writer = write_turns(2, false, 300);
    struct tb_source *const source = open_bytes(writer.data, writer.size);
    const struct tb_trace_transport transport = {.workers = 2, .send = send_nowhere, .receive = stop_at_once};
    const struct tb_split split = {.threads = 1, .ahead = 3, .gap = 1000, .chunk_most = 1000, .transport = &transport};
    struct tb_error error;
    struct tb_trace *trace;
    assert_int_equal(tb_trace_read_split(source, request, &split, NULL, &trace, &error), TB_STOPPED);
    assert_string_equal(error.text, "a signal");
    tb_source_close(source);
    scap_writer_free(&writer);
}

/* A trace like that of a benchmark, with as many births to a gap. What is missed in a gap costs one chunk. */
static void eight_workers_commit_nine_chunks_in_ten(void **state)
{
    (void)state;
    enum { EVENTS = 600000, GAP = 512 << 10 };
    char path[] = "generated-trace-XXXXXX";
    const int file = mkstemp(path);
    struct trace_model model = trace_model_default();
    struct trace_truth truth;
    model.events = EVENTS;
    assert_true(file >= 0);
    assert_true(trace_generate(&model, path, &truth));
    uint8_t *const data = malloc(truth.bytes);
    assert_non_null(data);
    assert_int_equal(read(file, data, truth.bytes), truth.bytes);
    close(file);
    unlink(path);
    request = requests + 1; /* the next one has no windows and intervals, which would cut chunks */
    struct tb_buffer whole = read_whole(data, truth.bytes);
    const struct team team = {
        .data = data, .size = truth.bytes, .members = 8, .threads = 1, .cut = {.gap = GAP, .chunk_most = 8 * GAP}};
    expect_same(&whole, &team);
    show_tally("eight workers");
    assert_true(tally.committed >= 30);
    assert_true(tally.committed >= 9 * tally.repeated);
    tb_buffer_free(&whole);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_chunk_size_gives_the_same),
        cmocka_unit_test(teams_up_to_64_members_give_the_same),
        cmocka_unit_test(random_traces_give_the_same),
        cmocka_unit_test(blocks_inside_data_do_not_mislead),
        cmocka_unit_test(sections_damage_and_giants_give_the_same),
        cmocka_unit_test(hostile_bytes_do_no_harm),
        cmocka_unit_test(a_leader_alone_gives_the_same),
        cmocka_unit_test(what_cannot_be_cut_is_refused),
        cmocka_unit_test(whoever_is_asked_to_stop_stops_all),
        cmocka_unit_test(eight_workers_commit_nine_chunks_in_ten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
