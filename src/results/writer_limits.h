/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_RESULTS_WRITER_LIMITS_H
#define TWINBED_RESULTS_WRITER_LIMITS_H

/* Limits of writer.c that tests lower, the same on every rank. */

#include "twinbed/results/writer.h"

struct tb_writer_limits {
    uint64_t pass_bytes; /* that one rank writes in one collective call */
    double patience;     /* seconds that a rank whose write failed waits for the others */
};

struct tb_writer_limits *tb_writer_limits_of(struct tb_writer *writer);

#endif
