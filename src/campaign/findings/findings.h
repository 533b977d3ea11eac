/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CAMPAIGN_FINDINGS_H
#define TWINBED_SRC_CAMPAIGN_FINDINGS_H

/* Making findings; the list belongs to the campaign that is being built. */

#include "campaign/runs/entries.h"
#include "twinbed/campaign/findings.h"

/* What is looked for beside the campaign itself. All borrowed. */
struct finding_search {
    struct manifest *manifest;
    const struct entries *entries; /* of the selected runs, as the campaign was assembled from them */
    bool has_selection;            /* --only: much is not there because it was not asked for */
};

/* Adds one finding. Beyond TB_FINDINGS_OF_A_KIND it is only counted. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_findings_add(const struct manifest *manifest, enum tb_finding_kind kind, uint64_t count,
                                           const char *example, const char *format, ...) TB_PRINTF(5, 6);
void tb_findings_free(struct tb_findings *findings);

/* All of it, once the campaign is there; ordered by kind. */
TB_MUST_USE enum tb_status tb_campaign_note_findings(const struct finding_search *search);

/* Its parts: artifacts and pairs that are not there (absences.c); files of several runs (shared_runs.c); testbeds and
 * factors that cannot be compared (counterparts.c); files and directories that nothing asks for (unmatched.c). */
TB_MUST_USE enum tb_status tb_findings_note_absences(const struct finding_search *search);
TB_MUST_USE enum tb_status tb_findings_note_shared(const struct finding_search *search);
TB_MUST_USE enum tb_status tb_findings_note_contrasts(const struct finding_search *search);
TB_MUST_USE enum tb_status tb_findings_note_unmatched(const struct finding_search *search);

/* Names one behind the other, up to a number that is still read: "a/3, a/7 and 4 more". */
enum { NAMED_MOST = 5, NAMES_SIZE = 800 };
/* Names, zeroed to start. */
struct name_list {
    char text[NAMES_SIZE];
    size_t count; /* of all names */
};
/* Adds a name; beyond NAMED_MOST it is only counted. */
void tb_name_list_add(struct name_list *list, const char *name);
/* The text with what was left out. */
const char *tb_name_list_text(struct name_list *list);

#endif
