/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_RESULTS_SCHEMA_H
#define TWINBED_RESULTS_SCHEMA_H

/* Every dataset of a results file, as one table: path, type, dimensions, unit,
 * sentence. The rows stand in fields.def, and nowhere else; those of the sides of
 * flows in twinbed/flow/flow_counters.def. The writer creates what stands there
 * and nothing else; docs/results.md is printed from it.
 *
 * Each dimension has a scale of its own at the root of the file: an int32
 * dataset 0 .. size - 1 with the dimension's name. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/packet/encapsulations.h"

enum tb_dimension {
#define DIMENSION(NAME, name, sentence) TB_DIMENSION_##NAME,
#include "twinbed/results/fields.def"
    TB_DIMENSIONS
};

enum { TB_FIELD_RANK_MAX = 3 };

enum tb_type {
    TB_TYPE_INT32,
    TB_TYPE_INT64,   /* counts that can pass 2^31; -1 where the sentence says so */
    TB_TYPE_FLOAT64, /* NaN marks a missing value */
    TB_TYPE_TEXT     /* UTF-8, variable length, never NULL */
};

/* TB_FIELD_RUN_NAME, ..., TB_FIELD_FLOW_CLIENT_packets, ... */
enum tb_field {
#define FIELD(NAME, path, type, dimensions, unit, sentence) TB_FIELD_##NAME,
#define FLAGS(NAME, path, dimensions, sentence, words) TB_FIELD_##NAME,
#include "twinbed/results/fields.def"
    TB_FIELDS
};

/* The values that a field may have; see fields.def. Of texts: what is UTF-8. */
enum tb_domain {
    TB_DOMAIN_ANY,
    TB_DOMAIN_COUNT,          /* 0 or more; -1; INT32: at most 2^28 */
    TB_DOMAIN_INDEX,          /* 0 .. size of the target - 1 */
    TB_DOMAIN_INDEX_OR_NONE,  /* the same; -1 */
    TB_DOMAIN_FLAG,           /* as many as there are words */
    TB_DOMAIN_YES_NO,         /* 0, 1 */
    TB_DOMAIN_YES_NO_UNKNOWN, /* 0, 1; -1 */
    TB_DOMAIN_MARGIN          /* finite, 0 or more */
};

struct tb_field_description {
    const char *path; /* "group/name" */
    enum tb_type type;
    enum tb_domain domain;
    enum tb_dimension target; /* of an index: whose rows its values count; TB_DIMENSIONS for all other fields */
    unsigned rank;            /* 1 .. TB_FIELD_RANK_MAX */
    enum tb_dimension dimensions[TB_FIELD_RANK_MAX];
    const char *unit;     /* "" when the values have none or a column beside them names it */
    const char *sentence; /* what it is */
    const char *flags;    /* words for the values 0, 1, 2, ... separated by spaces; NULL when they are no flags */
};

struct tb_dimension_description {
    const char *name;
    const char *sentence;
};

/* Borrowed, constant. */
const struct tb_field_description *tb_field_describe(enum tb_field field);
const struct tb_dimension_description *tb_dimension_describe(enum tb_dimension dimension);
/* Items that a dimension may have: INT32_MAX, as indexes into it are int32. Nothing is an index into flows, which may be as
 * many as HDF5 can tell (INT64_MAX). */
uint64_t tb_dimension_most(enum tb_dimension dimension);
/* A dimension without rows that is not in the file, nor are its fields: the two hundred columns of flows. */
bool tb_dimension_may_be_absent(enum tb_dimension dimension);

/* What the words of a flag (tb_field_description.flags) say of a value: *length bytes of static text, with no zero behind
 * them. NULL where no word says anything of it, or words is NULL. */
const char *tb_flag_word(const char *words, int32_t value, size_t *length);

/* Bytes of one value: 4 or 8; for text the size of a pointer. */
size_t tb_type_size(enum tb_type type);

/* The least and the greatest integer that a field may hold, where the dimensions have these sizes; the greatest is
 * less than the least where it may hold none, as an index into an empty table. Integer fields only. */
struct tb_value_range {
    int64_t least, greatest;
};
struct tb_value_range tb_field_range(enum tb_field field, const uint64_t sizes[TB_DIMENSIONS]);

#endif
