/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/trace/trace_team.h"

#include <stdlib.h>
#include <string.h>

#include "trace_round.h"
#include "twinbed/io/source.h"

/* What is known of a place in the file does not travel beyond this size: the lead then goes on alone. */
enum {
    OFFER_MOST = 64 << 20,
    FORESEEN_MOST = 4 << 20,
    ROUNDS_LEAST = 4,
    SEGMENT_LEAST = 2 << 20,
    FIRST_SEGMENT = 4 << 20
};

struct tb_trace_lead {
    struct decoder decoder;
    const struct tb_trace_request *request; /* borrowed */
    struct tb_trace_request without_windows;
    struct crew crew;     /* of the lead's own threads but one */
    struct decoder guess; /* what the crew begins with */
    uint32_t *threads;    /* owned; of each member */
    size_t members;
    struct trace_round round;
    uint64_t size;    /* of the file when it was opened */
    uint64_t segment; /* of a round in the middle of the file */
    uint64_t segment_least;
    uint64_t segment_most;
    struct tb_buffer foreseen; /* what is noted of what lies behind where the next round begins */
    bool missed;               /* the round before did not join as a whole */
    struct tb_split_outcome outcome;
};

static uint32_t workers_of(const uint32_t *threads, size_t members)
{
    uint32_t workers = 0;
    for (size_t i = 0; i < members; i++)
        workers += threads[i];
    return workers;
}

static uint64_t at_most(uint64_t value, uint64_t most)
{
    return value < most ? value : most;
}

static uint64_t at_least(uint64_t value, uint64_t least)
{
    return value > least ? value : least;
}

/* Several rounds at the least, so that what is learnt in one is of use. */
static void set_cut(struct tb_trace_lead *lead, const struct tb_team_cut *cut)
{
    struct trace_round *const round = &lead->round;
    const uint64_t share = lead->size / ((uint64_t)round->workers * ROUNDS_LEAST) + 1;
    lead->segment_least = cut->segment_least != 0 ? cut->segment_least : SEGMENT_LEAST;
    lead->segment_most = cut->segment_most != 0 ? cut->segment_most : at_most(share, TB_TEAM_SEGMENT_MOST);
    lead->segment_most = at_least(lead->segment_most, lead->segment_least);
    round->warm_up = cut->warm_up != 0 ? cut->warm_up : TB_SPLIT_WARM_UP;
    lead->segment = at_most(at_least(FIRST_SEGMENT, lead->segment_least), lead->segment_most);
}

static enum tb_status start_lead(struct tb_trace_lead *lead, struct tb_source *source, const uint32_t *threads,
                                 size_t members, const struct tb_team_cut *cut, struct tb_error *error)
{
    lead->threads = malloc((members + 1) * sizeof *lead->threads);
    if (lead->threads == NULL)
        return tb_error_memory(error, "a team");
    memcpy(lead->threads, threads, members * sizeof *threads);
    lead->members = members;
    lead->round.workers = workers_of(threads, members);
    lead->size = tb_source_size(source);
    set_cut(lead, cut);
    const enum tb_status status = tb_decoder_start(&lead->decoder, source, lead->request, error);
    return status == TB_OK ? tb_crew_start(&lead->crew, source, threads[0] - 1, error) : status;
}

enum tb_status tb_trace_lead_start(struct tb_source *source, const struct tb_trace_request *request,
                                   const uint32_t *threads, size_t member_count, const struct tb_team_cut *cut,
                                   struct tb_trace_lead **lead, struct tb_error *error)
{
    enum tb_status status = tb_decoder_check_request(source, request, error);
    if (status != TB_OK)
        return status;
    if (tb_source_compression(source) != TB_COMPRESSION_NONE || member_count < 1 || threads[0] < 1)
        return tb_error_set(error, TB_USAGE, "%s: only a plain trace can be cut, and a lead has a thread",
                            tb_source_name(source));
    struct tb_trace_lead *const made = calloc(1, sizeof *made);
    if (made == NULL)
        return tb_error_memory(error, "a trace");
    made->request = request;
    made->without_windows = tb_request_without_cuts(request);
    status = start_lead(made, source, threads, member_count, cut, error);
    if (status != TB_OK) {
        tb_trace_lead_free(made);
        return status;
    }
    *lead = made;
    return TB_OK;
}

void tb_trace_lead_free(struct tb_trace_lead *lead)
{
    if (lead == NULL)
        return;
    tb_crew_finish(&lead->crew);
    tb_decoder_finish(&lead->guess);
    tb_decoder_finish(&lead->decoder);
    tb_buffer_free(&lead->foreseen);
    free(lead->threads);
    free(lead);
}

bool tb_trace_lead_goes_on(const struct tb_trace_lead *lead)
{
    return lead->decoder.walker.reader.offset < lead->size && lead->decoder.walker.reader.stream_status == TB_OK;
}

static void pack_foreseen(const struct tb_buffer *foreseen, struct tb_buffer *buffer)
{
    tb_buffer_put_u64(buffer, foreseen->size);
    tb_buffer_put(buffer, foreseen->data, foreseen->size);
}

static void pack_round(const struct tb_trace_lead *lead, struct tb_buffer *buffer)
{
    tb_buffer_put_u64(buffer, lead->round.begin);
    tb_buffer_put_u64(buffer, lead->round.segment);
    tb_buffer_put_u64(buffer, lead->round.warm_up);
    tb_buffer_put_u64(buffer, lead->members);
    for (size_t i = 0; i < lead->members; i++)
        tb_buffer_put_u32(buffer, lead->threads[i]);
}

/* The lists at the beginning of a section must be read before anything can be known of it. */
static enum tb_status reach_events(struct tb_trace_lead *lead, struct tb_error *error)
{
    struct decoder *const decoder = &lead->decoder;
    enum tb_status status = TB_OK;
    while (status == TB_OK && !decoder->events_seen && tb_trace_lead_goes_on(lead))
        status = tb_decoder_take_blocks(decoder, decoder->walker.reader.offset + lead->round.warm_up, error);
    return status;
}

/* The last round takes no more than there is, in equal segments. */
static void place_round(struct tb_trace_lead *lead)
{
    struct trace_round *const round = &lead->round;
    round->begin = lead->decoder.walker.reader.offset;
    const uint64_t left = lead->size > round->begin ? lead->size - round->begin : 0;
    const uint64_t share = (left > round->warm_up ? left - round->warm_up : 0) / round->workers + 1;
    round->segment = at_most(lead->segment, at_least(share, lead->segment_least));
}

enum tb_status tb_trace_lead_offer(struct tb_trace_lead *lead, struct tb_buffer *offer, struct tb_error *error)
{
    struct tb_buffer state = {0};
    const enum tb_status status = reach_events(lead, error);
    if (status != TB_OK)
        return status;
    place_round(lead);
    pack_round(lead, offer);
    const bool packed = lead->decoder.events_seen && tb_decoder_pack_state(&lead->decoder, &state) && !state.failed &&
                        state.size <= OFFER_MOST;
    tb_buffer_put_u8(offer, packed);
    if (packed) {
        tb_buffer_put(offer, state.data, state.size);
        pack_foreseen(&lead->foreseen, offer);
    }
    tb_buffer_free(&state);
    return tb_buffer_check(offer, "what a team must know", error);
}

/* The lead's own crew begins with what the followers are told, too. */
static void begin_own(struct tb_trace_lead *lead)
{
    struct tb_buffer state = {0};
    tb_decoder_finish(&lead->guess);
    lead->guess = (struct decoder){0};
    if (lead->crew.room > 0 && lead->decoder.events_seen && tb_decoder_pack_state(&lead->decoder, &state) &&
        !state.failed) {
        struct tb_bytes bytes = tb_bytes_packed(state.data, state.size);
        if (tb_decoder_unpack_state(&lead->guess, lead->decoder.walker.reader.source, &lead->without_windows, &bytes))
            tb_crew_begin(&lead->crew, &lead->round, 1, lead->crew.room, &lead->guess, &lead->foreseen);
    }
    tb_buffer_free(&state);
}

enum tb_status tb_trace_lead_work(struct tb_trace_lead *lead, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    const uint64_t end = round_end_of(&lead->round, 0);
    begin_own(lead);
    tb_reader_expect_end(&lead->decoder.walker.reader, end);
    const int count = (int)lead->crew.count + 1;
#pragma omp parallel for schedule(static, 1) num_threads(count)
    for (int i = 0; i < count; i++) {
        if (i == 0)
            status = tb_decoder_take_blocks(&lead->decoder, end, error);
        else
            tb_crew_work(&lead->crew, &lead->round, (size_t)i - 1);
    }
    return status;
}

/* How the joining of a round goes. */
struct joining {
    struct tb_trace_lead *lead;
    struct tb_buffer foreseen; /* owned; noted from what did not join */
    bool stopped;              /* something did not hold: the rest is for another round */
    uint32_t joined;
    enum tb_status status;
    struct tb_error *error;
};

static void note_foreseen(struct joining *joining, const struct tb_buffer *noted)
{
    if (joining->foreseen.size + noted->size <= FORESEEN_MOST)
        tb_buffer_put(&joining->foreseen, noted->data, noted->size);
}

/* What worker came to, if it came to anything. Where a window cuts it, the decoder counts position by position. */
static void join_one(struct joining *joining, struct speculation *speculation, uint32_t worker)
{
    struct tb_trace_lead *const lead = joining->lead;
    struct decoder *const decoder = &lead->decoder;
    const uint64_t end = round_end_of(&lead->round, worker);
    const bool agrees = !joining->stopped && tb_speculation_agrees(speculation, decoder);
    const bool holds = agrees && tb_speculation_holds(speculation, decoder);
    lead->outcome.joined += holds;
    lead->outcome.repeated += !holds;
    if (!agrees) {
        joining->stopped = true;
        note_foreseen(joining, &speculation->noted);
        return;
    }
    joining->joined++;
    if (holds)
        joining->status = tb_speculation_commit(speculation, decoder, joining->error);
    tb_reader_expect_end(&decoder->walker.reader, end);
    if (joining->status == TB_OK)
        joining->status = tb_decoder_take_blocks(decoder, end, joining->error);
}

static void join_packed(struct joining *joining, struct tb_bytes *reply, uint32_t worker)
{
    struct speculation *const speculation = calloc(1, sizeof *speculation);
    uint8_t complete = 0;
    uint64_t noted = 0;
    const uint8_t *notes = NULL;
    if (speculation == NULL) {
        joining->stopped = true;
        return;
    }
    if (tb_bytes_take_u8(reply, &complete) && tb_bytes_take_u64(reply, &noted) &&
        tb_bytes_take(reply, (size_t)noted, &notes)) {
        tb_buffer_put(&speculation->noted, notes, (size_t)noted);
        if (complete != 0 && !tb_speculation_unpack(speculation, &joining->lead->without_windows, reply))
            reply->left = 0;
    }
    join_one(joining, speculation, worker);
    tb_speculation_free(speculation);
    free(speculation);
}

static void join_member(struct joining *joining, struct tb_bytes *reply, uint32_t first, uint32_t threads)
{
    for (uint32_t i = 0; joining->status == TB_OK && i < threads; i++)
        join_packed(joining, reply, first + i);
}

/* Long segments where threads are seldom born, short ones where they often are. */
static void choose_segment(struct tb_trace_lead *lead, uint32_t joined)
{
    const uint32_t workers = lead->round.workers;
    const bool whole = joined + 1 == workers;
    if (whole)
        lead->segment = at_most(lead->segment * 2, lead->segment_most);
    else if (lead->missed && joined < workers / 2)
        lead->segment = at_least(lead->segment / 2, lead->segment_least);
    lead->missed = !whole;
}

enum tb_status tb_trace_lead_join(struct tb_trace_lead *lead, struct tb_bytes *replies, struct tb_error *error)
{
    struct joining joining = {.lead = lead, .status = TB_OK, .error = error};
    uint32_t worker = 1;
    lead->outcome.rounds++;
    for (size_t i = 0; joining.status == TB_OK && i < lead->crew.room; i++)
        join_one(&joining, &lead->crew.speculations[i], worker++);
    for (size_t member = 1; joining.status == TB_OK && member < lead->members; member++) {
        join_member(&joining, &replies[member], worker, lead->threads[member]);
        worker += lead->threads[member];
    }
    tb_crew_end(&lead->crew);
    tb_buffer_free(&lead->foreseen);
    lead->foreseen = joining.foreseen;
    choose_segment(lead, joining.joined);
    return joining.status;
}

enum tb_status tb_trace_lead_finish(struct tb_trace_lead *lead, struct tb_trace **trace,
                                    struct tb_split_outcome *outcome, struct tb_error *error)
{
    tb_reader_expect_end(&lead->decoder.walker.reader, 0);
    if (outcome != NULL)
        *outcome = lead->outcome;
    return tb_decoder_take_rest(&lead->decoder, trace, error);
}

struct tb_trace_follower {
    struct tb_trace_request request; /* without windows */
    struct tb_source *source;        /* borrowed */
    struct crew crew;
    size_t member;
    uint32_t threads;
};

void tb_trace_follower_free(struct tb_trace_follower *follower)
{
    if (follower == NULL)
        return;
    tb_crew_finish(&follower->crew);
    free(follower);
}

enum tb_status tb_trace_follower_start(struct tb_source *source, const struct tb_trace_request *request, size_t member,
                                       uint32_t threads, struct tb_trace_follower **follower, struct tb_error *error)
{
    enum tb_status status = tb_decoder_check_request(source, request, error);
    if (status != TB_OK)
        return status;
    struct tb_trace_follower *const made = calloc(1, sizeof *made);
    if (made == NULL)
        return tb_error_memory(error, "a trace");
    made->request = tb_request_without_cuts(request);
    made->member = member;
    made->threads = threads;
    made->source = source;
    status = tb_crew_start(&made->crew, source, threads, error);
    if (status != TB_OK) {
        tb_trace_follower_free(made);
        return status;
    }
    *follower = made;
    return TB_OK;
}

/* A round as a follower learns of it. */
struct task {
    struct trace_round round;
    uint32_t first;   /* worker of this member */
    uint32_t threads; /* so many workers */
    bool known;       /* what is known there follows */
};

static bool take_members(struct task *task, size_t member, struct tb_bytes *offer)
{
    enum { WORKERS_MOST = 1 << 20 };
    uint64_t members;
    uint32_t threads;
    if (!tb_bytes_take_u64(offer, &members) || members > offer->left / sizeof threads || member >= members)
        return false;
    for (size_t i = 0; i < members; i++) {
        if (!tb_bytes_take_u32(offer, &threads) || threads > WORKERS_MOST || task->round.workers > WORKERS_MOST)
            return false;
        if (i == member) {
            task->first = task->round.workers;
            task->threads = threads;
        }
        task->round.workers += threads;
    }
    return task->first > 0;
}

static bool take_task(struct task *task, size_t member, struct tb_bytes *offer)
{
    struct trace_round *const round = &task->round;
    uint8_t known;
    *task = (struct task){.known = false};
    if (!tb_bytes_take_u64(offer, &round->begin) || !tb_bytes_take_u64(offer, &round->segment) ||
        !tb_bytes_take_u64(offer, &round->warm_up) || !take_members(task, member, offer) ||
        !tb_bytes_take_u8(offer, &known))
        return false;
    task->known = known != 0;
    return round->begin <= INT64_MAX && round->segment <= INT64_MAX >> 24 && round->warm_up <= INT64_MAX >> 24;
}

static bool begin_task(struct tb_trace_follower *follower, const struct task *task, struct decoder *state,
                       struct tb_bytes *offer)
{
    uint64_t noted;
    struct tb_buffer foreseen = {0};
    const uint8_t *blocks;
    if (!task->known || task->threads != follower->threads ||
        !tb_decoder_unpack_state(state, follower->source, &follower->request, offer) ||
        !tb_bytes_take_u64(offer, &noted) || !tb_bytes_take(offer, (size_t)noted, &blocks))
        return false;
    tb_buffer_put(&foreseen, blocks, (size_t)noted);
    tb_crew_begin(&follower->crew, &task->round, task->first, task->threads, state, &foreseen);
    tb_buffer_free(&foreseen);
    return true;
}

/* One worker's share of the reply. A speculation that is too large to send is none. */
static void pack_reply(struct speculation *speculation, size_t most, struct tb_buffer *reply)
{
    struct tb_buffer packed = {0};
    const bool complete = tb_speculation_pack(speculation, &packed) && packed.size <= most;
    tb_buffer_put_u8(reply, complete);
    tb_buffer_put_u64(reply, speculation->noted.size);
    tb_buffer_put(reply, speculation->noted.data, speculation->noted.size);
    if (complete)
        tb_buffer_put(reply, packed.data, packed.size);
    tb_buffer_free(&packed);
}

void tb_trace_follow(struct tb_trace_follower *follower, struct tb_bytes offer, struct tb_buffer *reply)
{
    struct task task;
    struct decoder *const state = calloc(1, sizeof *state);
    if (state != NULL && take_task(&task, follower->member, &offer) && begin_task(follower, &task, state, &offer) &&
        follower->crew.count > 0) {
        struct crew *const crew = &follower->crew;
        const int count = (int)crew->count;
#pragma omp parallel for schedule(static, 1) num_threads(count)
        for (int i = 0; i < count; i++)
            tb_crew_work(crew, &task.round, (size_t)i);
        for (size_t i = 0; i < crew->count; i++)
            pack_reply(&crew->speculations[i], TB_TEAM_REPLIES_MOST / task.round.workers, reply);
        tb_crew_end(crew);
    }
    if (state != NULL)
        tb_decoder_finish(state);
    free(state);
}
