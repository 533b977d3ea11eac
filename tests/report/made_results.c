/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/made_results.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "twinbed/results/writer.h"

const char made_hostile_name[] = "</script><b a=\"x\" b='y'>&\n\\N %s \xC3\xA9\xE2\x9C\x93";

enum {
    TESTBEDS = 3,
    FACTORS_MAX = 4,
    PER_RUN = 6,
    INTERVALS = 4,
    INTERVAL = 500000,
    PERCENTS = 101,
    STALLS = 2,
    TRAIL_PACKETS = 60
};

struct made {
    const struct made_options *options;
    uint64_t sizes[TB_DIMENSIONS];
    void *data[TB_FIELDS];
    uint32_t seed;
};

struct made_metric {
    const char *name, *unit, *level, *scale;
    double base, per_byte, factor[TESTBEDS], noise[TESTBEDS];
    bool trace, counter;
};

static const struct made_metric metrics[] = {
    {"requests_per_second",
     "1/s",
     "application",
     "ratio",
     14420,
     -0.0008,
     {1, 0.45, 0.94},
     {0.005, 0.08, 0.01},
     false,
     false},
    {"time_per_request", "ms", "application", "ratio", 0.7, 1e-6, {1, 2.2, 1.06}, {0.005, 0.08, 0.01}, false, false},
    {"request_time_median", "ms", "application", "ratio", 0.6, 1e-6, {1, 2.0, 1.06}, {0.01, 0.05, 0.01}, false, false},
    {"client_reads_per_request",
     "1",
     "operating system",
     "ratio",
     2.0,
     5e-4,
     {1, 0.72, 0.59},
     {0.01, 0.05, 0.02},
     true,
     false},
    {"client_reads", "1", "operating system", "ratio", 800, 0.2, {1, 0.72, 0.59}, {0, 0, 0}, true, false},
    {"client_network_reads_per_request",
     "1",
     "operating system",
     "ratio",
     2.0,
     5e-4,
     {1, 0.72, 0.59},
     {0.01, 0.05, 0.02},
     true,
     false},
    {"server_reads_per_request",
     "1",
     "operating system",
     "ratio",
     3.1,
     0,
     {1, 1.02, 1.01},
     {0.01, 0.01, 0.01},
     true,
     false},
    {"client_context_switches_per_request",
     "1",
     "operating system",
     "ratio",
     1.4,
     2e-4,
     {1, 1.2, 1.12},
     {0.2, 0.3, 0.2},
     true,
     false},
    {"client_read_bytes_per_request", "bytes", "operating system", "ratio", 640, 1, {1, 1, 1}, {0, 0, 0}, true, false},
    {"host_block_write_bytes_per_request",
     "bytes",
     "operating system",
     "ratio",
     12,
     0,
     {1, 1.5, 1.3},
     {0.3, 0.3, 0.3},
     false,
     true},
    {"client_walk_bits_per_transition",
     "bit",
     "operating system",
     "difference",
     0.81,
     0,
     {1, 0.99, 1.07},
     {0.01, 0.01, 0.01},
     true,
     false},
    {"server_payload_per_request", "bytes", "network", "ratio", 142, 1, {1, 1.0004, 1}, {0, 0.0003, 0}, false, false},
    {"server_packets_per_request", "1", "network", "ratio", 5, 6e-5, {1, 1.56, 1.14}, {0.03, 0.08, 0.12}, false, false},
    {"client_packets_per_request", "1", "network", "ratio", 6, 3e-5, {1, 1.2, 1.1}, {0.03, 0.08, 0.12}, false, false},
    {"packets_per_request", "1", "network", "ratio", 11, 9e-5, {1, 1.4, 1.12}, {0.03, 0.08, 0.12}, false, false},
    {"jitter", "ms", "network", "ratio", 0.27, 0, {1, 0.95, 0.4}, {0.05, 0.2, 0.02}, false, false},
    {"jitter_to_server", "ms", "network", "ratio", 0.25, 0, {1, 0.95, 0.4}, {0.05, 0.2, 0.02}, false, false},
};
enum { METRICS = sizeof metrics / sizeof metrics[0] };

static const char *const calls[] = {"accept4", "brk",  "close",  "connect", "epoll_create1", "epoll_ctl", "epoll_wait",
                                    "fcntl",   "mmap", "openat", "read",    "setsockopt",    "socket",    "write"};
enum { CALLS = sizeof calls / sizeof calls[0] };

static const struct made_edge {
    int source, target;
    double weight[TESTBEDS];
} edges[] = {
    {1, 8, {0.4, 0.4, 0.4}},    {1, 4, {0.6, 0.6, 0.6}},     {2, 12, {0.98, 0.97, 0.95}}, {2, 6, {0.02, 0.03, 0.05}},
    {3, 5, {1, 1, 1}},          {4, 12, {1, 1, 1}},          {5, 6, {0.7, 0.72, 0.68}},   {5, 12, {0.3, 0.28, 0.32}},
    {6, 13, {0.35, 0.33, 0.3}}, {6, 10, {0.65, 0.67, 0.66}}, {6, 6, {0, 0, 0.04}},        {7, 3, {0.5, 0.5, 0.5}},
    {7, 7, {0.5, 0.5, 0.5}},    {8, 1, {0.7, 0.7, 0.7}},     {8, 9, {0.3, 0.3, 0.3}},     {9, 10, {1, 1, 1}},
    {10, 10, {0.44, 0.3, 0.2}}, {10, 5, {0.36, 0.5, 0.7}},   {10, 2, {0.2, 0.2, 0.0995}}, {10, 11, {0, 0, 0.0005}},
    {11, 7, {0, 1, 1}},         {12, 7, {1, 0.8, 0.8}},      {12, 11, {0, 0.2, 0.2}},     {13, 5, {1, 1, 1}},
};
enum { EDGES = sizeof edges / sizeof edges[0] };

static double draw(struct made *made)
{
    made->seed = made->seed * 1664525u + 1013904223u;
    return (double)(made->seed >> 8) / 16777216.0 - 0.5;
}

static uint64_t values_of(const struct made *made, enum tb_field field)
{
    uint64_t count = 1;
    for (unsigned i = 0; i < tb_field_describe(field)->rank; i++)
        count *= made->sizes[tb_field_describe(field)->dimensions[i]];
    return count;
}

static int32_t *whole(struct made *made, enum tb_field field)
{
    return made->data[field];
}

static int64_t *large(struct made *made, enum tb_field field)
{
    return made->data[field];
}

static double *real(struct made *made, enum tb_field field)
{
    return made->data[field];
}

__attribute__((format(printf, 4, 5))) static void text(struct made *made, enum tb_field field, uint64_t i,
                                                       const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char **texts = made->data[field];
    free(texts[i]);
    if (vasprintf(&texts[i], format, arguments) < 0)
        texts[i] = NULL;
    va_end(arguments);
}

/* There is no row that it could point to. */
static bool is_index_of_nothing(const struct made *made, enum tb_field field)
{
    const struct tb_field_description *description = tb_field_describe(field);
    return description->domain == TB_DOMAIN_INDEX_OR_NONE && made->sizes[description->target] == 0;
}

static bool allocate(struct made *made)
{
    for (int f = 0; f < TB_FIELDS; f++) {
        enum tb_field field = (enum tb_field)f;
        uint64_t count = values_of(made, field);
        made->data[f] = calloc(count + 1, sizeof(double));
        if (made->data[f] == NULL)
            return false;
        if (tb_field_describe(field)->type == TB_TYPE_FLOAT64)
            for (uint64_t i = 0; i < count; i++)
                ((double *)made->data[f])[i] = NAN;
        if (is_index_of_nothing(made, field))
            for (uint64_t i = 0; i < count; i++)
                ((int32_t *)made->data[f])[i] = -1;
    }
    return true;
}

static void release(struct made *made)
{
    for (int f = 0; f < TB_FIELDS; f++) {
        if (made->data[f] != NULL && tb_field_describe((enum tb_field)f)->type == TB_TYPE_TEXT)
            for (uint64_t i = 0; i < values_of(made, (enum tb_field)f); i++)
                free(((char **)made->data[f])[i]);
        free(made->data[f]);
    }
}

static const char *const size_texts[] = {"500B", "1MB", "16MB"};
static const double size_numbers[] = {500, 1048576, 16777216};

struct level {
    size_t link, size, bare, clients;
};

static struct level level_of(const struct made *made, uint64_t scenario)
{
    const struct made_options *options = made->options;
    struct level level = {0};
    level.clients = scenario % options->clients;
    scenario /= options->clients;
    if (options->instrumented) {
        level.bare = scenario % 2;
        scenario /= 2;
    }
    if (options->sizes) {
        level.size = scenario % 3;
        scenario /= 3;
    }
    if (options->link)
        level.link = (options->together ? level.clients : scenario) % 2;
    return level;
}

static void put_factor(struct made *made, uint64_t factor, const char *name, const char *unit)
{
    text(made, TB_FIELD_FACTOR_NAME, factor, "%s", name);
    text(made, TB_FIELD_FACTOR_UNIT, factor, "%s", unit);
}

static void put_level(struct made *made, uint64_t scenario, uint64_t factor, double number, const char *level)
{
    uint64_t at = scenario * made->sizes[TB_DIMENSION_FACTOR] + factor;
    text(made, TB_FIELD_SCENARIO_LEVEL_TEXT, at, "%s", level);
    real(made, TB_FIELD_SCENARIO_LEVEL_NUMBER)[at] = number;
}

static void fill_scenario(struct made *made, uint64_t s)
{
    const struct made_options *options = made->options;
    struct level level = level_of(made, s);
    uint64_t factor = 0;
    char clients[24];
    snprintf(clients, sizeof clients, "%zu", 1 + 3 * level.clients);
    if (options->link) {
        put_factor(made, factor, "link", "bit/s");
        put_level(made, s, factor++, level.link ? 1e10 : 1e9, level.link ? "10Gbps" : "1Gbps");
    }
    if (options->sizes) {
        put_factor(made, factor, "size", "bytes");
        put_level(made, s, factor++, size_numbers[level.size], size_texts[level.size]);
    }
    if (options->instrumented) {
        put_factor(made, factor, "instrumented", "");
        put_level(made, s, factor++, level.bare ? 0 : 1, level.bare ? "false" : "true");
    }
    put_factor(made, factor, options->hostile ? made_hostile_name : "clients", "");
    put_level(made, s, factor, 1 + 3 * (double)level.clients, options->hostile ? made_hostile_name : clients);
    text(made, TB_FIELD_SCENARIO_NAME, s, "size=%s, clients=%s", size_texts[level.size], clients);
}

static void fill_campaign(struct made *made)
{
    static const char *const names[] = {"physical", "e1000", "virtio"};
    uint64_t repetitions = made->options->repetitions;
    for (uint64_t t = 0; t < TESTBEDS; t++)
        text(made, TB_FIELD_TESTBED_NAME, t, "%s", made->options->hostile && t == 1 ? made_hostile_name : names[t]);
    for (uint64_t s = 0; s < made->sizes[TB_DIMENSION_SCENARIO]; s++)
        fill_scenario(made, s);
    for (uint64_t c = 0; c < made->sizes[TB_DIMENSION_CELL]; c++) {
        whole(made, TB_FIELD_CELL_TESTBED)[c] = (int32_t)(c % TESTBEDS);
        whole(made, TB_FIELD_CELL_SCENARIO)[c] = (int32_t)(c / TESTBEDS);
        whole(made, TB_FIELD_CELL_RUNS)[c] = (int32_t)repetitions;
    }
    for (uint64_t r = 0; r < made->sizes[TB_DIMENSION_RUN]; r++) {
        uint64_t cell = r / repetitions;
        text(made, TB_FIELD_RUN_NAME, r, "%s/scenario-%d/rep-%02d", names[cell % TESTBEDS], (int)(cell / TESTBEDS),
             (int)(r % repetitions) + 1);
        whole(made, TB_FIELD_RUN_TESTBED)[r] = (int32_t)(cell % TESTBEDS);
        whole(made, TB_FIELD_RUN_SCENARIO)[r] = (int32_t)(cell / TESTBEDS);
        whole(made, TB_FIELD_RUN_CELL)[r] = (int32_t)cell;
        whole(made, TB_FIELD_RUN_PAIRS)[r] = 1;
        text(made, TB_FIELD_RUN_REPETITION, r, "rep-%02d", (int)(r % repetitions) + 1);
        bool discarded = r == repetitions + 1;
        whole(made, TB_FIELD_RUN_DISCARDED)[r] = discarded;
        whole(made, TB_FIELD_RUN_STALLED)[r] = discarded;
        if (discarded)
            text(made, TB_FIELD_RUN_DISCARD_REASON, r, "the adapter was reset <twice>");
    }
}

static bool metric_exists(const struct made *made, const struct made_metric *metric, uint64_t scenario)
{
    bool bare = level_of(made, scenario).bare == 1;
    if (strcmp(metric->level, "application") == 0)
        return true;
    return !bare && (!metric->trace || made->options->traces) && (!metric->counter || made->options->counters);
}

static double metric_value(struct made *made, const struct made_metric *metric, uint64_t scenario, uint64_t testbed)
{
    struct level level = level_of(made, scenario);
    double value = metric->base + metric->per_byte * size_numbers[level.size];
    if (metric == &metrics[0])
        value = metric->base / (1 + size_numbers[level.size] / 8000);
    value *= level.bare ? 1.1 : 1;
    return value * metric->factor[testbed] * (1 + metric->noise[testbed] * draw(made));
}

static void fill_metrics(struct made *made)
{
    for (uint64_t m = 0; m < METRICS; m++) {
        text(made, TB_FIELD_METRICS_METRIC_NAME, m, "%s", metrics[m].name);
        text(made, TB_FIELD_METRICS_METRIC_UNIT, m, "%s", metrics[m].unit);
        text(made, TB_FIELD_METRICS_METRIC_LEVEL, m, "%s", metrics[m].level);
        text(made, TB_FIELD_METRICS_METRIC_SCALE, m, "%s", metrics[m].scale);
        text(made, TB_FIELD_METRICS_METRIC_DESCRIPTION, m, "One sentence about %s.", metrics[m].name);
        real(made, TB_FIELD_METRICS_METRIC_THRESHOLD)[m] = 0.1;
        whole(made, TB_FIELD_METRICS_METRIC_FAMILY)[m] = m != 1 && m != 2;
    }
    for (uint64_t r = 0; r < made->sizes[TB_DIMENSION_RUN]; r++) {
        uint64_t scenario = r / made->options->repetitions / TESTBEDS;
        if (whole(made, TB_FIELD_RUN_DISCARDED)[r])
            continue;
        for (uint64_t m = 0; m < METRICS; m++)
            if (metric_exists(made, &metrics[m], scenario))
                real(made, TB_FIELD_METRICS_RUN_VALUE)[r * METRICS + m] =
                    metric_value(made, &metrics[m], scenario, (uint64_t)whole(made, TB_FIELD_RUN_TESTBED)[r]);
    }
}

static void summarise(struct made *made, uint64_t cell, uint64_t metric)
{
    uint64_t at = cell * METRICS + metric;
    double sum = 0, squares = 0;
    int32_t n = 0;
    for (uint64_t i = 0; i < made->options->repetitions; i++) {
        double value =
            real(made, TB_FIELD_METRICS_RUN_VALUE)[(cell * made->options->repetitions + i) * METRICS + metric];
        if (isnan(value))
            continue;
        sum += value;
        squares += value * value;
        n++;
    }
    whole(made, TB_FIELD_COMPARISON_N)[at] = n;
    if (n == 0)
        return;
    double mean = sum / n;
    double variance = n > 1 ? fmax(0, squares - sum * mean) / (n - 1) : 0;
    double error = sqrt(variance / n);
    real(made, TB_FIELD_COMPARISON_MEAN)[at] = mean;
    real(made, TB_FIELD_COMPARISON_DEVIATION)[at] = sqrt(variance);
    real(made, TB_FIELD_COMPARISON_NORMAL_LOW)[at] = mean - 1.96 * error;
    real(made, TB_FIELD_COMPARISON_NORMAL_HIGH)[at] = mean + 1.96 * error;
    real(made, TB_FIELD_COMPARISON_T_LOW)[at] = mean - 2.26 * error;
    real(made, TB_FIELD_COMPARISON_T_HIGH)[at] = mean + 2.26 * error;
}

/* One metric is too noisy for any verdict, one has too few values; by the published signs both look well. */
static void decide_nothing(struct made *made, uint64_t at, const char *metric)
{
    const bool noisy = strcmp(metric, "server_packets_per_request") == 0;
    const bool few = strcmp(metric, "jitter_to_server") == 0;
    if (!noisy && !few)
        return;
    whole(made, TB_FIELD_COMPARISON_VERDICT)[at] = 3;
    whole(made, TB_FIELD_COMPARISON_REASON)[at] = few ? 5 : 0;
    whole(made, TB_FIELD_COMPARISON_CLOSE)[at] = 1;
    whole(made, TB_FIELD_COMPARISON_INTERVALS_OVERLAP)[at] = 1;
}

static void compare(struct made *made, uint64_t contrast, uint64_t cell, uint64_t reference, uint64_t metric)
{
    uint64_t at = contrast * METRICS + metric, a = cell * METRICS + metric, b = reference * METRICS + metric;
    whole(made, TB_FIELD_COMPARISON_CLOSE)[at] = -1;
    whole(made, TB_FIELD_COMPARISON_INTERVALS_OVERLAP)[at] = -1;
    whole(made, TB_FIELD_COMPARISON_REASON)[at] = 1;
    if (whole(made, TB_FIELD_COMPARISON_N)[a] == 0 || whole(made, TB_FIELD_COMPARISON_N)[b] == 0)
        return;
    const double *mean = real(made, TB_FIELD_COMPARISON_MEAN);
    bool difference = strcmp(metrics[metric].scale, "difference") == 0;
    whole(made, TB_FIELD_COMPARISON_REASON)[at] = 0;
    real(made, TB_FIELD_COMPARISON_DIFFERENCE)[at] = mean[a] - mean[b];
    if (difference) /* of what is equal, calculated in another order */
        real(made, TB_FIELD_COMPARISON_DIFFERENCE)[at] = -1.1e-16;
    if (!difference)
        real(made, TB_FIELD_COMPARISON_RATIO)[at] = mean[a] / mean[b];
    real(made, TB_FIELD_COMPARISON_RELATIVE_LOSS)[at] = (mean[b] - mean[a]) / mean[b];
    whole(made, TB_FIELD_COMPARISON_CLOSE)[at] = fabs(mean[a] - mean[b]) <= (difference ? 0.1 : 0.1 * mean[b]);
    whole(made, TB_FIELD_COMPARISON_INTERVALS_OVERLAP)[at] =
        real(made, TB_FIELD_COMPARISON_NORMAL_LOW)[a] <= real(made, TB_FIELD_COMPARISON_NORMAL_HIGH)[b] &&
        real(made, TB_FIELD_COMPARISON_NORMAL_LOW)[b] <= real(made, TB_FIELD_COMPARISON_NORMAL_HIGH)[a];
    real(made, TB_FIELD_COMPARISON_FIELLER_LOW)[at] = 0.98 * mean[a] / mean[b];
    real(made, TB_FIELD_COMPARISON_FIELLER_HIGH)[at] = 1.02 * mean[a] / mean[b];
    real(made, TB_FIELD_COMPARISON_EQUIVALENCE_P)[at] = 0.03;
    whole(made, TB_FIELD_COMPARISON_VERDICT)[at] = whole(made, TB_FIELD_COMPARISON_CLOSE)[at] ? 1 : 2;
    decide_nothing(made, at, metrics[metric].name);
}

static void put_contrast(struct made *made, uint64_t contrast, uint64_t cell, uint64_t reference, int32_t factor)
{
    text(made, TB_FIELD_COMPARISON_CONTRAST_NAME, contrast, "cell %d with cell %d", (int)cell, (int)reference);
    whole(made, TB_FIELD_COMPARISON_CONTRAST_KIND)[contrast] = factor >= 0;
    whole(made, TB_FIELD_COMPARISON_CONTRAST_FACTOR)[contrast] = factor;
    whole(made, TB_FIELD_COMPARISON_CONTRAST_CELL)[contrast] = (int32_t)cell;
    whole(made, TB_FIELD_COMPARISON_CONTRAST_REFERENCE)[contrast] = (int32_t)reference;
    for (uint64_t m = 0; m < METRICS; m++)
        compare(made, contrast, cell, reference, m);
}

static void fill_comparison(struct made *made)
{
    uint64_t contrast = 0;
    for (uint64_t c = 0; c < made->sizes[TB_DIMENSION_CELL]; c++)
        for (uint64_t m = 0; m < METRICS; m++)
            summarise(made, c, m);
    for (uint64_t c = 0; c < made->sizes[TB_DIMENSION_CELL]; c++)
        if (c % TESTBEDS != 0)
            put_contrast(made, contrast++, c, c - c % TESTBEDS, -1);
    if (!made->options->instrumented)
        return;
    int32_t factor = made->options->link + made->options->sizes;
    for (uint64_t c = 0; c < made->sizes[TB_DIMENSION_CELL]; c++)
        if (level_of(made, c / TESTBEDS).bare == 0)
            put_contrast(made, contrast++, c, c + made->options->clients * TESTBEDS, factor);
}

/* Shares that fall by half from term to term. */
static void fill_sensitivity(struct made *made)
{
    uint64_t terms = made->sizes[TB_DIMENSION_TERM];
    for (uint64_t t = 0; t < terms; t++) {
        text(made, TB_FIELD_SENSITIVITY_TERM_NAME, t, "%s",
             made->options->hostile && t == 1 ? made_hostile_name
             : t == 0                         ? "testbed"
             : t == 1                         ? "clients"
                                              : "repetition");
        whole(made, TB_FIELD_SENSITIVITY_TERM_RANK)[t] = (int32_t)(terms - t);
        whole(made, TB_FIELD_SENSITIVITY_TERM_METRICS)[t] = METRICS;
        real(made, TB_FIELD_SENSITIVITY_TERM_MEAN_SHARE)[t] = (double)(t + 1) / (double)(terms * terms);
        for (uint64_t m = 0; m < METRICS - 1; m++) {
            whole(made, TB_FIELD_SENSITIVITY_RANK)[m * terms + t] = (int32_t)t + 1;
            real(made, TB_FIELD_SENSITIVITY_SHARE)[m * terms + t] = 0.321 / (double)(t + 1);
            real(made, TB_FIELD_SENSITIVITY_P)[m * terms + t] = 0.0123;
        }
    }
    for (uint64_t i = 0; i < made->sizes[TB_DIMENSION_RUN] * METRICS; i++) {
        whole(made, TB_FIELD_COMPARISON_OUTLYING)[i] = i == 2 || i == 3 ? 1 : 0;
        real(made, TB_FIELD_COMPARISON_OUTLIER_SCORE)[i] = i == 2 ? 4.25 : i == 3 ? -17.5 : 0;
    }
}

static void fill_artifacts(struct made *made)
{
    static const char *const kinds[] = {"ab", "latency", "capture", "trace", "trace", "counters"};
    static const char *const roles[] = {"none", "none", "none", "client", "server", "host"};
    for (uint64_t a = 0; a < made->sizes[TB_DIMENSION_ARTIFACT]; a++) {
        uint64_t run = a / PER_RUN, kind = a % PER_RUN;
        bool asked = kind < 3 || (kind < 5 ? made->options->traces : made->options->counters);
        int32_t state = !asked ? 1 : a % 97 == 2 ? 3 : a % 89 == 3 ? 2 : 0;
        whole(made, TB_FIELD_ARTIFACT_RUN)[a] = (int32_t)run;
        text(made, TB_FIELD_ARTIFACT_KIND, a, "%s", kinds[kind]);
        text(made, TB_FIELD_ARTIFACT_ROLE, a, "%s", roles[kind]);
        text(made, TB_FIELD_ARTIFACT_POINT, a, "%s", kind == 2 ? "link" : "none");
        text(made, TB_FIELD_ARTIFACT_PATH, a, "run-%d/%s.bin", (int)run, kinds[kind]);
        text(made, TB_FIELD_FORMAT, a, "%s", state == 1 ? "" : "pcap 2.4");
        whole(made, TB_FIELD_ARTIFACT_STATE)[a] = state;
        whole(made, TB_FIELD_DAMAGE)[a] = state == 2;
        large(made, TB_FIELD_DAMAGE_OFFSET)[a] = state == 2 ? 812345 : -1;
        if (state == 3)
            real(made, TB_FIELD_COVERAGE)[a] = 0.933;
        if (state != 0)
            text(made, TB_FIELD_ARTIFACT_REASON, a, "%s",
                 state == 1   ? "no such file"
                 : state == 2 ? "the file ends inside a record"
                              : "it covers 93.3 % of the requests");
        if (state == 1)
            continue;
        text(made, TB_FIELD_INPUT_DIGEST, a, "digest-of-%d", (int)a);
        large(made, TB_FIELD_FILE_BYTES)[a] = large(made, TB_FIELD_STREAM_BYTES)[a] = 900000;
        large(made, TB_FIELD_SKIPPED_BYTES)[a] = 100000;
        large(made, TB_FIELD_DAMAGED_BYTES)[a] = state == 2 ? 87655 : 0;
        large(made, TB_FIELD_DECODED_BYTES)[a] = state == 2 ? 712345 : 800000;
    }
}

static bool stands_still(const struct made *made, uint64_t run)
{
    return run / made->options->repetitions % TESTBEDS == 1;
}

/* Segments of the second testbed are half as large. */
static void fill_captures(struct made *made)
{
    uint64_t stall = 0;
    for (uint64_t run = 0; run < made->sizes[TB_DIMENSION_CAPTURE]; run++) {
        const bool still = stands_still(made, run);
        whole(made, TB_FIELD_CAPTURE_ARTIFACT)[run] = (int32_t)(run * PER_RUN + 2);
        real(made, TB_FIELD_CAPTURE_DURATION)[run] = 60;
        for (uint64_t p = 0; p < PERCENTS; p++) {
            real(made, TB_FIELD_CAPTURE_SERVER_SEGMENT)[run * PERCENTS + p] = (still ? 7 : 14) * ((double)p + 1);
            real(made, TB_FIELD_CAPTURE_SERVER_RTT)[run * PERCENTS + p] = 1e-4 * ((double)p + 1);
            real(made, TB_FIELD_CAPTURE_SERVER_GAP)[run * PERCENTS + p] = 2e-4 * ((double)p + 1);
        }
        for (uint64_t i = 0; still && i < STALLS; i++, stall++) {
            whole(made, TB_FIELD_STALL_ARTIFACT)[stall] = (int32_t)(run * PER_RUN + 2);
            real(made, TB_FIELD_STALL_OFFSET)[stall] = 10 + (double)i;
            real(made, TB_FIELD_STALL_DURATION)[stall] = 6 + 4 * (double)run;
        }
    }
}

/* The server sends a segment every 200 ms, the 20th of them three times, and its client acknowledges every other. */
static void fill_trail(struct made *made)
{
    enum { SEGMENT = 1448, LOST = 40 };
    uint64_t run = 0;
    while (!stands_still(made, run))
        run++;
    whole(made, TB_FIELD_TRAIL_ARTIFACT)[0] = (int32_t)(run * PER_RUN + 2);
    text(made, TB_FIELD_TRAIL_CLIENT, 0, "10.0.0.2:40000");
    text(made, TB_FIELD_TRAIL_SERVER, 0, "10.0.0.1:80");
    real(made, TB_FIELD_TRAIL_DURATION)[0] = 6;
    whole(made, TB_FIELD_TRAIL_LEFT_OUT)[0] = 1;
    for (uint64_t i = 0; i < TRAIL_PACKETS; i++) {
        const bool acknowledges = i % 2 == 1, again = i == LOST + 2 || i == LOST + 4;
        const int64_t segment = again ? LOST / 2 : i > LOST + 4 ? (int64_t)i / 2 - 2 : (int64_t)i / 2;
        whole(made, TB_FIELD_TRAIL_PACKET_TRAIL)[i] = 0;
        whole(made, TB_FIELD_TRAIL_PACKET_FROM_SERVER)[i] = !acknowledges;
        whole(made, TB_FIELD_TRAIL_PACKET_REPEATED)[i] = again;
        whole(made, TB_FIELD_TRAIL_PACKET_TCP_FLAGS)[i] = 16;
        real(made, TB_FIELD_TRAIL_PACKET_TIME)[i] = 0.1 * ((double)i - LOST) + (i > LOST + 3 ? 6 : 0);
        large(made, TB_FIELD_TRAIL_PACKET_PAYLOAD)[i] = acknowledges ? 0 : SEGMENT;
        large(made, TB_FIELD_TRAIL_PACKET_SEQUENCE)[i] = acknowledges ? 18 : segment * SEGMENT;
        real(made, TB_FIELD_TRAIL_PACKET_ACKNOWLEDGED)[i] =
            acknowledges ? (double)(i > LOST && i < LOST + 5 ? LOST / 2 : segment + 1) * SEGMENT : 18;
    }
}

/* Two chains a cell; the last chain is one run's alone, which the page leaves to the file. */
static void fill_chain(struct made *made, uint64_t chain, uint64_t *edge)
{
    const bool of_run = chain + 1 == made->sizes[TB_DIMENSION_CHAIN];
    uint64_t cell = of_run ? 0 : chain / 2, testbed = cell % TESTBEDS;
    whole(made, TB_FIELD_CHAIN_RUN)[chain] = of_run ? 0 : -1;
    whole(made, TB_FIELD_CHAIN_PAIR)[chain] = of_run ? 0 : -1;
    whole(made, TB_FIELD_CHAIN_CELL)[chain] = (int32_t)cell;
    whole(made, TB_FIELD_CHAIN_ROLE)[chain] = 1 + (int32_t)(chain % 2);
    whole(made, TB_FIELD_CHAIN_ORDER)[chain] = of_run ? 0 : 1; /* lower than those of cells */
    whole(made, TB_FIELD_CHAIN_SEQUENCES)[chain] = (int32_t)made->options->repetitions;
    large(made, TB_FIELD_CHAIN_TRANSITIONS)[chain] = 1234567;
    whole(made, TB_FIELD_CHAIN_STATES)[chain] = CALLS;
    whole(made, TB_FIELD_CHAIN_EDGES)[chain] = EDGES;
    whole(made, TB_FIELD_CHAIN_PRUNED_EDGES)[chain] = EDGES - 3;
    for (int e = 0; e < EDGES; e++, (*edge)++) {
        double weight = edges[e].weight[testbed];
        whole(made, TB_FIELD_EDGE_CHAIN)[*edge] = (int32_t)chain;
        whole(made, TB_FIELD_EDGE_SOURCE)[*edge] = edges[e].source;
        whole(made, TB_FIELD_EDGE_TARGET)[*edge] = edges[e].target;
        large(made, TB_FIELD_EDGE_COUNT)[*edge] = (int64_t)(weight * 100000);
        real(made, TB_FIELD_EDGE_WEIGHT)[*edge] = weight;
        real(made, TB_FIELD_EDGE_PRUNED_WEIGHT)[*edge] = weight < 0.001 ? 0 : weight;
    }
}

static void fill_walk_set(struct made *made, uint64_t set)
{
    uint64_t testbed = set % TESTBEDS, window = set / TESTBEDS;
    whole(made, TB_FIELD_WALK_SET_WINDOW)[set] = (int32_t)window;
    whole(made, TB_FIELD_WALK_SET_TESTBED)[set] = (int32_t)testbed;
    whole(made, TB_FIELD_WALK_SET_ORDER)[set] = 1;
    large(made, TB_FIELD_WALK_SET_WALKS)[set] = 100;
    large(made, TB_FIELD_WALK_SET_WALKS_OFF_DIAGONAL)[set] = testbed == 0 ? 90 : 100;
    large(made, TB_FIELD_WALK_SET_VALID_OFF_DIAGONAL)[set] = window % 4 == 3 ? 0 : 74;
    large(made, TB_FIELD_WALK_SET_WITH_INVALID)[set] = window % 2 == 0 ? 26 : 0;
    large(made, TB_FIELD_WALK_SET_INVALID_TRANSITIONS)[set] = window % 2 == 0 ? 1032 : 0;
    whole(made, TB_FIELD_WALK_SET_REASON)[set] = testbed == 0 ? 1 : window % 4 == 3 ? 2 : 0;
    if (testbed == 0 || window % 4 == 3)
        return;
    real(made, TB_FIELD_WALK_SET_LOG10_RELATIVE)[set] = testbed == 1 ? 5531 : -33288;
    real(made, TB_FIELD_WALK_SET_LOG10_RELATIVE_OFF_DIAGONAL)[set] = testbed == 1 ? 5402.4 : 0.25;
    real(made, TB_FIELD_WALK_SET_MEAN_BITS_PER_TRANSITION)[set] = 0.8123;
    real(made, TB_FIELD_WALK_SET_BITS_DIFFERENCE)[set] = testbed == 1 ? -0.0092 : 0.0553;
}

/* The client of every run in intervals; the second testbed departs in the third by a bit. */
static void fill_profile(struct made *made, uint64_t i)
{
    const uint64_t run = i / INTERVALS, interval = i % INTERVALS;
    const bool departs = run / made->options->repetitions % TESTBEDS == 1 && interval == 2;
    whole(made, TB_FIELD_WALK_PROFILE_RUN)[i] = (int32_t)run;
    whole(made, TB_FIELD_WALK_PROFILE_ROLE)[i] = 1;
    whole(made, TB_FIELD_WALK_PROFILE_ORDER)[i] = 1;
    large(made, TB_FIELD_WALK_PROFILE_BEGIN)[i] = (int64_t)interval * INTERVAL;
    large(made, TB_FIELD_WALK_PROFILE_CALLS)[i] = INTERVAL;
    real(made, TB_FIELD_WALK_PROFILE_BITS_PER_TRANSITION)[i] = departs ? 2.75 : 1.5;
    real(made, TB_FIELD_WALK_PROFILE_INVALID_TRANSITIONS)[i] = departs ? 321 : 0;
}

/* Two in each set of sequences of the first testbed beside the baseline. */
static void fill_invalid(struct made *made, uint64_t i)
{
    whole(made, TB_FIELD_INVALID_SET)[i] = (int32_t)(i / 2 * TESTBEDS) + 1;
    whole(made, TB_FIELD_INVALID_SOURCE)[i] = i % 2 == 0 ? -1 : 2;
    whole(made, TB_FIELD_INVALID_TARGET)[i] = 3;
    large(made, TB_FIELD_INVALID_OCCURRENCES)[i] = i % 2 == 0 ? 17 : 4713;
    large(made, TB_FIELD_INVALID_WALKS)[i] = 26;
}

static void fill_traces(struct made *made)
{
    uint64_t edge = 0;
    for (uint64_t i = 0; i < made->sizes[TB_DIMENSION_STATE]; i++) {
        text(made, TB_FIELD_STATE_LABEL, i, "%s", made->options->hostile && i == 2 ? made_hostile_name : calls[i]);
        whole(made, TB_FIELD_STATE_ORDER)[i] = 1;
    }
    for (uint64_t i = 0; i < made->sizes[TB_DIMENSION_CHAIN]; i++)
        fill_chain(made, i, &edge);
    for (uint64_t w = 0; w < made->sizes[TB_DIMENSION_WINDOW]; w++) {
        whole(made, TB_FIELD_WINDOW_SCENARIO)[w] = (int32_t)(w / 2);
        whole(made, TB_FIELD_WINDOW_ROLE)[w] = 1;
        whole(made, TB_FIELD_WINDOW_SETTING)[w] = (int32_t)(w % 2);
        large(made, TB_FIELD_WINDOW_SKIP)[w] = w % 2 == 0 ? 0 : 1000000;
        large(made, TB_FIELD_WINDOW_LIMIT)[w] = 2000000;
        whole(made, TB_FIELD_WINDOW_SEQUENCES)[w] = 30;
        whole(made, TB_FIELD_WINDOW_SHORT)[w] = w % 2 == 0 ? 0 : 2;
    }
    for (uint64_t i = 0; i < made->sizes[TB_DIMENSION_WALK_SET]; i++)
        fill_walk_set(made, i);
    for (uint64_t i = 0; i < made->sizes[TB_DIMENSION_INVALID]; i++)
        fill_invalid(made, i);
    for (uint64_t i = 0; i < made->sizes[TB_DIMENSION_WALK_PROFILE]; i++)
        fill_profile(made, i);
}

/* Two testbeds beside the baseline in every scenario, client and server. */
static void fill_chain_comparison(struct made *made, uint64_t i)
{
    const int32_t scenario = (int32_t)(i / 4), testbed = 1 + (int32_t)(i % 2), role = 1 + (int32_t)(i / 2 % 2);
    whole(made, TB_FIELD_CHAIN_COMPARISON_SCENARIO)[i] = whole(made, TB_FIELD_RUN_TEST_SCENARIO)[i] = scenario;
    whole(made, TB_FIELD_CHAIN_COMPARISON_TESTBED)[i] = whole(made, TB_FIELD_RUN_TEST_TESTBED)[i] = testbed;
    whole(made, TB_FIELD_CHAIN_COMPARISON_ROLE)[i] = whole(made, TB_FIELD_RUN_TEST_ROLE)[i] = role;
    whole(made, TB_FIELD_CHAIN_COMPARISON_ORDER)[i] = whole(made, TB_FIELD_RUN_TEST_ORDER)[i] = 1;
    whole(made, TB_FIELD_CHAIN_COMPARISON_COMMON_EDGES)[i] = 78;
    whole(made, TB_FIELD_CHAIN_COMPARISON_ONLY_EDGES)[i] = role == 1 ? 0 : 13;
    whole(made, TB_FIELD_CHAIN_COMPARISON_BASELINE_ONLY_EDGES)[i] = role == 1 ? 0 : 9;
    real(made, TB_FIELD_CHAIN_COMPARISON_EDGE_DISAGREEMENT)[i] = role == 1 ? 0 : 0.22;
    real(made, TB_FIELD_CHAIN_COMPARISON_PRUNED_EDGE_DISAGREEMENT)[i] = NAN;
    real(made, TB_FIELD_CHAIN_COMPARISON_DIVERGENCE)[i] = 0.0213;
    real(made, TB_FIELD_RUN_TEST_BETWEEN)[i] = 0.0245;
    real(made, TB_FIELD_RUN_TEST_BASELINE_WITHIN)[i] = 0.004;
    real(made, TB_FIELD_RUN_TEST_TIMES_NORMAL)[i] = role == 1 ? NAN : 6.125;
    real(made, TB_FIELD_RUN_TEST_P)[i] = role == 1 ? NAN : 0.0286;
    large(made, TB_FIELD_RUN_TEST_LABELINGS)[i] = 70;
    whole(made, TB_FIELD_RUN_TEST_EXACT)[i] = 1;
}

static void fill_run_place(struct made *made, uint64_t i)
{
    whole(made, TB_FIELD_RUN_PLACE_ROLE)[i] = 1;
    whole(made, TB_FIELD_RUN_PLACE_ORDER)[i] = 1;
    whole(made, TB_FIELD_RUN_PLACE_RUN)[i] = (int32_t)i;
    real(made, TB_FIELD_RUN_PLACE_X)[i] = (double)(i % 7) / 10;
    real(made, TB_FIELD_RUN_PLACE_Y)[i] = (double)(i % 3) / 10;
    real(made, TB_FIELD_RUN_PLACE_X_SHARE)[i] = 0.75;
    real(made, TB_FIELD_RUN_PLACE_Y_SHARE)[i] = 0.125;
}

/* Two calls in every contrast. */
static void fill_call_difference(struct made *made, uint64_t i)
{
    whole(made, TB_FIELD_CALL_DIFFERENCE_CONTRAST)[i] = (int32_t)(i / 2);
    whole(made, TB_FIELD_CALL_DIFFERENCE_ROLE)[i] = 1;
    whole(made, TB_FIELD_CALL_DIFFERENCE_RANK)[i] = 1 + (int32_t)(i % 2);
    whole(made, TB_FIELD_CALL_DIFFERENCE_CALL)[i] = 2 + (int32_t)(i % 2);
    large(made, TB_FIELD_CALL_DIFFERENCE_COUNT)[i] = 31396;
    large(made, TB_FIELD_CALL_DIFFERENCE_REFERENCE_COUNT)[i] = 8602;
    real(made, TB_FIELD_CALL_DIFFERENCE_PER_REQUEST)[i] = 52.33;
    real(made, TB_FIELD_CALL_DIFFERENCE_REFERENCE_PER_REQUEST)[i] = 14.34;
    real(made, TB_FIELD_CALL_DIFFERENCE_DIFFERENCE)[i] = 37.99;
    real(made, TB_FIELD_CALL_DIFFERENCE_SHARE)[i] = i % 2 == 0 ? 0.66 : 0.34;
}

/* Two calls in every comparison of chains. */
static void fill_walk_difference(struct made *made, uint64_t i)
{
    whole(made, TB_FIELD_WALK_DIFFERENCE_COMPARISON)[i] = (int32_t)(i / 2);
    whole(made, TB_FIELD_WALK_DIFFERENCE_RANK)[i] = 1 + (int32_t)(i % 2);
    whole(made, TB_FIELD_WALK_DIFFERENCE_CALL)[i] = 2 + (int32_t)(i % 2);
    large(made, TB_FIELD_WALK_DIFFERENCE_COUNT)[i] = 31396;
    large(made, TB_FIELD_WALK_DIFFERENCE_BASELINE_COUNT)[i] = 8602;
    real(made, TB_FIELD_WALK_DIFFERENCE_BITS)[i] = i % 2 == 0 ? 0.0317 : -0.0083;
    real(made, TB_FIELD_WALK_DIFFERENCE_SHARE)[i] = i % 2 == 0 ? 0.79 : 0.21;
}

static void fill_comparisons_of_traces(struct made *made)
{
    for (uint64_t i = 0; i < made->sizes[TB_DIMENSION_CALL]; i++)
        text(made, TB_FIELD_CALL_NAME, i, "%s", made->options->hostile && i == 2 ? made_hostile_name : calls[i]);
    for (uint64_t i = 0; i < made->sizes[TB_DIMENSION_CHAIN_COMPARISON]; i++)
        fill_chain_comparison(made, i);
    for (uint64_t i = 0; i < made->sizes[TB_DIMENSION_RUN_PLACE]; i++)
        fill_run_place(made, i);
    for (uint64_t i = 0; i < made->sizes[TB_DIMENSION_CALL_DIFFERENCE]; i++)
        fill_call_difference(made, i);
    for (uint64_t i = 0; i < made->sizes[TB_DIMENSION_WALK_DIFFERENCE]; i++)
        fill_walk_difference(made, i);
}

static void count(struct made *made)
{
    const struct made_options *options = made->options;
    uint64_t *sizes = made->sizes;
    sizes[TB_DIMENSION_ADDRESS_BYTE] = 16;
    if (options->empty)
        return;
    uint64_t scenarios = options->clients * (options->instrumented ? 2 : 1) * (options->sizes ? 3 : 1) *
                         (options->link && !options->together ? 2 : 1);
    sizes[TB_DIMENSION_TESTBED] = TESTBEDS;
    sizes[TB_DIMENSION_FACTOR] = (uint64_t)1 + options->instrumented + options->sizes + options->link;
    sizes[TB_DIMENSION_SCENARIO] = scenarios;
    sizes[TB_DIMENSION_CELL] = scenarios * TESTBEDS;
    sizes[TB_DIMENSION_RUN] = sizes[TB_DIMENSION_CELL] * options->repetitions;
    sizes[TB_DIMENSION_PAIR] = 1;
    sizes[TB_DIMENSION_METRIC] = METRICS;
    sizes[TB_DIMENSION_TERM] = options->sizes ? 3 : 0;
    sizes[TB_DIMENSION_CONTRAST] = scenarios * (TESTBEDS - 1) + (options->instrumented ? scenarios / 2 * TESTBEDS : 0);
    sizes[TB_DIMENSION_ARTIFACT] = sizes[TB_DIMENSION_RUN] * PER_RUN;
    if (options->captures) {
        sizes[TB_DIMENSION_CAPTURE] = sizes[TB_DIMENSION_RUN];
        sizes[TB_DIMENSION_PERCENT] = PERCENTS;
        sizes[TB_DIMENSION_STALL] = sizes[TB_DIMENSION_RUN] / TESTBEDS * STALLS;
        sizes[TB_DIMENSION_TRAIL] = 1;
        sizes[TB_DIMENSION_TRAIL_PACKET] = TRAIL_PACKETS;
    }
    if (!options->traces)
        return;
    sizes[TB_DIMENSION_STATE] = CALLS;
    sizes[TB_DIMENSION_CHAIN] = sizes[TB_DIMENSION_CELL] * 2 + 1;
    sizes[TB_DIMENSION_INVALID] = scenarios * 2 * 2;
    sizes[TB_DIMENSION_WALK_PROFILE] = sizes[TB_DIMENSION_RUN] * INTERVALS;
    sizes[TB_DIMENSION_EDGE] = sizes[TB_DIMENSION_CHAIN] * EDGES;
    sizes[TB_DIMENSION_WINDOW] = scenarios * 2;
    sizes[TB_DIMENSION_WALK_SET] = scenarios * 2 * TESTBEDS;
    sizes[TB_DIMENSION_CHAIN_COMPARISON] = sizes[TB_DIMENSION_RUN_TEST] = scenarios * 4;
    sizes[TB_DIMENSION_RUN_PLACE] = sizes[TB_DIMENSION_RUN];
    sizes[TB_DIMENSION_CALL] = CALLS;
    sizes[TB_DIMENSION_CALL_DIFFERENCE] = sizes[TB_DIMENSION_CONTRAST] * 2;
    sizes[TB_DIMENSION_WALK_DIFFERENCE] = sizes[TB_DIMENSION_CHAIN_COMPARISON] * 2;
}

static enum tb_status write_numbers(struct made *made, struct tb_writer *writer, struct tb_error *error)
{
    for (int f = 0; f < TB_FIELDS; f++) {
        const struct tb_field_description *field = tb_field_describe((enum tb_field)f);
        if (field->type == TB_TYPE_TEXT)
            continue;
        enum tb_status status =
            tb_writer_write(writer, (enum tb_field)f, 0, made->sizes[field->dimensions[0]], made->data[f], error);
        if (status != TB_OK)
            return status;
    }
    return TB_OK;
}

static enum tb_status write_file(struct made *made, const struct tb_team *team, const char *path,
                                 struct tb_error *error)
{
    struct tb_text_field texts[TB_FIELDS];
    const struct tb_attribute root[] = {
        {"campaign", made->options->hostile ? made_hostile_name : "A study that never was"},
        {"baseline", "physical"},
        {"setting_never_heard_of", "shown all the same"}};
    const struct tb_attribute provenance[] = {{"history", "made by a test\nin two lines"}};
    struct tb_results_head head = {.texts = texts,
                                   .root = root,
                                   .root_count = sizeof root / sizeof root[0],
                                   .provenance = provenance,
                                   .provenance_count = 1};
    memcpy(head.sizes, made->sizes, sizeof head.sizes);
    for (int f = 0; f < TB_FIELDS; f++)
        if (tb_field_describe((enum tb_field)f)->type == TB_TYPE_TEXT)
            texts[head.text_count++] = (struct tb_text_field){(enum tb_field)f, made->data[f]};
    struct tb_writer *writer = NULL;
    enum tb_status status = tb_writer_create(team, path, &head, &writer, error);
    if (status != TB_OK)
        return status;
    status = write_numbers(made, writer, error);
    if (status == TB_OK)
        return tb_writer_finish(writer, error);
    tb_writer_abandon(writer);
    return status;
}

bool made_results_write(const char *path, const struct made_options *options)
{
    struct made made = {.options = options, .seed = 7};
    struct tb_error error = {.text = "out of memory"};
    struct tb_team team;
    count(&made);
    enum tb_status status = allocate(&made) ? TB_OK : TB_MEMORY;
    if (status == TB_OK && !options->empty) {
        fill_campaign(&made);
        fill_metrics(&made);
        fill_comparison(&made);
        fill_sensitivity(&made);
        fill_artifacts(&made);
        fill_captures(&made);
        if (made.sizes[TB_DIMENSION_TRAIL] > 0)
            fill_trail(&made);
        fill_traces(&made);
        fill_comparisons_of_traces(&made);
        if (options->outside)
            whole(&made, TB_FIELD_RUN_CELL)[0] = 9999;
    }
    if (status == TB_OK)
        status = tb_team_of(MPI_COMM_SELF, &team, &error);
    if (status == TB_OK)
        status = write_file(&made, &team, path, &error);
    release(&made);
    if (status != TB_OK)
        fprintf(stderr, "%s: %s\n", path, error.text);
    return status == TB_OK;
}
