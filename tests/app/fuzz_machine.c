/* SPDX-License-Identifier: GPL-3.0-or-later */

/* libFuzzer target for the readers of what a machine says of itself. The first byte of the input chooses the reader. What
 * is read must balance and survive packing. */

#include <stdint.h>
#include <stdlib.h>

#include "app/counter_series.h"
#include "app/counter_snapshot.h"
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

static void try_snapshot(struct tb_source *source)
{
    struct tb_error error;
    struct tb_account account;
    struct counter_list list = {.count = 0};
    if (tb_counter_snapshot_read(source, &list, &account, &error) == TB_OK)
        require(tb_account_balances(&account) && list.count > 0);
    tb_counter_list_free(&list);
}

static void try_series(struct tb_source *source)
{
    struct tb_error error;
    struct tb_account account;
    struct tb_counters read = {.named = NULL}, back;
    struct tb_buffer buffer = {0};
    const enum tb_status status = tb_counter_series_read(source, "series", &read, &account, &error);
    if (status == TB_OK)
        require(tb_account_balances(&account) && read.named_count > 0);
    tb_counters_pack(&read, &buffer);
    struct tb_bytes bytes = tb_bytes_packed(buffer.data, buffer.size);
    require(tb_counters_unpack(&back, &bytes) && bytes.left == 0);
    tb_counters_free(&back);
    tb_counters_free(&read);
    tb_buffer_free(&buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const readers[])(struct tb_source *) = {try_kernel_log, try_snapshot, try_series};
    struct tb_source *source;
    struct tb_error error;
    if (size == 0 || tb_source_open_memory(data + 1, size - 1, "input", &source, &error) != TB_OK)
        return 0;
    (void)tb_kernel_log_recognise(data + 1, size - 1);
    readers[data[0] % (sizeof readers / sizeof readers[0])](source);
    tb_source_close(source);
    return 0;
}
