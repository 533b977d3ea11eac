/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_PARALLEL_LAUNCHER_H
#define TWINBED_PARALLEL_LAUNCHER_H

/* What the environment says about who started this process, and whether it started what it
 * promised.
 *
 * A program that is linked with another MPI than mpirun's starts as so many jobs of one rank each,
 * which all write the same results. So what a launcher promises (a variable of mpirun or srun) is
 * compared with the ranks that MPI shows. Not collective where nothing else stands. */

#include <mpi.h>
#include <stdbool.h>

#include "twinbed/base/status.h"

/* True when mpirun, srun or the like started this process; by variables of the environment, before
 * MPI_Init. */
bool tb_launcher_present(void);

/* Ranks that the nearest launcher said it would start; 0 when none says so. */
int tb_launcher_promise(void);

/* Settings with which a lone process starts at once; those that are set stay. Before MPI_Init. */
void tb_launcher_prepare_alone(void);

/* TB_USAGE, with what to do, when more ranks were promised than shown. */
TB_MUST_USE enum tb_status tb_launcher_check_promise(int promised, int shown, struct tb_error *error);

/* What tells builds of a program apart: the ELF note that linkers leave (--build-id). All zero where there is none. */
enum { TB_BUILD_ID_SIZE = 20 };
/* What tells builds of a program apart: the ELF note that linkers leave (--build-id). All zero
 * where there is none. */
void tb_launcher_build_id(unsigned char id[TB_BUILD_ID_SIZE]);

/* Counts the ranks of this node, and warns, on the rank that is 0 in communicator, when they have more threads than CPUs to run
 * them. Collective. */
TB_MUST_USE enum tb_status tb_launcher_look_at_node(MPI_Comm communicator, int threads, int *ranks,
                                                    struct tb_error *error);

#endif
