/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_IO_LINES_H
#define TWINBED_IO_LINES_H

/* Lines of a text stream, one at a time, and where their bytes went.
 *
 * A line counts as skipped unless tb_lines_take says that it was understood
 * (decoded) or tb_lines_cut that it is the torn end of the file (damaged).
 *
 * Texts of Windows' shells are read, too: a byte order mark is skipped, and
 * UTF-16 of either order, with a mark or plainly without one, is given as ASCII,
 * '?' for any other letter. Bytes are counted as they stand in the stream. */

#include <stdbool.h>
#include <stdint.h>

#include "twinbed/io/account.h"
#include "twinbed/io/source.h"
#include "twinbed/io/text.h"

/* Longer lines are given cut to this length; their bytes are all accounted for. */
enum { TB_LINE_LIMIT = 1 << 16 };

/* A file in which nothing is recognised for so many bytes is given up as one of something else. */
enum { TB_RECOGNITION_LIMIT = 1 << 20 };

/* Found at the beginning of the stream. */
enum tb_encoding { TB_ENCODING_UNKNOWN, TB_ENCODING_BYTES, TB_ENCODING_UTF16_LITTLE, TB_ENCODING_UTF16_BIG };

struct tb_lines {
    struct tb_text text; /* without LF or CR LF; borrowed until the next call */
    uint64_t number;     /* 1 for the first line */
    uint64_t offset;     /* of the line in the stream */
    bool whole;          /* an end of line follows; false only for the last line */
    bool started;        /* there is a current line */
    uint64_t *counted;   /* the part of account that gets the line's bytes */
    enum tb_encoding encoding;
    char *letters; /* owned; UTF-16: the current line in ASCII; else NULL */
    struct tb_account account;
    struct tb_reader reader;
};

/* lines must not move between start and finish. Finish is due after TB_OK only. */
TB_MUST_USE enum tb_status tb_lines_start(struct tb_lines *lines, struct tb_source *source, struct tb_error *error);

/* TB_OK: text is the next line. TB_END at the end of the stream, also of one
 * that is broken; the account then says so, and what followed its last end of
 * line is counted as damaged and not given. TB_INPUT_OUTPUT, TB_MEMORY. */
TB_MUST_USE enum tb_status tb_lines_next(struct tb_lines *lines, struct tb_error *error);

/* As tb_lines_next, but what stands behind the last end of line is torn (tb_lines_cut) and not given. */
TB_MUST_USE enum tb_status tb_lines_next_whole(struct tb_lines *lines, struct tb_error *error);

/* Reads the first line, which must be header. TB_TRUNCATED for an empty file;
 * TB_UNSUPPORTED for another line, saying that the file is not what. */
TB_MUST_USE enum tb_status tb_lines_expect(struct tb_lines *lines, const char *header, const char *what,
                                           struct tb_error *error);

/* What to say of a stream that ended before anything useful came: broken as
 * its account tells, or empty. */
enum tb_status tb_lines_explain_nothing(const struct tb_lines *lines, struct tb_error *error);

void tb_lines_take(struct tb_lines *lines);
/* Also notes in the account that the file ends inside this line. */
void tb_lines_cut(struct tb_lines *lines);

/* Passes the rest of the stream as skipped, completes the account and frees.
 * account may be NULL. */
void tb_lines_finish(struct tb_lines *lines, struct tb_account *account);

const char *tb_lines_name(const struct tb_lines *lines);

#endif
