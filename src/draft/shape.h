/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DRAFT_SHAPE_H
#define TWINBED_SRC_DRAFT_SHAPE_H

/* What the paths of runs have in common, and what differs from run to run: patterns with fields, as a campaign file has
 * them. Names of one level that are put together alike have one form: "500B-c4" and "1MB-c10". Runs whose names have the
 * same forms, level by level, make one item. */

#include <stdbool.h>
#include <stddef.h>

#include "campaign/manifest/arena.h"
#include "tokens.h"
#include "twinbed/base/status.h"
#include "twinbed/draft/draft.h"

/* Bounds: runs whose names are put together in more ways have no shape. */
enum {
    SHAPE_MOST_LEVELS = 34,
    SHAPE_MOST_FORMS = 32,
    SHAPE_MOST_ITEMS = 64,
    SHAPE_MOST_FIELDS = 32,
    SHAPE_MOST_FLAGS = 8
};

/* Where a run lies. */
struct shape_run {
    size_t root;
    const char *path; /* directory or file below the root; "." the root itself */
    size_t item;      /* set by tb_shape_find */
};

/* One token of the names of a form. */
struct shape_column {
    struct token token; /* of the first name */
    bool varies;
    bool is_field;
    enum tb_factor_type type;
    const char *hint; /* what it may be called: letters before it, or the word before; "" for none */
    const char *unit; /* what stands behind the number; "" for none */
};

/* How names of one level are put together. */
struct shape_form {
    struct shape_column columns[TOKENS_MOST];
    size_t column_count;
    const char *tail;
    bool whole; /* the whole name is one text: a field when it varies */
};

/* What differs in the names of an item: a field of its pattern. */
struct shape_field {
    size_t level, column;
    const char *name;
    enum tb_factor_type type;
    const char *unit;
    const char *example; /* a level, as it stands in a name */
    size_t example_length;
};

/* Runs under one pattern. */
struct shape_item {
    size_t root;
    size_t level_count;
    bool is_file; /* a run is a file */
    const struct shape_form *forms[SHAPE_MOST_LEVELS];
    struct shape_field fields[SHAPE_MOST_FIELDS];
    size_t field_count;
    const char *testbed;          /* when no field is one */
    bool flags[SHAPE_MOST_FLAGS]; /* whether the words of the shape's flags stand in its names */
    const struct shape_run *first;
    size_t run_count;
};

/* All items that were found. */
struct shape {
    struct shape_item *items; /* in the arena */
    size_t item_count;
    const char *flags[SHAPE_MOST_FLAGS]; /* words that tell items apart; boolean factors */
    size_t flag_count;
    bool too_many;            /* the runs have so many forms that patterns would say nothing */
    const char *testbed_said; /* how the testbed was found, for people */
    const char *repetition_said;
    struct arena *arena; /* borrowed */
};

/* Finds the items; runs of the same root stand together. files: runs are files. testbeds[root], when not NULL, is that of
 * all its runs; names[root] is what a testbed is called that nothing in the tree tells. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_shape_find(struct shape *shape, struct shape_run *runs, size_t count, bool files,
                                         const char *const *testbeds, const char *const *names, struct tb_error *error);

/* Components of a path; the texts are borrowed or live in the arena. "." has none. False when memory is short or there
 * are too many. */
bool tb_path_split(struct arena *arena, const char *path, const char *components[SHAPE_MOST_LEVELS], size_t *count);

/* The field that a column of an item is; NULL: none. */
const struct shape_field *tb_shape_field_at(const struct shape_item *item, size_t level, size_t column);

#endif
