/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a speculation misses most is who was born between where its decoder stood and where it
 * begins. Such a thread shows itself in the warm-up; only then is it worth looking through what
 * lies between, where nothing but births, new names and ends is taken, and what newborn threads do. */
#include "speculation.h"

/* Four times the longest gap of a team (tb_split_for_team). Who is further from what was known
 * takes its chance. */
enum { GAP_MOST = 32 << 20 };

static const struct tb_event_meaning *meaning_of(const struct decoder *decoder, const struct scap_block *block,
                                                 struct scap_event *event)
{
    static const struct tb_event_meaning none = {.kind_class = EVENT_NEVER};
    struct scap_event_frame frame;
    return scap_event_open(block, decoder->walker.swap, event, &frame) && event->type < EVENT_NUMBERS
               ? &decoder->meanings[event->type]
               : &none;
}

static bool is_strangers(struct decoder *decoder, const struct scap_block *block)
{
    struct scap_event event;
    const struct tb_event_meaning *const meaning = meaning_of(decoder, block, &event);
    if (meaning->kind_class != EVENT_ENTER && meaning->kind_class != EVENT_EXIT)
        return false;
    struct process_table *const table = &decoder->threads.table;
    const uint32_t place = process_table_find(table, event.tid);
    return place == THREAD_NONE || !table->threads[place].alive;
}

/* As far as the window goes. */
static bool has_strangers(struct decoder *decoder, uint64_t until)
{
    struct scap_walker ahead = decoder->walker;
    struct scap_block block;
    while (ahead.reader.offset < until && scap_block_is_ready(&ahead, &block) && block.meaning->kind == SCAP_EVENT) {
        if (is_strangers(decoder, &block))
            return true;
        tb_reader_pass(&ahead.reader, block.length);
    }
    return false;
}

/* A thread that was born in the gap: those before are the first known ones. What its calls do to its descriptors nobody
 * else can tell. */
static bool is_newborn(struct process_table *table, int64_t tid, size_t known)
{
    const uint32_t place = table->thread_count > known ? process_table_find(table, tid) : THREAD_NONE;
    return place != THREAD_NONE && place >= known;
}

static bool matters(struct decoder *decoder, const struct scap_block *block, size_t known)
{
    struct scap_event event = {.tid = 0};
    const struct tb_event_meaning *const meaning = meaning_of(decoder, block, &event);
    return meaning->kind_class == EVENT_LEAVE ||
           (meaning->kind_class == EVENT_EXIT && (meaning->kind == KIND_EXECVE || meaning->kind == KIND_CLONE)) ||
           (meaning->kind_class != EVENT_NEVER && is_newborn(&decoder->threads.table, event.tid, known));
}

/* Passes blocks in the window that begin before offset end and hold usual events of the threads
 * that were known. Offsets of fields are those of a plain event block (scap_event.h). */
static void pass_usual_blocks(struct decoder *decoder, uint64_t end, size_t known)
{
    enum { THREAD = SCAP_FRAME_BEFORE + 2 + 8, NUMBER = THREAD + 12, LEAST = NUMBER + 6 + SCAP_FRAME_AFTER };
    struct tb_reader *const reader = &decoder->walker.reader;
    const uint64_t left = end - reader->offset;
    const uint8_t *data = reader->data;
    const uint8_t *const stop = data + (left < reader->available ? (size_t)left : reader->available);
    while (!decoder->walker.swap && stop - data >= LEAST && tb_load_u32(data, false) == SCAP_PLAIN_EVENT_BLOCK) {
        const uint32_t length = tb_load_u32(data + 4, false);
        const uint16_t number = tb_load_u16(data + NUMBER, false);
        if (length < LEAST || length > (size_t)(stop - data) || number >= EVENT_NUMBERS ||
            decoder->usual[number].way == 0 ||
            is_newborn(&decoder->threads.table, (int64_t)tb_load_u64(data + THREAD, false), known))
            break;
        data += length;
    }
    tb_reader_pass(reader, (size_t)(data - reader->data));
}

static void cross_gap(struct decoder *decoder, uint64_t stood)
{
    struct scap_walker *const walker = &decoder->walker;
    const uint64_t begin = walker->reader.offset;
    const size_t known = decoder->threads.table.thread_count;
    struct scap_block block;
    uint64_t passed = 0;
    tb_reader_seek(&walker->reader, stood);
    enum tb_status status = TB_OK;
    while (status == TB_OK && walker->reader.offset < begin) {
        pass_usual_blocks(decoder, begin, known);
        if (walker->reader.offset >= begin)
            break;
        status = scap_next_block(walker, &block, NULL);
        if (status != TB_OK || block.gap || block.meaning->kind != SCAP_EVENT)
            break;
        if (block.data != NULL && matters(decoder, &block, known))
            status = tb_decoder_take_block(decoder, &block, NULL);
        else
            scap_pass_block(walker, &block, &passed);
    }
    walker->gap = false;
    tb_reader_seek(&walker->reader, begin);
}

void tb_speculation_meet_strangers(struct speculation *speculation, uint64_t until)
{
    struct decoder *const decoder = &speculation->decoder;
    const uint64_t stood = speculation->stood, begin = decoder->walker.reader.offset;
    if (stood != 0 && stood < begin && begin - stood <= GAP_MOST && has_strangers(decoder, until))
        cross_gap(decoder, stood);
}
