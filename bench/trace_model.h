/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_BENCH_TRACE_MODEL_H
#define TWINBED_BENCH_TRACE_MODEL_H

/* Traces with a known answer.
 *
 * Threads of `ab` and of a server take turns on a few processors. Each thread
 * walks through its calls as a Markov chain (trace_model.c holds its weights):
 * an enter, then an exit, with other processors' events and context switches
 * between. Now and then a shell starts another `ab` (clone, execve), which ends
 * after a while; bursts of processor-time samples stand between, as sysdig
 * writes them. The file is of the kind that sysdig 0.29 writes. */

#include <stdbool.h>
#include <stdint.h>

struct trace_model {
    uint64_t seed;
    uint64_t events;    /* event blocks in the file, exactly */
    uint32_t processes; /* of ab, running from the start */
    uint32_t threads;   /* of all those processes together; at least one each */
    uint32_t others;    /* threads of the server */
    uint32_t births;    /* processes of ab that begin and end inside the trace */
    uint32_t cpus;
    uint32_t sampling; /* events from one burst of samples to the next; 0: none */
};

/* Call names of the model, in the order of the alphabet. */
enum trace_call {
    TRACE_CLOSE,
    TRACE_CONNECT,
    TRACE_EPOLL_CTL,
    TRACE_EPOLL_WAIT,
    TRACE_EXECVE,
    TRACE_FCNTL,
    TRACE_FUTEX,
    TRACE_MMAP,
    TRACE_READ,
    TRACE_SOCKET,
    TRACE_WRITE,
    TRACE_CALLS
};

extern const char *const trace_call_names[TRACE_CALLS];

struct trace_truth {
    uint64_t bytes; /* size of the file */
    uint64_t events;
    uint64_t enters;
    uint64_t exits;
    uint64_t switches;
    uint64_t calls; /* of ab */
    uint64_t by_name[TRACE_CALLS];
    uint64_t transitions;      /* of ab, order 1: steps inside a thread's life */
    uint64_t context_switches; /* away from a thread of ab */
};

struct trace_model trace_model_default(void);
/* False with errno set when the file could not be written. */
bool trace_generate(const struct trace_model *model, const char *path, struct trace_truth *truth);

#endif
