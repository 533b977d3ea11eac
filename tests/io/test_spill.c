/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "twinbed/io/spill.h"

static char directory[64];

static int make_directory(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/twinbed-spill-XXXXXX");
    return mkdtemp(directory) == NULL ? -1 : 0;
}

/* Fails when anything is left in it. */
static int remove_directory(void **state)
{
    (void)state;
    return rmdir(directory);
}

static int count_names(void)
{
    int count = 0;
    DIR *listing = opendir(directory);
    assert_non_null(listing);
    const struct dirent *entry;
    while ((entry = readdir(listing)) != NULL)
        count += entry->d_name[0] != '.';
    closedir(listing);
    return count;
}

static void bytes_come_back_from_a_file_without_a_name(void **state)
{
    (void)state;
    struct tb_spill spill;
    char read[16] = "";
    tb_spill_start(&spill, directory);
    assert_int_equal(tb_spill_append(&spill, "first", 5, NULL), TB_OK);
    assert_int_equal(tb_spill_append(&spill, "second", 6, NULL), TB_OK);
    assert_int_equal(spill.size, 11);
    assert_int_equal(count_names(), 0);
    assert_int_equal(tb_spill_read(&spill, 3, read, 5, NULL), TB_OK);
    assert_string_equal(read, "stsec");
    tb_spill_release(&spill, 0, 5);
    assert_int_equal(tb_spill_read(&spill, 5, read, 6, NULL), TB_OK);
    assert_memory_equal(read, "second", 6);
    assert_int_equal(tb_spill_read(&spill, 11, read, 0, NULL), TB_OK);
    tb_spill_close(&spill);
    tb_spill_close(&spill);
}

static void what_was_not_written_is_not_read(void **state)
{
    (void)state;
    static const struct {
        uint64_t offset;
        size_t size;
    } wrong[] = {{4, 2}, {6, 0}, {0, 6}, {UINT64_MAX, 2}, {5, 1}};
    struct tb_spill spill;
    char read[16];
    tb_spill_start(&spill, directory);
    assert_int_equal(tb_spill_append(&spill, "bytes", 5, NULL), TB_OK);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(tb_spill_read(&spill, wrong[i].offset, read, wrong[i].size, NULL), TB_INTERNAL);
    tb_spill_close(&spill);
}

static void a_missing_directory_and_a_full_disk_are_named(void **state)
{
    (void)state;
    struct tb_spill spill;
    struct tb_error error;
    struct rlimit before, small;
    char absent[80];
    strcat(strcpy(absent, directory), "/absent");
    tb_spill_start(&spill, absent);
    assert_int_equal(tb_spill_append(&spill, "bytes", 5, &error), TB_INPUT_OUTPUT);
    assert_non_null(strstr(error.text, absent));
    tb_spill_close(&spill);

    static const char many[2000];
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 1000;
    signal(SIGXFSZ, SIG_IGN);
    tb_spill_start(&spill, directory);
    setrlimit(RLIMIT_FSIZE, &small);
    const enum tb_status status = tb_spill_append(&spill, many, sizeof many, &error);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(status, TB_INPUT_OUTPUT);
    assert_non_null(strstr(error.text, directory));
    tb_spill_close(&spill);
}

#define FACT(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FACT(bytes_come_back_from_a_file_without_a_name),
        FACT(what_was_not_written_is_not_read),
        FACT(a_missing_directory_and_a_full_disk_are_named),
    };
    return cmocka_run_group_tests_name("spill", tests, NULL, NULL);
}
