/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static enum tb_log_level shown_level = TB_LOG_INFO;
static bool is_speaker = true;

static const double BAR_INTERVAL_S = 0.1;
static const double LINE_INTERVAL_S = 10.0;
enum { BAR_WIDTH = 30 };

void tb_log_configure(enum tb_log_level level, bool speaker)
{
    shown_level = level;
    is_speaker = speaker;
}

double tb_clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void show(enum tb_log_level level, const char *word, const char *format, va_list arguments)
{
    if (level > shown_level || !is_speaker)
        return;
    char text[TB_ERROR_TEXT_SIZE + 256];
    vsnprintf(text, sizeof text, format, arguments);
    fprintf(stderr, "twinbed: %s%s\n", word, text);
}

void tb_log_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    show(TB_LOG_ERROR, "error: ", format, arguments);
    va_end(arguments);
}

void tb_log_warning(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    show(TB_LOG_WARNING, "warning: ", format, arguments);
    va_end(arguments);
}

void tb_log_info(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    show(TB_LOG_INFO, "", format, arguments);
    va_end(arguments);
}

void tb_log_debug(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    show(TB_LOG_DEBUG, "debug: ", format, arguments);
    va_end(arguments);
}

static bool progress_is_shown(void)
{
    return is_speaker && shown_level >= TB_LOG_INFO;
}

static void draw_bar(const struct tb_progress *progress, double fraction)
{
    char bar[BAR_WIDTH + 1];
    const int filled = (int)(fraction * BAR_WIDTH);
    for (int i = 0; i < BAR_WIDTH; i++)
        bar[i] = i < filled ? '#' : '.';
    bar[BAR_WIDTH] = '\0';
    fprintf(stderr, "\r%-10s [%s] %3d %%", progress->stage, bar, (int)(fraction * 100));
}

static void print_line(const struct tb_progress *progress, double fraction)
{
    char stamp[32];
    const time_t now = time(NULL);
    struct tm parts;
    gmtime_r(&now, &parts);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &parts);
    fprintf(stderr, "%s %s: %3d %% of %llu %s\n", stamp, progress->stage, (int)(fraction * 100),
            (unsigned long long)progress->total, progress->unit);
}

static void show_progress(struct tb_progress *progress, uint64_t done, bool always)
{
    if (!progress_is_shown())
        return;
    const double now = tb_clock_seconds();
    const bool terminal = isatty(STDERR_FILENO) != 0;
    if (!always && now - progress->shown < (terminal ? BAR_INTERVAL_S : LINE_INTERVAL_S))
        return;
    progress->shown = now;
    const double fraction = progress->total == 0 ? 1.0 : (double)done / (double)progress->total;
    if (terminal)
        draw_bar(progress, fraction > 1 ? 1 : fraction);
    else
        print_line(progress, fraction > 1 ? 1 : fraction);
}

void tb_progress_start(struct tb_progress *progress, const char *stage, const char *unit, uint64_t total)
{
    *progress = (struct tb_progress){.stage = stage, .unit = unit, .total = total, .started = tb_clock_seconds()};
    show_progress(progress, 0, true);
}

void tb_progress_add(struct tb_progress *progress, uint64_t amount)
{
    const uint64_t done = __atomic_add_fetch(&progress->done, amount, __ATOMIC_RELAXED);
    /* One thread draws at a time; the others leave it to the next call. */
    static char drawing;
    if (__atomic_test_and_set(&drawing, __ATOMIC_ACQUIRE))
        return;
    show_progress(progress, done, false);
    __atomic_clear(&drawing, __ATOMIC_RELEASE);
}

void tb_progress_finish(struct tb_progress *progress)
{
    if (!progress_is_shown())
        return;
    if (isatty(STDERR_FILENO)) {
        draw_bar(progress, 1.0);
        fprintf(stderr, " %.1f s\n", tb_clock_seconds() - progress->started);
    } else {
        print_line(progress, 1.0);
    }
}
