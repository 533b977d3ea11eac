/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"

#include <omp.h>
#include <stdarg.h>
#include <string.h>

#include "twinbed/base/log.h"
#include "twinbed/base/memory_limit.h"

const struct command *const commands[] = {
    &command_init,   &command_analyze, &command_decode,  &command_check,      &command_plan,
    &command_report, &command_export,  &command_compare, &command_manifest,   &command_calls,
    &command_flows,  &command_schema,  &command_help,    &command_completion, NULL,
};

const char *const listing_formats[] = {"text", "csv", "json", NULL};

const struct command *command_find(const char *name)
{
    for (size_t i = 0; commands[i] != NULL; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

/* Set where the command takes --memory. */
static bool memory_may_be_given;

void command_limit_memory(long long megabytes, int processes)
{
    const uint64_t share = tb_memory_share(processes < 1 ? 1 : (unsigned)processes);
    memory_may_be_given = true;
    tb_memory_limit(megabytes > 0 ? (uint64_t)megabytes * 1000000 : share, (unsigned)omp_get_max_threads());
}

int command_failure(const struct tb_error *error)
{
    const bool advise = error->status == TB_MEMORY && tb_memory_limited_to() > 0 && memory_may_be_given;
    tb_log_error("%s%s", error->text, advise ? "; --memory gives it more" : "");
    switch (error->status) {
    case TB_USAGE:
    case TB_CONFLICT:
        return EXIT_BAD_USAGE;
    case TB_STOPPED:
        return EXIT_STOPPED;
    default:
        return EXIT_FAILED;
    }
}

int command_misuse(const struct command *command, const char *format, ...)
{
    char text[TB_ERROR_TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    tb_log_error("%s; see twinbed %s --help", text, command->name);
    return EXIT_BAD_USAGE;
}

struct tb_selection only_selection(const struct value_list *list)
{
    return (struct tb_selection){.terms = list->items, .count = list->count};
}
