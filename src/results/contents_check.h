/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_RESULTS_CONTENTS_CHECK_H
#define TWINBED_RESULTS_CONTENTS_CHECK_H

/* The structure of a results file, before any value of it is read: the steps of tb_contents_open
 * (contents.h), in this order. Each fails with TB_CORRUPT and a sentence. HDF5 may crash in any of
 * them: they run in the reading process. */

#include "contents.h"

/* The root and its groups hold hard links to what the schema names, and nothing else; notes which fields are present.
 * Follows no link. */
TB_MUST_USE enum tb_status tb_check_links(struct tb_contents *contents, struct tb_error *error);

/* Sizes of all dimensions, from their scales. */
TB_MUST_USE enum tb_status tb_check_dimensions(struct tb_contents *contents, struct tb_error *error);

/* Type, shape and storage of every field that is present. */
TB_MUST_USE enum tb_status tb_check_fields(const struct tb_contents *contents, struct tb_error *error);

#endif
