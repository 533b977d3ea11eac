/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TESTS_REPORT_MADE_RESULTS_H
#define TWINBED_TESTS_REPORT_MADE_RESULTS_H

/* A results file of a campaign that never was: numbers like those of a small
 * study, with the factors and artifacts that a test asks for. */

#include <stdbool.h>
#include <stddef.h>

struct made_options {
    bool link;         /* a factor link speed with two levels */
    bool sizes;        /* a factor size with three levels; else no factor but clients */
    bool instrumented; /* a factor instrumented: every scenario also runs without */
    bool traces;       /* sequences, chains and walks */
    bool counters;     /* machine counters */
    bool captures;     /* distributions of captures; two flows stood still in each run of the second testbed */
    bool hostile;      /* names that try to break out of the page */
    bool together;     /* link speed changes with clients, not by itself */
    size_t clients;    /* levels of a factor clients; at least 1 */
    size_t repetitions;
    bool empty;   /* no testbed, no run, nothing */
    bool outside; /* a run in a cell that does not exist */
};

/* Writes the results at path. False with a line on standard error. */
bool made_results_write(const char *path, const struct made_options *options);

/* A testbed's name when options->hostile. */
extern const char made_hostile_name[];

#endif
