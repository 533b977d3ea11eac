/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SCAP_SCAP_BLOCKS_H
#define TWINBED_SCAP_SCAP_BLOCKS_H

/* Walks the blocks of a scap stream, whatever their content.
 *
 * A block stands whole in the reader's window until it is passed. Bytes that no
 * block claims are noted in the account as damaged, and the walk goes on at the
 * next place where two blocks follow each other. */

#include "twinbed/io/account.h"
#include "twinbed/io/source.h"

enum scap_block_kind {
    SCAP_FOREIGN, /* a type that scap does not have; may be skipped by its length */
    SCAP_SECTION,
    SCAP_PROCESSES,
    SCAP_DESCRIPTORS,
    SCAP_EVENT,
    SCAP_NOT_NEEDED /* machine, interfaces, users */
};

/* What a block type means. */
struct scap_block_meaning {
    uint8_t kind;         /* enum scap_block_kind */
    bool explicit_counts; /* the style of minor 2: events carry a parameter count, entries a length */
    bool flags;           /* events: flags stand after the cpu */
    bool large;           /* events: parameter lengths have 32 bits */
    uint8_t list_version; /* process lists: 1 .. 9 */
};

struct scap_block {
    const uint8_t *data; /* borrowed: the whole block; NULL when it was too long to hold and has been passed over */
    uint64_t length;
    uint64_t offset;
    const struct scap_block_meaning *meaning;
    bool gap; /* bytes before this block were lost */
};

struct scap_walker {
    struct tb_reader reader;
    struct tb_account *account; /* borrowed */
    bool swap;                  /* of the section at hand */
    bool gap;                   /* bytes were lost since the last block */
};

/* Block types 0x201 .. 0x222 in the order of their digits. */
enum { SCAP_FIRST_TYPE = 0x200, SCAP_MEANINGS = 0x23, SCAP_FRAME_SIZE = 12 };

extern const struct scap_block_meaning tb_scap_meanings[SCAP_MEANINGS];

/* The next block, whatever it is; TB_END at the end of the stream. */
TB_MUST_USE enum tb_status tb_scap_find_block(struct scap_walker *walker, struct scap_block *block,
                                              struct tb_error *error);

/* The usual case: a block of a known type stands whole in the window. */
static inline bool scap_block_is_ready(const struct scap_walker *walker, struct scap_block *block)
{
    const struct tb_reader *const reader = &walker->reader;
    if (reader->available < SCAP_FRAME_SIZE || walker->gap)
        return false;
    const uint32_t place = tb_load_u32(reader->data, walker->swap) - SCAP_FIRST_TYPE;
    const uint32_t length = tb_load_u32(reader->data + 4, walker->swap);
    if (place >= SCAP_MEANINGS || tb_scap_meanings[place].kind == SCAP_FOREIGN || length < SCAP_FRAME_SIZE ||
        length % 4 != 0 || length > reader->available || tb_load_u32(reader->data + length - 4, walker->swap) != length)
        return false;
    block->data = reader->data;
    block->length = length;
    block->offset = reader->offset;
    block->meaning = &tb_scap_meanings[place];
    block->gap = false;
    return true;
}

/* The next block; TB_END at the end of the stream. The block before must have been passed. */
TB_MUST_USE static inline enum tb_status scap_next_block(struct scap_walker *walker, struct scap_block *block,
                                                         struct tb_error *error)
{
    return scap_block_is_ready(walker, block) ? TB_OK : tb_scap_find_block(walker, block, error);
}

/* Moves past a block and notes where its bytes went. */
static inline void scap_pass_block(struct scap_walker *walker, const struct scap_block *block, uint64_t *where)
{
    if (block->data != NULL)
        tb_reader_pass(&walker->reader, block->length);
    *where += block->length;
}

/* Moves on to the first place before offset limit where a block seems to start and another to follow it; TB_END
 * without one. Blocks of more than 256 KiB are not found. */
TB_MUST_USE enum tb_status tb_scap_find_start(struct scap_walker *walker, uint64_t limit, struct tb_error *error);

/* The byte order that a section header block tells; false when it is no section header. */
bool tb_scap_section_order(const uint8_t *block, bool *swap);

#endif
