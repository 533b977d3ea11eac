/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CAPTURE_CAPTURE_FILES_H
#define TWINBED_CAPTURE_CAPTURE_FILES_H

/* The files of one capture whose program began another file now and then: tcpdump -C, -G and -W, dumpcap -b. Each begins
 * with a header of its own. */

#include <stddef.h>

#include "twinbed/base/status.h"
#include "twinbed/io/source.h"

/* Opens them as one source, in the order of their first packets, files with equal times in the order of paths (paths[0] to
 * paths[count - 1], count at least 1, those of one capture); files without a packet come last. Of pcap files the stream is
 * what one whole file would hold, and tb_capture_read_split gives the same capture; of pcapng files each is a section.
 *
 * Reads the beginning of each. TB_UNSUPPORTED for a file that is no capture, or none that goes on with the others: of another
 * format, byte order, link type or snapshot length. Else fails as tb_source_open and tb_capture_read do. One file is opened
 * as tb_source_open does, and not looked at. Not collective. On TB_OK *source is the caller's to close. */
TB_MUST_USE enum tb_status tb_capture_open_files(const char *const *paths, size_t count, struct tb_source **source,
                                                 struct tb_error *error);

#endif
