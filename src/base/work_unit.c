/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of units of work, and sentences about requests that speak of another unit. */
#include "twinbed/base/work_unit.h"

#include <ctype.h>
#include <string.h>

static const char *const names[TB_WORK_UNITS] = {TB_WORK_UNIT_WORDS(TB_WORD_NAME)};

const char *tb_work_unit_name(enum tb_work_unit unit)
{
    return names[unit];
}

enum tb_work_unit tb_work_unit_find(const char *name)
{
    for (unsigned i = 0; i < TB_WORK_UNITS && name != NULL; i++)
        if (strcmp(names[i], name) == 0)
            return (enum tb_work_unit)i;
    return TB_WORK_UNIT_REQUEST;
}

static bool is_letter(char letter)
{
    return isalnum((unsigned char)letter) || letter == '_';
}

/* The length of the word "request" or "requests" that begins here; 0 for any other. */
static size_t request_at(const char *text)
{
    static const char rest[] = "equest";
    if ((text[0] != 'r' && text[0] != 'R') || strncmp(text + 1, rest, sizeof rest - 1) != 0)
        return 0;
    const size_t length = sizeof rest + (text[sizeof rest] == 's');
    return is_letter(text[length]) ? 0 : length;
}

static void put_unit(const char *word, size_t length, enum tb_work_unit unit, struct tb_buffer *worded)
{
    const char *const name = names[unit];
    const char first = word[0] == 'R' ? (char)toupper((unsigned char)name[0]) : name[0];
    tb_buffer_put(worded, &first, 1);
    tb_buffer_put(worded, name + 1, strlen(name + 1));
    if (word[length - 1] == 's')
        tb_buffer_put(worded, "s", 1);
}

void tb_work_unit_words(const char *text, enum tb_work_unit unit, bool *inside, struct tb_buffer *worded)
{
    bool begins = true; /* a word */
    for (const char *at = text; *at != '\0';) {
        const size_t length = *inside || !begins ? 0 : request_at(at);
        *inside = *at == '<' || (*inside && *at != '>');
        begins = !is_letter(*at);
        if (length > 0)
            put_unit(at, length, unit, worded);
        else
            tb_buffer_put(worded, at, 1);
        at += length > 0 ? length : 1;
    }
}
