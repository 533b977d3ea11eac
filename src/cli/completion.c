/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What completes command lines in a shell: a script that is made from the tables of the commands. */
#include <string.h>

#include "help.h"

static const char *const shells[] = {"bash", "zsh", NULL};
enum { SHELL_BASH, SHELL_ZSH };

struct completion_arguments {
    unsigned shell;
};

static bool there_is(const struct parameter *parameter)
{
    return parameter != NULL && parameter->name != NULL;
}

static void put_commands(const char *before, const char *between)
{
    for (size_t i = 0; commands[i] != NULL; i++)
        printf("%s%s", i == 0 ? before : between, commands[i]->name);
}

static void put_words(const char *const *words, const char *between)
{
    for (size_t i = 0; words[i] != NULL; i++)
        printf("%s%s", i == 0 ? "" : between, words[i]);
}

/* The shell's statement that offers what may stand for a parameter; bash completes paths itself where nothing is offered. */
static void put_bash_offer(const struct parameter *parameter)
{
    switch (parameter->kind) {
    case VALUE_FILE:
    case VALUE_FILES:
        fputs("return", stdout);
        return;
    case VALUE_DIRECTORY:
        fputs("_twinbed_offer -d", stdout);
        return;
    case VALUE_WORD:
        fputs("_twinbed_offer -W '", stdout);
        put_words(parameter->words, " ");
        putchar('\'');
        return;
    case VALUE_TOPIC:
        put_commands("_twinbed_offer -W '", " ");
        printf(" %s'", help_campaign_topic);
        return;
    case VALUE_NONE:
    case VALUE_TEXT:
    case VALUE_NUMBER:
    case VALUE_SHARE:
    case VALUE_LIST:
        break;
    }
    fputs("compopt +o default", stdout);
}

static void put_bash_values(const struct command *command)
{
    for (const struct parameter *option = command->options; there_is(option); option++) {
        if (option->kind == VALUE_NONE)
            continue;
        printf("    %s:--%s", command->name, option->name);
        if (option->letter != 0)
            printf(" | %s:-%c", command->name, option->letter);
        fputs(") ", stdout);
        put_bash_offer(option);
        fputs("; return ;;\n", stdout);
    }
}

static void put_bash_options(const struct command *command)
{
    printf("    %s:-*) _twinbed_offer -W '", command->name);
    for (const struct parameter *option = command->options; there_is(option); option++)
        printf("--%s ", option->name);
    fputs("--help' ;;\n", stdout);
}

/* Operands of one command are of one kind. */
static void put_bash_operands(const struct command *command)
{
    printf("    %s:*) ", command->name);
    if (there_is(command->operands))
        put_bash_offer(&command->operands[0]);
    else
        fputs("compopt +o default", stdout);
    fputs(" ;;\n", stdout);
}

static void put_bash(void)
{
    fputs(
        "# Completion of twinbed in bash, made by: twinbed completion bash\n"
        "_twinbed_offer() {\n"
        "    mapfile -t COMPREPLY < <(compgen \"$@\" -- \"$current\")\n"
        "    if [ \"$1\" = -d ]; then compopt -o filenames; else compopt +o default; fi\n"
        "}\n\n"
        "_twinbed() {\n"
        "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}\n"
        "    COMPREPLY=()\n"
        "    if [ \"$COMP_CWORD\" = 1 ]; then\n"
        "        _twinbed_offer -W '",
        stdout);
    put_commands("", " ");
    fputs(" --help --version'\n"
          "        return\n"
          "    fi\n"
          "    # --format=csv is three words\n"
          "    if [ \"$current\" = = ]; then\n"
          "        current=\n"
          "    elif [ \"$previous\" = = ]; then\n"
          "        previous=${COMP_WORDS[COMP_CWORD - 2]}\n"
          "    fi\n"
          "    case $command:$previous in\n",
          stdout);
    for (size_t i = 0; commands[i] != NULL; i++)
        put_bash_values(commands[i]);
    fputs("    esac\n"
          "    case $command:$current in\n",
          stdout);
    for (size_t i = 0; commands[i] != NULL; i++)
        put_bash_options(commands[i]);
    for (size_t i = 0; commands[i] != NULL; i++)
        put_bash_operands(commands[i]);
    fputs("    esac\n"
          "}\n\n"
          "complete -o default -F _twinbed twinbed\n",
          stdout);
}

/* Inside '...' of zsh, and inside [...] of its _arguments. */
static void put_zsh_text(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs("'\\'", stdout);
        else if (strchr("[]:\\", *text) != NULL)
            putchar('\\');
        putchar(*text);
    }
}

/* ":message:action" of a value or an operand. */
static void put_zsh_action(const struct parameter *parameter, const char *message)
{
    putchar(':');
    put_zsh_text(message);
    putchar(':');
    switch (parameter->kind) {
    case VALUE_FILE:
    case VALUE_FILES:
        fputs("_files", stdout);
        return;
    case VALUE_DIRECTORY:
        fputs("_files -/", stdout);
        return;
    case VALUE_WORD:
        putchar('(');
        put_words(parameter->words, " ");
        putchar(')');
        return;
    case VALUE_TOPIC:
        put_commands("(", " ");
        printf(" %s)", help_campaign_topic);
        return;
    case VALUE_NONE:
    case VALUE_TEXT:
    case VALUE_NUMBER:
    case VALUE_SHARE:
    case VALUE_LIST:
        break;
    }
    putchar(' '); /* nothing can be offered */
}

/* A name that ends in "=" takes its value behind that or as the next word. */
static void put_zsh_option(const struct parameter *option)
{
    const char *const equals = option->kind == VALUE_NONE ? "" : "=";
    fputs(" \\\n                ", stdout);
    if (option->letter != 0)
        printf("'(-%c --%s)'{-%c%s,--%s%s}'[", option->letter, option->name, option->letter,
               option->kind == VALUE_NONE ? "" : "+", option->name, equals);
    else
        printf("'%s--%s%s[", option->kind == VALUE_LIST ? "*" : "", option->name, equals);
    put_zsh_text(option->text);
    putchar(']');
    if (option->kind != VALUE_NONE)
        put_zsh_action(option, option->value != NULL ? option->value : option->name);
    putchar('\'');
}

static void put_zsh_command(const struct command *command)
{
    int place = 1;
    printf("        %s)\n            _arguments '(-)'{-h,--help}'[print help]'", command->name);
    for (const struct parameter *option = command->options; there_is(option); option++)
        put_zsh_option(option);
    for (const struct parameter *operand = command->operands; there_is(operand); operand++) {
        if (operand->kind == VALUE_FILES)
            fputs(" \\\n                '*", stdout);
        else
            printf(" \\\n                '%d", place++);
        put_zsh_action(operand, operand->name);
        putchar('\'');
    }
    fputs(" ;;\n", stdout);
}

static void put_zsh(void)
{
    fputs("#compdef twinbed\n"
          "# Completion of twinbed in zsh, made by: twinbed completion zsh\n"
          "_twinbed() {\n"
          "    local context state state_descr line\n"
          "    typeset -A opt_args\n"
          "    local -a commands=(\n",
          stdout);
    for (size_t i = 0; commands[i] != NULL; i++) {
        printf("        '%s:", commands[i]->name);
        put_zsh_text(commands[i]->summary);
        fputs("'\n", stdout);
    }
    fputs("    )\n"
          "    _arguments -C '(- *)'{-h,--help}'[print help]' '(- *)'{-V,--version}'[print the version]' \\\n"
          "        '1: :->command' '*:: :->arguments'\n"
          "    case $state in\n"
          "    command) _describe command commands ;;\n"
          "    arguments)\n"
          "        case $words[1] in\n",
          stdout);
    for (size_t i = 0; commands[i] != NULL; i++)
        put_zsh_command(commands[i]);
    fputs("        esac ;;\n"
          "    esac\n"
          "}\n\n"
          "_twinbed \"$@\"\n",
          stdout);
}

static const struct parameter operand_table[] = {
    {.name = "SHELL",
     PARAMETER_WORD(struct completion_arguments, shell),
     .text = "the shell: bash or zsh",
     .needed = true,
     .words = shells},
    {.name = NULL},
};

static int run(int argument_count, char **arguments)
{
    struct completion_arguments given = {.shell = SHELL_BASH};
    const int result = command_parse(&command_completion, argument_count, arguments, &given);
    if (result == EXIT_GOOD && given.shell == SHELL_ZSH)
        put_zsh();
    else if (result == EXIT_GOOD)
        put_bash();
    return result;
}

const struct command command_completion = {
    .name = "completion",
    .summary = "print a script that completes command lines in a shell",
    .description = "Prints a script that makes a shell complete commands, options and their values. An installed "
                   "twinbed has it where bash and zsh look for such scripts.",
    .operands = operand_table,
    .examples = "source <(twinbed completion bash)\n"
                "twinbed completion zsh > ~/.zfunc/_twinbed\n",
    .run = run,
};
