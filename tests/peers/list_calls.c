/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For comparisons with other programs: shows what the decoder sees in a trace as plain text.
 *
 *     list_calls FILE                    every call: tid pid name result process
 *     list_calls FILE PROCESS ORDER...   totals, losses, threads and transitions of one sequence */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "twinbed/markov/chain.h"
#include "twinbed/trace/trace.h"

static bool print_call(void *context, const struct tb_call_record *record)
{
    (void)context;
    char name[TB_CALL_NAME_SIZE];
    printf("%" PRId64 "\t%" PRId64 "\t%s\t%" PRId64 "\t%s\n", record->tid, record->pid,
           tb_call_name(record->call, name), record->result, record->process);
    return true;
}

static void print_account(const struct tb_account *account)
{
    printf("account\tstream=%" PRIu64 " decoded=%" PRIu64 " skipped=%" PRIu64 " damaged=%" PRIu64
           " balances=%d damage=%s %s\n",
           account->stream_bytes, account->decoded, account->skipped, account->damaged, tb_account_balances(account),
           tb_damage_name(account->damage), account->reason);
}

static void print_transitions(const struct tb_transitions *transitions)
{
    char label[(TB_ORDER_MAX + 1) * TB_SYMBOL_NAME_SIZE];
    for (size_t i = 0; i < transitions->count; i++) {
        const struct tb_count *const item = &transitions->counts[i];
        tb_key_label(item->key, transitions->order + 1, label, sizeof label);
        printf("transition\t%u\t%s\t%" PRIu64 "\t%" PRIu64 "\n", transitions->order, label, item->count, item->first);
    }
    for (size_t i = 0; i < transitions->start_count; i++) {
        const struct tb_count *const item = &transitions->starts[i];
        tb_key_label(item->key, transitions->order, label, sizeof label);
        printf("start\t%u\t%s\t%" PRIu64 "\t%" PRIu64 "\n", transitions->order, label, item->count, item->first);
    }
}

static void print_transfers(const char *what, const struct tb_transfer *transfers)
{
    static const char *const kinds[] = {"network", "file", "other", "unknown"};
    for (size_t i = 0; i < TB_DESCRIPTOR_KINDS; i++)
        printf("%s\t%s\t%" PRIu64 "\t%" PRIu64 "\n", what, kinds[i], transfers[i].calls, transfers[i].bytes);
}

static void print_ports(const char *what, const struct tb_port_total *ports, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf("%s\t%u\t%" PRIu64 "\n", what, ports[i].port, ports[i].count);
}

static void print_sequence(const struct tb_trace *trace)
{
    const struct tb_sequence *const sequence = &trace->sequences[0];
    printf("sequence\tcalls=%" PRIu64 " events=%" PRIu64 " switches=%" PRIu64 " exits_without_enter=%" PRIu64
           " enters_without_exit=%" PRIu64 " threads=%zu\n",
           sequence->calls, sequence->events, sequence->context_switches, sequence->exits_without_enter,
           sequence->enters_without_exit, sequence->thread_count);
    char name[TB_CALL_NAME_SIZE];
    for (size_t i = 0; i < sequence->call_total_count; i++)
        printf("call\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n", tb_call_name(sequence->call_totals[i].call, name),
               sequence->call_totals[i].count, sequence->call_totals[i].errors, sequence->call_totals[i].bytes);
    for (size_t i = 0; i < sequence->thread_count; i++)
        printf("thread\t%" PRId64 "\t%" PRId64 "\t%" PRIu64 "\n", sequence->threads[i].tid, sequence->threads[i].pid,
               sequence->threads[i].calls);
    print_transfers("read", sequence->reads);
    print_transfers("write", sequence->writes);
    print_ports("connect", sequence->connects, sequence->connect_count);
    print_ports("accept", sequence->accepts, sequence->accept_count);
    for (size_t i = 0; i < trace->order_count; i++)
        print_transitions(&sequence->transitions[i]);
}

static void print_trace(const struct tb_trace *trace)
{
    printf("trace\tminor=%u swapped=%d exit_only=%d sections=%" PRIu64 " events=%" PRIu64 " enters=%" PRIu64
           " exits=%" PRIu64 " children=%" PRIu64 " switches=%" PRIu64 " state_only=%" PRIu64 " drop_marks=%" PRIu64
           "\n",
           trace->minor_version, trace->swapped, trace->exit_only, trace->sections, trace->events, trace->enters,
           trace->exits, trace->children, trace->switches, trace->state_only, trace->drop_marks);
    print_account(&trace->account);
    if (trace->sequence_count > 0)
        print_sequence(trace);
}

static enum tb_status show(struct tb_source *source, int count, char **arguments, struct tb_error *error)
{
    struct tb_account account;
    if (count == 0)
        return tb_trace_visit(source, print_call, NULL, &account, error);
    unsigned orders[TB_ORDER_MAX];
    size_t order_count = 0;
    for (int i = 1; i < count && order_count < TB_ORDER_MAX; i++)
        orders[order_count++] = (unsigned)strtoul(arguments[i], NULL, 10);
    const struct tb_process_selector selector = {.name = arguments[0], .pid = -1};
    const struct tb_trace_request request = {
        .selectors = &selector, .selector_count = 1, .orders = orders, .order_count = order_count};
    struct tb_trace *trace;
    const enum tb_status status = tb_trace_read(source, &request, &trace, error);
    if (status == TB_OK) {
        print_trace(trace);
        tb_trace_free(trace);
    }
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: list_calls FILE [PROCESS ORDER...]\n");
        return 2;
    }
    struct tb_error error;
    struct tb_source *source;
    enum tb_status status = tb_source_open(argv[1], &source, &error);
    if (status == TB_OK) {
        status = show(source, argc - 2, argv + 2, &error);
        tb_source_close(source);
    }
    if (status != TB_OK)
        fprintf(stderr, "list_calls: %s\n", error.text);
    return status == TB_OK ? 0 : 1;
}
