/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "call_counts.h"
#include "comparison_source.h"
#include "listing.h"
#include "matching.h"
#include "twinbed/base/log.h"
#include "twinbed/metrics/registry.h"
#include "twinbed/stats/robust.h"

struct request {
    const char *paths[2];
    double threshold; /* NaN: the metric's own */
    bool all;
    unsigned format; /* enum listing_format */
};

static const struct parameter operand_table[] = {
    {.name = "REFERENCE",
     PARAMETER_FILE(struct request, paths[0]),
     .text = "what to compare with: a results file, a directory, or a file of records",
     .needed = true},
    {.name = "OTHER",
     PARAMETER_FILE(struct request, paths[1]),
     .text = "what is compared, of the same kind",
     .needed = true},
    {.name = NULL},
};

static const struct parameter option_table[] = {
    {.name = "threshold",
     PARAMETER_SHARE(struct request, threshold),
     .value = "SHARE",
     .text = "threshold of all metrics that are judged by ratio, instead of that of the first file (0.1 is 10 %)"},
    {.name = "all",
     PARAMETER_FLAG(struct request, all),
     .text = "list everything: what changed, what is undecided, what did not change, what could not be compared"},
    {.name = "format",
     PARAMETER_WORD(struct request, format),
     .text = "how to print (default: text)",
     .words = listing_formats},
    {.name = NULL},
};

enum change { CHANGE_CHANGED, CHANGE_UNDECIDED, CHANGE_UNCHANGED, CHANGE_NOT_COMPARED, CHANGES };

/* One metric of one cell. */
struct row {
    size_t cell;      /* of the matched cells */
    size_t metric;    /* of the matched metrics */
    const char *call; /* when it is no metric but how often a call was made; else NULL. Borrowed. */
    struct tb_summary reference, other;
    struct tb_comparison comparison;
    struct tb_shift shift;
    double holm_p;
    bool comparable; /* the same point of capture, where that matters */
};

struct comparison_table {
    const struct side *reference, *other;
    struct matches cells, metrics;
    struct row *rows; /* owned; [cell][metric], then calls */
    size_t row_count;
    struct call_counts calls; /* owned; of traces that nothing else is known of */
    bool is_made;             /* for the occasion, of directories or files */
};

static enum tb_verdict verdict_of(const struct row *row)
{
    return row->comparable ? row->comparison.verdict : TB_VERDICT_NONE;
}

/* What the verdict says of a change. */
static enum change change_of(const struct row *row)
{
    static const enum change changes[] = {
        [TB_VERDICT_NONE] = CHANGE_NOT_COMPARED,
        [TB_VERDICT_SIMILAR] = CHANGE_UNCHANGED,
        [TB_VERDICT_DIFFERENT] = CHANGE_CHANGED,
        [TB_VERDICT_UNDECIDED] = CHANGE_UNDECIDED,
    };
    return changes[verdict_of(row)];
}

/* Why there is no verdict, or none that the values could carry; words of comparison/reason. */
static const char *reason_of(const struct row *row)
{
    if (row->other.n == 0)
        return "no_values";
    if (row->reference.n == 0)
        return "reference_without_values";
    if (!row->comparable)
        return "different_capture_points";
    return row->comparison.few_values ? "few_values" : "decided";
}

/* A published sign. */
static const char *yes_or_no(const struct row *row, int sign)
{
    return !row->comparable || sign < 0 ? "" : sign ? "yes" : "no";
}

static bool comes_from_capture(const char *name)
{
    const size_t metric = tb_metric_find(name);
    return metric < tb_metric_count() && tb_metric_at(metric)->source == TB_METRIC_FROM_CAPTURE;
}

/* The values of the reference stand at the beginning of scratch, those of the other behind them; there is room for as many
 * once more. */
static void compare_values(double *scratch, size_t reference_count, size_t count, const struct tb_closeness *closeness,
                           struct row *row)
{
    double *const values = scratch + reference_count;
    tb_summary_compute(scratch, reference_count, &row->reference);
    tb_summary_compute(values, count, &row->other);
    tb_comparison_compute(&row->other, &row->reference, closeness, &row->comparison);
    tb_shift_compute(values, count, scratch, reference_count, closeness->scale, values + count, &row->shift);
}

static void compare_row(const struct comparison_table *table, double threshold, double *scratch, struct row *row)
{
    const struct side *a = table->reference, *b = table->other;
    const struct match cell = table->cells.items[row->cell];
    const struct match metric = table->metrics.items[row->metric];
    const bool by_ratio = strcmp(a->metric_scale[metric.reference], "difference") != 0;
    const struct tb_closeness closeness = {
        .scale = by_ratio ? TB_SCALE_RATIO : TB_SCALE_DIFFERENCE,
        .threshold = by_ratio && !isnan(threshold) ? threshold : a->metric_threshold[metric.reference],
        .replication = a->replication};
    const size_t reference_count = side_values(a, cell.reference, metric.reference, scratch);
    const size_t count = side_values(b, cell.other, metric.other, scratch + reference_count);
    compare_values(scratch, reference_count, count, &closeness, row);
    row->comparable = !comes_from_capture(a->metric_name[metric.reference]) ||
                      a->cell_points[cell.reference] == b->cell_points[cell.other];
}

static const double CALLS_THRESHOLD = 0.1;

/* Rows of the calls that either side made; room for them. Both sides are of one file. */
static void compare_calls(struct comparison_table *table, double threshold, double *scratch)
{
    const struct side *a = table->reference, *b = table->other;
    const struct tb_closeness closeness = {.scale = TB_SCALE_RATIO,
                                           .threshold = isnan(threshold) ? CALLS_THRESHOLD : threshold,
                                           .replication = a->replication};
    for (size_t c = 0; c < table->cells.count; c++)
        for (size_t name = 0; name < table->calls.names; name++) {
            const struct match cell = table->cells.items[c];
            struct row *const row = &table->rows[table->row_count];
            *row = (struct row){.cell = c, .call = table->calls.name[name], .holm_p = NAN, .comparable = true};
            const size_t reference_count = call_counts_of_cell(&table->calls, a, cell.reference, name, scratch);
            const size_t count = call_counts_of_cell(&table->calls, b, cell.other, name, scratch + reference_count);
            compare_values(scratch, reference_count, count, &closeness, row);
            table->row_count += row->reference.mean > 0 || row->other.mean > 0;
        }
}

/* The metrics of one cell are one family, as they are in the first results file. */
static void adjust_cell(const struct comparison_table *table, struct row *rows, double *p, size_t *order)
{
    const size_t count = table->metrics.count;
    for (size_t i = 0; i < count; i++) {
        const bool in_family = side_in_family(table->reference, table->metrics.items[rows[i].metric].reference);
        p[i] = rows[i].comparable && rows[i].comparison.tested && in_family ? rows[i].comparison.welch_p : NAN;
    }
    tb_holm_adjust(p, count, order, p + count);
    for (size_t i = 0; i < count; i++)
        rows[i].holm_p = p[count + i];
}

static enum tb_status compare_rows(struct comparison_table *table, double threshold, struct tb_error *error)
{
    const size_t metrics = table->metrics.count;
    double *scratch = calloc(2 * (table->reference->runs + table->other->runs) + 1, sizeof *scratch);
    double *p = calloc(2 * metrics + 1, sizeof *p);
    size_t *order = calloc(metrics + 1, sizeof *order);
    table->rows = calloc(table->cells.count * (metrics + table->calls.names) + 1, sizeof *table->rows);
    const bool allocated = scratch != NULL && p != NULL && order != NULL && table->rows != NULL;
    for (size_t c = 0; c < table->cells.count && allocated; c++) {
        struct row *rows = &table->rows[c * metrics];
        for (size_t m = 0; m < metrics; m++) {
            rows[m].cell = c;
            rows[m].metric = m;
            compare_row(table, threshold, scratch, &rows[m]);
        }
        adjust_cell(table, rows, p, order);
    }
    if (allocated) {
        table->row_count = table->cells.count * metrics;
        compare_calls(table, threshold, scratch);
    }
    free(scratch);
    free(p);
    free(order);
    return allocated ? TB_OK : tb_error_memory(error, "two results files");
}

static const char *testbed_of(const struct comparison_table *table, const struct row *row)
{
    const struct side *b = table->other;
    return b->testbed_name[b->cell_testbed[table->cells.items[row->cell].other]];
}

static const char *scenario_of(const struct comparison_table *table, const struct row *row)
{
    const struct side *a = table->reference;
    return a->scenario_name[a->cell_scenario[table->cells.items[row->cell].reference]];
}

static const char *metric_of(const struct comparison_table *table, const struct row *row)
{
    if (row->call != NULL)
        return row->call;
    return table->reference->metric_name[table->metrics.items[row->metric].reference];
}

static const char *unit_of(const struct comparison_table *table, const struct row *row)
{
    return row->call != NULL ? "1" : table->reference->metric_unit[table->metrics.items[row->metric].reference];
}

static const char *const change_names[CHANGES] = {"changed", "undecided", "unchanged", "not_compared"};

enum { TEXT_COLUMNS = 13, COLUMNS = 23 };

/* Reads well on a screen first; the rest is for programs. */
static void print_row(struct listing *listing, const struct comparison_table *table, const struct row *row)
{
    const struct tb_comparison *c = &row->comparison;
    const struct listing_cell cells[COLUMNS] = {
        {.kind = CELL_TEXT, .text = testbed_of(table, row)},
        {.kind = CELL_TEXT, .text = scenario_of(table, row)},
        {.kind = CELL_TEXT, .text = metric_of(table, row)},
        {.kind = CELL_TEXT, .text = change_names[change_of(row)]},
        {.kind = CELL_INTEGER, .integer = row->reference.n},
        {.kind = CELL_INTEGER, .integer = row->other.n},
        {.kind = CELL_NUMBER, .number = row->reference.mean},
        {.kind = CELL_NUMBER, .number = row->other.mean},
        {.kind = CELL_NUMBER, .number = c->ratio},
        {.kind = CELL_NUMBER, .number = row->holm_p},
        {.kind = CELL_TEXT, .text = tb_verdict_name(verdict_of(row))},
        {.kind = CELL_TEXT, .text = yes_or_no(row, c->close)},
        {.kind = CELL_TEXT, .text = yes_or_no(row, c->intervals_overlap)},
        {.kind = CELL_TEXT, .text = unit_of(table, row)},
        {.kind = CELL_NUMBER, .number = c->difference},
        {.kind = CELL_NUMBER, .number = c->welch.low},
        {.kind = CELL_NUMBER, .number = c->welch.high},
        {.kind = CELL_NUMBER, .number = c->welch_p},
        {.kind = CELL_NUMBER, .number = c->equivalence_p},
        {.kind = CELL_NUMBER, .number = row->shift.estimate},
        {.kind = CELL_NUMBER, .number = row->shift.interval.low},
        {.kind = CELL_NUMBER, .number = row->shift.interval.high},
        {.kind = CELL_TEXT, .text = reason_of(row)},
    };
    listing_row(listing, cells);
}

static int wider(int width, const char *text)
{
    const int length = (int)strnlen(text, 200);
    return -width > length ? width : -length;
}

/* Who compares two runs wants their numbers, though they decide nothing. */
static bool is_listed(const struct comparison_table *table, const struct row *row, enum change change, bool all)
{
    const bool is_of_two_runs = table->is_made && row->reference.n == 1 && row->other.n == 1;
    const bool may_have_changed = change == CHANGE_UNDECIDED && (row->comparison.close == 0 || is_of_two_runs);
    return change_of(row) == change && (all || change == CHANGE_CHANGED || may_have_changed);
}

static void print_table(const struct comparison_table *table, const struct request *request)
{
    struct listing_column columns[COLUMNS] = {
        {"testbed", -7},
        {"scenario", -8},
        {"metric", -6},
        {"change", -12},
        {"reference_n", 11},
        {"n", 4},
        {"reference_mean", 15},
        {"mean", 15},
        {"ratio", 12},
        {"holm_p", 14},
        {"verdict", -9},
        {"close", -5},
        {"intervals_overlap", -17},
        {"unit", -8},
        {"difference", 15},
        {"welch_low", 15},
        {"welch_high", 15},
        {"welch_p", 14},
        {"equivalence_p", 14},
        {"shift", 15},
        {"shift_low", 15},
        {"shift_high", 15},
        {"reason", -24},
    };
    const size_t count = table->row_count;
    for (size_t i = 0; i < count; i++) {
        if (!is_listed(table, &table->rows[i], change_of(&table->rows[i]), request->all))
            continue;
        columns[0].width = wider(columns[0].width, testbed_of(table, &table->rows[i]));
        columns[1].width = wider(columns[1].width, scenario_of(table, &table->rows[i]));
        columns[2].width = wider(columns[2].width, metric_of(table, &table->rows[i]));
    }
    struct listing listing = {.format = (enum listing_format)request->format,
                              .columns = columns,
                              .column_count = request->format == LISTING_TEXT ? TEXT_COLUMNS : COLUMNS};
    listing_begin(&listing);
    for (int change = 0; change < CHANGES; change++)
        for (size_t i = 0; i < count; i++)
            if (is_listed(table, &table->rows[i], (enum change)change, request->all))
                print_row(&listing, table, &table->rows[i]);
    listing_end(&listing);
}

/* In cells that stand for so many, or for all. */
static void say_where_one_run_stands(const struct comparison_table *table)
{
    size_t lone = 0;
    for (size_t i = 0; i < table->cells.count; i++)
        lone += side_run_count(table->reference, table->cells.items[i].reference) == 1 ||
                side_run_count(table->other, table->cells.items[i].other) == 1;
    if (lone > 0)
        tb_log_warning("n = 1: no interval in %zu of %zu cells, in which a side has one run: how far values scatter is "
                       "not known, so nothing is called changed or similar there",
                       lone, table->cells.count);
}

static void say_what_one_file_lacks(const struct comparison_table *table)
{
    const struct side *a = table->reference, *b = table->other;
    const size_t left = side_cell_count(a), right = side_cell_count(b);
    if (table->cells.count < left || table->cells.count < right)
        tb_log_warning("in one of them only: %zu cells of %s, %zu cells of %s", left - table->cells.count, a->path,
                       right > table->cells.count ? right - table->cells.count : 0, b->path);
    if (table->metrics.count < a->metrics || table->metrics.count < b->metrics)
        tb_log_warning("of the same name, unit and scale: %zu metrics of %zu in %s and %zu in %s", table->metrics.count,
                       a->metrics, a->path, b->metrics, b->path);
    char names[400];
    const size_t count = describe_otherwise(a, b, &table->metrics, names, sizeof names);
    if (count > 0)
        tb_log_warning("%zu metrics are described in other words in the two files, so their values may not mean the "
                       "same: %s",
                       count, names);
}

static void say_what_was_compared(const struct comparison_table *table)
{
    size_t counts[CHANGES] = {0};
    size_t few = 0;
    for (size_t i = 0; i < table->row_count; i++) {
        counts[change_of(&table->rows[i])]++;
        few += table->rows[i].comparable && table->rows[i].comparison.few_values;
    }
    tb_log_info("%zu cells in both; %zu values changed, %zu did not, %zu are undecided (%zu of them for want of "
                "values), %zu cannot be compared",
                table->cells.count, counts[CHANGE_CHANGED], counts[CHANGE_UNCHANGED], counts[CHANGE_UNDECIDED], few,
                counts[CHANGE_NOT_COMPARED]);
    say_where_one_run_stands(table);
    say_what_one_file_lacks(table);
}

static enum tb_status compare_sides(const struct side *reference, const struct side *other,
                                    const struct comparison_source *source, const struct request *request,
                                    struct tb_error *error)
{
    struct comparison_table table = {.reference = reference, .other = other, .is_made = source->made != NULL};
    enum tb_status status = match_cells(reference, other, &table.cells, error);
    if (status == TB_OK)
        status = match_metrics(reference, other, &table.metrics, error);
    if (status == TB_OK && source->are_traces)
        status = call_counts_read(reference, &table.calls, error);
    if (status == TB_OK)
        status = compare_rows(&table, request->threshold, error);
    if (status == TB_OK) {
        print_table(&table, request);
        say_what_was_compared(&table);
    }
    free(table.cells.items);
    free(table.metrics.items);
    free(table.rows);
    call_counts_free(&table.calls);
    return status;
}

static enum tb_status open_side(const struct request *request, const struct comparison_source *source, int which,
                                struct side *side, struct tb_error *error)
{
    const enum tb_status status = side_open(source->results[which], side, error);
    side->path = request->paths[which];
    side->only_testbed = source->testbeds[which];
    return status;
}

static int compare(const struct request *request)
{
    struct comparison_source source;
    struct side sides[2] = {{0}};
    struct tb_error error = {0};
    enum tb_status status = comparison_source_open(request->paths, &source, &error);
    for (int i = 0; i < 2 && status == TB_OK; i++)
        status = open_side(request, &source, i, &sides[i], &error);
    if (status == TB_OK)
        status = compare_sides(&sides[0], &sides[1], &source, request, &error);
    side_close(&sides[0]);
    side_close(&sides[1]);
    comparison_source_close(&source);
    return status == TB_OK ? EXIT_GOOD : command_failure(&error);
}

static int run(int argument_count, char **arguments)
{
    struct request request = {.threshold = NAN};
    const int result = command_parse(&command_compare, argument_count, arguments, &request);
    return result == EXIT_GOOD ? compare(&request) : result;
}

const struct command command_compare = {
    .name = "compare",
    .summary = "set two results files, directories or records side by side",
    .description =
        "Sets two results files side by side, such as last year's and today's: the same testbed in the same scenario, "
        "metric by metric, with the comparison that analyze uses; the runs of the first file are the reference. Lists "
        "what changed, which is what the test of equivalence calls different, and behind it what it leaves undecided "
        "with means further apart than the metric's threshold.\n\n"
        "REFERENCE and OTHER may also be two directories, or two files of one kind: outputs of ab, captures, traces, "
        "reports of owping. Each is a testbed then, analysed as init would draft it; a file is one run. One run on a "
        "side has no interval: that is said, and nothing is called similar by it.",
    .operands = operand_table,
    .options = option_table,
    .examples = "twinbed compare 2024.h5 2025.h5\n"
                "twinbed compare physical/ virtual/\n"
                "twinbed compare monday.pcap tuesday.pcap\n",
    .run = run,
};
