/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any bytes as deflate data: no crash, and what is decoded to the end of its last block is what ISA-L decodes, as bytes and as
 * symbols that may be markers. */

#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <string.h>

#include "io/deflate.h"

enum { OUTPUT_MOST = 1 << 20, INPUT_MOST = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t input[INPUT_MOST + TB_DEFLATE_BEHIND];
static uint8_t bytes[OUTPUT_MOST + TB_DEFLATE_SLACK], expected[OUTPUT_MOST];
static uint16_t marked[TB_WINDOW + OUTPUT_MOST + TB_DEFLATE_SLACK];

static void require(bool condition)
{
    if (!condition)
        abort();
}

/* All of its coded blocks; false when there is anything else, or no room. */
static bool decode(size_t size, struct tb_deflate_output *output, bool with_markers)
{
    static struct tb_codes codes;
    struct tb_bits bits;
    const uint8_t *const end = input + size;
    bool final = false;
    enum tb_deflate_result result = TB_DEFLATE_BLOCK_END;
    tb_bits_start(&bits, input, 0);
    while (!final && result == TB_DEFLATE_BLOCK_END) {
        if (tb_deflate_header(&bits, end, &codes, &final) != TB_BLOCK_CODED ||
            tb_bits_position(&bits, input) > 8 * (uint64_t)size)
            return false;
        result = (with_markers ? tb_deflate_marked : tb_deflate_bytes)(&codes, &bits, end, true, output);
        require(tb_bits_position(&bits, input) <= 8 * (uint64_t)size);
    }
    return result == TB_DEFLATE_BLOCK_END;
}

static size_t decode_by_library(size_t size)
{
    struct inflate_state state;
    isal_inflate_init(&state);
    state.next_in = input;
    state.avail_in = (uint32_t)size;
    state.next_out = expected;
    state.avail_out = sizeof expected;
    require(isal_inflate(&state) == ISAL_DECOMP_OK && state.block_state == ISAL_BLOCK_FINISH);
    return sizeof expected - state.avail_out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tb_codes codes;
    size = size < INPUT_MOST ? size : INPUT_MOST;
    memcpy(input, data, size);
    memset(input + size, 0, TB_DEFLATE_BEHIND);
    struct tb_deflate_output output = {.begin = bytes, .next = bytes, .end = bytes + OUTPUT_MOST};
    struct tb_deflate_output symbols = {
        .begin = marked, .next = marked + TB_WINDOW, .end = marked + TB_WINDOW + OUTPUT_MOST};
    for (size_t i = 0; i < TB_WINDOW; i++)
        marked[i] = (uint16_t)(TB_MARKER + i);
    const bool whole = decode(size, &output, false);
    (void)decode(size, &symbols, true);
    const size_t count = (size_t)((uint8_t *)output.next - bytes);
    require((size_t)((uint16_t *)symbols.next - marked) - TB_WINDOW >= count);
    for (size_t i = 0; i < count; i++)
        require(marked[TB_WINDOW + i] == bytes[i]);
    if (whole && count <= sizeof expected) {
        require(decode_by_library(size) == count);
        require(memcmp(expected, bytes, count) == 0);
    }
    require(tb_deflate_search(input, size, 8 * (uint64_t)size, &codes) <= 8 * (uint64_t)size);
    return 0;
}
