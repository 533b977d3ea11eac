/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A finished capture as bytes: what a part of a capture holds, and what members of a team send.
 * Flows are not in it when a sink took them. */
#include <stdlib.h>
#include <string.h>

#include "capture_flows.h"
#include "flow/flow_pack.h"
#include "left_out.h"
#include "twinbed/capture/capture.h"

static void describe_head(struct tb_archive *archive, struct tb_capture *capture)
{
    tb_account_describe(archive, &capture->account);
    tb_archive_bytes(archive, capture->format, sizeof capture->format);
    capture->format[sizeof capture->format - 1] = '\0';
    tb_archive_u32(archive, &capture->link_type);
    tb_archive_u32(archive, &capture->snap_length);
    tb_archive_enum(archive, &capture->rules, TB_FLOW_RULES_TCPTRACE + 1);
    TB_ARCHIVE_U64S(archive, &capture->packets, &capture->filtered, &capture->not_ip, &capture->other_protocol,
                    &capture->unparsed, &capture->later_fragments, &capture->cut_packets, &capture->first_time,
                    &capture->last_time, &capture->backward_steps);
    tb_archive_bool(archive, &capture->dropped_known);
    tb_archive_u64(archive, &capture->dropped_packets);
    tb_archive_require(archive, capture->dropped_packets <= INT64_MAX);
    for (unsigned i = 0; i < TB_ENCAPSULATIONS; i++)
        tb_archive_u64(archive, &capture->encapsulated[i]);
    tb_left_out_describe(archive, &capture->left_out);
}

static void describe_capture(struct tb_archive *archive, struct tb_capture *capture)
{
    describe_head(archive, capture);
    tb_flow_summary_describe(archive, &capture->summary);
    tb_archive_array(archive, &capture->flows, &capture->flow_count, sizeof *capture->flows, TB_FLOW_PACKED_MIN);
    for (size_t i = 0; i < capture->flow_count && !archive->failed; i++)
        tb_flow_describe(archive, &capture->flows[i]);
    tb_test_sessions_describe(archive, &capture->tests);
    tb_packet_sample_describe(archive, &capture->sample);
}

static void pack_head(const struct tb_capture *capture, struct tb_buffer *buffer)
{
    struct tb_archive archive = tb_archive_writer(buffer);
    struct tb_capture copy = *capture;
    describe_head(&archive, &copy);
}

bool tb_capture_is_same_file(const struct tb_capture *capture, const struct tb_capture *other)
{
    struct tb_buffer head = {0}, other_head = {0};
    pack_head(capture, &head);
    pack_head(other, &other_head);
    const bool same = !head.failed && !other_head.failed && head.size == other_head.size &&
                      memcmp(head.data, other_head.data, head.size) == 0;
    tb_buffer_free(&head);
    tb_buffer_free(&other_head);
    return same;
}

void tb_capture_pack(const struct tb_capture *capture, struct tb_buffer *buffer)
{
    struct tb_archive archive = tb_archive_writer(buffer);
    struct tb_capture copy = *capture;
    describe_capture(&archive, &copy);
}

bool tb_capture_unpack(struct tb_capture **capture, struct tb_bytes *bytes)
{
    struct tb_archive archive = tb_archive_reader(bytes);
    struct tb_capture *read = calloc(1, sizeof *read);
    if (read == NULL)
        return false;
    describe_capture(&archive, read);
    if (archive.failed)
        tb_capture_free(read);
    else
        *capture = read;
    return tb_archive_end(&archive, bytes);
}
