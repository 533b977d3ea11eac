/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "numbers.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MISSING "\xE2\x80\x93"
#define MINUS "\xE2\x88\x92"
#define THIN_SPACE "\xE2\x80\xAF" /* narrow and never a line break */
#define PLUS_MINUS "\xC2\xB1"

static const double largest_plain = 1e15;
static const double smallest_plain = 1e-6;

/* Copies digits with a thin space before each group of three left of the point. */
static void group(struct tb_number *number, bool negative, const char *digits)
{
    size_t whole = strcspn(digits, ".");
    size_t at = 0;
    if (negative)
        at += (size_t)snprintf(number->text, sizeof number->text, MINUS);
    for (size_t i = 0; digits[i] != '\0' && at + 4 < sizeof number->text; i++) {
        if (i > 0 && i < whole && (whole - i) % 3 == 0) {
            memcpy(number->text + at, THIN_SPACE, 3);
            at += 3;
        }
        number->text[at++] = digits[i];
    }
    number->text[at] = '\0';
}

static bool special(struct tb_number *number, double value)
{
    if (isnan(value))
        snprintf(number->text, sizeof number->text, MISSING);
    else if (isinf(value))
        snprintf(number->text, sizeof number->text, "%s\xE2\x88\x9E", value < 0 ? MINUS : "");
    else
        return false;
    return true;
}

static struct tb_number scientific(double value, int digits)
{
    struct tb_number number;
    char plain[64];
    snprintf(plain, sizeof plain, "%.*e", digits - 1, fabs(value));
    char *exponent = strchr(plain, 'e');
    int power = 0;
    if (exponent != NULL) {
        *exponent = '\0';
        power = (int)strtol(exponent + 1, NULL, 10);
    }
    snprintf(number.text, sizeof number.text, "%s%sE%s%d", value < 0 ? MINUS : "", plain, power < 0 ? MINUS : "+",
             power < 0 ? -power : power);
    return number;
}

struct tb_number tb_number_fixed(double value, int decimals)
{
    struct tb_number number;
    if (special(&number, value))
        return number;
    if (fabs(value) >= largest_plain)
        return scientific(value, 4);
    char digits[64];
    snprintf(digits, sizeof digits, "%.*f", decimals < 0 ? 0 : decimals, fabs(value));
    bool zero = strspn(digits, "0.") == strlen(digits);
    group(&number, value < 0 && !zero, digits);
    return number;
}

/* Decimals that show the given number of significant digits of what the value is rounded to. */
static int decimals_for(double value, int digits)
{
    char rounded[64];
    int power = 0;
    snprintf(rounded, sizeof rounded, "%.*e", digits - 1, value);
    const char *exponent = strchr(rounded, 'e');
    if (exponent != NULL)
        power = (int)strtol(exponent + 1, NULL, 10);
    int decimals = digits - 1 - power;
    return decimals < 0 ? 0 : decimals > 12 ? 12 : decimals;
}

struct tb_number tb_number_significant(double value, int digits)
{
    struct tb_number number;
    if (special(&number, value))
        return number;
    double size = fabs(value);
    if (size != 0 && (size < smallest_plain || size >= largest_plain))
        return scientific(value, digits);
    return tb_number_fixed(value, decimals_for(value, digits));
}

/* A value without spread: up to six digits, but no zeros that say nothing. */
static struct tb_number without_spread(double value)
{
    struct tb_number number = tb_number_significant(value, 6);
    if (strchr(number.text, '.') != NULL && strchr(number.text, 'E') == NULL) {
        size_t length = strlen(number.text);
        while (number.text[length - 1] == '0')
            number.text[--length] = '\0';
        if (number.text[length - 1] == '.')
            number.text[length - 1] = '\0';
    }
    return number;
}

struct tb_number tb_number_half_width(double half_width)
{
    struct tb_number number;
    if (isnan(half_width)) {
        number.text[0] = '\0';
        return number;
    }
    struct tb_number digits = half_width == 0 ? tb_number_fixed(0, 0) : tb_number_significant(half_width, 2);
    snprintf(number.text, sizeof number.text, PLUS_MINUS "\xC2\xA0%.*s", (int)sizeof number.text - 8, digits.text);
    return number;
}

struct tb_number tb_number_interval(double mean, double half_width)
{
    struct tb_number number;
    if (isnan(mean) || isnan(half_width))
        return without_spread(mean);
    /* Spread that is only the rounding of sums is no spread. */
    const bool spread = half_width > 1e-12 * fabs(mean);
    const bool shown = spread && half_width >= smallest_plain;
    struct tb_number center = shown ? tb_number_fixed(mean, decimals_for(half_width, 2)) : without_spread(mean);
    if (!spread) {
        snprintf(number.text, sizeof number.text, "%.60s <span class=\"all\">in all runs</span>", center.text);
        return number;
    }
    struct tb_number half = tb_number_half_width(half_width);
    snprintf(number.text, sizeof number.text, "%.60s\xC2\xA0%.60s", center.text, half.text);
    return number;
}

struct tb_number tb_number_count(int64_t value)
{
    struct tb_number number;
    char digits[32];
    uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
    snprintf(digits, sizeof digits, "%" PRIu64, size);
    group(&number, value < 0, digits);
    return number;
}

struct tb_number tb_number_power(double log10_value)
{
    struct tb_number number;
    if (special(&number, log10_value))
        return number;
    int decimals = fabs(log10_value) >= 100 ? 0 : 2;
    snprintf(number.text, sizeof number.text, "E%s%.*f", log10_value < 0 ? MINUS : "+", decimals, fabs(log10_value));
    return number;
}

struct tb_number tb_number_p(double p)
{
    struct tb_number number;
    if (special(&number, p))
        return number;
    if (p < 0.001)
        snprintf(number.text, sizeof number.text, "&lt;0.001");
    else
        number = p >= 0.9995 ? tb_number_fixed(p, 0) : tb_number_significant(p, p < 0.01 ? 1 : 2);
    return number;
}

struct tb_number tb_number_signed(double value, int digits)
{
    struct tb_number number;
    if (fabs(value) < 1e-12)
        return tb_number_fixed(0, 0);
    const struct tb_number plain = tb_number_significant(value, digits);
    snprintf(number.text, sizeof number.text, "%s%.100s", value > 0 ? "+" : "", plain.text);
    return number;
}

struct tb_number tb_number_percent(double share)
{
    struct tb_number number = tb_number_fixed(100 * share, fabs(share) < 0.0995 ? 1 : 0);
    if (!isnan(share))
        strncat(number.text, "\xC2\xA0%", sizeof number.text - strlen(number.text) - 1);
    return number;
}
