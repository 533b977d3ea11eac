/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/report/report.h"

#include "command.h"
#include "twinbed/base/output_file.h"
#include "twinbed/report/figures.h"

struct report_arguments {
    const char *results, *output, *figures;
    bool force;
};

static const struct parameter operand_table[] = {
    {.name = "RESULTS",
     PARAMETER_FILE(struct report_arguments, results),
     .text = "a results file of analyze",
     .needed = true},
    {.name = NULL},
};

static const struct parameter option_table[] = {
    {.name = "output",
     .letter = 'o',
     PARAMETER_FILE(struct report_arguments, output),
     .value = "REPORT",
     .text = "HTML file to write, - for standard output"},
    {.name = "figures",
     PARAMETER_DIRECTORY(struct report_arguments, figures),
     .value = "DIRECTORY",
     .text = "write each figure as SVG and PDF, with its caption in a text file; DIRECTORY must be empty or not exist"},
    {.name = "force",
     PARAMETER_FLAG(struct report_arguments, force),
     .text = "replace REPORT, and figures in DIRECTORY, if they exist"},
    {.name = NULL},
};

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
    struct report_arguments given = {.output = NULL};
    const int result = command_parse(&command_report, argument_count, arguments, &given);
    if (result != EXIT_GOOD)
        return result;
    if (given.output == NULL && given.figures == NULL)
        return command_misuse(&command_report, "-o REPORT or --figures DIRECTORY is needed");
    const char *const inputs[] = {given.results};
    const struct tb_output_request request = {
        .path = given.output, .replace = given.force, .inputs = inputs, .input_count = 1};
    const struct tb_output_request figures = {
        .path = given.figures, .replace = given.force, .inputs = inputs, .input_count = 1};
    return write_report(given.results, &request, &figures);
}

const struct command command_report = {
    .name = "report",
    .summary = "make an HTML page from a results file",
    .description = "Makes one self-contained HTML page from a results file: the verdicts, the tables and figures of "
                   "the published study, the chains, and what was left out and why. Or writes its figures as files, or "
                   "both.",
    .operands = operand_table,
    .options = option_table,
    .examples = "twinbed report results.h5 -o report.html\n"
                "twinbed report results.h5 --figures figures\n",
    .run = run,
};
