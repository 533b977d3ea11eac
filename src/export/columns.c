/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "twinbed/base/nearest.h"

#define FACTOR_PREFIX "factor_" /* so that no factor is called as another column */

/* What is being made, and which fields stand in a column, or lead to one. */
struct making {
    const struct tb_export_table *table;
    struct tb_results *results;
    struct tb_column_items *items;
    bool used[TB_FIELDS];
};

/* The field that names the rows of a dimension; TB_FIELDS when they have numbers only. */
static enum tb_field name_of(enum tb_dimension dimension)
{
    switch (dimension) {
    case TB_DIMENSION_TESTBED:
        return TB_FIELD_TESTBED_NAME;
    case TB_DIMENSION_FACTOR:
        return TB_FIELD_FACTOR_NAME;
    case TB_DIMENSION_SCENARIO:
        return TB_FIELD_SCENARIO_NAME;
    case TB_DIMENSION_RUN:
        return TB_FIELD_RUN_NAME;
    case TB_DIMENSION_REASON:
        return TB_FIELD_METRICS_REASON_SENTENCE;
    case TB_DIMENSION_CONTRAST:
        return TB_FIELD_COMPARISON_CONTRAST_NAME;
    case TB_DIMENSION_ARTIFACT:
        return TB_FIELD_ARTIFACT_PATH;
    case TB_DIMENSION_CALL:
        return TB_FIELD_CALL_NAME;
    case TB_DIMENSION_STATE:
        return TB_FIELD_STATE_LABEL;
    default:
        return TB_FIELDS;
    }
}

static bool is_index(enum tb_field field)
{
    return tb_field_describe(field)->target != TB_DIMENSIONS;
}

/* "client_packets" for "net/flow_client_packets" */
static const char *short_name(enum tb_field field)
{
    const struct tb_field_description *described = tb_field_describe(field);
    const char *dimension = tb_dimension_describe(described->dimensions[0])->name;
    const char *name = strchr(described->path, '/') + 1;
    const size_t length = strlen(dimension);
    return strncmp(name, dimension, length) == 0 && name[length] == '_' ? name + length + 1 : name;
}

static enum tb_value_kind kind_of(const struct tb_column_item *item)
{
    const struct tb_field_description *field = tb_field_describe(item->field);
    if (item->fill == TB_FILL_ADDRESS || item->named != TB_FIELDS || field->type == TB_TYPE_TEXT)
        return TB_VALUE_TEXT;
    if (field->flags != NULL && item->fill == TB_FILL_FIELD)
        return TB_VALUE_TEXT;
    return field->type == TB_TYPE_FLOAT64 ? TB_VALUE_NUMBER : TB_VALUE_INTEGER;
}

static enum tb_status add(struct making *making, const struct tb_column_item *item, const char *name,
                          struct tb_error *error)
{
    struct tb_column_items *items = making->items;
    struct tb_column_item *grown = reallocarray(items->items, items->count + 1, sizeof *grown);
    if (grown == NULL)
        return tb_error_memory(error, "a table's columns");
    items->items = grown;
    grown[items->count] = *item;
    grown[items->count].name = strdup(name);
    if (grown[items->count].name == NULL)
        return tb_error_memory(error, "a table's columns");
    items->count++;
    return TB_OK;
}

/* Everything but the name. */
static struct tb_column_item begin_item(const struct tb_export_column *column)
{
    struct tb_column_item item = {
        .part = column->part, .fill = column->fill, .field = column->field, .named = TB_FIELDS};
    const struct tb_field_description *field = tb_field_describe(column->field);
    while (item.hops < TB_VIA_MAX && is_index(column->via[item.hops])) {
        item.via[item.hops] = column->via[item.hops];
        item.hops++;
    }
    if (column->fill == TB_FILL_FIELD && field->target != TB_DIMENSIONS)
        item.named = name_of(field->target);
    item.kind = kind_of(&item);
    item.unit = item.kind == TB_VALUE_TEXT || strcmp(field->unit, "1") == 0 ? "" : field->unit;
    item.sentence = field->sentence;
    return item;
}

static enum tb_status add_field(struct making *making, const struct tb_export_column *column, struct tb_error *error)
{
    const struct tb_column_item item = begin_item(column);
    making->used[item.hops == 0 ? item.field : item.via[0]] = true;
    return add(making, &item, column->name == NULL ? short_name(column->field) : column->name, error);
}

static enum tb_status add_position(struct making *making, const struct tb_export_column *column, struct tb_error *error)
{
    const struct tb_dimension_description *dimension = tb_dimension_describe(column->dimension);
    const struct tb_column_item item = {.kind = TB_VALUE_INTEGER,
                                        .unit = "",
                                        .sentence = dimension->sentence,
                                        .part = column->part,
                                        .fill = column->fill,
                                        .dimension = column->dimension,
                                        .field = TB_FIELDS,
                                        .named = TB_FIELDS};
    return add(making, &item, dimension->name, error);
}

/* A level is a number when its factor has a unit. */
static enum tb_status add_factor(struct making *making, struct tb_column_item item, const char *name, const char *unit,
                                 struct tb_error *error)
{
    char *full = NULL;
    if (unit[0] != '\0') {
        item.field = TB_FIELD_SCENARIO_LEVEL_NUMBER;
        item.kind = TB_VALUE_NUMBER;
    }
    item.unit = unit;
    if (asprintf(&full, FACTOR_PREFIX "%s", name) < 0)
        return tb_error_memory(error, "a table's columns");
    const enum tb_status status = add(making, &item, full, error);
    free(full);
    return status;
}

static enum tb_status add_factors(struct making *making, const struct tb_export_column *column, struct tb_error *error)
{
    struct tb_column_item item = begin_item(column);
    if (making->results == NULL)
        return add_factor(making, item, "NAME", "", error);
    const char *const *names = tb_results_text(making->results, TB_FIELD_FACTOR_NAME, error);
    const char *const *units = names == NULL ? NULL : tb_results_text(making->results, TB_FIELD_FACTOR_UNIT, error);
    if (units == NULL)
        return error->status;
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < tb_results_size(making->results, TB_DIMENSION_FACTOR) && status == TB_OK; i++) {
        item.factor = i;
        status = add_factor(making, item, names[i], units[i], error);
    }
    return status;
}

static bool is_over(const struct tb_field_description *field, const struct tb_export_table *table)
{
    bool same = field->rank == table->rank;
    for (unsigned i = 0; i < table->rank && same; i++)
        same = field->dimensions[i] == table->dimensions[i];
    return same;
}

static enum tb_status add_rest(struct making *making, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (enum tb_field field = 0; field < TB_FIELDS && status == TB_OK; field++)
        if (!making->used[field] && is_over(tb_field_describe(field), making->table))
            status = add_field(making, &(struct tb_export_column){.field = field}, error);
    return status;
}

static enum tb_status add_column(struct making *making, const struct tb_export_column *column, struct tb_error *error)
{
    switch (column->fill) {
    case TB_FILL_POSITION:
        return add_position(making, column, error);
    case TB_FILL_FACTORS:
        return add_factors(making, column, error);
    case TB_FILL_REST:
        return add_rest(making, error);
    case TB_FILL_FIELD:
    case TB_FILL_PLAIN:
    case TB_FILL_ADDRESS:
        break;
    }
    return add_field(making, column, error);
}

/* The rest may stand before a column that it must leave out. */
static void mark_used(struct making *making)
{
    for (size_t i = 0; i < making->table->column_count; i++) {
        const struct tb_export_column *column = &making->table->columns[i];
        if (column->fill == TB_FILL_REST || column->fill == TB_FILL_POSITION)
            continue;
        making->used[is_index(column->via[0]) ? column->via[0] : column->field] = true;
    }
}

enum tb_status tb_column_items_make(const struct tb_export_table *table, struct tb_results *results,
                                    struct tb_column_items *items, struct tb_error *error)
{
    struct making making = {.table = table, .results = results, .items = items};
    struct tb_error reason = {.status = TB_INPUT_OUTPUT};
    enum tb_status status = TB_OK;
    mark_used(&making);
    for (size_t i = 0; i < table->column_count && status == TB_OK; i++)
        status = add_column(&making, &table->columns[i], &reason);
    if (status != TB_OK) {
        tb_column_items_free(items);
        return tb_error_set(error, status, "%s", reason.text);
    }
    return TB_OK;
}

void tb_column_items_free(struct tb_column_items *items)
{
    for (size_t i = 0; i < items->count; i++)
        free(items->items[i].name);
    free(items->items);
    *items = (struct tb_column_items){0};
}

enum tb_status tb_column_items_find(const struct tb_export_table *table, const struct tb_column_items *items,
                                    const char *name, size_t length, size_t *index, struct tb_error *error)
{
    char typed[128], hint[TB_NEAREST_TEXT_SIZE];
    snprintf(typed, sizeof typed, "%.*s", (int)(length < sizeof typed ? length : sizeof typed), name);
    struct tb_nearest nearest = tb_nearest_to(typed);
    for (size_t i = 0; i < items->count; i++) {
        if (strlen(items->items[i].name) == length && memcmp(items->items[i].name, name, length) == 0) {
            *index = i;
            return TB_OK;
        }
        tb_nearest_offer(&nearest, items->items[i].name);
    }
    return tb_error_set(error, TB_USAGE, "table %s has no column '%s'%s; twinbed export --list --table %s names them",
                        table->name, typed, tb_nearest_hint(&nearest, hint), table->name);
}
