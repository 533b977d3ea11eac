/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of programs that make workloads. */
#include "twinbed/app/workload_tools.h"

#include <math.h>
#include <string.h>

#include "workload_sources.h"

/* So much of a file is looked at. */
enum { LOOKED_AT = 32 << 10 };

/* How a tool is told: all marks stand in the beginning of its text; the first is at the start of a line. */
static const struct {
    const char *marks[3]; /* "" for none */
    bool json;
    bool requests;
    bool keeps_alive; /* usually, and it does not say for how many requests */
    bool zero_failed; /* failures are printed where there are some only */
} tools[TB_TOOLS] = {
    [TB_TOOL_AB] = {.marks = {"", "", ""}, .requests = true},
    [TB_TOOL_WRK] = {{"Running ", " test @ ", ""}, .requests = true, .keeps_alive = true, .zero_failed = true},
    [TB_TOOL_H2LOAD] = {{"starting benchmark...", "", ""}, .requests = true, .keeps_alive = true},
    [TB_TOOL_HEY] = {{"Summary:", "Slowest:", ""}, .requests = true, .keeps_alive = true, .zero_failed = true},
    [TB_TOOL_K6] = {{"\"metrics\"", "\"http_req", ""}, .json = true, .requests = true, .keeps_alive = true},
    [TB_TOOL_VEGETA] = {{"\"latencies\"", "\"bytes_in\"", "\"50th\""},
                        .json = true,
                        .requests = true,
                        .keeps_alive = true},
    [TB_TOOL_IPERF3] = {{"\"start\"", "\"connected\"", "\"version\""}, .json = true},
    [TB_TOOL_FIO] = {{"\"fio version\"", "", ""}, .json = true},
    [TB_TOOL_SOCKPERF] = {.marks = {"sockperf: ", "", ""}},
    [TB_TOOL_PING] = {.marks = {"PING ", "bytes of data", ""}},
};

static bool has_mark(const char *text, size_t size, const char *mark, bool begins_line)
{
    const char *found = memmem(text, size, mark, strlen(mark));
    while (found != NULL && begins_line && found != text && found[-1] != '\n') {
        const size_t passed = (size_t)(found - text) + 1;
        found = memmem(text + passed, size - passed, mark, strlen(mark));
    }
    return found != NULL;
}

enum tb_tool tb_workload_recognise(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    size_t left = size < LOOKED_AT ? size : LOOKED_AT;
    if (left >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        left -= 3;
    }
    while (left > 0 && memchr(" \t\r\n", *text, 4) != NULL) {
        text++;
        left--;
    }
    const bool json = left > 0 && *text == '{';
    for (unsigned tool = TB_TOOL_WRK; tool < TB_TOOLS; tool++) {
        bool has = tools[tool].json == json;
        for (size_t i = 0; i < 3 && has; i++)
            has = has_mark(text, left, tools[tool].marks[i], !json && i == 0);
        if (has)
            return (enum tb_tool)tool;
    }
    return TB_TOOL_AB;
}

const char *tb_tool_name(enum tb_tool tool)
{
    static const char *const names[TB_TOOLS] = {TB_TOOL_WORDS(TB_WORD_NAME)};
    return names[tool];
}

bool tb_tool_makes_requests(enum tb_tool tool)
{
    return tools[tool].requests;
}

/* What follows from what was read. */
static enum tb_status settle(const struct tb_lines *lines, struct tb_apachebench *result, struct tb_error *error)
{
    if (isnan(result->requests_per_second) && result->stated[TB_AB_COMPLETE] && result->time_taken_s > 0)
        result->requests_per_second = (double)result->complete / result->time_taken_s;
    if (!result->stated[TB_AB_COMPLETE] || !isfinite(result->requests_per_second))
        return tb_error_set(error, TB_TRUNCATED, "%s: no result: %s gave up or was killed", tb_lines_name(lines),
                            tb_tool_name(result->tool));
    if (tools[result->tool].zero_failed)
        tb_ab_state(result, TB_AB_FAILED, result->failed);
    if (tools[result->tool].zero_failed)
        tb_ab_state(result, TB_AB_NON_2XX, result->non_2xx);
    if (tools[result->tool].keeps_alive)
        result->keepalive = result->complete;
    return TB_OK;
}

static enum tb_status read_tool(struct tb_lines *lines, struct tb_apachebench *result, struct tb_error *error)
{
    const enum tb_status status = tools[result->tool].json ? tb_workload_read_json(&lines->reader, result, error)
                                                           : tb_workload_read_text(lines, result, error);
    if (status == TB_OK && tools[result->tool].json) {
        lines->account.decoded += lines->reader.available;
        tb_reader_pass(&lines->reader, lines->reader.available);
    }
    return status == TB_OK ? settle(lines, result, error) : status;
}

static enum tb_status look(const struct tb_source *source, enum tb_tool *tool, struct tb_error *error)
{
    uint8_t beginning[LOOKED_AT];
    size_t size;
    const enum tb_status status = tb_source_look(source, beginning, sizeof beginning, &size, error);
    if (status != TB_OK)
        return status;
    *tool = tb_workload_recognise(beginning, size);
    if (*tool == TB_TOOL_AB && size > 0 && beginning[0] == '{')
        return tb_error_set(error, TB_UNSUPPORTED, "%s: JSON, but not of k6, vegeta, iperf3 or fio",
                            tb_source_name(source));
    return TB_OK;
}

enum tb_status tb_workload_read(struct tb_source *source, struct tb_apachebench *result, struct tb_error *error)
{
    enum tb_tool tool;
    enum tb_status status = look(source, &tool, error);
    if (status != TB_OK)
        return status;
    if (tool == TB_TOOL_AB)
        return tb_apachebench_read(source, result, error);
    struct tb_lines lines;
    struct tb_apachebench read;
    tb_ab_clear(&read);
    read.tool = tool;
    status = tb_lines_start(&lines, source, error);
    if (status != TB_OK)
        return status;
    status = read_tool(&lines, &read, error);
    tb_lines_finish(&lines, status == TB_OK ? &read.account : NULL);
    if (status == TB_OK)
        *result = read;
    return status;
}
