/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_RESULTS_DIVERTED_H
#define TWINBED_SRC_RESULTS_DIVERTED_H

/* What to do with a file that HDF5 holds open and that is not wanted any more. */

#include <sys/stat.h>

/* From now on what this process writes to the file, through whatever descriptor it has open, goes to memory that nobody reads.
 * The HDF5 library cannot be told to forget what it holds of a file: it writes that when it closes, again when MPI ends, and
 * crashes where it cannot. */
void tb_divert_file(const struct stat *file);

#endif
