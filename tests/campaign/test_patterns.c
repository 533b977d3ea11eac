/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "campaign/manifest/pattern.h"
#include "campaign/manifest/quantity.h"

/* One letter names a field and its type: {n} is a number, {s} bytes, {b} boolean, all others text. */
static bool resolve_letter(void *context, const char *name, size_t *field)
{
    (void)context;
    *field = (size_t)(name[0] - 'a');
    return name[0] >= 'a' && name[0] <= 'z' && name[1] == '\0';
}

static bool accept_letter(const void *context, size_t field, const char *text, size_t length)
{
    (void)context;
    double number;
    switch ((char)('a' + field)) {
    case 'n':
        return tb_quantity_parse(text, length, TB_FACTOR_NUMBER, &number);
    case 's':
        return tb_quantity_parse(text, length, TB_FACTOR_BYTES, &number);
    case 'b':
        return tb_quantity_parse(text, length, TB_FACTOR_BOOLEAN, &number);
    default:
        return true;
    }
}

static const struct {
    const char *pattern;
    const char *name;
    const char *reading; /* NULL: no match; "?": more than one reading */
} matches[] = {
    {"{x}", "veth", "x=veth"},
    {"{s}-c{n}", "500B-c4", "s=500B n=4"},
    {"{s}-c{n}", "500B-c4-bare", NULL},
    {"{s}-c{n}-bare", "500B-c4-bare", "s=500B n=4"},
    {"{s}-c{n}", "abc-c4", NULL},
    {"rep-{r}", "rep-01", "r=01"},
    {"rep-{r}", "rep-", NULL},
    {"rep-{r}", "rep", NULL},
    {"rep-{r}", "xrep-1", NULL},
    {"{x}-{y}", "a-b", "x=a y=b"},
    {"{x}-{y}", "x-y-z", "?"},
    {"{x}-{n}", "x-y-1", "x=x-y n=1"},
    {"{x}-{n}-{y}", "a-1-2-b", "?"},
    {"{x}-{n}-{y}", "a-b-2-c", "x=a-b n=2 y=c"},
    {"{n}{{{x}}}", "4{q}", "n=4 x=q"},
    {"{x}c{n}", "accc4", "x=acc n=4"},
    {"{b}-{x}", "on-line-on", "b=on x=line-on"},
    {"{x}", ".hidden", NULL},
    {".{x}", ".hidden", "x=hidden"},
    {"*.sum", "a.sum", ""},
    {"*.sum", "a.sum.gz", NULL},
    {"*a*b*", "xxaxxbxx", ""},
    {"?{x}", "ab", "x=b"},
    {"?", "", NULL},
    {"que{p}", "que1234", "p=1234"},
    {"*-{p}", "a-b", "p=b"},
    {"*-{p}", "a-b-c", "?"},
    {"{x}-{y}-{z}-{u}-{v}-{w}",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     NULL},
};

static void describe(const struct pattern_component *component, const char *name, const struct span *spans, char *out)
{
    out[0] = '\0';
    for (size_t i = 0; i < component->part_count; i++)
        if (component->parts[i].kind == PART_FIELD)
            sprintf(out + strlen(out), "%s%s=%.*s", out[0] == '\0' ? "" : " ", component->parts[i].text,
                    (int)spans[i].length, name + spans[i].begin);
}

static void test_matches(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof matches / sizeof matches[0]; i++) {
        struct arena arena = {0};
        struct pattern pattern;
        const char *const bound[26] = {NULL};
        struct span readings[2][PATTERN_MOST_PARTS];
        char got[1024] = "";
        assert_null(tb_pattern_parse(matches[i].pattern, true, resolve_letter, NULL, &arena, &pattern));
        assert_int_equal(pattern.component_count, 1);
        const unsigned count =
            tb_component_match(&pattern.components[0], matches[i].name, bound, accept_letter, NULL, readings);
        if (count == 1)
            describe(&pattern.components[0], matches[i].name, readings[0], got);
        const char *expected = matches[i].reading;
        const bool good = expected == NULL             ? count == 0
                          : strcmp(expected, "?") == 0 ? count == 2
                                                       : count == 1 && strcmp(got, expected) == 0;
        if (!good)
            fail_msg("'%s' on '%s': %u readings, first '%s'", matches[i].pattern, matches[i].name, count, got);
        tb_arena_free(&arena);
    }
}

static const struct {
    const char *pattern;
    const char *wrong; /* NULL: good */
} syntax[] = {
    {"{a}/{b}", NULL},
    {"a//b/./c", NULL},
    {"{a}{b}", "ambiguous: nothing stands between {a} and {b}"},
    {"{a}*", "ambiguous: nothing stands between {a} and *"},
    {"*{a}", "ambiguous: nothing stands between * and {a}"},
    {"{a}-{a}", "field {a} stands twice between two slashes"},
    {"{a}/{a}", NULL},
    {"{Z}", "there is no field {Z} here"},
    {"{}", "'{' must be followed by a field's name of letters, digits and _, and '}'; write '{{' for a brace"},
    {"{a", "'{' must be followed by a field's name of letters, digits and _, and '}'; write '{{' for a brace"},
    {"{a b}", "'{' must be followed by a field's name of letters, digits and _, and '}'; write '{{' for a brace"},
    {"a}", "'}' without '{'; write '}}' for a brace"},
    {"{{a}}", NULL},
    {"?a?a?a?a?a?a?a?a?a?a?a?a?a", "more than 24 fields and texts between two slashes"},
};

static void test_syntax(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof syntax / sizeof syntax[0]; i++) {
        struct arena arena = {0};
        struct pattern pattern;
        const char *wrong = tb_pattern_parse(syntax[i].pattern, true, resolve_letter, NULL, &arena, &pattern);
        if ((wrong == NULL) != (syntax[i].wrong == NULL) || (wrong != NULL && strcmp(wrong, syntax[i].wrong) != 0))
            fail_msg("'%s' gave '%s'", syntax[i].pattern, wrong == NULL ? "(good)" : wrong);
        tb_arena_free(&arena);
    }
}

static void test_bound_fields_match_their_text_only(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct pattern pattern;
    struct span readings[2][PATTERN_MOST_PARTS];
    const char *bound[26] = {NULL};
    bound['x' - 'a'] = "y-z";
    assert_null(tb_pattern_parse("{w}-{x}", false, resolve_letter, NULL, &arena, &pattern));
    assert_int_equal(tb_component_match(&pattern.components[0], "a-y-z", bound, accept_letter, NULL, readings), 1);
    assert_int_equal(readings[0][0].length, 1);
    assert_int_equal(tb_component_match(&pattern.components[0], "a-y", bound, accept_letter, NULL, readings), 0);
    tb_arena_free(&arena);
}

static void test_joined_paths(void **state)
{
    (void)state;
    static const struct {
        const char *directory;
        const char *name;
        const char *joined;
    } paths[] = {
        {"a", "b", "a/b"},      {"a/", "b", "a/b"}, {".", "b", "b"},          {".", ".", "."},
        {"a/b", "../c", "a/c"}, {"a", "../c", "c"}, {"a", "../../c", "../c"}, {"..", "../c", "../../c"},
        {"/a", "../c", "/c"},   {"/", "c", "/c"},   {"a/b", "..", "a"},       {"a", "", "a"},
    };
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct arena arena = {0};
        assert_string_equal(tb_path_join(&arena, paths[i].directory, paths[i].name), paths[i].joined);
        tb_arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_syntax),
        cmocka_unit_test(test_bound_fields_match_their_text_only),
        cmocka_unit_test(test_joined_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
