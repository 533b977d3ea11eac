/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CHECKPOINT_PART_FILE_H
#define TWINBED_CHECKPOINT_PART_FILE_H

/* Names and heads of the files that hold parts. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xxhash.h>

#include "twinbed/base/bytes.h"
#include "twinbed/base/status.h"

enum {
    TB_PART_HASH_SIZE = 16,
    TB_PART_NAME_SIZE = 2 * TB_PART_HASH_SIZE, /* of a part's name, in hexadecimal */
};
#define TB_PART_SUFFIX ".part"
#define TB_PART_PARTIAL_MARK ".partial-"

void tb_part_hash_canonical(XXH128_hash_t hash, uint8_t *bytes);

/* "DIRECTORY/HASH.part"; the caller frees it. */
char *tb_part_path(const char *directory, const char *key);

/* The same for a name that no other thread, process, host or earlier try has. */
char *tb_part_partial_path(const char *directory, const char *key);

struct tb_part_content {
    uint64_t size;
    uint8_t hash[TB_PART_HASH_SIZE]; /* XXH3 of it */
};

/* What stands before the content, the key included. Its size depends on the key
 * alone. False when memory is short. */
TB_MUST_USE bool tb_part_pack_head(const char *key, const struct tb_part_content *content, struct tb_buffer *head);

/* A part whose head holds. */
struct tb_open_part {
    int file;
    uint64_t content_at;
    struct tb_part_content content;
};

/* TB_NOT_FOUND when there is none of that key with a head that holds and a content
 * of the size it names. On TB_OK the caller closes part->file. */
TB_MUST_USE enum tb_status tb_part_open_file(const char *path, const char *key, struct tb_open_part *part,
                                             struct tb_error *error);

/* TB_NOT_FOUND, with that reason. */
enum tb_status tb_part_broken(const char *path, const char *reason, struct tb_error *error);

#endif
