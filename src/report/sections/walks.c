/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "sections.h"

enum { WINDOWS = 4, NAMED = 5, GROUP_KEYS = 4, ALL_KEYS = 6 };

/* A walk set with what it is ordered by. */
struct placed_set {
    int32_t scenario, role, order, basis; /* a group of rows */
    int32_t testbed;                      /* a row */
    int32_t setting;                      /* a column */
    size_t set;
    size_t group; /* number of the group */
};

/* What a table shows of the walk sets of a window. */
struct walk_table {
    const char *caption;
    const char *sentence;
    struct tb_column columns[4]; /* of a window; what their fields hold is a walk set */
    size_t column_count;
    bool baseline; /* the baseline has a row */
};

/* The walk sets in the order of the tables. */
struct placed_sets {
    struct placed_set *items;
    size_t count;
    int32_t settings[WINDOWS]; /* window settings that are columns, ascending */
    size_t setting_count;
    const struct walk_table *table; /* that is written */
};

/* By so many keys: those of the group come first. */
static int compare_keys(const struct placed_set *a, const struct placed_set *b, size_t keys)
{
    const int32_t left[] = {a->role, a->order, a->basis, a->scenario, a->testbed, a->setting};
    const int32_t right[] = {b->role, b->order, b->basis, b->scenario, b->testbed, b->setting};
    for (size_t i = 0; i < keys; i++)
        if (left[i] != right[i])
            return left[i] < right[i] ? -1 : 1;
    return 0;
}

static int compare_sets(const void *left, const void *right)
{
    const struct placed_set *a = left;
    const struct placed_set *b = right;
    const int result = compare_keys(a, b, ALL_KEYS);
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

static void place(struct tb_html *html, const struct tb_view *view, struct placed_sets *sets)
{
    *sets = (struct placed_sets){.items = tb_html_allocate(html, view->walk_sets, sizeof *sets->items)};
    for (size_t i = 0; sets->items != NULL && i < view->walk_sets; i++) {
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
    if (sets->count > 0)
        qsort(sets->items, sets->count, sizeof *sets->items, compare_sets);
    for (size_t i = 1; i < sets->count; i++)
        sets->items[i].group =
            sets->items[i - 1].group + (compare_keys(&sets->items[i - 1], &sets->items[i], GROUP_KEYS) != 0);
}

/* The set of walks that a cell is about: of its row, in the window whose place the column's index is, or in any. */
static size_t set_of(const struct tb_cell *cell)
{
    const struct placed_sets *sets = cell->context;
    const struct placed_set *row = &sets->items[cell->row];
    for (const struct placed_set *set = row;
         set < sets->items + sets->count && set->group == row->group && set->testbed == row->testbed; set++)
        if (cell->index == TB_ABSENT || set->setting == sets->settings[cell->index])
            return set->set;
    return TB_ABSENT;
}

/* A power of ten, or why there is none. */
static void write_power(struct tb_html *html, const struct tb_cell *cell, const double *values)
{
    const size_t set = set_of(cell);
    if (isnan(values[set]))
        tb_html_format(html, "<td class=\"empty\">\xE2\x80\x93<small>%s</small></td>",
                       tb_view_flag(TB_FIELD_WALK_SET_REASON, cell->view->walk_set_reason[set]).text);
    else
        tb_html_format(html, "<td>%s</td>", tb_number_power(values[set]).text);
}

static void write_relative(struct tb_html *html, const struct tb_cell *cell)
{
    write_power(html, cell, cell->view->walk_set_log10_relative);
}

static void write_mean_of_logs(struct tb_html *html, const struct tb_cell *cell)
{
    write_power(html, cell, cell->view->walk_set_mean_log10_relative);
}

static void write_off_diagonal(struct tb_html *html, const struct tb_cell *cell)
{
    const struct tb_view *view = cell->view;
    const size_t set = set_of(cell);
    const double value = view->walk_set_log10_relative_off_diagonal[set];
    tb_html_format(html, "<td%s>%s<small>%s of %s walks valid</small></td>", isnan(value) ? " class=\"empty\"" : "",
                   tb_number_power(value).text, tb_number_count(view->walk_set_valid_off_diagonal[set]).text,
                   tb_number_count(view->walk_set_walks_off_diagonal[set]).text);
}

static void write_bits(struct tb_html *html, const struct tb_cell *cell)
{
    const size_t set = set_of(cell);
    const double bits = cell->view->walk_set_bits_difference[set];
    tb_html_format(html, "<td>%s", tb_number_signed(bits, 3).text);
    if (isfinite(cell->view->walk_set_bits[set]))
        tb_html_format(html, "<small>of %s</small>", tb_number_fixed(cell->view->walk_set_bits[set], 4).text);
    tb_html_markup(html, "</td>");
}

static const struct walk_table invalid_table = {
    "Table VIII.",
    "Invalid transitions: walks of the baseline\xE2\x80\x99s chains with each testbed\xE2\x80\x99s sequences in "
    "which at least one transition does not exist in the chain, and such transitions in all walks together.",
    {{.head = "walks with any", .field = TB_FIELD_WALK_SET_WITH_INVALID},
     {.head = "transitions", .field = TB_FIELD_WALK_SET_INVALID_TRANSITIONS},
     {.head = "walks", .field = TB_FIELD_WALK_SET_WALKS}},
    3,
    true,
};

static const struct walk_table relative_table = {
    "Table IX.",
    "Mean probability of walks with the testbed\xE2\x80\x99s sequences over that with the baseline\xE2\x80\x99s own, "
    "as a "
    "power of ten; the same without chains on their own sequences; and bits per transition above the "
    "baseline\xE2\x80\x99s, which can be compared across lengths (more bits: less probable).",
    {{.head = "relative probability, power of ten", .write = write_relative},
     {.head = "without own chains", .write = write_off_diagonal},
     {.head = "bits / transition, above the baseline", .write = write_bits}},
    3,
    false,
};

static const struct walk_table averages_table = {
    "Three averages of the same walks.",
    "Relative to the walks of the baseline\xE2\x80\x99s own sequences, as powers of ten. The mean of probabilities "
    "counts walks of probability zero as zeros, and is ruled by the best walk; the mean of logs leaves them out; with "
    "additive smoothing no walk has probability zero, so that none is lost. Last: bits per transition above the "
    "baseline\xE2\x80\x99s, smoothed.",
    {{.head = "mean of probabilities", .write = write_relative},
     {.head = "mean of logs", .write = write_mean_of_logs},
     {.head = "mean of logs, smoothed", .field = TB_FIELD_WALK_SET_SMOOTHED_LOG10_RELATIVE, .style = TB_STYLE_POWER},
     {.head = "bits / transition, smoothed",
      .field = TB_FIELD_WALK_SET_SMOOTHED_BITS_DIFFERENCE,
      .style = TB_STYLE_SIGNED,
      .digits = 3}},
    4,
    false,
};

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

/* A row of a table begins with its first window. */
static bool begins_row(const struct tb_cell *cell)
{
    const struct placed_sets *sets = cell->context;
    const struct placed_set *set = &sets->items[cell->row];
    const bool first = cell->row == 0 || set[-1].group != set->group || set[-1].testbed != set->testbed;
    return first && (sets->table->baseline || set->testbed != 0);
}

static size_t group_of(const struct tb_cell *cell)
{
    const struct placed_sets *sets = cell->context;
    return sets->items[cell->row].group;
}

static void write_heading(struct tb_html *html, const struct tb_cell *cell)
{
    const struct placed_sets *sets = cell->context;
    const struct placed_set *first = &sets->items[cell->row];
    int32_t last = -1;
    tb_html_text(html, cell->view->scenario_label[first->scenario]);
    tb_html_format(html, ", %s <span class=\"sentence\">order %d; chain of the %s; ",
                   tb_view_flag(TB_FIELD_WINDOW_ROLE, first->role).text, (int)first->order,
                   first->basis == 0 ? "whole sequence" : "same window");
    for (const struct placed_set *set = first;
         set < sets->items + sets->count && set->group == first->group && set->testbed == first->testbed; set++) {
        if (set->setting == last)
            continue;
        tb_html_markup(html, last == -1 ? "" : "; ");
        write_window(html, cell->view, (size_t)cell->view->walk_set_window[set->set]);
        last = set->setting;
    }
    tb_html_markup(html, "</span>");
}

static void write_table(struct tb_html *html, const struct tb_view *view, const struct walk_table *walks,
                        struct placed_sets *sets)
{
    char windows[WINDOWS][32];
    struct tb_column_list columns = {0};
    tb_columns_add(
        html, &columns,
        (struct tb_column){"sequence", TB_CELL_HEADING, .field = TB_FIELD_WALK_SET_TESTBED, .index = TB_ABSENT});
    for (size_t w = 0; w < sets->setting_count; w++) {
        snprintf(windows[w], sizeof windows[w], "window %d", (int)sets->settings[w] + 1);
        for (size_t c = 0; c < walks->column_count; c++) {
            struct tb_column column = walks->columns[c];
            column.above = windows[w];
            column.index = w;
            tb_columns_add(html, &columns, column);
        }
    }
    sets->table = walks;
    const struct tb_table table = {
        .caption = walks->caption,
        .sentence = walks->sentence,
        .columns = columns.items,
        .column_count = columns.count,
        .at = set_of,
        .shows = begins_row,
        .group = group_of,
        .heading = write_heading,
        .shown = 8,
        .limit = 208,
        .more = "scenarios, roles and orders",
        .where = "/os/walk_set_*",
        .nothing = "no walks, ",
        .needs = "trace",
        .inside = true,
    };
    tb_table_write(html, view, &table, sets->count, sets);
    free(columns.items);
}

/* One invalid transition of a set that is shown. */
struct invalid_row {
    const struct placed_set *set;
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

static void write_invalid_row(struct tb_html *html, const struct tb_cell *cell)
{
    const struct tb_view *view = cell->view;
    const struct invalid_row *row = (const struct invalid_row *)cell->context + cell->row;
    const int32_t source = view->invalid_source[row->row];
    tb_cell_scenario(html, view, row->set->scenario, TB_FIELD_WINDOW_ROLE, row->set->role);
    tb_html_element(html, "td class=\"text\"", view->testbed_name[row->set->testbed]);
    tb_html_markup(html, "<td class=\"text\"><code>");
    if (source >= 0 && (size_t)source < view->states) {
        tb_html_text(html, view->state_label[source]);
        tb_html_markup(html, "</code> \xE2\x86\x92 <code>");
    }
    tb_html_text(html, view->state_label[view->invalid_target[row->row]]);
    /* Without a source it is the first state of a thread life. */
    tb_html_format(html, "</code>%s</td><td>%s</td><td>%s of %s</td>", source >= 0 ? "" : " as the first of a thread",
                   tb_number_count(row->occurrences).text, tb_number_count(view->invalid_walks[row->row]).text,
                   tb_number_count(view->walk_set_walks[row->set->set]).text);
}

static const struct tb_column invalid_columns[] = {{.head = "scenario, role"},
                                                   {.head = "sequences of", .kind = TB_CELL_TEXT},
                                                   {.head = "transition", .kind = TB_CELL_TEXT},
                                                   {.head = "occurrences"},
                                                   {.head = "walks"}};

static const struct tb_table invalid_names = {
    .caption = "Invalid transitions by name.",
    .sentence = "The most frequent ones of each set of walks, first window, lowest order, chain of the whole sequence: "
                "occurrences in all walks whose chain lacks them, and in how many walks. All are in "
                "<code>/os/invalid_*</code>.",
    TB_COLUMNS(invalid_columns),
    .write = write_invalid_row,
    .limit = 400,
    .where = "/os/invalid_*",
};

/* The most frequent ones of each set of the first window and the lowest order; gives how many. */
static size_t find_invalid(const struct tb_view *view, const struct placed_sets *sets, struct invalid_row *rows)
{
    size_t count = 0;
    for (size_t i = 0; i < sets->count; i++) {
        const struct placed_set *set = &sets->items[i];
        size_t found = 0;
        if (set->basis != 0 || set->setting != sets->settings[0] || set->order != sets->items[0].order)
            continue;
        for (size_t row = 0; row < view->invalid_rows; row++)
            if ((size_t)view->invalid_set[row] == set->set)
                rows[count + found++] = (struct invalid_row){set, row, view->invalid_occurrences[row]};
        qsort(rows + count, found, sizeof *rows, compare_invalid);
        count += found < NAMED ? found : NAMED;
    }
    return count;
}

static void write_invalid_names(struct tb_html *html, const struct tb_view *view, const struct placed_sets *sets)
{
    struct invalid_row *rows = tb_html_allocate(html, view->invalid_rows, sizeof *rows);
    const size_t count = rows == NULL ? 0 : find_invalid(view, sets, rows);
    tb_fold_open(html, false, "Which transitions are invalid");
    tb_table_write(html, view, &invalid_names, count, rows);
    tb_fold_close(html);
    free(rows);
}

void tb_section_walks(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots)
{
    struct placed_sets sets;
    place(html, view, &sets);
    tb_html_heading(html, 3, "Invalid transitions", "invalid-transitions");
    write_table(html, view, &invalid_table, &sets);
    if (view->invalid_rows > 0)
        write_invalid_names(html, view, &sets);
    tb_plots_write(html, view, plots, TB_PLOT_WALK_MAP,
                   "Walks of the client\xE2\x80\x99s sequences: bits per transition, the darker the less probable; a "
                   "cross is an invalid walk");
    tb_html_heading(html, 3, "Relative probabilities of walks", "relative-probabilities");
    write_table(html, view, &relative_table, &sets);
    tb_fold_open(html, false, "The same walks, averaged in three ways");
    write_table(html, view, &averages_table, &sets);
    tb_fold_close(html);
    free(sets.items);
}
