/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "number_sources.h"

/* A summary is small; a log of this size is not what the pointer means. */
static const size_t DOCUMENT_LIMIT = 64 << 20;

/* Undoes "~1" and "~0" of one step of a JSON pointer; false when it is not well formed. */
static bool unescape_step(struct tb_text step, char *key, size_t size, size_t *length)
{
    size_t used = 0;
    for (size_t i = 0; i < step.length; i++, used++) {
        char c = step.data[i];
        if (c == '~') {
            i++;
            if (i == step.length || (step.data[i] != '0' && step.data[i] != '1'))
                return false;
            c = step.data[i] == '0' ? '~' : '/';
        }
        if (used + 1 >= size)
            return false;
        key[used] = c;
    }
    key[used] = '\0';
    *length = used;
    return true;
}

/* NULL when the step leads nowhere. */
static const json_t *take_step(const json_t *value, struct tb_text step)
{
    char key[1024];
    size_t length;
    uint64_t index;
    if (!unescape_step(step, key, sizeof key, &length))
        return NULL;
    if (json_is_object(value))
        return json_object_get(value, key);
    const bool leading_zero = length > 1 && key[0] == '0';
    if (json_is_array(value) && !leading_zero && tb_text_u64(tb_text_of(key), &index) && index < json_array_size(value))
        return json_array_get(value, (size_t)index);
    return NULL;
}

const json_t *tb_json_follow(const json_t *value, const char *pointer)
{
    struct tb_text rest = tb_text_of(pointer);
    struct tb_text step;
    if (rest.length == 0)
        return value;
    if (!tb_text_take_prefix(&rest, "/"))
        return NULL;
    while (value != NULL && tb_text_take_until(&rest, '/', &step))
        value = take_step(value, step);
    return value;
}

enum tb_status tb_number_load_document(struct tb_reader *reader, struct tb_error *error)
{
    const char *name = tb_source_name(reader->source);
    const enum tb_status status = tb_reader_need(reader, DOCUMENT_LIMIT + 1, error);
    if (status == TB_OK)
        return tb_error_set(error, TB_UNSUPPORTED, "%s: a JSON file of more than %zu MiB", name, DOCUMENT_LIMIT >> 20);
    if (status != TB_END)
        return status;
    if (reader->stream_status != TB_END)
        return tb_error_set(error, reader->stream_status, "%s", reader->stream_error.text);
    return TB_OK;
}

enum tb_status tb_json_parse(const struct tb_reader *reader, json_t **root, struct tb_error *error)
{
    json_error_t problem;
    const char *text = (const char *)reader->data;
    const size_t mark = reader->available >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    /* All are used as doubles; an integer of 64 bits without a sign is no fault. */
    *root = json_loadb(text + mark, reader->available - mark, JSON_DECODE_INT_AS_REAL, &problem);
    if (*root != NULL)
        return TB_OK;
    const bool early = json_error_code(&problem) == json_error_premature_end_of_input;
    return tb_error_set(error, early ? TB_TRUNCATED : TB_CORRUPT, "%s: line %d: not valid JSON: %s",
                        tb_source_name(reader->source), problem.line, problem.text);
}

static void read_at(const json_t *root, const char *pointer, struct tb_number *number)
{
    const json_t *value = tb_json_follow(root, pointer);
    if (value == NULL)
        tb_number_fail(number, TB_NOT_FOUND, "the JSON file has no value at '%.120s'", pointer);
    else if (!json_is_number(value) || !isfinite(json_number_value(value)))
        tb_number_fail(number, TB_CORRUPT, "the value at '%.120s' is not a number", pointer);
    else
        *number = (struct tb_number){.value = json_number_value(value)};
}

enum tb_status tb_numbers_read_json(const struct tb_reader *reader, const struct tb_number_place *places, size_t count,
                                    struct tb_number *numbers, struct tb_error *error)
{
    json_t *root;
    const enum tb_status status = tb_json_parse(reader, &root, error);
    if (status != TB_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        if (places[i].form == TB_NUMBER_JSON)
            read_at(root, places[i].text, &numbers[i]);
    json_decref(root);
    return TB_OK;
}
