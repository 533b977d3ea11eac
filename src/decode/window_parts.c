/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loads counts from the part that has them: the first pass's where a window cuts nothing, else the
 * second's. */
#include "window_parts.h"

#include <stdlib.h>

static void free_tables(struct tb_transitions *tables, size_t count)
{
    for (size_t i = 0; tables != NULL && i < count; i++)
        tb_transitions_free(&tables[i]);
    free(tables);
}

/* Moves tables out of a trace that is to be freed. */
static void move_tables(struct tb_transitions *to, struct tb_transitions *from, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        to[i] = from[i];
        tb_transitions_init(&from[i], from[i].order);
    }
}

/* Which sequence of its file's part belongs to the entry. */
static size_t slot_of(const struct decoding *decoding, const struct sequence_entry *entry)
{
    size_t aliases[TRACE_ALIASES_MAX];
    const size_t count = tb_trace_aliases(decoding->campaign, tb_decoded_artifact(decoding->campaign, entry->artifact),
                                          aliases, TRACE_ALIASES_MAX);
    for (size_t i = 0; i < count; i++)
        if (aliases[i] == entry->artifact)
            return i;
    return 0;
}

enum tb_status tb_sequence_open(const struct decoding *decoding, const struct sequence_entry *entry,
                                struct tb_trace **trace, struct tb_sequence **sequence, struct tb_error *error)
{
    struct artifact_content content;
    const enum tb_status status =
        tb_artifact_load(decoding, tb_decoded_artifact(decoding->campaign, entry->artifact), &content, error);
    if (status != TB_OK)
        return status;
    *trace = content.trace;
    *sequence = &content.trace->sequences[slot_of(decoding, entry)];
    content.trace = NULL;
    tb_artifact_content_free(&content);
    return TB_OK;
}

enum tb_status tb_sequence_load(const struct decoding *decoding, const struct sequence_entry *entry,
                                struct tb_transitions *whole, struct tb_error *error)
{
    struct tb_trace *trace;
    struct tb_sequence *sequence;
    const enum tb_status status = tb_sequence_open(decoding, entry, &trace, &sequence, error);
    if (status != TB_OK)
        return status;
    move_tables(whole, sequence->transitions, decoding->campaign->settings.order_count);
    tb_trace_free(trace);
    return TB_OK;
}

enum tb_status tb_sequence_open_cuts(const struct decoding *decoding, const struct sequence_entry *entry,
                                     struct tb_trace **trace, struct tb_sequence **sequence, struct tb_error *error)
{
    const size_t artifact = tb_decoded_artifact(decoding->campaign, entry->artifact);
    struct trace_cuts cuts;
    enum tb_status status = tb_trace_cuts_make(decoding, artifact, &cuts, error);
    if (status != TB_OK)
        return status;
    status = tb_trace_load_cuts(decoding, artifact, &cuts, trace, error);
    if (status == TB_OK)
        *sequence = &(*trace)->sequences[slot_of(decoding, entry)];
    tb_trace_cuts_free(&cuts);
    return status;
}

static enum tb_status load_inside(const struct decoding *decoding, const struct resolved_window *window,
                                  struct sequence_counts *counts, struct tb_error *error)
{
    const size_t orders = decoding->campaign->settings.order_count;
    enum tb_status status = TB_OK;
    if (tb_window_is_whole(&window->window, counts->entry->calls)) {
        for (size_t i = 0; i < orders && status == TB_OK; i++)
            status = tb_transitions_copy(&counts->inside[i], &counts->whole[i], error);
        return status;
    }
    struct tb_trace *trace;
    struct tb_sequence *sequence;
    status = tb_sequence_open_cuts(decoding, counts->entry, &trace, &sequence, error);
    if (status != TB_OK)
        return status;
    move_tables(counts->inside, sequence->windows[window->setting].transitions, orders);
    tb_trace_free(trace);
    return TB_OK;
}

static enum tb_status load_counts(const struct decoding *decoding, const struct resolved_window *window,
                                  const struct sequence_entry *entry, struct sequence_counts *counts,
                                  struct tb_error *error)
{
    const size_t orders = decoding->campaign->settings.order_count;
    *counts = (struct sequence_counts){.entry = entry,
                                       .testbed = decoding->campaign->runs[entry->run].testbed,
                                       .reached = tb_window_is_reached(&window->window, entry->calls),
                                       .whole = calloc(orders, sizeof *counts->whole),
                                       .inside = calloc(orders, sizeof *counts->inside)};
    if (counts->whole == NULL || counts->inside == NULL)
        return tb_error_memory(error, "transition counts");
    const enum tb_status status = tb_sequence_load(decoding, entry, counts->whole, error);
    if (status != TB_OK || !counts->reached)
        return status;
    return load_inside(decoding, window, counts, error);
}

enum tb_status tb_window_counts_load(const struct decoding *decoding, const struct resolved_window *window,
                                     struct sequence_counts **counts, size_t *count, struct tb_error *error)
{
    struct sequence_counts *loaded = calloc(window->sequences + 1, sizeof *loaded);
    if (loaded == NULL)
        return tb_error_memory(error, "transition counts");
    size_t used = 0;
    enum tb_status status = TB_OK;
    size_t begin, end;
    tb_decoding_scenario_sequences(decoding, window->scenario, &begin, &end);
    for (size_t i = begin; i < end && status == TB_OK; i++) {
        const struct sequence_entry *entry = &decoding->sequences[i];
        if (entry->usable && entry->role == window->role)
            status = load_counts(decoding, window, entry, &loaded[used++], error);
    }
    if (status != TB_OK) {
        tb_window_counts_free(decoding, loaded, used);
        return status;
    }
    *counts = loaded;
    *count = used;
    return TB_OK;
}

void tb_window_counts_free(const struct decoding *decoding, struct sequence_counts *counts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free_tables(counts[i].whole, decoding->campaign->settings.order_count);
        free_tables(counts[i].inside, decoding->campaign->settings.order_count);
    }
    free(counts);
}

enum tb_status tb_window_vocabulary(const struct sequence_counts *counts, size_t count, size_t order_index,
                                    size_t *vocabulary, struct tb_error *error)
{
    const struct tb_transitions **tables = calloc(count + 1, sizeof *tables);
    if (tables == NULL)
        return tb_error_memory(error, "walks");
    for (size_t i = 0; i < count; i++)
        tables[i] = &counts[i].whole[order_index];
    const size_t found = tb_vocabulary_count(tables, count);
    *vocabulary = found > 0 ? found : 1;
    free(tables);
    return TB_OK;
}
