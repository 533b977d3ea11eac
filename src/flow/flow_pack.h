/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_FLOW_PACK_H
#define TWINBED_SRC_FLOW_FLOW_PACK_H

/* Rows of flows as bytes: what is described for an archive (base/archive.h). Which counters there
 * are, and in what order, says flow_counters.def; their types say how they are packed. A change of
 * either is another version of parts (decode/part_keys.c). */

#include "twinbed/base/archive.h"
#include "twinbed/flow/flow_sink.h"

/* A whole row. What is read may be anything; what is no row fails. */
void tb_flow_describe(struct tb_archive *archive, struct tb_flow *flow);
/* The counters of one side. */
void tb_flow_side_describe(struct tb_archive *archive, struct tb_flow_side *side);

#endif
