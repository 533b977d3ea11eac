/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tokens.h"

#include <string.h>
#include <strings.h>

#include "campaign/manifest/quantity.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool tb_token_is(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && strncasecmp(text, word, length) == 0;
}

/* The dot of "0.5" separates nothing. */
static bool separates(const char *name, const char *at)
{
    if (*at == '.')
        return !(at > name && is_digit(at[-1]) && is_digit(at[1]));
    return *at != '\0' && strchr("-_+,=@~ ;:()[]", *at) != NULL;
}

/* The length of a date that begins here: 2024-01-31, 20240131, either with 12:30[:59] behind it in some spelling. 0: none. */
static size_t moment_length(const char *text)
{
    /* d: a digit; -: a separator */
    static const char *const forms[] = {
        "dddd-dd-dd-dd-dd-dd", "dddddddd-dddddd", "dddd-dd-dd-dddddd", "dddddddd-dddd", "dddd-dd-dd-dd-dd",
        "dddd-dd-dd-dddd",     "dddd-dd-dd",      "dddddddddddddd",    "dddddddd",
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        size_t at = 0;
        while (forms[i][at] != '\0' && text[at] != '\0' &&
               (forms[i][at] == 'd' ? is_digit(text[at]) : strchr("-_T:.", text[at]) != NULL))
            at++;
        const bool is_plausible = strncmp(text, "19", 2) == 0 || strncmp(text, "20", 2) == 0;
        if (forms[i][at] == '\0' && !is_digit(text[at]) && is_plausible)
            return text[at] == 'Z' ? at + 1 : at;
    }
    return 0;
}

static bool is_quantity(struct token *token, const char *text, size_t length)
{
    double number;
    token->type = TB_FACTOR_NUMBER;
    if (tb_quantity_parse(text, length, TB_FACTOR_NUMBER, &number))
        return true;
    token->type = TB_FACTOR_BYTES;
    if (tb_quantity_parse(text, length, TB_FACTOR_BYTES, &number))
        return true;
    token->type = TB_FACTOR_RATE;
    return tb_quantity_parse(text, length, TB_FACTOR_RATE, &number);
}

/* "c4", "500B", "10ms": letters, a number, and a unit or other letters. */
static void classify(struct token *token)
{
    size_t begin = 0;
    while (begin < token->length && is_letter(token->text[begin]))
        begin++;
    size_t digits = begin;
    while (digits < token->length && (is_digit(token->text[digits]) || token->text[digits] == '.'))
        digits++;
    token->class = TOKEN_WORD;
    if (digits == begin)
        return;
    token->prefix = begin;
    if (is_quantity(token, token->text + begin, token->length - begin)) {
        token->class = TOKEN_NUMBER;
        return;
    }
    size_t letters = digits;
    while (letters < token->length && (is_letter(token->text[letters]) || token->text[letters] == '%'))
        letters++;
    if (letters < token->length || !is_quantity(token, token->text + begin, digits - begin))
        return;
    token->class = TOKEN_NUMBER;
    token->suffix = letters - digits;
}

static const char *take_token(const char *name, const char *at, struct token *token)
{
    *token = (struct token){.before = at};
    while (separates(name, at))
        at++;
    token->before_length = (size_t)(at - token->before);
    token->text = at;
    token->length = moment_length(at);
    if (token->length > 0) {
        token->class = TOKEN_MOMENT;
        return at + token->length;
    }
    while (*at != '\0' && !separates(name, at))
        at++;
    token->length = (size_t)(at - token->text);
    classify(token);
    return at;
}

/* A name of too many parts is one word. */
static void take_whole(const char *name, struct tokens *tokens)
{
    tokens->items[0] = (struct token){.before = name, .text = name, .length = strlen(name), .class = TOKEN_WORD};
    tokens->count = 1;
    tokens->tail = name + strlen(name);
}

void tb_tokens_split(const char *name, bool is_file, struct tokens *tokens)
{
    const char *at = name;
    tokens->count = 0;
    while (*at != '\0') {
        const char *behind = at;
        while (separates(name, behind))
            behind++;
        if (*behind == '\0' || (is_file && *at == '.' && tokens->count > 0))
            break;
        if (tokens->count == TOKENS_MOST) {
            take_whole(name, tokens);
            return;
        }
        at = take_token(name, at, &tokens->items[tokens->count++]);
    }
    tokens->tail = at;
    if (tokens->count == 0)
        take_whole(name, tokens);
}
