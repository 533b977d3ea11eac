/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Artifacts that runs are asked for and do not have: in no run, in some runs of a cell, in no run of a testbed or cell;
 * traces in which nobody is selected; and pairs that other runs of a cell have. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "findings.h"
#include "twinbed/campaign/presence.h"

struct absence {
    const struct finding_search *search;
    const struct tb_campaign *campaign;
    struct tb_asked asked;
    char name[TB_ASKED_NAME_SIZE];
};

static bool is_of(const struct tb_artifact *artifact, const struct tb_asked *asked)
{
    return artifact->kind == asked->kind && artifact->role == asked->role && artifact->point == asked->point &&
           artifact->file == asked->file;
}

/* Some run of the cell, discarded ones included, has such an artifact. */
static bool cell_has(const struct absence *absence, size_t cell)
{
    const struct tb_artifact wanted = {.run = absence->campaign->cells[cell].first_run,
                                       .kind = absence->asked.kind,
                                       .role = absence->asked.role,
                                       .point = absence->asked.point,
                                       .file = absence->asked.file};
    return tb_campaign_expects(absence->campaign, &wanted);
}

static bool testbed_has(const struct absence *absence, size_t testbed)
{
    bool has = false;
    for (size_t i = 0; i < absence->campaign->cell_count; i++)
        has = has || (absence->campaign->cells[i].testbed == testbed && cell_has(absence, i));
    return has;
}

static struct tb_presence cell_presence(const struct absence *absence, size_t cell)
{
    struct tb_presence presence = {0};
    tb_campaign_presence(absence->campaign, &absence->asked, absence->campaign->cells[cell].first_run,
                         absence->campaign->cells[cell].run_count, &presence);
    return presence;
}

static const struct artifact_rule *find_rule(const struct artifact_rules *rules, const struct tb_asked *asked)
{
    for (size_t i = 0; i < rules->count; i++)
        if (rules->rules[i].kind == asked->kind && rules->rules[i].role == asked->role &&
            rules->rules[i].point == asked->point && rules->rules[i].file == asked->file)
            return &rules->rules[i];
    return NULL;
}

/* "pattern 'link.pcap'", "patterns 'a', 'b'": of the first item that asks for it. */
static void describe_patterns(const struct absence *absence, char *out, size_t size)
{
    const struct manifest *manifest = absence->search->manifest;
    const struct artifact_rule *rule = find_rule(&manifest->rules, &absence->asked);
    for (size_t i = 0; i < manifest->item_count && rule == NULL; i++)
        rule = find_rule(manifest->items[i].rules, &absence->asked);
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; rule != NULL && i < rule->alternative_count && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s'%.80s'",
                                 i > 0                         ? ", "
                                 : rule->alternative_count > 1 ? "patterns "
                                                               : "pattern ",
                                 rule->alternatives[i].text);
}

static const char *first_path(const struct absence *absence, bool exists)
{
    for (size_t i = 0; i < absence->campaign->artifact_count; i++)
        if (absence->campaign->artifacts[i].exists == exists &&
            is_of(&absence->campaign->artifacts[i], &absence->asked))
            return absence->campaign->artifacts[i].path;
    return NULL;
}

static enum tb_status note_nowhere(const struct absence *absence)
{
    struct tb_presence presence = {0};
    char patterns[400];
    const char *path = first_path(absence, false);
    tb_campaign_presence(absence->campaign, &absence->asked, 0, absence->campaign->run_count, &presence);
    describe_patterns(absence, patterns, sizeof patterns);
    if (presence.asked == 0 || path == NULL)
        return TB_OK;
    const bool selected = absence->search->has_selection;
    return tb_findings_add(absence->search->manifest, selected ? TB_FINDING_NOT_SELECTED : TB_FINDING_NOWHERE,
                           presence.asked, path, "%s: found in no %srun (%s)", absence->name,
                           selected ? "selected " : "", patterns);
}

/* Whether a kept run lacks the artifact although its cell has it; *path is where it should be. */
static bool run_lacks(const struct absence *absence, const struct tb_run *run, const char **path)
{
    for (size_t i = run->first_artifact; i < run->first_artifact + run->artifact_count && !run->discarded; i++) {
        const struct tb_artifact *artifact = &absence->campaign->artifacts[i];
        if (is_of(artifact, &absence->asked) && !artifact->exists && tb_campaign_expects(absence->campaign, artifact)) {
            *path = artifact->path;
            return true;
        }
    }
    return false;
}

/* Runs of cells without any do not count here: see note_cells. */
static enum tb_status note_some_runs(const struct absence *absence)
{
    struct tb_presence presence = {0};
    struct name_list names = {.count = 0};
    const char *example = NULL;
    for (size_t i = 0; i < absence->campaign->cell_count; i++) {
        const struct tb_cell *cell = &absence->campaign->cells[i];
        if (!cell_has(absence, i))
            continue;
        tb_campaign_presence(absence->campaign, &absence->asked, cell->first_run, cell->run_count, &presence);
        for (size_t run = cell->first_run; run < cell->first_run + cell->run_count; run++) {
            const char *path;
            if (!run_lacks(absence, &absence->campaign->runs[run], &path))
                continue;
            example = example == NULL ? path : example;
            tb_name_list_add(&names, absence->campaign->runs[run].name);
        }
    }
    if (names.count == 0)
        return TB_OK;
    const uint64_t lacking = names.count;
    return tb_findings_add(absence->search->manifest, TB_FINDING_SOME_RUNS, lacking, example,
                           "%s: found in %" PRIu64 " of %" PRIu64 " runs; missing in: %s", absence->name,
                           presence.found, presence.asked, tb_name_list_text(&names));
}

static enum tb_status note_testbed(const struct absence *absence, size_t testbed)
{
    const struct tb_presence presence = tb_testbed_presence(absence->campaign, &absence->asked, testbed);
    if (presence.asked == 0 || testbed_has(absence, testbed))
        return TB_OK;
    const char *name = absence->campaign->testbeds[testbed];
    const char *example = first_path(absence, true);
    if (testbed == 0 && !absence->search->has_selection)
        return tb_findings_add(absence->search->manifest, TB_FINDING_NOT_IN_BASELINE, presence.asked, example,
                               "%s: found in no run of the baseline %.60s, though other testbeds have it: what is "
                               "measured by it has no reference",
                               absence->name, name);
    return tb_findings_add(absence->search->manifest, TB_FINDING_NOT_IN_TESTBED, presence.asked, example,
                           "%s: found in no run of testbed %.60s, though others have it", absence->name, name);
}

/* The cell lacks what its testbed has elsewhere. */
static bool is_without(const struct absence *absence, size_t cell)
{
    return cell_presence(absence, cell).asked > 0 && !cell_has(absence, cell) &&
           testbed_has(absence, absence->campaign->cells[cell].testbed);
}

static void name_cell(const struct absence *absence, const char *testbed, size_t scenario, struct name_list *names)
{
    char name[NAMES_SIZE];
    snprintf(name, sizeof name, "%.30s (%.100s)", testbed, absence->campaign->scenarios[scenario].name);
    tb_name_list_add(names, name);
}

/* The cells first .. end - 1 are those of one scenario, which is named once when all are without. */
static size_t name_scenario(const struct absence *absence, size_t first, size_t end, struct name_list *names)
{
    const struct tb_cell *cells = absence->campaign->cells;
    size_t without = 0;
    for (size_t i = first; i < end; i++)
        without += is_without(absence, i);
    if (without == end - first && without > 1)
        name_cell(absence, "all testbeds", cells[first].scenario, names);
    for (size_t i = first; i < end && (without < end - first || without == 1); i++)
        if (is_without(absence, i))
            name_cell(absence, absence->campaign->testbeds[cells[i].testbed], cells[i].scenario, names);
    return without;
}

static enum tb_status note_cells(const struct absence *absence)
{
    const struct tb_campaign *campaign = absence->campaign;
    struct name_list names = {.count = 0};
    size_t count = 0;
    size_t first = 0;
    for (size_t i = 1; i <= campaign->cell_count; i++) {
        if (i < campaign->cell_count && campaign->cells[i].scenario == campaign->cells[first].scenario)
            continue;
        count += name_scenario(absence, first, i, &names);
        first = i;
    }
    if (count == 0)
        return TB_OK;
    return tb_findings_add(absence->search->manifest, TB_FINDING_NOT_IN_CELLS, count, first_path(absence, true),
                           "%s: found in no run of %zu of %zu cells: %s", absence->name, count, campaign->cell_count,
                           tb_name_list_text(&names));
}

static enum tb_status note_artifact(const struct absence *absence)
{
    if (first_path(absence, true) == NULL)
        return note_nowhere(absence);
    enum tb_status status = note_some_runs(absence);
    for (size_t i = 0; i < absence->campaign->testbed_count && status == TB_OK; i++)
        status = note_testbed(absence, i);
    return status == TB_OK ? note_cells(absence) : status;
}

/* A trace that is there for a role whose process has no name tells nothing. */
static enum tb_status note_unnamed(const struct finding_search *search, enum tb_role role)
{
    const struct tb_campaign *campaign = search->manifest->campaign;
    const char *example = NULL;
    uint64_t count = 0;
    for (size_t i = 0; i < campaign->artifact_count; i++) {
        const struct tb_artifact *artifact = &campaign->artifacts[i];
        if (artifact->kind != TB_ARTIFACT_TRACE || artifact->role != role || !artifact->exists ||
            campaign->runs[artifact->run].discarded ||
            tb_campaign_process(campaign, artifact->pair, role)->name[0] != '\0')
            continue;
        example = example == NULL ? artifact->path : example;
        count++;
    }
    if (count == 0)
        return TB_OK;
    return tb_findings_add(search->manifest, TB_FINDING_UNNAMED_PROCESS, count, example,
                           "trace %s: process names no %s, so that nothing is counted in %" PRIu64
                           " traces; expected process: {%s: NAME}",
                           tb_role_name(role), tb_role_name(role), count, tb_role_name(role));
}

/* Rates of such a run would be sums over the pairs that are left. */
static enum tb_status note_pairs(const struct finding_search *search)
{
    const struct tb_campaign *campaign = search->manifest->campaign;
    struct name_list names = {.count = 0};
    const char *example = NULL;
    for (size_t i = 0; i < campaign->run_count; i++) {
        const struct tb_run *const run = &campaign->runs[i];
        char name[NAMES_SIZE];
        if (run->discarded || !tb_campaign_lacks_pairs(campaign, i))
            continue;
        snprintf(name, sizeof name, "%.90s (%zu of %zu)", run->name, run->pair_count,
                 campaign->cells[run->cell].pair_count);
        tb_name_list_add(&names, name);
        example = example == NULL ? run->path : example;
    }
    if (names.count == 0)
        return TB_OK;
    const uint64_t lacking = names.count;
    return tb_findings_add(search->manifest, TB_FINDING_OTHER_PAIRS, lacking, example,
                           "pairs: %" PRIu64
                           " of %zu runs have not as many as their cell, by its other runs or by factor pairs: "
                           "%s",
                           lacking, campaign->run_count, tb_name_list_text(&names));
}

enum tb_status tb_findings_note_absences(const struct finding_search *search)
{
    struct tb_asked asked[TB_ASKED_MOST];
    const size_t count = tb_campaign_asked(search->manifest->campaign, asked);
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < count && status == TB_OK; i++) {
        struct absence absence = {.search = search, .campaign = search->manifest->campaign, .asked = asked[i]};
        tb_asked_name(&asked[i], absence.name);
        status = note_artifact(&absence);
    }
    if (status == TB_OK)
        status = note_unnamed(search, TB_ROLE_CLIENT);
    if (status == TB_OK)
        status = note_unnamed(search, TB_ROLE_SERVER);
    return status == TB_OK ? note_pairs(search) : status;
}
