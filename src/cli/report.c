/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/report/report.h"

#include "command.h"
#include "twinbed/base/output_file.h"

struct report_arguments {
    const char *results, *output;
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
     .text = "HTML file to write, - for standard output",
     .needed = true},
    {.name = "force", PARAMETER_FLAG(struct report_arguments, force), .text = "replace REPORT if it exists"},
    {.name = NULL},
};

static int write_report(const char *results_path, const struct tb_output_request *request)
{
    struct tb_results *results;
    struct tb_output output;
    struct tb_error error = {0};
    if (tb_results_open(results_path, &results, &error) != TB_OK)
        return command_failure(&error);
    const struct tb_report_options options = {.results_path = results_path};
    enum tb_status status = tb_output_open(request, &output, &error);
    if (status == TB_OK) {
        status = tb_report_write(results, &options, output.stream, &error);
        if (status == TB_OK)
            status = tb_output_finish(&output, &error);
        else
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
    const char *const inputs[] = {given.results};
    const struct tb_output_request request = {
        .path = given.output, .replace = given.force, .inputs = inputs, .input_count = 1};
    return write_report(given.results, &request);
}

const struct command command_report = {
    .name = "report",
    .summary = "make an HTML page from a results file",
    .description = "Makes one self-contained HTML page from a results file: the verdicts, the tables and figures of "
                   "the published study, the chains, and what was left out and why.",
    .operands = operand_table,
    .options = option_table,
    .examples = "twinbed report results.h5 -o report.html\n",
    .run = run,
};
