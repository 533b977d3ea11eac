/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What another program that is run can do: print, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/widgets/program.h"

static char directory[] = "twinbed-program-XXXXXX";
static const char *const none[] = {NULL};

struct ran {
    enum tb_status status;
    char *output; /* owned */
    size_t size;
    char reason[128];
};

static struct ran run(const char *program, const char *const *arguments, const char *input)
{
    struct ran ran = {.status = TB_OK};
    struct tb_error error;
    FILE *file = tmpfile();
    assert_non_null(file);
    fputs(input, file);
    ran.status =
        tb_program_run(program, arguments, file, &ran.output, &ran.size, ran.reason, sizeof ran.reason, &error);
    fclose(file);
    assert_int_equal(ran.status, TB_OK);
    return ran;
}

static bool have_gnuplot(void)
{
    struct ran ran = run("gnuplot", none, "print 1\n");
    const bool is_there = strstr(ran.reason, "not installed") == NULL;
    free(ran.output);
    return is_there;
}

static void test_input_goes_in_and_output_comes_back(void **state)
{
    (void)state;
    struct ran ran = run("cat", none, "some text");
    assert_string_equal(ran.output, "some text");
    assert_string_equal(ran.reason, "");
    free(ran.output);
}

static void test_programs_that_are_not_there_or_fail(void **state)
{
    (void)state;
    struct ran absent = run("twinbed-has-no-such-program", none, ""), failed = run("false", none, "");
    assert_string_equal(absent.reason, "twinbed-has-no-such-program is not installed, or could not be started");
    assert_null(absent.output);
    assert_string_equal(failed.reason, "false failed");
    free(failed.output);
}

static void test_no_program_is_started_and_no_file_written(void **state)
{
    static const char *const scripts[] = {"touch made",         ": >made",     ": >>made",  ": <>made",
                                          "(exit 0) && :>made", "exec 9>made", ": >|before"};
    (void)state;
    FILE *file = fopen("before", "w");
    fputs("kept", file);
    fclose(file);
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        struct ran ran = run("sh", none, scripts[i]);
        assert_string_equal(ran.reason, "sh failed");
        assert_int_not_equal(access("made", F_OK), 0);
        free(ran.output);
    }
    char text[8] = "";
    file = fopen("before", "r");
    assert_non_null(fgets(text, sizeof text, file));
    fclose(file);
    assert_string_equal(text, "kept");
    unlink("before");
}

/* As a name could, if it stood in a script where names never stand. */
static void test_commands_of_gnuplot_do_nothing(void **state)
{
    static const char *const scripts[] = {"system 'touch made'",
                                          "!touch made",
                                          "x = system('touch made')",
                                          "set title \"`touch made`\"; plot x",
                                          "set output 'made'; set terminal svg; plot x",
                                          "set output '|touch made'; set terminal svg; plot x",
                                          "set print 'made'; print 1",
                                          "set print '|touch made'; print 1",
                                          "set table 'made'; plot x",
                                          "plot '< touch made'",
                                          "save 'made'",
                                          "load '< touch made'"};
    (void)state;
    if (!have_gnuplot())
        skip();
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        struct ran ran = run("gnuplot", none, scripts[i]);
        if (access("made", F_OK) == 0)
            print_error("%s\n", scripts[i]);
        assert_int_not_equal(access("made", F_OK), 0);
        free(ran.output);
    }
    struct ran ran = run("gnuplot", none, "set terminal svg\nplot x\n");
    assert_non_null(strstr(ran.output, "</svg>"));
    assert_string_equal(ran.reason, "");
    free(ran.output);
}

static int enter(void **state)
{
    (void)state;
    return mkdtemp(directory) == NULL || chdir(directory) != 0;
}

static int leave(void **state)
{
    (void)state;
    unlink("made");
    unlink("before");
    return chdir("..") != 0 || rmdir(directory) != 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_input_goes_in_and_output_comes_back),
        cmocka_unit_test(test_programs_that_are_not_there_or_fail),
        cmocka_unit_test(test_no_program_is_started_and_no_file_written),
        cmocka_unit_test(test_commands_of_gnuplot_do_nothing),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
