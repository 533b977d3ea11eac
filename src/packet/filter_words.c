/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "filter_words.h"

#include <arpa/inet.h>
#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* What pcap-filter(7) gives a meaning of its own; libpcap takes any other word for a name. */
static const char *const reserved[] = {
    /* qualifiers, protocols, primitives */
    "aarp", "action", "addr1", "addr2", "addr3", "addr4", "address1", "address2", "address3", "address4", "ah", "and",
    "arp", "atalk", "bcc", "broadcast", "byte", "carp", "clnp", "connectmsg", "csnp", "decnet", "dir", "direction",
    "dpc", "dst", "es-is", "esis", "esp", "ether", "fddi", "fisu", "gateway", "geneve", "greater", "hdpc", "hfisu",
    "hlssu", "hmsu", "hopc", "host", "hsio", "hsls", "icmp", "icmp6", "ifindex", "ifname", "igmp", "igrp", "iih",
    "ilmic", "inbound", "ip", "ip6", "ipx", "is-is", "isis", "iso", "l1", "l2", "lane", "lat", "len", "length", "less",
    "link", "llc", "lsp", "lssu", "lsu", "mask", "metac", "metaconnect", "mopdl", "moprc", "mpls", "msu", "multicast",
    "net", "netbeui", "not", "oam", "oamf4", "oamf4ec", "oamf4sc", "on", "opc", "or", "outbound", "pim", "port",
    "portrange", "ppp", "pppoed", "pppoes", "proto", "protochain", "psnp", "ra", "radio", "rarp", "reason", "rnr",
    "rset", "rulenum", "ruleset", "sc", "sca", "sctp", "sio", "slip", "sls", "snp", "src", "srnr", "stp", "subrulenum",
    "subtype", "ta", "tcp", "tr", "type", "udp", "vci", "vlan", "vpi", "vrrp", "wlan",
    /* constants */
    "icmp-echo", "icmp-echoreply", "icmp-ireq", "icmp-ireqreply", "icmp-maskreply", "icmp-maskreq", "icmp-paramprob",
    "icmp-redirect", "icmp-routeradvert", "icmp-routersolicit", "icmp-sourcequench", "icmp-timxceed", "icmp-tstamp",
    "icmp-tstampreply", "icmp-unreach", "icmp6-destinationrunreach", "icmp6-destinationunreach", "icmp6-echo",
    "icmp6-echoreply", "icmp6-homeagentdiscoveryreply", "icmp6-homeagentdiscoveryrequest", "icmp6-inversedisnadvert",
    "icmp6-inversedisnsolicit", "icmp6-mobileprefixadvert", "icmp6-mobileprefixsolicit", "icmp6-multicastlistenerdone",
    "icmp6-multicastlistenerquery", "icmp6-multicastlistenerreportv1", "icmp6-multicastlistenerreportv2",
    "icmp6-multicastrouteradvert", "icmp6-multicastrouterdone", "icmp6-multicastroutersolicit", "icmp6-neighboradvert",
    "icmp6-neighborsolicit", "icmp6-nodeinformationquery", "icmp6-nodeinformationreply", "icmp6-packettoobig",
    "icmp6-paramprob", "icmp6-redirect", "icmp6-routeradvert", "icmp6-routerrenum", "icmp6-routersolicit",
    "icmp6-timeexceeded", "icmp6code", "icmp6type", "icmpcode", "icmptype", "tcp-ack", "tcp-cwr", "tcp-ece", "tcp-fin",
    "tcp-push", "tcp-rst", "tcp-syn", "tcp-urg", "tcpflags"};

/* The word behind one of these is a name that no server is asked for: of a port (/etc/services), a protocol, an interface, a
 * kind of frame. */
static const char *const before_names[] = {"port",   "portrange", "proto",   "protochain", "action",
                                           "reason", "rset",      "ruleset", "ifname",     "on",
                                           "type",   "subtype",   "dir",     "direction",  "llc"};

struct word {
    const char *text;
    size_t size;
};

static bool is_in(const char *const *list, size_t count, struct word word)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(list[i]) == word.size && strncmp(list[i], word.text, word.size) == 0)
            return true;
    return false;
}

#define IS_IN(list, word) is_in(list, sizeof(list) / sizeof(list)[0], word)

static bool is_letter_or_digit(char letter)
{
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

/* As the scanner of libpcap has it: words hold letters, digits and marks; '\' takes the meaning from a reserved one. */
static bool is_of_word(char letter)
{
    return is_letter_or_digit(letter) || (letter != '\0' && strchr("_-.:\\", letter) != NULL) ||
           (unsigned char)letter >= 0x80;
}

/* What libpcap's scanner takes for a number or an address, and for nothing else: it prefers the longest word, so "1-2",
 * "1.2.3.4.5" and the beginning of "feed:face" are names to it. IPv6 is told by inet_pton. */
static bool is_number(struct word word)
{
#define NUMBER "(0[xX][0-9a-fA-F]+|[0-9]+)"
    static const char pattern[] = "^(" NUMBER "(:" NUMBER ")*"              /* also what a slice goes by, "2:2" */
                                  "|[0-9]+(\\.[0-9]+){1,3}"                 /* IPv4, or a network's beginning */
                                  "|([0-9a-fA-F]{1,2}:){5}[0-9a-fA-F]{1,2}" /* Ethernet */
                                  ")$";
#undef NUMBER
    char text[INET6_ADDRSTRLEN];
    struct in6_addr address;
    regex_t numbers;
    if (word.size >= sizeof text || regcomp(&numbers, pattern, REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    memcpy(text, word.text, word.size);
    text[word.size] = '\0';
    const bool number = regexec(&numbers, text, 0, NULL, 0) == 0;
    regfree(&numbers);
    return number || inet_pton(AF_INET6, text, &address) == 1;
}

/* No word of libpcap's begins with '-' or '.': that of "tcp[12]-4" is the minus. */
static struct word next_word(const char **text)
{
    while (**text != '\0' && (!is_of_word(**text) || **text == '-' || **text == '.'))
        (*text)++;
    const char *const begin = *text;
    while (is_of_word(**text))
        (*text)++;
    return (struct word){begin, (size_t)(*text - begin)};
}

static bool joins(struct word word)
{
    static const char *const list[] = {"and", "or", "not"};
    return IS_IN(list, word);
}

static int shown(size_t size)
{
    enum { MOST = 80 };
    return size > MOST ? MOST : (int)size;
}

static enum tb_status refuse_name(const char *expression, struct word word, struct tb_error *error)
{
    return tb_error_set(
        error, TB_USAGE,
        "the packet filter \"%.*s\" has the word '%.*s', which libpcap would look up as a host's name; write "
        "hosts as addresses",
        shown(strlen(expression)), expression, shown(word.size), word.text);
}

enum tb_status tb_filter_check_words(const char *expression, struct tb_error *error)
{
    const char *rest = expression;
    bool named = false; /* names are no hosts: "port" or its like came last, as before both of "port http or https" */
    const size_t length = strlen(expression);
    if (length > TB_FILTER_LENGTH)
        return tb_error_set(error, TB_USAGE, "the packet filter has %zu characters; at most %d are taken", length,
                            TB_FILTER_LENGTH);
    for (struct word word = next_word(&rest); word.size != 0; word = next_word(&rest)) {
        const bool meaning = IS_IN(reserved, word);
        if (!meaning && !named && !is_number(word))
            return refuse_name(expression, word, error);
        if (meaning && !joins(word))
            named = IS_IN(before_names, word);
    }
    return TB_OK;
}
