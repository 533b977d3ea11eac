/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times what follows decoding, in one process and without files: counting the
 * transitions of an array of calls, building chains, walking them. Prints JSON. */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "markov/transition_counter.h"
#include "random.h"
#include "trace/sequence.h"
#include "twinbed/markov/walk.h"

enum {
    NAMES = 40,       /* different calls of the array */
    NEXT = 4,         /* calls that may follow one */
    THREADS_MAX = 64, /* each with a count of its own, as the parts of a trace have */
    EDGES = 1000000,
    WALKS = 100,
    CALLS_OF_EDGES = 128, /* different calls of the large chain */
    EDGE_ORDER = 3
};

static double now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* Seconds by the clock, and of processor time of all threads. */
struct timer {
    double wall, processor;
};

static struct timer timer_start(void)
{
    return (struct timer){.wall = now(CLOCK_MONOTONIC), .processor = now(CLOCK_PROCESS_CPUTIME_ID)};
}

static struct timer timer_stop(struct timer start)
{
    const struct timer stop = timer_start();
    return (struct timer){.wall = stop.wall - start.wall, .processor = stop.processor - start.processor};
}

/* A walk through a chain of NAMES states, half of whose steps take the likeliest way. */
static void draw_calls(tb_symbol *calls, size_t count)
{
    struct random random = {.state = 1};
    uint32_t at = 0;
    for (size_t i = 0; i < count; i++) {
        const uint32_t way = random_below(&random, 2) == 0 ? 0 : random_below(&random, NEXT);
        at = (at * 7 + way * 11 + 1) % NAMES;
        calls[i] = (tb_symbol)(at * 5);
    }
}

/* One thread life that makes all the calls, as the decoder counts it. */
static enum tb_status count_as_decoder(const tb_symbol *calls, size_t count, unsigned order, uint64_t *distinct)
{
    const struct tb_process_selector selector = {.name = "bench", .pid = -1};
    const struct tb_trace_request request = {
        .selectors = &selector, .selector_count = 1, .orders = &order, .order_count = 1};
    struct sequences sequences;
    struct tb_sequence result = {0};
    uint32_t life;
    enum tb_status status = tb_sequences_init(&sequences, &request, NULL);
    if (status != TB_OK)
        return status;
    status = tb_sequences_begin_lives(&sequences, 1, 1, "bench", NULL, &life, NULL);
    for (size_t i = 0; i < count && status == TB_OK; i++) {
        const struct counted_call call = {.time = i, .life = life, .symbol = calls[i]};
        status = sequences_count(&sequences, &call, NULL);
    }
    if (status == TB_OK)
        status = tb_sequences_finish(&sequences, &result, NULL);
    if (status == TB_OK)
        *distinct = result.transitions[0].count;
    tb_sequence_free(&result, 1, 0);
    tb_sequences_free(&sequences);
    return status;
}

/* The calls are their own columns, as they are small numbers. */
_Static_assert((NAMES - 1) * 5 < 256, "calls are columns of a small table");

/* The transitions of the calls and nothing else: no times, results, positions or windows of each. */
static enum tb_status count_transitions(const tb_symbol *calls, size_t count, unsigned order, uint64_t *distinct)
{
    struct transition_counter counter = {.highest_order = order};
    struct tb_transitions transitions;
    tb_symbol symbols[256];
    uint32_t history = HISTORY_BORN;
    enum tb_status status = TB_OK;
    for (int i = 0; i < 256; i++)
        symbols[i] = (tb_symbol)i;
    for (size_t done = 0; done < count && status == TB_OK; done += RUN_MAX)
        status = tb_transition_counter_add_run(&counter, &history, calls + done,
                                               count - done < RUN_MAX ? count - done : RUN_MAX, done, NULL);
    tb_transitions_init(&transitions, order);
    if (status == TB_OK)
        status = tb_transition_counter_read(&counter, symbols, &transitions, NULL);
    tb_transitions_finish(&transitions);
    *distinct = transitions.count;
    tb_transitions_free(&transitions);
    tb_transition_counter_free(&counter);
    return status;
}

typedef enum tb_status count_calls(const tb_symbol *calls, size_t count, unsigned order, uint64_t *distinct);

static bool time_counting(const char *work, count_calls *count_share, const tb_symbol *calls, size_t count,
                          unsigned order, int threads)
{
    uint64_t distinct[THREADS_MAX] = {0};
    enum tb_status status[THREADS_MAX] = {TB_OK};
    const struct timer start = timer_start();
#pragma omp parallel for schedule(static, 1) num_threads(threads)
    for (int i = 0; i < threads; i++) {
        const size_t begin = count / (size_t)threads * (size_t)i;
        const size_t end = i + 1 == threads ? count : count / (size_t)threads * (size_t)(i + 1);
        status[i] = count_share(calls + begin, end - begin, order, &distinct[i]);
    }
    const struct timer took = timer_stop(start);
    for (int i = 0; i < threads; i++)
        if (status[i] != TB_OK)
            return false;
    printf("{\"work\": \"%s\", \"order\": %u, \"threads\": %d, \"calls\": %zu, \"distinct\": %llu, \"seconds\": %.6f, "
           "\"processor\": %.6f, \"calls_per_second\": %.4g, \"calls_per_processor_second\": %.4g}\n",
           work, order, threads, count, (unsigned long long)distinct[0], took.wall, took.processor,
           (double)count / took.wall, (double)count / took.processor);
    return true;
}

/* EDGES different transitions; those of another seed differ in about one of a hundred. */
static enum tb_status draw_transitions(struct tb_transitions *transitions, uint64_t seed)
{
    struct random same = {.state = 7}, other = {.state = seed};
    enum tb_status status = TB_OK;
    tb_transitions_init(transitions, EDGE_ORDER);
    for (uint64_t position = 0; transitions->count < EDGES && status == TB_OK; position++) {
        const bool differs = random_below(&other, 100) == 0;
        const uint64_t common = random_next(&same), drawn = differs ? random_next(&other) : common;
        tb_symbol calls[EDGE_ORDER + 1];
        for (unsigned i = 0; i <= EDGE_ORDER; i++)
            calls[i] = (tb_symbol)(drawn >> (8 * i) & (CALLS_OF_EDGES - 1));
        status = tb_transitions_add(transitions, tb_key_of_symbols(calls, EDGE_ORDER + 1), position, NULL);
    }
    tb_transitions_finish(transitions);
    return status;
}

static void print_work(const char *work, const struct tb_chain *chain, int times, struct timer took)
{
    printf(
        "{\"work\": \"%s\", \"edges\": %zu, \"states\": %zu, \"times\": %d, \"seconds\": %.6f, \"processor\": %.6f}\n",
        work, chain->edge_count, chain->state_count, times, took.wall, took.processor);
}

/* What a chain costs, and a hundred walks on it, on one thread and on several. */
static enum tb_status time_chain(const struct tb_transitions *own, const struct tb_transitions *walked, int threads)
{
    struct tb_chain chain;
    struct timer start = timer_start();
    enum tb_status status = tb_chain_build(own, 0.001, &chain, NULL);
    if (status != TB_OK)
        return status;
    print_work("build", &chain, 1, timer_stop(start));
    start = timer_start();
    status = tb_chain_smooth(&chain, 0.5, CALLS_OF_EDGES, NULL);
    print_work("smooth", &chain, 1, timer_stop(start));
    for (int team = 1; team <= threads && status == TB_OK; team += team < threads ? threads - team : 1) {
        double invalid = 0;
        start = timer_start();
#pragma omp parallel for schedule(static) num_threads(team) reduction(+ : invalid)
        for (int i = 0; i < WALKS; i++) {
            struct tb_walk walk;
            tb_walk_score(&chain, walked, &walk);
            invalid += (double)walk.invalid_distinct;
        }
        const struct timer took = timer_stop(start);
        printf("{\"threads\": %d, \"invalid_share\": %.4f} ", team, invalid / WALKS / (double)walked->count);
        print_work("walks", &chain, WALKS, took);
    }
    tb_chain_free(&chain);
    return status;
}

static enum tb_status time_chains(int threads)
{
    struct tb_transitions own, walked;
    enum tb_status status = draw_transitions(&own, 2);
    const enum tb_status other = draw_transitions(&walked, 3);
    if (status == TB_OK)
        status = other == TB_OK ? time_chain(&own, &walked, threads) : other;
    tb_transitions_free(&own);
    tb_transitions_free(&walked);
    return status;
}

int main(int argument_count, char **arguments)
{
    const long millions = argument_count > 1 ? strtol(arguments[1], NULL, 10) : 100;
    const int threads = argument_count > 2 ? atoi(arguments[2]) : 2;
    if (millions < 1 || millions > 4000 || threads < 1 || threads > THREADS_MAX) {
        fputs("usage: chains [MILLIONS_OF_CALLS [THREADS]]\n", stderr);
        return 2;
    }
    const size_t count = (size_t)millions * 1000000;
    tb_symbol *calls = malloc(count * sizeof *calls);
    bool good = calls != NULL;
    if (good)
        draw_calls(calls, count);
    for (unsigned order = 1; order <= 3; order += 2)
        for (int team = 1; team <= threads; team += team < threads ? threads - team : 1)
            good = good && time_counting("count", count_as_decoder, calls, count, order, team) &&
                   time_counting("count transitions alone", count_transitions, calls, count, order, team);
    free(calls);
    good = good && time_chains(threads) == TB_OK;
    if (!good)
        fputs("chains: out of memory\n", stderr);
    return good ? 0 : 1;
}
