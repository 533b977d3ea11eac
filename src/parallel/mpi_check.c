/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mpi_check.h"

#include <mpi.h>

enum tb_status tb_mpi_check(int code, const char *doing, struct tb_error *error)
{
    if (code == MPI_SUCCESS)
        return TB_OK;
    char words[MPI_MAX_ERROR_STRING] = "";
    int length = 0;
    if (MPI_Error_string(code, words, &length) != MPI_SUCCESS)
        words[0] = '\0';
    return tb_error_set(error, TB_INTERNAL, "MPI failed while %s: %s", doing, words[0] ? words : "unknown error");
}
