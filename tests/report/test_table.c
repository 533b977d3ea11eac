/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/widgets/table.h"

/* Three checks on two artifacts. */
static const int32_t artifacts[] = {1, 0, 1};
static const int32_t verdicts[] = {0, 1, 0};
static const double ratios[] = {0.5, NAN, 2};
static const char *const whys[] = {"", "a < b", "late"};
static const char *const paths[] = {"first.scap", "second.scap"};
static const int64_t bytes[] = {1234567, -1};

static struct tb_view checks(void)
{
    struct tb_view view = {.checks = 3, .artifacts = 2};
    view.column[TB_FIELD_CHECK_ARTIFACT] = artifacts;
    view.column[TB_FIELD_CHECK_VERDICT] = verdicts;
    view.column[TB_FIELD_CHECK_RATIO] = ratios;
    view.column[TB_FIELD_CHECK_WHY] = whys;
    view.column[TB_FIELD_ARTIFACT_PATH] = paths;
    view.column[TB_FIELD_FILE_BYTES] = bytes;
    return view;
}

/* What a table writes; the caller frees it. */
static char *written(const struct tb_table *table, size_t rows)
{
    const struct tb_view view = checks();
    char *text = NULL;
    size_t size = 0;
    struct tb_html html = {.out = open_memstream(&text, &size)};
    assert_non_null(html.out);
    tb_table_write(&html, &view, table, rows, NULL);
    assert_int_equal(fclose(html.out), 0);
    assert_false(html.failed);
    return text;
}

static void assert_writes(const struct tb_table *table, size_t rows, const char *const *parts)
{
    char *text = written(table, rows);
    const char *at = text;
    for (; *parts != NULL; parts++) {
        const char *found = strstr(at, *parts);
        if (found == NULL)
            fail_msg("no %s in order in: %s", *parts, text);
        at = found + strlen(*parts);
    }
    free(text);
}

static size_t count_of(const char *text, const char *what)
{
    size_t count = 0;
    for (; (text = strstr(text, what)) != NULL; text += strlen(what))
        count++;
    return count;
}

static void a_field_is_written_by_its_type(void **state)
{
    (void)state;
    static const struct tb_column columns[] = {
        {"file", TB_CELL_PATH, .field = TB_FIELD_CHECK_ARTIFACT},
        {"verdict", TB_CELL_WORD, .field = TB_FIELD_CHECK_VERDICT},
        {"digits", .field = TB_FIELD_CHECK_RATIO, .digits = 3},
        {"fixed", .field = TB_FIELD_CHECK_RATIO, .style = TB_STYLE_FIXED},
        {"percent", .field = TB_FIELD_CHECK_RATIO, .style = TB_STYLE_PERCENT},
        {"signed", .field = TB_FIELD_CHECK_RATIO, .style = TB_STYLE_SIGNED, .digits = 2},
        {"power", .field = TB_FIELD_CHECK_RATIO, .style = TB_STYLE_POWER},
        {"why", TB_CELL_TEXT, .field = TB_FIELD_CHECK_WHY, .style = TB_STYLE_CODE},
    };
    static const struct tb_table table = {.caption = "Checks.", .sentence = "", TB_COLUMNS(columns)};
    static const char *const parts[] = {
        "<th scope=\"col\">file</th><th scope=\"col\" class=\"text\">verdict</th><th scope=\"col\">digits</th>",
        "<tr><th scope=\"row\" class=\"path\">second.scap</th><td class=\"word\">agrees</td><td>0.500</td>",
        "<td>0</td><td>50\xC2\xA0%</td><td>+0.50</td><td>E+0.50</td><td class=\"text\"><code></code></td></tr>",
        "<tr><th scope=\"row\" class=\"path\">first.scap</th><td class=\"word\">too few</td>",
        "<td class=\"empty\">\xE2\x80\x93</td><td class=\"empty\">\xE2\x80\x93</td>",
        "<code>a &lt; b</code>",
        "<td>2.00</td><td>2</td><td>200\xC2\xA0%</td><td>+2.0</td>",
        NULL,
    };
    assert_writes(&table, 3, parts);
}

static void a_count_below_zero_is_missing(void **state)
{
    (void)state;
    static const struct tb_column columns[] = {{"bytes", .field = TB_FIELD_FILE_BYTES}};
    static const struct tb_table table = {.caption = "Files.", .sentence = "", TB_COLUMNS(columns)};
    static const char *const parts[] = {"<td>1\xE2\x80\xAF"
                                        "234\xE2\x80\xAF"
                                        "567</td>",
                                        "<td class=\"empty\">\xE2\x80\x93</td>", NULL};
    assert_writes(&table, 2, parts);
}

static void write_number(struct tb_html *html, const struct tb_cell *cell)
{
    tb_html_format(html, "<td>%zu.%zu</td>", cell->row, cell->index);
}

static const struct tb_column numbers[] = {{"number", .write = write_number, .index = 7}};

static void more_rows_are_folded_and_the_rest_is_counted(void **state)
{
    (void)state;
    static const struct tb_table table = {.caption = "Numbers.",
                                          .sentence = "Long.",
                                          TB_COLUMNS(numbers),
                                          .shown = 3,
                                          .limit = 7,
                                          .more = "numbers",
                                          .where = "/numbers",
                                          .note = "All of them."};
    static const char *const parts[] = {
        "Long.",
        "<td>2.7</td></tr>\n</tbody>\n</table></div>\n<details><summary>7 more numbers</summary>",
        "(continued)",
        "<td>3.7</td>",
        "<td>6.7</td></tr>\n</tbody>",
        "3 more are in the results file: load <code>/numbers</code>.</p>\n</details>\n<p class=\"note\">All of them.",
        NULL};
    assert_writes(&table, 10, parts);
    char *text = written(&table, 3);
    assert_null(strstr(text, "more"));
    free(text);
}

static bool is_even_below_eight(const struct tb_cell *cell)
{
    return cell->row % 2 == 0 && cell->row < 8;
}

static size_t group_of_four(const struct tb_cell *cell)
{
    return cell->row / 4;
}

static void write_group(struct tb_html *html, const struct tb_cell *cell)
{
    tb_html_format(html, "group of %zu", cell->row);
}

static void a_group_without_rows_is_left_out(void **state)
{
    (void)state;
    struct tb_table table = {.caption = "Groups.",
                             .sentence = "",
                             TB_COLUMNS(numbers),
                             .shows = is_even_below_eight,
                             .group = group_of_four,
                             .heading = write_group,
                             .shown = 1,
                             .more = "groups"};
    static const char *const parts[] = {"colspan=\"1\">group of 0</th>",
                                        "<td>0.7</td>",
                                        "<td>2.7</td>",
                                        "<summary>1 more groups",
                                        "group of 4",
                                        "<td>6.7</td></tr>\n</tbody>\n</table></div>\n</details>",
                                        NULL};
    assert_writes(&table, 12, parts);
    char *text = written(&table, 12);
    assert_null(strstr(text, "group of 8"));
    assert_int_equal(count_of(text, "<tr><td>"), 4);
    free(text);
    table.bare_groups = true;
    text = written(&table, 12);
    assert_non_null(strstr(text, "group of 8"));
    free(text);
}

static void columns_share_a_head_above_them(void **state)
{
    (void)state;
    static const char above[] = "<b>";
    static const struct tb_column columns[] = {
        {"first", .write = write_number},
        {"second", .write = write_number, .above = above},
        {"third", .above = above, .joined = true},
    };
    static const struct tb_table table = {.caption = "Heads.", .sentence = "", TB_COLUMNS(columns)};
    static const char *const parts[] = {
        "<tr><th scope=\"col\" rowspan=\"2\">first</th><th scope=\"colgroup\" colspan=\"2\">&lt;b&gt;</th></tr>",
        "<tr><th scope=\"col\">second</th><th scope=\"col\">third</th>", "<tr><td>0.0</td><td>0.0</td></tr>", NULL};
    assert_writes(&table, 1, parts);
}

static void a_table_without_rows_says_why(void **state)
{
    (void)state;
    struct tb_table table = {.caption = "None.", .sentence = "", TB_COLUMNS(numbers), .nothing = ""};
    char *text = written(&table, 0);
    assert_string_equal(text, "");
    free(text);
    table.nothing = "<p class=\"reason\">No numbers: ";
    table.needs = "trace";
    text = NULL;
    static const struct tb_view empty;
    size_t size = 0;
    struct tb_html html = {.out = open_memstream(&text, &size)};
    tb_table_write(&html, &empty, &table, 0, NULL);
    table.inside = true;
    table.nothing = "";
    tb_table_write(&html, &empty, &table, 0, NULL);
    fclose(html.out);
    assert_non_null(
        strstr(text, "<p class=\"reason\">No numbers: this campaign has no artifact of kind trace.</p>\n<div"));
    assert_non_null(strstr(text, "<b>None.</b>"));
    assert_non_null(strstr(text, "no value: this campaign has no artifact of kind trace</span></th>"));
    free(text);
}

static void a_fold_says_how_many_of_how_many(void **state)
{
    (void)state;
    struct tb_table table = {.caption = "Some.",
                             .sentence = "",
                             TB_COLUMNS(numbers),
                             .shows = is_even_below_eight,
                             .fold = "are even",
                             .open = 3};
    static const char *const closed[] = {"<details><summary>4 of 10 are even</summary>", "</table></div>\n</details>",
                                         NULL};
    static const char *const open[] = {"<details open><summary>3 of 6 are even</summary>", NULL};
    assert_writes(&table, 10, closed);
    assert_writes(&table, 6, open);
}

static size_t twice_below_five(const struct tb_cell *cell)
{
    return cell->row == 2 ? TB_ABSENT : 2 * cell->row;
}

static void a_row_may_be_of_another_place_in_its_field(void **state)
{
    (void)state;
    static const struct tb_column columns[] = {{"why", TB_CELL_TEXT, .field = TB_FIELD_CHECK_WHY}};
    static const struct tb_table table = {
        .caption = "", .sentence = "", TB_COLUMNS(columns), .at = twice_below_five, .totals = 1};
    static const char *const parts[] = {"<td class=\"text\"></td>",
                                        "<td class=\"text\">late</td></tr>\n</tbody>\n<tfoot>", "<td class=\"empty\">",
                                        "</tfoot>", NULL};
    assert_writes(&table, 3, parts);
}

/* The members of the view are declared with a type of their own: it must be the schema's. */
static void columns_of_the_view_have_the_types_of_the_schema(void **state)
{
    (void)state;
#define ASSERT_TYPE(TYPE, FIELD, member) assert_int_equal(tb_field_describe(TB_FIELD_##FIELD)->type, TB_TYPE_##TYPE);
    TB_VIEW_COLUMNS(ASSERT_TYPE)
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_field_is_written_by_its_type),
        cmocka_unit_test(a_count_below_zero_is_missing),
        cmocka_unit_test(more_rows_are_folded_and_the_rest_is_counted),
        cmocka_unit_test(a_group_without_rows_is_left_out),
        cmocka_unit_test(columns_share_a_head_above_them),
        cmocka_unit_test(a_table_without_rows_says_why),
        cmocka_unit_test(a_fold_says_how_many_of_how_many),
        cmocka_unit_test(a_row_may_be_of_another_place_in_its_field),
        cmocka_unit_test(columns_of_the_view_have_the_types_of_the_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
