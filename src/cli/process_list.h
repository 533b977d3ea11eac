/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CLI_PROCESS_LIST_H
#define TWINBED_SRC_CLI_PROCESS_LIST_H

/* Who makes calls in a trace. */

#include "twinbed/base/containers.h"
#include "twinbed/trace/trace.h"

/* All threads while they bear one name. */
struct listed_process {
    char *name; /* owned; "?" for threads that the trace gives no name; UTF-8 */
    uint64_t calls;
    uint64_t errors;   /* calls with a negative result */
    uint64_t threads;  /* thread ids that made some */
    uint64_t connects; /* calls named connect, whatever came of them */
    uint64_t accepts;  /* calls named accept or accept4 that gave a descriptor */
};

/* Processes of a trace, as they are listed. */
struct process_list {
    struct listed_process *items; /* owned; most calls first, then by name */
    size_t count;
    size_t capacity;
    struct tb_index names;   /* while it is read */
    struct tb_index threads; /* likewise, of a name */
    tb_call connect, accept, accept4;
    bool failed; /* memory is short */
};

/* Reads a whole trace, in count files; what is whole before damage counts, and account says what and where. The errors of opening and
 * reading a trace; to be freed in any case. */
TB_MUST_USE enum tb_status process_list_read(const char *const *paths, size_t count, struct process_list *list,
                                             struct tb_account *account, struct tb_error *error);
/* Frees what it owns. */
void process_list_free(struct process_list *list);

#endif
