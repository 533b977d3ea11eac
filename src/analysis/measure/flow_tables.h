/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_FLOW_TABLES_H
#define TWINBED_SRC_ANALYSIS_FLOW_TABLES_H

/* The rows of flows, from the decoding of captures to the results file.
 *
 * The rows of a capture are parts of their own (flow_parts.h). They are read in blocks when the results are written, so no
 * rank ever holds more rows than one piece of the table. Rows become columns in flow_row_columns.c. */

#include "analysis/job/job.h"
#include "decode/flow_parts.h"

enum { ADDRESS_BYTES = 16 };

/* A capture of this rank's share has so many rows, and its server listens on that port (0: not known). Captures are noted
 * in the order of the results' rows. */
void tb_flow_tables_note(struct job *job, size_t artifact, uint64_t rows, uint16_t server_port);

/* The rows of all captures of the campaign, for one reader. */
struct flow_tables {
    const struct job *job; /* borrowed */
    struct flow_table {
        size_t artifact;
        uint16_t server_port; /* 0: not known */
        uint64_t begin;       /* its first row */
        uint64_t end;
    } * tables; /* owned; in the order of rows, none without rows */
    size_t table_count;
    uint64_t rows;
    size_t own_begin; /* tables of this rank's share */
    size_t own_end;
    size_t table;              /* that is being read */
    uint64_t row;              /* the next of it to be unpacked */
    struct flow_reader reader; /* owned; of table */
    struct tb_buffer block;
    struct tb_bytes left; /* of the block */
    uint64_t left_rows;
};

/* Every rank learns what all have noted. Collective; on TB_OK the caller frees. */
TB_MUST_USE enum tb_status tb_flow_tables_open(const struct job *job, struct flow_tables *tables,
                                               struct tb_error *error);
void tb_flow_tables_free(struct flow_tables *tables);

/* Appends rows first .. first + count - 1 to the columns of flows. context is a
 * struct flow_tables. Not collective. */
TB_MUST_USE enum tb_status tb_flow_tables_fill(void *context, uint64_t first, uint64_t count,
                                               struct tb_columns *columns, struct tb_error *error);

/* Appends one row. */
void tb_flow_columns_add(struct tb_columns *columns, size_t artifact, enum tb_flow_rules rules,
                         const struct tb_flow *flow);

/* Bytes of one piece of the table of flows; 0 when flows have no rows. */
uint64_t tb_flow_columns_memory(const struct tb_campaign *campaign);

#endif
