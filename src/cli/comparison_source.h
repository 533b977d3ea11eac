/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CLI_COMPARISON_SOURCE_H
#define TWINBED_SRC_CLI_COMPARISON_SOURCE_H

/* The results that compare sets side by side: two files of results, or one that is made for the occasion of two
 * directories, or of two files of one kind, each of which is a testbed. */

#include <stdbool.h>

#include "twinbed/base/status.h"

/* What is compared, and how. */
struct comparison_source {
    const char *results[2];  /* borrowed */
    const char *testbeds[2]; /* of which the cells are compared; NULL: testbeds of the same name */
    bool are_traces;         /* traces alone: nothing says how many requests were completed */
    char *names[2];          /* owned; what testbeds are called */
    char *directory;         /* owned; holds the results that were made; NULL */
    char *made;              /* owned; their path */
};

/* Makes the results where there are none, with the analysis of a campaign. TB_USAGE for two things that cannot be compared
 * with each other; else the status of the analysis. To be closed in any case. */
TB_MUST_USE enum tb_status comparison_source_open(const char *const paths[2], struct comparison_source *source,
                                                  struct tb_error *error);
/* Removes what was made. */
void comparison_source_close(struct comparison_source *source);

#endif
