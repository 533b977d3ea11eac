/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <omp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "twinbed/checkpoint/parts.h"

static char directory[64];
static const char KEY[] = "format 1 path a/b.scap size 12 mtime 5.000000001";

static int make_directory(void **state)
{
    (void)state;
    struct tb_error error;
    strcpy(directory, "/tmp/twinbed-parts-XXXXXX");
    if (mkdtemp(directory) == NULL)
        return -1;
    strcat(directory, "/x.parts");
    return tb_parts_prepare(directory, &error) == TB_OK ? 0 : -1;
}

/* With anything that is left, one level deep. */
static int remove_directory(void **state)
{
    (void)state;
    DIR *listing = opendir(directory);
    const struct dirent *entry;
    while (listing != NULL && (entry = readdir(listing)) != NULL)
        unlinkat(dirfd(listing), entry->d_name, 0);
    if (listing != NULL)
        closedir(listing);
    rmdir(directory);
    *strrchr(directory, '/') = '\0';
    return rmdir(directory);
}

static int count_files(void)
{
    int count = 0;
    DIR *listing = opendir(directory);
    if (listing == NULL)
        return -1;
    const struct dirent *entry;
    while ((entry = readdir(listing)) != NULL)
        count += entry->d_name[0] != '.';
    closedir(listing);
    return count;
}

/* The path of the only file. */
static void find_file(char *path, size_t size)
{
    DIR *listing = opendir(directory);
    const struct dirent *entry;
    while ((entry = readdir(listing)) != NULL)
        if (entry->d_name[0] != '.')
            snprintf(path, size, "%s/%s", directory, entry->d_name);
    closedir(listing);
}

static void save(const char *key, const char *text)
{
    struct tb_buffer content = {0};
    struct tb_error error;
    tb_buffer_put(&content, text, strlen(text));
    if (tb_part_save(directory, key, &content, &error) != TB_OK)
        fail_msg("%s", error.text);
    tb_buffer_free(&content);
}

static enum tb_status load_status(const char *key)
{
    struct tb_buffer content = {0};
    const enum tb_status status = tb_part_load(directory, key, &content, NULL);
    tb_buffer_free(&content);
    return status;
}

static void what_was_saved_is_loaded(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "x", "0123456789abcdef0123456789abcdef"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct tb_buffer content = {0};
        save(KEY, texts[i]);
        assert_true(tb_part_exists(directory, KEY));
        assert_int_equal(tb_part_load(directory, KEY, &content, NULL), TB_OK);
        assert_int_equal(content.size, strlen(texts[i]));
        assert_memory_equal(content.data, texts[i], content.size);
        /* It is a buffer like any other. */
        tb_buffer_put_u8(&content, 7);
        assert_false(content.failed);
        tb_buffer_free(&content);
        assert_int_equal(count_files(), 1);
    }
}

static void other_keys_have_no_part(void **state)
{
    (void)state;
    save(KEY, "content");
    assert_int_equal(load_status("format 1 path a/c.scap size 12 mtime 5.000000001"), TB_NOT_FOUND);
    assert_false(tb_part_exists(directory, ""));
    assert_int_equal(load_status(""), TB_NOT_FOUND);
    save("", "of the empty key");
    assert_int_equal(load_status(""), TB_OK);
}

static void a_part_under_the_name_of_another_key_is_no_part(void **state)
{
    (void)state;
    char mine[400], other[400];
    save("one key", "content");
    find_file(mine, sizeof mine);
    save("two key", "content");
    /* The second file's name is that which is not the first's. */
    DIR *listing = opendir(directory);
    const struct dirent *entry;
    while ((entry = readdir(listing)) != NULL)
        if (entry->d_name[0] != '.' && strstr(mine, entry->d_name) == NULL)
            snprintf(other, sizeof other, "%s/%s", directory, entry->d_name);
    closedir(listing);
    assert_int_equal(rename(mine, other), 0);
    assert_int_equal(load_status("two key"), TB_NOT_FOUND);
    assert_false(tb_part_exists(directory, "two key"));
}

static void flip(const char *path, long at)
{
    FILE *file = fopen(path, "r+b");
    fseek(file, at, SEEK_SET);
    const int byte = fgetc(file);
    fseek(file, at, SEEK_SET);
    fputc(byte ^ 0x40, file);
    fclose(file);
}

static void a_change_of_any_byte_is_noticed(void **state)
{
    (void)state;
    char path[400];
    save(KEY, "some content of a part");
    find_file(path, sizeof path);
    struct stat found;
    stat(path, &found);
    assert_int_equal(found.st_size, 56 + strlen(KEY) + 22);
    for (long at = 0; at < found.st_size; at++) {
        flip(path, at);
        if (load_status(KEY) != TB_NOT_FOUND)
            fail_msg("byte %ld", at);
        assert_false(tb_part_exists(directory, KEY));
        flip(path, at);
    }
    assert_int_equal(load_status(KEY), TB_OK);
}

static void a_part_of_another_length_is_no_part(void **state)
{
    (void)state;
    char path[400];
    save(KEY, "some content of a part");
    find_file(path, sizeof path);
    struct stat found;
    stat(path, &found);
    assert_int_equal(truncate(path, found.st_size + 1), 0);
    assert_int_equal(load_status(KEY), TB_NOT_FOUND);
    for (off_t size = found.st_size - 1; size >= 0; size--) {
        assert_int_equal(truncate(path, size), 0);
        assert_int_equal(load_status(KEY), TB_NOT_FOUND);
        assert_false(tb_part_exists(directory, KEY));
    }
    save(KEY, "again");
    assert_int_equal(load_status(KEY), TB_OK);
}

static void what_is_no_file_is_no_part(void **state)
{
    (void)state;
    char path[400];
    save(KEY, "x");
    find_file(path, sizeof path);
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(load_status(KEY), TB_NOT_FOUND);
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(load_status(KEY), TB_NOT_FOUND);
    rmdir(path);
    assert_int_equal(symlink(path, path), 0);
    assert_int_equal(load_status(KEY), TB_NOT_FOUND);
}

static void threads_save_the_same_part_at_once(void **state)
{
    (void)state;
    int failed = 0;
#pragma omp parallel for num_threads(4) reduction(+ : failed)
    for (int i = 0; i < 64; i++) {
        struct tb_buffer content = {0};
        tb_buffer_put(&content, "same", 4);
        failed += tb_part_save(directory, KEY, &content, NULL) != TB_OK;
        failed += !tb_part_exists(directory, KEY);
        tb_buffer_free(&content);
    }
    assert_int_equal(failed, 0);
    assert_int_equal(count_files(), 1);
    assert_int_equal(load_status(KEY), TB_OK);
}

static void a_disk_that_is_full_leaves_nothing(void **state)
{
    (void)state;
    struct rlimit before, small;
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 1000;
    signal(SIGXFSZ, SIG_IGN);
    struct tb_buffer content = {0};
    for (int i = 0; i < 2000; i++)
        tb_buffer_put_u8(&content, 1);
    struct tb_error error;
    setrlimit(RLIMIT_FSIZE, &small);
    const enum tb_status status = tb_part_save(directory, KEY, &content, &error);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(status, TB_INPUT_OUTPUT);
    assert_non_null(strstr(error.text, directory));
    assert_int_equal(count_files(), 0);
    tb_buffer_free(&content);
}

static void a_buffer_that_failed_is_not_saved(void **state)
{
    (void)state;
    const struct tb_buffer content = {.failed = true};
    assert_int_equal(tb_part_save(directory, KEY, &content, NULL), TB_MEMORY);
    assert_int_equal(count_files(), 0);
}

static void a_directory_can_be_missing_or_a_file(void **state)
{
    (void)state;
    struct tb_error error;
    char inside[128], file[128];
    snprintf(inside, sizeof inside, "%s/absent/parts", directory);
    assert_int_equal(tb_parts_prepare(inside, &error), TB_INPUT_OUTPUT);
    assert_non_null(strstr(error.text, inside));
    assert_int_equal(tb_part_load(inside, KEY, &(struct tb_buffer){0}, &error), TB_NOT_FOUND);
    const struct tb_buffer content = {0};
    assert_int_equal(tb_part_save(inside, KEY, &content, &error), TB_INPUT_OUTPUT);
    snprintf(file, sizeof file, "%s/file", directory);
    fclose(fopen(file, "w"));
    assert_int_equal(tb_parts_prepare(file, &error), TB_INPUT_OUTPUT);
    assert_int_equal(tb_parts_prepare(directory, &error), TB_OK);
}

static void removal_takes_parts_and_leaves_other_files(void **state)
{
    (void)state;
    char path[128];
    save(KEY, "x");
    snprintf(path, sizeof path, "%s/0123456789abcdef0123456789abcdef.partial-h-1-1-5.0", directory);
    fclose(fopen(path, "w"));
    snprintf(path, sizeof path, "%s/notes.part", directory);
    fclose(fopen(path, "w"));
    assert_int_equal(count_files(), 3);
    assert_int_equal(tb_parts_remove(directory, NULL), TB_OK);
    assert_int_equal(count_files(), 1);
    unlink(path);
    assert_int_equal(tb_parts_remove(directory, NULL), TB_OK);
    assert_int_equal(count_files(), -1);
    assert_int_equal(tb_parts_remove(directory, NULL), TB_OK);
}

#define FACT(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FACT(what_was_saved_is_loaded),
        FACT(other_keys_have_no_part),
        FACT(a_part_under_the_name_of_another_key_is_no_part),
        FACT(a_change_of_any_byte_is_noticed),
        FACT(a_part_of_another_length_is_no_part),
        FACT(what_is_no_file_is_no_part),
        FACT(threads_save_the_same_part_at_once),
        FACT(a_disk_that_is_full_leaves_nothing),
        FACT(a_buffer_that_failed_is_not_saved),
        FACT(a_directory_can_be_missing_or_a_file),
        FACT(removal_takes_parts_and_leaves_other_files),
    };
    return cmocka_run_group_tests_name("parts", tests, NULL, NULL);
}
