/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_ARTIFACT_H
#define TWINBED_SRC_DECODE_ARTIFACT_H

/* What a file of some kind holds, and how it is read. All that differs from kind to kind stands in one table, one row a
 * kind (artifact_kinds.h); the functions of a row take and give what is declared here. */

#include "decoding.h"
#include "twinbed/app/apachebench.h"
#include "twinbed/app/counters.h"
#include "twinbed/app/kernel_log.h"
#include "twinbed/app/numbers.h"
#include "twinbed/capture/capture.h"
#include "twinbed/capture/capture_log.h"
#include "twinbed/decode/identify.h"
#include "twinbed/io/source.h"
#include "twinbed/latency/latency.h"

/* Of a file of numbers: those of the campaign's metrics that it is the file of, in their order. */
struct number_list {
    struct tb_account account;
    struct tb_number *items; /* owned */
    size_t count;
};

/* Of a file that says how much work was completed. */
struct completed_work {
    struct tb_account account;
    uint64_t units;
};

/* Only the member of its kind is set. */
struct artifact_content {
    enum tb_artifact_kind kind;
    char format[TB_FORMAT_TEXT_SIZE]; /* found in the file */
    struct tb_trace *trace;           /* Owned, as the next two; NULL for other kinds. */
    struct tb_capture *capture;
    struct tb_latency *latency;
    struct tb_apachebench ab;
    struct tb_ab_quantiles quantiles;
    struct tb_ab_requests requests;
    struct tb_counters counters;
    struct tb_capture_log capture_log;
    struct completed_work work;
    struct number_list numbers;
    struct tb_kernel_log kernel_log;
};

/* Who decodes one artifact. */
struct workers {
    int threads;                /* of this rank */
    const struct tb_team *team; /* that this rank leads, for a trace or capture; NULL: this rank alone */
    int decompressors;          /* threads that may decompress beside decoding */
};

struct trace_cuts;

/* What a reader is given. All borrowed. */
struct reading {
    const struct tb_campaign *campaign;
    const struct tb_artifact *artifact;
    struct tb_source *source; /* NULL when the artifact is a directory */

    /* NULL: it is only looked at, for what it is and whether it is whole; what follows is not set then. */
    const struct decoding *decoding;
    size_t index; /* the artifact's */
    const struct workers *workers;
    const struct trace_cuts *cuts; /* of a trace; NULL: the whole */
    bool unsaved; /* set by the reader: nothing is wrong with the file, but its part cannot be written */
};

#endif
