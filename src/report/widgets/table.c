/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "table.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define DASH "\xE2\x80\x93"

/* A table that is being written. */
struct writing {
    struct tb_html *html;
    const struct tb_view *view;
    const struct tb_table *table;
    size_t rows;
    const void *context;
};

static struct tb_cell cell_at(const struct writing *writing, size_t row)
{
    return (struct tb_cell){.view = writing->view, .context = writing->context, .row = row};
}

static bool is_row(const struct writing *writing, size_t row)
{
    const struct tb_cell cell = cell_at(writing, row);
    return writing->table->shows == NULL || writing->table->shows(&cell);
}

static size_t group_of(const struct writing *writing, size_t row)
{
    const struct tb_cell cell = cell_at(writing, row);
    return writing->table->group(&cell);
}

/* Where the group that begins at a row ends; without groups a row is one by itself. */
static size_t end_of(const struct writing *writing, size_t first)
{
    size_t end = first + 1;
    if (writing->table->heading != NULL)
        while (end < writing->rows && group_of(writing, end) == group_of(writing, first))
            end++;
    return end;
}

static bool has_rows(const struct writing *writing, size_t first, size_t end)
{
    bool any = writing->table->bare_groups;
    for (; first < end && !any; first++)
        any = is_row(writing, first);
    return any;
}

/* Rows, or groups, without totals. */
static size_t count_all(const struct writing *writing)
{
    size_t count = 0;
    for (size_t first = 0, end; first + writing->table->totals < writing->rows; first = end) {
        end = end_of(writing, first);
        count += has_rows(writing, first, end);
    }
    return count;
}

void tb_cell_missing(struct tb_html *html)
{
    tb_html_markup(html, "<td class=\"empty\">" DASH "</td>");
}

void tb_cell_number(struct tb_html *html, double value, struct tb_number number)
{
    if (isnan(value))
        tb_cell_missing(html);
    else
        tb_html_format(html, "<td>%s</td>", number.text);
}

void tb_cell_scenario(struct tb_html *html, const struct tb_view *view, int32_t scenario, enum tb_field field,
                      int32_t role)
{
    tb_html_markup(html, "<th scope=\"row\">");
    tb_html_text(html, view->scenario_label[scenario]);
    tb_html_format(html, ", %s</th>", tb_view_flag(field, role).text);
}

static void write_text(struct tb_html *html, const struct tb_column *column, const char *text)
{
    static const char *const tags[] = {[TB_CELL_NUMBER] = "td",
                                       [TB_CELL_TEXT] = "td class=\"text\"",
                                       [TB_CELL_WORD] = "td class=\"word\"",
                                       [TB_CELL_HEADING] = "th scope=\"row\"",
                                       [TB_CELL_PATH] = "th scope=\"row\" class=\"path\""};
    const bool code = column->style == TB_STYLE_CODE;
    tb_html_format(html, "<%s>%s", tags[column->kind], code ? "<code>" : "");
    tb_html_text(html, text);
    tb_html_format(html, "%s</%.2s>", code ? "</code>" : "", tags[column->kind]);
}

static void write_int64(struct tb_html *html, const struct tb_column *column, int64_t value)
{
    if (value < 0)
        tb_cell_missing(html);
    else
        write_text(html, column, tb_number_count(value).text);
}

/* The field that names what an index points to. */
static enum tb_field name_of(enum tb_dimension dimension)
{
    switch (dimension) {
    case TB_DIMENSION_TESTBED:
        return TB_FIELD_TESTBED_NAME;
    case TB_DIMENSION_ARTIFACT:
        return TB_FIELD_ARTIFACT_PATH;
    case TB_DIMENSION_CALL:
        return TB_FIELD_CALL_NAME;
    default:
        return TB_FIELDS;
    }
}

static void write_int32(struct tb_html *html, const struct tb_view *view, const struct tb_column *column, int32_t value)
{
    const enum tb_field name = name_of(tb_field_describe(column->field)->target);
    if (name != TB_FIELDS && value < 0)
        tb_cell_missing(html);
    else if (name != TB_FIELDS)
        write_text(html, column, ((const char *const *)view->column[name])[value]);
    else if (tb_field_describe(column->field)->flags != NULL)
        write_text(html, column, tb_view_flag(column->field, value).text);
    else
        write_int64(html, column, value);
}

static void write_float64(struct tb_html *html, const struct tb_column *column, double value)
{
    const struct tb_number number = column->style == TB_STYLE_POWER     ? tb_number_power(value)
                                    : column->style == TB_STYLE_FIXED   ? tb_number_fixed(value, column->digits)
                                    : column->style == TB_STYLE_PERCENT ? tb_number_percent(value)
                                    : column->style == TB_STYLE_SIGNED  ? tb_number_signed(value, column->digits)
                                    : column->style == TB_STYLE_P       ? tb_number_p(value)
                                                                        : tb_number_significant(value, column->digits);
    if (isnan(value))
        tb_cell_missing(html);
    else
        tb_html_format(html, "<td>%s</td>", number.text);
}

static void write_field(struct tb_html *html, const struct tb_view *view, const struct tb_column *column, size_t row)
{
    const void *data = view->column[column->field];
    if (column->style == TB_STYLE_ROLE) {
        const int32_t *roles = view->column[column->role];
        tb_cell_scenario(html, view, ((const int32_t *)data)[row], column->role, roles[row]);
        return;
    }
    switch (tb_field_describe(column->field)->type) {
    case TB_TYPE_INT32:
        write_int32(html, view, column, ((const int32_t *)data)[row]);
        break;
    case TB_TYPE_INT64:
        write_int64(html, column, ((const int64_t *)data)[row]);
        break;
    case TB_TYPE_FLOAT64:
        write_float64(html, column, ((const double *)data)[row]);
        break;
    case TB_TYPE_TEXT:
        write_text(html, column, ((const char *const *)data)[row]);
        break;
    }
}

static void write_row(const struct writing *writing, size_t row)
{
    const struct tb_table *table = writing->table;
    struct tb_cell cell = cell_at(writing, row);
    tb_html_markup(writing->html, "<tr>");
    if (table->write != NULL)
        table->write(writing->html, &cell);
    for (size_t i = 0; table->write == NULL && i < table->column_count; i++) {
        const struct tb_column *column = &table->columns[i];
        cell.index = column->index;
        const size_t at = table->at == NULL ? row : table->at(&cell);
        if (at == TB_ABSENT)
            tb_cell_missing(writing->html);
        else if (column->write != NULL)
            column->write(writing->html, &cell);
        else if (!column->joined)
            write_field(writing->html, writing->view, column, at);
    }
    tb_html_markup(writing->html, "</tr>\n");
}

static void write_head(struct tb_html *html, const struct tb_column *column, const char *rows)
{
    const bool left = column->kind == TB_CELL_TEXT || column->kind == TB_CELL_WORD;
    tb_html_format(html, "<th scope=\"col\"%s%s>", rows, left ? " class=\"text\"" : "");
    tb_html_text(html, column->head);
    tb_html_markup(html, "</th>");
}

/* The upper of two lines of heads, where some columns have a common one. */
static void write_upper_heads(struct tb_html *html, const struct tb_table *table)
{
    for (size_t i = 0, end; i < table->column_count; i = end) {
        const char *above = table->columns[i].above;
        end = i + 1;
        if (above == NULL) {
            write_head(html, &table->columns[i], " rowspan=\"2\"");
            continue;
        }
        while (end < table->column_count && table->columns[end].above == above)
            end++;
        tb_html_format(html, "<th scope=\"colgroup\" colspan=\"%zu\">", end - i);
        tb_html_text(html, above);
        tb_html_markup(html, "</th>");
    }
}

static void write_heads(struct tb_html *html, const struct tb_table *table)
{
    bool two = false;
    for (size_t i = 0; i < table->column_count; i++)
        two = two || table->columns[i].above != NULL;
    tb_html_markup(html, "<thead><tr>");
    if (two) {
        write_upper_heads(html, table);
        tb_html_markup(html, "</tr>\n<tr>");
    }
    for (size_t i = 0; i < table->column_count; i++)
        if (!two || table->columns[i].above != NULL)
            write_head(html, &table->columns[i], "");
    tb_html_markup(html, "</tr></thead>\n");
}

static void open_table(const struct writing *writing, const char *sentence)
{
    const struct tb_table *table = writing->table;
    const struct tb_cell cell = cell_at(writing, 0);
    tb_html_format(writing->html, "<div class=\"scroll\" role=\"group\" aria-label=\"%s\" tabindex=\"0\"><table",
                   table->caption);
    if (table->class != NULL)
        tb_html_format(writing->html, " class=\"%s\"", table->class);
    tb_html_format(writing->html, ">\n<caption><span><b>%s</b> %s", table->caption, sentence);
    if (table->explain != NULL)
        table->explain(writing->html, &cell);
    tb_html_markup(writing->html, "</span></caption>\n");
}

static void write_group(const struct writing *writing, size_t first, size_t end)
{
    const struct tb_table *table = writing->table;
    const struct tb_cell cell = cell_at(writing, first);
    if (table->heading != NULL) {
        tb_html_format(writing->html, "<tbody><tr><th scope=\"rowgroup\" class=\"group\" colspan=\"%zu\">",
                       table->column_count);
        table->heading(writing->html, &cell);
        tb_html_markup(writing->html, "</th></tr>\n");
    }
    for (; first < end; first++)
        if (is_row(writing, first))
            write_row(writing, first);
    if (table->heading != NULL)
        tb_html_markup(writing->html, "</tbody>\n");
}

static void write_totals(const struct writing *writing)
{
    tb_html_markup(writing->html, "<tfoot>\n");
    for (size_t row = writing->rows - writing->table->totals; row < writing->rows; row++)
        write_row(writing, row);
    tb_html_markup(writing->html, "</tfoot>\n");
}

/* Writes up to limit rows or groups from a row on; gives the row after them. */
static size_t write_part(const struct writing *writing, size_t first, size_t limit, const char *sentence)
{
    const struct tb_table *table = writing->table;
    open_table(writing, sentence);
    write_heads(writing->html, table);
    tb_html_markup(writing->html, table->heading == NULL ? "<tbody>\n" : "");
    for (size_t end, written = 0; first + table->totals < writing->rows && written < limit; first = end) {
        end = end_of(writing, first);
        if (!has_rows(writing, first, end))
            continue;
        write_group(writing, first, end);
        written++;
    }
    tb_html_markup(writing->html, table->heading == NULL ? "</tbody>\n" : "");
    if (table->totals > 0)
        write_totals(writing);
    tb_html_markup(writing->html, "</table></div>\n");
    return first;
}

static void write_parts(const struct writing *writing, size_t count)
{
    const struct tb_table *table = writing->table;
    const size_t limit = table->limit == 0 || table->limit > count ? count : table->limit;
    const size_t shown = table->shown == 0 || table->shown > limit ? limit : table->shown;
    const size_t next = write_part(writing, 0, shown, table->sentence);
    if (shown < limit) {
        tb_fold_open(writing->html, false, "%s more %s", tb_number_count((int64_t)(count - shown)).text, table->more);
        (void)write_part(writing, next, limit - shown, "(continued)");
    }
    if (limit < count)
        tb_html_format(writing->html, "<p class=\"note\">%s more are in the results file: load <code>%s</code>.</p>\n",
                       tb_number_count((int64_t)(count - limit)).text, table->where);
    if (shown < limit)
        tb_fold_close(writing->html);
    if (table->note != NULL)
        tb_html_format(writing->html, "<p class=\"note\">%s</p>\n", table->note);
}

static void write_nothing(const struct writing *writing)
{
    const struct tb_table *table = writing->table;
    if (table->inside) {
        open_table(writing, table->sentence);
        tb_html_markup(writing->html, "<tbody><tr><th scope=\"row\" class=\"group\"><span class=\"reason\">no value: ");
    }
    tb_html_markup(writing->html, table->nothing);
    if (table->needs != NULL)
        tb_missing_reason(writing->html, writing->view, table->needs);
    if (table->inside)
        tb_html_markup(writing->html, "</span></th></tr></tbody>\n</table></div>\n");
    else if (table->needs != NULL)
        tb_html_markup(writing->html, ".</p>\n");
}

void tb_table_write(struct tb_html *html, const struct tb_view *view, const struct tb_table *table, size_t rows,
                    const void *context)
{
    const struct writing writing = {html, view, table, rows, context};
    const size_t count = count_all(&writing);
    if (count == 0 && table->nothing != NULL) {
        write_nothing(&writing);
        return;
    }
    if (table->fold != NULL && count < rows)
        tb_fold_open(html, count <= table->open, "%s of %s %s", tb_number_count((int64_t)count).text,
                     tb_number_count((int64_t)rows).text, table->fold);
    else if (table->fold != NULL)
        tb_fold_open(html, count <= table->open, "%s %s", tb_number_count((int64_t)count).text, table->fold);
    write_parts(&writing, count);
    if (table->fold != NULL)
        tb_fold_close(html);
}

void tb_columns_add(struct tb_html *html, struct tb_column_list *list, struct tb_column column)
{
    struct tb_column *items = realloc(list->items, (list->count + 1) * sizeof *items);
    if (items == NULL) {
        html->failed = true;
        return;
    }
    items[list->count++] = column;
    list->items = items;
}

static void write_level(struct tb_html *html, const struct tb_cell *cell)
{
    const char *level = tb_view_level(cell->view, cell->row % cell->view->scenarios, cell->index);
    tb_html_element(html, "th scope=\"row\"", level[0] == '\0' ? DASH : level);
}

static void write_scenario(struct tb_html *html, const struct tb_cell *cell)
{
    tb_html_element(html, "th scope=\"row\"", cell->view->scenario_name[cell->row % cell->view->scenarios]);
}

void tb_columns_add_scenario(struct tb_html *html, struct tb_column_list *list, const struct tb_view *view,
                             size_t left_out)
{
    const size_t before = list->count;
    /* Tables hold instrumented runs or both kinds side by side, so instrumentation never needs a column. */
    for (size_t f = 0; f < view->factors; f++)
        if (view->factor_varies[f] && f != left_out && f != view->instrumented_factor)
            tb_columns_add(
                html, list,
                (struct tb_column){
                    .head = view->factor_name[f], .kind = TB_CELL_HEADING, .write = write_level, .index = f});
    if (list->count == before)
        tb_columns_add(html, list,
                       (struct tb_column){.head = "scenario", .kind = TB_CELL_HEADING, .write = write_scenario});
}

void tb_columns_add_testbeds(struct tb_html *html, struct tb_column_list *list, const struct tb_view *view,
                             const struct tb_column *columns, size_t count)
{
    for (size_t i = 0; i < view->testbeds * count; i++) {
        struct tb_column column = columns[i % count];
        column.index = i / count;
        column.above = column.head == NULL ? NULL : view->testbed_name[column.index];
        column.head = column.head == NULL ? view->testbed_name[column.index] : column.head;
        tb_columns_add(html, list, column);
    }
}

void tb_fold_open(struct tb_html *html, bool open, const char *format, ...)
{
    va_list arguments;
    tb_html_format(html, "<details%s><summary>", open ? " open" : "");
    va_start(arguments, format);
    vfprintf(html->out, format, arguments);
    va_end(arguments);
    tb_html_markup(html, "</summary>\n");
}

void tb_fold_close(struct tb_html *html)
{
    tb_html_markup(html, "</details>\n");
}

void tb_missing_reason(struct tb_html *html, const struct tb_view *view, const char *artifact)
{
    size_t present = 0;
    size_t used = 0;
    for (size_t i = 0; i < view->artifacts; i++) {
        if (strcmp(view->artifact_kind[i], artifact) != 0)
            continue;
        present += tb_view_present(view, i);
        used += view->artifact_state[i] == TB_ARTIFACT_USED;
    }
    if (present == 0)
        tb_html_format(html, "this campaign has no artifact of kind %s", artifact);
    else if (used == 0)
        tb_html_format(html, "none of the %zu artifacts of kind %s could be used (see Runs)", present, artifact);
    else
        tb_html_format(html, "the %zu usable artifacts of kind %s give no value for it", used, artifact);
}
