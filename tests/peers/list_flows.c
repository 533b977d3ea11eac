/* SPDX-License-Identifier: GPL-3.0-or-later */

/* For developers: one row for each flow of a capture, tab-separated.
 * list_flows [--tcptrace] CAPTURE [FILTER] */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "twinbed/capture/capture.h"
#include "twinbed/flow/flow_values.h"
#include "twinbed/results/flow_columns.h"

static void print_side(const struct tb_flow_side *side)
{
    const uint64_t counters[] = {side->packets,
                                 side->ip_bytes,
                                 side->payload_bytes,
                                 side->unique_bytes,
                                 side->data_packets,
                                 side->retransmitted_packets,
                                 side->retransmitted_bytes,
                                 side->out_of_order_packets,
                                 side->syn_packets,
                                 side->repeated_syn_packets,
                                 side->fin_packets,
                                 side->repeated_fin_packets,
                                 side->rst_packets,
                                 side->pure_ack_packets,
                                 side->empty_push_packets,
                                 side->keep_alive_packets,
                                 side->missing_bytes};
    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++)
        printf("\t%" PRIu64, counters[i]);
    printf("\t%d", side->stream_complete);
}

#define PRINT_INT32(value) printf("\t%lld", (long long)(value));
#define PRINT_INT64(value) printf("\t%lld", (long long)(value));
#define PRINT_FLOAT64(value) printf("\t%.17g", (double)(value));
#define PRINT_COLUMN(WHO, who, NAME, name, type, unit, sentence, value) PRINT_##type(value)
#define PRINT_NAME(WHO, who, NAME, name, type, unit, sentence, value) printf("\t%s_%s", #who, name);

static void print_details(const struct tb_flow *flow, unsigned side, enum tb_flow_rules rules)
{
    const struct tb_flow_detail *detail = &flow->side[side].detail;
    struct tb_flow_values computed;
    const struct tb_flow_values *values = &computed;
    tb_flow_values_compute(flow, side, rules, &computed);
    TB_FLOW_COLUMNS(PRINT_COLUMN, , )
}

static void print_names(void)
{
    static const char *const names[] = {"packets",
                                        "ip_bytes",
                                        "payload_bytes",
                                        "unique_bytes",
                                        "data_packets",
                                        "retransmitted_packets",
                                        "retransmitted_bytes",
                                        "out_of_order_packets",
                                        "syn_packets",
                                        "repeated_syn_packets",
                                        "fin_packets",
                                        "repeated_fin_packets",
                                        "rst_packets",
                                        "pure_ack_packets",
                                        "empty_push_packets",
                                        "keep_alive_packets",
                                        "missing_bytes",
                                        "stream_complete"};
    printf("protocol\tclient\tserver\tfirst_packet\tstart\tend\thandshake\tended\tcompleted_reply");
    for (unsigned side = 0; side < 2; side++)
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            printf("\t%s_%s", side == 0 ? "client" : "server", names[i]);
    TB_FLOW_COLUMNS(PRINT_NAME, CLIENT, client)
    TB_FLOW_COLUMNS(PRINT_NAME, SERVER, server)
    putchar('\n');
}

static void print_flow(const struct tb_flow *flow, enum tb_flow_rules rules)
{
    char client[TB_ADDRESS_TEXT_SIZE], server[TB_ADDRESS_TEXT_SIZE];
    printf("%u\t%s\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%s\t%d", flow->protocol,
           tb_address_text(&flow->client, client), tb_address_text(&flow->server, server), flow->first_packet,
           flow->start, flow->end, flow->handshake, tb_flow_end_name(flow->ended), flow->completed_reply);
    print_side(&flow->side[0]);
    print_side(&flow->side[1]);
    print_details(flow, 0, rules);
    print_details(flow, 1, rules);
    putchar('\n');
}

/* The totals go to standard error, out of the table's way. */
static void print_capture(const struct tb_capture *capture)
{
    const struct tb_account *account = &capture->account;
    fprintf(stderr,
            "%s, link type %u, %" PRIu64 " packets (%" PRIu64 " filtered, %" PRIu64 " not IP, %" PRIu64
            " other protocols, %" PRIu64 " unparsed, %" PRIu64 " later fragments), %zu flows; %" PRIu64
            " bytes: %" PRIu64 " decoded, %" PRIu64 " skipped, %" PRIu64 " damaged%s%s\n",
            capture->format, capture->link_type, capture->packets, capture->filtered, capture->not_ip,
            capture->other_protocol, capture->unparsed, capture->later_fragments, capture->flow_count,
            account->stream_bytes, account->decoded, account->skipped, account->damaged,
            account->damage == TB_DAMAGE_NONE ? "" : "; ", account->reason);
}

int main(int count, char **arguments)
{
    const bool by_tcptrace = count > 1 && strcmp(arguments[1], "--tcptrace") == 0;
    count -= by_tcptrace;
    arguments += by_tcptrace;
    if (count < 2 || count > 3) {
        fprintf(stderr, "usage: list_flows [--tcptrace] CAPTURE [FILTER]\n");
        return 2;
    }
    const struct tb_capture_request request = {.filter = count == 3 ? arguments[2] : NULL,
                                               .rules = by_tcptrace ? TB_FLOW_RULES_TCPTRACE : TB_FLOW_RULES_TWINBED};
    struct tb_error error;
    struct tb_source *source = NULL;
    struct tb_capture *capture = NULL;
    enum tb_status status = tb_source_open(arguments[1], &source, &error);
    if (status == TB_OK)
        status = tb_capture_read(source, &request, &capture, &error);
    if (status != TB_OK) {
        fprintf(stderr, "list_flows: %s\n", error.text);
        tb_source_close(source);
        return 1;
    }
    print_names();
    for (size_t i = 0; i < capture->flow_count; i++)
        print_flow(&capture->flows[i], request.rules);
    print_capture(capture);
    tb_capture_free(capture);
    tb_source_close(source);
    return 0;
}
