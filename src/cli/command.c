/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"

#include <stdarg.h>
#include <string.h>

#include "twinbed/base/log.h"

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

int command_failure(const struct tb_error *error)
{
    tb_log_error("%s", error->text);
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
