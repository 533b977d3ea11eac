/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TESTS_TRACE_FIXTURE_H
#define TWINBED_TESTS_TRACE_FIXTURE_H

/* Reads written traces, and looks things up in what came out. */

#include "scap_writer.h"
#include "twinbed/os/trace.h"

/* Decodes what was written; fails the test when that does not give a trace. */
struct tb_trace *read_request(const struct scap_writer *writer, const struct tb_trace_request *request);
/* One sequence, orders 1 to 3, no windows. */
struct tb_trace *read_process(const struct scap_writer *writer, const char *process);

/* How often "open>read" or a start occurred, and where first (UINT64_MAX: never). */
uint64_t count_of(const struct tb_transitions *transitions, const char *label);
uint64_t first_of(const struct tb_transitions *transitions, const char *label);
uint64_t starts_of(const struct tb_transitions *transitions, const char *label);
uint64_t calls_of(const struct tb_sequence *sequence, const char *name);

#endif
