/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TESTS_CAMPAIGN_MADE_TREE_H
#define TWINBED_TESTS_CAMPAIGN_MADE_TREE_H

/* A directory tree in a temporary folder, made for one test. */

#include "twinbed/campaign/campaign.h"

struct made_tree {
    char path[64];
    char manifest[96];
};

/* entries ends with NULL; "a/b/" is a directory, "a/b" a file of three bytes. */
void make_tree(struct made_tree *tree, const char *const *entries);
void write_manifest(const struct made_tree *tree, const char *text);
void remove_tree(const struct made_tree *tree);

/* Loads the tree's manifest; terms, which may be NULL, ends with NULL. */
enum tb_status load_tree(const struct made_tree *tree, const char *text, const char *const *terms,
                         struct tb_campaign **campaign, struct tb_error *error);
/* The same, failing the test with the sentence when the campaign does not load. */
struct tb_campaign *load_good(const struct made_tree *tree, const char *text, const char *const *terms);
/* A sentence with the tree's path taken out, for comparison with an expected one. */
void without_path(const struct made_tree *tree, char *text);

#endif
