/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "twinbed/base/log.h"

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

int command_bad_option(const struct command *command, char *const *arguments)
{
    return command_misuse(command, "'%s': no such option, or its value is missing or wrong", arguments[optind - 1]);
}

bool only_add(struct only_list *list, const char *term)
{
    if (list->count == ONLY_MAX)
        return false;
    list->terms[list->count++] = term;
    return true;
}

struct tb_selection only_selection(const struct only_list *list)
{
    return (struct tb_selection){.terms = list->terms, .count = list->count};
}

bool listing_format_parse(const char *word, enum listing_format *format)
{
    static const char *const words[] = {"text", "csv", "json"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(word, words[i]) == 0) {
            *format = (enum listing_format)i;
            return true;
        }
    }
    return false;
}

bool number_parse(const char *text, long long least, long long most, long long *number)
{
    char *end;
    errno = 0;
    const long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < least || value > most)
        return false;
    *number = value;
    return true;
}
