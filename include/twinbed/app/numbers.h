/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_APP_NUMBERS_H
#define TWINBED_APP_NUMBERS_H

/* Numbers that stand somewhere in a text: JSON, CSV, or lines of any program. Metrics that a campaign declares and the
 * completed units of work are read by this. Nothing of the rest of the text is understood, or judged. */

#include "twinbed/base/archive.h"
#include "twinbed/base/number_place.h"
#include "twinbed/io/source.h"

enum { TB_NUMBER_PROBLEM_SIZE = 200 };

struct tb_number {
    double value;                         /* finite; NaN exactly when status is not TB_OK */
    enum tb_status status;                /* TB_NOT_FOUND: nothing stands there; TB_CORRUPT: something else does */
    char problem[TB_NUMBER_PROBLEM_SIZE]; /* in words, without the file's name; "" with TB_OK */
};

/* Fills numbers, one for each place. Status of a single number does not become that of the file: that is TB_TRUNCATED for
 * an empty or unfinished file, TB_CORRUPT where a document is no JSON, TB_UNSUPPORTED for JSON in UTF-16 or of more than 64 MiB;
 * TB_INPUT_OUTPUT, TB_MEMORY. A file with a place of form JSON is held as a whole; other files are read line by line,
 * with 8 bytes a row while a quantile is asked for, of 2^24 rows at most. */
TB_MUST_USE enum tb_status tb_numbers_read(struct tb_source *source, const struct tb_number_place *places, size_t count,
                                           struct tb_number *numbers, struct tb_error *error);

/* Makes a problem of a number that is not whole or is below 0, so cannot be completed units. */
void tb_number_expect_units(const struct tb_number_place *place, struct tb_number *number);

/* In an archive, such as a part. */
void tb_number_describe(struct tb_archive *archive, struct tb_number *number);

#endif
