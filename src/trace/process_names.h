/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_PROCESS_NAMES_H
#define TWINBED_TRACE_PROCESS_NAMES_H

/* How many events the threads of each process name had.
 *
 * A trace may have any number of names. Kept are those that come first in the order of their bytes,
 * so that what is kept, and its counts, are the same in whatever order events are added, and for
 * parts that are added up. Growth: 72 bytes a name, 36 KiB at most.
 *
 * Zero it to start; add as events come (tb_threads_add_up does); finish once. Not for several
 * threads at a time. */

#include "twinbed/base/archive.h"
#include "twinbed/trace/trace.h"

/* Names so far. Zero it to start. */
struct process_names {
    struct tb_process_name *items; /* Owned; sorted by name, no name empty, all with events > 0. */
    size_t count;
    size_t capacity;
    uint64_t unnamed; /* events of threads whose name is not known */
    /* There was no memory for a name. tb_process_names_finish says so in the end; a speculation
     * with it is not committed. */
    bool failed;
};

/* Frees what it owns; it is empty then. */
void tb_process_names_free(struct process_names *names);

/* Adds events of a name: a thread's, NUL-ended, in TB_PROCESS_NAME_SIZE bytes. Those without a name
 * are counted together. Without memory it sets failed. */
void tb_process_names_add(struct process_names *names, const char *name, uint64_t events);
/* Adds what a part of the trace counted, as if its events had been added one by one. */
void tb_process_names_merge(struct process_names *names, const struct process_names *part);

/* Moves them to the trace, which owns them then, those with most events first and ties by name;
 * names is empty. TB_MEMORY when one was lost. */
TB_MUST_USE enum tb_status tb_process_names_finish(struct process_names *names, struct tb_trace *trace,
                                                   struct tb_error *error);

/* All of it as part of what is described (base/archive.h); reading goes into empty ones. Names that
 * do not ascend, are too many or have no events are no names. */
void tb_process_names_describe(struct tb_archive *archive, struct process_names *names);

/* Only names and events, in the order they stand in: those of a finished trace. */
void tb_process_name_list_describe(struct tb_archive *archive, struct tb_process_name **items, size_t *count);

#endif
