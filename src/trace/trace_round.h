/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_TRACE_ROUND_H
#define TWINBED_TRACE_TRACE_ROUND_H

/* One round of several workers on one trace. Worker 0 is the decoder, which reads the first segment; the others
 * speculate about one segment each, in file order. */

#include "speculation.h"
#include "twinbed/trace/trace_team.h"

struct trace_round {
    uint64_t begin;
    uint64_t segment;
    uint64_t warm_up;
    uint32_t workers; /* worker 0 included */
};

/* Where the segment of a worker ends. The first has no warm-up, so it is as much longer. */
static inline uint64_t round_end_of(const struct trace_round *round, uint32_t worker)
{
    return round->begin + round->warm_up + (worker + (uint64_t)1) * round->segment;
}

/* The workers of one process, the decoder left out. */
struct crew {
    struct tb_reader *readers;        /* owned; one a worker */
    struct speculation *speculations; /* owned; of the round at hand */
    size_t room;                      /* for so many workers */
    size_t count;                     /* at work in this round */
    uint32_t first;                   /* which of the round's workers its first one is */
};

/* Readers over the same bytes for count workers. To be finished whatever comes back. */
TB_MUST_USE enum tb_status tb_crew_start(struct crew *crew, const struct tb_source *source, size_t count,
                                         struct tb_error *error);
void tb_crew_finish(struct crew *crew);

/* Lets workers first .. first + count - 1 begin with what state, a decoder that cannot read, knows, and what is
 * foreseen to have changed up to where each begins. */
void tb_crew_begin(struct crew *crew, const struct trace_round *round, uint32_t first, size_t count,
                   struct decoder *state, const struct tb_buffer *foreseen);
/* Worker number which of the crew does its part; any thread, each worker once. */
void tb_crew_work(struct crew *crew, const struct trace_round *round, size_t which);
void tb_crew_end(struct crew *crew);

#endif
