/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_CAPTURED_WORK_H
#define TWINBED_SRC_ANALYSIS_CAPTURED_WORK_H

/* Completed units of work as a capture shows them. */

#include "twinbed/base/status.h"
#include "twinbed/campaign/campaign.h"
#include "twinbed/flow/flow_summary.h"

/* The units of a server port by that source, TB_WORK_CAPTURE or TB_WORK_CONNECTIONS; NaN, and reason says why, when the
 * capture cannot tell. */
double tb_captured_work(enum tb_work_source source, const struct tb_port_flows *port, char reason[TB_ERROR_TEXT_SIZE]);

#endif
