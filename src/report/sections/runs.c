/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/widgets/numbers.h"
#include "sections.h"

enum { RUNS_LISTED = 300, PROBLEMS_LISTED = 300, ARTIFACTS_LISTED = 2000, KINDS = 16 };

static void cut_note(struct tb_html *html, size_t all, size_t listed, const char *where)
{
    if (all > listed)
        tb_html_format(html, "<p class=\"note\">%zu more are in the results file: load <code>%s</code>.</p>\n",
                       all - listed, where);
}

static void write_testbeds(struct tb_html *html, const struct tb_view *view)
{
    size_t(*counts)[3] = calloc(view->testbeds + 1, sizeof *counts);
    for (size_t r = 0; counts != NULL && r < view->runs; r++) {
        counts[view->run_testbed[r]][0]++;
        counts[view->run_testbed[r]][1] += view->run_discarded[r] == 1;
        counts[view->run_testbed[r]][2] += view->run_stalled[r] == 1;
    }
    tb_table_open(html, "Runs by testbed.",
                  "A discarded run is in no result; a stalled one looks delayed by the rule in "
                  "the settings.");
    tb_html_markup(html,
                   "<thead><tr><th scope=\"col\">testbed</th><th scope=\"col\">runs</th><th scope=\"col\">used</th>"
                   "<th scope=\"col\">discarded</th><th scope=\"col\">stalled</th></tr></thead>\n<tbody>\n");
    for (size_t t = 0; counts != NULL && t < view->testbeds; t++) {
        tb_html_markup(html, "<tr>");
        tb_html_element(html, "th scope=\"row\"", view->testbed_name[t]);
        tb_html_format(html, "<td>%zu</td><td>%zu</td><td>%zu</td><td>%zu</td></tr>\n", counts[t][0],
                       counts[t][0] - counts[t][1], counts[t][1], counts[t][2]);
    }
    tb_html_markup(html, "</tbody>\n");
    tb_table_close(html);
    free(counts);
}

static bool noteworthy_run(const struct tb_view *view, size_t run)
{
    return view->run_discarded[run] == 1 || view->run_stalled[run] == 1;
}

static void write_reason(struct tb_html *html, const struct tb_view *view, size_t run)
{
    char reason[512];
    const char *discarded = view->discard_reason[run];
    if (view->run_stalled[run] == 1 && view->run_stalled_flows[run] > 0)
        snprintf(reason, sizeof reason, "%s%s%lld flows stood still, the longest for %.1f s", discarded,
                 discarded[0] == '\0' ? "" : "; ", (long long)view->run_stalled_flows[run],
                 view->run_longest_stall[run]);
    else
        snprintf(reason, sizeof reason, "%s", discarded);
    tb_html_element(html, "td class=\"text\"", reason);
}

static void write_left_out(struct tb_html *html, const struct tb_view *view)
{
    size_t all = 0;
    for (size_t r = 0; r < view->runs; r++)
        all += noteworthy_run(view, r);
    if (all == 0) {
        tb_html_markup(html, "<p>No run was discarded, and none looks stalled.</p>\n");
        return;
    }
    tb_table_open(html, "Runs left out or stalled.", "");
    tb_html_markup(html,
                   "<thead><tr><th scope=\"col\">run</th><th scope=\"col\" class=\"text\">what</th><th scope=\"col\" "
                   "class=\"text\">why</th></tr></thead>\n<tbody>\n");
    size_t listed = 0;
    for (size_t r = 0; r < view->runs && listed < RUNS_LISTED; r++) {
        if (!noteworthy_run(view, r))
            continue;
        tb_html_markup(html, "<tr>");
        tb_html_element(html, "th scope=\"row\" class=\"path\"", view->run_name[r]);
        tb_html_format(html, "<td class=\"text\">%s%s</td>", view->run_discarded[r] == 1 ? "discarded" : "used",
                       view->run_stalled[r] == 1 ? ", stalled" : "");
        write_reason(html, view, r);
        tb_html_markup(html, "</tr>\n");
        listed++;
    }
    tb_html_markup(html, "</tbody>\n");
    tb_table_close(html);
    cut_note(html, all, listed, "/campaign/run_discarded");
}

/* Artifacts of discarded runs and of cells without them need no line of their own. */
static bool problem(const struct tb_view *view, size_t artifact)
{
    int32_t state = view->artifact_state[artifact];
    return view->damage[artifact] != 0 ||
           (state != TB_ARTIFACT_USED && state != TB_ARTIFACT_DISCARDED && state != TB_ARTIFACT_NOT_RECORDED);
}

static void write_absences(struct tb_html *html, const struct tb_view *view)
{
    size_t discarded = 0;
    size_t not_recorded = 0;
    for (size_t a = 0; a < view->artifacts; a++) {
        discarded += view->artifact_state[a] == TB_ARTIFACT_DISCARDED;
        not_recorded += view->artifact_state[a] == TB_ARTIFACT_NOT_RECORDED;
    }
    if (discarded > 0)
        tb_html_format(html, "<p>%s artifacts belong to discarded runs.</p>\n",
                       tb_number_count((int64_t)discarded).text);
    if (not_recorded > 0)
        tb_html_format(html,
                       "<p>%s artifacts that the manifest names were not recorded in any run of their cell.</p>\n",
                       tb_number_count((int64_t)not_recorded).text);
}

static void write_artifact_head(struct tb_html *html, size_t artifact, const struct tb_view *view)
{
    tb_html_markup(html, "<tr>");
    tb_html_element(html, "th scope=\"row\" class=\"path\"", view->artifact_path[artifact]);
    tb_html_markup(html, "<td class=\"word\">");
    tb_html_text(html, view->artifact_kind[artifact]);
    const char *role = view->artifact_role[artifact];
    const char *point = view->artifact_point[artifact];
    if (role[0] != '\0' && strcmp(role, "none") != 0) {
        tb_html_markup(html, ", ");
        tb_html_text(html, role);
    }
    if (point[0] != '\0' && strcmp(point, "none") != 0) {
        tb_html_markup(html, ", ");
        tb_html_text(html, point);
    }
    tb_html_format(html, "</td><td class=\"word\">%s</td>",
                   tb_view_flag(TB_FIELD_ARTIFACT_STATE, view->artifact_state[artifact]).text);
}

static void write_problem(struct tb_html *html, const struct tb_view *view, size_t artifact)
{
    write_artifact_head(html, artifact, view);
    tb_html_format(html, "<td class=\"word\">%s</td>",
                   view->damage[artifact] == 0 ? "\xE2\x80\x93"
                                               : tb_view_flag(TB_FIELD_DAMAGE, view->damage[artifact]).text);
    tb_html_format(html, "<td>%s</td><td>%s</td>",
                   view->damage_offset[artifact] < 0 ? "\xE2\x80\x93"
                                                     : tb_number_count(view->damage_offset[artifact]).text,
                   tb_number_fixed(100 * view->coverage[artifact], 2).text);
    tb_html_element(html, "td class=\"text\"", view->artifact_reason[artifact]);
    tb_html_markup(html, "</tr>\n");
}

static void write_problems(struct tb_html *html, const struct tb_view *view)
{
    size_t all = 0;
    for (size_t a = 0; a < view->artifacts; a++)
        all += problem(view, a);
    if (all == 0) {
        tb_html_markup(html, "<p>No artifact is missing, damaged or withdrawn.</p>\n");
        return;
    }
    tb_html_format(html, "<details%s><summary>%zu of %zu artifacts are missing, damaged or withdrawn</summary>\n",
                   all <= 40 ? " open" : "", all, view->artifacts);
    tb_table_open(
        html, "Artifacts not used, or damaged.",
        "Offsets are bytes in the plain or decompressed stream; coverage is requests seen in the artifact over "
        "completed requests.");
    tb_html_markup(
        html,
        "<thead><tr><th scope=\"col\">file</th><th scope=\"col\" class=\"text\">kind</th><th scope=\"col\" "
        "class=\"text\">state</th>"
        "<th scope=\"col\" class=\"text\">damage</th><th scope=\"col\">offset</th><th scope=\"col\">coverage, %</th>"
        "<th scope=\"col\" class=\"text\">why</th></tr></thead>\n<tbody>\n");
    size_t listed = 0;
    for (size_t a = 0; a < view->artifacts && listed < PROBLEMS_LISTED; a++) {
        if (!problem(view, a))
            continue;
        write_problem(html, view, a);
        listed++;
    }
    tb_html_markup(html, "</tbody>\n");
    tb_table_close(html);
    cut_note(html, all, listed, "/quality/artifact_reason");
    tb_html_markup(html, "</details>\n");
}

/* Bytes of all artifacts of one kind. */
struct byte_totals {
    const char *kind;
    size_t files;
    int64_t file, left, stream, decoded, skipped, damaged;
};

static void add_artifact(struct byte_totals *totals, const struct tb_view *view, size_t artifact)
{
    totals->files += tb_view_present(view, artifact);
    totals->file += view->file_bytes[artifact] > 0 ? view->file_bytes[artifact] : 0;
    totals->stream += view->stream_bytes[artifact] > 0 ? view->stream_bytes[artifact] : 0;
    totals->left += view->left_bytes[artifact];
    totals->decoded += view->decoded_bytes[artifact];
    totals->skipped += view->skipped_bytes[artifact];
    totals->damaged += view->damaged_bytes[artifact];
}

static void write_totals(struct tb_html *html, const struct byte_totals *totals)
{
    tb_html_markup(html, "<tr>");
    tb_html_element(html, "th scope=\"row\"", totals->kind);
    const int64_t numbers[] = {(int64_t)totals->files, totals->file,    totals->left,   totals->stream,
                               totals->decoded,        totals->skipped, totals->damaged};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        tb_html_format(html, "<td>%s</td>", tb_number_count(numbers[i]).text);
    int64_t open = totals->stream - totals->decoded - totals->skipped - totals->damaged;
    tb_html_format(html, "<td>%s</td></tr>\n", tb_number_count(open).text);
}

static void write_account(struct tb_html *html, const struct tb_view *view)
{
    struct byte_totals totals[KINDS + 1] = {{0}};
    size_t kinds = 0;
    totals[KINDS].kind = "all";
    for (size_t a = 0; a < view->artifacts; a++) {
        size_t k = 0;
        while (k < kinds && strcmp(totals[k].kind, view->artifact_kind[a]) != 0)
            k++;
        if (k == kinds && kinds < KINDS)
            totals[kinds++].kind = view->artifact_kind[a];
        if (k < KINDS)
            add_artifact(&totals[k], view, a);
        add_artifact(&totals[KINDS], view, a);
    }
    tb_table_open(
        html, "Where the bytes went.",
        "Decoded + skipped + damaged is the size of the plain file or of the decompressed stream; skipped are "
        "whole records of kinds that are not needed.");
    tb_html_markup(
        html, "<thead><tr><th scope=\"col\" class=\"text\">kind</th><th scope=\"col\">files</th><th "
              "scope=\"col\">bytes on disk</th>"
              "<th scope=\"col\">of these not read</th><th scope=\"col\">stream</th><th scope=\"col\">decoded</th><th "
              "scope=\"col\">skipped</th>"
              "<th scope=\"col\">damaged</th><th scope=\"col\">unaccounted</th></tr></thead>\n<tbody>\n");
    for (size_t k = 0; k < kinds; k++)
        write_totals(html, &totals[k]);
    tb_html_markup(html, "</tbody>\n<tfoot>\n");
    write_totals(html, &totals[KINDS]);
    tb_html_markup(html, "</tfoot>\n");
    tb_table_close(html);
}

static void write_artifacts(struct tb_html *html, const struct tb_view *view)
{
    tb_html_format(html, "<details><summary>All %zu artifacts</summary>\n", view->artifacts);
    tb_table_open(html, "Artifacts.", "Files of the campaign in the order of its runs.");
    tb_html_markup(html,
                   "<thead><tr><th scope=\"col\">file</th><th scope=\"col\" class=\"text\">kind</th><th scope=\"col\" "
                   "class=\"text\">state</th>"
                   "<th scope=\"col\" class=\"text\">format</th><th scope=\"col\">bytes</th></tr></thead>\n<tbody>\n");
    size_t listed = view->artifacts < ARTIFACTS_LISTED ? view->artifacts : ARTIFACTS_LISTED;
    for (size_t a = 0; a < listed; a++) {
        write_artifact_head(html, a, view);
        tb_html_element(html, "td class=\"word\"", view->format[a]);
        tb_html_format(html, "<td>%s</td></tr>\n", tb_number_count(view->file_bytes[a]).text);
    }
    tb_html_markup(html, "</tbody>\n");
    tb_table_close(html);
    cut_note(html, view->artifacts, listed, "/quality");
    tb_html_markup(html, "</details>\n");
}

void tb_section_runs(struct tb_html *html, const struct tb_view *view)
{
    tb_html_markup(html, "<h2 id=\"runs\">Runs</h2>\n");
    write_testbeds(html, view);
    write_left_out(html, view);
    write_problems(html, view);
    write_absences(html, view);
    write_account(html, view);
    write_artifacts(html, view);
}
