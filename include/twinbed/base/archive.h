/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_BASE_ARCHIVE_H
#define TWINBED_BASE_ARCHIVE_H

/* A structure as bytes and back, described once.
 *
 * An archive has a direction: it writes into a tb_buffer or reads from a
 * tb_bytes. Every function below moves one thing in that direction, so that a
 * structure needs one function that names its fields in their order:
 *
 *     static void describe_window(struct tb_archive *archive, struct window *window)
 *     {
 *         tb_archive_u64(archive, &window->skip);
 *         tb_archive_u64(archive, &window->limit);
 *         tb_archive_require(archive, window->skip <= MOST);
 *     }
 *
 * Writing stores nothing into what is described: it may be a copy of a constant
 * structure, and its pointers may lead to shared memory.
 *
 * Reading holds against any bytes. It goes into zeroed memory. What does not
 * fit, and what tb_archive_require refuses, sets failed; from then on nothing is
 * read, and fields keep what they hold. So a description needs no checks of its
 * own but where it uses what it has read, as an index or as the end of a loop:
 * there it looks at failed first. Whatever was allocated hangs in the structure,
 * whose owner frees it as any other.
 *
 * Integers are little-endian, a bool is a byte that is 0 or 1, an enum is a byte. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/bytes.h"

struct tb_archive {
    struct tb_buffer *out; /* borrowed; NULL: reading */
    struct tb_bytes in;    /* what is left to be read */
    bool failed;           /* the bytes cannot be what is described, or memory is short; never while writing */
};

/* Appends to buffer, whose own failed tells whether memory was short. */
struct tb_archive tb_archive_writer(struct tb_buffer *buffer);
/* Reads from a view, which tb_archive_end moves. */
struct tb_archive tb_archive_reader(const struct tb_bytes *bytes);
/* Moves the view behind what was read. False, and the view stays, when something failed. */
TB_MUST_USE bool tb_archive_end(const struct tb_archive *archive, struct tb_bytes *bytes);

static inline bool tb_archive_reads(const struct tb_archive *archive)
{
    return archive->out == NULL;
}

/* Fails an archive that reads unless good. */
static inline void tb_archive_require(struct tb_archive *archive, bool good)
{
    archive->failed = archive->failed || (tb_archive_reads(archive) && !good);
}

void tb_archive_u8(struct tb_archive *archive, uint8_t *value);
void tb_archive_u16(struct tb_archive *archive, uint16_t *value);
void tb_archive_u32(struct tb_archive *archive, uint32_t *value);
void tb_archive_u64(struct tb_archive *archive, uint64_t *value);
void tb_archive_i64(struct tb_archive *archive, int64_t *value);
void tb_archive_f64(struct tb_archive *archive, double *value);
void tb_archive_bool(struct tb_archive *archive, bool *value);
/* A u64; SIZE_MAX, as an index that there is none, stays what it is on every host. */
void tb_archive_size(struct tb_archive *archive, size_t *value);
/* An enum, below limit, which is 256 at most. */
void tb_archive_enum(struct tb_archive *archive, unsigned *value, unsigned limit);
/* As they are, size of them. */
void tb_archive_bytes(struct tb_archive *archive, void *data, size_t size);

/* A text without NUL inside: u32 length and its bytes. Reading allocates it; NULL is written as "". */
void tb_archive_text(struct tb_archive *archive, char **text);
/* The same in an array of size chars, of which the last is NUL. */
void tb_archive_text_field(struct tb_archive *archive, char *field, size_t size);
/* The same with a u8 length; size is 256 at most. */
void tb_archive_short_text(struct tb_archive *archive, char *field, size_t size);

/* How many things follow that take packed_least bytes (1 or more) each: a u64.
 * Reading refuses more than the bytes left can hold; *count stays then. */
void tb_archive_count(struct tb_archive *archive, size_t *count, size_t packed_least);
/* The length of an array, which is such a count. items points to a pointer of any
 * object type. Reading allocates *count zeroed items of item_size bytes, never
 * NULL. The items are for the caller to describe. */
void tb_archive_array(struct tb_archive *archive, void *items, size_t *count, size_t item_size, size_t packed_least);
/* The same of an array as long as something that was described and checked before: no length is written. */
void tb_archive_items(struct tb_archive *archive, void *items, size_t count, size_t item_size);

/* An integer in as many bytes as it needs, seven bits a byte, lowest first
 * (unsigned LEB128): ten at most. Most have one. */
void tb_archive_long_leb128(struct tb_archive *archive, uint64_t *value);
static inline void tb_archive_leb128(struct tb_archive *archive, uint64_t *value)
{
    enum { LONG = 0x80 };
    struct tb_buffer *const out = archive->out;
    struct tb_bytes *const in = &archive->in;
    if (out != NULL && *value < LONG && out->size < out->capacity) {
        out->data[out->size++] = (uint8_t)*value;
    } else if (out == NULL && !archive->failed && in->left > 0 && in->data[0] < LONG) {
        *value = *in->data++;
        in->left--;
    } else {
        tb_archive_long_leb128(archive, value);
    }
}

/* Several fields of one type, in the order they are named in. */
void tb_archive_u64_list(struct tb_archive *archive, uint64_t *const *values, size_t count);
void tb_archive_f64_list(struct tb_archive *archive, double *const *values, size_t count);
void tb_archive_leb128_list(struct tb_archive *archive, uint64_t *const *values, size_t count);
/* Up to eight, the bits of a byte from the lowest on; reading refuses other bits. */
void tb_archive_flag_list(struct tb_archive *archive, bool *const *flags, size_t count);

#define TB_ARCHIVE_LIST(move, archive, type, ...)                                                                      \
    move((archive), (type *const[]){__VA_ARGS__}, sizeof((type *const[]){__VA_ARGS__}) / sizeof(type *))
#define TB_ARCHIVE_U64S(archive, ...) TB_ARCHIVE_LIST(tb_archive_u64_list, archive, uint64_t, __VA_ARGS__)
#define TB_ARCHIVE_F64S(archive, ...) TB_ARCHIVE_LIST(tb_archive_f64_list, archive, double, __VA_ARGS__)
#define TB_ARCHIVE_LEB128S(archive, ...) TB_ARCHIVE_LIST(tb_archive_leb128_list, archive, uint64_t, __VA_ARGS__)
#define TB_ARCHIVE_FLAGS(archive, ...) TB_ARCHIVE_LIST(tb_archive_flag_list, archive, bool, __VA_ARGS__)

/* Defines NAME_pack and NAME_unpack of a struct NAME. A structure that cannot be
 * unpacked stays as it was, and so does the view; release(struct NAME *) frees
 * what was unpacked of it. */
#define TB_ARCHIVE_OWNER_FUNCTIONS(NAME, describe, release)                                                            \
    void NAME##_pack(const struct NAME *value, struct tb_buffer *buffer)                                               \
    {                                                                                                                  \
        struct tb_archive archive = tb_archive_writer(buffer);                                                         \
        struct NAME copy = *value;                                                                                     \
        describe(&archive, &copy);                                                                                     \
    }                                                                                                                  \
    bool NAME##_unpack(struct NAME *value, struct tb_bytes *bytes)                                                     \
    {                                                                                                                  \
        struct tb_archive archive = tb_archive_reader(bytes);                                                          \
        struct NAME read = {0};                                                                                        \
        describe(&archive, &read);                                                                                     \
        if (!archive.failed)                                                                                           \
            *value = read;                                                                                             \
        else                                                                                                           \
            release(&read);                                                                                            \
        return tb_archive_end(&archive, bytes);                                                                        \
    }

/* The same for one that owns nothing. */
#define TB_ARCHIVE_FUNCTIONS(NAME, describe) TB_ARCHIVE_OWNER_FUNCTIONS(NAME, describe, (void))

#endif
