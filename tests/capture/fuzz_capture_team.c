/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any bytes as a capture that a team reads, with the same result as one reader; and any bytes as one of the messages
 * between the members of a team, which must do no harm. */

#include <stdlib.h>

#include "fixtures/mixed_captures.h"
#include "twinbed/capture/capture_team.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MEMBERS = 3 };

static void require(bool condition)
{
    if (!condition)
        abort();
}

/* One message is replaced, or spoilt in some places, if any. */
struct replaced {
    size_t which;
    bool whole;
    const uint8_t *data; /* of a place, two bytes for where it is, and one for what is changed there */
    size_t size;
};

struct team {
    struct tb_source *sources[MEMBERS];
    struct tb_capture_member *members[MEMBERS];
    struct tb_capture_lead *lead;
    struct replaced replaced;
    size_t messages;
};

static void bring(struct team *team, struct tb_buffer *message)
{
    const struct replaced *const replaced = &team->replaced;
    if (++team->messages != replaced->which)
        return;
    if (replaced->whole) {
        message->size = 0;
        tb_buffer_put(message, replaced->data, replaced->size);
        return;
    }
    for (size_t i = 0; message->size > 0 && i + 3 <= replaced->size; i += 3)
        message->data[(size_t)(replaced->data[i] << 8 | replaced->data[i + 1]) % message->size] ^=
            replaced->data[i + 2];
}

static bool start(struct team *team, const uint8_t *data, size_t size, const struct tb_capture_request *request)
{
    static const uint32_t threads[MEMBERS] = {1, 2, 1};
    const struct tb_capture_team_cut cut = {
        .segment_least = 1 + size / 40, .segment_most = 1 + size / 10, .segments = 2};
    for (size_t i = 0; i < MEMBERS; i++) {
        require(tb_source_open_memory(data, size, "fuzz", &team->sources[i], NULL) == TB_OK);
        if (i > 0 &&
            tb_capture_member_start(team->sources[i], request, i, threads[i], &team->members[i], NULL) != TB_OK)
            return false;
    }
    if (tb_capture_lead_start(team->sources[0], request, threads, MEMBERS, &cut, &team->lead, NULL) != TB_OK)
        return false;
    team->members[0] = tb_capture_lead_member(team->lead);
    return true;
}

static void exchange(struct team *team)
{
    for (size_t to = 0; to < MEMBERS; to++) {
        struct tb_buffer packets = {0};
        uint64_t begins[MEMBERS + 1] = {0};
        for (size_t from = 0; from < MEMBERS; from++) {
            struct tb_buffer part = {0};
            tb_capture_member_send(team->members[from], to, &part);
            bring(team, &part);
            tb_buffer_put(&packets, part.data, part.size);
            begins[from + 1] = packets.size;
            tb_buffer_free(&part);
        }
        tb_capture_member_take(team->members[to], &packets, begins);
        tb_buffer_free(&packets);
    }
}

static enum tb_status settle(struct team *team)
{
    struct tb_buffer replies[MEMBERS] = {{0}};
    struct tb_bytes views[MEMBERS] = {{0}};
    for (size_t i = 1; i < MEMBERS; i++) {
        tb_capture_member_reply(team->members[i], &replies[i]);
        bring(team, &replies[i]);
        views[i] = tb_bytes_packed(replies[i].data, replies[i].size);
    }
    const enum tb_status status = tb_capture_lead_settle(team->lead, views, NULL);
    for (size_t i = 1; i < MEMBERS; i++)
        tb_buffer_free(&replies[i]);
    return status;
}

static enum tb_status run_round(struct team *team)
{
    struct tb_buffer offer = {0};
    enum tb_status status = tb_capture_lead_offer(team->lead, &offer, NULL);
    if (status == TB_OK)
        status = tb_capture_lead_work(team->lead, tb_bytes_packed(offer.data, offer.size), NULL);
    bring(team, &offer);
    for (size_t i = 1; i < MEMBERS; i++)
        tb_capture_member_work(team->members[i], tb_bytes_packed(offer.data, offer.size));
    tb_buffer_free(&offer);
    exchange(team);
    return status == TB_OK ? settle(team) : status;
}

static void collect_rows(struct team *team, size_t member)
{
    bool more = true;
    while (more) {
        struct tb_buffer rows = {0};
        tb_capture_member_rows(team->members[member], &rows);
        bring(team, &rows);
        if (tb_capture_lead_add_rows(team->lead, member, tb_bytes_packed(rows.data, rows.size), &more, NULL) != TB_OK)
            more = false;
        tb_buffer_free(&rows);
    }
}

static enum tb_status collect(struct team *team, struct tb_capture **capture)
{
    for (size_t i = 1; i < MEMBERS; i++) {
        struct tb_buffer result = {0};
        tb_capture_member_result(team->members[i], &result);
        bring(team, &result);
        if (tb_capture_lead_add(team->lead, i, tb_bytes_packed(result.data, result.size)))
            collect_rows(team, i);
        tb_buffer_free(&result);
    }
    return tb_capture_lead_finish(team->lead, capture, NULL, NULL);
}

/* The packed result; empty when there is none. */
static struct tb_buffer read_together(const uint8_t *data, size_t size, const struct tb_capture_request *request,
                                      const struct replaced *replaced)
{
    struct team team = {.replaced = *replaced};
    struct tb_buffer packed = {0};
    struct tb_capture *capture = NULL;
    enum tb_status status = start(&team, data, size, request) ? TB_OK : TB_UNSUPPORTED;
    while (status == TB_OK && tb_capture_lead_goes_on(team.lead))
        status = run_round(&team);
    if (status == TB_OK)
        status = collect(&team, &capture);
    if (status == TB_OK)
        tb_capture_pack(capture, &packed);
    tb_capture_free(capture);
    tb_capture_lead_free(team.lead);
    for (size_t i = 0; i < MEMBERS; i++) {
        if (i > 0)
            tb_capture_member_free(team.members[i]);
        tb_source_close(team.sources[i]);
    }
    return packed;
}

static struct tb_buffer read_whole(const uint8_t *data, size_t size, const struct tb_capture_request *request)
{
    struct tb_source *source;
    struct tb_capture *capture;
    struct tb_buffer packed = {0};
    require(tb_source_open_memory(data, size, "fuzz", &source, NULL) == TB_OK);
    if (tb_capture_read(source, request, &capture, NULL) == TB_OK) {
        tb_capture_pack(capture, &packed);
        tb_capture_free(capture);
    }
    tb_source_close(source);
    return packed;
}

static bool is_plain(const uint8_t *data, size_t size)
{
    struct tb_source *source;
    require(tb_source_open_memory(data, size, "fuzz", &source, NULL) == TB_OK);
    const bool plain = tb_source_compression(source) == TB_COMPRESSION_NONE;
    tb_source_close(source);
    return plain;
}

static void check_same(const uint8_t *data, size_t size, const struct tb_capture_request *request)
{
    const struct replaced none = {0};
    if (!is_plain(data, size))
        return;
    struct tb_buffer whole = read_whole(data, size, request), together = read_together(data, size, request, &none);
    require(together.size == whole.size && (whole.size == 0 || memcmp(together.data, whole.data, whole.size) == 0));
    tb_buffer_free(&whole);
    tb_buffer_free(&together);
}

static void check_message(const uint8_t *data, size_t size, const struct tb_capture_request *request)
{
    if (size == 0)
        return;
    random_state = 1;
    struct file_writer writer = write_file(STYLE_PCAPNG, 60);
    const struct replaced replaced = {
        .which = 1 + data[0] % 128, .whole = data[0] >= 128, .data = data + 1, .size = size - 1};
    struct tb_buffer packed = read_together(writer.bytes.data, writer.bytes.size, request, &replaced);
    tb_buffer_free(&packed);
    writer_free(&writer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct tb_capture_request request = {.filter = size % 7 == 0 ? "tcp port 80" : NULL,
                                               .rules = size % 3 == 0 ? TB_FLOW_RULES_TCPTRACE : TB_FLOW_RULES_TWINBED,
                                               .rows = size % 5 == 0 ? TB_FLOW_ROWS_NONE : TB_FLOW_ROWS_ALL,
                                               .sample = size % 2 == 0};
    check_same(data, size, &request);
    check_message(data, size, &request);
    return 0;
}
