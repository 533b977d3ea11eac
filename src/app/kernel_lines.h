/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_APP_KERNEL_LINES_H
#define TWINBED_SRC_APP_KERNEL_LINES_H

/* What stands before a message of the kernel, in the forms that programs print. */

#include <stdbool.h>

#include "twinbed/app/kernel_log.h"
#include "twinbed/io/text.h"

enum kernel_line {
    KERNEL_LINE_OTHER,   /* of something else */
    KERNEL_LINE_FRAME,   /* says that a kernel's log was read, and holds no message */
    KERNEL_LINE_MESSAGE, /* time and message were found */
    KERNEL_LINE_BROKEN   /* begins as JSON and is none */
};

struct kernel_line_reading {
    char time[TB_KERNEL_TIME_SIZE]; /* of the message; of dmesg's JSON it stands in a line of its own before */
    char message[4096];             /* printable ASCII, cut when it is longer */
    bool pretty;                    /* JSON of dmesg, one value a line */
    bool closed;                    /* ... whose last brace was read */
};

/* Starts with {0}, and goes on with what the line before left. */
enum kernel_line tb_kernel_line_read(struct kernel_line_reading *reading, struct tb_text line);

#endif
