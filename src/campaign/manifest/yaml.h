/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CAMPAIGN_YAML_H
#define TWINBED_CAMPAIGN_YAML_H

/* A YAML file as a bounded tree whose nodes know line and column, and the
 * reading of typed values from it with one sentence for every mistake:
 * "PATH:LINE:COLUMN: KEY: expected ..., found ...".
 *
 * Anchors and aliases are refused: a manifest needs none, and they let a small
 * file stand for an enormous one. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "twinbed/base/status.h"

/* What a value is. All scalars are texts here; readers of typed values say what they mean. */
enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

/* A value: a scalar, or a list or map with those it holds. Lives in the arena, with its texts. */
struct yaml_node {
    enum yaml_kind kind;
    bool quoted;      /* Of a scalar: it stood in quotes, so it is a text whatever it looks like. */
    unsigned line;    /* from 1 */
    unsigned column;  /* from 1 */
    const char *text; /* of a scalar; "" when nothing stands there */
    const char *key;  /* of a value in a map */
    unsigned key_line;
    unsigned key_column;
    struct yaml_node *next;  /* in the list or map that holds this node */
    struct yaml_node *first; /* Of a list or map: the values that it holds; next leads on. */
    struct yaml_node *last;
    size_t count;
};

/* A file that was read, and where mistakes in it are told. */
struct yaml_document {
    const char *path;
    struct arena *arena;    /* borrowed; nodes live in it */
    struct tb_error *error; /* borrowed; may be NULL */
    struct yaml_node *root;
    char *text; /* of the file; set when it was read, and then the caller's to free */
};

/* Reads one document. path and error are kept for later messages. TB_USAGE for a file that is not
 * there, is no YAML, is too deep or too large, or has anchors; TB_INPUT_OUTPUT, TB_MEMORY. */
TB_MUST_USE enum tb_status tb_yaml_read(const char *path, struct arena *arena, struct tb_error *error,
                                        struct yaml_document *document);

/* Writes "PATH:LINE:COLUMN: sentence" and returns status. */
enum tb_status tb_yaml_fail(const struct yaml_document *document, enum tb_status status, const struct yaml_node *node,
                            const char *format, ...) TB_PRINTF(4, 5);
/* The same with TB_USAGE at the key of a value. */
enum tb_status tb_yaml_fail_key(const struct yaml_document *document, const struct yaml_node *node, const char *format,
                                ...) TB_PRINTF(3, 4);

/* What stands there, for "found ...": 'abc', a list, a map, nothing. The text
 * is cut to fit; the result lives in buffer. */
enum { YAML_FOUND_SIZE = 72 };
const char *tb_yaml_found(const struct yaml_node *node, char buffer[YAML_FOUND_SIZE]);

/* One key that a map may hold, and what reads its value. */
struct yaml_key {
    const char *name;
    enum tb_status (*read)(void *context, const struct yaml_node *value);
};

/* Reads the values of a map in the order of keys, whatever the order in the
 * file. An unknown key is an error that lists the known ones. name stands in
 * messages: "chain", or "" for the whole manifest. */
TB_MUST_USE enum tb_status tb_yaml_map(const struct yaml_document *document, const struct yaml_node *node,
                                       const char *name, const struct yaml_key *keys, size_t key_count, void *context);
/* The value of key, or NULL. */
const struct yaml_node *tb_yaml_value(const struct yaml_node *map, const char *key);

/* TB_OK when the node is of the kind; else TB_USAGE with what was expected and found. name: of the
 * key, for the sentence. The functions below say so for values they read, and set the value only on
 * TB_OK. */
TB_MUST_USE enum tb_status tb_yaml_expect(const struct yaml_document *document, const struct yaml_node *node,
                                          enum yaml_kind kind, const char *name, const char *expected);
/* A scalar that is not empty. */
TB_MUST_USE enum tb_status tb_yaml_text(const struct yaml_document *document, const struct yaml_node *node,
                                        const char *name, const char **text);
/* A number with low <= number <= high. */
TB_MUST_USE enum tb_status tb_yaml_number(const struct yaml_document *document, const struct yaml_node *node,
                                          const char *name, double low, double high, double *number);
TB_MUST_USE enum tb_status tb_yaml_integer(const struct yaml_document *document, const struct yaml_node *node,
                                           const char *name, uint64_t low, uint64_t high, uint64_t *number);
/* One of the words; *choice is its index. */
TB_MUST_USE enum tb_status tb_yaml_choice(const struct yaml_document *document, const struct yaml_node *node,
                                          const char *name, const char *const *words, size_t word_count,
                                          unsigned *choice);

#endif
