/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hdf5_error.h"

#include <hdf5.h>
#include <stdarg.h>
#include <stdio.h>

void tb_hdf5_be_quiet(void)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

/* Upward starts where the error was noticed first. */
static herr_t keep_first(unsigned depth, const H5E_error2_t *entry, void *text)
{
    if (depth == 0 && entry->desc != NULL)
        snprintf(text, TB_ERROR_TEXT_SIZE / 2, "%s", entry->desc);
    return 0;
}

enum tb_status tb_hdf5_error(struct tb_error *error, enum tb_status status, const char *format, ...)
{
    char deepest[TB_ERROR_TEXT_SIZE / 2] = "";
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, deepest);
    H5Eclear2(H5E_DEFAULT);
    char sentence[TB_ERROR_TEXT_SIZE / 2];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    return tb_error_set(error, status, "%s: %s", sentence, deepest[0] ? deepest : "HDF5 gives no reason");
}
