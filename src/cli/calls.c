/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "listing.h"
#include "process_list.h"
#include "twinbed/base/log.h"
#include "twinbed/trace/trace.h"
#include "twinbed/trace/trace_files.h"

struct calls_arguments {
    struct value_list files;
    const char *process;
    unsigned format;
    long long memory;
};

static const struct parameter operand_table[] = {
    {.name = "FILE",
     PARAMETER_FILES(struct calls_arguments, files),
     .text = "a trace of sysdig, or a text of strace or perf; several: those of strace -ff, one for each process",
     .needed = true},
    {.name = NULL},
};

static const struct parameter option_table[] = {
    {.name = "process",
     PARAMETER_TEXT(struct calls_arguments, process),
     .value = "NAME",
     .text = "process name, as the trace has it (default: all processes are listed)"},
    {.name = "format",
     PARAMETER_WORD(struct calls_arguments, format),
     .text = "how to print (default: text)",
     .words = listing_formats},
    MEMORY_OPTION(struct calls_arguments, memory),
    {.name = NULL},
};

static void print_calls(const struct tb_sequence *sequence, enum listing_format format)
{
    static const struct listing_column columns[] = {{"call", -24}, {"count", 12}, {"errors", 10}, {"bytes", 16}};
    struct listing listing = {.format = format, .columns = columns, .column_count = 4};
    listing_begin(&listing);
    for (size_t i = 0; i < sequence->call_total_count; i++) {
        const struct tb_call_total *total = &sequence->call_totals[i];
        char name[TB_CALL_NAME_SIZE];
        const struct listing_cell cells[] = {{.kind = CELL_TEXT, .text = tb_call_name(total->call, name)},
                                             {.kind = CELL_INTEGER, .integer = total->count},
                                             {.kind = CELL_INTEGER, .integer = total->errors},
                                             {.kind = CELL_INTEGER, .integer = total->bytes}};
        listing_row(&listing, cells);
    }
    listing_end(&listing);
}

static void warn_of_gaps(const char *path, const struct tb_trace *trace)
{
    if (trace->unknown_sections > 0 && trace->major_version != TB_TRACE_MAJOR_VERSION)
        tb_log_warning(
            "%s: the major number of scap version %u.%u is not known (it is %u in all that are): the file may "
            "mean something else",
            path, trace->major_version, trace->minor_version, TB_TRACE_MAJOR_VERSION);
    else if (trace->unknown_sections > 0)
        tb_log_warning("%s: scap version %u.%u or that of a later section is not known: counts may be wrong", path,
                       trace->major_version, trace->minor_version);
    if (trace->backward_lines > 0)
        tb_log_warning("%s: %llu lines are earlier than the one before: the clock was set, or passed midnight", path,
                       (unsigned long long)trace->backward_lines);
    if (trace->drop_starts + trace->drop_marks > 0)
        tb_log_warning("%s: the tracer left out events by itself: %llu marks of dropping mode", path,
                       (unsigned long long)(trace->drop_starts + trace->drop_marks));
    if (tb_unknown_events_sum(&trace->unknown_events) > 0)
        tb_log_warning("%s: %llu events of numbers that are not known were skipped, the smallest is %u", path,
                       (unsigned long long)tb_unknown_events_sum(&trace->unknown_events),
                       trace->unknown_events.items[0].number);
}

static int list_calls(const struct value_list *files, const char *process, enum listing_format format)
{
    static const unsigned orders[] = {1};
    const struct tb_process_selector selector = {.name = process, .pid = -1, .arguments = "", .cgroup = ""};
    const struct tb_trace_request request = {
        .selectors = &selector, .selector_count = 1, .orders = orders, .order_count = 1};
    char text[TB_ABSENCE_TEXT_SIZE];
    const char *const path = files->items[0];
    struct tb_source *source;
    struct tb_trace *trace;
    struct tb_error error = {0};
    if (tb_trace_open_files(files->items, files->count, &source, &error) != TB_OK)
        return command_failure(&error);
    const enum tb_status status = tb_trace_read(source, &request, &trace, &error);
    tb_source_close(source);
    if (status == TB_MEMORY)
        tb_error_name(&error, path);
    if (status != TB_OK)
        return command_failure(&error);
    print_calls(&trace->sequences[0], format);
    const bool damaged = trace->account.damage != TB_DAMAGE_NONE;
    if (damaged)
        tb_log_warning("%s: %s at offset %llu: %s", path, tb_damage_name(trace->account.damage),
                       (unsigned long long)trace->account.damage_offset, trace->account.reason);
    warn_of_gaps(path, trace);
    if (trace->sequences[0].calls == 0)
        tb_log_warning("%s: %s", path, tb_trace_describe_absence(trace, process, text));
    tb_trace_free(trace);
    return damaged ? EXIT_DAMAGED : EXIT_GOOD;
}

static void print_processes(const struct process_list *list, enum listing_format format)
{
    static const struct listing_column columns[] = {{"process", -16}, {"calls", 12},   {"errors", 10},
                                                    {"threads", 8},   {"connects", 9}, {"accepts", 8}};
    struct listing listing = {.format = format, .columns = columns, .column_count = 6};
    listing_begin(&listing);
    for (size_t i = 0; i < list->count; i++) {
        const struct listed_process *const process = &list->items[i];
        const struct listing_cell cells[] = {
            {.kind = CELL_TEXT, .text = process->name},           {.kind = CELL_INTEGER, .integer = process->calls},
            {.kind = CELL_INTEGER, .integer = process->errors},   {.kind = CELL_INTEGER, .integer = process->threads},
            {.kind = CELL_INTEGER, .integer = process->connects}, {.kind = CELL_INTEGER, .integer = process->accepts}};
        listing_row(&listing, cells);
    }
    listing_end(&listing);
}

static int list_processes(const struct value_list *files, enum listing_format format)
{
    const char *const path = files->items[0];
    struct process_list list;
    struct tb_account account;
    struct tb_error error = {0};
    const enum tb_status status = process_list_read(files->items, files->count, &list, &account, &error);
    if (status == TB_MEMORY)
        tb_error_name(&error, path);
    if (status != TB_OK) {
        process_list_free(&list);
        return command_failure(&error);
    }
    print_processes(&list, format);
    const bool damaged = account.damage != TB_DAMAGE_NONE;
    if (damaged)
        tb_log_warning("%s: %s at offset %llu: %s", path, tb_damage_name(account.damage),
                       (unsigned long long)account.damage_offset, account.reason);
    if (list.count == 0)
        tb_log_warning("%s: the trace holds no call", path);
    process_list_free(&list);
    return damaged ? EXIT_DAMAGED : EXIT_GOOD;
}

static int run(int argument_count, char **arguments)
{
    struct calls_arguments given = {.format = LISTING_TEXT};
    const int result = command_parse(&command_calls, argument_count, arguments, &given);
    if (result != EXIT_GOOD)
        return result;
    command_limit_memory(given.memory, 1);
    if (given.process == NULL)
        return list_processes(&given.files, (enum listing_format)given.format);
    if (given.process[0] == '\0')
        return command_misuse(&command_calls, "--process is empty");
    return list_calls(&given.files, given.process, (enum listing_format)given.format);
}

const struct command command_calls = {
    .name = "calls",
    .summary = "list the processes of one trace, or count the calls of one",
    .description =
        "Counts the system calls of one process in a trace, by name: calls, calls that returned an "
        "error, and bytes moved by reads and writes.\n\n"
        "Without --process it lists the processes of the trace, by name, those with most calls first: calls, "
        "calls that returned an error, threads that made some, and how many of the calls connect or accept, "
        "which tell the client and the server of the workload.\n\n"
        "Several files are one trace: those that strace -ff -ttt wrote, FILE.PID for each process. Their lines are put "
        "in "
        "the order of time.",
    .operands = operand_table,
    .options = option_table,
    .examples = "twinbed calls client.scap\n"
                "twinbed calls client.scap --process ab\n"
                "twinbed calls server.strace.*\n",
    .run = run,
};
