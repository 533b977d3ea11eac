/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For gcc -fanalyzer alone, which looks at one file at a time and does not know what comes back from the functions that set
 * an error: it would follow, after each failure, the way on which nothing failed. */
#include "twinbed/base/status.h"
#define tb_error_memory(error, what) ((void)(tb_error_memory)(error, what), TB_MEMORY)
#define tb_error_set(error, status, ...) ((void)(tb_error_set)(error, status, __VA_ARGS__), (status))
