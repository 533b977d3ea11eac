/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_METRICS_ABSENCE_H
#define TWINBED_METRICS_ABSENCE_H

/* Why a metric has no value. No evidence is not zero: an extractor returns a
 * number, or none and the kind of its absence; nothing in between. What became of
 * the artifact that a metric stands on is known to the job alone, so an extractor
 * says TB_ABSENT_ARTIFACT, and the job says which of the kinds before it is true. */

#include <math.h>
#include <stdbool.h>

#include "twinbed/base/words.h"

#define TB_ABSENCE_WORDS(WORD)                                                                                         \
    WORD(TB_PRESENT, present)                /* there is a value */                                                    \
    WORD(TB_ABSENT_DISCARDED, discarded)     /* the run is left out */                                                 \
    WORD(TB_ABSENT_UNDECLARED, undeclared)   /* the campaign file names no such artifact */                            \
    WORD(TB_ABSENT_UNRECORDED, not_recorded) /* no run of the cell has the artifact */                                 \
    WORD(TB_ABSENT_MISSING, missing)         /* other runs of the cell have it */                                      \
    WORD(TB_ABSENT_DAMAGED, damaged)                                                                                   \
    WORD(TB_ABSENT_WITHDRAWN, withdrawn)                                                                               \
    WORD(TB_ABSENT_ARTIFACT, artifact)              /* the artifact cannot be used, for one of the reasons before */   \
    WORD(TB_ABSENT_WORK, no_work)                   /* completed units of work are not known, or none was completed */ \
    WORD(TB_ABSENT_PORT, no_port)                   /* the server port is not known */                                 \
    WORD(TB_ABSENT_UNSTATED, not_stated)            /* the artifact does not say it */                                 \
    WORD(TB_ABSENT_OCCURRENCE, no_occurrence)       /* nothing occurred that it could be measured on */                \
    WORD(TB_ABSENT_REQUESTS, no_requests)           /* no HTTP request can be read in the capture */                   \
    WORD(TB_ABSENT_ENTERS, no_enters)               /* the trace has no enter events of the sequence's calls */        \
    WORD(TB_ABSENT_SWITCHES, no_switches)           /* the trace records no context switches */                        \
    WORD(TB_ABSENT_DESCRIPTOR, unknown_descriptors) /* calls were made on descriptors of unknown kind */               \
    WORD(TB_ABSENT_DIRECTION, no_direction)         /* latency sessions of one direction are missing */                \
    WORD(TB_ABSENT_SESSIONS, no_sessions)           /* too few latency sessions have the number */                     \
    WORD(TB_ABSENT_FAILURES, failures)              /* too many requests of the run failed */                          \
    WORD(TB_ABSENT_LOAD, no_load)                   /* too few test packets were captured under load */                \
    WORD(TB_ABSENT_OTHER_END, no_other_end)         /* there is no capture at the other end */                         \
    WORD(TB_ABSENT_WALK, no_walk)                   /* its sequence has no walk on a chain of another baseline run */  \
    WORD(TB_ABSENT_WINDOW, short_sequence)          /* its sequence is shorter than the window of walks */             \
    WORD(TB_ABSENT_OTHER_RUN, no_other_run)         /* no other run of the baseline has a chain */                     \
    WORD(TB_ABSENT_ONE_WAY, one_way)                /* the capture holds packets of one direction only */              \
    WORD(TB_ABSENT_CALLS, no_calls)    /* no call of the kind that is counted, without which no request is served */   \
    WORD(TB_ABSENT_PAIRS, other_pairs) /* the run has not the pairs that other runs of its cell have */                \
    WORD(TB_ABSENT_ENDS, unknown_ends) /* no latency session has the server at one of its ends alone */                \
    WORD(TB_ABSENT_NUMBER, no_number)  /* no number, or a bad one, stands where the campaign file says */              \
    WORD(TB_ABSENT_PORTS, no_ports)    /* the trace does not tell on which port some connections are */
enum tb_absence { TB_ABSENCE_WORDS(TB_WORD_ENUMERATOR) TB_ABSENCES };

/* For files and flag lists: "discarded", "withdrawn", ... Static. */
const char *tb_absence_name(enum tb_absence absence);

/* One sentence without a full stop, for people. Static. */
const char *tb_absence_sentence(enum tb_absence absence);

/* True where something that was asked for is missing; false where there is nothing to find, such as what no run of a cell
 * recorded. */
bool tb_absence_is_fault(enum tb_absence absence);

/* A number, or why there is none. */
struct tb_metric_value {
    double number; /* NaN exactly when absence is not TB_PRESENT */
    enum tb_absence absence;
};

static inline struct tb_metric_value tb_metric_absent(enum tb_absence absence)
{
    return (struct tb_metric_value){NAN, absence};
}

/* The number, or where it is NaN the reason given. */
static inline struct tb_metric_value tb_metric_number(double number, enum tb_absence otherwise)
{
    return (struct tb_metric_value){number, isnan(number) ? otherwise : TB_PRESENT};
}

#endif
