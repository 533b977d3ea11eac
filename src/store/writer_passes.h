/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_STORE_WRITER_PASSES_H
#define TWINBED_STORE_WRITER_PASSES_H

#include "twinbed/store/writer.h"

/* Lowers the bytes that one rank writes in one collective call, the same on
 * every rank, so that tests see several of them. */
void tb_writer_limit_passes(struct tb_writer *writer, uint64_t bytes);

#endif
