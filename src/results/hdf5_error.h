/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_RESULTS_HDF5_ERROR_H
#define TWINBED_RESULTS_HDF5_ERROR_H

/* Sentences for what HDF5 could not do. */

#include "twinbed/base/status.h"

/* Keeps HDF5 from printing its error stack: of each call that fails the deepest
 * message is kept for tb_hdf5_error, because the next call, if only to close
 * something, clears the stack. Call before other HDF5 calls. Like HDF5 itself,
 * for one thread. */
void tb_hdf5_be_quiet(void);

/* Writes "sentence: deepest message" for the latest call that failed, and gives status. error may
 * be NULL. */
enum tb_status tb_hdf5_error(struct tb_error *error, enum tb_status status, const char *format, ...) TB_PRINTF(3, 4);

#endif
