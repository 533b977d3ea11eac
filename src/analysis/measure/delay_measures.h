/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_DELAY_MEASURES_H
#define TWINBED_SRC_ANALYSIS_DELAY_MEASURES_H

/* One-way delays of a pair: of the test packets in its capture, and of the
 * packets found in captures at both its ends. */

#include "run_measures.h"

/* Fills the pair's delays from captures that are used; capture is the one that
 * flows are counted in, or NULL. Other captures of the pair come from run. */
TB_MUST_USE enum tb_status tb_measure_delays(const struct job *job, struct run_measures *run, size_t pair,
                                             const struct tb_capture *capture, struct tb_error *error);

#endif
