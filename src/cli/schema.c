/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/store/schema.h"

#include <string.h>

#include "command.h"

static const char help[] = "usage: twinbed schema\n\n"
                           "Prints every dimension and dataset of a results file as Markdown tables.\n";

static const char *type_name(enum tb_type type)
{
    static const char *const names[] = {"int32", "int64", "float64", "text"};
    return names[type];
}

static void print_dimensions(void)
{
    printf("| dimension | what |\n| --- | --- |\n");
    for (int i = 0; i < TB_DIMENSIONS; i++) {
        const struct tb_dimension_description *dimension = tb_dimension_describe((enum tb_dimension)i);
        printf("| `%s` | %s |\n", dimension->name, dimension->sentence);
    }
}

static void print_flags(const char *flags)
{
    int value = 0;
    for (const char *word = flags; word != NULL && *word != '\0'; value++) {
        const size_t length = strcspn(word, " ");
        printf("%s%d %.*s", value == 0 ? " Values: " : ", ", value, (int)length, word);
        word += length + (word[length] == ' ');
    }
    if (flags != NULL)
        putchar('.');
}

static void print_field(const struct tb_field_description *field)
{
    printf("| `%s` | %s | ", field->path, type_name(field->type));
    for (unsigned i = 0; i < field->rank; i++)
        printf("%s%s", i == 0 ? "" : ", ", tb_dimension_describe(field->dimensions[i])->name);
    printf(" | %s | %s", field->unit, field->sentence);
    print_flags(field->flags);
    printf(" |\n");
}

static int run(int argument_count, char **arguments)
{
    (void)arguments;
    if (argument_count != 1)
        return command_misuse(&command_schema, "no arguments are expected");
    print_dimensions();
    printf("\n| dataset | type | dimensions | unit | what |\n| --- | --- | --- | --- | --- |\n");
    for (int i = 0; i < TB_FIELDS; i++)
        print_field(tb_field_describe((enum tb_field)i));
    return EXIT_GOOD;
}

const struct command command_schema = {"schema", "print the datasets of a results file", help, run};
