/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CAMPAIGN_PRESENCE_H
#define TWINBED_CAMPAIGN_PRESENCE_H

/* Which artifacts are asked for, and how many runs have them: the table of testbeds and artifacts. Discarded runs are
 * left out. A run has an artifact when each of its pairs that is asked for it has one. */

#include "twinbed/campaign/campaign.h"

enum { TB_ASKED_MOST = 64, TB_ASKED_NAME_SIZE = 48 };

/* An artifact that some run is asked for. */
struct tb_asked {
    enum tb_artifact_kind kind;
    enum tb_role role;
    enum tb_point point;
    size_t file;           /* of numbers: which of the campaign's number_files */
    const char *file_name; /* borrowed from the campaign; "" of others */
};

struct tb_presence {
    uint64_t asked; /* runs that are asked for it */
    uint64_t found; /* runs of these that have it */
};

struct tb_asked tb_asked_of(const struct tb_campaign *campaign, const struct tb_artifact *artifact);
/* The artifacts that runs are asked for, by kind, role, point and file; gives their number. */
size_t tb_campaign_asked(const struct tb_campaign *campaign, struct tb_asked asked[TB_ASKED_MOST]);
/* "capture link", "trace client", "ab", "numbers gc.csv". */
void tb_asked_name(const struct tb_asked *asked, char name[TB_ASKED_NAME_SIZE]);
/* Adds the runs first .. first + count - 1 to *presence. */
void tb_campaign_presence(const struct tb_campaign *campaign, const struct tb_asked *asked, size_t first, size_t count,
                          struct tb_presence *presence);
/* Of all runs of a testbed. */
struct tb_presence tb_testbed_presence(const struct tb_campaign *campaign, const struct tb_asked *asked,
                                       size_t testbed);

#endif
