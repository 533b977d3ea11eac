/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The artifacts of each run: its pairs, and of each rule the first alternative that exists. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "discovery.h"
#include "entries.h"
#include "twinbed/base/containers.h"

struct pair_list {
    const char **texts; /* owned array; the texts live as long as the search of a run */
    size_t count;
    size_t capacity;
};

struct search {
    struct manifest *manifest;
    struct arena arena;    /* what is needed for one run only */
    struct tb_error error; /* of the discovery at hand, before the place in the manifest is put before it */
    size_t capacity;       /* of the campaign's artifacts */
    size_t run;
    struct entry *const *entries; /* of the run */
    struct pair_list pairs;       /* found in artifact paths; empty where the run's pattern names the pairs */
    const char *values[MANIFEST_MOST_FIELDS];
    const struct artifact_rule *rule; /* the rule, pair and directory at hand */
    const char *directory;
    size_t pair;
    size_t found;
    const char *first_found;
};

static enum tb_status out_of_memory(const struct manifest *manifest)
{
    return tb_error_memory(manifest->document.error, "the campaign's artifacts");
}

static const char *path_from_here(struct search *search, const char *path)
{
    return path[0] == '/' ? path : tb_path_join(&search->arena, search->manifest->campaign->root, path);
}

static enum tb_status discover(struct search *search, const struct pattern *pattern,
                               enum tb_status (*visit)(void *context, const char *path))
{
    struct discovery discovery = {.pattern = pattern,
                                  .root = search->manifest->campaign->root,
                                  .start = search->directory,
                                  .accept = tb_manifest_accept,
                                  .accept_context = search->manifest,
                                  .values = search->values,
                                  .arena = &search->arena,
                                  .error = &search->error,
                                  .visit = visit,
                                  .context = search};
    search->error.status = TB_OK;
    const enum tb_status status = tb_discover(&discovery);
    if (search->error.status == TB_USAGE)
        return tb_yaml_fail(&search->manifest->document, status, search->rule->node, "artifacts: %s: %s",
                            search->rule->key, search->error.text);
    if (search->error.status != TB_OK)
        return tb_error_set(search->manifest->document.error, status, "%s", search->error.text);
    return status;
}

/* A path that speaks of a factor which this run lacks is not a path of this run. */
static bool lacks_field(const struct search *search, const struct pattern *pattern)
{
    for (size_t i = 0; i < FIELD_FIRST_FACTOR + search->manifest->factor_count; i++)
        if (i != FIELD_PAIR && search->values[i] == NULL && tb_pattern_has_field(pattern, i))
            return true;
    return false;
}

static int compare_texts(const void *a, const void *b)
{
    return tb_natural_compare(*(const char *const *)a, *(const char *const *)b);
}

static enum tb_status visit_pair(void *context, const char *path)
{
    struct search *search = context;
    struct pair_list *pairs = &search->pairs;
    const char *text = search->values[FIELD_PAIR];
    const char *full = path_from_here(search, path);
    struct stat about;
    if (full == NULL)
        return out_of_memory(search->manifest);
    if (stat(full, &about) != 0)
        return TB_OK;
    for (size_t i = 0; i < pairs->count; i++)
        if (strcmp(pairs->texts[i], text) == 0)
            return TB_OK;
    if (!tb_array_reserve(&pairs->texts, &pairs->capacity, pairs->count + 1, sizeof(const char *)))
        return out_of_memory(search->manifest);
    pairs->texts[pairs->count++] = text;
    return TB_OK;
}

/* The pairs of a run are what {pair} in its artifacts' paths matches, in natural order. */
static enum tb_status find_pairs(struct search *search)
{
    const struct artifact_rules *rules = search->entries[0]->item->rules;
    search->pairs.count = 0;
    if (search->values[FIELD_PAIR] != NULL)
        return TB_OK;
    search->directory = search->entries[0]->directory;
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < rules->count; i++) {
        search->rule = &rules->rules[i];
        for (size_t j = 0; j < search->rule->alternative_count && status == TB_OK; j++) {
            const struct pattern *pattern = &search->rule->alternatives[j];
            if (tb_pattern_has_field(pattern, FIELD_PAIR) && !lacks_field(search, pattern))
                status = discover(search, pattern, visit_pair);
        }
    }
    if (search->pairs.count > 1)
        qsort(search->pairs.texts, search->pairs.count, sizeof(const char *), compare_texts);
    return status;
}

static int64_t modified_ns(const struct stat *about)
{
    return (int64_t)((uint64_t)about->st_mtim.tv_sec * 1000000000u) + about->st_mtim.tv_nsec;
}

static enum tb_status add_artifact(struct search *search, const char *path, const struct stat *about)
{
    struct tb_campaign *campaign = search->manifest->campaign;
    if (!tb_array_reserve(&campaign->artifacts, &search->capacity, campaign->artifact_count + 1,
                          sizeof *campaign->artifacts))
        return out_of_memory(search->manifest);
    struct tb_artifact *artifact = &campaign->artifacts[campaign->artifact_count];
    *artifact = (struct tb_artifact){.run = search->run,
                                     .pair = search->pair,
                                     .kind = search->rule->kind,
                                     .role = search->rule->role,
                                     .point = search->rule->point,
                                     .file = search->rule->file,
                                     .exists = about != NULL,
                                     .same_as = TB_NO_INDEX};
    if (about != NULL) {
        artifact->device = about->st_dev;
        artifact->inode = about->st_ino;
        artifact->size = S_ISDIR(about->st_mode) ? 0 : (uint64_t)about->st_size;
        artifact->modified_ns = modified_ns(about);
    }
    artifact->path = strdup(path);
    if (artifact->path == NULL)
        return out_of_memory(search->manifest);
    campaign->artifact_count++;
    return TB_OK;
}

/* The next place of a name where no digit stands. */
static const char *pass_digits(const char *name)
{
    return name + strspn(name, "0123456789");
}

/* Without the ending that says how a file is compressed. */
static size_t stored_length(const char *name)
{
    static const char *const endings[] = {".gz", ".zst"};
    const size_t length = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        const size_t ending = strlen(endings[i]);
        if (length > ending && strcmp(name + length - ending, endings[i]) == 0)
            return length - ending;
    }
    return length;
}

/* Only numbers tell the names apart, as link.pcap, link.pcap1, link.pcap2: a program went on in another file, or had one for each
 * process. */
static bool are_numbered_alike(const char *one, const char *other)
{
    const char *const one_end = one + stored_length(one), *const other_end = other + stored_length(other);
    const bool same = one_end - one == other_end - other && memcmp(one, other, (size_t)(one_end - one)) == 0;
    while ((one = pass_digits(one)) < one_end && (other = pass_digits(other)) < other_end && *one == *other)
        one++, other++;
    return !same && pass_digits(one) >= one_end && pass_digits(other) >= other_end;
}

static bool may_be_several(enum tb_artifact_kind kind)
{
    return kind == TB_ARTIFACT_CAPTURE || kind == TB_ARTIFACT_TRACE;
}

/* The file goes on with the artifact that was added last. */
static enum tb_status add_further(struct search *search, const char *path, const struct stat *about)
{
    struct tb_artifact *const artifact =
        &search->manifest->campaign->artifacts[search->manifest->campaign->artifact_count - 1];
    struct tb_further_file *const grown =
        reallocarray(artifact->further, artifact->further_count + 1, sizeof *artifact->further);
    char *const copied = strdup(path);
    artifact->further = grown != NULL ? grown : artifact->further;
    if (grown == NULL || copied == NULL) {
        free(copied);
        return out_of_memory(search->manifest);
    }
    grown[artifact->further_count++] =
        (struct tb_further_file){.path = copied, .size = (uint64_t)about->st_size, .modified_ns = modified_ns(about)};
    artifact->size += (uint64_t)about->st_size;
    return TB_OK;
}

static enum tb_status visit_file(void *context, const char *path)
{
    struct search *search = context;
    const bool wants_directory = search->rule->kind == TB_ARTIFACT_COUNTERS;
    const char *full = path_from_here(search, path);
    struct stat about;
    if (full == NULL)
        return out_of_memory(search->manifest);
    if (stat(full, &about) != 0 || (S_ISDIR(about.st_mode) != 0) != wants_directory)
        return TB_OK;
    if (search->found > 0 && may_be_several(search->rule->kind) && are_numbered_alike(search->first_found, full))
        return add_further(search, full, &about);
    if (search->found > 0 && search->rule->kind != TB_ARTIFACT_LATENCY)
        return tb_yaml_fail(&search->manifest->document, TB_USAGE, search->rule->node,
                            "artifacts: %s: '%.300s' and '%.300s' both match in one run; expected one file",
                            search->rule->key, search->first_found, full);
    search->found++;
    search->first_found = full;
    return add_artifact(search, full, &about);
}

static enum tb_status add_missing(struct search *search)
{
    const struct pattern *pattern = &search->rule->alternatives[0];
    const char *path = pattern->absolute ? "/" : search->directory;
    for (size_t i = 0; i < pattern->component_count && path != NULL; i++) {
        const char *name = tb_component_fill(&pattern->components[i], search->values, &search->arena);
        path = name == NULL ? NULL : tb_path_join(&search->arena, path, name);
    }
    const char *full = path == NULL ? NULL : path_from_here(search, path);
    return full == NULL ? out_of_memory(search->manifest) : add_artifact(search, full, NULL);
}

/* Where pairs share a directory, a file without {pair} in its path belongs to
 * the first of them, but for traces and captures, in which selectors and ports
 * tell the pairs apart, logs of captures, and files of numbers and logs of kernels,
 * which are then of all pairs together. */
static bool is_of_this_pair(const struct search *search, const struct pattern *pattern)
{
    if (tb_pattern_has_field(pattern, FIELD_PAIR))
        return search->values[FIELD_PAIR] != NULL;
    return search->pair == 0 || search->pairs.count == 0 || search->rule->kind == TB_ARTIFACT_TRACE ||
           search->rule->kind == TB_ARTIFACT_CAPTURE || search->rule->kind == TB_ARTIFACT_CAPTURE_LOG ||
           search->rule->kind == TB_ARTIFACT_NUMBERS || search->rule->kind == TB_ARTIFACT_KERNEL_LOG;
}

static enum tb_status find_files(struct search *search)
{
    bool is_expected = false;
    search->found = 0;
    for (size_t i = 0; i < search->rule->alternative_count && search->found == 0; i++) {
        const struct pattern *pattern = &search->rule->alternatives[i];
        const bool is_ours = is_of_this_pair(search, pattern);
        is_expected = is_expected || is_ours || search->pair == 0;
        if (!is_ours || lacks_field(search, pattern))
            continue;
        const enum tb_status status = discover(search, pattern, visit_file);
        if (status != TB_OK)
            return status;
    }
    return search->found == 0 && is_expected ? add_missing(search) : TB_OK;
}

static enum tb_status find_run(struct search *search, struct tb_run *run, size_t entry_count)
{
    const size_t fields = FIELD_FIRST_FACTOR + search->manifest->factor_count;
    memcpy(search->values, search->entries[0]->values, fields * sizeof search->values[0]);
    enum tb_status status = find_pairs(search);
    run->pair_count = search->pairs.count > 0 ? search->pairs.count : entry_count;
    run->first_artifact = search->manifest->campaign->artifact_count;
    for (size_t pair = 0; pair < run->pair_count && status == TB_OK; pair++) {
        const struct entry *entry = search->entries[search->pairs.count > 0 ? 0 : pair];
        search->pair = pair;
        search->directory = entry->directory;
        search->values[FIELD_PAIR] = search->pairs.count > 0 ? search->pairs.texts[pair] : entry->values[FIELD_PAIR];
        for (size_t i = 0; i < entry->item->rules->count && status == TB_OK; i++) {
            search->rule = &entry->item->rules->rules[i];
            status = find_files(search);
        }
    }
    run->artifact_count = search->manifest->campaign->artifact_count - run->first_artifact;
    return status;
}

enum tb_status tb_campaign_find_artifacts(struct manifest *manifest, const struct entries *entries,
                                          const size_t *first_entry)
{
    struct search search = {.manifest = manifest};
    const struct tb_campaign *campaign = manifest->campaign;
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < campaign->run_count && status == TB_OK; i++) {
        search.run = i;
        search.entries = entries->items + first_entry[i];
        status = find_run(&search, &campaign->runs[i], first_entry[i + 1] - first_entry[i]);
        tb_arena_free(&search.arena);
    }
    free(search.pairs.texts);
    return status;
}

/* {pair} stands in the pattern of a run or of an artifact. Else a factor may be called `pairs` and mean something else. */
static bool tells_pairs_apart(const struct manifest *manifest)
{
    bool tells = false;
    for (size_t i = 0; i < manifest->item_count && !tells; i++) {
        const struct run_item *const item = &manifest->items[i];
        tells = tb_pattern_has_field(&item->pattern, FIELD_PAIR);
        for (size_t j = 0; j < item->rules->count; j++)
            for (size_t k = 0; k < item->rules->rules[j].alternative_count; k++)
                tells = tells || tb_pattern_has_field(&item->rules->rules[j].alternatives[k], FIELD_PAIR);
    }
    return tells;
}

/* The number that the scenario's level of a factor called `pairs` is; 0 without one. */
static size_t stated_pairs(const struct tb_campaign *campaign, size_t scenario)
{
    for (size_t f = 0; f < campaign->factor_count; f++) {
        const size_t level = campaign->scenarios[scenario].levels[f];
        if (strcmp(campaign->factors[f].name, "pairs") != 0 || level == TB_NO_INDEX)
            continue;
        const double number = campaign->factors[f].levels[level].number;
        return number >= 1 && number <= UINT32_MAX ? (size_t)number : 0;
    }
    return 0;
}

/* Of the runs that are kept; of the others where none is. */
static size_t most_pairs(const struct tb_campaign *campaign, const struct tb_cell *cell)
{
    size_t kept = 0, all = 0;
    for (size_t i = cell->first_run; i < cell->first_run + cell->run_count; i++) {
        const struct tb_run *const run = &campaign->runs[i];
        all = run->pair_count > all ? run->pair_count : all;
        kept = !run->discarded && run->pair_count > kept ? run->pair_count : kept;
    }
    return kept > 0 ? kept : all;
}

void tb_campaign_note_pairs(const struct manifest *manifest)
{
    const struct tb_campaign *campaign = manifest->campaign;
    const bool apart = tells_pairs_apart(manifest);
    for (size_t i = 0; i < campaign->cell_count; i++) {
        struct tb_cell *cell = &campaign->cells[i];
        const size_t stated = apart ? stated_pairs(campaign, cell->scenario) : 0;
        cell->pairs_stated = stated > 0;
        cell->pair_count = stated > 0 ? stated : most_pairs(campaign, cell);
    }
}
