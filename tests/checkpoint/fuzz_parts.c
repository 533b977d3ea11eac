/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: any bytes as a volume of parts, which damage and other versions of the program make. As digests stand in
 * it, which random bytes never have, the input is taken twice: as it is, and between parts that were written as they should
 * be, the first of which it may overwrite. What is whole is found and read, and nothing else. */
#include <string.h>

#include "checkpoint/volume.h"
#include "fixtures/fuzzed_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

struct found {
    const char *path;
    uint64_t end; /* of the one before */
    size_t whole;
};

/* Whatever key stands there: of these. */
static const char *const keys[] = {"first", "second", ""};
enum { KEYS = sizeof keys / sizeof keys[0] };

static bool take(void *context, struct tb_key key, uint64_t offset)
{
    struct found *const found = context;
    (void)key;
    require(offset >= found->end);
    found->end = offset + 1;
    for (size_t i = 0; i < KEYS; i++) {
        struct tb_buffer content = {0};
        const enum tb_status status = tb_volume_read(found->path, offset, keys[i], &content, NULL);
        require((status == TB_OK) == tb_volume_holds(found->path, offset, keys[i]));
        found->whole += status == TB_OK;
        tb_buffer_free(&content);
    }
    return true;
}

static size_t search(const char *path)
{
    struct found found = {.path = path};
    require(tb_volume_search(path, take, &found, NULL) == TB_OK);
    return found.whole;
}

static void append(const char *path, uint64_t *size, const char *key, const uint8_t *data, size_t count)
{
    struct tb_buffer content = {0};
    const int file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    tb_buffer_put(&content, data, count);
    require(file >= 0 && tb_volume_append(file, path, size, key, &content, NULL) == TB_OK);
    close(file);
    tb_buffer_free(&content);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)search(fuzzed_file(data, size));
    const char *const path = fuzzed_file(NULL, 0);
    uint64_t end = 0;
    append(path, &end, keys[0], data, size / 2);
    const size_t spoilt = size > 2 ? data[0] + (size_t)256 * data[1] : 0;
    const int file = open(path, O_WRONLY | O_CLOEXEC);
    require(file >= 0 && (size <= 2 || pwrite(file, data + 2, size - 2, (off_t)(spoilt % end)) == (ssize_t)(size - 2)));
    require(lseek(file, 0, SEEK_END) >= 0);
    end = (uint64_t)lseek(file, 0, SEEK_END);
    close(file);
    append(path, &end, keys[1], data, size);
    (void)search(path);
    /* The last is whole, but where what stands before it swallows it. */
    require(tb_volume_holds(path, end - size - strlen(keys[1]) - 56, keys[1]));
    return 0;
}
