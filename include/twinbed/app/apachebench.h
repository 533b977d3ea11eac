/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_APP_APACHEBENCH_H
#define TWINBED_APP_APACHEBENCH_H

/* Results of ApacheBench: the text it prints, -e CSV and -g TSV. All three may be
 * in UTF-16, as Windows' shells write what they redirect (io/lines.h). The text is read in apachebench.c and its
 * counts are told in ab_counts.c; the CSV in ab_quantiles.c, the TSV in ab_requests.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/bytes.h"
#include "twinbed/base/words.h"
#include "twinbed/io/account.h"
#include "twinbed/io/source.h"

enum { TB_AB_TEXT_SIZE = 128, TB_AB_PERCENTILES = 9, TB_AB_CSV_ROWS = 101 };

/* min, mean, sd, median, max in milliseconds; NaN when not printed. */
struct tb_ab_times {
    double minimum, mean, deviation, median, maximum;
};

/* What moved, interval by interval, as programs that print it have it. */
struct tb_ab_intervals {
    uint64_t count; /* 0: none */
    double lowest_kib_s, mean_kib_s;
    double deviation_kib_s; /* NaN for fewer than two */
};

/* Of the end that sends, or of a program that says nothing of ends; of the end that receives. */
enum tb_ab_end { TB_AB_SENT, TB_AB_RECEIVED, TB_AB_ENDS };

/* The counts of a text. */
enum tb_ab_count {
    TB_AB_CONCURRENCY,
    TB_AB_COMPLETE,
    TB_AB_FAILED,
    TB_AB_FAILED_CONNECT,
    TB_AB_FAILED_RECEIVE,
    TB_AB_FAILED_LENGTH,
    TB_AB_FAILED_EXCEPTIONS,
    TB_AB_WRITE_ERRORS,
    TB_AB_NON_2XX,
    TB_AB_KEEPALIVE,
    TB_AB_TOTAL_BYTES,
    TB_AB_HTML_BYTES,
    TB_AB_BODY_SENT_BYTES,
    TB_AB_RETRANSMITS,
    TB_AB_COUNTS
};

/* Which program measured. Others than ApacheBench say less, some of it in other words: workload_tools.h. */
#define TB_TOOL_WORDS(WORD)                                                                                            \
    WORD(TB_TOOL_AB, ab)                                                                                               \
    WORD(TB_TOOL_WRK, wrk)                                                                                             \
    WORD(TB_TOOL_H2LOAD, h2load)                                                                                       \
    WORD(TB_TOOL_HEY, hey)                                                                                             \
    WORD(TB_TOOL_K6, k6)                                                                                               \
    WORD(TB_TOOL_VEGETA, vegeta)                                                                                       \
    WORD(TB_TOOL_IPERF3, iperf3)                                                                                       \
    WORD(TB_TOOL_FIO, fio)                                                                                             \
    WORD(TB_TOOL_SOCKPERF, sockperf)                                                                                   \
    WORD(TB_TOOL_PING, ping)
enum tb_tool { TB_TOOL_WORDS(TB_WORD_ENUMERATOR) TB_TOOLS };

struct tb_apachebench {
    struct tb_account account;
    enum tb_tool tool;
    char server_software[TB_AB_TEXT_SIZE];
    char server_hostname[TB_AB_TEXT_SIZE];
    char document_path[TB_AB_TEXT_SIZE];
    uint16_t server_port;
    char proxy_host[TB_AB_TEXT_SIZE]; /* ab -X; "" without a proxy, or when ab was quiet about it (-q) */
    uint16_t proxy_port;              /* 0 without */
    int64_t document_length;          /* bytes; -1 when variable */
    bool tls;
    /* 0 to INT64_MAX; 0 as well where the text does not say, which only tb_ab_count tells apart. */
    uint64_t concurrency;
    uint64_t complete; /* finished requests, failed ones included */
    uint64_t failed, failed_connect, failed_receive, failed_length, failed_exceptions;
    uint64_t write_errors, non_2xx, keepalive;
    uint64_t total_bytes, html_bytes, body_sent_bytes;
    uint64_t retransmits; /* segments that the sender's TCP sent again, by its own count */
    bool stated[TB_AB_COUNTS];
    double time_taken_s;
    double requests_per_second;
    double time_per_request_ms;     /* first line: times concurrency */
    double time_per_request_all_ms; /* second line: across all concurrent requests */
    double transfer_kib_s;
    struct tb_ab_times connect, processing, waiting, total;
    struct tb_ab_intervals intervals[TB_AB_ENDS];
    double percentile_ms[TB_AB_PERCENTILES]; /* 50 66 75 80 90 95 98 99 100 %; NaN when not printed */
};

/* TB_TRUNCATED when there is no result block (ab gave up or was killed), with the number of requests that ab says it had
 * completed; TB_UNSUPPORTED for HTML output, two runs in one file, or a file that is no ab output. */
TB_MUST_USE enum tb_status tb_apachebench_read(struct tb_source *source, struct tb_apachebench *result,
                                               struct tb_error *error);
void tb_apachebench_pack(const struct tb_apachebench *result, struct tb_buffer *buffer);
TB_MUST_USE bool tb_apachebench_unpack(struct tb_apachebench *result, struct tb_bytes *bytes);

/* The count, or -1 where the text does not say it. A line that ab prints only above 0 (write errors, non-2xx, keep-alive,
 * body sent, kinds of failure) says 0 by its absence, once a line behind it is there. */
int64_t tb_ab_count(const struct tb_apachebench *ab, enum tb_ab_count count);

/* How many of the completed requests failed, at least; -1 when the text does not say. "Failed requests" counts one bad
 * request up to three times, so the largest kind of failure counts instead, and write errors are one. Length failures are
 * none where the replies that differ hold, on the average, at least nine tenths of the document's length: then they are
 * those of a dynamic document, not of replies that broke off. Never more than were completed. */
int64_t tb_ab_failed_requests(const struct tb_apachebench *ab);

/* Where ab connected to: the proxy, or the server itself. The host is borrowed from ab. */
const char *tb_ab_peer_host(const struct tb_apachebench *ab);
uint16_t tb_ab_peer_port(const struct tb_apachebench *ab);

/* -e FILE: quantiles 0 .. 100 % of the total time, milliseconds. ab reads some
 * rows from behind its last time when there are few: row 99 for complete <= 50,
 * row 98 as well for complete <= 25, and so on; these are NaN. complete = 0 means
 * unknown and keeps them. */
struct tb_ab_quantiles {
    struct tb_account account;
    double milliseconds[TB_AB_CSV_ROWS];
};

TB_MUST_USE enum tb_status tb_ab_quantiles_read(struct tb_source *source, uint64_t complete,
                                                struct tb_ab_quantiles *quantiles, struct tb_error *error);
/* Makes NaN of the rows that ab read from behind its last time. complete = 0 means
 * unknown: then of those that cannot be times, as they are below a row before or above the last. */
void tb_ab_quantiles_drop_unrelated(struct tb_ab_quantiles *quantiles, uint64_t complete);
void tb_ab_quantiles_pack(const struct tb_ab_quantiles *quantiles, struct tb_buffer *buffer);
TB_MUST_USE bool tb_ab_quantiles_unpack(struct tb_ab_quantiles *quantiles, struct tb_bytes *bytes);

/* -g FILE: one row a request, sorted by total time. */
struct tb_ab_requests {
    struct tb_account account;
    uint64_t rows;
    int64_t first_second, last_second;                        /* Unix seconds of the first and last start */
    uint64_t connect_ms, processing_ms, total_ms, waiting_ms; /* sums over rows */
    uint64_t total_ms_maximum;
    /* Quantiles 0 .. 100 % of the total time: row p holds the value at position ceil(rows p / 100), the first for 0. Whole
     * milliseconds. NaN without rows, and from TB_AB_COUNTED_MS on, but for the last. */
    double milliseconds[TB_AB_CSV_ROWS];
};

/* Total times below this many ms are counted one by one while a table is read (512 KiB); longer ones together. */
enum { TB_AB_COUNTED_MS = 1 << 16 };

TB_MUST_USE enum tb_status tb_ab_requests_read(struct tb_source *source, struct tb_ab_requests *requests,
                                               struct tb_error *error);
void tb_ab_requests_pack(const struct tb_ab_requests *requests, struct tb_buffer *buffer);
TB_MUST_USE bool tb_ab_requests_unpack(struct tb_ab_requests *requests, struct tb_bytes *bytes);

#endif
