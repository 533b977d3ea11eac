/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/report/report.h"

#include <getopt.h>

#include "command.h"

static const char help[] = "usage: twinbed report RESULTS -o REPORT\n\n"
                           "Makes one self-contained HTML page from a results file: the verdicts, the tables\n"
                           "and figures of the published study, the chains, and what was left out and why.\n\n"
                           "  -o, --output REPORT  HTML file to write (needed)\n\n"
                           "example:\n"
                           "  twinbed report results.h5 -o report.html\n";

static const struct option long_options[] = {{"output", required_argument, NULL, 'o'}, {NULL, 0, NULL, 0}};

static int run(int argument_count, char **arguments)
{
    const char *output = NULL;
    int option;
    opterr = 0;
    while ((option = getopt_long(argument_count, arguments, "o:", long_options, NULL)) != -1) {
        if (option != 'o')
            return command_bad_option(&command_report, arguments);
        output = optarg;
    }
    if (argument_count - optind != 1 || output == NULL)
        return command_misuse(&command_report, "one results file and -o REPORT are needed");
    struct tb_results *results;
    struct tb_error error = {0};
    if (tb_results_open(arguments[optind], &results, &error) != TB_OK)
        return command_failure(&error);
    const struct tb_report_options options = {.results_path = arguments[optind]};
    const enum tb_status status = tb_report_write(results, &options, output, &error);
    tb_results_close(results);
    return status == TB_OK ? EXIT_GOOD : command_failure(&error);
}

const struct command command_report = {"report", "make an HTML page from a results file", help, run};
