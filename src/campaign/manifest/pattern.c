/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parses patterns: components between slashes, each a list of parts. Bounds on parts and names keep
 * matching short. */
#include "pattern.h"

#include <stdint.h>
#include <string.h>

struct parsing {
    const char *at;
    bool wildcards;
    pattern_resolve *resolve;
    void *context;
    struct arena *arena;
    struct pattern_part parts[PATTERN_MOST_PARTS];
    size_t part_count;
};

static bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static struct pattern_part *add_part(struct parsing *parsing, enum pattern_part_kind kind)
{
    if (parsing->part_count == PATTERN_MOST_PARTS)
        return NULL;
    struct pattern_part *part = &parsing->parts[parsing->part_count++];
    *part = (struct pattern_part){.kind = kind, .text = ""};
    return part;
}

static const char *too_many_parts(struct arena *arena)
{
    return tb_arena_print(arena, "more than %d fields and texts between two slashes", PATTERN_MOST_PARTS);
}

static const char *parse_literal(struct parsing *parsing)
{
    const char *begin = parsing->at;
    char *text = tb_arena_allocate(parsing->arena, strlen(begin) + 1, 1);
    struct pattern_part *part = add_part(parsing, PART_LITERAL);
    if (text == NULL || part == NULL)
        return text == NULL ? "" : too_many_parts(parsing->arena);
    while (*parsing->at != '\0' && *parsing->at != '/') {
        const char c = *parsing->at;
        if ((c == '{' || c == '}') && parsing->at[1] == c)
            parsing->at++;
        else if (c == '}')
            return "'}' without '{'; write '}}' for a brace";
        else if (c == '{' || (parsing->wildcards && (c == '*' || c == '?')))
            break;
        text[part->length++] = c;
        parsing->at++;
    }
    part->text = text;
    return NULL;
}

static bool is_open(const struct pattern_part *part)
{
    return part->kind == PART_FIELD || part->kind == PART_ANY;
}

static const char *parse_field(struct parsing *parsing)
{
    const char *begin = ++parsing->at;
    while (is_name_character(*parsing->at))
        parsing->at++;
    const size_t length = (size_t)(parsing->at - begin);
    if (*parsing->at != '}' || length == 0)
        return "'{' must be followed by a field's name of letters, digits and _, and '}'; write '{{' for a brace";
    parsing->at++;
    char *name = tb_arena_copy(parsing->arena, begin, length);
    size_t field;
    if (name == NULL)
        return "";
    if (!parsing->resolve(parsing->context, name, &field))
        return parsing->arena->failed ? "" : tb_arena_print(parsing->arena, "there is no field {%s} here", name);
    for (size_t i = 0; i < parsing->part_count; i++)
        if (parsing->parts[i].kind == PART_FIELD && parsing->parts[i].field == field)
            return tb_arena_print(parsing->arena, "field {%s} stands twice between two slashes", name);
    const struct pattern_part *before = parsing->part_count == 0 ? NULL : &parsing->parts[parsing->part_count - 1];
    if (before != NULL && is_open(before))
        return tb_arena_print(parsing->arena, "ambiguous: nothing stands between %s%s%s and {%s}",
                              before->kind == PART_ANY ? "*" : "{", before->text, before->kind == PART_ANY ? "" : "}",
                              name);
    struct pattern_part *part = add_part(parsing, PART_FIELD);
    if (part == NULL)
        return too_many_parts(parsing->arena);
    part->text = name;
    part->length = length;
    part->field = field;
    return NULL;
}

static const char *parse_wildcard(struct parsing *parsing)
{
    const enum pattern_part_kind kind = *parsing->at++ == '*' ? PART_ANY : PART_ONE;
    const struct pattern_part *before = parsing->part_count == 0 ? NULL : &parsing->parts[parsing->part_count - 1];
    if (kind == PART_ANY && before != NULL && before->kind == PART_FIELD)
        return tb_arena_print(parsing->arena, "ambiguous: nothing stands between {%s} and *", before->text);
    if (kind == PART_ANY && before != NULL && before->kind == PART_ANY)
        return NULL;
    return add_part(parsing, kind) == NULL ? too_many_parts(parsing->arena) : NULL;
}

static const char *parse_component(struct parsing *parsing, struct pattern_component *component)
{
    const char *wrong = NULL;
    parsing->part_count = 0;
    while (wrong == NULL && *parsing->at != '\0' && *parsing->at != '/') {
        const char c = *parsing->at;
        if (c == '{' && parsing->at[1] != '{')
            wrong = parse_field(parsing);
        else if (parsing->wildcards && (c == '*' || c == '?'))
            wrong = parse_wildcard(parsing);
        else
            wrong = parse_literal(parsing);
    }
    if (wrong != NULL)
        return wrong;
    component->part_count = parsing->part_count;
    component->parts = tb_arena_allocate(parsing->arena, parsing->part_count, sizeof *component->parts);
    if (component->parts == NULL)
        return "";
    memcpy(component->parts, parsing->parts, parsing->part_count * sizeof *component->parts);
    return NULL;
}

static bool is_dot(const struct pattern_component *component)
{
    const struct pattern_part *part = component->parts;
    return component->part_count == 1 && part->kind == PART_LITERAL && part->length == 1 && part->text[0] == '.';
}

const char *tb_pattern_parse(const char *text, bool wildcards, pattern_resolve *resolve, void *context,
                             struct arena *arena, struct pattern *pattern)
{
    struct parsing parsing = {
        .at = text, .wildcards = wildcards, .resolve = resolve, .context = context, .arena = arena};
    size_t slashes = 0;
    for (const char *c = text; *c != '\0'; c++)
        slashes += *c == '/' ? 1 : 0;
    *pattern = (struct pattern){.text = text, .absolute = text[0] == '/'};
    pattern->components = tb_arena_allocate(arena, slashes + 1, sizeof *pattern->components);
    if (pattern->components == NULL)
        return "";
    for (;;) {
        while (*parsing.at == '/')
            parsing.at++;
        if (*parsing.at == '\0')
            return NULL;
        struct pattern_component *component = &pattern->components[pattern->component_count];
        const char *wrong = parse_component(&parsing, component);
        if (wrong != NULL)
            return wrong;
        pattern->component_count += is_dot(component) ? 0 : 1;
        for (size_t i = 0; i < component->part_count; i++)
            pattern->has_fields = pattern->has_fields || component->parts[i].kind == PART_FIELD;
    }
}

bool tb_component_has_field(const struct pattern_component *component, size_t field)
{
    for (size_t i = 0; i < component->part_count; i++)
        if (component->parts[i].kind == PART_FIELD && component->parts[i].field == field)
            return true;
    return false;
}

bool tb_pattern_has_field(const struct pattern *pattern, size_t field)
{
    for (size_t i = 0; i < pattern->component_count; i++)
        if (tb_component_has_field(&pattern->components[i], field))
            return true;
    return false;
}

bool tb_component_is_closed(const struct pattern_component *component, const char *const *bound)
{
    for (size_t i = 0; i < component->part_count; i++) {
        const struct pattern_part *part = &component->parts[i];
        if (part->kind == PART_ANY || part->kind == PART_ONE ||
            (part->kind == PART_FIELD && bound[part->field] == NULL))
            return false;
    }
    return true;
}

/* Appends what a part stands for; with out NULL only gives the length. */
static size_t fill_part(const struct pattern_part *part, const char *const *bound, char *out)
{
    const char *text = part->text;
    size_t length = part->length;
    const bool is_unbound = part->kind == PART_FIELD && bound[part->field] == NULL;
    if (part->kind == PART_FIELD && !is_unbound) {
        text = bound[part->field];
        length = strlen(text);
    } else if (part->kind == PART_ANY || part->kind == PART_ONE) {
        text = part->kind == PART_ANY ? "*" : "?";
        length = 1;
    }
    const size_t brace = is_unbound ? 1 : 0;
    if (out != NULL) {
        memcpy(out, "{", brace);
        memcpy(out + brace, text, length);
        memcpy(out + brace + length, "}", brace);
    }
    return length + 2 * brace;
}

char *tb_component_fill(const struct pattern_component *component, const char *const *bound, struct arena *arena)
{
    size_t length = 0;
    for (size_t i = 0; i < component->part_count; i++)
        length += fill_part(&component->parts[i], bound, NULL);
    char *text = tb_arena_allocate(arena, length + 1, 1);
    size_t used = 0;
    for (size_t i = 0; text != NULL && i < component->part_count; i++)
        used += fill_part(&component->parts[i], bound, text + used);
    return text;
}

/* Takes the last component off directory; false when there is none to take off. */
static bool cut_last(const char *directory, size_t *length)
{
    size_t end = *length;
    while (end > 0 && directory[end - 1] == '/')
        end--;
    size_t begin = end;
    while (begin > 0 && directory[begin - 1] != '/')
        begin--;
    const size_t size = end - begin;
    const char *last = directory + begin;
    if (size == 0 || (size == 1 && last[0] == '.') || (size == 2 && last[0] == '.' && last[1] == '.'))
        return false;
    while (begin > 1 && directory[begin - 1] == '/')
        begin--;
    *length = begin;
    return true;
}

char *tb_path_join(struct arena *arena, const char *directory, const char *name)
{
    size_t length = strlen(directory);
    while (strncmp(name, "../", 3) == 0 && cut_last(directory, &length))
        name += 3;
    if (strcmp(name, "..") == 0 && cut_last(directory, &length))
        name += 2;
    if (length == 1 && directory[0] == '.')
        length = 0;
    if (length == 0)
        return tb_arena_print(arena, "%s", name[0] == '\0' ? "." : name);
    const bool slash = name[0] != '\0' && directory[length - 1] != '/';
    return tb_arena_print(arena, "%.*s%s%s", (int)length, directory, slash ? "/" : "", name);
}
