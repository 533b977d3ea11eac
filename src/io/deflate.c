/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "deflate.h"

#include <string.h>

#include "deflate_codes.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

void tb_bits_start(struct tb_bits *bits, const uint8_t *data, unsigned bit)
{
    bits->held = (uint64_t)data[0] >> bit;
    bits->count = 8 - bit;
    bits->next = data + 1;
}

/* --- headers ---------------------------------------------------------------- */

static unsigned take_number(struct tb_bits *bits, unsigned count)
{
    tb_bits_fill(bits);
    const unsigned number = (unsigned)(bits->held & ((1u << count) - 1));
    tb_bits_take(bits, count);
    return number;
}

enum { SMALL_CODES = 19, SMALL_MOST = 7 };

/* The code by which lengths of codes are told: its lengths are of three bits each, and it leaves nothing over. */
static bool make_small_code(const uint8_t *lengths, uint8_t *entries)
{
    enum { SLOTS = 1 << SMALL_MOST };
    unsigned slot = 0;
    for (unsigned length = 1; length <= SMALL_MOST; length++)
        for (unsigned symbol = 0; symbol < SMALL_CODES; symbol++) {
            if (lengths[symbol] != length)
                continue;
            if (slot >= SLOTS)
                return false;
            unsigned first = 0;
            for (unsigned i = 0; i < SMALL_MOST; i++)
                first |= (slot >> i & 1) << (SMALL_MOST - 1 - i);
            for (unsigned i = first; i < SLOTS; i += 1u << length)
                entries[i] = (uint8_t)(symbol << 3 | length);
            slot += SLOTS >> length;
        }
    return slot == SLOTS;
}

/* Lengths of all codes of a block, which are told by another code. */
static bool read_lengths(struct tb_bits *bits, const uint8_t *end, const uint8_t *small, uint8_t *lengths,
                         unsigned count)
{
    enum { AGAIN = 16, ZEROS = 17, MANY_ZEROS = 18 };
    for (unsigned at = 0; at < count;) {
        if (bits->next > end + 8)
            return false;
        tb_bits_fill(bits);
        const unsigned entry = small[bits->held & ((1u << SMALL_MOST) - 1)], symbol = entry >> 3;
        tb_bits_take(bits, entry & 7);
        if (symbol < AGAIN) {
            lengths[at++] = (uint8_t)symbol;
            continue;
        }
        if (symbol == AGAIN && at == 0)
            return false;
        const int value = symbol == AGAIN ? lengths[at - 1] : 0;
        const unsigned times = symbol == AGAIN   ? 3 + take_number(bits, 2)
                               : symbol == ZEROS ? 3 + take_number(bits, 3)
                                                 : 11 + take_number(bits, 7);
        if (times > count - at)
            return false;
        memset(lengths + at, value, times);
        at += times;
    }
    return true;
}

/* RFC 1951, 3.2.7 */
static bool read_codes(struct tb_bits *bits, const uint8_t *end, struct tb_codes *codes)
{
    enum { LITERALS_MOST = 286, DISTANCES_MOST = 30, END_OF_BLOCK = 256 };
    static const uint8_t order[SMALL_CODES] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    const unsigned literals = take_number(bits, 5) + 257, distances = take_number(bits, 5) + 1;
    const unsigned told = take_number(bits, 4) + 4;
    uint8_t small_lengths[SMALL_CODES] = {0}, small[1 << SMALL_MOST], lengths[LITERALS_MOST + DISTANCES_MOST];
    if (literals > LITERALS_MOST || distances > DISTANCES_MOST)
        return false;
    for (unsigned i = 0; i < told; i++)
        small_lengths[order[i]] = (uint8_t)take_number(bits, 3);
    return make_small_code(small_lengths, small) && read_lengths(bits, end, small, lengths, literals + distances) &&
           lengths[END_OF_BLOCK] != 0 && tb_codes_of_literals(codes, lengths, literals) &&
           tb_codes_of_distances(codes, lengths + literals, distances);
}

enum tb_block_kind tb_deflate_header(struct tb_bits *bits, const uint8_t *end, struct tb_codes *codes, bool *final)
{
    enum { STORED, FIXED, OWN };
    *final = take_number(bits, 1) != 0;
    const unsigned type = take_number(bits, 2);
    if (type == STORED)
        return TB_BLOCK_STORED;
    if (type == FIXED)
        tb_codes_fixed(codes);
    return type == FIXED || (type == OWN && read_codes(bits, end, codes)) ? TB_BLOCK_CODED : TB_BLOCK_BROKEN;
}

/* --- symbols ---------------------------------------------------------------- */

/* One or two literals; the second is written in any case. */
ALWAYS_INLINE uint8_t *put_literals(uint8_t *next, uint32_t entry, unsigned width)
{
    const uint16_t literals[2] = {(uint16_t)(entry >> 16 & 255), (uint16_t)(entry >> 24)};
    if (width == 1) {
        next[0] = (uint8_t)literals[0];
        next[1] = (uint8_t)literals[1];
    } else {
        memcpy(next, literals, sizeof literals);
    }
    return next + (code_is_two(entry) ? 2 * width : width);
}

/* All sizes in bytes. What is copied may be what the copy itself has written; up to 31 bytes more are written. */
ALWAYS_INLINE uint8_t *put_copy(uint8_t *next, size_t distance, size_t size, unsigned width)
{
    enum { STEP = 16, HALF = 8 };
    const uint8_t *from = next - distance;
    uint8_t *const end = next + size;
    if (__builtin_expect(distance >= STEP, 1)) {
        memcpy(next, from, STEP);
        memcpy(next + STEP, from + STEP, STEP);
        for (; __builtin_expect(end - next > 2 * STEP, 0); next += STEP, from += STEP)
            memcpy(next + 2 * STEP, from + 2 * STEP, STEP);
    } else if (distance >= HALF) {
        for (; next < end; next += HALF, from += HALF)
            memcpy(next, from, HALF);
    } else if (distance == 1) {
        memset(next, *from, size);
    } else {
        for (; next < end; next += width, from += width)
            memcpy(next, from, width);
    }
    return end;
}

ALWAYS_INLINE uint32_t find_literal(const struct tb_codes *codes, const struct tb_bits *bits)
{
    return codes->literals[bits->held & ((1u << TB_LITERAL_BITS) - 1)];
}

ALWAYS_INLINE uint32_t find_long(const uint32_t *entries, uint32_t entry, uint64_t held, unsigned first_bits)
{
    return entries[code_value(entry) + (held >> first_bits & ((1u << code_length(entry)) - 1))];
}

ALWAYS_INLINE uint32_t find_distance(const struct tb_codes *codes, const struct tb_bits *bits)
{
    const uint32_t entry = codes->distances[bits->held & ((1u << TB_DISTANCE_BITS) - 1)];
    return __builtin_expect(code_kind(entry) == CODE_LONG, 0)
               ? find_long(codes->distances_long, entry, bits->held, TB_DISTANCE_BITS)
               : entry;
}

/* The number that an entry's least value and the bits behind its code make. */
ALWAYS_INLINE unsigned take_base(struct tb_bits *bits, uint32_t entry)
{
    const unsigned taken = code_taken(entry);
    const unsigned number = code_value(entry) + (unsigned)((bits->held & ((1ull << taken) - 1)) >> code_length(entry));
    tb_bits_take(bits, taken);
    return number;
}

struct copy {
    size_t size, distance; /* in bytes of the output */
};

/* A length and its distance, 48 bits at most. False, with the bits at the length, when there is no such copy. */
ALWAYS_INLINE bool take_copy(const struct tb_codes *codes, struct tb_bits *bits, uint32_t entry, size_t before,
                             struct copy *copy, unsigned width)
{
    const struct tb_bits at_length = *bits;
    copy->size = (size_t)take_base(bits, entry) * width;
    const uint32_t distance_entry = find_distance(codes, bits);
    if (__builtin_expect(code_kind(distance_entry) == CODE_BASE, 1)) {
        copy->distance = (size_t)take_base(bits, distance_entry) * width;
        if (__builtin_expect(copy->distance <= before, 1))
            return true;
    }
    *bits = at_length;
    return false;
}

ALWAYS_INLINE uint32_t find_whole(const struct tb_codes *codes, const struct tb_bits *bits, uint32_t entry)
{
    return __builtin_expect(code_kind(entry) == CODE_LONG, 0)
               ? find_long(codes->literals_long, entry, bits->held, TB_LITERAL_BITS)
               : entry;
}

/* A symbol that is neither length nor usual literal. */
ALWAYS_INLINE enum tb_deflate_result take_other(struct tb_bits *bits, uint32_t entry, uint8_t **next, unsigned width)
{
    if (code_kind(entry) == CODE_OTHER && code_value(entry) == 0)
        return TB_DEFLATE_BROKEN;
    tb_bits_take(bits, code_taken(entry));
    if (code_kind(entry) == CODE_OTHER)
        return TB_DEFLATE_BLOCK_END;
    *next = put_literals(*next, entry, width);
    return TB_DEFLATE_GOES_ON;
}

/* Where all that is looked at is input for certain. What comes next is found before a copy is made, which takes time. */
ALWAYS_INLINE enum tb_deflate_result take_many(const struct tb_codes *codes, struct tb_bits *to, const uint8_t *end,
                                               struct tb_deflate_output *output, unsigned width)
{
    enum { SURE = 24, LITERALS_AT_ONCE = 3 };
    struct tb_bits bits = *to;
    uint8_t *next = output->next;
    enum tb_deflate_result result = TB_DEFLATE_GOES_ON;
    if (end - bits.next < SURE)
        return result;
    tb_bits_fill(&bits);
    uint32_t entry = find_literal(codes, &bits);
    while (end - bits.next >= SURE && next < (uint8_t *)output->end) {
        /* Three times 11 bits, and 11 to look at, of 56. */
        for (int i = 0; i < LITERALS_AT_ONCE && code_kind(entry) == CODE_LITERAL; i++) {
            next = put_literals(next, entry, width);
            tb_bits_take(&bits, code_taken(entry));
            entry = find_literal(codes, &bits);
        }
        tb_bits_fill(&bits);
        entry = find_whole(codes, &bits, entry);
        if (code_kind(entry) == CODE_LITERAL && code_length(entry) <= TB_LITERAL_BITS)
            continue;
        struct copy copy;
        if (__builtin_expect(code_kind(entry) == CODE_BASE, 1)) {
            if (!take_copy(codes, &bits, entry, (size_t)(next - (uint8_t *)output->begin), &copy, width)) {
                result = TB_DEFLATE_BROKEN;
                break;
            }
            tb_bits_fill(&bits);
            entry = find_literal(codes, &bits);
            next = put_copy(next, copy.distance, copy.size, width);
            continue;
        }
        result = take_other(&bits, entry, &next, width);
        if (result != TB_DEFLATE_GOES_ON)
            break;
        tb_bits_fill(&bits);
        entry = find_literal(codes, &bits);
    }
    *to = bits;
    output->next = next;
    return result;
}

/* A single literal of two. */
ALWAYS_INLINE uint32_t first_literal(uint32_t entry)
{
    return code_is_two(entry) ? (entry & 0xff1f00) | code_length(entry) : entry;
}

ALWAYS_INLINE enum tb_deflate_result take_one(const struct tb_codes *codes, struct tb_bits *bits,
                                              const struct tb_deflate_output *output, uint8_t **next, unsigned width)
{
    const uint32_t entry = first_literal(find_whole(codes, bits, find_literal(codes, bits)));
    struct copy copy;
    if (code_kind(entry) != CODE_BASE)
        return take_other(bits, entry, next, width);
    if (!take_copy(codes, bits, entry, (size_t)(*next - (uint8_t *)output->begin), &copy, width))
        return TB_DEFLATE_BROKEN;
    *next = put_copy(*next, copy.distance, copy.size, width);
    return TB_DEFLATE_GOES_ON;
}

/* One after another, as long as they end in the input: what stands behind it is zero. What is no symbol there may only lack
 * the bits that make it one. */
ALWAYS_INLINE enum tb_deflate_result take_last(const struct tb_codes *codes, struct tb_bits *bits, const uint8_t *end,
                                               struct tb_deflate_output *output, unsigned width)
{
    enum { LONGEST_SYMBOL = 48 };
    enum tb_deflate_result result = TB_DEFLATE_GOES_ON;
    while (result == TB_DEFLATE_GOES_ON && output->next < output->end) {
        tb_bits_fill(bits);
        struct tb_bits behind = *bits;
        uint8_t *next = output->next;
        result = take_one(codes, &behind, output, &next, width);
        const int64_t left = -(int64_t)tb_bits_position(&behind, end);
        if (left < 0 || (result == TB_DEFLATE_BROKEN && left < LONGEST_SYMBOL))
            return TB_DEFLATE_GOES_ON;
        *bits = behind;
        output->next = next;
    }
    return result;
}

ALWAYS_INLINE enum tb_deflate_result take_symbols(const struct tb_codes *codes, struct tb_bits *bits,
                                                  const uint8_t *end, bool last, struct tb_deflate_output *output,
                                                  unsigned width)
{
    const enum tb_deflate_result result = take_many(codes, bits, end, output, width);
    return last && result == TB_DEFLATE_GOES_ON ? take_last(codes, bits, end, output, width) : result;
}

/* Shifts by any count take one instruction on processors that have these. */
#if defined __x86_64__ && defined __OPTIMIZE__ && !defined __clang__ && !defined __SANITIZE_ADDRESS__
#define FOR_NEWER_PROCESSORS_TOO __attribute__((target_clones("default", "bmi2")))
#else
#define FOR_NEWER_PROCESSORS_TOO
#endif

FOR_NEWER_PROCESSORS_TOO
enum tb_deflate_result tb_deflate_bytes(const struct tb_codes *codes, struct tb_bits *bits, const uint8_t *end,
                                        bool last, struct tb_deflate_output *output)
{
    return take_symbols(codes, bits, end, last, output, 1);
}

FOR_NEWER_PROCESSORS_TOO
enum tb_deflate_result tb_deflate_marked(const struct tb_codes *codes, struct tb_bits *bits, const uint8_t *end,
                                         bool last, struct tb_deflate_output *output)
{
    return take_symbols(codes, bits, end, last, output, 2);
}

/* --- search ----------------------------------------------------------------- */

/* Bits at which the header of a block may stand that has codes of its own, is not the last one, and does not tell of more
 * codes than there are; of the lower 48 of a word. */
static uint64_t headers_of_word(uint64_t word)
{
    const uint64_t type = ~word & ~(word >> 1) & word >> 2;
    const uint64_t many_literals = word >> 4 & word >> 5 & word >> 6 & word >> 7;
    const uint64_t many_distances = word >> 9 & word >> 10 & word >> 11 & word >> 12;
    return type & ~many_literals & ~many_distances & ((1ull << 48) - 1);
}

/* Whether the code that tells the lengths of the others leaves nothing over, which is rare by chance. */
static bool fills_small_code(const uint8_t *data, uint64_t header)
{
    enum { TOLD_AT = 13, LENGTHS_AT = 17 };
    static const uint64_t slots_by_length = 0x0102040810204000;
    const unsigned told = (unsigned)(tb_bits_word(data + header / 8) >> (header % 8 + TOLD_AT) & 15) + 4;
    const uint64_t at = header + LENGTHS_AT;
    uint64_t lengths = tb_bits_word(data + at / 8) >> at % 8 & ((1ull << 3 * told) - 1);
    unsigned slots = 0;
    for (unsigned i = 0; i < SMALL_CODES; i++, lengths >>= 3)
        slots += slots_by_length >> 8 * (lengths & 7) & 255;
    return slots == 1 << SMALL_MOST;
}

static bool has_header(const uint8_t *data, size_t size, uint64_t at, struct tb_codes *codes)
{
    struct tb_bits bits;
    bool final;
    if (!fills_small_code(data, at))
        return false;
    tb_bits_start(&bits, data + at / 8, at % 8);
    return tb_deflate_header(&bits, data + size, codes, &final) == TB_BLOCK_CODED &&
           tb_bits_position(&bits, data) <= 8 * (uint64_t)size;
}

uint64_t tb_deflate_search(const uint8_t *data, size_t size, uint64_t limit, struct tb_codes *codes)
{
    for (uint64_t begin = 0; begin < limit; begin += 48)
        for (uint64_t found = headers_of_word(tb_bits_word(data + begin / 8)); found != 0; found &= found - 1) {
            const uint64_t at = begin + (uint64_t)__builtin_ctzll(found);
            if (at < limit && has_header(data, size, at, codes))
                return at;
        }
    return limit;
}
