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
static struct tb_parts *parts;
static const char KEY[] = "format 1 path a/b.scap size 12 mtime 5.000000001";
enum { HEAD = 56 }; /* bytes before a key */

static struct tb_parts *open_parts(const char *where)
{
    struct tb_parts *opened;
    assert_int_equal(tb_parts_open((const char *const[]){where}, 1, &opened, NULL), TB_OK);
    return opened;
}

/* As a process does that starts. */
static void start_again(void)
{
    tb_parts_close(parts);
    parts = open_parts(directory);
    assert_int_equal(tb_parts_find(parts, NULL), TB_OK);
}

static int make_directory(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/twinbed-parts-XXXXXX");
    if (mkdtemp(directory) == NULL)
        return -1;
    strcat(directory, "/x.parts");
    parts = NULL;
    start_again();
    return 0;
}

/* With anything that is left, one level deep. */
static void empty_directory(void)
{
    DIR *listing = opendir(directory);
    const struct dirent *entry;
    while (listing != NULL && (entry = readdir(listing)) != NULL)
        if (unlinkat(dirfd(listing), entry->d_name, 0) != 0)
            unlinkat(dirfd(listing), entry->d_name, AT_REMOVEDIR);
    if (listing != NULL)
        closedir(listing);
}

static int remove_directory(void **state)
{
    (void)state;
    tb_parts_close(parts);
    empty_directory();
    rmdir(directory);
    *strrchr(directory, '/') = '\0';
    return rmdir(directory);
}

/* How many files there are, and the path of one. */
static int count_files(char *path)
{
    int count = 0;
    DIR *listing = opendir(directory);
    if (listing == NULL)
        return -1;
    const struct dirent *entry;
    while ((entry = readdir(listing)) != NULL)
        if (entry->d_name[0] != '.') {
            count++;
            if (path != NULL)
                snprintf(path, 400, "%s/%s", directory, entry->d_name);
        }
    closedir(listing);
    return count;
}

static void save(const char *key, const char *text)
{
    struct tb_buffer content = {0};
    struct tb_error error;
    tb_buffer_put(&content, text, strlen(text));
    if (tb_part_save(parts, key, &content, &error) != TB_OK)
        fail_msg("%s", error.text);
    tb_buffer_free(&content);
}

static enum tb_status load_status(const char *key)
{
    struct tb_buffer content = {0};
    const enum tb_status status = tb_part_load(parts, key, &content, NULL);
    tb_buffer_free(&content);
    return status;
}

static void expect(const char *key, const char *text)
{
    struct tb_buffer content = {0};
    assert_true(tb_part_exists(parts, key));
    assert_int_equal(tb_part_load(parts, key, &content, NULL), TB_OK);
    assert_int_equal(content.size, strlen(text));
    assert_memory_equal(content.data, text, content.size);
    /* It is a buffer like any other. */
    tb_buffer_put_u8(&content, 7);
    assert_false(content.failed);
    tb_buffer_free(&content);
}

static void what_was_saved_is_loaded(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "x", "0123456789abcdef0123456789abcdef"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        save(KEY, texts[i]); /* the latest counts */
        expect(KEY, texts[i]);
        start_again();
        expect(KEY, texts[i]);
    }
    assert_int_equal(count_files(NULL), 3);
    assert_int_equal(tb_parts_count(parts), 1);
}

static void many_parts_make_one_file(void **state)
{
    (void)state;
    char key[32], text[32];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 1000; i++) {
            sprintf(key, "key %d", i);
            sprintf(text, "content %d of %d", i * i, round);
            save(key, text);
        }
        struct tb_buffer told = {0};
        tb_parts_pack_new(parts, &told); /* the volume is closed, and opened again for what comes next */
        tb_buffer_free(&told);
        assert_int_equal(count_files(NULL), 1);
    }
    start_again();
    assert_int_equal(tb_parts_count(parts), 1000);
    for (int i = 0; i < 1000; i++) {
        sprintf(key, "key %d", i);
        sprintf(text, "content %d of 1", i * i);
        expect(key, text);
    }
}

static void other_keys_have_no_part(void **state)
{
    (void)state;
    save(KEY, "content");
    assert_int_equal(load_status("format 1 path a/c.scap size 12 mtime 5.000000001"), TB_NOT_FOUND);
    assert_false(tb_part_exists(parts, ""));
    assert_int_equal(load_status(""), TB_NOT_FOUND);
    save("", "of the empty key");
    expect("", "of the empty key");
}

static void a_long_key_is_compared_whole(void **state)
{
    (void)state;
    static char key[10001];
    memset(key, 'k', 10000);
    save(key, "long");
    start_again();
    expect(key, "long");
    key[9999] = 'l';
    assert_int_equal(load_status(key), TB_NOT_FOUND);
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

/* Whatever is broken, what stands before and behind it is found. */
static void a_change_of_any_byte_costs_one_part(void **state)
{
    (void)state;
    char path[400];
    struct stat found;
    save("before", "first");
    save(KEY, "some content of a part");
    save("behind", "last");
    assert_int_equal(count_files(path), 1);
    stat(path, &found);
    const long begin = HEAD + 6 + 5, size = HEAD + (long)strlen(KEY) + 22;
    assert_int_equal(found.st_size, begin + size + HEAD + 6 + 4);
    for (long at = begin; at < begin + size; at++) {
        flip(path, at);
        if (load_status(KEY) != TB_NOT_FOUND)
            fail_msg("byte %ld", at);
        assert_false(tb_part_exists(parts, KEY));
        start_again();
        if (load_status(KEY) != TB_NOT_FOUND)
            fail_msg("byte %ld, after a new start", at);
        expect("before", "first");
        expect("behind", "last");
        flip(path, at);
    }
    start_again();
    expect(KEY, "some content of a part");
}

static void a_volume_may_end_anywhere(void **state)
{
    (void)state;
    char path[400];
    struct stat found;
    save("before", "first");
    save(KEY, "some content of a part");
    assert_int_equal(count_files(path), 1);
    stat(path, &found);
    for (off_t size = found.st_size - 1; size >= 0; size--) {
        assert_int_equal(truncate(path, size), 0);
        assert_int_equal(load_status(KEY), TB_NOT_FOUND);
        assert_false(tb_part_exists(parts, KEY));
        start_again();
        assert_int_equal(load_status(KEY), TB_NOT_FOUND);
        assert_int_equal(load_status("before"), size >= HEAD + 6 + 5 ? TB_OK : TB_NOT_FOUND);
    }
    save(KEY, "again");
    expect(KEY, "again");
}

static void what_is_no_file_is_no_volume(void **state)
{
    (void)state;
    char path[400];
    save(KEY, "x");
    assert_int_equal(count_files(path), 1);
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(load_status(KEY), TB_NOT_FOUND);
    start_again();
    assert_int_equal(load_status(KEY), TB_NOT_FOUND);
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    start_again();
    assert_int_equal(load_status(KEY), TB_NOT_FOUND);
    rmdir(path);
    assert_int_equal(symlink(path, path), 0);
    start_again();
    assert_int_equal(load_status(KEY), TB_NOT_FOUND);
    save(KEY, "y");
    expect(KEY, "y");
}

static void threads_save_at_once(void **state)
{
    (void)state;
    int failed = 0;
#pragma omp parallel for num_threads(4) reduction(+ : failed)
    for (int i = 0; i < 256; i++) {
        char key[32];
        struct tb_buffer content = {0};
        sprintf(key, "key %d", i % 64); /* several save the same */
        tb_buffer_put(&content, key, strlen(key));
        failed += tb_part_save(parts, key, &content, NULL) != TB_OK;
        failed += !tb_part_exists(parts, key);
        tb_buffer_free(&content);
    }
    assert_int_equal(failed, 0);
    assert_int_equal(count_files(NULL), 1);
    start_again();
    assert_int_equal(tb_parts_count(parts), 64);
    expect("key 63", "key 63");
}

/* Two processes with one directory: what one saves the other loads once it is told. */
static void others_are_told(void **state)
{
    (void)state;
    struct tb_parts *const other = open_parts(directory), *const mine = parts;
    struct tb_buffer told = {0}, both = {0};
    save("mine", "1");
    save("ours", "2");
    parts = other;
    save("others", "3");
    assert_int_equal(load_status("mine"), TB_NOT_FOUND);
    tb_parts_pack_new(mine, &both);
    tb_parts_pack_new(other, &both);
    assert_int_equal(tb_parts_take_new(other, tb_bytes_packed(both.data, both.size), NULL), TB_OK);
    assert_int_equal(tb_parts_take_new(mine, tb_bytes_packed(both.data, both.size), NULL), TB_OK);
    expect("mine", "1");
    expect("others", "3");
    parts = mine;
    expect("others", "3");
    /* Nothing is told twice; what is saved again is. */
    save("ours", "4");
    tb_parts_pack_new(mine, &told);
    assert_true(told.size < both.size);
    parts = other;
    expect("ours", "2");
    assert_int_equal(tb_parts_take_new(other, tb_bytes_packed(told.data, told.size), NULL), TB_OK);
    expect("ours", "4");
    for (size_t size = 1; size < told.size; size++)
        assert_int_not_equal(tb_parts_take_new(other, tb_bytes_packed(told.data, size), NULL), TB_OK);
    expect("ours", "4");
    parts = mine;
    tb_parts_close(other);
    tb_buffer_free(&told);
    tb_buffer_free(&both);
    assert_int_equal(count_files(NULL), 2);
}

/* Several directories are looked into, the first is written. */
static void parts_may_lie_in_several_directories(void **state)
{
    (void)state;
    char second[80];
    save("one", "1");
    save("both", "old");
    sprintf(second, "%s/second", directory);
    tb_parts_close(parts);
    assert_int_equal(tb_parts_open((const char *const[]){second, directory}, 2, &parts, NULL), TB_OK);
    assert_int_equal(tb_parts_find(parts, NULL), TB_OK);
    assert_string_equal(tb_parts_directory(parts), second);
    expect("one", "1");
    save("both", "new");
    tb_parts_close(parts);
    assert_int_equal(tb_parts_open((const char *const[]){second, directory}, 2, &parts, NULL), TB_OK);
    assert_int_equal(tb_parts_find(parts, NULL), TB_OK);
    expect("both", "new");
    start_again();
    expect("both", "old");
    char path[400];
    strcpy(directory + strlen(directory), "/second");
    assert_int_equal(count_files(path), 1);
    unlink(path);
    rmdir(second);
    *strrchr(directory, '/') = '\0';
    /* Only the first is made. */
    tb_parts_close(parts);
    assert_int_equal(tb_parts_open((const char *const[]){directory, second}, 2, &parts, NULL), TB_OK);
    struct tb_error error;
    assert_int_equal(tb_parts_find(parts, &error), TB_INPUT_OUTPUT);
    assert_non_null(strstr(error.text, second));
}

/* Who removes parts while a job runs loses these, and no more. */
static void parts_may_be_removed_meanwhile(void **state)
{
    (void)state;
    struct tb_buffer told = {0};
    save("one", "1");
    tb_parts_pack_new(parts, &told);
    empty_directory();
    assert_int_equal(rmdir(directory), 0);
    assert_int_equal(load_status("one"), TB_NOT_FOUND);
    save("one", "1");
    expect("one", "1");
    start_again();
    expect("one", "1");
    tb_buffer_free(&told);
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
    const enum tb_status status = tb_part_save(parts, KEY, &content, &error);
    const int files = count_files(NULL);
    save("small", "it fits");
    const enum tb_status second = tb_part_save(parts, KEY, &content, &error);
    save("another", "so does this");
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(status, TB_INPUT_OUTPUT);
    assert_int_equal(second, TB_INPUT_OUTPUT);
    assert_non_null(strstr(error.text, directory));
    assert_int_equal(files, 0);
    start_again();
    expect("small", "it fits");
    expect("another", "so does this");
    assert_int_equal(load_status(KEY), TB_NOT_FOUND);
    assert_int_equal(count_files(NULL), 1);
    tb_buffer_free(&content);
}

static void a_buffer_that_failed_is_not_saved(void **state)
{
    (void)state;
    const struct tb_buffer content = {.failed = true};
    assert_int_equal(tb_part_save(parts, KEY, &content, NULL), TB_MEMORY);
    assert_int_equal(count_files(NULL), 0);
}

static void a_directory_can_be_missing_or_a_file(void **state)
{
    (void)state;
    struct tb_error error;
    const struct tb_buffer content = {0};
    char inside[128], file[128];
    snprintf(inside, sizeof inside, "%s/absent/parts", directory);
    struct tb_parts *const absent = open_parts(inside);
    assert_int_equal(tb_parts_find(absent, &error), TB_INPUT_OUTPUT);
    assert_non_null(strstr(error.text, inside));
    assert_int_equal(tb_part_load(absent, KEY, &(struct tb_buffer){0}, &error), TB_NOT_FOUND);
    assert_int_equal(tb_part_save(absent, KEY, &content, &error), TB_INPUT_OUTPUT);
    tb_parts_close(absent);
    snprintf(file, sizeof file, "%s/file", directory);
    fclose(fopen(file, "w"));
    struct tb_parts *const wrong = open_parts(file);
    assert_int_equal(tb_parts_find(wrong, &error), TB_INPUT_OUTPUT);
    assert_non_null(strstr(error.text, "not a directory"));
    tb_parts_close(wrong);
}

#define FACT(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FACT(what_was_saved_is_loaded),
        FACT(many_parts_make_one_file),
        FACT(other_keys_have_no_part),
        FACT(a_long_key_is_compared_whole),
        FACT(a_change_of_any_byte_costs_one_part),
        FACT(a_volume_may_end_anywhere),
        FACT(what_is_no_file_is_no_volume),
        FACT(threads_save_at_once),
        FACT(others_are_told),
        FACT(parts_may_lie_in_several_directories),
        FACT(parts_may_be_removed_meanwhile),
        FACT(a_disk_that_is_full_leaves_nothing),
        FACT(a_buffer_that_failed_is_not_saved),
        FACT(a_directory_can_be_missing_or_a_file),
    };
    return cmocka_run_group_tests_name("parts", tests, NULL, NULL);
}
