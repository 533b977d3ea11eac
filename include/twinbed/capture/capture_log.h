/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CAPTURE_CAPTURE_LOG_H
#define TWINBED_CAPTURE_CAPTURE_LOG_H

/* What the capturing program says of a capture when it ends: how many packets it wrote, and how many it lost. A pcap file
 * does not tell.
 *
 * Read are the texts that tcpdump, dumpcap and tshark print on standard error ("100 packets captured", "20 packets
 * dropped by kernel", "Packets received/dropped on interface 'eth0': 100/20 (...)"), whatever stands around them. Of a
 * log of several captures, one after the other, the last counts. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/bytes.h"
#include "twinbed/io/account.h"
#include "twinbed/io/source.h"

enum tb_capture_log_count {
    TB_CAPTURE_LOG_CAPTURED,             /* written to the file */
    TB_CAPTURE_LOG_RECEIVED,             /* by the filter, or on the interfaces; may hold those dropped */
    TB_CAPTURE_LOG_DROPPED_BY_KERNEL,    /* for want of room, or by the capturing program itself */
    TB_CAPTURE_LOG_DROPPED_BY_INTERFACE, /* by cards and their drivers, before the kernel */
    TB_CAPTURE_LOG_COUNTS
};

struct tb_capture_log {
    struct tb_account account;
    bool known[TB_CAPTURE_LOG_COUNTS]; /* what the log does not say is not 0 */
    uint64_t packets[TB_CAPTURE_LOG_COUNTS];
};

/* TB_UNSUPPORTED for what no such program prints, TB_TRUNCATED for an empty file. A log without the closing lines, of a
 * program that was killed, is damaged (truncated), and all its numbers are unknown. */
TB_MUST_USE enum tb_status tb_capture_log_read(struct tb_source *source, struct tb_capture_log *log,
                                               struct tb_error *error);

/* Packets lost by kernel and interface together, at most INT64_MAX; false when the log says neither. */
bool tb_capture_log_dropped(const struct tb_capture_log *log, uint64_t *packets);

void tb_capture_log_pack(const struct tb_capture_log *log, struct tb_buffer *buffer);
TB_MUST_USE bool tb_capture_log_unpack(struct tb_capture_log *log, struct tb_bytes *bytes);

#endif
