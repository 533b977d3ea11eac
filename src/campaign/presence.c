/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many runs have what they are asked for, artifact by artifact, in a cell or in a testbed. */
#include "twinbed/campaign/presence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare_asked(const void *a, const void *b)
{
    const struct tb_asked *x = a;
    const struct tb_asked *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->role != y->role)
        return x->role < y->role ? -1 : 1;
    if (x->point != y->point)
        return x->point < y->point ? -1 : 1;
    return x->file < y->file ? -1 : x->file > y->file ? 1 : 0;
}

struct tb_asked tb_asked_of(const struct tb_campaign *campaign, const struct tb_artifact *artifact)
{
    return (struct tb_asked){.kind = artifact->kind,
                             .role = artifact->role,
                             .point = artifact->point,
                             .file = artifact->file,
                             .file_name =
                                 artifact->kind == TB_ARTIFACT_NUMBERS ? campaign->number_files[artifact->file] : ""};
}

size_t tb_campaign_asked(const struct tb_campaign *campaign, struct tb_asked asked[TB_ASKED_MOST])
{
    size_t count = 0;
    for (size_t i = 0; i < campaign->artifact_count; i++) {
        const struct tb_asked wanted = tb_asked_of(campaign, &campaign->artifacts[i]);
        size_t at = 0;
        while (at < count && compare_asked(&asked[at], &wanted) != 0)
            at++;
        if (at == count && count < TB_ASKED_MOST)
            asked[count++] = wanted;
    }
    if (count > 1)
        qsort(asked, count, sizeof asked[0], compare_asked);
    return count;
}

void tb_asked_name(const struct tb_asked *asked, char name[TB_ASKED_NAME_SIZE])
{
    const char *place = asked->kind == TB_ARTIFACT_NUMBERS                               ? asked->file_name
                        : asked->point != TB_POINT_NONE                                  ? tb_point_name(asked->point)
                        : asked->role == TB_ROLE_CLIENT || asked->role == TB_ROLE_SERVER ? tb_role_name(asked->role)
                                                                                         : "";
    snprintf(name, TB_ASKED_NAME_SIZE, "%s%s%s", tb_artifact_kind_name(asked->kind), place[0] == '\0' ? "" : " ",
             place);
}

static void add_run(const struct tb_campaign *campaign, const struct tb_asked *asked, const struct tb_run *run,
                    struct tb_presence *presence)
{
    bool is_asked = false;
    bool is_whole = true;
    for (size_t i = run->first_artifact; i < run->first_artifact + run->artifact_count; i++) {
        const struct tb_artifact *artifact = &campaign->artifacts[i];
        const struct tb_asked found = tb_asked_of(campaign, artifact);
        if (compare_asked(&found, asked) != 0)
            continue;
        is_asked = true;
        is_whole = is_whole && artifact->exists;
    }
    presence->asked += is_asked;
    presence->found += is_asked && is_whole;
}

void tb_campaign_presence(const struct tb_campaign *campaign, const struct tb_asked *asked, size_t first, size_t count,
                          struct tb_presence *presence)
{
    for (size_t i = first; i < first + count; i++)
        if (!campaign->runs[i].discarded)
            add_run(campaign, asked, &campaign->runs[i], presence);
}

struct tb_presence tb_testbed_presence(const struct tb_campaign *campaign, const struct tb_asked *asked, size_t testbed)
{
    struct tb_presence presence = {0};
    for (size_t i = 0; i < campaign->cell_count; i++)
        if (campaign->cells[i].testbed == testbed)
            tb_campaign_presence(campaign, asked, campaign->cells[i].first_run, campaign->cells[i].run_count,
                                 &presence);
    return presence;
}
