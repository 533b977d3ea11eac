/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>

#include "twinbed/app/apachebench.h"
#include "twinbed/io/lines.h"

/* ab takes row p from element int(0.5 + n * p / 100) of n sorted times. For
 * short runs that lies behind the last one, and what is printed is unrelated:
 * row 99 for n <= 50, also row 98 for n <= 25, and so on. */
static bool is_past_the_end(size_t row, uint64_t complete)
{
    if (row == 0 || row == TB_AB_CSV_ROWS - 1 || complete > 50)
        return false;
    return complete != 0 && 50 + complete * row >= 100 * complete;
}

/* Without the number of requests any of the rows may be unrelated to times. */
static bool may_be_unrelated(size_t row, uint64_t complete)
{
    return complete == 0 ? row != 0 && row != TB_AB_CSV_ROWS - 1 : is_past_the_end(row, complete);
}

static enum tb_status bad_row(const struct tb_lines *lines, size_t row, struct tb_error *error)
{
    char line[100];
    tb_text_copy(lines->text, line, sizeof line);
    return tb_error_set(error, TB_CORRUPT, "%s: line %" PRIu64 ": expected row %zu of ab's quantiles, found '%s'",
                        tb_lines_name(lines), lines->number, row, line);
}

static bool read_row(struct tb_text text, size_t row, uint64_t complete, double *milliseconds)
{
    struct tb_text percent, time = tb_text_trim(text);
    uint64_t number;
    double value;
    if (!tb_text_take_until(&time, ',', &percent) || !tb_text_u64(percent, &number) || number != row)
        return false;
    if (!tb_text_real(time, &value) || (value < 0 && !may_be_unrelated(row, complete)))
        return false;
    *milliseconds = is_past_the_end(row, complete) ? NAN : value;
    return true;
}

/* The last digit of a torn row may be missing: ab prints three decimals. */
static bool is_torn(const struct tb_lines *lines)
{
    const struct tb_text text = lines->text;
    return !lines->whole && !(text.length > 4 && text.data[text.length - 4] == '.');
}

static enum tb_status read_rows(struct tb_lines *lines, uint64_t complete, double *milliseconds, struct tb_error *error)
{
    enum tb_status status;
    size_t row = 0;
    while ((status = tb_lines_next(lines, error)) == TB_OK) {
        if (row == TB_AB_CSV_ROWS && tb_text_trim(lines->text).length == 0)
            continue;
        if (is_torn(lines)) {
            tb_lines_cut(lines);
            continue;
        }
        if (row == TB_AB_CSV_ROWS || !read_row(lines->text, row, complete, &milliseconds[row]))
            return bad_row(lines, row, error);
        row++;
        tb_lines_take(lines);
    }
    if (status == TB_END && row < TB_AB_CSV_ROWS)
        tb_account_damage(&lines->account, TB_DAMAGE_TRUNCATED, lines->reader.offset,
                          "%s: ends before row %zu of ab's quantiles", tb_lines_name(lines), row);
    return status == TB_END ? TB_OK : status;
}

enum tb_status tb_ab_quantiles_read(struct tb_source *source, uint64_t complete, struct tb_ab_quantiles *quantiles,
                                    struct tb_error *error)
{
    struct tb_lines lines;
    struct tb_ab_quantiles read = {0};
    for (size_t i = 0; i < TB_AB_CSV_ROWS; i++)
        read.milliseconds[i] = NAN;
    enum tb_status status = tb_lines_start(&lines, source, error);
    if (status != TB_OK)
        return status;
    status = tb_lines_expect(&lines, "Percentage served,Time in ms", "the quantiles that ab writes with -e", error);
    if (status == TB_OK)
        status = read_rows(&lines, complete, read.milliseconds, error);
    tb_lines_finish(&lines, status == TB_OK ? &read.account : NULL);
    if (status == TB_OK)
        *quantiles = read;
    return status;
}

static void describe_quantiles(struct tb_archive *archive, struct tb_ab_quantiles *quantiles)
{
    tb_account_describe(archive, &quantiles->account);
    for (size_t i = 0; i < TB_AB_CSV_ROWS; i++)
        tb_archive_f64(archive, &quantiles->milliseconds[i]);
}

TB_ARCHIVE_FUNCTIONS(tb_ab_quantiles, describe_quantiles)

/* Without the number of requests: rows that cannot be times between those before and the last. */
static void drop_contradicting(double *milliseconds)
{
    const double longest = milliseconds[TB_AB_CSV_ROWS - 1];
    double before = milliseconds[0];
    for (size_t row = 1; row + 1 < TB_AB_CSV_ROWS; row++) {
        if (milliseconds[row] < before || milliseconds[row] > longest)
            milliseconds[row] = NAN;
        else if (!isnan(milliseconds[row]))
            before = milliseconds[row];
    }
}

void tb_ab_quantiles_drop_unrelated(struct tb_ab_quantiles *quantiles, uint64_t complete)
{
    if (complete == 0)
        drop_contradicting(quantiles->milliseconds);
    for (size_t row = 0; row < TB_AB_CSV_ROWS; row++)
        if (is_past_the_end(row, complete))
            quantiles->milliseconds[row] = NAN;
}
