/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CAMPAIGN_PATTERN_H
#define TWINBED_CAMPAIGN_PATTERN_H

/* Path patterns with named fields: "{testbed}/{size}-c{clients}/rep-{rep}".
 *
 * A field matches one or more characters inside one path component, of its
 * type, shortest first. "{{" stands for a brace. Where wildcards are allowed
 * (artifacts), * matches any characters and ? one. */

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

/* Fields are numbered by their owner (manifest.h). */
enum { PATTERN_MOST_PARTS = 24, PATTERN_MOST_NAME = 255 };

/* Text; a field; * (any characters); ? (one). */
enum pattern_part_kind { PART_LITERAL, PART_FIELD, PART_ANY, PART_ONE };

/* A piece of a component: text, a field, or a wildcard. */
struct pattern_part {
    enum pattern_part_kind kind;
    const char *text; /* of a literal; of a field its name */
    size_t length;
    size_t field;
};

/* What stands between two slashes. */
struct pattern_component {
    struct pattern_part *parts;
    size_t part_count;
};

/* A parsed pattern. It and all it refers to live in the arena. */
struct pattern {
    const char *text;
    bool absolute;
    bool has_fields;
    struct pattern_component *components;
    size_t component_count;
};

/* Gives the number of the field called name; false when there is none. */
typedef bool pattern_resolve(void *context, const char *name, size_t *field);

/* Parses text; everything lives in the arena. Gives NULL on success, else what
 * is wrong with the pattern ("" when memory ran out). */
const char *tb_pattern_parse(const char *text, bool wildcards, pattern_resolve *resolve, void *context,
                             struct arena *arena, struct pattern *pattern);
/* Whether the field stands anywhere in the pattern, or in one component of it. */
bool tb_pattern_has_field(const struct pattern *pattern, size_t field);
bool tb_component_has_field(const struct pattern_component *component, size_t field);

/* Says whether length bytes of text may be a level of the field. */
typedef bool pattern_accept(const void *context, size_t field, const char *text, size_t length);

/* Part of a text. */
struct span {
    size_t begin;
    size_t length;
};

/* Reads name by the component. bound[field], where not NULL, is the only text
 * that field may have. Gives the number of readings that differ in a field: 0,
 * 1, or 2 for more than one. readings[i][part] is what each part took in
 * reading i. */
unsigned tb_component_match(const struct pattern_component *component, const char *name, const char *const *bound,
                            pattern_accept *accept, const void *context, struct span readings[2][PATTERN_MOST_PARTS]);

/* The text of a component or pattern with the bound fields filled in and the
 * others left as they were written. NULL when memory is short. */
char *tb_component_fill(const struct pattern_component *component, const char *const *bound, struct arena *arena);
/* True when nothing in the component is open: no wildcard, no field without a bound text. */
bool tb_component_is_closed(const struct pattern_component *component, const char *const *bound);

/* directory/name, where leading "../" of name, "." and "" cancel as they should by their text. */
char *tb_path_join(struct arena *arena, const char *directory, const char *name);

#endif
