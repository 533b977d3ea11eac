/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <getopt.h>
#include <string.h>

#include "command.h"
#include "twinbed/base/output_file.h"
#include "twinbed/campaign/layouts.h"

static const char help[] = "usage: twinbed manifest --layout que|scorch DIRECTORY [-o CAMPAIGN [--force]]\n\n"
                           "Writes a campaign file with an explicit list of runs from a known directory\n"
                           "layout. From then on the campaign file is the truth, not the directory names:\n"
                           "look through it, choose the baseline, and edit it.\n\n"
                           "      --layout NAME      que: the study authors' tools; scorch: phenix SCORCH\n"
                           "  -o, --output CAMPAIGN  file to write (default: -, standard output)\n"
                           "      --force            replace CAMPAIGN if it exists\n\n"
                           "example:\n"
                           "  twinbed manifest --layout que /data/study -o campaign.yaml\n";

enum { OPTION_LAYOUT = 256, OPTION_FORCE };

static const struct option long_options[] = {{"layout", required_argument, NULL, OPTION_LAYOUT},
                                             {"output", required_argument, NULL, 'o'},
                                             {"force", no_argument, NULL, OPTION_FORCE},
                                             {NULL, 0, NULL, 0}};

static bool layout_parse(const char *word, enum tb_layout *layout)
{
    *layout = strcmp(word, "que") == 0 ? TB_LAYOUT_QUE : TB_LAYOUT_SCORCH;
    return strcmp(word, "que") == 0 || strcmp(word, "scorch") == 0;
}

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
    enum tb_layout layout = TB_LAYOUT_QUE;
    bool chosen = false;
    struct tb_output_request request = {.path = "-"};
    int option;
    opterr = 0;
    while ((option = getopt_long(argument_count, arguments, "o:", long_options, NULL)) != -1) {
        if (option == 'o')
            request.path = optarg;
        else if (option == OPTION_FORCE)
            request.replace = true;
        else if (option == OPTION_LAYOUT && layout_parse(optarg, &layout))
            chosen = true;
        else
            return command_bad_option(&command_manifest, arguments);
    }
    if (argument_count - optind != 1 || !chosen)
        return command_misuse(&command_manifest, "--layout and one directory are needed");
    return write_manifest(layout, arguments[optind], &request);
}

const struct command command_manifest = {"manifest", "write a campaign file from a directory layout", help, run};
