/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CHECKPOINT_PARTS_H
#define TWINBED_CHECKPOINT_PARTS_H

/* Parts: the durable, exact result of one finished artifact, or a block of one.
 *
 * A directory of parts holds volumes, one for each process that ever wrote there: files to which parts are appended. So a
 * campaign of ten thousand runs has as many files as its jobs had ranks. A part is found by its key, a text that says what
 * was decoded (path, size, time of change, version of parts, and those settings that change what is decoded); it is stored
 * with the part and compared whole. A process that is killed leaves one part at most that is not whole, the last of its
 * volume. Volumes are not synced: a checksum (XXH3, 128 bits) covers each part, and one that does not hold is as good as
 * absent. So a machine that loses power costs the parts that its system had not yet written (on Linux those of the last half
 * minute), which are decoded again; a sync of each part cost more than decoding a small file.
 *
 * Who looks into the directories is one process, at the start of a job; what it finds, and what each adds, is told to the
 * others in texts that tb_parts_pack_new makes: on a thousand ranks nobody lists directories, or asks a file system for
 * what is not there. No function here is collective. Several threads may use one tb_parts, several processes one
 * directory. The lock of an output is in lock.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/bytes.h"
#include "twinbed/base/status.h"

struct tb_parts; /* opaque */

/* Parts that are looked for in count directories, at least one, and written to the first. Touches no file. On TB_OK *parts is
 * the caller's to close. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_parts_open(const char *const *directories, size_t count, struct tb_parts **parts,
                                         struct tb_error *error);
/* Accepts NULL. */
void tb_parts_close(struct tb_parts *parts);

/* Where parts are written; borrowed. */
const char *tb_parts_directory(const struct tb_parts *parts);

/* Creates the first directory when it is absent, and learns what all of them hold; of equal keys the latest part counts.
 * What is broken is passed over. TB_INPUT_OUTPUT when a directory cannot be made or listed; TB_MEMORY. */
TB_MUST_USE enum tb_status tb_parts_find(struct tb_parts *parts, struct tb_error *error);

/* Parts that are known, whole or not. */
uint64_t tb_parts_count(struct tb_parts *parts);

/* Appends what this process found or saved since the last call, for tb_parts_take_new of others, which may be on other
 * machines: what was saved can be read there from now on. */
void tb_parts_pack_new(struct tb_parts *parts, struct tb_buffer *buffer);
/* Several of these, one behind the other; the own one may be among them. TB_INTERNAL when they do not unpack; TB_MEMORY. */
TB_MUST_USE enum tb_status tb_parts_take_new(struct tb_parts *parts, struct tb_bytes bytes, struct tb_error *error);

/* Writes a part. TB_INPUT_OUTPUT (also a full disk): then nothing is left of it. */
TB_MUST_USE enum tb_status tb_part_save(struct tb_parts *parts, const char *key, const struct tb_buffer *content,
                                        struct tb_error *error);

/* Reads a part into content (which must be empty; the caller frees it).
 * TB_NOT_FOUND when none is known, or it is broken or gone. */
TB_MUST_USE enum tb_status tb_part_load(struct tb_parts *parts, const char *key, struct tb_buffer *content,
                                        struct tb_error *error);

/* True when a whole part of that key is there, its checksum included. */
bool tb_part_exists(struct tb_parts *parts, const char *key);

/* One job at a time owns an output: creates OUTPUT.lock exclusively and keeps it under flock until tb_output_unlock; a process
 * has one output at a time. It says host, process, Slurm job, boot and start. TB_CONFLICT names who holds it and says what to
 * do. Taken over, with a line that says so, is a lock whose owner is gone: one of this machine that the kernel says is not
 * held, or of an earlier start of the same Slurm job. */
TB_MUST_USE enum tb_status tb_output_lock(const char *output, struct tb_error *error);
void tb_output_unlock(const char *output);

#endif
