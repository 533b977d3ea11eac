/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The descriptions of tables hold together, and leave nothing out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "export/columns.h"

static struct tb_column_items columns_of(const struct tb_export_table *table)
{
    struct tb_column_items columns = {.count = 0};
    struct tb_error error;
    assert_int_equal(tb_column_items_make(table, NULL, &columns, &error), TB_OK);
    assert_true(columns.count > 0);
    return columns;
}

static bool is_over(const struct tb_export_table *table, enum tb_dimension dimension)
{
    bool over = dimension == TB_DIMENSION_FACTOR || dimension == TB_DIMENSION_ADDRESS_BYTE;
    for (unsigned i = 0; i < table->rank; i++)
        over = over || table->dimensions[i] == dimension;
    return over;
}

/* Each step of a way begins where the last one ended, and everything else is looked up at the row. */
static void assert_leads_to_its_field(const struct tb_export_table *table, const struct tb_column_item *column)
{
    enum tb_dimension at = TB_DIMENSIONS;
    if (column->fill == TB_FILL_POSITION) {
        assert_true(is_over(table, column->dimension));
        return;
    }
    for (unsigned i = 0; i <= column->hops; i++) {
        const struct tb_field_description *field =
            tb_field_describe(i == column->hops ? column->field : column->via[i]);
        if (at == TB_DIMENSIONS)
            assert_true(is_over(table, field->dimensions[0]));
        else
            assert_int_equal(field->dimensions[0], at);
        for (unsigned j = 1; j < field->rank; j++)
            assert_true(is_over(table, field->dimensions[j]));
        at = field->target;
    }
}

static void columns_lead_to_their_fields(void **state)
{
    (void)state;
    const struct tb_export_table *table;
    for (size_t i = 0; (table = tb_export_table_at(i)) != NULL; i++) {
        struct tb_column_items columns = columns_of(table);
        for (size_t j = 0; j < columns.count; j++)
            assert_leads_to_its_field(table, &columns.items[j]);
        tb_column_items_free(&columns);
    }
}

static void names_are_unique(void **state)
{
    (void)state;
    const struct tb_export_table *table;
    for (size_t i = 0; (table = tb_export_table_at(i)) != NULL; i++) {
        struct tb_column_items columns = columns_of(table);
        struct tb_error error = {0};
        size_t found = 0;
        for (size_t j = 0; j < columns.count; j++) {
            const char *name = columns.items[j].name;
            assert_int_equal(tb_column_items_find(table, &columns, name, strlen(name), &found, &error), TB_OK);
            if (found != j)
                fail_msg("table %s has two columns %s", table->name, name);
        }
        tb_column_items_free(&columns);
        const struct tb_export_table *same;
        assert_int_equal(tb_export_table_find(table->name, &same, &error), TB_OK);
        assert_ptr_equal(same, table);
        assert_true(table->graph == NULL || tb_export_table_find(table->graph, &same, &error) == TB_OK);
    }
}

static void mark(const struct tb_column_items *columns, bool *shown)
{
    for (size_t j = 0; j < columns->count; j++) {
        const struct tb_column_item *column = &columns->items[j];
        if (column->field != TB_FIELDS)
            shown[column->field] = true;
        if (column->named != TB_FIELDS)
            shown[column->named] = true;
        for (unsigned k = 0; k < column->hops; k++)
            shown[column->via[k]] = true;
    }
}

/* Whoever adds a dataset adds it to a table, too. */
static void every_dataset_is_in_some_table(void **state)
{
    (void)state;
    static bool shown[TB_FIELDS];
    const struct tb_export_table *table;
    shown[TB_FIELD_SCENARIO_LEVEL_NUMBER] = true; /* the column of a factor whose levels are numbers */
    for (size_t i = 0; (table = tb_export_table_at(i)) != NULL; i++) {
        struct tb_column_items columns = columns_of(table);
        mark(&columns, shown);
        tb_column_items_free(&columns);
    }
    for (enum tb_field field = 0; field < TB_FIELDS; field++)
        if (!shown[field])
            fail_msg("%s is in no table of src/export/tables.c", tb_field_describe(field)->path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_lead_to_their_fields),
        cmocka_unit_test(names_are_unique),
        cmocka_unit_test(every_dataset_is_in_some_table),
    };
    return cmocka_run_group_tests_name("tables", tests, NULL, NULL);
}
