/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_WALK_PROFILES_H
#define TWINBED_REPORT_WALK_PROFILES_H

/* Walk profiles: bits per transition along the sequences of one scenario and role, a line a testbed. */

#include "report/view/view.h"

enum { TB_WALK_PROFILE_INTERVALS = 1001 };

/* Rows first .. end - 1 of the profile belong to one scenario and role. */
struct tb_walk_profile {
    size_t first, end;
    size_t scenario;
    int32_t role;
    int32_t order;  /* the lowest, which is shown */
    int64_t length; /* calls of an interval */
};

/* One interval of the runs of a testbed. */
struct tb_walk_profile_point {
    size_t runs; /* with a value */
    double bits; /* per transition: mean over runs, and the least and greatest of them */
    double low, high;
    double invalid; /* transitions, mean over runs */
};

struct tb_walk_profile_line {
    size_t count; /* intervals of the longest run */
    struct tb_walk_profile_point points[TB_WALK_PROFILE_INTERVALS];
};

/* The profile that begins at a row; the next one begins at its end. */
struct tb_walk_profile tb_walk_profile_from(const struct tb_view *view, size_t first);

void tb_walk_profile_line(const struct tb_view *view, const struct tb_walk_profile *profile, size_t testbed,
                          struct tb_walk_profile_line *line);

#endif
