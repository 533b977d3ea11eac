/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_FLOW_PACK_H
#define TWINBED_SRC_FLOW_FLOW_PACK_H

#include "twinbed/base/archive.h"
#include "twinbed/flow/flow_sink.h"

/* As part of what is described. */
void tb_flow_describe(struct tb_archive *archive, struct tb_flow *flow);
void tb_flow_side_describe(struct tb_archive *archive, struct tb_flow_side *side);

#endif
