/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any bytes as a capture: no crash, no leak, every byte accounted for, and the
 * same result when it is cut into segments. */

#include <stdlib.h>

#include "twinbed/capture/capture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void pack_and_unpack(const struct tb_capture *capture, struct tb_buffer *buffer)
{
    struct tb_capture *copy = NULL;
    tb_capture_pack(capture, buffer);
    struct tb_bytes bytes = tb_bytes_packed(buffer->data, buffer->size);
    require(tb_capture_unpack(&copy, &bytes) && bytes.left == 0);
    tb_capture_free(copy);
}

/* The packed result; empty when there is none. */
static struct tb_buffer read_cut(const uint8_t *data, size_t size, const struct tb_capture_request *request,
                                 const struct tb_capture_split *how)
{
    struct tb_source *source = NULL;
    struct tb_capture *capture = NULL;
    struct tb_buffer buffer = {0};
    if (tb_source_open_memory(data, size, "fuzz", &source, NULL) != TB_OK)
        return buffer;
    if (tb_capture_read_split(source, request, how, NULL, &capture, NULL) == TB_OK) {
        require(tb_account_balances(&capture->account));
        pack_and_unpack(capture, &buffer);
        tb_capture_free(capture);
    }
    tb_source_close(source);
    return buffer;
}

/* Cuts that depend on the input alone, so that what is found can be found again. */
static void check_cuts(const uint8_t *data, size_t size, const struct tb_capture_request *request,
                       const struct tb_buffer *whole)
{
    for (size_t i = 1; i <= 3; i++) {
        const struct tb_capture_split how = {
            .threads = i, .ahead = 2 * i + 1, .chunk_most = 1 + size * i / 7 + (size > 30 ? data[29 + i % 2] : 0)};
        struct tb_buffer cut = read_cut(data, size, request, &how);
        require(cut.size == whole->size && (cut.size == 0 || memcmp(cut.data, whole->data, cut.size) == 0));
        tb_buffer_free(&cut);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct tb_capture_request request = {.filter = size % 4 == 0 ? "tcp port 80" : NULL,
                                               .rules = size % 3 == 0 ? TB_FLOW_RULES_TCPTRACE : TB_FLOW_RULES_TWINBED,
                                               .rows = size % 5 == 0 ? TB_FLOW_ROWS_NONE : TB_FLOW_ROWS_ALL,
                                               .sample = size % 2 == 0,
                                               .outer_only = size % 7 == 0};
    struct tb_buffer whole = read_cut(data, size, &request, &(struct tb_capture_split){.threads = 1});
    check_cuts(data, size, &request, &whole);
    tb_buffer_free(&whole);
    return 0;
}
