/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_METRICS_ABSENCE_H
#define TWINBED_METRICS_ABSENCE_H

/* Why a metric has no value. No evidence is not zero: an extractor returns a
 * number, or none and the kind of its absence; nothing in between. What became of
 * the artifact that a metric stands on is known to the job alone, so an extractor
 * says TB_ABSENT_ARTIFACT, and the job says which of the kinds before it is true. */

#include <math.h>
#include <stdbool.h>

enum tb_absence {
    TB_PRESENT,           /* there is a value */
    TB_ABSENT_DISCARDED,  /* the run is left out */
    TB_ABSENT_UNDECLARED, /* the campaign file names no such artifact */
    TB_ABSENT_UNRECORDED, /* no run of the cell has the artifact */
    TB_ABSENT_MISSING,    /* other runs of the cell have it */
    TB_ABSENT_DAMAGED,
    TB_ABSENT_WITHDRAWN,
    TB_ABSENT_ARTIFACT,   /* the artifact cannot be used, for one of the reasons before */
    TB_ABSENT_WORK,       /* completed units of work are not known, or none was completed */
    TB_ABSENT_PORT,       /* the server port is not known */
    TB_ABSENT_UNSTATED,   /* the artifact does not say it */
    TB_ABSENT_OCCURRENCE, /* nothing occurred that it could be measured on */
    TB_ABSENT_REQUESTS,   /* no HTTP request can be read in the capture */
    TB_ABSENT_ENTERS,     /* the trace has no enter events of the sequence's calls */
    TB_ABSENT_SWITCHES,   /* the trace records no context switches */
    TB_ABSENT_DESCRIPTOR, /* calls were made on descriptors of unknown kind */
    TB_ABSENT_DIRECTION,  /* latency sessions of one direction are missing, or directions cannot be told apart */
    TB_ABSENT_SESSIONS,   /* too few latency sessions have the number */
    TB_ABSENT_FAILURES,   /* too many requests of the run failed */
    TB_ABSENT_LOAD,       /* too few test packets were captured under load */
    TB_ABSENT_OTHER_END,  /* there is no capture at the other end */
    TB_ABSENT_WALK,       /* its sequence has no walk on a chain of another baseline run */
    TB_ABSENT_WINDOW,     /* its sequence is shorter than the window of walks */
    TB_ABSENT_OTHER_RUN,  /* no other run of the baseline has a chain */
    TB_ABSENT_ONE_WAY,    /* the capture holds packets of one direction only */
    TB_ABSENT_CALLS,      /* the trace shows no call of the kind that is counted, without which no request is served */
    TB_ABSENCES
};

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
