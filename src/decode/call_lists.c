/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps lists of calls among the parts, block by block. A list is only worth making where a window
 * can cut (tb_call_list_is_wanted); where a block cannot be saved there is no list, and the trace
 * will be decoded again. */
#include "call_lists.h"

#include "part_keys.h"
#include "trace_aliases.h"
#include "twinbed/campaign/settings.h"
#include "twinbed/checkpoint/parts.h"

/* Whether a run has a trace, other than this artifact, that tells of the same role. */
static bool run_has_other(const struct tb_campaign *campaign, const struct tb_run *run, size_t artifact)
{
    for (size_t i = run->first_artifact; i < run->first_artifact + run->artifact_count; i++)
        if (i != artifact && campaign->artifacts[i].kind == TB_ARTIFACT_TRACE && campaign->artifacts[i].exists &&
            campaign->artifacts[i].role == campaign->artifacts[artifact].role)
            return true;
    return false;
}

/* Whether the scenario may have another sequence of the role. Its runs lie together. */
static bool has_company(const struct tb_campaign *campaign, size_t artifact)
{
    const size_t run = campaign->artifacts[artifact].run;
    const size_t scenario = campaign->runs[run].scenario;
    for (size_t i = run; i < campaign->run_count && campaign->runs[i].scenario == scenario; i++)
        if (run_has_other(campaign, &campaign->runs[i], artifact))
            return true;
    for (size_t i = run; i-- > 0 && campaign->runs[i].scenario == scenario;)
        if (run_has_other(campaign, &campaign->runs[i], artifact))
            return true;
    return false;
}

static bool window_may_cut(const struct tb_window_setting *window, bool company)
{
    return window->skip > 0 || (window->limit == TB_LIMIT_SHORTEST ? company : window->limit != TB_LIMIT_WHOLE);
}

bool tb_call_list_is_wanted(const struct decoding *decoding, size_t artifact)
{
    const struct tb_settings *const settings = &decoding->campaign->settings;
    size_t aliases[TRACE_ALIASES_MAX];
    const size_t count = tb_trace_aliases(decoding->campaign, artifact, aliases, TRACE_ALIASES_MAX);
    bool company = false;
    for (size_t i = 0; i < count; i++)
        company = company || has_company(decoding->campaign, aliases[i]);
    for (size_t i = 0; i < settings->window_count; i++)
        if (window_may_cut(&settings->windows[i], company))
            return true;
    return settings->profile != 0;
}

/* The key of one block of the list of a trace's calls. */
static enum tb_status make_key(struct call_list_place *place, struct tb_buffer *key)
{
    const struct tb_campaign *const campaign = place->decoding->campaign;
    tb_key_add_identity(place->decoding, place->artifact, key);
    tb_key_add_selectors(campaign, place->artifact, key);
    tb_settings_key(&campaign->settings, TB_DECIDES_CALL_LISTS, key);
    tb_key_add(key, "calls, block %llu of %d\n", (unsigned long long)place->block++, TB_CALL_LIST_BLOCK);
    return tb_key_end(key, NULL);
}

/* A list that cannot be kept is no list; what else cannot be kept will say why. */
static bool write_block(void *context, const struct tb_buffer *block)
{
    struct call_list_place *const place = context;
    struct tb_buffer key = {0};
    enum tb_status status = make_key(place, &key);
    if (status == TB_OK)
        status = tb_part_save(place->decoding->parts, (const char *)key.data, block, NULL);
    tb_buffer_free(&key);
    return status == TB_OK;
}

static bool read_block(void *context, struct tb_buffer *block)
{
    struct call_list_place *const place = context;
    struct tb_buffer key = {0};
    enum tb_status status = make_key(place, &key);
    if (status == TB_OK)
        status = tb_part_load(place->decoding->parts, (const char *)key.data, block, NULL);
    tb_buffer_free(&key);
    return status == TB_OK;
}

struct tb_call_sink tb_call_list_writer(struct call_list_place *place)
{
    return (struct tb_call_sink){.take = write_block, .context = place};
}

struct tb_call_blocks tb_call_list_reader(struct call_list_place *place)
{
    return (struct tb_call_blocks){.next = read_block, .context = place};
}
