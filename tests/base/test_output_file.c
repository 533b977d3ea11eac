/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "twinbed/base/output_file.h"

static const char *const inputs[] = {"input", "absent"};

/* A directory of its own for each test, with one file that the command reads. */
static int enter(void **state)
{
    char *directory = strdup("/tmp/twinbed-output-XXXXXX");
    if (mkdtemp(directory) == NULL || chdir(directory) != 0)
        return -1;
    FILE *input = fopen("input", "w");
    fputs("kept", input);
    fclose(input);
    *state = directory;
    return 0;
}

static int leave(void **state)
{
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", (const char *)*state);
    const int failed = chdir("/") != 0 || system(command) != 0;
    free(*state);
    return failed;
}

static void assert_holds(const char *path, const char *expected)
{
    char text[64] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fgets(text, sizeof text, file) != NULL || expected[0] == '\0');
    fclose(file);
    assert_string_equal(text, expected);
}

static struct tb_output_request request_of(const char *path, bool replace)
{
    return (struct tb_output_request){.path = path, .inputs = inputs, .input_count = 2, .replace = replace};
}

static enum tb_status write_word(const char *path, bool replace, struct tb_error *error)
{
    const struct tb_output_request request = request_of(path, replace);
    struct tb_output output;
    const enum tb_status status = tb_output_open(&request, &output, error);
    if (status != TB_OK)
        return status;
    fputs("made", output.stream);
    return tb_output_finish(&output, error);
}

static void what_is_made_stands_under_its_name(void **state)
{
    (void)state;
    struct tb_error error;
    assert_int_equal(write_word("made", false, &error), TB_OK);
    assert_holds("made", "made");
    assert_int_equal(access("made.partial", F_OK), -1);
}

/* Path, what stands there, and what is said, whether it may be replaced or not. */
static void what_must_not_be_destroyed_is_kept(void **state)
{
    (void)state;
    static const struct {
        const char *path, *words;
    } facts[] = {
        {"input", "input is what the command reads (input)"}, {"./input", "is what the command reads (input)"},
        {"hard", "hard is what the command reads (input)"},   {"soft", "soft is what the command reads (input)"},
        {"directory", "is not a file but a directory"},       {"fifo", "is not a file but a FIFO"},
        {"/dev/null", "is not a file but a device"},          {"nowhere", "a symbolic link that leads to nothing"},
    };
    assert_int_equal(link("input", "hard"), 0);
    assert_int_equal(symlink("input", "soft"), 0);
    assert_int_equal(symlink("absent/x", "nowhere"), 0);
    assert_int_equal(mkdir("directory", 0700), 0);
    assert_int_equal(mkfifo("fifo", 0600), 0);
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        for (int replace = 0; replace < 2; replace++) {
            struct tb_error error = {0};
            assert_int_equal(write_word(facts[i].path, replace, &error), TB_CONFLICT);
            if (strstr(error.text, facts[i].words) == NULL)
                fail_msg("%s", error.text);
        }
    }
    assert_holds("input", "kept");
}

static void a_file_is_replaced_only_when_that_is_asked_for(void **state)
{
    (void)state;
    struct tb_error error = {0};
    assert_int_equal(write_word("made", false, &error), TB_OK);
    assert_int_equal(truncate("made", 1), 0);
    assert_int_equal(write_word("made", false, &error), TB_CONFLICT);
    assert_non_null(strstr(error.text, "made exists: choose another name, or replace it with --force"));
    assert_holds("made", "m");
    assert_int_equal(write_word("made", true, &error), TB_OK);
    assert_holds("made", "made");
}

static void a_link_stays_and_its_target_is_replaced(void **state)
{
    (void)state;
    struct tb_error error;
    struct stat found;
    assert_int_equal(mkdir("far", 0700), 0);
    assert_int_equal(write_word("far/made", false, &error), TB_OK);
    assert_int_equal(truncate("far/made", 1), 0);
    assert_int_equal(symlink("far/made", "link"), 0);
    assert_int_equal(write_word("link", true, &error), TB_OK);
    assert_int_equal(lstat("link", &found), 0);
    assert_true(S_ISLNK(found.st_mode));
    assert_holds("far/made", "made");
}

static void what_is_given_up_leaves_what_was_there(void **state)
{
    (void)state;
    const struct tb_output_request request = request_of("made", true);
    struct tb_error error;
    struct tb_output output;
    assert_int_equal(write_word("made", false, &error), TB_OK);
    assert_int_equal(tb_output_open(&request, &output, &error), TB_OK);
    fputs("half", output.stream);
    tb_output_abandon(&output);
    assert_holds("made", "made");
    assert_int_equal(access("made.partial", F_OK), -1);
}

static void a_directory_that_is_not_there_is_said(void **state)
{
    (void)state;
    struct tb_error error = {0};
    assert_int_equal(write_word("absent/made", false, &error), TB_INPUT_OUTPUT);
    assert_non_null(strstr(error.text, "absent/made"));
}

/* A full disk shows when the buffer is written, at the end. */
static void a_write_that_fails_is_a_failure(void **state)
{
    (void)state;
    const struct tb_output_request request = request_of("made", false);
    struct tb_error error = {0};
    struct tb_output output;
    assert_int_equal(tb_output_open(&request, &output, &error), TB_OK);
    assert_non_null(freopen("/dev/full", "w", output.stream));
    fputs("made", output.stream);
    assert_int_equal(tb_output_finish(&output, &error), TB_INPUT_OUTPUT);
    assert_non_null(strstr(error.text, "No space left on device"));
    assert_int_equal(access("made", F_OK), -1);
    assert_int_equal(access("made.partial", F_OK), -1);
}

static void standard_output_has_no_place(void **state)
{
    (void)state;
    const struct tb_output_request request = request_of("-", false);
    struct tb_error error = {0};
    struct tb_output output;
    char *target;
    assert_int_equal(tb_output_open(&request, &output, &error), TB_OK);
    assert_ptr_equal(output.stream, stdout);
    assert_int_equal(tb_output_finish(&output, &error), TB_OK);
    assert_int_equal(tb_output_claim(&request, &target, &error), TB_CONFLICT);
    assert_null(target);
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(what_is_made_stands_under_its_name),
        IN_DIRECTORY(what_must_not_be_destroyed_is_kept),
        IN_DIRECTORY(a_file_is_replaced_only_when_that_is_asked_for),
        IN_DIRECTORY(a_link_stays_and_its_target_is_replaced),
        IN_DIRECTORY(what_is_given_up_leaves_what_was_there),
        IN_DIRECTORY(a_directory_that_is_not_there_is_said),
        IN_DIRECTORY(a_write_that_fails_is_a_failure),
        IN_DIRECTORY(standard_output_has_no_place),
    };
    return cmocka_run_group_tests_name("base: output files", tests, NULL, NULL);
}
