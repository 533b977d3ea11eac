/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow_tables.h"

#include <stdlib.h>

#include "decode/capture_artifacts.h"
#include "twinbed/base/archive.h"

/* --- the tables of the campaign --- */

/* A table without the rows that it begins and ends at: these follow from all before it. */
static void describe_table(struct tb_archive *archive, struct flow_table *table, uint64_t *rows)
{
    tb_archive_size(archive, &table->artifact);
    tb_archive_u64(archive, rows);
    tb_archive_u16(archive, &table->server_port);
}

enum { TABLE_SIZE = 8 + 8 + 2 };

void tb_flow_tables_note(struct job *job, size_t artifact, uint64_t rows, uint16_t server_port)
{
    struct tb_archive archive = tb_archive_writer(&job->flow_tables);
    struct flow_table table = {.artifact = artifact, .server_port = server_port};
    if (rows > 0)
        describe_table(&archive, &table, &rows);
}

static bool take_table(struct flow_tables *tables, struct tb_archive *archive)
{
    uint64_t rows = 0;
    struct flow_table *const table = &tables->tables[tables->table_count];
    describe_table(archive, table, &rows);
    if (archive->failed || table->artifact >= tables->job->campaign->artifact_count || rows > UINT64_MAX - tables->rows)
        return false;
    table->begin = tables->rows;
    table->end = tables->rows += rows;
    tables->table_count++;
    return true;
}

static enum tb_status take_tables(struct flow_tables *tables, const struct tb_buffer *all, const uint64_t *begins,
                                  struct tb_error *error)
{
    const int rank = tables->job->team->rank;
    tables->tables = calloc(all->size / TABLE_SIZE + 1, sizeof tables->tables[0]);
    if (tables->tables == NULL)
        return tb_error_memory(error, "the tables of flows");
    const struct tb_bytes bytes = tb_bytes_packed(all->data, all->size);
    struct tb_archive archive = tb_archive_reader(&bytes);
    while (archive.in.left > 0)
        if (!take_table(tables, &archive))
            return tb_error_unpack(error, "the tables of flows do not unpack");
    tables->own_begin = (size_t)(begins[rank] / TABLE_SIZE);
    tables->own_end = (size_t)(begins[rank + 1] / TABLE_SIZE);
    return TB_OK;
}

enum tb_status tb_flow_tables_open(const struct job *job, struct flow_tables *tables, struct tb_error *error)
{
    struct tb_buffer all = {0};
    uint64_t *begins = calloc((size_t)job->team->size + 1, sizeof *begins);
    *tables = (struct flow_tables){.job = job};
    enum tb_status status = begins == NULL ? tb_error_memory(error, "the tables of flows")
                                           : tb_buffer_check(&job->flow_tables, "the tables of flows", error);
    status = tb_team_agree(job->team, status, error);
    if (status == TB_OK)
        status = tb_team_gather(job->team, &job->flow_tables, true, &all, begins, error);
    if (status == TB_OK)
        status = tb_team_agree(job->team, take_tables(tables, &all, begins, error), error);
    if (status != TB_OK)
        tb_flow_tables_free(tables);
    free(begins);
    tb_buffer_free(&all);
    return status;
}

static void close_table(struct flow_tables *tables)
{
    tb_flow_reader_close(&tables->reader);
    tables->left_rows = 0;
}

void tb_flow_tables_free(struct flow_tables *tables)
{
    close_table(tables);
    tb_buffer_free(&tables->block);
    free(tables->tables);
    *tables = (struct flow_tables){0};
}

/* --- reading --- */

/* Its parts were whole when the job began. */
static enum tb_status lost(const struct flow_tables *tables, enum tb_status status, struct tb_error *error)
{
    if (status == TB_MEMORY)
        return status;
    return tb_error_set(error, TB_INPUT_OUTPUT,
                        "the rows of the flows of %s are not in %s any more: start again to decode it again",
                        tables->job->campaign->artifacts[tables->tables[tables->table].artifact].path,
                        tb_parts_directory(tables->job->decoding.parts));
}

static enum tb_status open_table(struct flow_tables *tables, size_t table, struct tb_error *error)
{
    close_table(tables);
    tables->table = table;
    tables->row = tables->tables[table].begin;
    const enum tb_status status =
        tb_capture_open_rows(&tables->job->decoding, tables->tables[table].artifact, &tables->reader, error);
    return status == TB_OK ? TB_OK : lost(tables, status, error);
}

/* The next block that does not end before that row. */
static enum tb_status take_block_with(struct flow_tables *tables, uint64_t row, struct tb_error *error)
{
    const uint64_t left = tables->tables[tables->table].end - tables->row;
    uint64_t rows = 0;
    bool there;
    while ((there = tb_flow_reader_look(&tables->reader, &rows)) && rows <= left && tables->row + rows <= row) {
        tb_flow_reader_skip(&tables->reader);
        tables->row += rows;
    }
    if (!there || rows > left)
        return lost(tables, TB_NOT_FOUND, error);
    const enum tb_status status = tb_flow_reader_take(&tables->reader, &tables->block, error);
    if (status != TB_OK)
        return lost(tables, status, error);
    tables->left = tb_bytes_packed(tables->block.data, tables->block.size);
    tables->left_rows = rows;
    return TB_OK;
}

/* The next row at hand is that of the whole table. */
static enum tb_status reach(struct flow_tables *tables, uint64_t row, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    size_t table = tables->reader.key == NULL ? 0 : tables->table;
    if (tables->reader.key != NULL && row < tables->row)
        table = 0;
    while (tables->tables[table].end <= row)
        table++;
    if (tables->reader.key == NULL || table != tables->table || row < tables->row)
        status = open_table(tables, table, error);
    if (status == TB_OK && tables->left_rows == 0)
        status = take_block_with(tables, row, error);
    return status;
}

/* The server's port was not known when the row was made. */
static enum tb_status read_row(struct flow_tables *tables, struct tb_flow *flow, struct tb_error *error)
{
    if (!tb_flow_unpack(flow, &tables->left))
        return lost(tables, TB_CORRUPT, error);
    tb_flow_orient(flow, tables->tables[tables->table].server_port);
    tables->left_rows--;
    tables->row++;
    return TB_OK;
}

enum tb_status tb_flow_tables_fill(void *context, uint64_t first, uint64_t count, struct tb_columns *columns,
                                   struct tb_error *error)
{
    struct flow_tables *const tables = context;
    const enum tb_flow_rules rules = flow_rules(&tables->job->campaign->settings);
    const uint64_t end = first + count;
    enum tb_status status = TB_OK;
    for (uint64_t row = first; row < end && status == TB_OK;) {
        struct tb_flow flow = {0};
        status = reach(tables, row, error);
        const bool wanted = status == TB_OK && tables->row == row;
        if (status == TB_OK)
            status = read_row(tables, &flow, error);
        if (status != TB_OK || !wanted)
            continue;
        tb_flow_columns_add(columns, tables->tables[tables->table].artifact, rules, &flow);
        row++;
    }
    return status;
}
