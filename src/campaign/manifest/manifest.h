/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CAMPAIGN_MANIFEST_H
#define TWINBED_CAMPAIGN_MANIFEST_H

/* What campaign.yaml says, before any directory has been looked at. Settings and processes go
 * straight into the campaign that is being built.
 *
 *       yaml.h        bytes -> a tree of nodes with line and column
 *       manifest.h    nodes -> factors, rules for artifacts, patterns of runs
 *       runs/entries.h  patterns -> directories -> the campaign
 *
 * All of it lives in one arena, and is gone when the campaign is there. Fields are numbered:
 * testbed, repetition, pair, then factors in the order in which they were met; an array by field
 * has NULL where nothing is given. Every mistake is TB_USAGE with "PATH:LINE:COLUMN: ...". */

#include "arena.h"
#include "pattern.h"
#include "twinbed/campaign/settings.h"
#include "yaml.h"

/* The numbers of fields, and bounds on what a manifest may hold. */
enum {
    FIELD_TESTBED,
    FIELD_REPETITION,
    FIELD_PAIR,
    FIELD_FIRST_FACTOR,
    MANIFEST_MOST_FACTORS = 32,
    MANIFEST_MOST_FIELDS = FIELD_FIRST_FACTOR + MANIFEST_MOST_FACTORS,
    MANIFEST_MOST_RULES = 16 + TB_NUMBER_FILES_MOST
};

/* A level whose number the manifest gives. */
struct manifest_level {
    const char *text;
    double number;
};

/* A factor as the manifest declares it, or as patterns name it. */
struct manifest_factor {
    const char *name;
    const char *unit; /* NULL: that of the type */
    enum tb_factor_type type;
    bool has_type;
    bool is_constant;
    bool is_used;                 /* by a run pattern, a run or as a constant */
    const struct yaml_node *node; /* NULL for a field that is declared nowhere */
    const struct yaml_node *reference;
    struct manifest_level *levels; /* numbers that the manifest gives */
    size_t level_count;
};

/* One artifact that every run may have. */
struct artifact_rule {
    const char *key; /* "ab", "capture": what an item of runs replaces as a whole */
    enum tb_artifact_kind kind;
    enum tb_role role;
    enum tb_point point;
    size_t file; /* of numbers: which of the campaign's number_files */
    const struct yaml_node *node;
    struct pattern *alternatives;
    size_t alternative_count;
};

/* Rules for the files of a run, one a key. */
struct artifact_rules {
    struct artifact_rule rules[MANIFEST_MOST_RULES];
    size_t count;
};

/* One item of runs: a pattern, and what holds for the runs that it finds. */
struct run_item {
    const struct yaml_node *node; /* of the pattern */
    struct pattern pattern;
    const char *values[MANIFEST_MOST_FIELDS]; /* levels given beside the pattern; else NULL */
    const struct yaml_node *artifacts;        /* what this item says of artifacts; else NULL */
    const struct artifact_rules *rules;
};

/* A run that the manifest leaves out, and why. */
struct discarded_run {
    const struct yaml_node *node;
    const char *run;
    const char *reason;
};

/* A manifest while the campaign is built. */
struct manifest {
    struct arena arena;
    struct yaml_document document;
    struct tb_campaign *campaign;     /* borrowed */
    const struct yaml_node *baseline; /* NULL when not given */
    const char *root;
    struct manifest_factor factors[MANIFEST_MOST_FACTORS];
    size_t factor_count;
    const char *constants[MANIFEST_MOST_FIELDS]; /* levels that hold for every run; else NULL */
    struct artifact_rules rules;
    const struct yaml_node *process; /* NULL when not given */
    struct run_item *items;
    size_t item_count;
    struct discarded_run *discarded;
    size_t discarded_count;
};

/* Reads the file. The manifest, which starts zeroed but for campaign, is to be
 * freed in any case. */
TB_MUST_USE enum tb_status tb_manifest_read(const char *path, struct manifest *manifest, struct tb_error *error);
/* Frees the arena and what else it owns, but not the campaign. */
void tb_manifest_free(struct manifest *manifest);

/* The field called name, or MANIFEST_MOST_FIELDS. */
size_t tb_manifest_field(const struct manifest *manifest, const char *name);
const char *tb_manifest_field_name(const struct manifest *manifest, size_t field);
/* The same; a factor that is not there yet is added as text. False when there are too many, or
 * without memory. A pattern_resolve: manifest is a struct manifest. */
bool tb_manifest_add_field(void *manifest, const char *name, size_t *field);
/* A pattern_accept: whether the text can be a level of the field. context is the manifest. */
bool tb_manifest_accept(const void *manifest, size_t field, const char *text, size_t length);
/* The number of a level; false when the factor's type or its list of levels has none for it. */
bool tb_factor_number(const struct manifest_factor *factor, const char *text, size_t length, double *number);
/* "a number of bytes such as 500B or 1MiB" */
const char *tb_factor_type_words(enum tb_factor_type type);

/* Readers of one key each; the context is the manifest, value what stands at the key. Each gives
 * TB_OK, TB_USAGE with the place, or TB_MEMORY. */
enum tb_status tb_manifest_read_factors(void *context, const struct yaml_node *value);
enum tb_status tb_manifest_read_constants(void *context, const struct yaml_node *value);
enum tb_status tb_manifest_read_runs(void *context, const struct yaml_node *value);
enum tb_status tb_manifest_read_artifacts(void *context, const struct yaml_node *value);
enum tb_status tb_manifest_read_work(void *context, const struct yaml_node *value);
enum tb_status tb_manifest_read_metrics(void *context, const struct yaml_node *value);
/* Once all rules are known: a file of several pairs has no sum over them. */
TB_MUST_USE enum tb_status tb_manifest_check_metrics(const struct manifest *manifest);
enum tb_status tb_manifest_read_process(void *context, const struct yaml_node *value);
enum tb_status tb_manifest_read_discard(void *context, const struct yaml_node *value);
/* Reads the whole file: the other keys, which come first, and those of all settings. */
TB_MUST_USE enum tb_status tb_manifest_read_keys(struct manifest *manifest, const struct yaml_key *others,
                                                 size_t other_count);
/* Adds the window (0, shortest) when there is none. */
TB_MUST_USE bool tb_settings_complete(struct tb_settings *settings);

/* Reads the rules of a map of artifacts into rules; what is there under the same key is replaced. */
TB_MUST_USE enum tb_status tb_artifact_rules_read(struct manifest *manifest, const struct yaml_node *node,
                                                  struct artifact_rules *rules);

/* Adds the rule of a file below the run, whose path, or paths, the node has. */
TB_MUST_USE enum tb_status tb_artifact_rules_add(struct manifest *manifest, const struct yaml_node *node,
                                                 struct artifact_rule rule);

/* Reads what items of runs say of artifacts, once everything else is known. */
TB_MUST_USE enum tb_status tb_manifest_finish_runs(struct manifest *manifest);
/* Makes room for the processes of a number of pairs that nothing selects yet. */
TB_MUST_USE enum tb_status tb_manifest_allocate_processes(const struct manifest *manifest, size_t pairs);

/* Replaces an owned text; TB_MEMORY when it cannot be copied. */
TB_MUST_USE enum tb_status tb_manifest_keep_text(const struct manifest *manifest, char **owned, const char *text);

#endif
