/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a number stands in a text file, as a campaign says it, and what is wrong with such a place.
 * Regular expressions that could take much time or memory are refused. */
#include "twinbed/base/number_place.h"

#include <stdlib.h>
#include <string.h>

const char *tb_number_form_name(enum tb_number_form form)
{
    static const char *const names[TB_NUMBER_FORMS] = {TB_NUMBER_FORM_WORDS(TB_WORD_NAME)};
    return names[form];
}

/* "p99.9": digits with a fraction, from 0 to 100. */
static bool read_quantile(const char *word, double *quantile)
{
    const char *const digits = word + 1;
    if (word[0] != 'p' || digits[0] < '0' || digits[0] > '9' || strspn(digits, "0123456789.") != strlen(digits))
        return false;
    char *end;
    *quantile = strtod(digits, &end);
    return *end == '\0' && *quantile <= 100;
}

bool tb_number_take_read(const char *word, struct tb_number_take *take)
{
    static const char *const words[] = {"last", "first", "sum", "mean", "minimum", "maximum"};
    *take = (struct tb_number_take){.choice = TB_NUMBER_QUANTILE, .quantile = 50};
    for (unsigned i = 0; i < TB_NUMBER_QUANTILE; i++)
        if (strcmp(word, words[i]) == 0) {
            *take = (struct tb_number_take){.choice = (enum tb_number_choice)i};
            return true;
        }
    return strcmp(word, "median") == 0 || read_quantile(word, &take->quantile);
}

static bool has_back_reference(const char *text)
{
    for (const char *at = text; *at != '\0'; at++)
        if (*at == '\\') {
            at++;
            if (*at >= '1' && *at <= '9')
                return true;
            if (*at == '\0')
                break;
        }
    return false;
}

/* Counts of repetitions are compiled by writing out what is repeated, so their product is what a pattern can grow to. */
static bool repeats_too_often(const char *text)
{
    enum { MOST = 65536 };
    unsigned long product = 1;
    for (const char *at = strchr(text, '{'); at != NULL; at = strchr(at + 1, '{')) {
        unsigned long largest = 1;
        const char *number = at + 1;
        while (*number >= '0' && *number <= '9') {
            char *end;
            const unsigned long count = strtoul(number, &end, 10);
            largest = count > largest ? count : largest;
            number = *end == ',' ? end + 1 : end;
        }
        product *= largest > MOST ? MOST : largest;
        if (product > MOST)
            return true;
    }
    return false;
}

bool tb_number_regex_compile(const char *text, regex_t *compiled)
{
    return regcomp(compiled, text, REG_EXTENDED) == 0;
}

static const char *regex_fault(const char *text)
{
    regex_t compiled;
    if (has_back_reference(text))
        return "a back reference is not supported";
    if (repeats_too_often(text))
        return "its repetitions multiply to more than 65536";
    if (!tb_number_regex_compile(text, &compiled))
        return "not a POSIX extended regular expression";
    const size_t groups = compiled.re_nsub;
    regfree(&compiled);
    return groups == 0 ? "it has no group, as ([0-9.]+), that holds the number" : NULL;
}

const char *tb_number_place_fault(enum tb_number_form form, const char *text)
{
    if (text[0] == '\0' && form != TB_NUMBER_JSON)
        return "it is empty";
    if (strlen(text) > TB_NUMBER_PLACE_LENGTH)
        return "it is longer than 250 characters";
    if (form == TB_NUMBER_JSON && text[0] != '/' && text[0] != '\0')
        return "a JSON pointer begins with '/'";
    return form == TB_NUMBER_REGEX ? regex_fault(text) : NULL;
}
