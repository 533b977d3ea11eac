/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DRAFT_SURVEY_H
#define TWINBED_SRC_DRAFT_SURVEY_H

/* What lies below some directories: every file, known by its content. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "campaign/manifest/arena.h"
#include "twinbed/base/containers.h"
#include "twinbed/campaign/campaign.h"
#include "twinbed/draft/draft.h"

/* More is not looked at, and said. */
enum { SURVEY_MOST_DIRECTORIES = 100 * 1000, SURVEY_MOST_FILES = 1000 * 1000, SURVEY_MOST_DEPTH = 32 };

/* A file, or a directory of counters. */
struct survey_file {
    size_t root;
    const char *path;           /* below the root */
    enum tb_artifact_kind kind; /* TB_ARTIFACT_KINDS: none */
    const char *what;           /* "wrk output"; "" when nothing is known of it; not owned */
    uint64_t size;              /* bytes */
};

/* Everything lives in the arena but the index. Zero it to start. */
struct survey {
    struct arena arena;
    const char *roots[TB_DRAFT_ROOTS_MOST]; /* absolute, without links */
    bool root_is_file[TB_DRAFT_ROOTS_MOST]; /* it is the directory of the one file that was asked for */
    size_t root_count;
    struct survey_file *files; /* owned; root by root, directories in natural order */
    size_t count;
    size_t capacity;
    size_t directories;
    size_t loops;       /* links to directories that were not followed: they lead back into the tree */
    size_t unreadable;  /* directories that cannot be listed, and files that cannot be opened */
    size_t odd_names;   /* that are no UTF-8, which a campaign file must be */
    bool limited;       /* there is more than was looked at */
    bool has_loop_name; /* some directory is called as phenix calls those of its loops */
    bool has_responses; /* some directory is called as minimega calls that of its responses */
    struct tb_index visited;
};

/* Looks at one more directory, or file. TB_NOT_FOUND, TB_INPUT_OUTPUT, TB_UNSUPPORTED (its name is no UTF-8), TB_MEMORY. */
TB_MUST_USE enum tb_status tb_survey_add(struct survey *survey, const char *path, struct tb_error *error);
/* Frees all of it, with the texts that others borrowed. */
void tb_survey_free(struct survey *survey);

/* A workload's text that is not ab's. */
bool tb_survey_is_of_other_tool(const struct survey_file *file);

/* The file as it can be opened; in the survey's arena, NULL when memory is short. */
const char *tb_survey_path(struct survey *survey, const struct survey_file *file);

#endif
