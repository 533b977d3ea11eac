/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_WINDOWS_H
#define TWINBED_SRC_DECODE_WINDOWS_H

/* The second pass: windows that reach to the shortest sequence of a scenario, and intervals of walk
 * profiles, are known only when the first pass has counted all sequences. */

#include "decoding.h"

/* Resolves the windows of all scenarios and roles that have usable sequences, and counts what they, or intervals, cut:
 * from lists of calls, or else from the traces. Collective; errors as above. */
TB_MUST_USE enum tb_status tb_windows_count(struct decoding *decoding, struct tb_error *error);

#endif
