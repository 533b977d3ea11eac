/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CLI_HELP_H
#define TWINBED_SRC_CLI_HELP_H

/* What --help prints and what the manual pages hold: both from the tables of the commands. */

#include "command.h"
#include "page.h"

/* twinbed --help, as text. */
void help_write_program(FILE *stream);
/* twinbed COMMAND --help, as text. */
void help_write_command(FILE *stream, const struct command *command);

/* The campaign file, in either form. */
extern const char help_campaign_topic[];
/* Writes all keys and settings of the campaign file. */
void help_write_campaign(const struct page *page);

/* How help writes the value of an option: its own word, or the words it may be: "text|csv|json". "" when it has none. */
enum { HELP_VALUE_SIZE = 400 };
const char *help_value(const struct parameter *option, char text[HELP_VALUE_SIZE]);

#endif
