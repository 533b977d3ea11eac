/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CAMPAIGN_OUTSIDE_H
#define TWINBED_CAMPAIGN_OUTSIDE_H

/* Paths of a campaign file that lead out of its root. */

#include <stdbool.h>

#include "twinbed/base/status.h"
#include "twinbed/campaign/campaign.h"

/* Warns when files lie outside the root by their names ("..", absolute paths): how many, and one of them.
 *
 * confined: then TB_USAGE instead, and also when a link leads a file out of the root, or the root is not the directory of the
 * campaign file or below. That is how things are now; whoever may write there can change them before they are read.
 * TB_MEMORY. Not collective. */
TB_MUST_USE enum tb_status tb_campaign_check_paths(const struct tb_campaign *campaign, bool confined,
                                                   struct tb_error *error);

#endif
