/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any bytes as a capture: no crash, no leak, and every byte accounted for. */

#include <stdlib.h>

#include "twinbed/net/capture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void pack_and_unpack(const struct tb_capture *capture)
{
    struct tb_buffer buffer = {0};
    struct tb_capture *copy = NULL;
    tb_capture_pack(capture, &buffer);
    struct tb_bytes bytes = tb_bytes_packed(buffer.data, buffer.size);
    if (!tb_capture_unpack(&copy, &bytes) || bytes.left != 0)
        abort();
    tb_capture_free(copy);
    tb_buffer_free(&buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tb_source *source = NULL;
    struct tb_capture *capture = NULL;
    const struct tb_capture_request request = {.filter = size % 4 == 0 ? "tcp port 80" : NULL, .sample = size % 3 == 0};
    if (tb_source_open_memory(data, size, "fuzz", &source, NULL) != TB_OK)
        return 0;
    if (tb_capture_read(source, &request, &capture, NULL) == TB_OK) {
        if (!tb_account_balances(&capture->account))
            abort();
        pack_and_unpack(capture);
        tb_capture_free(capture);
    }
    tb_source_close(source);
    return 0;
}
