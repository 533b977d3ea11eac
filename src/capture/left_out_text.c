/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sentences about what a capture holds instead of flows. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "packet/protocol_names.h"
#include "twinbed/capture/capture.h"

/* So many reasons are named, and so many ports. */
enum { REASONS_NAMED = 4, PORTS_NAMED = 3 };

struct sentence {
    char *text;
    size_t size;
    size_t length; /* it would have */
};

static void say(struct sentence *sentence, const char *format, ...) TB_PRINTF(2, 3);

static void say(struct sentence *sentence, const char *format, ...)
{
    const bool room = sentence->length < sentence->size;
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(room ? sentence->text + sentence->length : NULL,
                                 room ? sentence->size - sentence->length : 0, format, arguments);
    va_end(arguments);
    sentence->length += length > 0 ? (size_t)length : 0;
}

static struct sentence begin(char *text, size_t size)
{
    if (size != 0)
        text[0] = '\0';
    return (struct sentence){.text = text, .size = size};
}

/* --- reasons --- */

enum cause {
    CAUSE_LINK_TYPE,
    CAUSE_ETHERTYPE,
    CAUSE_PROTOCOL,
    CAUSE_OTHER_LINK_TYPES,
    CAUSE_OTHER_ETHERTYPES,
    CAUSE_OTHER_PROTOCOLS,
    CAUSE_ENCRYPTED,
    CAUSE_OTHER_FRAME,
    CAUSE_CUT,
    CAUSE_MALFORMED
};

struct reason {
    enum cause cause;
    uint64_t number;
    uint64_t packets;
};

/* As many as there can be. */
struct reasons {
    struct reason items[3 * (TB_NUMBERED_PACKETS_KEPT + 1) + 4];
    size_t count;
};

static void add_reason(struct reasons *reasons, enum cause cause, uint64_t number, uint64_t packets)
{
    if (packets != 0)
        reasons->items[reasons->count++] = (struct reason){.cause = cause, .number = number, .packets = packets};
}

static void add_numbered(struct reasons *reasons, enum cause cause, enum cause others,
                         const struct tb_numbered_packets *numbered)
{
    for (uint32_t i = 0; i < numbered->count; i++)
        add_reason(reasons, cause, numbered->items[i].number, numbered->items[i].packets);
    add_reason(reasons, others, 0, numbered->others);
}

/* Most packets first; the rest of the order is only there so that there is one. */
static int compare_reasons(const void *one, const void *other)
{
    const struct reason *a = one, *b = other;
    if (a->packets != b->packets)
        return a->packets > b->packets ? -1 : 1;
    if (a->cause != b->cause)
        return a->cause < b->cause ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

static void find_reasons(const struct tb_capture *capture, struct reasons *reasons)
{
    const struct tb_left_out *const left_out = &capture->left_out;
    reasons->count = 0;
    add_numbered(reasons, CAUSE_LINK_TYPE, CAUSE_OTHER_LINK_TYPES, &left_out->link_types);
    add_numbered(reasons, CAUSE_ETHERTYPE, CAUSE_OTHER_ETHERTYPES, &left_out->ethertypes);
    add_numbered(reasons, CAUSE_PROTOCOL, CAUSE_OTHER_PROTOCOLS, &left_out->protocols);
    add_reason(reasons, CAUSE_ENCRYPTED, 0, left_out->encrypted);
    add_reason(reasons, CAUSE_OTHER_FRAME, 0, left_out->other_frames);
    add_reason(reasons, CAUSE_CUT, left_out->cut_longest, left_out->cut);
    add_reason(reasons, CAUSE_MALFORMED, 0, capture->unparsed > left_out->cut ? capture->unparsed - left_out->cut : 0);
    qsort(reasons->items, reasons->count, sizeof reasons->items[0], compare_reasons);
}

static void say_name(struct sentence *sentence, const char *name)
{
    if (name != NULL)
        say(sentence, " (%s)", name);
    say(sentence, ", which is not read");
}

static void say_ethertype(struct sentence *sentence, uint32_t ethertype)
{
    if (ethertype == 0) {
        say(sentence, "of no network protocol (LLC, or neither version of IP)");
        return;
    }
    say(sentence, "of ethertype 0x%04" PRIx32, ethertype);
    say_name(sentence, tb_ethertype_name(ethertype));
}

static void say_reason(struct sentence *sentence, const struct reason *reason)
{
    const uint32_t number = (uint32_t)reason->number;
    switch (reason->cause) {
    case CAUSE_LINK_TYPE:
        say(sentence, "of link type %" PRIu32, number);
        say_name(sentence, tb_link_type_name(number));
        break;
    case CAUSE_ETHERTYPE:
        say_ethertype(sentence, number);
        break;
    case CAUSE_PROTOCOL:
        say(sentence, "of IP protocol %" PRIu32, number);
        say_name(sentence, tb_ip_protocol_name(number));
        break;
    case CAUSE_OTHER_LINK_TYPES:
        say(sentence, "of other link types");
        break;
    case CAUSE_OTHER_ETHERTYPES:
        say(sentence, "of other ethertypes");
        break;
    case CAUSE_OTHER_PROTOCOLS:
        say(sentence, "of other IP protocols");
        break;
    case CAUSE_ENCRYPTED:
        say(sentence, "encrypted by 802.11");
        break;
    case CAUSE_OTHER_FRAME:
        say(sentence, "frames of 802.11 in which no packet begins, or several do");
        break;
    case CAUSE_CUT:
        say(sentence, "cut after at most %" PRIu64 " bytes, inside their headers", reason->number);
        break;
    case CAUSE_MALFORMED:
        say(sentence, "malformed in their headers");
        break;
    }
}

/* "200 of ethertype 0x8847 (MPLS), which is not read; 3 of ..." */
static void say_reasons(struct sentence *sentence, const struct reasons *reasons)
{
    uint64_t rest = 0;
    for (size_t i = 0; i < reasons->count; i++) {
        if (i >= REASONS_NAMED) {
            rest += reasons->items[i].packets;
            continue;
        }
        say(sentence, "%s%" PRIu64 " ", i == 0 ? "" : "; ", reasons->items[i].packets);
        say_reason(sentence, &reasons->items[i]);
    }
    if (rest != 0)
        say(sentence, "; %" PRIu64 " for other reasons", rest);
}

/* --- packets left out --- */

uint64_t tb_capture_left_out_packets(const struct tb_capture *capture)
{
    return capture->not_ip + capture->other_protocol + capture->unparsed;
}

static bool filter_left_out_all(const struct tb_capture *capture)
{
    return capture->packets != 0 && capture->filtered == capture->packets;
}

/* "220 of 220 packets", of those that the filter let pass. */
static void say_share(struct sentence *sentence, const struct tb_capture *capture)
{
    say(sentence, "%" PRIu64 " of %" PRIu64 " packets", tb_capture_left_out_packets(capture),
        capture->packets - capture->filtered);
    if (capture->filtered != 0)
        say(sentence, " that the filter let pass");
}

static void say_left_out(struct sentence *sentence, const struct tb_capture *capture)
{
    struct reasons reasons;
    find_reasons(capture, &reasons);
    say_share(sentence, capture);
    say(sentence, " left out: ");
    say_reasons(sentence, &reasons);
}

void tb_capture_left_out(const struct tb_capture *capture, char *text, size_t size)
{
    struct sentence sentence = begin(text, size);
    if (filter_left_out_all(capture))
        say(&sentence, "the filter left out all %" PRIu64 " packets", capture->packets);
    else if (tb_capture_left_out_packets(capture) != 0)
        say_left_out(&sentence, capture);
}

/* --- no flows --- */

static uint64_t flows_of(const struct tb_port_flows *port)
{
    return port->unfinished.flows + port->completed.flows;
}

static uint64_t packets_of(const struct tb_port_flows *port)
{
    uint64_t packets = 0;
    for (unsigned side = 0; side < 2; side++)
        packets += port->unfinished.side[side].packets + port->completed.side[side].packets;
    return packets;
}

static bool is_busier(const struct tb_port_flows *one, const struct tb_port_flows *other)
{
    const uint64_t a = packets_of(one), b = packets_of(other);
    return a != b ? a > b : one->port < other->port;
}

/* The busiest port that is less busy than the one before; NULL: none, which also begins. */
static const struct tb_port_flows *next_busiest(const struct tb_flow_summary *summary,
                                                const struct tb_port_flows *before)
{
    const struct tb_port_flows *best = NULL;
    for (size_t i = 0; i < summary->ports.count; i++) {
        const struct tb_port_flows *const port = summary->ports.items[i];
        if (flows_of(port) != 0 && (before == NULL || is_busier(before, port)) &&
            (best == NULL || is_busier(port, best)))
            best = port;
    }
    return best;
}

static size_t used_ports(const struct tb_flow_summary *summary)
{
    size_t count = 0;
    for (size_t i = 0; i < summary->ports.count; i++)
        count += flows_of(summary->ports.items[i]) != 0;
    return count;
}

static void say_ports(struct sentence *sentence, const struct tb_flow_summary *summary)
{
    const struct tb_port_flows *port = NULL;
    const size_t count = used_ports(summary);
    if (count > PORTS_NAMED)
        say(sentence, "%zu ports, with most packets on ", count);
    else
        say(sentence, "port%s ", count == 1 ? "" : "s");
    for (unsigned i = 0; i < PORTS_NAMED && (port = next_busiest(summary, port)) != NULL; i++)
        say(sentence, "%s%u", i == 0 ? "" : ", ", port->port);
}

static void say_flows(struct sentence *sentence, const struct tb_flow_summary *summary)
{
    uint64_t tcp = 0;
    for (size_t i = 0; i < summary->ports.count; i++)
        tcp += flows_of(summary->ports.items[i]);
    const uint64_t others = summary->flows > tcp ? summary->flows - tcp : 0;
    if (tcp != 0) {
        say(sentence, tcp == 1 ? "its %" PRIu64 " TCP flow is on " : "its %" PRIu64 " TCP flows are on ", tcp);
        say_ports(sentence, summary);
    }
    if (others != 0)
        say(sentence, "%s%" PRIu64 " %s UDP", tcp == 0 ? "its " : "; ", others, others == 1 ? "flow is" : "flows are");
}

/* The one with most packets. */
static void say_tunnel(struct sentence *sentence, const struct tb_numbered_packets *tunnels)
{
    const struct tb_number_of_packets *most = NULL;
    for (uint32_t i = 0; i < tunnels->count; i++)
        if (most == NULL || tunnels->items[i].packets > most->packets)
            most = &tunnels->items[i];
    const char *const name = most == NULL ? NULL : tb_tunnel_name(most->number);
    if (name != NULL)
        say(sentence, "; %" PRIu64 " packets are on UDP port %" PRIu32 " (%s), inside of which nothing is read",
            most->packets, most->number, name);
}

static void say_why_left_out(struct sentence *sentence, const struct tb_capture *capture)
{
    struct reasons reasons;
    find_reasons(capture, &reasons);
    if (reasons.count != 1) {
        say_left_out(sentence, capture);
        return;
    }
    say_share(sentence, capture);
    say(sentence, tb_capture_left_out_packets(capture) == 1 ? " is " : " are ");
    say_reason(sentence, &reasons.items[0]);
}

static void say_later_fragments(struct sentence *sentence, const struct tb_capture *capture)
{
    say(sentence, "%" PRIu64 " packets are fragments of which the first is not in it", capture->later_fragments);
}

/* What is said first is what most packets are. */
static void say_what_it_holds(struct sentence *sentence, const struct tb_capture *capture)
{
    const uint64_t left_out = tb_capture_left_out_packets(capture);
    const bool mostly = left_out * 2 > capture->packets - capture->filtered;
    if (left_out != 0 && mostly)
        say_why_left_out(sentence, capture);
    if (left_out != 0 && mostly && capture->summary.flows != 0)
        say(sentence, "; ");
    if (capture->summary.flows != 0)
        say_flows(sentence, &capture->summary);
    else if (!mostly)
        say_later_fragments(sentence, capture);
    say_tunnel(sentence, &capture->left_out.tunnels);
    if (left_out != 0 && !mostly) {
        say(sentence, "; ");
        say_why_left_out(sentence, capture);
    }
}

void tb_capture_why_no_flows(const struct tb_capture *capture, uint16_t server_port, char *text, size_t size)
{
    struct sentence sentence = begin(text, size);
    say(&sentence, "the capture holds no flow");
    if (server_port != 0)
        say(&sentence, " on port %u", server_port);
    say(&sentence, ": ");
    if (capture->packets == 0)
        say(&sentence, "it holds no packet");
    else if (filter_left_out_all(capture))
        say(&sentence, "the filter left out all %" PRIu64 " packets", capture->packets);
    else
        say_what_it_holds(&sentence, capture);
}
