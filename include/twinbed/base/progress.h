/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_BASE_PROGRESS_H
#define TWINBED_BASE_PROGRESS_H

/* How far a stage is, for people, on standard error: a bar that redraws itself
 * on a terminal; elsewhere a line with a time stamp at the start, at the end,
 * and at most every ten seconds between. Only the speaker (tb_log_configure)
 * shows it, at the level of information. */

#include <stdbool.h>
#include <stdint.h>

struct tb_progress {
    const char *stage; /* borrowed: "decode" */
    const char *unit;  /* borrowed: "bytes", which are written in MB or GB, or what is counted: "walks" */
    bool of_rank;      /* the total is that of this rank, and there are others */
    uint64_t total;
    uint64_t done;
    uint64_t skipped; /* of what is done: what needed no work, and tells nothing of what is left */
    double started;   /* seconds of tb_clock_seconds */
    double shown;
};

void tb_progress_start(struct tb_progress *progress, const char *stage, const char *unit, uint64_t total, bool of_rank);
/* Adds to what is done; safe from several threads at once, as is the next one. */
void tb_progress_add(struct tb_progress *progress, uint64_t amount);
/* The same for what needed no work, as a file that was decoded before. */
void tb_progress_skip(struct tb_progress *progress, uint64_t amount);
/* complete: whether the stage went through. */
void tb_progress_finish(struct tb_progress *progress, bool complete);

/* What is shown at a time (of tb_clock_seconds) between start and end: "45 % of
 * 1.57 GB (this rank), 310 MB/s, about 12 s left". Rate and time stand there
 * from the first second on, once something is done. Gives text. */
enum { TB_PROGRESS_TEXT_SIZE = 160 };
const char *tb_progress_text(const struct tb_progress *progress, double now, char text[TB_PROGRESS_TEXT_SIZE]);

/* "157 MB", by powers of ten, three digits. Gives text. */
enum { TB_SIZE_TEXT_SIZE = 32 };
const char *tb_size_text(double bytes, char text[TB_SIZE_TEXT_SIZE]);

/* "12 s", "3 min 20 s", "1 h 20 min", "2 d 3 h". Gives text. */
enum { TB_DURATION_TEXT_SIZE = 48 };
const char *tb_duration_text(double seconds, char text[TB_DURATION_TEXT_SIZE]);

#endif
