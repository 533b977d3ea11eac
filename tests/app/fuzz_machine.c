/* SPDX-License-Identifier: GPL-3.0-or-later */

/* libFuzzer target for the readers of what a machine says of itself. The first byte of the input chooses the reader. What
 * is read must balance and survive packing. */

#include <stdint.h>
#include <stdlib.h>

#include "twinbed/app/kernel_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void try_kernel_log(struct tb_source *source)
{
    struct tb_error error;
    struct tb_kernel_log read, back;
    struct tb_buffer buffer = {0};
    if (tb_kernel_log_read(source, &read, &error) != TB_OK)
        return;
    require(tb_account_balances(&read.account));
    require(tb_kernel_log_resets(&read) <= read.messages && read.event_count <= read.messages);
    tb_kernel_log_pack(&read, &buffer);
    struct tb_bytes bytes = tb_bytes_packed(buffer.data, buffer.size);
    require(tb_kernel_log_unpack(&back, &bytes) && bytes.left == 0);
    tb_kernel_log_free(&back);
    tb_kernel_log_free(&read);
    tb_buffer_free(&buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tb_source *source;
    struct tb_error error;
    if (size == 0 || tb_source_open_memory(data + 1, size - 1, "input", &source, &error) != TB_OK)
        return 0;
    (void)tb_kernel_log_recognise(data + 1, size - 1);
    try_kernel_log(source);
    tb_source_close(source);
    return 0;
}
