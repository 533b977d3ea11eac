/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_NET_DETAIL_PACK_H
#define TWINBED_SRC_NET_DETAIL_PACK_H

#include "twinbed/net/capture.h"

void tb_flow_detail_pack(const struct tb_flow_detail *detail, struct tb_buffer *buffer);
TB_MUST_USE bool tb_flow_detail_unpack(struct tb_flow_detail *detail, struct tb_bytes *bytes);

#endif
