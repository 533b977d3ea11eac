/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which bytes are UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF), and
 * texts made of those that are not. */
#include "twinbed/base/utf8.h"

#include <stdlib.h>
#include <string.h>

static const char REPLACEMENT[] = "\xEF\xBF\xBD";
enum { REPLACEMENT_SIZE = 3 };

size_t tb_utf8_length(const char *start, size_t left)
{
    const unsigned char *const text = (const unsigned char *)start;
    if (text[0] < 0x80)
        return 1;
    size_t size;
    unsigned char low = 0x80, high = 0xBF; /* of the second byte: no overlong forms, surrogates, or beyond U+10FFFF */
    if (text[0] >= 0xC2 && text[0] <= 0xDF) {
        size = 2;
    } else if (text[0] >= 0xE0 && text[0] <= 0xEF) {
        size = 3;
        low = text[0] == 0xE0 ? 0xA0 : low;
        high = text[0] == 0xED ? 0x9F : high;
    } else if (text[0] >= 0xF0 && text[0] <= 0xF4) {
        size = 4;
        low = text[0] == 0xF0 ? 0x90 : low;
        high = text[0] == 0xF4 ? 0x8F : high;
    } else {
        return 0;
    }
    if (size > left || text[1] < low || text[1] > high)
        return 0;
    for (size_t i = 2; i < size; i++)
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    return size;
}

size_t tb_utf8_valid(const char *text, size_t size)
{
    size_t valid = 0, next = 1;
    while (valid < size && next != 0) {
        next = tb_utf8_length(text + valid, size - valid);
        valid += next;
    }
    return valid;
}

bool tb_utf8_is_text(const char *text)
{
    const size_t length = strlen(text);
    return tb_utf8_valid(text, length) == length;
}

static size_t count_bad(const char *text, size_t size)
{
    size_t bad = 0;
    for (size_t at = 0, next; at < size; at += next == 0 ? 1 : next) {
        next = tb_utf8_length(text + at, size - at);
        bad += next == 0;
    }
    return bad;
}

bool tb_utf8_repair(const char *text, char **repaired)
{
    const size_t length = strlen(text), bad = count_bad(text, length);
    *repaired = NULL;
    if (bad == 0)
        return true;
    char *to = malloc(length + bad * (REPLACEMENT_SIZE - 1) + 1);
    if (to == NULL)
        return false;
    *repaired = to;
    for (size_t at = 0, next; at < length; at += next == 0 ? 1 : next) {
        next = tb_utf8_length(text + at, length - at);
        const size_t put = next == 0 ? REPLACEMENT_SIZE : next;
        memcpy(to, next == 0 ? REPLACEMENT : text + at, put);
        to += put;
    }
    *to = '\0';
    return true;
}
