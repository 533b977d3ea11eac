/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_RESULTS_WRITER_LIMITS_H
#define TWINBED_RESULTS_WRITER_LIMITS_H

/* What tests lower, the same on every rank: limits of writer.c, and those of HDF5 for the open
 * file. Nobody else includes this. */

#include <hdf5.h>

#include "twinbed/results/writer.h"

/* Limits of one writer. */
struct tb_writer_limits {
    uint64_t pass_bytes; /* that one rank writes in one collective call */
    double patience;     /* seconds that a rank whose write failed waits for the others */
};

/* That opening the file on all ranks may take; before there is a writer. */
extern unsigned tb_writer_open_seconds;

/* Those of a writer, to be changed before it writes. */
struct tb_writer_limits *tb_writer_limits_of(struct tb_writer *writer);

/* The file, open on every rank; the writer keeps it. */
hid_t tb_writer_file_of(const struct tb_writer *writer);

#endif
