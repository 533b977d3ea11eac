/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One capture read by several processes, each for its own flows.
 *
 *       each member    reads the whole file, follows the flows of its shards
 *                      sums -> rows -> rows ... -> end         to the lead; or failed, anywhere
 *       the lead       does the same, takes the sums, merges all rows on their way to the sink
 *
 * Members tell the same of the file itself, which is checked (tb_capture_is_same_file). When one
 * has failed, or says what cannot be, the lead reads the capture alone (be_alone): a team costs
 * time then, never the result. */
#include "twinbed/capture/capture_team.h"

#include <stdio.h>
#include <stdlib.h>

#include "capture_flows.h"
#include "flow_merge.h"

/* What a message begins with. A member sends what its flows add up to, rows, and that it has ended;
 * or, anywhere, that it has failed, and why. A message of no bytes is one that found no memory. */
enum { SUMS = 's', ROWS = 'r', END = 'e', FAILED = 'f' };

/* Bytes of rows in a message, about. */
enum { ROWS_FULL = 256 << 10 };

/* Shards are counted over all members, one for each thread; they have numbers of 16 bits. */
static struct tb_shard_range range_of(const struct tb_capture_members *members, size_t member)
{
    struct tb_shard_range range = {.count = 0};
    for (size_t i = 0; i < members->count; i++) {
        const uint32_t threads = members->threads[i];
        const bool numbered = threads < (uint32_t)TB_DATAGRAM_EVERY_SHARD - range.all;
        if (i == member && numbered)
            range = (struct tb_shard_range){.first = range.all, .count = (uint16_t)threads, .all = range.all};
        range.all = (uint16_t)(range.all + (numbered ? threads : 0));
    }
    return range;
}

/* --- another member --- */

struct sending {
    const struct tb_capture_transport *transport; /* borrowed */
    enum tb_status status;                        /* of it */
};

static enum tb_status send(struct sending *sending, struct tb_buffer *message, struct tb_error *error)
{
    const enum tb_status status = tb_buffer_check(message, "what a team must know", error);
    if (status == TB_OK)
        sending->status = sending->transport->send(sending->transport->context, message, error);
    tb_buffer_free(message);
    return status == TB_OK ? sending->status : status;
}

static enum tb_status send_sums(struct sending *sending, struct tb_flows *const shards[], uint16_t count,
                                struct tb_capture *capture, struct tb_error *error)
{
    struct tb_buffer message = {0};
    uint64_t rows = 0;
    for (uint16_t i = 0; i < count; i++)
        rows += shards[i]->over.rows;
    const enum tb_status status = tb_flows_merge_sums(shards, count, capture, error);
    if (status != TB_OK)
        return status;
    tb_buffer_put_u8(&message, SUMS);
    tb_buffer_put_u64(&message, rows);
    tb_capture_pack(capture, &message);
    return send(sending, &message, error);
}

static void put_row(const struct tb_packed_row *row, struct tb_buffer *message)
{
    const struct tb_row_head head = {.first_packet = row->first_packet, .size = row->size};
    if (message->size == 0)
        tb_buffer_put_u8(message, ROWS);
    tb_buffer_put(message, &head, sizeof head);
    tb_buffer_put(message, row->data, row->size);
}

static enum tb_status send_rows(struct sending *sending, struct tb_row_merge *merge, struct tb_error *error)
{
    struct tb_buffer message = {0};
    struct tb_packed_row row;
    enum tb_status status;
    while ((status = tb_row_merge_next(merge, &row, error)) == TB_OK) {
        put_row(&row, &message);
        if (message.size >= ROWS_FULL)
            status = send(sending, &message, error);
        if (status != TB_OK)
            break;
    }
    if (status == TB_END)
        status = message.size > 0 ? send(sending, &message, error) : TB_OK;
    tb_buffer_free(&message);
    return status;
}

static enum tb_status send_flows(void *context, struct tb_flows *const shards[], uint16_t count,
                                 struct tb_capture *capture, struct tb_error *error)
{
    struct sending *const sending = context;
    struct tb_row_merge merge = {0};
    enum tb_status status = send_sums(sending, shards, count, capture, error);
    if (status == TB_OK)
        status = tb_flows_open_rows(shards, count, &merge, error);
    if (status == TB_OK)
        status = send_rows(sending, &merge, error);
    tb_row_merge_free(&merge);
    return status;
}

/* A message that finds no memory is an empty one, which says as much. */
static enum tb_status send_end(struct sending *sending, enum tb_status status, const struct tb_error *failure,
                               struct tb_error *error)
{
    struct tb_buffer message = {0};
    tb_buffer_put_u8(&message, status == TB_OK ? END : FAILED);
    if (status != TB_OK)
        tb_buffer_put_text(&message, failure->text);
    if (message.failed)
        tb_buffer_free(&message);
    return send(sending, &message, error);
}

static enum tb_status check_source(const struct tb_source *source, struct tb_error *error)
{
    if (tb_source_compression(source) == TB_COMPRESSION_NONE)
        return TB_OK;
    return tb_error_set(error, TB_USAGE, "%s: only a plain capture can be shared", tb_source_name(source));
}

enum tb_status tb_capture_read_share(struct tb_source *source, const struct tb_capture_request *request,
                                     const struct tb_capture_split *how, const struct tb_capture_members *members,
                                     size_t member, const struct tb_capture_transport *transport,
                                     struct tb_error *error)
{
    struct sending sending = {.transport = transport, .status = TB_OK};
    const struct tb_capture_end end = {.finish = send_flows, .context = &sending};
    const struct tb_shard_range range = range_of(members, member);
    struct tb_chunk_outcome chunks;
    struct tb_capture *capture;
    struct tb_error failure = {0};
    if (range.count == 0)
        return TB_OK;
    enum tb_status status = check_source(source, &failure);
    if (status == TB_OK)
        status = tb_capture_read_flows(source, request, how, &range, &end, &chunks, &capture, &failure);
    if (status == TB_OK)
        tb_capture_free(capture);
    if (sending.status == TB_OK)
        return send_end(&sending, status, &failure, error);
    if (error != NULL)
        *error = failure;
    return sending.status;
}

/* --- who leads --- */

/* One of the others, and what came of it. */
struct other {
    struct gathering *gathering; /* borrowed */
    size_t member;
    bool ended; /* it sends no more */
};

struct gathering {
    const struct tb_capture_transport *transport;
    struct tb_capture_team_outcome *outcome;
    struct other *others;          /* owned */
    struct tb_capture **captures;  /* owned, and each; of the others */
    struct tb_row_stream *streams; /* owned; of each */
    size_t count;
    uint64_t rows;
};

static void be_alone(struct gathering *gathering, size_t member, const char *reason)
{
    struct tb_capture_team_outcome *const outcome = gathering->outcome;
    if (!outcome->alone)
        snprintf(outcome->reason, sizeof outcome->reason, "member %zu of the team: %s", member, reason);
    outcome->alone = true;
}

/* The next message of one that has not ended, and a view behind what it begins with. */
static enum tb_status receive(struct other *other, struct tb_buffer *message, uint8_t *kind, struct tb_bytes *bytes,
                              struct tb_error *error)
{
    const struct tb_capture_transport *const transport = other->gathering->transport;
    const enum tb_status status = transport->receive(transport->context, other->member, message, error);
    *bytes = tb_bytes_packed(message->data, message->size);
    if (status != TB_OK || !tb_bytes_take_u8(bytes, kind))
        *kind = FAILED;
    other->ended = *kind != SUMS && *kind != ROWS;
    return status;
}

static void take_sums(struct other *other, struct tb_capture **theirs, struct tb_bytes *bytes,
                      const struct tb_capture *capture)
{
    struct gathering *const gathering = other->gathering;
    uint64_t rows;
    if (!tb_bytes_take_u64(bytes, &rows) || rows > capture->packets || !tb_capture_unpack(theirs, bytes))
        be_alone(gathering, other->member, "what it says of its flows cannot be understood");
    else if (!tb_capture_is_same_file(*theirs, capture))
        be_alone(gathering, other->member, "it read another file");
    else
        gathering->rows += rows;
}

static void take_failure(struct other *other, struct tb_bytes *bytes)
{
    char *reason = NULL;
    be_alone(other->gathering, other->member, tb_bytes_take_text(bytes, &reason) ? reason : "there is no memory");
    free(reason);
}

static enum tb_status receive_sums(struct other *other, struct tb_capture **theirs, const struct tb_capture *capture,
                                   struct tb_error *error)
{
    struct tb_buffer message = {0};
    struct tb_bytes bytes;
    uint8_t kind;
    const enum tb_status status = receive(other, &message, &kind, &bytes, error);
    if (status == TB_OK && kind == SUMS)
        take_sums(other, theirs, &bytes, capture);
    else if (status == TB_OK)
        take_failure(other, &bytes);
    tb_buffer_free(&message);
    return status;
}

/* Of a block that rows come in, all but what it begins with. */
static enum tb_status receive_rows(void *context, struct tb_buffer *block, struct tb_error *error)
{
    struct other *const other = context;
    struct tb_buffer message = {0};
    struct tb_bytes bytes;
    uint8_t kind;
    if (other->ended)
        return TB_OK;
    enum tb_status status = receive(other, &message, &kind, &bytes, error);
    if (status == TB_OK && kind == ROWS) {
        tb_buffer_put(block, bytes.data, bytes.left);
        status = tb_buffer_check(block, "the rows of flows", error);
    } else if (status == TB_OK && kind != END) {
        status = tb_error_set(error, TB_INPUT_OUTPUT, "member %zu of a team cannot read its rows of flows again",
                              other->member);
    }
    tb_buffer_free(&message);
    return status;
}

static enum tb_status wait_for_end(struct other *other, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    while (status == TB_OK && !other->ended) {
        struct tb_buffer message = {0};
        struct tb_bytes bytes;
        uint8_t kind;
        status = receive(other, &message, &kind, &bytes, error);
        tb_buffer_free(&message);
    }
    return status;
}

/* Nobody is to be left behind that still sends. */
static enum tb_status end_all(struct gathering *gathering, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < gathering->count; i++)
        status = wait_for_end(&gathering->others[i], error);
    return status;
}

/* TB_END: somebody else must be done without. */
static enum tb_status gather_flows(void *context, struct tb_flows *const shards[], uint16_t count,
                                   struct tb_capture *capture, struct tb_error *error)
{
    struct gathering *const gathering = context;
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < gathering->count; i++)
        status = receive_sums(&gathering->others[i], &gathering->captures[i], capture, error);
    if (status != TB_OK || gathering->outcome->alone)
        return status == TB_OK ? TB_END : status;
    const struct tb_team_flows others = {.captures = gathering->captures,
                                         .streams = gathering->rows > 0 ? gathering->streams : NULL,
                                         .count = gathering->count,
                                         .rows = gathering->rows};
    return tb_flows_merge(shards, count, &others, capture, error);
}

static enum tb_status find_others(struct gathering *gathering, const struct tb_capture_members *members,
                                  struct tb_error *error)
{
    gathering->others = calloc(members->count + 1, sizeof *gathering->others);
    gathering->captures = calloc(members->count + 1, sizeof(struct tb_capture *));
    gathering->streams = calloc(members->count + 1, sizeof *gathering->streams);
    const bool room = gathering->others != NULL && gathering->captures != NULL && gathering->streams != NULL;
    for (size_t i = 1; i < members->count; i++) {
        struct other without_room = {.gathering = gathering, .member = i};
        struct other *const other = room ? &gathering->others[gathering->count] : &without_room;
        *other = without_room;
        if (range_of(members, i).count > 0 && room)
            gathering->streams[gathering->count++] = (struct tb_row_stream){.next = receive_rows, .context = other};
        else if (range_of(members, i).count > 0)
            (void)!wait_for_end(other, NULL);
    }
    return room ? TB_OK : tb_error_memory(error, "a team");
}

static void free_gathering(struct gathering *gathering)
{
    for (size_t i = 0; gathering->captures != NULL && i < gathering->count; i++)
        tb_capture_free(gathering->captures[i]);
    free(gathering->captures);
    free(gathering->streams);
    free(gathering->others);
}

static enum tb_status read_alone(const struct tb_source *source, const struct tb_capture_request *request,
                                 const struct tb_capture_split *how, struct tb_capture **capture,
                                 struct tb_error *error)
{
    struct tb_source *again;
    enum tb_status status = tb_source_open_again(source, &again, error);
    if (status != TB_OK)
        return status;
    status = tb_capture_read_split(again, request, how, NULL, capture, error);
    tb_source_close(again);
    return status;
}

enum tb_status tb_capture_read_together(struct tb_source *source, const struct tb_capture_request *request,
                                        const struct tb_capture_split *how, const struct tb_capture_members *members,
                                        const struct tb_capture_transport *transport,
                                        struct tb_capture_team_outcome *outcome, struct tb_capture **capture,
                                        struct tb_error *error)
{
    struct gathering gathering = {.transport = transport, .outcome = outcome};
    const struct tb_capture_end end = {.finish = gather_flows, .context = &gathering};
    const struct tb_shard_range range = range_of(members, 0);
    struct tb_error unused;
    *outcome = (struct tb_capture_team_outcome){.alone = false};
    enum tb_status status = find_others(&gathering, members, error);
    if (status == TB_OK)
        status = check_source(source, error);
    if (status == TB_OK)
        status = tb_capture_read_flows(source, request, how, &range, &end, &outcome->chunks, capture, error);
    const enum tb_status ended = end_all(&gathering, status == TB_OK || outcome->alone ? error : &unused);
    free_gathering(&gathering);
    if (outcome->alone && ended == TB_OK)
        return read_alone(source, request, how, capture, error);
    if (status == TB_OK && ended != TB_OK)
        tb_capture_free(*capture);
    return status == TB_OK || outcome->alone ? ended : status;
}
