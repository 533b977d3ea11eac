/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of metrics as one list, and the rows that a campaign adds. How the values of a run's pairs
 * are combined, and names for all that. */
#include "twinbed/metrics/registry.h"

#include <stdlib.h>
#include <string.h>

#include "tables.h"

static const struct tb_metric_table *const tables[] = {&tb_app_metrics, &tb_os_metrics, &tb_net_metrics};

enum { TABLES = sizeof tables / sizeof tables[0] };

size_t tb_metric_count(void)
{
    size_t count = 0;
    for (size_t i = 0; i < TABLES; i++)
        count += tables[i]->count;
    return count;
}

const struct tb_metric *tb_metric_at(size_t index)
{
    size_t table = 0;
    while (index >= tables[table]->count)
        index -= tables[table++]->count;
    return &tables[table]->rows[index];
}

size_t tb_metric_find(const char *name)
{
    const size_t count = tb_metric_count();
    for (size_t i = 0; i < count; i++)
        if (strcmp(tb_metric_at(i)->name, name) == 0)
            return i;
    return count;
}

static bool source_present(const struct tb_metric *metric, const struct tb_measures *measures)
{
    switch (metric->source) {
    case TB_METRIC_FROM_AB:
        return measures->ab != NULL || measures->quantiles != NULL;
    case TB_METRIC_FROM_CLIENT_TRACE:
        return measures->client != NULL;
    case TB_METRIC_FROM_SERVER_TRACE:
        return measures->server != NULL;
    case TB_METRIC_FROM_CAPTURE:
        return measures->flows != NULL;
    case TB_METRIC_FROM_LATENCY:
        return measures->session_count > 0;
    case TB_METRIC_FROM_COUNTERS:
        return measures->counters != NULL;
    case TB_METRIC_FROM_KERNEL_LOG:
        return measures->kernel_logs[metric->role] != NULL;
    case TB_METRIC_FROM_FILE:
        break;
    }
    return measures->custom != NULL;
}

struct tb_metric_value tb_metric_extract(const struct tb_metric *metric, const struct tb_measures *measures)
{
    if (!source_present(metric, measures))
        return tb_metric_absent(TB_ABSENT_ARTIFACT);
    return metric->source == TB_METRIC_FROM_FILE ? measures->custom[metric->variant]
                                                 : metric->extract(measures, metric->variant);
}

static bool is_wanted(const struct tb_metric *metric, unsigned logged)
{
    return metric->source != TB_METRIC_FROM_KERNEL_LOG || (logged >> metric->role & 1) != 0;
}

bool tb_registry_open(const struct tb_metric *custom, size_t custom_count, unsigned logged,
                      struct tb_registry *registry)
{
    const size_t built_in = tb_metric_count();
    *registry = (struct tb_registry){.rows = calloc(built_in + custom_count, sizeof *registry->rows)};
    if (registry->rows == NULL)
        return false;
    for (unsigned level = 0; level <= TB_LEVEL_NETWORK; level++) {
        for (size_t i = 0; i < built_in; i++)
            if (tb_metric_at(i)->level == level && is_wanted(tb_metric_at(i), logged))
                registry->rows[registry->count++] = *tb_metric_at(i);
        for (size_t i = 0; i < custom_count; i++)
            if (custom[i].level == level)
                registry->rows[registry->count++] = custom[i];
    }
    return true;
}

void tb_registry_close(struct tb_registry *registry)
{
    free(registry->rows);
    *registry = (struct tb_registry){0};
}

size_t tb_registry_find(const struct tb_registry *registry, const char *name)
{
    size_t i = 0;
    while (i < registry->count && strcmp(registry->rows[i].name, name) != 0)
        i++;
    return i;
}

static double combine_sum(const double *values, const double *weights, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i] * (weights == NULL ? 1 : weights[i]);
    return sum;
}

double tb_metric_combine(enum tb_combination combination, const double *values, const double *weights, size_t count)
{
    if (count == 1)
        return values[0];
    switch (combination) {
    case TB_COMBINE_SUM:
        return combine_sum(values, NULL, count);
    case TB_COMBINE_MEAN:
        return combine_sum(values, NULL, count) / (double)count;
    case TB_COMBINE_WORK_MEAN:
        return combine_sum(values, weights, count) / combine_sum(weights, NULL, count);
    case TB_COMBINE_MAXIMUM:
        break;
    }
    double maximum = values[0];
    for (size_t i = 1; i < count; i++)
        if (!(values[i] <= maximum))
            maximum = isnan(maximum) ? maximum : values[i];
    return maximum;
}

const char *tb_level_name(enum tb_level_of_metric level)
{
    static const char *const names[] = {"application", "operating system", "network"};
    return names[level];
}

const char *tb_metric_role_name(enum tb_metric_role role)
{
    static const char *const names[] = {"client", "server", "both", "host"};
    return names[role];
}

const char *tb_combination_name(enum tb_combination combination)
{
    static const char *const names[] = {"sum", "mean", "mean weighted by completed units", "maximum"};
    return names[combination];
}

const char *tb_scale_name(enum tb_scale scale)
{
    return scale == TB_SCALE_RATIO ? "ratio" : "difference";
}
