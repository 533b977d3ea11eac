/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statuses and their sentences. A null error is accepted everywhere, so report and return are one
 * line. */
#include "twinbed/base/status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "twinbed/base/memory_limit.h"

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
    const unsigned long long limit = tb_memory_limited_to();
    if (limit == 0)
        return tb_error_set(error, TB_MEMORY, "out of memory for %s", what);
    return tb_error_set(error, TB_MEMORY, "out of memory for %s: this process may take %llu MB", what, limit / 1000000);
}

enum tb_status tb_error_unpack(struct tb_error *error, const char *sentence)
{
    if (errno == ENOMEM)
        return tb_error_memory(error, sentence);
    return tb_error_set(error, TB_INTERNAL, "%s", sentence);
}

void tb_error_name(struct tb_error *error, const char *path)
{
    const size_t length = strlen(path);
    if (error == NULL || (strncmp(error->text, path, length) == 0 && error->text[length] == ':'))
        return;
    char text[TB_ERROR_TEXT_SIZE];
    memcpy(text, error->text, sizeof text);
    tb_error_set(error, error->status, "%s: %s", path, text);
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
