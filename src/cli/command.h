/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CLI_COMMAND_H
#define TWINBED_SRC_CLI_COMMAND_H

/* One file a command; each ends in one constant of this kind. */

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

struct command {
    const char *name;
    const char *summary;                              /* for the list of commands */
    const char *help;                                 /* usage, options, examples */
    int (*run)(int argument_count, char **arguments); /* arguments[0] is the command's name */
};

extern const struct command command_analyze;
extern const struct command command_check;
extern const struct command command_plan;
extern const struct command command_report;
extern const struct command command_compare;
extern const struct command command_init;
extern const struct command command_manifest;
extern const struct command command_calls;
extern const struct command command_flows;
extern const struct command command_schema;

/* Says the sentence and gives the exit status that goes with it. */
int command_failure(const struct tb_error *error);

/* Says what is wrong with the command line and where its help is; EXIT_BAD_USAGE. */
int command_misuse(const struct command *command, const char *format, ...) TB_PRINTF(2, 3);

/* Says so of the last word that getopt took; EXIT_BAD_USAGE. */
int command_bad_option(const struct command *command, char *const *arguments);

/* Values of --only as they are collected. */
enum { ONLY_MAX = 64 };
struct only_list {
    const char *terms[ONLY_MAX];
    size_t count;
};
/* False when there are too many. */
bool only_add(struct only_list *list, const char *term);
struct tb_selection only_selection(const struct only_list *list);

/* How listings are printed. */
enum listing_format { LISTING_TEXT, LISTING_CSV, LISTING_JSON };
/* False when the word is none of text, csv, json. */
bool listing_format_parse(const char *word, enum listing_format *format);

/* A whole number from text; false when it is none in [least, most]. */
bool number_parse(const char *text, long long least, long long most, long long *number);

#endif
