/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_OS_SPECULATION_H
#define TWINBED_OS_SPECULATION_H

/* Decoding a segment before it is known what the segments before it end with.
 *
 * A speculation takes over the threads, names and descriptors of a decoder that stands somewhere before the segment.
 * It finds a block boundary by structure, some bytes ahead of the segment, and decodes from there, so that what is
 * busy comes right; then it remembers all this as assumed, and counts from zero. While it counts, threads, processes
 * and descriptors keep marks of what of them mattered.
 *
 * To join, the decoder must have come to the very offset where the speculation began, in the same section and byte
 * order, and everything that mattered must be as it was assumed. Then its result is what the decoder would have come
 * to, and is added. On any difference nothing is added, and the decoder reads the segment itself. */

#include "decoder.h"

struct speculation {
    struct decoder decoder;
    struct tb_trace_request request; /* without windows: positions are not known yet */
    struct process_table assumed;
    uint64_t begin; /* of the blocks that were counted */
    uint64_t end;
    uint64_t sections;     /* of the decoder it came from */
    uint32_t marks;        /* losses of events, where it began */
    bool swap;             /* byte order, there */
    size_t shared_threads; /* entries of the table that have the same place in both */
    size_t shared_processes;
    bool complete; /* it may be joined */
};

/* Takes over where decoder stands. Any failure (of memory, say) only makes a speculation that cannot be joined. */
void speculation_start(struct speculation *speculation, const struct decoder *decoder);
/* Decodes the blocks that begin in [begin, end), after warm_up bytes before them. source is its own. */
void speculation_run(struct speculation *speculation, struct tb_source *source, uint64_t begin, uint64_t end,
                     uint64_t warm_up);
void speculation_free(struct speculation *speculation);

/* Whether the speculation's result is what decoder, as it stands now, would come to. */
bool speculation_holds(const struct speculation *speculation, const struct decoder *decoder);
/* Adds the result and moves decoder to the speculation's end. It holds. */
TB_MUST_USE enum tb_status speculation_join(struct speculation *speculation, struct decoder *decoder,
                                            struct tb_error *error);

#endif
