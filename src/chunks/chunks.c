/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine: a table of chunks in file order, one mutex, and workers that choose what to do next.
 *
 *       places   | taken by all shards | committed, waiting for shards | led | speculated or being so | free
 *                ^                     ^ first                         ^ next                       ^ planned
 *
 * A chunk goes from UNUSED through PLANNED, SPECULATING, SPECULATED, LED and COMMITTED back to
 * UNUSED. PLANNED to LED at once is what a leader without help does. ABANDONED is one that somebody
 * is still at work on though nobody wants it any more; who works on it gives it back.
 *
 * The mutex is held while workers choose, and left for everything that decodes. A worker that finds
 * nothing spins until changes is another number, and then sleeps. Order of what a worker does:
 * choose says it, and why. */
#include "chunks.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

enum {
    /* ns that who has nothing to do spins before it sleeps: about what waking a thread takes. As long a leader waits for
     * a worker that is due; one that runs answers sooner, so who does not has been put aside. */
    PATIENCE = 50000,
    /* A shard that is so many chunks behind goes before new chunks, whoever is free. With fewer it waits for the worker
     * that has most of it in its cache. */
    BEHIND = 4
};

/* How much of a gap workers elsewhere decode, in 256ths. They begin with 160 of them, five eighths.
 * How much it becomes shows whether the leader has to wait for them. */
enum { PARTS = 256, FIRST_PART = 160, LEAST_PART = 16 };

enum chunk_state { UNUSED, PLANNED, SPECULATING, SPECULATED, LED, COMMITTED, ABANDONED };

struct shard {
    uint64_t next; /* place of the chunk it takes next */
    bool busy;
    bool finished;
};

/* All but changes is used under the mutex. A chunk's place is its number in file order. */
struct engine {
    const struct tb_chunk_plan *plan;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    atomic_uint changes; /* so far, of anything that may be work for somebody */
    unsigned sleepers;
    struct tb_chunk *chunks;  /* owned; one a slot */
    struct tb_chunk **unused; /* owned; those without a place */
    size_t unused_count;
    struct tb_chunk **places; /* owned; chunks by place, modulo ahead */
    uint64_t first;           /* the first place that is not taken by all shards */
    uint64_t next;            /* the first that is not committed */
    uint64_t planned;         /* the first that is not planned */
    uint64_t gap;             /* the plan's, or more while workers are put aside */
    uint64_t gap_used;        /* of the chunk that was planned last: less towards the end */
    uint64_t committed;       /* offset of the end of all that is */
    struct tb_chunk **sent;   /* owned; by worker elsewhere: what it is at work on, NULL: nothing */
    unsigned part;            /* such a worker decodes so many of PARTS of a gap */
    bool led;                 /* somebody leads */
    unsigned working;         /* so many have something to do */
    bool ended;               /* the last chunk is committed */
    struct shard *shards;     /* owned */
    unsigned finished;        /* so many shards are */
    enum tb_status status;
    struct tb_error error;
    struct tb_chunk_outcome outcome;
};

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static struct tb_chunk **at(const struct engine *engine, uint64_t place)
{
    return &engine->places[place % engine->plan->ahead];
}

static uint64_t least(uint64_t one, uint64_t other)
{
    return one < other ? one : other;
}

/* Sums of offsets stop at the greatest number: chunk_most may be that. */
static uint64_t sum(uint64_t one, uint64_t other)
{
    return one > UINT64_MAX - other ? UINT64_MAX : one + other;
}

/* --- waiting --- */

/* Something may be work for somebody. Under the mutex, so nobody falls asleep between looking and
 * waiting. */
static void change(struct engine *engine)
{
    atomic_fetch_add_explicit(&engine->changes, 1, memory_order_release);
    if (engine->sleepers > 0)
        pthread_cond_broadcast(&engine->wake);
}

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

/* Leaves the mutex until something changes, or PATIENCE has passed. True when it has changed. */
static bool spin(struct engine *engine)
{
    const unsigned seen = atomic_load_explicit(&engine->changes, memory_order_relaxed);
    const uint64_t until = now() + PATIENCE;
    bool changed = false;
    pthread_mutex_unlock(&engine->mutex);
    while (!changed && now() < until) {
        relax();
        changed = atomic_load_explicit(&engine->changes, memory_order_acquire) != seen;
    }
    pthread_mutex_lock(&engine->mutex);
    return atomic_load_explicit(&engine->changes, memory_order_relaxed) != seen;
}

/* Leaves the mutex, and the processor to whoever waits for it: a worker elsewhere may run on the
 * same one. */
static void give_way(struct engine *engine)
{
    pthread_mutex_unlock(&engine->mutex);
    sched_yield();
    pthread_mutex_lock(&engine->mutex);
}

static void wait_for_change(struct engine *engine)
{
    if (spin(engine))
        return;
    engine->sleepers++;
    pthread_cond_wait(&engine->wake, &engine->mutex);
    engine->sleepers--;
}

/* --- chunks and their places --- */

static struct tb_chunk *plan_chunk(struct engine *engine, uint64_t begin, uint64_t end)
{
    struct tb_chunk *const chunk = engine->unused[--engine->unused_count];
    chunk->begin = begin;
    atomic_store_explicit(&chunk->end, end, memory_order_relaxed);
    atomic_store_explicit(&chunk->reached, begin, memory_order_relaxed);
    atomic_store_explicit(&chunk->due, false, memory_order_relaxed);
    chunk->stop = begin;
    chunk->speculated = chunk->whole = chunk->elsewhere = false;
    chunk->state = PLANNED;
    chunk->shards_left = engine->plan->shards;
    return chunk;
}

static void release(struct engine *engine, struct tb_chunk *chunk)
{
    chunk->state = UNUSED;
    engine->unused[engine->unused_count++] = chunk;
}

/* Who is at work on it releases it when it notices. */
static void abandon(struct engine *engine, struct tb_chunk *chunk)
{
    if (chunk->state != SPECULATING) {
        release(engine, chunk);
        return;
    }
    chunk->state = ABANDONED;
    atomic_store_explicit(&chunk->due, true, memory_order_relaxed);
}

static void abandon_from(struct engine *engine, uint64_t place)
{
    while (engine->planned > place)
        abandon(engine, *at(engine, --engine->planned));
}

/* Chunks that begin behind who is furthest, or at the end of its chunk. False when that is too near the end of the file. */
static bool place_ahead(struct engine *engine, const struct tb_chunk *last, uint64_t *begin)
{
    const struct tb_chunk_plan *const plan = engine->plan;
    const unsigned workers = plan->workers + plan->elsewhere;
    const uint64_t end = atomic_load_explicit(&last->end, memory_order_relaxed);
    const uint64_t reached = atomic_load_explicit(&last->reached, memory_order_relaxed);
    if (plan->gap == UINT64_MAX) {
        *begin = end;
        return end < plan->end;
    }
    const uint64_t left = plan->end > reached ? plan->end - reached : 0;
    const uint64_t gap = least(engine->gap, left / (workers > 2 ? workers : 2) + 1);
    const uint64_t ahead = sum(reached, gap);
    *begin = least(end, ahead > last->stop ? ahead : last->stop);
    engine->gap_used = gap;
    return gap >= plan->gap_least && *begin < plan->end;
}

/* A new chunk ahead of all, to speculate about; NULL when there can be none. */
static struct tb_chunk *plan_ahead(struct engine *engine)
{
    uint64_t begin;
    if (engine->ended || engine->planned == engine->next || engine->planned - engine->first >= engine->plan->ahead)
        return NULL;
    struct tb_chunk *const last = *at(engine, engine->planned - 1);
    if (!place_ahead(engine, last, &begin))
        return NULL;
    atomic_store_explicit(&last->end, begin, memory_order_relaxed);
    struct tb_chunk *const chunk = plan_chunk(engine, begin, sum(begin, engine->plan->chunk_most));
    *at(engine, engine->planned++) = chunk;
    return chunk;
}

/* The leader's next chunk is always planned, if there is room for it. */
static void plan_next(struct engine *engine)
{
    if (engine->ended || engine->planned > engine->next || engine->planned - engine->first >= engine->plan->ahead)
        return;
    *at(engine, engine->planned++) =
        plan_chunk(engine, engine->committed, sum(engine->committed, engine->plan->chunk_most));
}

/* Gives back the chunks in front that all shards have taken. */
static void recycle(struct engine *engine)
{
    while (engine->first < engine->next && (*at(engine, engine->first))->shards_left == 0)
        release(engine, *at(engine, engine->first++));
    plan_next(engine);
}

static void fail(struct engine *engine, enum tb_status status, const struct tb_error *error)
{
    if (engine->status != TB_OK)
        return;
    engine->status = status;
    engine->error = *error;
    for (uint64_t place = engine->next; place < engine->planned; place++)
        atomic_store_explicit(&(*at(engine, place))->due, true, memory_order_relaxed);
}

/* --- what there is to do --- */

enum action_kind { ACTION_STOP, ACTION_LEAD, ACTION_SPECULATE, ACTION_TAKE, ACTION_WAIT };

struct action {
    enum action_kind kind;
    struct tb_chunk *chunk; /* of a shard: NULL, to finish it */
    unsigned shard;
};

static bool is_done(const struct engine *engine)
{
    return engine->status != TB_OK || (engine->ended && engine->finished == engine->plan->shards);
}

/* The worker's own shard; or the one that is most behind, by some chunks at the least; or one that is to be finished. */
static bool find_shard(const struct engine *engine, unsigned worker, uint64_t least_behind, struct action *action)
{
    uint64_t most = 0;
    for (unsigned i = 0; i < engine->plan->shards; i++) {
        const struct shard *const shard = &engine->shards[i];
        const uint64_t behind = engine->next - shard->next;
        const bool own = i == worker && behind > 0;
        if (shard->busy || shard->finished || (behind < least_behind && !engine->ended && !own) ||
            (behind + 1 <= most && !own))
            continue;
        most = own ? UINT64_MAX : behind + 1;
        *action =
            (struct action){.kind = ACTION_TAKE, .shard = i, .chunk = behind > 0 ? *at(engine, shard->next) : NULL};
    }
    return most > 0;
}

static bool find_ahead(struct engine *engine, struct action *action)
{
    struct tb_chunk *const chunk = plan_ahead(engine);
    *action = (struct action){.kind = ACTION_SPECULATE, .chunk = chunk};
    return chunk != NULL;
}

/* What is decoded ahead is committed at once. Whom nobody helps brings the shards to where it leads, so that the next chunk
 * may be a whole one. A worker that is all alone plays the others' parts first. */
static struct action choose(struct engine *engine, unsigned worker)
{
    const struct tb_chunk_plan *const plan = engine->plan;
    struct tb_chunk *const next = engine->led || engine->next == engine->planned ? NULL : *at(engine, engine->next);
    const struct action lead = {.kind = ACTION_LEAD, .chunk = next};
    struct action action = {.kind = ACTION_STOP};
    if (is_done(engine))
        return action;
    if (plan->workers + plan->elsewhere == 1 && (find_ahead(engine, &action) || find_shard(engine, worker, 1, &action)))
        return action;
    if (next != NULL && (plan->relay ? worker == 0 : next->state == SPECULATED))
        return lead;
    if (find_shard(engine, worker, engine->working > 0 ? BEHIND : 1, &action))
        return action;
    if (next != NULL && !plan->relay && next->state == PLANNED)
        return lead;
    if (find_ahead(engine, &action) || find_shard(engine, worker, 1, &action))
        return action;
    return next != NULL && worker == 0 ? lead : (struct action){.kind = ACTION_WAIT};
}

/* --- doing it --- */

static void end_speculation(struct engine *engine, struct tb_chunk *chunk)
{
    if (chunk->state == ABANDONED) {
        release(engine, chunk);
        return;
    }
    chunk->state = SPECULATED;
    chunk->speculated = true;
    change(engine);
}

static void speculate(struct engine *engine, struct tb_chunk *chunk, unsigned worker)
{
    chunk->state = SPECULATING;
    pthread_mutex_unlock(&engine->mutex);
    engine->plan->decoder->speculate(engine->plan->file, chunk, worker);
    pthread_mutex_lock(&engine->mutex);
    end_speculation(engine, chunk);
}

/* False while the worker elsewhere is at work. What fails ends all, and nothing is expected of that worker any more. */
static bool receive(struct engine *engine, unsigned which)
{
    struct tb_chunk *const chunk = engine->sent[which];
    struct tb_error error = {0};
    bool here = false;
    pthread_mutex_unlock(&engine->mutex);
    const enum tb_status status = engine->plan->decoder->receive(engine->plan->file, chunk, which, &here, &error);
    pthread_mutex_lock(&engine->mutex);
    if (status != TB_OK)
        fail(engine, status, &error);
    if (status == TB_OK && !here)
        return false;
    engine->sent[which] = NULL;
    end_speculation(engine, chunk);
    return true;
}

/* It hears nothing more, so it is told where to stop. */
static void send(struct engine *engine, unsigned which)
{
    struct tb_chunk *const chunk = plan_ahead(engine);
    struct tb_error error = {0};
    if (chunk == NULL)
        return;
    chunk->stop = sum(chunk->begin, engine->gap_used / PARTS * engine->part + 1);
    chunk->state = SPECULATING;
    chunk->elsewhere = true;
    engine->sent[which] = chunk;
    pthread_mutex_unlock(&engine->mutex);
    const enum tb_status status = engine->plan->decoder->send(engine->plan->file, chunk, which, chunk->stop, &error);
    pthread_mutex_lock(&engine->mutex);
    if (status == TB_OK)
        return;
    fail(engine, status, &error);
    engine->sent[which] = NULL;
    end_speculation(engine, chunk);
}

/* The leader, between two steps: takes what workers elsewhere have come to, and gives them more. */
static void exchange(struct engine *engine)
{
    for (unsigned i = 0; i < engine->plan->elsewhere && engine->status == TB_OK; i++)
        if (engine->sent[i] == NULL || receive(engine, i))
            send(engine, i);
}

/* In the end, as nobody may be left behind that still sends. */
static void receive_all(struct engine *engine)
{
    for (unsigned i = 0; i < engine->plan->elsewhere; i++)
        while (engine->sent[i] != NULL && !receive(engine, i))
            give_way(engine);
}

/* ns that a leader waits for a chunk. Those elsewhere do not hear that it is due: they get as long as a slow processor takes
 * for what they were asked for, a byte a nanosecond. */
static uint64_t patience_for(const struct engine *engine, const struct tb_chunk *chunk)
{
    return PATIENCE + (chunk->elsewhere ? engine->gap : 0);
}

/* Asks who is at work on the next chunk for what there is. Who does not answer was put aside by the system: the chunk is
 * begun again, without it. */
static struct tb_chunk *call_in(struct engine *engine, struct tb_chunk *chunk)
{
    const uint64_t until = now() + patience_for(engine, chunk);
    atomic_store_explicit(&chunk->due, true, memory_order_relaxed);
    while (chunk->state == SPECULATING && now() < until) {
        exchange(engine);
        if (chunk->elsewhere)
            give_way(engine);
        else
            spin(engine);
    }
    if (chunk->state == SPECULATING) {
        engine->outcome.overdue++;
        engine->gap = least(sum(engine->gap, engine->gap), engine->plan->chunk_most);
        *at(engine, engine->next) = plan_chunk(engine, chunk->begin, atomic_load(&chunk->end));
        abandon(engine, chunk);
    }
    return *at(engine, engine->next);
}

/* A leader that has to wait for a worker elsewhere asked too much of it; too little, if more is done already than that. */
static void adapt_part(struct engine *engine, const struct tb_chunk *chunk)
{
    enum { LESS = 16, MORE = 4 };
    if (chunk->state == SPECULATING && engine->part > LEAST_PART)
        engine->part -= engine->part / LESS;
    else if (chunk->state == SPECULATED && engine->planned - engine->next > engine->plan->elsewhere + 1)
        engine->part += (PARTS - engine->part) / MORE;
}

/* Now it is known what a speculated chunk is worth. */
static void judge(struct engine *engine, struct tb_chunk *chunk, enum tb_chunk_verdict verdict)
{
    if (!chunk->speculated)
        engine->outcome.decoded++;
    else if (verdict == TB_CHUNK_HOLDS)
        engine->outcome.committed++;
    else
        engine->outcome.repeated++;
    if (chunk->speculated)
        engine->gap = engine->plan->gap;
    if (verdict != TB_CHUNK_HOLDS)
        atomic_store_explicit(&chunk->reached, chunk->begin, memory_order_relaxed);
    if (verdict != TB_CHUNK_WRONG)
        return;
    engine->outcome.repeated += engine->planned - engine->next - 1;
    abandon_from(engine, engine->next + 1);
    atomic_store_explicit(&chunk->end, sum(chunk->begin, engine->plan->chunk_most), memory_order_relaxed);
    change(engine);
}

/* Nobody works for a shard, and all have taken what is committed. */
static bool shards_wait(const struct engine *engine)
{
    bool wait = true;
    for (unsigned i = 0; wait && i < engine->plan->shards; i++)
        wait = !engine->shards[i].busy && engine->shards[i].next == engine->next;
    return wait;
}

/* The leader begins to work for all shards, or has done so. */
static void take_whole(struct engine *engine, struct tb_chunk *chunk, bool done)
{
    for (unsigned i = 0; i < engine->plan->shards; i++) {
        engine->shards[i].busy = !done;
        engine->shards[i].next += done;
    }
    chunk->shards_left -= done ? engine->plan->shards : 0;
}

/* In a relay step by step, as workers elsewhere wait for the leader. */
static enum tb_status decode(struct engine *engine, struct tb_chunk *chunk, struct tb_error *error)
{
    enum tb_status status;
    do {
        pthread_mutex_unlock(&engine->mutex);
        status = engine->plan->decoder->decode(engine->plan->file, chunk, error);
        pthread_mutex_lock(&engine->mutex);
        exchange(engine);
    } while (engine->plan->relay && status == TB_OK && engine->status == TB_OK &&
             atomic_load_explicit(&chunk->reached, memory_order_relaxed) <
                 atomic_load_explicit(&chunk->end, memory_order_relaxed));
    return status;
}

static void lead(struct engine *engine, struct tb_chunk *chunk)
{
    const struct tb_chunk_decoder *const decoder = engine->plan->decoder;
    void *const file = engine->plan->file;
    enum tb_chunk_verdict verdict = TB_CHUNK_REFUSED;
    struct tb_error error = {0};
    engine->led = true;
    if (chunk->elsewhere)
        adapt_part(engine, chunk);
    if (chunk->state == SPECULATING)
        chunk = call_in(engine, chunk);
    chunk->state = LED;
    atomic_store_explicit(&chunk->due, false, memory_order_relaxed);
    pthread_mutex_unlock(&engine->mutex);
    enum tb_status status = decoder->validate(file, chunk, &verdict, &error);
    pthread_mutex_lock(&engine->mutex);
    judge(engine, chunk, verdict);
    chunk->whole = verdict != TB_CHUNK_HOLDS && shards_wait(engine);
    if (chunk->whole)
        take_whole(engine, chunk, false);
    if (status == TB_OK)
        status = decode(engine, chunk, &error);
    if (chunk->whole)
        take_whole(engine, chunk, true);
    chunk->state = COMMITTED;
    engine->committed = atomic_load_explicit(&chunk->end, memory_order_relaxed);
    engine->next++;
    engine->led = false;
    if (status == TB_END) {
        engine->ended = true;
        abandon_from(engine, engine->next);
    } else if (status != TB_OK) {
        fail(engine, status, &error);
    }
    recycle(engine);
    change(engine);
}

static void take(struct engine *engine, unsigned which, struct tb_chunk *chunk)
{
    struct shard *const shard = &engine->shards[which];
    struct tb_error error = {0};
    shard->busy = true;
    pthread_mutex_unlock(&engine->mutex);
    const enum tb_status status = engine->plan->decoder->take(engine->plan->file, which, chunk, &error);
    pthread_mutex_lock(&engine->mutex);
    shard->busy = false;
    if (status != TB_OK)
        fail(engine, status, &error);
    if (chunk == NULL) {
        shard->finished = true;
        engine->finished++;
    } else {
        shard->next++;
        chunk->shards_left--;
        recycle(engine);
    }
    change(engine);
}

static void do_action(struct engine *engine, const struct action *action, unsigned worker)
{
    engine->working++;
    if (action->kind == ACTION_LEAD)
        lead(engine, action->chunk);
    else if (action->kind == ACTION_SPECULATE)
        speculate(engine, action->chunk, worker);
    else
        take(engine, action->shard, action->chunk);
    engine->working--;
}

static void work(struct engine *engine, unsigned worker)
{
    bool goes_on = true;
    pthread_mutex_lock(&engine->mutex);
    while (goes_on) {
        if (worker == 0)
            exchange(engine);
        const struct action action = choose(engine, worker);
        goes_on = action.kind != ACTION_STOP;
        if (action.kind == ACTION_WAIT)
            wait_for_change(engine);
        else if (goes_on)
            do_action(engine, &action, worker);
    }
    if (worker == 0)
        receive_all(engine);
    pthread_mutex_unlock(&engine->mutex);
}

/* Where processors are short, what is speculated must take none from the leader: a helper gets what nobody else wants. Not
 * where the leader may have to wait for it, as for a shard that it works for. */
static void step_back(void)
{
#ifdef SCHED_IDLE
    const struct sched_param none = {0};
    (void)pthread_setschedparam(pthread_self(), SCHED_IDLE, &none);
#endif
}

struct helper {
    struct engine *engine;
    pthread_t thread;
    unsigned worker;
};

static void *help(void *context)
{
    const struct helper *const helper = context;
    if (helper->engine->plan->relay)
        step_back();
    work(helper->engine, helper->worker);
    return NULL;
}

/* Those that cannot be started are done without. */
static void work_together(struct engine *engine)
{
    const unsigned others = engine->plan->workers - 1;
    struct helper *const helpers = calloc(others + 1, sizeof *helpers);
    unsigned started = 0;
    while (helpers != NULL && started < others) {
        struct helper *const helper = &helpers[started];
        *helper = (struct helper){.engine = engine, .worker = started + 1};
        if (pthread_create(&helper->thread, NULL, help, helper) != 0)
            break;
        started++;
    }
    work(engine, 0);
    for (unsigned i = 0; i < started; i++)
        pthread_join(helpers[i].thread, NULL);
    free(helpers);
}

static bool prepare(struct engine *engine)
{
    const struct tb_chunk_plan *const plan = engine->plan;
    const size_t slots = tb_chunk_slots(plan);
    engine->chunks = calloc(slots, sizeof *engine->chunks);
    engine->unused = calloc(slots, sizeof *engine->unused);
    engine->places = calloc(plan->ahead, sizeof *engine->places);
    engine->shards = calloc((size_t)plan->shards + 1, sizeof *engine->shards);
    engine->sent = calloc((size_t)plan->elsewhere + 1, sizeof *engine->sent);
    if (engine->chunks == NULL || engine->unused == NULL || engine->places == NULL || engine->shards == NULL ||
        engine->sent == NULL)
        return false;
    for (size_t i = slots; i-- > 0;) {
        engine->chunks[i].slot = i;
        release(engine, &engine->chunks[i]);
    }
    plan_next(engine);
    return true;
}

enum tb_status tb_chunks_run(const struct tb_chunk_plan *plan, struct tb_chunk_outcome *outcome, struct tb_error *error)
{
    struct engine engine = {.plan = plan,
                            .mutex = PTHREAD_MUTEX_INITIALIZER,
                            .wake = PTHREAD_COND_INITIALIZER,
                            .gap = plan->gap,
                            .part = FIRST_PART,
                            .committed = plan->begin,
                            .status = TB_OK};
    if (prepare(&engine))
        work_together(&engine);
    else
        engine.status = tb_error_memory(&engine.error, "chunks");
    free(engine.chunks);
    free(engine.unused);
    free(engine.places);
    free(engine.shards);
    free(engine.sent);
    *outcome = engine.outcome;
    if (engine.status != TB_OK && error != NULL)
        *error = engine.error;
    return engine.status;
}
