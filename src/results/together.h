/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_RESULTS_TOGETHER_H
#define TWINBED_RESULTS_TOGETHER_H

/* Collective HDF5 calls on which one rank may fail alone. Everything here keeps a job from waiting
 * for ever: the results file is lost then, the parts are not. Collective. */

#include "twinbed/parallel/team.h"

/* Agrees on a status after a collective HDF5 call. When such a call fails on one
 * rank (a disk that breaks or fills), HDF5 1.10 may keep the others inside it for
 * ever. So a rank that failed waits for them for patience seconds; then it says
 * why, removes the file at partial and ends the job. */
TB_MUST_USE enum tb_status tb_agree_after_hdf5(const struct tb_team *team, enum tb_status local, const char *partial,
                                               double patience, struct tb_error *error);

/* Around a collective call that a rank which fails inside it never leaves, nor do the others (Open MPI's MPI_File_open): who is
 * not out of it after so many seconds ends the job, with one sentence, and removes the file at partial. */
void tb_must_leave_after(const struct tb_team *team, const char *partial, unsigned seconds);
/* It is out of the call. */
void tb_has_left(void);

#endif
