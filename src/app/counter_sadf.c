/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "counter_sadf.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "number_sources.h"

enum { DEEPEST = 4, LOOKED_AT = 64 };

/* How sar names what sadf has in a group: the first row of a group that has the key, or has all keys. */
static const struct {
    const char *group, *keys; /* keys between spaces; NULL for all */
    const char *before, *behind;
} names[] = {
    {"cpu-load", NULL, "%", ""},         {"process-and-context-switch", NULL, "", "/s"},
    {"net-dev", NULL, "", "/s"},         {"net-edev", NULL, "", "/s"},
    {"paging", NULL, "", "/s"},          {"swap-pages", NULL, "", "/s"},
    {"disk", " rkB wkB dkB ", "", "/s"}, {"disk", NULL, "", ""},
    {"memory", NULL, "kb", ""},          {"queue", NULL, "", ""},
};

/* What is walked through, and how much of it counts. */
struct walk {
    struct counter_averages *averages;
    double weight; /* of the interval, among all */
};

static bool has_key(const char *keys, const char *key)
{
    char wanted[TB_COUNTER_NAME_SIZE];
    snprintf(wanted, sizeof wanted, " %.60s ", key);
    return keys == NULL || strstr(keys, wanted) != NULL;
}

/* "util-percent" is sar's "%util". */
static bool name_percent(const char *key, char *name)
{
    static const char end[] = "-percent";
    const size_t length = strlen(key), rest = sizeof end - 1;
    if (length <= rest || strcmp(key + length - rest, end) != 0)
        return false;
    snprintf(name, TB_COUNTER_NAME_SIZE, "%%%.*s", (int)(length - rest < 60 ? length - rest : 60), key);
    return true;
}

static void name_number(const char *group, const char *key, char *name)
{
    if (name_percent(key, name))
        return;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i].group, group) == 0 && has_key(names[i].keys, key)) {
            snprintf(name, TB_COUNTER_NAME_SIZE, "%s%.50s%s", names[i].before, key, names[i].behind);
            return;
        }
    snprintf(name, TB_COUNTER_NAME_SIZE, "%.25s/%.25s", group, key);
}

/* Of a processor, an interface, a device: the first text in the object. */
static struct tb_text label_of(json_t *object)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) if (json_is_string(value)) return (struct tb_text){
        json_string_value(value), json_string_length(value)};
    return tb_text_of("");
}

static void take_number(const struct walk *walk, const char *group, const char *key, struct tb_text label,
                        const json_t *value)
{
    char plain[TB_COUNTER_NAME_SIZE], name[TB_COUNTER_NAME_SIZE];
    const double number = json_number_value(value);
    if (!isfinite(number) || number < 0)
        return;
    name_number(group, key, name);
    tb_text_copy(tb_text_of(name), plain, sizeof plain);
    tb_counter_averages_add(walk->averages, plain, label, number * walk->weight);
}

static void take_value(const struct walk *walk, const char *group, json_t *value, unsigned depth)
{
    size_t i;
    const char *key;
    json_t *inner;
    json_array_foreach(value, i, inner) if (depth < DEEPEST) take_value(walk, group, inner, depth + 1);
    json_object_foreach(value, key, inner)
    {
        if (json_is_number(inner))
            take_number(walk, group, key, label_of(value), inner);
        else if (depth < DEEPEST)
            take_value(walk, key, inner, depth + 1);
    }
}

/* s; 1 where it is not said. */
static double length_of(const json_t *row)
{
    const json_t *length = tb_json_follow(row, "/timestamp/interval");
    const double seconds = json_is_number(length) ? json_number_value(length) : 1;
    return seconds > 0 && seconds < 1e9 ? seconds : 1;
}

static void take_host(struct counter_averages *averages, const json_t *host)
{
    const json_t *rows = json_object_get(host, "statistics");
    struct walk walk = {.averages = averages};
    double all = 0;
    size_t i;
    json_t *row, *group;
    const char *key;
    json_array_foreach(rows, i, row) all += length_of(row);
    json_array_foreach(rows, i, row)
    {
        walk.weight = length_of(row) / all;
        json_object_foreach(row, key, group) if (strcmp(key, "timestamp") != 0) take_value(&walk, key, group, 0);
    }
}

bool tb_sadf_begins(const uint8_t *data, size_t size)
{
    const size_t looked_at = size < LOOKED_AT ? size : LOOKED_AT;
    return size > 0 && data[0] == '{' && memmem(data, looked_at, "\"sysstat\"", 9) != NULL;
}

enum tb_status tb_sadf_read(struct tb_reader *reader, struct counter_averages *averages, struct tb_error *error)
{
    json_t *root;
    size_t i;
    json_t *host;
    enum tb_status status = tb_number_load_document(reader, error);
    if (status == TB_OK)
        status = tb_json_parse(reader, &root, error);
    if (status != TB_OK)
        return status;
    const json_t *const hosts = tb_json_follow(root, "/sysstat/hosts");
    json_array_foreach(hosts, i, host) take_host(averages, host);
    json_decref(root);
    return TB_OK;
}
