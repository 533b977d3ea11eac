/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_APP_COUNTER_FILES_H
#define TWINBED_SRC_APP_COUNTER_FILES_H

#include "twinbed/app/counters.h"

enum counter_file_kind {
    COUNTER_FILE_PAIR,   /* before.NAME and after.NAME are there */
    COUNTER_FILE_SINGLE, /* neither before. nor after. */
    COUNTER_FILE_ALONE   /* one of a pair without the other */
};

struct counter_file {
    enum counter_file_kind kind;
    char name[256]; /* of a pair what stands behind before. */
};

struct counter_files {
    struct counter_file *items; /* owned */
    size_t count, left_out;     /* those that are to be read, and so many behind them that are not */
    size_t capacity;
};

/* The files of a directory but those of pairs that are known, and hidden ones, in the order of their names; of
 * more than 1024 those behind are left out. *files is the caller's to free, whatever the status. */
TB_MUST_USE enum tb_status tb_counter_files_list(const char *directory, const char *const *known, size_t known_count,
                                                 struct counter_files *files, struct tb_error *error);

#endif
