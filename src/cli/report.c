/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/report/report.h"

#include <getopt.h>

#include "command.h"
#include "twinbed/base/output_file.h"
#include "twinbed/report/figures.h"

static const char help[] = "usage: twinbed report RESULTS [-o REPORT] [--figures DIR] [--force]\n\n"
                           "Makes one self-contained HTML page from a results file: the verdicts, the tables\n"
                           "and figures of the published study, the chains, and what was left out and why.\n\n"
                           "Or writes its figures as files, or both.\n\n"
                           "  -o, --output REPORT  HTML file to write, - for standard output\n"
                           "      --figures DIR    write each figure to DIR as SVG and PDF, with its caption in a\n"
                           "                       text file; DIR must be empty or not exist\n"
                           "      --force          replace REPORT, and figures in DIR, if they exist\n\n"
                           "examples:\n"
                           "  twinbed report results.h5 -o report.html\n"
                           "  twinbed report results.h5 --figures figures\n";

enum { OPTION_FORCE = 256, OPTION_FIGURES };

static const struct option long_options[] = {{"output", required_argument, NULL, 'o'},
                                             {"figures", required_argument, NULL, OPTION_FIGURES},
                                             {"force", no_argument, NULL, OPTION_FORCE},
                                             {NULL, 0, NULL, 0}};

/* The page, and the figures when a directory is named for them. */
static enum tb_status write_all(struct tb_results *results, const char *path, FILE *page,
                                const struct tb_output_request *figures, struct tb_error *error)
{
    const struct tb_report_options options = {.results_path = path};
    struct tb_figures_written written;
    if (figures->path == NULL)
        return tb_report_write(results, &options, page, error);
    const enum tb_status status = tb_report_write_figures(results, &options, page, figures, &written, error);
    if (status == TB_OK)
        fprintf(stderr, "twinbed: %zu figures in %s%s%s\n", written.figures, figures->path,
                written.reason[0] == '\0' ? "" : "; some have no PDF: ", written.reason);
    return status;
}

static int write_report(const char *results_path, const struct tb_output_request *request,
                        const struct tb_output_request *figures)
{
    struct tb_results *results;
    struct tb_output output = {0};
    struct tb_error error = {0};
    if (tb_results_open(results_path, &results, &error) != TB_OK)
        return command_failure(&error);
    enum tb_status status = request->path == NULL ? TB_OK : tb_output_open(request, &output, &error);
    if (status == TB_OK) {
        status = write_all(results, results_path, output.stream, figures, &error);
        if (request->path != NULL && status == TB_OK)
            status = tb_output_finish(&output, &error);
        else if (request->path != NULL)
            tb_output_abandon(&output);
    }
    tb_results_close(results);
    return status == TB_OK ? EXIT_GOOD : command_failure(&error);
}

static int run(int argument_count, char **arguments)
{
    struct tb_output_request request = {.path = NULL}, figures = {.path = NULL};
    int option;
    opterr = 0;
    while ((option = getopt_long(argument_count, arguments, "o:", long_options, NULL)) != -1) {
        if (option == 'o')
            request.path = optarg;
        else if (option == OPTION_FIGURES)
            figures.path = optarg;
        else if (option == OPTION_FORCE)
            request.replace = figures.replace = true;
        else
            return command_bad_option(&command_report, arguments);
    }
    if (argument_count - optind != 1 || (request.path == NULL && figures.path == NULL))
        return command_misuse(&command_report, "one results file and -o REPORT or --figures DIR are needed");
    const char *const inputs[] = {arguments[optind]};
    request.inputs = figures.inputs = inputs;
    request.input_count = figures.input_count = 1;
    return write_report(arguments[optind], &request, &figures);
}

const struct command command_report = {"report", "make an HTML page from a results file", help, run};
