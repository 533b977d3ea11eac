/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/app/numbers.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number_sources.h"

/* 2^63: no counter counts further. */
static const double UNITS_LIMIT = 9223372036854775808.0;

bool tb_number_fail(struct tb_number *number, enum tb_status status, const char *format, ...)
{
    va_list arguments;
    *number = (struct tb_number){.value = NAN, .status = status};
    va_start(arguments, format);
    vsnprintf(number->problem, sizeof number->problem, format, arguments);
    va_end(arguments);
    return false;
}

void tb_number_expect_units(const struct tb_number_place *place, struct tb_number *number)
{
    if (number->status == TB_OK &&
        !(number->value >= 0 && number->value <= UNITS_LIMIT && number->value == floor(number->value)))
        tb_number_fail(number, TB_CORRUPT, "the value at '%.120s' is not a whole number >= 0", place->text);
}

/* The first byte that is not a space stays in the window; '\0' for none near the start. CSV may be in UTF-16, JSON not. */
static enum tb_status first_byte(struct tb_reader *reader, char *first, struct tb_error *error)
{
    const enum tb_status status = tb_reader_need(reader, 4096, error);
    if (status != TB_OK && status != TB_END)
        return status;
    if (reader->available >= 4 &&
        (memcmp(reader->data, "\xff\xfe{", 4) == 0 || memcmp(reader->data, "\xff\xfe[", 4) == 0))
        return tb_error_set(error, TB_UNSUPPORTED, "%s: a JSON file in UTF-16; store it in UTF-8",
                            tb_source_name(reader->source));
    size_t i = reader->available >= 3 && memcmp(reader->data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (i < reader->available && memchr(" \t\r\n", reader->data[i], 4) != NULL)
        i++;
    *first = i < reader->available ? (char)reader->data[i] : '\0';
    return TB_OK;
}

/* What the first byte decides of each place. */
static struct tb_number_place *settle_forms(const struct tb_number_place *places, size_t count, bool is_json)
{
    struct tb_number_place *settled = calloc(count + 1, sizeof *settled);
    for (size_t i = 0; settled != NULL && i < count; i++) {
        settled[i] = places[i];
        if (places[i].form == TB_NUMBER_VALUE)
            settled[i].form = is_json ? TB_NUMBER_JSON : TB_NUMBER_COLUMN;
    }
    return settled;
}

static size_t count_json(const struct tb_number_place *places, size_t count)
{
    size_t json = 0;
    for (size_t i = 0; i < count; i++)
        json += places[i].form == TB_NUMBER_JSON;
    return json;
}

static enum tb_status read_all(struct tb_lines *lines, const struct tb_number_place *places, size_t count,
                               struct tb_number *numbers, struct tb_error *error)
{
    const size_t json = count_json(places, count);
    enum tb_status status = TB_OK;
    if (json > 0)
        status = tb_number_load_document(&lines->reader, error);
    if (status == TB_OK && json > 0)
        status = tb_numbers_read_json(&lines->reader, places, count, numbers, error);
    if (status == TB_OK && json < count)
        status = tb_numbers_read_lines(lines, places, count, numbers, error);
    return status;
}

enum tb_status tb_numbers_read(struct tb_source *source, const struct tb_number_place *places, size_t count,
                               struct tb_number *numbers, struct tb_error *error)
{
    struct tb_lines lines;
    struct tb_number_place *settled = NULL;
    char first = '\0';
    enum tb_status status = tb_lines_start(&lines, source, error);
    if (status != TB_OK)
        return status;
    status = first_byte(&lines.reader, &first, error);
    if (status == TB_OK) {
        settled = settle_forms(places, count, first == '{' || first == '[');
        status = settled == NULL ? tb_error_memory(error, "numbers") : read_all(&lines, settled, count, numbers, error);
    }
    free(settled);
    tb_lines_finish(&lines, NULL);
    return status;
}

void tb_number_describe(struct tb_archive *archive, struct tb_number *number)
{
    tb_archive_f64(archive, &number->value);
    tb_archive_enum(archive, &number->status, UINT8_MAX);
    tb_archive_short_text(archive, number->problem, sizeof number->problem);
    tb_archive_require(archive, (number->status == TB_OK) == (isfinite(number->value) != 0));
}
