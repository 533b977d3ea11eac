/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "twinbed/app/workload_tools.h"
#include "twinbed/base/containers.h"
#include "twinbed/capture/capture.h"
#include "twinbed/trace/trace_files.h"

/* Of a trace so many processes are looked at, those with most events first. */
enum { MOST_PROCESSES = 100 };

/* The beginning of a file, decompressed. */
struct beginning {
    uint8_t *data; /* owned */
    size_t size;
};

/* Reads nothing of a file that cannot be opened, or of files that are no one trace. */
static enum tb_status read_beginning(const char *const *paths, size_t count, struct beginning *beginning,
                                     struct tb_error *error)
{
    struct tb_source *source;
    size_t capacity = 0, got = 1;
    enum tb_status status = TB_OK;
    *beginning = (struct beginning){0};
    if (tb_trace_open_files(paths, count, &source, NULL) != TB_OK)
        return TB_OK;
    while (status == TB_OK && got != 0 && beginning->size < EVIDENCE_MOST_BYTES) {
        enum { STEP = 1 << 20 };
        got = 0;
        if (!tb_array_reserve(&beginning->data, &capacity, beginning->size + STEP, 1)) {
            status = tb_error_memory(error, "the beginning of a file");
            break;
        }
        if (tb_source_read(source, beginning->data + beginning->size, STEP, &got, NULL) != TB_OK) {
            beginning->size += got;
            break;
        }
        beginning->size += got;
    }
    tb_source_close(source);
    return status;
}

static struct tb_trace *read_trace(const struct beginning *beginning, const struct tb_trace_request *request)
{
    struct tb_source *source;
    struct tb_trace *trace = NULL;
    if (beginning->size == 0 || tb_source_open_memory(beginning->data, beginning->size, "", &source, NULL) != TB_OK)
        return NULL;
    if (tb_trace_read(source, request, &trace, NULL) != TB_OK)
        trace = NULL;
    tb_source_close(source);
    return trace;
}

static uint64_t count_on(const struct tb_port_total *ports, size_t count, uint16_t port)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += ports[i].count;
    return port == 0 ? sum : tb_port_count(ports, count, port);
}

static void note(char name[TB_PROCESS_NAME_SIZE], uint64_t *most, const char *process, uint64_t count)
{
    if (count <= *most)
        return;
    *most = count;
    snprintf(name, TB_PROCESS_NAME_SIZE, "%s", process);
}

/* names holds no empty name. */
static void look_at_processes(const struct beginning *beginning, const struct tb_trace *names, uint16_t port,
                              struct trace_evidence *evidence)
{
    struct tb_process_selector selectors[MOST_PROCESSES];
    const size_t count = names->process_name_count < MOST_PROCESSES ? names->process_name_count : MOST_PROCESSES;
    for (size_t i = 0; i < count; i++)
        selectors[i] = (struct tb_process_selector){.name = names->process_names[i].name, .pid = -1};
    const struct tb_trace_request request = {.selectors = selectors, .selector_count = count};
    struct tb_trace *trace = read_trace(beginning, &request);
    for (size_t i = 0; trace != NULL && i < count; i++) {
        const struct tb_sequence *const sequence = &trace->sequences[i];
        note(evidence->client, &evidence->connects, selectors[i].name,
             count_on(sequence->connects, sequence->connect_count, port));
        note(evidence->server, &evidence->accepts, selectors[i].name,
             count_on(sequence->accepts, sequence->accept_count, port));
    }
    tb_trace_free(trace);
}

enum tb_status tb_evidence_of_trace(const char *const *paths, size_t count, uint16_t port,
                                    struct trace_evidence *evidence, struct tb_error *error)
{
    static const struct tb_trace_request names_only = {.selectors = NULL};
    struct beginning beginning;
    *evidence = (struct trace_evidence){.client = ""};
    const enum tb_status status = read_beginning(paths, count, &beginning, error);
    struct tb_trace *names = status == TB_OK ? read_trace(&beginning, &names_only) : NULL;
    if (names != NULL)
        look_at_processes(&beginning, names, port, evidence);
    tb_trace_free(names);
    free(beginning.data);
    return status;
}

uint16_t tb_evidence_port_of_ab(const char *path)
{
    struct tb_source *source;
    struct tb_apachebench ab;
    uint16_t port = 0;
    if (tb_source_open(path, &source, NULL) != TB_OK)
        return 0;
    if (tb_workload_read(source, &ab, NULL) == TB_OK)
        port = tb_ab_peer_port(&ab);
    tb_source_close(source);
    return port;
}

static uint16_t busiest_port(const struct tb_flow_summary *summary)
{
    uint64_t most = 0;
    uint16_t port = 0;
    for (size_t i = 0; i < summary->ports.count; i++) {
        struct tb_flow_totals totals;
        tb_port_flows_totals(summary->ports.items[i], false, &totals);
        if (totals.flows <= most)
            continue;
        most = totals.flows;
        port = summary->ports.items[i]->port;
    }
    return port;
}

uint16_t tb_evidence_port_of_capture(const char *path)
{
    struct tb_capture_request request = {.rows = TB_FLOW_ROWS_NONE};
    struct beginning beginning;
    struct tb_source *source;
    struct tb_capture *capture;
    uint16_t port = 0;
    if (read_beginning(&path, 1, &beginning, NULL) == TB_OK && beginning.size > 0 &&
        tb_source_open_memory(beginning.data, beginning.size, "", &source, NULL) == TB_OK) {
        if (tb_capture_read(source, &request, &capture, NULL) == TB_OK) {
            port = busiest_port(&capture->summary);
            tb_capture_free(capture);
        }
        tb_source_close(source);
    }
    free(beginning.data);
    return port;
}
