/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACER_TRACER_SINK_H
#define TWINBED_TRACER_TRACER_SINK_H

/* Who takes what a text tells: the decoder of traces. */

#include "scap/scap_event.h"
#include "scap/scap_processes.h"
#include "twinbed/base/status.h"

struct tracer_sink {
    /* A thread that was there before the text began, with its name. */
    enum tb_status (*thread)(void *context, const struct scap_identity *identity, struct tb_error *error);
    /* What a descriptor of a thread's process stands for. */
    enum tb_status (*descriptor)(void *context, int64_t tid, int64_t descriptor, enum tb_descriptor_kind kind,
                                 struct tb_error *error);
    enum tb_status (*event)(void *context, const struct scap_event *event, struct tb_error *error);
    /* Lines are missing here. */
    void (*lost)(void *context);
    void *context;
};

#endif
