/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/results/schema.h"

#include <stdint.h>

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

static const struct tb_field_description fields[TB_FIELDS] = {
#define FIELD(NAME, path, type, dimensions, unit, sentence)                                                            \
    {path, TB_TYPE_##type, dimensions, unit, sentence, NULL, TB_DIMENSIONS},
#define FLAGS(NAME, path, dimensions, sentence, words)                                                                 \
    {path, TB_TYPE_INT32, dimensions, "1", sentence, words, TB_DIMENSIONS},
#define INDEX(NAME, path, dimensions, target, sentence)                                                                \
    {path, TB_TYPE_INT32, dimensions, "1", sentence, NULL, TB_DIMENSION_##target},
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
