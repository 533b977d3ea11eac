/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CHECKPOINT_PARTS_H
#define TWINBED_CHECKPOINT_PARTS_H

/* Parts: the durable, exact result of one finished artifact.
 *
 * OUTPUT.parts/ holds one file a part, named by a hash of its key. The key is a
 * text that says what was decoded (path, size, time of change, format version of
 * parts, and those settings that change what is decoded); it is stored in the
 * part and compared whole. A part is written beside its final name and renamed,
 * so a job that is killed leaves no half part. It is not synced: a checksum
 * (XXH3, 128 bits) covers it, and one that does not hold is as good as absent. So
 * a machine that loses power costs the parts that its system had not yet written
 * (on Linux those of the last half minute), which are decoded again; a sync of
 * each part cost more than decoding a small file. No function here is
 * collective; several threads and ranks may work in one directory. The lock of an
 * output is in lock.c. */

#include <stdbool.h>

#include "twinbed/base/bytes.h"
#include "twinbed/base/status.h"

/* Creates the directory when it is absent. */
TB_MUST_USE enum tb_status tb_parts_prepare(const char *directory, struct tb_error *error);

/* Writes a part. TB_INPUT_OUTPUT (also a full disk). */
TB_MUST_USE enum tb_status tb_part_save(const char *directory, const char *key, const struct tb_buffer *content,
                                        struct tb_error *error);

/* Reads a part into content (which must be empty; the caller frees it).
 * TB_NOT_FOUND when there is none, or a broken one, or one of another key. */
TB_MUST_USE enum tb_status tb_part_load(const char *directory, const char *key, struct tb_buffer *content,
                                        struct tb_error *error);

/* True when a whole part of that key is there, its checksum included. */
bool tb_part_exists(const char *directory, const char *key);

/* Removes the directory and every part in it; files that are no parts stay, and
 * then so does the directory. */
TB_MUST_USE enum tb_status tb_parts_remove(const char *directory, struct tb_error *error);

/* One job at a time owns an output: creates OUTPUT.lock exclusively and keeps it under flock until tb_output_unlock; a process
 * has one output at a time. It says host, process, Slurm job, boot and start. TB_CONFLICT names who holds it and says what to
 * do. Taken over, with a line that says so, is a lock whose owner is gone: one of this machine that the kernel says is not
 * held, or of an earlier start of the same Slurm job. */
TB_MUST_USE enum tb_status tb_output_lock(const char *output, struct tb_error *error);
void tb_output_unlock(const char *output);

#endif
