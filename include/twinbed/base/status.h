/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_BASE_STATUS_H
#define TWINBED_BASE_STATUS_H

/* The one error idiom of the project.
 *
 * A function that can fail returns a tb_status and takes, as its last
 * argument, a caller-owned tb_error that may be NULL. The function that first
 * knows what went wrong writes the sentence, once; callers pass the status up.
 * Outputs are set only on TB_OK. A sentence names the file, the offset or line,
 * the reason, and where it helps what to do next. */

#if defined(__GNUC__)
#define TB_MUST_USE __attribute__((warn_unused_result))
#define TB_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#else
#define TB_MUST_USE
#define TB_PRINTF(format_at, first_at)
#endif

/* Grouped by what the caller can do about it. */
enum tb_status {
    TB_OK = 0,
    TB_END,          /* expected: no more input */
    TB_TRUNCATED,    /* the input ends inside a record */
    TB_CORRUPT,      /* bytes that no record claims */
    TB_UNSUPPORTED,  /* recognised, but not something twinbed reads */
    TB_NOT_FOUND,    /* a file or a named thing does not exist */
    TB_INPUT_OUTPUT, /* the system refused to open, read or write */
    TB_USAGE,        /* bad command line, bad campaign file */
    TB_CONFLICT,     /* output exists, or another job owns it */
    TB_STOPPED,      /* a signal asked to stop; start again to go on */
    TB_MEMORY,       /* out of memory */
    TB_INTERNAL      /* a defect in twinbed */
};

enum { TB_ERROR_TEXT_SIZE = 1024 };

struct tb_error {
    enum tb_status status;
    char text[TB_ERROR_TEXT_SIZE]; /* one sentence, no newline, always NUL-ended */
};

/* Writes the sentence into error (when not NULL) and returns status, so that
 * report-and-return is one line. A text that is too long is cut. */
enum tb_status tb_error_set(struct tb_error *error, enum tb_status status, const char *format, ...) TB_PRINTF(3, 4);

/* The same for an out-of-memory condition; what says what was being built. Names the limit of the process, if it has one
 * (memory_limit.h). */
enum tb_status tb_error_memory(struct tb_error *error, const char *what);

/* Something that this process packed does not unpack: TB_INTERNAL with the sentence, or TB_MEMORY when it was memory that the
 * thread's latest failure was for (errno). */
enum tb_status tb_error_unpack(struct tb_error *error, const char *sentence);

/* Puts "PATH: " before the sentence, unless it begins so. */
void tb_error_name(struct tb_error *error, const char *path);

/* A short lower-case word for a status ("truncated"); never NULL. */
const char *tb_status_name(enum tb_status status);

#endif
