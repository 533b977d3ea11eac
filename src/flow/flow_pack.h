/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_FLOW_PACK_H
#define TWINBED_SRC_FLOW_FLOW_PACK_H

#include "twinbed/base/bytes.h"
#include "twinbed/flow/flow_sink.h"

void tb_flow_side_pack(const struct tb_flow_side *side, struct tb_buffer *buffer);
TB_MUST_USE bool tb_flow_side_unpack(struct tb_flow_side *side, struct tb_bytes *bytes);

#endif
