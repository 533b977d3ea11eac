/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CAMPAIGN_QUANTITY_H
#define TWINBED_CAMPAIGN_QUANTITY_H

/* Numbers with units as people write them: 500B, 1MB, 1 MiB, 10Gbit/s, yes. Pure functions. */

#include <stdbool.h>
#include <stddef.h>

#include "twinbed/campaign/campaign.h"

/* The number that length bytes of text stand for, in bytes, bits per second,
 * 0 or 1, or plain. False when the text is not of the type, and always for
 * TB_FACTOR_TEXT. */
bool tb_quantity_parse(const char *text, size_t length, enum tb_factor_type type, double *number);

/* "bytes", "bit/s" or "". */
const char *tb_quantity_unit(enum tb_factor_type type);

#endif
