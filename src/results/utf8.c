/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "utf8.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const char REPLACEMENT[] = "\xEF\xBF\xBD";
enum { REPLACEMENT_SIZE = 3 };

/* Bytes of the character that starts here, 0 when none does. The NUL at the end stops every look ahead. */
static size_t character_size(const unsigned char *text)
{
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
    if (text[1] < low || text[1] > high)
        return 0;
    for (size_t i = 2; i < size; i++)
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    return size;
}

static size_t count_bad(const unsigned char *text)
{
    size_t bad = 0;
    while (*text != '\0') {
        const size_t size = character_size(text);
        bad += size == 0;
        text += size == 0 ? 1 : size;
    }
    return bad;
}

bool tb_utf8_repair(const char *text, char **repaired)
{
    const unsigned char *from = (const unsigned char *)text;
    const size_t bad = count_bad(from);
    *repaired = NULL;
    if (bad == 0)
        return true;
    char *to = malloc(strlen(text) + bad * (REPLACEMENT_SIZE - 1) + 1);
    if (to == NULL)
        return false;
    *repaired = to;
    while (*from != '\0') {
        const size_t size = character_size(from);
        const size_t put = size == 0 ? REPLACEMENT_SIZE : size;
        memcpy(to, size == 0 ? (const void *)REPLACEMENT : (const void *)from, put);
        from += size == 0 ? 1 : size;
        to += put;
    }
    *to = '\0';
    return true;
}
