/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times the decoders on one file, inside one process: a bare read of the file
 * in blocks of 1 MB, then reading, decoding, counting and (for a trace) the
 * walks, each so many times in turn. Prints medians as JSON. */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "twinbed/capture/capture.h"
#include "twinbed/markov/walk.h"
#include "twinbed/trace/trace.h"

enum { BLOCK = 1 << 20, REPEATS_MAX = 101, WALKS = 100 };

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* Of this process: what a busy machine does not change. */
static double processor_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static int compare_seconds(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *seconds, int count)
{
    qsort(seconds, (size_t)count, sizeof *seconds, compare_seconds);
    return count % 2 != 0 ? seconds[count / 2] : (seconds[count / 2 - 1] + seconds[count / 2]) / 2;
}

/* The file's bytes into one buffer, and nothing else. */
static bool read_bare(const char *path, void *buffer, double *seconds)
{
    const double start = now();
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    off_t at = 0;
    ssize_t got = 1;
    while (file >= 0 && (got = pread(file, buffer, BLOCK, at)) > 0)
        at += got;
    if (file >= 0)
        close(file);
    *seconds = now() - start;
    return file >= 0 && got == 0;
}

struct outcome {
    double decode;
    double processor; /* seconds of it, of all threads */
    double walk;      /* of one walk from counts */
    double stepping;  /* of one walk from call to call */
    uint64_t records;
    uint64_t found; /* calls, or flows */
    uint64_t transitions;
    long resident; /* kilobytes, the most so far, walks left out */
    struct tb_chunk_outcome chunks;
};

static long resident_kilobytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

struct stepped {
    struct tb_key *steps; /* owned; the pairs of one call and the next, in file order */
    size_t count;
    size_t capacity;
    tb_call last;
    bool failed;
};

static bool note_step(void *context, const struct tb_call_record *record)
{
    struct stepped *const stepped = context;
    if (strcmp(record->process, "ab") != 0)
        return true;
    const tb_symbol pair[2] = {tb_symbol_of_call(stepped->last), tb_symbol_of_call(record->call)};
    stepped->last = record->call;
    if (!tb_array_reserve(&stepped->steps, &stepped->capacity, stepped->count + 1, sizeof *stepped->steps)) {
        stepped->failed = true;
        return false;
    }
    stepped->steps[stepped->count++] = tb_key_of_symbols(pair, 2);
    return true;
}

/* What a walk would cost that goes from call to call: an edge looked up and a logarithm added at each. */
static enum tb_status time_steps(const struct tb_chain *chain, const char *path, struct outcome *outcome,
                                 struct tb_error *error)
{
    struct stepped stepped = {.last = TB_CALL_NONE};
    struct tb_source *source;
    enum tb_status status = tb_source_open(path, &source, error);
    if (status != TB_OK)
        return status;
    status = tb_trace_visit(source, note_step, &stepped, NULL, error);
    tb_source_close(source);
    if (status == TB_OK && stepped.failed)
        status = tb_error_memory(error, "steps");
    struct tb_index edges = {0};
    for (size_t i = 0; status == TB_OK && i < chain->edge_count; i++)
        if (tb_index_add(&edges, chain->edges[i].transition, i) == TB_INDEX_ABSENT)
            status = tb_error_memory(error, "edges");
    const double start = now();
    volatile double sum = 0;
    for (size_t i = 0; status == TB_OK && i < stepped.count; i++) {
        const int64_t edge = tb_index_find(&edges, stepped.steps[i]);
        if (edge != TB_INDEX_ABSENT)
            sum += log10(chain->edges[edge].weight);
    }
    outcome->stepping = now() - start;
    tb_index_free(&edges);
    free(stepped.steps);
    return status;
}

/* The trace's own chain scored against it, so often that one can be timed. */
static enum tb_status time_walks(const struct tb_trace *trace, const char *path, struct outcome *outcome,
                                 struct tb_error *error)
{
    const struct tb_sequence *const sequence = &trace->sequences[0];
    struct tb_chain chain;
    struct tb_walk walk;
    enum tb_status status = tb_chain_build(&sequence->transitions[0], 0, &chain, error);
    if (status != TB_OK)
        return status;
    const double start = now();
    for (int i = 0; i < WALKS; i++)
        tb_walk_score(&chain, &sequence->transitions[0], &walk);
    outcome->walk = (now() - start) / WALKS;
    outcome->transitions = walk.transitions;
    status = time_steps(&chain, path, outcome, error);
    tb_chain_free(&chain);
    return status;
}

static enum tb_status decode_trace(struct tb_source *source, const char *path, int threads, bool walks,
                                   struct outcome *outcome, struct tb_error *error)
{
    static const unsigned orders[] = {1};
    const struct tb_process_selector selector = {.name = "ab", .pid = -1};
    const struct tb_trace_request request = {
        .selectors = &selector, .selector_count = 1, .orders = orders, .order_count = 1};
    const struct tb_split how = tb_split_for(threads);
    struct tb_trace *trace;
    const double start = now(), processor_start = processor_now();
    enum tb_status status = tb_trace_read_split(source, &request, &how, &outcome->chunks, &trace, error);
    outcome->decode = now() - start;
    outcome->processor = processor_now() - processor_start;
    outcome->resident = resident_kilobytes();
    if (status != TB_OK)
        return status;
    outcome->records = trace->events;
    outcome->found = trace->sequences[0].calls;
    if (walks)
        status = time_walks(trace, path, outcome, error);
    tb_trace_free(trace);
    return status;
}

static enum tb_status decode_capture(struct tb_source *source, int threads, struct outcome *outcome,
                                     struct tb_error *error)
{
    const struct tb_capture_request request = {.rows = TB_FLOW_ROWS_NONE};
    const struct tb_capture_split how = tb_capture_split_for(threads);
    struct tb_capture *capture;
    const double start = now(), processor_start = processor_now();
    const enum tb_status status = tb_capture_read_split(source, &request, &how, NULL, &capture, error);
    outcome->decode = now() - start;
    outcome->processor = processor_now() - processor_start;
    outcome->resident = resident_kilobytes();
    if (status != TB_OK)
        return status;
    outcome->records = capture->packets;
    outcome->found = capture->summary.flows;
    tb_capture_free(capture);
    return TB_OK;
}

static enum tb_status decode(const char *path, bool is_trace, int threads, bool walks, struct outcome *outcome,
                             struct tb_error *error)
{
    struct tb_source *source;
    enum tb_status status = tb_source_open(path, &source, error);
    if (status != TB_OK)
        return status;
    status = is_trace ? decode_trace(source, path, threads, walks, outcome, error)
                      : decode_capture(source, threads, outcome, error);
    tb_source_close(source);
    return status;
}

static void print(const char *path, bool is_trace, const struct outcome *last, double bare, double decoding,
                  double processor)
{
    printf("{\"file\": \"%s\", \"%s\": %llu, \"%s\": %llu, \"bare_read\": %.6f, \"decode\": %.6f, "
           "\"decode_processor\": %.6f, ",
           path, is_trace ? "events" : "packets", (unsigned long long)last->records, is_trace ? "calls" : "flows",
           (unsigned long long)last->found, bare, decoding, processor);
    if (is_trace)
        printf("\"transitions\": %llu, \"walk\": %.9f, \"stepping\": %.6f, ", (unsigned long long)last->transitions,
               last->walk, last->stepping);
    printf(
        "\"chunks_committed\": %llu, \"chunks_repeated\": %llu, \"chunks_overdue\": %llu, \"chunks_decoded\": %llu, ",
        (unsigned long long)last->chunks.committed, (unsigned long long)last->chunks.repeated,
        (unsigned long long)last->chunks.overdue, (unsigned long long)last->chunks.decoded);
    printf("\"resident_kilobytes\": %ld}\n", last->resident);
}

int main(int argument_count, char **arguments)
{
    if (argument_count < 3 || (strcmp(arguments[1], "trace") != 0 && strcmp(arguments[1], "capture") != 0)) {
        fputs("usage: decode trace|capture FILE [REPEATS [THREADS]]\n", stderr);
        return 2;
    }
    const bool is_trace = strcmp(arguments[1], "trace") == 0;
    const int wanted = argument_count > 3 ? atoi(arguments[3]) : 1;
    const int threads = argument_count > 4 ? atoi(arguments[4]) : 1;
    const int repeats = wanted < 1 ? 1 : wanted < REPEATS_MAX ? wanted : REPEATS_MAX;
    double bare[REPEATS_MAX], decoding[REPEATS_MAX], processor[REPEATS_MAX];
    struct outcome outcome = {0};
    struct tb_error error;
    void *const buffer = malloc(BLOCK);
    for (int i = 0; i < repeats; i++) {
        if (buffer == NULL || !read_bare(arguments[2], buffer, &bare[i])) {
            perror(arguments[2]);
            return 1;
        }
        if (decode(arguments[2], is_trace, threads < 1 ? 1 : threads, i + 1 == repeats, &outcome, &error) != TB_OK) {
            fprintf(stderr, "decode: %s\n", error.text);
            return 1;
        }
        decoding[i] = outcome.decode;
        processor[i] = outcome.processor;
    }
    free(buffer);
    print(arguments[2], is_trace, &outcome, median(bare, repeats), median(decoding, repeats),
          median(processor, repeats));
    return 0;
}
