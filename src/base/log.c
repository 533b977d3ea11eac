/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sentences for people, on standard error. One process of a job, the speaker, says them. */
#include "twinbed/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "twinbed/base/printable.h"

static enum tb_log_level shown_level = TB_LOG_INFO;
static bool is_speaker = true;

void tb_log_configure(enum tb_log_level level, bool speaker)
{
    shown_level = level;
    is_speaker = speaker;
}

bool tb_log_shows(enum tb_log_level level)
{
    return is_speaker && level <= shown_level;
}

double tb_clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void show(enum tb_log_level level, const char *word, const char *format, va_list arguments)
{
    if (!tb_log_shows(level))
        return;
    char text[TB_ERROR_TEXT_SIZE + 256];
    vsnprintf(text, sizeof text, format, arguments);
    tb_printable_print(stderr, "twinbed: %s%s\n", word, text);
}

void tb_log_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    show(TB_LOG_ERROR, "error: ", format, arguments);
    va_end(arguments);
}

void tb_log_warning(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    show(TB_LOG_WARNING, "warning: ", format, arguments);
    va_end(arguments);
}

void tb_log_info(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    show(TB_LOG_INFO, "", format, arguments);
    va_end(arguments);
}

void tb_log_debug(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    show(TB_LOG_DEBUG, "debug: ", format, arguments);
    va_end(arguments);
}
