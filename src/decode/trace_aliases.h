/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_TRACE_ALIASES_H
#define TWINBED_SRC_DECODE_TRACE_ALIASES_H

/* One trace file may tell of several processes: artifacts of other pairs and roles are aliases of the one that is decoded. */

#include "decoding.h"

/* The (pair, role)s whose sequences one trace file holds: artifacts that share
 * it, in order. Sequence i of its part belongs to artifact aliases[i]. Returns
 * how many there are, and fills no more than room; a campaign in which one file
 * has more than TRACE_ALIASES_MAX is refused. */
size_t tb_trace_aliases(const struct tb_campaign *campaign, size_t artifact, size_t *aliases, size_t room);
/* So many pairs and roles one trace may serve. */
enum { TRACE_ALIASES_MAX = 128 };

/* Their processes, as a trace is asked for them: texts are borrowed from the campaign. Returns how many. */
size_t tb_trace_selectors(const struct tb_campaign *campaign, size_t artifact,
                          struct tb_process_selector selectors[TRACE_ALIASES_MAX]);

/* The same, as a part of a key. */
void tb_key_add_selectors(const struct tb_campaign *campaign, size_t artifact, struct tb_buffer *key);

#endif
