/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_APP_COUNTER_AVERAGES_H
#define TWINBED_SRC_APP_COUNTER_AVERAGES_H

#include "counter_list.h"

/* The counters that one file tells, as they are found. Zero it to start, but for what is borrowed, and memory. */
struct counter_averages {
    struct tb_counters *counters;           /* borrowed */
    const char *file;                       /* borrowed: what they are said to be of */
    uint16_t order[TB_NAMED_COUNTERS_MOST]; /* places in counters of the averages of this file, by name */
    size_t ordered;
    bool memory; /* there was enough */
    bool told;
};

/* Adds a counter that was not told before. */
void tb_counter_told(struct counter_averages *averages, const char *name, const char *unit, double value);

/* Adds the average of a column, by sysstat's name, to those of the same name before: "%steal" of "all". The unit follows
 * from the name. of may be empty. */
void tb_counter_averages_add(struct counter_averages *averages, const char *column, struct tb_text of, double value);
/* When all is added: what they say of stolen time. */
void tb_counter_averages_finish(struct counter_averages *averages);

#endif
