/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_APP_COUNTERS_H
#define TWINBED_APP_COUNTERS_H

/* Counters of a whole machine: /proc snapshots before and after a run.
 *
 * The directory of a run holds before.NAME and after.NAME for the names stat,
 * diskstats, vmstat, interrupts; each is optional, a pair needs both. */

#include <stdbool.h>
#include <stdint.h>

#include "twinbed/base/bytes.h"
#include "twinbed/io/account.h"
#include "twinbed/io/source.h"

enum tb_counter {
    TB_COUNTER_CONTEXT_SWITCHES, /* stat: ctxt */
    TB_COUNTER_INTERRUPTS,       /* stat: intr total */
    TB_COUNTER_SOFT_INTERRUPTS,  /* stat: softirq total */
    TB_COUNTER_FORKS,            /* stat: processes */
    TB_COUNTER_BLOCK_READS,      /* diskstats: reads completed; whole devices only, and none that lies on others */
    TB_COUNTER_BLOCK_WRITES,
    TB_COUNTER_BLOCK_READ_BYTES, /* sectors * 512 */
    TB_COUNTER_BLOCK_WRITE_BYTES,
    TB_COUNTER_PAGES_IN_KIB,  /* vmstat: pgpgin */
    TB_COUNTER_PAGES_OUT_KIB, /* vmstat: pgpgout */
    TB_COUNTER_MINOR_FAULTS,  /* vmstat: pgfault - pgmajfault */
    TB_COUNTER_MAJOR_FAULTS,  /* vmstat: pgmajfault */
    TB_COUNTERS
};

struct tb_counters {
    struct tb_account account; /* summed over the files */
    bool known[TB_COUNTERS];
    uint64_t difference[TB_COUNTERS]; /* after - before */
    /* Of one snapshot only, to tell whether two belong together; not packed. */
    uint64_t boot_time; /* stat: btime, s since the epoch; 0: not told */
    uint64_t devices;   /* diskstats: sum of hashes of the names of the devices that are counted */
};

/* One /proc file's bytes; name is "stat", "diskstats", "vmstat" or
 * "interrupts". Values are absolute, known marks those found. */
TB_MUST_USE enum tb_status tb_counters_parse(const char *name, struct tb_source *source, struct tb_counters *absolute,
                                             struct tb_error *error);

/* Reads the snapshots of a directory and subtracts. TB_NOT_FOUND when no pair
 * is there. A counter that runs backwards is not known, and account says so; so it
 * does when the machine was started between the snapshots, or when both are of one
 * moment. Where other block devices are there after than before, those counters
 * are not known. */
TB_MUST_USE enum tb_status tb_counters_read(const char *directory, struct tb_counters *counters,
                                            struct tb_error *error);
void tb_counters_pack(const struct tb_counters *counters, struct tb_buffer *buffer);
TB_MUST_USE bool tb_counters_unpack(struct tb_counters *counters, struct tb_bytes *bytes);

#endif
