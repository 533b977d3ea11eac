/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_SHARES_H
#define TWINBED_SRC_DECODE_SHARES_H

/* Who decodes what. Teams of ranks come first, by the plan, for traces and captures that are larger than a rank's share. The
 * others go to whoever is free, those that take longest first: to a thread, or to all threads of a rank when a file is larger
 * than a thread's share. */

#include "artifact.h"

/* What is done to each artifact. */
struct share_work {
    const char *name; /* of the stage, for whoever watches its progress */
    bool in_bytes;    /* progress: not files */
    bool again;       /* traces were decoded as a whole before: now in cuts */
    bool alone;       /* each artifact by one thread of one rank, however large */
    /* Leaves artifacts out; must say the same on every rank. */
    bool (*skip)(const void *context, size_t artifact);
    /* Any thread, but outside of others' work with several threads or a team. What it returns stops the stage. */
    enum tb_status (*decode)(void *context, size_t artifact, const struct workers *workers, struct tb_error *error);
    void *context;
};

/* Every artifact of the plan is decoded, or skipped, by some rank. After a signal to any of them, or a failure, all finish
 * what they have begun: TB_STOPPED; TB_INTERNAL when MPI fails; else the status of the first decode that failed. TB_MEMORY.
 * Collective. */
TB_MUST_USE enum tb_status tb_shares_decode(const struct decoding *decoding, const struct share_work *work,
                                            struct tb_error *error);

#endif
