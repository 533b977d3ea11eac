/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shape.h"

#include <string.h>

#include "field_names.h"
#include "twinbed/base/containers.h"

/* A run, its components, and the form of each. */
struct split_run {
    struct shape_run *run;
    const char *components[SHAPE_MOST_LEVELS];
    size_t level_count;
    size_t forms[SHAPE_MOST_LEVELS];
};

/* Runs of one depth. */
struct depth {
    struct split_run **runs;
    size_t count;
    size_t level_count;
    bool files;
    struct shape_form *forms[SHAPE_MOST_LEVELS]; /* SHAPE_MOST_FORMS of each level */
    size_t form_counts[SHAPE_MOST_LEVELS];
};

bool tb_path_split(struct arena *arena, const char *path, const char *components[SHAPE_MOST_LEVELS], size_t *count)
{
    *count = 0;
    for (const char *at = path; *at != '\0';) {
        const size_t length = strcspn(at, "/");
        const bool is_dot = length == 1 && *at == '.';
        if (length > 0 && !is_dot) {
            if (*count == SHAPE_MOST_LEVELS)
                return false;
            components[*count] = tb_arena_copy(arena, at, length);
            if (components[(*count)++] == NULL)
                return false;
        }
        at += length + (at[length] == '/');
    }
    return true;
}

const struct shape_field *tb_shape_field_at(const struct shape_item *item, size_t level, size_t column)
{
    for (size_t i = 0; i < item->field_count; i++)
        if (item->fields[i].level == level && item->fields[i].column == column)
            return &item->fields[i];
    return NULL;
}

/* --- the forms of a level --- */

static bool same_text(const char *a, size_t a_length, const char *b, size_t b_length)
{
    return a_length == b_length && memcmp(a, b, a_length) == 0;
}

static bool has_form(const struct shape_form *form, const struct tokens *tokens)
{
    if (form->column_count != tokens->count || strcmp(form->tail, tokens->tail) != 0)
        return false;
    for (size_t i = 0; i < tokens->count; i++) {
        const struct token *const a = &form->columns[i].token, *const b = &tokens->items[i];
        if (!same_text(a->before, a->before_length, b->before, b->before_length))
            return false;
    }
    return true;
}

static bool is_alike(const struct token *a, const struct token *b)
{
    if (a->class != b->class)
        return false;
    return a->class != TOKEN_NUMBER ||
           (a->type == b->type && same_text(a->text, a->prefix, b->text, b->prefix) &&
            same_text(a->text + a->length - a->suffix, a->suffix, b->text + b->length - b->suffix, b->suffix));
}

static void merge_name(struct shape_form *form, const struct tokens *tokens)
{
    for (size_t i = 0; i < tokens->count; i++) {
        struct shape_column *const column = &form->columns[i];
        const struct token *const token = &tokens->items[i];
        if (!is_alike(&column->token, token))
            column->token.class = TOKEN_WORD;
        if (!same_text(column->token.text, column->token.length, token->text, token->length))
            column->varies = true;
    }
}

/* The index of the name's form, which is made when there is none; SHAPE_MOST_FORMS when there are too many. */
static size_t find_form(struct depth *depth, size_t level, const struct tokens *tokens)
{
    struct shape_form *const forms = depth->forms[level];
    size_t at = 0;
    while (at < depth->form_counts[level] && !has_form(&forms[at], tokens))
        at++;
    if (at == SHAPE_MOST_FORMS)
        return at;
    if (at < depth->form_counts[level]) {
        merge_name(&forms[at], tokens);
        return at;
    }
    forms[at] = (struct shape_form){.column_count = tokens->count, .tail = tokens->tail};
    for (size_t i = 0; i < tokens->count; i++)
        forms[at].columns[i] = (struct shape_column){.token = tokens->items[i], .hint = "", .unit = ""};
    depth->form_counts[level]++;
    return at;
}

/* "e1000" alone is a name, but "c4" and "vlan1" beside "vlan2" are numbers. */
static void settle_prefix(struct arena *arena, struct shape_column *column)
{
    const struct token *const token = &column->token;
    if (token->class != TOKEN_NUMBER || token->prefix == 0)
        return;
    const char *prefix = tb_arena_copy(arena, token->text, token->prefix);
    if (prefix != NULL && !column->varies && tb_field_name_known(prefix) == NULL)
        column->token.class = TOKEN_WORD;
}

/* No name of the level has a number in it: the names are words, and what stands between their parts means nothing. */
static bool is_of_words(const struct depth *depth, size_t level)
{
    for (size_t f = 0; f < depth->form_counts[level]; f++)
        for (size_t i = 0; i < depth->forms[level][f].column_count; i++)
            if (depth->forms[level][f].columns[i].token.class != TOKEN_WORD)
                return false;
    return true;
}

static bool names_vary(const struct depth *depth, size_t level)
{
    for (size_t i = 1; i < depth->count; i++)
        if (strcmp(depth->runs[i]->components[level], depth->runs[0]->components[level]) != 0)
            return true;
    return false;
}

/* One form for all. */
static void make_whole(struct depth *depth, size_t level)
{
    const char *name = depth->runs[0]->components[level];
    depth->forms[level][0] = (struct shape_form){.column_count = 1, .tail = "", .whole = true};
    depth->forms[level][0].columns[0] =
        (struct shape_column){.token = {.before = name, .text = name, .length = strlen(name), .class = TOKEN_WORD},
                              .varies = names_vary(depth, level),
                              .is_field = names_vary(depth, level),
                              .type = TB_FACTOR_TEXT,
                              .hint = "",
                              .unit = ""};
    depth->form_counts[level] = 1;
    for (size_t i = 0; i < depth->count; i++)
        depth->runs[i]->forms[level] = 0;
}

/* The letters before a number, or the word before it: "rep-03", "size=1MB". */
static const char *hint_of(struct arena *arena, const struct shape_form *form, size_t index)
{
    const struct token *const token = &form->columns[index].token;
    if (token->class == TOKEN_NUMBER && token->prefix > 0)
        return tb_arena_copy(arena, token->text, token->prefix);
    const struct shape_column *const before = index == 0 ? NULL : &form->columns[index - 1];
    if (before == NULL || before->varies || before->token.class != TOKEN_WORD ||
        tb_field_name_is_of_file(before->token.text, before->token.length))
        return "";
    return tb_arena_copy(arena, before->token.text, before->token.length);
}

static void decide_column(struct arena *arena, struct shape_form *form, size_t index, bool is_last_level)
{
    struct shape_column *const column = &form->columns[index];
    const struct token *const token = &column->token;
    const char *hint = hint_of(arena, form, index);
    column->hint = hint == NULL ? "" : hint;
    column->type = token->class == TOKEN_NUMBER ? token->type : TB_FACTOR_TEXT;
    if (token->class != TOKEN_NUMBER) {
        column->is_field = column->varies || token->class == TOKEN_MOMENT;
        return;
    }
    const char *unit = tb_arena_copy(arena, token->text + token->length - token->suffix, token->suffix);
    column->unit = unit == NULL ? "" : unit;
    /* A number that is always the same says something where one knows what it counts, or which repetition it is. */
    column->is_field = column->varies || token->type != TB_FACTOR_NUMBER || tb_field_name_known(column->hint) != NULL ||
                       (is_last_level && form->column_count == 1);
}

static bool find_forms(struct arena *arena, struct depth *depth, size_t level)
{
    const bool is_last = level + 1 == depth->level_count;
    depth->forms[level] = tb_arena_allocate(arena, SHAPE_MOST_FORMS, sizeof *depth->forms[level]);
    if (depth->forms[level] == NULL)
        return false;
    for (size_t i = 0; i < depth->count; i++) {
        struct tokens tokens;
        tb_tokens_split(depth->runs[i]->components[level], is_last && depth->files, &tokens);
        depth->runs[i]->forms[level] = find_form(depth, level, &tokens);
        if (depth->runs[i]->forms[level] == SHAPE_MOST_FORMS)
            return false;
    }
    for (size_t f = 0; f < depth->form_counts[level]; f++)
        for (size_t i = 0; i < depth->forms[level][f].column_count; i++)
            settle_prefix(arena, &depth->forms[level][f].columns[i]);
    if (is_of_words(depth, level) && !(is_last && depth->files)) {
        make_whole(depth, level);
        return true;
    }
    for (size_t f = 0; f < depth->form_counts[level]; f++)
        for (size_t i = 0; i < depth->forms[level][f].column_count; i++)
            decide_column(arena, &depth->forms[level][f], i, is_last);
    return true;
}

/* --- items --- */

static bool has_item(const struct depth *depth, const struct shape_item *item, const struct split_run *run)
{
    if (item->root != run->run->root || item->level_count != depth->level_count)
        return false;
    for (size_t level = 0; level < depth->level_count; level++)
        if (item->forms[level] != &depth->forms[level][run->forms[level]])
            return false;
    return true;
}

static bool add_fields(struct shape_item *item)
{
    for (size_t level = 0; level < item->level_count; level++)
        for (size_t i = 0; i < item->forms[level]->column_count; i++) {
            const struct shape_column *const column = &item->forms[level]->columns[i];
            if (!column->is_field)
                continue;
            if (item->field_count == SHAPE_MOST_FIELDS)
                return false;
            item->fields[item->field_count++] = (struct shape_field){.level = level,
                                                                     .column = i,
                                                                     .type = column->type,
                                                                     .unit = column->unit,
                                                                     .example = column->token.text,
                                                                     .example_length = column->token.length};
        }
    return true;
}

/* False when there are too many items. */
static bool place_run(struct shape *shape, const struct depth *depth, const struct split_run *run)
{
    size_t at = 0;
    while (at < shape->item_count && !has_item(depth, &shape->items[at], run))
        at++;
    run->run->item = at;
    if (at < shape->item_count) {
        shape->items[at].run_count++;
        return true;
    }
    if (at == SHAPE_MOST_ITEMS)
        return false;
    struct shape_item *const item = &shape->items[shape->item_count++];
    *item = (struct shape_item){.root = run->run->root,
                                .level_count = depth->level_count,
                                .is_file = depth->files,
                                .first = run->run,
                                .run_count = 1};
    for (size_t level = 0; level < depth->level_count; level++)
        item->forms[level] = &depth->forms[level][run->forms[level]];
    return add_fields(item);
}

/* Runs of one depth after the other. False when memory is short or patterns would say nothing. */
static bool find_items(struct shape *shape, struct split_run *split, size_t count, bool files)
{
    struct split_run **chosen = tb_arena_allocate(shape->arena, count, sizeof(struct split_run *));
    for (size_t level_count = 0; level_count <= SHAPE_MOST_LEVELS && chosen != NULL; level_count++) {
        struct depth depth = {.runs = chosen, .level_count = level_count, .files = files};
        for (size_t i = 0; i < count; i++)
            if (split[i].level_count == level_count)
                chosen[depth.count++] = &split[i];
        bool good = true;
        for (size_t level = 0; level < level_count && depth.count > 0 && good; level++)
            good = find_forms(shape->arena, &depth, level);
        for (size_t i = 0; i < depth.count && good; i++)
            good = place_run(shape, &depth, chosen[i]);
        if (!good)
            return false;
    }
    return chosen != NULL;
}

/* --- which field is what --- */

static const struct shape_column *column_of(const struct shape_item *item, const struct shape_field *field)
{
    return &item->forms[field->level]->columns[field->column];
}

static bool is_text(const struct shape_item *item, const struct shape_field *field)
{
    return field->type == TB_FACTOR_TEXT && column_of(item, field)->token.class == TOKEN_WORD;
}

static bool is_called_repetition(const struct shape_item *item, const struct shape_field *field)
{
    const char *name = tb_field_name_known(column_of(item, field)->hint);
    return field->type == TB_FACTOR_NUMBER && name != NULL && strcmp(name, "rep") == 0;
}

/* A number by itself, at the end of the path. */
static bool counts_repetitions(const struct shape_item *item, const struct shape_field *field)
{
    const struct shape_column *const column = column_of(item, field);
    return field->type == TB_FACTOR_NUMBER && field->level + 1 == item->level_count && column->unit[0] == '\0' &&
           tb_field_name_known(column->hint) == NULL;
}

static bool is_moment(const struct shape_item *item, const struct shape_field *field)
{
    return column_of(item, field)->token.class == TOKEN_MOMENT;
}

/* The last text, where all runs are of one testbed: it tells them apart. */
static bool tells_runs_apart(const struct shape_item *item, const struct shape_field *field)
{
    return item->testbed != NULL && is_text(item, field) && field->level + 1 == item->level_count;
}

/* The surest comes first. */
static const struct {
    bool (*is)(const struct shape_item *item, const struct shape_field *field);
    const char *said;
} repetition_signs[] = {
    {is_called_repetition, "from the word before it"},
    {counts_repetitions, "as the last number of the path"},
    {is_moment, "as the date in the path"},
    {tells_runs_apart, "as the name at the end of the path"},
};

static void name_repetition(struct shape *shape, struct shape_item *item)
{
    for (size_t sign = 0; sign < sizeof repetition_signs / sizeof repetition_signs[0]; sign++)
        for (size_t i = item->field_count; i-- > 0;) {
            struct shape_field *const field = &item->fields[i];
            if (field->name != NULL || !repetition_signs[sign].is(item, field))
                continue;
            field->name = "rep";
            shape->repetition_said = repetition_signs[sign].said;
            return;
        }
}

/* The level at which names are most like those of testbeds, else the first with texts. SHAPE_MOST_LEVELS: none. */
static size_t testbed_level(const struct shape *shape, const struct split_run *split, size_t count)
{
    size_t scores[SHAPE_MOST_LEVELS] = {0};
    bool has_text[SHAPE_MOST_LEVELS] = {false};
    size_t best = SHAPE_MOST_LEVELS;
    for (size_t i = 0; i < shape->item_count; i++)
        for (size_t f = 0; f < shape->items[i].field_count; f++)
            if (is_text(&shape->items[i], &shape->items[i].fields[f]))
                has_text[shape->items[i].fields[f].level] = true;
    for (size_t i = 0; i < count; i++)
        for (size_t level = 0; level < split[i].level_count; level++)
            scores[level] += tb_testbed_name_score(split[i].components[level]) > 0;
    for (size_t level = 0; level < SHAPE_MOST_LEVELS; level++)
        if (has_text[level] && (best == SHAPE_MOST_LEVELS || scores[level] > scores[best]))
            best = level;
    return best;
}

static bool is_testbed_word(struct arena *arena, const struct token *token)
{
    const char *word = tb_arena_copy(arena, token->text, token->length);
    return token->class == TOKEN_WORD && word != NULL && tb_testbed_name_score(word) > 0;
}

/* A constant word that is like the name of a testbed, else what the directory is called. */
static const char *constant_testbed(struct arena *arena, const struct shape_item *item, const char *name)
{
    for (size_t level = 0; level < item->level_count; level++)
        for (size_t i = 0; i < item->forms[level]->column_count; i++) {
            const struct shape_column *const column = &item->forms[level]->columns[i];
            if (!column->is_field && is_testbed_word(arena, &column->token))
                return tb_arena_copy(arena, column->token.text, column->token.length);
        }
    return name;
}

static void name_testbed(struct shape *shape, struct shape_item *item, size_t level)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < item->field_count; i++) {
            struct shape_field *const field = &item->fields[i];
            if (!is_text(item, field) || (pass == 0 && field->level != level))
                continue;
            field->name = "testbed";
            shape->testbed_said = "from the names of directories or files";
            return;
        }
}

static const char *plain_name(struct arena *arena, const struct shape_item *item, const struct shape_field *field)
{
    const struct shape_column *const column = column_of(item, field);
    const char *known = tb_field_name_known(column->hint);
    if (known != NULL && strcmp(known, "rep") != 0)
        return known;
    if (column->hint[0] != '\0')
        return tb_field_name_make(arena, column->hint);
    if (column->token.class == TOKEN_MOMENT)
        return "date";
    if (column->unit[0] != '\0')
        return strcmp(column->unit, "%") == 0 ? "share" : "time";
    static const char *const names[] = {[TB_FACTOR_TEXT] = "variant",
                                        [TB_FACTOR_NUMBER] = "number",
                                        [TB_FACTOR_BYTES] = "size",
                                        [TB_FACTOR_RATE] = "link"};
    return names[field->type];
}

static bool is_taken(const struct shape_item *item, const char *name)
{
    for (size_t i = 0; i < item->field_count; i++)
        if (item->fields[i].name != NULL && strcmp(item->fields[i].name, name) == 0)
            return true;
    return false;
}

static void name_others(struct arena *arena, struct shape_item *item)
{
    for (size_t i = 0; i < item->field_count; i++) {
        struct shape_field *const field = &item->fields[i];
        if (field->name != NULL)
            continue;
        const char *name = plain_name(arena, item, field), *tried = name;
        for (unsigned number = 2; tried != NULL && is_taken(item, tried); number++)
            tried = tb_arena_print(arena, "%s_%u", name, number);
        field->name = tried == NULL ? "" : tried;
    }
}

static void name_fields(struct shape *shape, const struct split_run *split, size_t count, const char *const *testbeds,
                        const char *const *names)
{
    const size_t level = testbed_level(shape, split, count);
    for (size_t i = 0; i < shape->item_count; i++) {
        struct shape_item *const item = &shape->items[i];
        item->testbed = testbeds[item->root];
        if (item->testbed == NULL)
            name_testbed(shape, item, level);
        if (item->testbed == NULL && !is_taken(item, "testbed"))
            item->testbed = constant_testbed(shape->arena, item, names[item->root]);
        name_repetition(shape, item);
        name_others(shape->arena, item);
    }
}

/* --- words that tell items apart --- */

static bool has_word(const struct shape_item *item, const char *text, size_t length)
{
    for (size_t level = 0; level < item->level_count; level++)
        for (size_t i = 0; i < item->forms[level]->column_count; i++) {
            const struct shape_column *const column = &item->forms[level]->columns[i];
            if (!column->is_field && same_text(column->token.text, column->token.length, text, length))
                return true;
        }
    return false;
}

/* Some item of the same root lacks the word, and none has a field called so. */
static bool tells_items_apart(const struct shape *shape, const struct shape_item *of, const struct token *word)
{
    for (size_t i = 0; i < shape->item_count; i++)
        if (shape->items[i].root == of->root && !has_word(&shape->items[i], word->text, word->length))
            return true;
    return false;
}

/* False when there are too many. */
static bool add_flag(struct shape *shape, const char *word)
{
    const char *name = word == NULL ? NULL : tb_field_name_make(shape->arena, word);
    for (size_t i = 0; i < shape->flag_count && name != NULL; i++)
        if (strcmp(shape->flags[i], name) == 0)
            return true;
    for (size_t i = 0; i < shape->item_count && name != NULL; i++)
        if (is_taken(&shape->items[i], name))
            return true;
    if (name == NULL || shape->flag_count == SHAPE_MOST_FLAGS)
        return false;
    shape->flags[shape->flag_count++] = name;
    return true;
}

static bool find_flags_of(struct shape *shape, const struct shape_item *item)
{
    for (size_t level = 0; level < item->level_count; level++)
        for (size_t i = 0; i < item->forms[level]->column_count; i++) {
            const struct shape_column *const column = &item->forms[level]->columns[i];
            const struct token *const token = &column->token;
            if (column->is_field || item->forms[level]->whole || token->class != TOKEN_WORD ||
                is_testbed_word(shape->arena, token) || !tells_items_apart(shape, item, token))
                continue;
            if (!add_flag(shape, tb_arena_copy(shape->arena, token->text, token->length)))
                return false;
        }
    return true;
}

static void set_flags(struct shape *shape, struct shape_item *item)
{
    for (size_t f = 0; f < shape->flag_count; f++)
        for (size_t level = 0; level < item->level_count; level++)
            for (size_t i = 0; i < item->forms[level]->column_count; i++) {
                const struct token *const token = &item->forms[level]->columns[i].token;
                const char *word = tb_arena_copy(shape->arena, token->text, token->length);
                const char *name = word == NULL ? NULL : tb_field_name_make(shape->arena, word);
                if (name != NULL && !item->forms[level]->columns[i].is_field && strcmp(name, shape->flags[f]) == 0)
                    item->flags[f] = true;
            }
}

static bool find_flags(struct shape *shape)
{
    bool good = true;
    for (size_t i = 0; i < shape->item_count && good; i++)
        good = find_flags_of(shape, &shape->items[i]);
    for (size_t i = 0; i < shape->item_count && good; i++)
        set_flags(shape, &shape->items[i]);
    return good;
}

enum tb_status tb_shape_find(struct shape *shape, struct shape_run *runs, size_t count, bool files,
                             const char *const *testbeds, const char *const *names, struct tb_error *error)
{
    struct split_run *split = tb_arena_allocate(shape->arena, count, sizeof *split);
    shape->items = tb_arena_allocate(shape->arena, SHAPE_MOST_ITEMS, sizeof *shape->items);
    if (split == NULL || shape->items == NULL)
        return tb_error_memory(error, "patterns of runs");
    bool good = true;
    for (size_t i = 0; i < count && good; i++) {
        split[i].run = &runs[i];
        good = tb_path_split(shape->arena, runs[i].path, split[i].components, &split[i].level_count);
    }
    good = good && find_items(shape, split, count, files);
    if (good) {
        name_fields(shape, split, count, testbeds, names);
        good = find_flags(shape);
    }
    shape->too_many = !good;
    return shape->arena->failed ? tb_error_memory(error, "patterns of runs") : TB_OK;
}
