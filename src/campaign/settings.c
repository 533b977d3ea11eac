/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of settings, and what follows from a row alone: default, text, release. */
#include "twinbed/campaign/settings.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The type of a row is that of its field. */
#define FIELD(name)                                                                                                    \
    .type = _Generic(((struct tb_settings *)NULL)->name,                                                               \
        double: TB_SETTING_NUMBER,                                                                                     \
        uint64_t: TB_SETTING_COUNT,                                                                                    \
        uint16_t: TB_SETTING_PORT,                                                                                     \
        bool: TB_SETTING_FLAG,                                                                                         \
        char *: TB_SETTING_TEXT,                                                                                       \
        unsigned *: TB_SETTING_ORDERS,                                                                                 \
        struct tb_window_setting *: TB_SETTING_WINDOWS,                                                                \
        struct tb_metric_threshold *: TB_SETTING_THRESHOLDS, char **: TB_SETTING_FAMILY,                                                           \
        unsigned: TB_SETTING_WORD),                                                                                    \
    .offset = offsetof(struct tb_settings, name)
#define RANGE(least, most, default_value) .low = (least), .high = (most), .usual = (default_value)
#define WORDS(...)                                                                                                     \
    .words = (const char *const[])                                                                                     \
    {                                                                                                                  \
        __VA_ARGS__, NULL                                                                                              \
    }

_Static_assert(sizeof(enum tb_flow_output) == sizeof(unsigned), "words are kept in enums of the size of unsigned");

/* What a later row builds on stands before it. Words stand in the order of their enum; the first is the default. */
static const struct tb_setting table[] = {
    {"", "work", "setting_work", FIELD(work), WORDS("ab", "capture", "connections", "file"),
     .sentence = "where completed units of work are counted"},
    {"work", "value", "setting_work_value", FIELD(work_selector), .decides = TB_DECIDES_WORK,
     .sentence = "where in a file they stand: JSON pointer or CSV column, or as in metrics"},
    {"", "server_port", "setting_server_port", FIELD(server_port), RANGE(1, UINT16_MAX, 0), .unset = "ab's Server Port",
     .sentence = "port of the server; flows that touch it are the workload"},
    {"", "filter", "setting_filter", FIELD(filter), .decides = TB_DECIDES_CAPTURES,
     .sentence = "libpcap expression that packets must match"},
    {"", "flow_rules", "setting_flow_rules", FIELD(flow_rules), WORDS("twinbed", "tcptrace"),
     .decides = TB_DECIDES_CAPTURES, .sentence = "which packets make a flow, and what its statistics count"},
    {"", "duplicates", "setting_duplicates", FIELD(keep_copies), WORDS("drop", "keep"), .decides = TB_DECIDES_CAPTURES,
     .sentence = "what is done with packets that were recorded more than once; rules of tcptrace keep them"},
    {"", "tunnels", "setting_tunnels", FIELD(outer_only), WORDS("inner", "outer"), .decides = TB_DECIDES_CAPTURES,
     .sentence = "which packets count where packets carry packets: those inside, or those around them"},
    {"chain", "order", "setting_chain_orders", FIELD(orders), .decides = TB_DECIDES_TRACES,
     .sentence = "numbers of consecutive calls that make a state"},
    {"chain", "prune", "setting_prune", FIELD(prune), RANGE(0, 1, 0.001),
     .sentence = "edges below this weight are left out of drawings"},
    {"chain", "states", "setting_chain_states", FIELD(states),
     WORDS("call", "call+outcome", "call+descriptor", "call+outcome+descriptor"),
     .decides = TB_DECIDES_TRACES | TB_DECIDES_CALL_LISTS, .sentence = "what states tell apart"},
    {"chain", "of", "setting_chains_of", FIELD(chains_of), WORDS("cells", "runs", "thread_groups"),
     .sentence = "whose chains are written"},
    {"walks", "chains", "setting_walk_chains", FIELD(walk_all), WORDS("baseline", "all"),
     .sentence = "whose chains every sequence of a scenario is walked on"},
    /* Nothing added would leave transitions without a probability. */
    {"walks", "smoothing", "setting_smoothing", FIELD(smoothing), RANGE(1e-6, 1e6, 0.5),
     .sentence = "what additive smoothing adds to each count"},
    {"walks", "profile", "setting_walk_profile", FIELD(profile), RANGE(0, 1000, 0),
     .sentence = "intervals that the longest sequence of a scenario is cut into; 0: no profile"},
    {"", "windows", "setting_windows", FIELD(windows), .sentence = "which calls of a sequence are walked"},
    {"", "skip", NULL, FIELD(windows), .sentence = "two windows: whole, and behind so many calls"},
    {"closeness", "default", "setting_closeness", FIELD(closeness), RANGE(0, 1, 0.1),
     .sentence = "relative difference up to which two means are close"},
    {"closeness", "metrics", "setting_thresholds", FIELD(thresholds), .sentence = "the same for single metrics"},
    {"", "replication", "setting_replication", FIELD(replication), RANGE(2, UINT32_MAX, 3),
     .sentence = "values on a side below which a verdict is undecided"},
    {"", "family", "setting_family", FIELD(family_metrics), .sentence = "whose tests are adjusted together"},
    {"", "coverage", "setting_coverage_limit", FIELD(coverage_limit), RANGE(0, 1, 0.99),
     .sentence = "share of the completed requests at or below which a capture or trace is withdrawn"},
    {"", "excess", "setting_excess_limit", FIELD(excess_limit), RANGE(0, 1e6, 0.05),
     .sentence = "share above what other records say at which a capture or trace is withdrawn"},
    {"", "losses", "setting_loss_limit", FIELD(loss_limit), RANGE(0, 1, 0.01),
     .sentence = "share of calls without enter or exit above which a trace is withdrawn"},
    {"", "failures", "setting_failure_limit", FIELD(failure_limit), RANGE(0, 1, 0.01),
     .sentence = "share of failed requests above which a run has no rates and no values per request"},
    {"", "truncated", "setting_truncated", FIELD(truncated), WORDS("exclude", "keep"),
     .sentence = "what is done with a file that ends inside a record"},
    {"", "flows", "setting_flows", FIELD(flows), WORDS("summary", "none", "all"),
     .sentence = "which flows the results list"},
    {"stalls", "ratio", "setting_stall_ratio", FIELD(stall_ratio), RANGE(1, HUGE_VAL, 10),
     .sentence = "times its median that the longest request of a stalled run takes"},
    {"stalls", "longest_ms", "setting_stall_longest_ms", FIELD(stall_ms), RANGE(0, HUGE_VAL, 1000),
     .sentence = "milliseconds that it takes as well"},
    /* Shorter gaps are not remembered. */
    {"stalls", "gap_s", "setting_stall_gap_s", FIELD(stall_gap), RANGE(1, 1e9, 5),
     .sentence = "seconds that flows of a stalled run stand still with data outstanding"},
    {"stalls", "flows", "setting_stall_flows", FIELD(stall_flows), RANGE(1, UINT32_MAX, 1),
     .sentence = "flows that do so at the same time"},
    {"stalls", "resets", "setting_stall_resets", FIELD(stall_resets), RANGE(1, UINT32_MAX, 1),
     .sentence = "resets of a network adapter in a kernel log of a stalled run"},
    {"", "discard", "setting_discard_stalled", FIELD(discard_stalled), WORDS("no", "yes"),
     .sentence = "whether stalled runs are left out"},
};

size_t tb_setting_count(void)
{
    return sizeof table / sizeof table[0];
}

const struct tb_setting *tb_setting_at(size_t index)
{
    return &table[index];
}

const struct tb_setting *tb_setting_find(const char *map, const char *key)
{
    for (size_t i = 0; i < tb_setting_count(); i++)
        if (strcmp(table[i].map, map) == 0 && strcmp(table[i].key, key) == 0)
            return &table[i];
    return NULL;
}

size_t tb_setting_words(const struct tb_setting *setting)
{
    size_t count = 0;
    while (setting->words != NULL && setting->words[count] != NULL)
        count++;
    return count;
}

static bool set_default(const struct tb_setting *setting, struct tb_settings *settings)
{
    void *const field = (char *)settings + setting->offset;
    switch (setting->type) {
    case TB_SETTING_NUMBER:
        *(double *)field = setting->usual;
        return true;
    case TB_SETTING_COUNT:
        *(uint64_t *)field = (uint64_t)setting->usual;
        return true;
    case TB_SETTING_PORT:
        *(uint16_t *)field = (uint16_t)setting->usual;
        return true;
    case TB_SETTING_WORD:
        *(unsigned *)field = (unsigned)setting->usual;
        return true;
    case TB_SETTING_FLAG:
        *(bool *)field = setting->usual != 0;
        return true;
    case TB_SETTING_TEXT:
        *(char **)field = strdup("");
        return *(char **)field != NULL;
    case TB_SETTING_ORDERS:
        settings->orders = calloc(1, sizeof *settings->orders);
        if (settings->orders != NULL)
            settings->orders[settings->order_count++] = 1;
        return settings->orders != NULL;
    case TB_SETTING_WINDOWS:
    case TB_SETTING_THRESHOLDS:
    case TB_SETTING_FAMILY: /* the primary metrics */
        break;
    }
    return true;
}

bool tb_settings_default(struct tb_settings *settings)
{
    bool made = true;
    *settings = (struct tb_settings){0};
    for (size_t i = 0; i < tb_setting_count(); i++)
        made = set_default(&table[i], settings) && made;
    return made;
}

void tb_settings_free(struct tb_settings *settings)
{
    for (size_t i = 0; i < tb_setting_count(); i++)
        if (table[i].type == TB_SETTING_TEXT)
            free(*(char **)((char *)settings + table[i].offset));
    for (size_t i = 0; i < settings->threshold_count; i++)
        free(settings->thresholds[i].metric);
    free(settings->thresholds);
    for (size_t i = 0; i < settings->family_metric_count; i++)
        free(settings->family_metrics[i]);
    free(settings->family_metrics);
    free(settings->orders);
    free(settings->windows);
    *settings = (struct tb_settings){0};
}

static void put(struct tb_buffer *text, const char *word)
{
    tb_buffer_put(text, word, strlen(word));
}

/* With as few digits as make it the same number again. */
static void put_number(struct tb_buffer *text, double number)
{
    char digits[32];
    for (int count = 6; count <= 17; count++) {
        snprintf(digits, sizeof digits, "%.*g", count, number);
        if (strtod(digits, NULL) == number)
            break;
    }
    put(text, digits);
}

static void put_count(struct tb_buffer *text, uint64_t count)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%" PRIu64, count);
    put(text, digits);
}

static void put_orders(struct tb_buffer *text, const struct tb_settings *settings)
{
    for (size_t i = 0; i < settings->order_count; i++) {
        put(text, i == 0 ? "" : " ");
        put_count(text, settings->orders[i]);
    }
}

/* None stand for one; see tb_settings_complete. */
static void put_windows(struct tb_buffer *text, const struct tb_settings *settings)
{
    if (settings->window_count == 0)
        put(text, "skip 0 limit shortest");
    for (size_t i = 0; i < settings->window_count; i++) {
        const uint64_t limit = settings->windows[i].limit;
        put(text, i == 0 ? "skip " : "; skip ");
        put_count(text, settings->windows[i].skip);
        put(text, limit == TB_LIMIT_SHORTEST ? " limit shortest"
                  : limit == TB_LIMIT_WHOLE  ? " limit whole"
                                             : " limit ");
        if (limit < TB_LIMIT_SHORTEST)
            put_count(text, limit);
    }
}

static void put_thresholds(struct tb_buffer *text, const struct tb_settings *settings)
{
    for (size_t i = 0; i < settings->threshold_count; i++) {
        put(text, i == 0 ? "" : "; ");
        put(text, settings->thresholds[i].metric);
        put(text, " ");
        put_number(text, settings->thresholds[i].threshold);
    }
}

static void put_family(struct tb_buffer *text, const struct tb_settings *settings)
{
    if (settings->family != TB_FAMILY_LISTED)
        put(text, settings->family == TB_FAMILY_ALL ? "all" : "primary");
    for (size_t i = 0; i < settings->family_metric_count; i++) {
        put(text, i == 0 ? "" : ", ");
        put(text, settings->family_metrics[i]);
    }
}

/* Of a number, count or port. */
static double number_of(const struct tb_setting *setting, const void *field)
{
    return setting->type == TB_SETTING_NUMBER  ? *(const double *)field
           : setting->type == TB_SETTING_COUNT ? (double)*(const uint64_t *)field
                                               : *(const uint16_t *)field;
}

void tb_setting_text(const struct tb_setting *setting, const struct tb_settings *settings, struct tb_buffer *text)
{
    const void *const field = (const char *)settings + setting->offset;
    switch (setting->type) {
    case TB_SETTING_NUMBER:
    case TB_SETTING_COUNT:
    case TB_SETTING_PORT:
        if (setting->unset != NULL && number_of(setting, field) < setting->low)
            put(text, setting->unset);
        else if (setting->type == TB_SETTING_COUNT)
            put_count(text, *(const uint64_t *)field);
        else
            put_number(text, number_of(setting, field));
        break;
    case TB_SETTING_WORD:
        put(text, setting->words[*(const unsigned *)field]);
        break;
    case TB_SETTING_FLAG:
        put(text, setting->words[*(const bool *)field]);
        break;
    case TB_SETTING_TEXT:
        put(text, *(char *const *)field);
        break;
    case TB_SETTING_ORDERS:
        put_orders(text, settings);
        break;
    case TB_SETTING_WINDOWS:
        put_windows(text, settings);
        break;
    case TB_SETTING_THRESHOLDS:
        put_thresholds(text, settings);
        break;
    case TB_SETTING_FAMILY:
        put_family(text, settings);
        break;
    }
}

void tb_settings_key(const struct tb_settings *settings, unsigned effect, struct tb_buffer *key)
{
    for (size_t i = 0; i < tb_setting_count(); i++) {
        if ((table[i].decides & effect) == 0)
            continue;
        put(key, table[i].attribute);
        put(key, " ");
        tb_setting_text(&table[i], settings, key);
        put(key, "\n");
    }
}
