/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "call/call_table.h"
#include "twinbed/call/call_names.h"

static void names_are_sorted_and_found(void **state)
{
    (void)state;
    char name[TB_CALL_NAME_SIZE], before[TB_CALL_NAME_SIZE] = "";
    for (size_t i = 0; i < tb_call_named_count(); i++) {
        assert_true(strcmp(before, tb_call_name((tb_call)i, name)) < 0);
        assert_int_equal(tb_call_find(name), i);
        strcpy(before, name);
    }
}

static void event_numbers_have_their_calls(void **state)
{
    (void)state;
    static const struct {
        unsigned type;
        unsigned event_class;
        const char *name;
    } facts[] = {{3, EVENT_EXIT, "open"},          {7, EVENT_EXIT, "read"},       {88, EVENT_ENTER, "llseek"},
                 {113, EVENT_EXIT, "pread"},       {144, EVENT_ENTER, "prlimit"}, {249, EVENT_EXIT, "accept"},
                 {259, EVENT_EXIT, "umount"},      {293, EVENT_EXIT, "execve"},   {307, EVENT_EXIT, "openat"},
                 {389, EVENT_EXIT, "accept4"},     {391, EVENT_EXIT, "umount2"},  {419, EVENT_EXIT, "newfstatat"},
                 {451, EVENT_EXIT, "close_range"}, {453, EVENT_EXIT, "keyctl"}};
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        assert_int_equal(tb_event_table[facts[i].type].kind_class, facts[i].event_class);
        assert_int_equal(tb_event_table[facts[i].type].call, tb_call_find(facts[i].name));
    }
    static const struct {
        unsigned type;
        unsigned event_class;
    } others[] = {{16, EVENT_LEAVE},  {186, EVENT_LEAVE},    {146, EVENT_SWITCH}, {152, EVENT_SWITCH},
                  {148, EVENT_DROP},  {149, EVENT_DROP_END}, {187, EVENT_NEVER},  {234, EVENT_OTHER},
                  {322, EVENT_OTHER}, {430, EVENT_OTHER},    {431, EVENT_NEVER},  {450, EVENT_NEVER}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(tb_event_table[others[i].type].kind_class, others[i].event_class);
}

static void every_pair_has_two_halves_of_one_call(void **state)
{
    (void)state;
    size_t enters = 0, exits = 0;
    for (unsigned i = 0; i < EVENT_NUMBERS; i++) {
        enters += tb_event_table[i].kind_class == EVENT_ENTER;
        exits += tb_event_table[i].kind_class == EVENT_EXIT;
        if (tb_event_table[i].kind_class != EVENT_ENTER)
            continue;
        assert_int_equal(i % 2, 0);
        assert_int_equal(tb_event_table[i + 1].kind_class, EVENT_EXIT);
        assert_int_equal(tb_event_table[i + 1].call, tb_event_table[i].call);
    }
    assert_int_equal(exits, enters + 2); /* close_range and keyctl came without enters */
}

static void one_kernel_call_has_one_name_both_ways(void **state)
{
    (void)state;
    static const struct {
        unsigned id;
        const char *name;
    } facts[] = {{3, "read"},         {294, "pread"},        {295, "pwrite"},     {236, "prlimit"},    {292, "llseek"},
                 {272, "sendfile"},   {281, "fcntl"},        {306, "getuid"},     {300, "newfstatat"}, {323, "umount2"},
                 {164, "exit_group"}, {298, "rt_sigreturn"}, {382, "pidfd_getfd"}};
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        assert_int_equal(tb_generic_table[facts[i].id], tb_call_find(facts[i].name));
}

static void native_numbers_have_names(void **state)
{
    (void)state;
    char name[TB_CALL_NAME_SIZE];
    static const struct {
        uint16_t native;
        const char *name;
    } facts[] = {{0, "read"},   {17, "pread"},       {221, "fadvise64"},  {302, "prlimit"},
                 {334, "rseq"}, {400, "native_400"}, {999, "native_999"}, {65535, "unknown"}};
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        assert_string_equal(tb_call_name(tb_call_native(facts[i].native), name), facts[i].name);
        assert_int_equal(tb_call_find(facts[i].name), tb_call_native(facts[i].native));
    }
    assert_true(tb_call_native(999) < TB_CALL_LIMIT);
}

static void what_is_no_name_is_not_found(void **state)
{
    (void)state;
    static const char *const names[] = {"",          "reads",     "native_",        "native_x",
                                        "native_-1", "native_01", "native_9999999", "pread64"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(tb_call_find(names[i]), TB_CALL_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_sorted_and_found),
        cmocka_unit_test(event_numbers_have_their_calls),
        cmocka_unit_test(every_pair_has_two_halves_of_one_call),
        cmocka_unit_test(one_kernel_call_has_one_name_both_ways),
        cmocka_unit_test(native_numbers_have_names),
        cmocka_unit_test(what_is_no_name_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
