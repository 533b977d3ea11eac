/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/report/report.h"

#include <stdio.h>

#include "report/sections/sections.h"
#include "report/widgets/html.h"
#include "report/widgets/judgement.h"

static const char *page_title(const struct tb_view *view)
{
    static const char *const names[] = {"campaign", "title"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *title = tb_results_attribute(view->results, names[i]);
        if (title != NULL && title[0] != '\0')
            return title;
    }
    return "Comparison of testbeds";
}

/* Whatever an input could bring onto the page, a browser loads and runs nothing for it. */
#define CONTENT_POLICY                                                                                                 \
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "           \
    "img-src data:; base-uri 'none'; form-action 'none'\">\n"

static void write_head(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots)
{
    tb_html_markup(html, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n" CONTENT_POLICY
                         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                         "<meta name=\"generator\" content=\"twinbed\">\n<title>");
    tb_html_text(html, page_title(view));
    tb_html_markup(html, "</title>\n");
    tb_section_style(html);
    tb_html_markup(html, "</head>\n<body>\n<a class=\"skip\" href=\"#content\">Over the contents to the tables</a>\n"
                         "<header>\n");
    tb_html_heading(html, 1, page_title(view), "top");
    tb_section_summary(html, view, plots);
    tb_html_markup(html, "<nav aria-label=\"Sections\"><ol><li><a href=\"#application\">Application</a></li>"
                         "<li><a href=\"#operating-system\">Operating system</a></li>"
                         "<li><a href=\"#network\">Network</a></li>"
                         "<li><a href=\"#study\">Reproduce the study</a></li>"
                         "<li><a href=\"#sensitivity\">Which factor matters</a></li>"
                         "<li><a href=\"#outlying\">Outlying runs</a></li>"
                         "<li><a href=\"#quality\">Data quality</a></li>"
                         "<li><a href=\"#runs\">Runs</a></li><li><a href=\"#settings\">Settings and provenance</a></li>"
                         "<li><a href=\"#loading\">Load the numbers</a></li></ol></nav>\n</header>\n<main "
                         "id=\"content\" tabindex=\"-1\">\n");
}

/* Who wants the tables of the study asks for them; the comparison does not need them. */
static void write_study(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots)
{
    tb_html_heading(html, 2, "Reproduce the study", "study");
    tb_html_markup(
        html, "<p>The tables and figures of "
              "<cite>Virtually the Same: Comparing Physical and Virtual Testbeds</cite>, by their numbers, from this "
              "campaign\xE2\x80\x99s runs: chains and walks of system calls among them.</p>\n");
    tb_fold_open(html, false, "Tables I to IX, figures 2a, 2b and 3");
    tb_html_markup(html, "<p class=\"note\">Under each mean: the number of runs, the verdict and ratio against the "
                         "baseline, and the published signs, as above.</p>\n");
    tb_section_published(html, view, plots);
    tb_fold_close(html);
}

static void write_page(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots)
{
    write_head(html, view, plots);
    tb_html_heading(html, 2, "Application", "application");
    tb_section_matrix(html, view, plots, "application");
    tb_html_heading(html, 2, "Operating system", "operating-system");
    tb_section_matrix(html, view, plots, "operating system");
    tb_html_heading(html, 2, "Network", "network");
    tb_section_matrix(html, view, plots, "network");
    write_study(html, view, plots);
    tb_section_sensitivity(html, view, plots);
    tb_section_outlying(html, view);
    tb_section_quality(html, view);
    tb_section_kernel_events(html, view);
    tb_section_runs(html, view, plots);
    tb_section_provenance(html, view);
    tb_section_loading(html, view);
    tb_html_markup(html,
                   "</main>\n<footer><p class=\"note\">Written by twinbed from the results file alone.</p></footer>\n"
                   "</body>\n</html>\n");
}

static enum tb_status write_view(struct tb_html *html, const struct tb_view *view, struct tb_error *error)
{
    struct tb_plots plots;
    enum tb_status status = tb_plots_draw(&plots, view, error);
    if (status == TB_OK)
        write_page(html, view, &plots);
    if (html->failed)
        status = tb_error_memory(error, "the report's tables");
    tb_plots_free(&plots);
    return status;
}

enum tb_status tb_report_write(struct tb_results *results, const struct tb_report_options *options, FILE *stream,
                               struct tb_error *error)
{
    static const struct tb_report_options defaults;
    struct tb_view view;
    enum tb_status status = tb_view_load(&view, results, options == NULL ? &defaults : options, error);
    if (status != TB_OK)
        return status;
    struct tb_html html = {.out = stream, .figures = view.options->figures, .work_unit = view.work_unit};
    status = write_view(&html, &view, error);
    tb_view_free(&view);
    return status;
}
