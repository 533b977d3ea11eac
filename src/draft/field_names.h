/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DRAFT_FIELD_NAMES_H
#define TWINBED_SRC_DRAFT_FIELD_NAMES_H

/* What people call things in names of directories and files. */

#include <stdbool.h>
#include <stddef.h>

#include "campaign/manifest/arena.h"

/* What the letters before a number stand for: "clients" for c, "rep" for run; NULL when they are not known. */
const char *tb_field_name_known(const char *hint);
/* The name of a field from any text: lower case, letters, digits and _; NULL when memory is short. */
const char *tb_field_name_make(struct arena *arena, const char *text);
/* Things that are counted are the unit of their number: "clients"; "" for others. */
const char *tb_field_name_unit(const char *name);
/* A word that says what a file is, not which run it is of: ab, link, output. */
bool tb_field_name_is_of_file(const char *text, size_t length);
/* How sure it is that the text names a testbed: 2 for the word itself, 1 where it stands in it, 0 not at all. */
unsigned tb_testbed_name_score(const char *text);
/* Whether the testbed is one without an emulated device, which others are compared with as a rule: higher for surer. */
unsigned tb_baseline_name_score(const char *text);

#endif
