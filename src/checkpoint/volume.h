/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CHECKPOINT_VOLUME_H
#define TWINBED_CHECKPOINT_VOLUME_H

/* Files that hold parts, one behind the other.
 *
 *       | head: key, sizes, digests | content | head | content | ...
 *
 * Only one process appends to a volume, any may read it. A part that was not written whole, or has
 * changed since, is found out by its digests, and is then not there; those behind it are found by
 * looking for heads. parts.c knows which part is where. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/bytes.h"
#include "twinbed/base/containers.h"
#include "twinbed/base/status.h"

#define TB_VOLUME_SUFFIX ".volume"

/* Appends a part at size, which is the end of an open volume, and moves it. On failure the volume ends where it did, if the
 * file system allows that, and is to be closed: what it would be written to next is not its end. */
TB_MUST_USE enum tb_status tb_volume_append(int file, const char *path, uint64_t *size, const char *key,
                                            const struct tb_buffer *content, struct tb_error *error);

/* The content of the part at offset, if it has that key, into content, which must be empty. TB_NOT_FOUND when there is no
 * whole part of that key. */
TB_MUST_USE enum tb_status tb_volume_read(const char *path, uint64_t offset, const char *key, struct tb_buffer *content,
                                          struct tb_error *error);

/* Whether the part at offset is whole and has that key. Memory does not depend on its size. */
bool tb_volume_holds(const char *path, uint64_t offset, const char *key);

/* Tells found of the part at each offset whose head holds, in the order of the file; false ends the search. What is broken is
 * passed over. TB_INPUT_OUTPUT; TB_MEMORY, also when found wants no more. */
typedef bool tb_volume_found(void *context, struct tb_key key, uint64_t offset);
/* Tells found of the part at each offset whose head holds, in the order of the file; false ends the
 * search. What is broken is passed over. TB_INPUT_OUTPUT; TB_MEMORY, also when found wants no more. */
TB_MUST_USE enum tb_status tb_volume_search(const char *path, tb_volume_found *found, void *context,
                                            struct tb_error *error);

#endif
