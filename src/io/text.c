/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/io/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct tb_text tb_text_of(const char *string)
{
    return (struct tb_text){.data = string, .length = strlen(string)};
}

bool tb_text_equals(struct tb_text text, const char *string)
{
    return text.length == strlen(string) && tb_text_starts_with(text, string);
}

bool tb_text_starts_with(struct tb_text text, const char *prefix)
{
    const size_t length = strlen(prefix);
    return length == 0 || (text.length >= length && memcmp(text.data, prefix, length) == 0);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void skip_spaces(struct tb_text *text)
{
    while (text->length > 0 && is_space(text->data[0])) {
        text->data++;
        text->length--;
    }
}

struct tb_text tb_text_trim(struct tb_text text)
{
    skip_spaces(&text);
    while (text.length > 0 && is_space(text.data[text.length - 1]))
        text.length--;
    return text;
}

bool tb_text_take_prefix(struct tb_text *text, const char *prefix)
{
    if (!tb_text_starts_with(*text, prefix))
        return false;
    const size_t length = strlen(prefix);
    if (length > 0)
        *text = (struct tb_text){.data = text->data + length, .length = text->length - length};
    return true;
}

bool tb_text_take_suffix(struct tb_text *text, const char *suffix)
{
    const size_t length = strlen(suffix);
    if (text->length < length || (length > 0 && memcmp(text->data + text->length - length, suffix, length) != 0))
        return false;
    text->length -= length;
    return true;
}

bool tb_text_take_word(struct tb_text *text, struct tb_text *word)
{
    struct tb_text rest = *text;
    skip_spaces(&rest);
    size_t length = 0;
    while (length < rest.length && !is_space(rest.data[length]))
        length++;
    if (length == 0)
        return false;
    *word = (struct tb_text){.data = rest.data, .length = length};
    *text = (struct tb_text){.data = rest.data + length, .length = rest.length - length};
    return true;
}

bool tb_text_take_until(struct tb_text *text, char separator, struct tb_text *part)
{
    if (text->data == NULL)
        return false;
    const char *end = text->length == 0 ? NULL : memchr(text->data, separator, text->length);
    if (end == NULL) {
        *part = *text;
        *text = (struct tb_text){0};
        return true;
    }
    const size_t length = (size_t)(end - text->data);
    *part = (struct tb_text){.data = text->data, .length = length};
    *text = (struct tb_text){.data = end + 1, .length = text->length - length - 1};
    return true;
}

bool tb_text_u64(struct tb_text text, uint64_t *value)
{
    if (text.length == 0)
        return false;
    uint64_t sum = 0;
    for (size_t i = 0; i < text.length; i++) {
        const unsigned digit = (unsigned)(unsigned char)text.data[i] - '0';
        if (digit > 9 || __builtin_mul_overflow(sum, 10u, &sum) || __builtin_add_overflow(sum, digit, &sum))
            return false;
    }
    *value = sum;
    return true;
}

static size_t count_digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* strtod also knows hexadecimal, infinity and not-a-number; files here do not. */
static bool is_decimal(const char *text)
{
    text += *text == '-' || *text == '+';
    const size_t whole = count_digits(text);
    text += whole;
    size_t fraction = 0;
    if (*text == '.') {
        fraction = count_digits(++text);
        text += fraction;
    }
    if (whole + fraction == 0)
        return false;
    if (*text == 'e' || *text == 'E') {
        text++;
        text += *text == '-' || *text == '+';
        const size_t exponent = count_digits(text);
        if (exponent == 0)
            return false;
        text += exponent;
    }
    return *text == '\0';
}

bool tb_text_real(struct tb_text text, double *value)
{
    char copy[64];
    if (text.length == 0 || text.length >= sizeof copy)
        return false;
    memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    if (strlen(copy) != text.length || !is_decimal(copy))
        return false;
    const double parsed = strtod(copy, NULL);
    if (!isfinite(parsed))
        return false;
    *value = parsed;
    return true;
}

bool tb_text_positive_real(struct tb_text text, double *value)
{
    double parsed;
    if (!tb_text_real(text, &parsed) || parsed < 0)
        return false;
    *value = fabs(parsed);
    return true;
}

void tb_text_copy(struct tb_text text, char *buffer, size_t size)
{
    if (size == 0)
        return;
    const size_t length = text.length < size - 1 ? text.length : size - 1;
    for (size_t i = 0; i < length; i++)
        buffer[i] = text.data[i] >= ' ' && text.data[i] <= '~' ? text.data[i] : '?';
    buffer[length] = '\0';
}
