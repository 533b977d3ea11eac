/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACER_PERF_CALLS_H
#define TWINBED_TRACER_PERF_CALLS_H

/* Lines of perf become events. They tell numbers where strace tells names and texts: of a socket no port is known, of a program no
 * arguments, of a descriptor only what the calls that were recorded did to it. */

#include "perf_line.h"
#include "tracer_text.h"

/* The line is not broken. TB_UNSUPPORTED when it lacks what a recording must have, or is of another architecture. */
TB_MUST_USE enum tb_status tb_perf_take_line(struct tracer_text *text, const struct perf_line *line,
                                             struct tb_error *error);

#endif
