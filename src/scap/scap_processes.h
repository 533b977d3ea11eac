/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SCAP_SCAP_PROCESSES_H
#define TWINBED_SCAP_SCAP_PROCESSES_H

/* The lists at the head of a section: threads, and the descriptors they had open.
 *
 * Take entries from a block's body (behind type and length, before the last length) until one is
 * refused. When more than 3 bytes are left then, an entry did not fit; fewer are padding. Texts are
 * borrowed from the block. */

#include "scap_blocks.h"
#include "scap_event.h"
#include "twinbed/call/symbols.h"

/* What a file says about one thread at one moment. Texts of size 0 are unknown. */
struct scap_identity {
    int64_t tid;
    int64_t pid;    /* Of its process, which is the tid of the process's first thread. */
    int64_t parent; /* Of its parent process. */
    struct scap_text name;
    struct scap_text arguments; /* separated by NULs */
    struct scap_text cgroups;   /* separated by NULs */
};

/* Takes the next entry of a process list of version 1 .. 9; false when there is none or it does not
 * fit. Where the list has no name, that of the executable stands for it. */
bool tb_scap_take_process(struct tb_bytes *body, unsigned version, struct scap_identity *identity);

/* Takes the next entry of a descriptor list, after its tid, which the caller takes; false as above.
 * explicit_lengths: the entry begins with its length. */
bool tb_scap_take_descriptor(struct tb_bytes *body, bool explicit_lengths, int64_t *descriptor,
                             enum tb_descriptor_kind *kind);

/* The process name when only argv[0] is known: what the kernel makes of it, its last component, cut
 * to 15 bytes. */
struct scap_text tb_scap_name_of_executable(struct scap_text executable);

#endif
