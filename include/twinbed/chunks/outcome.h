/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CHUNKS_OUTCOME_H
#define TWINBED_CHUNKS_OUTCOME_H

#include <stdint.h>

/* What came of reading one file chunk by chunk with several workers. The result does not depend on it. */
struct tb_chunk_outcome {
    uint64_t committed; /* chunks decoded ahead whose preconditions held */
    uint64_t repeated;  /* those whose did not, and those that were in doubt with them */
    uint64_t overdue;   /* those whose worker was put aside by the system, so that the leader decoded them */
    uint64_t decoded;   /* chunks that nobody had decoded ahead */
};

#endif
