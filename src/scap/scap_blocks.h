/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SCAP_SCAP_BLOCKS_H
#define TWINBED_SCAP_SCAP_BLOCKS_H

/* Walks the blocks of a scap stream, whatever their content.
 *
 * A scap file is a sequence of blocks, framed as in pcapng: a type of 32 bits, a length of 32 bits
 * that counts the whole block, a body, padding to 4 bytes, and the length again.
 *
 *       | type | length |  body ...  padding  | length |
 *       0      4        8                     length - 4
 *
 * A block stands whole in the reader's window until it is passed. Bytes that no block claims are
 * noted in the account as damaged, and the walk goes on at the next place where two blocks follow
 * each other. So damage costs bytes, never the walk; after it gap says that something is missing.
 *
 * Order: scap_next_block, then look at the block (scap_event.h, scap_processes.h), then
 * scap_pass_block, and again until TB_END. One walker is used by one thread at a time. Source of
 * the format: libscap of sysdig and Falco (falcosecurity/libs, userspace/libscap/scap_savefile.h);
 * block types are SCAP_FIRST_TYPE and above. */

#include "twinbed/io/account.h"
#include "twinbed/io/source.h"

/* What a block is for. */
enum scap_block_kind {
    SCAP_FOREIGN, /* a type that scap does not have; may be skipped by its length */
    /* A section header, as pcapng has it: what follows stands on its own, and may be in another
     * byte order. */
    SCAP_SECTION,
    SCAP_PROCESSES,   /* A list of threads. */
    SCAP_DESCRIPTORS, /* What the descriptors of one thread stood for. */
    SCAP_EVENT,       /* One event. */
    SCAP_NOT_NEEDED   /* Known, but of no use here: machine, interfaces, users. */
};

/* What a block type means; a row of a table that never changes. */
struct scap_block_meaning {
    uint8_t kind;         /* enum scap_block_kind */
    bool explicit_counts; /* the style of minor 2: events carry a parameter count, entries a length */
    bool flags;           /* Of events: flags of 32 bits stand after the number of the processor. */
    bool large; /* Of events: lengths of parameters have 32 bits, so such a block may be longer than is held. */
    uint8_t list_version; /* process lists: 1 .. 9 */
};

/* A block that was found. */
struct scap_block {
    /* Borrowed until the reader moves: the whole block with its frame. NULL when it was too long to
     * hold (64 MiB), and was passed over already. */
    const uint8_t *data;
    uint64_t length;                          /* Bytes of the whole block, a multiple of 4. */
    uint64_t offset;                          /* In the stream, of its first byte. */
    const struct scap_block_meaning *meaning; /* Never NULL. */
    bool gap;                                 /* bytes before this block were lost */
};

/* Where the walk stands. Set account and start the reader; zero the rest. */
struct scap_walker {
    struct tb_reader reader; /* The window. Who walks may look at it between blocks. */
    /* Borrowed; damaged bytes and the first damage go there. Other bytes go where scap_pass_block
     * is told. */
    struct tb_account *account;
    bool swap; /* Of the section at hand: numbers are in the other byte order. */
    bool gap;  /* Bytes were lost since the last block; the next one will say so. */
};

/* Block types 0x201 .. 0x222, by what is above SCAP_FIRST_TYPE. SCAP_FRAME_SIZE: type and both
 * lengths, the least that a block has. */
enum { SCAP_FIRST_TYPE = 0x200, SCAP_MEANINGS = 0x23, SCAP_FRAME_SIZE = 12 };

/* By block type less SCAP_FIRST_TYPE. */
extern const struct scap_block_meaning tb_scap_meanings[SCAP_MEANINGS];

/* The next block, whatever it is, of any length and after any damage; TB_END at the end of the
 * stream. A stream that broke (a cut gzip file, say) is noted as damage, and ends; other failures
 * of reading are returned. */
TB_MUST_USE enum tb_status tb_scap_find_block(struct scap_walker *walker, struct scap_block *block,
                                              struct tb_error *error);

/* The usual case: a block of a known type stands whole in the window, and nothing was lost before
 * it. Else false, and nothing has changed. */
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

/* Moves past a block and adds its bytes to the counter that where points to. A block that was
 * passed over is only counted. */
static inline void scap_pass_block(struct scap_walker *walker, const struct scap_block *block, uint64_t *where)
{
    if (block->data != NULL)
        tb_reader_pass(&walker->reader, block->length);
    *where += block->length;
}

/* Moves on to the first place before offset limit where a block seems to start and another to
 * follow it; TB_END without one. Blocks of more than 256 KiB are not found, so that few bytes are
 * read for nothing. The reader should stand at a multiple of 4. Bytes passed are in no account. */
TB_MUST_USE enum tb_status tb_scap_find_start(struct scap_walker *walker, uint64_t limit, struct tb_error *error);

/* The byte order that a section header block tells; false when it is no section header. */
bool tb_scap_section_order(const uint8_t *block, bool *swap);

#endif
