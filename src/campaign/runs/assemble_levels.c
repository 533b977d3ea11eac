/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Testbeds, factors and their levels, from the texts that the entries have. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "campaign/manifest/quantity.h"
#include "entries.h"

struct level {
    const char *text;
    double number; /* NaN for none */
};

static enum tb_status out_of_memory(const struct manifest *manifest)
{
    return tb_error_memory(manifest->document.error, "the campaign");
}

static int compare_texts(const void *a, const void *b)
{
    return tb_natural_compare(*(const char *const *)a, *(const char *const *)b);
}

/* The different texts that the entries have for a field, in natural order; NULL when memory is short. */
static const char **collect_texts(struct manifest *manifest, const struct entries *entries, size_t field, size_t *count)
{
    const char **texts = tb_arena_allocate(&manifest->arena, entries->count, sizeof *texts);
    size_t found = 0;
    if (texts == NULL)
        return NULL;
    for (size_t i = 0; i < entries->count; i++)
        if (entries->items[i]->values[field] != NULL)
            texts[found++] = entries->items[i]->values[field];
    if (found > 1)
        qsort(texts, found, sizeof texts[0], compare_texts);
    *count = 0;
    for (size_t i = 0; i < found; i++)
        if (i == 0 || strcmp(texts[i], texts[*count - 1]) != 0)
            texts[(*count)++] = texts[i];
    return texts;
}

static enum tb_status assemble_testbeds(struct manifest *manifest, const char *baseline, const struct entries *entries)
{
    struct tb_campaign *campaign = manifest->campaign;
    size_t count;
    const char **texts = collect_texts(manifest, entries, FIELD_TESTBED, &count);
    campaign->testbeds = calloc(count + 1, sizeof *campaign->testbeds);
    if (texts == NULL || campaign->testbeds == NULL)
        return out_of_memory(manifest);
    enum tb_status status = tb_manifest_keep_text(manifest, &campaign->testbeds[campaign->testbed_count++], baseline);
    for (size_t i = 0; i < count && status == TB_OK; i++)
        if (strcmp(texts[i], baseline) != 0)
            status = tb_manifest_keep_text(manifest, &campaign->testbeds[campaign->testbed_count++], texts[i]);
    for (size_t i = 0; i < entries->count && status == TB_OK; i++) {
        struct entry *entry = entries->items[i];
        const char *name = entry->values[FIELD_TESTBED];
        char *const *others = campaign->testbeds + 1;
        char *const *found = campaign->testbed_count == 1
                                 ? NULL
                                 : bsearch(&name, others, campaign->testbed_count - 1, sizeof *others, compare_texts);
        entry->testbed = found == NULL ? 0 : (size_t)(found - campaign->testbeds);
    }
    return status;
}

/* By number, those without one last, then by text. */
static int compare_levels(const void *a, const void *b)
{
    const struct level *x = a;
    const struct level *y = b;
    if (isnan(x->number) != isnan(y->number))
        return isnan(x->number) ? 1 : -1;
    if (!isnan(x->number) && x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return tb_natural_compare(x->text, y->text);
}

/* A factor without a declared type whose levels are all different numbers is a number. */
static void guess_type(struct manifest_factor *factor, struct level *levels, size_t count)
{
    if (factor->has_type || factor->level_count > 0)
        return;
    for (size_t i = 0; i < count; i++)
        if (!tb_quantity_parse(levels[i].text, strlen(levels[i].text), TB_FACTOR_NUMBER, &levels[i].number))
            return;
    qsort(levels, count, sizeof *levels, compare_levels);
    for (size_t i = 1; i < count; i++)
        if (levels[i].number == levels[i - 1].number)
            return;
    factor->type = TB_FACTOR_NUMBER;
}

enum tb_status tb_entries_guess_types(struct manifest *manifest, const struct entries *entries)
{
    for (size_t i = 0; i < manifest->factor_count; i++) {
        size_t count;
        const char **texts = collect_texts(manifest, entries, FIELD_FIRST_FACTOR + i, &count);
        struct level *levels = texts == NULL ? NULL : tb_arena_allocate(&manifest->arena, count, sizeof *levels);
        if (levels == NULL)
            return out_of_memory(manifest);
        for (size_t j = 0; j < count; j++)
            levels[j].text = texts[j];
        if (count > 0)
            guess_type(&manifest->factors[i], levels, count);
    }
    return TB_OK;
}

/* The levels of a factor in order. Different texts for one number are one level unless the factor is a text. */
static struct level *order_levels(struct manifest *manifest, struct manifest_factor *factor, const char *const *texts,
                                  size_t text_count, size_t *count)
{
    struct level *levels = tb_arena_allocate(&manifest->arena, text_count, sizeof *levels);
    if (levels == NULL)
        return NULL;
    for (size_t i = 0; i < text_count; i++)
        levels[i].text = texts[i];
    *count = text_count;
    if (text_count == 0)
        return levels;
    for (size_t i = 0; i < text_count; i++)
        if (!tb_factor_number(factor, levels[i].text, strlen(levels[i].text), &levels[i].number))
            levels[i].number = NAN;
    qsort(levels, text_count, sizeof *levels, compare_levels);
    *count = 1;
    for (size_t i = 1; i < text_count; i++)
        if (factor->type == TB_FACTOR_TEXT || levels[i].number != levels[*count - 1].number)
            levels[(*count)++] = levels[i];
    return levels;
}

/* The level that a text stands for, or TB_NO_INDEX. */
static size_t find_level(const struct manifest_factor *factor, const struct tb_factor *made, const char *text)
{
    double number;
    const bool has_number = tb_factor_number(factor, text, strlen(text), &number);
    for (size_t i = 0; i < made->level_count; i++)
        if (strcmp(made->levels[i].text, text) == 0 ||
            (factor->type != TB_FACTOR_TEXT && has_number && made->levels[i].number == number))
            return i;
    return TB_NO_INDEX;
}

static size_t false_level(const struct tb_factor *factor)
{
    for (size_t i = 0; factor->type == TB_FACTOR_BOOLEAN && i < factor->level_count; i++)
        if (factor->levels[i].number == 0)
            return i;
    return 0;
}

static const char *level_text(const struct manifest_factor *factor, const struct level *level)
{
    if (factor->type == TB_FACTOR_BOOLEAN && factor->level_count == 0)
        return level->number == 0 ? "false" : "true";
    return level->text;
}

static enum tb_status make_factor(struct manifest *manifest, struct manifest_factor *factor, const struct level *levels,
                                  size_t count, struct tb_factor *made)
{
    made->type = factor->type;
    made->levels = calloc(count == 0 ? 1 : count, sizeof *made->levels);
    if (made->levels == NULL)
        return out_of_memory(manifest);
    made->level_count = count;
    enum tb_status status = tb_manifest_keep_text(manifest, &made->name, factor->name);
    if (status == TB_OK)
        status = tb_manifest_keep_text(manifest, &made->unit,
                                       factor->unit == NULL ? tb_quantity_unit(factor->type) : factor->unit);
    for (size_t i = 0; i < count && status == TB_OK; i++) {
        made->levels[i].number = levels[i].number;
        status = tb_manifest_keep_text(manifest, &made->levels[i].text, level_text(factor, &levels[i]));
    }
    made->reference = false_level(made);
    const size_t wanted =
        status != TB_OK || factor->reference == NULL ? TB_NO_INDEX : find_level(factor, made, factor->reference->text);
    if (wanted != TB_NO_INDEX)
        made->reference = wanted;
    return status;
}

struct text_level {
    const char *text;
    size_t level;
};

static int compare_text_levels(const void *a, const void *b)
{
    return tb_natural_compare(((const struct text_level *)a)->text, ((const struct text_level *)b)->text);
}

static enum tb_status number_entries(struct manifest *manifest, const struct entries *entries, size_t field,
                                     const char *const *texts, size_t text_count, size_t made_index)
{
    const struct manifest_factor *factor = &manifest->factors[field - FIELD_FIRST_FACTOR];
    const struct tb_factor *made = &manifest->campaign->factors[made_index];
    struct text_level *table = tb_arena_allocate(&manifest->arena, text_count, sizeof *table);
    if (table == NULL)
        return out_of_memory(manifest);
    for (size_t i = 0; i < text_count; i++)
        table[i] = (struct text_level){.text = texts[i], .level = find_level(factor, made, texts[i])};
    for (size_t i = 0; i < entries->count; i++) {
        struct entry *entry = entries->items[i];
        const struct text_level wanted = {.text = entry->values[field]};
        const struct text_level *found =
            wanted.text == NULL ? NULL : bsearch(&wanted, table, text_count, sizeof *table, compare_text_levels);
        entry->levels[made_index] = found == NULL ? TB_NO_INDEX : found->level;
    }
    return TB_OK;
}

static enum tb_status assemble_factor(struct manifest *manifest, const struct entries *entries, size_t index)
{
    struct tb_campaign *campaign = manifest->campaign;
    struct manifest_factor *factor = &manifest->factors[index];
    size_t text_count;
    size_t level_count;
    const char **texts = collect_texts(manifest, entries, FIELD_FIRST_FACTOR + index, &text_count);
    struct level *levels = texts == NULL ? NULL : order_levels(manifest, factor, texts, text_count, &level_count);
    if (levels == NULL)
        return out_of_memory(manifest);
    const size_t made_index = campaign->factor_count++;
    const enum tb_status status = make_factor(manifest, factor, levels, level_count, &campaign->factors[made_index]);
    if (status != TB_OK)
        return status;
    return number_entries(manifest, entries, FIELD_FIRST_FACTOR + index, texts, text_count, made_index);
}

enum tb_status tb_campaign_assemble_levels(struct manifest *manifest, const char *baseline,
                                           const struct entries *entries)
{
    struct tb_campaign *campaign = manifest->campaign;
    enum tb_status status = assemble_testbeds(manifest, baseline, entries);
    campaign->factors = calloc(manifest->factor_count + 1, sizeof *campaign->factors);
    if (campaign->factors == NULL)
        return out_of_memory(manifest);
    for (size_t i = 0; i < entries->count; i++) {
        entries->items[i]->levels = tb_arena_allocate(&manifest->arena, manifest->factor_count, sizeof(size_t));
        if (entries->items[i]->levels == NULL)
            return out_of_memory(manifest);
    }
    for (int constants = 0; constants < 2; constants++)
        for (size_t i = 0; i < manifest->factor_count && status == TB_OK; i++)
            if (manifest->factors[i].is_constant == (constants == 1))
                status = assemble_factor(manifest, entries, i);
    return status;
}
