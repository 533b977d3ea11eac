/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_RECOGNISE_H
#define TWINBED_SRC_DECODE_RECOGNISE_H

/* What a file is that is not what its artifact asks for. Readers know their own formats only; this knows, by the
 * first bytes, what else lies beside them in practice, so that a message can name it. */

#include <stddef.h>
#include <stdint.h>

#include "twinbed/campaign/campaign.h"

/* What is known of a stream. Texts are static. */
struct recognised {
    const char *what;           /* "wrk output" */
    const char *advice;         /* what to do about it; "" for nothing */
    enum tb_artifact_kind kind; /* that reads it; TB_ARTIFACT_KINDS: none */
};

/* NULL when nothing is known of a stream that begins so. */
const struct recognised *tb_content_recognise(const uint8_t *data, size_t size);

#endif
