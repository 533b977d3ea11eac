/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture_summary.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "listing.h"
#include "packet/protocol_names.h"

enum { IP_PROTOCOL_TCP = 6, PORTS_SHOWN = 6 };

static void add_messages(struct flow_overview *sums, const struct tb_flow_detail *client)
{
    sums->requests += client->requests;
    sums->tls_connections += client->tls_connections;
    sums->tls_exchanges += client->tls_exchanges;
    sums->http2_connections += client->http2_connections;
    sums->http2_streams += client->http2_streams;
}

void flow_overview_add(struct flow_overview *sums, const struct tb_flow *flow)
{
    if (sums->first_count < FLOWS_SHOWN)
        sums->first[sums->first_count++] = *flow;
    sums->ip_bytes += flow->side[0].ip_bytes + flow->side[1].ip_bytes;
    if (flow->protocol != IP_PROTOCOL_TCP) {
        sums->udp++;
        return;
    }
    sums->tcp++;
    add_messages(sums, &flow->side[0].detail);
    if (flow->ended < TB_FLOW_NOT_TCP)
        sums->ended[flow->ended]++;
}

static void print_links(const struct tb_capture *capture)
{
    const char *name = tb_link_type_name(capture->link_type);
    printf("links         ");
    if (name != NULL)
        printf("%s", name);
    else
        printf("link type %" PRIu32, capture->link_type);
    if (capture->snap_length > 0)
        printf(", at most %" PRIu32 " bytes of a packet kept", capture->snap_length);
    if (capture->cut_packets > 0)
        printf(" (%" PRIu64 " packets were longer)", capture->cut_packets);
    putchar('\n');
}

static void print_packets(const struct tb_capture *capture, const struct flow_overview *sums)
{
    printf("packets       %" PRIu64 " recorded", capture->packets);
    if (capture->filtered > 0)
        printf(", %" PRIu64 " not let pass by the filter", capture->filtered);
    if (capture->summary.copied_packets > 0)
        printf(", %" PRIu64 " of them once more", capture->summary.copied_packets);
    if (capture->dropped_known)
        printf(", %" PRIu64 " lost while recording", capture->dropped_packets);
    printf("\nbytes         %" PRIu64 " in IP packets of flows\n", sums->ip_bytes);
}

/* Those that there are. */
static void print_encapsulations(const struct tb_capture *capture)
{
#define TITLE(NAME, name, title, sentence) title,
    static const char *const titles[] = {TB_ENCAPSULATION_ROWS(TITLE)};
#undef TITLE
    bool begun = false;
    for (unsigned i = 0; i < TB_ENCAPSULATIONS; i++) {
        if (capture->encapsulated[i] == 0)
            continue;
        printf("%s%" PRIu64 " %s", begun ? ", " : "headers       ", capture->encapsulated[i], titles[i]);
        begun = true;
    }
    if (begun)
        printf("; packets with each of them\n");
}

static void print_time(const struct tb_capture *capture)
{
    char begin[40] = "";
    const time_t seconds = (time_t)(capture->first_time / 1000000000u);
    struct tm parts;
    if (capture->packets == 0 || gmtime_r(&seconds, &parts) == NULL)
        return;
    strftime(begin, sizeof begin, "%Y-%m-%d %H:%M:%S", &parts);
    printf("time          %s UTC, for %.6f s\n", begin,
           (double)(int64_t)(capture->last_time - capture->first_time) * 1e-9);
}

static void print_outcomes(const struct flow_overview *sums)
{
    bool begun = false;
    printf("flows         %" PRIu64 " TCP", sums->tcp);
    for (int end = 0; end < TB_FLOW_NOT_TCP; end++) {
        if (sums->ended[end] == 0)
            continue;
        printf("%s%" PRIu64 " %s", begun ? ", " : " (", sums->ended[end], tb_flow_end_name((enum tb_flow_end)end));
        begun = true;
    }
    printf("%s, %" PRIu64 " UDP\n", begun ? ")" : "", sums->udp);
}

struct counted_port {
    uint16_t port;
    uint64_t flows;
};

static int compare_ports(const void *a, const void *b)
{
    const struct counted_port *const x = a, *const y = b;
    if (x->flows != y->flows)
        return x->flows > y->flows ? -1 : 1;
    return (x->port > y->port) - (x->port < y->port);
}

static void print_ports(const struct tb_capture *capture)
{
    const struct tb_port_table *const ports = &capture->summary.ports;
    struct counted_port *counted = calloc(ports->count + 1, sizeof *counted);
    if (ports->count > 0 && counted != NULL) {
        for (size_t i = 0; i < ports->count; i++) {
            struct tb_flow_totals totals;
            tb_port_flows_totals(ports->items[i], false, &totals);
            counted[i] = (struct counted_port){ports->items[i]->port, totals.flows};
        }
        qsort(counted, ports->count, sizeof *counted, compare_ports);
        printf("server ports  ");
        for (size_t i = 0; i < ports->count && i < PORTS_SHOWN; i++)
            printf("%s%u (%" PRIu64 ")", i == 0 ? "" : ", ", counted[i].port, counted[i].flows);
        if (ports->count > PORTS_SHOWN)
            printf(" and %zu more", ports->count - PORTS_SHOWN);
        printf("; TCP flows of each in brackets\n");
    }
    free(counted);
}

static void print_messages(const struct flow_overview *sums)
{
    const bool http = sums->requests > 0, tls = sums->tls_connections + sums->tls_exchanges > 0;
    const bool http2 = sums->http2_connections > 0;
    if (!http && !tls && !http2)
        return;
    printf("asked for     ");
    if (http)
        printf("%" PRIu64 " HTTP/1 requests%s", sums->requests, tls || http2 ? "; " : "");
    if (tls)
        printf("%" PRIu64 " exchanges on %" PRIu64 " connections of TLS%s", sums->tls_exchanges, sums->tls_connections,
               http2 ? "; " : "");
    if (http2)
        printf("%" PRIu64 " streams on %" PRIu64 " connections of HTTP/2", sums->http2_streams,
               sums->http2_connections);
    putchar('\n');
}

static void print_left_out(const struct tb_capture *capture)
{
    char text[TB_LEFT_OUT_TEXT_SIZE];
    tb_capture_left_out(capture, text, sizeof text);
    printf("left out      %s\n", text[0] == '\0' ? "nothing" : text);
}

static void print_flow(struct listing *listing, const struct tb_flow *flow)
{
    char client[TB_ADDRESS_TEXT_SIZE], server[TB_ADDRESS_TEXT_SIZE];
    const struct tb_flow_side *sides = flow->side;
    const bool is_tcp = flow->protocol == IP_PROTOCOL_TCP;
    const struct listing_cell cells[] = {
        {.kind = CELL_TEXT, .text = tb_address_text(&flow->client, client)},
        {.kind = CELL_TEXT, .text = tb_address_text(&flow->server, server)},
        {.kind = CELL_TEXT, .text = is_tcp ? tb_flow_end_name(flow->ended) : "udp"},
        {.kind = CELL_NUMBER, .number = (double)((int64_t)(flow->end - flow->start) / 1000) * 1e-6},
        {.kind = CELL_INTEGER, .integer = sides[0].packets + sides[1].packets},
        {.kind = CELL_INTEGER, .integer = sides[0].payload_bytes},
        {.kind = CELL_INTEGER, .integer = sides[1].payload_bytes},
        {.kind = CELL_INTEGER, .integer = sides[0].retransmitted_packets + sides[1].retransmitted_packets},
    };
    listing_row(listing, cells);
}

static void print_first_flows(const struct flow_overview *sums)
{
    static const struct listing_column columns[] = {{"client", -21}, {"server", -21}, {"ended", -6}, {"seconds", 9},
                                                    {"packets", 7},  {"sent", 8},     {"got", 9},    {"again", 5}};
    struct listing listing = {.format = LISTING_TEXT, .columns = columns, .column_count = 8};
    const uint64_t flows = sums->tcp + sums->udp;
    if (flows == 0)
        return;
    putchar('\n');
    listing_begin(&listing);
    for (size_t i = 0; i < sums->first_count; i++)
        print_flow(&listing, &sums->first[i]);
    listing_end(&listing);
    printf("sent, got: payload bytes to and from the server; again: packets that repeat payload.\n");
    if (flows > sums->first_count)
        printf("The first %zu of %" PRIu64 " flows; --all lists all of them, with more columns.\n", sums->first_count,
               flows);
}

void capture_summary_print(const char *path, enum tb_compression compression, const struct tb_capture *capture,
                           const struct flow_overview *sums)
{
    printf("capture       %s: %s, %s\n", path, capture->format, tb_compression_name(compression));
    print_packets(capture, sums);
    print_links(capture);
    print_encapsulations(capture);
    print_time(capture);
    print_outcomes(sums);
    print_ports(capture);
    print_messages(sums);
    print_left_out(capture);
    print_first_flows(sums);
}
