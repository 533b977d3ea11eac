/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Builds the tree from libfyaml's events, with bounds on depth, values and keys. Encoding is
 * checked before the library sees the file, and its first complaint becomes our sentence. */
#include "yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <libfyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "twinbed/base/utf8.h"
#include "twinbed/campaign/campaign.h"

enum {
    MOST_BYTES = 64 * 1024 * 1024,
    MOST_NODES = 4 * 1000 * 1000,
    MOST_KEYS = 1000, /* of one map; keys are compared with each other */
    MOST_DEPTH = 16
};

struct reading {
    struct yaml_document *document;
    struct fy_parser *parser;
    struct fy_diag *diagnostics;
    size_t node_count;
};

static enum tb_status read_whole(const char *path, char **data, size_t *size, struct tb_error *error)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return tb_error_set(error, errno == ENOENT || errno == ENOTDIR ? TB_USAGE : TB_INPUT_OUTPUT,
                            "%s: cannot open: %s", path, strerror(errno));
    struct stat about;
    enum tb_status status = TB_OK;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode))
        status = tb_error_set(error, TB_USAGE, "%s: not a file; expected a campaign manifest", path);
    else if (about.st_size > MOST_BYTES)
        status = tb_error_set(error, TB_USAGE, "%s: larger than 64 MiB, which no manifest is", path);
    else if ((*data = malloc((size_t)about.st_size + 1)) == NULL)
        status = tb_error_memory(error, "the manifest");
    while (status == TB_OK && *size < (size_t)about.st_size) {
        const ssize_t got = read(file, *data + *size, (size_t)about.st_size - *size);
        if (got < 0 && errno != EINTR)
            status = tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot read: %s", path, strerror(errno));
        if (got == 0)
            break;
        *size += got > 0 ? (size_t)got : 0;
    }
    close(file);
    return status;
}

/* libfyaml 0.7 loops for ever over some bytes that are no UTF-8, and YAML's other encodings nobody writes by hand. */
static enum tb_status check_encoding(const char *path, const char *data, size_t size, struct tb_error *error)
{
    const size_t valid = tb_utf8_valid(data, size);
    size_t line = 1, line_begin = 0;
    if (valid == size)
        return TB_OK;
    for (size_t i = 0; i < valid; i++)
        if (data[i] == '\n')
            line++, line_begin = i + 1;
    return tb_error_set(error, TB_USAGE, "%s:%zu:%zu: the byte 0x%02x is no UTF-8; save the file as UTF-8 text", path,
                        line, valid - line_begin + 1, (unsigned)(unsigned char)data[valid]);
}

/* libfyaml's first complaint as our sentence. */
static enum tb_status syntax_error(const struct reading *reading)
{
    const struct yaml_document *document = reading->document;
    void *position = NULL;
    const struct fy_diag_error *first = fy_diag_errors_iterate(reading->diagnostics, &position);
    if (first == NULL || first->msg == NULL)
        return tb_error_set(document->error, TB_USAGE, "%s: not valid YAML", document->path);
    return tb_error_set(document->error, TB_USAGE, "%s:%d:%d: not valid YAML: %s", document->path,
                        first->line > 0 ? first->line : 1, first->column > 0 ? first->column : 1, first->msg);
}

static enum tb_status next_event(const struct reading *reading, struct fy_event **event)
{
    *event = fy_parser_parse(reading->parser);
    return *event == NULL ? syntax_error(reading) : TB_OK;
}

static struct yaml_node *new_node(struct reading *reading, struct fy_event *event, enum yaml_kind kind)
{
    struct yaml_node *node = tb_arena_allocate(reading->document->arena, 1, sizeof *node);
    if (node == NULL)
        return NULL;
    const struct fy_mark *mark = fy_event_start_mark(event);
    node->kind = kind;
    node->text = "";
    node->line = mark == NULL ? 1 : (unsigned)mark->line + 1;
    node->column = mark == NULL ? 1 : (unsigned)mark->column + 1;
    reading->node_count++;
    return node;
}

static enum tb_status read_scalar(struct reading *reading, struct fy_event *event, struct yaml_node *node)
{
    struct fy_token *token = event->scalar.value;
    size_t length = 0;
    const char *text = token == NULL ? "" : fy_token_get_text(token, &length);
    if (text == NULL)
        return tb_error_memory(reading->document->error, "the manifest");
    const enum fy_scalar_style style = token == NULL ? FYSS_PLAIN : fy_token_scalar_style(token);
    node->quoted = style != FYSS_PLAIN;
    /* The mark of a quoted text is behind its quote. */
    if ((style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED) && node->column > 1)
        node->column--;
    if (memchr(text, '\0', length) != NULL)
        return tb_yaml_fail(reading->document, TB_USAGE, node, "a NUL character stands in a text");
    node->text = tb_arena_copy(reading->document->arena, text, length);
    return node->text == NULL ? tb_error_memory(reading->document->error, "the manifest") : TB_OK;
}

static void append(struct yaml_node *parent, struct yaml_node *child)
{
    if (parent->last == NULL)
        parent->first = child;
    else
        parent->last->next = child;
    parent->last = child;
    parent->count++;
}

static enum tb_status check_key(const struct reading *reading, const struct yaml_node *map, const struct yaml_node *key)
{
    if (key->kind != YAML_SCALAR)
        return tb_yaml_fail(reading->document, TB_USAGE, key, "a key must be a text");
    if (map->count >= MOST_KEYS)
        return tb_yaml_fail(reading->document, TB_USAGE, key, "more than %d keys in one map", MOST_KEYS);
    const struct yaml_node *same = tb_yaml_value(map, key->text);
    if (same != NULL)
        return tb_yaml_fail(reading->document, TB_USAGE, key, "key '%s' stands twice; first in line %u", key->text,
                            same->key_line);
    return TB_OK;
}

static enum tb_status read_node(struct reading *reading, struct fy_event *event, unsigned depth,
                                struct yaml_node **node);

/* Reads the next node, or sets *node to NULL at the event that ends a list or map. */
static enum tb_status read_child(struct reading *reading, unsigned depth, struct yaml_node **node)
{
    struct fy_event *event;
    enum tb_status status = next_event(reading, &event);
    if (status != TB_OK)
        return status;
    *node = NULL;
    if (event->type != FYET_SEQUENCE_END && event->type != FYET_MAPPING_END)
        status = read_node(reading, event, depth, node);
    fy_parser_event_free(reading->parser, event);
    return status;
}

static enum tb_status read_list(struct reading *reading, struct yaml_node *list, unsigned depth)
{
    for (;;) {
        struct yaml_node *item;
        const enum tb_status status = read_child(reading, depth, &item);
        if (status != TB_OK || item == NULL)
            return status;
        append(list, item);
    }
}

static enum tb_status read_map(struct reading *reading, struct yaml_node *map, unsigned depth)
{
    for (;;) {
        struct yaml_node *key;
        struct yaml_node *value = NULL;
        enum tb_status status = read_child(reading, depth, &key);
        if (status != TB_OK || key == NULL)
            return status;
        status = check_key(reading, map, key);
        if (status == TB_OK)
            status = read_child(reading, depth, &value);
        if (status != TB_OK)
            return status;
        if (value == NULL)
            return tb_yaml_fail(reading->document, TB_USAGE, key, "key '%s' has no value", key->text);
        value->key = key->text;
        value->key_line = key->line;
        value->key_column = key->column;
        if (value->kind == YAML_SCALAR && value->text[0] == '\0' && !value->quoted) {
            /* Nothing has no place of its own. */
            value->line = key->line;
            value->column = key->column;
        }
        append(map, value);
    }
}

static enum tb_status read_node(struct reading *reading, struct fy_event *event, unsigned depth,
                                struct yaml_node **node)
{
    const enum yaml_kind kind = event->type == FYET_SEQUENCE_START  ? YAML_LIST
                                : event->type == FYET_MAPPING_START ? YAML_MAP
                                                                    : YAML_SCALAR;
    struct yaml_node *made = new_node(reading, event, kind);
    if (made == NULL)
        return tb_error_memory(reading->document->error, "the manifest");
    *node = made;
    if (event->type == FYET_ALIAS || fy_event_get_anchor_token(event) != NULL)
        return tb_yaml_fail(reading->document, TB_USAGE, made, "anchors and aliases are not read in a manifest");
    if (depth > MOST_DEPTH)
        return tb_yaml_fail(reading->document, TB_USAGE, made, "nested deeper than %d levels", MOST_DEPTH);
    if (reading->node_count > MOST_NODES)
        return tb_yaml_fail(reading->document, TB_USAGE, made, "more than %d values", MOST_NODES);
    if (kind == YAML_LIST)
        return read_list(reading, made, depth + 1);
    if (kind == YAML_MAP)
        return read_map(reading, made, depth + 1);
    return read_scalar(reading, event, made);
}

static enum tb_status read_stream(struct reading *reading)
{
    for (;;) {
        struct fy_event *event;
        enum tb_status status = next_event(reading, &event);
        if (status != TB_OK)
            return status;
        const enum fy_event_type type = event->type;
        struct yaml_node *node = NULL;
        if (type == FYET_SCALAR || type == FYET_SEQUENCE_START || type == FYET_MAPPING_START || type == FYET_ALIAS)
            status = read_node(reading, event, 1, &node);
        fy_parser_event_free(reading->parser, event);
        if (status == TB_OK && node != NULL && reading->document->root != NULL)
            status = tb_yaml_fail(reading->document, TB_USAGE, node, "a second document begins; expected one");
        if (status != TB_OK || type == FYET_STREAM_END)
            return status;
        if (node != NULL)
            reading->document->root = node;
    }
}

static enum tb_status parse(struct reading *reading, const char *data, size_t size)
{
    struct fy_diag_cfg configuration;
    fy_diag_cfg_default(&configuration);
    configuration.fp = NULL;
    reading->diagnostics = fy_diag_create(&configuration);
    if (reading->diagnostics == NULL)
        return tb_error_memory(reading->document->error, "the manifest");
    fy_diag_set_collect_errors(reading->diagnostics, true);
    const struct fy_parse_cfg parse_configuration = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG,
                                                     .diag = reading->diagnostics};
    reading->parser = fy_parser_create(&parse_configuration);
    enum tb_status status = TB_OK;
    if (reading->parser == NULL || fy_parser_set_string(reading->parser, data, size) != 0)
        status = tb_error_memory(reading->document->error, "the manifest");
    if (status == TB_OK)
        status = read_stream(reading);
    fy_parser_destroy(reading->parser);
    fy_diag_destroy(reading->diagnostics);
    return status;
}

enum tb_status tb_yaml_read(const char *path, struct arena *arena, struct tb_error *error,
                            struct yaml_document *document)
{
    *document = (struct yaml_document){.path = path, .arena = arena, .error = error};
    char *data = NULL;
    size_t size = 0;
    enum tb_status status = read_whole(path, &data, &size, error);
    struct reading reading = {.document = document};
    if (status == TB_OK)
        status = check_encoding(path, data, size, error);
    if (status == TB_OK && size > 0)
        status = parse(&reading, data, size);
    if (status == TB_OK && document->root == NULL)
        status = tb_error_set(error, TB_USAGE, "%s:1:1: empty; expected a campaign manifest", path);
    if (status != TB_OK) {
        free(data);
        return status;
    }
    data[size] = '\0';
    document->text = data;
    return status;
}

void tb_campaign_libraries(char *text, size_t size)
{
    snprintf(text, size, "libfyaml %s", fy_library_version());
}
