/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packed rows in memory, and sorted runs in a file; merging of runs level by level, like the digits
 * of a number. */
#include "row_store.h"

#include <stdlib.h>

#include "row_merge.h"
#include "twinbed/base/containers.h"

/* Bytes of a run that are gathered before they are written. */
enum { WRITTEN_AT_ONCE = 64 << 10 };

void tb_row_store_start(struct tb_row_store *store, const char *directory)
{
    *store = (struct tb_row_store){.held_most = TB_ROWS_HELD, .runs_most = TB_ROW_RUNS};
    tb_spill_start(&store->spill, directory);
}

void tb_row_store_free(struct tb_row_store *store)
{
    tb_buffer_free(&store->held);
    free(store->places);
    free(store->runs);
    tb_spill_close(&store->spill);
    *store = (struct tb_row_store){0};
}

/* Places are doubled, and twice as many while they are sorted. Four levels of runs are 2^42 bytes of rows. */
uint64_t tb_row_store_most(void)
{
    enum { PLACES = 1 << 15, LEVELS = 4 };
    _Static_assert(PLACES >= TB_ROWS_HELD / TB_FLOW_PACKED_MIN, "so many rows are held at most");
    return TB_ROWS_HELD + 2 * PLACES * sizeof(struct tb_row_place) +
           (uint64_t)LEVELS * TB_ROW_RUNS * (TB_ROW_WINDOW + sizeof(struct tb_row_cursor));
}

static int compare_places(const void *one, const void *other)
{
    const struct tb_row_place *a = one, *b = other;
    return a->first_packet < b->first_packet ? -1 : a->first_packet > b->first_packet;
}

void tb_row_store_sort(struct tb_row_store *store)
{
    if (store->place_count != 0)
        qsort(store->places, store->place_count, sizeof store->places[0], compare_places);
}

/* --- writing a run --- */

static enum tb_status flush(struct tb_row_store *store, struct tb_buffer *ready, struct tb_error *error)
{
    enum tb_status status = tb_buffer_check(ready, "the rows of flows", error);
    if (status == TB_OK)
        status = tb_spill_append(&store->spill, ready->data, ready->size, error);
    ready->size = 0;
    return status;
}

static enum tb_status write_rows(struct tb_row_store *store, struct tb_row_merge *merge, struct tb_buffer *ready,
                                 struct tb_error *error)
{
    struct tb_packed_row row;
    enum tb_status status;
    while ((status = tb_row_merge_next(merge, &row, error)) == TB_OK) {
        const struct tb_row_head head = {.first_packet = row.first_packet, .size = row.size};
        tb_buffer_put(ready, &head, sizeof head);
        tb_buffer_put(ready, row.data, row.size);
        if (ready->size < WRITTEN_AT_ONCE)
            continue;
        status = flush(store, ready, error);
        if (status != TB_OK)
            return status;
    }
    return status == TB_END ? flush(store, ready, error) : status;
}

/* Appends what is merged to the file as a run of that level. */
static enum tb_status write_run(struct tb_row_store *store, struct tb_row_merge *merge, unsigned level,
                                struct tb_error *error)
{
    struct tb_buffer ready = {0};
    const uint64_t begin = store->spill.size;
    if (!tb_array_reserve(&store->runs, &store->run_capacity, store->run_count + 1, sizeof store->runs[0]))
        return tb_error_memory(error, "the rows of flows");
    const enum tb_status status = write_rows(store, merge, &ready, error);
    tb_buffer_free(&ready);
    if (status == TB_OK)
        store->runs[store->run_count++] = (struct tb_row_run){.begin = begin, .end = store->spill.size, .level = level};
    return status;
}

static enum tb_status spill_held(struct tb_row_store *store, struct tb_error *error)
{
    struct tb_row_merge merge = {0};
    tb_row_store_sort(store);
    enum tb_status status = tb_row_merge_add_held(&merge, store, error);
    if (status == TB_OK)
        status = write_run(store, &merge, 0, error);
    tb_row_merge_free(&merge);
    store->held.size = 0;
    store->place_count = 0;
    return status;
}

/* --- merging runs --- */

static size_t count_level(const struct tb_row_store *store, unsigned level)
{
    size_t count = 0;
    for (size_t i = 0; i < store->run_count; i++)
        count += store->runs[i].level == level;
    return count;
}

static void drop_level(struct tb_row_store *store, unsigned level)
{
    size_t kept = 0;
    for (size_t i = 0; i < store->run_count; i++) {
        const struct tb_row_run *run = &store->runs[i];
        if (run->level == level)
            tb_spill_release(&store->spill, run->begin, run->end - run->begin);
        else
            store->runs[kept++] = *run;
    }
    store->run_count = kept;
}

static enum tb_status merge_level(struct tb_row_store *store, unsigned level, struct tb_error *error)
{
    struct tb_row_merge merge = {0};
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < store->run_count && status == TB_OK; i++)
        if (store->runs[i].level == level)
            status = tb_row_merge_add_run(&merge, store, &store->runs[i], error);
    if (status == TB_OK)
        status = write_run(store, &merge, level + 1, error);
    tb_row_merge_free(&merge);
    if (status == TB_OK)
        drop_level(store, level);
    return status;
}

static enum tb_status make_room(struct tb_row_store *store, struct tb_error *error)
{
    enum tb_status status = spill_held(store, error);
    for (unsigned level = 0; status == TB_OK && count_level(store, level) >= store->runs_most; level++)
        status = merge_level(store, level, error);
    return status;
}

/* --- adding --- */

static enum tb_status hold(struct tb_row_store *store, const struct tb_flow *row, struct tb_error *error)
{
    const size_t at = store->held.size;
    if (!tb_array_reserve(&store->places, &store->place_capacity, store->place_count + 1, sizeof store->places[0]))
        return tb_error_memory(error, "the rows of flows");
    tb_flow_pack(row, &store->held);
    store->places[store->place_count++] =
        (struct tb_row_place){.first_packet = row->first_packet, .at = at, .size = store->held.size - at};
    store->rows++;
    return tb_buffer_check(&store->held, "the rows of flows", error);
}

bool tb_row_store_add(struct tb_row_store *store, const struct tb_flow *row)
{
    const bool full = store->spill.directory != NULL && store->place_count != 0 &&
                      store->held.size + TB_FLOW_PACKED_MAX > store->held_most;
    if (store->status == TB_OK && full)
        store->status = make_room(store, &store->error);
    if (store->status == TB_OK)
        store->status = hold(store, row, &store->error);
    return store->status == TB_OK;
}
