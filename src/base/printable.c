/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts from files on a terminal: what would move the cursor, change colours or hide is written as
 * an escape. Line ends of a format are kept, those within texts are not. */
#include "twinbed/base/printable.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "twinbed/base/utf8.h"

enum { ESCAPE_SIZE = 12 };

/* Of a whole character. */
static uint32_t code_of(const char *text, size_t length)
{
    const unsigned char *const bytes = (const unsigned char *)text;
    if (length == 1)
        return bytes[0];
    uint32_t code = bytes[0] & (0x7FU >> length);
    for (size_t i = 1; i < length; i++)
        code = code << 6 | (bytes[i] & 0x3FU);
    return code;
}

static bool is_printable(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } unseen[] = {{0, 0x1F},        {0x7F, 0x9F},     {0x61C, 0x61C},   {0x200B, 0x200B},
                  {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F}, {0xFEFF, 0xFEFF}};
    for (size_t i = 0; i < sizeof unseen / sizeof unseen[0]; i++)
        if (code >= unseen[i].first && code <= unseen[i].last)
            return false;
    return true;
}

/* What stands for the beginning of text, whose length is *taken bytes: itself, or an escape. Gives its size. */
static size_t next_printable(const char *text, size_t left, size_t *taken, char escape[ESCAPE_SIZE], const char **shown)
{
    const size_t length = tb_utf8_length(text, left);
    const uint32_t code = length == 0 ? (unsigned char)text[0] : code_of(text, length);
    *taken = length == 0 ? 1 : length;
    *shown = text;
    if (length != 0 && is_printable(code))
        return length;
    *shown = escape;
    return (size_t)snprintf(escape, ESCAPE_SIZE, code < 0x100 ? "\\x%02x" : "\\u%04x", (unsigned)code);
}

void tb_printable_write(FILE *stream, const char *text, size_t size)
{
    char escape[ESCAPE_SIZE];
    const char *shown;
    for (size_t at = 0, taken; at < size; at += taken) {
        const size_t length = next_printable(text + at, size - at, &taken, escape, &shown);
        fwrite(shown, 1, length, stream);
    }
}

const char *tb_printable_text(const char *text, char *out, size_t size)
{
    char escape[ESCAPE_SIZE];
    const char *shown;
    size_t used = 0, left = strlen(text);
    for (size_t taken; left > 0; text += taken, left -= taken) {
        const size_t length = next_printable(text, left, &taken, escape, &shown);
        if (used + length >= size)
            break;
        memcpy(out + used, shown, length);
        used += length;
    }
    out[used] = '\0';
    return out;
}

/* Those of a format that is nothing but line ends stand at its beginning. */
static size_t line_ends_behind(const char *format, size_t before)
{
    size_t length = strlen(format), ends = 0;
    while (length > before && format[length - 1] == '\n') {
        length--;
        ends++;
    }
    return ends;
}

void tb_printable_print(FILE *stream, const char *format, ...)
{
    char *text = NULL;
    const size_t before = strspn(format, "\n"), behind = line_ends_behind(format, before);
    va_list arguments;
    va_start(arguments, format);
    const int size = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (size < 0)
        return; /* out of memory: nothing can be said, and nothing is said half */
    fwrite(text, 1, before, stream);
    tb_printable_write(stream, text + before, (size_t)size - before - behind);
    fwrite(text + (size_t)size - behind, 1, behind, stream);
    free(text);
}
