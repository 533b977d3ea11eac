/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/app/apachebench.h"

static void describe_times(struct tb_archive *archive, struct tb_ab_times *times)
{
    TB_ARCHIVE_F64S(archive, &times->minimum, &times->mean, &times->deviation, &times->median, &times->maximum);
}

/* In the order of enum tb_ab_count. */
static void describe_counts(struct tb_archive *archive, struct tb_apachebench *ab)
{
    uint64_t *const counts[TB_AB_COUNTS] = {
        &ab->concurrency,   &ab->complete,          &ab->failed,          &ab->failed_connect, &ab->failed_receive,
        &ab->failed_length, &ab->failed_exceptions, &ab->write_errors,    &ab->non_2xx,        &ab->keepalive,
        &ab->total_bytes,   &ab->html_bytes,        &ab->body_sent_bytes, &ab->retransmits};
    for (size_t i = 0; i < TB_AB_COUNTS; i++) {
        tb_archive_bool(archive, &ab->stated[i]);
        tb_archive_u64(archive, counts[i]);
    }
}

static void describe_apachebench(struct tb_archive *archive, struct tb_apachebench *ab)
{
    tb_account_describe(archive, &ab->account);
    tb_archive_enum(archive, &ab->tool, TB_TOOLS);
    tb_archive_text_field(archive, ab->server_software, sizeof ab->server_software);
    tb_archive_text_field(archive, ab->server_hostname, sizeof ab->server_hostname);
    tb_archive_text_field(archive, ab->document_path, sizeof ab->document_path);
    tb_archive_text_field(archive, ab->proxy_host, sizeof ab->proxy_host);
    tb_archive_u16(archive, &ab->server_port);
    tb_archive_u16(archive, &ab->proxy_port);
    tb_archive_i64(archive, &ab->document_length);
    tb_archive_bool(archive, &ab->tls);
    describe_counts(archive, ab);
    TB_ARCHIVE_F64S(archive, &ab->time_taken_s, &ab->requests_per_second, &ab->time_per_request_ms,
                    &ab->time_per_request_all_ms, &ab->transfer_kib_s);
    describe_times(archive, &ab->connect);
    describe_times(archive, &ab->processing);
    describe_times(archive, &ab->waiting);
    describe_times(archive, &ab->total);
    for (size_t i = 0; i < TB_AB_PERCENTILES; i++)
        tb_archive_f64(archive, &ab->percentile_ms[i]);
    for (size_t i = 0; i < TB_AB_ENDS; i++) {
        struct tb_ab_intervals *intervals = &ab->intervals[i];
        tb_archive_u64(archive, &intervals->count);
        TB_ARCHIVE_F64S(archive, &intervals->lowest_kib_s, &intervals->mean_kib_s, &intervals->deviation_kib_s);
    }
}

TB_ARCHIVE_FUNCTIONS(tb_apachebench, describe_apachebench)
