/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_TEXT_LINES_H
#define TWINBED_TRACE_TEXT_LINES_H

/* A trace that is a text: its lines become the events that the decoder takes from scap files.
 *
 * The room tracer knows the lines (tracer/tracer_text.h) and gives threads, descriptors and events
 * to a sink; here is that sink. So who is who, descriptors and counting are those of scap files. A
 * text is decoded by one thread in one piece. */

#include "decoder.h"

/* Makes decoder one of a text, at the beginning of which it stands. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_decoder_start_text(struct decoder *decoder, struct tb_error *error);
/* Takes lines that begin before offset end; TB_END when the stream ends before it, TB_OK also when
 * visit wants no more. */
TB_MUST_USE enum tb_status tb_decoder_take_lines(struct decoder *decoder, uint64_t end, struct tb_error *error);
/* Frees what is of the text; to be called for every decoder in the end, of a text or not. */
void tb_decoder_finish_text(struct decoder *decoder);

#endif
