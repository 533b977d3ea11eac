/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DRAFT_RULES_H
#define TWINBED_SRC_DRAFT_RULES_H

/* Which files of a run are which artifact: paths below the runs, as a campaign file has them. */

#include "shape.h"
#include "survey.h"

/* Bounds on rules, so that what is drafted stays readable; and the item that stands for all. */
enum { RULE_MOST_ALTERNATIVES = 8, RULES_MOST = 16, RULE_ANY_ITEM = -1 };

/* Of a kind, role and point. */
struct artifact_path {
    const char *pattern;
    size_t files; /* that it matches, in runs that no earlier alternative finds one in */
};

/* An artifact of runs, and where it is found. */
struct draft_rule {
    enum tb_artifact_kind kind;
    enum tb_role role;
    enum tb_point point;
    struct artifact_path alternatives[RULE_MOST_ALTERNATIVES];
    size_t alternative_count;
    size_t runs;                      /* that have it */
    const struct survey_file *sample; /* the smallest file */
    const struct survey_file
        *without; /* of a trace: the smallest of another role, in a run that has none of this one; NULL */
};

/* All rules of some runs. */
struct draft_rules {
    struct draft_rule items[RULES_MOST];
    size_t count;
};

/* Which run each file is of. */
struct run_files {
    const struct survey_file **files; /* of some run, as surveyed; in the arena */
    const size_t *runs;               /* of each */
    const char **tails;               /* path below the run's directory, or pattern of the name where runs are files */
    size_t count;
};

/* Finds the run of each file: the directory that holds it, or the file whose name has the same fields. */
TB_MUST_USE enum tb_status tb_run_files_find(struct survey *survey, const struct shape *shape,
                                             const struct shape_run *runs, size_t run_count, struct run_files *files,
                                             struct tb_error *error);
/* Kind, role and point of a file, by its content and by the words of its path; the rest of the rule is empty. */
void tb_draft_rule_describe(const struct survey_file *file, const char *tail, struct draft_rule *rule);
/* The rules that find the files of an item's runs; of all items with RULE_ANY_ITEM. */
TB_MUST_USE enum tb_status tb_draft_rules_find(struct survey *survey, const struct shape *shape,
                                               const struct shape_run *runs, size_t run_count,
                                               const struct run_files *files, int item, struct draft_rules *rules,
                                               struct tb_error *error);
/* A pattern that matches the text: braces are doubled and, where there are wildcards, a star is a question mark. NULL when
 * memory is short. */
const char *tb_literal_pattern(struct arena *arena, const char *text, size_t length, bool wildcards);

/* How long the path is before the process id that strace -ff puts at its end ("client.strace.1234", also compressed), the
 * dot included; 0 without one. */
size_t tb_draft_process_stem(const char *path);

#endif
