/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_STORE_HDF5_ERROR_H
#define TWINBED_STORE_HDF5_ERROR_H

#include "twinbed/base/status.h"

/* Keeps HDF5 from printing its error stack: the deepest message goes into our
 * sentence instead. Call before other HDF5 calls. */
void tb_hdf5_be_quiet(void);

/* Writes "sentence: HDF5's deepest message" for the call that just failed. */
enum tb_status tb_hdf5_error(struct tb_error *error, enum tb_status status, const char *format, ...) TB_PRINTF(3, 4);

#endif
