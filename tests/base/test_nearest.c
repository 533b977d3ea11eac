/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "twinbed/base/nearest.h"

static void the_word_that_was_meant_is_found(void **state)
{
    (void)state;
    static const char *const words[] = {"analyze", "check", "compare", "calls", "size", "testbed"};
    static const struct {
        const char *typed;
        const char *meant; /* NULL: none */
    } facts[] = {
        {"analyse", "analyze"}, /* a letter is wrong */
        {"analyz", "analyze"},  /* missing */
        {"checkk", "check"},    /* too many */
        {"cehck", "check"},     /* two are swapped: one error */
        {"CHECK", "check"},     /* capitals */
        {"cal", NULL},          /* two missing, where one error may be */
        {"szie", "size"},       /* a swap, where one error may be */
        {"sz", NULL},           /* two missing of four */
        {"tesbted", "testbed"},
        {"tsetebd", "testbed"},
        {"tsetedb", NULL},
        {"report", NULL},
        {"", NULL},
        {"comapred", "compare"},
        {"call", "calls"},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        struct tb_nearest nearest = tb_nearest_to(facts[i].typed);
        for (size_t w = 0; w < sizeof words / sizeof words[0]; w++)
            tb_nearest_offer(&nearest, words[w]);
        if (facts[i].meant == NULL)
            assert_null(nearest.found);
        else
            assert_string_equal(nearest.found, facts[i].meant);
    }
}

static void the_first_of_equals_is_meant(void **state)
{
    (void)state;
    struct tb_nearest nearest = tb_nearest_to("cart");
    tb_nearest_offer(&nearest, "card");
    tb_nearest_offer(&nearest, "cast");
    assert_string_equal(nearest.found, "card");
    tb_nearest_offer(&nearest, "cart");
    assert_string_equal(nearest.found, "cart");
}

static void long_words_are_not_looked_at(void **state)
{
    (void)state;
    char typed[5000], nearly[5000];
    memset(typed, 'a', sizeof typed);
    typed[sizeof typed - 1] = '\0';
    memcpy(nearly, typed, sizeof typed);
    nearly[0] = 'b';
    struct tb_nearest nearest = tb_nearest_to(typed);
    tb_nearest_offer(&nearest, nearly);
    assert_null(nearest.found);
}

static void a_hint_stands_in_a_sentence(void **state)
{
    (void)state;
    char text[TB_NEAREST_TEXT_SIZE];
    struct tb_nearest nearest = tb_nearest_to("chek");
    assert_string_equal(tb_nearest_hint(&nearest, text), "");
    tb_nearest_offer(&nearest, "check");
    assert_string_equal(tb_nearest_hint(&nearest, text), " (did you mean 'check'?)");
    nearest.before = "--";
    assert_string_equal(tb_nearest_hint(&nearest, text), " (did you mean '--check'?)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_word_that_was_meant_is_found),
        cmocka_unit_test(the_first_of_equals_is_meant),
        cmocka_unit_test(long_words_are_not_looked_at),
        cmocka_unit_test(a_hint_stands_in_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
