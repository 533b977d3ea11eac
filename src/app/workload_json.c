/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON summaries of load generators. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "number_sources.h"
#include "workload_sources.h"

/* NaN where there is no number that is finite and not negative. */
static double number_at(const json_t *value, const char *pointer)
{
    const json_t *found = tb_json_follow(value, pointer);
    const double number = json_is_number(found) ? json_number_value(found) : NAN;
    return isfinite(number) && number >= 0 ? number : NAN;
}

/* A whole number that fits; false where there is none. */
static bool count_at(const json_t *value, const char *pointer, uint64_t *count)
{
    const double number = number_at(value, pointer);
    if (!(number < 9.2e18))
        return false;
    *count = (uint64_t)number;
    return true;
}

static void state_at(struct tb_apachebench *result, enum tb_ab_count count, const json_t *value, const char *pointer)
{
    uint64_t number;
    if (count_at(value, pointer, &number))
        tb_ab_state(result, count, number);
}

static void read_times(struct tb_apachebench *result, const json_t *times, const char *const names[6], double scale)
{
    const double mean = number_at(times, names[0]), maximum = number_at(times, names[5]);
    result->total = (struct tb_ab_times){NAN, mean * scale, NAN, number_at(times, names[1]) * scale, maximum * scale};
    result->time_per_request_ms = mean * scale;
    result->percentile_ms[0] = number_at(times, names[1]) * scale;
    *tb_ab_percentile_place(result, 90) = number_at(times, names[2]) * scale;
    *tb_ab_percentile_place(result, 95) = number_at(times, names[3]) * scale;
    *tb_ab_percentile_place(result, 99) = number_at(times, names[4]) * scale;
    result->percentile_ms[TB_AB_PERCENTILES - 1] = maximum * scale;
}

/* --summary-export has numbers where handleSummary has them one step deeper. */
static const json_t *k6_metric(const json_t *root, const char *name)
{
    const json_t *metric = json_object_get(json_object_get(root, "metrics"), name);
    const json_t *values = json_object_get(metric, "values");
    return values == NULL ? metric : values;
}

static void read_k6(const json_t *root, struct tb_apachebench *result)
{
    static const char *const times[6] = {"/avg", "/med", "/p(90)", "/p(95)", "/p(99)", "/max"};
    const json_t *requests = k6_metric(root, "http_reqs");
    state_at(result, TB_AB_COMPLETE, requests, "/count");
    result->requests_per_second = number_at(requests, "/rate");
    state_at(result, TB_AB_FAILED, k6_metric(root, "http_req_failed"), "/passes");
    state_at(result, TB_AB_TOTAL_BYTES, k6_metric(root, "data_received"), "/count");
    result->transfer_kib_s = number_at(k6_metric(root, "data_received"), "/rate") / 1024;
    state_at(result, TB_AB_CONCURRENCY, k6_metric(root, "vus_max"), "/max");
    read_times(result, k6_metric(root, "http_req_duration"), times, 1);
    result->waiting.mean = number_at(k6_metric(root, "http_req_waiting"), "/avg");
    result->waiting.median = number_at(k6_metric(root, "http_req_waiting"), "/med");
    if (result->requests_per_second > 0)
        result->time_taken_s = (double)result->complete / result->requests_per_second;
}

static void read_vegeta(const json_t *root, struct tb_apachebench *result)
{
    static const char *const times[6] = {"/mean", "/50th", "/90th", "/95th", "/99th", "/max"};
    const double success = number_at(root, "/success");
    state_at(result, TB_AB_COMPLETE, root, "/requests");
    result->requests_per_second = number_at(root, "/rate");
    state_at(result, TB_AB_HTML_BYTES, root, "/bytes_in/total");
    if (success <= 1)
        tb_ab_state(result, TB_AB_FAILED, (uint64_t)floor((double)result->complete * (1 - success) + 0.5));
    result->time_taken_s = (number_at(root, "/duration") + number_at(root, "/wait")) / 1e9;
    result->transfer_kib_s = (double)result->html_bytes / 1024 / result->time_taken_s;
    read_times(result, json_object_get(root, "latencies"), times, 1e-6);
}

/* What arrived, or where this end does not know that, what was sent. */
static const json_t *iperf3_sum(const json_t *root)
{
    const json_t *end = json_object_get(root, "end");
    const json_t *received = json_object_get(end, "sum_received");
    const json_t *sent = json_object_get(end, "sum_sent");
    if (number_at(received, "/bytes") > 0)
        return received;
    return sent == NULL ? json_object_get(end, "sum") : sent;
}

/* Of an interval that counts; NaN for one that was omitted, or has no end. */
static double iperf3_seconds(const json_t *interval)
{
    const json_t *sum = json_object_get(interval, "sum");
    return json_is_true(json_object_get(sum, "omitted")) ? NAN : number_at(sum, "/seconds");
}

/* KiB/s; more is none, and its square would not fit. */
static const double RATE_MOST = 1e100;

struct rates {
    double sum, squares, lowest;
    uint64_t count;
};

static void add_rate(struct rates *rates, double rate)
{
    rates->lowest = rates->count == 0 || rate < rates->lowest ? rate : rates->lowest;
    rates->sum += rate;
    rates->squares += rate * rate;
    rates->count++;
}

static void note_rates(const struct rates *rates, struct tb_ab_intervals *intervals)
{
    const double count = (double)rates->count, mean = rates->sum / count;
    const double squares = fmax(0, rates->squares - rates->sum * mean);
    if (rates->count == 0)
        return;
    *intervals = (struct tb_ab_intervals){rates->count, rates->lowest, mean,
                                          rates->count < 2 ? NAN : sqrt(squares / (count - 1))};
}

/* The last interval is often a short rest, whose rate says nothing: what is shorter than half the longest is left out. */
static void read_iperf3_intervals(const json_t *root, struct tb_apachebench *result)
{
    const json_t *all = json_object_get(root, "intervals"), *interval;
    struct rates rates = {0};
    double longest = 0;
    size_t i;
    json_array_foreach(all, i, interval) longest = fmax(longest, iperf3_seconds(interval));
    json_array_foreach(all, i, interval)
    {
        const double rate = number_at(interval, "/sum/bits_per_second") / 8192;
        if (iperf3_seconds(interval) >= longest / 2 && rate < RATE_MOST)
            add_rate(&rates, rate);
    }
    const bool sent = !json_is_false(tb_json_follow(json_array_get(all, 0), "/sum/sender"));
    note_rates(&rates, &result->intervals[sent ? TB_AB_SENT : TB_AB_RECEIVED]);
}

static void read_iperf3(const json_t *root, struct tb_apachebench *result)
{
    const json_t *sum = iperf3_sum(root), *start = json_object_get(root, "start");
    const char *host = json_string_value(tb_json_follow(start, "/connecting_to/host"));
    const double block = number_at(start, "/test_start/blksize"), bytes = number_at(sum, "/bytes");
    uint64_t port;
    if (json_object_get(sum, "packets") != NULL) {
        state_at(result, TB_AB_COMPLETE, sum, "/packets");
        state_at(result, TB_AB_FAILED, sum, "/lost_packets");
    } else if (block >= 1 && bytes < 9.2e18) {
        tb_ab_state(result, TB_AB_COMPLETE, (uint64_t)floor(bytes / block));
    }
    result->time_taken_s = number_at(sum, "/seconds");
    result->transfer_kib_s = number_at(sum, "/bits_per_second") / 8192;
    if (result->stated[TB_AB_COMPLETE] && result->time_taken_s > 0)
        result->requests_per_second = (double)result->complete / result->time_taken_s;
    state_at(result, TB_AB_CONCURRENCY, start, "/test_start/num_streams");
    if (number_at(start, "/test_start/reverse") == 1)
        state_at(result, TB_AB_TOTAL_BYTES, sum, "/bytes");
    state_at(result, TB_AB_RETRANSMITS, root, "/end/sum_sent/retransmits");
    read_iperf3_intervals(root, result);
    read_iperf3_intervals(json_object_get(root, "server_output_json"), result);
    if (host != NULL)
        tb_text_copy(tb_text_of(host), result->server_hostname, TB_AB_TEXT_SIZE);
    if (count_at(start, "/connecting_to/port", &port) && port <= UINT16_MAX)
        result->server_port = (uint16_t)port;
}

static void read_fio_times(const json_t *direction, struct tb_apachebench *result)
{
    static const char *const names[] = {"50.000000", "66.000000", "75.000000", "80.000000", "90.000000",
                                        "95.000000", "98.000000", "99.000000", "100.000000"};
    const json_t *times = json_object_get(direction, "clat_ns");
    result->total.minimum = number_at(times, "/min") / 1e6;
    result->total.mean = result->time_per_request_ms = number_at(times, "/mean") / 1e6;
    result->total.deviation = number_at(times, "/stddev") / 1e6;
    for (size_t i = 0; i < TB_AB_PERCENTILES; i++)
        result->percentile_ms[i] = number_at(json_object_get(json_object_get(times, "percentile"), names[i]), "") / 1e6;
    result->total.median = result->percentile_ms[0];
    result->total.maximum = result->percentile_ms[TB_AB_PERCENTILES - 1] = number_at(times, "/max") / 1e6;
}

/* fio's own samples of its rate, in KiB/s. */
static void read_fio_samples(const json_t *direction, struct tb_apachebench *result)
{
    struct tb_ab_intervals samples = {.lowest_kib_s = number_at(direction, "/bw_min"),
                                      .mean_kib_s = number_at(direction, "/bw_mean"),
                                      .deviation_kib_s = number_at(direction, "/bw_dev")};
    if (count_at(direction, "/bw_samples", &samples.count) && samples.count > 0)
        result->intervals[TB_AB_SENT] = samples;
}

struct fio_sums {
    double operations, rate, bytes, runtime, errors;
    const json_t *only; /* the direction of a job that did something */
    size_t busy;
};

static void add_fio_job(const json_t *job, struct fio_sums *sums)
{
    static const char *const directions[] = {"read", "write", "trim"};
    for (size_t i = 0; i < 3; i++) {
        const json_t *direction = json_object_get(job, directions[i]);
        const double operations = number_at(direction, "/total_ios"), runtime = number_at(direction, "/runtime");
        if (!(operations > 0))
            continue;
        sums->only = direction;
        sums->busy++;
        sums->operations += operations;
        sums->rate += number_at(direction, "/iops");
        sums->bytes += number_at(direction, "/bw_bytes");
        sums->runtime = runtime > sums->runtime ? runtime : sums->runtime;
    }
    if (number_at(job, "/total_err") > 0)
        sums->errors += number_at(job, "/total_err");
    else if (number_at(job, "/error") > 0)
        sums->errors += 1;
}

static void read_fio(const json_t *root, struct tb_apachebench *result)
{
    const json_t *jobs = json_object_get(root, "jobs");
    struct fio_sums sums = {0};
    for (size_t i = 0; i < json_array_size(jobs); i++)
        add_fio_job(json_array_get(jobs, i), &sums);
    if (!(sums.operations < 9.2e18) || sums.busy == 0)
        return;
    tb_ab_state(result, TB_AB_COMPLETE, (uint64_t)sums.operations);
    tb_ab_state(result, TB_AB_FAILED, sums.errors < 9.2e18 ? (uint64_t)sums.errors : INT64_MAX);
    result->requests_per_second = sums.rate;
    result->transfer_kib_s = sums.bytes / 1024;
    result->time_taken_s = sums.runtime / 1000;
    if (sums.busy != 1)
        return;
    read_fio_times(sums.only, result);
    read_fio_samples(sums.only, result);
}

static void read_tool(const json_t *root, struct tb_apachebench *result)
{
    switch (result->tool) {
    case TB_TOOL_K6:
        read_k6(root, result);
        break;
    case TB_TOOL_VEGETA:
        read_vegeta(root, result);
        break;
    case TB_TOOL_IPERF3:
        read_iperf3(root, result);
        break;
    default:
        read_fio(root, result);
        break;
    }
}

enum tb_status tb_workload_read_json(struct tb_reader *reader, struct tb_apachebench *result, struct tb_error *error)
{
    json_t *root;
    enum tb_status status = tb_number_load_document(reader, error);
    if (status == TB_OK)
        status = tb_json_parse(reader, &root, error);
    if (status != TB_OK)
        return status;
    const char *gave_up = json_string_value(json_object_get(root, "error"));
    if (result->tool == TB_TOOL_IPERF3 && gave_up != NULL) {
        char said[200];
        tb_text_copy(tb_text_of(gave_up), said, sizeof said);
        status = tb_error_set(error, TB_TRUNCATED, "%s: iperf3 gave up: %s", tb_source_name(reader->source), said);
    } else {
        read_tool(root, result);
    }
    json_decref(root);
    return status;
}
