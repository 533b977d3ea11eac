/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "listing.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "twinbed/base/printable.h"

void listing_begin(struct listing *listing)
{
    listing->rows = 0;
    if (listing->format == LISTING_JSON) {
        fputs("[", stdout);
        return;
    }
    for (size_t i = 0; i < listing->column_count; i++)
        if (listing->format == LISTING_CSV)
            printf("%s%s", i == 0 ? "" : ",", listing->columns[i].name);
        else
            printf("%s%*s", i == 0 ? "" : "  ", listing->columns[i].width, listing->columns[i].name);
    putchar('\n');
}

static void print_csv_text(const char *text)
{
    if (strpbrk(text, ",\"\n\r") == NULL) {
        fputs(text, stdout);
        return;
    }
    putchar('"');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            putchar('"');
        putchar(*text);
    }
    putchar('"');
}

static const char *cell_text(const struct listing_cell *cell, char *text, size_t size)
{
    if (cell->kind == CELL_TEXT)
        return cell->text;
    if (cell->kind == CELL_INTEGER)
        snprintf(text, size, "%" PRIu64, cell->integer);
    else if (isnan(cell->number))
        text[0] = '\0';
    else
        snprintf(text, size, "%.9g", cell->number);
    return text;
}

static json_t *cell_json(const struct listing_cell *cell)
{
    switch (cell->kind) {
    case CELL_TEXT:
        return json_string(cell->text);
    case CELL_INTEGER:
        return json_integer((json_int_t)cell->integer);
    case CELL_NUMBER:
        break;
    }
    return isnan(cell->number) ? json_null() : json_real(cell->number);
}

static void print_json_row(const struct listing *listing, const struct listing_cell *cells)
{
    json_t *row = json_object();
    for (size_t i = 0; i < listing->column_count; i++)
        json_object_set_new(row, listing->columns[i].name, cell_json(&cells[i]));
    fputs(listing->rows == 0 ? "\n  " : ",\n  ", stdout);
    json_dumpf(row, stdout, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9));
    json_decref(row);
}

static void print_row(const struct listing *listing, const struct listing_cell *cells)
{
    char text[64];
    for (size_t i = 0; i < listing->column_count; i++) {
        const char *value = cell_text(&cells[i], text, sizeof text);
        if (listing->format == LISTING_CSV) {
            fputs(i == 0 ? "" : ",", stdout);
            print_csv_text(value);
        } else {
            tb_printable_print(stdout, "%s%*s", i == 0 ? "" : "  ", listing->columns[i].width, value);
        }
    }
    putchar('\n');
}

void listing_row(struct listing *listing, const struct listing_cell *cells)
{
    if (listing->format == LISTING_JSON)
        print_json_row(listing, cells);
    else
        print_row(listing, cells);
    listing->rows++;
}

void listing_end(struct listing *listing)
{
    if (listing->format == LISTING_JSON)
        fputs("\n]\n", stdout);
}
