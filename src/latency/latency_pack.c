/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "twinbed/base/containers.h"
#include "twinbed/latency/latency.h"

enum { REALS = 7 };

/* One list serves both directions, so that they cannot differ. */
static void list_reals(struct tb_latency_session *session, double *reals[REALS])
{
    reals[0] = &session->minimum_ms;
    reals[1] = &session->median_ms;
    reals[2] = &session->maximum_ms;
    reals[3] = &session->jitter_ms;
    reals[4] = &session->exact_median_ms;
    reals[5] = &session->exact_jitter_ms;
    reals[6] = &session->bucket_width_ms;
}

static void pack_session(const struct tb_latency_session *session, struct tb_buffer *buffer)
{
    struct tb_latency_session copy = *session;
    double *reals[REALS];
    list_reals(&copy, reals);
    tb_buffer_put_text(buffer, copy.from);
    tb_buffer_put_text(buffer, copy.to);
    tb_buffer_put_text(buffer, copy.from_address);
    tb_buffer_put_text(buffer, copy.to_address);
    tb_buffer_put_u64(buffer, copy.sent);
    tb_buffer_put_u64(buffer, copy.lost);
    tb_buffer_put_u64(buffer, copy.duplicates);
    tb_buffer_put_u8(buffer, copy.synchronised);
    for (size_t i = 0; i < REALS; i++)
        tb_buffer_put_double(buffer, *reals[i]);
}

static bool take_host(struct tb_bytes *bytes, char *host, size_t size)
{
    char *text;
    if (!tb_bytes_take_text(bytes, &text))
        return false;
    snprintf(host, size, "%s", text);
    free(text);
    return true;
}

static bool unpack_session(struct tb_latency_session *session, struct tb_bytes *bytes)
{
    double *reals[REALS];
    uint8_t synchronised;
    *session = (struct tb_latency_session){0};
    list_reals(session, reals);
    if (!take_host(bytes, session->from, sizeof session->from) || !take_host(bytes, session->to, sizeof session->to) ||
        !take_host(bytes, session->from_address, sizeof session->from_address) ||
        !take_host(bytes, session->to_address, sizeof session->to_address) ||
        !tb_bytes_take_u64(bytes, &session->sent) || !tb_bytes_take_u64(bytes, &session->lost) ||
        !tb_bytes_take_u64(bytes, &session->duplicates) || !tb_bytes_take_u8(bytes, &synchronised))
        return false;
    session->synchronised = synchronised != 0;
    for (size_t i = 0; i < REALS; i++)
        if (!tb_bytes_take_double(bytes, reals[i]))
            return false;
    return true;
}

void tb_latency_pack(const struct tb_latency *latency, struct tb_buffer *buffer)
{
    tb_account_pack(&latency->account, buffer);
    tb_buffer_put_u8(buffer, (uint8_t)latency->form);
    tb_buffer_put_u64(buffer, latency->session_count);
    for (size_t i = 0; i < latency->session_count; i++)
        pack_session(&latency->sessions[i], buffer);
}

/* Room grows with the sessions really there, whatever their count claims. */
static bool unpack_sessions(struct tb_latency *latency, uint64_t count, struct tb_bytes *bytes)
{
    size_t capacity = 0;
    for (uint64_t i = 0; i < count; i++) {
        if (!tb_array_reserve(&latency->sessions, &capacity, latency->session_count + 1, sizeof *latency->sessions) ||
            !unpack_session(&latency->sessions[latency->session_count], bytes))
            return false;
        latency->session_count++;
    }
    return true;
}

bool tb_latency_unpack(struct tb_latency **latency, struct tb_bytes *bytes)
{
    struct tb_latency *read = calloc(1, sizeof *read);
    uint8_t form;
    uint64_t count;
    if (read == NULL || !tb_account_unpack(&read->account, bytes) || !tb_bytes_take_u8(bytes, &form) ||
        form > TB_LATENCY_OWP || !tb_bytes_take_u64(bytes, &count) || !unpack_sessions(read, count, bytes)) {
        tb_latency_free(read);
        return false;
    }
    read->form = (enum tb_latency_form)form;
    *latency = read;
    return true;
}
