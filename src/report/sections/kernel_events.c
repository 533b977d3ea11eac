/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "sections.h"

/* Runs with a kernel log, by what it and the capture tell. */
struct run_totals {
    size_t logged, reset, both, stood_still;
};

static bool stood_still(const struct tb_view *view, size_t run)
{
    return view->run_stalled_flows[run] > 0;
}

static struct run_totals count_runs(const struct tb_view *view)
{
    struct run_totals totals = {0};
    for (size_t r = 0; r < view->runs; r++) {
        const bool reset = view->run_resets[r] > 0;
        totals.logged += view->run_resets[r] >= 0;
        totals.reset += reset;
        totals.both += reset && stood_still(view, r);
        totals.stood_still += view->run_resets[r] == 0 && stood_still(view, r);
    }
    return totals;
}

static size_t run_of(const struct tb_view *view, size_t event)
{
    return (size_t)view->artifact_run[view->event_artifact[event]];
}

/* Events of one run stand behind one another. */
struct run_events {
    size_t first, count;
};

static const struct run_events *events_of(const struct tb_cell *cell)
{
    return (const struct run_events *)cell->context + cell->row;
}

static void find_events(const struct tb_view *view, struct run_events *events)
{
    for (size_t e = view->kernel_events; e-- > 0;) {
        struct run_events *const of = &events[run_of(view, e)];
        of->first = e;
        of->count++;
    }
}

static bool has_events(const struct tb_cell *cell)
{
    return events_of(cell)->count > 0;
}

/* Events of one log and kind. */
struct event_total {
    size_t first, count;
};

enum { TOTALS_MOST = 64 };

/* False when there are too many logs and kinds to name. */
static bool add_event(const struct tb_view *view, size_t event, struct event_total *totals, size_t *count)
{
    size_t t = 0;
    while (t < *count && (view->event_artifact[totals[t].first] != view->event_artifact[event] ||
                          strcmp(view->event_kind[totals[t].first], view->event_kind[event]) != 0))
        t++;
    if (t == TOTALS_MOST)
        return false;
    if (t == *count)
        totals[(*count)++] = (struct event_total){.first = event};
    totals[t].count++;
    return true;
}

/* "client: adapter_reset 2; client: link_down 2": each kind where it comes first. */
static void write_events(struct tb_html *html, const struct tb_cell *cell)
{
    const struct tb_view *view = cell->view;
    const struct run_events *events = events_of(cell);
    struct event_total totals[TOTALS_MOST];
    size_t count = 0, others = 0;
    for (size_t e = events->first; e < events->first + events->count && e < view->kernel_events; e++)
        others += !add_event(view, e, totals, &count);
    tb_html_markup(html, "<td class=\"text\">");
    for (size_t t = 0; t < count; t++) {
        tb_html_markup(html, t == 0 ? "" : "; ");
        tb_html_text(html, view->artifact_role[view->event_artifact[totals[t].first]]);
        tb_html_markup(html, ": ");
        tb_html_text(html, view->event_kind[totals[t].first]);
        tb_html_format(html, " %zu", totals[t].count);
    }
    if (others > 0)
        tb_html_format(html, "; %zu others", others);
    tb_html_markup(html, "</td>");
}

static const struct tb_column run_columns[] = {
    {"run", TB_CELL_PATH, .field = TB_FIELD_RUN_NAME},
    {"kernel logs tell of", TB_CELL_TEXT, .write = write_events},
    {"flows that stood still", .field = TB_FIELD_RUN_STALLED_FLOWS},
    {"longest, s", .field = TB_FIELD_RUN_LONGEST_STALL, .digits = 3},
};

static const struct tb_table run_table = {
    .caption = "Runs whose kernel logs tell of events.",
    .sentence = "",
    TB_COLUMNS(run_columns),
    .shows = has_events,
    .limit = 100,
    .where = "/os/kernel_event_kind",
    .nothing = "<p>No kernel log tells of an event.</p>\n",
};

static const struct tb_column event_columns[] = {
    {"log", TB_CELL_PATH, .field = TB_FIELD_KERNEL_EVENT_ARTIFACT},
    {"kind", TB_CELL_WORD, .field = TB_FIELD_KERNEL_EVENT_KIND},
    {"time", TB_CELL_WORD, .field = TB_FIELD_KERNEL_EVENT_TIME},
    {"message", TB_CELL_TEXT, .field = TB_FIELD_KERNEL_EVENT_TEXT},
};

static const struct tb_table event_table = {
    .caption = "Events in kernel logs.",
    .sentence = "Times are those of the logs.",
    TB_COLUMNS(event_columns),
    .limit = 200,
    .where = "/os/kernel_event_text",
    .fold = "events are listed",
    .open = 10,
    .nothing = "",
};

void tb_section_kernel_events(struct tb_html *html, const struct tb_view *view)
{
    const struct run_totals totals = count_runs(view);
    if (totals.logged == 0)
        return;
    tb_html_markup(html, "<h3 id=\"kernel-logs\">Kernel logs and stalls</h3>\n");
    tb_html_format(html,
                   "<p>Runs with a kernel log: %zu. With a network adapter that was reset: %zu, of which flows of the "
                   "capture stood still in %zu. Without a reset, but with flows that stood still: %zu. The clocks of "
                   "logs and captures are not compared: it is said which runs have both, not that one caused the "
                   "other.</p>\n",
                   totals.logged, totals.reset, totals.both, totals.stood_still);
    struct run_events *events = tb_html_allocate(html, view->runs, sizeof *events);
    if (events != NULL)
        find_events(view, events);
    tb_table_write(html, view, &run_table, events == NULL ? 0 : view->runs, events);
    free(events);
    tb_table_write(html, view, &event_table, view->kernel_events, NULL);
}
