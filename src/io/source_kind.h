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

/* Reads up to size bytes at the position and moves it; fewer only at the end, where *got is 0. */
TB_MUST_USE enum tb_status tb_raw_read(struct tb_raw *raw, void *data, size_t size, size_t *got,
                                       struct tb_error *error);

/* Where the next read of a plain source begins. */
void tb_source_move(struct tb_source *source, uint64_t offset);

/* As tb_source_read_ahead, in pieces of any size. */
void tb_source_decompress_pieces(struct tb_source *source, int threads, uint64_t piece_least);
/* NULL for a plain source. */
struct tb_packed *tb_source_packed(struct tb_source *source);

/* Room that each read of a decompressor is given. It is always as much: how many bytes come before damage, and where that is
 * said to be, depends on it. For the same reason raw bytes are fetched in pieces that begin at multiples of as much. */
enum { TB_BLOCK_ROOM = 256 << 10 };

/* A decompressor. A member is what a compressed file is put together from: a gzip member or a zstd frame. */
struct tb_source_kind {
    enum tb_compression compression;
    /* Allocates the state of a stream that starts at the raw bytes' beginning. raw is the stream's alone. */
    enum tb_status (*start)(struct tb_raw *raw, void **state, struct tb_error *error);
    /* Goes on at an offset where a member begins, as a stream does that has come there, and ends where the first member
     * ends at or behind end. */
    void (*begin)(void *state, uint64_t offset, uint64_t end);
    /* size is TB_BLOCK_ROOM, or less of a stream of which only the beginning is wanted. What is given never crosses the end of a member. */
    enum tb_status (*read)(void *state, void *data, size_t size, size_t *got, struct tb_error *error);
    /* Raw offset behind what whole members, or the part used of a broken one, took. */
    uint64_t (*consumed)(const void *state);
    void (*finish)(void *state);
    /* The first byte of a member, and whether one may begin with the bytes that are there. */
    uint8_t first_byte;
    bool (*looks_begun)(const uint8_t *data, size_t size);
};

/* Several files as one stream. */
struct tb_files_kind {
    /* As tb_source_read, from a position; only where the last read ended unless the stream is plain. */
    enum tb_status (*read)(void *state, uint64_t position, void *data, size_t size, size_t *got,
                           struct tb_error *error);
    /* The same files, at their beginning. */
    enum tb_status (*open_again)(const void *state, void **again, struct tb_error *error);
    enum tb_compression (*compression)(const void *state);
    /* Bytes of the stream when it is plain; else bytes on disk. */
    uint64_t (*size)(const void *state);
    /* Of a stream that is not plain: stored bytes that were used so far. */
    uint64_t (*consumed)(const void *state);
    /* As tb_source_read_ahead. */
    void (*read_ahead)(void *state, int threads);
    void (*free)(void *state);
};

/* Both, in joined.c and merged.c. */
extern const struct tb_files_kind tb_files_joined;
extern const struct tb_files_kind tb_files_merged;

/* The two kinds, in gzip.c and zstd.c. */
extern const struct tb_source_kind tb_source_gzip;
extern const struct tb_source_kind tb_source_zstd;

#endif
