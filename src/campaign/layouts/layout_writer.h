/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CAMPAIGN_LAYOUT_WRITER_H
#define TWINBED_CAMPAIGN_LAYOUT_WRITER_H

/* What the writers of manifests from directory layouts share: listings in a
 * fixed order, and texts quoted so that they load again as they were (layouts.c). */

#include <stdbool.h>
#include <stdio.h>

#include "campaign/manifest/arena.h"
#include "twinbed/base/status.h"
#include "twinbed/campaign/layouts.h"

/* Names of a directory; they live in the arena. */
struct layout_names {
    const char **items;
    size_t count;
};

/* Artifacts that a file's name gives away. */
enum layout_file_kind {
    LAYOUT_FILE_OTHER,
    LAYOUT_FILE_AB,
    LAYOUT_FILE_LATENCY,
    LAYOUT_FILE_CAPTURE,
    LAYOUT_FILE_TRACE
};
bool tb_layout_ends_with(const char *text, const char *end);
enum layout_file_kind tb_layout_file_kind(const char *name);

/* The names in a directory, in natural order, without hidden ones; directories
 * only, or all. A directory that cannot be opened is empty. */
TB_MUST_USE enum tb_status tb_layout_list(struct arena *arena, const char *path, bool directories_only,
                                          struct layout_names *names, struct tb_error *error);

bool tb_layout_is_listed(const struct layout_names *names, const char *name);

/* Prints a text of UTF-8 in double quotes, with escapes for what YAML lets stand in no text or breaks lines at. With
 * is_pattern braces are doubled, so that the text is no pattern with fields. */
void tb_layout_print_text(FILE *output, const char *text, bool is_pattern);

/* One writer per layout (layout_que.c, layout_scorch.c, layout_miniccc.c); directory is absolute. */
TB_MUST_USE enum tb_status tb_layout_write_que(const char *directory, const struct tb_layout_processes *processes,
                                               struct arena *arena, FILE *output, struct tb_error *error);
TB_MUST_USE enum tb_status tb_layout_write_scorch(const char *directory, const struct tb_layout_processes *processes,
                                                  struct arena *arena, FILE *output, struct tb_error *error);
TB_MUST_USE enum tb_status tb_layout_write_miniccc(const char *directory, const struct tb_layout_processes *processes,
                                                   struct arena *arena, FILE *output, struct tb_error *error);

#endif
