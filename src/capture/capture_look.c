/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What flows need (tables, batches of packets, summaries) takes longer to set up than the beginning of a capture to read. */
#include <stdlib.h>

#include "capture_parser.h"
#include "twinbed/capture/capture.h"

/* The parser fills the capture as it goes. */
static enum tb_status pass_packets(struct tb_capture_parser *parser, struct tb_error *error)
{
    struct tb_flow_packet packet = {.number = 0};
    struct tb_flow_key key;
    enum tb_status status = TB_OK;
    while (status == TB_OK)
        status = tb_capture_parser_next(parser, &packet, &key, error);
    return status == TB_END ? TB_OK : status;
}

static enum tb_status look(struct tb_source *source, struct tb_capture *capture, struct tb_error *error)
{
    static const struct tb_capture_request nothing = {.rows = TB_FLOW_ROWS_NONE};
    struct tb_capture_parser parser = {.counts = capture};
    tb_capture_parser_ask(&parser, &nothing);
    enum tb_status status = tb_packet_file_open(&parser.file, source, &capture->account, error);
    if (status == TB_OK)
        status = pass_packets(&parser, error);
    if (status == TB_OK)
        tb_capture_parser_complete(&parser, capture);
    tb_capture_parser_free(&parser);
    return status;
}

enum tb_status tb_capture_look(struct tb_source *source, struct tb_capture **capture, struct tb_error *error)
{
    struct tb_capture *const seen = calloc(1, sizeof *seen);
    if (seen == NULL)
        return tb_error_memory(error, "a capture");
    const enum tb_status status = look(source, seen, error);
    if (status == TB_OK)
        *capture = seen;
    else
        tb_capture_free(seen);
    return status;
}
