/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "counter_averages.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void tb_counter_told(struct counter_averages *averages, const char *name, const char *unit, double value)
{
    averages->memory =
        averages->memory && tb_named_counter_add(averages->counters, averages->file, tb_text_of(name), unit, value);
    averages->told = true;
}

static const char *unit_of(const char *column)
{
    const size_t length = strlen(column);
    if (column[0] == '%')
        return "%";
    return length > 2 && strcmp(column + length - 2, "/s") == 0 ? "1/s" : "1";
}

/* Where the average of a name stands in the order of names, or would. */
static size_t place_of(const struct counter_averages *averages, const char *name, bool *there)
{
    size_t low = 0, high = averages->ordered;
    *there = false;
    while (low < high && !*there) {
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(averages->counters->named[averages->order[middle]].name, name);
        *there = order == 0;
        low = order < 0 ? middle + 1 : order == 0 ? middle : low;
        high = order < 0 ? high : middle;
    }
    return low;
}

/* The next counter is to stand there, if there is room for it. */
static void note_place(struct counter_averages *averages, size_t place)
{
    if (averages->counters->named_count == TB_NAMED_COUNTERS_MOST)
        return;
    memmove(&averages->order[place + 1], &averages->order[place],
            (averages->ordered - place) * sizeof averages->order[0]);
    averages->order[place] = (uint16_t)averages->counters->named_count;
    averages->ordered++;
}

/* What a number is of, such as "%steal all"; those of one name add up, as those of processes do. */
void tb_counter_averages_add(struct counter_averages *averages, const char *column, struct tb_text of, double value)
{
    char name[TB_COUNTER_NAME_SIZE], label[TB_COUNTER_NAME_SIZE];
    tb_text_copy(of, label, sizeof label / 2);
    snprintf(name, sizeof name, "%.30s%s%.30s", column, of.length == 0 ? "" : " ", label);
    struct tb_counters *const counters = averages->counters;
    bool there;
    if (!averages->memory)
        return;
    const size_t place = place_of(averages, name, &there);
    if (there) {
        counters->named[averages->order[place]].value += value;
        return;
    }
    note_place(averages, place);
    tb_counter_told(averages, name, unit_of(column), value);
}

void tb_counter_averages_finish(struct counter_averages *averages)
{
    struct tb_counters *const counters = averages->counters;
    bool there;
    const size_t place = place_of(averages, "%steal all", &there);
    if (there && isnan(counters->steal_share))
        counters->steal_share = counters->named[averages->order[place]].value / 100;
}
