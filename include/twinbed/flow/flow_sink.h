/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_FLOW_FLOW_SINK_H
#define TWINBED_FLOW_FLOW_SINK_H

/* Where the rows of a capture's flows go that are not to be held in memory. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/bytes.h"
#include "twinbed/base/status.h"
#include "twinbed/flow/flow.h"

/* Some rows, packed one behind the other. */
struct tb_flow_block {
    const uint8_t *data; /* borrowed */
    size_t size;
    size_t rows;
};

/* Takes the rows in blocks of some 256 KiB, in the order of the flows' first packets,
 * when the capture was read. Flows end in another order: what waits is kept
 * in memory up to some MiB a thread, and beyond that in temporary files without
 * names. */
struct tb_flow_sink {
    /* A status that is not TB_OK ends the reading with it. */
    enum tb_status (*take)(void *context, const struct tb_flow_block *block, struct tb_error *error);
    void *context;
    const char *directory; /* of the temporary files; NULL: everything waits in memory */
    bool failed;           /* set when not the capture is to blame: a row could not be kept or taken */
};

/* Up to TB_FLOW_PACKED_MAX bytes. */
void tb_flow_pack(const struct tb_flow *flow, struct tb_buffer *buffer);
/* Checks every byte; false when a row is cut off or cannot be one. */
TB_MUST_USE bool tb_flow_unpack(struct tb_flow *flow, struct tb_bytes *bytes);

enum { TB_FLOW_PACKED_MIN = 150, TB_FLOW_PACKED_MAX = 4096 }; /* bytes of any packed flow */

#endif
