/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a stage is, for people who wait: a line that is drawn anew on a terminal. A rate is told
 * once it is no chance any more (SETTLED_S). */
#include "twinbed/base/progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "twinbed/base/log.h"

static const double BAR_INTERVAL_S = 0.1;
static const double LINE_INTERVAL_S = 10.0;
static const double SETTLED_S = 1.0; /* before that a rate is chance */
enum { BAR_WIDTH = 20, LINE_WIDTH = 60 };

/* Three digits: 1.57, 15.7, 157. */
static int digits_behind_point(double number)
{
    return number < 9.995 ? 2 : number < 99.95 ? 1 : 0;
}

const char *tb_size_text(double bytes, char text[TB_SIZE_TEXT_SIZE])
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
    size_t unit = 0;
    for (; bytes >= 999.5 && unit + 1 < sizeof units / sizeof units[0]; unit++)
        bytes /= 1000;
    snprintf(text, TB_SIZE_TEXT_SIZE, "%.*f %s", unit == 0 ? 0 : digits_behind_point(bytes), bytes, units[unit]);
    return text;
}

const char *tb_duration_text(double seconds, char text[TB_DURATION_TEXT_SIZE])
{
    static const struct {
        double seconds;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    size_t unit = 0;
    while (unit < 3 && seconds < units[unit].seconds)
        unit++;
    const uint64_t whole = (uint64_t)(seconds < 1e12 ? seconds : 1e12);
    const uint64_t large = whole / (uint64_t)units[unit].seconds;
    size_t used = (size_t)snprintf(text, TB_DURATION_TEXT_SIZE, "%llu %s", (unsigned long long)large, units[unit].name);
    if (unit == 3)
        return text;
    const uint64_t small = whole % (uint64_t)units[unit].seconds / (uint64_t)units[unit + 1].seconds;
    if (small > 0)
        snprintf(text + used, TB_DURATION_TEXT_SIZE - used, " %llu %s", (unsigned long long)small,
                 units[unit + 1].name);
    return text;
}

static bool counts_bytes(const struct tb_progress *progress)
{
    return strcmp(progress->unit, "bytes") == 0;
}

static const char *total_text(const struct tb_progress *progress, char *text, size_t size)
{
    char bytes[TB_SIZE_TEXT_SIZE];
    const char *const whose = progress->of_rank ? " (this rank)" : "";
    if (counts_bytes(progress))
        snprintf(text, size, "%s%s", tb_size_text((double)progress->total, bytes), whose);
    else
        snprintf(text, size, "%llu %s%s", (unsigned long long)progress->total, progress->unit, whose);
    return text;
}

static const char *rate_text(const struct tb_progress *progress, double rate, char *text, size_t size)
{
    char bytes[TB_SIZE_TEXT_SIZE];
    if (counts_bytes(progress))
        snprintf(text, size, "%s/s", tb_size_text(rate, bytes));
    else
        snprintf(text, size, "%.*f %s/s", digits_behind_point(rate), rate, progress->unit);
    return text;
}

/* Of what was worked on, in a second; 0 before it is known. */
static double rate_of(const struct tb_progress *progress, double now)
{
    const double elapsed = now - progress->started;
    if (elapsed < SETTLED_S || progress->done <= progress->skipped)
        return 0;
    return (double)(progress->done - progress->skipped) / elapsed;
}

static int percent_of(const struct tb_progress *progress)
{
    if (progress->done >= progress->total)
        return 100;
    return (int)((double)progress->done / (double)progress->total * 100);
}

/* ", 310 MB/s, about 12 s left" */
static const char *outlook(const struct tb_progress *progress, double now, char *text, size_t size)
{
    char rate_words[64], left[TB_DURATION_TEXT_SIZE];
    const double rate = rate_of(progress, now);
    text[0] = '\0';
    if (rate <= 0 || progress->done >= progress->total)
        return text;
    const double seconds = (double)(progress->total - progress->done) / rate;
    snprintf(text, size, ", %s, %s left", rate_text(progress, rate, rate_words, sizeof rate_words),
             seconds < 1 ? "less than 1 s" : tb_duration_text(seconds, left));
    return text;
}

const char *tb_progress_text(const struct tb_progress *progress, double now, char text[TB_PROGRESS_TEXT_SIZE])
{
    char total[64], ahead[TB_PROGRESS_TEXT_SIZE - 80];
    snprintf(text, TB_PROGRESS_TEXT_SIZE, "%d %% of %s%s", percent_of(progress),
             total_text(progress, total, sizeof total), outlook(progress, now, ahead, sizeof ahead));
    return text;
}

static bool is_shown(void)
{
    return tb_log_shows(TB_LOG_INFO);
}

/* What the line before left is overwritten. */
static void draw_bar(const struct tb_progress *progress, const char *text)
{
    char bar[BAR_WIDTH + 1];
    const int filled = percent_of(progress) * BAR_WIDTH / 100;
    memset(bar, '.', BAR_WIDTH);
    memset(bar, '#', (size_t)filled);
    bar[BAR_WIDTH] = '\0';
    fprintf(stderr, "\r%-10s [%s] %-*s", progress->stage, bar, LINE_WIDTH, text);
}

static void print_line(const struct tb_progress *progress, const char *text)
{
    char stamp[32];
    const time_t now = time(NULL);
    struct tm parts;
    gmtime_r(&now, &parts);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &parts);
    fprintf(stderr, "%s %s: %s\n", stamp, progress->stage, text);
}

static void show(struct tb_progress *progress, bool always)
{
    if (!is_shown())
        return;
    char text[TB_PROGRESS_TEXT_SIZE];
    const double now = tb_clock_seconds();
    const bool terminal = isatty(STDERR_FILENO) != 0;
    if (!always && now - progress->shown < (terminal ? BAR_INTERVAL_S : LINE_INTERVAL_S))
        return;
    progress->shown = now;
    struct tb_progress seen = *progress;
    seen.done = __atomic_load_n(&progress->done, __ATOMIC_RELAXED);
    tb_progress_text(&seen, now, text);
    if (terminal)
        draw_bar(&seen, text);
    else
        print_line(&seen, text);
}

void tb_progress_start(struct tb_progress *progress, const char *stage, const char *unit, uint64_t total, bool of_rank)
{
    *progress = (struct tb_progress){
        .stage = stage, .unit = unit, .of_rank = of_rank, .total = total, .started = tb_clock_seconds()};
    show(progress, true);
}

void tb_progress_add(struct tb_progress *progress, uint64_t amount)
{
    __atomic_add_fetch(&progress->done, amount, __ATOMIC_RELAXED);
    /* One thread draws at a time; the others leave it to the next call. */
    static char drawing;
    if (__atomic_test_and_set(&drawing, __ATOMIC_ACQUIRE))
        return;
    show(progress, false);
    __atomic_clear(&drawing, __ATOMIC_RELEASE);
}

void tb_progress_skip(struct tb_progress *progress, uint64_t amount)
{
    __atomic_add_fetch(&progress->skipped, amount, __ATOMIC_RELAXED);
    tb_progress_add(progress, amount);
}

/* "100 % of 157 MB in 2 s (78.6 MB/s)" */
static const char *closing_text(const struct tb_progress *progress, bool complete, char text[TB_PROGRESS_TEXT_SIZE])
{
    const double now = tb_clock_seconds(), elapsed = now - progress->started, rate = rate_of(progress, now);
    char total[64], took[TB_DURATION_TEXT_SIZE], rate_words[64] = "";
    total_text(progress, total, sizeof total);
    if (elapsed < 10)
        snprintf(took, sizeof took, "%.1f s", elapsed);
    else
        tb_duration_text(elapsed, took);
    if (rate > 0)
        rate_text(progress, rate, rate_words, sizeof rate_words);
    snprintf(text, TB_PROGRESS_TEXT_SIZE, "%d %% of %s in %s%s%s%s%s", percent_of(progress), total, took,
             rate > 0 ? " (" : "", rate_words, rate > 0 ? ")" : "", complete ? "" : ", not finished");
    return text;
}

void tb_progress_finish(struct tb_progress *progress, bool complete)
{
    char text[TB_PROGRESS_TEXT_SIZE];
    if (!is_shown())
        return;
    if (complete)
        progress->done = progress->total;
    closing_text(progress, complete, text);
    if (isatty(STDERR_FILENO)) {
        draw_bar(progress, text);
        fputc('\n', stderr);
    } else {
        print_line(progress, text);
    }
}
