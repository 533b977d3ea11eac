/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CLI_COMMAND_H
#define TWINBED_SRC_CLI_COMMAND_H

/* One file a command; each ends in one constant of this kind.
 *
 * A command says once what it takes: its operands and options are tables of
 * struct parameter. What the command line gives is read by them
 * (command_parse), and help, manual pages and the completion of shells are
 * written from them, so that none of these can say something else. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "twinbed/base/status.h"
#include "twinbed/campaign/campaign.h"

/* Exit status, for scripts. */
enum exit_status {
    EXIT_GOOD = 0,
    EXIT_FAILED = 1,    /* system or internal error; the message says */
    EXIT_BAD_USAGE = 2, /* command line or campaign file */
    EXIT_DAMAGED = 3,   /* finished, but inputs are damaged, missing or withdrawn, or a finding counts */
    EXIT_STOPPED = 4    /* by a signal; the same command goes on from there */
};

/* Values of an option or operand that may be given several times, as they are collected. */
enum { VALUES_MAX = 1024 };
/* Values that were given, in their order. */
struct value_list {
    const char *items[VALUES_MAX]; /* borrowed from the command line */
    size_t count;
};

/* What a parameter is, and the type of the member that it goes to. */
enum value_kind {
    VALUE_NONE,      /* bool: an option without a value; true when it is given */
    VALUE_TEXT,      /* const char * */
    VALUE_FILE,      /* const char *, a path */
    VALUE_DIRECTORY, /* const char *, a path */
    VALUE_TOPIC,     /* const char *, what help knows: a command, or "campaign" */
    VALUE_WORD,      /* unsigned or an enum: which of the words */
    VALUE_NUMBER,    /* long long, least to most */
    VALUE_SHARE,     /* double, finite and not negative */
    VALUE_LIST,      /* struct value_list: may be given several times */
    VALUE_FILES      /* struct value_list, paths; the last operand: all that follow */
};

/* An option, or an operand: what stands on the command line without a name. */
struct parameter {
    const char *name; /* of an option without its hyphens: "output"; an operand's as help writes it: "CAMPAIGN" */
    char letter;      /* the short name of an option, 0: none */
    enum value_kind kind;
    size_t member;     /* where its value goes: offset in the command's structure; see the macros below */
    const char *value; /* an option's value as help writes it: "RESULTS"; NULL: the words, or no value */
    const char *text;  /* what it is, without a full stop */
    bool needed;
    const char *const *words; /* of VALUE_WORD, NULL behind the last */
    long long least, most;    /* of VALUE_NUMBER */
};

/* Kind and member of a row, in one: {.name = "force", PARAMETER_FLAG(struct request, force), .text = "replace it"}. A member
 * of the wrong type does not compile. */
#define PARAMETER_MEMBER(record, field, type) _Generic(((record *)NULL)->field, type : offsetof(record, field))
#define PARAMETER_FLAG(record, field) .kind = VALUE_NONE, .member = PARAMETER_MEMBER(record, field, bool)
#define PARAMETER_TEXT(record, field) .kind = VALUE_TEXT, .member = PARAMETER_MEMBER(record, field, const char *)
#define PARAMETER_FILE(record, field) .kind = VALUE_FILE, .member = PARAMETER_MEMBER(record, field, const char *)
#define PARAMETER_DIRECTORY(record, field)                                                                             \
    .kind = VALUE_DIRECTORY, .member = PARAMETER_MEMBER(record, field, const char *)
#define PARAMETER_TOPIC(record, field) .kind = VALUE_TOPIC, .member = PARAMETER_MEMBER(record, field, const char *)
#define PARAMETER_WORD(record, field) .kind = VALUE_WORD, .member = PARAMETER_MEMBER(record, field, unsigned)
#define PARAMETER_NUMBER(record, field) .kind = VALUE_NUMBER, .member = PARAMETER_MEMBER(record, field, long long)
#define PARAMETER_SHARE(record, field) .kind = VALUE_SHARE, .member = PARAMETER_MEMBER(record, field, double)
#define PARAMETER_FILES(record, field) .kind = VALUE_FILES, .member = PARAMETER_MEMBER(record, field, struct value_list)
#define PARAMETER_LIST(record, field) .kind = VALUE_LIST, .member = PARAMETER_MEMBER(record, field, struct value_list)

/* Texts are paragraphs, with an empty line between them; who prints them breaks the lines. */
struct command {
    const char *name;
    const char *summary;              /* for the list of commands: "validate a campaign without analysing it" */
    const char *description;          /* what it does */
    const char *notes;                /* what stands behind the options; NULL: nothing */
    const char *examples;             /* command lines, each with its newline; NULL: none */
    const struct parameter *operands; /* a row without a name behind the last; NULL: none */
    const struct parameter *options;  /* the same */
    int (*run)(int argument_count, char **arguments); /* arguments[0] is the command's name */
};

/* In files of their names. */
extern const struct command command_analyze;
extern const struct command command_decode;
extern const struct command command_check;
extern const struct command command_plan;
extern const struct command command_report;
extern const struct command command_compare;
extern const struct command command_export;
extern const struct command command_init;
extern const struct command command_manifest;
extern const struct command command_calls;
extern const struct command command_flows;
extern const struct command command_schema;
extern const struct command command_help;
extern const struct command command_completion;

/* All of them, in the order of the list in help; NULL behind the last. */
extern const struct command *const commands[];

/* NULL when there is none of this name. */
const struct command *command_find(const char *name);

/* Reads the command line by the command's tables into its structure, which
 * holds the defaults before. EXIT_GOOD, or EXIT_BAD_USAGE when it has said what
 * is wrong: an option that there is not, one without its value, a value that
 * does not fit, an operand too few or too many. */
int command_parse(const struct command *command, int argument_count, char **arguments, void *record);

/* Says the sentence and gives the exit status that goes with it. */
int command_failure(const struct tb_error *error);

/* Says what is wrong with the command line and where its help is; EXIT_BAD_USAGE. */
int command_misuse(const struct command *command, const char *format, ...) TB_PRINTF(2, 3);

/* The option of commands that decode files. The member is a long long, megabytes; 0: not given. */
#define MEMORY_OPTION(record, field)                                                                                   \
    {                                                                                                                  \
        .name = "memory", PARAMETER_NUMBER(record, field), .value = "MB",                                              \
        .text = "memory that each rank may take (default: its share of nine tenths of what the machine or the cgroup " \
                "has left); who needs more ends with a message",                                                       \
        .least = 1, .most = 1000000000                                                                                 \
    }

/* The option of commands that read campaign files. The member is a bool. */
#define CONFINED_OPTION(record, field)                                                                                 \
    {                                                                                                                  \
        .name = "confined", PARAMETER_FLAG(record, field),                                                             \
        .text =                                                                                                        \
            "refuse a campaign file that reads files outside its root, or has a root that is not below its directory"  \
    }

/* Limits what this process takes, as one of so many on this machine. megabytes: of the option, 0: none was given. */
void command_limit_memory(long long megabytes, int processes);

/* The runs that several --only leave; borrows the list. */
struct tb_selection only_selection(const struct value_list *list);

/* How listings are printed; the words are listing_formats. */
enum listing_format { LISTING_TEXT, LISTING_CSV, LISTING_JSON };
extern const char *const listing_formats[];

#endif
