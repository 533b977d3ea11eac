/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the counts of an ab text say together. */
#include "twinbed/app/apachebench.h"
#include "workload_sources.h"

static const size_t offsets[TB_AB_COUNTS] = {
#define COUNT(name, member) [TB_AB_##name] = offsetof(struct tb_apachebench, member)
    COUNT(CONCURRENCY, concurrency),
    COUNT(COMPLETE, complete),
    COUNT(FAILED, failed),
    COUNT(FAILED_CONNECT, failed_connect),
    COUNT(FAILED_RECEIVE, failed_receive),
    COUNT(FAILED_LENGTH, failed_length),
    COUNT(FAILED_EXCEPTIONS, failed_exceptions),
    COUNT(WRITE_ERRORS, write_errors),
    COUNT(NON_2XX, non_2xx),
    COUNT(KEEPALIVE, keepalive),
    COUNT(TOTAL_BYTES, total_bytes),
    COUNT(HTML_BYTES, html_bytes),
    COUNT(BODY_SENT_BYTES, body_sent_bytes),
    COUNT(RETRANSMITS, retransmits),
#undef COUNT
};

uint64_t *tb_ab_count_place(struct tb_apachebench *ab, enum tb_ab_count count)
{
    return (uint64_t *)(void *)((char *)ab + offsets[count]);
}

void tb_ab_state(struct tb_apachebench *ab, enum tb_ab_count count, uint64_t value)
{
    *tb_ab_count_place(ab, count) = value < INT64_MAX ? value : INT64_MAX;
    ab->stated[count] = true;
}

int64_t tb_ab_count(const struct tb_apachebench *ab, enum tb_ab_count count)
{
    const uint64_t *const value = (const uint64_t *)(const void *)((const char *)ab + offsets[count]);
    return ab->stated[count] ? (int64_t)*value : -1;
}

/* Length failures of replies that are about as long as the document: of the
 * bytes of all bodies, those of the equal replies are known. */
static bool differing_replies_are_whole(const struct tb_apachebench *ab)
{
    if (!ab->stated[TB_AB_HTML_BYTES] || ab->document_length < 0 || ab->failed_length > ab->complete)
        return false;
    const double length = (double)ab->document_length;
    const double equal = (double)(ab->complete - ab->failed_length) * length;
    return (double)ab->html_bytes - equal >= 0.9 * (double)ab->failed_length * length;
}

static uint64_t largest_kind(const struct tb_apachebench *ab)
{
    const uint64_t kinds[] = {ab->failed_connect, ab->failed_receive, ab->failed_exceptions, ab->write_errors,
                              differing_replies_are_whole(ab) ? 0 : ab->failed_length};
    uint64_t largest = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i] > largest)
            largest = kinds[i];
    return largest;
}

int64_t tb_ab_failed_requests(const struct tb_apachebench *ab)
{
    if (!ab->stated[TB_AB_COMPLETE] || !ab->stated[TB_AB_FAILED])
        return -1;
    const uint64_t failed = ab->stated[TB_AB_FAILED_LENGTH] ? largest_kind(ab) : ab->failed;
    return (int64_t)(failed < ab->complete ? failed : ab->complete);
}

const char *tb_ab_peer_host(const struct tb_apachebench *ab)
{
    return ab->proxy_port != 0 ? ab->proxy_host : ab->server_hostname;
}

uint16_t tb_ab_peer_port(const struct tb_apachebench *ab)
{
    return ab->proxy_port != 0 ? ab->proxy_port : ab->server_port;
}
