/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_IO_ACCOUNT_H
#define TWINBED_IO_ACCOUNT_H

/* Where the bytes of one artifact went, and what was wrong with it.
 *
 * decoded + skipped + damaged = stream_bytes: every byte of the file (of the
 * decompressed stream, when it is compressed) stands in exactly one of them.
 * For a compressed file consumed + left = file_bytes as well. */

#include <stdbool.h>
#include <stdint.h>

#include "twinbed/base/archive.h"
#include "twinbed/base/status.h"
#include "twinbed/base/words.h"

#define TB_DAMAGE_WORDS(WORD)                                                                                          \
    WORD(TB_DAMAGE_NONE, none)                                                                                         \
    WORD(TB_DAMAGE_TRUNCATED, truncated)   /* ends inside a record; all before it is whole */                          \
    WORD(TB_DAMAGE_CORRUPT, corrupt)       /* bytes that no record claims, or a broken compressed stream */            \
    WORD(TB_DAMAGE_UNREADABLE, unreadable) /* nothing could be decoded: wrong kind, empty, no permission */
enum tb_damage { TB_DAMAGE_WORDS(TB_WORD_ENUMERATOR) };

enum { TB_DAMAGE_REASON_SIZE = 240 };

struct tb_account {
    uint64_t stream_bytes; /* size of the plain file or of the decompressed stream */
    uint64_t decoded;      /* bytes of records that were decoded */
    uint64_t skipped;      /* bytes of whole records of kinds not needed, and padding */
    uint64_t damaged;      /* bytes that no record claims */
    uint64_t file_bytes;   /* size on disk */
    uint64_t consumed;     /* compressed: bytes of the file the decompressor used */
    uint64_t left;         /* compressed: bytes after the last whole member or frame, or unread */
    bool compressed;
    enum tb_damage damage;
    uint64_t damage_offset;             /* in the stream, of the first damaged byte */
    char reason[TB_DAMAGE_REASON_SIZE]; /* one sentence; empty without damage */
};

/* Records damage: the first one keeps its offset and reason, the worst its kind. */
void tb_account_damage(struct tb_account *account, enum tb_damage damage, uint64_t offset, const char *format, ...)
    TB_PRINTF(4, 5);

/* True when the rule above holds. */
bool tb_account_balances(const struct tb_account *account);

/* "none", "truncated", "corrupt", "unreadable". */
const char *tb_damage_name(enum tb_damage damage);

/* As part of what is described (base/archive.h), and alone. */
void tb_account_describe(struct tb_archive *archive, struct tb_account *account);
void tb_account_pack(const struct tb_account *account, struct tb_buffer *buffer);
TB_MUST_USE bool tb_account_unpack(struct tb_account *account, struct tb_bytes *bytes);

#endif
