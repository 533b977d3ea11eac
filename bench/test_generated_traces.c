/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Generated traces hold what the generator says, and twinbed finds just that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "trace_model.h"
#include "twinbed/trace/trace.h"

static struct tb_trace *read_trace(const char *path)
{
    static const unsigned orders[] = {1};
    const struct tb_process_selector selector = {.name = "ab", .pid = -1};
    const struct tb_trace_request request = {
        .selectors = &selector, .selector_count = 1, .orders = orders, .order_count = 1};
    struct tb_source *source;
    struct tb_trace *trace = NULL;
    struct tb_error error;
    assert_int_equal(tb_source_open(path, &source, &error), TB_OK);
    assert_int_equal(tb_trace_read(source, &request, &trace, &error), TB_OK);
    tb_source_close(source);
    return trace;
}

static uint64_t calls_of(const struct tb_sequence *sequence, const char *name)
{
    const tb_call call = tb_call_find(name);
    for (size_t i = 0; i < sequence->call_total_count; i++)
        if (sequence->call_totals[i].call == call)
            return sequence->call_totals[i].count;
    return 0;
}

static void compare(const struct tb_trace *trace, const struct trace_truth *truth)
{
    const struct tb_sequence *const sequence = &trace->sequences[0];
    assert_int_equal(trace->account.damaged, 0);
    assert_int_equal(trace->account.stream_bytes, truth->bytes);
    assert_int_equal(trace->events, truth->events);
    assert_int_equal(trace->enters, truth->enters);
    assert_int_equal(trace->exits, truth->exits);
    assert_int_equal(trace->switches, truth->switches);
    assert_int_equal(sequence->calls, truth->calls);
    assert_int_equal(sequence->transitions[0].total, truth->transitions);
    assert_int_equal(sequence->context_switches, truth->context_switches);
    assert_int_equal(sequence->exits_without_enter, 0);
    for (int i = 0; i < TRACE_CALLS; i++)
        assert_int_equal(calls_of(sequence, trace_call_names[i]), truth->by_name[i]);
}

static void check(const struct trace_model *model)
{
    char path[] = "generated-trace-XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    struct trace_truth truth;
    assert_true(trace_generate(model, path, &truth));
    assert_int_equal(truth.events, model->events);
    struct tb_trace *trace = read_trace(path);
    unlink(path);
    compare(trace, &truth);
    tb_trace_free(trace);
}

static void usual_model(void **state)
{
    (void)state;
    struct trace_model model = trace_model_default();
    model.events = 100000;
    check(&model);
}

static void other_models(void **state)
{
    (void)state;
    static const struct trace_model models[] = {
        {.seed = 2, .events = 0, .processes = 1, .threads = 1, .others = 1, .cpus = 1},
        {.seed = 3, .events = 1, .processes = 1, .threads = 1, .others = 1, .cpus = 1},
        {.seed = 5,
         .events = 20000,
         .processes = 3,
         .threads = 30,
         .others = 300,
         .births = 200,
         .cpus = 16,
         .sampling = 700},
        {.seed = 6, .events = 20000, .processes = 1, .threads = 1200, .others = 0, .births = 1, .cpus = 2},
    };
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++)
        check(&models[i]);
}

static void impossible_models_are_refused(void **state)
{
    (void)state;
    struct trace_truth truth;
    struct trace_model model = trace_model_default();
    model.cpus = model.threads + model.others;
    assert_false(trace_generate(&model, "never-written", &truth));
    assert_int_not_equal(access("never-written", F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usual_model),
        cmocka_unit_test(other_models),
        cmocka_unit_test(impossible_models_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
