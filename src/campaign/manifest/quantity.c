/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers with units. The power of ten of a unit is given to strtod with the number's digits, so
 * that the result is the nearest double; powers of two are exact anyway. */
#include "quantity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_CHARACTERS = 40 };

static size_t count_digits(const char *text, size_t length, size_t at)
{
    size_t count = 0;
    while (at + count < length && text[at + count] >= '0' && text[at + count] <= '9')
        count++;
    return count;
}

/* Length of a plain decimal number at the start of text, 0 for none. An
 * exponent is read only when digits follow, so that "1e" is no number. */
static size_t decimal_length(const char *text, size_t length, bool exponent_allowed)
{
    size_t at = length > 0 && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    const size_t whole = count_digits(text, length, at);
    if (whole == 0)
        return 0;
    at += whole;
    if (at < length && text[at] == '.') {
        const size_t fraction = count_digits(text, length, at + 1);
        if (fraction == 0)
            return 0;
        at += 1 + fraction;
    }
    if (exponent_allowed && at < length && (text[at] == 'e' || text[at] == 'E')) {
        const size_t sign = at + 1 < length && (text[at + 1] == '-' || text[at + 1] == '+') ? 1 : 0;
        const size_t digits = count_digits(text, length, at + 1 + sign);
        at += digits == 0 ? 0 : 1 + sign + digits;
    }
    return at;
}

/* Lets strtod apply the power of ten too, so that 1.1 MB is exactly the double nearest to 1100000. */
static bool decimal_value(const char *text, size_t length, int power_of_ten, double *number)
{
    char copy[MOST_CHARACTERS + 8];
    if (length == 0 || length > MOST_CHARACTERS)
        return false;
    snprintf(copy, sizeof copy, power_of_ten == 0 ? "%.*s" : "%.*se%d", (int)length, text, power_of_ten);
    *number = strtod(copy, NULL);
    return isfinite(*number);
}

static bool is_word(const char *text, size_t length, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strlen(*words) == length && strncasecmp(text, *words, length) == 0)
            return true;
    return false;
}

static bool parse_boolean(const char *text, size_t length, double *number)
{
    static const char *const yes[] = {"true", "yes", "on", "1", NULL};
    static const char *const no[] = {"false", "no", "off", "0", NULL};
    *number = is_word(text, length, yes) ? 1 : 0;
    return *number == 1 || is_word(text, length, no);
}

/* 0 for k, 1 for M, ...; -1 when the letter is none. */
static int prefix_rank(char letter)
{
    static const char letters[] = "kmgtp";
    const char lower = (char)(letter | 0x20);
    const char *found = letter == '\0' ? NULL : strchr(letters, lower);
    return found == NULL ? -1 : (int)(found - letters);
}

static bool parse_with_unit(const char *text, size_t length, const char *const *base_units, bool binary_prefixes,
                            double *number)
{
    const size_t digits = decimal_length(text, length, false);
    if (digits == 0 || text[0] == '-' || text[0] == '+')
        return false;
    size_t at = digits;
    if (at == length)
        return decimal_value(text, digits, 0, number);
    if (text[at] == ' ')
        at++;
    if (is_word(text + at, length - at, base_units))
        return decimal_value(text, digits, 0, number);
    const int rank = at < length ? prefix_rank(text[at]) : -1;
    if (rank < 0)
        return false;
    at++;
    const bool binary = binary_prefixes && at < length && (text[at] == 'i' || text[at] == 'I');
    at += binary ? 1 : 0;
    if (!is_word(text + at, length - at, base_units))
        return false;
    if (!binary)
        return decimal_value(text, digits, 3 * (rank + 1), number);
    if (!decimal_value(text, digits, 0, number))
        return false;
    *number = ldexp(*number, 10 * (rank + 1));
    return true;
}

bool tb_quantity_parse(const char *text, size_t length, enum tb_factor_type type, double *number)
{
    static const char *const byte_units[] = {"B", "byte", "bytes", NULL};
    static const char *const rate_units[] = {"bps", "bit/s", "bits/s", "bit", "bits", NULL};
    switch (type) {
    case TB_FACTOR_NUMBER:
        return decimal_length(text, length, true) == length && decimal_value(text, length, 0, number);
    case TB_FACTOR_BYTES:
        return parse_with_unit(text, length, byte_units, true, number);
    case TB_FACTOR_RATE:
        return parse_with_unit(text, length, rate_units, false, number);
    case TB_FACTOR_BOOLEAN:
        return parse_boolean(text, length, number);
    case TB_FACTOR_TEXT:
        break;
    }
    return false;
}

const char *tb_quantity_unit(enum tb_factor_type type)
{
    return type == TB_FACTOR_BYTES ? "bytes" : type == TB_FACTOR_RATE ? "bit/s" : "";
}
