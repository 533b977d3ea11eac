/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_BASE_NEW_FILE_H
#define TWINBED_BASE_NEW_FILE_H

#include "twinbed/base/status.h"

/* Creates an empty regular file for writing and gives its descriptor, or -1. What a job that was killed left under the name
 * is removed first. Nothing that stands there is followed or opened: a symbolic link is removed, not its target, and a
 * FIFO cannot keep the caller waiting. The caller closes it. -1: error holds TB_INPUT_OUTPUT and why; it may be NULL. Not
 * collective. */
TB_MUST_USE int tb_new_file(const char *path, struct tb_error *error);

#endif
