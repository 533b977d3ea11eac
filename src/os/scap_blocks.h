/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_OS_SCAP_BLOCKS_H
#define TWINBED_OS_SCAP_BLOCKS_H

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
    struct scap_block_meaning meaning;
    bool gap; /* bytes before this block were lost */
};

struct scap_walker {
    struct tb_reader reader;
    struct tb_account *account; /* borrowed */
    bool swap;                  /* of the section at hand */
    bool gap;                   /* bytes were lost since the last block */
};

struct scap_block_meaning scap_block_meaning(uint32_t type);

/* The next block; TB_END at the end of the stream. The block before must have been passed. */
TB_MUST_USE enum tb_status scap_next_block(struct scap_walker *walker, struct scap_block *block,
                                           struct tb_error *error);

/* Moves past a block and notes where its bytes went. */
void scap_pass_block(struct scap_walker *walker, const struct scap_block *block, uint64_t *where);

/* The byte order that a section header block tells; false when it is no section header. */
bool scap_section_order(const uint8_t *block, bool *swap);

#endif
