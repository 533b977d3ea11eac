/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trace_model.h"

#include <errno.h>
#include <stdlib.h>

#include "output.h"
#include "random.h"
#include "trace_writer.h"

enum { SHELL = 90, FIRST_SERVER = 200, FIRST_CLIENT = 1000, WEIGHT_TOTAL = 256 };

const char *const trace_call_names[TRACE_CALLS] = {"close", "connect", "epoll_ctl", "epoll_wait", "execve", "fcntl",
                                                   "futex", "mmap",    "read",      "socket",     "write"};

/* Row: the call just made. Column: the chance of the next, of WEIGHT_TOTAL.
 * After ab -c 10 on a document of 1 MB: mostly reads and waits. */
static const uint16_t weights[TRACE_CALLS][TRACE_CALLS] = {
    [TRACE_CLOSE] = {[TRACE_SOCKET] = 240, [TRACE_EPOLL_WAIT] = 16},
    [TRACE_CONNECT] = {[TRACE_EPOLL_CTL] = 200, [TRACE_WRITE] = 56},
    [TRACE_EPOLL_CTL] = {[TRACE_EPOLL_WAIT] = 150, [TRACE_CLOSE] = 60, [TRACE_CONNECT] = 46},
    [TRACE_EPOLL_WAIT] = {[TRACE_READ] = 244, [TRACE_WRITE] = 6, [TRACE_CONNECT] = 6},
    [TRACE_EXECVE] = {[TRACE_MMAP] = 256},
    [TRACE_FCNTL] = {[TRACE_CONNECT] = 128, [TRACE_FCNTL] = 128},
    [TRACE_FUTEX] = {[TRACE_READ] = 250, [TRACE_FUTEX] = 6},
    [TRACE_MMAP] = {[TRACE_MMAP] = 128, [TRACE_SOCKET] = 128},
    [TRACE_READ] =
        {[TRACE_READ] = 116, [TRACE_EPOLL_WAIT] = 124, [TRACE_EPOLL_CTL] = 12, [TRACE_FUTEX] = 3, [TRACE_MMAP] = 1},
    [TRACE_SOCKET] = {[TRACE_FCNTL] = 256},
    [TRACE_WRITE] = {[TRACE_EPOLL_WAIT] = 200, [TRACE_READ] = 56},
};

struct runner {
    int64_t tid;
    int64_t pid;
    bool client;  /* of ab */
    bool mortal;  /* ends at event `end` */
    bool running; /* on a processor */
    bool inside;  /* entered a call and has not left it */
    uint8_t call;
    uint64_t end;
    uint64_t calls; /* in this life */
};

struct generator {
    const struct trace_model *model;
    struct trace_truth *truth;
    struct trace_writer writer;
    struct random random;
    struct runner *runners; /* owned */
    uint32_t count;
    uint32_t *on_cpu; /* owned; the runner on each processor */
    uint32_t born;
    uint8_t next_call[TRACE_CALLS][WEIGHT_TOTAL];
};

struct trace_model trace_model_default(void)
{
    return (struct trace_model){.seed = 1,
                                .events = 7500000,
                                .processes = 2,
                                .threads = 8,
                                .others = 8,
                                .births = 20,
                                .cpus = 4,
                                .sampling = 20000};
}

/* A table of WEIGHT_TOTAL chances makes the choice of the next call one load. */
static void spread_weights(struct generator *generator)
{
    for (int from = 0; from < TRACE_CALLS; from++) {
        int at = 0;
        for (int to = 0; to < TRACE_CALLS; to++)
            for (int i = 0; i < weights[from][to]; i++)
                generator->next_call[from][at++] = (uint8_t)to;
    }
}

static bool has_room(const struct generator *generator)
{
    return generator->truth->events < generator->model->events;
}

static void enter(struct generator *generator, uint32_t cpu, struct runner *runner)
{
    runner->call = generator->next_call[runner->call][random_next(&generator->random) >> 56];
    runner->inside = true;
    trace_write_enter(&generator->writer, cpu, runner->tid, runner->call);
    generator->truth->events++;
    generator->truth->enters++;
}

static void note_exit(struct generator *generator, struct runner *runner, uint8_t call)
{
    struct trace_truth *const truth = generator->truth;
    truth->events++;
    truth->exits++;
    if (!runner->client)
        return;
    truth->calls++;
    truth->by_name[call]++;
    truth->transitions += runner->calls++ > 0;
}

static void leave(struct generator *generator, uint32_t cpu, struct runner *runner)
{
    runner->inside = false;
    trace_write_exit(&generator->writer, cpu, runner->tid, runner->call, random_next(&generator->random));
    note_exit(generator, runner, runner->call);
}

/* Some thread that does not run takes the processor. */
static void switch_runner(struct generator *generator, uint32_t cpu)
{
    const uint32_t chosen = random_below(&generator->random, generator->count);
    struct runner *const from = &generator->runners[generator->on_cpu[cpu]];
    struct runner *const to = &generator->runners[chosen];
    if (to->running)
        return;
    from->running = false;
    to->running = true;
    generator->on_cpu[cpu] = chosen;
    trace_write_switch(&generator->writer, cpu, from->tid, to->tid);
    generator->truth->events++;
    generator->truth->switches++;
    generator->truth->context_switches += from->client;
}

static void sample(struct generator *generator)
{
    for (uint32_t i = 0; i < generator->count && has_room(generator); i++) {
        trace_write_sample(&generator->writer, generator->runners[i].tid, generator->truth->events);
        generator->truth->events++;
    }
}

/* A shell forks and the child becomes ab: the six events that sysdig shows. */
static void give_birth(struct generator *generator)
{
    struct trace_truth *const truth = generator->truth;
    const struct trace_model *const model = generator->model;
    const int64_t tid = FIRST_CLIENT + (int64_t)model->threads + generator->born++;
    struct runner *const runner = &generator->runners[generator->count++];
    *runner = (struct runner){.tid = tid,
                              .pid = tid,
                              .client = true,
                              .mortal = true,
                              .call = TRACE_EXECVE,
                              .end = truth->events + model->events / (2 * (uint64_t)model->births)};
    trace_write_birth(&generator->writer, SHELL, tid, "ab");
    truth->events += 4;
    truth->enters += 2;
    truth->exits += 2;
    note_exit(generator, runner, TRACE_EXECVE);
}

/* The last runner takes the place of the one that ends, so none may point at either. */
static bool try_to_end(struct generator *generator, uint32_t cpu)
{
    const uint32_t place = generator->on_cpu[cpu];
    struct runner *const runner = &generator->runners[place];
    const uint32_t last = generator->count - 1;
    if (!runner->mortal || runner->end > generator->truth->events)
        return false;
    uint32_t heir = 0;
    while (heir < generator->count && generator->runners[heir].running)
        heir++;
    if (heir == generator->count)
        return false;
    trace_write_end(&generator->writer, cpu, runner->tid);
    generator->truth->events++;
    generator->runners[heir].running = true;
    generator->on_cpu[cpu] = heir;
    generator->runners[place] = generator->runners[last];
    for (uint32_t i = 0; i < generator->model->cpus; i++)
        if (generator->on_cpu[i] == last)
            generator->on_cpu[i] = place;
    generator->count--;
    return true;
}

static void step(struct generator *generator)
{
    const uint32_t cpu = random_below(&generator->random, generator->model->cpus);
    struct runner *const runner = &generator->runners[generator->on_cpu[cpu]];
    if (!runner->inside) {
        if (!try_to_end(generator, cpu))
            enter(generator, cpu, runner);
    } else if (random_below(&generator->random, 8) == 0) {
        switch_runner(generator, cpu);
    } else {
        leave(generator, cpu, runner);
    }
}

static void place_threads(struct generator *generator)
{
    const struct trace_model *const model = generator->model;
    for (uint32_t i = 0; i < model->threads; i++)
        generator->runners[generator->count++] = (struct runner){
            .tid = FIRST_CLIENT + i, .pid = FIRST_CLIENT + i % model->processes, .client = true, .call = TRACE_MMAP};
    for (uint32_t i = 0; i < model->others; i++)
        generator->runners[generator->count++] =
            (struct runner){.tid = FIRST_SERVER + i, .pid = FIRST_SERVER, .call = TRACE_MMAP};
    for (uint32_t i = 0; i < model->cpus; i++) {
        generator->on_cpu[i] = i;
        generator->runners[i].running = true;
    }
}

static void write_threads(struct generator *generator)
{
    trace_write_begin(&generator->writer);
    trace_write_thread(&generator->writer, SHELL, SHELL, "bash");
    for (uint32_t i = 0; i < generator->count; i++) {
        const struct runner *const runner = &generator->runners[i];
        trace_write_thread(&generator->writer, runner->tid, runner->pid, runner->client ? "ab" : "gohttp");
    }
    trace_write_threads_end(&generator->writer);
}

static void write_events(struct generator *generator)
{
    const struct trace_model *const model = generator->model;
    const uint64_t between = model->births == 0 ? UINT64_MAX : model->events / (model->births + 1);
    uint64_t next_birth = between, next_sample = model->sampling == 0 ? UINT64_MAX : model->sampling;
    while (has_room(generator)) {
        const uint64_t events = generator->truth->events;
        if (events >= next_sample) {
            sample(generator);
            next_sample += model->sampling;
        } else if (events >= next_birth && generator->born < model->births && events + 5 <= model->events) {
            give_birth(generator);
            next_birth += between;
        } else {
            step(generator);
        }
    }
}

/* As many threads as processors run at all times, and one more must wait to be switched to. */
static bool is_possible(const struct trace_model *model)
{
    const uint64_t threads = (uint64_t)model->threads + model->others;
    return model->processes > 0 && model->processes <= model->threads && model->cpus > 0 && model->cpus < threads &&
           threads + model->births < 1000000 && model->others < FIRST_CLIENT - FIRST_SERVER;
}

bool trace_generate(const struct trace_model *model, const char *path, struct trace_truth *truth)
{
    *truth = (struct trace_truth){0};
    struct generator *generator = calloc(1, sizeof *generator);
    if (!is_possible(model) || generator == NULL) {
        free(generator);
        errno = generator == NULL ? ENOMEM : EINVAL;
        return false;
    }
    generator->model = model;
    generator->truth = truth;
    generator->random.state = model->seed;
    generator->runners = calloc((size_t)model->threads + model->others + model->births, sizeof *generator->runners);
    generator->on_cpu = calloc(model->cpus, sizeof *generator->on_cpu);
    bool good = generator->runners != NULL && generator->on_cpu != NULL && output_open(&generator->writer.output, path);
    int failure = generator->writer.output.failure == 0 ? ENOMEM : generator->writer.output.failure;
    if (good) {
        spread_weights(generator);
        place_threads(generator);
        write_threads(generator);
        write_events(generator);
        good = output_close(&generator->writer.output);
        failure = generator->writer.output.failure;
        truth->bytes = generator->writer.output.bytes;
    }
    free(generator->runners);
    free(generator->on_cpu);
    free(generator);
    errno = failure;
    return good;
}
