/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_ATTRIBUTES_H
#define TWINBED_SRC_ANALYSIS_ATTRIBUTES_H

/* Attributes of the results, as they are put together: names and texts of any length. */

#include <stdbool.h>

#include "twinbed/base/bytes.h"
#include "twinbed/results/writer.h"

/* Start from a zeroed one. Out of memory sets failed, and later calls do nothing. */
struct attributes {
    struct tb_attribute *items; /* owned; names are borrowed */
    char **texts;               /* owned: those of the items */
    size_t count;
    bool failed;
};

void tb_attributes_set(struct attributes *attributes, const char *name, const char *format, ...) TB_PRINTF(3, 4);
/* The text is what stands in the buffer, which is freed. */
void tb_attributes_take(struct attributes *attributes, const char *name, struct tb_buffer *text);
void tb_attributes_free(struct attributes *attributes);

/* Appends formatted text of any length, without a NUL. */
void tb_text_append(struct tb_buffer *text, const char *format, ...) TB_PRINTF(2, 3);

#endif
