/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "twinbed/app/apachebench.h"

/* One list of members serves both directions, so that they cannot differ. */
enum { TEXTS = 4, COUNTS = TB_AB_COUNTS, REALS = 5 + 4 * 5 + TB_AB_PERCENTILES };

struct members {
    char *texts[TEXTS];
    uint64_t *counts[COUNTS];
    double *reals[REALS];
};

static struct members list_members(struct tb_apachebench *ab)
{
    struct members members = {
        .texts = {ab->server_software, ab->server_hostname, ab->document_path, ab->proxy_host},
        .counts = {&ab->concurrency, &ab->complete, &ab->failed, &ab->failed_connect, &ab->failed_receive,
                   &ab->failed_length, &ab->failed_exceptions, &ab->write_errors, &ab->non_2xx, &ab->keepalive,
                   &ab->total_bytes, &ab->html_bytes, &ab->body_sent_bytes},
        .reals = {&ab->time_taken_s, &ab->requests_per_second, &ab->time_per_request_ms, &ab->time_per_request_all_ms,
                  &ab->transfer_kib_s},
    };
    struct tb_ab_times *const rows[] = {&ab->connect, &ab->processing, &ab->waiting, &ab->total};
    size_t count = 5;
    for (size_t i = 0; i < 4; i++) {
        double *const row[] = {&rows[i]->minimum, &rows[i]->mean, &rows[i]->deviation, &rows[i]->median,
                               &rows[i]->maximum};
        for (size_t j = 0; j < 5; j++)
            members.reals[count++] = row[j];
    }
    for (size_t i = 0; i < TB_AB_PERCENTILES; i++)
        members.reals[count++] = &ab->percentile_ms[i];
    return members;
}

void tb_apachebench_pack(const struct tb_apachebench *result, struct tb_buffer *buffer)
{
    struct tb_apachebench copy = *result;
    const struct members members = list_members(&copy);
    tb_account_pack(&copy.account, buffer);
    for (size_t i = 0; i < TEXTS; i++)
        tb_buffer_put_text(buffer, members.texts[i]);
    tb_buffer_put_u16(buffer, copy.server_port);
    tb_buffer_put_u16(buffer, copy.proxy_port);
    tb_buffer_put_i64(buffer, copy.document_length);
    tb_buffer_put_u8(buffer, copy.tls);
    for (size_t i = 0; i < COUNTS; i++) {
        tb_buffer_put_u8(buffer, copy.stated[i]);
        tb_buffer_put_u64(buffer, *members.counts[i]);
    }
    for (size_t i = 0; i < REALS; i++)
        tb_buffer_put_double(buffer, *members.reals[i]);
}

static bool take_text(struct tb_bytes *bytes, char *text)
{
    char *taken;
    if (!tb_bytes_take_text(bytes, &taken))
        return false;
    snprintf(text, TB_AB_TEXT_SIZE, "%s", taken);
    free(taken);
    return true;
}

bool tb_apachebench_unpack(struct tb_apachebench *result, struct tb_bytes *bytes)
{
    struct tb_apachebench read = {0};
    const struct members members = list_members(&read);
    uint8_t tls, stated;
    if (!tb_account_unpack(&read.account, bytes))
        return false;
    for (size_t i = 0; i < TEXTS; i++)
        if (!take_text(bytes, members.texts[i]))
            return false;
    if (!tb_bytes_take_u16(bytes, &read.server_port) || !tb_bytes_take_u16(bytes, &read.proxy_port) ||
        !tb_bytes_take_i64(bytes, &read.document_length) || !tb_bytes_take_u8(bytes, &tls))
        return false;
    read.tls = tls != 0;
    for (size_t i = 0; i < COUNTS; i++) {
        if (!tb_bytes_take_u8(bytes, &stated) || !tb_bytes_take_u64(bytes, members.counts[i]))
            return false;
        read.stated[i] = stated != 0;
    }
    for (size_t i = 0; i < REALS; i++)
        if (!tb_bytes_take_double(bytes, members.reals[i]))
            return false;
    *result = read;
    return true;
}
