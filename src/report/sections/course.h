/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_COURSE_H
#define TWINBED_REPORT_COURSE_H

/* The course of walks: bits per transition along the sequences of one scenario and role, a line a testbed. */

#include "report/view/view.h"

enum { TB_COURSE_STRETCHES = 1001 };

/* Rows first .. end - 1 of the course belong to one scenario and role. */
struct tb_course {
    size_t first, end;
    size_t scenario;
    int32_t role;
    int32_t order;  /* the lowest, which is shown */
    int64_t length; /* calls of a stretch */
};

/* One stretch of the runs of a testbed. */
struct tb_course_point {
    size_t runs; /* with a value */
    double bits; /* per transition: mean over runs, and the least and greatest of them */
    double low, high;
    double invalid; /* transitions, mean over runs */
};

struct tb_course_line {
    size_t count; /* stretches of the longest run */
    struct tb_course_point points[TB_COURSE_STRETCHES];
};

/* The course that begins at a row; the next one begins at its end. */
struct tb_course tb_course_from(const struct tb_view *view, size_t first);

void tb_course_line(const struct tb_view *view, const struct tb_course *course, size_t testbed,
                    struct tb_course_line *line);

#endif
