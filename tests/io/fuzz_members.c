/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any bytes as a compressed file: no crash, no leak, no thread left behind, and the same bytes, account and end whether one
 * reads alone or several threads decompress. */

#include <stdlib.h>
#include <string.h>

#include "io/packed.h"
#include "twinbed/base/bytes.h"

enum { STREAM_MOST = 16 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
    enum tb_status status;
    struct tb_buffer bytes;
    struct tb_account account;
    struct tb_error error;
};

static void require(bool condition)
{
    if (!condition)
        abort();
}

/* Up to about STREAM_MOST bytes: a few may stand for very many. */
static struct outcome drain(const uint8_t *data, size_t size, int threads, uint64_t piece, size_t step)
{
    static uint8_t read[1 << 20];
    struct outcome outcome = {.status = TB_OK};
    struct tb_source *source = NULL;
    size_t got = 1;
    require(tb_source_open_memory(data, size, "fuzz", &source, NULL) == TB_OK);
    tb_source_decompress_pieces(source, threads, piece);
    while (outcome.status == TB_OK && got != 0 && outcome.bytes.size < STREAM_MOST) {
        outcome.status = tb_source_read(source, read, step, &got, &outcome.error);
        tb_buffer_put(&outcome.bytes, read, got);
        tb_source_account(source, &outcome.account);
        require(!outcome.account.compressed || outcome.account.consumed + outcome.account.left == size);
    }
    (void)tb_source_has_members(source);
    tb_source_close(source);
    return outcome;
}

static bool is_same(const struct outcome *outcome, const struct outcome *alone)
{
    const size_t size = outcome->bytes.size < alone->bytes.size ? outcome->bytes.size : alone->bytes.size;
    if (size != 0 && memcmp(outcome->bytes.data, alone->bytes.data, size) != 0)
        return false;
    if (outcome->bytes.size >= STREAM_MOST || alone->bytes.size >= STREAM_MOST)
        return size >= STREAM_MOST;
    return outcome->bytes.size == alone->bytes.size && outcome->status == alone->status &&
           outcome->account.consumed == alone->account.consumed &&
           (alone->status == TB_OK || strcmp(outcome->error.text, alone->error.text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome alone = drain(data, size, 0, 0, 1 << 20);
    for (size_t i = 0; i < 3; i++) {
        struct outcome outcome =
            drain(data, size, (int)i + 1, 1 + size * i / 5, size > 40 ? 1000 + 77 * (size_t)data[40] : 1 << 20);
        require(is_same(&outcome, &alone));
        tb_buffer_free(&outcome.bytes);
    }
    tb_buffer_free(&alone.bytes);
    return 0;
}
