/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Digests against the definition, by one call of the library over what it names. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <cmocka.h>

#include "twinbed/io/digest.h"

static char directory[] = "twinbed-digest-XXXXXX";
static char path[sizeof directory + 16];

enum { SPAN = 65536, LARGEST = 300000 };

static uint8_t bytes[LARGEST];

static void write_bytes(size_t size)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static const char *digest_of_file(void)
{
    static char digest[TB_DIGEST_TEXT_SIZE];
    struct tb_error error = {.text = ""};
    if (tb_file_digest(path, digest, &error) != TB_OK)
        fail_msg("%s", error.text);
    return digest;
}

/* The size, the first 64 KiB, and what of the last 64 KiB is not among them. */
static const char *digest_by_definition(size_t size)
{
    static char digest[TB_DIGEST_TEXT_SIZE];
    static uint8_t joined[8 + 2 * SPAN];
    const size_t first = size < SPAN ? size : SPAN;
    const size_t last = size - first < SPAN ? size - first : SPAN;
    for (unsigned i = 0; i < 8; i++)
        joined[i] = (uint8_t)((uint64_t)size >> (8 * i));
    memcpy(joined + 8, bytes, first);
    memcpy(joined + 8 + first, bytes + size - last, last);
    const XXH128_hash_t hash = XXH3_128bits(joined, 8 + first + last);
    snprintf(digest, sizeof digest, "%016" PRIx64 "%016" PRIx64, (uint64_t)hash.high64, (uint64_t)hash.low64);
    return digest;
}

static void files_of_every_size_have_the_defined_digest(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 1000, SPAN - 1, SPAN, SPAN + 1, 2 * SPAN - 1, 2 * SPAN, 2 * SPAN + 1, LARGEST};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        write_bytes(sizes[i]);
        assert_string_equal(digest_of_file(), digest_by_definition(sizes[i]));
    }
}

/* Which bytes of a file of LARGEST bytes it looks at. */
static void the_ends_are_looked_at_and_the_middle_is_not(void **state)
{
    (void)state;
    static const struct {
        size_t offset;
        bool seen;
    } changes[] = {
        {0, true},          {SPAN - 1, true}, {SPAN, false}, {LARGEST - SPAN - 1, false}, {LARGEST - SPAN, true},
        {LARGEST - 1, true}};
    char before[TB_DIGEST_TEXT_SIZE];
    write_bytes(LARGEST);
    strcpy(before, digest_of_file());
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        bytes[changes[i].offset] ^= 1;
        write_bytes(LARGEST);
        assert_int_equal(strcmp(digest_of_file(), before) != 0, changes[i].seen);
        bytes[changes[i].offset] ^= 1;
    }
}

static void what_is_no_file_has_none(void **state)
{
    (void)state;
    char digest[TB_DIGEST_TEXT_SIZE];
    struct tb_error error;
    assert_int_equal(tb_file_digest(directory, digest, &error), TB_UNSUPPORTED);
    assert_int_equal(tb_file_digest("/nowhere/at/all", digest, &error), TB_NOT_FOUND);
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0); /* nobody writes: this must not wait */
    assert_int_equal(tb_file_digest(path, digest, &error), TB_UNSUPPORTED);
}

static int leave(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_every_size_have_the_defined_digest),
        cmocka_unit_test(the_ends_are_looked_at_and_the_middle_is_not),
        cmocka_unit_test(what_is_no_file_has_none),
    };
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 2654435761u >> 13);
    if (mkdtemp(directory) == NULL)
        return 1;
    snprintf(path, sizeof path, "%s/file", directory);
    return cmocka_run_group_tests(tests, NULL, leave);
}
