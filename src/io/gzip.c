/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gzip members (RFC 1952). A piece may begin inside one, at a block of its deflate data: then it is decompressed as far as there
 * is room for symbols that may be markers (deflate.h), until somebody tells the window. */
#include <isa-l/crc.h>
#include <stdlib.h>
#include <string.h>

#include "base/huge_pages.h"
#include "deflate.h"
#include "gzip_sum.h"
#include "source_kind.h"

enum {
    INPUT_SIZE = TB_BLOCK_ROOM,
    INPUT_LEAST = TB_DEFLATE_HEADER, /* so much is looked at, or all that is left */
    ROOM = TB_BLOCK_ROOM,
    MARKED_MOST = TB_SPECULATED_MOST / 2, /* symbols before the window is known */
    HEADER_SIZE = 10,
    TRAILER_SIZE = 8,
    MEMBER_LEAST = 18
};

_Static_assert((int)TB_WINDOW == TB_WINDOW_MOST, "windows");

/* What comes next. */
enum phase { PHASE_MEMBER, PHASE_BLOCK, PHASE_STORED, PHASE_CODED, PHASE_TRAILER, PHASE_ENDED };

struct gzip_stream {
    struct tb_raw *raw; /* borrowed */
    enum phase phase;
    bool final;            /* of the block: it is the member's last one */
    bool inherited;        /* the member began in an earlier piece */
    bool has_window;       /* what is before is known */
    bool ends_inherited;   /* and has been read to its end */
    uint32_t stored_left;  /* bytes */
    struct tb_place begin; /* of the piece */
    uint64_t end_bit;      /* the piece ends at or behind it */
    struct tb_place place; /* where it ended */
    uint64_t member;       /* raw offset behind the last whole member */
    uint32_t check;        /* of the member, as far as it was decompressed here */
    uint64_t size;         /* likewise */
    uint32_t wanted_check; /* as the trailer says */
    uint32_t wanted_size;  /* likewise */
    enum tb_status status; /* given when all before was read */
    struct tb_error error;
    uint64_t input_offset; /* raw offset of input */
    uint8_t *input_end;    /* in input */
    bool exhausted;        /* the file has no more */
    struct tb_bits bits;   /* in input */
    size_t history;        /* bytes before bytes + TB_WINDOW that are of the member */
    size_t made, given;    /* behind bytes + TB_WINDOW */
    uint16_t *marked;      /* owned; window and symbols; NULL: none were needed yet */
    size_t marked_made, marked_given;
    struct tb_codes codes;
    uint8_t input[INPUT_LEAST + INPUT_SIZE + TB_DEFLATE_BEHIND];
    uint8_t bytes[TB_WINDOW + ROOM + TB_DEFLATE_SLACK];
    uint8_t replacements[TB_WINDOW + 256]; /* of markers, then of bytes */
};

/* --- input ------------------------------------------------------------------ */

static uint64_t bit_position(const struct gzip_stream *stream)
{
    return 8 * stream->input_offset + tb_bits_position(&stream->bits, stream->input);
}

static const uint8_t *next_byte(const struct gzip_stream *stream)
{
    return stream->bits.next - stream->bits.count / 8;
}

static void stand_at(struct gzip_stream *stream, const uint8_t *data, unsigned bit)
{
    stream->bits = (struct tb_bits){.next = data};
    if (bit != 0)
        tb_bits_start(&stream->bits, data, bit);
}

static void seek(struct gzip_stream *stream, uint64_t bit)
{
    stream->raw->position = stream->input_offset = bit / 8;
    stream->input_end = stream->input;
    stream->exhausted = false;
    memset(stream->input, 0, TB_DEFLATE_BEHIND);
    stand_at(stream, stream->input, bit % 8);
}

/* Keeps what is left, and fetches more behind it. */
static enum tb_status fetch(struct gzip_stream *stream, struct tb_error *error)
{
    const uint64_t position = tb_bits_position(&stream->bits, stream->input);
    const size_t passed = (size_t)(position / 8), left = (size_t)(stream->input_end - stream->input) - passed;
    size_t got;
    memmove(stream->input, stream->input + passed, left);
    stream->input_offset += passed;
    stream->input_end = stream->input + left;
    const enum tb_status status = tb_raw_read(stream->raw, stream->input_end, INPUT_SIZE, &got, error);
    if (status != TB_OK)
        got = 0;
    stream->input_end += got;
    memset(stream->input_end, 0, TB_DEFLATE_BEHIND);
    stream->exhausted = status == TB_OK && got == 0;
    stand_at(stream, stream->input, position % 8);
    return status;
}

/* At least so many bytes from where the bits stand, unless the file ends before; INPUT_LEAST at most. */
static enum tb_status need(struct gzip_stream *stream, size_t count, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    while (status == TB_OK && !stream->exhausted &&
           stream->input_end - (stream->input + tb_bits_position(&stream->bits, stream->input) / 8) < (ptrdiff_t)count)
        status = fetch(stream, error);
    return status;
}

static enum tb_status truncated(const struct gzip_stream *stream, struct tb_error *error)
{
    return tb_error_set(error, TB_TRUNCATED, "%s: the gzip data ends early, at file offset %llu", stream->raw->name,
                        (unsigned long long)stream->raw->size);
}

static enum tb_status broken(const struct gzip_stream *stream, uint64_t offset, struct tb_error *error)
{
    return tb_error_set(error, TB_CORRUPT, "%s: broken gzip data near file offset %llu", stream->raw->name,
                        (unsigned long long)offset);
}

/* --- between members -------------------------------------------------------- */

static enum tb_status take_byte(struct gzip_stream *stream, uint8_t *byte, struct tb_error *error)
{
    const enum tb_status status = need(stream, 1, error);
    if (status != TB_OK)
        return status;
    if (next_byte(stream) == stream->input_end)
        return truncated(stream, error);
    *byte = *next_byte(stream);
    stand_at(stream, next_byte(stream) + 1, 0);
    return TB_OK;
}

static enum tb_status take_header_bytes(struct gzip_stream *stream, uint8_t *bytes, size_t count,
                                        struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < count && status == TB_OK; i++) {
        status = take_byte(stream, &bytes[i], error);
        if (status == TB_OK)
            stream->check = crc32_gzip_refl(stream->check, &bytes[i], 1);
    }
    return status;
}

static enum tb_status pass_header_text(struct gzip_stream *stream, struct tb_error *error)
{
    uint8_t byte = 1;
    enum tb_status status = TB_OK;
    while (byte != 0 && status == TB_OK)
        status = take_header_bytes(stream, &byte, 1, error);
    return status;
}

static enum tb_status pass_header_extra(struct gzip_stream *stream, struct tb_error *error)
{
    uint8_t size[2], byte;
    enum tb_status status = take_header_bytes(stream, size, sizeof size, error);
    for (unsigned left = status == TB_OK ? size[0] | (unsigned)size[1] << 8 : 0; left > 0 && status == TB_OK; left--)
        status = take_header_bytes(stream, &byte, 1, error);
    return status;
}

static enum tb_status pass_header_check(struct gzip_stream *stream, struct tb_error *error)
{
    const uint32_t check = stream->check & 0xffff;
    uint8_t told[2];
    const enum tb_status status = take_header_bytes(stream, told, sizeof told, error);
    if (status != TB_OK)
        return status;
    return (told[0] | (uint32_t)told[1] << 8) == check ? TB_OK : broken(stream, stream->member, error);
}

enum { HAS_HEADER_CHECK = 2, HAS_EXTRA = 4, HAS_NAME = 8, HAS_COMMENT = 16, RESERVED_FLAGS = 0xe0, DEFLATED = 8 };

static enum tb_status read_member_header(struct gzip_stream *stream, struct tb_error *error)
{
    uint8_t header[HEADER_SIZE];
    stream->check = 0;
    enum tb_status status = take_header_bytes(stream, header, sizeof header, error);
    if (status == TB_OK && (header[1] != 0x8b || header[2] != DEFLATED || (header[3] & RESERVED_FLAGS) != 0))
        status = broken(stream, stream->member, error);
    if (status == TB_OK && (header[3] & HAS_EXTRA) != 0)
        status = pass_header_extra(stream, error);
    if (status == TB_OK && (header[3] & HAS_NAME) != 0)
        status = pass_header_text(stream, error);
    if (status == TB_OK && (header[3] & HAS_COMMENT) != 0)
        status = pass_header_text(stream, error);
    if (status == TB_OK && (header[3] & HAS_HEADER_CHECK) != 0)
        status = pass_header_check(stream, error);
    stream->check = 0;
    stream->size = 0;
    stream->history = 0;
    stream->phase = PHASE_BLOCK;
    return status;
}

static void end_piece(struct gzip_stream *stream, struct tb_place place)
{
    stream->place = place;
    stream->phase = PHASE_ENDED;
}

/* Another member, or bytes that are none, which stay left. */
static enum tb_status begin_member(struct gzip_stream *stream, struct tb_error *error)
{
    const enum tb_status status = need(stream, 1, error);
    stream->member = bit_position(stream) / 8;
    if (status != TB_OK)
        return status;
    if (8 * stream->member >= stream->end_bit || next_byte(stream) == stream->input_end) {
        end_piece(stream, tb_place_between(stream->member));
        return TB_OK;
    }
    if (*next_byte(stream) != 0x1f)
        return tb_error_set(error, TB_CORRUPT, "%s: bytes after the gzip data at file offset %llu", stream->raw->name,
                            (unsigned long long)stream->member);
    return read_member_header(stream, error);
}

static uint32_t little_endian(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* The end of an inherited member is looked at by who has read its beginning. */
static enum tb_status read_trailer(struct gzip_stream *stream, struct tb_error *error)
{
    uint8_t trailer[TRAILER_SIZE] = {0};
    enum tb_status status = TB_OK;
    stand_at(stream, next_byte(stream), 0);
    const uint64_t offset = bit_position(stream) / 8;
    for (size_t i = 0; i < sizeof trailer && status == TB_OK; i++)
        status = take_byte(stream, &trailer[i], error);
    if (status != TB_OK)
        return status;
    stream->wanted_check = little_endian(trailer);
    stream->wanted_size = little_endian(trailer + 4);
    stream->phase = PHASE_MEMBER;
    if (stream->inherited) {
        stream->ends_inherited = true;
        stream->member = offset;
        return TB_OK;
    }
    if (stream->wanted_check != stream->check || stream->wanted_size != (uint32_t)stream->size)
        return broken(stream, offset, error);
    stream->member = offset + TRAILER_SIZE;
    return TB_OK;
}

/* --- blocks ----------------------------------------------------------------- */

static enum tb_status read_stored_size(struct gzip_stream *stream, struct tb_error *error)
{
    uint8_t sizes[4] = {0};
    enum tb_status status = TB_OK;
    stand_at(stream, next_byte(stream), 0);
    const uint64_t offset = bit_position(stream) / 8;
    for (size_t i = 0; i < sizeof sizes && status == TB_OK; i++)
        status = take_byte(stream, &sizes[i], error);
    if (status != TB_OK)
        return status;
    stream->stored_left = sizes[0] | (uint32_t)sizes[1] << 8;
    if ((stream->stored_left ^ 0xffff) != (sizes[2] | (uint32_t)sizes[3] << 8))
        return broken(stream, offset, error);
    stream->phase = PHASE_STORED;
    return TB_OK;
}

static enum tb_status read_block_header(struct gzip_stream *stream, struct tb_error *error)
{
    const enum tb_status status = need(stream, INPUT_LEAST, error);
    const uint64_t begin = bit_position(stream);
    if (status != TB_OK)
        return status;
    if (stream->exhausted && next_byte(stream) == stream->input_end && stream->bits.count % 8 == 0)
        return truncated(stream, error);
    if (begin >= stream->end_bit) {
        end_piece(stream, (struct tb_place){.bit = begin, .inside = true});
        return TB_OK;
    }
    const enum tb_block_kind kind = tb_deflate_header(&stream->bits, stream->input_end, &stream->codes, &stream->final);
    if (tb_bits_position(&stream->bits, stream->input) > 8 * (uint64_t)(stream->input_end - stream->input))
        return truncated(stream, error);
    if (kind == TB_BLOCK_BROKEN)
        return broken(stream, begin / 8, error);
    if (kind == TB_BLOCK_STORED)
        return read_stored_size(stream, error);
    stream->phase = PHASE_CODED;
    return TB_OK;
}

static void end_block(struct gzip_stream *stream)
{
    stream->phase = stream->final ? PHASE_TRAILER : PHASE_BLOCK;
}

static void put_stored(struct tb_deflate_output *output, const uint8_t *from, size_t count, bool marked)
{
    if (marked)
        for (size_t i = 0; i < count; i++)
            ((uint16_t *)output->next)[i] = from[i];
    else
        memcpy(output->next, from, count);
    output->next = (uint8_t *)output->next + (marked ? 2 * count : count);
}

static enum tb_status read_stored(struct gzip_stream *stream, struct tb_deflate_output *output, bool marked,
                                  struct tb_error *error)
{
    const enum tb_status status = need(stream, 1, error);
    if (status != TB_OK)
        return status;
    const uint8_t *const from = next_byte(stream);
    const size_t room = (size_t)((uint8_t *)output->end - (uint8_t *)output->next) / (marked ? 2 : 1);
    const size_t here = (size_t)(stream->input_end - from);
    size_t count = room < here ? room : here;
    count = count < stream->stored_left ? count : stream->stored_left;
    if (here == 0 && stream->stored_left != 0)
        return truncated(stream, error);
    put_stored(output, from, count, marked);
    stand_at(stream, from + count, 0);
    stream->stored_left -= (uint32_t)count;
    if (stream->stored_left == 0)
        end_block(stream);
    return TB_OK;
}

static enum tb_status read_coded(struct gzip_stream *stream, struct tb_deflate_output *output, bool marked,
                                 struct tb_error *error)
{
    const enum tb_status status = need(stream, TB_DEFLATE_BEHIND, error);
    if (status != TB_OK)
        return status;
    const enum tb_deflate_result result = (marked ? tb_deflate_marked : tb_deflate_bytes)(
        &stream->codes, &stream->bits, stream->input_end, stream->exhausted, output);
    if (result == TB_DEFLATE_BROKEN)
        return broken(stream, bit_position(stream) / 8, error);
    if (result == TB_DEFLATE_BLOCK_END)
        end_block(stream);
    else if (stream->exhausted && output->next < output->end)
        return truncated(stream, error);
    return TB_OK;
}

/* One step inside a member. */
static enum tb_status read_block(struct gzip_stream *stream, struct tb_deflate_output *output, bool marked,
                                 struct tb_error *error)
{
    if (stream->phase == PHASE_BLOCK)
        return read_block_header(stream, error);
    if (stream->phase == PHASE_STORED)
        return read_stored(stream, output, marked, error);
    return read_coded(stream, output, marked, error);
}

static bool is_in_block(const struct gzip_stream *stream)
{
    return stream->phase == PHASE_BLOCK || stream->phase == PHASE_STORED || stream->phase == PHASE_CODED;
}

static void fail(struct gzip_stream *stream, enum tb_status status)
{
    stream->status = status;
    end_piece(stream, tb_place_between(stream->member));
}

/* --- bytes ------------------------------------------------------------------ */

/* Of what is given only what a copy may be taken from stays. */
static void make_room(struct gzip_stream *stream)
{
    const size_t behind = stream->history + stream->made;
    memmove(stream->bytes, stream->bytes + stream->made, TB_WINDOW);
    stream->history = behind < TB_WINDOW ? behind : TB_WINDOW;
    stream->made = stream->given = 0;
}

static void note_bytes(struct gzip_stream *stream, const uint8_t *bytes, size_t count)
{
    stream->check = crc32_gzip_refl(stream->check, bytes, count);
    stream->size += count;
}

/* Until there is no more room, or the member or the piece ends. */
static enum tb_status make_bytes(struct gzip_stream *stream, struct tb_error *error)
{
    uint8_t *const first = stream->bytes + TB_WINDOW;
    enum tb_status status = TB_OK;
    struct tb_deflate_output output = {.begin = first - stream->history, .next = first, .end = first + ROOM};
    while (status == TB_OK && is_in_block(stream) && output.next < output.end)
        status = read_block(stream, &output, false, error);
    stream->made = (size_t)((uint8_t *)output.next - first);
    note_bytes(stream, first, stream->made);
    return status;
}

/* --- pieces that lack their window ------------------------------------------ */

static bool begin_marked(struct gzip_stream *stream)
{
    if (stream->marked == NULL)
        stream->marked = tb_huge_pages_make((TB_WINDOW + MARKED_MOST + TB_DEFLATE_SLACK) * sizeof *stream->marked);
    for (size_t i = 0; stream->marked != NULL && i < TB_WINDOW; i++)
        stream->marked[i] = (uint16_t)(TB_MARKER + i);
    return stream->marked != NULL;
}

/* A block or what there is room for. */
static bool gzip_speculate(void *state)
{
    struct gzip_stream *stream = state;
    if (!is_in_block(stream) || stream->marked_made >= MARKED_MOST ||
        (stream->marked_made == 0 && !begin_marked(stream)))
        return false;
    uint16_t *const first = stream->marked + TB_WINDOW;
    const size_t most = stream->marked_made + ROOM < MARKED_MOST ? stream->marked_made + ROOM : MARKED_MOST;
    struct tb_deflate_output output = {
        .begin = stream->marked, .next = first + stream->marked_made, .end = first + most};
    enum tb_status status = TB_OK;
    while (status == TB_OK && is_in_block(stream) && output.next < output.end)
        status = read_block(stream, &output, true, &stream->error);
    stream->marked_made = (size_t)((uint16_t *)output.next - first);
    if (status != TB_OK)
        fail(stream, status);
    return is_in_block(stream) && stream->marked_made < MARKED_MOST;
}

/* Markers lie above all bytes: one table has both, when numbers wrap. */
static void replace_markers(const struct gzip_stream *stream, const uint16_t *symbols, uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bytes[i] = stream->replacements[(uint16_t)(symbols[i] + TB_MARKER)];
}

static void gzip_begin(void *state, struct tb_place place, uint64_t end_bit);

/* A window that is not full means a member that has just begun: copies from before it must be told from others, so the piece
 * is begun again. */
static void gzip_supply(void *state, const uint8_t *window, size_t size)
{
    struct gzip_stream *stream = state;
    if (size < TB_WINDOW && stream->marked_made != 0)
        gzip_begin(stream, stream->begin, stream->end_bit);
    memcpy(stream->replacements + TB_WINDOW - size, window, size);
    for (size_t i = 0; i < 256; i++)
        stream->replacements[TB_WINDOW + i] = (uint8_t)i;
    if (stream->marked_made == 0)
        memcpy(stream->bytes, stream->replacements, TB_WINDOW);
    else
        replace_markers(stream, stream->marked + stream->marked_made, stream->bytes, TB_WINDOW);
    stream->history = size;
    stream->has_window = true;
}

static size_t give_marked(struct gzip_stream *stream, uint8_t *data, size_t size)
{
    const size_t left = stream->marked_made - stream->marked_given, count = size < left ? size : left;
    replace_markers(stream, stream->marked + TB_WINDOW + stream->marked_given, data, count);
    note_bytes(stream, data, count);
    stream->marked_given += count;
    return count;
}

static bool gzip_window(const void *state, uint8_t *window, size_t *size)
{
    const struct gzip_stream *stream = state;
    if (stream->phase != PHASE_ENDED || !stream->place.inside || !stream->has_window)
        return false;
    const size_t behind = stream->history + stream->made;
    *size = behind < TB_WINDOW ? behind : TB_WINDOW;
    memcpy(window, stream->bytes + TB_WINDOW + stream->made - *size, *size);
    return true;
}

/* --- the stream ------------------------------------------------------------- */

static void gzip_begin(void *state, struct tb_place place, uint64_t end_bit)
{
    struct gzip_stream *stream = state;
    seek(stream, place.bit);
    stream->begin = place;
    stream->end_bit = end_bit;
    stream->member = place.bit / 8;
    stream->phase = place.inside ? PHASE_BLOCK : PHASE_MEMBER;
    stream->inherited = place.inside;
    stream->has_window = !place.inside;
    stream->ends_inherited = false;
    stream->status = TB_OK;
    stream->check = 0;
    stream->size = 0;
    stream->history = stream->made = stream->given = 0;
    stream->marked_made = stream->marked_given = 0;
}

static enum tb_status gzip_start(struct tb_raw *raw, void **state, struct tb_error *error)
{
    struct gzip_stream *stream = malloc(sizeof *stream);
    if (stream == NULL)
        return tb_error_memory(error, "a gzip stream");
    stream->raw = raw;
    stream->marked = NULL;
    memset(stream->bytes, 0, TB_WINDOW);
    memset(stream->replacements, 0, TB_WINDOW);
    gzip_begin(stream, tb_place_between(0), UINT64_MAX);
    *state = stream;
    return TB_OK;
}

/* Until there is something to give. */
static void go_on(struct gzip_stream *stream)
{
    enum tb_status status = TB_OK;
    make_room(stream);
    while (status == TB_OK && stream->made == 0 && stream->phase != PHASE_ENDED && !stream->ends_inherited)
        if (stream->phase == PHASE_MEMBER)
            status = begin_member(stream, &stream->error);
        else if (stream->phase == PHASE_TRAILER)
            status = read_trailer(stream, &stream->error);
        else
            status = make_bytes(stream, &stream->error);
    if (status != TB_OK)
        fail(stream, status);
}

static size_t give(struct gzip_stream *stream, uint8_t *data, size_t size)
{
    if (stream->marked_given < stream->marked_made)
        return give_marked(stream, data, size);
    if (stream->given == stream->made)
        go_on(stream);
    const size_t left = stream->made - stream->given, count = size < left ? size : left;
    memcpy(data, stream->bytes + TB_WINDOW + stream->given, count);
    stream->given += count;
    return count;
}

static bool all_is_given(const struct gzip_stream *stream)
{
    return stream->marked_given == stream->marked_made && stream->given == stream->made;
}

static enum tb_status gzip_read(void *state, void *data, size_t size, size_t *got, struct tb_error *error)
{
    struct gzip_stream *stream = state;
    if (stream->ends_inherited) {
        stream->ends_inherited = stream->inherited = false;
        stream->member += TRAILER_SIZE;
    }
    *got = size == 0 ? 0 : give(stream, data, size);
    if (!all_is_given(stream) || stream->status == TB_OK)
        return TB_OK;
    const enum tb_status status = stream->status;
    if (error != NULL)
        *error = stream->error;
    stream->status = TB_OK;
    return status;
}

static uint64_t gzip_consumed(const void *state)
{
    const struct gzip_stream *stream = state;
    if (stream->phase == PHASE_ENDED)
        return stream->place.bit / 8;
    return stream->ends_inherited ? stream->member + TRAILER_SIZE : bit_position(stream) / 8;
}

static struct tb_place gzip_place(const void *state)
{
    return ((const struct gzip_stream *)state)->place;
}

static struct tb_joint gzip_joint(const void *state)
{
    const struct gzip_stream *stream = state;
    return (struct tb_joint){.inherited = stream->inherited,
                             .goes_on = stream->phase == PHASE_ENDED && stream->place.inside && all_is_given(stream),
                             .ends = stream->ends_inherited,
                             .member = stream->member,
                             .check = stream->check,
                             .size = stream->size,
                             .wanted_check = stream->wanted_check,
                             .wanted_size = stream->wanted_size,
                             .end = stream->member};
}

static enum tb_status gzip_join(struct tb_joint *before, const struct tb_joint *joint, const char *name,
                                struct tb_error *error)
{
    const uint64_t member = joint->inherited ? before->member : joint->member;
    uint32_t check = joint->check;
    uint64_t size = joint->size;
    if (joint->inherited) {
        check = tb_gzip_sum_join(before->check, check, size);
        size += before->size;
    }
    *before = (struct tb_joint){.member = member, .check = check, .size = size};
    if (!joint->ends || (check == joint->wanted_check && (uint32_t)size == joint->wanted_size))
        return TB_OK;
    return tb_error_set(error, TB_CORRUPT, "%s: broken gzip data near file offset %llu", name,
                        (unsigned long long)joint->end);
}

static void gzip_finish(void *state)
{
    struct gzip_stream *stream = state;
    free(stream->marked);
    free(stream);
}

/* --- search ----------------------------------------------------------------- */

static uint64_t gzip_search_inside(const uint8_t *data, size_t size, uint64_t limit)
{
    struct tb_codes codes;
    return tb_deflate_search(data, size, limit, &codes);
}

/* Of the whole member, as block gzip (BGZF) says in an extra field; 0: it does not. */
static size_t stated_size(const uint8_t *data, size_t size)
{
    if ((data[3] & HAS_EXTRA) == 0)
        return 0;
    size_t extra_end = HEADER_SIZE + 2 + (data[10] | (size_t)data[11] << 8);
    extra_end = extra_end < size ? extra_end : size;
    for (size_t at = HEADER_SIZE + 2; at + 4 <= extra_end;) {
        const size_t length = data[at + 2] | (size_t)data[at + 3] << 8;
        if (data[at] == 'B' && data[at + 1] == 'C' && length == 2 && at + 6 <= extra_end)
            return (data[at + 4] | (size_t)data[at + 5] << 8) + 1;
        at += 4 + length;
    }
    return 0;
}

static bool gzip_looks_begun(const uint8_t *data, size_t size)
{
    enum { LAST_SYSTEM = 13, UNKNOWN_SYSTEM = 255 };
    if (size < MEMBER_LEAST || data[0] != 0x1f || data[1] != 0x8b || data[2] != DEFLATED ||
        (data[3] & RESERVED_FLAGS) != 0)
        return false;
    const uint8_t effort = data[8];
    if ((effort != 0 && effort != 2 && effort != 4) || (data[9] > LAST_SYSTEM && data[9] != UNKNOWN_SYSTEM))
        return false;
    const size_t next = stated_size(data, size);
    return next == 0 || next + 2 > size || (data[next] == 0x1f && data[next + 1] == 0x8b);
}

const struct tb_source_kind tb_source_gzip = {
    .compression = TB_COMPRESSION_GZIP,
    .start = gzip_start,
    .begin = gzip_begin,
    .read = gzip_read,
    .consumed = gzip_consumed,
    .place = gzip_place,
    .finish = gzip_finish,
    .first_byte = 0x1f,
    .looks_begun = gzip_looks_begun,
    .search_inside = gzip_search_inside,
    .speculate = gzip_speculate,
    .supply = gzip_supply,
    .window = gzip_window,
    .joint = gzip_joint,
    .join = gzip_join,
};
