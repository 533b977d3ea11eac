/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "attributes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void append(struct tb_buffer *text, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    const int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *line = length < 0 ? NULL : malloc((size_t)length + 1);
    if (line == NULL) {
        text->failed = true;
        return;
    }
    vsnprintf(line, (size_t)length + 1, format, arguments);
    tb_buffer_put(text, line, (size_t)length);
    free(line);
}

void tb_text_append(struct tb_buffer *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    append(text, format, arguments);
    va_end(arguments);
}

/* For one more. */
static bool make_room(struct attributes *attributes)
{
    struct tb_attribute *items = realloc(attributes->items, (attributes->count + 1) * sizeof *items);
    attributes->items = items == NULL ? attributes->items : items;
    char **texts = realloc(attributes->texts, (attributes->count + 1) * sizeof *texts);
    attributes->texts = texts == NULL ? attributes->texts : texts;
    return items != NULL && texts != NULL;
}

void tb_attributes_take(struct attributes *attributes, const char *name, struct tb_buffer *text)
{
    tb_buffer_put_u8(text, 0);
    if (text->failed || attributes->failed || !make_room(attributes)) {
        attributes->failed = true;
        tb_buffer_free(text);
        return;
    }
    attributes->texts[attributes->count] = (char *)text->data;
    attributes->items[attributes->count] = (struct tb_attribute){name, attributes->texts[attributes->count]};
    attributes->count++;
    *text = (struct tb_buffer){0};
}

void tb_attributes_set(struct attributes *attributes, const char *name, const char *format, ...)
{
    struct tb_buffer text = {0};
    va_list arguments;
    va_start(arguments, format);
    append(&text, format, arguments);
    va_end(arguments);
    tb_attributes_take(attributes, name, &text);
}

void tb_attributes_free(struct attributes *attributes)
{
    for (size_t i = 0; i < attributes->count; i++)
        free(attributes->texts[i]);
    free(attributes->texts);
    free(attributes->items);
    *attributes = (struct attributes){0};
}
