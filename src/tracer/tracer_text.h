/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACER_TRACER_TEXT_H
#define TWINBED_TRACER_TRACER_TEXT_H

/* A text that a tracer wrote, line by line, as the events that a scap file of the same run would hold. */

#include "text_event.h"
#include "traced_sockets.h"
#include "traced_threads.h"
#include "tracer_sink.h"
#include "twinbed/io/account.h"
#include "twinbed/io/source.h"

/* Longer lines are damage. So far ahead the parent of a thread is looked for. So much of a file tells what it is. */
enum { TRACER_LINE_MOST = 16 << 20, TRACER_AHEAD = 1 << 20, TRACER_LOOKED_AT = 16 << 10 };

/* Which program wrote a text. */
enum tracer_kind { TRACER_STRACE, TRACER_PERF, TRACER_KINDS };

struct tracer_text {
    enum tracer_kind kind;
    struct tb_reader *reader;       /* borrowed */
    struct tb_account *account;     /* borrowed */
    const struct tracer_sink *sink; /* borrowed */
    int64_t tid;                    /* strace: of lines that tell none */
    bool machine_known;             /* perf: the text says that it is of this architecture */
    uint64_t time;                  /* ns, of the last line that told one */
    uint64_t midnights;             /* ns to be added to times of the day */
    uint64_t backwards;             /* strace: lines that are earlier than the one before */
    size_t line_size;               /* of the line at hand, its newline included */
    uint64_t broken;                /* lines */
    uint64_t broken_offset;         /* of the first */
    bool broken_at_end;             /* only the last line is, which has no end */
    struct traced_calls calls;
    struct traced_threads threads;
    struct text_event event;
    struct traced_sockets sockets;
};

/* Whether a stream that begins so is such a text. */
bool tb_tracer_recognise(const uint8_t *data, size_t size);

/* A text at the beginning of reader, in whose window it was recognised; NULL without memory. Owned by the caller. */
struct tracer_text *tb_tracer_text_start(struct tb_reader *reader, struct tb_account *account,
                                         const struct tracer_sink *sink);
/* Accepts NULL. */
void tb_tracer_text_free(struct tracer_text *text);

/* Takes the next line; TB_END behind the last one, when the account has been told what was damaged. */
TB_MUST_USE enum tb_status tb_tracer_text_take_line(struct tracer_text *text, struct tb_error *error);

#endif
