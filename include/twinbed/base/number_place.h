/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_BASE_NUMBER_PLACE_H
#define TWINBED_BASE_NUMBER_PLACE_H

/* Where in a text a number stands, as the campaign file says it and as the text is read by it. */

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

#include "twinbed/base/status.h"
#include "twinbed/base/words.h"

#define TB_NUMBER_FORM_WORDS(WORD)                                                                                     \
    WORD(TB_NUMBER_VALUE, value)   /* a JSON pointer where the text is JSON, else the name of a CSV column */          \
    WORD(TB_NUMBER_JSON, json)     /* a JSON pointer (RFC 6901) */                                                     \
    WORD(TB_NUMBER_COLUMN, column) /* the name of a column of a CSV, whose first line names them */                    \
    WORD(TB_NUMBER_REGEX, regex)   /* a POSIX extended regular expression with one group, for each line */             \
    WORD(TB_NUMBER_KEY, key)       /* what a line begins with, before ':', '=' or a space, and the number */
enum tb_number_form { TB_NUMBER_FORM_WORDS(TB_WORD_ENUMERATOR) TB_NUMBER_FORMS };

/* Which one number becomes of those that a text has at a place: of all rows of a column, of all lines that match. */
enum tb_number_choice {
    TB_NUMBER_LAST,
    TB_NUMBER_FIRST,
    TB_NUMBER_SUM,
    TB_NUMBER_MEAN,
    TB_NUMBER_MINIMUM,
    TB_NUMBER_MAXIMUM,
    TB_NUMBER_QUANTILE /* the smallest of n that quantile % of them do not exceed: the one at position ceil(n q / 100) */
};

struct tb_number_take {
    enum tb_number_choice choice;
    double quantile; /* percent, 0 to 100 */
};

struct tb_number_place {
    enum tb_number_form form;
    const char *text; /* borrowed; the pointer, column, expression or key */
    struct tb_number_take take;
};

/* Longer texts of places are refused. */
enum { TB_NUMBER_PLACE_LENGTH = 250 };

/* "json", "column", ...: the key of the campaign file. Static. */
const char *tb_number_form_name(enum tb_number_form form);

/* "last", "first", "sum", "mean", "minimum", "maximum", "median", or a quantile: "p99", "p99.9". */
TB_MUST_USE bool tb_number_take_read(const char *word, struct tb_number_take *take);

/* What is wrong with the text of a place, or NULL. Static. Expressions are bounded, so that neither compiling nor matching
 * them takes long: the number is the first group; back references are refused, and repetition counts
 * multiply up to 65536 at most. */
const char *tb_number_place_fault(enum tb_number_form form, const char *text);

/* Of a text without a fault; the caller frees (regfree). False when it cannot be compiled. */
TB_MUST_USE bool tb_number_regex_compile(const char *text, regex_t *compiled);

#endif
