/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_BASE_WORDS_H
#define TWINBED_BASE_WORDS_H

/* Enums whose values have words in files and texts are made of one list, a macro
 * that gives each enumerator and its word to another one:
 *
 *   #define TB_FRUIT_WORDS(WORD) WORD(TB_FRUIT_APPLE, apple) WORD(TB_FRUIT_PEAR, pear)
 *   enum tb_fruit { TB_FRUIT_WORDS(TB_WORD_ENUMERATOR) };
 *   static const char *const names[] = {TB_FRUIT_WORDS(TB_WORD_NAME)};
 *   static const char *const all = TB_WORDS(TB_FRUIT_WORDS); -- "apple pear" */

/* For the checks that compile each header alone. */
#include <stddef.h>

#define TB_WORD_ENUMERATOR(enumerator, word) enumerator,
#define TB_WORD_NAME(enumerator, word) [enumerator] = #word,
#define TB_WORD_IN_LINE(enumerator, word) " " #word
#define TB_WORDS(list) (&(list(TB_WORD_IN_LINE))[1])

#endif
