/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_TEXT_LINES_H
#define TWINBED_TRACE_TEXT_LINES_H

/* A trace that is a text: its lines become the events that the decoder takes from scap files. */

#include "decoder.h"

/* At its beginning. */
TB_MUST_USE enum tb_status tb_decoder_start_text(struct decoder *decoder, struct tb_error *error);
/* Takes lines that begin before offset end; TB_END when the stream ends before it. */
TB_MUST_USE enum tb_status tb_decoder_take_lines(struct decoder *decoder, uint64_t end, struct tb_error *error);
/* To be called for every decoder in the end. */
void tb_decoder_finish_text(struct decoder *decoder);

#endif
