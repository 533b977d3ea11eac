/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packed_writer.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <zstd.h>

static size_t packed_bound(size_t size)
{
    return size + size / 8 + 1024;
}

/* Appends what ISA-L makes of the data; flag as its gzip_flag. */
static void append_deflated(struct tb_buffer *packed, const void *data, size_t size, uint16_t flag)
{
    static uint8_t level_buffer[ISAL_DEF_LVL1_DEFAULT];
    uint8_t *const output = malloc(packed_bound(size));
    assert_non_null(output);
    struct isal_zstream stream;
    isal_deflate_init(&stream);
    stream.level = 1;
    stream.level_buf = level_buffer;
    stream.level_buf_size = sizeof level_buffer;
    stream.gzip_flag = flag;
    stream.end_of_stream = 1;
    stream.next_in = (uint8_t *)(uintptr_t)data;
    stream.avail_in = (uint32_t)size;
    stream.next_out = output;
    stream.avail_out = (uint32_t)packed_bound(size);
    assert_int_equal(isal_deflate(&stream), COMP_OK);
    assert_int_equal(stream.internal_state.state, ZSTATE_END);
    tb_buffer_put(packed, output, stream.total_out);
    free(output);
}

void append_gzip(struct tb_buffer *packed, const void *data, size_t size)
{
    append_deflated(packed, data, size, IGZIP_GZIP);
}

static void end_member(struct tb_buffer *packed, const void *data, size_t size)
{
    tb_buffer_put_u32(packed, crc32_gzip_refl(0, data, size));
    tb_buffer_put_u32(packed, (uint32_t)size);
}

static void append_bgzf_block(struct tb_buffer *packed, const void *data, size_t size)
{
    static const uint8_t header[] = {0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, 'B', 'C', 2, 0};
    struct tb_buffer deflated = {0};
    append_deflated(&deflated, data, size, IGZIP_DEFLATE);
    tb_buffer_put(packed, header, sizeof header);
    tb_buffer_put_u16(packed, (uint16_t)(sizeof header + 2 + deflated.size + 8 - 1));
    tb_buffer_put(packed, deflated.data, deflated.size);
    tb_buffer_free(&deflated);
    end_member(packed, data, size);
}

void append_bgzf(struct tb_buffer *packed, const void *data, size_t size)
{
    enum { BLOCK = 65280 };
    const uint8_t *bytes = data;
    do {
        const size_t step = size < BLOCK ? size : BLOCK;
        append_bgzf_block(packed, bytes, step);
        bytes += step;
        size -= step;
    } while (size > 0);
}

void append_stored_gzip(struct tb_buffer *packed, const void *data, size_t size)
{
    enum { BLOCK = 65535 };
    static const uint8_t header[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
    tb_buffer_put(packed, header, sizeof header);
    size_t done = 0;
    do {
        const size_t step = size - done < BLOCK ? size - done : BLOCK;
        tb_buffer_put_u8(packed, done + step == size);
        tb_buffer_put_u16(packed, (uint16_t)step);
        tb_buffer_put_u16(packed, (uint16_t)~step);
        tb_buffer_put(packed, (const uint8_t *)data + done, step);
        done += step;
    } while (done < size);
    end_member(packed, data, size);
}

void append_zstd(struct tb_buffer *packed, const void *data, size_t size)
{
    uint8_t *const output = malloc(packed_bound(size));
    assert_non_null(output);
    const size_t used = ZSTD_compress(output, packed_bound(size), data, size, 3);
    assert_false(ZSTD_isError(used));
    tb_buffer_put(packed, output, used);
    free(output);
}

void append_stored_zstd(struct tb_buffer *packed, const void *data, size_t size)
{
    enum { BLOCK = 128 << 10, ONE_SEGMENT_SIZE_32 = 0xa0 };
    tb_buffer_put_u32(packed, 0xfd2fb528);
    tb_buffer_put_u8(packed, ONE_SEGMENT_SIZE_32);
    tb_buffer_put_u32(packed, (uint32_t)size);
    size_t done = 0;
    do {
        const size_t step = size - done < BLOCK ? size - done : BLOCK;
        const uint32_t header = (uint32_t)(step << 3) | (done + step == size);
        tb_buffer_put_u16(packed, (uint16_t)header);
        tb_buffer_put_u8(packed, (uint8_t)(header >> 16));
        tb_buffer_put(packed, (const uint8_t *)data + done, step);
        done += step;
    } while (done < size);
}

void append_skippable(struct tb_buffer *packed, const void *data, size_t size)
{
    tb_buffer_put_u32(packed, 0x184d2a53);
    tb_buffer_put_u32(packed, (uint32_t)size);
    tb_buffer_put(packed, data, size);
}

void append_plain(struct tb_buffer *packed, const void *data, size_t size)
{
    tb_buffer_put(packed, data, size);
}
