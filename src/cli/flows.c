/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "capture_summary.h"
#include "listing.h"
#include "twinbed/base/log.h"
#include "twinbed/capture/capture.h"
#include "twinbed/capture/capture_files.h"

struct flows_arguments {
    struct value_list files;
    const char *filter;
    unsigned rules, duplicates, tunnels, format;
    long long memory;
    bool all;
};

static const struct parameter operand_table[] = {
    {.name = "FILE",
     PARAMETER_FILES(struct flows_arguments, files),
     .text = "a packet capture; several: the files of one capture, which its program went on in one after the other",
     .needed = true},
    {.name = NULL},
};

static const char *const rules_words[] = {
    [TB_FLOW_RULES_TWINBED] = "twinbed", [TB_FLOW_RULES_TCPTRACE] = "tcptrace", NULL};
enum { DUPLICATES_DROP, DUPLICATES_KEEP };
static const char *const duplicates_words[] = {[DUPLICATES_DROP] = "drop", [DUPLICATES_KEEP] = "keep", NULL};

enum { TUNNELS_INNER, TUNNELS_OUTER };
static const char *const tunnels_words[] = {[TUNNELS_INNER] = "inner", [TUNNELS_OUTER] = "outer", NULL};

static const struct parameter option_table[] = {
    {.name = "filter",
     PARAMETER_TEXT(struct flows_arguments, filter),
     .value = "EXPRESSION",
     .text = "only packets that match, in the language of pcap-filter(7)"},
    {.name = "rules",
     PARAMETER_WORD(struct flows_arguments, rules),
     .text = "which packets make a connection, and what counts as sent again: by the rules of twinbed (default), or as "
             "tcptrace does",
     .words = rules_words},
    {.name = "duplicates",
     PARAMETER_WORD(struct flows_arguments, duplicates),
     .text =
         "packets that were recorded more than once: drop (default) counts one, keep all; by the rules of tcptrace all "
         "count",
     .words = duplicates_words},
    {.name = "tunnels",
     PARAMETER_WORD(struct flows_arguments, tunnels),
     .text = "packets that carry packets, as VXLAN and GRE do: inner (default) counts those inside, outer those around "
             "them",
     .words = tunnels_words},
    {.name = "all",
     PARAMETER_FLAG(struct flows_arguments, all),
     .text = "list every flow with all columns, in text too, instead of the summary and the first flows"},
    MEMORY_OPTION(struct flows_arguments, memory),
    {.name = "format",
     PARAMETER_WORD(struct flows_arguments, format),
     .text = "how to print (default: text); csv and json list every flow",
     .words = listing_formats},
    {.name = NULL},
};

static const struct listing_column columns[] = {
    {"client", -24},        {"server", -24},        {"protocol", -8},       {"ended", -6},
    {"duration_s", 12},     {"client_packets", 14}, {"server_packets", 14}, {"client_payload", 14},
    {"server_payload", 14}, {"client_unique", 13},  {"server_unique", 13},  {"retransmitted_packets", 21},
};

static struct listing_cell integer(uint64_t value)
{
    return (struct listing_cell){.kind = CELL_INTEGER, .integer = value};
}

static struct listing_cell text(const char *value)
{
    return (struct listing_cell){.kind = CELL_TEXT, .text = value};
}

static void print_flow(struct listing *listing, const struct tb_flow *flow)
{
    char client[TB_ADDRESS_TEXT_SIZE], server[TB_ADDRESS_TEXT_SIZE];
    const struct tb_flow_side *sides = flow->side;
    const struct listing_cell cells[] = {
        text(tb_address_text(&flow->client, client)),
        text(tb_address_text(&flow->server, server)),
        text(flow->protocol == 6 ? "tcp" : "udp"),
        text(tb_flow_end_name(flow->ended)),
        {.kind = CELL_NUMBER, .number = (double)(int64_t)(flow->end - flow->start) * 1e-9},
        integer(sides[0].packets),
        integer(sides[1].packets),
        integer(sides[0].payload_bytes),
        integer(sides[1].payload_bytes),
        integer(sides[0].unique_bytes),
        integer(sides[1].unique_bytes),
        integer(sides[0].retransmitted_packets + sides[1].retransmitted_packets),
    };
    listing_row(listing, cells);
}

/* A listing that begins with its first rows, when the capture was read; or sums of what is not listed. */
struct flow_listing {
    struct listing listing;
    bool begun;
    struct flow_overview *sums; /* NULL: every flow is listed */
};

static void ensure_begun(struct flow_listing *flows)
{
    if (!flows->begun && flows->sums == NULL)
        listing_begin(&flows->listing);
    flows->begun = true;
}

static enum tb_status print_block(void *context, const struct tb_flow_block *block, struct tb_error *error)
{
    struct flow_listing *const flows = context;
    struct tb_bytes bytes = tb_bytes_packed(block->data, block->size);
    ensure_begun(flows);
    for (size_t i = 0; i < block->rows; i++) {
        struct tb_flow flow = {0};
        if (!tb_flow_unpack(&flow, &bytes))
            return tb_error_unpack(error, "a row of a flow does not unpack");
        if (flows->sums != NULL)
            flow_overview_add(flows->sums, &flow);
        else
            print_flow(&flows->listing, &flow);
    }
    return TB_OK;
}

static const char *temporary_directory(void)
{
    const char *named = getenv("TMPDIR");
    return named != NULL && named[0] != '\0' ? named : "/tmp";
}

static bool report_damage(const char *path, const struct tb_account *account)
{
    if (account->damage == TB_DAMAGE_NONE)
        return false;
    tb_log_warning("%s: %s at offset %llu: %s", path, tb_damage_name(account->damage),
                   (unsigned long long)account->damage_offset, account->reason);
    return true;
}

/* True when the list lacks most of what was asked for: more than half of the packets that a filter let pass, or all. What
 * is less than that is said unless the summary says it. */
static bool report_left_out(const char *path, const struct tb_capture *capture, bool is_said)
{
    char text[TB_LEFT_OUT_TEXT_SIZE];
    const uint64_t passed = capture->packets - capture->filtered;
    const bool mostly = capture->packets != 0 && (passed == 0 || tb_capture_left_out_packets(capture) * 2 > passed);
    tb_capture_left_out(capture, text, sizeof text);
    if (mostly)
        tb_log_warning("%s: %s", path, text);
    else if (text[0] != '\0' && !is_said)
        tb_log_info("%s: %s", path, text);
    else if (capture->packets == 0)
        tb_log_warning("%s: the capture holds no packet", path);
    return mostly;
}

static void print_end(struct flow_listing *flows, const char *path, enum tb_compression compression,
                      const struct tb_capture *capture)
{
    if (flows->sums != NULL) {
        capture_summary_print(path, compression, capture, flows->sums);
        return;
    }
    ensure_begun(flows);
    listing_end(&flows->listing);
}

/* sums: NULL to list every flow. */
static int list_flows(const struct value_list *files, struct tb_capture_request *request, enum listing_format format,
                      struct flow_overview *sums)
{
    struct flow_listing flows = {
        .listing = {.format = format, .columns = columns, .column_count = sizeof columns / sizeof columns[0]},
        .sums = sums};
    struct tb_flow_sink sink = {.take = print_block, .context = &flows, .directory = temporary_directory()};
    const char *const path = files->items[0];
    struct tb_source *source;
    struct tb_capture *capture;
    struct tb_error error = {0};
    if (tb_capture_open_files(files->items, files->count, &source, &error) != TB_OK)
        return command_failure(&error);
    request->sink = &sink;
    const enum tb_compression compression = tb_source_compression(source);
    const enum tb_status status = tb_capture_read(source, request, &capture, &error);
    tb_source_close(source);
    if (status == TB_MEMORY)
        tb_error_name(&error, path);
    if (status != TB_OK)
        return command_failure(&error);
    print_end(&flows, path, compression, capture);
    const bool damaged = report_damage(path, &capture->account);
    const bool lacking = report_left_out(path, capture, sums != NULL);
    tb_capture_free(capture);
    return damaged || lacking ? EXIT_DAMAGED : EXIT_GOOD;
}

static int run(int argument_count, char **arguments)
{
    struct flows_arguments given = {.format = LISTING_TEXT};
    const int result = command_parse(&command_flows, argument_count, arguments, &given);
    if (result != EXIT_GOOD)
        return result;
    command_limit_memory(given.memory, 1);
    struct tb_capture_request request = {.filter = given.filter,
                                         .rules = (enum tb_flow_rules)given.rules,
                                         .outer_only = given.tunnels == TUNNELS_OUTER,
                                         .keep_copies = given.duplicates == DUPLICATES_KEEP};
    if (given.all || given.format != LISTING_TEXT)
        return list_flows(&given.files, &request, (enum listing_format)given.format, NULL);
    struct flow_overview *sums = calloc(1, sizeof *sums);
    struct tb_error error = {0};
    if (sums == NULL) {
        tb_error_memory(&error, "the first flows");
        return command_failure(&error);
    }
    const int listed = list_flows(&given.files, &request, LISTING_TEXT, sums);
    free(sums);
    return listed;
}

const struct command command_flows = {
    .name = "flows",
    .summary = "sum up one packet capture and list its flows",
    .description =
        "Sums up a packet capture on one screen: packets, bytes, links, time, flows by outcome, server ports, "
        "what was left out, and the first flows. With --all, and as csv or json, it lists all TCP "
        "connections and UDP conversations instead, in the order of their first packets. Packets that are not read are "
        "counted, with the reason, on standard error; where those "
        "are most of them the exit status is 3.\n\n"
        "Several files are one capture, in the order of their first packets: those of tcpdump -C, -G and -W, for "
        "example.",
    .operands = operand_table,
    .options = option_table,
    .notes = "For a campaign, filter, flow_rules, duplicates and tunnels stand in its file.",
    .examples = "twinbed flows link.pcap\n"
                "twinbed flows link.pcap --filter 'tcp port 80' --format csv\n"
                "twinbed flows link.pcap --rules tcptrace\n"
                "twinbed flows link.pcap*\n",
    .run = run,
};
