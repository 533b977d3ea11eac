/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reasons.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char *behind_number(const char *text)
{
    while (isdigit((unsigned char)*text) || *text == '.')
        text++;
    return text;
}

bool tb_sentences_alike(const char *one, const char *other)
{
    for (;; one++, other++) {
        one = behind_number(one);
        other = behind_number(other);
        if (*one != *other)
            return false;
        if (*one == '\0')
            return true;
    }
}

void tb_reason_list_free(struct reason_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].sentence);
    free(list->items);
    tb_index_free(&list->index);
    *list = (struct reason_list){0};
}

static struct tb_key key_of(enum tb_absence kind, const char *sentence)
{
    return tb_key_of_text(sentence, (uint64_t)kind);
}

int32_t tb_reason_list_add(struct reason_list *list, enum tb_absence kind, const char *sentence)
{
    const struct tb_key key = key_of(kind, sentence);
    const int64_t found = tb_index_find(&list->index, key);
    if (found != TB_INDEX_ABSENT)
        return (int32_t)found;
    char *const copy = strdup(sentence);
    if (copy == NULL || list->count >= INT32_MAX ||
        !tb_array_reserve(&list->items, &list->capacity, list->count + 1, sizeof *list->items) ||
        tb_index_add(&list->index, key, list->count) == TB_INDEX_ABSENT) {
        free(copy);
        return NO_REASON;
    }
    list->items[list->count] = (struct reason_entry){kind, copy};
    return (int32_t)list->count++;
}

void tb_reason_list_pack(const struct reason_list *list, struct tb_buffer *buffer)
{
    for (size_t i = 0; i < list->count; i++) {
        tb_buffer_put_u8(buffer, (uint8_t)list->items[i].kind);
        tb_buffer_put_text(buffer, list->items[i].sentence);
    }
}

static int by_kind_and_sentence(const void *left, const void *right)
{
    const struct reason_entry *a = left, *b = right;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return strcmp(a->sentence, b->sentence);
}

/* The places in the index are those of the order in which reasons came. */
static bool sort(struct reason_list *list)
{
    if (list->count > 0)
        qsort(list->items, list->count, sizeof *list->items, by_kind_and_sentence);
    tb_index_free(&list->index);
    for (size_t i = 0; i < list->count; i++)
        if (tb_index_add(&list->index, key_of(list->items[i].kind, list->items[i].sentence), i) == TB_INDEX_ABSENT)
            return false;
    return true;
}

enum tb_status tb_reason_list_unite(struct tb_bytes packed, struct reason_list *united, struct tb_error *error)
{
    *united = (struct reason_list){0};
    bool memory = true;
    while (packed.left > 0 && memory) {
        uint8_t kind;
        char *sentence;
        if (!tb_bytes_take_u8(&packed, &kind) || kind >= TB_ABSENCES || !tb_bytes_take_text(&packed, &sentence)) {
            tb_reason_list_free(united);
            return tb_error_unpack(error, "reasons do not unpack");
        }
        memory = tb_reason_list_add(united, (enum tb_absence)kind, sentence) != NO_REASON;
        free(sentence);
    }
    if (memory && sort(united))
        return TB_OK;
    tb_reason_list_free(united);
    return tb_error_memory(error, "reasons");
}

enum tb_status tb_reason_list_renumber(const struct reason_list *list, const struct reason_list *united,
                                       int32_t *numbers, size_t count, struct tb_error *error)
{
    int32_t *places = calloc(list->count + 1, sizeof *places);
    if (places == NULL)
        return tb_error_memory(error, "reasons");
    for (size_t i = 0; i < list->count; i++)
        places[i] = (int32_t)tb_index_find(&united->index, key_of(list->items[i].kind, list->items[i].sentence));
    for (size_t i = 0; i < count; i++)
        if (numbers[i] != NO_REASON)
            numbers[i] = places[numbers[i]];
    free(places);
    return TB_OK;
}
