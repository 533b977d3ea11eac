/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fourth stage: window settings become positions, now that every length is
 * known, and the calls of traces that a window cuts, or whose sequences have
 * stretches, are counted a second time: from lists, or else from the traces. */
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "teams.h"
#include "twinbed/base/log.h"
#include "window_parts.h"

static bool in_group(const struct sequence_entry *entry, enum tb_role role)
{
    return entry->usable && entry->role == role;
}

/* shortest: the largest limit that every sequence longer than skip can be walked for. */
static uint64_t shortest_limit(const struct decoding *decoding, size_t scenario, enum tb_role role, uint64_t skip)
{
    uint64_t limit = UINT64_MAX;
    size_t begin, end;
    tb_decoding_scenario_sequences(decoding, scenario, &begin, &end);
    for (size_t i = begin; i < end; i++) {
        const struct sequence_entry *entry = &decoding->sequences[i];
        if (in_group(entry, role) && entry->calls > skip && entry->calls - skip < limit)
            limit = entry->calls - skip;
    }
    return limit == UINT64_MAX ? 0 : limit;
}

bool tb_window_is_reached(const struct tb_window *window, uint64_t calls)
{
    if (window->limit == TB_WINDOW_WHOLE)
        return calls > window->skip;
    return window->limit > 0 && calls >= window->skip && calls - window->skip >= window->limit;
}

bool tb_window_is_whole(const struct tb_window *window, uint64_t calls)
{
    return window->skip == 0 && (window->limit == TB_WINDOW_WHOLE || window->limit == calls);
}

/* The longest sequence in as many stretches as there are to be, the last a little shorter. */
static uint64_t stretch_of(uint64_t longest, uint64_t stretches)
{
    return stretches == 0 ? 0 : longest / stretches + (longest % stretches != 0);
}

static void resolve(const struct decoding *decoding, struct resolved_window *resolved)
{
    uint64_t longest = 0;
    const struct tb_window_setting *setting = &decoding->campaign->settings.windows[resolved->setting];
    resolved->window.skip = setting->skip;
    resolved->window.limit = setting->limit;
    if (setting->limit == TB_LIMIT_SHORTEST)
        resolved->window.limit = shortest_limit(decoding, resolved->scenario, resolved->role, setting->skip);
    size_t begin, end;
    tb_decoding_scenario_sequences(decoding, resolved->scenario, &begin, &end);
    for (size_t i = begin; i < end; i++) {
        if (!in_group(&decoding->sequences[i], resolved->role))
            continue;
        resolved->sequences++;
        longest = decoding->sequences[i].calls > longest ? decoding->sequences[i].calls : longest;
        resolved->short_sequences += !tb_window_is_reached(&resolved->window, decoding->sequences[i].calls);
    }
    resolved->stretch = stretch_of(longest, decoding->campaign->settings.course);
}

/* Windows of scenarios and roles that have usable sequences. */
static enum tb_status resolve_all(struct decoding *decoding, struct tb_error *error)
{
    const struct tb_campaign *campaign = decoding->campaign;
    const size_t settings = campaign->settings.window_count;
    decoding->windows = calloc(campaign->scenario_count * 2 * settings + 1, sizeof *decoding->windows);
    if (decoding->windows == NULL)
        return tb_error_memory(error, "windows");
    for (size_t scenario = 0; scenario < campaign->scenario_count; scenario++)
        for (int end = 0; end < 2; end++)
            for (size_t setting = 0; setting < settings; setting++) {
                struct resolved_window *resolved = &decoding->windows[decoding->window_count];
                *resolved = (struct resolved_window){
                    .scenario = scenario, .role = end == 0 ? TB_ROLE_CLIENT : TB_ROLE_SERVER, .setting = setting};
                resolve(decoding, resolved);
                decoding->window_count += resolved->sequences > 0;
            }
    return TB_OK;
}

static int compare_windows(const void *a, const void *b)
{
    const struct resolved_window *x = a;
    const struct resolved_window *y = b;
    if (x->scenario != y->scenario)
        return x->scenario < y->scenario ? -1 : 1;
    if (x->role != y->role)
        return x->role < y->role ? -1 : 1;
    return x->setting < y->setting ? -1 : x->setting > y->setting;
}

static const struct resolved_window *find_window(const struct decoding *decoding, size_t scenario, enum tb_role role,
                                                 size_t setting)
{
    const struct resolved_window wanted = {.scenario = scenario, .role = role, .setting = setting};
    return bsearch(&wanted, decoding->windows, decoding->window_count, sizeof wanted, compare_windows);
}

/* The windows and the stretch of one sharer of a trace. *cut: a window cuts its sequence. */
static void cut_sharer(const struct decoding *decoding, size_t artifact, size_t sharer, struct trace_cuts *cuts,
                       bool *cut)
{
    const struct tb_artifact *known = &decoding->campaign->artifacts[artifact];
    const struct sequence_entry *entry = tb_decoding_sequence(decoding, known->run, known->pair, known->role);
    const size_t settings = decoding->campaign->settings.window_count;
    for (size_t setting = 0; setting < settings && entry != NULL && entry->usable; setting++) {
        const struct resolved_window *resolved =
            find_window(decoding, decoding->campaign->runs[known->run].scenario, known->role, setting);
        if (resolved == NULL)
            continue;
        cuts->stretch[sharer] = resolved->stretch;
        cuts->stretched = cuts->stretched || resolved->stretch != 0;
        if (!tb_window_is_reached(&resolved->window, entry->calls))
            continue;
        cuts->windows[sharer * settings + setting] = resolved->window;
        *cut = *cut || !tb_window_is_whole(&resolved->window, entry->calls);
    }
}

enum tb_status tb_trace_cuts_make(const struct decoding *decoding, size_t artifact, struct trace_cuts *cuts,
                                  struct tb_error *error)
{
    size_t sharers[TRACE_SHARERS_MAX];
    const size_t count = tb_trace_sharers(decoding->campaign, artifact, sharers, TRACE_SHARERS_MAX);
    const size_t windows = count * decoding->campaign->settings.window_count;
    bool cut = false;
    *cuts = (struct trace_cuts){.windows = calloc(windows + 1, sizeof *cuts->windows)};
    if (cuts->windows == NULL)
        return tb_error_memory(error, "windows");
    for (size_t i = 0; i < count; i++)
        cut_sharer(decoding, sharers[i], i, cuts, &cut);
    cuts->window_count = cut ? windows : 0;
    return TB_OK;
}

void tb_trace_cuts_free(struct trace_cuts *cuts)
{
    free(cuts->windows);
    *cuts = (struct trace_cuts){0};
}

bool tb_trace_is_cut(const struct trace_cuts *cuts)
{
    return cuts->window_count > 0 || cuts->stretched;
}

/* Counts a trace in its windows, unless none cuts it; *cut then is false. hands NULL: only says so. */
static enum tb_status decode_one(const struct decoding *decoding, size_t artifact, const struct hands *hands, bool *cut,
                                 struct tb_error *error)
{
    struct trace_cuts cuts;
    enum tb_status status = tb_trace_cuts_make(decoding, artifact, &cuts, error);
    if (status != TB_OK)
        return status;
    *cut = tb_trace_is_cut(&cuts);
    if (*cut && hands != NULL)
        status = tb_trace_decode_cuts(decoding, artifact, hands, &cuts, error);
    tb_trace_cuts_free(&cuts);
    return status;
}

struct window_stage {
    const struct decoding *decoding;
    struct tb_progress progress;
    bool *cut_teams;        /* owned; by artifact: some window cuts this trace of a team */
    enum tb_status failure; /* first local one */
    struct tb_error *error;
};

static void note_failure(struct window_stage *stage, enum tb_status status, const struct tb_error *error)
{
#pragma omp critical(window_failure)
    if (status != TB_OK && stage->failure == TB_OK) {
        stage->failure = status;
        *stage->error = *error;
    }
}

static bool is_decoded_trace(const struct decoding *decoding, size_t artifact)
{
    return decoding->campaign->artifacts[artifact].kind == TB_ARTIFACT_TRACE &&
           decoding->decoded[artifact].status == TB_OK;
}

static void decode_file(void *context, size_t artifact, const struct hands *hands)
{
    struct window_stage *const stage = context;
    struct tb_error own = {0};
    bool cut;
    if (is_decoded_trace(stage->decoding, artifact) && !tb_stop_requested())
        note_failure(stage, decode_one(stage->decoding, artifact, hands, &cut, &own), &own);
    tb_progress_add(&stage->progress, 1);
}

/* Which traces of teams are cut; every rank comes to the same, or all leave. */
static enum tb_status find_cut_teams(struct window_stage *stage, struct tb_error *error)
{
    const struct decoding *const decoding = stage->decoding;
    enum tb_status status = TB_OK;
    stage->cut_teams = calloc(decoding->campaign->artifact_count + 1, sizeof *stage->cut_teams);
    if (stage->cut_teams == NULL)
        status = tb_error_memory(error, "windows");
    for (size_t i = 0; status == TB_OK && i < decoding->plan.team_count; i++) {
        const size_t artifact = decoding->plan.teams[i].artifact;
        if (is_decoded_trace(decoding, artifact))
            status = decode_one(decoding, artifact, NULL, &stage->cut_teams[artifact], error);
    }
    return tb_team_agree(decoding->team, status, error);
}

static bool skip_uncut(void *context, size_t artifact)
{
    const struct window_stage *const stage = context;
    return !stage->cut_teams[artifact];
}

static void lead_team(void *context, size_t artifact, const struct tb_team *team)
{
    const struct hands hands = {.threads = team->threads, .team = team};
    decode_file(context, artifact, &hands);
}

static enum tb_status decode_with_teams(struct window_stage *stage, struct tb_error *error)
{
    const struct team_work work = {.skip = skip_uncut, .lead = lead_team, .context = stage, .again = true};
    enum tb_status status = find_cut_teams(stage, error);
    if (status == TB_OK)
        status = tb_teams_take_part(stage->decoding, &work, error);
    free(stage->cut_teams);
    return status;
}

static enum tb_status decode_share(const struct decoding *decoding, struct tb_error *error)
{
    struct window_stage stage = {.decoding = decoding, .failure = TB_OK, .error = error};
    const size_t files =
        decoding->plan.rank_begin[decoding->team->rank + 1] - decoding->plan.rank_begin[decoding->team->rank];
    tb_progress_start(&stage.progress, "windows", "files of this rank", files);
    const enum tb_status status = decode_with_teams(&stage, error);
    if (status == TB_OK)
        tb_artifacts_each(decoding, decode_file, &stage);
    tb_progress_finish(&stage.progress);
    if (status != TB_OK || stage.failure != TB_OK)
        return status != TB_OK ? status : stage.failure;
    if (tb_stop_requested())
        return tb_error_set(error, TB_STOPPED,
                            "stopped by a signal: what is finished is kept in %s; the same command goes on from there",
                            decoding->parts);
    return TB_OK;
}

enum tb_status tb_windows_count(struct decoding *decoding, struct tb_error *error)
{
    enum tb_status status = tb_team_agree(decoding->team, resolve_all(decoding, error), error);
    if (status == TB_OK)
        status = tb_team_agree(decoding->team, decode_share(decoding, error), error);
    return status;
}
