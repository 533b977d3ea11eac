/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_BASE_LOG_H
#define TWINBED_BASE_LOG_H

/* Messages and progress for people, on standard error.
 *
 * Messages of a rank that is not the speaker (tb_log_speak_as) are dropped
 * unless they are errors that only that rank can know; code that has an agreed
 * status logs on the speaker alone. Every function may be called by any thread. */

#include <stdbool.h>
#include <stdint.h>

#include "twinbed/base/status.h"

enum tb_log_level { TB_LOG_QUIET, TB_LOG_ERROR, TB_LOG_WARNING, TB_LOG_INFO, TB_LOG_DEBUG };

/* Sets what is shown (default TB_LOG_INFO) and whether this process is the one
 * that speaks for the job (default yes). Call before threads start. */
void tb_log_configure(enum tb_log_level level, bool speaker);

/* "twinbed: error: ..." on a line of its own; the others likewise. */
void tb_log_error(const char *format, ...) TB_PRINTF(1, 2);
void tb_log_warning(const char *format, ...) TB_PRINTF(1, 2);
void tb_log_info(const char *format, ...) TB_PRINTF(1, 2);
void tb_log_debug(const char *format, ...) TB_PRINTF(1, 2);

/* Progress of one stage: a bar that redraws itself on a terminal; elsewhere a
 * line with a time stamp at the start, at the end, and at most every ten
 * seconds between. Only the speaker shows it. */
struct tb_progress {
    const char *stage; /* borrowed: "decode" */
    const char *unit;  /* borrowed: "bytes", "walks" */
    uint64_t total;
    uint64_t done;
    double started; /* seconds, monotonic */
    double shown;
};

void tb_progress_start(struct tb_progress *progress, const char *stage, const char *unit, uint64_t total);
/* Adds to what is done; safe from several threads at once. */
void tb_progress_add(struct tb_progress *progress, uint64_t amount);
void tb_progress_finish(struct tb_progress *progress);

/* Seconds of a monotonic clock, for durations. */
double tb_clock_seconds(void);

#endif
