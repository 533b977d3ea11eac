/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A heap of cursors by the first packet of the row at hand. A cursor's window is refilled before a
 * row that might not be whole is read, so rows are borrowed from it and never copied. */
#include "row_merge.h"

#include <stdlib.h>
#include <string.h>

#include "twinbed/base/containers.h"

/* A row and its head always fit a window. */
enum { ROW_MOST = sizeof(struct tb_row_head) + TB_FLOW_PACKED_MAX };

static enum tb_status fill_window(struct tb_row_cursor *cursor, struct tb_error *error)
{
    const size_t rest = cursor->filled - cursor->begin;
    const uint64_t left = cursor->end - cursor->at;
    const size_t size = left < TB_ROW_WINDOW - rest ? (size_t)left : TB_ROW_WINDOW - rest;
    memmove(cursor->window, cursor->window + cursor->begin, rest);
    const enum tb_status status = tb_spill_read(&cursor->store->spill, cursor->at, cursor->window + rest, size, error);
    cursor->begin = 0;
    cursor->filled = rest + size;
    cursor->at += size;
    return status;
}

static enum tb_status next_block(struct tb_row_cursor *cursor, struct tb_error *error)
{
    struct tb_buffer block = {0};
    const enum tb_status status = cursor->stream->next(cursor->stream->context, &block, error);
    free(cursor->window);
    cursor->window = block.data;
    cursor->begin = 0;
    cursor->filled = block.size;
    return status;
}

static enum tb_status refill(struct tb_row_cursor *cursor, struct tb_error *error)
{
    const size_t left = cursor->filled - cursor->begin;
    if (cursor->stream != NULL)
        return left == 0 ? next_block(cursor, error) : TB_OK;
    return left < ROW_MOST && cursor->at < cursor->end ? fill_window(cursor, error) : TB_OK;
}

static enum tb_status damaged(const struct tb_row_cursor *cursor, struct tb_error *error)
{
    if (cursor->stream != NULL)
        return tb_error_set(error, TB_INTERNAL, "rows of flows that another rank sent do not unpack");
    return tb_error_set(error, TB_INPUT_OUTPUT, "%s: a temporary file there does not hold what was written",
                        cursor->store->spill.directory);
}

static enum tb_status read_row(struct tb_row_cursor *cursor, struct tb_error *error)
{
    struct tb_row_head head;
    const uint64_t before = cursor->row.data == NULL ? 0 : cursor->row.first_packet + 1;
    const enum tb_status status = refill(cursor, error);
    if (status != TB_OK)
        return status;
    if (cursor->filled == cursor->begin)
        return TB_END;
    const size_t left = cursor->filled - cursor->begin;
    if (left >= sizeof head)
        memcpy(&head, cursor->window + cursor->begin, sizeof head);
    if (left < sizeof head || head.size > left - sizeof head || head.first_packet < before)
        return damaged(cursor, error);
    cursor->row = (struct tb_packed_row){.first_packet = head.first_packet,
                                         .data = cursor->window + cursor->begin + sizeof head,
                                         .size = (size_t)head.size};
    cursor->begin += sizeof head + (size_t)head.size;
    return TB_OK;
}

static enum tb_status advance(struct tb_row_cursor *cursor, struct tb_error *error)
{
    if (cursor->window != NULL || cursor->stream != NULL)
        return read_row(cursor, error);
    if (cursor->place == cursor->store->place_count)
        return TB_END;
    const struct tb_row_place *place = &cursor->store->places[cursor->place++];
    cursor->row = (struct tb_packed_row){
        .first_packet = place->first_packet, .data = cursor->store->held.data + place->at, .size = place->size};
    return TB_OK;
}

/* Takes over the window. */
static enum tb_status add(struct tb_row_merge *merge, struct tb_row_cursor cursor, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    if (!tb_array_reserve(&merge->cursors, &merge->capacity, merge->count + 1, sizeof merge->cursors[0]))
        status = tb_error_memory(error, "the rows of flows");
    if (status == TB_OK)
        status = advance(&cursor, error);
    if (status == TB_OK)
        merge->cursors[merge->count++] = cursor;
    else
        free(cursor.window);
    return status == TB_END ? TB_OK : status;
}

enum tb_status tb_row_merge_add_run(struct tb_row_merge *merge, const struct tb_row_store *store,
                                    const struct tb_row_run *run, struct tb_error *error)
{
    uint8_t *window = malloc(TB_ROW_WINDOW);
    if (window == NULL)
        return tb_error_memory(error, "the rows of flows");
    return add(merge, (struct tb_row_cursor){.store = store, .at = run->begin, .end = run->end, .window = window},
               error);
}

enum tb_status tb_row_merge_add_held(struct tb_row_merge *merge, const struct tb_row_store *store,
                                     struct tb_error *error)
{
    return add(merge, (struct tb_row_cursor){.store = store}, error);
}

enum tb_status tb_row_merge_add_stream(struct tb_row_merge *merge, const struct tb_row_stream *stream,
                                       struct tb_error *error)
{
    return add(merge, (struct tb_row_cursor){.stream = stream}, error);
}

static void sink_down(struct tb_row_merge *merge, size_t at)
{
    struct tb_row_cursor *const cursors = merge->cursors;
    for (;;) {
        size_t next = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < merge->count; child++)
            if (cursors[child].row.first_packet < cursors[next].row.first_packet)
                next = child;
        if (next == at)
            return;
        const struct tb_row_cursor moved = cursors[at];
        cursors[at] = cursors[next];
        cursors[next] = moved;
        at = next;
    }
}

static enum tb_status leave_row(struct tb_row_merge *merge, struct tb_error *error)
{
    const enum tb_status status = advance(&merge->cursors[0], error);
    if (status == TB_END) {
        free(merge->cursors[0].window);
        merge->cursors[0] = merge->cursors[--merge->count];
    }
    sink_down(merge, 0);
    return status == TB_END ? TB_OK : status;
}

enum tb_status tb_row_merge_next(struct tb_row_merge *merge, struct tb_packed_row *row, struct tb_error *error)
{
    if (merge->begun && merge->count != 0) {
        const enum tb_status status = leave_row(merge, error);
        if (status != TB_OK)
            return status;
    }
    for (size_t i = merge->count / 2; !merge->begun && i-- > 0;)
        sink_down(merge, i);
    merge->begun = true;
    if (merge->count == 0)
        return TB_END;
    *row = merge->cursors[0].row;
    return TB_OK;
}

void tb_row_merge_free(struct tb_row_merge *merge)
{
    for (size_t i = 0; i < merge->count; i++)
        free(merge->cursors[i].window);
    free(merge->cursors);
    *merge = (struct tb_row_merge){0};
}
