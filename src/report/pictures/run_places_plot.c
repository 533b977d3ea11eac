/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run_places_plot.h"

#include <math.h>

#include "plot_names.h"
#include "plot_style.h"

size_t tb_run_places_end(const struct tb_view *view, size_t first)
{
    size_t end = first;
    while (end < view->run_places && view->place_role[end] == view->place_role[first] &&
           view->place_order[end] == view->place_order[first] &&
           view->run_scenario[view->place_run[end]] == view->run_scenario[view->place_run[first]])
        end++;
    return end;
}

static void write_axis(FILE *script, const char *axis, const char *name, double share)
{
    if (isnan(share))
        fprintf(script, "set %slabel '%s axis'\n", axis, name);
    else
        fprintf(script, "set %slabel '%s axis: %.0f %% of the variation'\n", axis, name, 100 * share);
}

void tb_run_places_script(FILE *script, const struct tb_view *view, size_t first)
{
    const size_t end = tb_run_places_end(view, first);
    double far = 0;
    for (size_t t = 0; t < view->testbeds; t++) {
        fprintf(script, "$places%zu << EOD\nNaN NaN\n", t);
        for (size_t i = first; i < end; i++) {
            const double x = view->place_x[i], y = view->place_y[i];
            if ((size_t)view->run_testbed[view->place_run[i]] != t || !isfinite(x) || !isfinite(y))
                continue;
            fprintf(script, "%.6g %.6g\n", x, y);
            far = fmax(far, fmax(fabs(x), fabs(y)));
        }
        fputs("EOD\n", script);
    }
    far = far > 0 ? 1.15 * far : 1;
    tb_plot_begin(script, 400, 380);
    /* One unit is as long on both axes. */
    fprintf(script,
            "set grid x lc rgb '#999999' lw 0.4 dt 3\nset size square\nset xrange [%.6g:%.6g]\nset yrange [%.6g:%.6g]\n"
            "set format '%%g'\nset xtics autofreq rotate by 0\nset key outside top center horizontal samplen 1\n",
            -far, far, -far, far);
    write_axis(script, "x", "first", view->place_x_share[first]);
    write_axis(script, "y", "second", view->place_y_share[first]);
    for (size_t t = 0; t < view->testbeds; t++) {
        fprintf(script, "%s$places%zu using 1:2 with points pt %d ps 0.8 lc rgb '%s' title ", t == 0 ? "plot " : ", ",
                t, tb_plot_point(t), tb_plot_colour(t));
        tb_plot_name(script, 'N', t, view->testbed_name[t]);
    }
    fputs("\nreset\n", script);
}
