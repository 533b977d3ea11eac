/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_DECODE_H
#define TWINBED_SRC_DECODE_DECODE_H

/* The first pass over a campaign's files. Each is decoded as a whole by the ranks that the plan
 * gives it to (shares.h); what came of it is told to all. */

#include "decoding.h"

/* Every artifact that exists becomes a part; every rank learns the outcome of each. TB_STOPPED after a signal. What is
 * wrong with a file is its outcome, not an error. Collective. */
TB_MUST_USE enum tb_status tb_artifacts_decode(struct decoding *decoding, struct tb_error *error);

#endif
