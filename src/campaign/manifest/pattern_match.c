/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matching one path component: depth first, the shortest text of each field
 * first, and on until a second reading shows that the pattern is ambiguous. */
#include <string.h>

#include "pattern.h"

/* Wildcards can split a name in very many ways that are all the same reading. */
enum { MOST_STEPS = 200 * 1000 };

struct matching {
    const struct pattern_component *component;
    const char *name;
    size_t length;
    const char *const *bound;
    pattern_accept *accept;
    const void *context;
    struct span current[PATTERN_MOST_PARTS];
    struct span (*readings)[PATTERN_MOST_PARTS];
    unsigned count;
    unsigned steps;
    /* No reading goes on from this part at this place: keeps the search polynomial. */
    bool failed[PATTERN_MOST_PARTS + 1][PATTERN_MOST_NAME + 1];
};

static bool is_same_reading(const struct matching *matching)
{
    const struct pattern_component *component = matching->component;
    for (size_t i = 0; i < component->part_count; i++) {
        const struct span *now = &matching->current[i];
        const struct span *then = &matching->readings[0][i];
        if (component->parts[i].kind == PART_FIELD && (now->begin != then->begin || now->length != then->length) &&
            (now->length != then->length ||
             memcmp(matching->name + now->begin, matching->name + then->begin, now->length) != 0))
            return false;
    }
    return true;
}

static void take_reading(struct matching *matching)
{
    if (matching->count == 1 && is_same_reading(matching))
        return;
    memcpy(matching->readings[matching->count], matching->current, sizeof matching->current);
    matching->count++;
}

static bool match_from(struct matching *matching, size_t part, size_t at);

/* Gives part the length bytes at at, and goes on behind them. */
static bool match_with(struct matching *matching, size_t part, size_t at, size_t length)
{
    matching->current[part] = (struct span){.begin = at, .length = length};
    return match_from(matching, part + 1, at + length);
}

static bool match_text(struct matching *matching, size_t part, size_t at, const char *text, size_t length)
{
    if (length > matching->length - at || memcmp(matching->name + at, text, length) != 0)
        return false;
    return match_with(matching, part, at, length);
}

static bool match_open(struct matching *matching, size_t part, size_t at)
{
    const struct pattern_part *this = &matching->component->parts[part];
    const bool is_field = this->kind == PART_FIELD;
    bool matched = false;
    for (size_t length = is_field ? 1 : 0; length <= matching->length - at && matching->count < 2; length++) {
        if (++matching->steps > MOST_STEPS)
            break;
        if (is_field && !matching->accept(matching->context, this->field, matching->name + at, length))
            continue;
        matched = match_with(matching, part, at, length) || matched;
    }
    return matched;
}

static bool match_part(struct matching *matching, size_t part, size_t at)
{
    const struct pattern_part *this = &matching->component->parts[part];
    switch (this->kind) {
    case PART_LITERAL:
        return match_text(matching, part, at, this->text, this->length);
    case PART_ONE:
        return at < matching->length && match_with(matching, part, at, 1);
    case PART_FIELD:
        if (matching->bound[this->field] != NULL) {
            const char *text = matching->bound[this->field];
            return match_text(matching, part, at, text, strlen(text));
        }
        return match_open(matching, part, at);
    case PART_ANY:
        return match_open(matching, part, at);
    }
    return false;
}

static bool match_from(struct matching *matching, size_t part, size_t at)
{
    if (part == matching->component->part_count) {
        if (at != matching->length)
            return false;
        take_reading(matching);
        return true;
    }
    if (matching->failed[part][at])
        return false;
    const bool matched = match_part(matching, part, at);
    matching->failed[part][at] = !matched;
    return matched;
}

unsigned tb_component_match(const struct pattern_component *component, const char *name, const char *const *bound,
                            pattern_accept *accept, const void *context, struct span readings[2][PATTERN_MOST_PARTS])
{
    struct matching matching = {.component = component,
                                .name = name,
                                .length = strlen(name),
                                .bound = bound,
                                .accept = accept,
                                .context = context,
                                .readings = readings};
    if (matching.length > PATTERN_MOST_NAME)
        return 0;
    const struct pattern_part *first = component->part_count == 0 ? NULL : &component->parts[0];
    const bool hidden_is_meant = first != NULL && first->kind == PART_LITERAL && first->text[0] == '.';
    if (name[0] == '.' && !hidden_is_meant)
        return 0;
    match_from(&matching, 0, 0);
    return matching.count;
}
