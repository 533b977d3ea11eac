/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACER_PERF_LINE_H
#define TWINBED_TRACER_PERF_LINE_H

/* One line of what `perf script` prints of a recording of system calls, by its structure alone:
 *
 *      comm pid/tid [cpu] seconds: raw_syscalls:sys_enter: NR number (a, b, c, d, e, f)     hexadecimal
 *      comm pid/tid [cpu] seconds: raw_syscalls:sys_exit: NR number = result
 *      comm pid/tid [cpu] seconds: sched:sched_process_fork: comm=c pid=tid child_comm=c child_pid=tid
 *      comm pid/tid [cpu] seconds: sched:sched_process_exec: filename=path pid=tid old_pid=tid
 *      comm pid/tid [cpu] seconds: sched:sched_process_exit: comm=c pid=tid prio=n
 *      comm pid/tid [cpu] seconds: sched:sched_switch: ...
 *      comm pid/tid [cpu] seconds: PERF_RECORD_LOST lost n
 *      # arch : x86_64
 *
 * as perf 4 to 6 print it with --header -F comm,pid,tid,cpu,time,event,trace. The formats after the name of the event are those
 * that the kernel tells of in its tracing directory (events/raw_syscalls, events/sched). A comm may hold blanks. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scap/scap_event.h"

enum perf_line_kind {
    PERF_BROKEN,  /* cut, or no line of perf */
    PERF_NOTE,    /* about something else: other events, the header */
    PERF_MACHINE, /* the header: which processor it was, in text */
    PERF_ENTER,   /* a call begins */
    PERF_EXIT,    /* it ends */
    PERF_FORK,    /* a thread begins: tid began other */
    PERF_EXECUTE, /* a process has another program, in text; other is the thread that asked for it, tid the one that goes on */
    PERF_LEAVE,  /* the thread ended */
    PERF_SWITCH, /* the thread leaves its processor */
    PERF_LOST    /* events are missing */
};

enum { PERF_ARGUMENTS = 6 };

struct perf_line {
    enum perf_line_kind kind;
    bool has_pid; /* a line must not lack it */
    int64_t pid;  /* -1 with has_pid, as the tid: a thread that has ended, and leaves its processor for the last time */
    int64_t tid;
    int64_t other;
    struct scap_text comm;
    struct scap_text text;
    uint64_t time;  /* ns of the clock that perf was told to take */
    int64_t number; /* of the call; -1: the kernel does not know any more, as after a return from a signal */
    uint64_t arguments[PERF_ARGUMENTS];
    int64_t result; /* negative: minus the number of the error */
};

/* Never fails: a line that is none is PERF_BROKEN. The fields point into the line, which has no newline. */
void tb_perf_line_parse(const uint8_t *data, size_t size, struct perf_line *line);

#endif
