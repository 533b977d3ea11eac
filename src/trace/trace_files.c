/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A trace that strace wrote as a text for each process: their lines become one text, in the order
 * of time, with the process id before each as strace -f writes it. */
#include "twinbed/trace/trace_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/strace_line.h"

/* 2001: what is earlier is no time since the epoch but one since the line before (strace -r). */
static const uint64_t EPOCH_LEAST = UINT64_C(1000000000) * 1000000000;

/* What stands before the lines of a file: the digits that its name ends with, and a space. */
struct head {
    char text[16];
};

static size_t stored_length(const char *path)
{
    static const char *const endings[] = {".gz", ".zst"};
    const size_t length = strlen(path);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        const size_t ending = strlen(endings[i]);
        if (length > ending && strcmp(path + length - ending, endings[i]) == 0)
            return length - ending;
    }
    return length;
}

static enum tb_status make_head(const char *path, struct head *head, struct tb_error *error)
{
    enum { PID_DIGITS = 8 };
    const size_t length = stored_length(path);
    size_t begin = length;
    while (begin > 0 && path[begin - 1] >= '0' && path[begin - 1] <= '9')
        begin--;
    const size_t digits = length - begin;
    if (digits == 0 || digits > PID_DIGITS || begin == 0 || path[begin - 1] != '.' || path[begin] == '0')
        return tb_error_set(
            error, TB_UNSUPPORTED,
            "%s: its name does not end with a process id ('.1234'), as those of strace -ff do; of other "
            "tracers several files are no trace",
            path);
    snprintf(head->text, sizeof head->text, "%.*s ", (int)digits, path + begin);
    return TB_OK;
}

static bool time_of_line(const uint8_t *data, size_t size, uint64_t *time)
{
    struct strace_line line;
    tb_strace_line_parse(data, size, &line);
    if (!line.timed || (!line.of_day && line.time < EPOCH_LEAST))
        return false;
    *time = line.time;
    return true;
}

static enum tb_status open_merged(const char *const *paths, struct head *heads, const char **texts, size_t count,
                                  struct tb_source **source, struct tb_error *error)
{
    for (size_t i = 0; i < count; i++) {
        const enum tb_status status = make_head(paths[i], &heads[i], error);
        if (status != TB_OK)
            return status;
        texts[i] = heads[i].text;
    }
    const struct tb_merged_request request = {
        .paths = paths,
        .heads = texts,
        .count = count,
        .key = time_of_line,
        .without_key =
            ": its first line has no time, as strace -ff writes it with -ttt; without times several files are "
            "no trace",
        .cut = STRACE_CUT "\n"};
    return tb_source_open_merged(&request, source, error);
}

enum tb_status tb_trace_open_files(const char *const *paths, size_t count, struct tb_source **source,
                                   struct tb_error *error)
{
    if (count == 1)
        return tb_source_open(paths[0], source, error);
    struct head *const heads = calloc(count, sizeof *heads);
    const char **const texts = calloc(count, sizeof *texts);
    const enum tb_status status = heads == NULL || texts == NULL
                                      ? tb_error_memory(error, "the files of a trace")
                                      : open_merged(paths, heads, texts, count, source, error);
    free(texts);
    free(heads);
    return status;
}
