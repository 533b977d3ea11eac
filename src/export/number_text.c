/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "number_text.h"

#include <float.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "writers.h"

const char *tb_number_text(double number, int digits, char *text)
{
    /* Every text of DBL_DIG digits is the shortest of its number, since %g leaves out zeros at the end. */
    int precision = digits == 0 ? DBL_DIG : digits;
    snprintf(text, TB_EXPORT_NUMBER_SIZE, "%.*g", precision, number);
    while (digits == 0 && precision < DBL_DECIMAL_DIG && strtod(text, NULL) != number)
        snprintf(text, TB_EXPORT_NUMBER_SIZE, "%.*g", ++precision, number);
    return text;
}

static const char *text_of(const struct tb_export_cell *cell, int digits, char *buffer)
{
    switch (cell->kind) {
    case TB_VALUE_TEXT:
        return cell->text;
    case TB_VALUE_INTEGER:
        snprintf(buffer, TB_EXPORT_NUMBER_SIZE, "%" PRId64, cell->integer);
        return buffer;
    case TB_VALUE_NUMBER:
        return tb_number_text(cell->number, digits, buffer);
    case TB_VALUE_MISSING:
        break;
    }
    return "";
}

const char *tb_number_text_of_cell(const struct tb_export_cell *cell, char *buffer)
{
    return text_of(cell, 0, buffer);
}

const char *tb_writing_text(const struct tb_writing *writing, size_t column, const struct tb_export_cell *cell,
                            char *buffer)
{
    return text_of(cell, writing->columns[column]->fill == TB_FILL_FACTORS ? 0 : writing->digits, buffer);
}
