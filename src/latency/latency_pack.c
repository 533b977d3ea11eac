/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Latency sessions as bytes, for parts. */
#include <stdlib.h>

#include "twinbed/latency/latency.h"

/* Four empty texts, three counts, a bool and seven times. */
enum { PACKED_SESSION = 4 * 4 + 3 * 8 + 1 + 7 * 8 };

static void describe_session(struct tb_archive *archive, struct tb_latency_session *session)
{
    tb_archive_text_field(archive, session->from, sizeof session->from);
    tb_archive_text_field(archive, session->to, sizeof session->to);
    tb_archive_text_field(archive, session->from_address, sizeof session->from_address);
    tb_archive_text_field(archive, session->to_address, sizeof session->to_address);
    TB_ARCHIVE_U64S(archive, &session->sent, &session->lost, &session->duplicates);
    tb_archive_bool(archive, &session->synchronised);
    TB_ARCHIVE_F64S(archive, &session->minimum_ms, &session->median_ms, &session->maximum_ms, &session->jitter_ms,
                    &session->exact_median_ms, &session->exact_jitter_ms, &session->bucket_width_ms);
}

static void describe_latency(struct tb_archive *archive, struct tb_latency *latency)
{
    tb_account_describe(archive, &latency->account);
    tb_archive_enum(archive, &latency->form, TB_LATENCY_OWP + 1);
    tb_archive_array(archive, &latency->sessions, &latency->session_count, sizeof *latency->sessions, PACKED_SESSION);
    for (size_t i = 0; i < latency->session_count && !archive->failed; i++)
        describe_session(archive, &latency->sessions[i]);
}

void tb_latency_pack(const struct tb_latency *latency, struct tb_buffer *buffer)
{
    struct tb_archive archive = tb_archive_writer(buffer);
    struct tb_latency copy = *latency;
    describe_latency(&archive, &copy);
}

bool tb_latency_unpack(struct tb_latency **latency, struct tb_bytes *bytes)
{
    struct tb_archive archive = tb_archive_reader(bytes);
    struct tb_latency *read = calloc(1, sizeof *read);
    if (read == NULL)
        return false;
    describe_latency(&archive, read);
    if (archive.failed)
        tb_latency_free(read);
    else
        *latency = read;
    return tb_archive_end(&archive, bytes);
}
