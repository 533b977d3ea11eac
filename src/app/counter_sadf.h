/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_APP_COUNTER_SADF_H
#define TWINBED_SRC_APP_COUNTER_SADF_H

#include "counter_averages.h"

/* What sadf -j of sysstat makes of what sar recorded: JSON with the same counters as the lines of sar, under other names. */

/* By the beginning of a file. */
bool tb_sadf_begins(const uint8_t *data, size_t size);

/* Adds the mean of each number over the intervals of the file, each as long as it says, under the name that sar prints:
 * "%steal all", "rxpck/s eth0". What has no row in the table of names keeps its own, behind that of its group:
 * "psi-cpu/some_avg10". TB_CORRUPT or TB_TRUNCATED for what is no JSON. The caller closes the reader. */
TB_MUST_USE enum tb_status tb_sadf_read(struct tb_reader *reader, struct counter_averages *averages,
                                        struct tb_error *error);

#endif
