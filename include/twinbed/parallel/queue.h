/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_PARALLEL_QUEUE_H
#define TWINBED_PARALLEL_QUEUE_H

/* Work that ranks take when they are free: items 0 to count - 1 of a list that all ranks know, each given to one thread of one
 * rank, in the order of the list. So a rank that is slow, or has much else to do, takes fewer, and nobody needs to know before
 * how long an item takes; put the longest first, and the last to finish is late by little.
 *
 * A thread beside those of rank 0 hands out, so that it answers whatever rank 0 is at. A rank gets several items at once as
 * long as they are a small part of what is left; their costs say so, in any unit. */

#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/progress.h"
#include "twinbed/parallel/team.h"

struct tb_queue; /* opaque */

/* costs: count items, borrowed until the queue is closed, the same on every rank; NULL when all cost 1. progress: of rank 0,
 * which learns there what all ranks have done; else NULL. On TB_OK *queue is to be closed on every rank. TB_MEMORY,
 * TB_INTERNAL. Collective. */
TB_MUST_USE enum tb_status tb_queue_open(const struct tb_team *team, const uint64_t *costs, size_t count,
                                         struct tb_progress *progress, struct tb_queue **queue, struct tb_error *error);

/* The next item; count, again and again, when none is left. May wait for rank 0, asleep. Any thread; TB_INTERNAL when MPI
 * fails. Not collective. */
TB_MUST_USE enum tb_status tb_queue_next(struct tb_queue *queue, size_t *item, struct tb_error *error);

/* So much of what the progress counts is done. skipped: it needed no work. Any thread; not collective. */
void tb_queue_note(struct tb_queue *queue, uint64_t amount, bool skipped);

/* What rank 0 answers: the end of the range that begins with item next, when the items from there on cost left together. One
 * item, or more while they are a fourth at most of what each worker, a thread of a rank, would get of all that is left: ranks
 * come back often enough to be done together, and have nothing large in hand that waits for a thread of theirs. Pure. */
size_t tb_queue_range_end(const uint64_t *costs, size_t count, size_t next, uint64_t left, uint64_t workers);

/* This rank takes no more. abandon: nor shall others, but go on with what they have. Frees the queue, NULL included. Returns
 * at once, but on rank 0 not before all ranks have called it. TB_INTERNAL when MPI fails. Collective. */
TB_MUST_USE enum tb_status tb_queue_close(struct tb_queue *queue, bool abandon, struct tb_error *error);

#endif
