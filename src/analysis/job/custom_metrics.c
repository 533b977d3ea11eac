/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "custom_metrics.h"

#include <stdlib.h>

static struct tb_metric row_of(const struct tb_custom_metric *metric, int number)
{
    return (struct tb_metric){.name = metric->name,
                              .unit = metric->unit,
                              .level = (enum tb_level_of_metric)metric->level,
                              .role = (enum tb_metric_role)metric->role,
                              .source = TB_METRIC_FROM_FILE,
                              .scale = (enum tb_scale)metric->scale,
                              .margin = metric->margin,
                              .combination = (enum tb_combination)metric->combination,
                              .sentence = metric->sentence,
                              .variant = number};
}

enum tb_metric_role tb_metric_role_of(enum tb_role role)
{
    return role == TB_ROLE_CLIENT ? TB_METRIC_CLIENT : role == TB_ROLE_SERVER ? TB_METRIC_SERVER : TB_METRIC_HOST;
}

/* Of which roles the campaign asks for kernel logs, as bits. */
static unsigned logged_roles(const struct tb_campaign *campaign)
{
    unsigned logged = 0;
    for (size_t i = 0; i < campaign->artifact_count; i++)
        if (campaign->artifacts[i].kind == TB_ARTIFACT_KERNEL_LOG)
            logged |= 1U << tb_metric_role_of(campaign->artifacts[i].role);
    return logged;
}

enum tb_status tb_custom_metrics_register(const struct tb_campaign *campaign, struct tb_registry *registry,
                                          struct tb_error *error)
{
    struct tb_metric *rows = calloc(campaign->metric_count + 1, sizeof *rows);
    if (rows == NULL)
        return tb_error_memory(error, "metrics");
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < campaign->metric_count && status == TB_OK; i++) {
        rows[i] = row_of(&campaign->metrics[i], (int)i);
        if (tb_metric_find(rows[i].name) < tb_metric_count())
            status = tb_error_set(error, TB_USAGE, "%s: metrics: '%s' is the name of a metric that is built in",
                                  campaign->manifest_path, rows[i].name);
    }
    if (status == TB_OK && !tb_registry_open(rows, campaign->metric_count, logged_roles(campaign), registry))
        status = tb_error_memory(error, "metrics");
    free(rows);
    return status;
}
