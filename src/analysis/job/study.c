/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks of rows, one an item.
 *
 *      studied or loaded     each rank, the items it took      block: sizes, rows, what is beside
 *      exchanged             to the rank whose share has the item
 *      taken                 in the order of items, behind the rows that are there
 */
#include "study.h"

#include <stdlib.h>
#include <string.h>

#include "decode/part_keys.h"
#include "twinbed/base/containers.h"
#include "twinbed/base/progress.h"
#include "twinbed/parallel/queue.h"

enum { EMPTY_BLOCK = 2 * sizeof(uint64_t) };

/* What came of one item. */
struct block {
    size_t item;
    struct tb_buffer bytes; /* owned */
};

struct studying {
    struct job *job;
    const struct study *study;
    struct tb_progress progress; /* rank 0: of all ranks */
    size_t *order;               /* owned; items as the queue has them */
    uint64_t *costs;             /* owned; of these */
    struct tb_queue *queue;      /* owned */
    struct block *blocks;        /* owned; of the items that this rank took */
    size_t block_count, block_capacity;
};

/* --- one item --- */

/* Rows and what is beside, each behind its size. */
static enum tb_status pack_block(const struct tb_columns *columns, const struct tb_buffer *beside,
                                 struct tb_buffer *block, struct tb_error *error)
{
    struct tb_buffer rows = {0};
    tb_columns_pack(columns, &rows);
    tb_buffer_put_u64(block, rows.size);
    tb_buffer_put(block, rows.data, rows.size);
    tb_buffer_put_u64(block, beside->size);
    tb_buffer_put(block, beside->data, beside->size);
    block->failed = block->failed || rows.failed || beside->failed;
    tb_buffer_free(&rows);
    return tb_buffer_check(block, "rows of the results", error);
}

/* In columns of its own, so that what refers to rows counts them from the first of the item. */
static enum tb_status study_item(const struct studying *studying, size_t item, struct tb_buffer *block,
                                 struct tb_error *error)
{
    struct job *const job = studying->job;
    struct tb_buffer beside = {0};
    const struct tb_columns columns = job->columns;
    job->columns = (struct tb_columns){0};
    enum tb_status status = studying->study->item(job, item, &beside, error);
    if (status == TB_OK)
        status = pack_block(&job->columns, &beside, block, error);
    tb_columns_free(&job->columns);
    job->columns = columns;
    tb_buffer_free(&beside);
    return status;
}

static enum tb_status make_key(const struct studying *studying, size_t item, struct tb_buffer *key)
{
    tb_key_add(key, "study %s, item %zu\nidentity %s\n", studying->study->name, item, studying->job->identity);
    return tb_key_end(key, NULL);
}

/* From its part, or studied now, and then kept, unless nothing came of it. */
static enum tb_status make_block(const struct studying *studying, size_t item, struct tb_buffer *block, bool *loaded,
                                 struct tb_error *error)
{
    struct tb_parts *const parts = studying->job->decoding.parts;
    struct tb_buffer key = {0};
    const bool kept = studying->job->identity[0] != '\0' && make_key(studying, item, &key) == TB_OK;
    *loaded = kept && tb_part_load(parts, (const char *)key.data, block, NULL) == TB_OK;
    enum tb_status status = *loaded ? TB_OK : study_item(studying, item, block, error);
    if (status == TB_OK && kept && !*loaded && block->size > EMPTY_BLOCK)
        status = tb_part_save(parts, (const char *)key.data, block, error);
    tb_buffer_free(&key);
    return status;
}

/* --- all items --- */

static enum tb_status add_block(struct studying *studying, size_t item, struct tb_buffer *bytes, struct tb_error *error)
{
    if (!tb_array_reserve(&studying->blocks, &studying->block_capacity, studying->block_count + 1,
                          sizeof *studying->blocks)) {
        tb_buffer_free(bytes);
        return tb_error_memory(error, "rows of the results");
    }
    studying->blocks[studying->block_count++] = (struct block){.item = item, .bytes = *bytes};
    return TB_OK;
}

static enum tb_status take_items(struct studying *studying, struct tb_error *error)
{
    for (;;) {
        size_t at;
        bool loaded;
        struct tb_buffer block = {0};
        if (tb_stop_requested())
            return tb_job_stopped(studying->job, error);
        enum tb_status status = tb_queue_next(studying->queue, &at, error);
        if (status != TB_OK || at == studying->study->count)
            return status;
        status = make_block(studying, studying->order[at], &block, &loaded, error);
        if (status != TB_OK) {
            tb_buffer_free(&block);
            return status;
        }
        status = add_block(studying, studying->order[at], &block, error);
        if (status != TB_OK)
            return status;
        tb_queue_note(studying->queue, 1, loaded);
    }
}

static enum tb_status work(struct studying *studying, struct tb_error *error)
{
    const struct tb_team *const team = studying->job->team;
    struct tb_error own = {0};
    tb_progress_start(&studying->progress, studying->study->name, studying->study->items, studying->study->count,
                      false);
    enum tb_status status = tb_queue_open(team, studying->costs, studying->study->count,
                                          team->rank == 0 ? &studying->progress : NULL, &studying->queue, error);
    if (status == TB_OK) {
        status = take_items(studying, error);
        const enum tb_status closed = tb_queue_close(studying->queue, status != TB_OK, &own);
        if (status == TB_OK && closed != TB_OK) {
            *error = own;
            status = closed;
        }
        status = tb_team_agree(team, status, error);
    }
    tb_progress_finish(&studying->progress, status == TB_OK);
    return status;
}

/* --- the order of items --- */

struct costly {
    size_t item;
    uint64_t cost;
};

static int compare_costly(const void *a, const void *b)
{
    const struct costly *const x = a, *const y = b;
    if (x->cost != y->cost)
        return x->cost > y->cost ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

static enum tb_status order_items(struct studying *studying, struct tb_error *error)
{
    const size_t count = studying->study->count;
    struct costly *const items = calloc(count + 1, sizeof *items);
    studying->order = calloc(count + 1, sizeof *studying->order);
    studying->costs = calloc(count + 1, sizeof *studying->costs);
    const bool good = items != NULL && studying->order != NULL && studying->costs != NULL;
    for (size_t i = 0; i < count && good; i++)
        items[i] = (struct costly){.item = i, .cost = studying->study->cost(studying->job, i)};
    if (good && count > 1)
        qsort(items, count, sizeof *items, compare_costly);
    for (size_t i = 0; i < count && good; i++) {
        studying->order[i] = items[i].item;
        studying->costs[i] = items[i].cost;
    }
    free(items);
    return good ? TB_OK : tb_error_memory(error, studying->study->name);
}

/* --- blocks to their ranks --- */

/* In whose contiguous share an item is. */
static int owner_of(const struct studying *studying, size_t item)
{
    int low = 0, high = studying->job->team->size - 1;
    while (low < high) {
        const int middle = low + (high - low + 1) / 2;
        if (tb_share_begin(studying->study->count, studying->job->team->size, middle) <= item)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static void pack_blocks(struct studying *studying, struct tb_buffer *outgoing)
{
    for (size_t i = 0; i < studying->block_count; i++) {
        struct block *const block = &studying->blocks[i];
        struct tb_buffer *const buffer = &outgoing[owner_of(studying, block->item)];
        tb_buffer_put_u64(buffer, block->item);
        tb_buffer_put_u64(buffer, block->bytes.size);
        tb_buffer_put(buffer, block->bytes.data, block->bytes.size);
        tb_buffer_free(&block->bytes);
    }
    studying->block_count = 0;
}

static enum tb_status exchange_blocks(struct studying *studying, struct tb_buffer *received, struct tb_error *error)
{
    const struct tb_team *const team = studying->job->team;
    struct tb_buffer *const outgoing = calloc((size_t)team->size, sizeof *outgoing);
    enum tb_status status =
        tb_team_agree(team, outgoing == NULL ? tb_error_memory(error, "rows of the results") : TB_OK, error);
    if (status == TB_OK) {
        pack_blocks(studying, outgoing);
        status = tb_team_exchange(team, outgoing, received, error);
    }
    free(outgoing);
    return status;
}

/* Borrowed bytes of a block. */
struct view {
    size_t item;
    struct tb_bytes bytes;
};

static int compare_views(const void *a, const void *b)
{
    const struct view *const x = a, *const y = b;
    return (x->item > y->item) - (x->item < y->item);
}

static bool take_view(struct tb_bytes *received, struct view *view)
{
    uint64_t item, size;
    const uint8_t *data;
    if (!tb_bytes_take_u64(received, &item) || !tb_bytes_take_u64(received, &size) ||
        !tb_bytes_take(received, size, &data))
        return false;
    *view = (struct view){.item = item, .bytes = tb_bytes_packed(data, size)};
    return true;
}

static enum tb_status take_block(const struct studying *studying, struct tb_bytes bytes, struct tb_error *error)
{
    const struct study *const study = studying->study;
    uint64_t rows_size, beside_size;
    const uint8_t *rows, *beside;
    if (!tb_bytes_take_u64(&bytes, &rows_size) || !tb_bytes_take(&bytes, rows_size, &rows) ||
        !tb_bytes_take_u64(&bytes, &beside_size) || !tb_bytes_take(&bytes, beside_size, &beside))
        return tb_error_unpack(error, "rows do not unpack");
    const enum tb_status status = tb_columns_append(&studying->job->columns, tb_bytes_packed(rows, rows_size), error);
    if (status != TB_OK || study->take == NULL)
        return status;
    return study->take(study->context, tb_bytes_packed(beside, beside_size), error);
}

/* Items of this rank's share, each once, but in any order. */
static enum tb_status take_received(const struct studying *studying, struct tb_bytes received, struct tb_error *error)
{
    const struct tb_team *const team = studying->job->team;
    const size_t count = studying->study->count;
    const size_t begin = (size_t)tb_share_begin(count, team->size, team->rank);
    const size_t end = (size_t)tb_share_begin(count, team->size, team->rank + 1);
    struct view *const views = calloc(end - begin + 1, sizeof *views);
    enum tb_status status = views == NULL ? tb_error_memory(error, "rows of the results") : TB_OK;
    for (size_t i = 0; i < end - begin && status == TB_OK; i++)
        if (!take_view(&received, &views[i]))
            status = tb_error_unpack(error, "rows do not unpack");
    if (status == TB_OK && end - begin > 1)
        qsort(views, end - begin, sizeof *views, compare_views);
    for (size_t i = 0; i < end - begin && status == TB_OK; i++)
        status = take_block(studying, views[i].bytes, error);
    free(views);
    return status;
}

static enum tb_status settle(struct studying *studying, struct tb_error *error)
{
    struct tb_buffer received = {0};
    const enum tb_status status = exchange_blocks(studying, &received, error);
    if (status != TB_OK)
        return status;
    const enum tb_status taken = take_received(studying, tb_bytes_packed(received.data, received.size), error);
    tb_buffer_free(&received);
    return tb_team_agree(studying->job->team, taken, error);
}

/* --- what stages call --- */

static void studying_free(struct studying *studying)
{
    for (size_t i = 0; i < studying->block_count; i++)
        tb_buffer_free(&studying->blocks[i].bytes);
    free(studying->blocks);
    free(studying->order);
    free(studying->costs);
}

enum tb_status tb_job_study(struct job *job, const struct study *study, struct tb_error *error)
{
    struct studying studying = {.job = job, .study = study};
    enum tb_status status = tb_team_agree(job->team, order_items(&studying, error), error);
    if (status == TB_OK)
        status = work(&studying, error);
    if (status == TB_OK)
        status = settle(&studying, error);
    studying_free(&studying);
    return status;
}

static uint64_t trace_bytes_of(const struct tb_campaign *campaign, const struct tb_run *run)
{
    uint64_t bytes = 0;
    for (size_t i = run->first_artifact; i < run->first_artifact + run->artifact_count; i++)
        if (campaign->artifacts[i].kind == TB_ARTIFACT_TRACE && campaign->artifacts[i].exists)
            bytes += campaign->artifacts[i].size;
    return bytes;
}

uint64_t tb_item_cell_cost(const struct job *job, size_t item)
{
    const struct tb_cell *const cell = &job->campaign->cells[tb_item_cell(item)];
    uint64_t bytes = 0;
    for (size_t i = 0; i < cell->run_count; i++)
        bytes += trace_bytes_of(job->campaign, &job->campaign->runs[cell->first_run + i]);
    return bytes;
}

/* --- what decides --- */

static void describe_artifacts(const struct job *job, struct tb_buffer *text)
{
    for (size_t i = 0; i < job->campaign->artifact_count; i++) {
        const struct decoded *const decoded = &job->decoding.decoded[i];
        tb_key_add_identity(&job->decoding, i, text);
        tb_key_add(text, "status %d %s\n", (int)decoded->status, decoded->digest);
    }
    for (size_t i = 0; i < job->decoding.sequence_count; i++) {
        const struct sequence_entry *const entry = &job->decoding.sequences[i];
        tb_key_add(text, "sequence %zu %zu %d %zu %d %llu\n", entry->run, entry->pair, (int)entry->role,
                   entry->artifact, entry->usable, (unsigned long long)entry->calls);
    }
}

/* Everything that the job was told, and what it has found so far. */
static void describe_job(const struct job *job, const char *build, struct tb_buffer *text)
{
    tb_key_add(text, "build %s\n", build);
    tb_buffer_put_text(text, job->manifest == NULL ? "" : job->manifest);
    for (size_t i = 0; i < job->options->only.count; i++)
        tb_buffer_put_text(text, job->options->only.terms[i]);
    tb_buffer_put(text, job->discarded, job->campaign->run_count * sizeof *job->discarded);
    describe_artifacts(job, text);
}

static enum tb_status take_identity(void *context, struct tb_bytes bytes, struct tb_error *error)
{
    struct job *const job = context;
    const uint8_t *text;
    if (!tb_bytes_take(&bytes, sizeof job->identity, &text))
        return tb_error_unpack(error, "the identity of the job does not unpack");
    memcpy(job->identity, text, sizeof job->identity);
    return TB_OK;
}

enum tb_status tb_job_identify(struct job *job, struct tb_error *error)
{
    char build[TB_BUILD_TEXT_SIZE], identity[TB_DIGEST_TEXT_SIZE] = "";
    struct tb_buffer text = {0}, local = {0};
    enum tb_status status = TB_OK;
    if (job->team->rank == 0) {
        describe_job(job, tb_parallel_build(build), &text);
        status = tb_buffer_check(&text, "the identity of the job", error);
        if (status == TB_OK && build[0] != '\0')
            tb_digest_of_bytes(text.data, text.size, identity);
        tb_buffer_put(&local, identity, sizeof identity);
    }
    status = tb_team_collect(job->team, status, &local, "the identity of the job", true, take_identity, job, error);
    tb_buffer_free(&text);
    tb_buffer_free(&local);
    return status;
}
