/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_PARALLEL_MPI_CHECK_H
#define TWINBED_PARALLEL_MPI_CHECK_H

/* Statuses of MPI's functions, as those of twinbed. */

#include "twinbed/base/status.h"

/* TB_OK for MPI_SUCCESS, else TB_INTERNAL with what was being done and MPI's own
 * words. Nothing is agreed on: after such an error no collective can be trusted. */
TB_MUST_USE enum tb_status tb_mpi_check(int code, const char *doing, struct tb_error *error);

#endif
