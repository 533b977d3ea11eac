/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_METRICS_CHECKS_H
#define TWINBED_METRICS_CHECKS_H

/* What is known twice is compared. Requests and bytes of a run stand in the
 * workload's own text and tables, in the trace of either end, and in the capture. Each check
 * sets what one artifact shows beside what another record of the same thing says;
 * an artifact that shows too little was cut off or lost something, one that shows
 * too much holds more than the run. One row a check. */

#include <stddef.h>

#include "twinbed/base/words.h"
#include "twinbed/capture/capture.h"
#include "twinbed/metrics/registry.h"

/* Which artifact a check is about: that which is withdrawn when they disagree. */
enum tb_check_subject {
    TB_CHECK_AB_CSV,
    TB_CHECK_AB_TSV,
    TB_CHECK_CAPTURE,
    TB_CHECK_CLIENT_TRACE,
    TB_CHECK_SERVER_TRACE
};

/* The values of quality/check_verdict. */
#define TB_CHECK_VERDICT_WORDS(WORD)                                                                                   \
    WORD(TB_CHECK_AGREES, agrees)                                                                                      \
    WORD(TB_CHECK_TOO_FEW, too_few)                                                                                    \
    WORD(TB_CHECK_TOO_MANY, too_many)                                                                                  \
    WORD(TB_CHECK_NOT_MADE, not_made)
enum tb_check_verdict { TB_CHECK_VERDICT_WORDS(TB_WORD_ENUMERATOR) };

#define TB_CHECK_UNKNOWN UINT64_MAX

/* All borrowed. Of the artifact in question only the one of its kind is set. */
struct tb_check_evidence {
    const struct tb_measures *measures;      /* ab, completed, server_port */
    bool work_from_capture;                  /* completed units were counted in the capture itself */
    const struct tb_ab_quantiles *quantiles; /* the table of -e */
    const struct tb_ab_requests *requests;   /* the table of -g */
    const struct tb_capture *capture;
    const struct tb_flow_totals *flows; /* of the capture, on the server port */
    const struct tb_sequence *sequence;
    uint64_t dropped_packets; /* that the capturing program says it lost; TB_CHECK_UNKNOWN when nothing says */
    uint64_t written_packets; /* that it says it wrote to the file; likewise */
    double least;             /* at or below this ratio it is too few: `coverage` */
    double excess;            /* above 1 + this ratio it is too many */
    double loss;              /* share of packets that may be lost: `losses` */
};

struct tb_check_result {
    enum tb_check_verdict verdict;
    double seen;     /* in the artifact; NaN when not made */
    double expected; /* by the other record; NaN when not made */
    double ratio;    /* seen / expected, in tables of ab at least / 1; NaN when not made */
    double least;    /* ratios above this, for tables of ab from this on, ... */
    double most;     /* ... and up to this agree; NaN when not made */
    const char *why; /* static: why it was not made; "" when it was */
};

struct tb_check {
    const char *name; /* "capture_replies" */
    enum tb_check_subject subject;
    const char *unit;          /* "1", "bytes" or "ms" */
    const char *seen_text;     /* "completed replies" */
    const char *expected_text; /* "completed requests" */
    bool
        few_more; /* a few more than expected are usual: ab rounds times, and opens connections that it needs no more */
    bool is_coverage; /* it counts the units of work: its ratio is the coverage of the artifact */
    void (*make)(const struct tb_check_evidence *evidence, struct tb_check_result *result);
};

size_t tb_check_count(void);
/* Borrowed, constant. */
const struct tb_check *tb_check_at(size_t index);

/* Makes a check whose subject the evidence is of. */
void tb_check_make(const struct tb_check *check, const struct tb_check_evidence *evidence,
                   struct tb_check_result *result);

const char *tb_check_verdict_name(enum tb_check_verdict verdict); /* "agrees", "too_few", ... */

#endif
