/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_ARTIFACT_KINDS_H
#define TWINBED_SRC_DECODE_ARTIFACT_KINDS_H

/* The table of kinds of artifacts. What reads, keeps, looks at or accounts for an artifact asks its row, so a new kind is
 * a row and its functions (and a name and a key in the campaign file, which the campaign's room knows). */

#include "artifact.h"

/* A row of the table. Functions that may be NULL say so; read, pack, unpack and account are there
 * for every kind. */
struct artifact_kind {
    /* What a file of the kind is, for "this is ..., not ...". */
    const char *is;
    /* What its parts say of its format, where that is the same for every file; NULL: the reader says. */
    const char *format;
    bool names_compression; /* parts say of the format how the file is compressed, too */
    bool directory;         /* there is no one file to be opened */
    bool whole;             /* its beginning alone cannot be read */

    /* Whether a stream begins as this kind does; NULL: its reader alone can tell. */
    bool (*recognise)(const uint8_t *data, size_t size);
    /* What decides what is decoded, beside file and settings; NULL: nothing. cuts may be NULL. */
    void (*add_key)(const struct decoding *decoding, size_t artifact, const struct trace_cuts *cuts,
                    struct tb_buffer *key);
    /* Fills content, of which the kind is set, and on TB_OK its format unless the row says it. */
    enum tb_status (*read)(struct reading *reading, struct artifact_content *content, struct tb_error *error);
    void (*pack)(const struct artifact_content *content, struct tb_buffer *buffer);
    bool (*unpack)(struct artifact_content *content, struct tb_bytes *bytes);
    const struct tb_account *(*account)(const struct artifact_content *content);
    void (*free)(struct artifact_content *content); /* NULL: it owns nothing */

    /* Whether other parts that belong to the artifact's are there, too; NULL: there are none. */
    bool (*is_complete)(const struct decoding *decoding, size_t artifact);
    /* What the ranks of a team do while its lead reads, until it dismisses them; NULL: one rank reads. first: the whole is
     * read, not cuts. begins: room for twice one more than the team's ranks. */
    void (*follow)(const struct decoding *decoding, size_t artifact, bool first, const struct tb_team *team,
                   uint64_t *begins);
    /* What to say of such a file instead of its format; NULL: the format. */
    void (*describe)(const struct artifact_content *content, char text[TB_FORMAT_TEXT_SIZE]);
};

/* The row of a kind, which is constant. */
const struct artifact_kind *tb_artifact_kind_at(enum tb_artifact_kind kind);

/* Frees what a content of any kind owns. */
void tb_artifact_content_free(struct artifact_content *content);
/* The account of bytes of a content, borrowed from it. */
const struct tb_account *tb_artifact_account(const struct artifact_content *content);

#endif
