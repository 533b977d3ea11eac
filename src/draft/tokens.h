/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DRAFT_TOKENS_H
#define TWINBED_SRC_DRAFT_TOKENS_H

/* Names of directories and files as people put them together: "500B-c4", "rep-03", "e1000-1.txt". */

#include <stdbool.h>
#include <stddef.h>

#include "twinbed/campaign/campaign.h"

/* A name with more tokens is cut: what is left is part of the tail. Words are compared up to that
 * size. */
enum { TOKENS_MOST = 12, TOKEN_WORD_SIZE = 32 };

/* What a token is. */
enum token_class {
    TOKEN_WORD,   /* letters, or anything else */
    TOKEN_NUMBER, /* a number, maybe with a unit behind it, or letters before it */
    TOKEN_MOMENT  /* a date, maybe with a time of day */
};

/* The text between two separators. Texts are borrowed from the name. */
struct token {
    const char *before; /* separators before it */
    size_t before_length;
    const char *text;
    size_t length;
    enum token_class class;
    enum tb_factor_type type; /* of a number: number, bytes or rate */
    size_t prefix;            /* letters before a number, as the c of c4 */
    size_t suffix;            /* characters behind a number that are no unit of its type, as the ms of 10ms */
};

/* A name in pieces. */
struct tokens {
    struct token items[TOKENS_MOST]; /* at least one */
    size_t count;
    const char *tail; /* what stands behind the last one: separators, or all from the first dot of a file's name */
};

/* With is_file all from the first dot on, unless digits stand around it, is the tail. */
void tb_tokens_split(const char *name, bool is_file, struct tokens *tokens);

/* The token is the word, without regard to case. */
bool tb_token_is(const char *text, size_t length, const char *word);

#endif
