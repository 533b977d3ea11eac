# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by the scripts of this project: settings for mpirun on one machine.
# shellcheck shell=bash

# In a container the user is often root, and there mpirun refuses to start.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
# Containers often forbid reading another process's memory; shared memory does.
export OMPI_MCA_btl_vader_single_copy_mechanism=none

cpus=$(nproc)
demo_ranks=2
# Ranks times threads fill the machine, unless the user says otherwise.
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-$((cpus > demo_ranks ? cpus / demo_ranks : 1))}
