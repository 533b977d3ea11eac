/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --only: which runs a command is about. */
#include <stdio.h>
#include <string.h>

#include "entries.h"
#include "twinbed/base/nearest.h"

struct term {
    size_t field;
    const char **values;
    size_t value_count;
};

static bool value_matches(const struct manifest *manifest, size_t field, const char *text, const char *wanted)
{
    if (text == NULL)
        return false;
    if (strcmp(text, wanted) == 0)
        return true;
    if (field < FIELD_FIRST_FACTOR)
        return false;
    const struct manifest_factor *factor = &manifest->factors[field - FIELD_FIRST_FACTOR];
    double number;
    double wanted_number;
    return factor->type != TB_FACTOR_TEXT && tb_factor_number(factor, text, strlen(text), &number) &&
           tb_factor_number(factor, wanted, strlen(wanted), &wanted_number) && number == wanted_number;
}

static bool term_matches(const struct manifest *manifest, const struct term *term, const struct entry *entry)
{
    for (size_t i = 0; i < term->value_count; i++)
        if (value_matches(manifest, term->field, entry->values[term->field], term->values[i]))
            return true;
    return false;
}

static void join_fields(const struct manifest *manifest, char *out, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < FIELD_FIRST_FACTOR + manifest->factor_count && used < size; i++)
        if (i != FIELD_PAIR)
            used += (size_t)snprintf(out + used, size - used, "%s%s", used == 0 ? "" : ", ",
                                     tb_manifest_field_name(manifest, i));
}

static enum tb_status check_value(const struct manifest *manifest, const struct entries *entries, size_t field,
                                  const char *value)
{
    for (size_t i = 0; i < entries->count; i++)
        if (value_matches(manifest, field, entries->items[i]->values[field], value))
            return TB_OK;
    const char *example = NULL;
    char hint[TB_NEAREST_TEXT_SIZE];
    struct tb_nearest nearest = tb_nearest_to(value);
    for (size_t i = 0; i < entries->count; i++) {
        const char *const level = entries->items[i]->values[field];
        example = example == NULL ? level : example;
        if (level != NULL)
            tb_nearest_offer(&nearest, level);
    }
    return tb_error_set(manifest->document.error, TB_USAGE,
                        "--only: no run has %s=%.100s%s; expected a level such as %.100s",
                        tb_manifest_field_name(manifest, field), value, tb_nearest_hint(&nearest, hint),
                        example == NULL ? "(none)" : example);
}

static enum tb_status start_term(struct manifest *manifest, const char *piece, const char *equals, struct term *term)
{
    const char *name = tb_arena_copy(&manifest->arena, piece, (size_t)(equals - piece));
    if (name == NULL)
        return tb_error_memory(manifest->document.error, "--only");
    *term = (struct term){.field = tb_manifest_field(manifest, name)};
    if (term->field != MANIFEST_MOST_FIELDS && term->field != FIELD_PAIR)
        return TB_OK;
    char fields[500], hint[TB_NEAREST_TEXT_SIZE];
    struct tb_nearest nearest = tb_nearest_to(name);
    for (size_t i = 0; i < FIELD_FIRST_FACTOR + manifest->factor_count; i++)
        if (i != FIELD_PAIR)
            tb_nearest_offer(&nearest, tb_manifest_field_name(manifest, i));
    join_fields(manifest, fields, sizeof fields);
    return tb_error_set(manifest->document.error, TB_USAGE, "--only: there is no field '%.60s'%s; expected one of %s",
                        name, tb_nearest_hint(&nearest, hint), fields);
}

static enum tb_status add_value(struct manifest *manifest, const struct entries *entries, struct term *term,
                                const char *value)
{
    if (value == NULL)
        return tb_error_memory(manifest->document.error, "--only");
    term->values[term->value_count++] = value;
    return check_value(manifest, entries, term->field, value);
}

static void keep_matching(const struct manifest *manifest, const struct term *term, struct entries *entries)
{
    size_t kept = 0;
    for (size_t i = 0; i < entries->count; i++)
        if (term_matches(manifest, term, entries->items[i]))
            entries->items[kept++] = entries->items[i];
    entries->count = kept;
}

/* "testbed=veth,e1000,size=500B": a piece with '=' begins a field, one without is another value of the last field. */
static enum tb_status apply(struct manifest *manifest, const struct entries *all, const char *text,
                            struct entries *entries)
{
    struct term term = {.field = MANIFEST_MOST_FIELDS};
    size_t pieces = 1;
    for (const char *c = text; *c != '\0'; c++)
        pieces += *c == ',' ? 1 : 0;
    for (const char *piece = text;;) {
        const size_t length = strcspn(piece, ",");
        const char *equals = memchr(piece, '=', length);
        enum tb_status status = TB_OK;
        if (equals == NULL && term.field == MANIFEST_MOST_FIELDS)
            return tb_error_set(manifest->document.error, TB_USAGE,
                                "--only: expected FIELD=VALUE[,VALUE...], found '%.200s'", text);
        if (equals != NULL) {
            if (term.field != MANIFEST_MOST_FIELDS)
                keep_matching(manifest, &term, entries);
            status = start_term(manifest, piece, equals, &term);
            term.values = tb_arena_allocate(&manifest->arena, pieces, sizeof *term.values);
        }
        const char *value = equals == NULL ? piece : equals + 1;
        if (status == TB_OK && term.values == NULL)
            status = tb_error_memory(manifest->document.error, "--only");
        if (status == TB_OK)
            status = add_value(manifest, all, &term,
                               tb_arena_copy(&manifest->arena, value, (size_t)(piece + length - value)));
        if (status != TB_OK)
            return status;
        if (piece[length] == '\0')
            break;
        piece += length + 1;
    }
    keep_matching(manifest, &term, entries);
    return TB_OK;
}

enum tb_status tb_entries_select(struct manifest *manifest, const struct tb_selection *only, struct entries *entries)
{
    if (only == NULL || only->count == 0)
        return TB_OK;
    struct entries all = {.count = entries->count};
    all.items = tb_arena_allocate(&manifest->arena, entries->count, sizeof *all.items);
    if (all.items == NULL)
        return tb_error_memory(manifest->document.error, "--only");
    memcpy(all.items, entries->items, entries->count * sizeof *all.items);
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < only->count && status == TB_OK; i++)
        status = apply(manifest, &all, only->terms[i], entries);
    if (status == TB_OK && entries->count == 0)
        status = tb_error_set(manifest->document.error, TB_USAGE,
                              "%s: --only selects no run; each field has runs, but none has all of them",
                              manifest->document.path);
    return status;
}

enum tb_status tb_entries_check_references(const struct manifest *manifest, const struct entries *entries)
{
    for (size_t i = 0; i < manifest->factor_count; i++) {
        const struct manifest_factor *factor = &manifest->factors[i];
        bool found = factor->reference == NULL;
        for (size_t j = 0; j < entries->count && !found; j++)
            found = value_matches(manifest, FIELD_FIRST_FACTOR + i, entries->items[j]->values[FIELD_FIRST_FACTOR + i],
                                  factor->reference->text);
        if (!found)
            return tb_yaml_fail(&manifest->document, TB_USAGE, factor->reference,
                                "factors: %.60s: reference: no run has the level '%.60s'", factor->name,
                                factor->reference->text);
    }
    return TB_OK;
}
