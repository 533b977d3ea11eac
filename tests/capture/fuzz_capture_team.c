/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any bytes as a capture that a team reads, with the same result as one reader; and any bytes as one of the messages
 * of a team, which must do no harm. */

#include <stdlib.h>

#include "fixtures/mixed_captures.h"
#include "twinbed/capture/capture_team.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MEMBERS = 3, MESSAGES_MOST = 1 << 12 };

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

struct post {
    struct replaced replaced;
    struct tb_buffer messages[MEMBERS][MESSAGES_MOST];
    size_t sent[MEMBERS], received[MEMBERS];
    size_t sender;
    size_t brought;
};

static enum tb_status send(void *context, struct tb_buffer *bytes, struct tb_error *error)
{
    struct post *const post = context;
    (void)error;
    require(post->sent[post->sender] < MESSAGES_MOST);
    post->messages[post->sender][post->sent[post->sender]++] = *bytes;
    *bytes = (struct tb_buffer){0};
    return TB_OK;
}

static void bring(struct post *post, struct tb_buffer *message)
{
    const struct replaced *const replaced = &post->replaced;
    if (++post->brought != replaced->which)
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

/* Whom a spoilt message makes wait for more hears nothing. */
static enum tb_status receive(void *context, size_t member, struct tb_buffer *bytes, struct tb_error *error)
{
    struct post *const post = context;
    (void)error;
    require(member > 0 && member < MEMBERS);
    if (post->received[member] < post->sent[member]) {
        struct tb_buffer *const message = &post->messages[member][post->received[member]++];
        *bytes = *message;
        *message = (struct tb_buffer){0};
        bring(post, bytes);
    }
    return TB_OK;
}

static struct tb_source *open_bytes(const uint8_t *data, size_t size)
{
    struct tb_source *source;
    require(tb_source_open_memory(data, size, "fuzz", &source, NULL) == TB_OK);
    return source;
}

/* The packed result; empty when there is none. */
static struct tb_buffer read_together(const uint8_t *data, size_t size, const struct tb_capture_request *request,
                                      const struct replaced *replaced)
{
    static const uint32_t threads[MEMBERS] = {1, 2, 1};
    static struct post post;
    const struct tb_capture_members members = {.threads = threads, .count = MEMBERS};
    const struct tb_capture_transport transport = {.send = send, .receive = receive, .context = &post};
    const struct tb_capture_split how = {.threads = 1, .ahead = 3, .chunk_most = 1 + size / 10};
    struct tb_capture_team_outcome outcome;
    struct tb_buffer packed = {0};
    struct tb_capture *capture;
    post = (struct post){.replaced = *replaced};
    for (post.sender = 1; post.sender < MEMBERS; post.sender++) {
        struct tb_source *const source = open_bytes(data, size);
        require(tb_capture_read_share(source, request, &how, &members, post.sender, &transport, NULL) == TB_OK);
        tb_source_close(source);
    }
    struct tb_source *const source = open_bytes(data, size);
    if (tb_capture_read_together(source, request, &how, &members, &transport, &outcome, &capture, NULL) == TB_OK) {
        tb_capture_pack(capture, &packed);
        tb_capture_free(capture);
    }
    tb_source_close(source);
    for (size_t i = 0; i < MEMBERS; i++)
        for (size_t j = 0; j < post.sent[i]; j++)
            tb_buffer_free(&post.messages[i][j]);
    return packed;
}

static struct tb_buffer read_whole(struct tb_source *source, const struct tb_capture_request *request)
{
    struct tb_capture *capture;
    struct tb_buffer packed = {0};
    if (tb_capture_read(source, request, &capture, NULL) == TB_OK) {
        tb_capture_pack(capture, &packed);
        tb_capture_free(capture);
    }
    return packed;
}

static void check_same(const uint8_t *data, size_t size, const struct tb_capture_request *request)
{
    const struct replaced none = {0};
    struct tb_source *const source = open_bytes(data, size);
    if (tb_source_compression(source) == TB_COMPRESSION_NONE) {
        struct tb_buffer whole = read_whole(source, request), together = read_together(data, size, request, &none);
        require(together.size == whole.size && (whole.size == 0 || memcmp(together.data, whole.data, whole.size) == 0));
        tb_buffer_free(&whole);
        tb_buffer_free(&together);
    }
    tb_source_close(source);
}

static void check_message(const uint8_t *data, size_t size, const struct tb_capture_request *request)
{
    if (size == 0)
        return;
    random_state = 1;
    struct file_writer writer = write_file(STYLE_PCAPNG, 60);
    const struct replaced replaced = {
        .which = 1 + data[0] % 8, .whole = data[0] >= 128, .data = data + 1, .size = size - 1};
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
