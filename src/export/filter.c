/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "filter.h"

#include <stdlib.h>
#include <string.h>

#include "number_text.h"

enum tb_status tb_row_filter_make(const struct tb_export_table *table, struct tb_column_items *columns,
                                  const char *const *terms, size_t count, struct tb_row_filter *filter,
                                  struct tb_error *error)
{
    *filter = (struct tb_row_filter){.terms = terms, .count = count};
    filter->columns = calloc(count + 1, sizeof *filter->columns);
    enum tb_status status = filter->columns == NULL ? tb_error_memory(error, "a row filter") : TB_OK;
    for (size_t i = 0; i < count && status == TB_OK; i++) {
        const char *value = strchr(terms[i], '=');
        if (value == NULL)
            status = tb_error_set(error, TB_USAGE, "'%s' is no condition on rows: COLUMN=VALUE is one", terms[i]);
        else
            status =
                tb_column_items_find(table, columns, terms[i], (size_t)(value - terms[i]), &filter->columns[i], error);
        if (status == TB_OK)
            columns->items[filter->columns[i]].needed = true;
    }
    if (status != TB_OK)
        tb_row_filter_free(filter);
    return status;
}

void tb_row_filter_free(struct tb_row_filter *filter)
{
    free(filter->columns);
    *filter = (struct tb_row_filter){.count = 0};
}

/* A value may hold commas itself: as a whole it is compared, too. */
static bool is_among(const char *values, const char *text)
{
    const size_t length = strlen(text);
    if (strcmp(values, text) == 0)
        return true;
    for (const char *value = values;; value++) {
        const size_t size = strcspn(value, ",");
        if (size == length && memcmp(value, text, length) == 0)
            return true;
        value += size;
        if (*value == '\0')
            return false;
    }
}

bool tb_row_filter_passes(const struct tb_row_filter *filter, const struct tb_export_cell *cells)
{
    char text[TB_EXPORT_NUMBER_SIZE];
    bool passes = true;
    for (size_t i = 0; i < filter->count && passes; i++)
        passes = is_among(strchr(filter->terms[i], '=') + 1, tb_number_text_of_cell(&cells[filter->columns[i]], text));
    return passes;
}
