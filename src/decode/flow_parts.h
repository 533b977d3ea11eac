/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_FLOW_PARTS_H
#define TWINBED_SRC_DECODE_FLOW_PARTS_H

/* The rows of a capture's flows are a part of their own, beside the capture's: a decoder writes it in blocks. */

#include "twinbed/checkpoint/part_blocks.h"
#include "twinbed/flow/flow_sink.h"

/* Writes the part with the rows of one capture. */
struct flow_part {
    struct tb_flow_sink sink; /* for the capture's request */
    const char *directory;    /* borrowed */
    const char *key;          /* borrowed */
    struct tb_part_writer *writer;
};

void tb_flow_part_start(const char *directory, const char *key, struct flow_part *part);
/* When the capture was read: the part is there on TB_OK. */
TB_MUST_USE enum tb_status tb_flow_part_finish(struct flow_part *part, struct tb_error *error);
/* Nothing is left of it. */
void tb_flow_part_abandon(struct flow_part *part);

#endif
