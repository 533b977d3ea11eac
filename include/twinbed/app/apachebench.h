/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_APP_APACHEBENCH_H
#define TWINBED_APP_APACHEBENCH_H

/* Results of ApacheBench: the text it prints, -e CSV and -g TSV. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/bytes.h"
#include "twinbed/io/account.h"
#include "twinbed/io/source.h"

enum { TB_AB_TEXT_SIZE = 128, TB_AB_PERCENTILES = 9, TB_AB_CSV_ROWS = 101 };

/* min, mean, sd, median, max in milliseconds; NaN when not printed. */
struct tb_ab_times {
    double minimum, mean, deviation, median, maximum;
};

struct tb_apachebench {
    struct tb_account account;
    char server_software[TB_AB_TEXT_SIZE];
    char server_hostname[TB_AB_TEXT_SIZE];
    char document_path[TB_AB_TEXT_SIZE];
    uint16_t server_port;
    int64_t document_length; /* bytes; -1 when variable */
    bool tls;
    uint64_t concurrency;
    double time_taken_s;
    uint64_t complete; /* finished requests, failed ones included */
    uint64_t failed, failed_connect, failed_receive, failed_length, failed_exceptions;
    uint64_t write_errors, non_2xx, keepalive;
    uint64_t total_bytes, html_bytes, body_sent_bytes;
    double requests_per_second;
    double time_per_request_ms;     /* first line: times concurrency */
    double time_per_request_all_ms; /* second line: across all concurrent requests */
    double transfer_kib_s;
    struct tb_ab_times connect, processing, waiting, total;
    double percentile_ms[TB_AB_PERCENTILES]; /* 50 66 75 80 90 95 98 99 100 %; NaN when not printed */
};

/* TB_TRUNCATED when there is no result block (ab gave up or was killed);
 * TB_UNSUPPORTED for HTML output or a file that is no ab output. */
TB_MUST_USE enum tb_status tb_apachebench_read(struct tb_source *source, struct tb_apachebench *result,
                                               struct tb_error *error);
void tb_apachebench_pack(const struct tb_apachebench *result, struct tb_buffer *buffer);
TB_MUST_USE bool tb_apachebench_unpack(struct tb_apachebench *result, struct tb_bytes *bytes);

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
/* Makes NaN of the rows that ab read from behind its last time, once complete
 * is known; nothing when it is 0. */
void tb_ab_quantiles_drop_unrelated(struct tb_ab_quantiles *quantiles, uint64_t complete);
void tb_ab_quantiles_pack(const struct tb_ab_quantiles *quantiles, struct tb_buffer *buffer);
TB_MUST_USE bool tb_ab_quantiles_unpack(struct tb_ab_quantiles *quantiles, struct tb_bytes *bytes);

/* -g FILE: one row a request, sorted by total time. Means and sums over rows. */
struct tb_ab_requests {
    struct tb_account account;
    uint64_t rows;
    int64_t first_second, last_second;                        /* Unix seconds of the first and last start */
    uint64_t connect_ms, processing_ms, total_ms, waiting_ms; /* sums */
    uint64_t total_ms_maximum;
};

TB_MUST_USE enum tb_status tb_ab_requests_read(struct tb_source *source, struct tb_ab_requests *requests,
                                               struct tb_error *error);
void tb_ab_requests_pack(const struct tb_ab_requests *requests, struct tb_buffer *buffer);
TB_MUST_USE bool tb_ab_requests_unpack(struct tb_ab_requests *requests, struct tb_bytes *bytes);

#endif
