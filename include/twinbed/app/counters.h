/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_APP_COUNTERS_H
#define TWINBED_APP_COUNTERS_H

/* Counters of a whole machine, as a directory of texts holds them.
 *
 * before.NAME and after.NAME are snapshots of one thing; each pair is optional,
 * and needs both. The names stat, diskstats, vmstat and interrupts are those of
 * /proc. Snapshots of other names hold a counter a line ("name: 12", "name 12"),
 * as those of ethtool -S and of the files below /sys/kernel/debug/kvm
 * ("grep . /sys/kernel/debug/kvm/[a-z]*"). Files without before. or after. hold a
 * time series or a summary of the run: vmstat N, sar, pidstat, and
 * perf kvm stat report; each is told by its content.
 *
 * Some counters are known to all (enum tb_counter), with a row in one table that
 * says what they are; the rest is known by its name alone. */

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
    TB_COUNTER_CPU_TIME,      /* stat: ticks of all processors, idle ones too; those of guests are among user's */
    TB_COUNTER_STEAL_TIME,    /* stat: of these, ticks in which the machine below ran something else */
    TB_COUNTER_KVM_EXITS,     /* kvm/exits, or samples of perf kvm stat: returns of guests to the machine */
    TB_COUNTERS
};

/* How the number of a run becomes of what was read before and after it. */
enum tb_counter_change {
    TB_CHANGE_DIFFERENCE,         /* after - before, and not known when it runs backwards */
    TB_CHANGE_DIFFERENCE_OF_DISKS /* likewise, where both snapshots have the same disks */
};

struct tb_counter_row {
    const char *name; /* "context_switches" */
    const char *unit;
    double scale; /* of what is counted, in unit */
    enum tb_counter_change change;
};

/* Constant. */
const struct tb_counter_row *tb_counter_at(enum tb_counter counter);

enum { TB_COUNTER_NAME_SIZE = 64, TB_COUNTER_FILE_SIZE = 64, TB_NAMED_COUNTERS_MOST = 4096 };

/* What a file tells of something that has no enumerator. Texts are printable ASCII. */
struct tb_named_counter {
    char file[TB_COUNTER_FILE_SIZE]; /* without before. and after. */
    char name[TB_COUNTER_NAME_SIZE];
    char unit[16];
    double value; /* of snapshots the difference, above 0; of a series the mean */
};

struct tb_counters {
    struct tb_account account; /* summed over the files */
    bool known[TB_COUNTERS];
    uint64_t difference[TB_COUNTERS]; /* after - before */
    double steal_share;               /* of all processors' time, by stat, else by vmstat or sar; NaN: not known */
    struct tb_named_counter
        *named; /* owned; by file, then name or the order of the file; what did not change is left out */
    size_t named_count;
    uint64_t backwards, unread; /* names whose counter runs backwards, and files that are not read: */
    uint64_t left_out;          /* counters beyond those that are kept of a snapshot, or of all files */
    char first_backwards[TB_COUNTER_NAME_SIZE], first_unread[TB_COUNTER_FILE_SIZE];
    /* Of one snapshot only, to tell whether two belong together; not packed. */
    uint64_t boot_time; /* stat: btime, s since the epoch; 0: not told */
    uint64_t devices;   /* diskstats: sum of hashes of the names of the devices that are counted */
};

void tb_counters_free(struct tb_counters *counters);

/* difference in the unit of its row; NaN when it is not known. */
double tb_counter_amount(const struct tb_counters *counters, enum tb_counter counter);

/* One /proc file's bytes; name is "stat", "diskstats", "vmstat" or
 * "interrupts". Values are absolute, known marks those found; nothing is known by
 * name, so that there is nothing to free. */
TB_MUST_USE enum tb_status tb_counters_parse(const char *name, struct tb_source *source, struct tb_counters *absolute,
                                             struct tb_error *error);

/* Reads the files of a directory, in the order of their names, and subtracts
 * snapshots. TB_NOT_FOUND when there is neither a pair nor another file that is
 * read. On TB_OK the caller frees what *counters owns. A counter that runs backwards is not known, and account says so; so it
 * does when the machine was started between the snapshots, or when both are of one
 * moment. Where other block devices are there after than before, those counters
 * are not known. */
TB_MUST_USE enum tb_status tb_counters_read(const char *directory, struct tb_counters *counters,
                                            struct tb_error *error);
void tb_counters_pack(const struct tb_counters *counters, struct tb_buffer *buffer);
TB_MUST_USE bool tb_counters_unpack(struct tb_counters *counters, struct tb_bytes *bytes);

#endif
