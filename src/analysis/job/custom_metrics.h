/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_CUSTOM_METRICS_H
#define TWINBED_SRC_ANALYSIS_CUSTOM_METRICS_H

/* The metrics that a campaign file declares, among those that are built in. */

#include "twinbed/campaign/campaign.h"
#include "twinbed/metrics/registry.h"

/* All metrics of the campaign, whose texts the rows borrow. TB_USAGE where a name is that of a metric that is built in. On
 * TB_OK the caller closes the registry. */
TB_MUST_USE enum tb_status tb_custom_metrics_register(const struct tb_campaign *campaign, struct tb_registry *registry,
                                                      struct tb_error *error);

/* Whose metrics come from artifacts of a role: client, server, or host. */
enum tb_metric_role tb_metric_role_of(enum tb_role role);

#endif
