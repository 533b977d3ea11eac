/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Second stage of decoding: window settings become positions, now that every length is
 * known, and the calls of traces that a window cuts, or whose sequences have
 * intervals, are counted a second time: from lists, or else from the traces. */
#include "windows.h"

#include <stdlib.h>

#include "artifact_parts.h"
#include "shares.h"
#include "trace_cuts.h"

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

/* The longest sequence in as many intervals as there are to be, the last a little shorter. */
static uint64_t interval_of(uint64_t longest, uint64_t intervals)
{
    return intervals == 0 ? 0 : longest / intervals + (longest % intervals != 0);
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
    resolved->interval = interval_of(longest, decoding->campaign->settings.profile);
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

struct window_stage {
    const struct decoding *decoding;
    bool *is_cut;    /* owned; by artifact: some window or interval cuts this trace, which is not counted yet */
    bool *is_listed; /* owned; by artifact: this rank has found it counted, or counted it from its list */
};

/* Every rank comes to the same, or all leave. */
static enum tb_status find_cut_traces(struct window_stage *stage, struct tb_error *error)
{
    const struct decoding *const decoding = stage->decoding;
    const size_t artifacts = decoding->campaign->artifact_count;
    enum tb_status status = TB_OK;
    stage->is_cut = calloc(artifacts + 1, sizeof *stage->is_cut);
    stage->is_listed = calloc(artifacts + 1, sizeof *stage->is_listed);
    if (stage->is_cut == NULL || stage->is_listed == NULL)
        status = tb_error_memory(error, "windows");
    for (size_t i = 0; status == TB_OK && i < artifacts; i++) {
        struct trace_cuts cuts;
        if (decoding->campaign->artifacts[i].kind != TB_ARTIFACT_TRACE || decoding->decoded[i].status != TB_OK)
            continue;
        status = tb_trace_cuts_make(decoding, i, &cuts, error);
        if (status != TB_OK)
            break;
        stage->is_cut[i] = tb_trace_is_cut(&cuts);
        tb_trace_cuts_free(&cuts);
    }
    return tb_team_agree(decoding->team, status, error);
}

static bool is_uncut(const void *context, size_t artifact)
{
    const struct window_stage *const stage = context;
    return !stage->is_cut[artifact];
}

/* workers: NULL, from its list alone. */
static enum tb_status count_trace(const struct window_stage *stage, size_t artifact, const struct workers *workers,
                                  struct tb_error *error)
{
    struct trace_cuts cuts;
    enum tb_status status = tb_trace_cuts_make(stage->decoding, artifact, &cuts, error);
    if (status != TB_OK)
        return status;
    status = tb_trace_decode_cuts(stage->decoding, artifact, workers, &cuts, error);
    tb_trace_cuts_free(&cuts);
    return status;
}

static enum tb_status count_one(void *context, size_t artifact, const struct workers *workers, struct tb_error *error)
{
    return count_trace(context, artifact, workers, error);
}

static enum tb_status count_from_list(void *context, size_t artifact, const struct workers *workers,
                                      struct tb_error *error)
{
    const struct window_stage *const stage = context;
    (void)workers;
    const enum tb_status status = count_trace(stage, artifact, NULL, error);
    stage->is_listed[artifact] = status == TB_OK;
    return status == TB_NOT_FOUND ? TB_OK : status;
}

static enum tb_status take_listed(void *context, struct tb_bytes all, struct tb_error *error)
{
    const struct window_stage *const stage = context;
    while (all.left > 0) {
        uint64_t artifact;
        if (!tb_bytes_take_u64(&all, &artifact) || artifact >= stage->decoding->campaign->artifact_count)
            return tb_error_unpack(error, "counted traces do not unpack");
        stage->is_cut[artifact] = false;
    }
    return TB_OK;
}

/* Every rank learns which traces are counted. */
static enum tb_status share_listed(struct window_stage *stage, struct tb_error *error)
{
    struct tb_buffer local = {0};
    for (size_t i = 0; i < stage->decoding->campaign->artifact_count; i++)
        if (stage->is_listed[i])
            tb_buffer_put_u64(&local, i);
    const enum tb_status status =
        tb_team_collect(stage->decoding->team, TB_OK, &local, "counted traces", true, take_listed, stage, error);
    tb_buffer_free(&local);
    return status;
}

static bool are_any_left(const struct window_stage *stage)
{
    for (size_t i = 0; i < stage->decoding->campaign->artifact_count; i++)
        if (stage->is_cut[i])
            return true;
    return false;
}

/* A list is for one thread, and most traces have one; so all lists come first, and several threads or ranks for one trace only
 * where there is none. */
static enum tb_status count_all(struct window_stage *stage, struct tb_error *error)
{
    const struct share_work from_lists = {
        .name = "windows", .alone = true, .skip = is_uncut, .decode = count_from_list, .context = stage};
    const struct share_work from_traces = {
        .name = "windows, from traces", .again = true, .skip = is_uncut, .decode = count_one, .context = stage};
    enum tb_status status = tb_shares_decode(stage->decoding, &from_lists, error);
    if (status == TB_OK)
        status = share_listed(stage, error);
    return status == TB_OK && are_any_left(stage) ? tb_shares_decode(stage->decoding, &from_traces, error) : status;
}

enum tb_status tb_windows_count(struct decoding *decoding, struct tb_error *error)
{
    struct window_stage stage = {.decoding = decoding};
    enum tb_status status = tb_team_agree(decoding->team, resolve_all(decoding, error), error);
    if (status == TB_OK)
        status = find_cut_traces(&stage, error);
    if (status == TB_OK && are_any_left(&stage))
        status = count_all(&stage, error);
    if (status == TB_OK)
        status = tb_decoding_share_parts(decoding, error);
    free(stage.is_cut);
    free(stage.is_listed);
    return status;
}
