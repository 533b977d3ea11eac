/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "sections.h"

/* Attributes that the page shows when they are there, in this order, with their words for people. */
struct item {
    const char *attribute;
    const char *label;
};

static const struct item settings[] = {
    {"campaign", "campaign"},
    {"baseline", "baseline"},
    {"setting_client_process", "client process"},
    {"setting_server_process", "server process"},
    {"setting_closeness", "closeness"},
    {"setting_thresholds", "thresholds of single metrics"},
    {"setting_chain_orders", "chain orders"},
    {"setting_chain_states", "states of chains"},
    {"setting_chains_of", "chains of"},
    {"setting_walk_chains", "chains walked"},
    {"setting_prune", "pruning weight"},
    {"setting_windows", "windows of walks"},
    {"setting_walk_course", "stretches of the course of walks"},
    {"setting_coverage_limit", "least coverage"},
    {"setting_loss_limit", "greatest loss in traces"},
    {"setting_truncated", "truncated artifacts"},
    {"setting_filter", "packet filter"},
    {"setting_server_port", "server port"},
    {"setting_work", "completed work from"},
    {"setting_flows", "flows kept"},
    {"setting_flow_rules", "flow rules"},
    {"setting_duplicates", "packets recorded more than once"},
    {"setting_stalls", "stalled runs"},
    {"setting_discard_stalled", "stalled runs left out"},
    {"setting_strict", "strict"},
    {"setting_only", "selection"},
    {"source", "made by"},
    {"Conventions", "conventions"},
    {"twinbed_results_version", "version of the results format"},
};

static const struct item provenance[] = {
    {"history", "history"},     {"written", "written"},     {"version", "twinbed"},     {"build", "build"},
    {"manifest", "manifest"},   {"root", "root"},           {"ranks", "ranks"},         {"threads", "threads a rank"},
    {"hosts", "hosts"},         {"processor", "processor"}, {"slurm_job", "Slurm job"}, {"settings", "settings"},
    {"libraries", "libraries"},
};

static bool write_item(struct tb_html *html, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return false;
    tb_html_element(html, "dt", name);
    tb_html_markup(html, "<dd>");
    /* Lines of longer texts stay lines. */
    for (const char *at = value; *at != '\0';) {
        const char *end = at;
        while (*end != '\0' && *end != '\n')
            end++;
        char *line = malloc((size_t)(end - at) + 1);
        if (line == NULL)
            break;
        snprintf(line, (size_t)(end - at) + 1, "%s", at);
        tb_html_text(html, line);
        free(line);
        tb_html_markup(html, *end == '\n' ? "\n" : "");
        at = *end == '\n' ? end + 1 : end;
    }
    tb_html_markup(html, "</dd>\n");
    return true;
}

void tb_section_provenance(struct tb_html *html, const struct tb_view *view)
{
    tb_html_markup(html, "<h2 id=\"settings\">Settings and provenance</h2>\n<h3>Settings</h3>\n<dl>\n");
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        write_item(html, settings[i].label, tb_results_attribute(view->results, settings[i].attribute));
    tb_html_markup(html, "</dl>\n<h3>The job</h3>\n<dl>\n");
    bool any = false;
    for (size_t i = 0; i < sizeof provenance / sizeof provenance[0]; i++)
        any =
            write_item(html, provenance[i].label, tb_results_provenance(view->results, provenance[i].attribute)) || any;
    tb_html_markup(html, "</dl>\n");
    if (!any)
        tb_html_markup(html, "<p class=\"reason\">The results file says nothing about the job that made it.</p>\n");
}
