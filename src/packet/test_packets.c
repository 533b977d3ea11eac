/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/packet/test_packets.h"

#include <stdlib.h>

void tb_test_sessions_free(struct tb_test_sessions *sessions)
{
    for (size_t i = 0; i < sessions->count; i++)
        free(sessions->items[i].packets);
    free(sessions->items);
    *sessions = (struct tb_test_sessions){0};
}

enum { PACKET_SIZE = 4 + 8 + 8, SESSION_SIZE_MIN = 2 * 7 + 8 };

static void describe_session(struct tb_archive *archive, struct tb_test_session *session)
{
    tb_address_describe(archive, &session->from);
    tb_address_describe(archive, &session->to);
    tb_archive_array(archive, &session->packets, &session->packet_count, sizeof *session->packets, PACKET_SIZE);
    tb_archive_require(archive, session->packet_count > 0);
    for (size_t i = 0; i < session->packet_count && !archive->failed; i++) {
        tb_archive_u32(archive, &session->packets[i].sequence);
        tb_archive_u64(archive, &session->packets[i].time);
        tb_archive_i64(archive, &session->packets[i].delay);
    }
}

void tb_test_sessions_describe(struct tb_archive *archive, struct tb_test_sessions *sessions)
{
    tb_archive_u64(archive, &sessions->left_out);
    tb_archive_array(archive, &sessions->items, &sessions->count, sizeof *sessions->items, SESSION_SIZE_MIN);
    for (size_t i = 0; i < sessions->count && !archive->failed; i++)
        describe_session(archive, &sessions->items[i]);
}
