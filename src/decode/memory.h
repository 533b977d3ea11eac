/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_MEMORY_H
#define TWINBED_SRC_DECODE_MEMORY_H

/* How much memory decoding takes, by what can be known before it begins. */

#include "decoding.h"

/* Bytes that a rank holds at most while it decodes what the plan gives it, beside the buffers of its readers, live flows
 * and distinct transitions. rank: of the plan's; threads of each, at least 1. */
uint64_t tb_decoding_memory(const struct tb_campaign *campaign, const struct tb_plan *plan, int rank, int threads);

#endif
