/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACER_STRACE_LINE_H
#define TWINBED_TRACER_STRACE_LINE_H

/* One line of what strace writes, by its structure alone:
 *
 *      [tid[<name>] ][time ]call(arguments) = result <duration>
 *      [tid[<name>] ][time ]call(arguments <unfinished ...>
 *      [tid[<name>] ][time ]<... call resumed>arguments) = result <duration>
 *      [tid[<name>] ][time ]--- signal ---, +++ end +++
 *
 * as strace 4 to 6 write it, to a file (-o) or to a terminal ("[pid 12] "). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scap/scap_event.h"

/* What is put behind a line that its file ends inside of, when lines of several files become one text. */
#define STRACE_CUT " <cut off>"

enum strace_line_kind {
    STRACE_BROKEN, /* cut, or no line of strace */
    STRACE_NOTE,   /* about something else than a call: a signal, a thread that was attached */
    STRACE_CALL,
    STRACE_UNFINISHED,
    STRACE_RESUMED,
    STRACE_LEAVE,     /* the thread ended */
    STRACE_SUPERSEDED /* another thread of the process did an execve, and has this tid from now on */
};

struct strace_line {
    enum strace_line_kind kind;
    int64_t tid;                /* 0: the line tells none */
    struct scap_text comm;      /* the thread's name, which -Y writes; size 0 without */
    struct scap_text name;      /* of the call */
    struct scap_text arguments; /* without the parentheses; of a resumed call those that stand there */
    struct scap_text outcome;   /* what stands behind "= " */
    uint64_t time;              /* ns since the epoch, or since midnight; 0 when the line tells none */
    uint64_t duration;          /* ns */
    int64_t result;             /* negative: minus the number of the error */
    int64_t other;              /* of a superseded thread: the one that did the execve */
    bool timed;
    bool of_day;     /* the time is one of the day */
    bool measured;   /* the line tells a duration */
    bool has_result; /* false: "?" */
};

/* Never fails: a line that is none is STRACE_BROKEN. The fields point into the line, which has no newline. */
void tb_strace_line_parse(const uint8_t *data, size_t size, struct strace_line *line);

/* Behind the description of a descriptor that begins at data ("</path>"); end when it is cut. */
const uint8_t *tb_strace_skip_description(const uint8_t *data, const uint8_t *end);

#endif
