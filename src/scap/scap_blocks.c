/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds blocks, and finds them again after damage.
 *
 * A block is believed when both its lengths agree. After damage that is not enough, as bytes of a
 * program's data may look like a block by chance: there also its event must be consistent, and what
 * follows must look like a block, too. The search goes in steps of 4 bytes, to which blocks are
 * padded.
 *
 *       tb_scap_find_block
 *         not plausible, or lengths differ -> handle_broken  -> resynchronise -> next block
 *         longer than the stream           -> handle_overrun -> others follow: it lied about its length; none: the file was cut
 *         longer than HELD_LIMIT           -> pass_over, if such a block may be so long */
#include "scap_blocks.h"

#include "scap_event.h"

/* The longest block that is held in the window: large enough for every list of a machine, and a
 * bound on what a length from a file can make twinbed allocate. SECTION_TYPE is that of pcapng,
 * whose bytes read alike in both orders. */
enum { HELD_LIMIT = 64 << 20, SECTION_TYPE = 0x0A0D0D0A, ALIGNMENT = 4 };

/* The digits were counted as decimal, so 0x20A .. 0x20F and 0x21A .. 0x21F do not exist. Lists came
 * in nine versions; from 0x215 on entries say how long they are, and events how many parameters
 * they have. */
const struct scap_block_meaning tb_scap_meanings[SCAP_MEANINGS] = {
    [0x01] = {.kind = SCAP_NOT_NEEDED},
    [0x02] = {.kind = SCAP_PROCESSES, .list_version = 1},
    [0x03] = {.kind = SCAP_DESCRIPTORS},
    [0x04] = {.kind = SCAP_EVENT},
    [0x05] = {.kind = SCAP_NOT_NEEDED},
    [0x06] = {.kind = SCAP_NOT_NEEDED},
    [0x07] = {.kind = SCAP_PROCESSES, .list_version = 2},
    [0x08] = {.kind = SCAP_EVENT, .flags = true},
    [0x09] = {.kind = SCAP_PROCESSES, .list_version = 3},
    [0x10] = {.kind = SCAP_PROCESSES, .list_version = 4},
    [0x11] = {.kind = SCAP_PROCESSES, .list_version = 5},
    [0x12] = {.kind = SCAP_PROCESSES, .list_version = 6},
    [0x13] = {.kind = SCAP_PROCESSES, .list_version = 7},
    [0x14] = {.kind = SCAP_PROCESSES, .list_version = 8},
    [0x15] = {.kind = SCAP_PROCESSES, .list_version = 9, .explicit_counts = true},
    [0x16] = {.kind = SCAP_EVENT, .explicit_counts = true},
    [0x17] = {.kind = SCAP_EVENT, .explicit_counts = true, .flags = true},
    [0x18] = {.kind = SCAP_DESCRIPTORS, .explicit_counts = true},
    [0x19] = {.kind = SCAP_NOT_NEEDED, .explicit_counts = true},
    [0x20] = {.kind = SCAP_NOT_NEEDED, .explicit_counts = true},
    [0x21] = {.kind = SCAP_EVENT, .explicit_counts = true, .large = true},
    [0x22] = {.kind = SCAP_EVENT, .explicit_counts = true, .flags = true, .large = true},
};

static const struct scap_block_meaning *meaning_of(uint32_t type)
{
    static const struct scap_block_meaning section = {.kind = SCAP_SECTION}, foreign = {.kind = SCAP_FOREIGN};
    /* Types that stand for others in files of 2013. */
    static const struct {
        uint32_t early, type;
    } aliases[] = {{0x8000ABCD, 0x202}, {0x8001ABCD, 0x203}, {0x8002ABCD, 0x201}, {0x8010ABCD, 0x204},
                   {0x8011ABCD, 0x205}, {0x8012ABCD, 0x206}, {0x8013ABCD, 0x207}, {0x8014ABCD, 0x209}};
    if (type == SECTION_TYPE)
        return &section;
    for (size_t i = 0; (type & 0x80000000) != 0 && i < sizeof aliases / sizeof aliases[0]; i++)
        if (type == aliases[i].early)
            type = aliases[i].type;
    const uint32_t place = type - SCAP_FIRST_TYPE;
    return place < SCAP_MEANINGS ? &tb_scap_meanings[place] : &foreign;
}

/* The magic number 0x1A2B3C4D stands behind type and length, as in pcapng. */
bool tb_scap_section_order(const uint8_t *block, bool *swap)
{
    const uint32_t magic = tb_load_u32(block + 8, false);
    if (tb_load_u32(block, false) != SECTION_TYPE || (magic != 0x1A2B3C4D && magic != 0x4D3C2B1A))
        return false;
    *swap = magic != 0x1A2B3C4D;
    return true;
}

/* A block's head as it stands in the window. */
struct frame {
    const struct scap_block_meaning *meaning;
    uint64_t length;
    bool swap;
    bool plausible; /* the length can be one, and a section header has its magic */
};

/* data holds SCAP_FRAME_SIZE bytes or more. A section header has at least magic, versions and the
 * length of the section: 28 bytes with its frame. */
static struct frame read_frame(const uint8_t *data, bool swap)
{
    struct frame frame = {.swap = swap, .plausible = true};
    frame.meaning = meaning_of(tb_load_u32(data, swap));
    if (frame.meaning->kind == SCAP_SECTION)
        frame.plausible = tb_scap_section_order(data, &frame.swap);
    frame.length = tb_load_u32(data + 4, frame.swap);
    const uint64_t least = frame.meaning->kind == SCAP_SECTION ? 28 : SCAP_FRAME_SIZE;
    frame.plausible = frame.plausible && frame.length >= least && frame.length % ALIGNMENT == 0;
    return frame;
}

static bool trailer_agrees(const uint8_t *data, const struct frame *frame)
{
    return tb_load_u32(data + frame->length - 4, frame->swap) == frame->length;
}

static void lose(struct scap_walker *walker, uint64_t bytes)
{
    tb_reader_pass(&walker->reader, bytes);
    walker->account->damaged += bytes;
    walker->gap = true;
}

static bool event_is_consistent(const uint8_t *data, const struct frame *frame)
{
    const struct scap_block block = {.data = data, .length = frame->length, .meaning = frame->meaning};
    struct scap_event event;
    struct scap_event_frame place;
    return scap_event_open(&block, frame->swap, &event, &place) && scap_event_parameters(&block, &place, &event);
}

/* What follows a block must look like one, too, as far as the stream goes. */
static enum tb_status check_follower(struct scap_walker *walker, const struct frame *frame, uint64_t longest,
                                     bool *agrees, struct tb_error *error)
{
    struct tb_reader *const reader = &walker->reader;
    enum tb_status status = tb_reader_need(reader, frame->length + SCAP_FRAME_SIZE, error);
    if (status != TB_OK) {
        *agrees = status == TB_END;
        return status == TB_END ? TB_OK : status;
    }
    const struct frame next = read_frame(reader->data + frame->length, frame->swap);
    *agrees = next.meaning->kind != SCAP_FOREIGN && next.plausible && next.length <= longest;
    if (!*agrees)
        return TB_OK;
    status = tb_reader_need(reader, frame->length + next.length, error);
    if (status == TB_OK)
        *agrees = trailer_agrees(reader->data + frame->length, &next);
    return status == TB_END ? TB_OK : status;
}

/* Whether a block starts where the window does. */
static enum tb_status check_start(struct scap_walker *walker, uint64_t longest, bool *starts, struct tb_error *error)
{
    struct tb_reader *const reader = &walker->reader;
    *starts = false;
    const struct frame frame = read_frame(reader->data, walker->swap);
    if (frame.meaning->kind == SCAP_FOREIGN || !frame.plausible || frame.length > longest)
        return TB_OK;
    const enum tb_status status = tb_reader_need(reader, frame.length, error);
    if (status != TB_OK)
        return status == TB_END ? TB_OK : status;
    if (!trailer_agrees(reader->data, &frame))
        return TB_OK;
    if (frame.meaning->kind == SCAP_EVENT && !frame.meaning->large && !event_is_consistent(reader->data, &frame))
        return TB_OK;
    return check_follower(walker, &frame, longest, starts, error);
}

/* Passes over damaged bytes to the next block, or to the end (TB_END). At least 4 bytes are passed. */
static enum tb_status resynchronise(struct scap_walker *walker, struct tb_error *error)
{
    struct tb_reader *const reader = &walker->reader;
    for (;;) {
        lose(walker, reader->available < ALIGNMENT ? reader->available : ALIGNMENT);
        enum tb_status status = tb_reader_need(reader, SCAP_FRAME_SIZE, error);
        if (status == TB_END)
            lose(walker, reader->available);
        if (status != TB_OK)
            return status;
        bool starts;
        status = check_start(walker, HELD_LIMIT, &starts, error);
        if (status != TB_OK || starts)
            return status;
    }
}

enum tb_status tb_scap_find_start(struct scap_walker *walker, uint64_t limit, struct tb_error *error)
{
    enum { LONGEST = 1 << 18 };
    struct tb_reader *const reader = &walker->reader;
    while (reader->offset < limit) {
        enum tb_status status = tb_reader_need(reader, SCAP_FRAME_SIZE, error);
        if (status != TB_OK)
            return status;
        bool starts;
        status = check_start(walker, LONGEST, &starts, error);
        if (status != TB_OK || starts)
            return status;
        tb_reader_pass(reader, ALIGNMENT);
    }
    return TB_END;
}

/* The stream is at its end; says so when it should not be. */
static enum tb_status finish(struct scap_walker *walker, struct tb_error *error)
{
    const struct tb_reader *const reader = &walker->reader;
    if (reader->stream_status == TB_END)
        return TB_END;
    if (reader->stream_status != TB_TRUNCATED && reader->stream_status != TB_CORRUPT) {
        if (error != NULL)
            *error = reader->stream_error;
        return reader->stream_status;
    }
    tb_account_damage(walker->account, reader->stream_status == TB_TRUNCATED ? TB_DAMAGE_TRUNCATED : TB_DAMAGE_CORRUPT,
                      reader->offset, "%s", reader->stream_error.text);
    return TB_END;
}

/* A compressed stream that broke explains a cut block better than the cut does. */
static void note_cut(struct scap_walker *walker, uint64_t offset)
{
    const struct tb_reader *const reader = &walker->reader;
    if (reader->stream_status == TB_END)
        tb_account_damage(walker->account, TB_DAMAGE_TRUNCATED, offset, "%s ends inside the block at offset %llu",
                          tb_source_name(reader->source), (unsigned long long)offset);
    else if (reader->stream_status == TB_TRUNCATED || reader->stream_status == TB_CORRUPT)
        tb_account_damage(walker->account,
                          reader->stream_status == TB_TRUNCATED ? TB_DAMAGE_TRUNCATED : TB_DAMAGE_CORRUPT, offset, "%s",
                          reader->stream_error.text);
}

/* Less than a block's frame is left. */
static enum tb_status end_of_stream(struct scap_walker *walker, struct tb_error *error)
{
    struct tb_reader *const reader = &walker->reader;
    if (reader->available > 0) {
        note_cut(walker, reader->offset);
        lose(walker, reader->available);
    }
    return finish(walker, error);
}

/* The stream ends inside the block at hand: cut off there, unless blocks are
 * found after this one's head, which then lied about its length. */
static enum tb_status handle_overrun(struct scap_walker *walker, struct tb_error *error)
{
    const uint64_t offset = walker->reader.offset;
    const enum tb_status status = resynchronise(walker, error);
    if (status == TB_OK)
        tb_account_damage(walker->account, TB_DAMAGE_CORRUPT, offset,
                          "%s: the block at offset %llu is longer than the file but others follow it",
                          tb_source_name(walker->reader.source), (unsigned long long)offset);
    if (status != TB_END)
        return status;
    note_cut(walker, offset);
    return finish(walker, error);
}

static enum tb_status handle_broken(struct scap_walker *walker, const char *reason, struct tb_error *error)
{
    const uint64_t offset = walker->reader.offset;
    tb_account_damage(walker->account, TB_DAMAGE_CORRUPT, offset, "%s: %s at offset %llu",
                      tb_source_name(walker->reader.source), reason, (unsigned long long)offset);
    const enum tb_status status = resynchronise(walker, error);
    return status == TB_END ? finish(walker, error) : status;
}

/* A block that is too long to hold (a large event's data, say) is not needed: pass over it. */
static enum tb_status pass_over(struct scap_walker *walker, const struct frame *frame, struct scap_block *block,
                                struct tb_error *error)
{
    struct tb_reader *const reader = &walker->reader;
    const uint64_t offset = reader->offset;
    const uint64_t passed = tb_reader_skip(reader, frame->length - 4);
    if (passed < frame->length - 4 || tb_reader_need(reader, 4, error) == TB_END) {
        walker->account->damaged += passed;
        walker->gap = true;
        note_cut(walker, offset);
        lose(walker, reader->available);
        return finish(walker, error);
    }
    if (tb_load_u32(reader->data, frame->swap) != frame->length) {
        walker->account->damaged += passed;
        return handle_broken(walker, "a long block without its second length", error);
    }
    tb_reader_pass(reader, 4);
    *block =
        (struct scap_block){.length = frame->length, .offset = offset, .meaning = frame->meaning, .gap = walker->gap};
    walker->gap = false;
    return TB_OK;
}

enum tb_status tb_scap_find_block(struct scap_walker *walker, struct scap_block *block, struct tb_error *error)
{
    struct tb_reader *const reader = &walker->reader;
    block->length = 0;
    while (block->length == 0) {
        enum tb_status status = tb_reader_need(reader, SCAP_FRAME_SIZE, error);
        if (status != TB_OK)
            return status == TB_END ? end_of_stream(walker, error) : status;
        const struct frame frame = read_frame(reader->data, walker->swap);
        if (!frame.plausible) {
            status = handle_broken(walker, "no block has the length that stands", error);
        } else if (frame.length > HELD_LIMIT && !frame.meaning->large) {
            status = handle_broken(walker, "a block too long to be one", error);
        } else if (frame.length > HELD_LIMIT) {
            status = pass_over(walker, &frame, block, error);
        } else if ((status = tb_reader_need(reader, frame.length, error)) == TB_END) {
            status = handle_overrun(walker, error);
        } else if (status == TB_OK && !trailer_agrees(reader->data, &frame)) {
            status = handle_broken(walker, "a block whose two lengths differ", error);
        } else if (status == TB_OK) {
            *block = (struct scap_block){.data = reader->data,
                                         .length = frame.length,
                                         .offset = reader->offset,
                                         .meaning = frame.meaning,
                                         .gap = walker->gap};
            walker->swap = frame.swap;
            walker->gap = false;
        }
        if (status != TB_OK)
            return status;
    }
    return TB_OK;
}
