/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "remarks.h"
#include "twinbed/app/workload_tools.h"

enum { WORDS = 3 }; /* concurrency, path, length */

/* What one text of ab says of its workload, in words; "" where it says nothing. */
struct workload {
    const struct tb_artifact *artifact;
    char *words[WORDS]; /* owned */
};

/* On rank 0, of all runs. */
struct workloads {
    const struct job *job;
    struct workload *items; /* owned; in the order of artifacts */
    size_t count;
    size_t capacity;
    struct tb_buffer *odd;
};

void tb_workloads_count_tools(const struct run_measures *run, uint64_t tools[2])
{
    for (size_t pair = 0; pair < run->pair_count; pair++) {
        const struct tb_apachebench *const ab = run->pairs[pair].measures.ab;
        if (ab != NULL)
            tools[tb_tool_makes_requests(ab->tool) ? 0 : 1]++;
    }
}

/* A request is an operation, too. */
enum tb_work_unit tb_workloads_unit(const struct job *job, const uint64_t tools[2])
{
    switch (job->campaign->settings.work) {
    case TB_WORK_AB:
        return tools[1] > 0 ? TB_WORK_UNIT_OPERATION : TB_WORK_UNIT_REQUEST;
    case TB_WORK_CONNECTIONS:
        return TB_WORK_UNIT_CONNECTION;
    case TB_WORK_FILE: /* of which only the workload's own text may say that they are requests */
        return tools[1] > 0 || tools[0] == 0 ? TB_WORK_UNIT_OPERATION : TB_WORK_UNIT_REQUEST;
    case TB_WORK_CAPTURE:
        break;
    }
    return TB_WORK_UNIT_REQUEST;
}

static void put_number(struct tb_buffer *said, const char *name, int64_t number, const char *unit)
{
    char text[64] = "";
    if (number >= 0)
        snprintf(text, sizeof text, "%s %" PRId64 "%s", name, number, unit);
    tb_buffer_put_text(said, text);
}

void tb_workloads_note(const struct job *job, const struct run_measures *run, struct tb_buffer *said)
{
    for (size_t i = 0; i < run->artifact_count; i++) {
        const struct tb_artifact *about = &job->campaign->artifacts[run->artifacts[i].artifact];
        const struct tb_apachebench *ab = run->pairs[about->pair].measures.ab;
        if (about->kind != TB_ARTIFACT_AB || run->artifacts[i].state != ARTIFACT_USED || ab == NULL)
            continue;
        char path[TB_AB_TEXT_SIZE + 16] = "";
        if (ab->document_path[0] != '\0')
            snprintf(path, sizeof path, "document %s", ab->document_path);
        tb_buffer_put_u64(said, run->artifacts[i].artifact);
        put_number(said, "concurrency", tb_ab_count(ab, TB_AB_CONCURRENCY), "");
        tb_buffer_put_text(said, path);
        put_number(said, "document length", ab->document_length, " bytes");
    }
}

static void workloads_free(struct workloads *all)
{
    for (size_t i = 0; i < all->count; i++)
        for (size_t w = 0; w < WORDS; w++)
            free(all->items[i].words[w]);
    free(all->items);
}

static bool take_workload(struct workloads *all, struct tb_bytes *bytes)
{
    uint64_t artifact;
    if (!tb_bytes_take_u64(bytes, &artifact) || artifact >= all->job->campaign->artifact_count ||
        !tb_array_reserve(&all->items, &all->capacity, all->count + 1, sizeof *all->items))
        return false;
    struct workload *item = &all->items[all->count++];
    *item = (struct workload){.artifact = &all->job->campaign->artifacts[artifact]};
    for (size_t w = 0; w < WORDS; w++)
        if (!tb_bytes_take_text(bytes, &item->words[w]))
            return false;
    return true;
}

/* Those of the runs of a cell: [*first, *end). */
static void find_cell(const struct workloads *all, size_t cell, size_t *first, size_t *end)
{
    const struct tb_run *runs = all->job->campaign->runs;
    size_t low = 0, high = all->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (runs[all->items[middle].artifact->run].cell < cell)
            low = middle + 1;
        else
            high = middle;
    }
    *first = low;
    while (low < all->count && runs[all->items[low].artifact->run].cell == cell)
        low++;
    *end = low;
}

/* What most runs of a cell say of a pair, of as many the first; NULL when none says anything. */
static const char *most_say(const struct workloads *all, size_t cell, size_t pair, size_t w)
{
    const char *most = NULL;
    size_t first, end, best = 0, left = 0;
    find_cell(all, cell, &first, &end);
    for (size_t i = first; i < end; i++)
        left += all->items[i].artifact->pair == pair;
    for (size_t i = first; i < end && best < left; i++) {
        const char *words = all->items[i].words[w];
        size_t count = 0;
        if (all->items[i].artifact->pair != pair)
            continue;
        for (size_t j = i; j < end && words[0] != '\0'; j++)
            count += all->items[j].artifact->pair == pair && strcmp(all->items[j].words[w], words) == 0;
        most = count > best ? words : most;
        best = count > best ? count : best;
        left--;
    }
    return most;
}

/* here, there: what most say in the cell, and in the baseline's; NULL where nothing is said. */
static void judge(const struct workloads *all, const struct workload *item, size_t w, const char *here,
                  const char *there)
{
    const struct tb_campaign *campaign = all->job->campaign;
    const char *words = item->words[w];
    const bool as_here = here == NULL || strcmp(words, here) == 0;
    const bool as_there = there == NULL || strcmp(words, there) == 0;
    char text[ARTIFACT_REMARK_SIZE];
    if (words[0] == '\0' || (as_here && as_there))
        return;
    snprintf(text, sizeof text, "%s, though %s have %s", words,
             as_here ? "the baseline's runs of this scenario" : "other runs of the cell", as_here ? there : here);
    tb_remark_pack(all->odd, (size_t)(item->artifact - campaign->artifacts), true, text);
}

/* most: scratch of two times the pairs times WORDS. */
static void judge_cell(const struct workloads *all, size_t cell, const char **most)
{
    const struct tb_campaign *campaign = all->job->campaign;
    const size_t reference = tb_campaign_cell(campaign, 0, campaign->cells[cell].scenario);
    const size_t pairs = all->job->decoding.pairs;
    size_t first, end;
    find_cell(all, cell, &first, &end);
    for (size_t i = 0; i < pairs * WORDS && first < end; i++) {
        most[2 * i] = most_say(all, cell, i / WORDS, i % WORDS);
        most[2 * i + 1] = reference == TB_NO_INDEX ? NULL : most_say(all, reference, i / WORDS, i % WORDS);
    }
    for (size_t i = first; i < end; i++)
        for (size_t w = 0; w < WORDS; w++) {
            const char **of = &most[2 * (all->items[i].artifact->pair * WORDS + w)];
            judge(all, &all->items[i], w, of[0], of[1]);
        }
}

static enum tb_status take_all(void *context, struct tb_bytes bytes, struct tb_error *error)
{
    struct workloads *const all = context;
    const char **most = calloc(2 * WORDS * (all->job->decoding.pairs + 1), sizeof(const char *));
    bool taken = most != NULL;
    while (bytes.left > 0 && taken)
        taken = take_workload(all, &bytes);
    for (size_t cell = 0; cell < all->job->campaign->cell_count && taken; cell++)
        judge_cell(all, cell, most);
    free(most);
    workloads_free(all);
    return taken ? tb_buffer_check(all->odd, "remarks", error) : tb_error_memory(error, "workloads");
}

enum tb_status tb_workloads_compare(const struct job *job, const struct tb_buffer *said, struct tb_buffer *odd,
                                    struct tb_error *error)
{
    struct workloads all = {.job = job, .odd = odd};
    const enum tb_status status = tb_team_collect(job->team, TB_OK, said, "workloads", false, take_all, &all, error);
    return status == TB_OK ? tb_team_broadcast(job->team, odd, error) : status;
}
