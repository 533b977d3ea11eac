/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "twinbed/base/log.h"

static const struct command *const commands[] = {
    &command_init,    &command_check,    &command_plan,  &command_analyze, &command_report,
    &command_compare, &command_manifest, &command_calls, &command_flows,   &command_schema,
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void print_help(FILE *output)
{
    fputs("twinbed compares testbeds: it reads the records of an experiment campaign\n"
          "(ApacheBench results, sysdig traces, packet captures, owping latency),\n"
          "measures every run, compares each testbed with a baseline, and writes one\n"
          "HDF5 file and one HTML report.\n\n"
          "usage: twinbed COMMAND [OPTION]... [ARGUMENT]...\n\ncommands:\n",
          output);
    for (int i = 0; i < COMMANDS; i++)
        fprintf(output, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\nexamples:\n"
          "  twinbed init /data/study > campaign.yaml\n"
          "  twinbed check campaign.yaml\n"
          "  mpirun -n 4 twinbed analyze campaign.yaml -o results.h5\n"
          "  twinbed report results.h5 -o report.html\n"
          "  twinbed compare 2024.h5 2025.h5\n"
          "  twinbed calls client.scap --process ab\n\n"
          "exit status: 0 good; 1 failed; 2 bad usage or campaign file; 3 finished, but some\n"
          "inputs are damaged, missing or withdrawn, or something asked for cannot be had;\n"
          "4 stopped by a signal, start again.\n\n"
          "twinbed COMMAND --help says more about a command; twinbed --version names the version.\n",
          output);
}

static const struct command *find_command(const char *name)
{
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static bool asks_for_help(int argument_count, char **arguments)
{
    for (int i = 1; i < argument_count; i++) {
        if (strcmp(arguments[i], "--") == 0)
            return false;
        if (strcmp(arguments[i], "--help") == 0 || strcmp(arguments[i], "-h") == 0)
            return true;
    }
    return false;
}

static int run_command(int argument_count, char **arguments)
{
    const struct command *command = find_command(arguments[0]);
    if (command == NULL) {
        tb_log_error("there is no command '%s'; see twinbed --help", arguments[0]);
        return EXIT_BAD_USAGE;
    }
    if (asks_for_help(argument_count, arguments)) {
        fputs(command->help, stdout);
        return EXIT_GOOD;
    }
    return command->run(argument_count, arguments);
}

/* A listing that did not reach its file is no listing. */
static int finish_output(int result)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return result;
    tb_log_error("standard output: cannot write: %s", strerror(errno));
    return EXIT_FAILED;
}

int main(int argument_count, char **arguments)
{
    if (argument_count < 2) {
        print_help(stderr);
        return EXIT_BAD_USAGE;
    }
    if (strcmp(arguments[1], "--help") == 0 || strcmp(arguments[1], "-h") == 0 || strcmp(arguments[1], "help") == 0) {
        print_help(stdout);
        return finish_output(EXIT_GOOD);
    }
    if (strcmp(arguments[1], "--version") == 0 || strcmp(arguments[1], "-V") == 0) {
        printf("twinbed %s\n%s\n", TWINBED_VERSION, TWINBED_BUILD);
        return finish_output(EXIT_GOOD);
    }
    return finish_output(run_command(argument_count - 1, arguments + 1));
}
