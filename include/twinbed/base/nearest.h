/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_BASE_NEAREST_H
#define TWINBED_BASE_NEAREST_H

/* What somebody meant who mistyped a word: of the words that there are, the one
 * that takes the fewest single errors to become the one that was typed.
 *
 * An error is a letter too many, missing, or wrong, or two letters swapped
 * (distance of optimal string alignment, Damerau 1964). Capital letters are not
 * told from small ones. A word counts as meant when it takes at most one error
 * for each three letters of the typed word, so that nothing far-fetched is
 * suggested; of several, the one that was offered first. */

struct tb_nearest {
    const char *word;   /* borrowed: what was typed */
    const char *before; /* borrowed: what a hint writes before the word, as hyphens; NULL: nothing */
    const char *found;  /* borrowed: the nearest of what was offered, NULL: none is near */
    unsigned distance;  /* of found, in errors */
};

/* Begins a search for word, which stays the caller's. */
struct tb_nearest tb_nearest_to(const char *word);

/* Offers a word that there is; it must live as long as the search. */
void tb_nearest_offer(struct tb_nearest *nearest, const char *candidate);

enum { TB_NEAREST_TEXT_SIZE = 96 };

/* " (did you mean 'word'?)", to stand in a sentence behind the typed word, or ""
 * when nothing is near. Gives text. */
const char *tb_nearest_hint(const struct tb_nearest *nearest, char text[TB_NEAREST_TEXT_SIZE]);

#endif
