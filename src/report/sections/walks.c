/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "report/widgets/numbers.h"
#include "sections.h"

enum { GROUPS_SHOWN = 8, GROUPS_WRITTEN = 200, WINDOWS = 4 };

/* A walk set with what it is ordered by. */
struct placed_set {
    int32_t scenario, role, order, basis; /* a group of rows */
    int32_t testbed;                      /* a row */
    int32_t setting;                      /* a column */
    size_t set;
};

/* The walk sets in the order of the tables, and where groups begin. */
struct placed_sets {
    struct placed_set *items;
    size_t count;
    int32_t settings[WINDOWS]; /* window settings that are columns, ascending */
    size_t setting_count;
};

static int order_of(int32_t a, int32_t b)
{
    return (a > b) - (a < b);
}

static int same_group(const struct placed_set *a, const struct placed_set *b)
{
    int result = order_of(a->role, b->role);
    if (result == 0)
        result = order_of(a->order, b->order);
    if (result == 0)
        result = order_of(a->basis, b->basis);
    return result != 0 ? result : order_of(a->scenario, b->scenario);
}

static int compare_sets(const void *left, const void *right)
{
    const struct placed_set *a = left;
    const struct placed_set *b = right;
    int result = same_group(a, b);
    if (result == 0)
        result = order_of(a->testbed, b->testbed);
    if (result == 0)
        result = order_of(a->setting, b->setting);
    return result != 0 ? result : (a->set > b->set) - (a->set < b->set);
}

static void note_setting(struct placed_sets *sets, int32_t setting)
{
    size_t at = 0;
    while (at < sets->setting_count && sets->settings[at] < setting)
        at++;
    if (at < sets->setting_count && sets->settings[at] == setting)
        return;
    if (at >= WINDOWS)
        return;
    size_t end = sets->setting_count < WINDOWS ? sets->setting_count++ : WINDOWS - 1;
    for (size_t i = end; i > at; i--)
        sets->settings[i] = sets->settings[i - 1];
    sets->settings[at] = setting;
}

static enum tb_status place(const struct tb_view *view, struct placed_sets *sets, struct tb_error *error)
{
    *sets = (struct placed_sets){.items = calloc(view->walk_sets + 1, sizeof *sets->items)};
    if (sets->items == NULL)
        return tb_error_memory(error, "the report's walks");
    for (size_t i = 0; i < view->walk_sets; i++) {
        size_t window = (size_t)view->walk_set_window[i];
        /* Tables VIII and IX walk the baseline's chains; those of other testbeds are in the file. */
        if (view->walk_set_chain_testbed[i] != 0)
            continue;
        sets->items[sets->count++] = (struct placed_set){
            .scenario = view->window_scenario[window],
            .role = view->window_role[window],
            .order = view->walk_set_order[i],
            .basis = view->walk_set_basis[i],
            .testbed = view->walk_set_testbed[i],
            .setting = view->window_setting[window],
            .set = i,
        };
        note_setting(sets, view->window_setting[window]);
    }
    qsort(sets->items, sets->count, sizeof *sets->items, compare_sets);
    return TB_OK;
}

/* What a cell of a table shows for one walk set. */
struct walk_table {
    const char *caption;
    const char *sentence;
    const char *columns[5]; /* column heads inside a window, ended by NULL */
    bool baseline;          /* the baseline has a row */
    void (*write)(struct tb_html *html, const struct tb_view *view, size_t set);
};

static void write_invalid(struct tb_html *html, const struct tb_view *view, size_t set)
{
    tb_html_format(html, "<td>%s</td><td>%s</td><td>%s</td>", tb_number_count(view->walk_set_with_invalid[set]).text,
                   tb_number_count(view->walk_set_invalid_transitions[set]).text,
                   tb_number_count(view->walk_set_walks[set]).text);
}

/* A power of ten, or why there is none. */
static void write_power(struct tb_html *html, const struct tb_view *view, size_t set, double value)
{
    if (isnan(value))
        tb_html_format(html, "<td class=\"empty\">\xE2\x80\x93<small>%s</small></td>",
                       tb_view_flag(TB_FIELD_WALK_SET_REASON, view->walk_set_reason[set]).text);
    else
        tb_html_format(html, "<td>%s</td>", tb_number_power(value).text);
}

static void write_relative(struct tb_html *html, const struct tb_view *view, size_t set)
{
    write_power(html, view, set, view->walk_set_log10_relative[set]);
    double off_diagonal = view->walk_set_log10_relative_off_diagonal[set];
    if (isnan(off_diagonal))
        tb_html_format(html, "<td class=\"empty\">\xE2\x80\x93");
    else
        tb_html_format(html, "<td>%s", tb_number_power(off_diagonal).text);
    tb_html_format(html, "<small>%s of %s walks valid</small></td>",
                   tb_number_count(view->walk_set_valid_off_diagonal[set]).text,
                   tb_number_count(view->walk_set_walks_off_diagonal[set]).text);
    double bits = view->walk_set_bits_difference[set];
    tb_html_format(html, "<td>%s%s", bits > 0 ? "+" : "", tb_number_significant(bits, 3).text);
    if (isfinite(view->walk_set_bits[set]))
        tb_html_format(html, "<small>of %s</small>", tb_number_fixed(view->walk_set_bits[set], 4).text);
    tb_html_markup(html, "</td>");
}

static void write_signed(struct tb_html *html, double value, struct tb_number number)
{
    if (isnan(value))
        tb_html_markup(html, "<td class=\"empty\">\xE2\x80\x93</td>");
    else
        tb_html_format(html, "<td>%s%s</td>", value > 0 ? "+" : "", number.text);
}

static void write_averages(struct tb_html *html, const struct tb_view *view, size_t set)
{
    write_power(html, view, set, view->walk_set_log10_relative[set]);
    write_power(html, view, set, view->walk_set_mean_log10_relative[set]);
    double smoothed = view->walk_set_smoothed_log10_relative[set];
    if (isnan(smoothed))
        tb_html_markup(html, "<td class=\"empty\">\xE2\x80\x93</td>");
    else
        tb_html_format(html, "<td>%s</td>", tb_number_power(smoothed).text);
    double bits = view->walk_set_smoothed_bits_difference[set];
    write_signed(html, bits, tb_number_significant(bits, 3));
}

static const struct walk_table invalid_table = {
    "Table VIII.",
    "Invalid transitions: walks of the baseline\xE2\x80\x99s chains with each testbed\xE2\x80\x99s sequences in "
    "which at least one transition does not exist in the chain, and such transitions in all walks together.",
    {"walks with any", "transitions", "walks", NULL},
    true,
    write_invalid,
};

static const struct walk_table relative_table = {
    "Table IX.",
    "Mean probability of walks with the testbed\xE2\x80\x99s sequences over that with the baseline\xE2\x80\x99s own, "
    "as a "
    "power of ten; the same without chains on their own sequences; and bits per transition above the "
    "baseline\xE2\x80\x99s, which can be compared across lengths (more bits: less probable).",
    {"relative probability", "without the diagonal", "bits / transition", NULL},
    false,
    write_relative,
};

static const struct walk_table averages_table = {
    "Three averages of the same walks.",
    "Relative to the walks of the baseline\xE2\x80\x99s own sequences, as powers of ten. The mean of probabilities "
    "counts walks of probability zero as zeros, and is ruled by the best walk; the mean of logs leaves them out; with "
    "additive smoothing no walk has probability zero, so that none is lost. Last: bits per transition above the "
    "baseline\xE2\x80\x99s, smoothed.",
    {"mean of probabilities", "mean of logs", "mean of logs, smoothed", "bits / transition, smoothed"},
    false,
    write_averages,
};

static size_t column_count(const struct walk_table *table)
{
    size_t count = 0;
    while (table->columns[count] != NULL)
        count++;
    return count;
}

static void write_heads(struct tb_html *html, const struct walk_table *table, const struct placed_sets *sets)
{
    size_t columns = column_count(table);
    tb_html_markup(html, "<thead><tr><th scope=\"col\" rowspan=\"2\">sequence</th>");
    for (size_t w = 0; w < sets->setting_count; w++)
        tb_html_format(html, "<th scope=\"colgroup\" colspan=\"%zu\">window %d</th>", columns,
                       (int)sets->settings[w] + 1);
    tb_html_markup(html, "</tr>\n<tr>");
    for (size_t w = 0; w < sets->setting_count; w++)
        for (size_t c = 0; c < columns; c++)
            tb_html_format(html, "<th scope=\"col\">%s</th>", table->columns[c]);
    tb_html_markup(html, "</tr></thead>\n");
}

static void write_window(struct tb_html *html, const struct tb_view *view, size_t window)
{
    tb_html_format(html, "window %d: ", (int)view->window_setting[window] + 1);
    if (view->window_skip[window] > 0)
        tb_html_format(html, "skip %s, ", tb_number_count(view->window_skip[window]).text);
    if (view->window_limit[window] >= 0)
        tb_html_format(html, "%s calls", tb_number_count(view->window_limit[window]).text);
    else
        tb_html_markup(html, "whole sequences");
    if (view->window_short[window] > 0)
        tb_html_format(html, ", %d of %d sequences too short", (int)view->window_short[window],
                       (int)view->window_sequences[window]);
}

static void write_group_head(struct tb_html *html, const struct tb_view *view, const struct placed_set *group,
                             size_t count, size_t columns)
{
    char *label = tb_view_scenario_label(view, (size_t)group->scenario, TB_ABSENT);
    tb_html_format(html, "<tbody><tr><th scope=\"rowgroup\" class=\"group\" colspan=\"%zu\">", columns);
    tb_html_text(html, label == NULL ? "" : label);
    free(label);
    tb_html_format(html, ", %s <span class=\"sentence\">order %d; chain of the %s; ",
                   tb_view_flag(TB_FIELD_WINDOW_ROLE, group->role).text, (int)group->order,
                   group->basis == 0 ? "whole sequence" : "same window");
    int32_t last = -1;
    for (size_t i = 0; i < count && group[i].testbed == group[0].testbed; i++) {
        if (group[i].setting == last)
            continue;
        tb_html_markup(html, last == -1 ? "" : "; ");
        write_window(html, view, (size_t)view->walk_set_window[group[i].set]);
        last = group[i].setting;
    }
    tb_html_markup(html, "</span></th></tr>\n");
}

static void write_row(struct tb_html *html, const struct tb_view *view, const struct walk_table *table,
                      const struct placed_sets *sets, const struct placed_set *row, size_t count)
{
    tb_html_markup(html, "<tr>");
    tb_html_element(html, "th scope=\"row\"", view->testbed_name[row->testbed]);
    for (size_t w = 0; w < sets->setting_count; w++) {
        size_t at = 0;
        while (at < count && row[at].setting != sets->settings[w])
            at++;
        if (at < count)
            table->write(html, view, row[at].set);
        else
            for (size_t c = 0; c < column_count(table); c++)
                tb_html_markup(html, "<td class=\"empty\">\xE2\x80\x93</td>");
    }
    tb_html_markup(html, "</tr>\n");
}

static void write_group(struct tb_html *html, const struct tb_view *view, const struct walk_table *table,
                        const struct placed_sets *sets, size_t from, size_t to)
{
    write_group_head(html, view, &sets->items[from], to - from, 1 + column_count(table) * sets->setting_count);
    for (size_t i = from; i < to;) {
        size_t next = i + 1;
        while (next < to && sets->items[next].testbed == sets->items[i].testbed)
            next++;
        if (table->baseline || sets->items[i].testbed != 0)
            write_row(html, view, table, sets, &sets->items[i], next - i);
        i = next;
    }
    tb_html_markup(html, "</tbody>\n");
}

/* Writes up to limit groups from the given item on; gives the item after them. */
static size_t write_groups(struct tb_html *html, const struct tb_view *view, const struct walk_table *table,
                           const struct placed_sets *sets, size_t from, size_t limit)
{
    tb_table_open(html, table->caption, table->sentence);
    write_heads(html, table, sets);
    for (size_t groups = 0; groups < limit && from < sets->count; groups++) {
        size_t to = from + 1;
        while (to < sets->count && same_group(&sets->items[from], &sets->items[to]) == 0)
            to++;
        write_group(html, view, table, sets, from, to);
        from = to;
    }
    tb_table_close(html);
    return from;
}

static void write_table(struct tb_html *html, const struct tb_view *view, const struct walk_table *table,
                        const struct placed_sets *sets)
{
    if (sets->count == 0) {
        tb_table_open(html, table->caption, table->sentence);
        tb_html_markup(html,
                       "<tbody><tr><th scope=\"row\" class=\"group\"><span class=\"reason\">no value: no walks, ");
        tb_missing_reason(html, view, "trace");
        tb_html_markup(html, "</span></th></tr></tbody>\n");
        tb_table_close(html);
        return;
    }
    size_t next = write_groups(html, view, table, sets, 0, GROUPS_SHOWN);
    if (next == sets->count)
        return;
    tb_html_format(html, "<details><summary>%s More scenarios, roles and orders</summary>\n", table->caption);
    next = write_groups(html, view, table, sets, next, GROUPS_WRITTEN);
    if (next < sets->count)
        tb_html_markup(html,
                       "<p class=\"note\">The rest is in the results file: load <code>/os/walk_set_*</code>.</p>\n");
    tb_html_markup(html, "</details>\n");
}

/* One invalid transition of a set that is shown. */
struct invalid_row {
    size_t row;
    int64_t occurrences;
};

static int compare_invalid(const void *left, const void *right)
{
    const struct invalid_row *a = left, *b = right;
    if (a->occurrences != b->occurrences)
        return a->occurrences > b->occurrences ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

/* "read>write", or the first state of a thread life. */
static void write_invalid_name(struct tb_html *html, const struct tb_view *view, size_t row)
{
    const int32_t source = view->invalid_source[row];
    tb_html_markup(html, "<td class=\"text\"><code>");
    if (source >= 0 && (size_t)source < view->states) {
        tb_html_text(html, view->state_label[source]);
        tb_html_markup(html, "</code> \xE2\x86\x92 <code>");
    }
    tb_html_text(html, view->state_label[view->invalid_target[row]]);
    tb_html_markup(html, source >= 0 ? "</code></td>" : "</code> as the first of a thread</td>");
}

static void write_invalid_set(struct tb_html *html, const struct tb_view *view, const struct placed_set *placed,
                              const struct invalid_row *rows, size_t count)
{
    enum { NAMED = 5 };
    char *label = tb_view_scenario_label(view, (size_t)placed->scenario, TB_ABSENT);
    for (size_t i = 0; i < count && i < NAMED; i++) {
        tb_html_markup(html, "<tr><th scope=\"row\">");
        tb_html_text(html, label == NULL ? "" : label);
        tb_html_format(html, ", %s</th>", tb_view_flag(TB_FIELD_WINDOW_ROLE, placed->role).text);
        tb_html_element(html, "td class=\"text\"", view->testbed_name[placed->testbed]);
        write_invalid_name(html, view, rows[i].row);
        tb_html_format(html, "<td>%s</td><td>%s of %s</td></tr>\n", tb_number_count(rows[i].occurrences).text,
                       tb_number_count(view->invalid_walks[rows[i].row]).text,
                       tb_number_count(view->walk_set_walks[placed->set]).text);
    }
    free(label);
}

/* The most frequent ones of each set of the first window and the lowest order. */
static enum tb_status write_invalid_names(struct tb_html *html, const struct tb_view *view,
                                          const struct placed_sets *sets, struct tb_error *error)
{
    struct invalid_row *rows = calloc(view->invalid_rows + 1, sizeof *rows);
    if (rows == NULL)
        return tb_error_memory(error, "the report's walks");
    tb_html_markup(html, "<details><summary>Which transitions are invalid</summary>\n");
    tb_table_open(
        html, "Invalid transitions by name.",
        "The most frequent ones of each set of walks, first window, lowest order, chain of the whole sequence: "
        "occurrences in all walks whose chain lacks them, and in how many walks. All are in "
        "<code>/os/invalid_*</code>.");
    tb_html_markup(html, "<thead><tr><th scope=\"col\">scenario, role</th><th scope=\"col\" class=\"text\">sequences "
                         "of</th><th scope=\"col\" class=\"text\">transition</th><th "
                         "scope=\"col\">occurrences</th><th scope=\"col\">walks</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < sets->count && i < GROUPS_WRITTEN; i++) {
        const struct placed_set *placed = &sets->items[i];
        size_t count = 0;
        if (placed->basis != 0 || placed->setting != sets->settings[0] || placed->order != sets->items[0].order)
            continue;
        for (size_t row = 0; row < view->invalid_rows; row++)
            if ((size_t)view->invalid_set[row] == placed->set)
                rows[count++] = (struct invalid_row){row, view->invalid_occurrences[row]};
        qsort(rows, count, sizeof *rows, compare_invalid);
        write_invalid_set(html, view, placed, rows, count);
    }
    tb_html_markup(html, "</tbody>\n");
    tb_table_close(html);
    tb_html_markup(html, "</details>\n");
    free(rows);
    return TB_OK;
}

enum tb_status tb_section_walks(struct tb_html *html, const struct tb_view *view, struct tb_error *error)
{
    struct placed_sets sets;
    enum tb_status status = place(view, &sets, error);
    if (status != TB_OK)
        return status;
    tb_html_markup(html, "<h3>Invalid transitions</h3>\n");
    write_table(html, view, &invalid_table, &sets);
    if (view->invalid_rows > 0)
        status = write_invalid_names(html, view, &sets, error);
    tb_html_markup(html, "<h3>Relative probabilities of walks</h3>\n");
    write_table(html, view, &relative_table, &sets);
    tb_html_markup(html, "<details><summary>The same walks, averaged in three ways</summary>\n");
    write_table(html, view, &averages_table, &sets);
    tb_html_markup(html, "</details>\n");
    free(sets.items);
    return status;
}
