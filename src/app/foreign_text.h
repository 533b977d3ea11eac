/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_APP_FOREIGN_TEXT_H
#define TWINBED_SRC_APP_FOREIGN_TEXT_H

/* Outputs of other load generators, so that what is refused is called by its name. */

#include "twinbed/io/text.h"

/* The program of whose output the line is typical, or NULL. Static. */
const char *tb_foreign_program(struct tb_text line);

#endif
