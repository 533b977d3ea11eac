/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view.h"

static bool is_followed(enum tb_dimension dimension)
{
    switch (dimension) {
#define TB_VIEW_CASE(DIMENSION, member) case TB_DIMENSION_##DIMENSION:
        TB_VIEW_SIZES(TB_VIEW_CASE)
#undef TB_VIEW_CASE
        return true;
    default:
        return false;
    }
}

static bool is_read(const struct tb_field_description *field)
{
    for (unsigned i = 0; i < field->rank; i++)
        if (!is_followed(field->dimensions[i]))
            return false;
    return true;
}

static const void *read_column(struct tb_results *results, enum tb_field field, struct tb_error *error)
{
    switch (tb_field_describe(field)->type) {
    case TB_TYPE_INT32:
        return tb_results_int32(results, field, error);
    case TB_TYPE_INT64:
        return tb_results_int64(results, field, error);
    case TB_TYPE_FLOAT64:
        return tb_results_float64(results, field, error);
    case TB_TYPE_TEXT:
        break;
    }
    return tb_results_text(results, field, error);
}

static void name_columns(struct tb_view *view)
{
#define TB_VIEW_SIZE(DIMENSION, member) view->member = (size_t)tb_results_size(view->results, TB_DIMENSION_##DIMENSION);
#define TB_VIEW_COLUMN(type, FIELD, member) view->member = view->column[TB_FIELD_##FIELD];
    TB_VIEW_SIZES(TB_VIEW_SIZE)
    TB_VIEW_COLUMNS(TB_VIEW_COLUMN)
#undef TB_VIEW_SIZE
#undef TB_VIEW_COLUMN
}

enum tb_status tb_view_load_columns(struct tb_view *view, struct tb_error *error)
{
    struct tb_error reason = {.status = TB_INPUT_OUTPUT};
    for (enum tb_field field = 0; field < TB_FIELDS; field++) {
        if (!is_read(tb_field_describe(field)))
            continue;
        view->column[field] = read_column(view->results, field, &reason);
        if (view->column[field] == NULL)
            return tb_error_set(error, reason.status, "%s", reason.text);
    }
    name_columns(view);
    return TB_OK;
}
