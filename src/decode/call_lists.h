/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_CALL_LISTS_H
#define TWINBED_SRC_DECODE_CALL_LISTS_H

/* Lists of the calls of traces. They lie among the parts, each block a part of its own, so that a list is streamed as
 * its trace is, and a block that is broken or absent is found out. */

#include "decoding.h"
#include "twinbed/trace/call_list.h"

/* Whether windows or intervals may cut a sequence of the trace. False when every window will be whole: a shortest
 * sequence is not cut where it is the only one. */
bool tb_call_list_is_wanted(const struct decoding *decoding, size_t artifact);

/* One list while it is written or read. */
struct call_list_place {
    const struct decoding *decoding;
    size_t artifact;
    uint64_t block; /* the next one */
};

/* Writes the list to its place, or, the next, reads it from there. place must outlive what is
 * returned. */
struct tb_call_sink tb_call_list_writer(struct call_list_place *place);
struct tb_call_blocks tb_call_list_reader(struct call_list_place *place);

#endif
