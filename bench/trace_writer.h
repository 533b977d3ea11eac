/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_BENCH_TRACE_WRITER_H
#define TWINBED_BENCH_TRACE_WRITER_H

/* The blocks of a scap file, laid out as sysdig 0.29 writes them. */

#include <stdint.h>

#include "output.h"

struct trace_writer {
    struct output output;
    uint64_t time; /* ns; goes on with each event */
    uint8_t *list; /* where the process list's block begins, while it is open */
    uint8_t *at;   /* its end so far */
};

void trace_write_begin(struct trace_writer *writer);
/* Threads that live when the trace begins: first these, at most 500, then the end of their list. */
void trace_write_thread(struct trace_writer *writer, int64_t tid, int64_t pid, const char *name);
void trace_write_threads_end(struct trace_writer *writer);

void trace_write_enter(struct trace_writer *writer, uint32_t cpu, int64_t tid, unsigned call);
/* noise chooses what the model leaves open, such as how many bytes a read brings. */
void trace_write_exit(struct trace_writer *writer, uint32_t cpu, int64_t tid, unsigned call, uint64_t noise);
void trace_write_switch(struct trace_writer *writer, uint32_t cpu, int64_t from, int64_t to);
void trace_write_sample(struct trace_writer *writer, int64_t tid, uint64_t value);
/* clone by the parent, its return in parent and child, execve in the child: five events. */
void trace_write_birth(struct trace_writer *writer, int64_t parent, int64_t child, const char *name);
void trace_write_end(struct trace_writer *writer, uint32_t cpu, int64_t tid);

#endif
