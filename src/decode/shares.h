/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_SHARES_H
#define TWINBED_SRC_DECODE_SHARES_H

/* Who decodes what, by the plan. Teams of ranks come first, for traces and captures that are larger than a rank's share.
 * Then each thread takes the next largest file of its rank; a file that is larger than a thread's share is decoded by all
 * threads together. */

#include "artifact.h"

/* What is done to each artifact. */
struct share_work {
    const char *name; /* of the stage, for whoever watches its progress */
    bool in_bytes;    /* progress: not files */
    bool again;       /* traces were decoded as a whole before: now in cuts */
    /* Leaves artifacts out; must say the same on every rank. */
    bool (*skip)(const void *context, size_t artifact);
    /* Any thread, but outside of others' work with several threads or a team. What it returns stops the stage. */
    enum tb_status (*decode)(void *context, size_t artifact, const struct workers *workers, struct tb_error *error);
    void *context;
};

/* Every artifact of the plan is decoded, or skipped, by some rank. TB_STOPPED after a signal; TB_INTERNAL when MPI fails;
 * else the status of the first decode that failed. Collective. */
TB_MUST_USE enum tb_status tb_shares_decode(const struct decoding *decoding, const struct share_work *work,
                                            struct tb_error *error);

#endif
