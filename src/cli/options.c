/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A command line, read by the tables of a command. getopt_long finds the options, and takes what begins one as the whole
 * name where that is clear; which of three things is wrong with one is told here. */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "decode/file_kind.h"
#include "twinbed/base/nearest.h"

/* Of a command; a table that is longer does not work at all, as its first test shows. */
enum { MOST_OPTIONS = 40, FIRST_OPTION = 256 };

struct parsing {
    const struct command *command;
    char *const *arguments;
    char *record; /* the command's structure */
    struct option long_options[MOST_OPTIONS + 1];
    char letters[2 * MOST_OPTIONS + 2];
    bool given[MOST_OPTIONS];
};

enum { NAME_SIZE = 160 };

/* As people write it: --output, CAMPAIGN. */
static const char *name_of(const struct parameter *parameter, bool is_option, char text[NAME_SIZE])
{
    snprintf(text, NAME_SIZE, "%s%s", is_option ? "--" : "", parameter->name);
    return text;
}

/* "text, csv or json" */
static void join_words(const char *const *words, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; words[i] != NULL && used < size; i++) {
        const char *const before = i == 0 ? "" : words[i + 1] == NULL ? " or " : ", ";
        used += (size_t)snprintf(text + used, size - used, "%s%s", before, words[i]);
    }
}

static int take_word(const struct parsing *parsing, const struct parameter *parameter, const char *name,
                     const char *value, unsigned *member)
{
    struct tb_nearest nearest = tb_nearest_to(value);
    for (unsigned i = 0; parameter->words[i] != NULL; i++) {
        tb_nearest_offer(&nearest, parameter->words[i]);
        if (strcmp(parameter->words[i], value) != 0)
            continue;
        *member = i;
        return EXIT_GOOD;
    }
    char words[TB_ERROR_TEXT_SIZE / 2], hint[TB_NEAREST_TEXT_SIZE];
    join_words(parameter->words, words, sizeof words);
    return command_misuse(parsing->command, "%s wants %s, not '%.200s'%s", name, words, value,
                          tb_nearest_hint(&nearest, hint));
}

static int take_number(const struct parsing *parsing, const struct parameter *parameter, const char *name,
                       const char *value, long long *member)
{
    char *end;
    errno = 0;
    const long long number = strtoll(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || number < parameter->least || number > parameter->most)
        return command_misuse(parsing->command, "%s wants a number from %lld to %lld, not '%.200s'", name,
                              parameter->least, parameter->most, value);
    *member = number;
    return EXIT_GOOD;
}

static int take_share(const struct parsing *parsing, const char *name, const char *value, double *member)
{
    char *end;
    const double share = strtod(value, &end);
    if (end == value || *end != '\0' || !isfinite(share) || share < 0)
        return command_misuse(parsing->command, "%s wants a share such as 0.1, not '%.200s'", name, value);
    *member = share;
    return EXIT_GOOD;
}

static int take_item(const struct parsing *parsing, const char *name, const char *value, struct value_list *list)
{
    if (list->count == VALUES_MAX)
        return command_misuse(parsing->command, "%s may be given %d times at most", name, VALUES_MAX);
    list->items[list->count++] = value;
    return EXIT_GOOD;
}

static int take_value(const struct parsing *parsing, const struct parameter *parameter, bool is_option,
                      const char *value)
{
    char name[NAME_SIZE];
    void *const member = parsing->record + parameter->member;
    name_of(parameter, is_option, name);
    switch (parameter->kind) {
    case VALUE_NONE:
        *(bool *)member = true;
        return EXIT_GOOD;
    case VALUE_TEXT:
    case VALUE_FILE:
    case VALUE_DIRECTORY:
    case VALUE_TOPIC:
        if (value[0] == '\0' && parameter->needed)
            return command_misuse(parsing->command, "%s is empty", name);
        *(const char **)member = value;
        return EXIT_GOOD;
    case VALUE_WORD:
        return take_word(parsing, parameter, name, value, member);
    case VALUE_NUMBER:
        return take_number(parsing, parameter, name, value, member);
    case VALUE_SHARE:
        return take_share(parsing, name, value, member);
    case VALUE_FILES:
        if (value[0] == '\0')
            return command_misuse(parsing->command, "%s is empty", name);
        break;
    case VALUE_LIST:
        break;
    }
    return take_item(parsing, name, value, member);
}

static bool there_is(const struct parameter *parameter)
{
    return parameter != NULL && parameter->name != NULL;
}

static void prepare(struct parsing *parsing)
{
    size_t letters = 0, count = 0;
    parsing->letters[letters++] = ':'; /* a value that is missing is told from an option that there is not */
    for (const struct parameter *option = parsing->command->options; there_is(option) && count < MOST_OPTIONS;
         option++) {
        const int has_value = option->kind == VALUE_NONE ? no_argument : required_argument;
        parsing->long_options[count] = (struct option){option->name, has_value, NULL, FIRST_OPTION + (int)count};
        count++;
        if (option->letter == 0)
            continue;
        parsing->letters[letters++] = option->letter;
        if (has_value == required_argument)
            parsing->letters[letters++] = ':';
    }
}

/* NULL when there is none. */
static const struct parameter *find_option(const struct parsing *parsing, int found)
{
    const struct parameter *const options = parsing->command->options;
    for (int i = 0; options != NULL && options[i].name != NULL; i++)
        if (found == FIRST_OPTION + i || (found != 0 && found == options[i].letter))
            return &options[i];
    return NULL;
}

static int refuse_unknown(const struct parsing *parsing)
{
    const char *const word = parsing->arguments[optind - 1];
    const int length = (int)strcspn(word, "=");
    char typed[NAME_SIZE], hint[TB_NEAREST_TEXT_SIZE];
    if (strncmp(word, "--", 2) != 0) {
        snprintf(typed, sizeof typed, "-%c", optopt);
        return command_misuse(parsing->command, "there is no option '%s'", typed);
    }
    snprintf(typed, sizeof typed, "%.*s", length < NAME_SIZE ? length : NAME_SIZE - 1, word);
    struct tb_nearest nearest = tb_nearest_to(typed + 2);
    nearest.before = "--";
    for (const struct parameter *option = parsing->command->options; there_is(option); option++)
        tb_nearest_offer(&nearest, option->name);
    tb_nearest_offer(&nearest, "help");
    return command_misuse(parsing->command, "there is no option '%s'%s", typed, tb_nearest_hint(&nearest, hint));
}

/* What getopt_long calls '?' or ':'. */
static int refuse(const struct parsing *parsing, int found)
{
    const struct parameter *const option = find_option(parsing, optopt);
    char name[NAME_SIZE];
    if (option == NULL)
        return refuse_unknown(parsing);
    name_of(option, true, name);
    if (found == ':')
        return command_misuse(parsing->command, "%s needs a value", name);
    return command_misuse(parsing->command, "%s takes no value", name);
}

static int take_options(struct parsing *parsing, int argument_count, char **arguments)
{
    int found, result = EXIT_GOOD;
    opterr = 0;
    while (result == EXIT_GOOD &&
           (found = getopt_long(argument_count, arguments, parsing->letters, parsing->long_options, NULL)) != -1) {
        const struct parameter *const option = found == '?' || found == ':' ? NULL : find_option(parsing, found);
        if (option == NULL)
            return refuse(parsing, found);
        parsing->given[option - parsing->command->options] = true;
        result = take_value(parsing, option, true, optarg);
    }
    return result;
}

static int take_operands(const struct parsing *parsing, int argument_count, char **arguments)
{
    int at = optind, result = EXIT_GOOD;
    const struct parameter *operand = parsing->command->operands;
    for (; there_is(operand) && at < argument_count && result == EXIT_GOOD; operand++)
        do
            result = take_value(parsing, operand, false, arguments[at++]);
        while (operand->kind == VALUE_FILES && at < argument_count && result == EXIT_GOOD);
    if (result != EXIT_GOOD)
        return result;
    if (at < argument_count)
        return command_misuse(parsing->command, "'%.200s' is one argument too many", arguments[at]);
    if (there_is(operand) && operand->needed)
        return command_misuse(parsing->command, "%s is missing: %s", operand->name, operand->text);
    return EXIT_GOOD;
}

/* Who gives a capture instead of a campaign file means another command, and needs no option of this one. */
static bool is_no_campaign(const struct parsing *parsing, struct tb_error *error)
{
    const struct parameter *const operand = parsing->command->operands;
    if (!there_is(operand) || operand->kind != VALUE_FILE || strcmp(operand->name, "CAMPAIGN") != 0)
        return false;
    error->text[0] = '\0';
    error->status = tb_file_kind_explain(*(const char **)(void *)(parsing->record + operand->member), TB_USAGE, error);
    return error->text[0] != '\0';
}

static int ask_for_needed(const struct parsing *parsing)
{
    const struct parameter *const options = parsing->command->options;
    struct tb_error error;
    for (size_t i = 0; options != NULL && options[i].name != NULL; i++)
        if (options[i].needed && !parsing->given[i])
            return is_no_campaign(parsing, &error)
                       ? command_failure(&error)
                       : command_misuse(parsing->command, "--%s is needed: %s", options[i].name, options[i].text);
    return EXIT_GOOD;
}

int command_parse(const struct command *command, int argument_count, char **arguments, void *record)
{
    struct parsing parsing = {.command = command, .arguments = arguments, .record = record};
    prepare(&parsing);
    int result = take_options(&parsing, argument_count, arguments);
    if (result == EXIT_GOOD)
        result = take_operands(&parsing, argument_count, arguments);
    return result == EXIT_GOOD ? ask_for_needed(&parsing) : result;
}
