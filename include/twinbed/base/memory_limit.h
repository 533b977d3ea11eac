/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_BASE_MEMORY_LIMIT_H
#define TWINBED_BASE_MEMORY_LIMIT_H

/* How much memory this process may take.
 *
 * The kernel keeps the limit (RLIMIT_DATA, see setrlimit(2)): memory beyond it is refused to whoever asks, our own code or a
 * library's. So a job that needs too much ends as every failed allocation does, with one sentence (tb_error_memory), and not
 * by the kernel's choice of a process to kill. Files that are mapped and memory that processes share do not count. */

#include <stdint.h>

/* Nine tenths of what the machine has available now (/proc/meminfo, MemAvailable), or of the limit of the process's memory
 * cgroup (version 2 or 1, its parents too) where that is less, divided by the processes that share it. Bytes; 0 when the
 * system does not say. processes: at least 1. */
uint64_t tb_memory_share(unsigned processes);

/* From now on the process may take so many bytes of memory, those it has included; 0: as many as it gets. A lower limit that
 * the process was started with stays. threads: that it will have; their stacks, of which little is used, do not count. May be
 * called again, while no other thread runs. */
void tb_memory_limit(uint64_t bytes, unsigned threads);

/* Bytes of the limit that was set last; 0: none. */
uint64_t tb_memory_limited_to(void);

#endif
