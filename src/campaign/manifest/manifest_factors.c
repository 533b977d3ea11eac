/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Factors: their types, units, levels and constants; the fields of patterns. */
#include <math.h>
#include <string.h>

#include "manifest.h"
#include "quantity.h"

static const char *const type_names[] = {
    [TB_FACTOR_TEXT] = "text", [TB_FACTOR_NUMBER] = "number",   [TB_FACTOR_BYTES] = "bytes",
    [TB_FACTOR_RATE] = "rate", [TB_FACTOR_BOOLEAN] = "boolean",
};

enum { TYPE_COUNT = sizeof type_names / sizeof type_names[0] };

const char *tb_factor_type_words(enum tb_factor_type type)
{
    static const char *const words[TYPE_COUNT] = {
        [TB_FACTOR_TEXT] = "a text",
        [TB_FACTOR_NUMBER] = "a number",
        [TB_FACTOR_BYTES] = "a number of bytes such as 500B, 1MB or 1MiB",
        [TB_FACTOR_RATE] = "a rate such as 100Mbps or 1 Gbit/s",
        [TB_FACTOR_BOOLEAN] = "true or false",
    };
    return words[type];
}

static const char *const field_names[FIELD_FIRST_FACTOR] = {"testbed", "rep", "pair"};

size_t tb_manifest_field(const struct manifest *manifest, const char *name)
{
    for (size_t i = 0; i < FIELD_FIRST_FACTOR; i++)
        if (strcmp(field_names[i], name) == 0)
            return i;
    for (size_t i = 0; i < manifest->factor_count; i++)
        if (strcmp(manifest->factors[i].name, name) == 0)
            return FIELD_FIRST_FACTOR + i;
    return MANIFEST_MOST_FIELDS;
}

const char *tb_manifest_field_name(const struct manifest *manifest, size_t field)
{
    return field < FIELD_FIRST_FACTOR ? field_names[field] : manifest->factors[field - FIELD_FIRST_FACTOR].name;
}

static struct manifest_factor *add_factor(struct manifest *manifest, const char *name)
{
    if (manifest->factor_count == MANIFEST_MOST_FACTORS)
        return NULL;
    struct manifest_factor *factor = &manifest->factors[manifest->factor_count++];
    *factor = (struct manifest_factor){.name = name};
    return factor;
}

bool tb_manifest_add_field(void *context, const char *name, size_t *field)
{
    struct manifest *manifest = context;
    *field = tb_manifest_field(manifest, name);
    if (*field == MANIFEST_MOST_FIELDS) {
        if (add_factor(manifest, name) == NULL)
            return false;
        *field = FIELD_FIRST_FACTOR + manifest->factor_count - 1;
    }
    if (*field >= FIELD_FIRST_FACTOR)
        manifest->factors[*field - FIELD_FIRST_FACTOR].is_used = true;
    return true;
}

bool tb_factor_number(const struct manifest_factor *factor, const char *text, size_t length, double *number)
{
    for (size_t i = 0; i < factor->level_count; i++) {
        if (strlen(factor->levels[i].text) == length && memcmp(factor->levels[i].text, text, length) == 0) {
            *number = factor->levels[i].number;
            return true;
        }
    }
    return tb_quantity_parse(text, length, factor->type, number);
}

bool tb_manifest_accept(const void *context, size_t field, const char *text, size_t length)
{
    const struct manifest *manifest = context;
    if (field < FIELD_FIRST_FACTOR)
        return true;
    const struct manifest_factor *factor = &manifest->factors[field - FIELD_FIRST_FACTOR];
    double number;
    return factor->type == TB_FACTOR_TEXT || tb_factor_number(factor, text, length, &number);
}

struct factor_reading {
    struct manifest *manifest;
    struct manifest_factor *factor;
    const struct yaml_node *value; /* of a constant */
};

static enum tb_status read_type(void *context, const struct yaml_node *value)
{
    const struct factor_reading *reading = context;
    unsigned choice;
    const enum tb_status status =
        tb_yaml_choice(&reading->manifest->document, value, "type", type_names, TYPE_COUNT, &choice);
    if (status != TB_OK)
        return status;
    reading->factor->type = (enum tb_factor_type)choice;
    reading->factor->has_type = true;
    return TB_OK;
}

static enum tb_status read_unit(void *context, const struct yaml_node *value)
{
    const struct factor_reading *reading = context;
    const enum tb_factor_type type = reading->factor->type;
    if (type != TB_FACTOR_NUMBER && type != TB_FACTOR_TEXT)
        return tb_yaml_fail_key(&reading->manifest->document, value,
                                "unit: type %s has its own unit; expected type number or text", type_names[type]);
    return tb_yaml_text(&reading->manifest->document, value, "unit", &reading->factor->unit);
}

static enum tb_status read_levels(void *context, const struct yaml_node *value)
{
    const struct factor_reading *reading = context;
    struct manifest_factor *factor = reading->factor;
    const struct yaml_document *document = &reading->manifest->document;
    enum tb_status status = tb_yaml_expect(document, value, YAML_MAP, "levels", "a map from level to number");
    if (status != TB_OK)
        return status;
    struct manifest_level *levels = tb_arena_allocate(&reading->manifest->arena, value->count, sizeof *levels);
    if (levels == NULL)
        return tb_error_memory(document->error, "the manifest");
    const enum tb_factor_type type = factor->type == TB_FACTOR_TEXT ? TB_FACTOR_NUMBER : factor->type;
    for (const struct yaml_node *level = value->first; level != NULL; level = level->next) {
        char found[YAML_FOUND_SIZE];
        double number;
        if (level->kind != YAML_SCALAR || !tb_quantity_parse(level->text, strlen(level->text), type, &number))
            return tb_yaml_fail(document, TB_USAGE, level, "levels: %.60s: expected %s, found %s", level->key,
                                tb_factor_type_words(type), tb_yaml_found(level, found));
        levels[factor->level_count++] = (struct manifest_level){.text = level->key, .number = number};
    }
    factor->levels = levels;
    return TB_OK;
}

static enum tb_status read_reference(void *context, const struct yaml_node *value)
{
    const struct factor_reading *reading = context;
    const char *text;
    reading->factor->reference = value;
    return tb_yaml_text(&reading->manifest->document, value, "reference", &text);
}

static bool is_field_name(const char *name)
{
    const size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    return length > 0 && name[length] == '\0';
}

static enum tb_status check_factor_name(const struct manifest *manifest, const struct yaml_node *node)
{
    static const char *const taken[] = {"path", "artifacts"};
    const size_t field = tb_manifest_field(manifest, node->key);
    if (!is_field_name(node->key))
        return tb_yaml_fail_key(&manifest->document, node,
                                "'%.60s' cannot name a factor; expected letters, digits and _", node->key);
    bool is_taken = field < FIELD_FIRST_FACTOR;
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
        is_taken = is_taken || strcmp(taken[i], node->key) == 0;
    if (is_taken)
        return tb_yaml_fail_key(&manifest->document, node, "'%s' cannot name a factor; the word is taken", node->key);
    if (field == MANIFEST_MOST_FIELDS && manifest->factor_count == MANIFEST_MOST_FACTORS)
        return tb_yaml_fail_key(&manifest->document, node, "more than %d factors", MANIFEST_MOST_FACTORS);
    return TB_OK;
}

static enum tb_status read_factor(struct manifest *manifest, const struct yaml_node *node)
{
    static const struct yaml_key keys[] = {
        {"type", read_type}, {"unit", read_unit}, {"levels", read_levels}, {"reference", read_reference}};
    const enum tb_status status = check_factor_name(manifest, node);
    if (status != TB_OK)
        return status;
    struct factor_reading reading = {.manifest = manifest, .factor = add_factor(manifest, node->key)};
    reading.factor->node = node;
    return tb_yaml_map(&manifest->document, node, "factors", keys, sizeof keys / sizeof keys[0], &reading);
}

enum tb_status tb_manifest_read_factors(void *context, const struct yaml_node *value)
{
    struct manifest *manifest = context;
    enum tb_status status =
        tb_yaml_expect(&manifest->document, value, YAML_MAP, "factors", "a map from factor to type, unit or levels");
    for (const struct yaml_node *node = value->first; node != NULL && status == TB_OK; node = node->next)
        status = read_factor(manifest, node);
    return status;
}

static enum tb_status read_constant_value(void *context, const struct yaml_node *value)
{
    struct factor_reading *reading = context;
    const char *text;
    reading->value = value;
    return tb_yaml_text(&reading->manifest->document, value, "value", &text);
}

static enum tb_status read_constant_factor(struct manifest *manifest, const struct yaml_node *node)
{
    static const struct yaml_key keys[] = {{"type", read_type}, {"unit", read_unit}, {"value", read_constant_value}};
    const struct yaml_document *document = &manifest->document;
    enum tb_status status = check_factor_name(manifest, node);
    if (status != TB_OK)
        return status;
    size_t field;
    if (!tb_manifest_add_field(manifest, node->key, &field))
        return tb_error_memory(document->error, "the manifest");
    struct manifest_factor *factor = &manifest->factors[field - FIELD_FIRST_FACTOR];
    factor->is_constant = true;
    factor->node = factor->node == NULL ? node : factor->node;
    struct factor_reading reading = {.manifest = manifest, .factor = factor, .value = node};
    if (node->kind == YAML_MAP) {
        reading.value = NULL;
        status = tb_yaml_map(document, node, "constants", keys, sizeof keys / sizeof keys[0], &reading);
        if (status == TB_OK && reading.value == NULL)
            status = tb_yaml_fail(document, TB_USAGE, node, "constants: expected a value for '%.60s'", node->key);
    }
    const char *text = "";
    if (status == TB_OK)
        status = tb_yaml_text(document, reading.value, "constants", &text);
    if (status == TB_OK && !tb_manifest_accept(manifest, field, text, strlen(text)))
        status = tb_yaml_fail(document, TB_USAGE, reading.value, "constants: %.60s: expected %s, found '%.60s'",
                              node->key, tb_factor_type_words(factor->type), text);
    manifest->constants[field] = text;
    return status;
}

enum tb_status tb_manifest_read_constants(void *context, const struct yaml_node *value)
{
    struct manifest *manifest = context;
    enum tb_status status =
        tb_yaml_expect(&manifest->document, value, YAML_MAP, "constants", "a map from factor to level");
    for (const struct yaml_node *node = value->first; node != NULL && status == TB_OK; node = node->next) {
        if (strcmp(node->key, field_names[FIELD_TESTBED]) == 0)
            status = tb_yaml_text(&manifest->document, node, "constants: testbed", &manifest->constants[FIELD_TESTBED]);
        else
            status = read_constant_factor(manifest, node);
    }
    return status;
}
