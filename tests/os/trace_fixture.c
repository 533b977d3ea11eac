/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trace_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "twinbed/os/chain.h"

struct tb_trace *read_request(const struct scap_writer *writer, const struct tb_trace_request *request)
{
    struct tb_source *source;
    struct tb_trace *trace;
    assert_int_equal(tb_source_open_memory(writer->data, writer->size, "written", &source, NULL), TB_OK);
    assert_int_equal(tb_trace_read(source, request, &trace, NULL), TB_OK);
    tb_source_close(source);
    assert_true(tb_account_balances(&trace->account));
    return trace;
}

struct tb_trace *read_process(const struct scap_writer *writer, const char *process)
{
    static const unsigned orders[] = {1, 2, 3};
    const struct tb_process_selector selector = {.name = process, .pid = -1};
    return read_request(writer, &(struct tb_trace_request){
                                    .selectors = &selector, .selector_count = 1, .orders = orders, .order_count = 3});
}

static const struct tb_count *find(const struct tb_count *counts, size_t count, unsigned calls, const char *label)
{
    char found[(TB_ORDER_MAX + 1) * TB_SYMBOL_NAME_SIZE];
    for (size_t i = 0; i < count; i++) {
        tb_key_label(counts[i].key, calls, found, sizeof found);
        if (strcmp(found, label) == 0)
            return &counts[i];
    }
    return NULL;
}

uint64_t count_of(const struct tb_transitions *transitions, const char *label)
{
    const struct tb_count *const item = find(transitions->counts, transitions->count, transitions->order + 1, label);
    return item == NULL ? 0 : item->count;
}

uint64_t first_of(const struct tb_transitions *transitions, const char *label)
{
    const struct tb_count *const item = find(transitions->counts, transitions->count, transitions->order + 1, label);
    return item == NULL ? UINT64_MAX : item->first;
}

uint64_t starts_of(const struct tb_transitions *transitions, const char *label)
{
    const struct tb_count *const item = find(transitions->starts, transitions->start_count, transitions->order, label);
    return item == NULL ? 0 : item->count;
}

uint64_t calls_of(const struct tb_sequence *sequence, const char *name)
{
    for (size_t i = 0; i < sequence->call_total_count; i++)
        if (sequence->call_totals[i].call == tb_call_find(name))
            return sequence->call_totals[i].count;
    return 0;
}
