/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_IO_READ_AHEAD_H
#define TWINBED_SRC_IO_READ_AHEAD_H

/* Decompressors in threads of their own, beside the reader of their stream.
 *
 * A compressed file is taken in pieces, each by one decompressor. Where a piece begins is found by search (member_search.h)
 * and only a guess; it ends where the first member ends at or behind the beginning of the next piece. What comes of it
 * waits in blocks, a bounded number for each decompressor. The reader takes the pieces in file order. It knows where the
 * piece before really ended: a piece that began there holds. One that did not is thrown away and begun again there, or,
 * when the one before went past it, not at all. So a wrong guess costs time, never the result, and damage is found from
 * where the members before it really ended. Where no beginning is found for a long way, the piece is decompressed by one
 * thread alone until its member ends. */

#include <pthread.h>

#include "member_search.h"
#include "packed.h"

/* Bytes of a block: two reads of a decompressor. */
enum { BLOCK_SIZE = 2 * TB_BLOCK_ROOM };
/* At most for each decompressor; one that is alone needs less to be ahead. */
enum { BLOCKS_MOST = TB_DECOMPRESSED_AHEAD / BLOCK_SIZE, BLOCKS_ALONE = 8 };

/* What some calls of a decompressor gave. */
struct block {
    struct block *next;
    size_t size;
    enum tb_status status;
    struct tb_error error;
    uint64_t consumed; /* of the file, then */
    bool last;         /* of the piece */
    uint8_t data[BLOCK_SIZE];
};

struct read_ahead;

/* One thread, its piece, and the blocks that it has filled. All but raw, state and view is used
 * under the mutex of read_ahead. */
struct decompressor {
    struct read_ahead *ahead;
    struct tb_raw raw; /* with a position of its own */
    void *state;       /* owned; the thread's alone while it runs */
    pthread_t thread;
    pthread_cond_t wake;  /* there is room, or a piece, or something else to do */
    bool holds;           /* a piece, until the reader has passed it */
    bool begins;          /* the piece is to be begun, at once */
    bool ended;           /* the piece's last block is filled */
    uint64_t begin, end;  /* of the piece */
    struct block *filled; /* in order, to be read */
    struct block *last;
    struct block *unused;
    size_t blocks; /* that were allocated */
    uint8_t view[TB_SEARCH_VIEW];
};

/* What is known of where the piece behind all others begins. */
enum next_piece {
    NEXT_FOUND,    /* at next_begin, and may be taken */
    NEXT_SEARCHED, /* the one at next_begin was taken; the one behind it is being searched for */
    NEXT_OPEN,     /* only when the last one has ended */
};

/* What is between the decompressors and the reader. All but size and piece_least is used under the mutex. */
struct read_ahead {
    const struct tb_source_kind *kind;
    uint64_t size; /* of the file */
    uint64_t piece_least;
    int count; /* decompressors */
    pthread_mutex_t mutex;
    pthread_cond_t filled; /* the first piece has another block, or there is a first piece */
    bool closing;
    struct tb_pieces pieces_passed; /* the reader's */
    enum next_piece next;
    uint64_t next_begin;
    int held;                                                  /* pieces */
    struct decompressor *pieces[TB_DECOMPRESSORS_MOST];        /* in file order */
    struct decompressor *decompressors[TB_DECOMPRESSORS_MOST]; /* owned */
};

/* Empties and refills a block from where the decompressor stands. */
void tb_block_fill(struct block *block, const struct tb_source_kind *kind, void *state);

/* Starts up to count decompressors at the beginning of the file; returns how many there are, which may be none. To be
 * stopped in any case. */
int tb_read_ahead_start(struct read_ahead *ahead, const struct tb_source_kind *kind, const struct tb_raw *raw,
                        int count, uint64_t piece_least);

/* The next block of the stream, of which all before the offset proven is read, as a beginning of a member. */
const struct block *tb_read_ahead_take(struct read_ahead *ahead, uint64_t proven);
/* The block that was taken has been read. */
void tb_read_ahead_release(struct read_ahead *ahead);

/* Ends the threads. */
void tb_read_ahead_stop(struct read_ahead *ahead);

#endif
