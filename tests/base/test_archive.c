/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One description writes and reads; what was not written by it is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "twinbed/base/archive.h"

enum colour { RED, GREEN, BLUE };

enum { ITEM_LEAST = 1 + 8 };

struct item {
    char name[8];
    double weight;
};

struct thing {
    uint8_t byte;
    uint16_t port;
    uint32_t number;
    uint64_t wide, other;
    int64_t signed_number;
    double real, more;
    bool flag, first, second;
    size_t place, nowhere;
    enum colour colour;
    uint8_t raw[3];
    char *text;
    char field[6];
    uint64_t small, large, largest;
    struct item *items;
    size_t item_count;
};

static void describe_item(struct tb_archive *archive, struct item *item)
{
    tb_archive_short_text(archive, item->name, sizeof item->name);
    tb_archive_f64(archive, &item->weight);
}

static void describe_thing(struct tb_archive *archive, struct thing *thing)
{
    tb_archive_u8(archive, &thing->byte);
    tb_archive_u16(archive, &thing->port);
    tb_archive_u32(archive, &thing->number);
    TB_ARCHIVE_U64S(archive, &thing->wide, &thing->other);
    tb_archive_i64(archive, &thing->signed_number);
    TB_ARCHIVE_F64S(archive, &thing->real, &thing->more);
    tb_archive_bool(archive, &thing->flag);
    TB_ARCHIVE_FLAGS(archive, &thing->first, &thing->second);
    tb_archive_size(archive, &thing->place);
    tb_archive_size(archive, &thing->nowhere);
    tb_archive_enum(archive, &thing->colour, BLUE + 1);
    tb_archive_bytes(archive, thing->raw, sizeof thing->raw);
    tb_archive_text(archive, &thing->text);
    tb_archive_text_field(archive, thing->field, sizeof thing->field);
    TB_ARCHIVE_LEB128S(archive, &thing->small, &thing->large, &thing->largest);
    tb_archive_array(archive, &thing->items, &thing->item_count, sizeof *thing->items, ITEM_LEAST);
    for (size_t i = 0; i < thing->item_count && !archive->failed; i++)
        describe_item(archive, &thing->items[i]);
}

static void free_thing(struct thing *thing)
{
    free(thing->text);
    free(thing->items);
    *thing = (struct thing){0};
}

static struct tb_buffer write_thing(const struct thing *thing)
{
    struct tb_buffer buffer = {0};
    struct tb_archive archive = tb_archive_writer(&buffer);
    struct thing copy = *thing;
    describe_thing(&archive, &copy);
    assert_false(archive.failed || buffer.failed);
    return buffer;
}

static bool read_thing(struct thing *thing, const void *data, size_t size, size_t *left)
{
    struct tb_bytes bytes = tb_bytes_packed(data, size);
    struct tb_archive archive = tb_archive_reader(&bytes);
    describe_thing(&archive, thing);
    const bool read = tb_archive_end(&archive, &bytes);
    *left = bytes.left;
    return read;
}

static struct item some_items[] = {{"one", 1.5}, {"", -0.0}};
static char some_text[] = "some text";

static const struct thing EXAMPLE = {.byte = 0xfe,
                                     .port = 0xfedc,
                                     .number = 0xfedcba98,
                                     .wide = UINT64_C(0xfedcba9876543210),
                                     .other = 7,
                                     .signed_number = INT64_MIN,
                                     .real = 0.1,
                                     .more = -1e300,
                                     .flag = true,
                                     .second = true,
                                     .place = 5,
                                     .nowhere = SIZE_MAX,
                                     .colour = BLUE,
                                     .raw = {1, 0, 3},
                                     .text = some_text,
                                     .field = "field",
                                     .small = 0x7f,
                                     .large = 0x80,
                                     .largest = UINT64_MAX,
                                     .items = some_items,
                                     .item_count = 2};

static void what_is_written_comes_back(void **state)
{
    (void)state;
    struct tb_buffer buffer = write_thing(&EXAMPLE);
    struct thing read = {0};
    size_t left;
    assert_true(read_thing(&read, buffer.data, buffer.size, &left));
    assert_int_equal(left, 0);
    struct tb_buffer again = write_thing(&read);
    assert_int_equal(again.size, buffer.size);
    assert_memory_equal(again.data, buffer.data, buffer.size);
    assert_int_equal(read.largest, UINT64_MAX);
    assert_int_equal(read.nowhere, SIZE_MAX);
    assert_int_equal(read.colour, BLUE);
    assert_false(read.first);
    assert_true(read.second);
    assert_string_equal(read.text, some_text);
    assert_string_equal(read.items[0].name, "one");
    free_thing(&read);
    tb_buffer_free(&again);
    tb_buffer_free(&buffer);
}

static void nothing_and_empty_are_told_apart_by_nobody(void **state)
{
    (void)state;
    const struct thing nothing = {0};
    struct tb_buffer buffer = write_thing(&nothing);
    struct thing read = {0};
    size_t left;
    assert_true(read_thing(&read, buffer.data, buffer.size, &left));
    assert_string_equal(read.text, "");
    assert_non_null(read.items); /* so that nobody has to ask */
    assert_int_equal(read.item_count, 0);
    free_thing(&read);
    tb_buffer_free(&buffer);
}

/* Cut at any byte; of memory of just that size, so that a sanitizer sees what reads behind it. */
static void what_is_cut_off_fails_and_moves_nothing(void **state)
{
    (void)state;
    struct tb_buffer buffer = write_thing(&EXAMPLE);
    for (size_t size = 0; size < buffer.size; size++) {
        uint8_t *const cut = malloc(size + 1);
        struct thing read = {0};
        size_t left;
        assert_non_null(cut);
        memcpy(cut + 1, buffer.data, size);
        assert_false(read_thing(&read, cut + 1, size, &left));
        assert_int_equal(left, size);
        free_thing(&read);
        free(cut);
    }
    tb_buffer_free(&buffer);
}

static void whatever_a_byte_says_nothing_is_read_beyond(void **state)
{
    (void)state;
    struct tb_buffer buffer = write_thing(&EXAMPLE);
    for (size_t at = 0; at < buffer.size; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            struct thing read = {0};
            size_t left;
            buffer.data[at] ^= (uint8_t)(1u << bit);
            (void)read_thing(&read, buffer.data, buffer.size, &left);
            assert_true(left <= buffer.size);
            free_thing(&read);
            buffer.data[at] ^= (uint8_t)(1u << bit);
        }
    tb_buffer_free(&buffer);
}

/* --- single things that nobody writes --- */

static void of_bool(struct tb_archive *archive)
{
    bool value = false;
    tb_archive_bool(archive, &value);
    assert_int_equal(value, !archive->failed);
}

static void of_flags(struct tb_archive *archive)
{
    bool one = false, other = false;
    TB_ARCHIVE_FLAGS(archive, &one, &other);
}

static void of_enum(struct tb_archive *archive)
{
    enum colour colour = GREEN;
    tb_archive_enum(archive, &colour, BLUE + 1);
    assert_true(colour <= BLUE);
}

static void of_leb128(struct tb_archive *archive)
{
    uint64_t value = 0;
    tb_archive_leb128(archive, &value);
}

static void of_text(struct tb_archive *archive)
{
    char *text = NULL;
    tb_archive_text(archive, &text);
    assert_true((text == NULL) == archive->failed);
    free(text);
}

static void of_field(struct tb_archive *archive)
{
    char field[4] = "";
    tb_archive_text_field(archive, field, sizeof field);
}

static void of_short(struct tb_archive *archive)
{
    char field[4] = "";
    tb_archive_short_text(archive, field, sizeof field);
}

static void of_array(struct tb_archive *archive)
{
    uint16_t *items = NULL;
    size_t count = 0;
    tb_archive_array(archive, &items, &count, sizeof *items, 2);
    assert_true(archive->failed ? items == NULL && count == 0 : items != NULL);
    free(items);
}

static void of_required(struct tb_archive *archive)
{
    uint8_t value = 0;
    tb_archive_u8(archive, &value);
    tb_archive_require(archive, value < 3);
}

#define BYTES(text) (text), sizeof(text) - 1

static const struct {
    const char *what;
    void (*describe)(struct tb_archive *archive);
    const char *bytes;
    size_t size;
    bool good;
} FACTS[] = {
    {"true", of_bool, BYTES("\1"), true},
    {"neither true nor false", of_bool, BYTES("\2"), false},
    {"two flags", of_flags, BYTES("\3"), true},
    {"a third flag of two", of_flags, BYTES("\4"), false},
    {"the last of an enum", of_enum, BYTES("\2"), true},
    {"out of an enum's range", of_enum, BYTES("\3"), false},
    {"the largest integer", of_leb128, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"), true},
    {"one above it", of_leb128, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\2"), false},
    {"an integer without end", of_leb128, BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\1"), false},
    {"a text", of_text, BYTES("\2\0\0\0ab"), true},
    {"a text longer than what is there", of_text, BYTES("\3\0\0\0ab"), false},
    {"a text as long as can be said", of_text, BYTES("\xff\xff\xff\xff\x61"), false},
    {"a text with NUL", of_text, BYTES("\2\0\0\0a\0"), false},
    {"a text that fits", of_field, BYTES("\3\0\0\0abc"), true},
    {"a text without room for NUL", of_field, BYTES("\4\0\0\0abcd"), false},
    {"a short text that fits", of_short, BYTES("\3abc"), true},
    {"a short text without room for NUL", of_short, BYTES("\4abcd"), false},
    {"a short text with NUL", of_short, BYTES("\2a\0"), false},
    {"a count of all that is there", of_array, BYTES("\2\0\0\0\0\0\0\0aabb"), true},
    {"a count of more", of_array, BYTES("\3\0\0\0\0\0\0\0aabb"), false},
    {"a count whose size overflows", of_array, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\x61"), false},
    {"a value in range", of_required, BYTES("\2"), true},
    {"a value out of range", of_required, BYTES("\3"), false},
};

static void only_what_is_written_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof FACTS / sizeof FACTS[0]; i++) {
        struct tb_bytes bytes = tb_bytes_packed(FACTS[i].bytes, FACTS[i].size);
        struct tb_archive archive = tb_archive_reader(&bytes);
        FACTS[i].describe(&archive);
        if (archive.failed == FACTS[i].good)
            fail_msg("%s was %s", FACTS[i].what, archive.failed ? "refused" : "read");
    }
}

static void after_a_failure_fields_keep_what_they_hold(void **state)
{
    (void)state;
    static const uint8_t data[64] = {0};
    struct tb_bytes bytes = tb_bytes_packed(data, sizeof data);
    struct tb_archive archive = tb_archive_reader(&bytes);
    struct thing thing;
    memcpy(&thing, &EXAMPLE, sizeof thing); /* padding too */
    tb_archive_require(&archive, false);
    describe_thing(&archive, &thing);
    assert_memory_equal(&thing, &EXAMPLE, sizeof thing);
    assert_false(tb_archive_end(&archive, &bytes));
    assert_int_equal(bytes.left, sizeof data);
}

static void writing_requires_nothing(void **state)
{
    (void)state;
    struct tb_buffer buffer = {0};
    struct tb_archive archive = tb_archive_writer(&buffer);
    tb_archive_require(&archive, false);
    assert_false(archive.failed);
    tb_buffer_free(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_comes_back),
        cmocka_unit_test(nothing_and_empty_are_told_apart_by_nobody),
        cmocka_unit_test(what_is_cut_off_fails_and_moves_nothing),
        cmocka_unit_test(whatever_a_byte_says_nothing_is_read_beyond),
        cmocka_unit_test(only_what_is_written_is_read),
        cmocka_unit_test(after_a_failure_fields_keep_what_they_hold),
        cmocka_unit_test(writing_requires_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
