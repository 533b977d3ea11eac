/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a campaign leads to files above its directory, by its paths or by links. Looked at when a
 * campaign is read that may come from anybody. */
#include "twinbed/campaign/outside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "twinbed/base/log.h"

/* What follows a directory in a path, without slashes; NULL when the path does not begin with it. */
static const char *behind(const char *path, const char *directory)
{
    size_t length = strlen(directory);
    if (strcmp(directory, ".") == 0) /* relative paths begin there without saying so */
        return path[0] == '/' ? NULL : path;
    if (strncmp(path, directory, length) != 0)
        return NULL;
    if (length > 0 && directory[length - 1] != '/' && path[length] != '/' && path[length] != '\0')
        return NULL;
    return path + length + strspn(path + length, "/");
}

/* Whether the names alone lead above where they start. */
static bool climbs_out(const char *names)
{
    long depth = 0;
    while (*names != '\0' && depth >= 0) {
        const size_t length = strcspn(names, "/");
        const bool up = length == 2 && names[0] == '.' && names[1] == '.';
        const bool stays = length == 0 || (length == 1 && names[0] == '.');
        depth += up ? -1 : stays ? 0 : 1;
        names += length + (names[length] == '/');
    }
    return depth < 0;
}

static bool is_outside(const struct tb_campaign *campaign, const char *path)
{
    const char *const names = behind(path, campaign->root);
    return names == NULL || climbs_out(names);
}

struct look {
    const struct tb_campaign *campaign;
    const char *root; /* resolved; NULL: names are looked at, not where links lead */
    size_t count;
    const char *first; /* of those outside */
};

/* A file that is not there leads nowhere. */
static bool leads_outside(const struct look *look, const char *path, struct tb_error *error)
{
    char *const real = realpath(path, NULL);
    if (real == NULL && errno == ENOMEM)
        tb_error_memory(error, "a path");
    const bool outside = real != NULL && behind(real, look->root) == NULL;
    free(real);
    return outside;
}

static void look_at(struct look *look, const char *path, struct tb_error *error)
{
    if (!is_outside(look->campaign, path) && (look->root == NULL || !leads_outside(look, path, error)))
        return;
    if (look->count++ == 0)
        look->first = path;
}

static void look_at_all(struct look *look, struct tb_error *error)
{
    for (size_t i = 0; i < look->campaign->artifact_count; i++) {
        const struct tb_artifact *const artifact = &look->campaign->artifacts[i];
        look_at(look, artifact->path, error);
        for (size_t j = 0; j < artifact->further_count; j++)
            look_at(look, artifact->further[j].path, error);
    }
}

/* The directory of the campaign file, links followed; the caller's to free. */
static char *home_of(const struct tb_campaign *campaign)
{
    char *const home = realpath(campaign->manifest_path, NULL);
    char *const last = home == NULL ? NULL : strrchr(home, '/');
    if (last != NULL)
        last[last == home] = '\0';
    return home;
}

static enum tb_status confine(const struct tb_campaign *campaign, const char *home, const char *root,
                              struct tb_error *error)
{
    struct look look = {.campaign = campaign, .root = root};
    struct tb_error failure = {0};
    if (home == NULL || root == NULL)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot follow its root: %s", campaign->manifest_path,
                            strerror(errno));
    if (behind(root, home) == NULL)
        return tb_error_set(error, TB_USAGE, "%s: --confined: the root %s is not below the directory of this file",
                            campaign->manifest_path, root);
    look_at_all(&look, &failure);
    if (failure.status != TB_OK)
        return tb_error_set(error, failure.status, "%s", failure.text);
    if (look.count == 0)
        return TB_OK;
    return tb_error_set(error, TB_USAGE, "%s: --confined: %zu of its files lie outside its root, such as %s",
                        campaign->manifest_path, look.count, look.first);
}

enum tb_status tb_campaign_check_paths(const struct tb_campaign *campaign, bool confined, struct tb_error *error)
{
    if (!confined) {
        struct look look = {.campaign = campaign};
        look_at_all(&look, error);
        if (look.count > 0)
            tb_log_warning("%s: %zu of its files lie outside its root, such as %s; --confined refuses that",
                           campaign->manifest_path, look.count, look.first);
        return TB_OK;
    }
    char *const home = home_of(campaign);
    char *const root = home == NULL ? NULL : realpath(campaign->root, NULL);
    const enum tb_status status = confine(campaign, home, root, error);
    free(home);
    free(root);
    return status;
}
