/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/export/export.h"

#include "command.h"
#include "twinbed/base/output_file.h"

struct export_arguments {
    const char *results, *table, *columns, *output;
    unsigned format;
    struct value_list only;
    long long digits;
    bool list, force;
};

static const struct parameter operand_table[] = {
    {.name = "RESULTS", PARAMETER_FILE(struct export_arguments, results), .text = "a results file of analyze"},
    {.name = NULL},
};

static const char *const format_words[] = {TB_EXPORT_FORMAT_WORDS(TB_WORD_NAME) NULL};

static const struct parameter option_table[] = {
    {.name = "list",
     PARAMETER_FLAG(struct export_arguments, list),
     .text = "print which tables there are; with --table, its columns with kind, unit and dataset"},
    {.name = "table",
     PARAMETER_TEXT(struct export_arguments, table),
     .value = "NAME",
     .text = "the table: metrics (a row for each run and metric), comparison, runs, ..."},
    {.name = "format",
     PARAMETER_WORD(struct export_arguments, format),
     .text = "how to write (default: csv); latex is for the package booktabs, dot and graphml are for tables of chains "
             "and edges",
     .words = format_words},
    {.name = "columns",
     PARAMETER_TEXT(struct export_arguments, columns),
     .value = "NAME[,NAME]...",
     .text = "these columns alone, in this order"},
    {.name = "only",
     PARAMETER_LIST(struct export_arguments, only),
     .value = "COLUMN=VALUE[,VALUE]...",
     .text = "only rows whose column has one of the values"},
    {.name = "digits",
     PARAMETER_NUMBER(struct export_arguments, digits),
     .value = "N",
     .text = "significant digits of numbers that are no counts (default: as many as it takes to read back the same)",
     .least = 1,
     .most = 17},
    {.name = "output",
     .letter = 'o',
     PARAMETER_FILE(struct export_arguments, output),
     .value = "FILE",
     .text = "where to write; without it, or with -, to standard output"},
    {.name = "force", PARAMETER_FLAG(struct export_arguments, force), .text = "replace FILE if it exists"},
    {.name = NULL},
};

static enum tb_status write_table(struct tb_results *results, const struct export_arguments *given,
                                  struct tb_error *error)
{
    const struct tb_export_request request = {.table = given->table,
                                              .format = (enum tb_export_format)given->format,
                                              .columns = given->columns,
                                              .only = given->only.items,
                                              .only_count = given->only.count,
                                              .digits = (int)given->digits};
    const char *const inputs[] = {given->results};
    const struct tb_output_request place = {
        .path = given->output, .replace = given->force, .inputs = inputs, .input_count = 1};
    struct tb_output output;
    enum tb_status status = tb_output_open(&place, &output, error);
    if (status != TB_OK)
        return status;
    status = tb_export_write(results, &request, output.stream, error);
    if (status == TB_OK)
        return tb_output_finish(&output, error);
    tb_output_abandon(&output);
    return status;
}

static int run(int argument_count, char **arguments)
{
    struct export_arguments given = {.output = "-"};
    struct tb_results *results;
    struct tb_error error = {0};
    const int result = command_parse(&command_export, argument_count, arguments, &given);
    if (result != EXIT_GOOD)
        return result;
    if (given.list && given.results == NULL)
        return tb_export_list(given.table, stdout, &error) == TB_OK ? EXIT_GOOD : command_failure(&error);
    if (given.list)
        return command_misuse(&command_export, "--list takes no results file");
    if (given.results == NULL || given.table == NULL)
        return command_misuse(&command_export, "a results file and --table NAME are needed, or --list");
    enum tb_status status = tb_results_open(given.results, &results, &error);
    if (status != TB_OK)
        return command_failure(&error);
    status = write_table(results, &given, &error);
    tb_results_close(results);
    return status == TB_OK ? EXIT_GOOD : command_failure(&error);
}

const struct command command_export = {
    .name = "export",
    .summary = "write a table of a results file for other programs",
    .description =
        "Writes one table of a results file for other programs. Indexes become names and flags words; a value "
        "that is missing is empty in CSV and null in JSON; numbers are written as short as they can be and "
        "still be read back the same.",
    .notes =
        "In CSV an apostrophe stands before a text that a spreadsheet would take for a formula. DOT and GraphML have "
        "a graph for each chain; --only chooses one.",
    .operands = operand_table,
    .options = option_table,
    .examples = "twinbed export --list\n"
                "twinbed export results.h5 --table metrics -o metrics.csv\n"
                "twinbed export results.h5 --table comparison --digits 3 --format latex\n"
                "twinbed export results.h5 --table edges --only testbed=virtio --format dot\n",
    .run = run,
};
