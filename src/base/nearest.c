/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The name that was probably meant, by the number of letters that differ (insertions, deletions,
 * replacements, swaps of neighbours). */
#include "twinbed/base/nearest.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Longer words are no names that somebody types, and the work grows with the square. */
enum { MOST_LETTERS = 64, MOST_ERRORS = 3 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static int letter(char c)
{
    return tolower((unsigned char)c);
}

/* Three rows of the table of distances are enough: a swap looks two rows back. */
static unsigned distance_of(const char *a, size_t a_length, const char *b, size_t b_length)
{
    unsigned rows[3][MOST_LETTERS + 1];
    for (unsigned j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        unsigned *const row = rows[i % 3];
        const unsigned *const above = rows[(i + 2) % 3], *const two_above = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_length; j++) {
            const unsigned wrong = letter(a[i - 1]) != letter(b[j - 1]);
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + wrong);
            if (i > 1 && j > 1 && letter(a[i - 1]) == letter(b[j - 2]) && letter(a[i - 2]) == letter(b[j - 1]))
                row[j] = least(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[a_length % 3][b_length];
}

struct tb_nearest tb_nearest_to(const char *word)
{
    return (struct tb_nearest){.word = word};
}

void tb_nearest_offer(struct tb_nearest *nearest, const char *candidate)
{
    const size_t length = strlen(nearest->word), candidate_length = strlen(candidate);
    if (length > MOST_LETTERS || candidate_length > MOST_LETTERS || candidate_length == 0)
        return;
    const unsigned distance = distance_of(nearest->word, length, candidate, candidate_length);
    if (distance > least((unsigned)(length + 1) / 3, MOST_ERRORS) ||
        (nearest->found != NULL && distance >= nearest->distance))
        return;
    nearest->found = candidate;
    nearest->distance = distance;
}

const char *tb_nearest_hint(const struct tb_nearest *nearest, char text[TB_NEAREST_TEXT_SIZE])
{
    text[0] = '\0';
    if (nearest->found != NULL)
        snprintf(text, TB_NEAREST_TEXT_SIZE, " (did you mean '%s%s'?)", nearest->before == NULL ? "" : nearest->before,
                 nearest->found);
    return text;
}
