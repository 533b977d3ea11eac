/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: any bytes as a trace. The decoder must come to an end, account for every byte, and give
 * a result that survives packing. */
#include <stdlib.h>

#include "twinbed/trace/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check_packing(const struct tb_trace *trace)
{
    struct tb_buffer packed = {0}, again = {0};
    tb_trace_pack(trace, &packed);
    struct tb_bytes bytes = tb_bytes_packed(packed.data, packed.size);
    struct tb_trace *copy;
    require(tb_trace_unpack(&copy, &bytes) && bytes.left == 0);
    tb_trace_pack(copy, &again);
    require(again.size == packed.size && memcmp(again.data, packed.data, packed.size) == 0);
    tb_trace_free(copy);
    tb_buffer_free(&packed);
    tb_buffer_free(&again);
}

static void check_unpacking(const uint8_t *data, size_t size)
{
    struct tb_bytes bytes = tb_bytes_packed(data, size);
    struct tb_trace *trace;
    if (tb_trace_unpack(&trace, &bytes))
        tb_trace_free(trace);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct tb_process_selector selectors[] = {
        {.name = "ab", .pid = -1}, {.name = "curl", .pid = -1, .arguments = "google"}, {.name = "httpd", .pid = -1}};
    static const unsigned orders[] = {1, 2, 8};
    static const struct tb_window windows[] = {{0, 10}, {5, TB_WINDOW_WHOLE}};
    static const struct tb_trace_request request = {.selectors = selectors,
                                                    .selector_count = 3,
                                                    .orders = orders,
                                                    .order_count = 3,
                                                    .windows = windows,
                                                    .window_count = 2};
    struct tb_source *source;
    struct tb_trace *trace;
    check_unpacking(data, size);
    if (tb_source_open_memory(data, size, "fuzz", &source, NULL) != TB_OK)
        return 0;
    if (tb_trace_read(source, &request, &trace, NULL) == TB_OK) {
        require(tb_account_balances(&trace->account));
        check_packing(trace);
        tb_trace_free(trace);
    }
    tb_source_close(source);
    return 0;
}
