/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/sample.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "twinbed/results/reader.h"

void sample_sizes(uint64_t *sizes)
{
    for (int i = 0; i < TB_DIMENSIONS; i++)
        sizes[i] = 2 + (uint64_t)i % 4;
    sizes[TB_DIMENSION_EDGE] = 5;
    sizes[TB_DIMENSION_METRIC] = 3; /* margins are never missing, and value 3 of every float is */
    sizes[TB_DIMENSION_SESSION] = 0;
    sizes[TB_DIMENSION_FLOW] = 70000;
    sizes[TB_DIMENSION_ADDRESS_BYTE] = 16;
}

uint64_t sample_number(enum tb_field field, uint64_t i)
{
    return ((uint64_t)field * 1009 + i * 31) % 100003;
}

uint64_t sample_limit(enum tb_field field, const uint64_t *sizes)
{
    switch (tb_field_describe(field)->domain) {
    case TB_DOMAIN_INDEX:
    case TB_DOMAIN_INDEX_OR_NONE:
    case TB_DOMAIN_FLAG:
    case TB_DOMAIN_YES_NO:
    case TB_DOMAIN_YES_NO_UNKNOWN:
        return (uint64_t)tb_field_range(field, sizes).greatest + 1;
    case TB_DOMAIN_ANY:
    case TB_DOMAIN_COUNT:
    case TB_DOMAIN_MARGIN:
        break;
    }
    return UINT64_MAX;
}

int32_t sample_int32(enum tb_field field, const uint64_t *sizes, uint64_t i)
{
    return (int32_t)(sample_number(field, i) % sample_limit(field, sizes));
}

int64_t sample_int64(enum tb_field field, uint64_t i)
{
    return (int64_t)sample_number(field, i) * 1048583 - 1;
}

double sample_float64(enum tb_field field, uint64_t i)
{
    return i % 7 == 3 ? NAN : (double)sample_number(field, i) / 8;
}

const char *sample_text(enum tb_field field, uint64_t i, char *buffer)
{
    if (i % 5 == 1)
        return "";
    snprintf(buffer, SAMPLE_TEXT_SIZE, "text %llu \xC3\xA9", (unsigned long long)sample_number(field, i));
    return buffer;
}

void sample_shape(enum tb_field field, const uint64_t *sizes, uint64_t *rows, uint64_t *row_values)
{
    const struct tb_field_description *description = tb_field_describe(field);
    *rows = sizes[description->dimensions[0]];
    *row_values = 1;
    for (unsigned i = 1; i < description->rank; i++)
        *row_values *= sizes[description->dimensions[i]];
}

void *sample_rows(enum tb_field field, const uint64_t *sizes, uint64_t first, uint64_t count)
{
    uint64_t rows, row_values;
    sample_shape(field, sizes, &rows, &row_values);
    const enum tb_type type = tb_field_describe(field)->type;
    char *data = malloc(count * row_values * tb_type_size(type) + 1);
    for (uint64_t i = 0; data != NULL && i < count * row_values; i++) {
        const uint64_t at = first * row_values + i;
        if (type == TB_TYPE_INT32)
            ((int32_t *)(void *)data)[i] = sample_int32(field, sizes, at);
        else if (type == TB_TYPE_INT64)
            ((int64_t *)(void *)data)[i] = sample_int64(field, at);
        else
            ((double *)(void *)data)[i] = sample_float64(field, at);
    }
    return data;
}

static char **texts_of(enum tb_field field, const uint64_t *sizes)
{
    uint64_t rows, row_values;
    sample_shape(field, sizes, &rows, &row_values);
    const uint64_t count = rows * row_values;
    char **texts = calloc(count + 1, sizeof *texts);
    char buffer[SAMPLE_TEXT_SIZE];
    /* Empty texts are given as NULL now and then. */
    for (uint64_t i = 0; i < count; i++)
        texts[i] = i % 10 == 1 ? NULL : strdup(sample_text(field, i, buffer));
    return texts;
}

static char long_text[100001];

struct tb_results_head sample_head(const uint64_t *sizes)
{
    static const struct tb_attribute root[] = {{"title", "made up"}, {"source", "a test"}, {"empty", ""}};
    static const struct tb_attribute provenance[] = {{"history", "now"}, {"settings", long_text}, {"cpu", "\xFFx"}};
    struct tb_results_head head = {.root = root, .root_count = 3, .provenance = provenance, .provenance_count = 3};
    memset(long_text, 'x', sizeof long_text - 1);
    memcpy(head.sizes, sizes, sizeof head.sizes);
    struct tb_text_field *texts = calloc(TB_FIELDS, sizeof *texts);
    for (int i = 0; i < TB_FIELDS; i++)
        if (tb_field_describe((enum tb_field)i)->type == TB_TYPE_TEXT)
            texts[head.text_count++] = (struct tb_text_field){
                .field = (enum tb_field)i, .values = (const char *const *)texts_of((enum tb_field)i, sizes)};
    head.texts = texts;
    return head;
}

static void free_quietly(const void *memory)
{
    void *owned;
    memcpy(&owned, &memory, sizeof owned);
    free(owned);
}

void sample_release(struct tb_results_head *head)
{
    for (size_t i = 0; i < head->text_count; i++) {
        uint64_t rows, row_values;
        sample_shape(head->texts[i].field, head->sizes, &rows, &row_values);
        for (uint64_t j = 0; j < rows * row_values; j++)
            free_quietly(head->texts[i].values[j]);
        free_quietly(head->texts[i].values);
    }
    free_quietly(head->texts);
}

static int differs(struct tb_results *results, enum tb_field field, const uint64_t *sizes, uint64_t i)
{
    char buffer[SAMPLE_TEXT_SIZE];
    switch (tb_field_describe(field)->type) {
    case TB_TYPE_INT32:
        return tb_results_int32(results, field, NULL)[i] != sample_int32(field, sizes, i);
    case TB_TYPE_INT64:
        return tb_results_int64(results, field, NULL)[i] != sample_int64(field, i);
    case TB_TYPE_FLOAT64: {
        const double found = tb_results_float64(results, field, NULL)[i], expected = sample_float64(field, i);
        return isnan(expected) ? !isnan(found) : found < expected || found > expected || isnan(found);
    }
    case TB_TYPE_TEXT:
        return strcmp(tb_results_text(results, field, NULL)[i], sample_text(field, i, buffer)) != 0;
    }
    return 1;
}

static const void *load(struct tb_results *results, enum tb_field field, struct tb_error *error)
{
    switch (tb_field_describe(field)->type) {
    case TB_TYPE_INT32:
        return tb_results_int32(results, field, error);
    case TB_TYPE_INT64:
        return tb_results_int64(results, field, error);
    case TB_TYPE_FLOAT64:
        return tb_results_float64(results, field, error);
    case TB_TYPE_TEXT:
        return tb_results_text(results, field, error);
    }
    return NULL;
}

static int field_is_right(struct tb_results *results, enum tb_field field, const uint64_t *sizes)
{
    struct tb_error error = {0};
    uint64_t rows, row_values;
    sample_shape(field, sizes, &rows, &row_values);
    if (load(results, field, &error) == NULL) {
        fprintf(stderr, "%s\n", error.text);
        return 0;
    }
    for (uint64_t i = 0; i < rows * row_values; i++)
        if (differs(results, field, sizes, i)) {
            fprintf(stderr, "%s: value %llu differs\n", tb_field_describe(field)->path, (unsigned long long)i);
            return 0;
        }
    return 1;
}

static int text_is(const char *found, const char *expected)
{
    if (found != NULL && strcmp(found, expected) == 0)
        return 1;
    fprintf(stderr, "attribute: found %.50s, expected %.50s\n", found == NULL ? "none" : found, expected);
    return 0;
}

int sample_is_in(const char *path, const uint64_t *sizes)
{
    struct tb_results *results;
    struct tb_error error;
    if (tb_results_open(path, &results, &error) != TB_OK) {
        fprintf(stderr, "%s\n", error.text);
        return 0;
    }
    int right = text_is(tb_results_attribute(results, "title"), "made up") &&
                text_is(tb_results_attribute(results, "empty"), "") &&
                text_is(tb_results_attribute(results, "Conventions"), "CF-1.10") &&
                text_is(tb_results_provenance(results, "settings"), long_text) &&
                text_is(tb_results_provenance(results, "cpu"), "\xEF\xBF\xBDx") &&
                tb_results_attribute(results, "absent") == NULL;
    for (int i = 0; right && i < TB_DIMENSIONS; i++)
        right = tb_results_size(results, (enum tb_dimension)i) == sizes[i];
    for (int i = 0; right && i < TB_FIELDS; i++)
        right = field_is_right(results, (enum tb_field)i, sizes);
    tb_results_close(results);
    return right;
}
