/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CAMPAIGN_ENTRIES_H
#define TWINBED_CAMPAIGN_ENTRIES_H

/* The directories that the manifest's runs name: one entry for each directory
 * of a run, or of a pair of a run where {pair} stands in the pattern. Where a pattern matches files, each of them is an
 * entry.
 *
 * What becomes of them, in this order: they are found (entries.c), checked and selected (selection.c), levels and cells
 * are made of them (assemble_levels.c, assemble.c), and their files are looked for (artifacts.c, shared_files.c) and
 * noted (campaign.c). */

#include "campaign/manifest/manifest.h"
#include "twinbed/campaign/campaign.h"

/* A directory of a run, or of one of its pairs. */
struct entry {
    const struct run_item *item;
    const char *const *values;  /* per field of the manifest; NULL where the run has none */
    const char *place;          /* directory or file that the pattern matched, below the root */
    const char *directory;      /* that place, or where the file lies: artifacts' paths begin here */
    const char *run_path;       /* the place without {pair}: equal for the pairs of a run */
    const char *discard_reason; /* NULL when the run is kept */
    size_t testbed;             /* set while the campaign is assembled */
    size_t *levels;             /* per factor of the campaign */
};

/* All entries of a campaign. Zero it to start. */
struct entries {
    struct entry **items; /* owned array; the entries live in the manifest's arena */
    size_t count;
    size_t capacity;
};

/* Frees the array; entries go with the arena. */
void tb_entries_free(struct entries *entries);
/* Finds every directory. Each pattern must match one, and each directory only one pattern. */
TB_MUST_USE enum tb_status tb_entries_find(struct manifest *manifest, struct entries *entries);
/* Marks the runs that the manifest discards; each must be there. */
TB_MUST_USE enum tb_status tb_entries_discard(struct manifest *manifest, const struct entries *entries);
/* Checks the baseline, or finds it where there is one testbed only. */
TB_MUST_USE enum tb_status tb_entries_baseline(struct manifest *manifest, const struct entries *entries,
                                               const char **baseline);
/* Checks that the reference level of each factor is one that runs have. */
TB_MUST_USE enum tb_status tb_entries_check_references(const struct manifest *manifest, const struct entries *entries);
/* Makes factors of undeclared type numbers where all their levels are; before
 * runs are selected, so that a selection does not change a type. */
TB_MUST_USE enum tb_status tb_entries_guess_types(struct manifest *manifest, const struct entries *entries);
/* Leaves the entries that the terms of --only select. */
TB_MUST_USE enum tb_status tb_entries_select(struct manifest *manifest, const struct tb_selection *only,
                                             struct entries *entries);

/* Fills testbeds, factors, scenarios, cells and runs of the campaign. Orders
 * the entries; those of run r are first_entry[r] .. first_entry[r + 1] - 1. */
TB_MUST_USE enum tb_status tb_campaign_assemble(struct manifest *manifest, const char *baseline,
                                                struct entries *entries, size_t **first_entry);
/* Testbeds and factors with their levels, and the indices of each entry: the first half of the above. */
TB_MUST_USE enum tb_status tb_campaign_assemble_levels(struct manifest *manifest, const char *baseline,
                                                       const struct entries *entries);
/* Fills the artifacts. */
TB_MUST_USE enum tb_status tb_campaign_find_artifacts(struct manifest *manifest, const struct entries *entries,
                                                      const size_t *first_entry);
/* Fills how many pairs the runs of each cell have (artifacts.c). */
void tb_campaign_note_pairs(const struct manifest *manifest);
/* Fills what the cells say they have recorded, from the artifacts. */
void tb_campaign_note_recorded(struct tb_campaign *campaign);

/* Sets same_as where artifacts of one kind and run are read from one file. */
TB_MUST_USE enum tb_status tb_campaign_link_shared_files(const struct manifest *manifest);
/* An error when two pairs of a run read one trace by the same selector. */
TB_MUST_USE enum tb_status tb_campaign_check_selectors(const struct manifest *manifest);

#endif
