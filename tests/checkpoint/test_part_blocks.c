/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "twinbed/checkpoint/part_blocks.h"
#include "twinbed/checkpoint/parts.h"

static char directory[64];
static const char KEY[] = "rows of a/b.pcap";

static int make_directory(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/twinbed-blocks-XXXXXX");
    return mkdtemp(directory) == NULL ? -1 : 0;
}

static int remove_directory(void **state)
{
    (void)state;
    assert_int_equal(tb_parts_remove(directory, NULL), TB_OK);
    return 0;
}

static int count_files(char *last)
{
    int count = 0;
    DIR *listing = opendir(directory);
    assert_non_null(listing);
    const struct dirent *entry;
    while ((entry = readdir(listing)) != NULL)
        if (entry->d_name[0] != '.') {
            snprintf(last, 400, "%s/%s", directory, entry->d_name);
            count++;
        }
    closedir(listing);
    return count;
}

/* Blocks of 1, 2, 3 ... items, each of three bytes that name it. */
static void write_blocks(unsigned blocks)
{
    struct tb_part_writer *writer;
    unsigned item = 0;
    assert_int_equal(tb_part_begin(directory, KEY, &writer, NULL), TB_OK);
    for (unsigned i = 1; i <= blocks; i++) {
        char text[1024] = "";
        size_t size = 0;
        for (unsigned j = 0; j < i; j++)
            size += (size_t)snprintf(text + size, sizeof text - size, "%03u", item++);
        assert_int_equal(tb_part_put(writer, i, text, size, NULL), TB_OK);
    }
    assert_int_equal(tb_part_end(writer, NULL), TB_OK);
}

static void blocks_are_read_and_left_out(void **state)
{
    (void)state;
    char file[400];
    for (unsigned left_out = 0; left_out <= 21; left_out++) {
        struct tb_part_reader *reader;
        struct tb_buffer block = {0};
        uint64_t items;
        unsigned item = 0;
        write_blocks(20);
        assert_int_equal(count_files(file), 1);
        assert_true(tb_part_exists(directory, KEY));
        assert_int_equal(tb_part_open(directory, KEY, &reader, NULL), TB_OK);
        for (unsigned i = 1; i <= 20; i++, item += i - 1) {
            assert_int_equal(tb_part_look(reader, &items, NULL), TB_OK);
            assert_int_equal(tb_part_look(reader, &items, NULL), TB_OK);
            assert_int_equal(items, i);
            if (i == left_out) {
                tb_part_skip(reader);
                continue;
            }
            char first[4];
            snprintf(first, sizeof first, "%03u", item);
            assert_int_equal(tb_part_take(reader, &block, NULL), TB_OK);
            assert_int_equal(block.size, 3 * i);
            assert_memory_equal(block.data, first, 3);
        }
        assert_int_equal(tb_part_look(reader, &items, NULL), TB_END);
        tb_buffer_free(&block);
        tb_part_close(reader);
    }
}

static void a_part_may_have_no_blocks(void **state)
{
    (void)state;
    struct tb_part_reader *reader;
    uint64_t items;
    write_blocks(0);
    assert_true(tb_part_exists(directory, KEY));
    assert_int_equal(tb_part_open(directory, KEY, &reader, NULL), TB_OK);
    assert_int_equal(tb_part_look(reader, &items, NULL), TB_END);
    tb_part_close(reader);
    assert_int_equal(tb_part_open(directory, "another key", &reader, NULL), TB_NOT_FOUND);
}

static void nobody_sees_a_part_before_its_end(void **state)
{
    (void)state;
    struct tb_part_writer *writer;
    struct tb_part_reader *reader;
    char file[400];
    assert_int_equal(tb_part_begin(directory, KEY, &writer, NULL), TB_OK);
    assert_int_equal(tb_part_put(writer, 1, "x", 1, NULL), TB_OK);
    assert_false(tb_part_exists(directory, KEY));
    assert_int_equal(tb_part_open(directory, KEY, &reader, NULL), TB_NOT_FOUND);
    tb_part_abandon(writer);
    tb_part_abandon(NULL);
    assert_int_equal(count_files(file), 0);
}

/* Reads all; what came of it. */
static enum tb_status read_all(void)
{
    struct tb_part_reader *reader;
    struct tb_buffer block = {0};
    uint64_t items;
    enum tb_status status = tb_part_open(directory, KEY, &reader, NULL);
    if (status != TB_OK)
        return status;
    while ((status = tb_part_look(reader, &items, NULL)) == TB_OK)
        if ((status = tb_part_take(reader, &block, NULL)) != TB_OK)
            break;
    tb_buffer_free(&block);
    tb_part_close(reader);
    return status;
}

static void a_change_of_any_byte_is_noticed(void **state)
{
    (void)state;
    char path[400];
    struct stat about;
    write_blocks(4);
    assert_int_equal(count_files(path), 1);
    assert_int_equal(stat(path, &about), 0);
    const int file = open(path, O_RDWR);
    for (off_t at = 0; at < about.st_size; at++) {
        uint8_t byte, changed;
        assert_int_equal(pread(file, &byte, 1, at), 1);
        changed = byte ^ 0x41;
        assert_int_equal(pwrite(file, &changed, 1, at), 1);
        assert_false(tb_part_exists(directory, KEY));
        if (read_all() == TB_END)
            fail_msg("byte %lld was changed and nobody noticed", (long long)at);
        assert_int_equal(pwrite(file, &byte, 1, at), 1);
    }
    assert_int_equal(read_all(), TB_END);
    assert_int_equal(ftruncate(file, about.st_size - 1), 0);
    assert_int_equal(read_all(), TB_NOT_FOUND);
    close(file);
}

static void a_disk_that_is_full_leaves_nothing(void **state)
{
    (void)state;
    static const char many[2000];
    struct rlimit before, small;
    struct tb_part_writer *writer;
    struct tb_error error;
    char file[400];
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 1000;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(tb_part_begin(directory, KEY, &writer, NULL), TB_OK);
    setrlimit(RLIMIT_FSIZE, &small);
    const enum tb_status status = tb_part_put(writer, 1, many, sizeof many, &error);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(status, TB_INPUT_OUTPUT);
    assert_non_null(strstr(error.text, directory));
    tb_part_abandon(writer);
    assert_int_equal(count_files(file), 0);
    char absent[80];
    strcat(strcpy(absent, directory), "/absent");
    assert_int_equal(tb_part_begin(absent, KEY, &writer, &error), TB_INPUT_OUTPUT);
}

#define FACT(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FACT(blocks_are_read_and_left_out),       FACT(a_part_may_have_no_blocks),
        FACT(nobody_sees_a_part_before_its_end),  FACT(a_change_of_any_byte_is_noticed),
        FACT(a_disk_that_is_full_leaves_nothing),
    };
    return cmocka_run_group_tests_name("blocks of parts", tests, NULL, NULL);
}
