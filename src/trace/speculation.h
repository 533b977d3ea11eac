/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_SPECULATION_H
#define TWINBED_TRACE_SPECULATION_H

/* Decoding a segment before it is known what the segments before it end with.
 *
 * A speculation takes over the threads, names and descriptors of a decoder that stands somewhere before the segment.
 * It finds a block boundary by structure, some bytes ahead of the segment, and decodes from there, so that what is
 * busy comes right; then it remembers all this as assumed, and counts from zero. While it counts, threads, processes
 * and descriptors keep marks of what of them mattered.
 *
 * To commit, the decoder must have come to the very offset where the speculation began, in the same section and byte
 * order, and everything that mattered must be as it was assumed. Then its result is what the decoder would have come
 * to, and is added. On any difference nothing is added, and the decoder reads the segment itself. */

#include "chunks/chunks.h"
#include "decoder.h"

struct speculation {
    struct decoder decoder;
    struct tb_trace_request request; /* without windows: positions are not known yet */
    struct process_table assumed;
    uint64_t begin;    /* of the blocks that were counted */
    uint64_t end;      /* what it knows is how things are here */
    uint64_t sections; /* of the decoder it came from */
    uint64_t stood;    /* offset where that decoder did; 0: not known */
    uint32_t marks;    /* losses of events, where it began */
    bool swap;         /* byte order, there */
    bool complete;     /* it may be committed */
    bool stopped;      /* at something that is left to the decoder */
};

/* Takes over where decoder stands. Any failure (of memory, say) only makes a speculation that cannot be committed. */
void tb_speculation_start(struct speculation *speculation, const struct decoder *decoder);
/* Takes over where another speculation has ended, or was started. */
void tb_speculation_start_behind(struct speculation *speculation, const struct speculation *before);
/* Decodes the blocks that begin in a chunk, as long as that goes on, after warm_up bytes before it; from where the speculation
 * has come from, without a warm-up, if that is in the chunk. reader, over the same file, is the thread's own. */
void tb_speculation_run(struct speculation *speculation, struct tb_reader *reader, struct tb_chunk *chunk,
                        uint64_t warm_up);
void tb_speculation_free(struct speculation *speculation);

/* For a speculation that is about to warm up: where a thread that it does not know has events before offset until, it
 * looks through the bytes between where its decoder stood and here for births and the like. */
void tb_speculation_meet_strangers(struct speculation *speculation, uint64_t until);

/* Whether what the speculation assumed agrees with decoder as it stands now. */
bool tb_speculation_agrees(const struct speculation *speculation, const struct decoder *decoder);
/* Whether, in addition, no window of decoder cuts what was counted: its result is what decoder would come to. */
bool tb_speculation_holds(const struct speculation *speculation, const struct decoder *decoder);
/* Adds the result and moves decoder to the speculation's end. It holds. */
TB_MUST_USE enum tb_status tb_speculation_commit(struct speculation *speculation, struct decoder *decoder,
                                                 struct tb_error *error);

/* The same between processes: what is known of threads, names, descriptors and lives where a speculation has ended, as
 * bytes, and a speculation that is started there, zeroed before. Those who take it know the place. request, without windows,
 * is borrowed. False without memory, or when the bytes are no state; it is to be freed all the same. */
TB_MUST_USE bool tb_speculation_pack_state(struct speculation *speculation, struct tb_buffer *buffer);
TB_MUST_USE bool tb_speculation_unpack_state(struct speculation *speculation, const struct tb_trace_request *request,
                                             uint64_t place, struct tb_bytes *bytes);

/* A speculation that is done, as bytes; only what mattered is in them. It cannot be committed any more. False when it
 * could not be committed before, or without memory. */
TB_MUST_USE bool tb_speculation_pack(struct speculation *speculation, struct tb_buffer *buffer);
/* Into a zeroed one, to be freed whatever comes back; it does not move afterwards. False when the bytes are none. */
TB_MUST_USE bool tb_speculation_unpack(struct speculation *speculation, const struct tb_trace_request *request,
                                       struct tb_bytes *bytes);
/* The request without its windows and intervals. What it refers to stays borrowed. */
struct tb_trace_request tb_request_without_cuts(const struct tb_trace_request *request);

#endif
