/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_IO_SOURCE_KIND_H
#define TWINBED_SRC_IO_SOURCE_KIND_H

/* What a kind of source must offer, and the raw bytes below the decompressors. */

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

struct tb_source_kind {
    enum tb_compression compression;
    /* Allocates the state of a stream that starts at the raw bytes' beginning. */
    enum tb_status (*start)(struct tb_raw *raw, void **state, struct tb_error *error);
    enum tb_status (*read)(void *state, void *data, size_t size, size_t *got, struct tb_error *error);
    /* Raw bytes that whole members or frames, or the part used of a broken one, took. */
    uint64_t (*consumed)(const void *state);
    void (*finish)(void *state);
};

extern const struct tb_source_kind tb_source_gzip;
extern const struct tb_source_kind tb_source_zstd;

/* Lets a decompressor that has given nothing yet work in a thread of its own, a bounded number of blocks (2 MiB) ahead.
 * *state becomes that of the kind that comes back, with which all goes on as before. Where there is no memory or thread
 * for it, kind comes back and *state stays. */
const struct tb_source_kind *tb_start_beside(const struct tb_source_kind *kind, void **state);

#endif
