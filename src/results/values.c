/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Holds values to what the schema allows: numbers within their domain, counts with a sum that fits
 * 64 bits, texts that are UTF-8. After that nobody who uses them needs to look. */
#include "values.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "twinbed/base/utf8.h"

static const uint64_t SUM_MAX = (uint64_t)1 << 59;

static int64_t number_at(enum tb_type type, const void *numbers, uint64_t i)
{
    return type == TB_TYPE_INT32 ? ((const int32_t *)numbers)[i] : ((const int64_t *)numbers)[i];
}

static enum tb_status check_integers(const struct tb_values *values, const void *numbers, struct tb_error *error)
{
    const struct tb_field_description *field = tb_field_describe(values->field);
    const struct tb_value_range range = tb_field_range(values->field, values->sizes);
    uint64_t sum = 0;
    for (uint64_t i = 0; i < values->count; i++) {
        const int64_t number = number_at(field->type, numbers, i);
        if (number < range.least || number > range.greatest)
            return tb_error_set(error, TB_CORRUPT,
                                "%s: %s[%" PRIu64 "] is %" PRId64 ", but must be %" PRId64 " to %" PRId64, values->path,
                                field->path, i, number, range.least, range.greatest);
        /* At most 2^63 is added to at most 2^59. */
        sum += number > 0 ? (uint64_t)number : 0;
        if (field->domain == TB_DOMAIN_COUNT && sum > SUM_MAX)
            return tb_error_set(error, TB_CORRUPT, "%s: %s has counts that add up to more than 2^59", values->path,
                                field->path);
    }
    return TB_OK;
}

static enum tb_status check_margins(const struct tb_values *values, const double *numbers, struct tb_error *error)
{
    for (uint64_t i = 0; i < values->count; i++)
        if (!isfinite(numbers[i]) || numbers[i] < 0)
            return tb_error_set(error, TB_CORRUPT, "%s: %s[%" PRIu64 "] is %g, but must be a number, 0 or more",
                                values->path, tb_field_describe(values->field)->path, i, numbers[i]);
    return TB_OK;
}

enum tb_status tb_values_check(const struct tb_values *values, const void *numbers, struct tb_error *error)
{
    const struct tb_field_description *field = tb_field_describe(values->field);
    if (field->domain == TB_DOMAIN_MARGIN)
        return check_margins(values, numbers, error);
    return field->domain == TB_DOMAIN_ANY ? TB_OK : check_integers(values, numbers, error);
}

static bool are_texts(const struct tb_buffer *bytes, uint64_t count)
{
    uint64_t ends = 0;
    if (bytes->size == 0)
        return count == 0; /* and there may be no bytes to point to */
    for (const uint8_t *at = bytes->data, *end = at + bytes->size; at < end; ends++) {
        at = memchr(at, '\0', (size_t)(end - at));
        if (at == NULL)
            return false;
        at++;
    }
    return ends == count && tb_utf8_valid((const char *)bytes->data, bytes->size) == bytes->size;
}

enum tb_status tb_values_take_texts(const struct tb_values *values, const struct tb_buffer *bytes, const char ***texts,
                                    struct tb_error *error)
{
    if (!are_texts(bytes, values->count))
        return tb_error_set(error, TB_CORRUPT, "%s: %s has texts that are no UTF-8, or not as many as it should",
                            values->path, tb_field_describe(values->field)->path);
    const char **block = malloc((values->count + 1) * sizeof *block + bytes->size);
    if (block == NULL)
        return tb_error_memory(error, "texts of a results file");
    char *next = (char *)(block + values->count + 1);
    if (bytes->size > 0)
        memcpy(next, bytes->data, bytes->size);
    for (uint64_t i = 0; i < values->count; i++) {
        block[i] = next;
        next += strlen(next) + 1;
    }
    block[values->count] = NULL;
    *texts = block;
    return TB_OK;
}

static void fill_missing(enum tb_type type, uint64_t count, void *block)
{
    static const char empty[] = "";
    for (uint64_t i = 0; i < count; i++)
        switch (type) {
        case TB_TYPE_INT32:
            ((int32_t *)block)[i] = -1;
            break;
        case TB_TYPE_INT64:
            ((int64_t *)block)[i] = -1;
            break;
        case TB_TYPE_FLOAT64:
            ((double *)block)[i] = NAN;
            break;
        case TB_TYPE_TEXT:
            ((const char **)block)[i] = empty;
            break;
        }
}

static bool may_be_missing(const struct tb_field_description *field)
{
    switch (field->domain) {
    case TB_DOMAIN_ANY:
        return field->type == TB_TYPE_FLOAT64 || field->type == TB_TYPE_TEXT;
    case TB_DOMAIN_COUNT:
    case TB_DOMAIN_INDEX_OR_NONE:
    case TB_DOMAIN_YES_NO_UNKNOWN:
        return true;
    case TB_DOMAIN_INDEX:
    case TB_DOMAIN_FLAG:
    case TB_DOMAIN_YES_NO:
    case TB_DOMAIN_MARGIN:
        break;
    }
    return false;
}

enum tb_status tb_values_missing(const struct tb_values *values, void **block, struct tb_error *error)
{
    const struct tb_field_description *field = tb_field_describe(values->field);
    if (values->count > 0 && !may_be_missing(field))
        return tb_error_set(error, TB_NOT_FOUND, "%s: %s is not in this file", values->path, field->path);
    *block = calloc(values->count + 1, tb_type_size(field->type));
    if (*block == NULL)
        return tb_error_memory(error, "a field of a results file");
    fill_missing(field->type, values->count, *block);
    return TB_OK;
}
