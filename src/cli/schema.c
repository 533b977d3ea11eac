/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/results/schema.h"
#include "twinbed/campaign/settings.h"

#include <string.h>

#include "command.h"

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
    const char *word;
    size_t length;
    for (int value = 0; (word = tb_flag_word(flags, value, &length)) != NULL; value++)
        printf("%s%d %.*s", value == 0 ? " Values: " : ", ", value, (int)length, word);
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

/* "chain: order" */
static void print_setting(const struct tb_setting *setting, const struct tb_settings *defaults)
{
    struct tb_buffer text = {0};
    tb_setting_text(setting, defaults, &text);
    printf("| `%s` | `%s%s%s` | %.*s | %s", setting->attribute, setting->map, setting->map[0] == '\0' ? "" : ": ",
           setting->key, (int)text.size, text.size == 0 ? "" : (const char *)text.data, setting->sentence);
    for (size_t i = 0; i < tb_setting_words(setting); i++)
        printf("%s%s", i == 0 ? ": " : i + 1 == tb_setting_words(setting) ? " or " : ", ", setting->words[i]);
    printf(" |\n");
    tb_buffer_free(&text);
}

static void print_settings(void)
{
    struct tb_settings defaults;
    if (tb_settings_default(&defaults)) {
        printf("\n| attribute | in `campaign.yaml` | default | what |\n| --- | --- | --- | --- |\n");
        for (size_t i = 0; i < tb_setting_count(); i++)
            if (tb_setting_at(i)->attribute != NULL)
                print_setting(tb_setting_at(i), &defaults);
    }
    tb_settings_free(&defaults);
}

static int run(int argument_count, char **arguments)
{
    const int result = command_parse(&command_schema, argument_count, arguments, NULL);
    if (result != EXIT_GOOD)
        return result;
    print_dimensions();
    printf("\n| dataset | type | dimensions | unit | what |\n| --- | --- | --- | --- | --- |\n");
    for (int i = 0; i < TB_FIELDS; i++)
        print_field(tb_field_describe((enum tb_field)i));
    print_settings();
    return EXIT_GOOD;
}

const struct command command_schema = {
    .name = "schema",
    .summary = "print the datasets of a results file",
    .description = "Prints every dimension, dataset and setting of a results file as Markdown tables.",
    .run = run,
};
