/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "deflate_codes.h"

#include <string.h>

enum { CODE_MOST = 15, SYMBOLS_MOST = 288, END_OF_BLOCK = 256, FIRST_LENGTH = 257, LENGTHS = 29, DISTANCES = 30 };

/* RFC 1951, 3.2.5 */
static const uint16_t length_base[LENGTHS] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                              31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
static const uint8_t length_extra[LENGTHS] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                              2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
static const uint16_t distance_base[DISTANCES] = {1,    2,    3,    4,    5,    7,    9,    13,    17,    25,
                                                  33,   49,   65,   97,   129,  193,  257,  385,   513,   769,
                                                  1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
static const uint8_t distance_extra[DISTANCES] = {0, 0, 0, 0, 1, 1, 2, 2,  3,  3,  4,  4,  5,  5,  6,
                                                  6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13};

static uint32_t make_entry(enum code_kind kind, unsigned length, unsigned extra, unsigned value)
{
    return (length + extra) | length << 8 | (uint32_t)kind << 13 | value << 16;
}

static uint32_t literal_entry(unsigned symbol, unsigned length)
{
    if (symbol < END_OF_BLOCK)
        return make_entry(CODE_LITERAL, length, 0, symbol);
    if (symbol == END_OF_BLOCK || symbol >= FIRST_LENGTH + LENGTHS)
        return make_entry(CODE_OTHER, length, 0, symbol == END_OF_BLOCK);
    return make_entry(CODE_BASE, length, length_extra[symbol - FIRST_LENGTH], length_base[symbol - FIRST_LENGTH]);
}

static uint32_t distance_entry(unsigned symbol, unsigned length)
{
    if (symbol >= DISTANCES)
        return make_entry(CODE_OTHER, length, 0, 0);
    return make_entry(CODE_BASE, length, distance_extra[symbol], distance_base[symbol]);
}

/* A table on its way. */
struct table {
    uint32_t *entries;
    unsigned bits;
    uint32_t *long_entries;
    unsigned long_most, long_count;
    uint32_t (*entry_of)(unsigned symbol, unsigned length);
    unsigned counts[CODE_MOST + 1]; /* of codes, by length */
    unsigned used;                  /* codes in all */
    uint16_t symbols[SYMBOLS_MOST]; /* in the order of their codes */
    unsigned prefix;                /* first bits of the long codes that are being entered */
    unsigned long_bits, long_begin; /* of these */
};

/* All codes there can be, or one of one bit, or none. */
static bool count_codes(struct table *table, const uint8_t *lengths, unsigned count)
{
    memset(table->counts, 0, sizeof table->counts);
    for (unsigned i = 0; i < count; i++)
        table->counts[lengths[i]]++;
    table->used = count - table->counts[0];
    table->counts[0] = 0;
    int left = 1;
    for (unsigned length = 1; length <= CODE_MOST; length++) {
        left = 2 * left - (int)table->counts[length];
        if (left < 0)
            return false;
    }
    return left == 0 || table->used == 0 || (table->used == 1 && table->counts[1] == 1);
}

static void order_symbols(struct table *table, const uint8_t *lengths, unsigned count)
{
    unsigned next[CODE_MOST + 1], at = 0;
    for (unsigned length = 1; length <= CODE_MOST; length++) {
        next[length] = at;
        at += table->counts[length];
    }
    for (unsigned i = 0; i < count; i++)
        if (lengths[i] != 0)
            table->symbols[next[lengths[i]]++] = (uint16_t)i;
}

/* As the bits of a code come: its first one lowest. */
static unsigned reversed(unsigned code, unsigned length)
{
    unsigned bits = 0;
    for (unsigned i = 0; i < length; i++)
        bits |= (code >> i & 1) << (length - 1 - i);
    return bits;
}

/* Room for the codes that begin with the same bits, of which some have the length, and others may be longer. */
static bool begin_long(struct table *table, unsigned prefix, unsigned length, unsigned with_length)
{
    table->prefix = prefix;
    table->long_bits = length - table->bits;
    for (unsigned slots = with_length; table->bits + table->long_bits < CODE_MOST && slots < 1u << table->long_bits;) {
        table->long_bits++;
        slots = 2 * slots + table->counts[table->bits + table->long_bits];
    }
    table->long_begin = table->long_count;
    table->long_count += 1u << table->long_bits;
    if (table->long_count > table->long_most)
        return false;
    table->entries[prefix] = make_entry(CODE_LONG, table->long_bits, 0, table->long_begin);
    return true;
}

static bool enter_code(struct table *table, unsigned code, unsigned length, unsigned with_length, unsigned symbol)
{
    const uint32_t entry = table->entry_of(symbol, length);
    const unsigned bits = reversed(code, length), prefix = bits & ((1u << table->bits) - 1);
    if (length <= table->bits) {
        for (unsigned i = bits; i < 1u << table->bits; i += 1u << length)
            table->entries[i] = entry;
        return true;
    }
    if (prefix != table->prefix && !begin_long(table, prefix, length, with_length))
        return false;
    for (unsigned i = bits >> table->bits; i < 1u << table->long_bits; i += 1u << (length - table->bits))
        table->long_entries[table->long_begin + i] = entry;
    return true;
}

static bool make_table(struct table *table, const uint8_t *lengths, unsigned count)
{
    if (!count_codes(table, lengths, count))
        return false;
    order_symbols(table, lengths, count);
    table->prefix = UINT32_MAX;
    if (table->used < 2)
        for (unsigned i = 0; i < 1u << table->bits; i++)
            table->entries[i] = make_entry(CODE_OTHER, 1, 0, 0);
    unsigned code = 0, length = 0, left = 0;
    for (unsigned i = 0; i < table->used; i++, code++, left--) {
        const unsigned symbol = table->symbols[i];
        if (lengths[symbol] != length) {
            code <<= lengths[symbol] - length;
            length = lengths[symbol];
            left = table->counts[length];
        }
        if (!enter_code(table, code, length, left, symbol))
            return false;
    }
    return true;
}

/* Where the bits behind a literal hold another one, both are one entry. From above, so that what lies behind is single. */
static void join_literals(uint32_t *entries)
{
    for (unsigned i = 1 << TB_LITERAL_BITS; i-- > 0;) {
        const uint32_t first = entries[i], second = entries[i >> code_length(first)];
        const unsigned both = code_taken(first) + code_taken(second);
        if (code_kind(first) == CODE_LITERAL && code_kind(second) == CODE_LITERAL && !code_is_two(second) &&
            both <= TB_LITERAL_BITS)
            entries[i] = (first & 0xffff00) | both | 1u << 15 | code_value(second) << 24;
    }
}

bool tb_codes_of_literals(struct tb_codes *codes, const uint8_t *lengths, unsigned count)
{
    struct table table = {.entries = codes->literals,
                          .bits = TB_LITERAL_BITS,
                          .long_entries = codes->literals_long,
                          .long_most = TB_LITERALS_LONG,
                          .entry_of = literal_entry};
    if (!make_table(&table, lengths, count))
        return false;
    join_literals(codes->literals);
    return true;
}

bool tb_codes_of_distances(struct tb_codes *codes, const uint8_t *lengths, unsigned count)
{
    struct table table = {.entries = codes->distances,
                          .bits = TB_DISTANCE_BITS,
                          .long_entries = codes->distances_long,
                          .long_most = TB_DISTANCES_LONG,
                          .entry_of = distance_entry};
    return make_table(&table, lengths, count);
}

/* RFC 1951, 3.2.6 */
void tb_codes_fixed(struct tb_codes *codes)
{
    enum { SHORT = 256, SHORT_END = 280, LONG = 144, FIXED_DISTANCES = 32, DISTANCE_LENGTH = 5 };
    uint8_t lengths[SYMBOLS_MOST];
    for (unsigned i = 0; i < SYMBOLS_MOST; i++)
        lengths[i] = i < LONG || i >= SHORT_END ? 8 : i < SHORT ? 9 : 7;
    (void)tb_codes_of_literals(codes, lengths, SYMBOLS_MOST);
    memset(lengths, DISTANCE_LENGTH, FIXED_DISTANCES);
    (void)tb_codes_of_distances(codes, lengths, FIXED_DISTANCES);
}
