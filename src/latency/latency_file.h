/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_LATENCY_LATENCY_FILE_H
#define TWINBED_SRC_LATENCY_LATENCY_FILE_H

/* A latency file while it is read (latency.c), and the four forms it can have.
 *
 *       latency.c    looks at the beginning; a form of lines: each line to take_line; .owp: tb_owp_read
 *       form         tb_latency_begin -> fills file->session or file->log -> tb_latency_add
 *
 * Forms of lines are what owping prints: its report (latency_text.c), its summary with -M
 * (latency_summary.c), and single packets with -R (latency_raw.c). owp.c reads the binary file. A
 * session is made of what a report says, or of its packets (packet_log.h). One file is read by one
 * thread. */

#include "packet_log.h"
#include "twinbed/io/lines.h"
#include "twinbed/latency/latency.h"

/* A file that is read; zeroed but for what latency.c sets. */
struct tb_latency_file {
    struct tb_lines lines;
    struct tb_latency *latency;        /* Borrowed; results so far. */
    size_t capacity;                   /* of latency->sessions */
    struct tb_latency_session session; /* the one being read */
    struct tb_packet_log log;          /* raw and .owp: its packets */
    bool in_session;                   /* session was begun and not added. */
    bool has_counts;                   /* text, summary: how many packets were sent and lost */
    bool has_delay;
    bool has_jitter;   /* text */
    bool has_end;      /* summary */
    bool in_table;     /* summary: between <X> and </X> */
    bool has_packets;  /* text: lines of single packets (-v), whose header stands again above the report */
    bool left_open;    /* text: the report before had no counts */
    char sid[64];      /* text: of the session being read */
    char open_sid[64]; /* text: of the report that was left open */
};

/* A form that consists of lines. take_line is called with each line: TB_OK when it took or skipped
 * it, TB_END when a session needs the line to be otherwise. */
struct tb_latency_lines {
    /* Whether a file whose first line that says anything is this one is of the form. */
    bool (*begins)(struct tb_text line);
    enum tb_status (*take_line)(struct tb_latency_file *file, struct tb_error *error);
    /* The last session, at the end of the file. */
    enum tb_status (*finish)(struct tb_latency_file *file, struct tb_error *error);
};

/* The three forms of lines, in files of their names. */
extern const struct tb_latency_lines tb_latency_text;
extern const struct tb_latency_lines tb_latency_summary;
extern const struct tb_latency_lines tb_latency_raw;

/* Bytes that a .owp file begins with. */
enum { TB_OWP_MAGIC_SIZE = 4 };
/* The bytes that a .owp file begins with. */
extern const char tb_owp_magic[TB_OWP_MAGIC_SIZE];
/* Reads a whole .owp file, counting its bytes in file->lines.account (owp.c). */
TB_MUST_USE enum tb_status tb_owp_read(struct tb_latency_file *file, struct tb_error *error);

/* Starts a session with everything unknown. */
void tb_latency_begin(struct tb_latency_file *file);
/* Appends the session to the results. TB_MEMORY; TB_UNSUPPORTED when there are more than
 * TB_LATENCY_SESSIONS_MOST. */
TB_MUST_USE enum tb_status tb_latency_add(struct tb_latency_file *file, struct tb_error *error);
/* The current line should hold a value and does not: TB_CORRUPT, but TB_OK for
 * the torn last line, which is noted in the account. */
TB_MUST_USE enum tb_status tb_latency_bad_line(struct tb_latency_file *file, const char *what, struct tb_error *error);
/* Notes that the file ends before a session is complete. */
void tb_latency_ends_early(struct tb_latency_file *file, const char *where);
/* A finite real, or "nan". */
TB_MUST_USE bool tb_latency_real(struct tb_text text, double *value);

#endif
