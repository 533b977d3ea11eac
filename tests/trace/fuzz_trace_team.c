/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: any bytes as what processes that decode one trace together send each other. One call or answer of a team
 * is replaced, or spoilt in some places; counts may be wrong then, and every byte still stands in the account. */
#include <stdlib.h>

#include "fixtures/turn_writer.h"
#include "twinbed/trace/call_list.h"
#include "twinbed/trace/trace_team.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WORKERS = 2 };

static void require(bool holds)
{
    if (!holds)
        abort();
}

static const unsigned orders[] = {1, 2};
static const struct tb_process_selector selectors[] = {{.name = "ab", .pid = -1}, {.name = "sh", .pid = -1}};
static bool take_block(void *context, const struct tb_buffer *block)
{
    (void)context;
    require(block->size > 0 && block->size <= TB_CALL_LIST_BLOCK);
    return true;
}

/* Chunks travel with the lists of their calls. */
static const struct tb_call_sink sink = {.take = take_block};
static const struct tb_trace_request request = {
    .selectors = selectors, .selector_count = 2, .orders = orders, .order_count = 2, .calls = &sink};

struct team {
    struct tb_trace_worker *workers[WORKERS];
    struct tb_buffer replies[WORKERS];
    size_t seen;  /* messages */
    size_t which; /* is spoilt */
    bool whole;   /* replaced, not changed in places of two bytes for where and one for what */
    const uint8_t *data;
    size_t size;
};

static void spoil(struct team *team, struct tb_buffer *bytes)
{
    if (++team->seen != team->which)
        return;
    if (team->whole) {
        bytes->size = 0;
        tb_buffer_put(bytes, team->data, team->size);
        return;
    }
    for (size_t i = 0; bytes->size > 0 && i + 3 <= team->size; i += 3)
        bytes->data[(size_t)(team->data[i] << 8 | team->data[i + 1]) % bytes->size] ^= team->data[i + 2];
}

static enum tb_status send(void *context, unsigned worker, struct tb_buffer *call, struct tb_error *error)
{
    struct team *const team = context;
    (void)error;
    spoil(team, call);
    team->replies[worker].size = 0;
    tb_trace_work(team->workers[worker], tb_bytes_packed(call->data, call->size), &team->replies[worker]);
    require(!team->replies[worker].failed);
    spoil(team, &team->replies[worker]);
    return TB_OK;
}

static enum tb_status receive(void *context, unsigned worker, struct tb_buffer *reply, bool *here,
                              struct tb_error *error)
{
    struct team *const team = context;
    (void)error;
    *here = true;
    tb_buffer_put(reply, team->replies[worker].data, team->replies[worker].size);
    return TB_OK;
}

static void read_together(struct team *team, const struct scap_writer *file)
{
    const struct tb_trace_transport transport = {.workers = WORKERS, .send = send, .receive = receive, .context = team};
    const struct tb_split split = {
        .threads = 1, .ahead = 6, .gap = 900, .chunk_most = 1 + file->size / 5, .transport = &transport};
    struct tb_chunk_outcome outcome;
    struct tb_source *source;
    struct tb_trace *trace;
    require(tb_source_open_memory(file->data, file->size, "written", &source, NULL) == TB_OK);
    for (size_t i = 0; i < WORKERS; i++)
        require(tb_trace_worker_start(source, &request, &team->workers[i], NULL) == TB_OK);
    if (tb_trace_read_split(source, &request, &split, &outcome, &trace, NULL) == TB_OK) {
        require(tb_account_balances(&trace->account));
        tb_trace_free(trace);
    }
    for (size_t i = 0; i < WORKERS; i++) {
        tb_trace_worker_free(team->workers[i]);
        tb_buffer_free(&team->replies[i]);
    }
    tb_source_close(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct scap_writer file;
    if (file.data == NULL) {
        random_state = 3;
        file = write_turns(2, false, 60);
    }
    if (size == 0)
        return 0;
    struct team team = {.which = 1 + data[0] % 8, .whole = data[0] >= 128, .data = data + 1, .size = size - 1};
    read_together(&team, &file);
    return 0;
}
