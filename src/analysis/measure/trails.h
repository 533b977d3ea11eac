/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_TRAILS_H
#define TWINBED_SRC_ANALYSIS_TRAILS_H

/* Trails: packets of the flows that stood still longest, one flow of each testbed.
 *
 * Which these are is known when all runs are measured; their captures are then read once more (capture/packet_trail.h).
 * More than TB_TRAILS_MOST captures never are, whatever the size of the campaign. */

#include "run_measures.h"

enum { TB_TRAILS_MOST = 8 };

/* The worst flow of one testbed's stalled runs that this rank measured. */
struct stalled_testbed {
    size_t artifact; /* its capture; not set where no flow stood still */
    struct tb_stalled_flow flow;
};

/* A stalled run was measured. worst has an item for each testbed, zeroed before the first. Not collective. */
void tb_trails_note(const struct job *job, const struct run_measures *run, struct stalled_testbed *worst);

/* Reads the trails of the worst flows of all ranks, and adds their rows. A capture that cannot be read once more has none of its packets,
 * and a warning says why. Collective. */
TB_MUST_USE enum tb_status tb_trails_read(struct job *job, const struct stalled_testbed *worst, struct tb_error *error);

#endif
