/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Application level: what ApacheBench says, and the counters of the machine
 * around it. */
#include "tables.h"

enum { PERCENTILE_50 = 0, PERCENTILE_100 = TB_AB_PERCENTILES - 1 };

static struct tb_metric_value stated(double number)
{
    return tb_metric_number(number, TB_ABSENT_UNSTATED);
}

static struct tb_metric_value requests_per_second(const struct tb_measures *measures, int variant)
{
    (void)variant;
    return measures->ab == NULL ? tb_metric_absent(TB_ABSENT_ARTIFACT) : stated(measures->ab->requests_per_second);
}

static struct tb_metric_value time_per_request(const struct tb_measures *measures, int variant)
{
    (void)variant;
    return measures->ab == NULL ? tb_metric_absent(TB_ABSENT_ARTIFACT) : stated(measures->ab->time_per_request_ms);
}

/* The CSV has microseconds where the text has whole milliseconds. */
static struct tb_metric_value request_time(const struct tb_measures *measures, int percentile)
{
    static const int csv_rows[] = {50, 66, 75, 80, 90, 95, 98, 99, 100};
    if (measures->quantiles != NULL)
        return stated(measures->quantiles->milliseconds[csv_rows[percentile]]);
    return stated(measures->ab->percentile_ms[percentile]);
}

static struct tb_metric_value transfer_rate(const struct tb_measures *measures, int variant)
{
    (void)variant;
    return measures->ab == NULL ? tb_metric_absent(TB_ABSENT_ARTIFACT) : stated(measures->ab->transfer_kib_s);
}

static struct tb_metric_value received_per_request(const struct tb_measures *measures, int variant)
{
    (void)variant;
    return measures->ab == NULL ? tb_metric_absent(TB_ABSENT_ARTIFACT)
                                : per_request(measures, (double)measures->ab->total_bytes);
}

static struct tb_metric_value non_2xx_share(const struct tb_measures *measures, int variant)
{
    (void)variant;
    return measures->ab == NULL ? tb_metric_absent(TB_ABSENT_ARTIFACT)
                                : per_request(measures, (double)measures->ab->non_2xx);
}

static const struct tb_metric rows[] = {
    {"requests_per_second", "1/s", TB_LEVEL_APPLICATION, TB_METRIC_CLIENT, TB_METRIC_FROM_AB, TB_SCALE_RATIO, 0,
     TB_COMBINE_SUM, "Completed requests per second, as ApacheBench prints it (tables I, II, III).",
     requests_per_second, 0},
    {"time_per_request", "ms", TB_LEVEL_APPLICATION, TB_METRIC_CLIENT, TB_METRIC_FROM_AB, TB_SCALE_RATIO, 0,
     TB_COMBINE_MEAN, "Mean time of one request: concurrency x time taken / completed requests.", time_per_request, 0},
    {"request_time_median", "ms", TB_LEVEL_APPLICATION, TB_METRIC_CLIENT, TB_METRIC_FROM_AB, TB_SCALE_RATIO, 0,
     TB_COMBINE_MEAN, "Median total time of requests, from the CSV where there is one.", request_time, PERCENTILE_50},
    {"request_time_longest", "ms", TB_LEVEL_APPLICATION, TB_METRIC_CLIENT, TB_METRIC_FROM_AB, TB_SCALE_RATIO, 0,
     TB_COMBINE_MAXIMUM, "Longest total time of a request, from the CSV where there is one.", request_time,
     PERCENTILE_100},
    {"transfer_rate", "KiB/s", TB_LEVEL_APPLICATION, TB_METRIC_CLIENT, TB_METRIC_FROM_AB, TB_SCALE_RATIO, 0,
     TB_COMBINE_SUM, "Bytes received, headers included, per second.", transfer_rate, 0},
    {"received_per_request", "bytes", TB_LEVEL_APPLICATION, TB_METRIC_CLIENT, TB_METRIC_FROM_AB, TB_SCALE_RATIO, 0,
     TB_COMBINE_WORK_MEAN, "Bytes received by ApacheBench, headers included, over completed requests.",
     received_per_request, 0},
    {"non_2xx_share", "1", TB_LEVEL_APPLICATION, TB_METRIC_CLIENT, TB_METRIC_FROM_AB, TB_SCALE_DIFFERENCE, 0.01,
     TB_COMBINE_WORK_MEAN, "Share of completed requests whose reply was not a 2xx.", non_2xx_share, 0},
};

const struct tb_metric_table tb_app_metrics = {rows, sizeof rows / sizeof rows[0]};
