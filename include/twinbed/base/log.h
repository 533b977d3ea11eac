/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_BASE_LOG_H
#define TWINBED_BASE_LOG_H

/* Messages for people, on standard error.
 *
 * Messages of a rank that is not the speaker (tb_log_speak_as) are dropped
 * unless they are errors that only that rank can know; code that has an agreed
 * status logs on the speaker alone. Every function may be called by any thread. */

#include <stdbool.h>

#include "twinbed/base/status.h"

enum tb_log_level { TB_LOG_QUIET, TB_LOG_ERROR, TB_LOG_WARNING, TB_LOG_INFO, TB_LOG_DEBUG };

/* Sets what is shown (default TB_LOG_INFO) and whether this process is the one
 * that speaks for the job (default yes). Call before threads start. */
void tb_log_configure(enum tb_log_level level, bool speaker);

/* Whether a message of this level is shown by this process. */
bool tb_log_shows(enum tb_log_level level);

/* "twinbed: error: ..." on a line of its own; the others likewise. */
void tb_log_error(const char *format, ...) TB_PRINTF(1, 2);
void tb_log_warning(const char *format, ...) TB_PRINTF(1, 2);
void tb_log_info(const char *format, ...) TB_PRINTF(1, 2);
void tb_log_debug(const char *format, ...) TB_PRINTF(1, 2);

/* Seconds of a monotonic clock, for durations. */
double tb_clock_seconds(void);

#endif
