/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <omp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "help.h"
#include "twinbed/base/log.h"
#include "twinbed/base/memory_limit.h"
#include "twinbed/base/nearest.h"
#include "twinbed/results/writer.h"

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static bool is_version(const char *word)
{
    return strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0;
}

static bool asks_for_help(int argument_count, char **arguments)
{
    for (int i = 1; i < argument_count && strcmp(arguments[i], "--") != 0; i++)
        if (is_help(arguments[i]))
            return true;
    return false;
}

static int refuse_command(const char *name)
{
    char hint[TB_NEAREST_TEXT_SIZE];
    struct tb_nearest nearest = tb_nearest_to(name);
    for (size_t i = 0; commands[i] != NULL; i++)
        tb_nearest_offer(&nearest, commands[i]->name);
    tb_log_error("there is no command '%.200s'%s; see twinbed --help", name, tb_nearest_hint(&nearest, hint));
    return EXIT_BAD_USAGE;
}

static int refuse_option(const char *name)
{
    char hint[TB_NEAREST_TEXT_SIZE];
    struct tb_nearest nearest = tb_nearest_to(name);
    tb_nearest_offer(&nearest, "--help");
    tb_nearest_offer(&nearest, "--version");
    tb_log_error("there is no option '%.200s' before the command%s; see twinbed --help", name,
                 tb_nearest_hint(&nearest, hint));
    return EXIT_BAD_USAGE;
}

static int run_command(int argument_count, char **arguments)
{
    const struct command *command = command_find(arguments[0]);
    if (command == NULL)
        return arguments[0][0] == '-' ? refuse_option(arguments[0]) : refuse_command(arguments[0]);
    if (asks_for_help(argument_count, arguments)) {
        help_write_command(stdout, command);
        return EXIT_GOOD;
    }
    tb_memory_limit(tb_memory_share(1), (unsigned)omp_get_max_threads()); /* the command may know better */
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
    signal(SIGXFSZ, SIG_IGN); /* beyond ulimit -f a write fails, and that is said, as on a full disk */
    if (argument_count < 2) {
        help_write_program(stderr);
        return EXIT_BAD_USAGE;
    }
    if (is_help(arguments[1])) {
        help_write_program(stdout);
        return finish_output(EXIT_GOOD);
    }
    if (is_version(arguments[1])) {
        printf("twinbed %s\n%s\n", TWINBED_VERSION, TWINBED_BUILD);
        return finish_output(EXIT_GOOD);
    }
    const int result = finish_output(run_command(argument_count - 1, arguments + 1));
    if (tb_writer_left_open())
        _exit(result);
    return result;
}
