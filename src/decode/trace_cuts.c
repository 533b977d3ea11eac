/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From resolved windows to what is asked of one trace. A window that holds a whole sequence, or
 * that the sequence does not reach, cuts nothing; only others cost a second pass. */
#include "trace_cuts.h"

#include <stdlib.h>

#include "part_keys.h"

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

/* The windows and the interval of one alias of a trace. *cut: a window cuts its sequence. */
static void cut_alias(const struct decoding *decoding, size_t artifact, size_t alias, struct trace_cuts *cuts,
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
        cuts->interval[alias] = resolved->interval;
        cuts->has_intervals = cuts->has_intervals || resolved->interval != 0;
        if (!tb_window_is_reached(&resolved->window, entry->calls))
            continue;
        cuts->windows[alias * settings + setting] = resolved->window;
        *cut = *cut || !tb_window_is_whole(&resolved->window, entry->calls);
    }
}

enum tb_status tb_trace_cuts_make(const struct decoding *decoding, size_t artifact, struct trace_cuts *cuts,
                                  struct tb_error *error)
{
    size_t aliases[TRACE_ALIASES_MAX];
    const size_t count = tb_trace_aliases(decoding->campaign, artifact, aliases, TRACE_ALIASES_MAX);
    const size_t windows = count * decoding->campaign->settings.window_count;
    bool cut = false;
    *cuts = (struct trace_cuts){.windows = calloc(windows + 1, sizeof *cuts->windows)};
    if (cuts->windows == NULL)
        return tb_error_memory(error, "windows");
    for (size_t i = 0; i < count; i++)
        cut_alias(decoding, aliases[i], i, cuts, &cut);
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
    return cuts->window_count > 0 || cuts->has_intervals;
}

void tb_key_add_cuts(const struct trace_cuts *cuts, size_t aliases, struct tb_buffer *key)
{
    tb_key_add(key, "in cuts alone\n");
    for (size_t i = 0; i < cuts->window_count; i++)
        tb_key_add(key, "window %llu %llu\n", (unsigned long long)cuts->windows[i].skip,
                   (unsigned long long)cuts->windows[i].limit);
    for (size_t i = 0; cuts->has_intervals && i < aliases; i++)
        tb_key_add(key, "interval %llu\n", (unsigned long long)cuts->interval[i]);
}
