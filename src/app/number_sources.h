/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_APP_NUMBER_SOURCES_H
#define TWINBED_SRC_APP_NUMBER_SOURCES_H

/* Numbers in a JSON document (number_json.c) and in lines (number_lines.c), for numbers.c. */

#include <jansson.h>

#include "twinbed/app/numbers.h"
#include "twinbed/io/lines.h"

/* The number has none: status, and why. Returns false. */
bool tb_number_fail(struct tb_number *number, enum tb_status status, const char *format, ...) TB_PRINTF(3, 4);

/* The whole stream in the reader's window; what stays there when it is parsed. TB_UNSUPPORTED when it is too long. */
TB_MUST_USE enum tb_status tb_number_load_document(struct tb_reader *reader, struct tb_error *error);
/* The document, to be released; and what a JSON pointer leads to in it, or NULL: borrowed. */
TB_MUST_USE enum tb_status tb_json_parse(const struct tb_reader *reader, json_t **root, struct tb_error *error);
const json_t *tb_json_follow(const json_t *value, const char *pointer);
/* The numbers of the places whose form is json, in a document that is loaded. */
TB_MUST_USE enum tb_status tb_numbers_read_json(const struct tb_reader *reader, const struct tb_number_place *places,
                                                size_t count, struct tb_number *numbers, struct tb_error *error);
/* Those of all other forms. */
TB_MUST_USE enum tb_status tb_numbers_read_lines(struct tb_lines *lines, const struct tb_number_place *places,
                                                 size_t count, struct tb_number *numbers, struct tb_error *error);

#endif
