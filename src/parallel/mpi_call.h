/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_PARALLEL_MPI_CALL_H
#define TWINBED_PARALLEL_MPI_CALL_H

/* Calls of MPI, one at a time: any thread may make one while others do, which is what MPI_THREAD_SERIALIZED asks for. So none
 * may wait inside MPI. What waits for other ranks begins a request, and is waited for outside, where a thread that waits
 * sleeps: MPI's own waiting takes a whole processor, which other ranks or threads of the machine could use.
 *
 *      tb_mpi_lock();
 *      int code = MPI_Iallreduce(..., &request);
 *      status = tb_mpi_wait(code, &request, "agreeing", error); */

#include <mpi.h>

#include "twinbed/base/status.h"

/* Waits until no other thread calls MPI, and keeps them out until one of the three below. */
void tb_mpi_lock(void);
void tb_mpi_unlock(void);
/* After a call that has ended: what tb_mpi_check says of it. */
TB_MUST_USE enum tb_status tb_mpi_end(int code, const char *doing, struct tb_error *error);
/* After a call that began a request: waits for that, while other threads may call. */
TB_MUST_USE enum tb_status tb_mpi_wait(int code, MPI_Request *request, const char *doing, struct tb_error *error);

#endif
