/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DRAFT_EVIDENCE_H
#define TWINBED_SRC_DRAFT_EVIDENCE_H

/* What records say of the workload: which port the server has, and which processes connect to it and accept. */

#include <stdbool.h>
#include <stdint.h>

#include "twinbed/base/status.h"
#include "twinbed/trace/trace.h"

/* Of a file no more is read, decompressed: a process that connects at all has done so by then. */
enum { EVIDENCE_MOST_BYTES = 64 << 20 };

/* The processes of one trace that most often connect to the port and accept on it. */
struct trace_evidence {
    char client[TB_PROCESS_NAME_SIZE]; /* "" for none */
    char server[TB_PROCESS_NAME_SIZE];
    uint64_t connects;
    uint64_t accepts;
};

/* Of a trace in count files (trace/trace_files.h). Port 0: any. What is no trace, or says nothing, gives empty names.
 * TB_MEMORY. */
TB_MUST_USE enum tb_status tb_evidence_of_trace(const char *const *paths, size_t count, uint16_t port,
                                                struct trace_evidence *evidence, struct tb_error *error);
/* Where ab, or another program that makes a workload, connected to; 0 when the file does not say. */
uint16_t tb_evidence_port_of_ab(const char *path);
/* The server's port that most TCP flows have at the beginning of a capture; 0 for none. */
uint16_t tb_evidence_port_of_capture(const char *path);

#endif
