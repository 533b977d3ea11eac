/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_RESULTS_FLAGS_H
#define TWINBED_RESULTS_FLAGS_H

/* Values and words of flags that only results have; those of other rooms' enums
 * stand beside these. An enum of one is made with a prefix: see base/words.h. */

#include "twinbed/base/words.h"

/* comparison/contrast_kind: what differs between the two cells */
#define TB_CONTRAST_KIND_WORDS(WORD) WORD(TESTBED, testbed) WORD(FACTOR, factor)

/* comparison/reason: why there is no verdict */
#define TB_COMPARISON_REASON_WORDS(WORD)                                                                               \
    WORD(DECIDED, decided)                                                                                             \
    WORD(NO_VALUES, no_values)                                                                                         \
    WORD(NO_REFERENCE, reference_without_values)                                                                       \
    WORD(POINTS, different_capture_points)                                                                             \
    WORD(HOSTS, different_hosts)                                                                                       \
    WORD(FEW_VALUES, few_values) /* undecided, for that reason alone */

/* quality/artifact_state: what became of an artifact */
#define TB_ARTIFACT_STATE_WORDS(WORD)                                                                                  \
    WORD(USED, used)                                                                                                   \
    WORD(MISSING, missing) /* other runs of the cell have one */                                                       \
    WORD(DAMAGED, damaged)                                                                                             \
    WORD(WITHDRAWN, withdrawn)                                                                                         \
    WORD(DISCARDED, discarded)                                                                                         \
    WORD(NOT_RECORDED, not_recorded)

/* os/walk_basis, os/walk_set_basis: what chains are built from */
#define TB_WALK_BASIS_WORDS(WORD) WORD(WHOLE, whole) WORD(WINDOW, window)

/* os/walk_set_reason: why there is no relative probability */
#define TB_WALK_SET_REASON_WORDS(WORD)                                                                                 \
    WORD(DEFINED, defined)                                                                                             \
    WORD(BASELINE, baseline)                                                                                           \
    WORD(NO_VALID_WALK, no_valid_walk)                                                                                 \
    WORD(NO_VALID_BASELINE, no_valid_baseline_walk)                                                                    \
    WORD(LENGTHS_DIFFER, lengths_differ)                                                                               \
    WORD(NO_WALKS, no_walks)

/* os/edge_difference_presence: which chain has the edge */
#define TB_EDGE_PRESENCE_WORDS(WORD)                                                                                   \
    WORD(BOTH, both) WORD(TESTBED_ONLY, testbed_only) WORD(BASELINE_ONLY, baseline_only)

#endif
