/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "help.h"

#include <string.h>

#include "twinbed/base/log.h"
#include "twinbed/base/nearest.h"
#include "twinbed/base/output_file.h"

static const char program_summary[] = "compare virtual testbeds with physical ones";

static const char program_description[] =
    "twinbed compares testbeds: it reads the records of an experiment campaign (ApacheBench results, sysdig traces, "
    "packet captures, owping latency), measures every run, compares each testbed with a baseline, and writes one HDF5 "
    "file and one HTML report.";

static const char program_examples[] = "twinbed init /data/study > campaign.yaml\n"
                                       "twinbed check campaign.yaml\n"
                                       "mpirun -n 4 twinbed analyze campaign.yaml -o results.h5\n"
                                       "twinbed report results.h5 -o report.html\n"
                                       "twinbed export results.h5 --table metrics -o metrics.csv\n"
                                       "twinbed compare 2024.h5 2025.h5\n"
                                       "twinbed calls client.scap --process ab\n";

struct item {
    const char *tag;
    const char *text;
};

static const struct item program_options[] = {
    {"-h, --help", "say more about a command, or this"},
    {"-V, --version", "name the version and what it is built with"},
};

static const struct item statuses[] = {
    {"0", "all good"},
    {"1", "failed: the system refused something, or there is a defect; the message says what"},
    {"2", "bad usage, a mistake in the campaign file, or an output that exists or is in use"},
    {"3", "finished, but some inputs are damaged, missing or withdrawn, or something that the campaign file asks for "
          "cannot be had; complete for the rest"},
    {"4", "stopped by a signal: start the same command again, and it goes on"},
};

/* What only the manual of the whole program holds. */
static const char program_more[] = "It is an MPI program. Start twinbed analyze through mpirun or srun to use several "
                                   "ranks; the results do not depend "
                                   "on their number. The other commands run alone.";

static const char signals[] =
    "On SIGTERM, SIGINT, SIGUSR1 and SIGUSR2 each rank of analyze finishes the files in hand, "
    "keeps their parts, and the job ends with status 4.";

static const struct item files[] = {
    {"RESULTS.parts/", "Decoded inputs. May be deleted when no job runs; then they are decoded again."},
    {"RESULTS.lock", "Stands while a job owns the output."},
    {"PREFIX/share/twinbed/jobs/analyze.sbatch", "A job script for Slurm."},
};

static const struct item environment[] = {
    {"OMP_NUM_THREADS", "Threads of each rank."},
    {"TMPDIR", "Where flows keeps rows that memory has no room for, and compare what it analyses; else /tmp."},
    {"OMPI_ALLOW_RUN_AS_ROOT, OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "Set both to 1 to start mpirun as root, in containers."},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void write_items(const struct page *page, const struct item *items, size_t count)
{
    struct page wide = *page;
    for (size_t i = 0; i < count; i++)
        if ((int)strlen(items[i].tag) > wide.tag_width)
            wide.tag_width = (int)strlen(items[i].tag);
    for (size_t i = 0; i < count; i++)
        page_item(&wide, items[i].tag, items[i].text);
}

const char *help_value(const struct parameter *option, char text[HELP_VALUE_SIZE])
{
    size_t used = 0;
    text[0] = '\0';
    if (option->value != NULL)
        snprintf(text, HELP_VALUE_SIZE, "%s", option->value);
    else if (option->kind == VALUE_WORD)
        for (size_t i = 0; option->words[i] != NULL && used < HELP_VALUE_SIZE; i++)
            used += (size_t)snprintf(text + used, HELP_VALUE_SIZE - used, "%s%s", i == 0 ? "" : "|", option->words[i]);
    return text;
}

enum { TAG_SIZE = HELP_VALUE_SIZE + 80, MOST_TAG_WIDTH = 30 };

/* "-o, --output RESULTS"; without a short name the long ones stand below each other. */
static void make_tag(const struct parameter *option, char tag[TAG_SIZE])
{
    char value[HELP_VALUE_SIZE], letter[8] = "    ";
    help_value(option, value);
    if (option->letter != 0)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    snprintf(tag, TAG_SIZE, "%s--%s%s%s", letter, option->name, value[0] == '\0' ? "" : " ", value);
}

static bool there_is(const struct parameter *parameter)
{
    return parameter != NULL && parameter->name != NULL;
}

static size_t write_needed(const struct parameter *option, char *text, size_t size)
{
    char value[HELP_VALUE_SIZE];
    help_value(option, value);
    return (size_t)(option->letter != 0 ? snprintf(text, size, " -%c %s", option->letter, value)
                                        : snprintf(text, size, " --%s %s", option->name, value));
}

/* Operands and needed options; the others are in the list below. */
static void write_usage(const struct page *page, const struct command *command)
{
    char line[1024];
    size_t used = (size_t)snprintf(line, sizeof line, "twinbed %s", command->name);
    for (const struct parameter *p = command->operands; there_is(p) && used < sizeof line; p++)
        used += (size_t)snprintf(line + used, sizeof line - used, p->needed ? " %s%s" : " [%s]%s", p->name,
                                 p->kind == VALUE_FILES ? "..." : "");
    for (const struct parameter *p = command->options; there_is(p) && used < sizeof line; p++)
        if (p->needed)
            used += write_needed(p, line + used, sizeof line - used);
    if (used < sizeof line)
        snprintf(line + used, sizeof line - used, " [OPTION]...");
    page_usage(page, line);
}

static void write_option(const struct page *page, const struct parameter *option)
{
    char tag[TAG_SIZE], text[1024];
    make_tag(option, tag);
    snprintf(text, sizeof text, "%s%s%s", option->text,
             option->kind == VALUE_LIST ? "; may be given several times" : "", option->needed ? " (needed)" : "");
    page_item(page, tag, text);
}

static void write_options(const struct page *page, const struct command *command)
{
    static const struct parameter help = {.name = "help", .letter = 'h', .text = "print this"};
    struct page wide = *page;
    char tag[TAG_SIZE];
    for (const struct parameter *option = command->options; there_is(option); option++) {
        make_tag(option, tag);
        const int width = (int)strlen(tag);
        if (width > wide.tag_width && width <= MOST_TAG_WIDTH)
            wide.tag_width = width;
    }
    page_heading(page, "options");
    for (const struct parameter *option = command->options; there_is(option); option++)
        write_option(&wide, option);
    write_option(&wide, &help);
}

static void write_operands(const struct page *page, const struct command *command)
{
    if (!there_is(command->operands))
        return;
    struct page wide = *page;
    for (const struct parameter *operand = command->operands; there_is(operand); operand++)
        if ((int)strlen(operand->name) > wide.tag_width)
            wide.tag_width = (int)strlen(operand->name);
    page_heading(page, "arguments");
    for (const struct parameter *operand = command->operands; there_is(operand); operand++)
        page_item(&wide, operand->name, operand->text);
}

static void write_command(const struct page *page, const struct command *command)
{
    char name[80];
    snprintf(name, sizeof name, "twinbed-%s", command->name);
    page_title(page, name, 1, command->summary);
    write_usage(page, command);
    if (page->manual)
        page_heading(page, "description");
    page_text(page, command->description);
    write_operands(page, command);
    write_options(page, command);
    if (command->notes != NULL) {
        if (page->manual)
            page_heading(page, "notes");
        page_text(page, command->notes);
    }
    if (command->examples != NULL) {
        page_heading(page, "examples");
        page_lines(page, command->examples);
    }
    if (page->manual) {
        page_heading(page, "exit status");
        write_items(page, statuses, COUNT(statuses));
        page_heading(page, "see also");
        page_text(page, "twinbed(1), twinbed-campaign(5)");
    }
}

static void write_list_of_commands(const struct page *page)
{
    struct page wide = *page;
    page_heading(page, "commands");
    for (size_t i = 0; commands[i] != NULL; i++)
        if ((int)strlen(commands[i]->name) > wide.tag_width)
            wide.tag_width = (int)strlen(commands[i]->name);
    for (size_t i = 0; commands[i] != NULL; i++)
        page_item(&wide, commands[i]->name, commands[i]->summary);
}

static void write_manual_of_program(const struct page *page)
{
    page_heading(page, "signals");
    page_text(page, signals);
    page_heading(page, "files");
    write_items(page, files, COUNT(files));
    page_heading(page, "environment");
    write_items(page, environment, COUNT(environment));
    page_heading(page, "see also");
    page_text(page, "twinbed-campaign(5), a page for each command as twinbed-analyze(1), mpirun(1), sbatch(1), "
                    "pcap-filter(7), ab(1), sysdig(8), and the pages of the documentation.");
}

static void write_program(const struct page *page)
{
    page_title(page, "twinbed", 1, program_summary);
    if (page->manual) {
        page_usage(page, "twinbed COMMAND [OPTION]... [ARGUMENT]...");
        page_heading(page, "description");
        page_text(page, program_description);
        fputs(".PP\n", page->stream);
        page_text(page, program_more);
    } else {
        page_usage(page, "twinbed COMMAND [OPTION]... [ARGUMENT]...");
        page_text(page, program_description);
    }
    write_list_of_commands(page);
    page_heading(page, "options");
    write_items(page, program_options, COUNT(program_options));
    page_heading(page, "examples");
    page_lines(page, program_examples);
    page_heading(page, "exit status");
    write_items(page, statuses, COUNT(statuses));
    if (page->manual)
        write_manual_of_program(page);
    else
        page_text(page, "twinbed COMMAND --help says more about a command, and so does man twinbed-COMMAND.");
}

void help_write_program(FILE *stream)
{
    const struct page page = {.stream = stream};
    write_program(&page);
}

void help_write_command(FILE *stream, const struct command *command)
{
    const struct page page = {.stream = stream};
    write_command(&page, command);
}

struct help_arguments {
    const char *topic, *manuals;
};

static const struct parameter operand_table[] = {
    {.name = "TOPIC",
     PARAMETER_TOPIC(struct help_arguments, topic),
     .text = "a command, or campaign for the campaign file"},
    {.name = NULL},
};

static const struct parameter option_table[] = {
    {.name = "manuals",
     PARAMETER_DIRECTORY(struct help_arguments, manuals),
     .value = "DIRECTORY",
     .text = "write the manual pages of all topics into DIRECTORY, in place of those that are there"},
    {.name = NULL},
};

static int refuse_topic(const char *topic)
{
    char hint[TB_NEAREST_TEXT_SIZE];
    struct tb_nearest nearest = tb_nearest_to(topic);
    for (size_t i = 0; commands[i] != NULL; i++)
        tb_nearest_offer(&nearest, commands[i]->name);
    tb_nearest_offer(&nearest, help_campaign_topic);
    return command_misuse(&command_help, "there is no topic '%.200s'%s", topic, tb_nearest_hint(&nearest, hint));
}

static void write_topic(const struct page *page, const char *topic)
{
    if (topic == NULL)
        write_program(page);
    else if (strcmp(topic, help_campaign_topic) == 0)
        help_write_campaign(page);
    else
        write_command(page, command_find(topic));
}

/* The page of the program when topic is NULL. */
static enum tb_status write_manual(const char *directory, const char *topic, struct tb_error *error)
{
    char path[4096];
    const bool is_campaign = topic != NULL && strcmp(topic, help_campaign_topic) == 0;
    snprintf(path, sizeof path, "%s/twinbed%s%s.%d", directory, topic == NULL ? "" : "-", topic == NULL ? "" : topic,
             is_campaign ? 5 : 1);
    const struct tb_output_request request = {.path = path, .replace = true};
    struct tb_output output;
    const enum tb_status status = tb_output_open(&request, &output, error);
    if (status != TB_OK)
        return status;
    const struct page page = {.stream = output.stream, .manual = true};
    write_topic(&page, topic);
    return tb_output_finish(&output, error);
}

static int write_manuals(const char *directory)
{
    struct tb_error error = {0};
    enum tb_status status = write_manual(directory, NULL, &error);
    for (size_t i = 0; commands[i] != NULL && status == TB_OK; i++)
        status = write_manual(directory, commands[i]->name, &error);
    if (status == TB_OK)
        status = write_manual(directory, help_campaign_topic, &error);
    return status == TB_OK ? EXIT_GOOD : command_failure(&error);
}

static bool is_topic(const char *word)
{
    return command_find(word) != NULL || strcmp(word, help_campaign_topic) == 0;
}

static int run(int argument_count, char **arguments)
{
    struct help_arguments given = {.topic = NULL};
    const int result = command_parse(&command_help, argument_count, arguments, &given);
    if (result != EXIT_GOOD)
        return result;
    if (given.manuals != NULL)
        return write_manuals(given.manuals);
    if (given.topic != NULL && !is_topic(given.topic))
        return refuse_topic(given.topic);
    const struct page page = {.stream = stdout};
    write_topic(&page, given.topic);
    return EXIT_GOOD;
}

const struct command command_help = {
    .name = "help",
    .summary = "say more about a command, or about the campaign file",
    .description = "Prints what a command does and takes, as twinbed COMMAND --help does; without a topic, the list of "
                   "commands. The topic campaign is the campaign file: every key, what it takes and what it is.",
    .operands = operand_table,
    .options = option_table,
    .examples = "twinbed help analyze\n"
                "twinbed help campaign\n",
    .run = run,
};
