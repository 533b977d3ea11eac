/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_PROCESS_NAMES_H
#define TWINBED_TRACE_PROCESS_NAMES_H

/* How many events the threads of each process name had.
 *
 * A trace may have any number of names. Kept are those that come first in the order of their bytes, so that what is kept,
 * and its counts, are the same in whatever order events are added, and for parts that are added up. Growth: 72 bytes a
 * name, 36 KiB at most. */

#include "twinbed/base/archive.h"
#include "twinbed/trace/trace.h"

struct process_names {
    struct tb_process_name *items; /* owned; sorted by name, all with events */
    size_t count;
    size_t capacity;
    uint64_t unnamed; /* events of threads whose name is not known */
    bool failed;      /* there was no memory for a name */
};

void tb_process_names_free(struct process_names *names);

/* name: a thread's, NUL-ended, in TB_PROCESS_NAME_SIZE bytes. */
void tb_process_names_add(struct process_names *names, const char *name, uint64_t events);
/* Adds what a part of the trace counted. */
void tb_process_names_merge(struct process_names *names, const struct process_names *part);

/* Moves them to the trace, those with most events first. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_process_names_finish(struct process_names *names, struct tb_trace *trace,
                                                   struct tb_error *error);

/* As part of what is described; reading goes into empty ones. */
void tb_process_names_describe(struct tb_archive *archive, struct process_names *names);

/* Names and events in the order they stand in, as part of what is described. */
void tb_process_name_list_describe(struct tb_archive *archive, struct tb_process_name **items, size_t *count);

#endif
