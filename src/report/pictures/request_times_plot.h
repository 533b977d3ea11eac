/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_REQUEST_TIMES_PLOT_H
#define TWINBED_REPORT_REQUEST_TIMES_PLOT_H

/* How long requests took: for each testbed of a scenario the distribution over requests, from the tables of ab's -e, or
 * where there is none of -g: the median over runs of each percent, in a band from the least to the greatest run. */

#include <stdio.h>

#include "report/view/view.h"

/* has[scenario]: some run of the scenario has a table. */
void tb_request_times_find(const struct tb_view *view, bool *has);

TB_MUST_USE enum tb_status tb_request_times_script(FILE *script, const struct tb_view *view, size_t scenario,
                                                   struct tb_error *error);

#endif
