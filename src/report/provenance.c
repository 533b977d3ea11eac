/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "sections.h"

/* Attributes that the page shows when they are there, in this order. */
static const char *const settings[] = {
    "title",      "campaign",        "manifest",    "baseline",    "closeness",      "thresholds",
    "orders",     "prune",           "windows",     "chain_basis", "coverage_limit", "loss_limit",
    "truncated",  "filter",          "server_port", "flows",       "stall_ratio",    "stall_ms",
    "stall_rule", "discard_stalled", "work",        "settings",    "Conventions",    "twinbed_results_version",
};

static const char *const provenance[] = {
    "history",      "version",      "twinbed_version",
    "command",      "command_line", "created",
    "started",      "finished",     "duration",
    "user",         "host",         "hosts",
    "system",       "kernel",       "cpu",
    "ranks",        "threads",      "nodes",
    "segment_size", "parts_reused", "parts_decoded",
    "launcher",     "job",          "slurm_job_id",
    "mpi",          "hdf5",         "compiler",
    "build",        "libraries",    "manifest_text",
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
        write_item(html, settings[i], tb_results_attribute(view->results, settings[i]));
    tb_html_markup(html, "</dl>\n<h3>The job</h3>\n<dl>\n");
    bool any = false;
    for (size_t i = 0; i < sizeof provenance / sizeof provenance[0]; i++)
        any = write_item(html, provenance[i], tb_results_provenance(view->results, provenance[i])) || any;
    tb_html_markup(html, "</dl>\n");
    if (!any)
        tb_html_markup(html, "<p class=\"reason\">The results file says nothing about the job that made it.</p>\n");
}
