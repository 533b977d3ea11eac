/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The schema as data: rows of fields.def, names of dimensions, sizes of types. */
#include "twinbed/results/schema.h"

#include <stdint.h>
#include <string.h>

#include "twinbed/campaign/campaign.h"
#include "twinbed/flow/flow.h"
#include "twinbed/io/account.h"
#include "twinbed/metrics/absence.h"
#include "twinbed/metrics/checks.h"
#include "twinbed/results/flags.h"
#include "twinbed/stats/comparison.h"
#include "twinbed/stats/sensitivity.h"

static const struct tb_dimension_description dimensions[TB_DIMENSIONS] = {
#define DIMENSION(NAME, name, sentence) {name, sentence},
#include "twinbed/results/fields.def"
};

#define D1(a)                                                                                                          \
    1,                                                                                                                 \
    {                                                                                                                  \
        TB_DIMENSION_##a                                                                                               \
    }
#define D2(a, b)                                                                                                       \
    2,                                                                                                                 \
    {                                                                                                                  \
        TB_DIMENSION_##a, TB_DIMENSION_##b                                                                             \
    }
#define D3(a, b, c)                                                                                                    \
    3,                                                                                                                 \
    {                                                                                                                  \
        TB_DIMENSION_##a, TB_DIMENSION_##b, TB_DIMENSION_##c                                                           \
    }

#define WORDS TB_WORDS

enum tb_domain_of_type {
    DOMAIN_OF_INT32 = TB_DOMAIN_COUNT,
    DOMAIN_OF_INT64 = TB_DOMAIN_COUNT,
    DOMAIN_OF_FLOAT64 = TB_DOMAIN_ANY,
    DOMAIN_OF_TEXT = TB_DOMAIN_ANY
};

/* Where the target is no dimension, the field is no index. */
static const struct tb_field_description fields[TB_FIELDS] = {
#define FIELD(NAME, path, type, dimensions, unit, sentence)                                                            \
    {path, TB_TYPE_##type, (enum tb_domain)DOMAIN_OF_##type, TB_DIMENSIONS, dimensions, unit, sentence, NULL},
#define NUMBER(NAME, path, type, dimensions, unit, sentence)                                                           \
    {path, TB_TYPE_##type, TB_DOMAIN_ANY, TB_DIMENSIONS, dimensions, unit, sentence, NULL},
#define MARGIN(NAME, path, dimensions, unit, sentence)                                                                 \
    {path, TB_TYPE_FLOAT64, TB_DOMAIN_MARGIN, TB_DIMENSIONS, dimensions, unit, sentence, NULL},
#define FLAGS(NAME, path, dimensions, sentence, words)                                                                 \
    {path, TB_TYPE_INT32, TB_DOMAIN_FLAG, TB_DIMENSIONS, dimensions, "1", sentence, words},
#define INDEX(NAME, path, dimensions, target, sentence)                                                                \
    {path, TB_TYPE_INT32, TB_DOMAIN_INDEX, TB_DIMENSION_##target, dimensions, "1", sentence, NULL},
#define INDEX_OR_NONE(NAME, path, dimensions, target, sentence)                                                        \
    {path, TB_TYPE_INT32, TB_DOMAIN_INDEX_OR_NONE, TB_DIMENSION_##target, dimensions, "1", sentence, NULL},
#define YES_NO(NAME, path, dimensions, sentence)                                                                       \
    {path, TB_TYPE_INT32, TB_DOMAIN_YES_NO, TB_DIMENSIONS, dimensions, "1", sentence, NULL},
#define YES_NO_UNKNOWN(NAME, path, dimensions, sentence)                                                               \
    {path, TB_TYPE_INT32, TB_DOMAIN_YES_NO_UNKNOWN, TB_DIMENSIONS, dimensions, "1", sentence, NULL},
#include "twinbed/results/fields.def"
};

const struct tb_field_description *tb_field_describe(enum tb_field field)
{
    return &fields[field];
}

const struct tb_dimension_description *tb_dimension_describe(enum tb_dimension dimension)
{
    return &dimensions[dimension];
}

uint64_t tb_dimension_most(enum tb_dimension dimension)
{
    return dimension == TB_DIMENSION_FLOW ? INT64_MAX : INT32_MAX;
}

bool tb_dimension_may_be_absent(enum tb_dimension dimension)
{
    return dimension == TB_DIMENSION_FLOW;
}

size_t tb_type_size(enum tb_type type)
{
    switch (type) {
    case TB_TYPE_INT32:
        return sizeof(int32_t);
    case TB_TYPE_INT64:
    case TB_TYPE_FLOAT64:
        return sizeof(int64_t);
    case TB_TYPE_TEXT:
        break;
    }
    return sizeof(char *);
}

const char *tb_flag_word(const char *words, int32_t value, size_t *length)
{
    const char *word = words;
    for (int32_t i = 0; word != NULL && i < value; i++) {
        word = strchr(word, ' ');
        if (word != NULL)
            word++;
    }
    if (word != NULL)
        *length = strcspn(word, " ");
    return value < 0 ? NULL : word;
}

static int64_t count_words(const char *words)
{
    int32_t count = 0;
    size_t length;
    while (tb_flag_word(words, count, &length) != NULL)
        count++;
    return count;
}

static struct tb_value_range range_of_all(enum tb_type type)
{
    return type == TB_TYPE_INT32 ? (struct tb_value_range){INT32_MIN, INT32_MAX}
                                 : (struct tb_value_range){INT64_MIN, INT64_MAX};
}

struct tb_value_range tb_field_range(enum tb_field field, const uint64_t sizes[TB_DIMENSIONS])
{
    const struct tb_field_description *description = tb_field_describe(field);
    const struct tb_value_range all = range_of_all(description->type);
    switch (description->domain) {
    case TB_DOMAIN_COUNT:
        /* A few 32-bit counts make a 32-bit sum. */
        return (struct tb_value_range){-1, description->type == TB_TYPE_INT32 ? 1 << 28 : all.greatest};
    case TB_DOMAIN_INDEX:
        return (struct tb_value_range){0, (int64_t)sizes[description->target] - 1};
    case TB_DOMAIN_INDEX_OR_NONE:
        return (struct tb_value_range){-1, (int64_t)sizes[description->target] - 1};
    case TB_DOMAIN_FLAG:
        return (struct tb_value_range){0, count_words(description->flags) - 1};
    case TB_DOMAIN_YES_NO:
        return (struct tb_value_range){0, 1};
    case TB_DOMAIN_YES_NO_UNKNOWN:
        return (struct tb_value_range){-1, 1};
    case TB_DOMAIN_MARGIN:
    case TB_DOMAIN_ANY:
        break;
    }
    return all;
}
