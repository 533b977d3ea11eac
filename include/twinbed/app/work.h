/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_APP_WORK_H
#define TWINBED_APP_WORK_H

/* The number of completed units of work of a run, for workloads other than ab:
 * a number in a JSON or CSV file. */

#include <stdint.h>

#include "twinbed/io/source.h"

/* selector: a JSON pointer ("/summary/requests") for JSON; for CSV the name of a
 * column (the value of the last row is taken). What the file is, is found by
 * its first byte that is not a space ('{' or '[': JSON). TB_NOT_FOUND when there
 * is no such value, TB_CORRUPT when it is not a whole number >= 0. */
TB_MUST_USE enum tb_status tb_work_read(struct tb_source *source, const char *selector, uint64_t *units,
                                        struct tb_error *error);

#endif
