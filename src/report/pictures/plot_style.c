/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plot_style.h"

enum { LOOKS = 8 };

const char *tb_plot_colour(size_t testbed)
{
    static const char *const colours[LOOKS] = {"#4482c3", "#d97f2e", "#3c9f68", "#a06cc8",
                                               "#c9505a", "#2f9ea5", "#8c8c3c", "#7d7d7d"};
    return colours[testbed % LOOKS];
}

int tb_plot_point(size_t testbed)
{
    static const int points[LOOKS] = {7, 5, 9, 11, 13, 6, 4, 8};
    return points[testbed % LOOKS];
}

void tb_plot_begin(FILE *script, unsigned width, unsigned height)
{
    fprintf(script,
            "set terminal svg size %u,%u dynamic noenhanced font 'sans-serif,12'\nset border 3\nset tics nomirror\n"
            "set grid y lc rgb '#999999' lw 0.4 dt 3\nset rmargin 3\n",
            width, height);
}

/* units: from the largest to one of size 1. */
static struct tb_plot_unit unit_for(double high, const struct tb_plot_unit *units)
{
    while (units->size > 1 && high < 2 * units->size)
        units++;
    return *units;
}

struct tb_plot_unit tb_plot_bytes(double high)
{
    static const struct tb_plot_unit units[] = {{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}, {1, "bytes"}};
    return unit_for(high, units);
}

struct tb_plot_unit tb_plot_calls(double high)
{
    static const struct tb_plot_unit units[] = {{1e6, "million calls"}, {1e3, "thousand calls"}, {1, "calls"}};
    return unit_for(high, units);
}
