/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_DRAFT_DRAFT_H
#define TWINBED_DRAFT_DRAFT_H

/* A campaign file drafted for directories as they lie: files are known by their content, runs by what lies together,
 * testbeds, factors and repetitions by what differs in the names. What is guessed says so in a comment. */

#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/status.h"
#include "twinbed/campaign/campaign.h"

enum { TB_DRAFT_ROOTS_MOST = 2, TB_DRAFT_ARTIFACTS_MOST = 32 };

enum tb_draft_layout { TB_DRAFT_ANY, TB_DRAFT_QUE, TB_DRAFT_SCORCH, TB_DRAFT_MINICCC };

/* All borrowed. */
struct tb_draft_request {
    const char *paths[TB_DRAFT_ROOTS_MOST];    /* directories; a file is a run by itself */
    const char *testbeds[TB_DRAFT_ROOTS_MOST]; /* of all that lies there; NULL: found in the names */
    size_t count;                              /* at least 1; with more than 1 every testbed is given, the first is the
                                                  baseline */
    enum tb_draft_layout layout;
};

/* What finds an artifact. */
struct tb_draft_artifact {
    enum tb_artifact_kind kind;
    enum tb_role role;
    enum tb_point point;
    char *patterns; /* owned; "a.txt, b.txt": alternatives; of a known layout one of the files found */
};

/* Files of one kind of name, which differ in digits at most, that are in no run. */
struct tb_draft_left {
    char *example;    /* owned; path of one of them, below its root; UTF-8 */
    const char *what; /* "wrk output"; "" when nothing is known of it; not owned */
    bool is_artifact; /* of a kind that is read */
    uint64_t count;
};

struct tb_draft {
    char *text;                   /* owned; the campaign file */
    size_t size;                  /* bytes, without the NUL */
    const char *layout;           /* "que", "scorch" or "", not owned */
    struct tb_campaign *campaign; /* owned; what the text says, loaded */
    struct tb_draft_artifact artifacts[TB_DRAFT_ARTIFACTS_MOST];
    size_t artifact_count;
    struct tb_draft_left *left; /* owned; artifacts first */
    size_t left_count;
    uint64_t directories; /* looked at */
    uint64_t files;
    uint64_t loops;      /* links to directories that lead back into the tree and were not followed */
    uint64_t unreadable; /* files and directories that cannot be opened */
    uint64_t odd_names;  /* files and directories whose names are no UTF-8, which a campaign file must be */
    bool limited;        /* there is more than was looked at: 100,000 directories, 1,000,000 files, 32 levels */
};

/* Looks at the directories, writes the text and loads it again. TB_NOT_FOUND when a path is not there or holds no artifact;
 * TB_USAGE or TB_UNSUPPORTED when no campaign file that loads can be made; TB_INPUT_OUTPUT, TB_MEMORY. Not collective. On
 * TB_OK *draft is the caller's to free. */
TB_MUST_USE enum tb_status tb_draft_make(const struct tb_draft_request *request, struct tb_draft *draft,
                                         struct tb_error *error);
/* Accepts a zeroed one. */
void tb_draft_free(struct tb_draft *draft);

#endif
