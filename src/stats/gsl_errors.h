/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_STATS_GSL_ERRORS_H
#define TWINBED_SRC_STATS_GSL_ERRORS_H

/* GSL's own handler ends the program where an argument is out of a function's domain, or memory is short. Nothing here may:
 * every result is looked at, and NaN stands for "no value". Each source that calls GSL includes this, so that no program
 * that has the calls lacks it. */

#include <gsl/gsl_errno.h>

/* Before main, so that no order of calls matters. */
__attribute__((constructor)) static void keep_running(void)
{
    gsl_set_error_handler_off();
}

#endif
