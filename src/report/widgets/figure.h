/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_FIGURE_H
#define TWINBED_REPORT_FIGURE_H

/* A drawing with its caption: what it shows, the datasets its numbers stand in, and a link to take the drawing away.
 * Whoever asked for the figures themselves (struct tb_report_options) gets each as it is written. */

#include "html.h"

struct tb_figure {
    const char *name;   /* of its file and id: letters of ours, digits and - */
    const char *class;  /* of ours; NULL for none */
    const char *svg;    /* a whole drawing, from <svg to </svg>; NULL: there is none */
    size_t size;        /* of it */
    const char *absent; /* why there is none: a sentence of ours without its end */
    const char *label;  /* read to those who cannot see it; any text */
    const char *data;   /* datasets, as markup of ours: "<code>/metrics/run_value</code>" */
    const char *alone;  /* what its caption goes on with away from the page, in markup of ours; NULL: nothing */
    bool scrolls;       /* wider than a page may be: it can have the focus, so that keys move it */
};

/* caption writes what the figure shows, in markup; it may be called twice. */
void tb_figure_write(struct tb_html *html, const struct tb_figure *figure,
                     void (*caption)(struct tb_html *html, const void *context), const void *context);

#endif
