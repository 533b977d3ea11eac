/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operating system level: calls, switches and bytes of the chosen processes per
 * completed request, walks, and the counters of whole machines. */
#include <string.h>

#include "tables.h"

/* What the variant of a row says: whose process, and of transfers in which direction, on which descriptors, in what. */
enum { CLIENT = 0, SERVER = 1, WRITES = 2, BYTES = 4, NETWORK = 8, FILES = 16 };

static const struct tb_sequence *sequence_of(const struct tb_measures *measures, int variant)
{
    return (variant & SERVER) == 0 ? measures->client : measures->server;
}

static struct tb_metric_value calls_per_request(const struct tb_measures *measures, int end)
{
    const struct tb_sequence *sequence = sequence_of(measures, end);
    return per_request(measures, (double)sequence->calls);
}

/* Without enters there is no second half of the events to count. */
static struct tb_metric_value events_per_request(const struct tb_measures *measures, int end)
{
    const struct tb_sequence *sequence = sequence_of(measures, end);
    return sequence->losses_known ? per_request(measures, (double)sequence->events)
                                  : tb_metric_absent(TB_ABSENT_ENTERS);
}

static struct tb_metric_value switches_per_request(const struct tb_measures *measures, int end)
{
    const struct tb_sequence *sequence = sequence_of(measures, end);
    return sequence->switches_known ? per_request(measures, (double)sequence->context_switches)
                                    : tb_metric_absent(TB_ABSENT_SWITCHES);
}

/* An amount of calls of a kind without which no request is made or served; calls: how many of that kind there are. A
 * trace without any leaves them out, or belongs to something else; then 0 would be no count. */
static struct tb_metric_value kind_of_calls_per_request(const struct tb_measures *measures, uint64_t calls,
                                                        uint64_t amount)
{
    const struct tb_metric_value value = per_request(measures, (double)amount);
    return value.absence == TB_PRESENT && calls == 0 ? tb_metric_absent(TB_ABSENT_CALLS) : value;
}

static struct tb_metric_value connects_per_request(const struct tb_measures *measures, int end)
{
    const struct tb_sequence *sequence = sequence_of(measures, end);
    if (measures->server_port == 0 && measures->completed > 0)
        return tb_metric_absent(TB_ABSENT_PORT);
    const struct tb_port_total *ports = end == CLIENT ? sequence->connects : sequence->accepts;
    const size_t count = end == CLIENT ? sequence->connect_count : sequence->accept_count;
    if (tb_port_count(ports, count, 0) > 0)
        return tb_metric_absent(TB_ABSENT_PORTS);
    const uint64_t made = tb_port_count(ports, count, measures->server_port);
    return kind_of_calls_per_request(measures, made, made);
}

static struct tb_transfer sum_transfers(const struct tb_transfer *transfers)
{
    struct tb_transfer sum = {0};
    for (int kind = 0; kind < TB_DESCRIPTOR_KINDS; kind++) {
        sum.calls += transfers[kind].calls;
        sum.bytes += transfers[kind].bytes;
    }
    return sum;
}

/* Calls of the published tables are those named read, on any descriptor. */
static uint64_t count_reads(const struct tb_sequence *sequence)
{
    const tb_call read_call = tb_call_find("read");
    for (size_t i = 0; i < sequence->call_total_count; i++)
        if (sequence->call_totals[i].call == read_call)
            return sequence->call_totals[i].count;
    return 0;
}

static struct tb_metric_value reads(const struct tb_measures *measures, int end)
{
    const struct tb_sequence *sequence = sequence_of(measures, end);
    return sum_transfers(sequence->reads).calls == 0 ? tb_metric_absent(TB_ABSENT_CALLS)
                                                     : tb_metric_number((double)count_reads(sequence), TB_ABSENT_CALLS);
}

static struct tb_metric_value reads_per_request(const struct tb_measures *measures, int end)
{
    const struct tb_sequence *sequence = sequence_of(measures, end);
    return kind_of_calls_per_request(measures, sum_transfers(sequence->reads).calls, count_reads(sequence));
}

/* More than this share of a direction on descriptors of unknown kind, and nobody knows how much of a kind there was. */
static const double unknown_limit = 0.01;

/* Calls or bytes of one direction, on descriptors of one kind or on any. Requests come and replies go over the network, so
 * that there must be such calls; files need not be read. */
static struct tb_metric_value transfers_per_request(const struct tb_measures *measures, int variant)
{
    const struct tb_sequence *const sequence = sequence_of(measures, variant);
    const struct tb_transfer *const transfers = (variant & WRITES) == 0 ? sequence->reads : sequence->writes;
    const struct tb_transfer all = sum_transfers(transfers);
    const struct tb_transfer of = (variant & NETWORK) != 0 ? transfers[TB_DESCRIPTOR_NETWORK]
                                  : (variant & FILES) != 0 ? transfers[TB_DESCRIPTOR_FILE]
                                                           : all;
    if ((variant & (NETWORK | FILES)) != 0 && tb_transfers_unknown_share(transfers) > unknown_limit)
        return tb_metric_absent(TB_ABSENT_DESCRIPTOR);
    return kind_of_calls_per_request(measures, (variant & NETWORK) != 0 ? of.calls : all.calls,
                                     (variant & BYTES) == 0 ? of.calls : of.bytes);
}

/* A walk without a step has a share, but no bits a step. */
static struct tb_metric_value walk_number(const struct tb_walk_measure *walk, double number)
{
    return walk->absence != TB_PRESENT ? tb_metric_absent(walk->absence)
                                       : tb_metric_number(number, TB_ABSENT_OCCURRENCE);
}

static const struct tb_walk_measure *walk_of(const struct tb_measures *measures, int end)
{
    return end == CLIENT ? &measures->client_walk : &measures->server_walk;
}

static struct tb_metric_value walk_bits(const struct tb_measures *measures, int end)
{
    return walk_number(walk_of(measures, end), walk_of(measures, end)->bits_per_transition);
}

static struct tb_metric_value walk_invalid(const struct tb_measures *measures, int end)
{
    return walk_number(walk_of(measures, end), walk_of(measures, end)->invalid_transitions);
}

static struct tb_metric_value walk_invalid_share(const struct tb_measures *measures, int end)
{
    return walk_number(walk_of(measures, end), walk_of(measures, end)->invalid_share);
}

static struct tb_metric_value counter_per_request(const struct tb_measures *measures, int counter)
{
    if (!measures->counters->known[counter])
        return tb_metric_absent(TB_ABSENT_UNSTATED);
    return per_request(measures, tb_counter_amount(measures->counters, (enum tb_counter)counter));
}

static struct tb_metric_value steal_share(const struct tb_measures *measures, int variant)
{
    (void)variant;
    return tb_metric_number(measures->counters->steal_share, TB_ABSENT_UNSTATED);
}

static struct tb_metric_value kernel_events(const struct tb_measures *measures, int variant)
{
    const struct tb_kernel_log *const log = measures->kernel_logs[variant / TB_KERNEL_EVENT_KINDS];
    return tb_metric_number((double)log->counts[variant % TB_KERNEL_EVENT_KINDS], TB_ABSENT_UNSTATED);
}

#define SEQUENCE_ROW(end_name, END, name, unit, sentence, extract, variant)                                            \
    {                                                                                                                  \
        end_name "_" name, unit, TB_LEVEL_OPERATING_SYSTEM, TB_METRIC_##END, TB_METRIC_FROM_##END##_TRACE,             \
            TB_SCALE_RATIO, 0, TB_COMBINE_WORK_MEAN, sentence " of the " end_name "'s process.", extract, variant      \
    }

#define SEQUENCE_ROWS(end_name, END)                                                                                   \
    SEQUENCE_ROW(end_name, END, "calls_per_request", "1", "System calls per completed request", calls_per_request,     \
                 END),                                                                                                 \
        SEQUENCE_ROW(end_name, END, "events_per_request", "1",                                                         \
                     "Enter and exit events per completed request, as sysdig counts them", events_per_request, END),   \
        SEQUENCE_ROW(end_name, END, "reads_per_request", "1",                                                          \
                     "Calls named read, any descriptor, per completed request (tables IV, V, figure 2b)",              \
                     reads_per_request, END),                                                                          \
        SEQUENCE_ROW(end_name, END, "network_reads_per_request", "1",                                                  \
                     "Read-like calls on network descriptors per completed request", transfers_per_request,            \
                     END | NETWORK),                                                                                   \
        SEQUENCE_ROW(end_name, END, "receives_per_request", "1",                                                       \
                     "Calls of the whole read and receive family per completed request", transfers_per_request, END),  \
        SEQUENCE_ROW(end_name, END, "writes_per_request", "1",                                                         \
                     "Calls of the whole write and send family per completed request", transfers_per_request,          \
                     END | WRITES),                                                                                    \
        SEQUENCE_ROW(end_name, END, "network_writes_per_request", "1",                                                 \
                     "Write-like calls on network descriptors per completed request", transfers_per_request,           \
                     END | WRITES | NETWORK),                                                                          \
        SEQUENCE_ROW(end_name, END, "read_bytes_per_request", "bytes",                                                 \
                     "Bytes moved by the read and receive family per completed request", transfers_per_request,        \
                     END | BYTES),                                                                                     \
        SEQUENCE_ROW(end_name, END, "network_read_bytes_per_request", "bytes",                                         \
                     "Bytes read from network descriptors per completed request", transfers_per_request,               \
                     END | NETWORK | BYTES),                                                                           \
        SEQUENCE_ROW(end_name, END, "file_read_bytes_per_request", "bytes",                                            \
                     "Bytes read from files per completed request", transfers_per_request, END | FILES | BYTES),       \
        SEQUENCE_ROW(end_name, END, "write_bytes_per_request", "bytes",                                                \
                     "Bytes moved by the write and send family per completed request", transfers_per_request,          \
                     END | WRITES | BYTES),                                                                            \
        SEQUENCE_ROW(end_name, END, "context_switches_per_request", "1",                                               \
                     "Context switches away from the threads, per completed request,", switches_per_request, END),     \
        SEQUENCE_ROW(end_name, END, "connections_per_request", "1",                                                    \
                     "Connections made or taken on the server port per completed request", connects_per_request, END), \
        {end_name "_reads",                                                                                            \
         "1",                                                                                                          \
         TB_LEVEL_OPERATING_SYSTEM,                                                                                    \
         TB_METRIC_##END,                                                                                              \
         TB_METRIC_FROM_##END##_TRACE,                                                                                 \
         TB_SCALE_RATIO,                                                                                               \
         0,                                                                                                            \
         TB_COMBINE_SUM,                                                                                               \
         "Calls named read, any descriptor, of the whole run of the " end_name "'s process.",                          \
         reads,                                                                                                        \
         END},                                                                                                         \
        {end_name "_walk_bits_per_transition",                                                                         \
         "bit",                                                                                                        \
         TB_LEVEL_OPERATING_SYSTEM,                                                                                    \
         TB_METRIC_##END,                                                                                              \
         TB_METRIC_FROM_##END##_TRACE,                                                                                 \
         TB_SCALE_DIFFERENCE,                                                                                          \
         0.05,                                                                                                         \
         TB_COMBINE_MEAN,                                                                                              \
         "Mean of -log2 smoothed probability per transition over all walks of the " end_name                           \
         "'s sequence on the baseline's chains of other runs, first window and order.",                                \
         walk_bits,                                                                                                    \
         END},                                                                                                         \
        {end_name "_walk_invalid_transitions",                                                                         \
         "1",                                                                                                          \
         TB_LEVEL_OPERATING_SYSTEM,                                                                                    \
         TB_METRIC_##END,                                                                                              \
         TB_METRIC_FROM_##END##_TRACE,                                                                                 \
         TB_SCALE_DIFFERENCE,                                                                                          \
         1,                                                                                                            \
         TB_COMBINE_MEAN,                                                                                              \
         "Mean of invalid transitions over walks of the " end_name                                                     \
         "'s sequence on the baseline's chains of other runs, first window and order.",                                \
         walk_invalid,                                                                                                 \
         END},                                                                                                         \
    {                                                                                                                  \
        end_name "_walk_invalid_share", "1", TB_LEVEL_OPERATING_SYSTEM, TB_METRIC_##END, TB_METRIC_FROM_##END##_TRACE, \
            TB_SCALE_DIFFERENCE, 0.05, TB_COMBINE_MEAN,                                                                \
            "Share of those walks that meet an invalid transition or start, which makes them impossible.",             \
            walk_invalid_share, END                                                                                    \
    }

#define COUNTER_ROW(name, unit, sentence, COUNTER)                                                                     \
    {                                                                                                                  \
        "host_" name "_per_request", unit, TB_LEVEL_OPERATING_SYSTEM, TB_METRIC_HOST, TB_METRIC_FROM_COUNTERS,         \
            TB_SCALE_RATIO, 0, TB_COMBINE_WORK_MEAN, sentence " of the whole machine per completed request.",          \
            counter_per_request, TB_COUNTER_##COUNTER                                                                  \
    }

/* One event in two runs is a difference. */
#define EVENT_ROW(end_name, END, kind, word, meaning)                                                                  \
    {end_name "_" #word "_events",                                                                                     \
     "1",                                                                                                              \
     TB_LEVEL_OPERATING_SYSTEM,                                                                                        \
     TB_METRIC_##END,                                                                                                  \
     TB_METRIC_FROM_KERNEL_LOG,                                                                                        \
     TB_SCALE_DIFFERENCE,                                                                                              \
     0.5,                                                                                                              \
     TB_COMBINE_MAXIMUM,                                                                                               \
     "Times that the kernel log of the " end_name " says that " meaning ".",                                           \
     kernel_events,                                                                                                    \
     TB_METRIC_##END * TB_KERNEL_EVENT_KINDS + (kind)},
#define CLIENT_EVENT(kind, word, meaning) EVENT_ROW("client", CLIENT, kind, word, meaning)
#define SERVER_EVENT(kind, word, meaning) EVENT_ROW("server", SERVER, kind, word, meaning)
#define HOST_EVENT(kind, word, meaning) EVENT_ROW("host", HOST, kind, word, meaning)

static const struct tb_metric rows[] = {
    SEQUENCE_ROWS("client", CLIENT),
    SEQUENCE_ROWS("server", SERVER),
    COUNTER_ROW("context_switches", "1", "Context switches", CONTEXT_SWITCHES),
    COUNTER_ROW("interrupts", "1", "Interrupts", INTERRUPTS),
    COUNTER_ROW("soft_interrupts", "1", "Soft interrupts", SOFT_INTERRUPTS),
    COUNTER_ROW("block_reads", "1", "Completed block reads", BLOCK_READS),
    COUNTER_ROW("block_writes", "1", "Completed block writes", BLOCK_WRITES),
    COUNTER_ROW("block_read_bytes", "bytes", "Bytes read from block devices", BLOCK_READ_BYTES),
    COUNTER_ROW("block_write_bytes", "bytes", "Bytes written to block devices", BLOCK_WRITE_BYTES),
    COUNTER_ROW("minor_faults", "1", "Minor page faults", MINOR_FAULTS),
    COUNTER_ROW("major_faults", "1", "Major page faults", MAJOR_FAULTS),
    COUNTER_ROW("steal_time", "ms", "Time in which processors wanted to run and the machine below ran something else,",
                STEAL_TIME),
    COUNTER_ROW("kvm_exits", "1", "Returns of virtual machines to KVM,", KVM_EXITS),
    {"host_steal_share", "1", TB_LEVEL_OPERATING_SYSTEM, TB_METRIC_HOST, TB_METRIC_FROM_COUNTERS, TB_SCALE_DIFFERENCE,
     0.01, TB_COMBINE_MEAN,
     "Share of the time of all processors in which the machine below ran something else, though they wanted to run.",
     steal_share, 0},
    TB_KERNEL_EVENTS(CLIENT_EVENT) TB_KERNEL_EVENTS(SERVER_EVENT) TB_KERNEL_EVENTS(HOST_EVENT)};

const struct tb_metric_table tb_os_metrics = {rows, sizeof rows / sizeof rows[0]};
