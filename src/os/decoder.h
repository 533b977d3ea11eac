/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_OS_DECODER_H
#define TWINBED_OS_DECODER_H

/* One pass over a trace: what its parts share. */

#include "call_table.h"
#include "threads.h"

/* Everything that one pass over a trace holds. */
struct decoder {
    struct scap_walker walker;
    struct tb_trace *trace;
    struct sequences sequences;
    struct threads threads;
    struct tb_event_meaning meanings[EVENT_NUMBERS]; /* of the section at hand */
    bool (*visit)(void *context, const struct tb_call_record *record);
    void *context;
    uint16_t minor_version;
    bool events_seen;     /* in the section at hand */
    bool scap_seen;       /* a block that only scap has */
    bool foreign_seen;    /* a block that scap does not have */
    bool enters_ordinary; /* an enter that new drivers do not write */
    bool stopped;         /* visit wants no more */
};

/* One exit while it is looked at. */
struct exit_view {
    const struct scap_event *event;
    const struct tb_event_meaning *meaning;
    int64_t result;
    bool has_result;
    bool matched; /* the thread's pending enter is its own */
};

/* Counts and applies one event whose parameters are known to fit. meaning is of a class that is needed. */
TB_MUST_USE enum tb_status decoder_take_event(struct decoder *decoder, const struct scap_event *event,
                                              const struct tb_event_meaning *meaning, struct tb_error *error);

/* The port of an address or, with tuple, of a tuple's second end; false unless it is of IP. */
bool exit_port(const struct scap_event *event, uint32_t which, bool tuple, uint16_t *port);
/* What a successful call does to the descriptors of its process. */
void exit_change_descriptors(struct decoder *decoder, const struct thread *thread, const struct exit_view *view);
/* Counts a connection made, or taken, by port. */
TB_MUST_USE enum tb_status exit_take_connect(struct decoder *decoder, const struct thread *thread,
                                             const struct exit_view *view, struct tb_error *error);
TB_MUST_USE enum tb_status exit_take_accept(struct decoder *decoder, const struct thread *thread,
                                            const struct exit_view *view, struct tb_error *error);
/* Counts a read or write by the kind of its descriptor. */
void exit_count_transfer(struct decoder *decoder, const struct thread *thread, const struct exit_view *view);

#endif
