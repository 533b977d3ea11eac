/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_TRACE_FILES_H
#define TWINBED_TRACE_TRACE_FILES_H

/* The files of one trace whose program wrote one for each process: strace -ff -ttt -o FILE writes FILE.PID. */

#include <stddef.h>

#include "twinbed/base/status.h"
#include "twinbed/io/source.h"

/* Opens them as one source (paths[0] to paths[count - 1], count at least 1, those of one trace): the text that
 * strace -f would have written, line by line in the order of time, of equal times in the order of paths, each with the
 * process id that the file's name ends with (before ".gz" or ".zst"). A line without a time stands behind the one before it.
 * Memory as tb_source_open_merged has it.
 *
 * Reads the beginning of each. TB_UNSUPPORTED for a file whose name does not end with a process id, or that does not begin
 * with a line that has an absolute time; so for several files that are no such texts. Else fails as tb_source_open_merged. One file
 * is opened as tb_source_open does, and not looked at. Not collective. On TB_OK *source is the caller's to close. */
TB_MUST_USE enum tb_status tb_trace_open_files(const char *const *paths, size_t count, struct tb_source **source,
                                               struct tb_error *error);

#endif
