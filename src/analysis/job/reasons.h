/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_REASONS_H
#define TWINBED_SRC_ANALYSIS_REASONS_H

/* Why a run has no value of a metric: a number for each (run, pair, metric) that
 * stands for a kind and a sentence. Each rank numbers the reasons of its runs as it
 * meets them; then all ranks agree on one list, ordered by kind and sentence, so
 * that numbers do not depend on who met what first. */

#include <stdbool.h>
#include <stdint.h>

#include "twinbed/base/bytes.h"
#include "twinbed/base/containers.h"
#include "twinbed/metrics/absence.h"

enum { NO_REASON = -1 };

struct reason_entry {
    enum tb_absence kind;
    char *sentence; /* owned */
};

/* True for sentences that differ in their numbers only: they say one thing of several runs. */
bool tb_sentences_alike(const char *one, const char *other);

/* Zero it to start. */
struct reason_list {
    struct reason_entry *items; /* owned */
    size_t count;
    size_t capacity;
    struct tb_index index; /* by hash of kind and sentence */
    bool failed;           /* memory was short; set by those who add many and look once */
};

void tb_reason_list_free(struct reason_list *list);

/* The number of a reason, added when it is new; -1 when memory is short. */
int32_t tb_reason_list_add(struct reason_list *list, enum tb_absence kind, const char *sentence);

void tb_reason_list_pack(const struct reason_list *list, struct tb_buffer *buffer);

/* The lists of all ranks, one behind the other, become one: each reason once, in order. */
TB_MUST_USE enum tb_status tb_reason_list_unite(struct tb_bytes packed, struct reason_list *united,
                                                struct tb_error *error);

/* Turns numbers of list into those of united, which holds all of its reasons. */
TB_MUST_USE enum tb_status tb_reason_list_renumber(const struct reason_list *list, const struct reason_list *united,
                                                   int32_t *numbers, size_t count, struct tb_error *error);

#endif
