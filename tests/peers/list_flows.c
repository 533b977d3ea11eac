/* SPDX-License-Identifier: GPL-3.0-or-later */

/* For developers: one row for each flow of a capture, tab-separated.
 * list_flows [--tcptrace] CAPTURE [FILTER] */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "twinbed/capture/capture.h"
#include "twinbed/flow/flow_values.h"

#define PRINT_INT32(value) printf("\t%lld", (long long)(value));
#define PRINT_INT64(value) printf("\t%lld", (long long)(value));
#define PRINT_FLOAT64(value) printf("\t%.17g", (double)(value));
#define PRINT_COLUMN(name, type, unit, sentence, value) PRINT_##type(value)

static void print_core(const struct tb_flow_side *side)
{
#define TB_FLOW_COLUMN PRINT_COLUMN
#include "twinbed/flow/flow_counters.def"
    printf("\t%d", side->stream_complete);
}

static void print_detail(const struct tb_flow *flow, unsigned which, enum tb_flow_rules rules)
{
    const struct tb_flow_side *side = &flow->side[which];
    struct tb_flow_values computed;
    const struct tb_flow_values *values = &computed;
    tb_flow_values_compute(flow, which, rules, &computed);
#define TB_FLOW_DETAIL_COLUMN PRINT_COLUMN
#include "twinbed/flow/flow_counters.def"
}

#define PRINT_NAME(name, type, unit, sentence, value) printf("\t%s_%s", who, #name);

static void print_core_names(const char *who)
{
#define TB_FLOW_COLUMN PRINT_NAME
#include "twinbed/flow/flow_counters.def"
    printf("\t%s_stream_complete", who);
}

static void print_detail_names(const char *who)
{
#define TB_FLOW_DETAIL_COLUMN PRINT_NAME
#include "twinbed/flow/flow_counters.def"
}

static void print_names(void)
{
    printf("protocol\tclient\tserver\tfirst_packet\tstart\tend\thandshake\tended\tcompleted_reply");
    print_core_names("client");
    print_core_names("server");
    print_detail_names("client");
    print_detail_names("server");
    putchar('\n');
}

static void print_flow(const struct tb_flow *flow, enum tb_flow_rules rules)
{
    char client[TB_ADDRESS_TEXT_SIZE], server[TB_ADDRESS_TEXT_SIZE];
    printf("%u\t%s\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%s\t%d", flow->protocol,
           tb_address_text(&flow->client, client), tb_address_text(&flow->server, server), flow->first_packet,
           flow->start, flow->end, flow->handshake, tb_flow_end_name(flow->ended), flow->completed_reply);
    print_core(&flow->side[0]);
    print_core(&flow->side[1]);
    print_detail(flow, 0, rules);
    print_detail(flow, 1, rules);
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
