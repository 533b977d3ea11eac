/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sections.h"

enum { KINDS = 16 };

/* Runs of a testbed. */
struct run_counts {
    size_t all, discarded, stalled;
};

static void write_counts(struct tb_html *html, const struct tb_cell *cell)
{
    const struct run_counts *runs = (const struct run_counts *)cell->context + cell->row;
    tb_html_element(html, "th scope=\"row\"", cell->view->testbed_name[cell->row]);
    const size_t counts[] = {runs->all, runs->all - runs->discarded, runs->discarded, runs->stalled};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        tb_html_format(html, "<td>%s</td>", tb_number_count((int64_t)counts[i]).text);
}

static const struct tb_column testbed_columns[] = {
    {.head = "testbed"}, {.head = "runs"}, {.head = "used"}, {.head = "discarded"}, {.head = "stalled"}};

static const struct tb_table testbed_table = {
    .caption = "Runs by testbed.",
    .sentence = "A discarded run is in no result; a stalled one looks delayed by the rule in the settings.",
    TB_COLUMNS(testbed_columns),
    .write = write_counts,
};

static void write_testbeds(struct tb_html *html, const struct tb_view *view)
{
    struct run_counts *counts = tb_html_allocate(html, view->testbeds, sizeof *counts);
    for (size_t r = 0; counts != NULL && r < view->runs; r++) {
        counts[view->run_testbed[r]].all++;
        counts[view->run_testbed[r]].discarded += view->run_discarded[r] == 1;
        counts[view->run_testbed[r]].stalled += view->run_stalled[r] == 1;
    }
    tb_table_write(html, view, &testbed_table, counts == NULL ? 0 : view->testbeds, counts);
    free(counts);
}

static bool is_noteworthy(const struct tb_cell *cell)
{
    return cell->view->run_discarded[cell->row] == 1 || cell->view->run_stalled[cell->row] == 1;
}

static void write_what(struct tb_html *html, const struct tb_cell *cell)
{
    tb_html_format(html, "<td class=\"text\">%s%s</td>",
                   cell->view->run_discarded[cell->row] == 1 ? "discarded" : "used",
                   cell->view->run_stalled[cell->row] == 1 ? ", stalled" : "");
}

static void write_why(struct tb_html *html, const struct tb_cell *cell)
{
    const struct tb_view *view = cell->view;
    const char *discarded = view->discard_reason[cell->row];
    tb_html_markup(html, "<td class=\"text\">");
    tb_html_text(html, discarded);
    if (view->run_stalled[cell->row] == 1 && view->run_stalled_flows[cell->row] > 0)
        tb_html_format(html, "%s%lld flows stood still, the longest for %.1f s", discarded[0] == '\0' ? "" : "; ",
                       (long long)view->run_stalled_flows[cell->row], view->run_longest_stall[cell->row]);
    if (view->run_stalled[cell->row] == 1 && view->run_resets[cell->row] > 0)
        tb_html_format(html, "; its kernel log tells of %lld resets of a network adapter",
                       (long long)view->run_resets[cell->row]);
    tb_html_markup(html, "</td>");
}

static const struct tb_column left_out_columns[] = {
    {"run", TB_CELL_PATH, .field = TB_FIELD_RUN_NAME},
    {"what", TB_CELL_TEXT, .write = write_what},
    {"why", TB_CELL_TEXT, .write = write_why},
};

static const struct tb_table left_out_table = {
    .caption = "Runs left out or stalled.",
    .sentence = "",
    TB_COLUMNS(left_out_columns),
    .shows = is_noteworthy,
    .limit = 300,
    .where = "/campaign/run_discarded",
    .nothing = "<p>No run was discarded, and none looks stalled.</p>\n",
};

/* Artifacts of discarded runs and of cells without them need no line of their own. */
static bool is_problem(const struct tb_cell *cell)
{
    int32_t state = cell->view->artifact_state[cell->row];
    return cell->view->damage[cell->row] != 0 ||
           (state != TB_ARTIFACT_USED && state != TB_ARTIFACT_DISCARDED && state != TB_ARTIFACT_NOT_RECORDED);
}

/* "trace, client" */
static void write_kind(struct tb_html *html, const struct tb_cell *cell)
{
    const char *const more[] = {cell->view->artifact_role[cell->row], cell->view->artifact_point[cell->row]};
    tb_html_markup(html, "<td class=\"word\">");
    tb_html_text(html, cell->view->artifact_kind[cell->row]);
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++)
        if (more[i][0] != '\0' && strcmp(more[i], "none") != 0) {
            tb_html_markup(html, ", ");
            tb_html_text(html, more[i]);
        }
    tb_html_markup(html, "</td>");
}

static void write_damage(struct tb_html *html, const struct tb_cell *cell)
{
    const int32_t damage = cell->view->damage[cell->row];
    tb_html_format(html, "<td class=\"word\">%s</td>",
                   damage == 0 ? "\xE2\x80\x93" : tb_view_flag(TB_FIELD_DAMAGE, damage).text);
}

static void write_coverage(struct tb_html *html, const struct tb_cell *cell)
{
    const double coverage = cell->view->coverage[cell->row];
    tb_cell_number(html, coverage, tb_number_fixed(100 * coverage, 2));
}

static const struct tb_column problem_columns[] = {
    {"file", TB_CELL_PATH, .field = TB_FIELD_ARTIFACT_PATH},   {"kind", TB_CELL_WORD, .write = write_kind},
    {"state", TB_CELL_WORD, .field = TB_FIELD_ARTIFACT_STATE}, {"damage", TB_CELL_WORD, .write = write_damage},
    {"offset, bytes", .field = TB_FIELD_DAMAGE_OFFSET},        {"coverage, %", .write = write_coverage},
    {"why", TB_CELL_TEXT, .field = TB_FIELD_ARTIFACT_REASON},
};

static const struct tb_table problem_table = {
    .caption = "Artifacts not used, or damaged.",
    .sentence = "Offsets are bytes in the plain or decompressed stream; coverage is requests seen in the artifact over "
                "completed requests.",
    TB_COLUMNS(problem_columns),
    .shows = is_problem,
    .limit = 300,
    .where = "/quality/artifact_reason",
    .fold = "artifacts are missing, damaged or withdrawn",
    .open = 5,
    .nothing = "<p>No artifact is missing, damaged or withdrawn.</p>\n",
};

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

/* Bytes of all artifacts of one kind. */
struct byte_totals {
    const char *kind;
    int64_t files, file, left, stream, decoded, skipped, damaged;
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

static void write_totals(struct tb_html *html, const struct tb_cell *cell)
{
    const struct byte_totals *totals = (const struct byte_totals *)cell->context + cell->row;
    const int64_t open = totals->stream - totals->decoded - totals->skipped - totals->damaged;
    const int64_t numbers[] = {totals->files,   totals->file,    totals->left,    totals->stream,
                               totals->decoded, totals->skipped, totals->damaged, open};
    tb_html_element(html, "th scope=\"row\"", totals->kind);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        tb_html_format(html, "<td>%s</td>", tb_number_count(numbers[i]).text);
}

static const struct tb_column account_columns[] = {
    {.head = "kind"},       {.head = "files"},   {.head = "bytes on disk"}, {.head = "of these not read"},
    {.head = "stream"},     {.head = "decoded"}, {.head = "skipped"},       {.head = "damaged"},
    {.head = "unaccounted"}};

static const struct tb_table account_table = {
    .caption = "Where the bytes went.",
    .sentence = "Decoded + skipped + damaged is the size of the plain file or of the decompressed stream; skipped are "
                "whole records of kinds that are not needed.",
    TB_COLUMNS(account_columns),
    .write = write_totals,
    .totals = 1,
};

static void write_account(struct tb_html *html, const struct tb_view *view)
{
    struct byte_totals totals[KINDS + 1] = {{0}};
    struct byte_totals all = {.kind = "all"};
    size_t kinds = 0;
    for (size_t a = 0; a < view->artifacts; a++) {
        size_t k = 0;
        while (k < kinds && strcmp(totals[k].kind, view->artifact_kind[a]) != 0)
            k++;
        if (k == kinds && kinds < KINDS)
            totals[kinds++].kind = view->artifact_kind[a];
        if (k < KINDS)
            add_artifact(&totals[k], view, a);
        add_artifact(&all, view, a);
    }
    totals[kinds] = all;
    tb_table_write(html, view, &account_table, kinds + 1, totals);
}

static const struct tb_column artifact_columns[] = {
    {"file", TB_CELL_PATH, .field = TB_FIELD_ARTIFACT_PATH},
    {"kind", TB_CELL_WORD, .write = write_kind},
    {"state", TB_CELL_WORD, .field = TB_FIELD_ARTIFACT_STATE},
    {"format", TB_CELL_WORD, .field = TB_FIELD_FORMAT},
    {"bytes", .field = TB_FIELD_FILE_BYTES},
};

static const struct tb_table artifact_table = {
    .caption = "Artifacts.",
    .sentence = "Files of the campaign in the order of its runs.",
    TB_COLUMNS(artifact_columns),
    .limit = 2000,
    .where = "/quality",
};

void tb_section_runs(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots)
{
    tb_html_markup(html, "<h2 id=\"runs\">Runs</h2>\n");
    write_testbeds(html, view);
    tb_table_write(html, view, &left_out_table, view->runs, NULL);
    tb_html_markup(html, "<div class=\"levels\">\n<div>\n");
    tb_plots_write(html, view, plots, TB_PLOT_STALLS, "When flows stood still");
    tb_html_markup(html, "</div>\n<div>\n");
    tb_plots_write(html, view, plots, TB_PLOT_TRAIL, "The flow that stood still longest");
    tb_html_markup(html, "</div>\n</div>\n");
    tb_table_write(html, view, &problem_table, view->artifacts, NULL);
    write_absences(html, view);
    tb_fold_open(html, false, "All %s artifacts, and where their bytes went",
                 tb_number_count((int64_t)view->artifacts).text);
    write_account(html, view);
    tb_table_write(html, view, &artifact_table, view->artifacts, NULL);
    tb_fold_close(html);
}
