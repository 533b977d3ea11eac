/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "made_tree.h"

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static void make_entry(const char *root, const char *entry)
{
    char path[512];
    const int length = snprintf(path, sizeof path, "%s/%s", root, entry);
    assert_in_range(length, 1, (int)sizeof path - 1);
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        assert_true(mkdir(path, 0777) == 0 || errno == EEXIST);
        *slash = '/';
    }
    if (path[length - 1] == '/')
        return;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("abc", file);
    fclose(file);
}

void make_tree(struct made_tree *tree, const char *const *entries)
{
    const char *folder = getenv("TMPDIR");
    snprintf(tree->path, sizeof tree->path, "%.30s/twinbed-XXXXXX", folder == NULL ? "/tmp" : folder);
    assert_non_null(mkdtemp(tree->path));
    snprintf(tree->manifest, sizeof tree->manifest, "%s/campaign.yaml", tree->path);
    for (; *entries != NULL; entries++)
        make_entry(tree->path, *entries);
}

void write_manifest(const struct made_tree *tree, const char *text)
{
    FILE *file = fopen(tree->manifest, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int remove_entry(const char *path, const struct stat *about, int type, struct FTW *place)
{
    (void)about;
    (void)type;
    (void)place;
    return remove(path);
}

void remove_tree(const struct made_tree *tree)
{
    nftw(tree->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

enum tb_status load_tree(const struct made_tree *tree, const char *text, const char *const *terms,
                         struct tb_campaign **campaign, struct tb_error *error)
{
    struct tb_selection only = {.terms = terms};
    while (terms != NULL && terms[only.count] != NULL)
        only.count++;
    write_manifest(tree, text);
    return tb_campaign_load(tree->manifest, &only, campaign, error);
}

struct tb_campaign *load_good(const struct made_tree *tree, const char *text, const char *const *terms)
{
    struct tb_campaign *campaign = NULL;
    struct tb_error error = {0};
    const enum tb_status status = load_tree(tree, text, terms, &campaign, &error);
    if (status != TB_OK)
        print_error("%s\n", error.text);
    assert_int_equal(status, TB_OK);
    return campaign;
}

void without_path(const struct made_tree *tree, char *text)
{
    const size_t length = strlen(tree->path);
    for (char *found = strstr(text, tree->path); found != NULL; found = strstr(found, tree->path)) {
        const size_t slash = found[length] == '/' ? 1 : 0;
        memmove(found, found + length + slash, strlen(found + length + slash) + 1);
    }
}
