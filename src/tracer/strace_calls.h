/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACER_STRACE_CALLS_H
#define TWINBED_TRACER_STRACE_CALLS_H

/* Lines of strace become events. */

#include "strace_line.h"
#include "tracer_text.h"

/* Whether TRACER_AHEAD bytes are needed in the reader's window before the line is taken: it is the first one of a thread
 * that another one may just be beginning. */
bool tb_strace_looks_ahead(struct tracer_text *text, const struct strace_line *line);

/* The line stands at the beginning of the reader's window, and is not broken. */
TB_MUST_USE enum tb_status tb_strace_take_line(struct tracer_text *text, const struct strace_line *line,
                                               struct tb_error *error);

#endif
