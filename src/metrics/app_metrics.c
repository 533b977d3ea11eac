/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Application level: what ApacheBench says, and the counters of the machine
 * around it. */
#include "tables.h"

/* Places of the percentiles that ab prints. */
enum {
    PERCENTILE_50,
    PERCENTILE_66,
    PERCENTILE_75,
    PERCENTILE_80,
    PERCENTILE_90,
    PERCENTILE_95,
    PERCENTILE_98,
    PERCENTILE_99,
    PERCENTILE_100
};

/* What failed requests distort: they are answered faster than others, or not at all. */
static struct tb_metric_value rate(const struct tb_measures *measures, double number)
{
    return measures->too_many_failures ? tb_metric_absent(TB_ABSENT_FAILURES)
                                       : tb_metric_number(number, TB_ABSENT_UNSTATED);
}

static struct tb_metric_value requests_per_second(const struct tb_measures *measures, int variant)
{
    (void)variant;
    return measures->ab == NULL ? tb_metric_absent(TB_ABSENT_ARTIFACT)
                                : rate(measures, measures->ab->requests_per_second);
}

static struct tb_metric_value time_per_request(const struct tb_measures *measures, int variant)
{
    (void)variant;
    return measures->ab == NULL ? tb_metric_absent(TB_ABSENT_ARTIFACT)
                                : rate(measures, measures->ab->time_per_request_ms);
}

/* The CSV has microseconds where the text has whole milliseconds; the two are not mixed where it lacks a row. */
static struct tb_metric_value request_time(const struct tb_measures *measures, int percentile)
{
    static const int csv_rows[] = {50, 66, 75, 80, 90, 95, 98, 99, 100};
    if (measures->quantiles != NULL)
        return rate(measures, measures->quantiles->milliseconds[csv_rows[percentile]]);
    return rate(measures, measures->ab->percentile_ms[percentile]);
}

/* A row that ab read from behind its last time, as requests were few, should have been that last time: ab's text, which
 * counts on from 0, has it there. */
static struct tb_metric_value request_time_percentile(const struct tb_measures *measures, int percentile)
{
    const struct tb_metric_value time = request_time(measures, percentile);
    return time.absence == TB_ABSENT_UNSTATED && measures->quantiles != NULL ? request_time(measures, PERCENTILE_100)
                                                                             : time;
}

/* A row's variant: which part of a request's time, and its mean or median. */
enum part_of_request { CONNECTING, PROCESSING, WAITING };

#define TIME(part, is_median) ((part)*2 + (is_median))

static struct tb_metric_value time_of_part(const struct tb_measures *measures, int variant)
{
    const struct tb_apachebench *ab = measures->ab;
    if (ab == NULL)
        return tb_metric_absent(TB_ABSENT_ARTIFACT);
    const struct tb_ab_times *const parts[] = {
        [CONNECTING] = &ab->connect, [PROCESSING] = &ab->processing, [WAITING] = &ab->waiting};
    const struct tb_ab_times *const times = parts[variant / 2];
    return rate(measures, variant % 2 == 1 ? times->median : times->mean);
}

static struct tb_metric_value transfer_rate(const struct tb_measures *measures, int variant)
{
    (void)variant;
    return measures->ab == NULL ? tb_metric_absent(TB_ABSENT_ARTIFACT) : rate(measures, measures->ab->transfer_kib_s);
}

static struct tb_metric_value received_per_request(const struct tb_measures *measures, int variant)
{
    (void)variant;
    if (measures->ab == NULL)
        return tb_metric_absent(TB_ABSENT_ARTIFACT);
    const int64_t bytes = tb_ab_count(measures->ab, TB_AB_TOTAL_BYTES);
    return bytes < 0 ? tb_metric_absent(TB_ABSENT_UNSTATED) : per_request(measures, (double)bytes);
}

/* Of the requests that ab completed, whatever the run's units of work are; count < 0 when not known. */
static struct tb_metric_value share_of_completed(const struct tb_measures *measures, int64_t count)
{
    if (count < 0)
        return tb_metric_absent(TB_ABSENT_UNSTATED);
    return measures->ab->complete > 0
               ? tb_metric_number((double)count / (double)measures->ab->complete, TB_ABSENT_UNSTATED)
               : tb_metric_absent(TB_ABSENT_WORK);
}

static struct tb_metric_value non_2xx_share(const struct tb_measures *measures, int variant)
{
    (void)variant;
    return measures->ab == NULL ? tb_metric_absent(TB_ABSENT_ARTIFACT)
                                : share_of_completed(measures, tb_ab_count(measures->ab, TB_AB_NON_2XX));
}

static struct tb_metric_value failed_share(const struct tb_measures *measures, int variant)
{
    (void)variant;
    return measures->ab == NULL ? tb_metric_absent(TB_ABSENT_ARTIFACT)
                                : share_of_completed(measures, tb_ab_failed_requests(measures->ab));
}

/* Without the failed requests the rate says something however many there are. */
static struct tb_metric_value successful_requests_per_second(const struct tb_measures *measures, int variant)
{
    const struct tb_metric_value failed = failed_share(measures, variant);
    if (failed.absence != TB_PRESENT)
        return failed;
    return tb_metric_number(measures->ab->requests_per_second * (1 - failed.number), TB_ABSENT_UNSTATED);
}

/* A row's variant: which end. */
static const struct tb_ab_intervals *intervals_of(const struct tb_measures *measures, int end)
{
    static const struct tb_ab_intervals none;
    return measures->ab == NULL ? &none : &measures->ab->intervals[end];
}

static struct tb_metric_value lowest_interval(const struct tb_measures *measures, int end)
{
    const struct tb_ab_intervals *intervals = intervals_of(measures, end);
    if (measures->ab == NULL)
        return tb_metric_absent(TB_ABSENT_ARTIFACT);
    return intervals->count == 0 ? tb_metric_absent(TB_ABSENT_UNSTATED) : rate(measures, intervals->lowest_kib_s);
}

static struct tb_metric_value spread_of_intervals(const struct tb_measures *measures, int end)
{
    const struct tb_ab_intervals *intervals = intervals_of(measures, end);
    if (measures->ab == NULL)
        return tb_metric_absent(TB_ABSENT_ARTIFACT);
    return intervals->count < 2 || !(intervals->mean_kib_s > 0)
               ? tb_metric_absent(TB_ABSENT_UNSTATED)
               : rate(measures, intervals->deviation_kib_s / intervals->mean_kib_s);
}

static struct tb_metric_value retransmits_per_request(const struct tb_measures *measures, int variant)
{
    (void)variant;
    if (measures->ab == NULL)
        return tb_metric_absent(TB_ABSENT_ARTIFACT);
    const int64_t count = tb_ab_count(measures->ab, TB_AB_RETRANSMITS);
    return count < 0 ? tb_metric_absent(TB_ABSENT_UNSTATED) : per_request(measures, (double)count);
}

#define AB_ROW(name, unit, combination, sentence, extract, variant)                                                    \
    {                                                                                                                  \
        name, unit, TB_LEVEL_APPLICATION, TB_METRIC_CLIENT, TB_METRIC_FROM_AB, TB_SCALE_RATIO, 0, combination,         \
            sentence, extract, variant                                                                                 \
    }

#define SHARE_ROW(name, sentence, extract)                                                                             \
    {                                                                                                                  \
        name, "1", TB_LEVEL_APPLICATION, TB_METRIC_CLIENT, TB_METRIC_FROM_AB, TB_SCALE_DIFFERENCE, 0.01,               \
            TB_COMBINE_WORK_MEAN, sentence, extract, 0                                                                 \
    }

#define INTERVAL_ROWS(name, words, END)                                                                                \
    AB_ROW(name "_lowest", "KiB/s", TB_COMBINE_SUM, "Lowest rate in an interval that the program measured" words ".",  \
           lowest_interval, END),                                                                                      \
    {                                                                                                                  \
        name "_spread", "1", TB_LEVEL_APPLICATION, TB_METRIC_CLIENT, TB_METRIC_FROM_AB, TB_SCALE_DIFFERENCE, 0.05,     \
            TB_COMBINE_MEAN, "Standard deviation over mean of the rates in its intervals" words ".",                   \
            spread_of_intervals, END                                                                                   \
    }

#define PERCENTILE_ROW(number)                                                                                         \
    AB_ROW("request_time_p" #number, "ms", TB_COMBINE_MEAN,                                                            \
           #number " % of the requests took at most so long, from the CSV where there is one.",                        \
           request_time_percentile, PERCENTILE_##number)

#define PART_ROWS(name, words, PART)                                                                                   \
    AB_ROW(name "_time_mean", "ms", TB_COMBINE_MEAN, "Mean time " words ", whole milliseconds of the text.",           \
           time_of_part, TIME(PART, 0)),                                                                               \
        AB_ROW(name "_time_median", "ms", TB_COMBINE_MEAN, "Median time " words ", whole milliseconds of the text.",   \
               time_of_part, TIME(PART, 1))

static const struct tb_metric rows[] = {
    AB_ROW("requests_per_second", "1/s", TB_COMBINE_SUM,
           "Completed requests per second, as ApacheBench prints it (tables I, II, III).", requests_per_second, 0),
    AB_ROW("successful_requests_per_second", "1/s", TB_COMBINE_SUM,
           "Completed requests per second without those that failed: requests per second x (1 - failed share).",
           successful_requests_per_second, 0),
    AB_ROW("time_per_request", "ms", TB_COMBINE_MEAN,
           "Mean time of one request: concurrency x time taken / completed requests.", time_per_request, 0),
    AB_ROW("request_time_median", "ms", TB_COMBINE_MEAN,
           "Median total time of requests, from the CSV where there is one.", request_time, PERCENTILE_50),
    PERCENTILE_ROW(66),
    PERCENTILE_ROW(75),
    PERCENTILE_ROW(80),
    PERCENTILE_ROW(90),
    PERCENTILE_ROW(95),
    PERCENTILE_ROW(98),
    PERCENTILE_ROW(99),
    AB_ROW("request_time_longest", "ms", TB_COMBINE_MAXIMUM,
           "Longest total time of a request, from the CSV where there is one.", request_time, PERCENTILE_100),
    PART_ROWS("connect", "to connect", CONNECTING),
    PART_ROWS("processing", "from the connection to the end of the reply", PROCESSING),
    PART_ROWS("waiting", "from the request to the first byte of the reply", WAITING),
    AB_ROW("transfer_rate", "KiB/s", TB_COMBINE_SUM, "Bytes received, headers included, per second.", transfer_rate, 0),
    AB_ROW("received_per_request", "bytes", TB_COMBINE_WORK_MEAN,
           "Bytes received by ApacheBench, headers included, over completed requests.", received_per_request, 0),
    INTERVAL_ROWS("interval_rate", "", TB_AB_SENT),
    INTERVAL_ROWS("received_interval_rate", ", at the end that receives", TB_AB_RECEIVED),
    AB_ROW("retransmits_per_request", "1", TB_COMBINE_WORK_MEAN,
           "Segments that the sender's TCP counted as sent again over completed requests.", retransmits_per_request, 0),
    SHARE_ROW("non_2xx_share", "Share of completed requests whose reply was not a 2xx.", non_2xx_share),
    SHARE_ROW("failed_share", "Share of completed requests that failed, at least.", failed_share),
};

const struct tb_metric_table tb_app_metrics = {rows, sizeof rows / sizeof rows[0]};
