/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of a capture that a program went on in follow each other by number, or by the time in their
 * names. tcpdump begins a file with the first packet behind the end of its period, so files begun
 * later than a period after the one before them show a file that is gone, or a time without
 * packets: nobody can tell these two apart by names. */
#include "missing_files.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Year to second. */
enum { DATE_DIGITS = 14, MINUTE_DIGITS = 12, EPOCH_DIGITS = 10, NUMBER_DIGITS = 5 };

/* The time that a name tells. */
struct named_time {
    int64_t seconds; /* since the epoch, as if the name told UTC */
    size_t places[DATE_DIGITS];
    size_t digits;
};

static const char *path_of(const struct tb_artifact *about, size_t i)
{
    return i == 0 ? about->path : about->further[i - 1].path;
}

static const char *name_of(const char *path)
{
    const char *const slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* --- numbers --- */

/* The number that a name ends with, behind what both names begin with, as in link.pcap3; 0 for link.pcap itself. False for
 * any other name. */
static bool read_number(const char *name, const char *first, uint64_t *number)
{
    static const char digits[] = "0123456789";
    size_t stem = strlen(first);
    while (stem > 0 && strchr(digits, first[stem - 1]) != NULL)
        stem--;
    const char *const ending = name + stem;
    const size_t length = strncmp(name, first, stem) == 0 ? strspn(ending, digits) : 0;
    *number = length == 0 ? 0 : strtoull(ending, NULL, 10);
    return strncmp(name, first, stem) == 0 && ending[length] == '\0' && length < 10;
}

/* "_00003_" before a time, as dumpcap counts. */
static bool read_number_before_date(const char *path, uint64_t *number)
{
    for (const char *at = strchr(name_of(path), '_'); at != NULL; at = strchr(at + 1, '_')) {
        const size_t digits = strspn(at + 1, "0123456789");
        if (digits != NUMBER_DIGITS || at[1 + digits] != '_')
            continue;
        *number = strtoull(at + 1, NULL, 10);
        return strspn(at + 2 + digits, "0123456789") == DATE_DIGITS;
    }
    return false;
}

static bool number_of(const struct tb_artifact *about, size_t i, uint64_t *number)
{
    return read_number_before_date(path_of(about, i), number) || read_number(path_of(about, i), about->path, number);
}

static bool describe_numbers(const struct tb_artifact *about, char text[MISSING_FILES_TEXT_SIZE])
{
    uint64_t before, number;
    bool numbered = number_of(about, 0, &before);
    for (size_t i = 1; i <= about->further_count && numbered; i++) {
        numbered = number_of(about, i, &number);
        if (numbered && number > before + 1) {
            snprintf(text, MISSING_FILES_TEXT_SIZE,
                     "it is in %zu files, and before number %" PRIu64 " there are %" PRIu64 " missing",
                     about->further_count + 1, number, number - before - 1);
            return true;
        }
        before = number;
    }
    return false;
}

/* --- times --- */

/* Digits from start on, with at most one other character between them; no more than a date has. */
static void take_digits(const char *name, size_t start, struct named_time *time)
{
    time->digits = 0;
    for (size_t at = start; name[at] != '\0' && time->digits < DATE_DIGITS; at++) {
        if (isdigit((unsigned char)name[at]))
            time->places[time->digits++] = at;
        else if (!isdigit((unsigned char)name[at + 1]))
            return;
    }
}

static int number_at(const char *name, const struct named_time *time, size_t first, size_t count)
{
    int number = 0;
    for (size_t i = first; i < first + count; i++)
        number = 10 * number + (name[time->places[i]] - '0');
    return number;
}

static bool is_date(const struct tm *date)
{
    return date->tm_year >= 70 && date->tm_year < 200 && date->tm_mon >= 0 && date->tm_mon < 12 && date->tm_mday >= 1 &&
           date->tm_mday <= 31 && date->tm_hour < 24 && date->tm_min < 60 && date->tm_sec <= 60;
}

static bool read_date(const char *name, size_t start, struct named_time *time)
{
    take_digits(name, start, time);
    if (time->digits < MINUTE_DIGITS)
        return false;
    if (time->digits < DATE_DIGITS)
        time->digits = MINUTE_DIGITS;
    struct tm date = {.tm_year = number_at(name, time, 0, 4) - 1900,
                      .tm_mon = number_at(name, time, 4, 2) - 1,
                      .tm_mday = number_at(name, time, 6, 2),
                      .tm_hour = number_at(name, time, 8, 2),
                      .tm_min = number_at(name, time, 10, 2),
                      .tm_sec = time->digits == DATE_DIGITS ? number_at(name, time, 12, 2) : 0};
    if (!is_date(&date))
        return false;
    time->seconds = timegm(&date);
    return true;
}

static bool read_epoch(const char *name, size_t start, struct named_time *time)
{
    if (strspn(name + start, "0123456789") != EPOCH_DIGITS || name[start] != '1')
        return false;
    time->digits = EPOCH_DIGITS;
    for (size_t i = 0; i < EPOCH_DIGITS; i++)
        time->places[i] = start + i;
    time->seconds = strtoll(name + start, NULL, 10);
    return true;
}

/* A time begins with the first digit of a group. */
static bool read_time(const char *name, struct named_time *time)
{
    for (size_t at = 0; name[at] != '\0';
         at += 1 + strspn(name + at + 1, "0123456789") * (isdigit((unsigned char)name[at]) != 0))
        if (isdigit((unsigned char)name[at]) && (read_epoch(name, at, time) || read_date(name, at, time)))
            return true;
    return false;
}

/* The name of the file that would have begun then. */
static void name_at(const char *name, const struct named_time *time, int64_t seconds, char *made, size_t size)
{
    char digits[64] = "";
    const time_t moment = (time_t)seconds;
    struct tm date;
    if (time->digits == EPOCH_DIGITS)
        snprintf(digits, sizeof digits, "%010" PRId64, seconds);
    else if (gmtime_r(&moment, &date) != NULL)
        strftime(digits, sizeof digits, "%Y%m%d%H%M%S", &date);
    snprintf(made, size, "%s", name);
    for (size_t i = 0; i < time->digits && strlen(digits) >= time->digits; i++)
        if (time->places[i] < size - 1)
            made[time->places[i]] = digits[i];
}

/* How much later file i + 1 was begun than file i; 0 when their names do not tell, or not in this order. */
static int64_t step_behind(const struct tb_artifact *about, size_t i, struct named_time *time)
{
    struct named_time next;
    if (!read_time(name_of(path_of(about, i)), time) || !read_time(name_of(path_of(about, i + 1)), &next))
        return 0;
    return next.digits == time->digits && next.seconds > time->seconds ? next.seconds - time->seconds : 0;
}

/* The shortest time from one file to the next; 0 when some do not follow by time. */
static int64_t period_of(const struct tb_artifact *about)
{
    int64_t period = INT64_MAX;
    for (size_t i = 0; i < about->further_count; i++) {
        struct named_time time;
        const int64_t step = step_behind(about, i, &time);
        period = step < period ? step : period;
    }
    return period == INT64_MAX ? 0 : period;
}

/* Names are whole seconds, and a file begins with a packet: a second more is no gap. */
static bool describe_times(const struct tb_artifact *about, char text[MISSING_FILES_TEXT_SIZE])
{
    const int64_t period = period_of(about);
    for (size_t i = 0; i < about->further_count && period > 0; i++) {
        struct named_time time;
        char missing[128];
        const int64_t step = step_behind(about, i, &time);
        if (step < 2 * period || step < period + 2)
            continue;
        name_at(name_of(path_of(about, i)), &time, time.seconds + period, missing, sizeof missing);
        snprintf(text, MISSING_FILES_TEXT_SIZE,
                 "it is in %zu files, and before %.100s there are %" PRId64
                 " s without one, where others follow after %" PRId64
                 " s: %.100s and what is between is missing, or there was no packet",
                 about->further_count + 1, name_of(path_of(about, i + 1)), step, period, missing);
        return true;
    }
    return false;
}

bool tb_missing_files_describe(const struct tb_artifact *about, char text[MISSING_FILES_TEXT_SIZE])
{
    return about->further_count > 0 && (describe_numbers(about, text) || describe_times(about, text));
}
