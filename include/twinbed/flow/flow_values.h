/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_FLOW_FLOW_VALUES_H
#define TWINBED_FLOW_FLOW_VALUES_H

/* Means and other numbers that follow from the counters of one side. By the
 * rules of twinbed they are exact, and NaN where they do not apply; by those of
 * tcptrace they are what it prints, before it rounds. */

#include "twinbed/flow/capture_request.h"

/* Times in s; NaN without any (tcptrace: 0). */
struct tb_flow_time_values {
    double minimum;
    double maximum;
    double mean;
    double deviation; /* n - 1 form; NaN below two times (tcptrace: 0 below three) */
};

struct tb_flow_values {
    double mss; /* bytes */
    double segment_mean;
    double window_mean;
    double outstanding_mean;
    double outstanding_weighted; /* over the flow's duration */
    double missed_bytes;         /* stream bytes minus unique bytes, may be negative */
    double data_time;            /* s */
    double idle_max;             /* s */
    double throughput;           /* bytes per s */
    double handshake_rtt;        /* s */
    struct tb_flow_time_values gap, rtt, full_rtt, ambiguous_rtt, repeat_time;
};

void tb_flow_values_compute(const struct tb_flow *flow, unsigned side, enum tb_flow_rules rules,
                            struct tb_flow_values *values);

#endif
