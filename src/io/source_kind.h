/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_IO_SOURCE_KIND_H
#define TWINBED_SRC_IO_SOURCE_KIND_H

/* What a kind of source must offer, and the raw bytes below the decompressors (source.c). */

#include "twinbed/io/source.h"

/* Raw bytes of a file or of memory, in order. */
struct tb_raw {
    int file;              /* descriptor, or -1 for memory */
    const uint8_t *memory; /* borrowed */
    uint64_t size;
    uint64_t position; /* bytes given so far */
    char *name;        /* owned */
};

TB_MUST_USE enum tb_status tb_raw_read(struct tb_raw *raw, void *data, size_t size, size_t *got,
                                       struct tb_error *error);

/* Where the next read of a plain source begins. */
void tb_source_move(struct tb_source *source, uint64_t offset);

/* As tb_source_read_ahead, in pieces of any size. */
void tb_source_decompress_pieces(struct tb_source *source, int threads, uint64_t piece_least);
/* NULL for a plain source. */
struct tb_packed *tb_source_packed(struct tb_source *source);

/* Room that each read of a decompressor is given. It is always as much: how many bytes zstd gives before damage, and where that
 * is said to be, depends on it. For the same reason its raw bytes are fetched in pieces that begin at multiples of as much. */
enum { TB_BLOCK_ROOM = 256 << 10 };

/* Where a piece begins or ends: between members, at a whole byte, or inside one. */
struct tb_place {
    uint64_t bit; /* of the raw bytes */
    bool inside;
};

static inline bool tb_place_is(struct tb_place left, struct tb_place right)
{
    return left.bit == right.bit && left.inside == right.inside;
}

static inline struct tb_place tb_place_between(uint64_t offset)
{
    return (struct tb_place){.bit = 8 * offset};
}

/* What those who have not read a member from its beginning must have of what is before, to go on. */
enum { TB_WINDOW_MOST = 32 << 10 };

/* Memory of what is decompressed without that. */
enum { TB_SPECULATED_MOST = 8 << 20 };

/* How a member that several pieces share comes together: of what was given since the piece began, or since the member did when
 * that was later. */
struct tb_joint {
    bool inherited;  /* the member began in an earlier piece */
    bool goes_on;    /* the piece ended, and the member did not */
    bool ends;       /* it is inherited, and ends here */
    uint64_t member; /* the raw offset where it began, unless it is inherited */
    uint32_t check;  /* its check sum */
    uint64_t size;
    uint32_t wanted_check, wanted_size; /* when it ends: what its own end says */
    uint64_t end;                       /* raw offset of that */
};

/* A decompressor. A member is what a compressed file is put together from: a gzip member or a zstd frame. */
struct tb_source_kind {
    enum tb_compression compression;
    /* Allocates the state of a stream that starts at the raw bytes' beginning. raw is the stream's alone. */
    enum tb_status (*start)(struct tb_raw *raw, void **state, struct tb_error *error);
    /* Goes on where a member begins, or inside one, as a stream does that has come there, and ends at the first place where
     * another piece can begin that is at or behind a bit. */
    void (*begin)(void *state, struct tb_place place, uint64_t end_bit);
    /* size is TB_BLOCK_ROOM. What is given never crosses the end of a member. */
    enum tb_status (*read)(void *state, void *data, size_t size, size_t *got, struct tb_error *error);
    /* Raw offset behind what whole members, or the part used of a broken one, took. */
    uint64_t (*consumed)(const void *state);
    /* Where a stream that has ended has come to. */
    struct tb_place (*place)(const void *state);
    void (*finish)(void *state);
    /* The first byte of a member, and whether one may begin with the bytes that are there. */
    uint8_t first_byte;
    bool (*looks_begun)(const uint8_t *data, size_t size);
    /* What follows is of kinds whose pieces may begin inside a member; NULL for others. Such a piece lacks the window, the
     * bytes before it. */
    /* The bit of data in [0, limit) where a piece may begin; limit if none. TB_SEARCH_BEHIND bytes behind can be read. */
    uint64_t (*search_inside)(const uint8_t *data, size_t size, uint64_t limit);
    /* Decompresses on as far as that goes without the window. False when it goes no further. */
    bool (*speculate)(void *state);
    /* Tells the window, of up to TB_WINDOW_MOST bytes; before anything is read. */
    void (*supply)(void *state, const uint8_t *window, size_t size);
    /* The window behind a piece that ended inside a member; its size. False while that is not known. */
    bool (*window)(const void *state, uint8_t *window, size_t *size);
    /* Of what was read last: whether a member goes on or ends there that several pieces share. */
    struct tb_joint (*joint)(const void *state);
    /* Adds to what is known of the pieces before, and when the member ends holds it against that. */
    enum tb_status (*join)(struct tb_joint *before, const struct tb_joint *joint, const char *name,
                           struct tb_error *error);
};

extern const struct tb_source_kind tb_source_gzip;
extern const struct tb_source_kind tb_source_zstd;

#endif
