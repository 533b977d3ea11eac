/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_EXPORT_NUMBER_TEXT_H
#define TWINBED_EXPORT_NUMBER_TEXT_H

#include "columns.h"

/* Writes a number as C does: as short as it can be and still be read back the same, or with so many significant digits
 * when digits is not 0. "inf" and "-inf" are infinities. Returns text, of at least TB_EXPORT_NUMBER_SIZE bytes. */
enum { TB_EXPORT_NUMBER_SIZE = 32 };
const char *tb_number_text(double number, int digits, char *text);

/* A cell as one text, numbers in full: the cell's own, or what is written into buffer; "" when it is missing. */
const char *tb_number_text_of_cell(const struct tb_export_cell *cell, char *buffer);

#endif
