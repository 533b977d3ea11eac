/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_PACKET_FILTER_H
#define TWINBED_SRC_PACKET_FILTER_H

/* A packet filter: a libpcap expression, compiled for each link type met.
 *
 * Start, match each record, check in the end, free. A program is compiled when a link type is met
 * first. One filter is used by one thread at a time. */

#include <stdbool.h>
#include <stddef.h>

#include "packet_file.h"

struct tb_filter_program; /* opaque */

/* A filter while packets come. */
struct tb_filter {
    const char *expression;             /* borrowed; NULL lets everything through */
    struct tb_filter_program *programs; /* owned */
    size_t count;
    size_t capacity;
    size_t latest; /* index of the program used last */
    bool tried;    /* some packet was of a link that is decoded */
};

/* Begins a filter; nothing is compiled yet. expression is borrowed; NULL lets everything through. */
void tb_filter_start(struct tb_filter *filter, const char *expression);
void tb_filter_free(struct tb_filter *filter);

/* For tb_filter_match, when there is an expression. */
TB_MUST_USE enum tb_status tb_filter_run(struct tb_filter *filter, const struct tb_packet_record *record, bool *passes,
                                         struct tb_error *error);

/* Whether the packet passes. TB_USAGE when the expression is bad. Packets of
 * links that are not decoded pass: they are counted as such. */
TB_MUST_USE static inline enum tb_status
tb_filter_match(struct tb_filter *filter, const struct tb_packet_record *record, bool *passes, struct tb_error *error)
{
    *passes = true;
    return filter->expression == NULL ? TB_OK : tb_filter_run(filter, record, passes, error);
}

/* Says what is wrong with an expression that no packet has tried. */
TB_MUST_USE enum tb_status tb_filter_check(struct tb_filter *filter, struct tb_error *error);

#endif
