/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow_parts.h"

static enum tb_status ensure_begun(struct flow_part *part, struct tb_error *error)
{
    return part->writer != NULL ? TB_OK : tb_part_begin(part->directory, part->key, &part->writer, error);
}

static enum tb_status take_block(void *context, const struct tb_flow_block *block, struct tb_error *error)
{
    struct flow_part *const part = context;
    const enum tb_status status = ensure_begun(part, error);
    return status == TB_OK ? tb_part_put(part->writer, block->rows, block->data, block->size, error) : status;
}

void tb_flow_part_start(const char *directory, const char *key, struct flow_part *part)
{
    *part = (struct flow_part){
        .sink = {.take = take_block, .context = part, .directory = directory}, .directory = directory, .key = key};
}

enum tb_status tb_flow_part_finish(struct flow_part *part, struct tb_error *error)
{
    enum tb_status status = ensure_begun(part, error);
    if (status == TB_OK)
        status = tb_part_end(part->writer, error);
    part->writer = NULL;
    return status;
}

void tb_flow_part_abandon(struct flow_part *part)
{
    tb_part_abandon(part->writer);
    part->writer = NULL;
}
