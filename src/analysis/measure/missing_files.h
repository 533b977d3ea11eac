/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_MISSING_FILES_H
#define TWINBED_SRC_ANALYSIS_MISSING_FILES_H

/* What the names of a capture's files tell of those between them that are not there. */

#include <stdbool.h>

#include "twinbed/campaign/campaign.h"

enum { MISSING_FILES_TEXT_SIZE = 400 };

/* Fills text with the first gap, as a sentence; false when the names tell none. Names are numbered as those of tcpdump -C
 * ("link.pcap3") and dumpcap -b ("link_00003_20260105120000.pcap") are, or hold the time at which the file was begun, as those
 * of tcpdump -G may: year to minute or second with or without a character between them, or seconds since the epoch. */
bool tb_missing_files_describe(const struct tb_artifact *about, char text[MISSING_FILES_TEXT_SIZE]);

#endif
