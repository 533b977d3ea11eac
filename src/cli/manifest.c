/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"
#include "twinbed/base/output_file.h"
#include "twinbed/campaign/layouts.h"

struct manifest_arguments {
    const char *directory, *output;
    unsigned layout;
    bool force;
};

static const struct parameter operand_table[] = {
    {.name = "DIRECTORY",
     PARAMETER_DIRECTORY(struct manifest_arguments, directory),
     .text = "where the runs are",
     .needed = true},
    {.name = NULL},
};

static const char *const layout_words[] = {[TB_LAYOUT_QUE] = "que", [TB_LAYOUT_SCORCH] = "scorch", NULL};

static const struct parameter option_table[] = {
    {.name = "layout",
     PARAMETER_WORD(struct manifest_arguments, layout),
     .text = "how they lie: as the tools of the study's authors write them, or phenix SCORCH",
     .needed = true,
     .words = layout_words},
    {.name = "output",
     .letter = 'o',
     PARAMETER_FILE(struct manifest_arguments, output),
     .value = "CAMPAIGN",
     .text = "file to write (default: -, standard output)"},
    {.name = "force", PARAMETER_FLAG(struct manifest_arguments, force), .text = "replace CAMPAIGN if it exists"},
    {.name = NULL},
};

static int write_manifest(enum tb_layout layout, const char *directory, const struct tb_output_request *request)
{
    struct tb_output output;
    struct tb_error error = {0};
    if (tb_output_open(request, &output, &error) != TB_OK)
        return command_failure(&error);
    enum tb_status status = tb_layout_write_manifest(layout, directory, output.stream, &error);
    if (status == TB_OK)
        status = tb_output_finish(&output, &error);
    else
        tb_output_abandon(&output);
    return status == TB_OK ? EXIT_GOOD : command_failure(&error);
}

static int run(int argument_count, char **arguments)
{
    struct manifest_arguments given = {.output = "-"};
    const int result = command_parse(&command_manifest, argument_count, arguments, &given);
    if (result != EXIT_GOOD)
        return result;
    const struct tb_output_request request = {.path = given.output, .replace = given.force};
    return write_manifest((enum tb_layout)given.layout, given.directory, &request);
}

const struct command command_manifest = {
    .name = "manifest",
    .summary = "write a campaign file from a directory layout",
    .description = "Writes a campaign file with an explicit list of runs from a known directory layout. From then on "
                   "the campaign file is the truth, not the directory names: look through it, choose the baseline, "
                   "and edit it.",
    .operands = operand_table,
    .options = option_table,
    .examples = "twinbed manifest --layout que /data/study -o campaign.yaml\n",
    .run = run,
};
