/* SPDX-License-Identifier: GPL-3.0-or-later */

/* libFuzzer target for the readers of text and of .owp files. The first byte
 * of the input chooses the reader. What is read must balance and survive packing. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "twinbed/app/apachebench.h"
#include "twinbed/app/counters.h"
#include "twinbed/app/numbers.h"
#include "twinbed/app/workload_tools.h"
#include "twinbed/capture/capture_log.h"
#include "twinbed/latency/latency.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void try_apachebench(struct tb_source *source, struct tb_error *error)
{
    struct tb_apachebench read, back;
    struct tb_buffer buffer = {0};
    if (tb_workload_read(source, &read, error) != TB_OK)
        return;
    require(tb_account_balances(&read.account));
    require(tb_ab_failed_requests(&read) <= (int64_t)read.complete);
    tb_apachebench_pack(&read, &buffer);
    struct tb_bytes bytes = tb_bytes_packed(buffer.data, buffer.size);
    require(tb_apachebench_unpack(&back, &bytes) && bytes.left == 0);
    tb_buffer_free(&buffer);
}

static void try_quantiles(struct tb_source *source, struct tb_error *error)
{
    struct tb_ab_quantiles read;
    if (tb_ab_quantiles_read(source, 0, &read, error) != TB_OK)
        return;
    require(tb_account_balances(&read.account));
    tb_ab_quantiles_drop_unrelated(&read, 0);
}

static void try_requests(struct tb_source *source, struct tb_error *error)
{
    struct tb_ab_requests read, back;
    struct tb_buffer buffer = {0};
    if (tb_ab_requests_read(source, &read, error) != TB_OK)
        return;
    require(tb_account_balances(&read.account));
    tb_ab_requests_pack(&read, &buffer);
    struct tb_bytes bytes = tb_bytes_packed(buffer.data, buffer.size);
    require(tb_ab_requests_unpack(&back, &bytes) && bytes.left == 0);
    tb_buffer_free(&buffer);
}

static void try_counters(const char *name, struct tb_source *source, struct tb_error *error)
{
    struct tb_counters read;
    if (tb_counters_parse(name, source, &read, error) == TB_OK)
        require(tb_account_balances(&read.account));
}

static void try_latency(struct tb_source *source, struct tb_error *error)
{
    struct tb_latency *read = NULL;
    struct tb_latency *back = NULL;
    struct tb_buffer buffer = {0};
    if (tb_latency_read(source, &read, error) != TB_OK)
        return;
    require(tb_account_balances(&read->account));
    tb_latency_pack(read, &buffer);
    struct tb_bytes bytes = tb_bytes_packed(buffer.data, buffer.size);
    require(tb_latency_unpack(&back, &bytes) && bytes.left == 0);
    tb_latency_free(back);
    tb_latency_free(read);
    tb_buffer_free(&buffer);
}

static void try_capture_log(struct tb_source *source, struct tb_error *error)
{
    struct tb_capture_log read, back;
    struct tb_buffer buffer = {0};
    if (tb_capture_log_read(source, &read, error) != TB_OK)
        return;
    require(tb_account_balances(&read.account));
    tb_capture_log_pack(&read, &buffer);
    struct tb_bytes bytes = tb_bytes_packed(buffer.data, buffer.size);
    require(tb_capture_log_unpack(&back, &bytes) && bytes.left == 0);
    tb_buffer_free(&buffer);
}

static void try_numbers(struct tb_source *source, struct tb_error *error)
{
    const struct tb_number_place places[] = {{.form = TB_NUMBER_VALUE, .text = "/a/0"},
                                             {TB_NUMBER_COLUMN, "a", {TB_NUMBER_QUANTILE, 99}},
                                             {TB_NUMBER_REGEX, "a=([^ ]*)", {TB_NUMBER_SUM, 0}},
                                             {TB_NUMBER_KEY, "a", {TB_NUMBER_FIRST, 0}}};
    enum { PLACES = sizeof places / sizeof places[0] };
    struct tb_number numbers[PLACES];
    if (tb_numbers_read(source, places, PLACES, numbers, error) != TB_OK)
        return;
    for (size_t i = 0; i < PLACES; i++)
        require((numbers[i].status == TB_OK) == (numbers[i].problem[0] == '\0') &&
                (numbers[i].status == TB_OK) == (isfinite(numbers[i].value) != 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"stat", "diskstats", "vmstat", "interrupts"};
    struct tb_source *source;
    struct tb_error error;
    if (size == 0 || tb_source_open_memory(data + 1, size - 1, "input", &source, &error) != TB_OK)
        return 0;
    const unsigned choice = data[0] % 10;
    if (choice == 0)
        try_apachebench(source, &error);
    else if (choice == 1)
        try_quantiles(source, &error);
    else if (choice == 2)
        try_requests(source, &error);
    else if (choice == 3)
        try_numbers(source, &error);
    else if (choice == 4)
        try_latency(source, &error);
    else if (choice == 9)
        try_capture_log(source, &error);
    else
        try_counters(names[choice - 5], source, &error);
    tb_source_close(source);
    return 0;
}
