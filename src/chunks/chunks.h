/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CHUNKS_CHUNKS_H
#define TWINBED_SRC_CHUNKS_CHUNKS_H

/* One file decoded by several workers, chunk by chunk.
 *
 * Only who has read everything before a place can decode what stands there for certain. So the file's one true state, the
 * decoder, is with one worker at a time: the leader. The others take chunks ahead of it, each from a precondition that is
 * a guess, and go on and on in them:
 *
 *      |      committed      |== leader ==>      |== worker ==>         |== worker ==>              ...
 *      0                     begin of a chunk    begin of the next      begin of the last
 *
 * When the leader comes to where a worker began, that one stops. The leader validates the chunk, commits what is done of
 * it, and decodes on from there to the next; the worker takes a new chunk, ahead of all. It is a relay without rounds:
 *
 *   - in a relay nobody waits for anybody. A worker that the system has put aside makes its chunk shorter, and a leader
 *     that meets one in the middle of a step decodes its chunk itself after some microseconds. So one worker that runs is
 *     enough to get to the end;
 *   - nobody is the leader for good: who is free, and finds nobody leading, leads;
 *   - who finds nothing at all to do spins for some microseconds and then sleeps.
 *
 * Shards, if the file's kind has any, take committed chunks, each shard all of them in file order, whichever worker works
 * for it. Where all shards wait for the leader it works for them, too, so one that finds no help does what a single
 * loop would. A wrong guess costs time, never the result: what is committed depends on the file alone.
 *
 * Workers may be elsewhere, in other processes. A relay's leader sends them chunks and looks for answers between its steps;
 * it alone does, so no thread waits for them. They hear nothing while they work, so each is told where to stop: at a part of
 * the gap that adapts to whether the leader had to wait.
 *
 * Memory is bounded by the number of slots, workspaces of the file's kind, and by the length of chunks. */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/status.h"
#include "twinbed/chunks/outcome.h"

/* What becomes of a chunk that leads. */
enum tb_chunk_verdict {
    TB_CHUNK_HOLDS,   /* its precondition holds: what it came to is committed */
    TB_CHUNK_REFUSED, /* it is not, for a reason of its own */
    TB_CHUNK_WRONG /* it is not, and those behind it may have made the same mistake: all begin again behind the leader */
};

/* A chunk of the file. What is atomic is shared by who works on it and the leader; all else belongs
 * to the engine, but while a call of the decoder has the chunk. */
struct tb_chunk {
    uint64_t begin;           /* bytes of the file */
    _Atomic uint64_t end;     /* where the chunk behind begins; it may come nearer meanwhile */
    _Atomic uint64_t reached; /* so far */
    atomic_bool due;          /* the leader waits for it, or nobody needs it any more */
    size_t slot;              /* the workspace that is the chunk's alone; less than tb_chunk_slots */
    bool speculated;          /* a worker has decoded it ahead, as far as it came */
    bool whole;               /* of one that is not: all shards wait for it, and decode gives them what is their own */

    /* The engine's own. */
    bool elsewhere; /* it was sent to a worker elsewhere, ... */
    uint64_t stop;  /* ... which goes on to here, so nobody else begins before */
    int state;
    unsigned shards_left;
};

/* Says how far a worker or the leader has come in a chunk. False when it is to stop. To be asked every 20 microseconds or
 * so, as a leader does not wait much longer. */
static inline bool tb_chunk_goes_on(struct tb_chunk *chunk, uint64_t reached)
{
    atomic_store_explicit(&chunk->reached, reached, memory_order_relaxed);
    return reached < atomic_load_explicit(&chunk->end, memory_order_relaxed) &&
           !atomic_load_explicit(&chunk->due, memory_order_relaxed);
}

/* What a kind of file does. file is the plan's. All but speculate and take are called by one thread at a time, in file
 * order, each seeing what the one before did. */
struct tb_chunk_decoder {
    /* Any thread, worker number worker: decodes a chunk ahead, in its slot. What cannot be done is left out; validate will
     * find out. */
    void (*speculate)(void *file, struct tb_chunk *chunk, unsigned worker);
    /* The leader: sends a chunk to a worker elsewhere, which decodes it ahead up to offset stop; looks whether what came of
     * it is here, and takes it into the slot. Of one worker by turns. Both may be NULL if there are none elsewhere. */
    TB_MUST_USE enum tb_status (*send)(void *file, struct tb_chunk *chunk, unsigned worker, uint64_t stop,
                                       struct tb_error *error);
    TB_MUST_USE enum tb_status (*receive)(void *file, struct tb_chunk *chunk, unsigned worker, bool *here,
                                          struct tb_error *error);
    /* Compares what a speculated chunk took for granted with what the decoder has come to, and commits the chunk if that
     * agrees. Empties the slot if not; does only that for a chunk that is not speculated. */
    TB_MUST_USE enum tb_status (*validate)(void *file, struct tb_chunk *chunk, enum tb_chunk_verdict *verdict,
                                           struct tb_error *error);
    /* Decodes what the chunk lacks, up to its end; in a relay a step of that, as far as reached says. TB_END: the file ends in it, and it is the last. A whole chunk is taken
     * by all shards, too. */
    TB_MUST_USE enum tb_status (*decode)(void *file, struct tb_chunk *chunk, struct tb_error *error);
    /* Any thread, but for one shard one at a time: the shard takes what is its own of a committed chunk, chunk after chunk;
     * in the end of NULL. May be NULL without shards. */
    TB_MUST_USE enum tb_status (*take)(void *file, unsigned shard, struct tb_chunk *chunk, struct tb_error *error);
};

/* How a file is read. */
struct tb_chunk_plan {
    const struct tb_chunk_decoder *decoder; /* borrowed */
    void *file;                             /* borrowed; given to all calls */
    unsigned workers;   /* the calling thread is one of them; fewer if there are no threads to be had */
    unsigned elsewhere; /* of a relay: so many more work in other processes */
    unsigned shards;
    size_t ahead; /* so many chunks are led, speculated about, or not yet taken by all shards; at least 1 */
    uint64_t begin;
    uint64_t end;        /* nobody speculates about what begins behind */
    uint64_t gap;        /* bytes; a new chunk begins so far ahead of who is furthest, ... */
    uint64_t gap_least;  /* ... less towards the end, so that all workers end together, but not below this */
    uint64_t chunk_most; /* bytes that a chunk has at most */
    bool relay;          /* a leader that comes to a chunk in work makes it end; else it does something else first */
};

/* How many chunks there are at once: those ahead, and one for each worker, which may still be at
 * work on one that nobody wants. */
static inline size_t tb_chunk_slots(const struct tb_chunk_plan *plan)
{
    return plan->ahead + plan->workers + plan->elsewhere;
}

/* Reads the file to the end, which decode tells. TB_OK, TB_MEMORY, or the first failure of a call. */
TB_MUST_USE enum tb_status tb_chunks_run(const struct tb_chunk_plan *plan, struct tb_chunk_outcome *outcome,
                                         struct tb_error *error);

#endif
