/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Filters whose names would be looked up are refused, all others go on to libpcap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packet/filter_words.h"
#include "twinbed/packet/filter.h"

static const char *const good[] = {
    "",
    "tcp port 80",
    "port http or https",
    "not port ssh and (udp or icmp)",
    "host 192.0.2.1 and not host 2001:db8::1",
    "net 10.0.0.0/8 or net 192.168 mask 255.255.0.0",
    "ether host 00:0c:29:aa:bb:cc or ether proto 0x86dd",
    "ip proto \\tcp",
    "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0 && ip[2:2] > 576",
    "icmp[icmptype] != icmp-echo",
    "portrange 8000-8080 or dst port domain",
    "vlan 7 and ip6 and tcp dst port 443",
    "len >= 100 and less 1500",
    "tcp[12]-4 > 0 and ether[0:4] = 0xffffffff",
    "host ::1 or host ::ffff:192.0.2.1 or net 10.1",
};

/* The word that the message names. */
static const struct {
    const char *expression;
    const char *word;
} names[] = {
    {"host evil.example.invalid", "evil.example.invalid"},
    {"evil.example.invalid", "evil.example.invalid"},
    {"src or dst host router", "router"},
    {"port http and host router", "router"},
    {"port http or tcp or router", "router"},
    {"net lab", "lab"},
    {"gateway ad.de", "ad.de"},
    {"ether host switch", "switch"},
    {"host 192.0.2.1 or bad", "bad"},
    /* libpcap's scanner prefers the longest word, so these are names to it, or begin with one. */
    {"host 1-2", "1-2"},
    {"host 1.2.3.4.5", "1.2.3.4.5"},
    {"host 0x1-2", "0x1-2"},
    {"host ad.de:80", "ad.de:80"},
    {"host feed:face", "feed:face"},
    {"host caf\xC3\xA9", "caf\xC3\xA9"},
};

static void names_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct tb_error error = {0};
        char quoted[80] = "'";
        strcat(strcat(quoted, names[i].word), "'");
        assert_int_equal(tb_capture_check_filter(names[i].expression, &error), TB_USAGE);
        if (strstr(error.text, quoted) == NULL)
            fail_msg("%s: %s", names[i].expression, error.text);
    }
}

static void what_libpcap_understands_is_compiled(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct tb_error error = {0};
        if (tb_capture_check_filter(good[i], &error) != TB_OK)
            fail_msg("%s: %s", good[i], error.text);
    }
}

/* 160 kB of it took ten gigabytes and half a minute. */
static void long_ones_are_refused(void **state)
{
    (void)state;
    static const char term[] = "tcp or ";
    char *expression = calloc(1, TB_FILTER_LENGTH + 100);
    while (strlen(expression) + sizeof term + 3 <= TB_FILTER_LENGTH)
        strcat(expression, term);
    strcat(expression, "tcp");
    struct tb_error error = {0};
    assert_int_equal(tb_capture_check_filter(expression, &error), TB_OK);
    strcat(expression, " or tcp or tcp");
    assert_int_equal(tb_capture_check_filter(expression, &error), TB_USAGE);
    assert_non_null(strstr(error.text, "at most 4096"));
    free(expression);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_are_refused),
                                       cmocka_unit_test(what_libpcap_understands_is_compiled),
                                       cmocka_unit_test(long_ones_are_refused)};
    return cmocka_run_group_tests_name("filter words", tests, NULL, NULL);
}
