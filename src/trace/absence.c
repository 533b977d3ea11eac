/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a sequence may be empty, in words. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "twinbed/base/nearest.h"
#include "twinbed/trace/trace.h"

enum { NAMES_SHOWN = 5 };

static void append(char *text, const char *format, ...) TB_PRINTF(2, 3);

static void append(char *text, const char *format, ...)
{
    const size_t length = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + length, TB_ABSENCE_TEXT_SIZE - length, format, arguments);
    va_end(arguments);
}

/* At most so many bytes of a name, which may hold any. */
static void append_name(char *text, const char *name, size_t most)
{
    for (size_t i = 0; i < most && name[i] != '\0'; i++)
        append(text, "%c", name[i] >= ' ' && name[i] <= '~' ? name[i] : '?');
}

static bool has_name(const struct tb_trace *trace, const char *name)
{
    for (size_t i = 0; i < trace->process_name_count; i++)
        if (strcmp(trace->process_names[i].name, name) == 0)
            return true;
    return false;
}

static void append_nearest(const struct tb_trace *trace, const char *name, char *text)
{
    char hint[TB_NEAREST_TEXT_SIZE];
    struct tb_nearest nearest = tb_nearest_to(name);
    for (size_t i = 0; i < trace->process_name_count; i++)
        tb_nearest_offer(&nearest, trace->process_names[i].name);
    append_name(text, tb_nearest_hint(&nearest, hint), sizeof hint);
}

static void append_names(const struct tb_trace *trace, char *text)
{
    const size_t shown = trace->process_name_count < NAMES_SHOWN ? trace->process_name_count : NAMES_SHOWN;
    append(text, "; there are ");
    for (size_t i = 0; i < shown; i++) {
        append(text, "%s", i == 0 ? "" : ", ");
        append_name(text, trace->process_names[i].name, TB_PROCESS_NAME_SIZE);
    }
    if (trace->process_name_count > shown)
        append(text, " and %zu more", trace->process_name_count - shown);
}

/* What else a selector may ask for, and what of it the format never tells. */
static void append_asked(const struct tb_trace *trace, char *text)
{
    static const char *const asked[TB_TRACE_FORMATS] = {
        [TB_TRACE_SCAP] = "pid, arguments and cgroup asked for",
        [TB_TRACE_STRACE] = "pid and arguments asked for (texts of strace tell no cgroup)",
        [TB_TRACE_PERF] = "pid asked for (texts of perf script tell no arguments and no cgroup)"};
    append(text, ", though it has events of that name: look at the %s", asked[trace->format]);
}

static void append_reason(const struct tb_trace *trace, const char *name, char *text)
{
    if (has_name(trace, name))
        append_asked(trace, text);
    else if (trace->process_name_count > 0)
        append_names(trace, text);
    else if (trace->unnamed_events > 0)
        append(text, "; the trace tells no process names");
}

const char *tb_trace_describe_absence(const struct tb_trace *trace, const char *name, char text[TB_ABSENCE_TEXT_SIZE])
{
    text[0] = '\0';
    append(text, "no calls of a process named '");
    append_name(text, name, TB_PROCESS_NAME_SIZE);
    append(text, "'");
    if (!has_name(trace, name))
        append_nearest(trace, name, text);
    append_reason(trace, name, text);
    if (strlen(name) > TB_PROCESS_NAME_KERNEL) {
        append(text, " (the kernel keeps %d characters of a name: '", TB_PROCESS_NAME_KERNEL);
        append_name(text, name, TB_PROCESS_NAME_KERNEL);
        append(text, "')");
    }
    return text;
}
