/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_APP_COUNTER_SERIES_H
#define TWINBED_SRC_APP_COUNTER_SERIES_H

#include "counter_list.h"

/* Adds what one of these tells of the whole run:
 *
 *   vmstat N                 the mean of each column, without the first row, which is of the time since the machine was
 *                            started; r, b: processes; memory: KiB; si, so, bi, bo: KiB/s; in, cs: 1/s; the rest: %
 *   sar N, pidstat N         its lines of averages (at its end, unless it was killed): "%steal all", "%wait ab"; numbers
 *                            of processes with one name add up
 *   sadf -j                  the same, from JSON: the mean of its rows (counter_sadf.h)
 *   perf kvm stat report     samples of each kind of exit, and all of them as TB_COUNTER_KVM_EXITS
 *
 * file is what the counters are said to be of. TB_UNSUPPORTED for any other text, or one that tells nothing. */
TB_MUST_USE enum tb_status tb_counter_series_read(struct tb_source *source, const char *file,
                                                  struct tb_counters *counters, struct tb_account *account,
                                                  struct tb_error *error);

#endif
