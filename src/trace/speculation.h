/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_SPECULATION_H
#define TWINBED_TRACE_SPECULATION_H

/* Decoding a segment before it is known what the segments before it end with.
 *
 * A speculation takes over the threads, names and descriptors of a decoder that stands somewhere
 * before the segment. It finds a block boundary by structure, some bytes ahead of the segment, and
 * decodes from there, so that what is busy comes right; then it remembers all this as assumed, and
 * counts from zero. While it counts, threads, processes and descriptors keep marks of what of them
 * mattered.
 *
 * To commit, the decoder must have come to the very offset where the speculation began, in the same
 * section and byte order, and everything that mattered must be as it was assumed. Then its result
 * is what the decoder would have come to, and is added. On any difference nothing is added, and the
 * decoder reads the segment itself.
 *
 *       file   ----|=======gap=======|--warm-up--|####### counted #######|----
 *                stood               |         begin                    end
 *                                    structure is looked for here
 *
 *       stood   where the decoder stood whose knowledge was copied
 *       gap     tb_speculation_meet_strangers looks through it for births, if it seems worth while
 *       begin   what is known here is copied once more as assumed; marks are wiped; counting begins
 *       end     tb_speculation_commit moves the decoder here
 *
 * Order of calls: start (from a decoder) or start_behind (another speculation), run, then agrees or
 * holds, commit, free. Between processes pack_state and unpack_state stand for start, and pack and
 * unpack for handing over what run has done.
 *
 * A speculation belongs to one thread while it runs. Once it has run it does not change until it is
 * committed, so several threads may start others behind it. Nothing here tells errors to the user:
 * a failure makes complete false, and the decoder reads the segment. */

#include "chunks/chunks.h"
#include "decoder.h"

/* One segment's speculation. */
struct speculation {
    /* Its own: threads and counts as they have become. The reader in it is one that was lent, and
     * afterwards has only an offset. */
    struct decoder decoder;
    /* Without windows and intervals: positions are not known yet. What it refers to is borrowed. */
    struct tb_trace_request request;
    struct process_table assumed; /* Threads, names and descriptors as they were taken to be at begin. */
    uint64_t begin;               /* Offset of the first block that was counted. */
    /* What it knows is how things are at this offset: behind the last block that was counted, or
     * where it stood when nothing was. */
    uint64_t end;
    uint64_t sections; /* Of the decoder it came from; it never goes from one section into the next. */
    uint64_t stood;    /* Offset where that decoder stood; 0: not known. */
    uint32_t marks;    /* Losses of events that were known at begin. */
    bool swap;         /* Byte order at begin. */
    bool complete;     /* Before run: it may be run. Afterwards: it may be committed, if it holds. */
    /* It met something that is left to the decoder: another block than an event, damage, the end of
     * the stream. */
    bool stopped;
};

/* Takes over what decoder knows where it stands. speculation is overwritten, and to be freed
 * whatever comes of it. Any failure, of memory say, only makes a speculation that is not complete. */
void tb_speculation_start(struct speculation *speculation, const struct decoder *decoder);
/* Takes over where another speculation has ended, or was started. before is only read. */
void tb_speculation_start_behind(struct speculation *speculation, const struct speculation *before);
/* Decodes the blocks that begin in a chunk, as long as that goes on (chunks/chunks.h), after
 * warm_up bytes before it; from where the speculation has come from, without a warm-up, if that is
 * in the chunk. reader, over the same file, is the thread's own; it is used and given back. */
void tb_speculation_run(struct speculation *speculation, struct tb_reader *reader, struct tb_chunk *chunk,
                        uint64_t warm_up);
/* Frees all it owns; it is zeroed then. A zeroed one may be freed. */
void tb_speculation_free(struct speculation *speculation);

/* For a speculation that is about to warm up: where a thread that it does not know has events
 * before offset until, it looks through the bytes between where its decoder stood and here for
 * births and the like. The reader is back where it was. */
void tb_speculation_meet_strangers(struct speculation *speculation, uint64_t until);

/* Whether what the speculation assumed agrees with decoder as it stands now. Neither changes. */
bool tb_speculation_agrees(const struct speculation *speculation, const struct decoder *decoder);
/* Whether, in addition, no window or interval of decoder cuts what was counted: its result is what
 * decoder would come to. */
bool tb_speculation_holds(const struct speculation *speculation, const struct decoder *decoder);
/* Adds the result and moves decoder to the speculation's end. It holds. Only to be freed
 * afterwards. TB_MEMORY, and the decoder is of no use any more. */
TB_MUST_USE enum tb_status tb_speculation_commit(struct speculation *speculation, struct decoder *decoder,
                                                 struct tb_error *error);

/* What is known of threads, names, descriptors and lives where a speculation has ended, as bytes
 * that are appended to buffer. False without memory; the bytes are of no use then. */
TB_MUST_USE bool tb_speculation_pack_state(struct speculation *speculation, struct tb_buffer *buffer);
/* A speculation, zeroed before, that is started with such bytes at offset place, which those who
 * take it know. request, without windows, is borrowed. False without memory, or when the bytes are
 * no state; it is to be freed all the same. */
TB_MUST_USE bool tb_speculation_unpack_state(struct speculation *speculation, const struct tb_trace_request *request,
                                             uint64_t place, struct tb_bytes *bytes);

/* A speculation that is done, as bytes that are appended to buffer; only what mattered is in them.
 * It cannot be committed any more. False when it could not be committed before, or without memory. */
TB_MUST_USE bool tb_speculation_pack(struct speculation *speculation, struct tb_buffer *buffer);
/* Into a zeroed one, to be freed whatever comes back; it does not move afterwards, as parts of it
 * refer to each other. False when the bytes are none. */
TB_MUST_USE bool tb_speculation_unpack(struct speculation *speculation, const struct tb_trace_request *request,
                                       struct tb_bytes *bytes);
/* The request without its windows and intervals. What it refers to stays borrowed. */
struct tb_trace_request tb_request_without_cuts(const struct tb_trace_request *request);

#endif
