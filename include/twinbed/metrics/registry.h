/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_METRICS_REGISTRY_H
#define TWINBED_METRICS_REGISTRY_H

/* Every metric, one row each: name, unit, level, role, scale, how the pairs of a
 * run are combined, a sentence, and the function that gets its value from what
 * the artifacts of one (run, pair) hold. Adding a metric is adding a row to the
 * table of its level (os_metrics.c, net_metrics.c, app_metrics.c). */

#include <stddef.h>
#include <stdint.h>

#include "twinbed/app/apachebench.h"
#include "twinbed/app/counters.h"
#include "twinbed/app/kernel_log.h"
#include "twinbed/flow/flow_summary.h"
#include "twinbed/latency/latency.h"
#include "twinbed/latency/packet_sample.h"
#include "twinbed/metrics/absence.h"
#include "twinbed/stats/comparison.h"
#include "twinbed/trace/trace.h"

enum tb_level_of_metric { TB_LEVEL_APPLICATION, TB_LEVEL_OPERATING_SYSTEM, TB_LEVEL_NETWORK };

enum tb_metric_role {
    TB_METRIC_CLIENT,
    TB_METRIC_SERVER,
    TB_METRIC_BOTH, /* of the two ends together */
    TB_METRIC_HOST, /* a whole machine */
    TB_METRIC_ROLES
};

/* Which artifact a metric stands on; what makes it missing is said of that. */
enum tb_metric_source {
    TB_METRIC_FROM_AB,
    TB_METRIC_FROM_CLIENT_TRACE,
    TB_METRIC_FROM_SERVER_TRACE,
    TB_METRIC_FROM_CAPTURE,
    TB_METRIC_FROM_LATENCY,
    TB_METRIC_FROM_COUNTERS,
    TB_METRIC_FROM_KERNEL_LOG, /* of its role's machine */
    TB_METRIC_FROM_FILE        /* of a custom metric: one that the campaign file declares */
};

/* How the values of a run's pairs become the run's value. A pair without a
 * value leaves the run without one. */
enum tb_combination {
    TB_COMBINE_SUM,       /* rates: what the pairs do together */
    TB_COMBINE_MEAN,      /* plain mean over pairs */
    TB_COMBINE_WORK_MEAN, /* mean weighted by completed units: a per-request metric of all requests together */
    TB_COMBINE_MAXIMUM
};

/* Means over all walks of one sequence, in the first window and order, on the
 * baseline's chains of other runs. Walks of probability zero are among them: the
 * bits are those of smoothed weights, which are never infinite. */
struct tb_walk_measure {
    double bits_per_transition; /* -log2 of the smoothed probability; NaN without walks or transitions */
    double invalid_transitions; /* a walk; NaN without walks */
    double invalid_share;       /* walks with an invalid transition or start over walks; NaN without walks */
    enum tb_absence absence;    /* why there are no walks; TB_PRESENT with walks */
};

static inline struct tb_walk_measure tb_walk_measure_absent(enum tb_absence absence)
{
    return (struct tb_walk_measure){NAN, NAN, NAN, absence};
}

/* What is known of one (run, pair). Pointers are borrowed; NULL where the
 * artifact is missing, damaged or withdrawn. */
struct tb_measures {
    const struct tb_apachebench *ab;
    const struct tb_ab_quantiles *quantiles;
    const struct tb_sequence *client;
    const struct tb_sequence *server;
    const struct tb_flow_totals *flows;           /* on the server port, all of them */
    const struct tb_flow_totals *completed_flows; /* the same, flows without a completed reply left out */
    const struct tb_port_flows *port_flows;       /* distributions over the same flows */
    const struct tb_load_delays *load_delays;     /* of test packets in the same capture, by direction */
    const struct tb_path_delays *path_delays;     /* between captures at both ends, by direction */
    const struct tb_latency_session *sessions;
    size_t session_count;
    const struct tb_counters *counters;
    const struct tb_kernel_log *kernel_logs[TB_METRIC_ROLES]; /* none of TB_METRIC_BOTH */
    double completed;                                         /* units of work; NaN when unknown */
    bool too_many_failures; /* so many requests failed that rates and per-request values say nothing */
    uint16_t server_port;   /* 0 when unknown */
    char server_address[TB_LATENCY_HOST_SIZE]; /* where the workload's server listens, without port; "" when unknown */
    char server_name[TB_LATENCY_HOST_SIZE];    /* its host as ab was told, name or address; "" when unknown */
    struct tb_walk_measure client_walk, server_walk;
    const struct tb_metric_value *custom; /* by the variants of custom metrics; NULL: none has a file that is used */
};

struct tb_metric {
    const char *name;
    const char *unit;
    enum tb_level_of_metric level;
    enum tb_metric_role role;
    enum tb_metric_source source;
    enum tb_scale scale;
    double margin; /* difference scale: default closeness margin, in unit; else 0 */
    enum tb_combination combination;
    const char *sentence;
    /* Called through tb_metric_extract only, which has seen that the source is there; NULL for custom metrics. */
    struct tb_metric_value (*extract)(const struct tb_measures *measures, int variant);
    int variant; /* tells rows apart that share an extractor; the number of a custom metric */
};

/* The metrics that are built in. */
size_t tb_metric_count(void);
/* In the order of levels, then of the tables; borrowed, constant. */
const struct tb_metric *tb_metric_at(size_t index);
/* The index of a name, or tb_metric_count(). */
size_t tb_metric_find(const char *name);

/* The metrics of one campaign: what is built in, but for those of logs that it does not ask for, and custom metrics behind those of their level. */
struct tb_registry {
    struct tb_metric *rows; /* owned; their texts are borrowed */
    size_t count;
};

/* custom: rows whose source is TB_METRIC_FROM_FILE. Metrics of kernel logs are there for the roles whose log the campaign
 * asks for: bit 1 << role of logged. False when memory is short. */
TB_MUST_USE bool tb_registry_open(const struct tb_metric *custom, size_t custom_count, unsigned logged,
                                  struct tb_registry *registry);
void tb_registry_close(struct tb_registry *registry);
/* The index of a name, or registry->count. */
size_t tb_registry_find(const struct tb_registry *registry, const char *name);

/* The quantity that this metric is the primary one of, such as "throughput"; NULL for the others. Many metrics see one
 * quantity from several sides, or are functions of each other, so that testing all of them would count the same
 * evidence many times. There is one primary metric a quantity (quantities.c). A custom metric is a quantity of its own, called by its name. */
const char *tb_metric_quantity(const struct tb_metric *metric);

/* The metric's value for one (run, pair), or why there is none; TB_ABSENT_ARTIFACT when what its source names is not
 * among the measures. */
struct tb_metric_value tb_metric_extract(const struct tb_metric *metric, const struct tb_measures *measures);

/* How many of these latency sessions name both their ends, none of which is the server, while a session of the measures
 * names it. They are between other hosts, and in no metric. 0 where no session names the server. */
size_t tb_latency_elsewhere(const struct tb_measures *measures, const struct tb_latency_session *sessions,
                            size_t count);

/* The value of a run from its pairs' values; weights are completed units. Both
 * arrays have count items. NaN when a value (or a weight that is needed) is. */
double tb_metric_combine(enum tb_combination combination, const double *values, const double *weights, size_t count);

const char *tb_level_name(enum tb_level_of_metric level);         /* "application", "operating system", "network" */
const char *tb_metric_role_name(enum tb_metric_role role);        /* "client", ... */
const char *tb_combination_name(enum tb_combination combination); /* "sum", ... */
const char *tb_scale_name(enum tb_scale scale);                   /* "ratio", "difference" */

#endif
