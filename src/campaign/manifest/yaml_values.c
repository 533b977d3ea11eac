/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Typed values from a YAML tree, and the sentences about what is wrong. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quantity.h"
#include "twinbed/base/nearest.h"
#include "yaml.h"

enum { SENTENCE_SIZE = 900, WORDS_SIZE = 480 };

static enum tb_status fail_at(const struct yaml_document *document, enum tb_status status, unsigned line,
                              unsigned column, const char *format, va_list arguments)
{
    char sentence[SENTENCE_SIZE];
    vsnprintf(sentence, sizeof sentence, format, arguments);
    return tb_error_set(document->error, status, "%s:%u:%u: %s", document->path, line, column, sentence);
}

enum tb_status tb_yaml_fail(const struct yaml_document *document, enum tb_status status, const struct yaml_node *node,
                            const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fail_at(document, status, node->line, node->column, format, arguments);
    va_end(arguments);
    return status;
}

enum tb_status tb_yaml_fail_key(const struct yaml_document *document, const struct yaml_node *node, const char *format,
                                ...)
{
    va_list arguments;
    va_start(arguments, format);
    fail_at(document, TB_USAGE, node->key_line, node->key_column, format, arguments);
    va_end(arguments);
    return TB_USAGE;
}

const char *tb_yaml_found(const struct yaml_node *node, char buffer[YAML_FOUND_SIZE])
{
    if (node->kind == YAML_LIST)
        return "a list";
    if (node->kind == YAML_MAP)
        return "a map";
    if (node->text[0] == '\0')
        return "nothing";
    snprintf(buffer, YAML_FOUND_SIZE, "'%.60s'", node->text);
    return buffer;
}

static enum tb_status fail_hinting(const struct yaml_document *document, const struct yaml_node *node, const char *name,
                                   const char *expected, const char *hint)
{
    char found[YAML_FOUND_SIZE];
    return tb_yaml_fail(document, TB_USAGE, node, "%s%sexpected %s, found %s%s", name, name[0] == '\0' ? "" : ": ",
                        expected, tb_yaml_found(node, found), hint);
}

static enum tb_status fail_expected(const struct yaml_document *document, const struct yaml_node *node,
                                    const char *name, const char *expected)
{
    return fail_hinting(document, node, name, expected, "");
}

/* "a, b or c" */
static void join_words(char *out, size_t size, const char *const *words, size_t stride, size_t count)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count && used < size; i++) {
        const char *word;
        memcpy(&word, (const char *)words + i * stride, sizeof word);
        const char *before = i == 0 ? "" : i + 1 == count ? " or " : ", ";
        used += (size_t)snprintf(out + used, size - used, "%s%s", before, word);
    }
}

const struct yaml_node *tb_yaml_value(const struct yaml_node *map, const char *key)
{
    for (const struct yaml_node *value = map->first; value != NULL; value = value->next)
        if (strcmp(value->key, key) == 0)
            return value;
    return NULL;
}

static bool key_is_known(const char *name, const struct yaml_key *keys, size_t key_count)
{
    for (size_t i = 0; i < key_count; i++)
        if (strcmp(name, keys[i].name) == 0)
            return true;
    return false;
}

static enum tb_status fail_unknown(const struct yaml_document *document, const struct yaml_node *value,
                                   const char *name, const struct yaml_key *keys, size_t key_count)
{
    char words[WORDS_SIZE], hint[TB_NEAREST_TEXT_SIZE];
    struct tb_nearest nearest = tb_nearest_to(value->key);
    for (size_t i = 0; i < key_count; i++)
        tb_nearest_offer(&nearest, keys[i].name);
    join_words(words, sizeof words, &keys[0].name, sizeof keys[0], key_count);
    return tb_yaml_fail_key(document, value, "%s%sunknown key '%.60s'%s; expected %s", name,
                            name[0] == '\0' ? "" : ": ", value->key, tb_nearest_hint(&nearest, hint), words);
}

enum tb_status tb_yaml_map(const struct yaml_document *document, const struct yaml_node *node, const char *name,
                           const struct yaml_key *keys, size_t key_count, void *context)
{
    enum tb_status status = tb_yaml_expect(document, node, YAML_MAP, name, "a map of keys and values");
    if (status != TB_OK)
        return status;
    for (const struct yaml_node *value = node->first; value != NULL; value = value->next) {
        if (key_is_known(value->key, keys, key_count))
            continue;
        return fail_unknown(document, value, name, keys, key_count);
    }
    for (size_t i = 0; i < key_count && status == TB_OK; i++) {
        const struct yaml_node *value = tb_yaml_value(node, keys[i].name);
        if (value != NULL)
            status = keys[i].read(context, value);
    }
    return status;
}

enum tb_status tb_yaml_expect(const struct yaml_document *document, const struct yaml_node *node, enum yaml_kind kind,
                              const char *name, const char *expected)
{
    return node->kind == kind ? TB_OK : fail_expected(document, node, name, expected);
}

enum tb_status tb_yaml_text(const struct yaml_document *document, const struct yaml_node *node, const char *name,
                            const char **text)
{
    if (node->kind != YAML_SCALAR || node->text[0] == '\0')
        return fail_expected(document, node, name, "a text");
    *text = node->text;
    return TB_OK;
}

enum tb_status tb_yaml_number(const struct yaml_document *document, const struct yaml_node *node, const char *name,
                              double low, double high, double *number)
{
    double value;
    if (node->kind == YAML_SCALAR && tb_quantity_parse(node->text, strlen(node->text), TB_FACTOR_NUMBER, &value) &&
        value >= low && value <= high) {
        *number = value;
        return TB_OK;
    }
    char expected[96];
    if (high >= HUGE_VAL)
        snprintf(expected, sizeof expected, "a number of at least %g", low);
    else
        snprintf(expected, sizeof expected, "a number from %g to %g", low, high);
    return fail_expected(document, node, name, expected);
}

enum tb_status tb_yaml_integer(const struct yaml_document *document, const struct yaml_node *node, const char *name,
                               uint64_t low, uint64_t high, uint64_t *number)
{
    const char *text = node->text;
    uint64_t value = 0;
    bool good = node->kind == YAML_SCALAR && text[0] != '\0';
    for (; good && *text != '\0'; text++) {
        const unsigned digit = (unsigned)(*text - '0');
        good = digit <= 9 && value <= (high - (digit > high ? high : digit)) / 10;
        value = value * 10 + digit;
    }
    if (good && value >= low && value <= high) {
        *number = value;
        return TB_OK;
    }
    char expected[96];
    snprintf(expected, sizeof expected, "a whole number from %llu to %llu", (unsigned long long)low,
             (unsigned long long)high);
    return fail_expected(document, node, name, expected);
}

enum tb_status tb_yaml_choice(const struct yaml_document *document, const struct yaml_node *node, const char *name,
                              const char *const *words, size_t word_count, unsigned *choice)
{
    for (size_t i = 0; node->kind == YAML_SCALAR && i < word_count; i++) {
        if (strcmp(node->text, words[i]) == 0) {
            *choice = (unsigned)i;
            return TB_OK;
        }
    }
    char expected[WORDS_SIZE], hint[TB_NEAREST_TEXT_SIZE];
    struct tb_nearest nearest = tb_nearest_to(node->kind == YAML_SCALAR ? node->text : "");
    for (size_t i = 0; i < word_count; i++)
        tb_nearest_offer(&nearest, words[i]);
    join_words(expected, sizeof expected, words, sizeof words[0], word_count);
    return fail_hinting(document, node, name, expected, tb_nearest_hint(&nearest, hint));
}
