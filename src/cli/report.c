/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/report/report.h"

#include <getopt.h>

#include "command.h"
#include "twinbed/base/output_file.h"

static const char help[] = "usage: twinbed report RESULTS -o REPORT [--force]\n\n"
                           "Makes one self-contained HTML page from a results file: the verdicts, the tables\n"
                           "and figures of the published study, the chains, and what was left out and why.\n\n"
                           "  -o, --output REPORT  HTML file to write, - for standard output (needed)\n"
                           "      --force          replace REPORT if it exists\n\n"
                           "example:\n"
                           "  twinbed report results.h5 -o report.html\n";

enum { OPTION_FORCE = 256 };

static const struct option long_options[] = {
    {"output", required_argument, NULL, 'o'}, {"force", no_argument, NULL, OPTION_FORCE}, {NULL, 0, NULL, 0}};

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
    struct tb_output_request request = {.path = NULL};
    int option;
    opterr = 0;
    while ((option = getopt_long(argument_count, arguments, "o:", long_options, NULL)) != -1) {
        if (option == 'o')
            request.path = optarg;
        else if (option == OPTION_FORCE)
            request.replace = true;
        else
            return command_bad_option(&command_report, arguments);
    }
    if (argument_count - optind != 1 || request.path == NULL)
        return command_misuse(&command_report, "one results file and -o REPORT are needed");
    const char *const inputs[] = {arguments[optind]};
    request.inputs = inputs;
    request.input_count = 1;
    return write_report(arguments[optind], &request);
}

const struct command command_report = {"report", "make an HTML page from a results file", help, run};
