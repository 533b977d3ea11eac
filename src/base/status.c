/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum tb_status tb_error_set(struct tb_error *error, enum tb_status status, const char *format, ...)
{
    if (error == NULL)
        return status;
    error->status = status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return status;
}

enum tb_status tb_error_memory(struct tb_error *error, const char *what)
{
    return tb_error_set(error, TB_MEMORY, "out of memory for %s", what);
}

const char *tb_status_name(enum tb_status status)
{
    static const char *const names[] = {
        [TB_OK] = "ok",
        [TB_END] = "end",
        [TB_TRUNCATED] = "truncated",
        [TB_CORRUPT] = "corrupt",
        [TB_UNSUPPORTED] = "unsupported",
        [TB_NOT_FOUND] = "not found",
        [TB_INPUT_OUTPUT] = "input/output error",
        [TB_USAGE] = "usage",
        [TB_CONFLICT] = "conflict",
        [TB_STOPPED] = "stopped",
        [TB_MEMORY] = "out of memory",
        [TB_INTERNAL] = "internal error",
    };
    if ((unsigned)status >= sizeof names / sizeof names[0])
        return "unknown";
    return names[status];
}
